//! What was measured, as JSON. All times are milliseconds since the call's INVITE came in, unless said otherwise.

pub use super::rtp::RtpIn;
use serde::Serialize;
use std::net::SocketAddr;

/// The robot was quiet this long: it has stopped, not paused.
const STOPPED_MS: u64 = 600;

/// One line of the live stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Sockets are open.
    Ready {
        sip: SocketAddr,
        agents: Vec<(String, SocketAddr)>,
    },
    Incoming {
        number: String,
        nth: u32,
        call_id: String,
    },
    Answered {
        number: String,
        call_id: String,
    },
    Ended {
        number: String,
        call_id: String,
        ended_by: EndedBy,
        talk_ms: u64,
    },
}

impl Event {
    /// As one line of NDJSON, without the line's end.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// BYE from the robot.
    Robot,
    /// BYE from the callee.
    Callee,
    /// CANCEL from the robot.
    Canceled,
    /// A final answer ≥ 300.
    Refused,
    /// The callee vanished and the robot's BYE was seen but not answered.
    Vanished,
    /// Nothing was ever answered.
    Silent,
    /// The robot never acknowledged the 200.
    NoAck,
    /// `max_call_ms` was reached.
    TooLong,
    /// The far end stopped first.
    Shutdown,
}

/// The whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub sip: SocketAddr,
    pub calls: Vec<CallReport>,
    /// Numbers and users that nobody called.
    pub never_called: Vec<String>,
    /// Most calls up at one moment.
    pub most_at_once: usize,
    /// Datagrams that were no SIP.
    pub garbage: u64,
    /// Requests answered 481.
    pub strangers: u64,
    /// INVITEs challenged with 407, and those whose credentials were wrong.
    pub challenged: u64,
    pub bad_credentials: u64,
    /// INVITEs for numbers that do not exist here (404) and above the rate (503).
    pub unknown_numbers: u64,
    pub over_rate: u64,
}

/// One call.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CallReport {
    pub number: String,
    pub agent: bool,
    /// First, second, … call of this number.
    pub nth: u32,
    pub call_id: String,
    /// The INVITE's From value.
    pub from: String,
    /// Since the far end was ready.
    pub started_ms: u64,
    pub answered_ms: Option<u64>,
    pub ended_ms: u64,
    pub ended_by: Option<EndedBy>,
    /// Reason header of the robot's BYE or CANCEL.
    pub reason: Option<String>,
    pub sip: Vec<SipLine>,
    pub codec: Option<String>,
    /// From our 200 to the robot's first RTP packet, and to its first voiced one.
    pub first_rtp_after_answer_ms: Option<u64>,
    pub first_voice_after_answer_ms: Option<u64>,
    pub robot_voiced_ms: u64,
    /// When the robot spoke; gaps below 100 ms are bridged.
    pub robot_spans: Vec<Span>,
    /// The longest time in which neither side spoke.
    pub longest_dead_air_ms: u64,
    /// What the robot still said while on hold.
    pub robot_voiced_on_hold_ms: u64,
    pub turns: Vec<Turn>,
    pub interrupts: Vec<Interrupt>,
    pub tones: Vec<Tone>,
    /// Keys the robot pressed.
    pub keys: String,
    pub rtp_in: RtpIn,
    pub rtp_sent: u64,
    /// Our own packets dropped on purpose.
    pub rtp_dropped: u64,
    /// How late our own 20 ms beat was at worst: what these figures can be trusted to.
    pub worst_tick_delay_ms: u64,
    /// Acts that ran into their limit and the like.
    pub notes: Vec<String>,
}

/// A SIP message seen or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SipLine {
    pub ms: u64,
    /// `in` from the robot, `out` to it.
    pub dir: &'static str,
    /// `INVITE`, or `200 INVITE` for a response.
    pub what: String,
}

/// A stretch of speech: its first and last voiced frame.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from_ms: u64,
    pub to_ms: u64,
}

/// A tone that was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tone {
    pub hz: u32,
    pub first_ms: u64,
    pub last_ms: u64,
    pub total_ms: u64,
}

/// Something the callee said while the robot listened, and how soon it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub id: String,
    pub text: String,
    pub first_speech_ms: u64,
    /// When the last voiced frame was sent.
    pub last_speech_ms: u64,
    /// The robot's first voiced frame after it; absent when it did not speak again, or spoke already.
    pub robot_first_ms: Option<u64>,
    pub latency_ms: Option<u64>,
    /// The robot began while the callee was still speaking.
    pub cut_in_ms: Option<u64>,
}

/// Something the callee said over the robot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interrupt {
    pub id: String,
    pub text: String,
    pub first_speech_ms: u64,
    pub last_speech_ms: u64,
    /// The robot's last voiced frame before it was quiet for 600 ms.
    pub robot_last_voiced_ms: Option<u64>,
    /// From our first voiced frame to the robot's last.
    pub stop_ms: Option<u64>,
    /// From our last voiced frame to the robot's next words.
    pub resumed_after_ms: Option<u64>,
}

