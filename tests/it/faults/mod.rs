//! Faults during calls: noise on every socket, no port, a recogniser that breaks, a disk that is full. The call it happens
//! to goes on or gets its disposition, and the calls beside it do not notice.

mod calls;
mod database;

use crate::rig::callee;
use callsmith::audio::level::rms_dbfs;
use callsmith::audio::{Frame, wav};
use callsmith::call::effect::Outcome;
use callsmith::call::kit::{Kit, OptOutBook};
use callsmith::call::registry::Registry;
use callsmith::call::task::{self, CallError, CallSpec};
use callsmith::campaign::dialer::{Dialer, Ended, Launch, Plan, Route};
use callsmith::campaign::lane::Lane;
use callsmith::campaign::pacing::{Pacer, PacingRules};
use callsmith::campaign::retry::RetryRules;
use callsmith::campaign::window::Windows;
use callsmith::dialogue::{Dialplan, Lead};
use callsmith::engines::pool::{Job, Pool, Priority};
use callsmith::farend;
use callsmith::farend::scenario::{Act, Answer, Callee, Scenario};
use callsmith::hearing::pipeline::PipelineConfig;
use callsmith::hearing::traits::{
    DecodeId, Ear, Recognised, RecognisedKind, Recognizer, Shape, Vad,
};
use callsmith::media::port::PortRange;
use callsmith::media::recorder::Recorder;
use callsmith::media::wheel::Wheel;
use callsmith::sip::{Endpoint, EndpointConfig, Target, Trunk};
use callsmith::store::{Caps, ClaimedLead, LeadRow, Store, StoreOptions};
use callsmith::terms::{
    CallEvent, CallId, Clock, Disposition, Expectation, Happening, Lang, Phone,
};
use callsmith::voice::traits::{Clause, SynthesisError, Synthesizer};
use callsmith::voice::{Phonemizer, Studio, StudioConfig, Tables};
use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const PLAN: &str = include_str!("../../data/dialplans/good/keys.yaml");
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Half a second of sound for whatever it is given.
struct Voice;

impl Synthesizer for Voice {
    fn fingerprint(&self) -> &str {
        "voice"
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
        let step = std::f32::consts::TAU * 500.0 / 24_000.0;
        Ok((0..12_000).map(|i| 0.2 * (i as f32 * step).sin()).collect())
    }
}

/// Whatever is loud is speech.
struct LoudIsSpeech;

impl Vad for LoudIsSpeech {
    fn name(&self) -> &'static str {
        "loud"
    }
    fn probability(&mut self, frame: &Frame) -> f32 {
        f32::from(rms_dbfs(frame) > -35.0)
    }
}

/// How a recogniser lets a call down.
#[derive(Clone)]
enum Broken {
    NeverAnswers,
    /// In one of the pool's threads, as the real one would.
    PanicsAtWork(Arc<Pool>),
    PanicsInTheCall,
}

impl Recognizer for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }
    fn shape(&self) -> Shape {
        Shape::Segment
    }
    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(BrokenEar(self.clone(), tell))
    }
}

struct BrokenEar(Broken, mpsc::Sender<Recognised>);

impl Ear for BrokenEar {
    fn expect(&mut self, _: &Arc<Expectation>) {}
    fn begin(&mut self, _: u32, _: &[i16]) {}
    fn audio(&mut self, _: &Frame) {}
    fn partial(&mut self, _: DecodeId) {}
    fn decode(&mut self, id: DecodeId) {
        match &self.0 {
            Broken::NeverAnswers => {}
            Broken::PanicsInTheCall => panic!("an engine broke (this test wants it to)"),
            Broken::PanicsAtWork(pool) => {
                let tell = self.1.clone();
                pool.submit(Job {
                    priority: Priority::Final,
                    patience: Duration::from_secs(5),
                    run: Box::new(|| panic!("a decode broke (this test wants it to)")),
                    unrun: Box::new(move |how| {
                        let kind = RecognisedKind::Failed(format!("{how:?}"));
                        let _ = tell.try_send(Recognised { id, kind });
                    }),
                });
            }
        }
    }
    fn end(&mut self) {}
}

struct NoBook;

impl OptOutBook for NoBook {
    fn opt_out(
        &self,
        _: &CallId,
        _: &Phone,
        _: &str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        Box::pin(async { Ok(()) })
    }
}

