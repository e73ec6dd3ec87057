//! A tiny pattern language that a person can read: words that must follow each other, `*` for a short gap, `|` between
//! alternatives, `(a|b)` for alternatives inside, `^` and `$` for the clause's ends.
//! `别*打|不要再打`, `(take|remove) me off`, `^没有$`. Words match by form; Mandarin also by sound.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{self, Token};
use crate::terms::Lang;
use std::collections::BTreeSet;
use std::ops::Range;

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
    parts: Vec<Part>,
    at_start: bool,
    at_end: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Word(Token),
    Gap,
    Either(Vec<Vec<Part>>),
}

/// A way to match some parts: where it ends, how many tokens it named and how many of these matched by sound only.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    end: usize,
    named: usize,
    missed: usize,
}

/// Most tokens a `*` may stand for.
const fn gap(lang: Lang) -> usize {
    match lang {
        Lang::Zh => 5,
        Lang::En => 4,
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to do.
    pub fn parse(source: &str, lang: Lang) -> Result<Pattern, String> {
        let mut alternatives = Vec::new();
        for plain in split_top(source)? {
            let trimmed = plain.trim();
            let (at_start, rest) = trimmed
                .strip_prefix('^')
                .map_or((false, trimmed), |r| (true, r));
            let (at_end, rest) = rest.strip_suffix('$').map_or((false, rest), |r| (true, r));
            let parts = parts(rest, lang)?;
            if shortest(&parts) == 0 {
                return Err(format!(
                    "pattern {source:?} has an alternative without any word; write at least one"
                ));
            }
            alternatives.push(Alternative {
                parts,
                at_start,
                at_end,
            });
        }
        Ok(Pattern { alternatives })
    }

    /// The alternatives of a source as a pattern each.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub fn each(source: &str, lang: Lang) -> Result<Vec<Pattern>, String> {
        let whole = Pattern::parse(source, lang)?;
        Ok(whole
            .alternatives
            .into_iter()
            .map(|alternative| Pattern {
                alternatives: vec![alternative],
            })
            .collect())
    }

    /// The forms that a match can begin with (of patterns that do not begin with a gap).
    #[must_use]
    pub fn first(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for alternative in &self.alternatives {
            first_of(&alternative.parts, &mut out);
        }
        out
    }

    /// The most particular match, word for word, that begins at a given token. What lies outside `body` counts as filler for
    /// `^` and `$`.
    #[must_use]
    pub fn at(
        &self,
        clause: &[Token],
        body: &Range<usize>,
        begin: usize,
        lang: Lang,
    ) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for alternative in &self.alternatives {
            if alternative.at_start && begin > body.start {
                continue;
            }
            for Way { end, named, missed } in ways(&alternative.parts, clause, begin, lang) {
                if missed > 0 || (alternative.at_end && end < body.end) {
                    continue;
                }
                if best.is_none_or(|b| (named, b.end) > (b.named, end)) {
                    best = Some(Hit {
                        begin,
                        end,
                        named,
                        exact: true,
                    });
                }
            }
        }
        best
    }

    /// The most particular match in a clause.
    #[must_use]
    pub fn find(&self, clause: &[Token], lang: Lang) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for alternative in &self.alternatives {
            let last_begin = if alternative.at_start {
                0
            } else {
                clause.len().saturating_sub(1)
            };
            for begin in 0..=last_begin {
                for way in ways(&alternative.parts, clause, begin, lang) {
                    let Way { end, named, missed } = way;
                    // A short pattern matched by sound alone would hear things that nobody said.
                    let believed =
                        missed == 0 || (named >= 2 && (missed <= named / 2 || named >= 4));
                    if !believed || (alternative.at_end && end != clause.len()) {
                        continue;
                    }
                    let hit = Hit {
                        begin,
                        end,
                        named,
                        exact: missed == 0,
                    };
                    if best.is_none_or(|b| (hit.exact, hit.named) > (b.exact, b.named)) {
                        best = Some(hit);
                    }
                }
            }
        }
        best
    }
}

fn first_of(parts: &[Part], out: &mut BTreeSet<String>) -> bool {
    for part in parts {
        match part {
            Part::Word(t) => {
                out.insert(t.form.clone());
                return true;
            }
            Part::Gap => return false,
            Part::Either(choices) => {
                // An empty alternative lets the next part come first.
                let mut certain = true;
                for choice in choices {
                    certain &= first_of(choice, out);
                }
                if certain {
                    return true;
                }
            }
        }
    }
    false
}

