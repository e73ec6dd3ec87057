//! Headsets, a desk and a stage for them.

use crate::line::{Deaf, Line, NoSpeech, ROBOT_HZ, Said, next_ports};
use crate::rig::callee;
use bytes::Bytes;
use callsmith::audio::g711::Law;
use callsmith::audio::tone::{Tone, level_of};
use callsmith::audio::{FRAME, Frame, SILENCE, level};
use callsmith::call::command::{Answer, Command, WatchMode, Watcher};
use callsmith::call::headset::{self, Packet};
use callsmith::call::registry::Registry;
use callsmith::farend;
use callsmith::farend::report::Report;
use callsmith::farend::scenario::{Act, AgentPhone, Answer as Picks, Scenario};
use callsmith::hearing::traits::{
    DecodeId, Ear, Recognised, RecognisedKind, Recognizer, Shape, Vad, Words,
};
use callsmith::media::wheel::{Ticks, Wheel, WheelHandle};
use callsmith::terms::{CallEvent, CallId, Expectation, Happening, Lang};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(super) const PLAN: &str = include_str!("../../data/dialplans/good/keys.yaml");
pub(super) const CALLEE_HZ: u32 = 700;
pub(super) const AGENT_HZ: u32 = 1000;
pub(super) const LISTENER_HZ: u32 = 1600;
pub(super) const WHISPER_HZ: u32 = 1900;
pub(super) const BARGE_HZ: u32 = 2200;
pub(super) const TAKER_HZ: u32 = 2500;
/// Everybody, by name.
pub(super) const ALL: [(&str, u32); 7] = [
    ("robot", ROBOT_HZ as u32),
    ("callee", CALLEE_HZ),
    ("agent", AGENT_HZ),
    ("listener", LISTENER_HZ),
    ("whisperer", WHISPER_HZ),
    ("barger", BARGE_HZ),
    ("taker", TAKER_HZ),
];

/// Whose tones are in this sound.
pub(super) fn voices(sound: &[i16]) -> Vec<&'static str> {
    let is_in = |hz: u32| level_of(sound, f64::from(hz)) > -35.0;
    let heard = ALL.iter().filter(|(_, hz)| is_in(*hz));
    heard.map(|(name, _)| *name).collect()
}

/// A human's headset: sends a tone while switched on, else silence, and keeps what it hears.
pub(super) struct Headset {
    pub(super) line: headset::Line,
    pub(super) hz: u32,
    pub(super) talks: Arc<AtomicBool>,
    pub(super) heard: Arc<Mutex<Vec<i16>>>,
    pub(super) wheel: WheelHandle,
    pub(super) browser: Option<JoinHandle<()>>,
}

impl Headset {
    pub(super) fn new(wheel: &WheelHandle, name: &str, hz: u32) -> Headset {
        let mut headset = Headset {
            line: headset::Line::new(name, name),
            hz,
            talks: Arc::default(),
            heard: Arc::default(),
            wheel: wheel.clone(),
            browser: None,
        };
        headset.plug_in();
        headset
    }

    /// A browser connects.
    pub(super) fn plug_in(&mut self) {
        let plug = self.line.plug();
        let (talks, heard) = (self.talks.clone(), self.heard.clone());
        let (mut ticks, mut tone) = (self.wheel.register(), Tone::new(f64::from(self.hz), -20.0));
        self.browser = Some(tokio::spawn(async move {
            let (mut seq, mut timestamp) = (rand::random(), rand::random());
            loop {
                tokio::select! {
                    _ = ticks.next() => {
                        let frame = if talks.load(Ordering::Relaxed) { tone.frame() } else { SILENCE };
                        let payload = Bytes::copy_from_slice(&Law::Mu.encode_frame(&frame));
                        plug.packet(Packet { seq, timestamp, payload });
                        seq = seq.wrapping_add(1);
                        timestamp = timestamp.wrapping_add(160);
                    }
                    Some(bytes) = plug.next() => Law::Mu.decode(&bytes, &mut heard.lock().unwrap()),
                }
            }
        }));
    }

