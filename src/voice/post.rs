//! From the engine's raw sound to telephone sound: trimmed, levelled, faded at the edges, 8 kHz, 16 bit.
//! The thresholds were measured on 214 Kokoro clips: silence floor below -80 dBFS, 0.4 s of it in front, 0.8 s behind.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::RATE;

/// Part of every cache key: raise it when the sound that comes out changes.
pub const VERSION: u32 = 1;
/// RMS of the parts with speech, dB of full scale.
pub const LEVEL_DBFS: f32 = -20.0;
/// No sample goes over this, dB of full scale.
pub const PEAK_DBFS: f32 = -3.0;

/// A frame louder than this is speech.
const SPEECH_DBFS: f32 = -45.0;
const KEEP_BEFORE_MS: usize = 50;
const KEEP_AFTER_MS: usize = 120;
const FADE_MS: usize = 10;
/// Corner of the anti-aliasing filter; a telephone line carries up to 3.4 kHz.
const CORNER_HZ: f64 = 3600.0;

/// Everything a clause needs before it is cached. `samples` may go over ±1. Empty when there is no speech in it.
#[must_use]
pub fn finish(samples: &[f32], rate: u32) -> Vec<i16> {
    let trimmed = trim(samples, rate);
    let mut low = to_8k(trimmed, rate);
    level(&mut low);
    fade_edges(&mut low);
    low.iter().map(|s| (s * 32767.0).round() as i16).collect()
}

/// The part with speech in it, with 50 ms before and 120 ms after; empty when nothing is louder than -45 dBFS.
#[must_use]
pub fn trim(samples: &[f32], rate: u32) -> &[f32] {
    let ms = rate as usize / 1000;
    let frame = 10 * ms;
    let loud = |f: &[f32]| rms(f) > from_db(SPEECH_DBFS);
    let Some(first) = samples.chunks(frame).position(loud) else {
        return &[];
    };
    let last = samples.chunks(frame).rposition(loud).unwrap_or(first);
    let from = (first * frame).saturating_sub(KEEP_BEFORE_MS * ms);
    let to = ((last + 1) * frame + KEEP_AFTER_MS * ms).min(samples.len());
    &samples[from..to]
}

/// Scales speech to -20 dBFS, or less where a peak would go over -3 dBFS.
pub fn level(samples: &mut [f32]) {
    let active = active_rms(samples);
    let peak = samples.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
    if active == 0.0 || peak == 0.0 {
        return;
    }
    let gain = (from_db(LEVEL_DBFS) / active).min(from_db(PEAK_DBFS) / peak);
    for s in samples {
        *s *= gain;
    }
}

/// RMS over the 10 ms frames at 8 kHz that hold speech; 0 for silence. "Speech" is within 30 dB of the loudest frame, so
/// that a quiet recording is measured as a loud one is.
#[must_use]
pub fn active_rms(samples: &[f32]) -> f32 {
    let frames: Vec<f32> = samples.chunks(RATE as usize / 100).map(rms).collect();
    let floor = frames.iter().fold(0.0_f32, |m, r| m.max(*r)) * from_db(-30.0);
    let (sum, n) = frames
        .iter()
        .filter(|r| **r > floor)
        .fold((0.0_f32, 0_u32), |(sum, n), r| (sum + r * r, n + 1));
    if n == 0 { 0.0 } else { (sum / n as f32).sqrt() }
}

/// Any rate to 8 kHz: a windowed-sinc filter evaluated at the times of the new samples (Smith, "Digital Audio Resampling",
/// CCRMA), with the corner below the lower of the two Nyquist frequencies. What is at 8 kHz already is band-limited as all
/// else, so that a recording beside the voice does not sound brighter.
#[must_use]
pub fn to_8k(samples: &[f32], rate: u32) -> Vec<f32> {
    let (from, to) = (f64::from(rate), f64::from(RATE));
    let corner = CORNER_HZ.min(from * 0.45);
    // 32 zero crossings each side keep the transition band near 300 Hz.
    let half = (32.0 * from / (2.0 * corner)).ceil();
    let count = (samples.len() as f64 * to / from).round() as usize;
    // Between a rational pair of rates only `phases` different filters occur.
    let phases = (RATE / gcd(rate, RATE)) as usize;
    let bank: Vec<Vec<f32>> = (0..phases.min(count.max(1)))
        .map(|p| kernel((p as f64 * from / to).fract(), half, corner / from))
        .collect();
    (0..count)
        .map(|i| {
            let centre = (i as f64 * from / to).floor() as i64;
            let first = centre - half as i64;
            bank[i % phases]
                .iter()
                .enumerate()
                .filter_map(|(k, h)| {
                    let at = usize::try_from(first + k as i64).ok()?;
                    samples.get(at).map(|s| s * h)
                })
                .sum()
        })
        .collect()
}