/// All ways to match the parts from `at` on; of two that end alike the one with fewer misses, then more named words.
fn ways(parts: &[Part], clause: &[Token], at: usize, lang: Lang) -> Vec<Way> {
    let mut open = vec![Way {
        end: at,
        named: 0,
        missed: 0,
    }];
    for part in parts {
        let mut next: Vec<Way> = Vec::new();
        for way in &open {
            match part {
                Part::Word(want) => {
                    let Some(got) = clause.get(way.end) else {
                        continue;
                    };
                    let same = want.form == got.form;
                    if same || (lang == Lang::Zh && want.sound == got.sound) {
                        let missed = way.missed + usize::from(!same);
                        add(
                            &mut next,
                            Way {
                                end: way.end + 1,
                                named: way.named + 1,
                                missed,
                            },
                        );
                    }
                }
                Part::Gap => (0..=gap(lang))
                    .filter(|skip| way.end + skip <= clause.len())
                    .for_each(|skip| {
                        add(
                            &mut next,
                            Way {
                                end: way.end + skip,
                                ..*way
                            },
                        );
                    }),
                Part::Either(choices) => {
                    let here = clause.get(way.end);
                    let may_begin = |c: &&Vec<Part>| match c.first() {
                        Some(Part::Word(want)) => here.is_some_and(|got| {
                            want.form == got.form || (lang == Lang::Zh && want.sound == got.sound)
                        }),
                        _ => true,
                    };
                    for inner in choices
                        .iter()
                        .filter(may_begin)
                        .flat_map(|c| ways(c, clause, way.end, lang))
                    {
                        let (named, missed) = (way.named + inner.named, way.missed + inner.missed);
                        add(
                            &mut next,
                            Way {
                                end: inner.end,
                                named,
                                missed,
                            },
                        );
                    }
                }
            }
        }
        open = next;
    }
    open
}

fn add(ways: &mut Vec<Way>, way: Way) {
    match ways.iter_mut().find(|w| w.end == way.end) {
        Some(w) if (way.missed, w.named) < (w.missed, way.named) => *w = way,
        Some(_) => {}
        None => ways.push(way),
    }
}

/// The fewest words that the parts can match.
fn shortest(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|p| match p {
            Part::Word(_) => 1,
            Part::Gap => 0,
            Part::Either(choices) => choices.iter().map(|c| shortest(c)).min().unwrap_or(0),
        })
        .sum()
}

fn parts(source: &str, lang: Lang) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['(', '*']) {
        out.extend(text::tokens(&rest[..at], lang).into_iter().map(Part::Word));
        if rest[at..].starts_with('*') {
            out.push(Part::Gap);
            rest = &rest[at + 1..];
            continue;
        }
        let mut depth = 0usize;
        let close = rest[at..]
            .char_indices()
            .find_map(|(i, c)| {
                depth = match c {
                    '(' => depth + 1,
                    ')' => depth - 1,
                    _ => depth,
                };
                (depth == 0).then_some(at + i)
            })
            .ok_or_else(|| format!("pattern {source:?} has a ( without its )"))?;
        let choices: Result<Vec<Vec<Part>>, String> = split_top(&rest[at + 1..close])?
            .iter()
            .map(|choice| parts(choice, lang))
            .collect();
        out.push(Part::Either(choices?));
        rest = &rest[close + 1..];
    }
    out.extend(text::tokens(rest, lang).into_iter().map(Part::Word));
    Ok(out)
}

/// Splits at the `|` outside parentheses.
fn split_top(source: &str) -> Result<Vec<String>, String> {
    let mut out = vec![String::new()];
    let mut depth = 0usize;
    for c in source.chars() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| format!("pattern {source:?} has a ) without its ("))?;
            }
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
        assert_eq!(
            hit("别*打|不要再打", "你们别再给我打了", Lang::Zh).as_deref(),
            Some("别再给我打")
        );
        assert_eq!(
            hit(
                "(take|remove) me (off|from)",
                "please remove me from it",
                Lang::En
            )
            .as_deref(),
            Some("remove me from")
        );
        assert_eq!(hit("^没有$", "我没有", Lang::Zh), None);
        assert_eq!(hit("别*打", "别人家的小孩都在那边打球", Lang::Zh), None);
    }

    #[test]
    fn a_homophone_counts_as_the_word_that_was_meant() {
        assert_eq!(
            hit("不要再打", "不要在打了", Lang::Zh).as_deref(),
            Some("不要在打")
        );
        assert_eq!(hit("别打", "憋大了", Lang::Zh), None);
    }

    #[test]
    fn a_broken_pattern_is_an_error_that_names_it() {
        for bad in ["(a|b", "a)", "*", "a||b"] {
            assert!(
                Pattern::parse(bad, Lang::En).unwrap_err().contains(bad),
                "{bad}"
            );
        }
    }
}
