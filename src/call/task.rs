//! The shell of one call: turns what the wire, the ears, the voice and the desk do into events for [`Machine`] and
//! performs its effects. It decides nothing.

use super::effect::{Effect, Outcome};
use super::event::Event;
use super::headset::{Line, Tap};
use super::kit::Kit;
use super::leg::LiveLeg;
use super::machine::Machine;
use super::registry::Order;
use super::task_audio::Sound;
use super::task_humans::Humans;
use super::task_mind::Mind;
use super::task_voice::Lines;
use crate::dialogue;
use crate::dialogue::Dialplan;
use crate::dialogue::effect::Request;
use crate::dialogue::event::Event as Told;
use crate::dialogue::intent::Vectors;
use crate::hearing::traits::Recognised;
use crate::media::MediaError;
use crate::media::port::Port;
use crate::sip::{Invite, Target};
use crate::terms::{
    CallEvent, CallId, CauseKind, Disposition, EndedBy, HangupCause, Happening, Lang, Ms, Phone,
};
use crate::voice::prompt::Prompt;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{Instrument, error, info_span, warn};

/// One call to be made.
pub struct CallSpec {
    pub id: CallId,
    pub target: Target,
    /// The trunk's name, for the record.
    pub trunk: String,
    pub caller_id: String,
    pub phone: Phone,
    pub lang: Lang,
    pub dialplan: Arc<Dialplan>,
    /// Recordings in the dialplan are looked up here.
    pub dialplan_dir: PathBuf,
    pub lead: dialogue::Lead,
    pub ring_timeout: Duration,
    /// The two-channel WAV to write, when the call is recorded.
    pub recording: Option<PathBuf>,
}

#[derive(Debug, Error)]
pub enum CallError {
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error("the line is in another call; hang up there first")]
    LineBusy,
}

/// Makes the call and lives through it. Everything it learns went to the kit's sink by the time this returns.
///
/// # Errors
/// When no RTP port is free.
pub async fn run(kit: Arc<Kit>, spec: CallSpec) -> Result<Outcome, CallError> {
    live(kit, spec, None).await
}

/// The same with a headset in the callee's place: somebody tries a dialplan in the browser. `spec.target` is not called.
///
/// # Errors
/// When the line is in another call.
pub async fn run_on_line(kit: Arc<Kit>, spec: CallSpec, line: &Line) -> Result<Outcome, CallError> {
    let tap = line.attach(&spec.id).ok_or(CallError::LineBusy)?;
    live(kit, spec, Some(tap)).await
}

async fn live(kit: Arc<Kit>, spec: CallSpec, headset: Option<Tap>) -> Result<Outcome, CallError> {
    let span = info_span!("call", id = %spec.id, phone = %spec.phone);
    async move {
        let commands = kit.registry.enter(&spec.id);
        let id = spec.id.clone();
        let result = match Task::start(kit.clone(), spec, headset, commands) {
            Ok(task) => {
                let epoch = task.epoch;
                Ok(contained(task.live())
                    .await
                    .unwrap_or_else(|why| broke_down(&kit, &id, epoch, &why)))
            }
            Err(e) => Err(e),
        };
        kit.registry.leave(&id);
        result
    }
    .instrument(span)
    .await
}

/// Lives through the call; a panic in it (an engine's, say) ends this call and nothing else.
async fn contained(live: impl Future<Output = Outcome>) -> Result<Outcome, String> {
    // Boxed, so that a broken call's sockets close and its legs hang up at once: the panic drops what it held.
    let mut live = Box::pin(live);
    std::future::poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| live.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => {
                let said = panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned());
                Poll::Ready(Err(said.unwrap_or_else(|| "no reason given".into())))
            }
        },
    )
    .await
}

/// The last event and the outcome of a call whose task panicked. How far it had come went with it.
fn broke_down(kit: &Kit, call: &CallId, epoch: Instant, why: &str) -> Outcome {
    error!("this call broke down, others go on: {why}");
    let talk_ms = epoch.elapsed().as_millis() as u64;
    let cause = HangupCause::new(
        CauseKind::Normal,
        EndedBy::Us,
        format!("the robot broke down: {why}"),
    );
    let outcome = Outcome {
        disposition: Disposition::RobotFailure,
        result: None,
        cause: Some(cause.clone()),
        grade: None,
        reasons: Vec::new(),
        callback_at: None,
        rang: true,
        answered: true,
        bridged: false,
        ring_ms: 0,
        talk_ms,
        line_status: None,
    };
    (kit.sink)(&CallEvent {
        call: call.clone(),
        at: Ms(talk_ms),
        what: Happening::Ended {
            disposition: outcome.disposition,
            result: None,
            cause: Some(cause),
            ring_ms: 0,
            talk_ms,
        },
    });
    outcome
}

