//! Who hears whom, as one table, and the mixing itself. Pure.
//!
//! Who only listens has no [`Voice`] at all: there is none that they could be given, so no mistake elsewhere can make them
//! heard.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::{FRAME, Frame, SILENCE};
use crate::terms::event::WatchMode;

/// What an agent does on the call.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum AgentPart {
    /// Is told by phone what the call is about; neither heard nor hearing anything else.
    Briefed,
    /// Hears and is heard.
    Talks,
    /// A supervisor took over, or the agent's line is lost: hears, and is not heard.
    Aside,
}

/// Who is on the call besides the callee, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The robot may talk. Its ears hear the callee in any case, and nobody else: it never answers a colleague.
    pub robot: bool,
    pub agent: Option<AgentPart>,
    /// By user, each with a mode of their own.
    pub supervisors: Vec<(i64, WatchMode)>,
}

/// Someone who can be heard.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Robot,
    Callee,
    Agent,
    /// The words a phone agent is briefed with.
    Briefing,
    Supervisor(i64),
}

/// Someone who hears.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// The robot's ears.
    Robot,
    Callee,
    Agent,
    Supervisor(i64),
}

/// How a source is heard. There is none for listening.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Voice {
    Robot,
    Callee,
    Briefing,
    /// An agent, or the supervisor who took over.
    Human,
    Barge,
    Whisper,
}

/// How a party hears.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Ear {
    Robot,
    Callee,
    /// The agent who is briefed.
    Briefed,
    /// The human who talks to the callee.
    Human,
    /// Everybody else: supervisors, an agent who was taken over.
    Other,
}

/// The table.
const fn reaches(voice: Voice, ear: Ear) -> bool {
    match (voice, ear) {
        (Voice::Callee, Ear::Robot) => true,
        (_, Ear::Robot) => false,
        (Voice::Briefing, Ear::Briefed) => true,
        (Voice::Briefing, _) | (_, Ear::Briefed) => false,
        (Voice::Callee, Ear::Callee) => false,
        // Not the callee, and so not the recording either.
        (Voice::Whisper, ear) => matches!(ear, Ear::Human),
        (Voice::Robot | Voice::Callee | Voice::Human | Voice::Barge, _) => true,
    }
}

impl Roster {
    /// Whom `to` hears.
    pub fn heard_by(&self, to: Party) -> impl Iterator<Item = Source> {
        let ear = self.ear(to);
        self.voices()
            .filter(move |(source, voice)| {
                !is_self(*source, to) && ear.is_some_and(|ear| reaches(*voice, ear))
            })
            .map(|(source, _)| source)
    }

    fn voices(&self) -> impl Iterator<Item = (Source, Voice)> {
        let robot = self.robot.then_some((Source::Robot, Voice::Robot));
        let agent = match self.agent {
            Some(AgentPart::Talks) => Some((Source::Agent, Voice::Human)),
            Some(AgentPart::Briefed) => Some((Source::Briefing, Voice::Briefing)),
            Some(AgentPart::Aside) | None => None,
        };
        let supervisors = self.supervisors.iter().filter_map(|(user, mode)| {
            let voice = match mode {
                WatchMode::Listen => return None,
                WatchMode::Whisper => Voice::Whisper,
                WatchMode::Barge => Voice::Barge,
                WatchMode::TakeOver => Voice::Human,
            };
            Some((Source::Supervisor(*user), voice))
        });
        [robot, Some((Source::Callee, Voice::Callee)), agent]
            .into_iter()
            .flatten()
            .chain(supervisors)
    }

    fn ear(&self, to: Party) -> Option<Ear> {
        Some(match to {
            Party::Robot => Ear::Robot,
            Party::Callee => Ear::Callee,
            Party::Agent => match self.agent? {
                AgentPart::Briefed => Ear::Briefed,
                AgentPart::Talks => Ear::Human,
                AgentPart::Aside => Ear::Other,
            },
            Party::Supervisor(user) => match self.supervisors.iter().find(|(u, _)| *u == user)?.1 {
                WatchMode::TakeOver => Ear::Human,
                _ => Ear::Other,
            },
        })
    }
}

