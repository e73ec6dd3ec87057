//! What is wrong with a list or one of its rows, and what to do about it.

use std::path::PathBuf;

/// Why a whole list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("{file}: cannot be read: {what}")]
    Unreadable { file: PathBuf, what: String },
    #[error(
        "{file}: the list is empty; its first line must name the columns, e.g. phone,name,language"
    )]
    Empty { file: PathBuf },
    #[error(
        "{file}: this is UTF-16; save it again as “CSV UTF-8 (comma delimited)” (Excel: Save As, file type)"
    )]
    Utf16 { file: PathBuf },
    #[error(
        "{file}: this is an old Excel workbook (.xls); in Excel choose Save As and “Excel Workbook (.xlsx)” or “CSV UTF-8 (comma delimited)”"
    )]
    OldWorkbook { file: PathBuf },
    #[error(
        "{file}: this workbook has a password; in Excel choose File, Info, Protect Workbook, take the password away and save it again"
    )]
    Password { file: PathBuf },
    #[error(
        "{file}: the workbook is damaged or no Excel workbook ({what}); open it in Excel and save it again as .xlsx or as “CSV UTF-8 (comma delimited)”"
    )]
    Workbook { file: PathBuf, what: String },
    #[error(
        "{file}: the workbook is too large ({what}); save the sheet as “CSV UTF-8 (comma delimited)”, which may have any size"
    )]
    TooLarge { file: PathBuf, what: String },
    #[error("{file}: there is no sheet {sheet:?} (it has: {sheets})")]
    NoSheet {
        file: PathBuf,
        sheet: String,
        sheets: String,
    },
    #[error(
        "{file}, row 1: {count} columns; at most 500 are taken, delete those that are not needed"
    )]
    Columns { file: PathBuf, count: usize },
    #[error(
        "{file}, row 1: no column is a phone number (found: {columns}); name one phone or 手机号, or use --map COLUMN=phone"
    )]
    NoPhone { file: PathBuf, columns: String },
    #[error(
        "{file}, row 1: columns {first:?} and {second:?} both are the {field}; use --map to say which one counts"
    )]
    Twice {
        file: PathBuf,
        first: String,
        second: String,
        field: String,
    },
    #[error("--map {column}={field}: the list has no column {column:?} (it has: {columns})")]
    NoSuchColumn {
        column: String,
        field: String,
        columns: String,
    },
    #[error(
        "{file}, row 1: the dialplan needs {missing}, and the list has no such column; add it, or use --map COLUMN={missing}"
    )]
    Missing { file: PathBuf, missing: String },
    #[error("country {0:?} is not known; use two letters such as CN, US, GB")]
    Country(String),
}

/// Why one row is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// As a spreadsheet numbers it; the header is 1.
    pub row: u64,
    /// The column's header; empty when the row as a whole is wrong.
    pub column: String,
    /// What stands there, shortened, digits masked.
    pub value: String,
    pub problem: String,
    pub advice: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}", self.row)?;
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, ", {:?}", self.value)?;
        }
        write!(f, ": {}; {}", self.problem, self.advice)
    }
}
