//! What a list looks like, before anybody decides how to read it.

use super::header::{digest, guess};
use super::source::{Found, Source};
use super::{Field, Kind, ListError, number, value};
use std::path::Path;

/// Rows that are looked at.
const ROWS: usize = 30;
/// Cells shown of a column.
const SAMPLES: usize = 3;
/// Characters shown of a cell.
const SAMPLE_CHARS: usize = 60;

/// A list's columns, and what they seem to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub kind: Kind,
    /// Of a workbook, those that can be seen.
    pub sheets: Vec<String>,
    /// `UTF-8` or `GB18030`; of a workbook nothing.
    pub encoding: Option<&'static str>,
    pub columns: Vec<PreviewColumn>,
    /// Stands for the set of headers, whatever their order.
    pub digest: String,
    /// Rows a workbook says it has.
    pub rows: Option<u64>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewColumn {
    pub name: String,
    /// The first cells with something in them; long numbers are masked.
    pub samples: Vec<String>,
    pub field: Field,
}

/// Looks at a list's first rows. A column of numbers is recognised by its cells when no header tells.
///
/// # Errors
/// The file cannot be read, or there is nothing in it.
pub fn preview(path: &Path, sheet: Option<&str>, country: &str) -> Result<Preview, ListError> {
    let mut source = Source::open(path, sheet)?;
    let header = source.header(path)?;
    let names = guess(&header);
    let digest = digest(&names);
    // Columns without a name are not shown.
    let places: Vec<usize> = (0..header.len())
        .filter(|i| !value::is_blank(&header[*i]))
        .take(names.len())
        .collect();
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for _ in 0..ROWS {
        match source.rows.next() {
            Found::Row { cells: row, .. } => {
                for (column, place) in cells.iter_mut().zip(&places) {
                    let text = row.get(*place).map_or("", |c| c.trim());
                    if !text.is_empty() {
                        column.push(text.to_owned());
                    }
                }
            }
            Found::Blank => {}
            Found::End | Found::TooLong { .. } | Found::Failed(_) => break,
        }
    }
    let mut columns: Vec<PreviewColumn> = names
        .into_iter()
        .zip(&cells)
        .map(|((name, field), cells)| PreviewColumn {
            name,
            samples: cells.iter().take(SAMPLES).map(|c| sample(c)).collect(),
            field,
        })
        .collect();
    if columns.iter().all(|c| c.field != Field::Phone) {
        let country = country.parse().unwrap_or(phonenumber::country::CN);
        let numbers = |cells: &Vec<String>| {
            let good = cells
                .iter()
                .filter(|c| number::numbers(c, country).is_ok_and(|n| !n.is_empty()))
                .count();
            good * 10 >= cells.len() * 8 && good > 0
        };
        if let Some(i) = cells.iter().position(numbers) {
            columns[i].field = Field::Phone;
        }
    }
    Ok(Preview {
        kind: source.kind,
        encoding: (source.kind == Kind::Csv).then_some(source.encoding),
        columns,
        digest,
        rows: source.rows_said.map(|n| n.saturating_sub(1)),
        sheets: source.sheets,
    })
}

/// A cell as it may be shown: short, without hidden characters, and without a whole phone number in it.
fn sample(cell: &str) -> String {
    let text: String = cell
        .chars()
        .filter(|c| !value::is_invisible(*c) && !c.is_control())
        .take(SAMPLE_CHARS)
        .collect();
    if text.chars().filter(|c| c.is_numeric()).count() >= 9 {
        value::masked(&text)
    } else {
        text
    }
}
