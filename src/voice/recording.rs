//! A human recording in place of a line: any WAV, made as loud and as narrow as the voice.

use super::post;
use std::path::Path;

/// The recording at 8 kHz, trimmed and levelled to -20 dBFS. The error says what is wrong with the file, without its name.
pub fn read(path: &Path) -> Result<Vec<i16>, String> {
    let mut reader = hound::WavReader::open(path).map_err(|e| match e {
        hound::Error::IoError(e) if e.kind() == std::io::ErrorKind::NotFound => {
            "the file does not exist".to_owned()
        }
        hound::Error::IoError(e) => e.to_string(),
        other => format!("{other}; save it as a WAV file (PCM, 16 bit)"),
    })?;
    let spec = reader.spec();
    if spec.channels == 0 || spec.sample_rate < 4000 {
        return Err(format!(
            "{} channels at {} Hz cannot be played; save it as mono at 8 kHz or more",
            spec.channels, spec.sample_rate
        ));
    }
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>(),
        hound::SampleFormat::Int => {
            let full = (1_i64 << (spec.bits_per_sample - 1)) as f32;
            reader
                .samples::<i32>()
                .map(|s| s.map(|s| s as f32 / full))
                .collect::<Result<_, _>>()
        }
    }
    .map_err(|e| format!("{e}; the file is cut off or damaged"))?;
    let channels = usize::from(spec.channels);
    let mono: Vec<f32> = samples
        .chunks(channels)
        .map(|c| c.iter().sum::<f32>() / channels as f32)
        .map(|s| if s.is_finite() { s } else { 0.0 })
        .collect();
    let sound = post::finish(&mono, spec.sample_rate);
    if sound.is_empty() {
        return Err("there is only silence in it".into());
    }
    Ok(sound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hound::SampleFormat::{Float, Int};

    fn tone(path: &Path, rate: u32, channels: u16, bits: u16, format: hound::SampleFormat) {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for i in 0..rate {
            let x = 0.01 * (std::f32::consts::TAU * 440.0 * i as f32 / rate as f32).sin();
            for _ in 0..channels {
                match format {
                    Float => writer.write_sample(x).unwrap(),
                    Int => writer
                        .write_sample((x * (1_i64 << (bits - 1)) as f32) as i32)
                        .unwrap(),
                }
            }
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn any_usual_wav_becomes_telephone_sound_of_the_same_level() {
        let dir = tempfile::tempdir().unwrap();
        for (rate, channels, bits, format) in [
            (44100, 2, 16, Int),
            (48000, 1, 24, Int),
            (8000, 1, 16, Int),
            (16000, 1, 32, Float),
        ] {
            let path = dir.path().join(format!("{rate}.wav"));
            tone(&path, rate, channels, bits, format);
            let sound = read(&path).unwrap();
            assert!(
                (7900..=8100).contains(&sound.len()),
                "{rate}: {}",
                sound.len()
            );
            let floats: Vec<f32> = sound.iter().map(|s| f32::from(*s) / 32767.0).collect();
            let db = 20.0 * post::active_rms(&floats).log10();
            assert!((db - post::LEVEL_DBFS).abs() < 0.5, "{rate}: {db}");
        }
    }

    /// Speech-like: a voice of 150 Hz with formants that comes and goes, and a hiss up to half the rate.
    fn speechlike(rate: u32, gain: f32) -> Vec<f32> {
        let mut noise = 9_u32;
        (0..3 * rate)
            .map(|i| {
                let t = i as f32 / rate as f32;
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let hiss = (noise >> 8) as f32 / 8_388_608.0 - 1.0;
                let voiced: f32 = (1..=20)
                    .map(|k| (std::f32::consts::TAU * 150.0 * k as f32 * t).sin() / k as f32)
                    .sum();
                let syllables = (std::f32::consts::TAU * 2.0 * t).sin().max(0.0);
                gain * syllables * (0.3 * voiced + 0.1 * hiss)
            })
            .collect()
    }

    /// Share of the power above `hz`, dB, by the Goertzel powers of 512-sample stretches.
    fn above(samples: &[i16], hz: f32) -> f32 {
        const N: usize = 512;
        let (mut high, mut all) = (0.0_f64, 1e-9_f64);
        for stretch in samples.chunks_exact(N) {
            for bin in 1..N / 2 {
                let w = std::f64::consts::TAU * bin as f64 / N as f64;
                let (mut a, mut b) = (0.0_f64, 0.0_f64);
                for (i, s) in stretch.iter().enumerate() {
                    let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / N as f64).cos();
                    let next = f64::from(*s) * window + 2.0 * w.cos() * a - b;
                    (b, a) = (a, next);
                }
                let power = a * a + b * b - 2.0 * w.cos() * a * b;
                all += power;
                if bin as f32 * 8000.0 / N as f32 > hz {
                    high += power;
                }
            }
        }
        10.0 * (high / all).max(1e-12).log10() as f32
    }

    #[test]
    fn a_recording_beside_the_voice_differs_neither_in_level_nor_in_band() {
        let dir = tempfile::tempdir().unwrap();
        let active = |sound: &[i16]| {
            let floats: Vec<f32> = sound.iter().map(|s| f32::from(*s) / 32767.0).collect();
            20.0 * post::active_rms(&floats).log10()
        };
        let voice = post::finish(&speechlike(24000, 0.9), 24000);
        for (rate, gain) in [(48000, 0.05), (44100, 0.5), (16000, 0.2), (8000, 0.2)] {
            let path = dir.path().join(format!("{rate}.wav"));
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: rate,
                bits_per_sample: 16,
                sample_format: Int,
            };
            let mut writer = hound::WavWriter::create(&path, spec).unwrap();
            for s in speechlike(rate, gain) {
                writer.write_sample((s * 32767.0) as i16).unwrap();
            }
            writer.finalize().unwrap();
            let recording = read(&path).unwrap();
            let step = (active(&recording) - active(&voice)).abs();
            assert!(step <= 1.0, "{rate} Hz: {step} dB");
            let (here, there) = (above(&recording, 3750.0), above(&voice, 3750.0));
            assert!(
                here < -40.0 && there < -40.0,
                "{rate} Hz: {here} {there} dB"
            );
        }
    }

    #[test]
    fn a_bad_recording_says_what_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.wav");
        assert!(read(&path).unwrap_err().contains("does not exist"));
        std::fs::write(&path, "ID3 not a wav at all, longer than a header would be").unwrap();
        assert!(read(&path).unwrap_err().contains("save it as a WAV"));
        tone(&path, 16000, 1, 16, Int);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..1001]).unwrap();
        assert!(read(&path).unwrap_err().contains("damaged"));
    }
}
