//! What the hearing room needs from engines. `engines` implements these; `app` hands them in.

use crate::audio::Frame;
use crate::terms::{Expectation, Lang};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Cleans one stream. 8 kHz frames in, 8 kHz frames out, the same length; may lag by a constant delay.
pub trait Denoiser: Send {
    fn name(&self) -> &'static str;
    fn clean(&mut self, frame: &mut Frame);
}

/// Probability of speech, frame by frame.
pub trait Vad: Send {
    fn name(&self) -> &'static str;
    /// Probability in 0..=1 that this 20 ms frame is speech.
    fn probability(&mut self, frame: &Frame) -> f32;
}

/// How an engine gives words.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Words while they are spoken; partials are cheap and nearly stable.
    Streaming,
    /// Text of a stretch of speech; partials are rough hints that may change wholly.
    Segment,
}

/// A recogniser shared by all calls.
pub trait Recognizer: Send + Sync {
    fn name(&self) -> &'static str;
    fn shape(&self) -> Shape;
    /// Opens the ear of one call. Results arrive on `tell`; a full channel drops partials, never finals (its owner drains
    /// it every tick, and a call has at most a handful of decodes in flight).
    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear>;
    /// Recognition is so far behind that new calls should not be started.
    fn overloaded(&self) -> bool {
        false
    }
}

/// Which decode a result belongs to: the utterance, and how often speech went on after it was asked for.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecodeId {
    pub utterance: u32,
    pub attempt: u32,
}

/// The recogniser's end of one call. None of these calls blocks.
pub trait Ear: Send {
    /// What may be said from now on.
    fn expect(&mut self, expectation: &Arc<Expectation>);
    /// A new utterance begins; `preroll` is the sound just before the VAD noticed.
    fn begin(&mut self, utterance: u32, preroll: &[i16]);
    /// More sound of the running utterance, words path.
    fn audio(&mut self, frame: &Frame);
    /// Give a rough text of what was said so far, if there is time.
    fn partial(&mut self, id: DecodeId);
    /// The same where nothing depends on it: only if no other work waits.
    fn idle_partial(&mut self, id: DecodeId) {
        self.partial(id);
    }
    /// Nobody wants the answer to this decode any more (speech went on); it may be left out. Its answer, should it come,
    /// is thrown away by its id.
    fn withdraw(&mut self, _id: DecodeId) {}
    /// Give the text of the utterance so far: it may be over. Asked again with a higher attempt when speech went on.
    fn decode(&mut self, id: DecodeId);
    /// The utterance is over (decoded or not); drop its sound.
    fn end(&mut self);
}

/// A result of [`Ear::partial`] or [`Ear::decode`].
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    pub id: DecodeId,
    pub kind: RecognisedKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RecognisedKind {
    /// Rough text; a hint only.
    Partial(Words),
    Final(Words),
    /// Words the engine does not trust by themselves. They count where the step expected just them: the evidence that one
    /// short word is enough comes from the question.
    Unsure(Words),
    /// Not speech: with the reason, for the log.
    Nothing(&'static str),
    /// The engine failed or ran out of its deadline.
    Failed(String),
}

/// Recognised words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Normalised: simplified Chinese, half width, English in lower case, clauses parted by a comma. An accepted candidate's
    /// words, else the free text.
    pub text: String,
    pub lang: Lang,
    /// 0..=1.
    pub confidence: f32,
    /// Expected phrases with their scores, best first; empty where the engine does not score.
    pub candidates: Vec<Candidate>,
    /// One expected answer stands out: the sound fits it as well as any words, and no phrase of another meaning comes near.
    /// A turn whose words are clear may close before its silence is full.
    pub clear: bool,
}

/// An expected phrase and how well the sound fits it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub phrase: String,
    /// The intent or value the phrase stands for.
    pub meaning: String,
    /// Mean natural log-probability per token.
    pub score: f32,
    /// 0..=1: how surely this phrase is what was said, given the sound and everything else it could be.
    pub confidence: f32,
}

impl Candidate {
    /// From this confidence on a phrase is taken for what was said; below it the free text stands.
    pub const ACCEPT: f32 = 0.5;
}
