//! What a simulated callee may do at a point of the conversation.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::dice::Dice;
use super::samples;
use crate::dialogue::effect::Effect;
use crate::dialogue::event::{AgentNews, Event};
use crate::dialogue::machine::Awaited;
use crate::dialogue::plan::Dialplan;
use crate::dialogue::rehearse::Rehearsal;
use crate::dialogue::rehearse::moment::Input;
use crate::dialogue::slot::SlotKind;
use crate::terms::Lang;
use std::collections::BTreeMap;

/// Something the callee may do, with the name it is counted under.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// As in `affirm`, `key 1`, `slot visit_time`, `global price`.
    pub kind: String,
    /// It belongs to the open question; the others belong to no step.
    pub own: bool,
    pub inputs: Vec<Input>,
}

/// The point of the conversation that choices are counted at.
pub(super) fn place(talk: &Rehearsal) -> String {
    let step = talk.machine().step().unwrap_or("-");
    let expecting = talk.expecting();
    let first = expecting.phrases.first().map_or("", |p| p.meaning.as_str());
    format!("{step} {:?} {first}", expecting.profile)
}

/// Everything worth trying here.
pub(super) fn choices(plan: &Dialplan, talk: &Rehearsal) -> Vec<Choice> {
    let mut all = match agent(talk) {
        Agent::Joined => {
            return vec![
                one("agent leaves", Input::Event(Event::Agent(AgentNews::Left))),
                one("hangup", Input::Event(Event::HungUp)),
            ];
        }
        Agent::Wanted => vec![
            own("agent joins", Input::Event(Event::Agent(AgentNews::Joined))),
            own(
                "nobody comes",
                Input::Event(Event::Agent(AgentNews::Nobody)),
            ),
        ],
        Agent::No => Vec::new(),
    };
    let step = talk.machine().step().and_then(|s| plan.steps.get(s));
    match talk.machine().awaits() {
        Some(Awaited::Lookup(names)) => return lookups(plan, &names),
        Some(Awaited::Model) => {
            let said = |result| Input::Event(Event::ModelSaid { id: 0, result });
            return vec![
                own("the model answers", said(Ok("42".into()))),
                own("the model fails", said(Err("walk".into()))),
            ];
        }
        None => {}
    }
    let lang = talk.expecting().lang;
    let intents = plan.tongue(lang).map(|t| &t.intents);
    let mut heard: BTreeMap<&str, Vec<Input>> = BTreeMap::new();
    for phrase in &talk.expecting().phrases {
        let inputs = heard.entry(phrase.meaning.as_str()).or_default();
        inputs.push(Input::Heard(phrase.text.clone()));
    }
    let slot = step.and_then(|s| s.slot.as_ref());
    let mut values = Vec::new();
    for (meaning, inputs) in heard {
        let branch = step.is_some_and(|s| s.on.contains_key(meaning));
        let polar = matches!(meaning, "affirm" | "deny");
        if intents.is_none_or(|i| !i.contains_key(meaning)) {
            // What is no intent is a value of the slot that is asked for; each choice may lead elsewhere.
            match slot.filter(|s| matches!(s.kind, SlotKind::Choice(_))) {
                Some(slot) => all.push(Choice {
                    kind: format!("slot {}={meaning}", slot.name),
                    own: true,
                    inputs,
                }),
                None => values.extend(inputs),
            }
            continue;
        }
        all.push(Choice {
            kind: meaning.to_string(),
            own: branch || polar,
            inputs,
        });
    }
    if let Some(slot) = slot {
        values.extend(spoken(&slot.kind, lang));
        values.extend(samples::of_slot(plan, slot).into_iter().map(Input::Heard));
    }
    if !values.is_empty() {
        let name = slot.map_or("a time", |s| s.name.as_str());
        all.push(Choice {
            kind: format!("slot {name}"),
            own: true,
            inputs: values,
        });
    }
    for key in step.into_iter().flat_map(|s| s.keys.keys()) {
        all.push(own(&format!("key {key}"), Input::Event(Event::Key(*key))));
    }
    all.push(own("silence", Input::Silence));
    all.push(Choice {
        own: true,
        kind: "nonsense".into(),
        inputs: nonsense(lang),
    });
    all.push(one("noise", Input::Event(Event::NotUnderstood)));
    all.push(one("hangup", Input::Event(Event::HungUp)));
    all
}