    /// The browser's tab is killed.
    pub(super) async fn unplug(&mut self) {
        if let Some(browser) = self.browser.take() {
            browser.abort();
            let _ = browser.await;
        }
    }

    pub(super) fn talk(&self, on: bool) {
        self.talks.store(on, Ordering::Relaxed);
    }

    /// Who was heard in the last second.
    pub(super) fn hears(&self) -> Vec<&'static str> {
        let heard = self.heard.lock().unwrap();
        voices(&heard[heard.len().saturating_sub(8000)..])
    }
}

/// The test in the place of the desk.
pub(super) struct Desk {
    pub(super) registry: Registry,
    pub(super) call: CallId,
    pub(super) events: mpsc::UnboundedReceiver<CallEvent>,
    pub(super) wheel: WheelHandle,
}

impl Desk {
    /// Waits for something to happen.
    pub(super) async fn until(&mut self, want: impl Fn(&Happening) -> bool) -> CallEvent {
        loop {
            let event = self.events.recv().await.expect("it happens before the end");
            if want(&event.what) {
                return event;
            }
        }
    }

    pub(super) async fn ask(&self, command: Command) -> Answer {
        self.registry.ask(&self.call, command).await
    }

    pub(super) async fn accept(&self, agent: &Headset) -> Answer {
        self.ask(Command::Accept {
            agent: agent.line.id().into(),
            name: agent.line.name().into(),
            line: agent.line.clone(),
        })
        .await
    }

    pub(super) async fn join(&self, user: i64, headset: &Headset, mode: WatchMode) -> Answer {
        let who = Watcher {
            user,
            name: headset.line.name().into(),
        };
        let line = Some(headset.line.clone());
        self.ask(Command::Join { who, mode, line }).await
    }

    pub(super) async fn hang_up(&self) {
        let (by, reason) = ("test".into(), "done".into());
        let _ = self.ask(Command::Hangup { by, reason }).await;
    }

    /// So much of everybody's sound passes, in ticks of 20 ms.
    pub(super) async fn listen(&self, ticks: u32) {
        let mut wheel: Ticks = self.wheel.register();
        for _ in 0..ticks {
            wheel.next().await;
        }
    }

    /// Waits until an agent is wanted, offers the call to `agent`, who accepts and says something.
    pub(super) async fn bridge(&mut self, agent: &Headset) {
        self.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        let agents = vec![agent.line.id().to_string()];
        self.ask(Command::Offered { agents }).await.unwrap();
        self.accept(agent).await.unwrap();
        agent.talk(true);
        self.until(|h| matches!(h, Happening::Bridged { .. })).await;
    }
}

pub(super) struct Stage {
    pub(super) said: Said,
    pub(super) wire: Report,
    pub(super) at_callee: PathBuf,
    pub(super) _folder: tempfile::TempDir,
}

/// A call whose callee presses 0 for a person and then hums; `act` is the desk.
pub(super) async fn stage<F>(
    phone: Option<AgentPhone>,
    act: impl FnOnce(Desk, String) -> F,
) -> Stage
where
    F: Future<Output = ()>,
{
    stage_with(phone, (Arc::new(Deaf), || Box::new(NoSpeech)), act).await
}

/// What the call hears with.
pub(super) type Ears = (Arc<dyn Recognizer>, fn() -> Box<dyn Vad>);

