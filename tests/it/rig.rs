//! A whole robot on loopback with everything real but the neural nets: SIP and RTP over sockets, the call's task, the
//! bridge, the recorder. The voice hums a tone, the ear hears nothing; keys and tones carry the tests.

use callsmith::audio::Frame;
use callsmith::call::command::Command;
use callsmith::call::effect::Outcome;
use callsmith::call::kit::{Kit, OptOutBook};
use callsmith::call::registry::Registry;
use callsmith::call::task::{self, CallSpec};
use callsmith::dialogue::{Dialplan, Lead};
use callsmith::farend;
use callsmith::farend::report::{CallReport, Report};
use callsmith::farend::scenario::{Act, AgentPhone, Answer, Callee, Codec, Scenario};
use callsmith::hearing::pipeline::PipelineConfig;
use callsmith::hearing::traits::{DecodeId, Ear, Recognised, Recognizer, Shape, Vad};
use callsmith::media::port::PortRange;
use callsmith::media::recorder::Recorder;
use callsmith::media::wheel::Wheel;
use callsmith::sip::{Endpoint, EndpointConfig, Target, Trunk};
use callsmith::terms::{CallEvent, CallId, Expectation, Happening, Lang, Phone};
use callsmith::voice::traits::{Clause, SynthesisError, Synthesizer};
use callsmith::voice::{Phonemizer, Studio, StudioConfig, Tables};
use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub const ROBOT_HZ: f64 = 500.0;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The robot's voice: half a second of 500 Hz for whatever it is given.
struct Hum;

impl Synthesizer for Hum {
    fn fingerprint(&self) -> &str {
        "hum"
    }
    fn rate(&self) -> u32 {
        24_000
    }
    fn voices(&self) -> &[String] {
        static VOICES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
        VOICES.get_or_init(|| vec!["af_bella".into()])
    }
    fn knows(&self, _: char) -> bool {
        true
    }
    fn speak(&self, _: &Clause) -> Result<Vec<f32>, SynthesisError> {
        let step = std::f32::consts::TAU * ROBOT_HZ as f32 / 24_000.0;
        Ok((0..12_000).map(|i| 0.2 * (i as f32 * step).sin()).collect())
    }
}

/// An ear that never understands anything.
struct Deaf;

impl Recognizer for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }
    fn shape(&self) -> Shape {
        Shape::Segment
    }
    fn open(&self, _: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(Deaf)
    }
}

impl Ear for Deaf {
    fn expect(&mut self, _: &Arc<Expectation>) {}
    fn begin(&mut self, _: u32, _: &[i16]) {}
    fn audio(&mut self, _: &Frame) {}
    fn partial(&mut self, _: DecodeId) {}
    fn decode(&mut self, _: DecodeId) {}
    fn end(&mut self) {}
}

/// Tones are no speech.
struct NoSpeech;

impl Vad for NoSpeech {
    fn name(&self) -> &'static str {
        "none"
    }
    fn probability(&mut self, _: &Frame) -> f32 {
        0.0
    }
}

/// Remembers the numbers that opted out.
#[derive(Clone, Default)]
pub struct Book(pub Arc<Mutex<Vec<Phone>>>);

impl OptOutBook for Book {
    fn opt_out(
        &self,
        _: &CallId,
        phone: &Phone,
        _: &str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        self.0.lock().unwrap().push(phone.clone());
        Box::pin(async { Ok(()) })
    }
}

/// What a call left behind.
pub struct Played {
    pub outcome: Outcome,
    pub events: Vec<CallEvent>,
    pub wire: Report,
    pub dnc: Vec<Phone>,
    pub recording: PathBuf,
    pub folder: tempfile::TempDir,
}

impl Played {
    pub fn happened(&self, want: impl Fn(&Happening) -> bool) -> bool {
        self.events.iter().any(|e| want(&e.what))
    }

    pub fn callee(&self) -> &CallReport {
        self.wire
            .calls
            .iter()
            .find(|c| c.number == CALLEE)
            .expect("the callee was called")
    }
}

pub const CALLEE: &str = "+12025550100";

pub fn agent(answer: Answer, script: Vec<Act>) -> AgentPhone {
    AgentPhone {
        user: "agent".into(),
        sip: None,
        answer,
        later: vec![],
        script,
        codec: Codec::Pcma,
        record: None,
    }
}

pub fn callee(answer: Answer, script: Vec<Act>) -> Callee {
    Callee {
        number: CALLEE.into(),
        answer,
        later: vec![],
        script,
        noise: None,
        noise_db: -40.0,
        codec: Codec::Pcma,
        dtmf_pt: None,
        record: None,
        loss_pct: 0.0,
        jitter_ms: 0,
        session_expires: None,
        reliable: false,
    }
}

