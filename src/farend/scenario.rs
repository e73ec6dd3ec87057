//! The scenario file: which numbers exist behind the carrier and what happens when one is called.
//!
//! Times are milliseconds. Every act has a limit, so that a scenario always ends. Relative paths count from the
//! scenario file's folder.

use super::FarError;
pub use super::act::{Act, Answer};
use super::act::{MAX_ACTS, flatten};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A carrier, its callees and the agents' phones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where SIP is taken, UDP and TCP; port 0 takes a free one, which the `ready` event tells.
    pub sip: SocketAddr,
    /// First RTP port; 0 lets the system choose.
    #[serde(default)]
    pub rtp_base: u16,
    /// Seeds loss, jitter and SSRCs.
    #[serde(default)]
    pub seed: u64,
    /// The report is written here at the end.
    #[serde(default)]
    pub report: Option<PathBuf>,
    /// Every INVITE must carry digest credentials (407).
    #[serde(default)]
    pub auth: Option<Credentials>,
    /// More INVITEs than this within a second are refused with 503 and Retry-After.
    #[serde(default)]
    pub cps_limit: Option<u32>,
    /// Stand in the path like a proxy: Record-Route in the answers.
    #[serde(default)]
    pub record_route: bool,
    /// Stop by itself when every callee was called this often and no call is up.
    #[serde(default)]
    pub done_after: Option<u32>,
    /// Any call is ended after this long.
    #[serde(default = "three_minutes")]
    pub max_call_ms: u64,
    /// Tones to listen for, beside those that the scripts play.
    #[serde(default)]
    pub tones_hz: Vec<u32>,
    #[serde(default)]
    pub callees: Vec<Callee>,
    #[serde(default)]
    pub agents: Vec<AgentPhone>,
}

/// What the carrier asks of who dials through it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub realm: String,
    pub user: String,
    pub password: String,
}

/// One number behind the carrier.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callee {
    /// Matched with the request's user part: equal, or equal in the last eight digits.
    pub number: String,
    #[serde(default)]
    pub answer: Answer,
    /// What happens on the second, third, … call; the last one repeats. Empty: always `answer`.
    #[serde(default)]
    pub later: Vec<Answer>,
    /// What the callee does after answering.
    #[serde(default)]
    pub script: Vec<Act>,
    /// A WAV repeated under everything the callee sends.
    #[serde(default)]
    pub noise: Option<PathBuf>,
    /// The noise's level, RMS in dBFS.
    #[serde(default = "minus_40")]
    pub noise_db: f64,
    #[serde(default)]
    pub codec: Codec,
    /// Payload type we ask DTMF to be sent with; default: the offered one.
    #[serde(default)]
    pub dtmf_pt: Option<u8>,
    /// What the callee heard, as an 8 kHz WAV. The n-th call (n ≥ 2) gets `-n` before the extension.
    #[serde(default)]
    pub record: Option<PathBuf>,
    /// Share of our RTP packets that are lost on the way, percent.
    #[serde(default)]
    pub loss_pct: f64,
    /// Our RTP packets are late by up to this many milliseconds; those overtaken arrive out of order.
    #[serde(default)]
    pub jitter_ms: u64,
    /// Answer with this Session-Expires, seconds, the caller refreshing (RFC 4028).
    #[serde(default)]
    pub session_expires: Option<u32>,
    /// Send 183 reliably when the caller can (RFC 3262).
    #[serde(default)]
    pub reliable: bool,
}

/// An agent's SIP phone: a callee with a user name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentPhone {
    /// The user part it is called by, compared whole.
    pub user: String,
    /// A socket of its own; default: the carrier's.
    #[serde(default)]
    pub sip: Option<SocketAddr>,
    #[serde(default)]
    pub answer: Answer,
    #[serde(default)]
    pub later: Vec<Answer>,
    #[serde(default)]
    pub script: Vec<Act>,
    #[serde(default)]
    pub codec: Codec,
    #[serde(default)]
    pub record: Option<PathBuf>,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    #[default]
    Pcma,
    Pcmu,
}

impl Scenario {
    /// An empty scenario on a free loopback port, for tests to fill.
    #[must_use]
    pub fn on_loopback() -> Self {
        Scenario {
            sip: SocketAddr::from(([127, 0, 0, 1], 0)),
            rtp_base: 0,
            seed: 1,
            report: None,
            auth: None,
            cps_limit: None,
            record_route: false,
            done_after: None,
            max_call_ms: three_minutes(),
            tones_hz: Vec::new(),
            callees: Vec::new(),
            agents: Vec::new(),
        }
    }

