//! After calls: what was not understood, grouped by likeness, with a proposed intent for each group.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod answered;
pub mod patch;
pub mod place;
mod sense;

pub use answered::{ended_well, taken_over};
pub use sense::likeness;

use super::event::Besides;
use super::intent::text;
use super::plan::Dialplan;
use super::rehearse::mask;
use super::template::is_name;
use crate::terms::{CallEvent, Happening, Lang};
use std::collections::{BTreeMap, BTreeSet};

/// A turn of the callee that was not understood, long numbers masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    pub words: String,
    pub call: String,
    /// The step it was said at.
    pub step: Option<String>,
}

/// What an agent answered to a callee's question after taking a call over, long numbers masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub question: String,
    pub answer: String,
}

/// Turns that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// All of them, as numbers of the turns given.
    pub turns: Vec<usize>,
    /// Different wordings, the most typical first.
    pub wordings: Vec<String>,
    pub proposal: Proposal,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// More examples for an intent of the file; how strongly its classifier leans that way, 0..=1.
    Existing { intent: String, score: f32 },
    /// An intent of its own.
    New { intent: String },
}

impl Proposal {
    #[must_use]
    pub fn intent(&self) -> &str {
        match self {
            Proposal::Existing { intent, .. } | Proposal::New { intent } => intent,
        }
    }
}

/// A reading below this was acted on with doubt.
const DOUBTFUL: f32 = 0.6;
/// A group leans to an intent of the file from this mean score on.
const LEANS: f32 = 0.25;
/// Two wordings with this n-gram cosine are alike.
pub const ALIKE: f32 = 0.4;

