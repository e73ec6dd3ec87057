//! What the dialogue is told.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::intent::Candidate;
use super::intent::vectors::Vectors;
use std::collections::BTreeMap;

/// Something that happened, as far as the conversation is concerned.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The callee answered: the robot speaks first.
    Answered,
    /// The callee began to speak (no-input timers stop).
    SpeechStarted,
    /// The callee's final words. `over_prompt` when they were said while the robot was speaking and stopped it.
    Heard {
        text: String,
        confidence: f32,
        over_prompt: bool,
        /// What else is known of these words.
        more: Besides,
    },
    /// The answer to `Effect::Lookup`: the saved variables, or why there are none.
    LookedUp {
        id: u32,
        result: Result<BTreeMap<String, String>, String>,
    },
    /// The answer to `Effect::AskModel`.
    ModelSaid {
        id: u32,
        result: Result<String, String>,
    },
    /// The callee spoke, and no words came of it.
    NotUnderstood,
    /// The line with this number was spoken to its end.
    Said {
        say: u32,
    },
    /// The line with this number was stopped by the callee after `clause` clauses had been spoken whole.
    Interrupted {
        say: u32,
        clause: usize,
    },
    /// The callee spoke over the line and it came to nothing: go on (the player resumes by itself).
    FalseInterruption,
    Key(char),
    Agent(AgentNews),
    /// The call ended: last chance to grade.
    HungUp,
}

/// How the hand-over goes, as the dialogue needs to know it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum AgentNews {
    /// An agent's phone rings: keep talking.
    Ringing,
    /// The agent speaks: the robot is silent from now on.
    Joined,
    /// Nobody came: say the fallback line.
    Nobody,
    /// The same after hours: nobody was asked.
    Closed,
    /// The agent left a callee who is still there.
    Left,
    /// The line of the agent who has the callee is lost: the robot holds the callee until somebody has him again.
    Lost,
}

/// What the ears and the embedding know of a turn besides its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Besides {
    /// Expected phrases that the recogniser scored, best first: evidence, not text.
    pub candidates: Vec<Candidate>,
    /// Texts and their meanings as vectors, when there is an embedding model.
    pub vectors: Option<std::sync::Arc<Vectors>>,
    /// How much louder than the callee's turns so far, dB.
    pub louder_db: Option<f32>,
}
