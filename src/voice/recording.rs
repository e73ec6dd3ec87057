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