fn is_self(source: Source, to: Party) -> bool {
    match (source, to) {
        (Source::Agent, Party::Agent) => true,
        (Source::Supervisor(a), Party::Supervisor(b)) => a == b,
        _ => false,
    }
}

/// This tick's sound of each source; `None` where there is none.
#[derive(Copy, Clone, Debug, Default)]
pub struct Inputs<'a> {
    pub robot: Option<&'a Frame>,
    pub callee: Option<&'a Frame>,
    pub agent: Option<&'a Frame>,
    pub briefing: Option<&'a Frame>,
    pub supervisors: &'a [(i64, Frame)],
}

impl<'a> Inputs<'a> {
    fn of(&self, source: Source) -> Option<&'a Frame> {
        match source {
            Source::Robot => self.robot,
            Source::Callee => self.callee,
            Source::Agent => self.agent,
            Source::Briefing => self.briefing,
            Source::Supervisor(user) => {
                let mut all = self.supervisors.iter();
                all.find(|(u, _)| *u == user).map(|(_, frame)| frame)
            }
        }
    }
}

/// What `to` hears this tick. One voice alone passes unchanged; several are added, and what grows too loud is bent
/// down softly instead of clipped.
#[must_use]
pub fn mix(roster: &Roster, inputs: &Inputs<'_>, to: Party) -> Frame {
    let mut voices = roster.heard_by(to).filter_map(|s| inputs.of(s));
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
    use Source::{Agent as A, Briefing as B, Callee as C, Robot as R};

    const L: Source = Source::Supervisor(1);
    const W: Source = Source::Supervisor(2);
    const G: Source = Source::Supervisor(3);
    const T: Source = Source::Supervisor(4);
    const TONES: [(Source, f64); 8] = [
        (R, 400.0),
        (C, 700.0),
        (A, 1000.0),
        (B, 1300.0),
        (L, 1600.0),
        (W, 1900.0),
        (G, 2200.0),
        (T, 2500.0),
    ];

    /// Everybody makes a tone of their own for 200 ms, whether they may be heard or not; whose are heard.
    fn heard(roster: &Roster, to: Party) -> Vec<Source> {
        let mut tones = TONES.map(|(_, hz)| Tone::new(hz, -32.0));
        let mut sound = Vec::new();
        for _ in 0..10 {
            let [robot, callee, agent, briefing, l, w, g, t] = tones.each_mut().map(Tone::frame);
            let inputs = Inputs {
                robot: Some(&robot),
                callee: Some(&callee),
                agent: Some(&agent),
                briefing: Some(&briefing),
                supervisors: &[(1, l), (2, w), (3, g), (4, t)],
            };
            sound.extend(mix(roster, &inputs, to));
        }
        let mut out = Vec::new();
        for (source, hz) in TONES {
            match level_of(&sound, hz) {
                level if level > -34.0 => out.push(source),
                level => assert!(
                    level < -60.0,
                    "{roster:?} {to:?}: a trace of {source:?} at {level}"
                ),
            }
        }
        out
    }

    /// A listener (1), a whisperer (2), one who barges (3) and, where `taken`, one who took over (4).
    fn roster(robot: bool, agent: Option<AgentPart>, taken: bool) -> Roster {
        let mut supervisors = vec![
            (1, WatchMode::Listen),
            (2, WatchMode::Whisper),
            (3, WatchMode::Barge),
        ];
        if taken {
            supervisors.push((4, WatchMode::TakeOver));
        }
        Roster {
            robot,
            agent,
            supervisors,
        }
    }

    #[test]
    fn the_whole_matrix_holds_by_tones() {
        use AgentPart::{Aside, Briefed, Talks};
        type Row = (Roster, [&'static [Source]; 7]);
        let table: [Row; 7] = [
            // to:                      robot  callee     agent            listener       whisperer      barger      taker
            (
                roster(true, None, false),
                [&[C], &[R, G], &[], &[R, C, G], &[R, C, G], &[R, C], &[]],
            ),
            (
                roster(true, Some(Briefed), false),
                [&[C], &[R, G], &[B], &[R, C, G], &[R, C, G], &[R, C], &[]],
            ),
            (
                roster(true, Some(Talks), false),
                [
                    &[C],
                    &[R, A, G],
                    &[R, C, W, G],
                    &[R, C, A, G],
                    &[R, C, A, G],
                    &[R, C, A],
                    &[],
                ],
            ),
            (
                roster(false, Some(Talks), false),
                [
                    &[C],
                    &[A, G],
                    &[C, W, G],
                    &[C, A, G],
                    &[C, A, G],
                    &[C, A],
                    &[],
                ],
            ),
            (
                roster(false, Some(Aside), true),
                [
                    &[C],
                    &[G, T],
                    &[C, G, T],
                    &[C, G, T],
                    &[C, G, T],
                    &[C, T],
                    &[C, W, G],
                ],
            ),
            (
                roster(false, None, true),
                [
                    &[C],
                    &[G, T],
                    &[],
                    &[C, G, T],
                    &[C, G, T],
                    &[C, T],
                    &[C, W, G],
                ],
            ),
            (
                roster(true, Some(Aside), false),
                [
                    &[C],
                    &[R, G],
                    &[R, C, G],
                    &[R, C, G],
                    &[R, C, G],
                    &[R, C],
                    &[],
                ],
            ),
        ];
        let parties = [
            Party::Robot,
            Party::Callee,
            Party::Agent,
            Party::Supervisor(1),
            Party::Supervisor(2),
            Party::Supervisor(3),
            Party::Supervisor(4),
        ];
        for (roster, row) in table {
            for (party, want) in parties.iter().zip(row) {
                assert_eq!(heard(&roster, *party), want, "{roster:?} {party:?}");
            }
        }
    }

    #[test]
    fn a_listener_is_heard_by_nobody_whoever_else_is_there() {
        for robot in [true, false] {
            for agent in [
                None,
                Some(AgentPart::Briefed),
                Some(AgentPart::Talks),
                Some(AgentPart::Aside),
            ] {
                for other in [
                    WatchMode::Listen,
                    WatchMode::Whisper,
                    WatchMode::Barge,
                    WatchMode::TakeOver,
                ] {
                    let roster = Roster {
                        robot,
                        agent,
                        supervisors: vec![(1, WatchMode::Listen), (2, other)],
                    };
                    for to in [
                        Party::Robot,
                        Party::Callee,
                        Party::Agent,
                        Party::Supervisor(1),
                        Party::Supervisor(2),
                    ] {
                        assert!(roster.heard_by(to).all(|s| s != L), "{roster:?} {to:?}");
                        assert!(roster.heard_by(to).all(|s| !is_self(s, to)));
                    }
                }
            }
        }
    }

    #[test]
    fn loud_voices_together_neither_wrap_nor_clip_hard() {
        let listens = Roster {
            robot: true,
            agent: None,
            supervisors: vec![(1, WatchMode::Listen)],
        };
        let to = Party::Supervisor(1);
        let loud = [30_000i16; FRAME];
        let low = [-32_768i16; FRAME];
        let two = Inputs {
            robot: Some(&loud),
            callee: Some(&loud),
            ..Inputs::default()
        };
        let both = mix(&listens, &two, to);
        assert!(both[0] > 30_000 && both[0] < 32_767);
        let two = Inputs {
            robot: Some(&low),
            callee: Some(&low),
            ..Inputs::default()
        };
        assert!(mix(&listens, &two, to)[0] < -30_000);
        let one = Inputs {
            callee: Some(&low),
            ..Inputs::default()
        };
        assert_eq!(mix(&listens, &one, to), low);
        assert_eq!(mix(&listens, &Inputs::default(), to), SILENCE);
    }
}
