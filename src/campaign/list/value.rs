//! What stands in a cell.

use crate::terms::Lang;

/// Characters a cell may have.
const CELL_CHARS: usize = 200;

/// What a formula that failed leaves in its cell.
const SPREADSHEET_ERRORS: &[&str] = &[
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!",
];

/// A cell's text without what spreadsheets and chat programs put around it.
pub(super) fn clean(raw: &str) -> Result<String, (String, String)> {
    if raw.chars().any(|c| c == '\u{0}') {
        return Err((
            "there is a NUL character in it".into(),
            "this is not plain text; export the list again as CSV".into(),
        ));
    }
    let text: String = raw.chars().filter(|c| !is_invisible(*c)).collect();
    let text = text.trim();
    // Our own export, and Excel's text cells.
    let text = text.strip_prefix('\'').unwrap_or(text).trim();
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err((
            format!(
                "there is a control character (U+{:04X}) in it",
                u32::from(c)
            ),
            "keep each cell to one line of plain text".into(),
        ));
    }
    if SPREADSHEET_ERRORS.contains(&text) {
        return Err((
            "the spreadsheet shows an error here".into(),
            "correct the formula, or put the value itself into the cell".into(),
        ));
    }
    let length = text.chars().count();
    if length > CELL_CHARS {
        return Err((
            format!("it has {length} characters; at most {CELL_CHARS} are taken"),
            "shorten it: it may be spoken in a call".into(),
        ));
    }
    Ok(text.to_owned())
}

/// Zero-width characters, direction marks and the byte-order mark: copied along unseen, and harmful in numbers.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Nothing in it that can be seen.
pub(super) fn is_blank(cell: &str) -> bool {
    cell.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

pub(super) fn language(value: &str) -> Result<Option<Lang>, (String, String)> {
    let key = value.to_lowercase();
    let key = key.split(['-', '_']).next().unwrap_or_default().trim();
    match key {
        "" => Ok(None),
        "zh" | "cn" | "中文" | "汉语" | "普通话" | "国语" | "chinese" | "mandarin" => {
            Ok(Some(Lang::Zh))
        }
        "en" | "英文" | "英语" | "english" => Ok(Some(Lang::En)),
        _ => Err((
            "this language is not known".into(),
            "use zh or en (中文, 英文), or leave it empty".into(),
        )),
    }
}

pub(super) fn time_zone(value: &str) -> Result<Option<String>, (String, String)> {
    if value.is_empty() {
        return Ok(None);
    }
    if crate::campaign::zones::named(value).is_none() {
        return Err((
            "this time zone is not known".into(),
            "use an IANA name such as Asia/Shanghai or America/Chicago".into(),
        ));
    }
    Ok(Some(value.to_owned()))
}

/// What an error message may show of a cell: the first 40 characters, digits past the third masked but the last two.
pub(super) fn masked(raw: &str) -> String {
    let short: Vec<char> = raw.chars().filter(|c| !c.is_control()).take(40).collect();
    let digits = short.iter().filter(|c| c.is_numeric()).count();
    let mut seen = 0;
    let mut out = String::new();
    for c in &short {
        if c.is_numeric() {
            seen += 1;
            let open = digits < 6 || seen <= 3 || seen + 2 > digits;
            out.push(if open { *c } else { '*' });
        } else {
            out.push(*c);
        }
    }
    if raw.chars().count() > 40 {
        out.push('…');
    }
    out
}
