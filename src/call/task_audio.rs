//! The sound of one call, tick by tick: what the callee sends goes to the ears and the recording, what the robot and the
//! humans say goes to whom the bridge lets hear it. Part of the shell: it
//! notices (a lost far end, a machine's greeting) and reports; what follows from it the machine decides.

use super::event::{Event, LegNews, Place};
use super::handover::Human;
use super::kit::Kit;
use super::leg::LiveLeg;
use super::task_ears::HumanEar;
use super::task_humans::Humans;
use crate::audio::level::rms_dbfs;
use crate::audio::{Frame, SILENCE};
use crate::hearing::amd::{Amd, AmdConfig, Answerer};
use crate::hearing::line_status;
use crate::hearing::pipeline::{HearingEvent, Pipeline};
use crate::hearing::tones::ToneDetector;
use crate::hearing::traits::Recognised;
use crate::media::bridge::{self, Inputs, Party, Roster};
use crate::media::port::Incoming;
use crate::media::recorder::{Recording, RecordingInfo};
use crate::terms::{Expectation, Lang, Ms};
use crate::voice::player::{Player, PlayerEvent};
use crate::voice::prompt::Prompt;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// A frame of the robot above this may come back as an echo, dBFS.
const ROBOT_DBFS: f32 = -50.0;
/// What is left of a line when it is too late to hold it, ms.
const LAST_WORDS_MS: u64 = 400;

/// Timing alone hangs up on nobody unless the greeting is longer than any person's; words and beeps decide sooner.
const LONG_GREETING_MS: u64 = 6000;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is to be heard yet.
    Quiet,
    /// Early media: announcements and tones.
    Early,
    Talking,
}

pub struct Sound {
    stage: Stage,
    roster: Roster,
    /// The second ear, while a human has the callee: whose place it listens to.
    human: Option<(Place, HumanEar)>,
    talks: Option<Human>,
    lang: Lang,
    hearing: Pipeline,
    tones: ToneDetector,
    amd: Option<Amd>,
    /// The robot has said its first words and fell silent: who talks long from here on is answering it, not greeting.
    greeted: bool,
    player: Player,
    /// Lines in the player, first the one being played: number and whether it may be interrupted.
    lines: VecDeque<(u32, bool)>,
    recording: Option<Recording>,
    /// Of the line being played.
    playing_ms: u64,
    /// What came from the callee since the last tick.
    incoming: Incoming,
    callee_lost: bool,
}

impl Sound {
    pub fn new(
        kit: &Kit,
        lang: Lang,
        recording: Option<PathBuf>,
        tell: mpsc::Sender<Recognised>,
    ) -> Self {
        let mut hearing = Pipeline::new(
            kit.hearing.clone(),
            (kit.denoiser)(),
            (kit.vad)(),
            kit.recognizer.open(tell),
        );
        hearing.expect(Arc::new(Expectation {
            lang,
            ..Expectation::default()
        }));
        let recording = recording
            .zip(kit.recorder.as_ref())
            .map(|(path, recorder)| recorder.open(&path));
        Sound {
            stage: Stage::Quiet,
            roster: Roster {
                robot: true,
                ..Roster::default()
            },
            human: None,
            talks: None,
            lang,
            hearing,
            tones: ToneDetector::default(),
            amd: None,
            greeted: false,
            player: Player::new(),
            lines: VecDeque::new(),
            recording,
            playing_ms: 0,
            incoming: Incoming::default(),
            callee_lost: false,
        }
    }

    pub fn early_media(&mut self) {
        if self.stage == Stage::Quiet {
            self.stage = Stage::Early;
        }
    }

    pub fn answered(&mut self, now: Ms) {
        self.stage = Stage::Talking;
        self.amd = Some(Amd::new(
            AmdConfig {
                continuous_ms: LONG_GREETING_MS,
                ..AmdConfig::default()
            },
            now,
        ));
    }

    pub fn expect(&mut self, expectation: Arc<Expectation>) {
        self.lang = expectation.lang;
        self.hearing.expect(expectation);
    }