/// Makes one call; when an agent is wanted, the agent's phone is rung if there is one.
pub async fn play(
    dialplan: &str,
    callee: Callee,
    agent: Option<AgentPhone>,
    ring_timeout: Duration,
) -> Played {
    play_with(
        dialplan,
        callee,
        agent,
        ring_timeout,
        Duration::from_secs(15),
    )
    .await
}

pub async fn play_with(
    dialplan: &str,
    mut callee: Callee,
    mut agent: Option<AgentPhone>,
    ring_timeout: Duration,
    rtp_timeout: Duration,
) -> Played {
    let folder = tempfile::tempdir().unwrap();
    callee.record = Some(folder.path().join("at-callee.wav"));
    if let Some(agent) = &mut agent {
        agent.record = Some(folder.path().join("at-agent.wav"));
    }
    // Every call of the test binary gets ports of its own.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 30_000 + NEXT.fetch_add(1, Ordering::Relaxed) * 40;
    let has_agent = agent.is_some();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = base;
    scenario.callees = vec![callee];
    scenario.agents = agent.into_iter().collect();
    let far = farend::start(scenario).unwrap();
    let address = far.sip;
    let stop = CancellationToken::new();

    let trunk = format!(
        "name = \"t\"\nhost = \"{address}\"\ntransport = \"udp\"\ncaller_ids = [\"12025550199\"]\n"
    );
    let trunk = Arc::new(Trunk::parse(&trunk, "trunk.toml").unwrap());
    let endpoint = Endpoint::start(
        EndpointConfig {
            trunks: vec![trunk.clone()],
            extra_peers: vec![address],
            ..EndpointConfig::new(SocketAddr::new(LOOPBACK, 0))
        },
        stop.clone(),
    )
    .await
    .unwrap();
    let events: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
    let book = Book::default();
    let registry = Registry::default();
    let sink = {
        let (events, registry) = (events.clone(), registry.clone());
        let agent_uri = has_agent.then(|| format!("sip:agent@{address}"));
        move |event: &CallEvent| {
            events.lock().unwrap().push(event.clone());
            let command = match (&event.what, &agent_uri) {
                (Happening::AgentWanted { .. }, Some(uri)) => Command::RingAgent {
                    agent: "agent".into(),
                    uri: uri.clone(),
                },
                (Happening::AgentWanted { .. }, None) | (Happening::AgentGone { .. }, _) => {
                    Command::NoAgent
                }
                _ => return,
            };
            let _ = registry.send(&event.call, command);
        }
    };
    let kit = Arc::new(Kit {
        dial: Box::new({
            let endpoint = endpoint.clone();
            move |invite| endpoint.invite(invite)
        }),
        studio: Arc::new(studio(&folder.path().join("prompts"))),
        recognizer: Arc::new(Deaf),
        vad: Box::new(|| Box::new(NoSpeech)),
        denoiser: Box::new(|| None),
        hearing: PipelineConfig::default(),
        wheel: Wheel::start().unwrap(),
        rtp_ports: PortRange {
            first: base + 20,
            last: base + 39,
        },
        media_ip: LOOPBACK,
        recorder: Some(Recorder::start().unwrap()),
        opt_outs: Arc::new(book.clone()),
        sink: Arc::new(sink),
        registry,
        rtp_timeout,
        agent_ring_timeout: Duration::from_secs(10),
    });
    let recording = folder.path().join("call.wav");
    let spec = CallSpec {
        id: CallId(format!("it-{base}")),
        target: Target::Trunk {
            trunk,
            number: Phone::new(CALLEE),
        },
        trunk: "t".into(),
        caller_id: "12025550199".into(),
        phone: Phone::new(CALLEE),
        lang: Lang::En,
        dialplan: Arc::new(
            Dialplan::parse(dialplan, "test.yaml").unwrap_or_else(|e| panic!("{e:?}")),
        ),
        dialplan_dir: folder.path().into(),
        lead: Lead {
            vars: BTreeMap::new(),
            now_local: "2026-11-21T10:00".parse().unwrap(),
        },
        ring_timeout,
        recording: Some(recording.clone()),
    };
    let outcome = task::run(kit, spec).await.unwrap();
    endpoint.drained().await;
    stop.cancel();
    let wire = far.stop().await.unwrap();
    let dnc = book.0.lock().unwrap().clone();
    let events = events.lock().unwrap().clone();
    Played {
        outcome,
        events,
        wire,
        dnc,
        recording,
        folder,
    }
}

fn studio(cache: &Path) -> Studio {
    let table = |text: &str| Arc::from(text.as_bytes());
    let tables = Tables {
        zh_words: table("好\t1\thao3\n"),
        zh_pinyin: table("hao3\txau\n"),
        en_words: table("a\tə\t\n"),
    };
    Studio::new(
        Arc::new(Hum),
        Phonemizer::new(tables).unwrap(),
        cache.into(),
        StudioConfig::default(),
    )
}
