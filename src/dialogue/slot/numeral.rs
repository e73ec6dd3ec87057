//! Number words. Mandarin: 一百二十, 两千五, 3万5, 十几万, 七八十. English: two thousand five hundred, fifteen hundred, half a
//! million, 5k.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::intent::text::Token;
use crate::terms::Lang;

/// A number word that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numeral {
    pub value: f64,
    /// One past its last token.
    pub end: usize,
    /// Its largest multiplier (万 is 10,000), for ranges such as 三到五万.
    pub scale: f64,
}

/// The number that begins at token `at`.
#[must_use]
pub fn at(tokens: &[Token], at: usize, lang: Lang) -> Option<Numeral> {
    match lang {
        Lang::Zh => zh(tokens, at, true),
        Lang::En => en(tokens, at),
    }
}

/// The value of one Han digit; 两, 俩 and 幺 included.
#[must_use]
pub fn zh_digit(token: &Token) -> Option<u32> {
    Some(match token.han()? {
        '零' | '〇' => 0,
        '一' | '幺' => 1,
        '二' | '两' | '俩' => 2,
        '三' | '仨' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// Mandarin. `point`: 三点五 is 3.5 (not wanted where 三点 is an hour).
#[must_use]
pub fn zh(tokens: &[Token], at: usize, point: bool) -> Option<Numeral> {
    let mut i = at;
    let (mut total, mut section, mut digit) = (0f64, 0f64, None::<f64>);
    let (mut unit, mut scale) = (1f64, 1f64);
    let mut from_digits = false;
    while let Some(token) = tokens.get(i) {
        if let Some((value, factor)) = latin(token) {
            if digit.is_some() {
                break;
            }
            digit = Some(value * factor);
            scale = scale.max(factor);
            from_digits = true;
        } else if let Some(d) = zh_digit(token) {
            let d = f64::from(d);
            match digit {
                None if d == 0.0 && unit > 1.0 => unit = 1.0,
                None => digit = Some(d),
                Some(_) if from_digits => break,
                // 三四 before a unit or a noun: about three. 二零二六: digit by digit.
                Some(before)
                    if (1.0..9.0).contains(&before)
                        && d == before + 1.0
                        && !has_digit(tokens, i + 1) => {}
                Some(before) => digit = Some(before * 10.0 + d),
            }
        } else {
            let Some(c) = token.han() else { break };
            match c {
                '十' | '百' | '千' => {
                    let size = match c {
                        '十' => 10.0,
                        '百' => 100.0,
                        _ => 1000.0,
                    };
                    let times = match digit.take() {
                        Some(d) => d,
                        None if size == 10.0 => 1.0,
                        None => break,
                    };
                    section += times * size;
                    (unit, scale) = (size, scale.max(size));
                }
                '万' | '亿' => {
                    let size = if c == '万' { 1e4 } else { 1e8 };
                    section += digit.take().unwrap_or(0.0);
                    if section + total == 0.0 {
                        break;
                    }
                    total = if c == '亿' {
                        (total + section) * size
                    } else {
                        total + section * size
                    };
                    section = 0.0;
                    (unit, scale) = (size, scale.max(size));
                }
                // 一百多, 十来万, 十几: about.
                '多' | '来' | '几' | '把' if unit > 1.0 && digit.is_none() => {}
                '点' if point
                    && digit.is_some()
                    && tokens.get(i + 1).is_some_and(|t| zh_digit(t).is_some()) =>
                {
                    let mut value = digit.take().unwrap_or(0.0);
                    let mut place = 0.1;
                    while let Some(d) = tokens.get(i + 1).and_then(zh_digit) {
                        value += f64::from(d) * place;
                        place /= 10.0;
                        i += 1;
                    }
                    digit = Some((value * 1e6).round() / 1e6);
                }
                _ => break,
            }
        }
        i += 1;
    }
    if i == at || (digit.is_none() && section == 0.0 && total == 0.0) {
        return None;
    }
    let rest = match digit {
        // 两千五 is 2,500; 两千零五 is 2,005; 十五 is 15.
        Some(d) if unit >= 100.0 && d < 10.0 => d * unit / 10.0,
        Some(d) => d,
        None => 0.0,
    };
    Some(Numeral {
        value: total + section + rest,
        end: i,
        scale,
    })
}

fn has_digit(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|t| zh_digit(t).is_some() || latin(t).is_some())
}

/// `35`, `3.5`, `5k`, `3w`: the number and what its letter multiplies it with.
fn latin(token: &Token) -> Option<(f64, f64)> {
    let form = token.form.as_str();
    if !form.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (number, factor) = match form.char_indices().last()? {
        (i, 'k') => (&form[..i], 1e3),
        (i, 'w') => (&form[..i], 1e4),
        (i, 'm') => (&form[..i], 1e6),
        _ => (form, 1.0),
    };
    Some((number.parse().ok()?, factor))
}

/// English words below twenty.
const SMALL: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// 0–99 in words (`twenty five`) or digits, with its end.
#[must_use]
pub fn en_small(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let form = tokens.get(at)?.form.as_str();
    if let Ok(n) = form.parse::<u32>() {
        return (n < 100).then_some((n, at + 1));
    }
    if let Some(n) = SMALL.iter().position(|w| *w == form) {
        return Some((n as u32, at + 1));
    }
    let tens = TENS
        .iter()
        .position(|w| *w == form)
        .or_else(|| (form == "fourty").then_some(2))?;
    let tens = tens as u32 * 10 + 20;
    match tokens
        .get(at + 1)
        .and_then(|t| SMALL.iter().position(|w| *w == t.form))
    {
        Some(unit @ 1..=9) => Some((tens + unit as u32, at + 2)),
        _ => Some((tens, at + 1)),
    }
}

fn en(tokens: &[Token], at: usize) -> Option<Numeral> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    let mut i = at;
    let (mut total, mut section, mut scale) = (0f64, None::<f64>, 1f64);
    loop {
        if let Some((value, factor)) = tokens.get(i).and_then(latin) {
            if section.is_some() {
                break;
            }
            section = Some(value * factor);
            scale = scale.max(factor);
            i += 1;
        } else if let Some((n, end)) = en_small(tokens, i) {
            section = Some(match section {
                None => f64::from(n),
                // two fifty
                Some(s) if s < 10.0 && n >= 10 && s >= 1.0 && total == 0.0 => {
                    s * 100.0 + f64::from(n)
                }
                Some(s) if s % 100.0 == 0.0 && s > 0.0 => s + f64::from(n),
                Some(_) => break,
            });
            i = end;
        } else if let Some(size) = match word(i) {
            "hundred" | "hundreds" => Some(100.0),
            "thousand" | "grand" | "k" | "thousands" => Some(1e3),
            "million" | "millions" => Some(1e6),
            "dozen" => Some(12.0),
            _ => None,
        } {
            let Some(times) = section else { break };
            if size == 100.0 {
                section = Some(times * size);
            } else {
                total += times * size;
                section = None;
            }
            scale = scale.max(size);
            i += 1;
        } else if i == at
            && word(i) == "a"
            && matches!(
                word(i + 1),
                "hundred" | "thousand" | "million" | "dozen" | "grand"
            )
        {
            section = Some(1.0);
            i += 1;
        } else if i == at && word(i) == "a" && word(i + 1) == "couple" {
            section = Some(2.0);
            i += if word(i + 2) == "of" { 3 } else { 2 };
        } else if i == at && word(i) == "half" && word(i + 1) == "a" {
            section = Some(0.5);
            i += 2;
        } else if word(i) == "and" && i > at {
            if (word(i + 1), word(i + 2)) == ("a", "half") {
                section = Some(section.unwrap_or(0.0) + 0.5);
                i += 3;
            } else if scale >= 100.0 && en_small(tokens, i + 1).is_some() {
                i += 1;
            } else {
                break;
            }
        } else if word(i) == "point"
            && section.is_some()
            && en_small(tokens, i + 1).is_some_and(|(n, _)| n < 10)
        {
            let (n, end) = en_small(tokens, i + 1)?;
            section = section.map(|s| s + f64::from(n) / 10.0);
            i = end;
        } else {
            break;
        }
    }
    (total > 0.0 || section.is_some()).then(|| Numeral {
        value: total + section.unwrap_or(0.0),
        end: i,
        scale,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::intent::text;

    fn value(s: &str, lang: Lang) -> Option<f64> {
        let tokens = text::tokens(s, lang);
        at(&tokens, 0, lang).map(|n| n.value)
    }

    #[test]
    fn mandarin_number_words_have_their_value() {
        let table = [
            ("一百二十", 120.0),
            ("两千五", 2500.0),
            ("3万", 30000.0),
            ("3万5", 35000.0),
            ("三千五百块", 3500.0),
            ("一百来平", 100.0),
            ("十五", 15.0),
            ("二十", 20.0),
            ("一千零五", 1005.0),
            ("一万零五百", 10500.0),
            ("十几万", 100_000.0),
            ("七八十", 70.0),
            ("两三千", 2000.0),
            ("二零二六", 2026.0),
            ("三点五", 3.5),
            ("一百二", 120.0),
            ("两亿三千万", 230_000_000.0),
            ("5w", 50000.0),
            ("3.5万", 35000.0),
            ("二十五六", 25.0),
            ("一百零八", 108.0),
            ("3万5000", 35000.0),
        ];
        for (s, want) in table {
            assert_eq!(value(s, Lang::Zh), Some(want), "{s}");
        }
        assert_eq!(value("千万别", Lang::Zh), None);
    }

    #[test]
    fn english_number_words_have_their_value() {
        let table = [
            ("five thousand", 5000.0),
            ("5k", 5000.0),
            ("two thousand five hundred", 2500.0),
            ("fifteen hundred", 1500.0),
            ("a hundred and twenty", 120.0),
            ("half a million", 500_000.0),
            ("ten grand", 10000.0),
            ("a couple thousand", 2000.0),
            ("twenty five", 25.0),
            ("two fifty", 250.0),
            ("three and a half", 3.5),
            ("one hundred twenty thousand", 120_000.0),
            ("two and a half thousand", 2500.0),
            ("three point five", 3.5),
            ("a dozen", 12.0),
        ];
        for (s, want) in table {
            assert_eq!(value(s, Lang::En), Some(want), "{s}");
        }
        assert_eq!(value("a house", Lang::En), None);
    }
}
