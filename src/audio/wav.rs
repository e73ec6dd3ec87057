//! WAV files: any PCM file in, recordings out that stay playable when the process is killed.

use super::resample::{convert, to_i16};
use super::{Frame, RATE};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What can be wrong with a WAV file. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: not a readable WAV file ({why}); use PCM with 8, 16, 24 or 32 bit", path.display())]
    Format { path: PathBuf, why: String },
    #[error("{}: {rate} Hz is outside 4000–192000 Hz", path.display())]
    Rate { path: PathBuf, rate: u32 },
    #[error("{}: the file holds no sound", path.display())]
    Empty { path: PathBuf },
}

/// Reads a PCM WAV file of any rate and number of channels as 8 kHz mono.
///
/// # Errors
/// When the file cannot be opened, is no PCM WAV or holds no sound.
pub fn read(path: &Path) -> Result<Vec<i16>, WavError> {
    let (samples, rate) = read_mono(path)?;
    Ok(to_i16(&convert(&samples, rate, RATE)))
}

/// Reads a PCM WAV file as mono samples in −1..1 at its own rate, and that rate.
///
/// # Errors
/// As [`read`].
pub fn read_mono(path: &Path) -> Result<(Vec<f32>, u32), WavError> {
    let bad = |e: hound::Error| match e {
        hound::Error::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            WavError::Io {
                path: path.into(),
                source,
            }
        }
        other => WavError::Format {
            path: path.into(),
            why: other.to_string(),
        },
    };
    let mut reader = hound::WavReader::open(path).map_err(bad)?;
    let spec = reader.spec();
    if !(4000..=192_000).contains(&spec.sample_rate) {
        return Err(WavError::Rate {
            path: path.into(),
            rate: spec.sample_rate,
        });
    }
    let flat: Result<Vec<f32>, _> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let full = (1u64 << (spec.bits_per_sample - 1)) as f32;
            reader
                .samples::<i32>()
                .map(|s| s.map(|s| s as f32 / full))
                .collect()
        }
    };
    let flat = flat.map_err(bad)?;
    let channels = usize::from(spec.channels.max(1));
    if flat.len() < channels {
        return Err(WavError::Empty { path: path.into() });
    }
    let mono = flat
        .chunks_exact(channels)
        .map(|c| c.iter().sum::<f32>() / channels as f32)
        .collect();
    Ok((mono, spec.sample_rate))
}

/// Writes mono 16 bit samples.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, samples: &[i16], rate: u32) -> Result<(), WavError> {
    let mut bytes = header(1, rate, samples.len() as u64 * 2).to_vec();
    bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    std::fs::write(path, bytes).map_err(|source| WavError::Io {
        path: path.into(),
        source,
    })
}

/// A two-channel 8 kHz file that grows. Its header tells the true length again after every second, so a killed process
/// leaves a file that plays.
#[derive(Debug)]
pub struct TwoChannelWriter {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    written: u64,
    frames: u64,
}

const HEADER: u64 = 44;
/// Bytes of one second of two channels.
const SECOND: usize = RATE as usize * 4;

