//! Where a list's rows come from.

use super::cells::Cells;
use super::{ListError, decode};
use std::path::Path;

/// A row longer than this, in bytes, is damage or malice.
pub(super) const ROW_BYTES: usize = 256 * 1024;

/// What stands next in a list.
pub(super) enum Found {
    /// `row` as a spreadsheet numbers it, from 1.
    Row {
        row: u64,
        cells: Vec<String>,
    },
    Blank,
    TooLong {
        row: u64,
    },
    End,
    Failed(String),
}

/// Rows of cells, one after the other, none of them kept.
pub(super) trait Rows: Send {
    fn next(&mut self) -> Found;
    /// The row that was read last.
    fn row(&self) -> u64;
}

/// What kind of file a list is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Xlsx => "xlsx",
        }
    }
}

/// An opened list.
pub(super) struct Source {
    pub rows: Box<dyn Rows>,
    pub kind: Kind,
    /// `UTF-8`, `GB18030`, or `XLSX`.
    pub encoding: &'static str,
    pub delimiter: char,
    /// The names of a workbook's sheets.
    pub sheets: Vec<String>,
    /// Rows a workbook says it has.
    pub rows_said: Option<u64>,
}

impl Source {
    /// Opens a list; what it is, its first bytes tell and not its name. `sheet` names one of a workbook, otherwise the
    /// first one counts.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<Source, ListError> {
        if super::sheet::is_workbook(path)? {
            return super::sheet::open(path, sheet);
        }
        let (text, encoding) = decode::open(path)?;
        let cells = Cells::new(text);
        Ok(Source {
            kind: Kind::Csv,
            encoding,
            delimiter: char::from(cells.delimiter()),
            sheets: Vec::new(),
            rows_said: None,
            rows: Box::new(cells),
        })
    }

    /// Rows that were not read from a file: a header and one row.
    pub fn of(header: Vec<String>, cells: Vec<String>) -> Source {
        Source {
            rows: Box::new(Given {
                rows: vec![cells, header],
                row: 0,
            }),
            kind: Kind::Csv,
            encoding: "UTF-8",
            delimiter: ',',
            sheets: Vec::new(),
            rows_said: None,
        }
    }

    /// The first row with something in it.
    pub fn header(&mut self, path: &Path) -> Result<Vec<String>, ListError> {
        let unreadable = |what: String| ListError::Unreadable {
            file: path.to_path_buf(),
            what,
        };
        loop {
            match self.rows.next() {
                Found::Row { cells, .. } => {
                    // Formatted but empty cells at the end of a sheet's first row.
                    let used = cells.iter().rposition(|c| !c.trim().is_empty());
                    let wide = used.map_or(0, |i| i + 1);
                    if wide > super::header::COLUMNS {
                        return Err(ListError::Columns {
                            file: path.to_path_buf(),
                            count: wide,
                        });
                    }
                    return Ok(cells);
                }
                Found::Blank => {}
                Found::End => {
                    return Err(ListError::Empty {
                        file: path.to_path_buf(),
                    });
                }
                Found::TooLong { .. } => {
                    return Err(unreadable(
                        "the first line has no end; is this a CSV file?".into(),
                    ));
                }
                Found::Failed(what) => return Err(unreadable(what)),
            }
        }
    }
}

/// Rows at hand, the last one first.
struct Given {
    rows: Vec<Vec<String>>,
    row: u64,
}

impl Rows for Given {
    fn next(&mut self) -> Found {
        self.row += 1;
        match self.rows.pop() {
            Some(cells) => Found::Row {
                row: self.row,
                cells,
            },
            None => Found::End,
        }
    }

    fn row(&self) -> u64 {
        self.row
    }
}
