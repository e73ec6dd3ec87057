//! A simulated callee that tries everything a dialplan waits for, until every step was reached: finds dead ends, circles,
//! calls that never end and crashes, each with the shortest conversation that shows it.
//!
//! The walk learns where each answer leads and heads for the nearest step that has something untried, so it needs far fewer
//! calls than blind chance. The same seed walks the same way.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod callee;
mod dice;
mod samples;

use super::coverage::Coverage;
use super::effect::Effect;
use super::event::Event;
use super::plan::{Dialplan, Lead};
use super::rehearse::moment::{At, Input};
use super::rehearse::script::{Script, expectation};
use super::rehearse::{Rehearsal, Told};
use callee::Choice;
use dice::Dice;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How to walk.
#[derive(Clone, Debug)]
pub struct Walk {
    pub seed: u64,
    /// At most so many calls; a walk that has tried everything ends before.
    pub calls: u32,
    /// The callee gives a call up after so many turns.
    pub turns: u32,
}

impl Default for Walk {
    fn default() -> Self {
        Walk {
            seed: 1,
            calls: 500,
            turns: 40,
        }
    }
}

/// What is wrong with a conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The program failed.
    Crash(String),
    /// The robot neither speaks, listens nor hangs up any more.
    DeadEnd(String),
    /// Line after line is said, and never listened.
    RunsOn(String),
    /// The same answers at this step lead back to it again and again.
    Circle(String),
    /// The call ended because it had too many turns.
    TooManyTurns,
    /// No conversation of this walk came to the step.
    Unreached(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Crash(what) => write!(f, "the program fails: {what}"),
            Trouble::DeadEnd(step) => {
                write!(f, "dead end at step {step}: the robot waits for ever")
            }
            Trouble::RunsOn(step) => {
                write!(f, "at step {step} the robot talks on and never listens")
            }
            Trouble::Circle(step) => {
                write!(
                    f,
                    "circle: the same answers lead back to step {step} again and again"
                )
            }
            Trouble::TooManyTurns => write!(f, "the call goes on until its turns are used up"),
            Trouble::Unreached(step) => write!(f, "no conversation reached step {step}"),
        }
    }
}

impl Trouble {
    /// A dialplan with it should not be dialled. A circle that the callee turns by saying the same again, and a step that a
    /// walk did not find, are for its author to judge.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(
            self,
            Trouble::Crash(_) | Trouble::DeadEnd(_) | Trouble::RunsOn(_)
        )
    }
}

/// One trouble with the shortest conversation found that shows it, as a `.call` file; empty for a step never reached.
#[derive(Clone, Debug)]
pub struct Finding {
    pub trouble: Trouble,
    pub script: String,
    /// What the callee does in it, the answering not counted.
    pub turns: usize,
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    pub calls: u32,
    pub findings: Vec<Finding>,
    pub coverage: Coverage,
}

/// The same step so often, by answers given before, is a circle.
const ROUNDS: usize = 4;
/// Calls in a row that teach nothing new end the walk.
const PATIENCE: u32 = 150;

type Moments = Vec<(At, Input)>;

/// Walks. `name` is how the scripts call the dialplan.
#[must_use]
pub fn walk(plan: &Arc<Dialplan>, name: &str, rules: &Walk) -> Walked {
    let mut walker = Walker {
        plan,
        turns: rules.turns,
        dice: Dice::new(rules.seed),
        tried: BTreeMap::new(),
        waiting: BTreeMap::new(),
        leads: BTreeMap::new(),
    };
    let mut walked = Walked {
        coverage: Coverage::of(plan),
        ..Walked::default()
    };
    let mut shortest: BTreeMap<Trouble, (Lead, Moments)> = BTreeMap::new();
    let mut idle = 0;
    for n in 0..rules.calls {
        let lead = samples::lead(plan, n, &mut walker.dice);
        let before = (walked.coverage.share(None).0, walker.tried.len());
        let call = walker.call(&lead, n % 5 == 4);
        walked.calls += 1;
        walked.coverage.add(plan, &call.log);
        for trouble in call.troubles {
            let kept = shortest.get(&trouble);
            if kept.is_none_or(|(_, m)| m.len() > call.moments.len()) {
                shortest.insert(trouble, (lead.clone(), call.moments.clone()));
            }
        }
        let learned = (walked.coverage.share(None).0, walker.tried.len()) != before;
        idle = if learned { 0 } else { idle + 1 };
        if idle >= PATIENCE {
            break;
        }
    }
    for (trouble, (lead, moments)) in shortest {
        let moments = shorten(plan, &lead, moments, &trouble);
        walked.findings.push(Finding {
            script: script(plan, name, &lead, &moments, &trouble),
            turns: moments.len().saturating_sub(1),
            trouble,
        });
    }
    for item in walked.coverage.missed() {
        if item.kind == super::coverage::Kind::Step {
            walked.findings.push(Finding {
                trouble: Trouble::Unreached(item.name.clone()),
                script: String::new(),
                turns: 0,
            });
        }
    }
    walked
}

