//! Who hears whom, as one table, and the mixing itself. Pure.
//!
//! Whoever only listens has no place among the sources at all, so no mistake elsewhere can make them heard.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::{FRAME, Frame, SILENCE};

/// Someone who can be heard.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Robot,
    Callee,
    Agent,
    Supervisor,
}

/// Someone who hears. `Robot` is the robot's ears: they only ever hear the callee, so it never answers a colleague.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Party {
    Robot,
    Callee,
    Agent,
    /// Hears, and has no voice.
    Listener,
    Supervisor,
}

/// What the call does right now.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Robot and callee; an agent's leg, if there is one, is cut off from both.
    #[default]
    RobotTalks,
    /// An agent's phone rings or was just picked up: the agent hears both, and nobody hears the agent's leg (before
    /// the answer it carries a ringing tone).
    AgentRinging,
    /// The agent picked up: hears both, and his first word already reaches the callee, over the robot's last.
    AgentOnLine,
    /// Callee and agent talk; the robot is silent.
    Bridged,
    /// As bridged, and the supervisor's voice reaches the agent only.
    Whisper,
    /// The robot talks, the agent hears both and is not heard.
    Listen,
    /// Everybody is heard by everybody.
    Barge,
}

/// This tick's sound of each source; `None` where there is no such leg.
#[derive(Copy, Clone, Debug, Default)]
pub struct Inputs<'a> {
    pub robot: Option<&'a Frame>,
    pub callee: Option<&'a Frame>,
    pub agent: Option<&'a Frame>,
    pub supervisor: Option<&'a Frame>,
}

impl<'a> Inputs<'a> {
    fn of(&self, source: Source) -> Option<&'a Frame> {
        match source {
            Source::Robot => self.robot,
            Source::Callee => self.callee,
            Source::Agent => self.agent,
            Source::Supervisor => self.supervisor,
        }
    }
}

/// The table: whom `to` hears in `mode`.
#[must_use]
pub const fn heard_by(mode: Mode, to: Party) -> &'static [Source] {
    use Source::{Agent, Callee, Robot, Supervisor};
    match (mode, to) {
        (_, Party::Robot) => &[Callee],

        (Mode::RobotTalks | Mode::AgentRinging | Mode::Listen, Party::Callee) => &[Robot],
        (Mode::AgentOnLine, Party::Callee) => &[Robot, Agent],
        (Mode::Bridged | Mode::Whisper, Party::Callee) => &[Agent],
        (Mode::Barge, Party::Callee) => &[Robot, Agent, Supervisor],

        (Mode::RobotTalks, Party::Agent) => &[],
        (Mode::AgentRinging | Mode::AgentOnLine | Mode::Listen, Party::Agent) => &[Robot, Callee],
        (Mode::Bridged, Party::Agent) => &[Callee],
        (Mode::Whisper, Party::Agent) => &[Callee, Supervisor],
        (Mode::Barge, Party::Agent) => &[Robot, Callee, Supervisor],

        (
            Mode::RobotTalks | Mode::AgentRinging | Mode::AgentOnLine | Mode::Listen,
            Party::Listener | Party::Supervisor,
        ) => &[Robot, Callee],
        (Mode::Bridged | Mode::Whisper, Party::Listener | Party::Supervisor) => &[Callee, Agent],
        (Mode::Barge, Party::Listener) => &[Robot, Callee, Agent, Supervisor],
        (Mode::Barge, Party::Supervisor) => &[Robot, Callee, Agent],
    }
}

/// What `to` hears this tick. One voice alone passes unchanged; several are added, and what grows too loud is bent
/// down softly instead of clipped.
#[must_use]
pub fn mix(mode: Mode, inputs: &Inputs<'_>, to: Party) -> Frame {
    let mut voices = heard_by(mode, to).iter().filter_map(|s| inputs.of(*s));
    let Some(first) = voices.next() else {
        return SILENCE;
    };
    let Some(second) = voices.next() else {
        return *first;
    };
    let mut sum = [0i32; FRAME];
    for frame in [first, second].into_iter().chain(voices) {
        for (total, sample) in sum.iter_mut().zip(frame) {
            *total = total.saturating_add(i32::from(*sample));
        }
    }
    sum.map(limit)
}

