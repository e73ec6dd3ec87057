//! What a workbook really unpacks to, found out before the spreadsheet library sees it.
//!
//! An `.xlsx` is a ZIP of XML parts. The sizes a ZIP states may be lies, a few kilobytes may unpack to gigabytes, and
//! the library reserves memory for as many strings as the file claims to have. So every part is unpacked once here
//! (DEFLATE, RFC 1951) into nothing, and counted; 64 KiB are held at a time.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// All parts together, unpacked.
const ALL_BYTES: u64 = 512 << 20;
/// The table of texts, which the library holds in memory.
const STRINGS_BYTES: u64 = 128 << 20;
/// Texts a workbook may say it has.
const STRINGS: u64 = 10_000_000;
/// Any other part the library holds: styles, relations.
const PART_BYTES: u64 = 32 << 20;
/// One text or one tag. Excel's cells end at 32,767 characters.
const RUN_BYTES: u64 = 1 << 20;
const PARTS: usize = 5_000;
/// Where the table of texts must have begun.
const HEAD: usize = 8 * 1024;

/// Why a workbook is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Not what Excel writes.
    Damaged(String),
    TooLarge(String),
}

fn damaged(what: &str) -> Trouble {
    Trouble::Damaged(what.into())
}

fn cut(_: std::io::Error) -> Trouble {
    damaged("it ends too early")
}

/// Unpacks every XML part once and looks at the amounts.
pub(super) fn inspect(file: &mut File) -> Result<(), Trouble> {
    let mut all = 0;
    for part in parts(file)? {
        let name = part.name.to_ascii_lowercase();
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            continue;
        }
        let limit = if name.ends_with("sharedstrings.xml") {
            STRINGS_BYTES
        } else if name.contains("worksheets/") && name.ends_with(".xml") {
            ALL_BYTES
        } else {
            PART_BYTES
        };
        let mut gauge = Gauge {
            limit: limit.min(ALL_BYTES - all),
            head: name.ends_with("sharedstrings.xml").then(Vec::new),
            ..Gauge::default()
        };
        unpack(file, &part, &mut gauge)?;
        gauge.end()?;
        if gauge.bytes != part.said {
            return Err(damaged("a part has another size than it says"));
        }
        all += gauge.bytes;
    }
    Ok(())
}

struct Part {
    name: String,
    stored: bool,
    packed: u64,
    /// Unpacked, as the directory says.
    said: u64,
    at: u64,
}

/// The directory at the end of the file. Only the plain form that office programs write: no comment, nothing before
/// the first part, no ZIP64, so that there is one way to read it.
fn parts(file: &mut File) -> Result<Vec<Part>, Trouble> {
    let size = file.seek(SeekFrom::End(0)).map_err(cut)?;
    let end = size.checked_sub(22).ok_or_else(|| damaged("too short"))?;
    file.seek(SeekFrom::Start(end)).map_err(cut)?;
    let mut tail = [0; 22];
    file.read_exact(&mut tail).map_err(cut)?;
    let count = usize::from(u16_at(&tail, 10));
    let (length, at) = (u64::from(u32_at(&tail, 12)), u64::from(u32_at(&tail, 16)));
    if tail[..4] != *b"PK\x05\x06" || at + length != end || count == 0 {
        return Err(damaged("its directory is not where it belongs"));
    }
    if count > PARTS {
        return Err(Trouble::TooLarge(format!("{count} parts")));
    }
    file.seek(SeekFrom::Start(at)).map_err(cut)?;
    let mut directory = BufReader::new(&mut *file).take(length);
    let mut parts: Vec<Part> = Vec::new();
    for _ in 0..count {
        let mut head = [0; 46];
        directory.read_exact(&mut head).map_err(cut)?;
        if head[..4] != *b"PK\x01\x02" {
            return Err(damaged("its directory is broken"));
        }
        if u16_at(&head, 8) & 1 != 0 {
            return Err(damaged("its parts are encrypted"));
        }
        let stored = match u16_at(&head, 10) {
            0 => true,
            8 => false,
            _ => return Err(damaged("its parts are packed in an unusual way")),
        };
        let mut name = vec![0; usize::from(u16_at(&head, 28))];
        directory.read_exact(&mut name).map_err(cut)?;
        let rest = u64::from(u16_at(&head, 30)) + u64::from(u16_at(&head, 32));
        std::io::copy(&mut directory.by_ref().take(rest), &mut std::io::sink()).map_err(cut)?;
        let packed = u32_at(&head, 20);
        let at = u32_at(&head, 42);
        if packed == u32::MAX || at == u32::MAX {
            return Err(damaged("it is a ZIP64 archive"));
        }
        let name = String::from_utf8_lossy(&name).replace('\\', "/");
        if parts.iter().any(|p| p.name.eq_ignore_ascii_case(&name)) {
            return Err(damaged("it has a part twice"));
        }
        parts.push(Part {
            name,
            stored,
            packed: u64::from(packed),
            said: u64::from(u32_at(&head, 24)),
            at: u64::from(at),
        });
    }
    Ok(parts)
}

