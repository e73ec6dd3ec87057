//! One stretch of speech on its way to words.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::hearing::traits::{DecodeId, RecognisedKind};
use crate::terms::Ms;

/// A line of the robot that speech may fall on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Over {
    pub interruptible: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Utterance {
    pub number: u32,
    /// How often its text was asked for.
    pub attempt: u32,
    pub began: Ms,
    /// End of the last voice, known from the first pause on.
    pub ended: Ms,
    /// The line it began or ran over.
    pub over: Option<Over>,
    /// It stopped that line.
    pub interrupted: bool,
    /// The decode whose answer counts; none while speech goes on.
    pub asked: Option<DecodeId>,
    pub answer: Option<RecognisedKind>,
    /// The silence that ends it, now that its words are known, ms.
    pub close_ms: Option<u64>,
    /// The last rough text.
    pub rough: Option<String>,
    pub next_partial: Ms,
    /// When its text is too late.
    pub give_up: Ms,
    /// Power of the voiced frames, summed, and how many they are.
    power: f64,
    voiced: u32,
}

impl Utterance {
    pub fn new(number: u32, began: Ms, over: Option<Over>, next_partial: Ms) -> Self {
        Utterance {
            number,
            attempt: 0,
            began,
            ended: began,
            over,
            interrupted: false,
            asked: None,
            answer: None,
            close_ms: None,
            rough: None,
            next_partial,
            give_up: Ms(u64::MAX),
            power: 0.0,
            voiced: 0,
        }
    }

    /// Takes the level of a voiced frame in, dBFS.
    pub fn voice(&mut self, level_db: f32) {
        self.power += 10f64.powf(f64::from(level_db) / 10.0);
        self.voiced += 1;
    }

    /// Mean power of the voiced frames, dBFS; the floor of the scale when there were none.
    pub fn level_db(&self) -> f32 {
        if self.voiced == 0 {
            return -96.0;
        }
        (10.0 * (self.power / f64::from(self.voiced)).log10()) as f32
    }

    /// The id of the next decode, whose answer alone will count.
    pub fn ask(&mut self) -> DecodeId {
        self.attempt += 1;
        let id = DecodeId {
            utterance: self.number,
            attempt: self.attempt,
        };
        self.asked = Some(id);
        self.answer = None;
        self.close_ms = None;
        id
    }
}
