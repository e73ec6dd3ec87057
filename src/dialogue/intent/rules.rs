//! What tables, idioms and patterns make of a reply, before anything is guessed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::guess::Heard;
use super::merge::Merge;
use super::table::Found;
use super::text::{self, Clause, Token};
use super::{Classifier, GUESS, filler, is_polar, negation, pattern};
use crate::terms::Lang;

impl Classifier {
    /// The whole reply stands in the table.
    pub(super) fn by_table(&self, tokens: &[Token], merge: &mut Merge) -> bool {
        let Some((found, classes)) = self.table.whole(tokens) else {
            return false;
        };
        let score = match found {
            Found::Form => 0.97,
            Found::Sound => 0.88,
            // One syllable out of context is nearly nothing; as an answer to the question it is likely what was meant.
            Found::Syllable if classes.iter().any(|c| merge.expects(*c)) => 0.6,
            Found::Syllable => 0.35,
        };
        classes
            .iter()
            .for_each(|&c| merge.rule(c, score, text::surface(tokens)));
        true
    }

    pub(super) fn by_piece(&self, clause: &Clause, heard: &Heard<'_>, merge: &mut Merge) {
        let tokens = clause.tokens.as_slice();
        let refuses_calls = self.patterns.iter().any(|(class, p)| {
            self.names[*class] == "opt_out" && p.find(tokens, self.lang).is_some()
        });
        if self.by_table(tokens, merge)
            || (!refuses_calls && self.by_one_class(tokens, merge))
            || self.by_pattern(clause, merge)
        {
            return;
        }
        if let Some(parts) = self.table.pieces(tokens) {
            for (range, classes) in parts {
                classes
                    .iter()
                    .for_each(|&c| merge.rule(c, 0.9, text::surface(&tokens[range.clone()])));
            }
            return;
        }
        if let Some((head, class)) = self.opening(clause) {
            let rest = Clause {
                tokens: tokens[head..].to_vec(),
                question: clause.question,
            };
            let said = self.guesses(&rest, heard);
            let other = if self.names[class] == "affirm" {
                "deny"
            } else {
                "affirm"
            };
            if !said
                .iter()
                .any(|(c, score)| self.names[*c] == other && *score >= 0.25)
            {
                merge.rule(class, 0.76, text::surface(&tokens[..head]));
            }
            said.into_iter()
                .for_each(|(c, score)| merge.guess(c, score * 0.9, text::surface(&rest.tokens)));
            return;
        }
        for (class, score) in self.guesses(clause, heard) {
            merge.guess(class, score, text::surface(tokens));
        }
    }

    /// Known replies of one intent in a row, as a recogniser writes them without a mark between: 不用了没兴趣.
    fn by_one_class(&self, tokens: &[Token], merge: &mut Merge) -> bool {
        let Some(parts) = self.table.pieces(tokens) else {
            return false;
        };
        let Some(&class) = parts.first().and_then(|(_, classes)| classes.first()) else {
            return false;
        };
        // Two negations in one breath may undo each other (没有说过不愿意).
        let closes = |t: &Token| matches!(t.form.as_str(), "了" | "啦" | "的");
        let entangled = negation::positions(tokens, self.lang)
            .windows(2)
            .any(|pair| !tokens[pair[0]..pair[1]].iter().any(closes));
        if self.lang == Lang::Zh && entangled {
            return false;
        }
        let same = parts.len() > 1 && parts.iter().all(|(_, classes)| classes.contains(&class));
        if same {
            merge.rule(class, 0.9, text::surface(tokens));
        }
        same
    }

    /// 可以呀几点都行, `yeah I could do that`: a reply that opens with a plain yes or no and goes on without taking it back.
    fn opening(&self, clause: &Clause) -> Option<(usize, usize)> {
        let tokens = clause.tokens.as_slice();
        let (head, classes) = self.table.opening(tokens)?;
        let class = *classes.iter().find(|c| is_polar(&self.names[**c]))?;
        let rest = &tokens[head..];
        let doubtful = clause.question
            || negation::asks(rest, self.lang)
            || negation::is_rhetorical(tokens, self.lang)
            || !negation::positions(rest, self.lang).is_empty();
        (!doubtful).then_some((head, class))
    }

