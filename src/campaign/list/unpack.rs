//! What a workbook really unpacks to, found out before the spreadsheet library sees it.
//!
//! An `.xlsx` is a ZIP of XML parts. The sizes a ZIP states may be lies, a few kilobytes may unpack to gigabytes, and
//! the library reserves memory for as many strings as the file claims to have. So every part is unpacked once here
//! (DEFLATE, RFC 1951) into nothing, and counted; 64 KiB are held at a time.

use flate2::read::DeflateDecoder;
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
    let packed = BufReader::with_capacity(64 * 1024, &mut *file).take(part.packed);
    let mut plain: Box<dyn Read> = if part.stored {
        Box::new(packed)
    } else {
        Box::new(DeflateDecoder::new(packed))
    };
    let mut block = vec![0; 64 * 1024];
    loop {
        match plain.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(n) => gauge.take(&block[..n])?,
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Err(cut(e)),
            Err(_) => return Err(damaged("a part cannot be unpacked")),
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