    /// Who hears whom from now on. A human who has the callee gets an ear of his own.
    pub fn bridge(&mut self, kit: &Kit, roster: Roster, human: Option<Human>) {
        self.roster = roster;
        if human == self.talks {
            return;
        }
        self.human = human.as_ref().map(|human| {
            let place = match human {
                Human::Agent(_) => Place::Agent,
                Human::Supervisor { user, .. } => Place::Supervisor(*user),
            };
            (place, HumanEar::new(kit, human.name().into(), self.lang))
        });
        self.talks = human;
    }

    /// What the second ear's engine found; waits for ever without one.
    pub async fn human_recognised(&mut self) -> Option<Recognised> {
        match &mut self.human {
            Some((_, ear)) => ear.next().await,
            None => std::future::pending().await,
        }
    }

    pub fn human_said(&mut self, now: Ms, result: Option<Recognised>) -> Vec<Event> {
        match (&mut self.human, result) {
            (Some((_, ear)), Some(result)) => ear.recognised(now, result),
            // The engine closed the ear: its words are missed, nothing else is.
            _ => {
                self.human = None;
                Vec::new()
            }
        }
    }

    pub fn queue(&mut self, say: u32, prompt: Arc<Prompt>, interruptible: bool) {
        self.lines.push_back((say, interruptible));
        self.player.push(u64::from(say), prompt);
    }

    pub fn hold(&mut self) {
        self.player.pause();
        self.tell_hearing();
    }

    pub fn resume(&mut self) {
        self.player.resume();
        self.tell_hearing();
    }

    /// Fades out and forgets; says where the first line was cut. `unspoken` is the first line that never became sound.
    pub fn stop(&mut self, unspoken: Option<u32>) -> Event {
        let stopped = self.player.stop();
        let first = self.lines.front().map(|(say, _)| *say).or(unspoken);
        self.lines.clear();
        self.tell_hearing();
        let (clause, spoken_ms) = stopped.map_or((0, 0), |s| (s.clauses_done, s.spoken_ms));
        Event::LineStopped {
            say: first.unwrap_or_default(),
            clause,
            spoken_ms,
        }
    }

    pub fn recognised(&mut self, now: Ms, result: Recognised) -> Vec<Event> {
        let mut heard = Vec::new();
        self.hearing.recognised(now, result, &mut heard);
        let mut events = Vec::new();
        self.heard(heard, &mut events);
        events
    }

    /// Closes the recording; waits until the file is whole.
    pub async fn finish(&mut self) -> Option<RecordingInfo> {
        match self.recording.take() {
            Some(recording) => Some(recording.finish().await),
            None => None,
        }
    }

    /// One tick: 20 ms in, 20 ms out.
    pub fn tick(
        &mut self,
        now: Ms,
        callee: &mut LiveLeg,
        humans: &mut Humans,
        rtp_timeout: Duration,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let mut incoming = std::mem::take(&mut self.incoming);
        let from_callee = self.receive(now, callee, rtp_timeout, &mut incoming, &mut events);
        let from = humans.receive(now, &self.roster, rtp_timeout, &mut events);
        self.listen(now, &from_callee, &incoming.fresh, &mut events);
        self.incoming = incoming;
        if let Some((place, ear)) = &mut self.human {
            let frame = match *place {
                Place::Agent => from.agent,
                Place::Supervisor(user) => {
                    let mut all = from.supervisors.iter();
                    all.find(|(u, _)| *u == user).map(|(_, frame)| *frame)
                }
            };
            let frame = frame.unwrap_or(SILENCE);
            ear.hear(now, &frame, humans.fresh(*place), &mut events);
        }

        let mut robot = SILENCE;
        let mut played = Vec::new();
        self.player.frame(&mut robot, &mut played);
        if rms_dbfs(&robot) > ROBOT_DBFS {
            self.hearing.robot_sounds(now);
        }
        self.playing_ms = if self.player.speaking().is_some() {
            self.player.spoken_ms()
        } else {
            self.playing_ms + 20
        };
        for event in played {
            self.played(event, &mut events);
        }
        let inputs = Inputs {
            robot: Some(&robot),
            callee: Some(&from_callee),
            agent: from.agent.as_ref(),
            briefing: from.briefing.as_ref(),
            supervisors: &from.supervisors,
        };
        let to_callee = bridge::mix(&self.roster, &inputs, Party::Callee);
        if callee.answered() {
            callee.send(&to_callee);
        } else if self.stage == Stage::Early {
            callee.send(&SILENCE);
        }
        humans.send(&self.roster, &inputs);
        if let Some(recording) = self
            .recording
            .as_mut()
            .filter(|_| self.stage == Stage::Talking)
        {
            recording.push(&to_callee, &from_callee);
            if let Some(why) = recording.failed() {
                events.push(Event::Degraded(format!("the recording stopped: {why}")));
                self.recording = None;
            }
        }
        events
    }