    /// Reads and checks a scenario file.
    ///
    /// # Errors
    /// The file cannot be read, is not JSON of this shape, or names something impossible.
    pub fn load(path: &Path) -> Result<Self, FarError> {
        let wrong = |reason: String| FarError::Scenario {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let mut scenario: Scenario =
            serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if let Some(folder) = path.parent() {
            scenario.resolve(folder);
        }
        scenario.check()?;
        Ok(scenario)
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// Names the callee and what is wrong with it.
    pub fn check(&self) -> Result<(), FarError> {
        for callee in self.everyone() {
            callee.check().map_err(|reason| FarError::Callee {
                number: callee.number.clone(),
                reason,
            })?;
        }
        Ok(())
    }

    /// Callees and agents alike, agents last.
    #[must_use]
    pub fn everyone(&self) -> Vec<Callee> {
        let agents = self.agents.iter().map(AgentPhone::as_callee);
        self.callees.iter().cloned().chain(agents).collect()
    }

    fn resolve(&mut self, folder: &Path) {
        let fix = |path: &mut PathBuf| *path = folder.join(&*path);
        self.report.iter_mut().for_each(fix);
        for callee in &mut self.callees {
            callee.noise.iter_mut().for_each(fix);
            callee.record.iter_mut().for_each(fix);
            let answers = std::iter::once(&mut callee.answer).chain(&mut callee.later);
            answers.filter_map(Answer::wav_mut).for_each(fix);
            callee.script.iter_mut().for_each(|act| act.each_wav(&fix));
        }
        for agent in &mut self.agents {
            agent.record.iter_mut().for_each(fix);
            let answers = std::iter::once(&mut agent.answer).chain(&mut agent.later);
            answers.filter_map(Answer::wav_mut).for_each(fix);
            agent.script.iter_mut().for_each(|act| act.each_wav(&fix));
        }
    }
}

impl AgentPhone {
    fn as_callee(&self) -> Callee {
        Callee {
            answer: self.answer.clone(),
            later: self.later.clone(),
            script: self.script.clone(),
            codec: self.codec,
            record: self.record.clone(),
            ..Callee::new(&self.user)
        }
    }
}

impl Callee {
    /// A callee who answers after the usual ringing and says nothing.
    #[must_use]
    pub fn new(number: &str) -> Self {
        Callee {
            number: number.to_owned(),
            answer: Answer::default(),
            later: Vec::new(),
            script: Vec::new(),
            noise: None,
            noise_db: minus_40(),
            codec: Codec::default(),
            dtmf_pt: None,
            record: None,
            loss_pct: 0.0,
            jitter_ms: 0,
            session_expires: None,
            reliable: false,
        }
    }

    /// The answer to the `nth` call, counted from 1.
    pub(super) fn answer_to(&self, nth: u32) -> &Answer {
        match (nth, self.later.len()) {
            (0 | 1, _) | (_, 0) => &self.answer,
            (nth, len) => &self.later[(nth as usize - 2).min(len - 1)],
        }
    }

    /// The script with repeats written out.
    pub(super) fn flat_script(&self) -> Vec<Act> {
        let mut flat = Vec::new();
        flatten(&self.script, &mut flat);
        flat
    }

    fn check(&self) -> Result<(), String> {
        if self.number.trim().is_empty() {
            return Err("`number` is empty".into());
        }
        if !(0.0..=100.0).contains(&self.loss_pct) {
            return Err(format!("`loss_pct` is {}, not 0 to 100", self.loss_pct));
        }
        if self.dtmf_pt.is_some_and(|pt| !(96..128).contains(&pt)) {
            return Err("`dtmf_pt` is not a dynamic payload type, 96 to 127".into());
        }
        for answer in std::iter::once(&self.answer).chain(&self.later) {
            let code = match answer {
                Answer::Reject { code, .. } | Answer::Announce { code, .. } => *code,
                Answer::Garbage { then: Some(code) } => *code,
                _ => continue,
            };
            if !(300..700).contains(&code) {
                return Err(format!("`code` {code} is not a refusal, 300 to 699"));
            }
        }
        let mut flat = Vec::new();
        if !flatten(&self.script, &mut flat) {
            return Err(format!("the script has more than {MAX_ACTS} acts"));
        }
        for act in flat {
            act.check()?;
        }
        Ok(())
    }
}

fn three_minutes() -> u64 {
    180_000
}
fn minus_40() -> f64 {
    -40.0
}
