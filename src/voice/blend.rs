//! A voice mixed from others: `0.6*zf_xiaobei+0.4*af_heart`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// Weights are kept in thousandths, so that equal blends compare and print equal.
const WHOLE: u32 = 1000;
/// Weights that were rounded by hand may miss one by this much.
const SLACK: u32 = 10;

/// Voices with their shares. A lone voice is a blend of itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blend {
    /// Largest share first, then by name; shares in thousandths.
    parts: Vec<(String, u32)>,
}

/// Why a formula is none. The message quotes the formula.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BlendError {
    #[error("{formula:?}: {part:?} is not WEIGHT*VOICE; write it like 0.6*zf_xiaobei+0.4*af_heart")]
    BadPart { formula: String, part: String },
    #[error("{formula:?}: the weights add up to {sum}, not to 1")]
    BadSum { formula: String, sum: f32 },
}

impl Blend {
    /// One voice alone.
    #[must_use]
    pub fn of(voice: &str) -> Blend {
        Blend {
            parts: vec![(voice.to_owned(), WHOLE)],
        }
    }

    /// Reads a voice's name or a formula. Whether the voices exist is not asked here.
    pub fn parse(formula: &str) -> Result<Blend, BlendError> {
        if is_name(formula.trim()) {
            return Ok(Blend::of(formula.trim()));
        }
        let mut shares: BTreeMap<String, u32> = BTreeMap::new();
        for part in formula.split('+') {
            let read = part.split_once('*').and_then(|(weight, voice)| {
                let (weight, voice) = (weight.trim().parse::<f32>().ok()?, voice.trim());
                let good = weight > 0.0 && weight <= 1.0 && is_name(voice);
                good.then(|| ((weight * WHOLE as f32).round() as u32, voice.to_owned()))
            });
            let Some((share, voice)) = read else {
                return Err(BlendError::BadPart {
                    formula: formula.into(),
                    part: part.trim().into(),
                });
            };
            *shares.entry(voice).or_default() += share;
        }
        let sum: u32 = shares.values().sum();
        if sum.abs_diff(WHOLE) > SLACK {
            return Err(BlendError::BadSum {
                formula: formula.into(),
                sum: sum as f32 / WHOLE as f32,
            });
        }
        Ok(Blend::sorted(shares))
    }

    /// The voices and their shares, which add up to 1.
    pub fn parts(&self) -> impl Iterator<Item = (&str, f32)> {
        let sum: u32 = self.parts.iter().map(|(_, share)| share).sum();
        self.parts
            .iter()
            .map(move |(voice, share)| (voice.as_str(), *share as f32 / sum.max(1) as f32))
    }

    /// The blend with every voice replaced by what `meaning` gives for it; the first refusal ends it.
    pub fn resolve<E>(&self, meaning: impl Fn(&str) -> Result<Blend, E>) -> Result<Blend, E> {
        if let [(voice, _)] = self.parts.as_slice() {
            return meaning(voice);
        }
        let mut shares: BTreeMap<String, u32> = BTreeMap::new();
        for (voice, share) in &self.parts {
            for (inner, part) in meaning(voice)?.parts() {
                *shares.entry(inner.to_owned()).or_default() +=
                    (part * *share as f32).round() as u32;
            }
        }
        Ok(Blend::sorted(shares))
    }

    fn sorted(shares: BTreeMap<String, u32>) -> Blend {
        let mut parts: Vec<(String, u32)> = shares.into_iter().filter(|(_, s)| *s > 0).collect();
        parts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Blend { parts }
    }
}

impl fmt::Display for Blend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(voice, _)] = self.parts.as_slice() {
            return f.write_str(voice);
        }
        for (i, (voice, share)) in self.parts.iter().enumerate() {
            let plus = if i == 0 { "" } else { "+" };
            write!(f, "{plus}{}*{voice}", *share as f32 / WHOLE as f32)?;
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    !text.is_empty() && text.chars().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mixture_has_one_spelling() {
        for formula in [
            "0.6*zf_xiaobei+0.4*af_heart",
            " 0.4*af_heart + 0.60*zf_xiaobei ",
            "0.3*zf_xiaobei+0.4*af_heart+0.3*zf_xiaobei",
        ] {
            let blend = Blend::parse(formula).unwrap();
            assert_eq!(blend.to_string(), "0.6*zf_xiaobei+0.4*af_heart");
            assert_eq!(Blend::parse(&blend.to_string()), Ok(blend));
        }
        assert_eq!(Blend::parse("af_bella").unwrap().to_string(), "af_bella");
        assert_eq!(Blend::parse("1.0*af_bella").unwrap(), Blend::of("af_bella"));
        let thirds = Blend::parse("0.33*a+0.33*b+0.33*c").unwrap();
        assert!((thirds.parts().map(|p| p.1).sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_formula_that_is_none_says_which_part() {
        for (formula, told) in [
            ("0.5*a+b", "\"b\" is not WEIGHT*VOICE"),
            ("0.5*a+0.5*", "\"0.5*\""),
            ("1.5*a+-0.5*b", "\"1.5*a\""),
            ("", "\"\""),
            ("nan*a+1*b", "\"nan*a\""),
            ("0.5*a+0.4*b", "add up to 0.9"),
            ("two words", "\"two words\""),
        ] {
            let error = Blend::parse(formula).unwrap_err().to_string();
            assert!(error.contains(told), "{formula}: {error}");
        }
    }

    #[test]
    fn a_blend_of_named_blends_is_a_blend_of_voices() {
        let meaning = |name: &str| match name {
            "mei" => Blend::parse("0.5*x+0.5*y").map_err(|e| e.to_string()),
            "no" => Err("no such voice".to_owned()),
            other => Ok(Blend::of(other)),
        };
        let of = |formula: &str| Blend::parse(formula).unwrap().resolve(meaning);
        assert_eq!(of("0.8*mei+0.2*x").unwrap().to_string(), "0.6*x+0.4*y");
        assert_eq!(of("mei").unwrap().to_string(), "0.5*x+0.5*y");
        assert_eq!(of("0.5*mei+0.5*no").unwrap_err(), "no such voice");
    }
}
