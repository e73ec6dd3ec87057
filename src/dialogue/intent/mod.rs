//! Which intent a reply has. In this order: a table of whole replies, patterns, and a classifier (character, syllable and
//! word n-grams under kernel ridge) for everything else. Deterministic; trained in well under a second from the dialplan.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod features;
pub mod filler;
mod merge;
pub mod model;
pub mod negation;
pub mod opt_out;
pub mod pattern;
pub mod ridge;
pub mod table;
pub mod text;

use crate::dialogue::short_answer;
use crate::terms::Lang;
use merge::Merge;
use model::Model;
use pattern::Pattern;
use std::collections::{BTreeMap, BTreeSet};
use table::{Found, Table};
use text::{Clause, Token};

/// How an intent is recognised.
#[derive(Default, Clone, Debug, PartialEq)]
pub struct IntentSpec {
    /// What people say; each is a training example and a whole reply at once.
    pub examples: Vec<String>,
    /// Whole replies that mean this and nothing else, too short or too odd to learn from.
    pub exact: Vec<String>,
    /// See [`pattern`].
    pub patterns: Vec<String>,
}

/// One intent found in a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub intent: String,
    /// 0..=1, a probability; below [`ACCEPT`] it is better to ask again than to act.
    pub score: f32,
    /// The words that earned it.
    pub evidence: String,
}

/// Readings at or above this may be acted on.
pub const ACCEPT: f32 = 0.5;
/// The most that a guess about a negated reply may score: always below [`ACCEPT`].
pub const GUESS: f32 = 0.42;

/// The share of known n-grams from which on a reply counts as made of familiar words.
const FAMILIAR: f32 = 0.35;

/// Why a set of intents cannot be trained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    #[error("there is no intent to listen for; add one under `intents:`")]
    NoIntents,
    #[error("intent `{0}` has no words; give it `examples`, `exact` or `patterns`")]
    Empty(String),
    #[error("intent `{intent}`: {why}")]
    BadPattern { intent: String, why: String },
}

/// Reads replies.
#[derive(Clone, Debug)]
pub struct Classifier {
    lang: Lang,
    names: Vec<String>,
    table: Table,
    patterns: Vec<(usize, Pattern)>,
    model: Option<Model>,
    /// Share of each class's examples that hold a negation.
    negated: Vec<f32>,
}

impl Classifier {
    /// Trains on the intents of a dialplan (its own merged with [`crate::dialogue::builtin::specs`]).
    ///
    /// # Errors
    /// No intents, an intent without words, or a pattern that cannot be read.
    pub fn train(
        lang: Lang,
        specs: &BTreeMap<String, IntentSpec>,
    ) -> Result<Classifier, IntentError> {
        if specs.is_empty() {
            return Err(IntentError::NoIntents);
        }
        let mut table = Table::new(lang);
        let mut patterns = Vec::new();
        let mut rows: Vec<(Vec<Token>, usize)> = Vec::new();
        let mut negated = Vec::new();
        for (class, (name, spec)) in specs.iter().enumerate() {
            if spec.examples.is_empty() && spec.exact.is_empty() && spec.patterns.is_empty() {
                return Err(IntentError::Empty(name.clone()));
            }
            for source in &spec.patterns {
                let pattern =
                    Pattern::parse(source, lang).map_err(|why| IntentError::BadPattern {
                        intent: name.clone(),
                        why,
                    })?;
                patterns.push((class, pattern));
            }
            let (mut count, mut with_negation) = (0usize, 0usize);
            let mut seen = BTreeSet::new();
            spec.exact
                .iter()
                .for_each(|phrase| table.add(phrase, class));
            for phrase in &spec.examples {
                table.add(phrase, class);
                let tokens = text::tokens(phrase, lang);
                let row = filler::stripped(&tokens, lang).to_vec();
                if row.is_empty() || !seen.insert(text::form_key(&row)) {
                    continue;
                }
                count += 1;
                with_negation += usize::from(!negation::positions(&tokens, lang).is_empty());
                rows.push((row, class));
            }
            negated.push(with_negation as f32 / count.max(1) as f32);
        }
        let model = Model::train(lang, &rows, specs.len());
        Ok(Classifier {
            lang,
            names: specs.keys().cloned().collect(),
            table,
            patterns,
            model,
            negated,
        })
    }

    /// The intents of a reply that may be acted on, best first, at most three. `expected` intents (the branches of the open
    /// question) weigh a little more.
    #[must_use]
    pub fn read(&self, text: &str, expected: &[String]) -> Vec<Reading> {
        let mut readings = self.weigh(text, expected);
        readings.retain(|r| r.score >= ACCEPT);
        readings
    }

