//! Which items a conversation went through, read off what the machine was told and wanted.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Kind;
use crate::dialogue::diagnostic::At;
use crate::dialogue::effect::Effect;
use crate::dialogue::event::{AgentNews, Event};
use crate::dialogue::intent::ACCEPT;
use crate::dialogue::plan::{Action, Dialplan, GradeRule, SlotAsk, Step};
use crate::dialogue::rehearse::Told;

/// What every dialplan answers, as [`Kind::Builtin`] items.
pub(super) const BUILTIN: &[&str] = &[
    "opt_out",
    "human",
    "busy",
    "busy with a time",
    "busy without a time",
    "repeat",
    "robot_question",
    "wrong_number",
    "abuse",
    "doubt",
    "agent joins",
    "nobody comes",
];

/// How a grade rule is called in reports.
pub(super) fn rule_name(n: usize, rule: &GradeRule) -> String {
    format!("{:02} {} {}", n + 1, rule.grade, rule.reason)
}

fn card(field: &str) -> String {
    format!("card {field}")
}

fn lasting(tag: &str, forget: bool) -> String {
    format!("{} {tag}", if forget { "forget" } else { "remember" })
}

fn follow_up(reason: &str) -> String {
    format!("follow-up: {reason}")
}

/// What calls over this dialplan may leave behind.
pub(super) fn outcomes(plan: &Dialplan) -> Vec<(String, At)> {
    let cards = plan.card.iter().map(|(f, _)| (card(f), At::default()));
    let tags = plan.remember.iter();
    let tags = tags.map(|r| (lasting(&r.tag.name, r.forget), r.tag.at));
    let later = plan.follow_ups.iter();
    let later = later.map(|f| (follow_up(&f.reason), At::default()));
    cards.chain(tags).chain(later).collect()
}

/// Every item passed, in order, as often as it was.
pub(super) fn passed(plan: &Dialplan, log: &[Told]) -> Vec<(Kind, String)> {
    let mut f = Follower {
        plan,
        mode: Mode::Talking,
        out: Vec::new(),
    };
    for told in log {
        f.take(told);
    }
    f.out
}

#[derive(Copy, Clone, PartialEq)]
enum Mode {
    Talking,
    /// A slot's value was read back.
    Confirming,
    /// Asked when to call again.
    Callback,
    Waiting,
    Human,
}

struct Follower<'p> {
    plan: &'p Dialplan,
    mode: Mode,
    out: Vec<(Kind, String)>,
}

impl<'p> Follower<'p> {
    fn take(&mut self, told: &Told) {
        let before = self.mode;
        let here = told.step.as_deref();
        let listening = here.and_then(|name| listening(self.plan, name));
        self.inputs(told, before, listening);
        self.silent_ways(told);
        for effect in &told.effects {
            self.effect(effect, before, here);
        }
    }

    /// Ways that no word of the callee decides: branches by conditions, and what another machine answered.
    fn silent_ways(&mut self, told: &Told) {
        let mut here = told.step.as_deref();
        let mut heard = matches!(told.event, Some(Event::Heard { .. } | Event::Key(_)));
        let failed = told.event.is_none()
            || matches!(told.event, Some(Event::LookedUp { result: Err(_), .. }));
        for effect in &told.effects {
            match effect {
                Effect::Intent { .. } | Effect::Slot { .. } => {}
                Effect::Enter { step } => {
                    if let Some(name) = here.filter(|_| !heard) {
                        self.left(name, Some(step), failed);
                    }
                    here = Some(step);
                    heard = false;
                }
                Effect::Hangup { .. } => {
                    if let Some(name) = here.filter(|_| !heard) {
                        self.left(name, None, failed);
                    }
                }
                _ => {}
            }
        }
    }

    /// The step was left without a word, for another one or by a hang-up.
    fn left(&mut self, name: &str, to: Option<&String>, failed: bool) {
        let Some(step) = self.plan.steps.get(name) else {
            return;
        };
        let leads = |a: &Action| {
            let next = a.goto.as_ref().or(a.call.as_ref()).map(|r| &r.name);
            next == to && (to.is_some() || a.hangup.is_some())
        };
        if let Some(lookup) = &step.lookup {
            let way = match failed {
                true => "failed",
                false if to == Some(&lookup.then.name) => "then",
                false => "failed",
            };
            self.branch(format!("{name} lookup {way}"));
        }
        let taken = step.branch.iter().position(|b| leads(&b.action));
        if let Some(n) = taken {
            self.branch(format!("{name} branch {}", n + 1));
        }
    }

