//! The second ear of a call: what the human says who has the callee. Part of the shell.

use super::event::Event;
use super::kit::Kit;
use crate::audio::Frame;
use crate::hearing::pipeline::{HearingEvent, Pipeline};
use crate::hearing::traits::Recognised;
use crate::terms::{Expectation, Lang, Ms};
use std::sync::Arc;
use tokio::sync::mpsc;

/// One human's words.
pub struct HumanEar {
    /// The agent's id or the supervisor's name.
    who: String,
    hearing: Pipeline,
    recognised: mpsc::Receiver<Recognised>,
}

impl HumanEar {
    pub fn new(kit: &Kit, who: String, lang: Lang) -> HumanEar {
        let (tell, recognised) = mpsc::channel(64);
        // A headset needs no denoiser, and nothing depends on an agent's words in the next second.
        let mut hearing = Pipeline::new(
            kit.hearing.clone(),
            None,
            (kit.vad)(),
            kit.recognizer.open(tell),
        );
        hearing.expect(Arc::new(Expectation {
            lang,
            ..Expectation::default()
        }));
        HumanEar {
            who,
            hearing,
            recognised,
        }
    }

    pub fn hear(&mut self, now: Ms, frame: &Frame, fresh: &[Frame], events: &mut Vec<Event>) {
        let mut heard = Vec::new();
        self.hearing.hear(now, frame, fresh, &mut heard);
        self.tell(heard, events);
    }

    pub async fn next(&mut self) -> Option<Recognised> {
        self.recognised.recv().await
    }

    pub fn recognised(&mut self, now: Ms, result: Recognised) -> Vec<Event> {
        let (mut heard, mut events) = (Vec::new(), Vec::new());
        self.hearing.recognised(now, result, &mut heard);
        self.tell(heard, &mut events);
        events
    }

    fn tell(&self, heard: Vec<HearingEvent>, events: &mut Vec<Event>) {
        events.extend(heard.into_iter().map(|heard| Event::Human {
            who: self.who.clone(),
            heard,
        }));
    }
}
