//! Other sample rates, anti-aliased. Inside a call everything is 8 kHz; engines want 16 kHz, voices give 24 kHz.
//! Samples are `f32` in −1..1 here, as the engines take them.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// A stream from one rate to another. Each input sample counts; output comes in blocks of about 20 ms and lags by
/// [`Resampler::delay`] samples.
pub struct Resampler {
    inner: Option<Fft<f32>>,
    pending: Vec<f32>,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler")
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl Resampler {
    /// `from` and `to` in Hz, each 8000 or more.
    ///
    /// # Panics
    /// When a rate is 0, which only a programming error can bring about.
    #[must_use]
    pub fn new(from: u32, to: u32) -> Self {
        Resampler {
            inner: (from != to).then(|| engine(from, to, from as usize / 50)),
            pending: Vec::new(),
        }
    }

    /// Takes samples at the first rate and appends what is ready at the second.
    pub fn push(&mut self, input: &[f32], out: &mut Vec<f32>) {
        let Some(engine) = &mut self.inner else {
            out.extend_from_slice(input);
            return;
        };
        self.pending.extend_from_slice(input);
        let mut used = 0;
        while self.pending.len() - used >= engine.input_frames_next() {
            let take = engine.input_frames_next();
            block(engine, &self.pending[used..used + take], out);
            used += take;
        }
        self.pending.drain(..used);
    }

    /// Ends the stream: appends what is still inside, the lag included.
    pub fn flush(&mut self, out: &mut Vec<f32>) {
        let Some(engine) = &mut self.inner else {
            return;
        };
        let rest = self.pending.len();
        let want = (rest as f64 * engine.resample_ratio()).round() as usize + engine.output_delay();
        let start = out.len();
        while out.len() - start < want {
            let take = engine.input_frames_next();
            self.pending.resize(take, 0.0);
            block(engine, &self.pending, out);
            self.pending.clear();
        }
        out.truncate(start + want);
        engine.reset();
    }

    /// How many output samples the stream lags behind its input.
    #[must_use]
    pub fn delay(&self) -> usize {
        self.inner.as_ref().map_or(0, |e| e.output_delay())
    }
}

/// A whole clip at another rate: no leading delay, and `len · to / from` samples long (rounded up).
#[must_use]
pub fn convert(clip: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || clip.is_empty() {
        return clip.to_vec();
    }
    // Longer blocks than a stream's give a steeper filter; nobody waits for a clip.
    // An even number of input samples a block: half of it is the lag, and that must be whole at both rates.
    let unit = from as usize / gcd(from, to) as usize * 2;
    let mut engine = engine(from, to, 1024usize.next_multiple_of(unit));
    let want = (clip.len() as u64 * u64::from(to)).div_ceil(u64::from(from)) as usize;
    let skip = engine.output_delay();
    let mut out = Vec::with_capacity(want + skip + engine.output_frames_next());
    let mut rest = clip;
    let mut last = Vec::new();
    while out.len() < want + skip {
        let take = engine.input_frames_next();
        if rest.len() >= take {
            block(&mut engine, &rest[..take], &mut out);
            rest = &rest[take..];
        } else {
            last.clear();
            last.extend_from_slice(rest);
            last.resize(take, 0.0);
            block(&mut engine, &last, &mut out);
            rest = &[];
        }
    }
    out.drain(..skip);
    out.truncate(want);
    out
}

/// 16 bit samples as −1..1.
#[must_use]
pub fn to_f32(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|s| f32::from(*s) / 32768.0).collect()
}

/// −1..1 as 16 bit samples; what is louder is clipped, what is no number is silence.
#[must_use]
pub fn to_i16(samples: &[f32]) -> Vec<i16> {
    samples
        .iter()
        .map(|s| (s * 32768.0).round() as i16)
        .collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn engine(from: u32, to: u32, block: usize) -> Fft<f32> {
    match Fft::new(from as usize, to as usize, block, 1, FixedSync::Both) {
        Ok(engine) => engine,
        Err(e) => panic!("no resampler from {from} Hz to {to} Hz: {e}"),
    }
}

fn block(engine: &mut Fft<f32>, input: &[f32], out: &mut Vec<f32>) {
    let start = out.len();
    let frames = engine.output_frames_next();
    out.resize(start + frames, 0.0);
    let source = InterleavedSlice::new(input, 1, input.len());
    let target = InterleavedSlice::new_mut(&mut out[start..], 1, frames);
    // The sizes are the engine's own, so neither can fail; silence would be the result.
    if let (Ok(source), Ok(mut target)) = (source, target) {
        let done = engine.process_into_buffer(&source, &mut target, None);
        debug_assert!(done.is_ok(), "{done:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn sine(hz: f64, rate: u32, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (0.5 * (TAU * hz * i as f64 / f64::from(rate)).sin()) as f32)
            .collect()
    }

    fn rms(x: &[f32]) -> f64 {
        (x.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
    }

    #[test]
    fn a_clip_keeps_its_length_and_its_beginning_at_every_rate() {
        for (from, to) in [
            (8000, 16000),
            (16000, 8000),
            (24000, 8000),
            (22050, 8000),
            (44100, 8000),
            (48000, 8000),
            (8000, 48000),
            (16000, 24000),
        ] {
            let clip = sine(440.0, from, from as usize / 2);
            let got = convert(&clip, from, to);
            let want = sine(440.0, to, to as usize / 2);
            assert_eq!(got.len(), want.len(), "{from} -> {to}");
            // The first and last 10 ms are the edges of the clip itself.
            let edge = to as usize / 100;
            let off: Vec<f32> = got.iter().zip(&want).map(|(a, b)| a - b).collect();
            let inner = &off[edge..off.len() - edge];
            assert!(rms(inner) < 0.003, "{from} -> {to}: {}", rms(inner));
        }
    }

    #[test]
    fn what_eight_kilohertz_cannot_hold_is_filtered_out() {
        let clip = sine(5500.0, 24000, 24000);
        let out = convert(&clip, 24000, 8000);
        assert!(rms(&out[400..7600]) < 0.001);
        let mut stream = Resampler::new(16000, 8000);
        let mut out = Vec::new();
        stream.push(&sine(5500.0, 16000, 16000), &mut out);
        assert!(rms(&out[400..]) < 0.001);
    }

    #[test]
    fn a_stream_gives_the_same_however_it_is_cut() {
        let clip = sine(700.0, 8000, 8000);
        let mut whole = Vec::new();
        let mut a = Resampler::new(8000, 16000);
        a.push(&clip, &mut whole);
        let mut parts = Vec::new();
        let mut b = Resampler::new(8000, 16000);
        for part in clip.chunks(33) {
            b.push(part, &mut parts);
        }
        assert_eq!(whole, parts[..whole.len()]);
        assert_eq!(whole.len(), 16000);
        a.flush(&mut whole);
        assert_eq!(whole.len(), 16000 + a.delay());
    }

    #[test]
    fn samples_change_type_without_wrapping() {
        assert_eq!(
            to_i16(&[2.0, -2.0, f32::NAN, 0.5]),
            [32767, -32768, 0, 16384]
        );
        assert_eq!(to_f32(&[-32768, 16384]), [-1.0, 0.5]);
    }
}
