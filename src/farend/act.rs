//! The two halves of a callee: how it answers, and what it does then.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Acts in one script, with repeats written out.
pub(super) const MAX_ACTS: usize = 10_000;

/// How a call to a number ends its ringing. `ring_ms` is the time before the answer named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// 180, then 200 after `ms`.
    Ring {
        #[serde(default = "ring")]
        ms: u64,
    },
    /// 486, after a 183 without SDP when `progress`.
    Busy {
        #[serde(default = "ring")]
        ring_ms: u64,
        #[serde(default)]
        progress: bool,
    },
    /// 603.
    Decline {
        #[serde(default = "ring")]
        ring_ms: u64,
    },
    /// 404 with Reason Q.850;cause=1.
    NotFound {
        #[serde(default)]
        ring_ms: u64,
    },
    /// Any final answer ≥ 300.
    Reject {
        code: u16,
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        q850: Option<u8>,
        #[serde(default)]
        retry_after: Option<u32>,
        #[serde(default)]
        ring_ms: u64,
    },
    /// Rings until the caller gives up.
    NoAnswer,
    /// 183 with SDP, the announcement as early media, then `code`.
    Announce {
        wav: PathBuf,
        #[serde(default = "not_found")]
        code: u16,
        #[serde(default)]
        q850: Option<u8>,
        #[serde(default)]
        ring_ms: u64,
    },
    /// Answers, plays the greeting and a beep, listens. The script follows.
    Voicemail {
        greeting: PathBuf,
        #[serde(default = "yes")]
        beep: bool,
        #[serde(default = "ring")]
        ring_ms: u64,
    },
    /// No SIP answer at all.
    Silent,
    /// Malformed answers, then `then` when given.
    Garbage {
        #[serde(default)]
        then: Option<u16>,
    },
    /// 407 whatever the credentials.
    Challenge { realm: String },
}

impl Default for Answer {
    fn default() -> Self {
        Answer::Ring { ms: ring() }
    }
}

/// One thing the callee does. Acts run in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Wait until the robot has spoken for `min_speech_ms` since our last word and then been quiet for `quiet_ms`.
    WaitRobot {
        #[serde(default = "min_speech")]
        min_speech_ms: u64,
        #[serde(default = "quiet")]
        quiet_ms: u64,
        #[serde(default = "act_limit")]
        max_ms: u64,
    },
    /// Speak. The text is only for the report.
    Say {
        wav: PathBuf,
        #[serde(default)]
        text: String,
        #[serde(default)]
        id: String,
    },
    /// Speak once the robot has been speaking for `after_ms`: an interruption or a back-channel.
    SayOver {
        after_ms: u64,
        wav: PathBuf,
        #[serde(default)]
        text: String,
        #[serde(default)]
        id: String,
        #[serde(default = "act_limit")]
        max_ms: u64,
    },
    /// Play audio that is no turn of the conversation.
    Play {
        wav: PathBuf,
    },
    Pause {
        ms: u64,
    },
    /// Key presses by RFC 4733.
    Dtmf {
        digits: String,
    },
    /// BYE.
    Hangup,
    /// BYE once the robot has been speaking for `ms`.
    HangupAfterRobotStarts {
        ms: u64,
        #[serde(default = "act_limit")]
        max_ms: u64,
    },
    /// re-INVITE with sendonly.
    Hold,
    /// re-INVITE with sendrecv.
    Resume,
    /// Stop sending RTP and answering SIP.
    Vanish,
    /// A sine.
    Tone {
        hz: u32,
        ms: u64,
        /// RMS, dBFS.
        #[serde(default = "minus_15")]
        level_db: f64,
    },
    /// Wait until a sine of `hz` has been heard for `min_ms`.
    WaitTone {
        hz: u32,
        #[serde(default = "tone_time")]
        min_ms: u64,
        #[serde(default = "act_limit")]
        max_ms: u64,
    },
    Repeat {
        times: u32,
        acts: Vec<Act>,
    },
    /// Listen until the robot hangs up; BYE after `max_ms`.
    UntilHangup {
        #[serde(default = "two_minutes")]
        max_ms: u64,
    },
}

impl Answer {
    pub(super) fn wav_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Answer::Announce { wav, .. } => Some(wav),
            Answer::Voicemail { greeting, .. } => Some(greeting),
            _ => None,
        }
    }

    /// The audio it plays.
    pub(super) fn wav(&self) -> Option<&PathBuf> {
        match self {
            Answer::Announce { wav, .. } => Some(wav),
            Answer::Voicemail { greeting, .. } => Some(greeting),
            _ => None,
        }
    }
}

impl Act {
    /// The audio it plays.
    pub(super) fn wav(&self) -> Option<&PathBuf> {
        match self {
            Act::Say { wav, .. } | Act::SayOver { wav, .. } | Act::Play { wav } => Some(wav),
            _ => None,
        }
    }

    pub(super) fn each_wav(&mut self, fix: &impl Fn(&mut PathBuf)) {
        match self {
            Act::Say { wav, .. } | Act::SayOver { wav, .. } | Act::Play { wav } => fix(wav),
            Act::Repeat { acts, .. } => acts.iter_mut().for_each(|act| act.each_wav(fix)),
            _ => {}
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Act::Tone { hz, .. } | Act::WaitTone { hz, .. } if !(100..=3800).contains(hz) => Err(
                format!("a tone of {hz} Hz does not pass a telephone line, 100 to 3800"),
            ),
            Act::Dtmf { digits } if digits.chars().any(|c| super::rtp::key_code(c).is_none()) => {
                Err(format!("`digits` {digits:?}: keys are 0-9 * # A-D"))
            }
            _ => Ok(()),
        }
    }
}

/// Writes repeats out; false when there are too many acts.
pub(super) fn flatten(acts: &[Act], into: &mut Vec<Act>) -> bool {
    acts.iter().all(|act| match act {
        Act::Repeat { times, acts } => (0..*times).all(|_| flatten(acts, into)),
        act => {
            into.push(act.clone());
            into.len() <= MAX_ACTS
        }
    })
}

fn ring() -> u64 {
    500
}
fn not_found() -> u16 {
    404
}
fn yes() -> bool {
    true
}
fn min_speech() -> u64 {
    300
}
fn quiet() -> u64 {
    350
}
fn tone_time() -> u64 {
    200
}
fn act_limit() -> u64 {
    30_000
}
fn two_minutes() -> u64 {
    120_000
}
fn minus_15() -> f64 {
    -15.0
}