    /// What the event itself and all of its effects together say.
    fn inputs(&mut self, told: &Told, mode: Mode, at: Option<(&str, &'p Step)>) {
        match &told.event {
            Some(Event::Key(key)) if mode == Mode::Talking => {
                if let Some((name, _)) = at.filter(|(_, s)| s.keys.contains_key(key)) {
                    self.branch(format!("{name} key {key}"));
                }
            }
            Some(Event::Agent(AgentNews::Joined)) => {
                self.mode = Mode::Human;
                self.builtin("agent joins");
            }
            Some(Event::Agent(AgentNews::Nobody)) if !told.effects.is_empty() => {
                self.mode = Mode::Talking;
                self.builtin("nobody comes");
            }
            Some(Event::Heard { .. }) if mode == Mode::Talking => {
                if let Some((name, step)) = at
                    && let Some(action) = &step.otherwise
                    && !told.effects.iter().any(|e| self.explains(e, step))
                    && did(action, &told.effects)
                {
                    self.branch(format!("{name} else"));
                }
            }
            _ => {}
        }
        if let Some((name, step)) = at
            && let Some(slot) = &step.slot
        {
            self.slot(told, mode, name, slot);
        }
        if mode == Mode::Talking {
            self.intents(told, at);
        }
    }

    /// An effect that accounts for words without an `else`.
    fn explains(&self, effect: &Effect, step: &Step) -> bool {
        match effect {
            Effect::Intent { intent, .. } => {
                step.on.contains_key(intent)
                    || self.plan.globals.contains_key(intent)
                    || BUILTIN.contains(&intent.as_str())
            }
            Effect::NoMatch { .. } | Effect::NoInput { .. } => true,
            Effect::Slot { name, .. } => step.slot.as_ref().is_some_and(|s| s.name == *name),
            _ => false,
        }
    }

    fn intents(&mut self, told: &Told, at: Option<(&str, &'p Step)>) {
        for effect in &told.effects {
            let Effect::Intent { intent, score, .. } = effect else {
                continue;
            };
            let Some((name, action)) = at.and_then(|(n, s)| Some((n, s.on.get(intent)?))) else {
                continue;
            };
            if *score < ACCEPT {
                // Too weak to act on: a confirming question was asked.
                continue;
            }
            let leads = action.goto.is_some();
            let led = told
                .effects
                .iter()
                .any(|e| matches!(e, Effect::Enter { .. } | Effect::WantAgent { .. }));
            if leads && !led {
                // The branch would have gone on; the retention line was said in its place.
                self.builtin("retention");
            } else {
                self.branch(format!("{name} on {intent}"));
            }
        }
    }

    fn slot(&mut self, told: &Told, mode: Mode, name: &str, slot: &SlotAsk) {
        let said = |wanted: &str| {
            told.effects
                .iter()
                .any(|e| matches!(e, Effect::Intent { intent, .. } if intent == wanted))
        };
        let way = |way: &str| format!("{name} slot {} {way}", slot.name);
        let filled = told
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Slot { name, .. } if *name == slot.name));
        let entered = told
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Enter { .. } | Effect::WantAgent { .. }));
        match mode {
            Mode::Talking | Mode::Confirming if filled => {
                if slot.confirm.is_some() {
                    self.branch(way("confirm"));
                    self.mode = Mode::Confirming;
                } else {
                    self.branch(way("then"));
                }
            }
            Mode::Confirming if said("affirm") && entered => {
                self.branch(way("then"));
                self.mode = Mode::Talking;
            }
            Mode::Confirming if said("deny") => {
                self.branch(way("confirm denied"));
                self.mode = Mode::Talking;
            }
            Mode::Talking if slot.invalid.is_some() && self.refused(told, slot) => {
                self.branch(way("invalid"));
            }
            Mode::Talking if slot.reask.is_some() => {
                let missed = told
                    .effects
                    .iter()
                    .any(|e| matches!(e, Effect::NoMatch { .. }));
                let asked = told.effects.iter().any(|e| matches!(e, Effect::Say { .. }));
                if missed && asked && !self.ends_ladder(&told.effects) {
                    self.branch(way("reask"));
                }
            }
            _ => {}
        }
    }

    /// A value was understood and is not allowed: the file's own words for that were said.
    fn refused(&self, told: &Told, slot: &SlotAsk) -> bool {
        let variants = slot.invalid.iter().flat_map(|p| &p.variants);
        let begins: Vec<String> = variants
            .map(|v| v.text.fill(&|_| Some("\u{0}".into())))
            .map(|t| t.split('\u{0}').next().unwrap_or_default().to_string())
            .collect();
        told.effects.iter().any(|e| {
            matches!(e, Effect::Say { line, .. } if begins.iter().any(|b| line.text.starts_with(b)))
        })
    }

    fn ends_ladder(&self, effects: &[Effect]) -> bool {
        effects.iter().any(|e| {
            matches!(e, Effect::NoMatch { count } if *count as usize > self.plan.no_match.lines.len())
        })
    }

    fn effect(&mut self, effect: &Effect, before: Mode, here: Option<&str>) {
        match effect {
            Effect::Enter { step } => {
                self.mode = Mode::Talking;
                self.out.push((Kind::Step, step.clone()));
            }
            Effect::Intent { intent, score, .. }
                if *score < ACCEPT && matches!(intent.as_str(), "affirm" | "deny") =>
            {
                self.builtin("doubt");
            }
            Effect::Intent { intent, .. } if self.mode != Mode::Human => {
                let branch = before == Mode::Talking
                    && here
                        .and_then(|name| listening(self.plan, name))
                        .is_some_and(|(_, s)| s.on.contains_key(intent));
                if branch {
                } else if self.plan.globals.contains_key(intent) {
                    self.out.push((Kind::Global, intent.clone()));
                } else {
                    self.builtin(intent);
                }
                match intent.as_str() {
                    "busy" if !branch => self.mode = Mode::Callback,
                    _ => {}
                }
            }
            Effect::NoInput { count } => {
                let lines = self.plan.no_input.lines.len();
                self.rung("no_input", *count, lines);
            }
            Effect::NoMatch { count } => {
                let lines = self.plan.no_match.lines.len();
                let reasks = before == Mode::Talking
                    && here
                        .and_then(|s| self.plan.steps.get(s))
                        .and_then(|s| s.slot.as_ref())
                        .is_some_and(|s| s.reask.is_some());
                if !reasks || *count as usize > lines {
                    self.rung("no_match", *count, lines);
                }
            }
            Effect::Graded { grade, reasons } => {
                for (n, rule) in self.plan.grade.iter().enumerate() {
                    if rule.grade == *grade && reasons.contains(&rule.reason) {
                        self.out.push((Kind::Rule, rule_name(n, rule)));
                    }
                }
            }
            Effect::Callback { at, .. } if self.mode == Mode::Callback => {
                self.builtin(if at.is_some() {
                    "busy with a time"
                } else {
                    "busy without a time"
                });
            }
            Effect::WantAgent { .. } => self.mode = Mode::Waiting,
            Effect::AskModel { .. } => self.builtin("model"),
            Effect::Card { field, .. } => self.outcome(card(field)),
            Effect::Remember { tag, forget } => self.outcome(lasting(tag, *forget)),
            Effect::FollowUp { reason, .. } => self.outcome(follow_up(reason)),
            _ => {}
        }
    }

    fn rung(&mut self, ladder: &str, count: u32, lines: usize) {
        let name = if count as usize > lines {
            format!("{ladder} end")
        } else {
            format!("{ladder} {count}")
        };
        self.out.push((Kind::Rung, name));
    }

    fn branch(&mut self, name: String) {
        self.out.push((Kind::Branch, name));
    }

    fn outcome(&mut self, name: String) {
        self.out.push((Kind::Outcome, name));
    }

    fn builtin(&mut self, name: &str) {
        self.out.push((Kind::Builtin, name.to_string()));
    }
}

/// The action did something that shows.
fn did(action: &Action, effects: &[Effect]) -> bool {
    match &action.goto {
        Some(goto) => effects
            .iter()
            .any(|e| matches!(e, Effect::Enter { step } if *step == goto.name)),
        None => effects
            .iter()
            .any(|e| matches!(e, Effect::Say { .. } | Effect::Hangup { .. })),
    }
}

/// The step whose branches words at `name` are for: itself, or the first it leads to without asking.
pub(in crate::dialogue) fn listening<'p>(
    plan: &'p Dialplan,
    name: &str,
) -> Option<(&'p str, &'p Step)> {
    let mut name = name;
    for _ in 0..=plan.steps.len() {
        let (found, step) = plan.steps.get_key_value(name)?;
        if step.listens() {
            return Some((found, step));
        }
        name = &step.enter.goto.as_ref()?.name;
    }
    None
}
