//! One conversation over a dialplan: events in, effects out, time an argument.
//!
//! The robot's turn is a queue of lines; when the last was spoken ([`Event::Said`]), [`Machine`] either listens, goes on to the
//! next step, or hangs up: `proceed` decides by the [`Phase`]. The callee's turn is one [`Event::Heard`], decided in `turn`.
//! Three things hold whatever the file says: an opt-out ends the call with no further word but its own line, a wanted human is
//! not unwanted by what the callee says, and while a human has the callee the robot never speaks.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod act;
mod after;
mod callback;
mod doubt;
mod expected;
mod flow;
mod grading;
mod handoff;
mod humans;
mod keyed;
mod ladder;
mod lookup;
mod mood;
mod moves;
mod phase;
mod rehearsal;
mod slots;
mod speech;
mod turn;
mod valid;
mod when;

use super::effect::Effect;
use super::event::{AgentNews, Besides, Event};
use super::intent::Reading;
use super::plan::{Action, Dialplan, Hangup, Lead, Prompt};
use crate::terms::{Disposition, Grade, Lang, Ms, Why};
use grading::Memory;
use handoff::Hand;
pub use lookup::Awaited;
use phase::Phase;
pub use rehearsal::RuleState;
use speech::Speech;
use std::sync::Arc;

/// One call's conversation.
#[derive(Debug)]
pub struct Machine {
    plan: Arc<Dialplan>,
    lead: Lead,
    phase: Phase,
    /// The language spoken now.
    lang: Lang,
    /// The current step.
    step: Option<String>,
    speech: Speech,
    memory: Memory,
    hand: Hand,
    /// Times the ladders were climbed since the callee was last understood.
    no_input: u32,
    no_match: u32,
    /// The last thing said was only "can you hear me".
    presence_check: bool,
    timer: Option<(Ms, Why)>,
    /// When the callee began the speech whose words have not come yet.
    callee_since: Option<Ms>,
    /// Words said while the robot could not be stopped; looked at when it is done.
    stash: Option<String>,
    /// Digits keyed in so far.
    keyed: String,
    /// Where side flows come back to.
    points: Vec<flow::Point>,
    /// What another machine was asked, and how often one was.
    asked: Option<lookup::Asked>,
    asks: u32,
    model_questions: u32,
    /// A yes or no in the last turn that is too weak to act on.
    doubt: Option<Reading>,
    /// The open question was already asked about in doubt.
    doubted: bool,
    /// The current step's branches were looked at.
    branched: bool,
    /// What is known of the last turn besides its words.
    besides: Besides,
}

const NO_INPUT: Why = "the callee says nothing";
const WAITING: Why = "something to say while the agent's phone rings";
const NO_ANSWER: Why = "another machine owes an answer";
const KEYED: Why = "the callee keys in no more digits";
const LOST_LINE: Why = "a line was never reported as spoken";
/// A turn of the callee without words by then is taken for silence.
const LONGEST_TURN_MS: u64 = 15_000;

impl Machine {
    #[must_use]
    pub fn new(plan: Arc<Dialplan>, lead: Lead) -> Machine {
        Machine {
            lang: plan.first_lang(&lead.vars),
            plan,
            lead,
            phase: Phase::Before,
            step: None,
            speech: Speech::default(),
            memory: Memory::default(),
            hand: Hand::default(),
            no_input: 0,
            no_match: 0,
            presence_check: false,
            timer: None,
            callee_since: None,
            stash: None,
            keyed: String::new(),
            points: Vec::new(),
            asked: None,
            asks: 0,
            model_questions: 0,
            doubt: None,
            doubted: false,
            branched: false,
            besides: Besides::default(),
        }
    }

    /// Takes in what happened; what is to be done is added to `out`.
    pub fn on(&mut self, now: Ms, event: Event, out: &mut Vec<Effect>) {
        match event {
            Event::Answered => self.answered(now, out),
            Event::SpeechStarted => self.speech_started(now),
            Event::Heard {
                text,
                over_prompt,
                more,
                ..
            } => {
                self.callee_since = None;
                self.besides = more;
                self.heard(now, &text, over_prompt, out);
            }
            Event::NotUnderstood => {
                self.callee_since = None;
                self.not_understood(now, out);
            }
            Event::Said { say } => self.speech.said(say),
            Event::Interrupted { say, .. } => self.speech.interrupted(say),
            Event::FalseInterruption => {
                self.callee_since = None;
                self.speech.resumed();
                if self.speech.silent() {
                    self.timer = None;
                }
            }
            Event::LookedUp { id, result } => self.looked_up(id, result),
            Event::ModelSaid { id, result } => self.model_said(id, result),
            Event::Key(key) => self.key(now, key, out),
            Event::Agent(AgentNews::Ringing) => {}
            Event::Agent(AgentNews::Joined) => self.agent_joined(out),
            Event::Agent(AgentNews::Nobody) => self.nobody_came(now, out),
            Event::Agent(AgentNews::Left) => self.agent_left(now, out),
            Event::Agent(AgentNews::Lost) => self.agent_lost(now, out),
            Event::Agent(AgentNews::Closed) => self.nobody_works(now, out),
            Event::HungUp => self.hung_up(out),
        }
        self.settle(now, out);
    }

