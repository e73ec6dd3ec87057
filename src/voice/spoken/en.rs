//! English: which figure is what, told by its form and by the words beside it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::en_number::{
    Half, MONTHS, cardinal, clock, code, date, digits, money, number, ordinal, time_of_day, year,
};
use super::scan::{self, Date, Number, digit, digits_end, has, letter, string};

/// Digits behind these are a name, not an amount; at least this many of them.
const CODE_WORDS: &[(&str, usize)] = &[
    ("number", 3),
    ("order", 4),
    ("code", 3),
    ("id", 3),
    ("account", 3),
    ("extension", 2),
    ("ext", 2),
    ("reference", 3),
    ("ref", 3),
    ("confirmation", 3),
    ("pin", 3),
    ("ending in", 2),
    ("flight", 2),
    ("room", 3),
    ("invoice", 3),
    ("case", 3),
    ("ticket", 3),
    ("zip", 5),
    ("dial", 3),
    ("call", 3),
    ("policy", 4),
    ("suite", 3),
    ("apartment", 3),
    ("unit", 3),
    ("phone", 3),
    ("passcode", 3),
    ("no", 3),
    ("tracking", 4),
    ("apt", 3),
];
/// What may stand between such a word and its digits.
const FILLERS: &[&str] = &[
    "is",
    "number",
    "at",
    "no",
    "code",
    "id",
    "was",
    "us at",
    "on",
    "ending in",
];
const YEAR_WORDS: &[&str] = &[
    "in", "since", "of", "by", "from", "until", "till", "year", "to", "before", "after", "during",
    "and", "early", "late",
];
/// Sign, one, many, cent, cents.
const CURRENCIES: &[(&str, &str, &str, &str, &str)] = &[
    ("US$", "dollar", "dollars", "cent", "cents"),
    ("$", "dollar", "dollars", "cent", "cents"),
    ("£", "pound", "pounds", "penny", "pence"),
    ("€", "euro", "euros", "cent", "cents"),
    ("¥", "yuan", "yuan", "", ""),
    ("￥", "yuan", "yuan", "", ""),
];
const SCALES: &[(&str, &str)] = &[
    (" trillion", "trillion"),
    (" billion", "billion"),
    (" million", "million"),
    (" thousand", "thousand"),
    ("bn", "billion"),
    ("B", "billion"),
    ("M", "million"),
    ("m", "million"),
    ("k", "thousand"),
    ("K", "thousand"),
];
/// Unit behind a number: written, one, many.
const UNITS: &[(&str, &str, &str)] = &[
    ("sq. ft.", "square foot", "square feet"),
    ("sq ft", "square foot", "square feet"),
    ("sqft", "square foot", "square feet"),
    ("ft²", "square foot", "square feet"),
    ("m²", "square meter", "square meters"),
    ("km", "kilometer", "kilometers"),
    ("kg", "kilogram", "kilograms"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("lbs", "pound", "pounds"),
    ("lb", "pound", "pounds"),
    ("mph", "mile per hour", "miles per hour"),
    ("ft", "foot", "feet"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
    ("°C", "degree Celsius", "degrees Celsius"),
    ("°", "degree", "degrees"),
    ("hrs", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("mins", "minute", "minutes"),
    ("min", "minute", "minutes"),
    ("GB", "gigabyte", "gigabytes"),
    ("MB", "megabyte", "megabytes"),
    ("kW", "kilowatt", "kilowatts"),
    ("oz", "ounce", "ounces"),
    ("yrs", "year", "years"),
    ("mi", "mile", "miles"),
];
/// Written, said; only where a point ends it and no letter goes before.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("Mr.", "Mister"),
    ("Mrs.", "Missus"),
    ("Ms.", "Miz"),
    ("Dr.", "Doctor"),
    ("Prof.", "Professor"),
    ("vs.", "versus"),
    ("approx.", "approximately"),
    ("e.g.", "for example"),
    ("i.e.", "that is"),
    ("etc.", "et cetera"),
    ("Inc.", "Incorporated"),
    ("Ltd.", "Limited"),
    ("Co.", "Company"),
    ("Ave.", "Avenue"),
    ("Blvd.", "Boulevard"),
    ("Rd.", "Road"),
    ("Apt.", "apartment"),
    ("Dept.", "department"),
    ("dept.", "department"),
    ("ext.", "extension"),
];

pub(super) fn in_words(text: &[char]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        match short_form(text, at)
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

type Found = Option<(String, usize)>;

fn before(text: &[char], at: usize) -> Option<char> {
    at.checked_sub(1).map(|i| text[i])
}

fn starts_word(text: &[char], at: usize) -> bool {
    !before(text, at).is_some_and(|c| c.is_alphanumeric())
}

fn ends_word(text: &[char], at: usize) -> bool {
    !text.get(at).is_some_and(|c| c.is_alphanumeric())
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

/// `Nov. 23rd, 2026`, `November 23`, `23 November 2026`.
fn month_day(text: &[char], at: usize) -> Found {
    if !starts_word(text, at) {
        return None;
    }
    if digit(text, at) {
        let (day, i) = scan::small(text, at, 2)?;
        let i = ordinal_end(text, i).unwrap_or(i);
        let i = i + usize::from(has(text, i, " of")) * 3;
        if text.get(i) != Some(&' ') || !(1..=31).contains(&day) {
            return None;
        }
        let (month, end) = month(text, i + 1)?;
        let (tail, end) = year_behind(text, end);
        return Some((
            format!("{} of {}{tail}", ordinal(day.into()), MONTHS[month]),
            end,
        ));
    }
    let (month, i) = month(text, at)?;
    if text.get(i) != Some(&' ') {
        return None;
    }
    let (day, end) = scan::small(text, i + 1, 2).filter(|(day, _)| (1..=31).contains(day))?;
    if matches!(text.get(end), Some(':' | '%'))
        || text.get(end) == Some(&'.') && digit(text, end + 1)
    {
        return None;
    }
    let end = ordinal_end(text, end).unwrap_or(end);
    if !ends_word(text, end) {
        return None;
    }
    let (tail, end) = year_behind(text, end);
    Some((
        format!("{} {}{tail}", MONTHS[month], ordinal(day.into())),
        end,
    ))
}

/// A month's name or its short form, and the position behind it.
fn month(text: &[char], at: usize) -> Option<(usize, usize)> {
    MONTHS.iter().enumerate().find_map(|(i, name)| {
        if has(text, at, name) && ends_word(text, at + name.len()) {
            return Some((i, at + name.len()));
        }
        let n = if *name == "September" && has(text, at, "Sept") {
            4
        } else {
            3
        };
        if !has(text, at, &name[..n]) || !ends_word(text, at + n) {
            return None;
        }
        Some((i, at + n + usize::from(text.get(at + n) == Some(&'.'))))
    })
}

fn year_behind(text: &[char], at: usize) -> (String, usize) {
    let from = at + usize::from(text.get(at) == Some(&','));
    if text.get(from) == Some(&' ')
        && let Some((value, end)) = scan::small(text, from + 1, 4)
        && (1500..2200).contains(&value)
        && ends_word(text, end)
    {
        return (format!(", {}", year(value)), end);
    }
    (String::new(), at)
}

/// Behind `st`, `nd`, `rd` or `th`.
fn ordinal_end(text: &[char], at: usize) -> Option<usize> {
    let found = ["st", "nd", "rd", "th"].iter().any(|s| has(text, at, s));
    (found && ends_word(text, at + 2)).then_some(at + 2)
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

fn iso(text: &[char], at: usize) -> Found {
    let (d, end) = scan::date(text, at)?;
    match scan::iso_time(text, end) {
        // A time of day means an appointment, soon enough to need no year.
        Some(((hour, minute), end)) => Some((
            format!("{} at {}", date(d, false), time_of_day(hour, minute)),
            end,
        )),
        None => Some((date(d, true), end)),
    }
}

/// Written in groups with hyphens, spaces, points or brackets: 7 digits, or 10 and more.
fn phone(text: &[char], at: usize) -> Found {
    let plus = usize::from(text[at] == '+');
    let open = usize::from(text.get(at + plus) == Some(&'('));
    let (groups, end) = scan::groups(text, at + plus + open);
    if groups.is_empty() || letter(text, end) {
        return None;
    }
    let sizes: Vec<usize> = groups.iter().map(String::len).collect();
    let known = matches!(
        sizes[..],
        [3, 4] | [3, 3, 4] | [1, 3, 3, 4] | [1 | 2, 3, 4, 4] | [5, 6] | [4, 3, 4] | [3, 4, 4]
    );
    let solid = sizes.len() == 1 && matches!(sizes[0], 10 | 11);
    let international = plus == 1 && sizes.iter().sum::<usize>() >= 8;
    // "300 4000" is two numbers; a hyphen, a point or a bracket makes it one.
    let joined = string(text, at, end).contains(['-', '.', '(', '+']) || sizes.len() > 2;
    if !(known && joined || solid && open == 0 || international) {
        return None;
    }
    let said: Vec<String> = groups.iter().map(|g| code(g)).collect();
    let said = said.join(", ");
    Some((
        if plus == 1 {
            format!("plus {said}")
        } else {
            said
        },
        end,
    ))
}

/// `11/23/2026`, `11/23`, `1/2`, `24/7`.
fn slashes(text: &[char], at: usize) -> Found {
    let (a, i) = scan::small(text, at, 2)?;
    if text.get(i) != Some(&'/') {
        return None;
    }
    let (b, end) = scan::small(text, i + 1, 2)?;
    if text.get(end) == Some(&'/')
        && let Some((mut y, end)) = scan::small(text, end + 1, 4)
    {
        if y < 100 {
            y += 2000;
        }
        let d = Date {
            year: y,
            month: a,
            day: b,
        };
        return scan::valid(y, a, b).then(|| (date(d, true), end));
    }
    if (a, b) == (24, 7) {
        return Some(("twenty-four seven".into(), end));
    }
    if a < b && (b <= 10 || matches!(b, 16 | 100)) {
        return Some((fraction(a, b), end));
    }
    if scan::valid(2000, a, b) {
        return Some((
            date(
                Date {
                    year: 2000,
                    month: a,
                    day: b,
                },
                false,
            ),
            end,
        ));
    }
    Some((
        format!("{} over {}", cardinal(a.into()), cardinal(b.into())),
        end,
    ))
}

fn fraction(a: u32, b: u32) -> String {
    let bottom = match b {
        2 => "half".into(),
        4 => "quarter".into(),
        _ => ordinal(b.into()),
    };
    let many = if a == 1 { "" } else { "s" };
    format!("{} {bottom}{many}", cardinal(a.into()))
}

/// `3:30 pm`, `3pm`, `15:00`, `10:00`.
fn time(text: &[char], at: usize) -> Found {
    if let Some(((hour, minute), end)) = scan::clock(text, at) {
        let (half, end) = half(text, end);
        let said = match half {
            Half::Unsaid if hour >= 13 || text[at] == '0' => time_of_day(hour, minute),
            half => clock(hour, minute, half),
        };
        // "3:30 o'clock" does not occur, "10:00 o'clock" does.
        let end = if half == Half::Unsaid && has(text, end, " o'clock") {
            end + 8
        } else {
            end
        };
        return Some((said, end));
    }
    let (hour, i) = scan::small(text, at, 2).filter(|(h, _)| (1..=12).contains(h))?;
    let (found, end) = half(text, i);
    if found != Half::Unsaid {
        return Some((clock(hour, 0, found), end));
    }
    // "9-5pm", "2 to 4 pm": the first of a range has no half of its own.
    None
}

fn half(text: &[char], at: usize) -> (Half, usize) {
    let from = at + usize::from(text.get(at) == Some(&' '));
    for (half, forms) in [
        (Half::Am, ["a.m.", "am", "AM", "a.m"]),
        (Half::Pm, ["p.m.", "pm", "PM", "p.m"]),
    ] {
        for form in forms {
            let end = from + form.len();
            if has(text, from, form) && ends_word(text, end) {
                // The last point may also be the sentence's.
                let last = form.ends_with('.') && text[end..].iter().all(|c| c.is_whitespace());
                return (half, end - usize::from(last));
            }
        }
    }
    (Half::Unsaid, at)
}

fn named_code(text: &[char], at: usize) -> Found {
    let end = digits_end(text, at);
    let run = string(text, at, end);
    let decimal = text.get(end) == Some(&'.') && digit(text, end + 1);
    let grouped =
        text.get(end) == Some(&',') && digits_end(text, end + 1) == end + 4 && run.len() <= 3;
    if decimal || grouped || matches!(text.get(end), Some('%')) || ordinal_end(text, end).is_some()
    {
        return None;
    }
    let hash = before(text, at) == Some('#');
    let glued = run.len() >= 3 && before(text, at).is_some_and(|c| c.is_ascii_alphabetic());
    let zeros = run.len() > 1 && run.starts_with('0');
    let emergency = matches!(run.as_str(), "911" | "988" | "311" | "411");
    let named = announced(text, at, run.len());
    if run.len() >= 9 || glued || zeros || hash && run.len() > 2 || emergency && named {
        let gap = if glued { " " } else { "" };
        return Some((format!("{gap}{}", code(&run)), end));
    }
    // "call 500 customers", "order 2000 tiles": a plain word behind makes it an amount.
    let counted = text.get(end) == Some(&' ')
        && letter(text, end + 1)
        && ![
            "to", "for", "or", "and", "is", "has", "on", "at", "now", "if", "was", "in", "with",
            "when", "will", "please",
        ]
        .iter()
        .any(|w| has(text, end + 1, w) && ends_word(text, end + 1 + w.len()));
    (named && !counted).then(|| (code(&run), end))
}

fn announced(text: &[char], at: usize, length: usize) -> bool {
    // A code may begin with letters or continue behind a hyphen.
    let mut i = at;
    while i > 0 && (text[i - 1].is_ascii_alphanumeric() || matches!(text[i - 1], '-' | '#')) {
        i -= 1;
    }
    let mut head: String = string(text, i.saturating_sub(40), i).to_lowercase();
    for _ in 0..3 {
        head = head.trim_end_matches([' ', ':', '.']).to_owned();
        let at_end = |w: &str| {
            head.strip_suffix(w)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
        };
        if CODE_WORDS
            .iter()
            .any(|(w, least)| length >= *least && at_end(w))
        {
            return true;
        }
        let Some(filler) = FILLERS.iter().find(|f| at_end(f)) else {
            return false;
        };
        head.truncate(head.len() - filler.len());
    }
    false
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

/// `1990s`, `90s`.
fn decade(text: &[char], at: usize, n: &Number, end: usize) -> Found {
    let from = end + usize::from(matches!(text.get(end), Some('\'' | '’')));
    if text.get(from) != Some(&'s')
        || !ends_word(text, from + 1)
        || !n.whole()
        || !n.int.ends_with('0')
        || !starts_word(text, at)
    {
        return None;
    }
    let said = match n.int.len() {
        4 => year(n.int.parse().ok()?),
        2 => cardinal(n.int.parse().ok()?),
        _ => return None,
    };
    let plural = match said.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{said}s"),
    };
    Some((plural, from + 1))
}

fn is_year(text: &[char], at: usize, end: usize) -> bool {
    let head = string(text, at.saturating_sub(12), at).to_lowercase();
    let word = head
        .trim_end()
        .rsplit(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("")
        .to_owned();
    let month = MONTHS.iter().any(|m| m.to_lowercase() == word);
    let range =
        matches!(before(text, at), Some('-' | '–')) || matches!(text.get(end), Some('-' | '–'));
    // "in 2000 homes" counts; "in 2019 we" does not.
    (YEAR_WORDS.contains(&word.as_str()) || month || range) && !counts_things(text, end)
}

fn counts_things(text: &[char], end: usize) -> bool {
    [
        "people",
        "homes",
        "houses",
        "customers",
        "families",
        "dollars",
        "square",
        "sq",
        "miles",
        "feet",
        "hours",
        "times",
        "units",
    ]
    .iter()
    .any(|w| has(text, end, &format!(" {w}")))
}

fn price(text: &[char], at: usize, c: &(&str, &str, &str, &str, &str)) -> Found {
    let (n, end) = scan::number(text, at)?;
    let scale = SCALES
        .iter()
        .find(|(mark, _)| has(text, end, mark) && ends_word(text, end + mark.len()));
    if let Some((mark, name)) = scale {
        return Some((format!("{} {name} {}", number(&n), c.2), end + mark.len()));
    }
    // In "$5-10" and "$5 to $10" the unit is said with the last.
    Some((money(&n, c.1, c.2, c.3, c.4), end))
}

/// Signs between figures.
fn sign(text: &[char], at: usize) -> Found {
    let left = before(text, at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '%' | 'm' | 'M'));
    let right = digit(text, at + 1) || matches!(text.get(at + 1), Some('$' | '£' | '€'));
    let said = match text[at] {
        '-' | '–' | '—' | '~' if left && right => {
            let codes = announced(text, at, 4);
            if codes { ", " } else { " to " }
        }
        '&' => {
            let tight = before(text, at).is_some_and(|c| c != ' ');
            if tight { " and " } else { "and" }
        }
        '@' => " at ",
        '#' if digit(text, at + 1) => {
            let told = string(text, at.saturating_sub(8), at).to_lowercase();
            if told.trim_end().ends_with("number") {
                ""
            } else {
                "number "
            }
        }
        '/' if [
            "month", "mo", "week", "year", "day", "hour", "hr", "person", "sq", "visit", "unit",
        ]
        .iter()
        .any(|w| has(text, at + 1, w)) =>
        {
            let short = has(text, at + 1, "mo") && ends_word(text, at + 3);
            return Some(if short {
                (" per month".into(), at + 3)
            } else {
                (" per ".into(), at + 1)
            });
        }
        '+' if left && right => " plus ",
        '×' => " by ",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_digits_have_a_name() {
        assert_eq!(digits("0912"), "zero nine one two");
    }
}
