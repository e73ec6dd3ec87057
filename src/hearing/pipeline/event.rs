//! What the hearing says about the callee.

use crate::hearing::expectation::Scored;
use crate::hearing::traits::Candidate;
use crate::terms::{Lang, Ms};

/// What the hearing tells the call.
#[derive(Clone, Debug, PartialEq)]
pub enum HearingEvent {
    SpeechStarted {
        at: Ms,
    },
    /// Rough words that may still change.
    Partial {
        text: String,
    },
    /// There is voice over an interruptible prompt. Hold the prompt for a moment: what it is will be known soon.
    TalkOver,
    /// What held the prompt was nothing, or a back-channel: go on.
    GoOn,
    /// The callee talks over an interruptible prompt and means it: stop the prompt now. `text` is what was understood so far.
    Interrupt {
        text: String,
        speech_ms: u64,
    },
    /// Speech over a prompt that only shows listening. If the prompt was stopped for it, go on with it.
    BackChannel {
        text: String,
    },
    /// Speech over a prompt came to nothing. If the prompt was stopped for it, go on with it.
    FalseStart,
    /// The callee's final words.
    Heard {
        text: String,
        confidence: f32,
        /// Expected phrases most like the words, best first.
        candidates: Vec<Scored>,
        /// Expected phrases as the recogniser scored them by their sound, best first; empty where the engine does not score.
        scored: Vec<Candidate>,
        /// How loud the speech was, mean power over its voiced frames, dBFS.
        level_db: f32,
        lang: Lang,
        began: Ms,
        /// End of the last frame of speech.
        ended: Ms,
    },
    /// Speech that did not become words, and why.
    NotUnderstood {
        why: String,
        began: Ms,
        ended: Ms,
    },
    /// Recognition failed or was too late; the call goes on.
    Degraded(String),
}