struct Walker<'p> {
    plan: &'p Arc<Dialplan>,
    turns: u32,
    dice: Dice,
    /// Place and choice → how often it was taken. Choices of no step are counted once for all places.
    tried: BTreeMap<(String, String), u32>,
    /// Place → its own choices that were never taken.
    waiting: BTreeMap<String, BTreeSet<String>>,
    /// Place → choice → the places it led to.
    leads: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

/// What one call was.
struct Call {
    moments: Moments,
    troubles: BTreeSet<Trouble>,
    log: Vec<Told>,
}

impl Walker<'_> {
    /// A stubborn callee answers a question the same way each time it is asked.
    fn call(&mut self, lead: &Lead, stubborn: bool) -> Call {
        let mut talk = Rehearsal::new(Arc::clone(self.plan), lead.clone());
        let mut moments: Moments = Vec::new();
        let mut troubles = BTreeSet::new();
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        let mut next = (At::Time(0), Input::Event(Event::Answered));
        let mut from: Option<(String, String)> = None;
        loop {
            moments.push(next.clone());
            let over = self.dice.percent(8);
            if let Err(what) = act(&mut talk, &next, !over) {
                troubles.insert(Trouble::Crash(what));
                break;
            }
            troubles.extend(judge(self.plan, &talk));
            let place = callee::place(&talk);
            if let Some((from, choice)) = from.take() {
                let led = self.leads.entry(from).or_default().entry(choice);
                led.or_default().insert(place.clone());
            }
            let enough = moments.len() > self.turns as usize;
            if talk.over() || enough || troubles.iter().any(Trouble::is_error) {
                break;
            }
            let choices = callee::choices(self.plan, &talk);
            let again = said.get(&place).filter(|_| stubborn);
            let choice = again
                .and_then(|kind| choices.iter().find(|c| c.kind == *kind))
                .or_else(|| self.choose(&place, &choices));
            let Some(choice) = choice else { break };
            self.note(&place, choice, &choices);
            if choice.own {
                said.insert(place.clone(), choice.kind.clone());
            }
            let input = callee::way(choice, &mut self.dice);
            let wait = match (&input, talk.machine().deadline()) {
                (Input::Silence, Some((at, _))) => at.since(talk.now()),
                _ => 1000,
            };
            let at = if over && !matches!(input, Input::Silence) {
                At::Time(talk.now().after(400).0)
            } else {
                At::AfterSpeech(wait)
            };
            from = Some((place, choice.kind.clone()));
            next = (at, input);
        }
        Call {
            moments,
            troubles,
            log: talk.log().to_vec(),
        }
    }

    /// Something untried here, else the way to where something is.
    fn choose<'c>(&mut self, place: &str, choices: &'c [Choice]) -> Option<&'c Choice> {
        let untried = |own: bool| -> Vec<&'c Choice> {
            let of = choices.iter().filter(|c| c.own == own);
            of.filter(|c| !self.tried.contains_key(&key(place, c)))
                .collect()
        };
        let (own, others) = (untried(true), untried(false));
        if let Some(choice) = self.dice.pick(&own) {
            return Some(choice);
        }
        if !others.is_empty() && self.dice.percent(30) {
            return self.dice.pick(&others).copied();
        }
        if self.dice.percent(80)
            && let Some(kind) = self.way_to_untried(place)
            && let Some(choice) = choices.iter().find(|c| c.kind == kind)
        {
            return Some(choice);
        }
        let own: Vec<&Choice> = choices.iter().filter(|c| c.own).collect();
        match self.dice.pick(&own) {
            Some(choice) => Some(choice),
            None => self.dice.pick(choices),
        }
    }

    /// The choice that begins the shortest known way to some place with something untried. Not always the nearest: what led
    /// there once by chance may never do so again.
    fn way_to_untried(&mut self, from: &str) -> Option<String> {
        let mut ways: Vec<String> = Vec::new();
        let mut seen: BTreeSet<&str> = [from].into();
        let mut open: VecDeque<(&str, Option<&String>)> = [(from, None)].into();
        while let Some((place, first)) = open.pop_front() {
            let waits = self.waiting.get(place).is_some_and(|w| !w.is_empty());
            ways.extend(first.filter(|_| waits).cloned());
            for (choice, places) in self.leads.get(place).into_iter().flatten() {
                for next in places {
                    if seen.insert(next) {
                        open.push_back((next, first.or(Some(choice))));
                    }
                }
            }
        }
        self.dice.pick(&ways).cloned()
    }

    fn note(&mut self, place: &str, taken: &Choice, choices: &[Choice]) {
        *self.tried.entry(key(place, taken)).or_default() += 1;
        let waiting = choices.iter().filter(|c| c.own);
        let waiting = waiting.filter(|c| !self.tried.contains_key(&key(place, c)));
        let waiting = waiting.map(|c| c.kind.clone()).collect();
        self.waiting.insert(place.to_string(), waiting);
    }
}