/// Filter taps for a sample `frac` after the tap in the middle; `corner` in cycles a sample. Sums to one.
fn kernel(frac: f64, half: f64, corner: f64) -> Vec<f32> {
    use std::f64::consts::PI;
    let n = half as i64;
    let taps: Vec<f64> = (-n..=n)
        .map(|k| {
            let t = k as f64 - frac;
            let x = 2.0 * corner * t;
            let sinc = if x.abs() < 1e-9 {
                1.0
            } else {
                (PI * x).sin() / (PI * x)
            };
            // Blackman window over ±(half + 1): stop band below -70 dB.
            let w = t / (half + 1.0);
            let window = 0.42 + 0.5 * (PI * w).cos() + 0.08 * (2.0 * PI * w).cos();
            sinc * window
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|t| (t / sum) as f32).collect()
}

fn fade_edges(samples: &mut [f32]) {
    let n = (RATE as usize / 1000 * FADE_MS).min(samples.len() / 2);
    let len = samples.len();
    for i in 0..n {
        let gain = i as f32 / n as f32;
        samples[i] *= gain;
        samples[len - 1 - i] *= gain;
    }
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

fn from_db(db: f32) -> f32 {
    10.0_f32.powf(db / 20.0)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, seconds: f32, amplitude: f32, rate: u32) -> Vec<f32> {
        (0..(seconds * rate as f32) as usize)
            .map(|i| amplitude * (std::f32::consts::TAU * hz * i as f32 / rate as f32).sin())
            .collect()
    }

    fn db(x: f32) -> f32 {
        20.0 * x.max(1e-9).log10()
    }

    fn floats(samples: &[i16]) -> Vec<f32> {
        samples.iter().map(|s| f32::from(*s) / 32767.0).collect()
    }

    #[test]
    fn silence_is_trimmed_to_50_ms_before_and_120_ms_after() {
        let mut clip = vec![0.0; 24000];
        clip.extend(tone(440.0, 0.5, 0.3, 24000));
        clip.extend(vec![0.0; 48000]);
        let out = finish(&clip, 24000);
        assert_eq!(out.len(), (50 + 500 + 120) * 8);
    }

    #[test]
    fn every_clause_comes_out_at_minus_20_dbfs_however_loud_it_was() {
        for amplitude in [0.02, 0.3, 1.3] {
            let out = floats(&finish(&tone(440.0, 1.0, amplitude, 24000), 24000));
            let got = db(active_rms(&out));
            assert!((got - LEVEL_DBFS).abs() < 0.5, "{amplitude}: {got} dBFS");
        }
    }

    #[test]
    fn peaks_stay_under_minus_3_dbfs_even_when_the_speech_is_then_softer() {
        let mut clip = tone(440.0, 1.0, 0.03, 24000);
        for s in &mut clip[12000..12060] {
            *s *= 40.0;
        }
        let out = floats(&finish(&clip, 24000));
        let peak = out.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
        assert!(db(peak) <= PEAK_DBFS + 0.05, "{}", db(peak));
        assert!(db(peak) > PEAK_DBFS - 1.0);
    }

    #[test]
    fn the_edges_are_faded() {
        let out = finish(&tone(1000.0, 0.5, 0.5, 24000), 24000);
        assert_eq!((out[0], out[out.len() - 1]), (0, 0));
        assert!(out[..20].iter().all(|s| s.abs() < 1500));
    }

    #[test]
    fn what_a_telephone_cannot_carry_is_removed_before_the_rate_drops() {
        for (rate, hz) in [
            (24000, 4600.0),
            (24000, 6500.0),
            (44100, 5000.0),
            (48000, 9000.0),
        ] {
            let got = active_rms(&to_8k(&tone(hz, 0.5, 0.5, rate), rate)[200..3800]);
            assert!(db(got) < -60.0, "{hz} Hz at {rate}: {} dBFS", db(got));
        }
        for (rate, hz) in [
            (24000, 300.0),
            (44100, 3000.0),
            (48000, 3200.0),
            (16000, 1000.0),
        ] {
            let got = active_rms(&to_8k(&tone(hz, 0.5, 0.5, rate), rate)[200..3800]);
            let want = db(0.5 / 2.0_f32.sqrt());
            assert!(
                (db(got) - want).abs() < 0.3,
                "{hz} Hz at {rate}: {}",
                db(got)
            );
        }
    }

    #[test]
    fn silence_and_nothing_stay_nothing() {
        assert!(finish(&[], 24000).is_empty());
        assert!(finish(&vec![0.0; 24000], 24000).is_empty());
    }
}
