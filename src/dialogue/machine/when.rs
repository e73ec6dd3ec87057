//! Whether a condition holds here and now.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::lines::value;
use crate::dialogue::plan::{Order, Test, When};
use std::cmp::Ordering;

impl Machine {
    /// Everything the condition asks for is so.
    pub(super) fn holds(&self, w: &When) -> bool {
        let m = &self.memory;
        let before = |name: &String| self.lead.contact.contains(name);
        let tagged = |name: &String| m.tags.contains(name) || before(name);
        w.all.iter().all(|r| tagged(&r.name))
            && (w.any.is_empty() || w.any.iter().any(|r| tagged(&r.name)))
            && !w.none.iter().any(|r| tagged(&r.name))
            && w.contact.iter().all(|r| before(&r.name))
            && !w.contact_none.iter().any(|r| before(&r.name))
            && w.slots.iter().all(|r| m.slots.contains_key(&r.name))
            && w.steps.iter().all(|r| m.steps.contains(&r.name))
            && w.turns_at_least.is_none_or(|n| m.turns >= n)
            && w.turns_at_most.is_none_or(|n| m.turns <= n)
            && w.lang.is_none_or(|l| l == self.lang)
            && w.upset.is_none_or(|u| u == m.tags.contains("upset"))
            && w.lead.iter().all(|(r, test)| {
                let given = value(&self.plan, &self.lead, self.lang, &r.name);
                passes(given.as_deref(), test)
            })
            && w.values.iter().all(|(r, test)| {
                let kept = m.slots.get(&r.name).map(|k| k.value.as_str());
                passes(kept, test)
            })
    }
}

/// An empty value counts as absent.
fn passes(value: Option<&str>, test: &Test) -> bool {
    let value = value.map(str::trim).filter(|v| !v.is_empty());
    let same = |v: &str, w: &String| v.to_lowercase() == w.trim().to_lowercase();
    match test {
        Test::Present => value.is_some(),
        Test::Absent => value.is_none(),
        Test::OneOf(list) => value.is_some_and(|v| list.iter().any(|w| same(v, w))),
        Test::NoneOf(list) => !value.is_some_and(|v| list.iter().any(|w| same(v, w))),
        Test::Compare(order, bound) => {
            let Some(found) = value.and_then(|v| compared(v, bound.trim())) else {
                return false;
            };
            match order {
                Order::Less => found.is_lt(),
                Order::AtMost => found.is_le(),
                Order::AtLeast => found.is_ge(),
                Order::More => found.is_gt(),
            }
        }
    }
}

/// Numbers by value (thousands commas and currency signs allowed), dates as `2026-11-23` by time; others do not compare.
fn compared(a: &str, b: &str) -> Option<Ordering> {
    let number = |s: &str| -> Option<f64> {
        let plain: String = s
            .chars()
            .filter(|c| !matches!(c, ',' | '¥' | '￥' | '$' | '£' | '€' | '元' | ' '))
            .collect();
        plain.parse().ok().filter(|n: &f64| n.is_finite())
    };
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a.partial_cmp(&b);
    }
    let date = |s: &str| {
        s.get(..10)
            .and_then(|d| d.parse::<jiff::civil::Date>().ok())
    };
    let (day_a, day_b) = (date(a)?, date(b)?);
    Some(match (a.get(10..), b.get(10..)) {
        (Some(x), Some(y)) if !x.is_empty() && !y.is_empty() => (day_a, x).cmp(&(day_b, y)),
        _ => day_a.cmp(&day_b),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_what_they_are() {
        let more = |v, b: &str| passes(Some(v), &Test::Compare(Order::More, b.into()));
        assert!(more("10,000", "9000"));
        assert!(more("¥1200.5", "1200"));
        assert!(!more("gold", "9"), "words have no order");
        assert!(more("2026-11-23", "2026-11-21T10:00"));
        assert!(more("2026-11-23T15:00", "2026-11-23T09:30"));
        let none = |v| passes(v, &Test::NoneOf(vec!["EN".into()]));
        assert!(none(None) && none(Some("zh")) && !none(Some(" en ")));
        assert!(passes(Some("  "), &Test::Absent));
    }
}
