//! WAV in and out. Whatever rate and width a file has, a callee speaks 8 kHz, 16 bit, one channel.

use super::FarError;
use std::f64::consts::PI;
use std::path::Path;

pub(super) const RATE: u32 = 8000;
/// Samples in 20 ms.
pub(super) const FRAME: usize = 160;
/// A frame above this RMS is voiced: −45 dBFS.
const VOICED_RMS: f64 = 184.0;

/// Audio to play, with which of its frames are voiced.
#[derive(Clone, Debug, Default)]
pub(super) struct Clip {
    pub(super) frames: Vec<[i16; FRAME]>,
    pub(super) voiced: Vec<bool>,
}

impl Clip {
    pub(super) fn new(samples: &[i16]) -> Self {
        let frames: Vec<[i16; FRAME]> = samples
            .chunks(FRAME)
            .map(|chunk| {
                let mut frame = [0; FRAME];
                frame[..chunk.len()].copy_from_slice(chunk);
                frame
            })
            .collect();
        let voiced = frames.iter().map(|frame| is_voiced(frame)).collect();
        Clip { frames, voiced }
    }

    /// A sine with 5 ms ramps.
    pub(super) fn tone(hz: u32, ms: u64, level_db: f64) -> Self {
        let count = ms * u64::from(RATE) / 1000;
        let peak = 32768.0 * 10f64.powf(level_db / 20.0) * 2f64.sqrt();
        let samples: Vec<i16> = (0..count)
            .map(|n| {
                let ramp = (n.min(count - n) as f64 / 40.0).min(1.0);
                let angle = 2.0 * PI * f64::from(hz) * n as f64 / f64::from(RATE);
                (peak * ramp * angle.sin()) as i16
            })
            .collect();
        Clip::new(&samples)
    }

    /// Reads a WAV file.
    pub(super) fn load(path: &Path) -> Result<Self, FarError> {
        read(path)
            .map(|samples| Clip::new(&samples))
            .map_err(|reason| FarError::Wav {
                path: path.to_owned(),
                reason,
            })
    }

    /// The whole clip at another RMS level, dBFS.
    pub(super) fn at_level(&self, level_db: f64) -> Self {
        let samples: Vec<i16> = self.frames.iter().flatten().copied().collect();
        let gain = 32768.0 * 10f64.powf(level_db / 20.0) / rms(&samples).max(1.0);
        let scaled: Vec<i16> = samples
            .iter()
            .map(|s| (f64::from(*s) * gain) as i16)
            .collect();
        Clip::new(&scaled)
    }
}

pub(super) fn rms(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

pub(super) fn is_voiced(samples: &[i16]) -> bool {
    rms(samples) > VOICED_RMS
}

/// Writes an 8 kHz mono WAV.
pub(super) fn write(path: &Path, samples: &[i16]) -> Result<(), String> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    }
    let mut writer = hound::WavWriter::create(path, spec).map_err(|e| e.to_string())?;
    for sample in samples {
        writer.write_sample(*sample).map_err(|e| e.to_string())?;
    }
    writer.finalize().map_err(|e| e.to_string())
}

fn read(path: &Path) -> Result<Vec<i16>, String> {
    let mut reader = hound::WavReader::open(path).map_err(|e| e.to_string())?;
    let spec = reader.spec();
    let all: Result<Vec<f64>, hound::Error> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().map(|s| s.map(f64::from)).collect(),
        hound::SampleFormat::Int => {
            let full = f64::from(1u32 << (spec.bits_per_sample - 1));
            reader
                .samples::<i32>()
                .map(|s| s.map(|s| f64::from(s) / full))
                .collect()
        }
    };
    let all = all.map_err(|e| e.to_string())?;
    let channels = usize::from(spec.channels.max(1));
    let mono: Vec<f64> = all
        .chunks(channels)
        .map(|c| c.iter().sum::<f64>() / channels as f64)
        .collect();
    if spec.sample_rate == 0 {
        return Err("its sample rate is 0".into());
    }
    let narrow = resample(&mono, f64::from(spec.sample_rate));
    Ok(narrow
        .iter()
        .map(|s| (s * 32768.0).clamp(-32768.0, 32767.0) as i16)
        .collect())
}

/// Windowed-sinc to 8 kHz, cut off at 3.6 kHz or the source's own limit (Hann window, 16 zero crossings each side).
fn resample(input: &[f64], rate: f64) -> Vec<f64> {
    let out_rate = f64::from(RATE);
    if (rate - out_rate).abs() < 0.5 {
        return input.to_vec();
    }
    let ratio = rate / out_rate;
    // In cycles per input sample.
    let cut = 0.45 * (out_rate / rate).min(1.0);
    let reach = 16.0 / (2.0 * cut);
    let count = (input.len() as f64 / ratio) as usize;
    (0..count)
        .map(|n| {
            let centre = n as f64 * ratio;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor() as usize).min(input.len().saturating_sub(1));
            (first..=last)
                .map(|at| {
                    let x = at as f64 - centre;
                    let window = 0.5 + 0.5 * (PI * x / reach).cos();
                    input[at] * window * 2.0 * cut * sinc(2.0 * cut * x)
                })
                .sum()
        })
        .collect()
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else {
        (PI * x).sin() / (PI * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_level_through_resampling_and_one_above_the_band_is_gone() {
        let sine = |hz: f64| -> Vec<f64> {
            (0..24_000)
                .map(|n| 0.5 * (2.0 * PI * hz * f64::from(n) / 24_000.0).sin())
                .collect()
        };
        let level = |v: &[f64]| (v.iter().map(|s| s * s).sum::<f64>() / v.len() as f64).sqrt();
        let kept = resample(&sine(1000.0), 24_000.0);
        assert_eq!(kept.len(), 8000);
        assert!((level(&kept) - 0.3536).abs() < 0.01, "{}", level(&kept));
        assert!(level(&resample(&sine(5000.0), 24_000.0)) < 0.005);
    }

    #[test]
    fn trailing_silence_is_not_voiced() {
        let mut samples: Vec<i16> = Clip::tone(500, 400, -20.0).frames.concat();
        samples.extend([0; 3200]);
        let clip = Clip::new(&samples);
        assert_eq!(clip.frames.len(), 40);
        assert_eq!(clip.voiced.iter().rposition(|v| *v), Some(19));
    }
}