    fn by_pattern(&self, clause: &Clause, merge: &mut Merge) -> bool {
        let tokens = clause.tokens.as_slice();
        let bare = filler::stripped(tokens, self.lang);
        let mut hits: Vec<(usize, pattern::Hit)> = Vec::new();
        for (class, pattern) in &self.patterns {
            // Anchored patterns look at the reply without fillers; positions are given in the whole clause.
            let offset = tokens.len() - bare.len();
            let shift = (0..=offset)
                .find(|&o| tokens[o..].starts_with(bare))
                .unwrap_or(0);
            let hit = pattern.find(tokens, self.lang).or_else(|| {
                pattern.find(bare, self.lang).map(|h| pattern::Hit {
                    begin: h.begin + shift,
                    end: h.end + shift,
                    ..h
                })
            });
            if let Some(hit) = hit {
                hits.push((*class, hit));
            }
        }
        if hits.is_empty() {
            return false;
        }
        // A bare no in front (不不，我不去; no, not interested) only underlines a refusal.
        let underlined = negation::leading_no(tokens, self.lang);
        let negations = negation::positions(tokens, self.lang);
        for &(class, hit) in &hits {
            let name = self.names[class].as_str();
            let overruled = hits.iter().any(|(other, o)| {
                *other != class && o.named > hit.named && o.begin <= hit.begin && hit.end <= o.end
            });
            if overruled && name != "opt_out" {
                continue;
            }
            // `am I talking to a real person` asks for nobody; 有没有空 says nothing about time.
            let asks_who = name == "human"
                && hits
                    .iter()
                    .any(|(other, _)| self.names[*other] == "robot_question");
            let either_or = self.lang == Lang::Zh
                && hit.begin > 0
                && negation::negates(&tokens[hit.begin], self.lang)
                && tokens
                    .get(hit.begin + 1)
                    .is_some_and(|next| next.form == tokens[hit.begin - 1].form);
            if asks_who || either_or {
                continue;
            }
            let mut score: f32 = if hit.exact { 0.92 } else { 0.82 };
            let skipped = if name == "deny" { underlined } else { 0 };
            let outside = negations
                .iter()
                .any(|&i| i >= skipped && !(hit.begin..hit.end).contains(&i));
            // 不想让孩子学 holds no wish, `not busy` no hurry.
            let denied = name != "opt_out"
                && negations.iter().any(|&i| {
                    i >= underlined && negation::reaches(tokens, i, hit.begin, self.lang)
                });
            if denied
                || is_polar(name)
                    && (outside
                        || clause.question
                        || (self.lang == Lang::En
                            && negation::asks(&tokens[..hit.begin], self.lang))
                        || negation::is_rhetorical(tokens, self.lang))
            {
                score = GUESS;
            }
            merge.rule(class, score, text::surface(&tokens[hit.begin..hit.end]));
        }
        true
    }
}

/// Cuts a clause before its conjunctions, where both sides say something.
pub(super) fn pieces(clause: &Clause, lang: Lang) -> Vec<Clause> {
    const ZH: &[&str] = &[
        "但是", "不过", "可是", "而且", "另外", "因为", "所以", "然后", "还有", "只是", "要不",
        "但",
    ];
    const EN: &[&str] = &[
        "but", "because", "however", "and", "so", "although", "though", "cause",
    ];
    let words = match lang {
        Lang::Zh => ZH,
        Lang::En => EN,
    };
    let tokens = &clause.tokens;
    let mut out = Vec::new();
    let mut begin = 0;
    let mut at = 1;
    while at < tokens.len() {
        let len = words.iter().find_map(|w| {
            let n = if lang == Lang::Zh {
                w.chars().count()
            } else {
                1
            };
            (at + n < tokens.len() && text::form_key(&tokens[at..at + n]) == **w).then_some(n)
        });
        if let Some(n) = len {
            out.push(Clause {
                tokens: tokens[begin..at].to_vec(),
                question: false,
            });
            begin = at + n;
            at = begin;
        }
        at += 1;
    }
    out.push(Clause {
        tokens: tokens[begin..].to_vec(),
        question: clause.question,
    });
    out
}
