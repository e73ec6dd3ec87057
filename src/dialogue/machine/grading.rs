//! What the conversation has shown: intents, tags, slots, steps, turns, and the grade that follows from them.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::effect::Effect;
use crate::dialogue::slot::SlotKind;
use crate::dialogue::template::clean;
use crate::terms::Grade;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Memory {
    pub tags: BTreeSet<String>,
    pub intents: BTreeSet<String>,
    pub slots: BTreeMap<String, Kept>,
    pub steps: BTreeSet<String>,
    /// Where the retention line was said.
    pub retained: BTreeSet<String>,
    /// Turns of the callee that became words.
    pub turns: u32,
    /// A grade that a branch gave outright.
    pub given: Option<(Grade, String)>,
    /// A grade that a human set.
    pub by_hand: Option<(Grade, Vec<String>)>,
    pub grade: Option<(Grade, Vec<String>)>,
    /// The words that led to where the conversation is.
    pub evidence: String,
    pub score: f32,
    /// The callee's last turn, whole.
    pub words: String,
    /// The lead card as it was told.
    pub card: BTreeMap<String, String>,
    /// Turns said much louder than those before.
    pub raised: u32,
    pub wrapped_up: bool,
    /// The call has ended.
    pub over: bool,
}

/// A filled slot.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub value: String,
    pub kind: SlotKind,
}

impl Machine {
    /// An intent was acted on.
    pub(super) fn note_intent(
        &mut self,
        intent: &str,
        score: f32,
        evidence: &str,
        out: &mut Vec<Effect>,
    ) {
        out.push(Effect::Intent {
            intent: intent.into(),
            score,
            evidence: evidence.into(),
        });
        self.memory.intents.insert(intent.to_string());
        self.memory.evidence = evidence.to_string();
        self.memory.score = score;
        let builtin = match intent {
            "human" => Some("wants_human"),
            "busy" => Some("callback"),
            "robot_question" | "abuse" => Some(intent),
            _ => None,
        };
        if let Some(tag) = builtin {
            self.tag(tag, score, evidence, out);
        }
        for tag in self
            .plan
            .intent_tags
            .get(intent)
            .cloned()
            .unwrap_or_default()
        {
            self.tag(&tag, score, evidence, out);
        }
    }

    /// Each tag is given once; the first words that earned it stay its evidence.
    pub(super) fn tag(&mut self, tag: &str, score: f32, evidence: &str, out: &mut Vec<Effect>) {
        if self.memory.tags.insert(tag.to_string()) {
            out.push(Effect::Tag {
                tag: tag.into(),
                score,
                evidence: evidence.into(),
            });
            self.regrade(out);
        }
    }

    pub(super) fn keep_slot(
        &mut self,
        name: &str,
        kind: SlotKind,
        value: &str,
        evidence: &str,
        out: &mut Vec<Effect>,
    ) {
        // What a callee says is data, like what a list says.
        let value = clean(value);
        out.push(Effect::Slot {
            name: name.into(),
            value: value.clone(),
            evidence: evidence.into(),
        });
        self.memory
            .slots
            .insert(name.to_string(), Kept { value, kind });
        self.fill_card(out);
        self.regrade(out);
    }

    /// The first rule that fits gives the grade; every rule of that grade that fits gives its reason.
    pub(super) fn regrade(&mut self, out: &mut Vec<Effect>) {
        let m = &self.memory;
        if m.by_hand.is_some() || (m.turns == 0 && m.tags.is_empty() && !m.over) {
            return;
        }
        let fits: Vec<_> = self
            .plan
            .grade
            .iter()
            .filter(|r| self.holds(&r.when))
            .collect();
        let by_rule = fits.first().map(|first| {
            let reasons = fits
                .iter()
                .filter(|r| r.grade == first.grade)
                .map(|r| &r.reason);
            let mut list: Vec<String> = Vec::new();
            for r in reasons {
                if !list.contains(r) {
                    list.push(r.clone());
                }
            }
            (first.grade, list)
        });
        let given = m.given.as_ref().filter(|_| !m.tags.contains("opt_out"));
        let grade = given.map(|(g, why)| (*g, vec![why.clone()])).or(by_rule);
        if grade != self.memory.grade
            && let Some((grade, reasons)) = grade
        {
            out.push(Effect::Graded {
                grade,
                reasons: reasons.clone(),
            });
            self.memory.grade = Some((grade, reasons));
        }
    }
}
