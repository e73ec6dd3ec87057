//! Humans on a live call: a callee behind real SIP and RTP, agents and supervisors on headsets, everybody with a tone of
//! their own. Who hears whom is measured at the ears.

use crate::line::{Deaf, Line, NoSpeech, ROBOT_HZ, Said, next_ports};
use crate::rig::{agent, callee};
use bytes::Bytes;
use callsmith::audio::g711::Law;
use callsmith::audio::tone::{Tone, level_of};
use callsmith::audio::{FRAME, Frame, SILENCE, level, wav};
use callsmith::call::command::{Answer, Command, WatchMode, Watcher};
use callsmith::call::headset::{self, Packet};
use callsmith::call::registry::Registry;
use callsmith::farend;
use callsmith::farend::report::{EndedBy as FarEnded, Report};
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

const PLAN: &str = include_str!("../data/dialplans/good/keys.yaml");
const CALLEE_HZ: u32 = 700;
const AGENT_HZ: u32 = 1000;
const LISTENER_HZ: u32 = 1600;
const WHISPER_HZ: u32 = 1900;
const BARGE_HZ: u32 = 2200;
const TAKER_HZ: u32 = 2500;
/// Everybody, by name.
const ALL: [(&str, u32); 7] = [
    ("robot", ROBOT_HZ as u32),
    ("callee", CALLEE_HZ),
    ("agent", AGENT_HZ),
    ("listener", LISTENER_HZ),
    ("whisperer", WHISPER_HZ),
    ("barger", BARGE_HZ),
    ("taker", TAKER_HZ),
];

/// Whose tones are in this sound.
fn voices(sound: &[i16]) -> Vec<&'static str> {
    let is_in = |hz: u32| level_of(sound, f64::from(hz)) > -35.0;
    let heard = ALL.iter().filter(|(_, hz)| is_in(*hz));
    heard.map(|(name, _)| *name).collect()
}

/// A human's headset: sends a tone while switched on, else silence, and keeps what it hears.
struct Headset {
    line: headset::Line,
    hz: u32,
    talks: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<i16>>>,
    wheel: WheelHandle,
    browser: Option<JoinHandle<()>>,
}

impl Headset {
    fn new(wheel: &WheelHandle, name: &str, hz: u32) -> Headset {
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
    fn plug_in(&mut self) {
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
    async fn unplug(&mut self) {
        if let Some(browser) = self.browser.take() {
            browser.abort();
            let _ = browser.await;
        }
    }

    fn talk(&self, on: bool) {
        self.talks.store(on, Ordering::Relaxed);
    }

    /// Who was heard in the last second.
    fn hears(&self) -> Vec<&'static str> {
        let heard = self.heard.lock().unwrap();
        voices(&heard[heard.len().saturating_sub(8000)..])
    }
}

/// The test in the place of the desk.
struct Desk {
    registry: Registry,
    call: CallId,
    events: mpsc::UnboundedReceiver<CallEvent>,
    wheel: WheelHandle,
}

impl Desk {
    /// Waits for something to happen.
    async fn until(&mut self, want: impl Fn(&Happening) -> bool) -> CallEvent {
        loop {
            let event = self.events.recv().await.expect("it happens before the end");
            if want(&event.what) {
                return event;
            }
        }
    }

    async fn ask(&self, command: Command) -> Answer {
        self.registry.ask(&self.call, command).await
    }

    async fn accept(&self, agent: &Headset) -> Answer {
        self.ask(Command::Accept {
            agent: agent.line.id().into(),
            name: agent.line.name().into(),
            line: agent.line.clone(),
        })
        .await
    }

    async fn join(&self, user: i64, headset: &Headset, mode: WatchMode) -> Answer {
        let who = Watcher {
            user,
            name: headset.line.name().into(),
        };
        let line = Some(headset.line.clone());
        self.ask(Command::Join { who, mode, line }).await
    }

    async fn hang_up(&self) {
        let (by, reason) = ("test".into(), "done".into());
        let _ = self.ask(Command::Hangup { by, reason }).await;
    }

    /// So much of everybody's sound passes, in ticks of 20 ms.
    async fn listen(&self, ticks: u32) {
        let mut wheel: Ticks = self.wheel.register();
        for _ in 0..ticks {
            wheel.next().await;
        }
    }

