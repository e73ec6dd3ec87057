//! Calls of the robot to the far end of this crate: one callee, perhaps an agent's phone, and what both sides say of it.

use crate::line::{CALLEE, Deaf, Line, NoSpeech, Said, next_ports};
use callsmith::call::effect::Outcome;
use callsmith::farend;
use callsmith::farend::report::{CallReport, Report};
use callsmith::farend::scenario::{Act, AgentPhone, Answer, Callee, Codec, Scenario};
use callsmith::terms::{CallEvent, Happening, Phone};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
    let ports = next_ports();
    let has_agent = agent.is_some();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = ports;
    scenario.callees = vec![callee];
    scenario.agents = agent.into_iter().collect();
    let far = farend::start(scenario).unwrap();
    let Said {
        outcome,
        events,
        dnc,
        recording,
    } = Line {
        trunk: far.sip,
        dialplan,
        agent: has_agent.then(|| format!("sip:agent@{}", far.sip)),
        ports,
        ring_timeout,
        rtp_timeout,
        folder: folder.path(),
        recognizer: Arc::new(Deaf),
        vad: || Box::new(NoSpeech),
        voice_ms: 500,
    }
    .call()
    .await;
    let wire = far.stop().await.unwrap();
    Played {
        outcome,
        events,
        wire,
        dnc,
        recording,
        folder,
    }
}
