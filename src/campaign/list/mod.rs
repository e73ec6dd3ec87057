//! Call lists: CSV or XLSX in, leads out, one bad row never stopping the rest.
//!
//! Of CSV, UTF-8 (with or without mark) and GB18030 are read; comma, semicolon or tab part the cells. The header is checked
//! before anything else, so nothing is stored from a list that cannot be understood. Memory does not grow with the
//! file, apart from the set of numbers seen.

mod cells;
mod chinese;
mod decode;
mod error;
mod header;
pub mod intake;
mod number;
mod preview;
mod sheet;
mod source;
mod unpack;
mod value;

pub use error::{ListError, RowError};
pub use header::Field;
pub use number::{BadNumber, normalise};
pub use preview::{Preview, PreviewColumn, preview};
pub use source::Kind;

use crate::store::LeadRow;
use crate::terms::Phone;
use header::Columns;
use source::{Found, Rows, Source};
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
    /// The sheet of a workbook; the first one when it is not said.
    pub sheet: Option<String>,
    /// Data rows read at most.
    pub max_rows: u64,
}

impl Default for ListOptions {
    fn default() -> Self {
        ListOptions {
            country: "CN".into(),
            map: Vec::new(),
            wanted: Vec::new(),
            sheet: None,
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
    cells: Box<dyn Rows>,
    columns: Columns,
    options: ListOptions,
    country: phonenumber::country::Id,
    /// Every number so far, packed, with the row it first stood in: some 20 bytes each.
    seen: BTreeMap<u64, u32>,
    zoned: Zoned,
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
        let source = Source::open(path, options.sheet.as_deref())?;
        ListReader::start(path, source, country, options)
    }

    fn start(
        path: &Path,
        mut source: Source,
        country: phonenumber::country::Id,
        options: ListOptions,
    ) -> Result<ListReader, ListError> {
        let header = source.header(path)?;
        let mut summary = ListSummary {
            encoding: source.encoding,
            delimiter: source.delimiter,
            ..ListSummary::default()
        };
        let columns = Columns::understand(path, &header, &options, &mut summary.warnings)?;
        summary.columns = columns.named();
        Ok(ListReader {
            cells: source.rows,
            columns,
            options,
            country,
            seen: BTreeMap::new(),
            zoned: Zoned::default(),
            summary,
            ended: false,
        })
    }

    /// One lead that was typed in, checked as a row of a list is: pairs of field (as `--map` names it) and value.
    ///
    /// # Errors
    /// The country is not known, no value is a number, or a value cannot be taken.
    pub fn one(
        fields: &[(String, String)],
        row: u64,
        options: ListOptions,
    ) -> Result<LeadRow, OneError> {
        let country = options
            .country
            .parse()
            .map_err(|_| ListError::Country(options.country.clone()))?;
        let options = ListOptions {
            map: fields
                .iter()
                .map(|(field, _)| (field.clone(), field.clone()))
                .collect(),
            ..options
        };
        let (header, cells) = fields.iter().cloned().unzip();
        let source = Source::of(header, cells);
        let mut reader = ListReader::start(Path::new("lead"), source, country, options)?;
        match reader.next() {
            Some(Ok(lead)) => Ok(LeadRow { row, ..lead }),
            Some(Err(error)) => Err(OneError::Row(error)),
            None => Err(OneError::Row(stop(
                row,
                "there is no number".into(),
                "fill it in",
            ))),
        }
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
        if lead.tz.is_none() && !self.zoned.knows(first) {
            return Err(error(
                self.columns.phone(),
                first.to_string(),
                "no time zone is known for this country, so no calling window can be kept".into(),
                "add a column timezone, e.g. Asia/Dubai",
            ));
        }
        for phone in &lead.phones {
            if let Some(before) = self.seen.get(&packed(phone)) {
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
            let row = u32::try_from(lead.row).unwrap_or(u32::MAX);
            self.seen.insert(packed(phone), row);
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

/// Why a single lead was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OneError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error("{0}")]
    Row(RowError),
}

/// Which calling codes lie in known time zones: asking anew for each row would take longer than all the rest.
#[derive(Default)]
struct Zoned(BTreeMap<String, bool>);

impl Zoned {
    /// Calling codes that several countries share (ITU-T E.164, list of assigned codes).
    const SHARED: [&str; 13] = [
        "1", "7", "39", "44", "47", "61", "212", "262", "290", "358", "500", "590", "599",
    ];

    fn knows(&mut self, phone: &Phone) -> bool {
        let known = || !super::zones::of_callee(phone, None).is_empty();
        let digits = phone.full().trim_start_matches('+');
        if Self::SHARED.iter().any(|code| digits.starts_with(code)) {
            return known();
        }
        // No calling code is longer than three digits, and none is the beginning of another.
        let Some(code) = digits.get(..3) else {
            return known();
        };
        if let Some(known) = self.0.get(code) {
            return *known;
        }
        *self.0.entry(code.to_owned()).or_insert_with(known)
    }
}

/// The digits of an E.164 number (at most 15, no zero in front) as one number.
fn packed(phone: &Phone) -> u64 {
    phone
        .full()
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |all, digit| {
            all.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
        })
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