    /// As [`Classifier::read`], with the guesses too weak to act on: for reports on what was not understood.
    #[must_use]
    pub fn weigh(&self, text: &str, expected: &[String]) -> Vec<Reading> {
        let clauses = text::clauses(text, self.lang);
        let all: Vec<Token> = clauses
            .iter()
            .flat_map(|c| c.tokens.iter().cloned())
            .collect();
        if all.is_empty() {
            return Vec::new();
        }
        let expected: Vec<bool> = self.names.iter().map(|n| expected.contains(n)).collect();
        let mut merge = Merge::new(&self.names, &expected);
        if !self.by_table(&all, &mut merge) {
            let mut cut = Vec::new();
            for clause in &clauses {
                cut.extend(pieces(clause, self.lang));
            }
            let says = |c: &Clause| !filler::is_only_filler(&c.tokens, self.lang);
            let last = cut.iter().rposition(says).unwrap_or(0);
            for (i, piece) in cut.iter().enumerate() {
                self.by_piece(piece, i >= last, &expected, &mut merge);
            }
        }
        if opt_out::is_only_for_now(&all, self.lang) {
            merge.opt_out_is_busy();
        }
        merge.finish()
    }

    /// The whole reply stands in the table.
    fn by_table(&self, tokens: &[Token], merge: &mut Merge) -> bool {
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

    fn by_piece(&self, clause: &Clause, last: bool, expected: &[bool], merge: &mut Merge) {
        let tokens = clause.tokens.as_slice();
        let refuses_calls = self.patterns.iter().any(|(class, p)| {
            self.names[*class] == "opt_out" && p.find(tokens, self.lang).is_some()
        });
        if self.by_table(tokens, merge)
            || (!refuses_calls && self.by_idiom(tokens, last, merge))
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
            let said = self.guesses(&rest, expected);
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
        for (class, score) in self.guesses(clause, expected) {
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

    /// Double negations and idioms that mean yes or no. 不是不想去 with a reason behind it (是太远) is no yes.
    fn by_idiom(&self, tokens: &[Token], last: bool, merge: &mut Merge) -> bool {
        let Some((answer, range)) = short_answer::idiom(tokens, self.lang) else {
            return false;
        };
        let name = if answer { "affirm" } else { "deny" };
        let Some(class) = self.names.iter().position(|n| n == name) else {
            return false;
        };
        let opening = text::form_key(&tokens[range.clone()]);
        let excuses = opening.starts_with("不是")
            || opening.contains("not that")
            || opening.contains("not saying");
        let reason = !last
            || tokens[range.end..]
                .iter()
                .any(|t| matches!(t.form.as_str(), "是" | "just" | "but"));
        let score = if excuses && reason { GUESS } else { 0.88 };
        merge.rule(class, score, text::surface(&tokens[range]));
        true
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
                    && (outside || clause.question || negation::is_rhetorical(tokens, self.lang))
            {
                score = GUESS;
            }
            merge.rule(class, score, text::surface(&tokens[hit.begin..hit.end]));
        }
        true
    }

    /// What the classifier makes of a clause: class and probability.
    fn guesses(&self, clause: &Clause, expected: &[bool]) -> Vec<(usize, f32)> {
        let Some(model) = &self.model else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let tokens = filler::stripped(&clause.tokens, self.lang);
        let (scores, known) = model.scores(tokens);
        // An expected intent's log-odds rise by ln 1.5, and it needs a little less likeness.
        let probabilities = model.probabilities(&scores, |c| if expected[c] { 0.405 } else { 0.0 });
        let negated = !negation::positions(&clause.tokens, self.lang).is_empty();
        let open_question = negation::asks(tokens, self.lang) || clause.question;
        let rhetorical = negation::is_rhetorical(&clause.tokens, self.lang)
            || negation::is_either_or(&clause.tokens, self.lang);
        for (class, &probability) in probabilities.iter().enumerate() {
            let need = model.threshold * if expected[class] { 0.85 } else { 1.0 };
            if scores[class] < need || probability < 0.15 {
                continue;
            }
            // Close to the threshold the softmax, which knows no "none of these", is too sure of itself.
            let near = (scores[class] / (1.6 * need.max(0.05))).clamp(0.6, 1.0);
            // Nor does it know the words that no intent has.
            let mut score = probability * near * (known / FAMILIAR).min(1.0);
            let polar = is_polar(&self.names[class]);
            let strange = if negated {
                self.negated[class] < 0.15
            } else {
                self.negated[class] > 0.6
            };
            if (polar && (negated || rhetorical || open_question)) || (strange && !open_question) {
                score = score.min(GUESS);
            }
            out.push((class, score.min(0.95)));
        }
        out
    }
}

fn is_polar(name: &str) -> bool {
    matches!(name, "affirm" | "deny")
}

/// Cuts a clause before its conjunctions, where both sides say something.
fn pieces(clause: &Clause, lang: Lang) -> Vec<Clause> {
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

#[cfg(test)]
mod tests;
