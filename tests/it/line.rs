//! A whole robot on loopback with everything real but the neural nets: SIP and RTP over sockets, the call's task, the
//! bridge, the recorder. The voice hums a tone, the ear hears nothing; keys and tones carry the tests.

use callsmith::audio::Frame;
use callsmith::call::command::Command;
use callsmith::call::effect::Outcome;
use callsmith::call::kit::{Kit, OptOutBook};
use callsmith::call::registry::Registry;
use callsmith::call::task::{self, CallSpec};
use callsmith::dialogue::{Dialplan, Lead};
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
pub const CALLEE: &str = "+12025550100";
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// RTP ports of one call: the first half for the far end, the second for the robot.
const PORTS: u16 = 40;

/// Whom the robot calls, what it says and how long it waits.
pub struct Line<'a> {
    /// The far end's SIP address, UDP. An agent's phone is behind it, too.
    pub trunk: SocketAddr,
    /// The text of the dialplan.
    pub dialplan: &'a str,
    /// Who is rung when an agent is wanted; without one nobody is free.
    pub agent: Option<String>,
    /// From [`next_ports`].
    pub ports: u16,
    pub ring_timeout: Duration,
    pub rtp_timeout: Duration,
    /// Prompts and the recording go here.
    pub folder: &'a Path,
    pub recognizer: Arc<dyn Recognizer>,
    pub vad: fn() -> Box<dyn Vad>,
    /// How long every line of the robot is, ms.
    pub voice_ms: u64,
}

/// What the robot says of its call.
pub struct Said {
    pub outcome: Outcome,
    pub events: Vec<CallEvent>,
    pub dnc: Vec<Phone>,
    pub recording: PathBuf,
}

/// The first of the RTP ports of a call; every call of the test binary gets ports of its own.
pub fn next_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    30_000 + NEXT.fetch_add(1, Ordering::Relaxed) * PORTS
}

impl Line<'_> {
    /// Makes the call and waits for its end.
    pub async fn call(self) -> Said {
        let registry = Registry::default();
        let desk = {
            let (registry, agent) = (registry.clone(), self.agent.clone());
            move |event: &CallEvent| {
                let command = match (&event.what, &agent) {
                    (Happening::AgentWanted { .. }, Some(uri)) => Command::RingAgent {
                        agent: "agent".into(),
                        uri: uri.clone(),
                    },
                    (Happening::AgentWanted { .. }, None) | (Happening::AgentGone { .. }, _) => {
                        Command::NoAgent {
                            why: "nobody is free".into(),
                            after_hours: false,
                        }
                    }
                    _ => return,
                };
                let _ = registry.send(&event.call, command);
            }
        };
        self.call_with(registry, desk, None).await
    }

    /// The same with another desk, which sees every event, and, where given, a headset in the callee's place.
    pub async fn call_with(
        self,
        registry: Registry,
        desk: impl Fn(&CallEvent) + Send + Sync + 'static,
        callee: Option<callsmith::call::headset::Line>,
    ) -> Said {
        let stop = CancellationToken::new();

        let trunk = format!(
            "name = \"t\"\nhost = \"{}\"\ntransport = \"udp\"\ncaller_ids = [\"12025550199\"]\n",
            self.trunk
        );
        let trunk = Arc::new(Trunk::parse(&trunk, "trunk.toml").unwrap());
        let endpoint = Endpoint::start(
            EndpointConfig {
                trunks: vec![trunk.clone()],
                extra_peers: vec![self.trunk],
                ..EndpointConfig::new(SocketAddr::new(LOOPBACK, 0))
            },
            stop.clone(),
        )
        .await
        .unwrap();
        let events: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
        let book = Book::default();
        let sink = {
            let events = events.clone();
            move |event: &CallEvent| {
                events.lock().unwrap().push(event.clone());
                desk(event);
            }
        };
        let kit = Arc::new(Kit {
            dial: Box::new({
                let endpoint = endpoint.clone();
                move |invite| endpoint.invite(invite)
            }),
            studio: Arc::new(studio(&self.folder.join("prompts"), self.voice_ms)),
            recognizer: self.recognizer,
            vad: Box::new(self.vad),
            denoiser: Box::new(|| None),
            hearing: PipelineConfig::default(),
            wheel: Wheel::start().unwrap(),
            rtp_ports: PortRange {
                first: self.ports + PORTS / 2,
                last: self.ports + PORTS - 1,
            },
            media_ip: LOOPBACK,
            recorder: Some(Recorder::start().unwrap()),
            opt_outs: Arc::new(book.clone()),
            meanings: None,
            outside: Arc::new(callsmith::call::outside::Nowhere),
            sink: Arc::new(sink),
            registry,
            rtp_timeout: self.rtp_timeout,
            agent_ring_timeout: Duration::from_secs(10),
        });
        let recording = self.folder.join("call.wav");
        let spec = CallSpec {
            id: CallId(format!("it-{}", self.ports)),
            target: Target::Trunk {
                trunk,
                number: Phone::new(CALLEE),
            },
            trunk: "t".into(),
            caller_id: "12025550199".into(),
            phone: Phone::new(CALLEE),
            lang: Lang::En,
            dialplan: Arc::new(
                Dialplan::parse(self.dialplan, "test.yaml").unwrap_or_else(|e| panic!("{e:?}")),
            ),
            dialplan_dir: self.folder.into(),
            lead: Lead {
                vars: BTreeMap::new(),
                phone: String::new(),
                contact: std::collections::BTreeSet::new(),
                now_local: "2026-11-21T10:00".parse().unwrap(),
            },
            ring_timeout: self.ring_timeout,
            recording: Some(recording.clone()),
        };
        let outcome = match callee {
            Some(line) => task::run_on_line(kit, spec, &line).await,
            None => task::run(kit, spec).await,
        }
        .unwrap();
        endpoint.drained().await;
        stop.cancel();
        let dnc = book.0.lock().unwrap().clone();
        let events = events.lock().unwrap().clone();
        Said {
            outcome,
            events,
            dnc,
            recording,
        }
    }
}

/// The robot's voice: 500 Hz, so many milliseconds for whatever it is given.
struct Hum(u64);

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
        Ok((0..self.0 * 24)
            .map(|i| 0.2 * (i as f32 * step).sin())
            .collect())
    }
}

/// An ear that never understands anything.
pub struct Deaf;

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
pub struct NoSpeech;

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

fn studio(cache: &Path, voice_ms: u64) -> Studio {
    let table = |text: &str| Arc::from(text.as_bytes());
    let tables = Tables {
        zh_words: table("好\t1\thao3\n"),
        zh_pinyin: table("hao3\txau\n"),
        en_words: table("a\tə\t\n"),
    };
    Studio::new(
        Arc::new(Hum(voice_ms)),
        Phonemizer::new(tables).unwrap(),
        cache.into(),
        StudioConfig::default(),
    )
}
