//! The simulated carrier: its scenario, its process, and what it saw on the wire.

use super::cast::{self, Does, Part, Phone};
use super::stage::{self, Sounds};
use crate::farend;
use crate::farend::scenario::{Act, AgentPhone, Answer, Callee, Codec, Scenario};
use crate::terms::Lang;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A callee answers when the robot has been quiet this long, ms: longer than any pause inside a prompt.
const QUIET_MS: u64 = 800;
const TURN_LIMIT_MS: u64 = 40_000;
/// A callee whose answer led to nothing repeats it after this silence, ms.
const PATIENCE_MS: u64 = 2500;
/// What the studio levels every voice to, dBFS.
const VOICE_DB: f64 = -20.0;

/// The scenario for these parts.
pub fn scenario(parts: &[&Part], sounds: &Sounds, data: &Path, rtp_base: u16) -> Scenario {
    let sound = |text: &str, voice: &str| {
        sounds
            .get(&(text.to_string(), voice.to_string()))
            .cloned()
            .unwrap_or_default()
    };
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = rtp_base;
    scenario.report = Some(data.join("wire.json"));
    scenario.callees = parts
        .iter()
        .enumerate()
        .map(|(i, part)| callee(part, i, data, &|text| sound(text, part.voice)))
        .collect();
    for lang in [Lang::Zh, Lang::En] {
        if !parts.iter().any(|p| p.lang == lang && p.bridged) {
            continue;
        }
        let text = cast::agent_says(lang);
        scenario.agents.push(AgentPhone {
            user: format!("agent-{lang}"),
            sip: None,
            answer: Answer::Ring { ms: 3000 },
            later: Vec::new(),
            script: vec![
                Act::Pause { ms: 600 },
                Act::Play {
                    wav: sound(text, cast::agent_voice(lang)),
                },
                Act::UntilHangup { max_ms: 60_000 },
            ],
            codec: Codec::Pcma,
            record: Some(agent_recording(data, lang)),
        });
    }
    scenario
}

fn callee(part: &Part, index: usize, data: &Path, sound: &dyn Fn(&str) -> PathBuf) -> Callee {
    let answer = match part.phone {
        Phone::Answers { ring_ms } => Answer::Ring { ms: ring_ms },
        Phone::Voicemail(text) => Answer::Voicemail {
            greeting: sound(text),
            beep: true,
            ring_ms: 1500,
        },
        Phone::Busy => Answer::Busy {
            ring_ms: 300,
            progress: false,
        },
        Phone::Declines => Answer::Decline { ring_ms: 1200 },
        Phone::RingsOn => Answer::NoAnswer,
        Phone::Announces(text) => Answer::Announce {
            wav: sound(text),
            code: 404,
            q850: Some(1),
            ring_ms: 200,
        },
    };
    let turn = |min_speech_ms, quiet_ms| Act::WaitRobot {
        min_speech_ms,
        quiet_ms,
        max_ms: TURN_LIMIT_MS,
    };
    let mut script = Vec::new();
    for does in part.does {
        match does {
            Does::Says(text) => {
                script.push(turn(400, QUIET_MS));
                script.push(Act::Say {
                    wav: sound(text),
                    text: (*text).into(),
                    id: String::new(),
                });
            }
            Does::SaysOver(after_ms, text) => script.push(Act::SayOver {
                after_ms: *after_ms,
                wav: sound(text),
                text: (*text).into(),
                id: String::new(),
                max_ms: TURN_LIMIT_MS,
            }),
            Does::StaysSilent => {}
            Does::HangsUpIn(ms) => {
                script.push(Act::HangupAfterRobotStarts {
                    ms: *ms,
                    max_ms: TURN_LIMIT_MS,
                });
            }
            Does::TellsAgent(text) => {
                // The robot keeps talking until the agent speaks; his greeting is longer than any pause of the robot.
                script.push(turn(2500, 1500));
                script.push(Act::Say {
                    wav: sound(text),
                    text: (*text).into(),
                    id: "agent".into(),
                });
                script.push(Act::Pause { ms: 1500 });
                script.push(Act::Hangup);
            }
        }
    }
    // Who is asked again says it again, once; the robot's last words leave no time for it.
    if let Some(Does::Says(text)) = part.does.last() {
        script.push(turn(400, PATIENCE_MS));
        script.push(Act::Say {
            wav: sound(text),
            text: (*text).into(),
            id: "again".into(),
        });
    }
    script.push(Act::UntilHangup { max_ms: 90_000 });
    Callee {
        number: stage::number(part, index),
        answer,
        later: Vec::new(),
        script,
        noise: part.noise_snr_db.map(|_| stage::street(data)),
        noise_db: VOICE_DB - f64::from(part.noise_snr_db.unwrap_or_default()),
        codec: if index % 3 == 2 {
            Codec::Pcmu
        } else {
            Codec::Pcma
        },
        dtmf_pt: (index % 2 == 1).then_some(96),
        record: Some(callee_recording(data, part)),
        loss_pct: 0.0,
        jitter_ms: 0,
        session_expires: None,
        reliable: false,
    }
}