impl TwoChannelWriter {
    /// Creates the file; what was there under this name is gone.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, WavError> {
        let at = |source| WavError::Io {
            path: path.into(),
            source,
        };
        let file = File::create(path).map_err(at)?;
        file.write_all_at(&header(2, RATE, 0), 0).map_err(at)?;
        Ok(TwoChannelWriter {
            file,
            path: path.into(),
            buffer: Vec::with_capacity(SECOND),
            written: 0,
            frames: 0,
        })
    }

    /// Adds 20 ms. Reaches the disk once a second.
    ///
    /// # Errors
    /// When the disk is full or fails. Nothing of what was written before is lost.
    pub fn push(&mut self, left: &Frame, right: &Frame) -> Result<(), WavError> {
        for (l, r) in left.iter().zip(right) {
            self.buffer.extend(l.to_le_bytes());
            self.buffer.extend(r.to_le_bytes());
        }
        self.frames += 1;
        if self.buffer.len() >= SECOND {
            self.flush()?;
        }
        Ok(())
    }

    /// Brings everything to the file and makes its header true.
    ///
    /// # Errors
    /// As [`TwoChannelWriter::push`].
    pub fn flush(&mut self) -> Result<(), WavError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let at = |source| WavError::Io {
            path: self.path.clone(),
            source,
        };
        self.file
            .write_all_at(&self.buffer, HEADER + self.written)
            .map_err(at)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        self.file
            .write_all_at(&header(2, RATE, self.written), 0)
            .map_err(at)
    }

    /// Milliseconds pushed so far.
    #[must_use]
    pub fn ms(&self) -> u64 {
        self.frames * super::FRAME_MS
    }
}

/// Makes the header of a file that was cut off tell the true length. Returns whether anything had to be changed.
///
/// # Errors
/// When the file cannot be opened or is no WAV file at all.
pub fn repair(path: &Path) -> Result<bool, WavError> {
    let at = |source| WavError::Io {
        path: path.into(),
        source,
    };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(at)?;
    let len = file.metadata().map_err(at)?.len();
    let bad = |why: &str| WavError::Format {
        path: path.into(),
        why: why.into(),
    };
    let mut head = [0u8; 12];
    file.read_exact_at(&mut head, 0)
        .map_err(|_| bad("shorter than a WAV header"))?;
    if &head[..4] != b"RIFF" || &head[8..] != b"WAVE" {
        return Err(bad("it does not begin with RIFF … WAVE"));
    }
    let mut pos = 12u64;
    let mut block = 1u64;
    loop {
        let mut chunk = [0u8; 8];
        file.read_exact_at(&mut chunk, pos)
            .map_err(|_| bad("it has no data chunk"))?;
        let size = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
        match &chunk[..4] {
            b"fmt " => {
                let mut align = [0u8; 2];
                file.read_exact_at(&mut align, pos + 20)
                    .map_err(|_| bad("its format chunk is cut off"))?;
                block = u64::from(u16::from_le_bytes(align)).max(1);
            }
            b"data" => {
                let there = (len - pos - 8) / block * block;
                if there == size {
                    return Ok(false);
                }
                file.set_len(pos + 8 + there).map_err(at)?;
                let word = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
                file.write_all_at(&word(there), pos + 4).map_err(at)?;
                file.write_all_at(&word(pos + there), 4).map_err(at)?;
                return Ok(true);
            }
            _ => {}
        }
        pos += 8 + size + size % 2;
    }
}

