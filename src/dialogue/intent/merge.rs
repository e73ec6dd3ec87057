//! Puts the readings of a reply's pieces together: what wins when one reply says several things.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::polarity::Verdict;
use super::{ACCEPT, GUESS, Reading};

/// Yes-words that only acknowledge when something else follows.
const ACKNOWLEDGES: &[&str] = &[
    "嗯",
    "嗯嗯",
    "哦",
    "好",
    "好的",
    "对",
    "是",
    "是的",
    "行",
    "知道",
    "知道了",
    "yes",
    "yeah",
    "okay",
    "ok",
    "right",
    "sure",
    "mhm",
    "uh huh",
    "yep",
    "good",
    "all right",
    "alright",
    "fine",
];
/// No-words that only push something aside when a yes follows.
const BARE_NO: &[&str] = &[
    "不", "不不", "没", "没有", "不是", "no", "nope", "nah", "no no",
];

/// The intents every dialplan has; beside one of its own about the same words, these step back.
pub(super) const BUILT_IN: &[&str] = &[
    "affirm",
    "deny",
    "opt_out",
    "human",
    "robot_question",
    "repeat",
    "busy",
    "wrong_number",
    "abuse",
    "hesitate",
    "price",
    "language",
    "complaint",
];

struct Found {
    class: usize,
    score: f32,
    evidence: String,
    rule: bool,
}

pub(super) struct Merge<'a> {
    names: &'a [String],
    expected: &'a [bool],
    found: Vec<Found>,
    verdict: Verdict,
}

impl<'a> Merge<'a> {
    pub(super) fn new(names: &'a [String], expected: &'a [bool]) -> Self {
        Merge {
            names,
            expected,
            found: Vec::new(),
            verdict: Verdict::default(),
        }
    }

    /// What the grammar of the whole reply says, which goes before what its pieces say about yes and no.
    pub(super) fn polarity(&mut self, verdict: Verdict) {
        self.verdict = verdict;
    }

    pub(super) fn expects(&self, class: usize) -> bool {
        self.expected[class]
    }

    /// A reading from a table or pattern.
    pub(super) fn rule(&mut self, class: usize, score: f32, evidence: String) {
        self.found.push(Found {
            class,
            score,
            evidence,
            rule: true,
        });
    }

    /// A reading from the classifier.
    pub(super) fn guess(&mut self, class: usize, score: f32, evidence: String) {
        self.found.push(Found {
            class,
            score,
            evidence,
            rule: false,
        });
    }