/// Something the callee said, before it is compared with what the robot did.
#[derive(Clone, Debug, Default)]
pub(super) struct Speech {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) over: bool,
    pub(super) first_ms: Option<u64>,
    pub(super) last_ms: u64,
}

/// Compares a plain turn with the robot's speech. `until` is when the callee spoke again: later is no answer to this.
pub(super) fn turn(speech: &Speech, robot: &[Span], until: Option<u64>) -> Option<Turn> {
    let (first, last) = (speech.first_ms?, speech.last_ms);
    let cut_in = robot
        .iter()
        .find(|s| s.from_ms > first && s.from_ms <= last);
    let overlaps = robot.iter().any(|s| s.from_ms <= last && s.to_ms > last);
    let until = until.unwrap_or(u64::MAX);
    let mut later = robot
        .iter()
        .filter(|s| s.from_ms > last && s.from_ms < until);
    let next = later.next().filter(|_| !overlaps);
    Some(Turn {
        id: speech.id.clone(),
        text: speech.text.clone(),
        first_speech_ms: first,
        last_speech_ms: last,
        robot_first_ms: next.map(|s| s.from_ms),
        latency_ms: next.map(|s| s.from_ms - last),
        cut_in_ms: cut_in.map(|s| s.from_ms),
    })
}

/// Compares speech over the robot with what the robot did about it.
pub(super) fn interrupt(speech: &Speech, robot: &[Span]) -> Option<Interrupt> {
    let (first, last) = (speech.first_ms?, speech.last_ms);
    // The robot may be between two words when we start.
    let begins = robot
        .iter()
        .rposition(|s| s.from_ms <= first)
        .filter(|at| first.saturating_sub(robot[*at].to_ms) < STOPPED_MS);
    let stops = begins.map(|at| {
        let mut end = robot[at].to_ms;
        for span in &robot[at + 1..] {
            if span.from_ms - end >= STOPPED_MS {
                break;
            }
            end = span.to_ms;
        }
        end
    });
    let after = stops.unwrap_or(last).max(last);
    let next = robot.iter().find(|s| s.from_ms > after);
    Some(Interrupt {
        id: speech.id.clone(),
        text: speech.text.clone(),
        first_speech_ms: first,
        last_speech_ms: last,
        robot_last_voiced_ms: stops,
        stop_ms: stops.map(|end| end.saturating_sub(first)),
        resumed_after_ms: next.map(|s| s.from_ms - last),
    })
}

/// The longest time between `from` and `to` with nobody speaking.
pub(super) fn dead_air(robot: &[Span], speeches: &[Speech], from: u64, to: u64) -> u64 {
    let said = speeches
        .iter()
        .filter_map(|s| Some((s.first_ms?, s.last_ms)));
    let mut spans: Vec<(u64, u64)> = robot
        .iter()
        .map(|s| (s.from_ms, s.to_ms))
        .chain(said)
        .collect();
    spans.sort_unstable();
    let (mut longest, mut until) = (0, from);
    for (start, end) in spans {
        longest = longest.max(start.saturating_sub(until));
        until = until.max(end);
    }
    longest.max(to.saturating_sub(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_ms: u64, to_ms: u64) -> Span {
        Span { from_ms, to_ms }
    }

    fn speech(first: u64, last_ms: u64) -> Speech {
        Speech {
            first_ms: Some(first),
            last_ms,
            ..Speech::default()
        }
    }

    #[test]
    fn latency_runs_from_our_last_voiced_frame_to_the_robot_s_first() {
        let robot = [span(0, 2000), span(4800, 6000)];
        let turn = |until| turn(&speech(2500, 4000), &robot, until);
        assert_eq!(turn(None).and_then(|t| t.latency_ms), Some(800));
        assert_eq!(turn(Some(4500)).and_then(|t| t.latency_ms), None);
    }

    #[test]
    fn a_robot_that_talks_into_our_sentence_has_cut_in_and_has_no_latency() {
        let robot = [span(0, 2000), span(3000, 6000), span(7000, 8000)];
        let Some(turn) = turn(&speech(2500, 4000), &robot, None) else {
            panic!("no turn")
        };
        assert_eq!((turn.cut_in_ms, turn.latency_ms), (Some(3000), None));
    }

    #[test]
    fn a_pause_between_sentences_is_not_a_stop_and_six_tenths_of_a_second_is() {
        let robot = [span(0, 1500), span(1900, 2600), span(3500, 5000)];
        let Some(cut) = interrupt(&speech(1000, 1800), &robot) else {
            panic!("no interrupt")
        };
        assert_eq!(
            (cut.stop_ms, cut.resumed_after_ms),
            (Some(1600), Some(1700))
        );
    }

    #[test]
    fn dead_air_is_when_neither_speaks() {
        let robot = [span(500, 2000), span(4500, 6000)];
        assert_eq!(dead_air(&robot, &[speech(2300, 3500)], 0, 6500), 1000);
    }
}
