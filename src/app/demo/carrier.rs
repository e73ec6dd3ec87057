//! The demo's scenario for the simulated carrier, and what the carrier saw on the wire.

use super::cast::{self, Does, Part, Phone};
use super::stage::{self, Sounds};
use crate::app::carrier::{WireCall, WireReport};
use crate::farend::scenario::{Act, AgentPhone, Answer, Callee, Codec, Scenario};
use crate::terms::Lang;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

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

/// What all agents' phones heard, call by call.
pub fn agent_recordings(data: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(data.join("heard-by"));
    let paths = folder.into_iter().flatten().flatten().map(|e| e.path());
    paths
        .filter(|p| {
            p.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("agent-"))
        })
        .collect()
}

/// What the agent of this language heard.
pub fn agent_recording(data: &Path, lang: Lang) -> PathBuf {
    data.join("heard-by").join(format!("agent-{lang}.wav"))
}

fn call<'a>(wire: &'a WireReport, part: &Part, all: &[&Part]) -> Option<&'a WireCall> {
    let index = all.iter().position(|p| p.name == part.name)?;
    let number = stage::number(part, index);
    wire.calls.iter().find(|c| c.number == number)
}

/// Turn latencies on the wire by what the callee said. Who talks to an agent waits for a human; that is no robot's turn.
pub fn latencies(wire: &WireReport, part: &Part, all: &[&Part]) -> Vec<(String, u64)> {
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
