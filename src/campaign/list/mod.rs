//! Call lists: CSV in, leads out, one bad row never stopping the rest.
//!
//! UTF-8 (with or without mark) and GB18030 are read; comma, semicolon or tab part the cells. The header is checked
//! before anything else, so nothing is stored from a list that cannot be understood. Memory does not grow with the
//! file, apart from the set of numbers seen.

mod cells;
mod decode;
mod error;
mod header;
mod number;
mod value;

pub use error::{ListError, RowError};
pub use header::Field;
pub use number::{BadNumber, normalise};

use crate::store::LeadRow;
use crate::terms::Phone;
use cells::{Cells, Found};
use header::Columns;
use std::collections::BTreeMap;
use std::path::Path;
use value::{clean, language, masked, time_zone};

/// How a list is to be read.
#[derive(Clone, Debug)]
pub struct ListOptions {
    /// Country of numbers without a country code, ISO 3166 letters (`CN`, `US`).
    pub country: String,
    /// Column → field, as given with `--map COL=field`: `phone`, `name`, `language`, `timezone`, `ignore`, or the name
    /// of a lead variable.
    pub map: Vec<(String, String)>,
    /// The lead variables the dialplan uses, and whether it cannot do without; empty: nothing is known about it.
    pub wanted: Vec<Wanted>,
    /// Data rows read at most.
    pub max_rows: u64,
}

impl Default for ListOptions {
    fn default() -> Self {
        ListOptions {
            country: "CN".into(),
            map: Vec::new(),
            wanted: Vec::new(),
            max_rows: 1_000_000,
        }
    }
}

/// A lead variable the dialplan uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub required: bool,
}

/// What a list held, once it was read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListSummary {
    /// Rows with something in them, the header not counted.
    pub rows: u64,
    pub good: u64,
    pub errors: u64,
    pub duplicates: u64,
    pub blank: u64,
    /// `UTF-8` or `GB18030`.
    pub encoding: &'static str,
    pub delimiter: char,
    /// Which header is read as what.
    pub columns: Vec<(String, Field)>,
    /// Things that look wrong and stop nothing.
    pub warnings: Vec<String>,
}

/// Reads a list row by row; each item is a lead or the reason why there is none.
pub struct ListReader {
    cells: Cells,
    columns: Columns,
    options: ListOptions,
    country: phonenumber::country::Id,
    /// Every number so far with the row it first stood in.
    seen: BTreeMap<Phone, u64>,
    summary: ListSummary,
    ended: bool,
}