    /// Waits until an agent is wanted, offers the call to `agent`, who accepts and says something.
    async fn bridge(&mut self, agent: &Headset) {
        self.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        let agents = vec![agent.line.id().to_string()];
        self.ask(Command::Offered { agents }).await.unwrap();
        self.accept(agent).await.unwrap();
        agent.talk(true);
        self.until(|h| matches!(h, Happening::Bridged { .. })).await;
    }
}

struct Stage {
    said: Said,
    wire: Report,
    at_callee: PathBuf,
    _folder: tempfile::TempDir,
}

/// A call whose callee presses 0 for a person and then hums; `act` is the desk.
async fn stage<F>(phone: Option<AgentPhone>, act: impl FnOnce(Desk, String) -> F) -> Stage
where
    F: Future<Output = ()>,
{
    stage_with(phone, (Arc::new(Deaf), || Box::new(NoSpeech)), act).await
}

async fn stage_with<F>(
    phone: Option<AgentPhone>,
    (recognizer, vad): (Arc<dyn Recognizer>, fn() -> Box<dyn Vad>),
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

fn told(said: &Said, want: impl Fn(&Happening) -> bool) -> usize {
    said.events.iter().filter(|e| want(&e.what)).count()
}

/// Who was ever heard in a recording, by 200 ms.
fn ever(sound: &[i16]) -> Vec<&'static str> {
    let heard: Vec<_> = sound.chunks_exact(1600).map(voices).collect();
    let names = ALL.iter().map(|(name, _)| *name);
    names
        .filter(|n| heard.iter().any(|h| h.contains(n)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_human_hears_and_is_heard_just_as_their_part_allows() {
    let phone = agent(Picks::NoAnswer, vec![]);
    let stage = stage(Some(phone), async |mut desk: Desk, uri: String| {
        let wheel = desk.wheel.clone();
        let agents = ["li", "wu"].map(|name| Headset::new(&wheel, name, AGENT_HZ));
        let wanted = desk
            .until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        // Two browsers and a phone ring at once.
        let phone = "zhao".to_string();
        desk.ask(Command::RingAgent { agent: phone, uri })
            .await
            .unwrap();
        let agents_too = vec!["li".to_string(), "wu".to_string()];
        desk.ask(Command::Offered { agents: agents_too })
            .await
            .unwrap();
        let rings = desk
            .until(|h| matches!(h, Happening::AgentRinging { .. }))
            .await;
        assert!(rings.at.since(wanted.at) <= 500, "ringing at once");
        desk.until(|h| matches!(h, Happening::AgentRinging { agent } if agent == "zhao"))
            .await;
        let answers = tokio::join!(desk.accept(&agents[0]), desk.accept(&agents[1]));
        let (winner, loser) = match answers {
            (Ok(()), Err(e)) => (0, e),
            (Err(e), Ok(())) => (1, e),
            other => panic!("exactly one has the call: {other:?}"),
        };
        assert_eq!(loser.code, "taken");
        let agent = &agents[winner];
        agent.talk(true);
        desk.until(|h| matches!(h, Happening::Bridged { .. })).await;

        let listener = Headset::new(&wheel, "listener", LISTENER_HZ);
        let whisperer = Headset::new(&wheel, "whisperer", WHISPER_HZ);
        let barger = Headset::new(&wheel, "barger", BARGE_HZ);
        let taker = Headset::new(&wheel, "taker", TAKER_HZ);
        for headset in [&listener, &whisperer, &barger, &taker] {
            headset.talk(true);
        }
        desk.join(7, &listener, WatchMode::Listen).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);

        desk.join(8, &whisperer, WatchMode::Whisper).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);
        assert_eq!(whisperer.hears(), ["callee", "agent"]);

        desk.join(9, &barger, WatchMode::Barge).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer", "barger"]);
        assert_eq!(listener.hears(), ["callee", "agent", "barger"]);
        assert_eq!(barger.hears(), ["callee", "agent"]);
        desk.ask(Command::Leave { user: 9 }).await.unwrap();

        desk.join(10, &taker, WatchMode::TakeOver).await.unwrap();
        desk.listen(80).await;
        assert_eq!(taker.hears(), ["callee", "whisperer"]);
        assert_eq!(agent.hears(), ["callee", "taker"], "displaced, and muted");
        assert_eq!(listener.hears(), ["callee", "taker"]);

        let by = "taker".into();
        desk.ask(Command::HandBack { by, step: None })
            .await
            .unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);
        // The robot again: its turn, and the agent is out.
        let by = "li".into();
        desk.ask(Command::HandBack { by, step: None })
            .await
            .unwrap();
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(25).await;
        desk.hang_up().await;
    })
    .await;
    let said = &stage.said;
    assert_eq!(
        told(said, |h| matches!(h, Happening::OfferLost { .. })),
        2,
        "the other browser and the phone are told"
    );
    let phone = stage.wire.calls.iter().find(|c| c.agent).unwrap();
    assert_eq!(phone.ended_by, Some(FarEnded::Canceled));
    let heard = wav::read(&stage.at_callee).unwrap();
    let want = ["robot", "agent", "barger", "taker"];
    assert_eq!(ever(&heard), want, "at the callee");
    let (left, _) = wav::read_mono(&said.recording).unwrap();
    let left = callsmith::audio::resample::to_i16(&left);
    let recorded = ever(&left);
    assert!(
        !recorded.contains(&"whisperer") && !recorded.contains(&"listener"),
        "{recorded:?}"
    );
    // From the hand-back on it is the robot who talks.
    let end = voices(&heard[heard.len().saturating_sub(3200)..]);
    assert!(!end.contains(&"agent"), "{end:?}");
}

/// The longest silence at the callee between a human's last sound and the robot's first after it, in samples of 20 ms, and
/// whether the human was heard again after the robot.
fn gap(sound: &[i16]) -> (usize, bool) {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_is_not_two_seconds_of_silence_and_the_agent_comes_back_by_himself() {
    let stage = stage(None, async |mut desk: Desk, _| {
        let mut agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        desk.listen(50).await;
        agent.unplug().await;
        desk.until(|h| matches!(h, Happening::LineLost { .. }))
            .await;
        desk.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(40).await;
        agent.plug_in();
        desk.until(|h| matches!(h, Happening::LineBack { .. }))
            .await;
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee"]);
        desk.hang_up().await;
    })
    .await;
    let (gap, again) = gap(&wav::read(&stage.at_callee).unwrap());
    assert!(gap <= 100, "{} ms of silence", gap * 20);
    assert!(again, "he is heard again");
    println!(
        "the robot was heard {} ms after the agent's last sound",
        gap * 20
    );
    let answered = |h: &Happening| matches!(h, Happening::AgentAnswered { .. });
    assert_eq!(told(&stage.said, answered), 1, "he accepted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_vanishes_is_not_two_seconds_of_silence_either() {
    let script = vec![
        Act::Pause { ms: 800 },
        Act::Tone {
            hz: AGENT_HZ,
            ms: 1500,
            level_db: -15.0,
        },
        Act::Vanish,
    ];
    let phone = agent(Picks::Ring { ms: 200 }, script);
    let stage = stage(Some(phone), async |mut desk: Desk, uri| {
        desk.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        let agent = "zhao".to_string();
        desk.ask(Command::RingAgent { agent, uri }).await.unwrap();
        desk.until(|h| matches!(h, Happening::Bridged { .. })).await;
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(40).await;
        desk.hang_up().await;
    })
    .await;
    let (gap, _) = gap(&wav::read(&stage.at_callee).unwrap());
    assert!(gap <= 100, "{} ms of silence", gap * 20);
    assert_eq!(
        told(&stage.said, |h| matches!(h, Happening::LineLost { .. })),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_agent_is_not_lost() {
    let stage = stage(None, async |mut desk: Desk, _| {
        let agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        agent.talk(false);
        desk.listen(150).await;
        desk.hang_up().await;
    })
    .await;
    assert_eq!(
        told(&stage.said, |h| matches!(h, Happening::LineLost { .. })),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_agent_and_callee_say_to_each_other_is_recognised_apart() {
    let ears = (Arc::new(Tones) as Arc<dyn Recognizer>, || {
        Box::new(Loud) as Box<dyn Vad>
    });
    let ears: (Arc<dyn Recognizer>, fn() -> Box<dyn Vad>) = (ears.0, ears.1);
    let stage = stage_with(None, ears, async |mut desk: Desk, _| {
        let agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        desk.listen(30).await;
        agent.talk(false);
        desk.until(|h| matches!(h, Happening::AgentSaid { .. }))
            .await;
        desk.hang_up().await;
    })
    .await;
    let said = |h: &Happening| matches!(h, Happening::AgentSaid { agent, text, .. } if agent == "li" && text == "agent");
    assert_eq!(told(&stage.said, said), 1);
    let mistaken = |h: &Happening| matches!(h, Happening::Heard { text, .. } if text == "agent");
    assert_eq!(told(&stage.said, mistaken), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialplan_is_tried_with_a_headset_in_the_callees_place() {
    let folder = tempfile::tempdir().unwrap();
    let ports = next_ports();
    let wheel = Wheel::start().unwrap();
    let headset = Headset::new(&wheel, "me", CALLEE_HZ);
    let registry = Registry::default();
    let (tell, mut events) = mpsc::unbounded_channel();
    let line = Line {
        trunk: "127.0.0.1:9".parse().unwrap(),
        dialplan: PLAN,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(1),
        rtp_timeout: Duration::from_secs(15),
        folder: folder.path(),
        recognizer: Arc::new(Deaf),
        vad: || Box::new(NoSpeech),
        voice_ms: 500,
    };
    let watch = move |event: &CallEvent| {
        let _ = tell.send(event.clone());
    };
    let id = CallId(format!("it-{ports}"));
    let orders = registry.clone();
    let acting = async {
        while let Some(event) = events.recv().await {
            if matches!(event.what, Happening::Said { .. }) {
                let (by, reason) = ("me".into(), "enough".into());
                orders
                    .ask(&id, Command::Hangup { by, reason })
                    .await
                    .unwrap();
                break;
            }
        }
    };
    let callee = headset.line.clone();
    let (said, ()) = tokio::join!(
        line.call_with(registry.clone(), watch, Some(callee)),
        acting
    );
    assert!(said.outcome.answered);
    assert!(ever(&headset.heard.lock().unwrap()).contains(&"robot"));
    assert_eq!(headset.line.in_call(), None, "the line is free again");
    assert!(!registry.is_live(&id));
    let late = registry.ask(&id, Command::Leave { user: 1 }).await;
    assert_eq!(late.unwrap_err().code, "no_such_call");
}

/// Understands who speaks, by tone, and nothing else.
struct Tones;

struct ToneEar(Vec<i16>, mpsc::Sender<Recognised>);

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
struct Loud;

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