/// Above three quarters of full scale the curve bends and meets full scale only at infinity.
fn limit(sample: i32) -> i16 {
    const KNEE: i64 = 24_576;
    const ROOM: i64 = 32_767 - KNEE;
    let size = i64::from(sample).abs();
    let bent = match size - KNEE {
        over if over > 0 => KNEE + over * ROOM / (over + ROOM),
        _ => size,
    };
    (bent * i64::from(sample.signum())) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone::{Tone, level_of};

    const TONES: [(Source, f64); 4] = [
        (Source::Robot, 400.0),
        (Source::Callee, 800.0),
        (Source::Agent, 1300.0),
        (Source::Supervisor, 2100.0),
    ];

    /// Sends every source's own tone for 200 ms and returns which of them `to` hears.
    fn heard(mode: Mode, to: Party) -> Vec<Source> {
        let mut tones = TONES.map(|(_, hz)| Tone::new(hz, -20.0));
        let mut sound = Vec::new();
        for _ in 0..10 {
            let [robot, callee, agent, supervisor] = tones.each_mut().map(Tone::frame);
            let inputs = Inputs {
                robot: Some(&robot),
                callee: Some(&callee),
                agent: Some(&agent),
                supervisor: Some(&supervisor),
            };
            sound.extend(mix(mode, &inputs, to));
        }
        let mut out = Vec::new();
        for (source, hz) in TONES {
            match level_of(&sound, hz) {
                level if level > -22.0 => out.push(source),
                level => assert!(
                    level < -60.0,
                    "{mode:?} {to:?}: a trace of {source:?} at {level}"
                ),
            }
        }
        out
    }

    #[test]
    fn the_whole_matrix_holds_by_tones() {
        use Source::{Agent as A, Callee as C, Robot as R, Supervisor as S};
        type Row = (Mode, [&'static [Source]; 5]);
        let table: [Row; 6] = [
            // to:                 Robot  Callee      Agent       Listener        Supervisor
            (Mode::RobotTalks, [&[C], &[R], &[], &[R, C], &[R, C]]),
            (Mode::AgentRinging, [&[C], &[R], &[R, C], &[R, C], &[R, C]]),
            (Mode::Bridged, [&[C], &[A], &[C], &[C, A], &[C, A]]),
            (Mode::Whisper, [&[C], &[A], &[C, S], &[C, A], &[C, A]]),
            (Mode::Listen, [&[C], &[R], &[R, C], &[R, C], &[R, C]]),
            (
                Mode::Barge,
                [&[C], &[R, A, S], &[R, C, S], &[R, C, A, S], &[R, C, A]],
            ),
        ];
        let parties = [
            Party::Robot,
            Party::Callee,
            Party::Agent,
            Party::Listener,
            Party::Supervisor,
        ];
        for (mode, row) in table {
            for (party, want) in parties.iter().zip(row) {
                assert_eq!(heard(mode, *party), want, "{mode:?} {party:?}");
            }
        }
    }

    #[test]
    fn nobody_hears_themselves() {
        for mode in [
            Mode::RobotTalks,
            Mode::AgentRinging,
            Mode::Bridged,
            Mode::Whisper,
            Mode::Listen,
            Mode::Barge,
        ] {
            assert!(!heard_by(mode, Party::Robot).contains(&Source::Robot));
            assert!(!heard_by(mode, Party::Callee).contains(&Source::Callee));
            assert!(!heard_by(mode, Party::Agent).contains(&Source::Agent));
            assert!(!heard_by(mode, Party::Supervisor).contains(&Source::Supervisor));
        }
    }

    #[test]
    fn loud_voices_together_neither_wrap_nor_clip_hard() {
        let loud = [30_000i16; FRAME];
        let low = [-32_768i16; FRAME];
        let two = Inputs {
            robot: Some(&loud),
            callee: Some(&loud),
            ..Inputs::default()
        };
        let both = mix(Mode::Listen, &two, Party::Agent);
        assert!(both[0] > 30_000 && both[0] < 32_767);
        let two = Inputs {
            robot: Some(&low),
            callee: Some(&low),
            ..Inputs::default()
        };
        assert!(mix(Mode::Listen, &two, Party::Agent)[0] < -30_000);
        let one = Inputs {
            callee: Some(&low),
            ..Inputs::default()
        };
        assert_eq!(mix(Mode::Listen, &one, Party::Agent), low);
        assert_eq!(mix(Mode::Listen, &Inputs::default(), Party::Agent), SILENCE);
    }
}