impl ListReader {
    /// Opens a list and understands its header.
    ///
    /// # Errors
    /// The file cannot be read or is no CSV in a known encoding, or its header cannot be understood; no row was read.
    pub fn open(path: &Path, options: ListOptions) -> Result<ListReader, ListError> {
        let country = options
            .country
            .parse()
            .map_err(|_| ListError::Country(options.country.clone()))?;
        let (text, encoding) = decode::open(path)?;
        let mut cells = Cells::new(text);
        let unreadable = |what: String| ListError::Unreadable {
            file: path.to_path_buf(),
            what,
        };
        let header = loop {
            match cells.next() {
                Found::Row { cells, .. } => break cells,
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
        };
        let mut summary = ListSummary {
            encoding,
            delimiter: char::from(cells.delimiter()),
            ..ListSummary::default()
        };
        let columns = Columns::understand(path, &header, &options, &mut summary.warnings)?;
        summary.columns = columns.named();
        Ok(ListReader {
            cells,
            columns,
            options,
            country,
            seen: BTreeMap::new(),
            summary,
            ended: false,
        })
    }

    /// What was found so far; complete after the last row.
    #[must_use]
    pub const fn summary(&self) -> &ListSummary {
        &self.summary
    }

    fn lead(&mut self, row: u64, cells: &[String]) -> Result<LeadRow, RowError> {
        if cells.len() > self.columns.len()
            && cells[self.columns.len()..].iter().any(|c| !c.is_empty())
        {
            return Err(RowError {
                row,
                column: String::new(),
                value: String::new(),
                problem: format!(
                    "{} cells, but the header has {}",
                    cells.len(),
                    self.columns.len()
                ),
                advice: "put a cell that holds the delimiter into double quotes".into(),
            });
        }
        let mut lead = LeadRow {
            row,
            ..LeadRow::default()
        };
        for (i, (header, field)) in self.columns.iter().enumerate() {
            let raw = cells.get(i).map_or("", String::as_str);
            let bad = |(problem, advice): (String, String)| RowError {
                row,
                column: header.to_owned(),
                value: masked(raw),
                problem,
                advice,
            };
            let value = clean(raw).map_err(bad)?;
            match field {
                Field::Ignore => {}
                Field::Phone => {
                    let numbers = number::numbers(&value, self.country)
                        .map_err(|e| bad((e.to_string(), e.advice().into())))?;
                    for phone in numbers {
                        if !lead.phones.contains(&phone) {
                            lead.phones.push(phone);
                        }
                    }
                }
                Field::Language => lead.lang = language(&value).map_err(bad)?,
                Field::TimeZone => lead.tz = time_zone(&value).map_err(bad)?,
                Field::Name => {
                    lead.name = (!value.is_empty()).then(|| value.clone());
                    lead.vars.insert("name".into(), value);
                }
                Field::Variable(name) => {
                    lead.vars.insert(name.clone(), value);
                }
            }
        }
        self.check(&lead)?;
        Ok(lead)
    }

    /// What only the whole row can tell: a number, the dialplan's required values, no number seen before.
    fn check(&mut self, lead: &LeadRow) -> Result<(), RowError> {
        let error = |column: &str, value: String, problem: String, advice: &str| RowError {
            row: lead.row,
            column: column.to_owned(),
            value,
            problem,
            advice: advice.into(),
        };
        let Some(first) = lead.phones.first() else {
            let column = self.columns.phone();
            return Err(error(
                column,
                String::new(),
                "there is no number".into(),
                "fill the cell in or delete the row",
            ));
        };
        for wanted in self.options.wanted.iter().filter(|w| w.required) {
            if lead.vars.get(&wanted.name).is_none_or(String::is_empty) {
                let column = self.columns.header_of(&wanted.name);
                return Err(error(
                    column,
                    String::new(),
                    format!("the dialplan needs {} and the cell is empty", wanted.name),
                    "fill the cell in",
                ));
            }
        }
        if super::zones::of_callee(first, lead.tz.as_deref()).is_empty() {
            return Err(error(
                self.columns.phone(),
                first.to_string(),
                "no time zone is known for this country, so no calling window can be kept".into(),
                "add a column timezone, e.g. Asia/Dubai",
            ));
        }
        for phone in &lead.phones {
            if let Some(before) = self.seen.get(phone) {
                self.summary.duplicates += 1;
                return Err(error(
                    self.columns.phone(),
                    phone.to_string(),
                    format!("the same number stands in row {before} already"),
                    "that row is kept, this one is left out",
                ));
            }
        }
        for phone in &lead.phones {
            self.seen.insert(phone.clone(), lead.row);
        }
        Ok(())
    }
}

impl Iterator for ListReader {
    type Item = Result<LeadRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.cells.next() {
                Found::End => self.ended = true,
                Found::Blank => self.summary.blank += 1,
                Found::Row { row, cells } => {
                    if self.summary.rows >= self.options.max_rows {
                        self.ended = true;
                        self.summary.errors += 1;
                        return Some(Err(stop(
                            row,
                            format!("the list has more than {} rows", self.options.max_rows),
                            "this row and the rest were not read; split the list into several files",
                        )));
                    }
                    self.summary.rows += 1;
                    let result = self.lead(row, &cells);
                    match &result {
                        Ok(_) => self.summary.good += 1,
                        Err(_) => self.summary.errors += 1,
                    }
                    return Some(result);
                }
                Found::TooLong { row } => {
                    self.ended = true;
                    self.summary.errors += 1;
                    return Some(Err(stop(
                        row,
                        "this row has no end".into(),
                        "probably a double quote is not closed; correct it and import again, this row and the rest were not read",
                    )));
                }
                Found::Failed(what) => {
                    self.ended = true;
                    self.summary.errors += 1;
                    return Some(Err(stop(
                        self.cells.row(),
                        format!("the file cannot be read further: {what}"),
                        "import it again; rows that went in already are skipped",
                    )));
                }
            }
        }
        None
    }
}

fn stop(row: u64, problem: String, advice: &str) -> RowError {
    RowError {
        row,
        column: String::new(),
        value: String::new(),
        problem,
        advice: advice.into(),
    }
}

#[cfg(test)]
mod tests;