struct Task {
    kit: Arc<Kit>,
    id: CallId,
    phone: Phone,
    caller_id: String,
    epoch: Instant,
    machine: Machine,
    callee: LiveLeg,
    humans: Humans,
    commands: mpsc::Receiver<Order>,
    recognised: mpsc::Receiver<Recognised>,
    stored_tx: mpsc::Sender<Result<(), String>>,
    stored: mpsc::Receiver<Result<(), String>>,
    answers_tx: mpsc::Sender<Told>,
    answers: mpsc::Receiver<Told>,
    briefing_tx: mpsc::Sender<Option<Arc<Prompt>>>,
    briefing: mpsc::Receiver<Option<Arc<Prompt>>>,
    dialplan: Arc<Dialplan>,
    mind: Mind,
    lines: Lines,
    sound: Sound,
    outcome: Option<Outcome>,
}

impl Task {
    fn start(
        kit: Arc<Kit>,
        spec: CallSpec,
        headset: Option<Tap>,
        commands: mpsc::Receiver<Order>,
    ) -> Result<Task, CallError> {
        let callee = match headset {
            Some(tap) => LiveLeg::called(tap),
            None => {
                let mut port = Port::bind(kit.media_ip, kit.rtp_ports, rand::random())?;
                let invite = Invite {
                    target: spec.target,
                    caller_id: spec.caller_id.clone(),
                    display_name: None,
                    call_id: spec.id.clone(),
                    offer: port.offer(),
                    ring_timeout: spec.ring_timeout,
                };
                LiveLeg::sip((kit.dial)(invite), port)
            }
        };
        let (tell, recognised) = mpsc::channel(64);
        let (stored_tx, stored) = mpsc::channel(4);
        let (answers_tx, answers) = mpsc::channel(4);
        let (briefing_tx, briefing) = mpsc::channel(4);
        // What depends on the lead is rendered while the phone rings.
        let lines = Lines::new(&kit.studio, spec.dialplan_dir, &spec.dialplan.words());
        lines.prepare(dialogue::lead_lines(&spec.dialplan, &spec.lead));
        let sound = Sound::new(&kit, spec.lang, spec.recording, tell);
        let dialplan = spec.dialplan.clone();
        let dialogue = dialogue::Machine::new(spec.dialplan, spec.lead);
        let task = Task {
            epoch: Instant::now(),
            machine: Machine::new(dialogue),
            callee,
            humans: Humans::default(),
            commands,
            recognised,
            stored_tx,
            stored,
            answers_tx,
            answers,
            briefing_tx,
            briefing,
            dialplan,
            mind: Mind::new(kit.meanings.clone()),
            lines,
            sound,
            outcome: None,
            id: spec.id,
            phone: spec.phone,
            caller_id: spec.caller_id.clone(),
            kit,
        };
        task.happened(Happening::Dialing {
            trunk: spec.trunk,
            caller_id: spec.caller_id,
        });
        Ok(task)
    }

