//! Whole replies that are known word for word (or sound for sound), and replies that are put together from known ones.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{self, Token, form_key, sound_key};
use super::{filler, negation};
use crate::terms::Lang;
use std::collections::BTreeMap;

/// How a reply was found, which says how much to believe it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Word for word, fillers and particles apart.
    Form,
    /// By sound, two syllables or more.
    Sound,
    /// By the sound of a single syllable (号 for 好).
    Syllable,
}

/// Phrase → class numbers.
#[derive(Clone, Debug, Default)]
pub struct Table {
    lang: Lang,
    forms: BTreeMap<String, Vec<usize>>,
    /// Forms without final particles, where no phrase has that form itself.
    bare: BTreeMap<String, Vec<usize>>,
    sounds: BTreeMap<String, Vec<usize>>,
    /// Tokens of the longest phrase.
    longest: usize,
}

impl Table {
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Table {
            lang,
            ..Table::default()
        }
    }

    /// Adds a phrase of a class.
    pub fn add(&mut self, phrase: &str, class: usize) {
        let tokens = text::tokens(phrase, self.lang);
        if tokens.is_empty() {
            return;
        }
        self.longest = self.longest.max(tokens.len());
        insert(&mut self.forms, form_key(&tokens), class);
        if self.lang == Lang::Zh {
            insert(&mut self.sounds, sound_key(&tokens), class);
            let bare = filler::bare(&tokens);
            if bare.len() > 1 {
                insert(&mut self.bare, form_key(bare), class);
                insert(&mut self.sounds, sound_key(bare), class);
            }
        }
    }

    /// The classes of a whole reply.
    #[must_use]
    pub fn whole(&self, tokens: &[Token]) -> Option<(Found, &[usize])> {
        let stripped = filler::stripped(tokens, self.lang);
        let tries = [
            tokens,
            filler::bare_for(tokens, self.lang),
            stripped,
            filler::unrepeated(stripped),
            filler::unrepeated(tokens),
        ];
        for reply in tries {
            let key = form_key(reply);
            if let Some(classes) = self.forms.get(&key).or_else(|| self.bare.get(&key)) {
                return Some((Found::Form, classes));
            }
        }
        if self.lang == Lang::En {
            return None;
        }
        for reply in tries {
            if let Some(classes) = self.sounds.get(&sound_key(reply)) {
                let found = if reply.len() > 1 {
                    Found::Sound
                } else {
                    Found::Syllable
                };
                return Some((found, classes));
            }
        }
        None
    }

    /// A reply made only of known phrases and fillers: the phrases in order, with their stretches. Needs two phrases or a
    /// phrase and fillers in the middle; an either-or question is not cut up.
    #[must_use]
    pub fn pieces(&self, tokens: &[Token]) -> Option<Vec<(std::ops::Range<usize>, &[usize])>> {
        let n = tokens.len();
        if self.lang == Lang::Zh
            && (1..n.saturating_sub(1)).any(|i| {
                negation::negates(&tokens[i], self.lang) && tokens[i - 1].form == tokens[i + 1].form
            })
        {
            return None;
        }
        // Fewest phrases that cover everything, from the right.
        let mut best: Vec<Option<(usize, usize, bool)>> = vec![None; n + 1];
        best[n] = Some((0, n, false));
        for at in (0..n).rev() {
            let filler = filler::run_at(&tokens[at..], self.lang);
            let mut choice: Option<(usize, usize, bool)> = None;
            let mut offer = |cost: usize, to: usize, phrase: bool| {
                if choice.is_none_or(|(c, ..)| cost < c) {
                    choice = Some((cost, to, phrase));
                }
            };
            for to in at + 1..=n.min(at + self.longest) {
                let Some((rest, ..)) = best[to] else { continue };
                if self.stands_alone(tokens, at, to) && self.phrase(&tokens[at..to]).is_some() {
                    offer(rest + 2, to, true);
                }
                if to - at == filler {
                    offer(rest + 3, to, false);
                }
            }
            best[at] = choice;
        }
        let mut out = Vec::new();
        let mut at = 0;
        while at < n {
            let (_, to, phrase) = best[at]?;
            if phrase && let Some(classes) = self.phrase(&tokens[at..to]) {
                out.push((at..to, classes));
            }
            at = to;
        }
        (!out.is_empty()).then_some(out)
    }

    /// A known phrase that the reply opens with and that is complete in itself: closed by a particle (可以呀), of three
    /// characters (没问题), or one of the English words for yes and no. Gives its length.
    #[must_use]
    pub fn opening(&self, tokens: &[Token]) -> Option<(usize, &[usize])> {
        const EN: &[&str] = &[
            "yes",
            "yeah",
            "yep",
            "yup",
            "sure",
            "okay",
            "absolutely",
            "definitely",
            "no",
            "nope",
            "nah",
        ];
        let lead = filler::run_at(tokens, self.lang);
        let lead = if self.lang == Lang::En || lead == tokens.len() {
            0
        } else {
            lead
        };
        [0, lead].into_iter().find_map(|from| {
            let most = tokens.len().min(from + self.longest);
            (from + 1..most).rev().find_map(|to| {
                let classes = self.phrase(&tokens[from..to])?;
                let complete = match self.lang {
                    Lang::Zh => {
                        to - from >= 3
                            || (to - from >= 2 && filler::bare(&tokens[from..to]).len() < to - from)
                    }
                    Lang::En => EN.contains(&tokens[from].form.as_str()),
                };
                complete.then_some((to, classes))
            })
        })
    }

    fn phrase(&self, tokens: &[Token]) -> Option<&[usize]> {
        let key = form_key(tokens);
        let by_sound = || {
            let long_enough = self.lang == Lang::Zh && tokens.len() > 1;
            long_enough
                .then(|| self.sounds.get(&sound_key(tokens)))
                .flatten()
        };
        self.forms
            .get(&key)
            .or_else(|| self.bare.get(&key))
            .or_else(by_sound)
            .map(Vec::as_slice)
    }

    /// A single Han character counts only in front (好你说吧), and nothing follows an open negation
    /// (不是没兴趣 is not 不是 and 没兴趣, 不一定有时间 is not 有时间).
    fn stands_alone(&self, tokens: &[Token], from: usize, to: usize) -> bool {
        if self.lang == Lang::Zh
            && to - from == 1
            && (from > 0 || negation::negates(&tokens[from], self.lang))
        {
            return false;
        }
        let closed = from > 0 && filler::bare(&tokens[..from]).len() < from;
        let negated = negation::positions(tokens, self.lang);
        let negated_before = negated.iter().any(|&i| i < from && i + 3 >= from);
        let negates = negated.iter().any(|i| (from..to).contains(i));
        match self.lang {
            // A refusal closed by 了 is whole: what follows refuses once more (不用了没兴趣).
            Lang::Zh => {
                let whole =
                    from > 0 && matches!(tokens[from - 1].form.as_str(), "了" | "啦" | "的");
                !negated_before || (closed && (!negates || whole))
            }
            // English says "no, I am good" in one breath; "not" governs what follows, "no" does not.
            Lang::En => !(negated_before && (negates || tokens[from - 1].form == "not")),
        }
    }
}

fn insert(map: &mut BTreeMap<String, Vec<usize>>, key: String, class: usize) {
    let classes = map.entry(key).or_default();
    if !classes.contains(&class) {
        classes.push(class);
    }
}
