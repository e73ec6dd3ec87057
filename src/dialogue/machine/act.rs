//! What an intent leads to, by the step, the file and the built-in answers.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::intent::Reading;
use crate::dialogue::plan::{Action, Dialplan, Step};

/// What an intent leads to, here and now.
#[derive(Copy, Clone)]
pub(super) enum Act<'p> {
    Branch(&'p Action),
    Global(&'p Action),
    Human,
    /// Ends the call by a built-in answer.
    Leave(&'p Action),
    Busy,
    /// Asks for the file's other language.
    Language,
    Repeat,
}

impl Act<'_> {
    /// Of two things said in one breath, the one with the higher rank is followed (a global is answered first in any case).
    pub const fn rank(&self) -> u8 {
        match self {
            Act::Human => 5,
            Act::Leave(_) => 4,
            Act::Language => 3,
            Act::Busy => 3,
            Act::Branch(_) => 2,
            Act::Repeat => 1,
            Act::Global(_) => 0,
        }
    }
}

/// What the readings lead to: the best one, and others only where other words earned them.
pub(super) fn acts<'p, 'r>(
    plan: &'p Dialplan,
    step: Option<&'p Step>,
    text: &str,
    readings: &'r [Reading],
) -> Vec<(&'r Reading, Act<'p>)> {
    let mut taken: Vec<(&Reading, Act<'_>)> = Vec::new();
    for r in readings {
        let Some(act) = act_of(plan, step, &r.intent) else {
            continue;
        };
        if taken
            .iter()
            .all(|(t, _)| apart(text, &t.evidence, &r.evidence))
        {
            taken.push((r, act));
        }
    }
    taken
}

pub(super) fn act_of<'p>(
    plan: &'p Dialplan,
    step: Option<&'p Step>,
    intent: &str,
) -> Option<Act<'p>> {
    if let Some(action) = step.and_then(|s| s.on.get(intent)) {
        return Some(Act::Branch(action));
    }
    if let Some(action) = plan.globals.get(intent) {
        return Some(Act::Global(action));
    }
    Some(match intent {
        "robot_question" => Act::Global(&plan.robot_question),
        "human" => Act::Human,
        "busy" => Act::Busy,
        "language" if plan.tongues.len() > 1 => Act::Language,
        "repeat" => Act::Repeat,
        "abuse" => Act::Leave(&plan.abuse),
        "wrong_number" => Act::Leave(&plan.wrong_number),
        _ => return None,
    })
}

/// True when two pieces of evidence are surely different words of `text`.
pub(super) fn apart(text: &str, a: &str, b: &str) -> bool {
    let text = text.to_lowercase();
    match (places(&text, a), places(&text, b)) {
        (Some(a), Some(b)) => a.iter().all(|x| b.iter().all(|y| x.1 <= y.0 || y.1 <= x.0)),
        _ => false,
    }
}

/// Where the evidence stands: as one piece, else word by word; nothing when a word is not there.
fn places(text: &str, evidence: &str) -> Option<Vec<(usize, usize)>> {
    let evidence = evidence.to_lowercase();
    let evidence = evidence.trim();
    if evidence.is_empty() {
        return None;
    }
    if let Some(at) = text.find(evidence) {
        return Some(vec![(at, at + evidence.len())]);
    }
    evidence
        .split([' ', ',', '，', '、', '…'])
        .filter(|w| !w.is_empty())
        .map(|w| text.find(w).map(|at| (at, at + w.len())))
        .collect()
}
