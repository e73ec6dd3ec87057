//! Results as an Excel workbook.

use super::export::Table;
use crate::store::ResultRow;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::path::Path;

/// What a sheet holds beside its header (Excel's limit).
pub const ROWS: u32 = 1_048_575;
/// What a cell holds (Excel's limit).
const CELL_CHARS: usize = 32_767;
/// Columns whose cells are numbers.
const NUMBERS: &[&str] = &[
    "row", "attempt", "ring_s", "talk_s", "talk_ms", "sip_code", "q850",
];

/// A workbook that grows row by row.
pub struct Sheet {
    book: Workbook,
    table: Table,
    numbers: Vec<bool>,
    rows: u32,
}

impl Sheet {
    /// An empty sheet with the table's header.
    ///
    /// # Errors
    /// The workbook cannot be made.
    pub fn new(table: Table) -> Result<Sheet, XlsxError> {
        let mut book = Workbook::new();
        // Rows go to a temporary file as they come.
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name("results")?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        let header = table.header();
        for (column, name) in (0..).zip(&header) {
            sheet.write_string_with_format(0, column, cell(name), &bold)?;
        }
        let numbers = header.iter().map(|n| NUMBERS.contains(&n.as_str()));
        Ok(Sheet {
            numbers: numbers.collect(),
            book,
            table,
            rows: 0,
        })
    }

    /// Adds rows; false when the sheet is full and some were left out.
    ///
    /// # Errors
    /// The workbook cannot be written.
    pub fn put(&mut self, rows: &[ResultRow]) -> Result<bool, XlsxError> {
        let sheet = self.book.worksheet_from_index(0)?;
        for row in rows {
            if self.rows >= ROWS {
                return Ok(false);
            }
            self.rows += 1;
            let cells = self.table.cells(row);
            for ((column, text), number) in (0..).zip(&cells).zip(&self.numbers) {
                match text.parse::<f64>() {
                    Ok(n) if *number => {
                        sheet.write_number(self.rows, column, n)?;
                    }
                    // A string is never a formula, whatever it begins with.
                    _ if !text.is_empty() => {
                        sheet.write_string(self.rows, column, cell(text))?;
                    }
                    _ => {}
                }
            }
        }
        Ok(true)
    }

    /// Writes the workbook to disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(mut self, path: &Path) -> Result<(), XlsxError> {
        self.book.save(path)
    }
}

/// What a cell can hold of a text.
fn cell(text: &str) -> &str {
    match text.char_indices().nth(CELL_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
