//! The calls of the bench: what each callee does, and the robot that makes them. No campaign stands behind them, so that
//! exactly as many are up as the run says.

use super::cast::{self, Part};
use super::sounds;
use crate::app::launcher::Loaded;
use crate::app::wiring::Engines;
use crate::call::command::Command;
use crate::call::kit::{Kit, OptOutBook};
use crate::call::registry::Registry;
use crate::call::task::{self, CallSpec};
use crate::dialogue::Lead;
use crate::farend::scenario::{Act, Answer, Callee};
use crate::media::port::PortRange;
use crate::media::wheel::Wheel;
use crate::sip::{Endpoint, EndpointConfig, Target, Trunk};
use crate::terms::{CallEvent, CallId, Happening, Lang, Phone};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const ROBOT_RTP: PortRange = PortRange {
    first: 27_000,
    last: 28_999,
};
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// A callee speaks when the robot has been quiet this long, ms: longer than any pause inside the bench's lines.
const QUIET_MS: u64 = 600;
/// … and after a long line of two clauses, ms.
const LINE_OVER_MS: u64 = 900;
const LIMIT_MS: u64 = 20_000;
/// How far into a line it is talked over, ms of its voice: each time further, so that not all fall on the same word.
const INTO_LINE_MS: u64 = 1100;
const INTO_LINE_STEP_MS: u64 = 330;
/// Faint noise under every callee, dBFS: a line is never digitally silent.
const LINE_NOISE_DB: f64 = -60.0;
/// Between the starts of two calls, so that not all talk in step.
const STAGGER: Duration = Duration::from_millis(230);

/// One call to be made.
pub struct Planned {
    pub number: String,
    /// The run it belongs to.
    pub at_once: u32,
    pub lang: Lang,
    pub part: Part,
    pub voice: &'static str,
}

/// What the robot told of its calls, by number.
pub type Events = BTreeMap<String, Vec<CallEvent>>;

impl Planned {
    /// All it says.
    #[must_use]
    pub fn texts(&self) -> Vec<&'static str> {
        let mut all = cast::says(self.lang, self.part).to_vec();
        if self.part == Part::BackChannel {
            all.push(cast::goes_on(self.lang));
        }
        all
    }

    /// The far end's side of it.
    #[must_use]
    pub fn callee(
        &self,
        sounds: &BTreeMap<(&'static str, &'static str), PathBuf>,
        noise: &Path,
    ) -> Callee {
        let wav = |text| sounds.get(&(text, self.voice)).cloned().unwrap_or_default();
        let robot_done = |quiet_ms| Act::WaitRobot {
            min_speech_ms: 300,
            quiet_ms,
            max_ms: LIMIT_MS,
        };
        let say = |text: &'static str, id: &str| Act::Say {
            wav: wav(text),
            text: sounds::plain(text, self.lang),
            id: id.into(),
        };
        let over = |text: &'static str, nth: usize| Act::SayOver {
            after_ms: INTO_LINE_MS + INTO_LINE_STEP_MS * nth as u64,
            wav: wav(text),
            text: sounds::plain(text, self.lang),
            id: self.part.name().into(),
            max_ms: LIMIT_MS,
        };
        let mut script = vec![
            robot_done(QUIET_MS),
            Act::Dtmf {
                digits: self.part.key().into(),
            },
        ];
        for (nth, text) in cast::says(self.lang, self.part).iter().enumerate() {
            match self.part {
                Part::Interrupt => script.push(over(text, nth)),
                Part::BackChannel => script.extend([
                    over(text, nth),
                    robot_done(LINE_OVER_MS),
                    say(cast::goes_on(self.lang), "on"),
                ]),
                _ => script.extend([robot_done(QUIET_MS), say(text, "turn")]),
            }
        }
        // The answer to the last turn is still to be heard.
        script.extend([robot_done(QUIET_MS), Act::Hangup]);
        Callee {
            answer: Answer::Ring { ms: 100 },
            script,
            noise: Some(noise.to_owned()),
            noise_db: LINE_NOISE_DB,
            ..Callee::new(&self.number)
        }
    }
}

/// The robot with its line to the carrier.
pub struct Studio {
    kit: Arc<Kit>,
    trunk: Arc<Trunk>,
    plans: BTreeMap<Lang, Loaded>,
    endpoint: Endpoint,
    stop: CancellationToken,
    events: Arc<Mutex<Events>>,
}