    /// What the callee sent in the last 20 ms; keys and a lost far end become events.
    fn receive(
        &mut self,
        now: Ms,
        callee: &mut LiveLeg,
        rtp_timeout: Duration,
        incoming: &mut Incoming,
        events: &mut Vec<Event>,
    ) -> Frame {
        callee.tick(now, incoming);
        for digit in incoming.digits.drain(..) {
            events.push(Event::Callee(LegNews::Key(digit)));
        }
        let patience = callee.callee_patience(rtp_timeout).as_millis();
        if callee.answered()
            && !self.callee_lost
            && !callee.held()
            && u128::from(incoming.silent_ms) >= patience
        {
            self.callee_lost = true;
            events.push(Event::MediaLost);
        }
        incoming.frame.unwrap_or(SILENCE)
    }

    fn listen(&mut self, now: Ms, frame: &Frame, fresh: &[Frame], events: &mut Vec<Event>) {
        match self.stage {
            Stage::Quiet => return,
            Stage::Early => {
                if let Some(status) = self.tones.frame(frame).and_then(line_status::from_tone) {
                    events.push(Event::LineTone(status));
                }
            }
            Stage::Talking => {
                let voice = self.hearing.voice() && !self.greeted;
                let verdict = self
                    .amd
                    .as_mut()
                    .and_then(|amd| amd.frame(now, voice, frame));
                judge(verdict, events);
            }
        }
        let mut heard = Vec::new();
        self.hearing.hear(now, frame, fresh, &mut heard);
        self.heard(heard, events);
    }

    /// Words go to the answering-machine detector on their way up.
    fn heard(&mut self, heard: Vec<HearingEvent>, events: &mut Vec<Event>) {
        for event in heard {
            if let (HearingEvent::Heard { text, .. } | HearingEvent::Partial { text }, Some(amd)) =
                (&event, &mut self.amd)
            {
                judge(amd.words(text), events);
            }
            // Who begins in the last words of a line answers it: they are let out.
            let last_words = self.player.left_ms() <= LAST_WORDS_MS;
            if event == HearingEvent::TalkOver && last_words {
                continue;
            }
            events.push(Event::Hearing(event));
        }
    }

    fn played(&mut self, event: PlayerEvent, events: &mut Vec<Event>) {
        match event {
            PlayerEvent::Started { id } => events.push(Event::LineStarted(id as u32)),
            PlayerEvent::Finished { id } => {
                self.lines.pop_front();
                self.greeted |= self.lines.is_empty();
                events.push(Event::LineFinished {
                    say: id as u32,
                    spoken_ms: self.playing_ms,
                });
            }
        }
        self.tell_hearing();
    }

    fn tell_hearing(&mut self) {
        let speaking = self.player.speaking().is_some();
        let interruptible = self
            .lines
            .front()
            .is_some_and(|(_, interruptible)| *interruptible);
        self.hearing.robot_speaking(speaking, interruptible);
    }
}

fn judge(verdict: Option<Answerer>, events: &mut Vec<Event>) {
    if let Some(Answerer::Machine { evidence }) = verdict {
        events.push(Event::AnsweringMachine { evidence });
    }
}