fn key(place: &str, choice: &Choice) -> (String, String) {
    let place = if choice.own { place } else { "" };
    (place.to_string(), choice.kind.clone())
}

/// Does one thing; with `quiet`, the robot then says what it has to say.
fn act(talk: &mut Rehearsal, moment: &(At, Input), quiet: bool) -> Result<(), String> {
    let mut out = Vec::new();
    let done = catch_unwind(AssertUnwindSafe(|| {
        talk.does(moment.0, &moment.1, &mut out)?;
        if quiet {
            talk.finish(&mut out);
        }
        Ok(())
    }));
    done.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str);
        let what = what.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(what.unwrap_or("a panic").to_string())
    })
}

/// What is wrong with the conversation so far.
fn judge(plan: &Dialplan, talk: &Rehearsal) -> BTreeSet<Trouble> {
    let mut found = BTreeSet::new();
    let here = talk.machine().step().unwrap_or("disclosure").to_string();
    if talk.runs_on() {
        found.insert(Trouble::RunsOn(here));
        return found;
    }
    let waits = talk.machine().silent() && !talk.hung_up() && !callee::with_agent(talk);
    if waits && talk.machine().deadline().is_none() {
        found.insert(Trouble::DeadEnd(here));
    }
    let mut answers: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for told in talk.log() {
        for effect in &told.effects {
            if let Effect::Hangup {
                result: Some(result),
                ..
            } = effect
                && result == "max_turns"
            {
                found.insert(Trouble::TooManyTurns);
            }
        }
        if let (Some(step), Some(answer)) = (told.step.as_deref(), answer(plan, told)) {
            let times = answers.entry((step, answer)).or_default();
            *times += 1;
            if *times >= ROUNDS {
                found.insert(Trouble::Circle(step.to_string()));
            }
        }
    }
    found
}

/// What the callee answered to the open question; nothing for questions of their own, which are brought back by design.
fn answer(plan: &Dialplan, told: &Told) -> Option<String> {
    if let Some(Event::Key(key)) = told.event {
        return Some(format!("key {key}"));
    }
    if !matches!(told.event, Some(Event::Heard { .. })) {
        return None;
    }
    let mut named = Vec::new();
    for effect in &told.effects {
        match effect {
            Effect::Intent { intent, .. } => {
                let asks = matches!(intent.as_str(), "repeat" | "robot_question");
                if asks || plan.globals.contains_key(intent) {
                    return None;
                }
                named.push(intent.as_str());
            }
            Effect::Slot { name, .. } => named.push(name),
            // A ladder answers it, and ladders end.
            Effect::NoMatch { .. } => return None,
            _ => {}
        }
    }
    (!named.is_empty()).then(|| named.join(" "))
}

/// Leaves out what the trouble does not need.
fn shorten(plan: &Arc<Dialplan>, lead: &Lead, moments: Moments, trouble: &Trouble) -> Moments {
    let mut kept = moments;
    let mut i = kept.len();
    while i > 1 {
        i -= 1;
        let mut fewer = kept.clone();
        fewer.remove(i);
        if shows(plan, lead, &fewer, trouble) {
            kept = fewer;
        }
    }
    kept
}

fn shows(plan: &Arc<Dialplan>, lead: &Lead, moments: &Moments, trouble: &Trouble) -> bool {
    let mut talk = Rehearsal::new(Arc::clone(plan), lead.clone());
    for moment in moments {
        // The robot is waited for where the callee waits for it; the last thing is followed to its end.
        if let Err(what) = act(&mut talk, moment, false) {
            return Trouble::Crash(what) == *trouble;
        }
    }
    let mut out = Vec::new();
    talk.finish(&mut out);
    judge(plan, &talk).contains(trouble)
}

/// The conversation as a `.call` file, with the way it takes as expectations.
fn script(
    plan: &Arc<Dialplan>,
    name: &str,
    lead: &Lead,
    moments: &Moments,
    trouble: &Trouble,
) -> String {
    let mut script = Script::new(&[trouble.to_string()], name, lead, false);
    let mut talk = Rehearsal::new(Arc::clone(plan), lead.clone());
    for (n, moment) in moments.iter().enumerate() {
        let before = talk.log().len();
        script.moment(moment.0, &moment.1);
        if act(&mut talk, moment, n + 1 == moments.len()).is_err() {
            break;
        }
        let effects = talk.log()[before..].iter().flat_map(|t| &t.effects);
        for effect in effects {
            if matches!(effect, Effect::Enter { .. } | Effect::Hangup { .. })
                && let Some(expected) = expectation(effect)
            {
                script.expect(&expected);
            }
        }
    }
    // What a later moment brings about (a line's end, a deadline) belongs to the one before it.
    script.settle(plan);
    script.text()
}

#[cfg(test)]
mod tests;