/// Answers of another machine: for each value that some condition asks about, one, and a failure.
fn lookups(plan: &Dialplan, names: &[String]) -> Vec<Choice> {
    let answer = |result| Input::Event(Event::LookedUp { id: 0, result });
    let mut all = vec![own("the lookup fails", answer(Err("walk".into())))];
    let most = names.iter().map(|n| samples::of_value(plan, n).len());
    for n in 0..most.max().unwrap_or(1) {
        let pick = |name: &String| {
            let values = samples::of_value(plan, name);
            (name.clone(), values[n % values.len()].clone())
        };
        let values = names.iter().map(pick).collect();
        all.push(own(&format!("the lookup answers {n}"), answer(Ok(values))));
    }
    all
}

fn own(kind: &str, input: Input) -> Choice {
    Choice {
        own: true,
        ..one(kind, input)
    }
}

fn one(kind: &str, input: Input) -> Choice {
    Choice {
        kind: kind.to_string(),
        own: false,
        inputs: vec![input],
    }
}

/// One of the ways to do it.
pub(super) fn way(choice: &Choice, dice: &mut Dice) -> Input {
    dice.pick(&choice.inputs).cloned().unwrap_or(Input::Silence)
}

#[derive(PartialEq)]
enum Agent {
    No,
    Wanted,
    Joined,
}

fn agent(talk: &Rehearsal) -> Agent {
    let mut state = Agent::No;
    for told in talk.log() {
        match told.event {
            Some(Event::Agent(AgentNews::Joined)) => state = Agent::Joined,
            Some(Event::Agent(AgentNews::Nobody | AgentNews::Left)) => state = Agent::No,
            _ => {}
        }
        let wants = |e: &Effect| matches!(e, Effect::WantAgent { .. });
        if told.effects.iter().any(wants) {
            state = Agent::Wanted;
        }
    }
    state
}

/// An agent has the call: the robot is silent by right.
pub(super) fn with_agent(talk: &Rehearsal) -> bool {
    agent(talk) == Agent::Joined
}

/// Values as people say them, for the kinds that the recogniser is given no list for.
fn spoken(kind: &SlotKind, lang: Lang) -> Vec<Input> {
    let zh = lang == Lang::Zh;
    let said: Vec<String> = match kind {
        SlotKind::YesNo if zh => list(&["是的", "不是"]),
        SlotKind::YesNo => list(&["yes", "no"]),
        SlotKind::Number { min, max } => numbers(*min, *max, zh),
        SlotKind::Money if zh => list(&["三千块", "两万", "大概五百元"]),
        SlotKind::Money => list(&[
            "twenty thousand",
            "about five hundred dollars",
            "three thousand",
        ]),
        SlotKind::Phone if zh => list(&["一三八零零一三八零零零", "我的号码是13900139000"]),
        SlotKind::Phone => list(&["two zero two five five five zero one four three"]),
        SlotKind::Digits { least, most } => {
            let digits = |n: u8| (1..=n).map(|d| char::from(b'0' + d % 10)).collect();
            vec![digits(*least), digits(*most), digits(*most + 1)]
        }
        SlotKind::Name if zh => list(&["我叫王芳", "李雷"]),
        SlotKind::Name => list(&["my name is Alice Brown", "it's Tom"]),
        SlotKind::Free if zh => list(&["都可以吧看情况", "就是随便看看的意思"]),
        SlotKind::Free => list(&["it depends on the weather", "nothing in particular really"]),
        SlotKind::DateTime if zh => list(&["后天下午三点", "下周二上午十点"]),
        SlotKind::DateTime => list(&["next tuesday at three", "tomorrow at ten"]),
        SlotKind::Choice(_) => Vec::new(),
    };
    said.into_iter().map(Input::Heard).collect()
}

fn list(said: &[&str]) -> Vec<String> {
    said.iter().map(|s| (*s).to_string()).collect()
}

/// Numbers inside the limits and one beyond them.
fn numbers(min: Option<f64>, max: Option<f64>, zh: bool) -> Vec<String> {
    let low = min.unwrap_or(1.0).max(0.0) as i64;
    let high = max.map_or(low + 8, |m| m as i64);
    let beyond = max.map(|m| m as i64 + 1);
    let say = |n: i64| {
        if zh { format!("{n}个") } else { n.to_string() }
    };
    [Some(low), Some((low + high) / 2), Some(high), beyond]
        .into_iter()
        .flatten()
        .map(say)
        .collect()
}

fn nonsense(lang: Lang) -> Vec<Input> {
    let said: &[&str] = match lang {
        Lang::Zh => &["嘟嘟嘟嘟", "哔哩吧啦咕噜", "蓝色的大象飞"],
        Lang::En => &["blorp zint wug", "purple elephants dance", "fnord quux"],
    };
    said.iter()
        .map(|s| Input::Heard((*s).to_string()))
        .collect()
}
