//! Anything in any order: whatever agents, supervisors, phones and lines do, the same few things hold.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::humans::{hand_back, join, offered, phone, ring, say, step};
use super::*;
use crate::call::command::WatchMode;
use crate::call::event::Place;
use crate::call::headset::Line;

const AGENTS: [&str; 3] = ["li", "wu", "zhao"];
const MODES: [WatchMode; 4] = [
    WatchMode::Listen,
    WatchMode::Whisper,
    WatchMode::Barge,
    WatchMode::TakeOver,
];

struct Dice(u64);

impl Dice {
    /// 0..sides; Knuth's MMIX constants.
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides) as usize
    }
}

/// One thing that happens; what it caused.
fn anything(call: &mut Call, dice: &mut Dice) -> Vec<Effect> {
    let agent = AGENTS[dice.roll(3)];
    let place = [Place::Agent, Place::Supervisor(7)][dice.roll(2)];
    let command = match dice.roll(24) {
        0 => return call.hears("I want to talk to a real person"),
        1 => return call.hears("yes I am interested"),
        2 => return call.on(phone(agent, LegNews::Answered)),
        3 => {
            let kind = [CauseKind::Normal, CauseKind::NoResponse][dice.roll(2)];
            let cause = HangupCause::new(kind, EndedBy::Agent, "");
            return call.on(phone(agent, LegNews::Ended(cause)));
        }
        4 => return call.on(Event::Briefed),
        5 | 6 => return call.on(Event::AgentSpoke),
        7 | 8 => return call.on(Event::LineLost(place)),
        9 | 10 => return call.on(Event::LineBack(place)),
        11 if call.machine.deadline().is_some() => return call.wait(),
        12 | 13 if !call.lines.is_empty() => return call.speak_one(),
        14 => offered(&AGENTS[..dice.roll(4)]),
        15 => ring(agent),
        16 => Command::Accept {
            agent: agent.into(),
            name: agent.into(),
            line: Line::new(agent, agent),
        },
        17 => Command::Declined {
            agent: agent.into(),
        },
        18 => join(MODES[dice.roll(4)]),
        19 => Command::Leave { user: 7 },
        20 => hand_back([None, Some("tell")][dice.roll(2)]),
        21 => [say("hello"), step("tell")][dice.roll(2)].clone(),
        22 if dice.roll(8) == 0 => Command::NoAgent {
            why: "nobody".into(),
            after_hours: dice.roll(2) == 0,
        },
        _ => return Vec::new(),
    };
    let mut out = Vec::new();
    // Refused or not, what it caused is looked at.
    let _ = call.machine.order(call.now, &command, &mut out);
    call.took(out)
}

#[test]
fn whatever_humans_do_the_robot_is_silent_under_them_and_the_call_ends_once() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut call = Call::answered();
        for _ in 0..120 {
            let before = call.machine.handover.bridged();
            let effects = anything(&mut call, &mut dice);
            let after = call.machine.handover.bridged();
            let speaks = effects.iter().any(|e| matches!(e, Effect::Speak { .. }));
            assert!(!(before && after && speaks), "seed {seed}: {effects:?}");
            if after {
                call.lines.clear();
            }
            let wired = call.machine.wired.as_ref();
            assert!(
                wired.is_none_or(|(roster, human)| roster.robot != after
                    && human.is_some() == after
                    && roster.agent == call.machine.handover.part()),
                "seed {seed}: {wired:?}"
            );
            if call.machine.ended() || !call.machine.talking() {
                break;
            }
        }
        // Deadlines move on: no call spins on one that has passed.
        for _ in 0..200 {
            if call.machine.deadline().is_none_or(|(at, _)| at > call.now) {
                break;
            }
            call.wait();
        }
        let due = call.machine.deadline();
        assert!(
            due.is_none_or(|(at, _)| at > call.now),
            "seed {seed}: {due:?}"
        );
        if !call.machine.ended() {
            call.ends(CauseKind::Normal, EndedBy::Callee);
        }
        call.outcome();
    }
}