    /// When [`Machine::wake`] wants to be called, and why.
    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        self.timer
    }

    /// Time has passed; nothing happens before the deadline.
    pub fn wake(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let Some((at, why)) = self.timer else { return };
        if now < at {
            return;
        }
        self.timer = None;
        self.callee_since = None;
        match why {
            NO_INPUT => self.silence(now, out),
            WAITING => self.talk_on(now, out),
            NO_ANSWER => self.no_answer(),
            KEYED => self.keyed_in(now, out),
            _ => self.speech.forget(),
        }
        self.settle(now, out);
    }

    /// The language spoken now.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// All that these words may mean here, guesses too weak to act on among them.
    #[must_use]
    pub fn weigh(&self, text: &str, besides: &Besides) -> Vec<Reading> {
        self.plan.weigh(text, self.lang, &self.expected(), besides)
    }

    /// The step the conversation is at.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        self.step.as_deref()
    }

    /// The grade as it stands, with its reasons.
    #[must_use]
    pub fn grade(&self) -> Option<(Grade, &[String])> {
        self.memory.grade.as_ref().map(|(g, r)| (*g, r.as_slice()))
    }

    /// True when the robot neither speaks nor has anything to say: the callee's turn, or the end.
    #[must_use]
    pub fn silent(&self) -> bool {
        self.speech.silent()
    }

    fn answered(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.phase != Phase::Before {
            return;
        }
        self.phase = Phase::Disclosing;
        let plan = Arc::clone(&self.plan);
        self.say_firmly(now, "disclosure", &plan.disclosure, out);
        self.expect(false, out);
    }

    fn speech_started(&mut self, now: Ms) {
        self.callee_since = Some(now);
        if self.speech.silent() && self.timer.is_some_and(|(_, why)| why == NO_INPUT) {
            self.timer = Some((now.after(LONGEST_TURN_MS), NO_INPUT));
        }
    }

    fn hung_up(&mut self, out: &mut Vec<Effect>) {
        if self.phase == Phase::AskingCallback {
            out.push(Effect::Callback {
                evidence: self.memory.evidence.clone(),
                at: None,
            });
        }
        self.phase = Phase::Over;
        self.timer = None;
        self.speech.forget();
        self.memory.over = true;
        self.regrade(out);
        self.wrap_up(out);
    }

    /// After every event: the grade, the hand-off rule, and the robot's next move when it is the robot's turn.
    fn settle(&mut self, now: Ms, out: &mut Vec<Effect>) {
        self.regrade(out);
        self.want_by_rule(out);
        // Each pass enters a step or ends; steps that neither speak nor listen are few, and the check refuses circles of them.
        for _ in 0..=self.plan.steps.len() + 4 {
            if !self.speech.silent() || !self.proceed(now, out) {
                break;
            }
            self.regrade(out);
            self.want_by_rule(out);
        }
        if self.phase == Phase::Over || self.phase == Phase::Human || self.phase == Phase::Before {
            self.timer = None;
        }
    }

    /// The robot has said everything. True when that led to something new.
    fn proceed(&mut self, now: Ms, out: &mut Vec<Effect>) -> bool {
        if let Some(text) = self.stash.take()
            && self.belated(now, &text, out)
        {
            return true;
        }
        match self.phase.clone() {
            Phase::Before | Phase::Human | Phase::Over => false,
            Phase::Disclosing => {
                self.phase = Phase::Talking;
                let start = self.plan.start.name.clone();
                self.enter(now, &start, out);
                true
            }
            Phase::Talking => self.go_on(now, out),
            Phase::Asking => self.answer_or_wait(now, out),
            Phase::Confirming | Phase::AskingCallback | Phase::NobodyAsked => {
                self.listen(now);
                false
            }
            Phase::Waiting => {
                self.wait_for_agent(now);
                false
            }
            Phase::Then(step) => {
                self.phase = Phase::Talking;
                self.enter(now, &step, out);
                true
            }
            Phase::Closing(hangup) => {
                self.hang_up(&hangup, out);
                false
            }
        }
    }

    fn hang_up(&mut self, hangup: &Hangup, out: &mut Vec<Effect>) {
        self.phase = Phase::Over;
        self.timer = None;
        self.regrade(out);
        self.wrap_up(out);
        out.push(Effect::Hangup {
            disposition: hangup.disposition,
            result: hangup.result.clone(),
        });
    }

    /// Never call again: said once, firmly, and then not another word.
    fn opt_out(&mut self, now: Ms, evidence: &str, score: f32, out: &mut Vec<Effect>) {
        self.note_intent("opt_out", score, evidence, out);
        if self.phase == Phase::Human {
            self.tag("opt_out", score, evidence, out);
            out.push(Effect::OptOut {
                evidence: evidence.to_string(),
            });
            return;
        }
        self.opted_out(now, &Action::default(), None, out);
    }

    /// The same by a branch or step of the file, with its own words when it has some.
    fn opted_out(&mut self, now: Ms, action: &Action, say: Option<&Prompt>, out: &mut Vec<Effect>) {
        let (evidence, score) = (self.memory.evidence.clone(), self.memory.score);
        self.tag("opt_out", score, &evidence, out);
        self.marks(action, out);
        out.push(Effect::OptOut { evidence });
        self.stop(out);
        let plan = Arc::clone(&self.plan);
        self.say_firmly(now, "opt_out", say.unwrap_or(&plan.opt_out), out);
        let result = action.hangup.as_ref().and_then(|h| h.result.clone());
        self.hang_up(
            &Hangup {
                disposition: Disposition::OptOut,
                result,
            },
            out,
        );
    }
}
