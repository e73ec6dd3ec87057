//! The simulated carrier of the demo and the benches: its process, and what it saw on the wire.

use crate::farend;
use crate::farend::scenario::Scenario;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

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
    pub async fn stop(&mut self) -> Result<WireReport> {
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

/// What is read of the carrier's report. Times as in [`farend::report`].
#[derive(Debug, Deserialize)]
pub struct WireReport {
    pub calls: Vec<WireCall>,
}

#[derive(Debug, Deserialize)]
pub struct WireCall {
    pub number: String,
    pub turns: Vec<WireTurn>,
    pub interrupts: Vec<WireInterrupt>,
    pub robot_spans: Vec<WireSpan>,
    pub worst_tick_delay_ms: u64,
    pub notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct WireTurn {
    pub id: String,
    pub text: String,
    pub latency_ms: Option<u64>,
    pub cut_in_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct WireInterrupt {
    pub text: String,
    pub first_speech_ms: u64,
    pub stop_ms: Option<u64>,
}

#[derive(Copy, Clone, Debug, Deserialize)]
pub struct WireSpan {
    pub from_ms: u64,
    pub to_ms: u64,
}
