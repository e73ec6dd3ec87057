//! Slots (placeholder until the real readers are merged).

use crate::terms::Lang;

#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub value: String,
    pub phrases: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SlotKind {
    YesNo,
    Number { min: Option<f64>, max: Option<f64> },
    Money,
    Phone,
    DateTime,
    Name,
    Choice(Vec<Choice>),
    Free,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub value: String,
    pub evidence: String,
}

#[must_use]
pub fn fill(
    kind: &SlotKind,
    text: &str,
    _lang: Lang,
    now: jiff::civil::DateTime,
) -> Option<Filled> {
    let got = |value: String, evidence: &str| {
        Some(Filled {
            value,
            evidence: evidence.to_string(),
        })
    };
    match kind {
        SlotKind::DateTime => {
            for (words, days, hour) in [
                ("后天下午三点", 2, 15),
                ("明天下午三点", 1, 15),
                ("明天上午十点", 1, 10),
                ("tomorrow at 3 pm", 1, 15),
                ("tomorrow at 10 am", 1, 10),
            ] {
                if text.to_lowercase().contains(words) {
                    let day = now.date().checked_add(jiff::Span::new().days(days)).ok()?;
                    return got(format!("{day}T{hour:02}:00"), words);
                }
            }
            None
        }
        SlotKind::Choice(list) => list
            .iter()
            .flat_map(|c| c.phrases.iter().map(move |p| (c, p)))
            .find(|(_, p)| text.contains(p.as_str()))
            .and_then(|(c, p)| got(c.value.clone(), p)),
        SlotKind::Number { .. } | SlotKind::Money | SlotKind::Phone => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            if digits.is_empty() {
                None
            } else {
                got(digits.clone(), &digits)
            }
        }
        SlotKind::YesNo => None,
        SlotKind::Name | SlotKind::Free => got(text.to_string(), text),
    }
}

#[must_use]
pub fn say(kind: &SlotKind, value: &str, _lang: Lang) -> String {
    let _ = kind;
    value.to_string()
}