/// The 44 bytes of a 16 bit PCM header before `data` bytes of samples.
fn header(channels: u16, rate: u32, data: u64) -> [u8; HEADER as usize] {
    let data = u32::try_from(data).unwrap_or(u32::MAX - 36);
    let block = channels * 2;
    let mut h = [0; HEADER as usize];
    h[..4].copy_from_slice(b"RIFF");
    h[4..8].copy_from_slice(&(data.saturating_add(36)).to_le_bytes());
    h[8..16].copy_from_slice(b"WAVEfmt ");
    h[16..20].copy_from_slice(&16u32.to_le_bytes());
    h[20..22].copy_from_slice(&1u16.to_le_bytes());
    h[22..24].copy_from_slice(&channels.to_le_bytes());
    h[24..28].copy_from_slice(&rate.to_le_bytes());
    h[28..32].copy_from_slice(&(rate * u32::from(block)).to_le_bytes());
    h[32..34].copy_from_slice(&block.to_le_bytes());
    h[34..36].copy_from_slice(&16u16.to_le_bytes());
    h[36..40].copy_from_slice(b"data");
    h[40..44].copy_from_slice(&data.to_le_bytes());
    h
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;
    use crate::audio::tone::{Tone, level_of};

    #[test]
    fn what_is_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        let samples: Vec<i16> = (0..1000).map(|i| i * 30).collect();
        write(&path, &samples, 8000).unwrap();
        assert_eq!(read(&path).unwrap(), samples);
    }

    #[test]
    fn any_pcm_file_becomes_eight_kilohertz_mono() {
        let dir = tempfile::tempdir().unwrap();
        for (bits, format, rate, channels) in [
            (8, hound::SampleFormat::Int, 8000, 1),
            (16, hound::SampleFormat::Int, 44100, 2),
            (24, hound::SampleFormat::Int, 48000, 1),
            (32, hound::SampleFormat::Int, 16000, 2),
            (32, hound::SampleFormat::Float, 22050, 1),
        ] {
            let path = dir.path().join("x.wav");
            let spec = hound::WavSpec {
                channels,
                sample_rate: rate,
                bits_per_sample: bits,
                sample_format: format,
            };
            let mut w = hound::WavWriter::create(&path, spec).unwrap();
            for i in 0..rate {
                let x =
                    0.3 * (std::f64::consts::TAU * 600.0 * f64::from(i) / f64::from(rate)).sin();
                for _ in 0..channels {
                    match format {
                        hound::SampleFormat::Float => w.write_sample(x as f32).unwrap(),
                        hound::SampleFormat::Int => {
                            w.write_sample((x * f64::from(1u32 << (bits - 1))) as i32)
                                .unwrap();
                        }
                    }
                }
            }
            w.finalize().unwrap();
            let got = read(&path).unwrap();
            assert_eq!(got.len(), 8000, "{bits} bit {rate} Hz");
            let level = level_of(&got[800..7200], 600.0);
            assert!((level + 13.5).abs() < 0.3, "{bits} bit {rate} Hz: {level}");
        }
    }

    #[test]
    fn a_bad_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("noise.wav");
        assert!(read(&path).unwrap_err().to_string().contains("noise.wav"));
        std::fs::write(&path, b"hello, this is not a sound").unwrap();
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("noise.wav: not a readable WAV")
        );
        write(&path, &[], 8000).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("no sound"));
    }

    #[test]
    fn a_recording_plays_while_it_still_grows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("call.wav");
        let mut writer = TwoChannelWriter::create(&path).unwrap();
        let (mut left, mut right) = (Tone::new(400.0, -20.0), Tone::new(900.0, -20.0));
        for _ in 0..75 {
            writer.push(&left.frame(), &right.frame()).unwrap();
        }
        // Nothing closed the file: the second that was flushed is there, as after kill -9.
        let mut reader = hound::WavReader::open(&path).unwrap();
        let flat: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(flat.len(), 16000);
        let l: Vec<i16> = flat.iter().step_by(2).copied().collect();
        let r: Vec<i16> = flat.iter().skip(1).step_by(2).copied().collect();
        assert!(level_of(&l, 400.0) > -21.0 && level_of(&l, 900.0) < -70.0);
        assert!(level_of(&r, 900.0) > -21.0 && level_of(&r, 400.0) < -70.0);
        assert_eq!(writer.ms(), 1500);
        writer.flush().unwrap();
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 12000);
    }

    #[test]
    fn repair_gives_a_cut_file_its_length_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut.wav");
        let mut writer = TwoChannelWriter::create(&path).unwrap();
        for _ in 0..50 {
            writer.push(&SILENCE, &SILENCE).unwrap();
        }
        writer.flush().unwrap();
        assert!(!repair(&path).unwrap());
        // Data that arrived after the last header, ending within a sample.
        use std::io::Write;
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(&[1; 4003])
            .unwrap();
        assert!(repair(&path).unwrap());
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 9000);
        assert!(!repair(&path).unwrap());
        std::fs::write(&path, b"RIFF").unwrap();
        assert!(repair(&path).unwrap_err().to_string().contains("cut.wav"));
    }
}
