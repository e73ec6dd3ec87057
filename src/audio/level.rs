//! How loud a stretch of sound is, in dBFS: 0 is a square wave at full scale, so a full-scale sine is −3 dBFS.

use super::FRAME;

/// What digital silence measures; nothing is quieter.
pub const SILENT_DBFS: f32 = -96.0;

/// Level of all samples, in dBFS.
#[must_use]
pub fn rms_dbfs(samples: &[i16]) -> f32 {
    to_dbfs(mean_square(samples))
}

/// Level of the parts where somebody speaks, in dBFS: the frames of 20 ms within 30 dB of the loudest one and above
/// −60 dBFS. What remains is the speech level, whatever the pauses are.
#[must_use]
pub fn active_rms(samples: &[i16]) -> f32 {
    let frames: Vec<f64> = samples.chunks(FRAME).map(mean_square).collect();
    let loudest = frames.iter().copied().fold(0.0, f64::max);
    let floor = (loudest * 1e-3).max(1e-6);
    let (mut sum, mut n) = (0.0, 0u32);
    for power in frames.iter().filter(|p| **p >= floor) {
        sum += power;
        n += 1;
    }
    if n == 0 {
        return SILENT_DBFS;
    }
    to_dbfs(sum / f64::from(n))
}

/// The largest sample, in dBFS.
#[must_use]
pub fn peak(samples: &[i16]) -> f32 {
    let top = samples.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0);
    let x = f64::from(top) / 32768.0;
    to_dbfs(x * x)
}

/// Mean power of the samples, where 1.0 is full scale.
fn mean_square(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: i64 = samples.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
    sum as f64 / samples.len() as f64 / (32768.0 * 32768.0)
}

fn to_dbfs(power: f64) -> f32 {
    if power <= 0.0 {
        return SILENT_DBFS;
    }
    ((10.0 * power.log10()) as f32).max(SILENT_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;
    use crate::audio::tone::Tone;

    #[test]
    fn a_tone_measures_what_it_was_made_with() {
        let mut tone = Tone::new(400.0, -20.0);
        let frame = tone.frame();
        assert!((rms_dbfs(&frame) + 20.0).abs() < 0.1);
        assert!((peak(&frame) + 17.0).abs() < 0.1);
        assert_eq!(rms_dbfs(&SILENCE), SILENT_DBFS);
        assert_eq!(rms_dbfs(&[]), SILENT_DBFS);
    }

    #[test]
    fn pauses_do_not_lower_the_speech_level() {
        let mut tone = Tone::new(400.0, -20.0);
        let mut sound = Vec::new();
        for i in 0..100 {
            sound.extend(if i % 4 == 0 { tone.frame() } else { SILENCE });
        }
        assert!((active_rms(&sound) + 20.0).abs() < 0.2);
        assert!(rms_dbfs(&sound) < -25.0);
        assert_eq!(active_rms(&SILENCE), SILENT_DBFS);
    }
}
