//! Rows of cells out of text (RFC 4180, and what spreadsheets really write).
//!
//! Not the `csv` crate: that skips blank lines without counting them, so an error could not name the row a spreadsheet
//! shows, and it keeps a row of any size in memory, which an unclosed quote makes as large as the file.

use super::source::{Found, ROW_BYTES, Rows};
use std::io::Read;

/// The delimiter is guessed from this much of the text.
const SNIFF: usize = 16 * 1024;

pub(super) struct Cells {
    text: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    at: usize,
    /// The row that was read last, from 1.
    row: u64,
    delimiter: u8,
    peeked: Option<u8>,
    failed: Option<String>,
}

impl Cells {
    pub fn new(text: Box<dyn Read + Send>) -> Self {
        let mut cells = Cells {
            text,
            buffer: Vec::new(),
            at: 0,
            row: 0,
            delimiter: b',',
            peeked: None,
            failed: None,
        };
        cells.more();
        // A file of only a few bytes comes in small pieces too.
        while cells.buffer.len() < SNIFF {
            let before = cells.buffer.len();
            cells.append();
            if cells.buffer.len() == before {
                break;
            }
        }
        cells.delimiter = sniff(&cells.buffer);
        cells
    }

    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn read_row(&mut self) -> Found {
        let mut cells: Vec<String> = Vec::new();
        let mut cell: Vec<u8> = Vec::new();
        let mut size = 0;
        let mut quoted = false;
        let mut was_quoted = false;
        self.row += 1;
        loop {
            let Some(b) = self.byte() else {
                if let Some(what) = self.failed.take() {
                    return Found::Failed(what);
                }
                if quoted {
                    return Found::TooLong { row: self.row };
                }
                if cells.is_empty() && cell.is_empty() && !was_quoted {
                    return Found::End;
                }
                break;
            };
            size += 1;
            if size > ROW_BYTES {
                return Found::TooLong { row: self.row };
            }
            if quoted {
                if b != b'"' {
                    cell.push(b);
                } else if self.peek() == Some(b'"') {
                    self.peeked = None;
                    cell.push(b'"');
                } else {
                    quoted = false;
                }
                continue;
            }
            match b {
                // Blanks before an opening quote belong to nothing.
                b'"' if !was_quoted && cell.iter().all(|b| *b == b' ') => {
                    cell.clear();
                    quoted = true;
                    was_quoted = true;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.peeked = None;
                    }
                    break;
                }
                b'\n' => break,
                b if b == self.delimiter => {
                    cells.push(into_text(&mut cell));
                    was_quoted = false;
                }
                b => cell.push(b),
            }
        }
        cells.push(into_text(&mut cell));
        if cells.iter().all(|c| c.trim().is_empty()) {
            return Found::Blank;
        }
        Found::Row {
            row: self.row,
            cells,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        if let Some(b) = self.peeked.take() {
            return Some(b);
        }
        if self.at == self.buffer.len() {
            self.more();
        }
        let b = self.buffer.get(self.at).copied();
        self.at += 1;
        if b.is_none() {
            self.at = self.buffer.len();
        }
        b
    }

    fn peek(&mut self) -> Option<u8> {
        if self.peeked.is_none() {
            self.peeked = self.byte();
        }
        self.peeked
    }

    fn more(&mut self) {
        self.buffer.clear();
        self.at = 0;
        self.append();
    }

    fn append(&mut self) {
        let before = self.buffer.len();
        self.buffer.resize(before + SNIFF, 0);
        let n = match self.text.read(&mut self.buffer[before..]) {
            Ok(n) => n,
            Err(e) => {
                self.failed = Some(e.to_string());
                0
            }
        };
        self.buffer.truncate(before + n);
    }
}

impl Rows for Cells {
    fn next(&mut self) -> Found {
        self.read_row()
    }

    fn row(&self) -> u64 {
        self.row
    }
}

/// The delimiter that the first line with something in it has most of, outside quotes.
fn sniff(start: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    let mut any = false;
    for b in start {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && any => break,
            b if !quoted => {
                any |= !b.is_ascii_whitespace();
                for (delimiter, count) in &mut counts {
                    *count += usize::from(delimiter == b);
                }
            }
            _ => {}
        }
    }
    // The first one wins a tie, so a line without any is comma separated.
    let mut best = counts[0];
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    best.0
}

fn into_text(cell: &mut Vec<u8>) -> String {
    let text = String::from_utf8_lossy(cell).into_owned();
    cell.clear();
    text
}
