//! What each column of a list is, from its header in either language.

use super::{ListError, ListOptions};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Columns a list may have.
pub(super) const COLUMNS: usize = 500;

/// What a column is read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A number to call; of several such columns the leftmost comes first.
    Phone,
    Name,
    Language,
    TimeZone,
    /// A lead variable of this name, for prompts and conditions.
    Variable(String),
    Ignore,
}

impl Field {
    /// As the API and `--map` write it.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Field::Phone => "phone".into(),
            Field::Name => "name".into(),
            Field::Language => "lang".into(),
            Field::TimeZone => "tz".into(),
            Field::Variable(name) => format!("var:{name}"),
            Field::Ignore => "ignore".into(),
        }
    }

    /// The field that a code or any of its usual names means; another word is the name of a lead variable.
    #[must_use]
    pub fn named(name: &str) -> Field {
        let key = normal(name);
        if let Some(variable) = key.strip_prefix("var:") {
            return Field::Variable(variable.to_owned());
        }
        match key.as_str() {
            "ignore" | "-" | "_" | "" => Field::Ignore,
            key => field_of(key),
        }
    }
}

/// The names and fields of a header's columns, as far as the names tell. Of several columns with one name the later
/// ones are shown as `name (2)`.
pub(super) fn guess(header: &[String]) -> Vec<(String, Field)> {
    let mut columns: Vec<(String, Field)> = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for written in header.iter().take(COLUMNS) {
        let shown = shown(written);
        if shown.is_empty() {
            continue;
        }
        let key = normal(&shown);
        let times = seen.entry(key.clone()).or_default();
        *times += 1;
        let name = if *times > 1 {
            format!("{shown} ({times})")
        } else {
            shown
        };
        let mut field = field_of(&key);
        let taken = |f: &Field| columns.iter().any(|(_, g)| g == f);
        if field != Field::Phone && taken(&field) {
            field = match field {
                // The same words twice: only one can be meant.
                Field::Variable(_) => Field::Ignore,
                _ if taken(&Field::Variable(key.clone())) => Field::Ignore,
                _ => Field::Variable(key),
            };
        }
        columns.push((name, field));
    }
    columns
}

