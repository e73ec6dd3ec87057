//! What a dialplan asks of other machines while the callee waits: lookups, and the optional language model. The call asks
//! and goes on; the answer comes back as an event.

use crate::dialogue::effect::Request;
use crate::dialogue::intent::Vectors;
use crate::dialogue::plan::Llm;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

/// Reaches other machines. Every answer comes within the time the request allows, if only as an error that says why.
pub trait Outside: Send + Sync {
    /// The saved variables of a lookup.
    fn look_up(&self, request: Request) -> Answer<BTreeMap<String, String>>;

    /// The model's words, to be spoken.
    fn ask_model(
        &self,
        llm: &Llm,
        question: String,
        known: Vec<(String, String)>,
    ) -> Answer<String>;
}

/// Gives texts their meanings as vectors.
pub trait Meanings: Send + Sync {
    /// `None` when they cannot be had; the words are then read by their letters.
    fn vectors(&self, texts: Vec<String>) -> Pin<Box<dyn Future<Output = Option<Vectors>> + Send>>;
}

/// No other machine may be reached: rehearsals and benches.
pub struct Nowhere;

impl Outside for Nowhere {
    fn look_up(&self, _: Request) -> Answer<BTreeMap<String, String>> {
        Box::pin(async { Err("lookups are off here".into()) })
    }

    fn ask_model(&self, _: &Llm, _: String, _: Vec<(String, String)>) -> Answer<String> {
        Box::pin(async { Err("the language model is off here".into()) })
    }
}