impl Studio {
    pub async fn open(
        engines: Engines,
        plans: BTreeMap<Lang, Loaded>,
        carrier: SocketAddr,
    ) -> Result<Studio> {
        let text = format!(
            "name = \"bench\"\nhost = \"{carrier}\"\ntransport = \"udp\"\ncaller_ids = [\"02155550100\"]\ncalls_per_second = 50\nchannels = 100\n"
        );
        let trunk = Arc::new(Trunk::parse(&text, "trunk.toml")?);
        let stop = CancellationToken::new();
        let endpoint = Endpoint::start(
            EndpointConfig {
                trunks: vec![trunk.clone()],
                ..EndpointConfig::new(SocketAddr::new(LOOPBACK, 0))
            },
            stop.clone(),
        )
        .await?;
        let events: Arc<Mutex<Events>> = Arc::default();
        let registry = Registry::default();
        let kit = Arc::new(Kit {
            dial: {
                let endpoint = endpoint.clone();
                Box::new(move |invite| endpoint.invite(invite))
            },
            studio: engines.studio,
            recognizer: engines.listening.recognizer,
            vad: engines.listening.vad,
            denoiser: engines.listening.denoiser,
            hearing: engines.listening.hearing,
            wheel: Wheel::start().context("the audio wheel")?,
            rtp_ports: ROBOT_RTP,
            media_ip: LOOPBACK,
            recorder: None,
            opt_outs: Arc::new(NoBook),
            meanings: None,
            outside: Arc::new(crate::call::outside::Nowhere),
            sink: {
                let (events, registry) = (events.clone(), registry.clone());
                Arc::new(move |event: &CallEvent| {
                    events
                        .lock()
                        .unwrap_or_else(|e| e.into_inner())
                        .entry(event.call.to_string())
                        .or_default()
                        .push(event.clone());
                    if matches!(event.what, Happening::AgentWanted { .. }) {
                        let _ = registry.send(
                            &event.call,
                            Command::NoAgent {
                                why: "nobody is free".into(),
                                after_hours: false,
                            },
                        );
                    }
                })
            },
            registry,
            rtp_timeout: Duration::from_secs(15),
            agent_ring_timeout: Duration::from_secs(5),
        });
        Ok(Studio {
            kit,
            trunk,
            plans,
            endpoint,
            stop,
            events,
        })
    }

    /// Makes these calls, never more than `at_once` at a time.
    pub async fn call_all(&self, calls: &[&Planned], at_once: u32, progress: &ProgressBar) {
        progress.inc_length(calls.len() as u64);
        let lines = Arc::new(Semaphore::new(at_once as usize));
        let mut work = JoinSet::new();
        for call in calls {
            let Some(spec) = self.spec(call) else {
                continue;
            };
            let Ok(line) = lines.clone().acquire_owned().await else {
                return;
            };
            let (kit, progress) = (self.kit.clone(), progress.clone());
            let label = format!("{} {}", call.part.name(), call.lang);
            work.spawn(async move {
                if let Err(e) = task::run(kit, spec).await {
                    tracing::warn!("{label}: {e}");
                }
                progress.set_message(label);
                progress.inc(1);
                drop(line);
            });
            tokio::time::sleep(STAGGER).await;
        }
        while work.join_next().await.is_some() {}
    }

    /// Ends the robot's side; what it told of its calls.
    pub async fn close(self) -> Events {
        self.endpoint.drained().await;
        self.stop.cancel();
        std::mem::take(&mut *self.events.lock().unwrap_or_else(|e| e.into_inner()))
    }

    fn spec(&self, call: &Planned) -> Option<CallSpec> {
        let plan = self.plans.get(&call.lang)?.clone();
        Some(CallSpec {
            id: CallId(call.number.clone()),
            target: Target::Trunk {
                trunk: self.trunk.clone(),
                number: Phone::new(&call.number),
            },
            trunk: self.trunk.name.clone(),
            caller_id: "02155550100".into(),
            phone: Phone::new(&call.number),
            lang: call.lang,
            dialplan: plan.dialplan,
            dialplan_dir: plan.dir,
            lead: Lead {
                vars: BTreeMap::new(),
                phone: String::new(),
                contact: std::collections::BTreeSet::new(),
                now_local: jiff::civil::date(2026, 11, 20).at(10, 0, 0, 0),
            },
            ring_timeout: Duration::from_secs(10),
            recording: None,
        })
    }
}

/// Nobody who is simulated has to be kept off a list.
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