    async fn live(mut self) -> Outcome {
        let mut ticks = self.kit.wheel.register();
        self.feed(Event::Placed);
        loop {
            if let Some(outcome) = self.outcome.take() {
                if let Some(failed) = self.sound.finish().await.and_then(|info| info.failed) {
                    warn!("the recording is not whole: {failed}");
                }
                return outcome;
            }
            let deadline = self
                .machine
                .deadline()
                .map(|(at, _)| self.epoch + Duration::from_millis(at.0));
            tokio::select! {
                biased;
                tick = ticks.next() => if tick.is_some() { self.tick() },
                event = self.callee.next() => self.callee_event(event),
                news = self.humans.next() => self.phone_event(news),
                Some(result) = self.recognised.recv() => {
                    let now = self.now();
                    for event in self.sound.recognised(now, result) {
                        self.hear(event);
                    }
                }
                (vectors, waited) = self.mind.next() => self.understood(vectors, waited),
                result = self.sound.human_recognised() => {
                    let now = self.now();
                    for event in self.sound.human_said(now, result) {
                        self.feed(event);
                    }
                }
                Some(order) = self.commands.recv() => {
                    let answer = self.order(&order.command);
                    if let Some(tell) = order.answer {
                        // Whoever asked may have stopped waiting.
                        let _ = tell.send(answer);
                    }
                }
                Some(prompt) = self.briefing.recv() => match prompt {
                    Some(prompt) => self.humans.brief(prompt),
                    None => self.feed(Event::Briefed),
                },
                Some(answer) = self.answers.recv() => self.feed(Event::Answer(answer)),
                Some(result) = self.stored.recv() => self.feed(Event::OptOutStored(result)),
                rendered = self.lines.next() => match rendered {
                    Ok((say, prompt, interruptible)) => self.sound.queue(say, prompt, interruptible),
                    Err((say, why)) => self.feed(Event::LineFailed { say, why }),
                },
                () = sleep_until(deadline) => self.wake(),
            }
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        for event in self.sound.tick(
            now,
            &mut self.callee,
            &mut self.humans,
            self.kit.rtp_timeout,
        ) {
            self.hear(event);
        }
    }

    fn hear(&mut self, event: Event) {
        if let Some(event) = self.mind.take(event, &self.dialplan) {
            self.feed(event);
        }
    }

    /// A turn that waited for its vectors is told with them; what came behind it follows.
    fn understood(&mut self, vectors: Option<Arc<Vectors>>, mut waited: VecDeque<Event>) {
        if let Some(vectors) = vectors {
            self.feed(Event::Meanings(vectors));
        }
        if let Some(turn) = waited.pop_front() {
            self.feed(turn);
        }
        for event in waited {
            self.hear(event);
        }
    }

    fn wake(&mut self) {
        let mut out = Vec::new();
        self.machine.wake(self.now(), &mut out);
        self.perform(out);
    }

    fn feed(&mut self, event: Event) {
        let mut out = Vec::new();
        self.machine.on(self.now(), event, &mut out);
        self.perform(out);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Happened(what) => self.happened(what),
                Effect::Speak {
                    say,
                    line,
                    interruptible,
                } => self.lines.push(say, line, interruptible),
                Effect::HoldSpeaking => self.sound.hold(),
                Effect::ResumeSpeaking => self.sound.resume(),
                Effect::StopSpeaking => {
                    let unspoken = self.lines.drop_queued();
                    let stopped = self.sound.stop(unspoken);
                    self.feed(stopped);
                }
                Effect::Expect(expectation) => self.sound.expect(Arc::new(expectation)),
                Effect::Lookup { id, request } => self.look_up(id, request),
                Effect::AskModel {
                    id,
                    question,
                    known,
                } => self.ask_model(id, question, known),
                Effect::Bridge { roster, human } => {
                    self.humans.recheck(human.as_ref());
                    self.sound.bridge(&self.kit, roster, human);
                }
                Effect::RingAgent { agent, uri } => self.ring_agent(agent, uri),
                Effect::Seat { agent } => self.humans.seat(&agent),
                Effect::Brief(line) => self.lines.brief(line, self.briefing_tx.clone()),
                Effect::Release { agent, reason } => self.humans.release(&agent, &reason),
                Effect::ReleaseAll { reason } => self.humans.release_all(&reason),
                Effect::Watch { user } => self.humans.watch(user),
                Effect::Unwatch { user } => self.humans.unwatch(user),
                Effect::Prepare(line) => self.lines.prepare(vec![line]),
                Effect::Hangup { reason } => self.callee.hang_up(&reason),
                Effect::StoreOptOut { evidence } => self.store_opt_out(&evidence),
                Effect::Finish(outcome) => self.outcome = Some(outcome),
            }
        }
    }

    fn look_up(&mut self, id: u32, request: Request) {
        let answer = self.kit.outside.look_up(request);
        let tell = self.answers_tx.clone();
        tokio::spawn(async move {
            let result = answer.await;
            // A call that has ended wants no answer.
            let _ = tell.send(Told::LookedUp { id, result }).await;
        });
    }

    fn ask_model(&mut self, id: u32, question: String, known: Vec<(String, String)>) {
        let Some(llm) = &self.dialplan.llm else {
            return;
        };
        let answer = self.kit.outside.ask_model(llm, question, known);
        let tell = self.answers_tx.clone();
        tokio::spawn(async move {
            let result = answer.await;
            let _ = tell.send(Told::ModelSaid { id, result }).await;
        });
    }

    fn store_opt_out(&self, evidence: &str) {
        let work = self.kit.opt_outs.opt_out(&self.id, &self.phone, evidence);
        let tell = self.stored_tx.clone();
        tokio::spawn(async move {
            // The call may be over and gone; the opt-out is stored all the same.
            let _ = tell.send(work.await).await;
        });
    }

    fn now(&self) -> Ms {
        Ms(self.epoch.elapsed().as_millis() as u64)
    }

    fn happened(&self, what: Happening) {
        (self.kit.sink)(&CallEvent {
            call: self.id.clone(),
            at: self.now(),
            what,
        });
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

mod legs;