/// The turns of one call that were not understood: no match, an `else` branch, or a weak reading.
#[must_use]
pub fn not_understood(events: &[CallEvent]) -> Vec<Turn> {
    let mut found = Vec::new();
    let mut step = None;
    let mut with_agent = false;
    for (i, event) in events.iter().enumerate() {
        match &event.what {
            Happening::Step { step: s } => step = Some(s.clone()),
            Happening::Bridged { .. } => with_agent = true,
            Happening::AgentGone { .. } => with_agent = false,
            Happening::Heard { text, .. } if !with_agent && step.is_some() => {
                let after = events[i + 1..].iter().map(|e| &e.what);
                let after: Vec<&Happening> = after.take_while(|w| !ends_turn(w)).collect();
                if !text.trim().is_empty() && missed(&after) {
                    found.push(Turn {
                        words: mask::numbers(text.trim()),
                        call: event.call.0.clone(),
                        step: step.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    found
}

fn ends_turn(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Heard { .. }
            | Happening::Key { .. }
            | Happening::NoInput { .. }
            | Happening::SpeechStarted
            | Happening::Bridged { .. }
            | Happening::Ended { .. }
    )
}

fn missed(after: &[&Happening]) -> bool {
    let best = after
        .iter()
        .filter_map(|w| match w {
            Happening::Intent { score, .. } => Some(*score),
            Happening::Slot { .. } => Some(1.0),
            _ => None,
        })
        .fold(0.0f32, f32::max);
    let no_match = after.iter().any(|w| matches!(w, Happening::NoMatch { .. }));
    let something = after
        .iter()
        .any(|w| matches!(w, Happening::Step { .. } | Happening::Saying { .. }));
    no_match || (best < DOUBTFUL && something)
}

/// What agents answered: each question of the callee with the agent's next words. `said` holds who spoke (true: the agent)
/// and the words, after the take-over, in order.
#[must_use]
pub fn answers(said: &[(bool, String)]) -> Vec<Answer> {
    let mut found: Vec<Answer> = Vec::new();
    for pair in said.windows(2) {
        if let [(false, question), (true, answer)] = pair
            && asks(question)
            && answer.chars().count() >= 6
        {
            found.push(Answer {
                question: mask::numbers(question.trim()),
                answer: mask::numbers(answer.trim()),
            });
        }
    }
    found
}

/// It looks like a question.
fn asks(words: &str) -> bool {
    let words = words.trim().to_lowercase();
    let zh = [
        "吗",
        "呢",
        "什么",
        "多少",
        "怎么",
        "哪",
        "几",
        "谁",
        "为什么",
        "有没有",
        "能不能",
        "是不是",
    ];
    let en = [
        "what", "how", "when", "where", "who", "why", "which", "do ", "does ", "is ", "are ",
        "can ", "could ", "will ",
    ];
    words.ends_with(['?', '？'])
        || zh.iter().any(|w| words.contains(w))
        || en.iter().any(|w| words.starts_with(w))
}

/// A wording in the form in which wordings are compared; empty for what holds no words.
#[must_use]
pub fn wording_key(words: &str, lang: Lang) -> String {
    text::form_key(&text::tokens(words, lang))
}

/// The language of the plan that these words are in.
#[must_use]
pub fn lang_of(plan: &Dialplan, words: &str) -> Lang {
    let han = words
        .chars()
        .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let lang = if han { Lang::Zh } else { Lang::En };
    if plan.tongues.contains_key(&lang) {
        return lang;
    }
    plan.lang
}

/// Groups turns; the largest group first. `like` tells how alike two wordings (by number) are, `alike` from where on they
/// belong together: n-grams with [`ngram_likeness`] and [`ALIKE`], or a model's vectors with a bound of their own.
#[must_use]
pub fn group(
    plan: &Dialplan,
    lang: Lang,
    turns: &[Turn],
    like: &dyn Fn(&[String]) -> Vec<Vec<f32>>,
    alike: f32,
) -> Vec<Group> {
    let mut by_wording: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, turn) in turns.iter().enumerate() {
        let key = wording_key(&turn.words, lang);
        if !key.is_empty() {
            by_wording.entry(key).or_default().push(i);
        }
    }
    let mut wordings: Vec<(String, Vec<usize>)> = by_wording
        .into_values()
        .map(|of| (turns[of[0]].words.clone(), of))
        .collect();
    wordings.sort_by_key(|(words, of)| (std::cmp::Reverse(of.len()), words.clone()));
    let texts: Vec<String> = wordings.iter().map(|(w, _)| w.clone()).collect();
    let likeness = like(&texts);
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    for (i, row) in likeness.iter().enumerate() {
        let mean = |c: &Vec<usize>| c.iter().map(|j| row[*j]).sum::<f32>() / c.len().max(1) as f32;
        let near = clusters
            .iter_mut()
            .map(|c| (mean(c), c))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match near {
            Some((how, cluster)) if how >= alike => cluster.push(i),
            _ => clusters.push(vec![i]),
        }
    }
    let mut taken: BTreeSet<String> = plan
        .tongue(lang)
        .map_or_else(BTreeSet::new, |t| t.intents.keys().cloned().collect());
    let mut groups: Vec<Group> = Vec::new();
    for cluster in clusters {
        let members: Vec<String> = cluster.iter().map(|i| texts[*i].clone()).collect();
        let proposal = propose(plan, lang, &members, &mut taken);
        groups.push(Group {
            turns: cluster
                .iter()
                .flat_map(|i| wordings[*i].1.clone())
                .collect(),
            wordings: members,
            proposal,
        });
    }
    groups.sort_by(|a, b| {
        b.turns
            .len()
            .cmp(&a.turns.len())
            .then(a.wordings.cmp(&b.wordings))
    });
    groups
}

/// The intent the file's own classifier leans to, else a new one.
fn propose(
    plan: &Dialplan,
    lang: Lang,
    wordings: &[String],
    taken: &mut BTreeSet<String>,
) -> Proposal {
    let mut scores: BTreeMap<String, f32> = BTreeMap::new();
    for words in wordings {
        for r in plan.weigh(words, lang, &[], &Besides::default()) {
            *scores.entry(r.intent).or_default() += r.score / wordings.len() as f32;
        }
    }
    // An example too many for "never call again" ends calls; that list is kept by hand.
    scores.remove("opt_out");
    let best = scores.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((intent, score)) = best.filter(|(_, s)| *s >= LEANS) {
        return Proposal::Existing { intent, score };
    }
    let intent = name_of(&wordings[0], lang, taken);
    taken.insert(intent.clone());
    Proposal::New { intent }
}

/// A name made of the words: what a person would call it until they find a better one.
fn name_of(words: &str, lang: Lang, taken: &BTreeSet<String>) -> String {
    let tokens = text::tokens(words, lang);
    let kept: Vec<&str> = tokens
        .iter()
        .map(|t| t.form.as_str())
        .filter(|f| is_name(f))
        .collect();
    let base = match lang {
        Lang::Zh => kept.concat().chars().take(10).collect::<String>(),
        Lang::En => {
            const SMALL: [&str; 16] = [
                "a", "an", "the", "i", "you", "do", "does", "is", "are", "it", "to", "of", "and",
                "that", "have", "can",
            ];
            let mut content: Vec<&str> = kept
                .iter()
                .copied()
                .filter(|w| !SMALL.contains(w))
                .collect();
            if content.is_empty() {
                content.clone_from(&kept);
            }
            content.truncate(3);
            format!("ask_{}", content.join("_"))
        }
    };
    let base = if is_name(&base) { base } else { "ask".into() };
    if !taken.contains(&base) {
        return base;
    }
    (2..)
        .map(|n| format!("{base}_{n}"))
        .find(|name| !taken.contains(name))
        .unwrap_or(base)
}

/// How alike texts are: the cosine of their n-grams (characters and syllables, or words and letters), rare ones counting more.
/// One row a text, of the first `rows` texts.
#[must_use]
pub fn ngram_likeness(texts: &[String], lang: Lang, rows: usize) -> Vec<Vec<f32>> {
    let counts: Vec<BTreeMap<String, f32>> = texts.iter().map(|t| ngrams(t, lang)).collect();
    let mut frequency: BTreeMap<&String, f32> = BTreeMap::new();
    for gram in counts.iter().flat_map(BTreeMap::keys) {
        *frequency.entry(gram).or_default() += 1.0;
    }
    let n = texts.len() as f32;
    let weighed: Vec<BTreeMap<&String, f32>> = counts
        .iter()
        .map(|c| {
            let weigh = |(g, tf): (_, &f32)| {
                let rare = ((1.0 + n) / (1.0 + frequency[g])).ln() + 1.0;
                (g, (1.0 + tf.ln()) * rare)
            };
            c.iter().map(weigh).collect()
        })
        .collect();
    let norm = |v: &BTreeMap<&String, f32>| v.values().map(|x| x * x).sum::<f32>().sqrt();
    let dot = |a: &BTreeMap<&String, f32>, b: &BTreeMap<&String, f32>| -> f32 {
        a.iter().filter_map(|(g, x)| Some(x * b.get(g)?)).sum()
    };
    let norms: Vec<f32> = weighed.iter().map(norm).collect();
    (0..texts.len().min(rows))
        .map(|i| {
            (0..texts.len())
                .map(|j| {
                    let length = norms[i] * norms[j];
                    if length > 0.0 {
                        dot(&weighed[i], &weighed[j]) / length
                    } else {
                        0.0
                    }
                })
                .collect()
        })
        .collect()
}

fn ngrams(words: &str, lang: Lang) -> BTreeMap<String, f32> {
    let tokens = text::tokens(words, lang);
    let mut out = BTreeMap::new();
    let mut add = |gram: String| *out.entry(gram).or_insert(0.0) += 1.0;
    for size in 1..=2 {
        for window in tokens.windows(size) {
            let forms: Vec<&str> = window.iter().map(|t| t.form.as_str()).collect();
            add(format!("w {}", forms.join(" ")));
            if lang == Lang::Zh {
                let sounds: Vec<&str> = window.iter().map(|t| t.sound.as_str()).collect();
                add(format!("s {}", sounds.join(" ")));
            }
        }
    }
    if lang == Lang::En {
        for token in &tokens {
            let padded: Vec<char> = format!("<{}>", token.form).chars().collect();
            for window in padded.windows(4.min(padded.len())) {
                add(format!("l {}", window.iter().collect::<String>()));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