    /// The refusal of calls was one of calls at this time.
    pub(super) fn opt_out_is_busy(&mut self) {
        let Some(busy) = self.names.iter().position(|n| n == "busy") else {
            return;
        };
        for found in &mut self.found {
            if self.names[found.class] == "opt_out" {
                found.class = busy;
                found.score = found.score.min(0.8);
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<Reading> {
        self.settle_by_grammar();
        self.settle_yes_and_no();
        self.yield_to_own();
        self.yield_to_particular();
        let mut best: Vec<Found> = Vec::new();
        for found in self.found {
            match best.iter_mut().find(|b| b.class == found.class) {
                Some(b) if b.score >= found.score => {}
                Some(b) => *b = found,
                None => best.push(found),
            }
        }
        for found in &mut best {
            // Odds rise by 1.3 for what was asked; a guess kept low for its negation stays low.
            if self.expected[found.class] && found.rule && found.score > GUESS {
                found.score = 1.3 * found.score / (1.3 * found.score + 1.0 - found.score);
            }
        }
        best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.class.cmp(&b.class)));
        best.truncate(3);
        best.into_iter()
            .map(|f| Reading {
                intent: self.names[f.class].clone(),
                score: f.score,
                evidence: f.evidence,
            })
            .collect()
    }

    /// The grammar's answer replaces the pieces' own; where it doubts, nothing is sure.
    fn settle_by_grammar(&mut self) {
        let verdict = std::mem::take(&mut self.verdict);
        let class = |name: &str| self.names.iter().position(|n| n == name);
        let (affirm, deny) = (class("affirm"), class("deny"));
        let side = |yes: bool| if yes { affirm } else { deny };
        let refuses_calls = self
            .found
            .iter()
            .any(|f| f.rule && f.score >= ACCEPT && self.names[f.class] == "opt_out");
        let mut more: Vec<(Option<usize>, f32, String)> = Vec::new();
        // "好的, 我考虑一下": what only acknowledges is no yes beside these.
        if verdict.answer.is_none()
            && verdict
                .besides
                .iter()
                .any(|(name, ..)| matches!(*name, "busy" | "hesitate"))
            || verdict.turned
        {
            self.found
                .iter_mut()
                .filter(|f| Some(f.class) == affirm)
                .for_each(|f| f.score = f.score.min(GUESS));
        }
        if verdict.answer.is_none() && verdict.besides.iter().any(|b| b.0 == "price") {
            self.found
                .iter_mut()
                .filter(|f| Some(f.class) == deny)
                .for_each(|f| f.score = f.score.min(GUESS));
        }
        if !refuses_calls {
            for (name, score, words) in verdict.besides {
                more.push((class(name), score, words));
            }
        }
        for f in &mut self.found {
            let name = self.names[f.class].as_str();
            let words = f.evidence.to_lowercase();
            let claimed = matches!(
                name,
                "busy" | "price" | "hesitate" | "human" | "repeat" | "abuse" | "complaint"
            ) && f.rule
                && verdict.claimed.iter().any(|(of, c)| {
                    *of != name
                        && (c.len() > words.len() || (of.is_empty() && name == "busy"))
                        && c.contains(&words)
                });
            if claimed || verdict.overtaken.contains(&name) {
                f.score = f.score.min(GUESS);
            }
        }
        let polar = |c: usize| Some(c) == affirm || Some(c) == deny;
        if verdict.empty {
            self.found
                .iter_mut()
                .filter(|f| !f.rule)
                .for_each(|f| f.score = f.score.min(GUESS));
        }
        if !more.is_empty() {
            for f in &mut self.found {
                if !f.rule && BUILT_IN.contains(&self.names[f.class].as_str()) {
                    f.score = f.score.min(0.75);
                }
            }
        }
        if let Some((yes, score, words)) = verdict.answer {
            for f in &mut self.found {
                if polar(f.class) {
                    f.score = f.score.min(0.2);
                } else if !f.rule {
                    f.score = f.score.min(score - 0.1);
                }
            }
            // Whoever refuses calls agrees to nothing (把我从名单里删了吧).
            let score = if refuses_calls && yes { 0.3 } else { score };
            more.push((side(yes), score, words));
        } else if let Some((yes, words)) = verdict.doubt {
            for f in &mut self.found {
                if polar(f.class) {
                    f.score = f.score.min(GUESS);
                }
            }
            more.push((side(yes), 0.36, words));
        }
        for (class, score, evidence) in more {
            if let Some(class) = class {
                self.rule(class, score, evidence);
            }
        }
    }

    /// 好的，不用了 is a no; a yes and a no of equal weight is neither.
    fn settle_yes_and_no(&mut self) {
        let places = |name: &str| -> Vec<usize> {
            (0..self.found.len())
                .filter(|&i| {
                    self.names[self.found[i].class] == name && self.found[i].score >= ACCEPT
                })
                .collect()
        };
        let (yes, no) = (places("affirm"), places("deny"));
        let (Some(&last_yes), Some(&first_no), Some(&last_no)) =
            (yes.last(), no.first(), no.last())
        else {
            return;
        };
        let only_acknowledges = yes.iter().all(|&i| {
            i < first_no && ACKNOWLEDGES.contains(&self.found[i].evidence.to_lowercase().as_str())
        });
        let only_pushes_aside = no
            .iter()
            .all(|&i| BARE_NO.contains(&self.found[i].evidence.to_lowercase().as_str()));
        if only_acknowledges && !only_pushes_aside {
            yes.iter().for_each(|&i| self.found[i].score = 0.2);
            no.iter().for_each(|&i| self.found[i].score *= 0.92);
        } else {
            yes.iter()
                .chain(&no)
                .for_each(|&i| self.found[i].score = GUESS - 0.04);
            self.found[last_yes.max(last_no)].score = GUESS;
        }
    }

    /// `is it free` is the dialplan's `free` where it has one, not the built-in `price`; 想试试 its `interested`, no plain yes.
    fn yield_to_own(&mut self) {
        let own: Vec<String> = self
            .found
            .iter()
            .filter(|f| {
                f.rule && f.score >= ACCEPT && !BUILT_IN.contains(&self.names[f.class].as_str())
            })
            .map(|f| f.evidence.to_lowercase())
            .collect();
        for f in &mut self.found {
            let name = self.names[f.class].as_str();
            let words = f.evidence.to_lowercase();
            let same = || own.iter().any(|o| overlap(o, &words));
            let weak = matches!(name, "price" | "hesitate" | "complaint")
                || (name == "affirm" && f.score < 0.9);
            if weak && f.rule && same() {
                f.score = f.score.min(GUESS);
            }
        }
    }

    /// Beside a rule's more particular intent (a question, busy, a wish), a plain yes or no steps back; beside a refusal of
    /// calls everything does.
    fn yield_to_particular(&mut self) {
        let particular = |f: &Found| {
            f.rule
                && f.score >= ACCEPT
                && !matches!(self.names[f.class].as_str(), "affirm" | "deny")
        };
        let opt_out = self
            .found
            .iter()
            .any(|f| particular(f) && self.names[f.class] == "opt_out");
        let other = self.found.iter().any(particular);
        for f in &mut self.found {
            let name = self.names[f.class].as_str();
            if opt_out && name != "opt_out" {
                f.score *= 0.7;
            } else if other && matches!(name, "affirm" | "deny") {
                f.score *= 0.92;
            }
        }
    }
}

/// Whether two stretches of one reply share more than half of the shorter.
fn overlap(a: &str, b: &str) -> bool {
    let (short, long) = if a.chars().count() <= b.chars().count() {
        (a, b)
    } else {
        (b, a)
    };
    if long.contains(short) {
        return true;
    }
    let chars: Vec<char> = short.chars().collect();
    let half = chars.len() / 2 + 1;
    chars.len() > 2
        && (0..=chars.len() - half)
            .any(|i| long.contains(&chars[i..i + half].iter().collect::<String>()))
}
