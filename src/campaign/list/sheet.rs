//! Rows out of an Excel workbook (`.xlsx`), a cell at a time.

use super::source::{Found, Kind, ROW_BYTES, Rows, Source};
use super::unpack::{self, Trouble};
use super::{ListError, decode, header};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Rows read ahead.
const AHEAD: usize = 64;

/// True for what begins like a workbook.
///
/// # Errors
/// The file cannot be read, or it is a workbook of a kind that is not taken: old, or with a password.
pub(super) fn is_workbook(path: &Path) -> Result<bool, ListError> {
    let unreadable = |e: std::io::Error| ListError::Unreadable {
        file: path.to_path_buf(),
        what: e.to_string(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut start = [0; 4];
    let have = decode::fill(&mut file, &mut start).map_err(unreadable)?;
    match &start[..have] {
        [b'P', b'K', 3, 4] => Ok(true),
        // OLE: an old workbook, or a new one inside an encrypted envelope.
        [0xD0, 0xCF, 0x11, 0xE0] => {
            let file_name = path.to_path_buf();
            if has_envelope(&mut file).map_err(unreadable)? {
                return Err(ListError::Password { file: file_name });
            }
            Err(ListError::OldWorkbook { file: file_name })
        }
        _ => Ok(false),
    }
}

/// The directory of an OLE file names its streams in UTF-16 (MS-OFFCRYPTO 2.3.4.1).
fn has_envelope(file: &mut File) -> std::io::Result<bool> {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let mut block = vec![0; 256 * 1024];
    let mut kept = 0;
    loop {
        let have = kept + decode::fill(&mut reader, &mut block[kept..])?;
        if block[..have].windows(name.len()).any(|w| w == name) {
            return Ok(true);
        }
        if have < block.len() {
            return Ok(false);
        }
        kept = name.len();
        block.copy_within(have - kept..have, 0);
    }
}

/// Opens a sheet; the first visible one when none is named.
pub(super) fn open(path: &Path, sheet: Option<&str>) -> Result<Source, ListError> {
    let unreadable = |e: std::io::Error| ListError::Unreadable {
        file: path.to_path_buf(),
        what: e.to_string(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    unpack::inspect(&mut file).map_err(|trouble| match trouble {
        Trouble::Damaged(what) => ListError::Workbook {
            file: path.to_path_buf(),
            what,
        },
        Trouble::TooLarge(what) => ListError::TooLarge {
            file: path.to_path_buf(),
            what,
        },
    })?;
    file.rewind().map_err(unreadable)?;
    let (tell_sheets, sheets) = sync_channel(1);
    let (rows, read) = sync_channel(AHEAD);
    let wanted = sheet.map(str::to_owned);
    // The library's reader of cells borrows the workbook, so both live on a thread of their own; it also keeps a
    // panic over a broken file away from everybody else.
    std::thread::Builder::new()
        .name("workbook".into())
        .spawn(move || read_sheet(file, wanted, &tell_sheets, &rows))
        .map_err(unreadable)?;
    let opened = sheets
        .recv()
        .unwrap_or_else(|_| Err(Failed::Damaged("it cannot be read".into())));
    match opened {
        Ok(opened) => Ok(Source {
            rows: Box::new(Sheet {
                rows: read,
                row: 0,
                ended: false,
            }),
            kind: Kind::Xlsx,
            encoding: "XLSX",
            delimiter: ',',
            sheets: opened.sheets,
            rows_said: opened.rows,
        }),
        Err(Failed::Password) => Err(ListError::Password {
            file: path.to_path_buf(),
        }),
        Err(Failed::NoSheet(sheet, sheets)) => Err(ListError::NoSheet {
            file: path.to_path_buf(),
            sheet,
            sheets: sheets.join(", "),
        }),
        Err(Failed::Damaged(what)) => Err(ListError::Workbook {
            file: path.to_path_buf(),
            what,
        }),
    }
}

struct Opened {
    sheets: Vec<String>,
    rows: Option<u64>,
}

enum Failed {
    Password,
    NoSheet(String, Vec<String>),
    Damaged(String),
}

struct Sheet {
    rows: Receiver<Found>,
    row: u64,
    ended: bool,
}

impl Rows for Sheet {
    fn next(&mut self) -> Found {
        if self.ended {
            return Found::End;
        }
        let found = self.rows.recv().unwrap_or_else(|_| {
            Found::Failed("the workbook is damaged; save it again in Excel".into())
        });
        match &found {
            Found::Row { row, .. } | Found::TooLong { row } => self.row = *row,
            Found::Blank => {}
            Found::End | Found::Failed(_) => self.ended = true,
        }
        found
    }

    fn row(&self) -> u64 {
        self.row
    }
}

fn read_sheet(
    file: File,
    wanted: Option<String>,
    tell: &SyncSender<Result<Opened, Failed>>,
    rows: &SyncSender<Found>,
) {
    let damaged = |e: XlsxError| match e {
        XlsxError::Password => Failed::Password,
        e => Failed::Damaged(e.to_string()),
    };
    let mut book = match Xlsx::new(BufReader::with_capacity(64 * 1024, file)) {
        Ok(book) => book,
        Err(e) => {
            let _ = tell.send(Err(damaged(e)));
            return;
        }
    };
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible)
        .map(|s| s.name.clone())
        .collect();
    let name = match &wanted {
        Some(name) => sheets.iter().find(|s| *s == name),
        None => sheets.first(),
    };
    let Some(name) = name.cloned() else {
        let _ = tell.send(Err(match wanted {
            Some(name) => Failed::NoSheet(name, sheets),
            None => Failed::Damaged("it has no sheet".into()),
        }));
        return;
    };
    let mut cells = match book.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        Err(e) => {
            let _ = tell.send(Err(damaged(e)));
            return;
        }
    };
    let said = u64::from(cells.dimensions().end.0) + 1;
    let opened = Opened {
        sheets,
        // A file without the statement says 1.
        rows: (said > 1).then_some(said),
    };
    if tell.send(Ok(opened)).is_err() {
        return;
    }
    let mut row = Row::default();
    loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => {
                if let Some(found) = row.take()
                    && rows.send(found).is_err()
                {
                    return;
                }
                let _ = rows.send(Found::End);
                return;
            }
            Err(e) => {
                if let Some(found) = row.take()
                    && rows.send(found).is_err()
                {
                    return;
                }
                let _ = rows.send(Found::Failed(e.to_string()));
                return;
            }
        };
        let (at, column) = cell.get_position();
        if row.at != at
            && let Some(found) = row.take()
            && rows.send(found).is_err()
        {
            return;
        }
        row.at = at;
        row.put(column as usize, text(cell.get_value()));
    }
}