/// What stands for a set of headers, whatever their order: lists of one source are recognised by it.
pub(super) fn digest(columns: &[(String, Field)]) -> String {
    let mut names: Vec<String> = columns.iter().map(|(name, _)| normal(name)).collect();
    names.sort();
    let sum = Sha256::digest(names.join("\u{1f}").as_bytes());
    let mut out = String::new();
    for byte in sum {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

fn shown(written: &str) -> String {
    let shown: String = written
        .chars()
        .filter(|c| !super::value::is_invisible(*c) && !c.is_control())
        .take(100)
        .collect();
    shown.trim().to_owned()
}

/// The place of the column that is called so: by its header, or as `name (2)` the second one of that name.
fn place(columns: &[(String, Field)], name: &str) -> Option<usize> {
    let key = normal(name);
    if let Some(i) = columns.iter().position(|(h, _)| normal(h) == key) {
        return Some(i);
    }
    let (stem, nth) = key.strip_suffix(')')?.rsplit_once("_(")?;
    let nth: usize = nth.parse().ok()?;
    let mut same = columns
        .iter()
        .enumerate()
        .filter(|(_, (h, _))| normal(h) == stem);
    same.nth(nth.checked_sub(1)?).map(|(i, _)| i)
}

const PHONE: &[&str] = &[
    "phone",
    "phone_number",
    "phonenumber",
    "phone_no",
    "tel",
    "telephone",
    "telephone_number",
    "mobile",
    "mobile_phone",
    "mobile_number",
    "cell",
    "cell_phone",
    "cellphone",
    "number",
    "contact_number",
    "msisdn",
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "联系电话",
    "联系方式",
    "号码",
    "被叫",
    "被叫号码",
    "移动电话",
];
const NAME: &[&str] = &[
    "name",
    "full_name",
    "fullname",
    "contact",
    "contact_name",
    "customer",
    "customer_name",
    "first_name",
    "姓名",
    "名字",
    "联系人",
    "称呼",
    "客户",
    "客户姓名",
    "客户名称",
    "联系人姓名",
];
const LANGUAGE: &[&str] = &["language", "lang", "语言", "语种"];
const TIME_ZONE: &[&str] = &["timezone", "time_zone", "tz", "时区"];

pub(super) struct Columns {
    /// (header as written, what it is)
    columns: Vec<(String, Field)>,
}

impl Columns {
    pub fn understand(
        file: &Path,
        header: &[String],
        options: &ListOptions,
        warnings: &mut Vec<String>,
    ) -> Result<Columns, ListError> {
        let mut columns: Vec<(String, Field)> = Vec::new();
        for written in header {
            let shown = shown(written);
            let field = field_of(&normal(&shown));
            columns.push((shown, field));
        }
        let names = columns.iter().map(|(h, _)| h.as_str());
        let all = names.collect::<Vec<_>>().join(", ");
        let mut mapped = vec![false; columns.len()];
        for (column, field) in &options.map {
            let Some(i) = place(&columns, column) else {
                return Err(ListError::NoSuchColumn {
                    column: column.clone(),
                    field: field.clone(),
                    columns: all,
                });
            };
            columns[i].1 = Field::named(field);
            mapped[i] = true;
        }
        let mut columns = Columns { columns };
        columns.settle(file, &mapped, warnings)?;
        if !columns.columns.iter().any(|(_, f)| *f == Field::Phone) {
            return Err(ListError::NoPhone {
                file: file.to_path_buf(),
                columns: all,
            });
        }
        columns.compare(file, options, warnings)?;
        Ok(columns)
    }

    /// No field but the phone may stand in two columns. A column that was mapped by hand beats one that was guessed.
    fn settle(
        &mut self,
        file: &Path,
        mapped: &[bool],
        warnings: &mut Vec<String>,
    ) -> Result<(), ListError> {
        for i in 0..self.columns.len() {
            let (header, field) = self.columns[i].clone();
            if header.is_empty() && !mapped[i] {
                self.columns[i].1 = Field::Ignore;
                continue;
            }
            if matches!(field, Field::Phone | Field::Ignore) {
                continue;
            }
            let Some(j) = (0..i).find(|j| self.columns[*j].1 == field) else {
                continue;
            };
            let other = self.columns[j].0.clone();
            let loser = match (mapped[j], mapped[i]) {
                (true, false) => i,
                (false, true) => j,
                // A second way to say the name is only one more variable.
                _ if field == Field::Name && normal(&header) != normal(&other) => i,
                _ => {
                    return Err(ListError::Twice {
                        file: file.to_path_buf(),
                        first: other,
                        second: header,
                        field: word(&field),
                    });
                }
            };
            let (lost, kept) = if loser == i {
                (header, other)
            } else {
                (other, header)
            };
            warnings.push(format!(
                "column {lost:?} is read as a lead variable, because {kept:?} is the {} already",
                word(&field)
            ));
            self.columns[loser].1 = match &field {
                Field::Variable(_) => Field::Ignore,
                _ => Field::Variable(normal(&lost)),
            };
        }
        Ok(())
    }

    /// Against what the dialplan uses: missing columns stop the list, unknown ones are mentioned.
    fn compare(
        &self,
        file: &Path,
        options: &ListOptions,
        warnings: &mut Vec<String>,
    ) -> Result<(), ListError> {
        if options.wanted.is_empty() {
            return Ok(());
        }
        for wanted in &options.wanted {
            if self.header_of(&wanted.name).is_empty() {
                if wanted.required {
                    return Err(ListError::Missing {
                        file: file.to_path_buf(),
                        missing: wanted.name.clone(),
                    });
                }
                warnings.push(format!(
                    "the dialplan uses {}, which the list does not have; its default is taken",
                    wanted.name
                ));
            }
        }
        for (header, field) in &self.columns {
            if let Field::Variable(name) = field
                && !options.wanted.iter().any(|w| w.name == *name)
            {
                warnings.push(format!(
                    "column {header:?} is not used by the dialplan; it is kept with the lead"
                ));
            }
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.columns.iter().map(|(h, f)| (h.as_str(), f))
    }

    pub fn named(&self) -> Vec<(String, Field)> {
        self.columns.clone()
    }

    /// The header of the first column of numbers.
    pub fn phone(&self) -> &str {
        self.iter()
            .find(|(_, f)| **f == Field::Phone)
            .map_or("", |(h, _)| h)
    }

    /// The header of the column a lead variable comes from; empty when there is none.
    pub fn header_of(&self, variable: &str) -> &str {
        self.iter()
            .find(|(_, f)| match f {
                Field::Name => variable == "name",
                Field::Variable(name) => name == variable,
                _ => false,
            })
            .map_or("", |(h, _)| h)
    }
}

/// A header as variables are named: half-width, lower case, blanks and dashes as `_`. 城市 stays 城市.
pub(super) fn normal(header: &str) -> String {
    let mut out = String::new();
    for c in header.trim().chars() {
        let c = super::number::half_width(c);
        if c.is_whitespace() || c == '-' {
            if !out.ends_with('_') {
                out.push('_');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// The field a normalised header means. `phone2`, `电话2` and `备用电话` are further numbers of the same contact.
fn field_of(key: &str) -> Field {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let stem = [
        "备用",
        "第二",
        "alt_",
        "alternative_",
        "second_",
        "other_",
        "work_",
        "home_",
    ]
    .iter()
    .find_map(|prefix| stem.strip_prefix(prefix))
    .unwrap_or(stem);
    if PHONE.contains(&stem) {
        Field::Phone
    } else if NAME.contains(&key) {
        Field::Name
    } else if LANGUAGE.contains(&key) {
        Field::Language
    } else if TIME_ZONE.contains(&key) {
        Field::TimeZone
    } else {
        Field::Variable(key.to_owned())
    }
}

fn word(field: &Field) -> String {
    match field {
        Field::Phone => "phone number".into(),
        Field::Name => "name".into(),
        Field::Language => "language".into(),
        Field::TimeZone => "time zone".into(),
        Field::Variable(name) => format!("variable {name}"),
        Field::Ignore => "ignored column".into(),
    }
}
