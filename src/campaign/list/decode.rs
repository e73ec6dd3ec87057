//! From a file's bytes to UTF-8 text, a block at a time.

use super::ListError;
use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

const BLOCK: usize = 64 * 1024;

/// Opens a list as UTF-8 text and names the encoding it had. What is not valid UTF-8 is taken for GB18030, which
/// Chinese Excel writes by default and which takes in GBK and GB 2312.
pub(super) fn open(path: &Path) -> Result<(Box<dyn Read + Send>, &'static str), ListError> {
    let unreadable = |e: std::io::Error| ListError::Unreadable {
        file: path.to_path_buf(),
        what: e.to_string(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut start = [0; 4];
    let have = fill(&mut file, &mut start).map_err(unreadable)?;
    match &start[..have] {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(ListError::Utf16 {
                file: path.to_path_buf(),
            });
        }
        _ => {}
    }
    file.rewind().map_err(unreadable)?;
    let utf8 = is_utf8(&mut file).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let (encoding, name): (&'static Encoding, _) = if utf8 {
        (UTF_8, "UTF-8")
    } else {
        (GB18030, "GB18030")
    };
    let text = Text {
        bytes: BufReader::with_capacity(BLOCK, file),
        decoder: encoding.new_decoder_with_bom_removal(),
        block: vec![0; BLOCK],
        have: 0,
        out: Vec::new(),
        taken: 0,
        ended: false,
    };
    Ok((Box::new(text), name))
}

pub(super) fn fill(from: &mut impl Read, into: &mut [u8]) -> std::io::Result<usize> {
    let mut have = 0;
    while have < into.len() {
        match from.read(&mut into[have..])? {
            0 => break,
            n => have += n,
        }
    }
    Ok(have)
}

fn is_utf8(file: &mut File) -> std::io::Result<bool> {
    let mut block = vec![0; BLOCK];
    let mut left = 0;
    loop {
        let have = left + fill(file, &mut block[left..])?;
        match std::str::from_utf8(&block[..have]) {
            Ok(_) => left = 0,
            // A character cut off by the block's end is looked at with the next block.
            Err(e) if e.error_len().is_none() && have == block.len() => {
                let good = e.valid_up_to();
                block.copy_within(good..have, 0);
                left = have - good;
            }
            Err(_) => return Ok(false),
        }
        if have < block.len() {
            return Ok(true);
        }
    }
}

struct Text {
    bytes: BufReader<File>,
    decoder: Decoder,
    block: Vec<u8>,
    have: usize,
    out: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl Read for Text {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.taken == self.out.len() && !self.ended {
            self.have = fill(&mut self.bytes, &mut self.block)?;
            self.ended = self.have < self.block.len();
            let room = self
                .decoder
                .max_utf8_buffer_length(self.have)
                .unwrap_or(self.have * 3 + 16);
            self.out.resize(room, 0);
            let (_, _, written, _) =
                self.decoder
                    .decode_to_utf8(&self.block[..self.have], &mut self.out, self.ended);
            self.out.truncate(written);
            self.taken = 0;
        }
        let n = into.len().min(self.out.len() - self.taken);
        into[..n].copy_from_slice(&self.out[self.taken..self.taken + n]);
        self.taken += n;
        Ok(n)
    }
}