/// One robot and one far end with some callees, who are all called at once.
struct Stage {
    callees: Vec<Callee>,
    recognizer: Broken,
    /// Where the recordings go: `{n}.wav` of a folder, or what is named here for all.
    recording: Option<PathBuf>,
    /// Pours garbage into every socket of the robot while the calls last.
    flood: bool,
    /// Somebody else holds every RTP port.
    ports_taken: bool,
}

impl Stage {
    fn of(callees: Vec<Callee>) -> Self {
        Stage {
            callees,
            recognizer: Broken::NeverAnswers,
            recording: None,
            flood: false,
            ports_taken: false,
        }
    }
}

struct Played {
    ended: Vec<Result<Outcome, CallError>>,
    events: Vec<CallEvent>,
    folder: tempfile::TempDir,
    live_after: usize,
}

impl Played {
    fn disposition(&self, call: usize) -> Disposition {
        self.ended[call].as_ref().unwrap().disposition
    }

    fn degraded(&self, call: usize, word: &str) -> bool {
        self.events.iter().any(|e| {
            e.call.0.ends_with(&format!("-{call}"))
                && matches!(&e.what, Happening::Degraded { what } if what.contains(word))
        })
    }

    fn last_words(&self, call: usize) -> Option<&Happening> {
        let of_call = |e: &&CallEvent| e.call.0.ends_with(&format!("-{call}"));
        self.events.iter().rfind(of_call).map(|e| &e.what)
    }
}

async fn play(stage: Stage) -> Played {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 24_000 + NEXT.fetch_add(1, Ordering::Relaxed) * 40;
    let folder = tempfile::tempdir().unwrap();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = base;
    scenario.callees = stage.callees.clone();
    let far = farend::start(scenario).unwrap();
    let stop = CancellationToken::new();
    let trunk = format!(
        "name = \"t\"\nhost = \"{}\"\ncaller_ids = [\"1\"]\n",
        far.sip
    );
    let trunk = Arc::new(Trunk::parse(&trunk, "trunk.toml").unwrap());
    let endpoint = Endpoint::start(
        EndpointConfig {
            trunks: vec![trunk.clone()],
            // A far end that is gone is given up after seconds, not after half a minute.
            t1: Duration::from_millis(100),
            ..EndpointConfig::new(SocketAddr::new(LOOPBACK, 0))
        },
        stop.clone(),
    )
    .await
    .unwrap();
    let events: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
    let registry = Registry::default();
    let rtp_ports = PortRange {
        first: base + 20,
        last: base + 39,
    };
    let kit = Arc::new(Kit {
        dial: Box::new({
            let endpoint = endpoint.clone();
            move |invite| endpoint.invite(invite)
        }),
        studio: Arc::new(studio(folder.path().join("prompts"))),
        recognizer: Arc::new(stage.recognizer),
        vad: Box::new(|| Box::new(LoudIsSpeech)),
        denoiser: Box::new(|| None),
        hearing: PipelineConfig::default(),
        wheel: Wheel::start().unwrap(),
        rtp_ports,
        media_ip: LOOPBACK,
        recorder: Some(Recorder::start().unwrap()),
        opt_outs: Arc::new(NoBook),
        meanings: None,
        outside: Arc::new(callsmith::call::outside::Nowhere),
        sink: Arc::new({
            let events = events.clone();
            move |event: &CallEvent| events.lock().unwrap().push(event.clone())
        }),
        registry: registry.clone(),
        rtp_timeout: Duration::from_secs(2),
        agent_ring_timeout: Duration::from_secs(5),
    });
    let ports = rtp_ports.first..=rtp_ports.last;
    let _holders: Vec<UdpSocket> = if stage.ports_taken {
        ports
            .clone()
            .map(|port| UdpSocket::bind((LOOPBACK, port)).unwrap())
            .collect()
    } else {
        Vec::new()
    };
    let _flood: Vec<AbortOnDropHandle<()>> = if stage.flood {
        let sip = endpoint.local_addr();
        [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)]
            .into_iter()
            .map(|from| AbortOnDropHandle::new(tokio::spawn(flood(from, ports.clone(), sip))))
            .collect()
    } else {
        Vec::new()
    };
    let plan = Arc::new(Dialplan::parse(PLAN, "keys.yaml").unwrap());
    let calls: Vec<_> = stage
        .callees
        .iter()
        .enumerate()
        .map(|(n, callee)| {
            let recording = stage
                .recording
                .clone()
                .unwrap_or_else(|| folder.path().join(format!("{n}.wav")));
            let spec = CallSpec {
                id: CallId(format!("fault{base}-{n}")),
                target: Target::Trunk {
                    trunk: trunk.clone(),
                    number: Phone::new(&callee.number),
                },
                trunk: "t".into(),
                caller_id: "1".into(),
                phone: Phone::new(&callee.number),
                lang: Lang::En,
                dialplan: plan.clone(),
                dialplan_dir: folder.path().into(),
                lead: Lead {
                    vars: BTreeMap::new(),
                    phone: String::new(),
                    contact: std::collections::BTreeSet::new(),
                    now_local: "2026-11-21T10:00".parse().unwrap(),
                },
                ring_timeout: Duration::from_secs(3),
                recording: Some(recording),
            };
            tokio::spawn(task::run(kit.clone(), spec))
        })
        .collect();
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await.expect("no call may take its task down"));
    }
    endpoint.drained().await;
    stop.cancel();
    far.stop().await.unwrap();
    let events = events.lock().unwrap().clone();
    Played {
        ended,
        events,
        folder,
        live_after: registry.live(),
    }
}