pub(super) async fn stage_with<F>(
    phone: Option<AgentPhone>,
    (recognizer, vad): Ears,
    act: impl FnOnce(Desk, String) -> F,
) -> Stage
where
    F: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let at_callee = folder.path().join("at-callee.wav");
    let asks = Act::WaitRobot {
        min_speech_ms: 300,
        quiet_ms: 600,
        max_ms: 10_000,
    };
    let hums = Act::Tone {
        hz: CALLEE_HZ,
        ms: 30_000,
        level_db: -20.0,
    };
    let digits = "0".into();
    let mut customer = callee(
        Picks::Ring { ms: 100 },
        vec![asks, Act::Dtmf { digits }, hums],
    );
    customer.record = Some(at_callee.clone());
    let ports = next_ports();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = ports;
    scenario.callees = vec![customer];
    scenario.agents = phone.into_iter().collect();
    let far = farend::start(scenario).unwrap();
    let registry = Registry::default();
    let (tell, events) = mpsc::unbounded_channel();
    let desk = Desk {
        registry: registry.clone(),
        call: CallId(format!("it-{ports}")),
        events,
        wheel: Wheel::start().unwrap(),
    };
    let line = Line {
        trunk: far.sip,
        dialplan: PLAN,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(10),
        rtp_timeout: Duration::from_secs(15),
        folder: folder.path(),
        recognizer,
        vad,
        voice_ms: 500,
    };
    let watch = move |event: &CallEvent| {
        let _ = tell.send(event.clone());
    };
    let acting = act(desk, format!("sip:agent@{}", far.sip));
    let (said, ()) = tokio::join!(line.call_with(registry, watch, None), acting);
    let wire = far.stop().await.unwrap();
    Stage {
        said,
        wire,
        at_callee,
        _folder: folder,
    }
}

pub(super) fn told(said: &Said, want: impl Fn(&Happening) -> bool) -> usize {
    said.events.iter().filter(|e| want(&e.what)).count()
}

/// Who was ever heard in a recording, by 200 ms.
pub(super) fn ever(sound: &[i16]) -> Vec<&'static str> {
    let heard: Vec<_> = sound.chunks_exact(1600).map(voices).collect();
    let names = ALL.iter().map(|(name, _)| *name);
    names
        .filter(|n| heard.iter().any(|h| h.contains(n)))
        .collect()
}

/// The longest silence at the callee between a human's last sound and the robot's first after it, in samples of 20 ms, and
/// whether the human was heard again after the robot.
pub(super) fn gap(sound: &[i16]) -> (usize, bool) {
    let frames: Vec<&[i16]> = sound.chunks_exact(FRAME).collect();
    let is = |frame: &&[i16], hz: u32| level_of(frame, f64::from(hz)) > -30.0;
    let first = frames
        .iter()
        .position(|f| is(f, AGENT_HZ))
        .expect("the agent is heard");
    // The robot's words before the bridge do not count: the agent's sound has to stop first.
    let mut last = first;
    for (i, frame) in frames.iter().enumerate().skip(first) {
        if is(frame, AGENT_HZ) {
            last = i;
        } else if i > last + 10 && is(frame, ROBOT_HZ as u32) {
            let again = frames[i..].iter().any(|f| is(f, AGENT_HZ));
            return (i - last, again);
        }
    }
    panic!("the robot is never heard after the agent");
}

/// Understands who speaks, by tone, and nothing else.
pub(super) struct Tones;

pub(super) struct ToneEar(Vec<i16>, mpsc::Sender<Recognised>);

impl Recognizer for Tones {
    fn name(&self) -> &'static str {
        "tones"
    }
    fn shape(&self) -> Shape {
        Shape::Segment
    }
    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(ToneEar(Vec::new(), tell))
    }
}

impl Ear for ToneEar {
    fn expect(&mut self, _: &Arc<Expectation>) {}
    fn begin(&mut self, _: u32, preroll: &[i16]) {
        self.0 = preroll.to_vec();
    }
    fn audio(&mut self, frame: &Frame) {
        self.0.extend_from_slice(frame);
    }
    fn partial(&mut self, _: DecodeId) {}
    fn decode(&mut self, id: DecodeId) {
        let text = voices(&self.0).join(" ");
        let kind = RecognisedKind::Final(Words {
            text,
            lang: Lang::En,
            confidence: 0.9,
            ..Words::default()
        });
        let _ = self.1.try_send(Recognised { id, kind });
    }
    fn end(&mut self) {
        self.0.clear();
    }
}

/// What is loud is speech.
pub(super) struct Loud;

impl Vad for Loud {
    fn name(&self) -> &'static str {
        "loud"
    }
    fn probability(&mut self, frame: &Frame) -> f32 {
        if level::rms_dbfs(frame) > -40.0 {
            0.95
        } else {
            0.02
        }
    }
}