/// What this callee heard.
pub fn callee_recording(data: &Path, part: &Part) -> PathBuf {
    data.join("heard-by").join(format!("{}.wav", part.name))
}

/// What the agent of this language heard.
pub fn agent_recording(data: &Path, lang: Lang) -> PathBuf {
    data.join("heard-by").join(format!("agent-{lang}.wav"))
}

/// The carrier's process.
pub struct Carrier {
    child: Child,
    pub address: SocketAddr,
    report: PathBuf,
}

impl Carrier {
    /// Starts it and waits until it listens.
    pub async fn start(scenario: &Scenario, data: &Path) -> Result<Carrier> {
        let path = data.join("scenario.json");
        std::fs::create_dir_all(data.join("heard-by"))?;
        std::fs::write(&path, serde_json::to_vec_pretty(scenario)?)
            .with_context(|| path.display().to_string())?;
        let exe = std::env::current_exe().context("where this program lies")?;
        let mut child = Command::new(exe)
            .arg("far-end")
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the simulated carrier")?;
        let stdout = child.stdout.take().context("the carrier's output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(Duration::from_secs(20), lines.next_line())
            .await
            .context("the simulated carrier did not start within 20 s")??;
        let ready = first
            .as_deref()
            .and_then(|l| serde_json::from_str::<Ready>(l).ok());
        let Some(ready) = ready else {
            bail!("the simulated carrier said {first:?} instead of its address")
        };
        // Its further events are not shown; the pipe must still be emptied.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Carrier {
            child,
            address: ready.sip,
            report: data.join("wire.json"),
        })
    }

    /// Ends it (it stops when its input closes) and reads what it saw.
    pub async fn stop(&mut self) -> Result<Report> {
        drop(self.child.stdin.take());
        tokio::time::timeout(Duration::from_secs(20), self.child.wait())
            .await
            .context("the simulated carrier did not stop within 20 s")??;
        let text =
            std::fs::read(&self.report).with_context(|| self.report.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| self.report.display().to_string())
    }
}

/// The carrier's process: tells what happens, one JSON line each, and ends when its input closes.
pub async fn serve(scenario: &Path) -> Result<()> {
    let scenario = Scenario::load(scenario)?;
    let input_closes = async {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(_)) = lines.next_line().await {}
    };
    farend::run(
        scenario,
        |event| println!("{}", event.to_line()),
        input_closes,
    )
    .await?;
    Ok(())
}

/// The carrier's first line.
#[derive(Deserialize)]
struct Ready {
    sip: SocketAddr,
}

/// What the demo needs of the carrier's report.
#[derive(Debug, Deserialize)]
pub struct Report {
    calls: Vec<CallReport>,
}

#[derive(Debug, Deserialize)]
struct CallReport {
    number: String,
    turns: Vec<TurnReport>,
}

#[derive(Debug, Deserialize)]
struct TurnReport {
    id: String,
    text: String,
    latency_ms: Option<u64>,
}

fn call<'a>(wire: &'a Report, part: &Part, all: &[&Part]) -> Option<&'a CallReport> {
    let index = all.iter().position(|p| p.name == part.name)?;
    let number = stage::number(part, index);
    wire.calls.iter().find(|c| c.number == number)
}

/// Turn latencies on the wire by what the callee said. Who talks to an agent waits for a human; that is no robot's turn.
pub fn latencies(wire: &Report, part: &Part, all: &[&Part]) -> Vec<(String, u64)> {
    let turns = call(wire, part, all)
        .map(|c| c.turns.as_slice())
        .unwrap_or_default();
    turns
        .iter()
        .filter(|t| t.id != "agent")
        .filter_map(|t| Some((t.text.clone(), t.latency_ms?)))
        .collect()
}

/// Copies the wire report and what everybody heard into a folder of the user's.
pub fn keep(data: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    std::fs::copy(data.join("wire.json"), to.join("wire.json"))?;
    for entry in std::fs::read_dir(data.join("heard-by"))?.flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