/// Everything that is no call, fifty times a second, into the robot's RTP, RTCP and SIP sockets.
async fn flood(from: Ipv4Addr, ports: std::ops::RangeInclusive<u16>, sip: SocketAddr) {
    let socket = tokio::net::UdpSocket::bind((from, 0)).await.unwrap();
    let rtp = |pt: u8, len: usize| {
        let mut packet = vec![0x80, pt, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4];
        packet.resize(12 + len, 0x2a);
        packet
    };
    let media = [
        vec![],
        vec![0x80],
        vec![0xff; 1400],
        rtp(8, 160),
        rtp(8, 0),
        rtp(77, 160),
        rtp(101, 3),
        // More contributing sources and a longer extension than there are bytes.
        vec![0x9f, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![0x81, 200, 0xff, 0xff, 0, 0, 0, 0],
    ];
    let signalling: [&[u8]; 6] = [
        b"\r\n\r\n",
        &[0xff; 900],
        b"BYE sip:robot SIP/2.0\r\n\r\n",
        b"INVITE sip:x@127.0.0.1 SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKno\r\nCSeq: 1 INVITE\r\n\r\n",
        b"BYE sip:robot@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n\
          From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:b@127.0.0.1>;tag=b\r\nCall-ID: stranger\r\nCSeq: 7 BYE\r\n\
          Content-Length: 0\r\n\r\n",
    ];
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    for n in 0.. {
        beat.tick().await;
        for port in ports.clone() {
            let _ = socket
                .send_to(&media[n % media.len()], SocketAddr::new(LOOPBACK, port))
                .await;
        }
        let _ = socket.send_to(signalling[n % signalling.len()], sip).await;
    }
}

fn studio(cache: PathBuf) -> Studio {
    let table = |text: &str| Arc::from(text.as_bytes());
    let tables = Tables {
        zh_words: table("好\t1\thao3\n"),
        zh_pinyin: table("hao3\txau\n"),
        en_words: table("a\tə\t\n"),
    };
    Studio::new(
        Arc::new(Voice),
        Phonemizer::new(tables).unwrap(),
        cache,
        StudioConfig::default(),
    )
}

fn someone(n: usize, answer: Answer, script: Vec<Act>) -> Callee {
    Callee {
        number: format!("+1202555010{n}"),
        ..callee(answer, script)
    }
}

fn answers() -> Answer {
    Answer::Ring { ms: 100 }
}

fn robot_turn() -> Act {
    Act::WaitRobot {
        min_speech_ms: 300,
        quiet_ms: 600,
        max_ms: 10_000,
    }
}

fn stay() -> Act {
    Act::UntilHangup { max_ms: 20_000 }
}

/// Ends the conversation by a key.
fn well_behaved(n: usize) -> Callee {
    let two = Act::Dtmf { digits: "2".into() };
    someone(n, answers(), vec![robot_turn(), two, stay()])
}

/// Says something that has to be recognised, and ends by a key once the robot has asked again.
fn speaks(n: usize) -> Callee {
    let says = Act::Tone {
        hz: 700,
        ms: 900,
        level_db: -15.0,
    };
    let two = Act::Dtmf { digits: "2".into() };
    someone(
        n,
        answers(),
        vec![robot_turn(), says, robot_turn(), two, stay()],
    )
}