fn unpack(file: &mut File, part: &Part, gauge: &mut Gauge) -> Result<(), Trouble> {
    file.seek(SeekFrom::Start(part.at)).map_err(cut)?;
    let mut head = [0; 30];
    file.read_exact(&mut head).map_err(cut)?;
    if head[..4] != *b"PK\x03\x04" {
        return Err(damaged("a part is not where it belongs"));
    }
    let skip = i64::from(u16_at(&head, 26)) + i64::from(u16_at(&head, 28));
    file.seek(SeekFrom::Current(skip)).map_err(cut)?;
    let mut packed = BufReader::with_capacity(64 * 1024, &mut *file).take(part.packed);
    if !part.stored {
        return Inflate::new(packed).run(gauge);
    }
    let mut block = vec![0; 64 * 1024];
    loop {
        match packed.read(&mut block).map_err(cut)? {
            0 => return Ok(()),
            n => gauge.take(&block[..n])?,
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Counts what comes out.
#[derive(Default)]
struct Gauge {
    bytes: u64,
    limit: u64,
    /// Bytes since the last end of a tag or text.
    run: u64,
    /// The beginning of the table of texts, until its first tag was seen.
    head: Option<Vec<u8>>,
}

impl Gauge {
    fn take(&mut self, block: &[u8]) -> Result<(), Trouble> {
        self.bytes += block.len() as u64;
        if self.bytes > self.limit {
            return Err(Trouble::TooLarge(format!(
                "it unpacks to more than {} MB",
                self.limit >> 20
            )));
        }
        for b in block {
            self.run = if matches!(b, b'<' | b'>') {
                0
            } else {
                self.run + 1
            };
            if self.run > RUN_BYTES {
                return Err(Trouble::TooLarge("one cell of over 1 MB".into()));
            }
        }
        if let Some(head) = &mut self.head {
            head.extend_from_slice(&block[..block.len().min(HEAD)]);
            if head.len() >= HEAD {
                return self.strings();
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Trouble> {
        self.strings()
    }

    /// How many texts the table says it has.
    fn strings(&mut self) -> Result<(), Trouble> {
        let Some(head) = self.head.take() else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&head);
        let table = text.find("sst").and_then(|at| {
            let end = text[at..].find('>')?;
            // A comment could hold a table of its own.
            (!text[..at].contains("<!")).then(|| &text[at..at + end])
        });
        let Some(table) = table else {
            return Err(damaged("its table of texts does not begin as one"));
        };
        let said = table.find("uniqueCount").and_then(|at| {
            let digits =
                table[at + 11..].trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
            let end = digits.find(|c: char| !c.is_ascii_digit())?;
            Some(digits[..end].parse().unwrap_or(u64::MAX))
        });
        match said {
            Some(count) if count > STRINGS => {
                Err(Trouble::TooLarge(format!("it says it has {count} texts")))
            }
            _ => Ok(()),
        }
    }
}

/// Codes by length, shortest first (RFC 1951, 3.2.2).
struct Huffman {
    counts: [u16; 16],
    symbols: [u16; 288],
}

impl Huffman {
    fn new(lengths: &[u8]) -> Result<Huffman, Trouble> {
        let mut counts = [0; 16];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        counts[0] = 0;
        let mut left: i32 = 1;
        let mut offsets = [0_usize; 16];
        for bits in 1..16 {
            left = left * 2 - i32::from(counts[bits]);
            if left < 0 {
                return Err(damaged("a part cannot be unpacked"));
            }
            if bits < 15 {
                offsets[bits + 1] = offsets[bits] + usize::from(counts[bits]);
            }
        }
        let mut symbols = [0; 288];
        for (symbol, length) in (0_u16..).zip(lengths) {
            if *length != 0 {
                let place = &mut offsets[usize::from(*length)];
                symbols[*place] = symbol;
                *place += 1;
            }
        }
        Ok(Huffman { counts, symbols })
    }
}

const WINDOW: usize = 32 * 1024;
/// Base and extra bits of the length codes 257 to 285, and of the distance codes (RFC 1951, 3.2.5).
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
/// The order in which the lengths of the code-length codes stand.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

struct Inflate<R> {
    from: R,
    bits: u32,
    have: u32,
    window: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// Bytes that came out so far, up to a full window.
    filled: usize,
    /// What was counted already of the window.
    counted: usize,
}

impl<R: Read> Inflate<R> {
    fn new(from: R) -> Self {
        Inflate {
            from,
            bits: 0,
            have: 0,
            window: vec![0; WINDOW],
            at: 0,
            filled: 0,
            counted: 0,
        }
    }

    fn run(mut self, gauge: &mut Gauge) -> Result<(), Trouble> {
        loop {
            let last = self.take(1)? == 1;
            match self.take(2)? {
                0 => self.stored(gauge)?,
                1 => {
                    let mut lengths = [8; 288];
                    lengths[144..256].fill(9);
                    lengths[256..280].fill(7);
                    let (codes, distances) = (Huffman::new(&lengths)?, Huffman::new(&[5; 30])?);
                    self.block(&codes, &distances, gauge)?;
                }
                2 => {
                    let (codes, distances) = self.tables()?;
                    self.block(&codes, &distances, gauge)?;
                }
                _ => return Err(damaged("a part cannot be unpacked")),
            }
            if last {
                return gauge.take(&self.window[self.counted..self.at]);
            }
        }
    }

    fn take(&mut self, count: u32) -> Result<u32, Trouble> {
        while self.have < count {
            let mut byte = [0];
            self.from.read_exact(&mut byte).map_err(cut)?;
            self.bits |= u32::from(byte[0]) << self.have;
            self.have += 8;
        }
        let value = self.bits & ((1 << count) - 1);
        self.bits >>= count;
        self.have -= count;
        Ok(value)
    }

    fn symbol(&mut self, codes: &Huffman) -> Result<u16, Trouble> {
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for bits in 1..16 {
            code |= self.take(1)? as i32;
            let count = i32::from(codes.counts[bits]);
            if code - count < first {
                let place = usize::try_from(index + code - first).unwrap_or(usize::MAX);
                let symbol = codes.symbols.get(place).copied();
                return symbol.ok_or_else(|| damaged("a part cannot be unpacked"));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(damaged("a part cannot be unpacked"))
    }

    fn put(&mut self, byte: u8, gauge: &mut Gauge) -> Result<(), Trouble> {
        self.window[self.at] = byte;
        self.at += 1;
        self.filled = (self.filled + 1).min(WINDOW);
        if self.at == WINDOW {
            gauge.take(&self.window[self.counted..])?;
            self.at = 0;
            self.counted = 0;
        }
        Ok(())
    }

    fn stored(&mut self, gauge: &mut Gauge) -> Result<(), Trouble> {
        self.bits = 0;
        self.have = 0;
        let mut head = [0; 4];
        self.from.read_exact(&mut head).map_err(cut)?;
        let length = u16_at(&head, 0);
        if length != !u16_at(&head, 2) {
            return Err(damaged("a part cannot be unpacked"));
        }
        for _ in 0..length {
            let mut byte = [0];
            self.from.read_exact(&mut byte).map_err(cut)?;
            self.put(byte[0], gauge)?;
        }
        Ok(())
    }

    fn tables(&mut self) -> Result<(Huffman, Huffman), Trouble> {
        let wrong = || damaged("a part cannot be unpacked");
        let codes = self.take(5)? as usize + 257;
        let distances = self.take(5)? as usize + 1;
        let count = self.take(4)? as usize + 4;
        if codes > 286 || distances > 30 {
            return Err(wrong());
        }
        let mut lengths = [0_u8; 19];
        for place in &ORDER[..count] {
            lengths[*place] = self.take(3)? as u8;
        }
        let code = Huffman::new(&lengths)?;
        let mut lengths = [0_u8; 286 + 30];
        let mut i = 0;
        while i < codes + distances {
            let symbol = self.symbol(&code)?;
            let (value, times) = match symbol {
                0..16 => (symbol as u8, 1),
                16 => {
                    let before = i.checked_sub(1).ok_or_else(wrong)?;
                    (lengths[before], 3 + self.take(2)? as usize)
                }
                17 => (0, 3 + self.take(3)? as usize),
                _ => (0, 11 + self.take(7)? as usize),
            };
            let run = lengths.get_mut(i..i + times).ok_or_else(wrong)?;
            run.fill(value);
            i += times;
        }
        if i != codes + distances {
            return Err(wrong());
        }
        Ok((
            Huffman::new(&lengths[..codes])?,
            Huffman::new(&lengths[codes..codes + distances])?,
        ))
    }

    fn block(
        &mut self,
        codes: &Huffman,
        distances: &Huffman,
        gauge: &mut Gauge,
    ) -> Result<(), Trouble> {
        let wrong = || damaged("a part cannot be unpacked");
        loop {
            let symbol = self.symbol(codes)?;
            match symbol {
                0..256 => self.put(symbol as u8, gauge)?,
                256 => return Ok(()),
                _ => {
                    let code = LENGTHS.get(usize::from(symbol) - 257);
                    let (base, extra) = *code.ok_or_else(wrong)?;
                    let length = u32::from(base) + self.take(u32::from(extra))?;
                    let symbol = usize::from(self.symbol(distances)?);
                    let (base, extra) = *DISTANCES.get(symbol).ok_or_else(wrong)?;
                    let distance = usize::from(base) + self.take(u32::from(extra))? as usize;
                    if distance > self.filled {
                        return Err(wrong());
                    }
                    for _ in 0..length {
                        let from = (self.at + WINDOW - distance) % WINDOW;
                        let byte = self.window[from];
                        self.put(byte, gauge)?;
                    }
                }
            }
        }
    }
}
