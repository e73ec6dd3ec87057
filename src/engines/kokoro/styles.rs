//! The voices of a Kokoro folder: `voices.bin` holds a table of styles a voice, one style for each length of a clause.

use super::{KokoroError, bad};
use crate::voice::blend::Blend;
use std::path::Path;

/// Numbers in one style.
pub const WIDTH: usize = 256;
/// Styles a voice: for clauses of 0 to 509 symbols.
pub const ROWS: usize = 510;
/// Bytes of one voice.
const VOICE: usize = ROWS * WIDTH * 4;

/// Every voice's styles, little-endian `f32`s as they lie in the file.
pub struct Styles {
    bytes: Vec<u8>,
    /// In the order of the file.
    names: Vec<String>,
}

impl Styles {
    /// Reads `voices.bin` and `speakers.txt`, which must fit each other.
    pub fn read(dir: &Path) -> Result<Styles, KokoroError> {
        let names = speakers(&dir.join("speakers.txt"))?;
        let path = dir.join("voices.bin");
        let bytes = std::fs::read(&path).map_err(|e| bad(&path, e))?;
        if bytes.len() != names.len() * VOICE {
            let why = format!(
                "speakers.txt names {} voices, it has {} bytes instead of {}",
                names.len(),
                bytes.len(),
                names.len() * VOICE
            );
            return Err(bad(&path, why));
        }
        Ok(Styles { bytes, names })
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The style for a clause of `symbols` symbols: the weighted sum of the voices' styles. `None` for a voice that is
    /// not there.
    pub fn style(&self, blend: &Blend, symbols: usize) -> Option<Vec<f32>> {
        let mut style = vec![0.0; WIDTH];
        for (name, weight) in blend.parts() {
            let voice = self.names.iter().position(|n| n == name)?;
            let row = voice * VOICE + symbols.min(ROWS - 1) * WIDTH * 4;
            for (sum, number) in style.iter_mut().zip(self.bytes[row..].chunks_exact(4)) {
                let number: [u8; 4] = number.try_into().ok()?;
                *sum += weight * f32::from_le_bytes(number);
            }
        }
        Some(style)
    }
}

/// `id name` a line, the ids counting from 0.
pub fn speakers(path: &Path) -> Result<Vec<String>, KokoroError> {
    let text = std::fs::read_to_string(path).map_err(|e| bad(path, e))?;
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            let (id, name) = line.split_once(' ').unwrap_or_default();
            match id.parse::<usize>() {
                Ok(id) if id == i => Ok(name.to_owned()),
                _ => Err(bad(path, format!("line {} should begin with {i}", i + 1))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two voices whose styles hold their own number everywhere.
    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("speakers.txt"), "0 one\n1 three\n").unwrap();
        let number = |x: f32| std::iter::repeat_n(x, ROWS * WIDTH).flat_map(f32::to_le_bytes);
        let bytes: Vec<u8> = number(1.0).chain(number(3.0)).collect();
        std::fs::write(dir.path().join("voices.bin"), bytes).unwrap();
        dir
    }

    #[test]
    fn a_blend_is_the_weighted_sum_of_its_voices() {
        let dir = folder();
        let styles = Styles::read(dir.path()).unwrap();
        let at = |formula: &str, symbols| {
            let style = styles.style(&Blend::parse(formula).unwrap(), symbols);
            style.map(|s| s[WIDTH - 1])
        };
        assert_eq!(at("one", 10), Some(1.0));
        assert_eq!(at("three", 9999), Some(3.0));
        assert_eq!(at("0.25*one+0.75*three", 0), Some(2.5));
        assert_eq!(at("0.5*one+0.5*two", 0), None);
    }

    #[test]
    fn files_that_do_not_fit_each_other_are_refused() {
        let dir = folder();
        std::fs::write(dir.path().join("speakers.txt"), "0 one\n").unwrap();
        let error = Styles::read(dir.path()).err().unwrap().to_string();
        assert!(error.contains("voices.bin"), "{error}");
        std::fs::write(dir.path().join("speakers.txt"), "0 one\n2 two\n").unwrap();
        let error = Styles::read(dir.path()).err().unwrap().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
