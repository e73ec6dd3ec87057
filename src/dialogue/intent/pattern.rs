//! A tiny pattern language that a person can read: words that must follow each other, `*` for a short gap, `|` between
//! alternatives, `(a|b)` for alternatives inside, `^` and `$` for the clause's ends.
//! `别*打|不要再打`, `(take|remove) me off`, `^没有$`. Words match by form; Mandarin also by sound.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{self, Token};
use crate::terms::Lang;

/// One parsed pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    alternatives: Vec<Alternative>,
}

/// Where a pattern matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First token and one past the last.
    pub begin: usize,
    pub end: usize,
    /// How many tokens the pattern named itself (gaps do not count): the more, the more particular it is.
    pub named: usize,
    /// Every named token matched by its form, none by sound alone.
    pub exact: bool,
}

#[derive(Clone, Debug)]
struct Alternative {
    /// Runs of tokens with a gap between any two runs.
    runs: Vec<Vec<Token>>,
    at_start: bool,
    at_end: bool,
}

/// Most tokens a `*` may stand for.
const fn gap(lang: Lang) -> usize {
    match lang {
        Lang::Zh => 5,
        Lang::En => 4,
    }
}

/// Alternatives that one pattern may expand to.
const MOST: usize = 512;

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to do.
    pub fn parse(source: &str, lang: Lang) -> Result<Pattern, String> {
        let mut alternatives = Vec::new();
        for whole in split_top(source)? {
            for plain in expand(&whole)? {
                let trimmed = plain.trim();
                let (at_start, rest) = trimmed.strip_prefix('^').map_or((false, trimmed), |r| (true, r));
                let (at_end, rest) = rest.strip_suffix('$').map_or((false, rest), |r| (true, r));
                let runs: Vec<Vec<Token>> =
                    rest.split('*').map(|run| text::tokens(run, lang)).filter(|run| !run.is_empty()).collect();
                if runs.is_empty() {
                    return Err(format!("pattern {source:?} has an alternative without any word; write at least one"));
                }
                alternatives.push(Alternative { runs, at_start, at_end });
            }
        }
        if alternatives.len() > MOST {
            return Err(format!("pattern {source:?} stands for more than {MOST} phrases; split it into several patterns"));
        }
        Ok(Pattern { alternatives })
    }

    /// The most particular match in a clause.
    #[must_use]
    pub fn find(&self, clause: &[Token], lang: Lang) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for alternative in &self.alternatives {
            if let Some(hit) = alternative.find(clause, lang)
                && best.is_none_or(|b| (hit.exact, hit.named) > (b.exact, b.named))
            {
                best = Some(hit);
            }
        }
        best
    }
}

impl Alternative {
    fn find(&self, clause: &[Token], lang: Lang) -> Option<Hit> {
        let named = self.runs.iter().map(Vec::len).sum();
        let last_begin = if self.at_start { 0 } else { clause.len().saturating_sub(1) };
        let mut by_sound = None;
        for begin in 0..=last_begin {
            if let Some((end, missed)) = self.from(clause, begin, 0, lang) {
                if missed == 0 {
                    return Some(Hit { begin, end, named, exact: true });
                }
                // A short pattern matched by sound alone would hear things that nobody said.
                if (missed <= named / 2 || named >= 4) && named >= 2 && by_sound.is_none() {
                    by_sound = Some(Hit { begin, end, named, exact: false });
                }
            }
        }
        by_sound
    }

    /// Matches run `r` at exactly `at`, the later ones within the gap. Gives the end and how many tokens matched by sound only.
    fn from(&self, clause: &[Token], at: usize, r: usize, lang: Lang) -> Option<(usize, usize)> {
        let run = &self.runs[r];
        let stretch = clause.get(at..at + run.len())?;
        let mut missed = 0;
        for (want, got) in run.iter().zip(stretch) {
            if want.form != got.form {
                if lang == Lang::En || want.sound != got.sound {
                    return None;
                }
                missed += 1;
            }
        }
        let end = at + run.len();
        if r + 1 == self.runs.len() {
            return (!self.at_end || end == clause.len()).then_some((end, missed));
        }
        let mut best: Option<(usize, usize)> = None;
        for skip in 0..=gap(lang) {
            if let Some((end, later)) = self.from(clause, end + skip, r + 1, lang)
                && best.is_none_or(|(_, m)| missed + later < m)
            {
                best = Some((end, missed + later));
            }
        }
        best
    }
}

/// Splits at the `|` outside parentheses.
fn split_top(source: &str) -> Result<Vec<String>, String> {
    let mut out = vec![String::new()];
    let mut depth = 0usize;
    for c in source.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(|| format!("pattern {source:?} has a ) without its ("))?,
            '|' if depth == 0 => {
                out.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    if depth > 0 {
        return Err(format!("pattern {source:?} has a ( without its )"));
    }
    Ok(out)
}

/// Writes out the parentheses.
fn expand(source: &str) -> Result<Vec<String>, String> {
    let Some(open) = source.find('(') else { return Ok(vec![source.to_owned()]) };
    let mut depth = 0usize;
    let close = source[open..]
        .char_indices()
        .find_map(|(i, c)| {
            depth = match c {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            (depth == 0).then_some(open + i)
        })
        .ok_or_else(|| format!("pattern {source:?} has a ( without its )"))?;
    let mut out = Vec::new();
    for choice in split_top(&source[open + 1..close])? {
        out.extend(expand(&format!("{}{choice}{}", &source[..open], &source[close + 1..]))?);
        if out.len() > MOST {
            return Err(format!("pattern {source:?} stands for more than {MOST} phrases; split it into several patterns"));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(pattern: &str, text: &str, lang: Lang) -> Option<String> {
        let clause = text::tokens(text, lang);
        let hit = Pattern::parse(pattern, lang).unwrap().find(&clause, lang)?;
        Some(text::surface(&clause[hit.begin..hit.end]))
    }

    #[test]
    fn a_pattern_finds_its_words_with_gaps_and_alternatives() {
        assert_eq!(hit("别*打|不要再打", "你们别再给我打了", Lang::Zh).as_deref(), Some("别再给我打"));
        assert_eq!(hit("(take|remove) me (off|from)", "please remove me from it", Lang::En).as_deref(), Some("remove me from"));
        assert_eq!(hit("^没有$", "我没有", Lang::Zh), None);
        assert_eq!(hit("别*打", "别人家的小孩都在那边打球", Lang::Zh), None);
    }

    #[test]
    fn a_homophone_counts_as_the_word_that_was_meant() {
        assert_eq!(hit("不要再打", "不要在打了", Lang::Zh).as_deref(), Some("不要在打"));
        assert_eq!(hit("别打", "憋大了", Lang::Zh), None);
    }

    #[test]
    fn a_broken_pattern_is_an_error_that_names_it() {
        for bad in ["(a|b", "a)", "*", "a||b"] {
            assert!(Pattern::parse(bad, Lang::En).unwrap_err().contains(bad), "{bad}");
        }
    }
}
