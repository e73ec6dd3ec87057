//! The file's answers for a person: what an agent may say to the callee's last words.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::event::Besides;
use super::intent::{ACCEPT, IntentSpec};
use super::plan::{Dialplan, Lead};
use super::suggest::ngram_likeness;
use super::wording::{answer_of, wording_for};
use crate::terms::Lang;
use std::collections::BTreeMap;

/// One answer of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The global or FAQ entry.
    pub intent: String,
    /// The example that is most like what was asked.
    pub question: String,
    /// What the robot would say, filled in for this lead.
    pub answer: String,
    /// 0..=1; from [`ACCEPT`] on the robot itself would have answered so.
    pub score: f32,
}

/// Words this unlike every example bring nothing.
const LEAST: f32 = 0.22;

/// The answers that fit the callee's words, best first, at most `most`. `besides` holds the vectors of the texts that
/// [`Dialplan::wants`] names, where there is a sentence model.
#[must_use]
pub fn answers(
    plan: &Dialplan,
    words: &str,
    lang: Lang,
    lead: &Lead,
    besides: &Besides,
    most: usize,
) -> Vec<Known> {
    let Some(tongue) = plan.tongue(lang) else {
        return Vec::new();
    };
    let mut scores: BTreeMap<&str, f32> = BTreeMap::new();
    let likeness = likest(plan, &tongue.intents, words, lang);
    for (name, (_, like)) in &likeness {
        // By letters alone it is only a hint, however alike.
        let hint = (like * 0.8).min(ACCEPT - 0.01);
        if *like >= LEAST {
            scores.insert(name, hint);
        }
    }
    for reading in plan.weigh(words, lang, &[], besides) {
        if let Some((name, _)) = plan.globals.get_key_value(&reading.intent) {
            let score = scores.entry(name).or_default();
            *score = score.max(reading.score);
        }
    }
    let mut found: Vec<Known> = scores
        .into_iter()
        .filter_map(|(name, score)| {
            let prompt = answer_of(plan, plan.globals.get(name)?)?;
            let question = likeness.get(name).map(|(q, _)| q.clone());
            Some(Known {
                intent: name.to_string(),
                question: question.unwrap_or_else(|| name.to_string()),
                answer: wording_for(plan, prompt, lang, lead)?,
                score,
            })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.intent.cmp(&b.intent)));
    found.truncate(most);
    found
}

/// Of every answered intent the example nearest to the words, and how near.
fn likest<'p>(
    plan: &'p Dialplan,
    intents: &'p BTreeMap<String, IntentSpec>,
    words: &str,
    lang: Lang,
) -> BTreeMap<&'p str, (String, f32)> {
    let mut texts = vec![words.to_string()];
    let mut owners = Vec::new();
    for name in plan.globals.keys() {
        let Some((name, spec)) = intents.get_key_value(name) else {
            continue;
        };
        for example in spec.examples.iter().chain(&spec.exact) {
            texts.push(example.clone());
            owners.push(name.as_str());
        }
    }
    let mut best: BTreeMap<&str, (String, f32)> = BTreeMap::new();
    let Some(row) = ngram_likeness(&texts, lang, 1).into_iter().next() else {
        return best;
    };
    for (i, name) in owners.into_iter().enumerate() {
        let like = row[i + 1];
        let known = best.get(name).is_some_and(|(_, had)| *had >= like);
        if !known {
            best.insert(name, (texts[i + 1].clone(), like));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Dialplan {
        let text = r#"
callsmith: 1
name: k
lang: en
company: Acme
lead: { name: { required: true } }
disclosure: Hello, this is Acme's automated assistant on a recorded line.
start: a
steps:
  a: { say: Hi, on: { affirm: b, deny: b }, else: b }
  b: { say: Bye, hangup: { disposition: completed } }
  tour: { say: "First we look at the rooms, {name}.", return: true }
globals:
  process: { call: tour }
intents:
  process:
    examples: [how does it work, what happens at the visit, what is the process, walk me through it, what are the steps, how do we get started, what happens next, what does the designer do, what happens after the visit, do i have to prepare anything]
faq:
  permits:
    ask: [do i need a permit, who gets the permits, do you take care of permits, what about building permits, do we need planning permission, who talks to the inspector, is a permit included, do you handle inspections, is the permit extra, who pulls the permit]
    say: Where a permit is needed {company} applies for it.
"#;
        Dialplan::parse(text, "k.yaml").unwrap_or_else(|e| panic!("{e:?}"))
    }

    #[test]
    fn an_agent_gets_the_files_answer_to_what_the_callee_asked() {
        let lead = Lead {
            vars: [("name".to_string(), "Ann".to_string())].into(),
            ..Lead::default()
        };
        let ask = |words| answers(&plan(), words, Lang::En, &lead, &Besides::default(), 3);
        let found = ask("and who would get the permits for all that");
        assert_eq!(found[0].intent, "permits", "{found:?}");
        assert_eq!(
            found[0].answer,
            "Where a permit is needed Acme applies for it."
        );
        assert!(found[0].question.contains("permit"));
        let found = ask("what is the process");
        assert_eq!(found[0].answer, "First we look at the rooms, Ann.");
        assert!(found[0].score >= ACCEPT);
        assert_eq!(ask("purple elephants dance"), []);
        assert_eq!(ask(""), []);
    }
}
