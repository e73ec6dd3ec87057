//! English: which figure is what, told by its form and by the words beside it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::en_address;
use super::en_code::{announced, named_code, phone};
use super::en_date::{decade, is_year, iso, month_day, ordinal_end, slashes, time};
use super::en_number::{money, number, ordinal, year};
use super::scan::{
    self, Found, Number, before, digit, ends, ends_word, has, letter, starts_word, string,
};

/// Sign, one, many, cent, cents.
#[rustfmt::skip]
const CURRENCIES: &[(&str, &str, &str, &str, &str)] = &[
    ("US$", "dollar", "dollars", "cent", "cents"), ("$", "dollar", "dollars", "cent", "cents"),
    ("£", "pound", "pounds", "penny", "pence"), ("€", "euro", "euros", "cent", "cents"), ("¥", "yuan", "yuan", "", ""),
    ("￥", "yuan", "yuan", "", ""),
];

#[rustfmt::skip]
const SCALES: &[(&str, &str)] = &[
    (" trillion", "trillion"), (" billion", "billion"), (" million", "million"), (" thousand", "thousand"),
    ("bn", "billion"), ("B", "billion"), ("M", "million"), ("m", "million"), ("k", "thousand"), ("K", "thousand"),
];

/// Unit behind a number: written, one, many.
#[rustfmt::skip]
const UNITS: &[(&str, &str, &str)] = &[
    ("sq. ft.", "square foot", "square feet"), ("sq ft", "square foot", "square feet"),
    ("sqft", "square foot", "square feet"), ("ft²", "square foot", "square feet"),
    ("m²", "square meter", "square meters"), ("km", "kilometer", "kilometers"), ("kg", "kilogram", "kilograms"),
    ("cm", "centimeter", "centimeters"), ("mm", "millimeter", "millimeters"), ("lbs", "pound", "pounds"),
    ("lb", "pound", "pounds"), ("mph", "mile per hour", "miles per hour"), ("ft", "foot", "feet"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"), ("°C", "degree Celsius", "degrees Celsius"),
    ("°", "degree", "degrees"), ("hrs", "hour", "hours"), ("hr", "hour", "hours"), ("mins", "minute", "minutes"),
    ("min", "minute", "minutes"), ("GB", "gigabyte", "gigabytes"), ("MB", "megabyte", "megabytes"),
    ("kW", "kilowatt", "kilowatts"), ("oz", "ounce", "ounces"), ("yrs", "year", "years"), ("mi", "mile", "miles"),
];

/// Behind a slash: written, said.
#[rustfmt::skip]
const PER: &[(&str, &str)] = &[
    ("month", "month"), ("mo", "month"), ("week", "week"), ("wk", "week"), ("year", "year"), ("yr", "year"), ("day", "day"),
    ("hour", "hour"), ("hr", "hour"), ("person", "person"), ("visit", "visit"), ("unit", "unit"), ("room", "room"),
    ("sq ft", "square foot"), ("sqft", "square foot"), ("sq. ft", "square foot"), ("window", "window"),
];
/// Written, said; only where a point ends it and no letter goes before.
#[rustfmt::skip]
const SHORT_FORMS: &[(&str, &str)] = &[
    ("Mr.", "Mister"), ("Mrs.", "Missus"), ("Ms.", "Miz"), ("Dr.", "Doctor"), ("Prof.", "Professor"), ("vs.", "versus"),
    ("approx.", "approximately"), ("e.g.", "for example"), ("i.e.", "that is"), ("etc.", "et cetera"),
    ("Inc.", "Incorporated"), ("Ltd.", "Limited"), ("Co.", "Company"), ("Ave.", "Avenue"), ("Blvd.", "Boulevard"),
    ("Rd.", "Road"), ("Apt.", "apartment"), ("Dept.", "department"), ("dept.", "department"), ("ext.", "extension"),
    ("Mon.", "Monday"), ("Tues.", "Tuesday"), ("Tue.", "Tuesday"), ("Wed.", "Wednesday"), ("Thurs.", "Thursday"),
    ("Thu.", "Thursday"), ("Fri.", "Friday"), ("Sat.", "Saturday"), ("Sun.", "Sunday"),
];

pub(super) fn in_words(text: &[char]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        match en_address::short_form(text, at)
            .or_else(|| short_form(text, at))
            .or_else(|| month_day(text, at))
            .or_else(|| figure(text, at))
            .or_else(|| sign(text, at))
        {
            Some((words, next)) => {
                out.push_str(&words);
                at = next;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

fn short_form(text: &[char], at: usize) -> Found {
    if !starts_word(text, at) || !letter(text, at) {
        return None;
    }
    if has(text, at, "No. ") && digit(text, at + 4) {
        return Some(("number ".into(), at + 4));
    }
    if has(text, at, "24/7") {
        return None;
    }
    let (written, said) = SHORT_FORMS
        .iter()
        .find(|(written, _)| has(text, at, written))?;
    let end = at + written.len();
    // At the end of a sentence the point also ends the sentence.
    let last = text[end..].iter().all(|c| c.is_whitespace())
        && !matches!(*written, "Mr." | "Mrs." | "Ms." | "Dr.");
    Some((format!("{said}{}", if last { "." } else { "" }), end))
}

fn figure(text: &[char], at: usize) -> Found {
    for c in CURRENCIES {
        if has(text, at, c.0) && starts_word(text, at) {
            let from = at + c.0.chars().count();
            return price(text, from + usize::from(text.get(from) == Some(&' ')), c);
        }
    }
    if matches!(text[at], '+' | '(') {
        return phone(text, at);
    }
    if matches!(text[at], '-' | '−')
        && digit(text, at + 1)
        && before(text, at).is_none_or(|c| c.is_whitespace() || c == '(')
    {
        let (said, end) = figure(text, at + 1)?;
        return Some((format!("minus {said}"), end));
    }
    if !digit(text, at) || before(text, at).is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    iso(text, at)
        .or_else(|| phone(text, at))
        .or_else(|| slashes(text, at))
        .or_else(|| time(text, at))
        .or_else(|| named_code(text, at))
        .or_else(|| {
            let (n, end) = scan::number(text, at)?;
            amount(text, at, &n, end)
        })
}

/// A number with what stands behind it.
fn amount(text: &[char], at: usize, n: &Number, end: usize) -> Found {
    let value = n.value();
    if let (Some(value), Some(behind)) = (value, ordinal_end(text, end))
        && n.whole()
    {
        return Some((ordinal(value), behind));
    }
    if text.get(end) == Some(&'%') {
        return Some((format!("{} percent", number(n)), end + 1));
    }
    if has(text, end, " USD") || has(text, end, " dollars") && n.frac.len() == 2 {
        let skip = if has(text, end, " USD") { 4 } else { 8 };
        let dollars = if skip == 4 { "US dollars" } else { "dollars" };
        return Some((
            money(n, dollars.trim_end_matches('s'), dollars, "cent", "cents"),
            end + skip,
        ));
    }
    if let Some(plural) = decade(text, at, n, end) {
        return Some(plural);
    }
    if let Some(value) = value
        && n.whole()
        && !n.grouped
        && n.int.len() == 4
        && (1900..2100).contains(&value)
        && is_year(text, at, end)
    {
        return Some((year(value as u32), end));
    }
    if let Some(value) = value
        && n.whole()
        && !n.grouped
        && let Some(house) = en_address::house(text, value, end)
    {
        return Some((house, end));
    }
    if has(text, end, " 1/2") && n.whole() && !digit(text, end + 4) {
        return Some((format!("{} and a half", number(n)), end + 4));
    }
    let one = n.whole() && value == Some(1);
    let space = usize::from(text.get(end) == Some(&' '));
    let unit = UNITS.iter().find(|(mark, ..)| {
        has(text, end + space, mark) && ends_word(text, end + space + mark.chars().count())
    });
    if let Some((mark, single, many)) = unit {
        let name = if one { single } else { many };
        return Some((
            format!("{} {name}", number(n)),
            end + space + mark.chars().count(),
        ));
    }
    if text.get(end) == Some(&'x') && ends_word(text, end + 1) {
        return Some((format!("{} times", number(n)), end + 1));
    }
    if text.get(end) == Some(&'+') && !digit(text, end + 1) {
        return Some((format!("{} plus", number(n)), end + 1));
    }
    // The x of "2x4" becomes a word of its own.
    let glue = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_alphabetic() && *c != 'x');
    let space = |yes: bool| if yes { " " } else { "" };
    let (left, right) = (
        glue(at.checked_sub(1).and_then(|i| text.get(i))),
        glue(text.get(end)),
    );
    Some((format!("{}{}{}", space(left), number(n), space(right)), end))
}

fn price(text: &[char], at: usize, c: &(&str, &str, &str, &str, &str)) -> Found {
    let (n, end) = scan::number(text, at)?;
    let scale = SCALES
        .iter()
        .find(|(mark, _)| has(text, end, mark) && ends_word(text, end + mark.len()));
    if let Some((mark, name)) = scale {
        return Some((format!("{} {name} {}", number(&n), c.2), end + mark.len()));
    }
    // "a $500 deposit" is a five hundred dollar deposit.
    let sign = at - c.0.chars().count();
    let article = (ends(text, sign, "a ") || ends(text, sign, "A ")) && starts_word(text, sign - 2);
    let describes = article && has(text, end, " ") && letter(text, end + 1);
    if describes && n.whole() {
        return Some((format!("{} {}", number(&n), c.1), end));
    }
    Some((money(&n, c.1, c.2, c.3, c.4), end))
}

fn has_weekday(text: &[char], at: usize) -> bool {
    let days = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    days.iter().any(|day| has(text, at, day))
}

/// Signs between figures.
fn sign(text: &[char], at: usize) -> Found {
    let left =
        before(text, at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '%' | 'm' | 'M' | '.'));
    let right = digit(text, at + 1) || matches!(text.get(at + 1), Some('$' | '£' | '€'));
    let said = match text[at] {
        '-' | '–' | '—' | '~' if left && right => {
            let codes = announced(text, at, 4);
            if codes { ", " } else { " to " }
        }
        '-' | '–' if ends(text, at, "day") && has_weekday(text, at + 1) => " to ",
        '&' => {
            let tight = before(text, at).is_some_and(|c| c != ' ');
            if tight { " and " } else { "and" }
        }
        '@' => " at ",
        '#' if digit(text, at + 1) || letter(text, at + 1) => {
            let told = string(text, at.saturating_sub(8), at).to_lowercase();
            if told.trim_end().ends_with("number") {
                ""
            } else {
                "number "
            }
        }
        '/' => {
            let (mark, name) = PER.iter().find(|(mark, _)| {
                has(text, at + 1, mark) && ends_word(text, at + 1 + mark.len())
            })?;
            return Some((format!(" per {name}"), at + 1 + mark.len()));
        }
        '+' if left && right => " plus ",
        '+' if letter(text, at.wrapping_sub(1)) && ends_word(text, at + 1) => " plus",
        '×' => " by ",
        'x' if ends(text, at, " ") && has(text, at + 1, " ") && digit(text, at + 2) => "by",
        'x' if left && digit(text, at + 1) => " by ",
        '=' => " equals ",
        '.' if left && digit(text, at + 1) => " point ",
        ':' if before(text, at).is_some_and(|c| c.is_ascii_digit()) && digit(text, at + 1) => {
            " to "
        }
        _ => return None,
    };
    Some((said.to_owned(), at + 1))
}