/// The cells of one row so far.
#[derive(Default)]
struct Row {
    at: u32,
    cells: Vec<String>,
    bytes: usize,
}

impl Row {
    fn put(&mut self, column: usize, text: String) {
        self.bytes += text.len();
        if text.trim().is_empty() || self.bytes > ROW_BYTES {
            return;
        }
        // What stands further right is kept as one cell too many, which the row's check names.
        let column = column.min(header::COLUMNS + 1);
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
    }

    fn take(&mut self) -> Option<Found> {
        let row = u64::from(self.at) + 1;
        let cells = std::mem::take(&mut self.cells);
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > ROW_BYTES {
            return Some(Found::TooLong { row });
        }
        (!cells.is_empty()).then_some(Found::Row { row, cells })
    }
}

/// A cell as people see it: a long number with all its digits, a date as a date.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(s) => s.clone(),
        DataRef::SharedString(s) => (*s).to_owned(),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => number(*n),
        DataRef::Bool(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Error(e) => e.to_string(),
        DataRef::DateTime(at) => date(at),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.clone(),
    }
}

/// Excel keeps 15 digits and shows eleven of them as 1.38E+10; the digits are what is meant.
fn number(n: f64) -> String {
    // Sums such as 0.1 + 0.2, as the sheet shows them.
    let rounded = format!("{n:.9}");
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    if n.abs() < 1e15 {
        short.to_owned()
    } else {
        format!("{n:e}")
    }
}

fn date(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let clock = if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    };
    if at.is_duration() || at.as_f64() < 1.0 {
        return clock;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if clock == "00:00" {
        day
    } else {
        format!("{day} {clock}")
    }
}
