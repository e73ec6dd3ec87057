//! A far end from the outside: started, listened to, stopped.

use super::FarError;
use super::carrier::Carrier;
use super::pipe::Sockets;
use super::report::{Event, Report};
use super::scenario::{Act, Answer, Scenario};
use super::script::Clips;
use super::wav::Clip;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// A far end at work on a thread of its own.
#[derive(Debug)]
pub struct FarEnd {
    /// Where the carrier takes SIP.
    pub sip: SocketAddr,
    /// Where each agent's phone is.
    pub agents: Vec<(String, SocketAddr)>,
    /// What happens, as it happens. What is not fetched is dropped after a thousand.
    pub events: mpsc::Receiver<Event>,
    stop: CancellationToken,
    done: oneshot::Receiver<Report>,
    report_file: Option<std::path::PathBuf>,
}

/// Runs a scenario until `shutdown` or until everyone was called; every [`Event`] is given to `line`.
/// The report is also written to the scenario's `report` file.
///
/// # Errors
/// The scenario is impossible, audio cannot be read, a port is taken, or the report cannot be written.
pub async fn run(
    scenario: Scenario,
    mut line: impl FnMut(&Event),
    shutdown: impl Future<Output = ()>,
) -> Result<Report, FarError> {
    let mut far = start(scenario)?;
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            event = far.events.recv() => match event {
                Some(event) => line(&event),
                None => break,
            },
            () = &mut shutdown => break,
        }
    }
    far.stop.cancel();
    while let Some(event) = far.events.recv().await {
        line(&event);
    }
    far.wait().await
}

/// Opens the sockets and starts the far end.
///
/// # Errors
/// As [`run`].
pub fn start(scenario: Scenario) -> Result<FarEnd, FarError> {
    scenario.check()?;
    let clips = load_clips(&scenario)?;
    let main = Sockets::bind(scenario.sip)?;
    let sip = main.local;
    let mut sockets = vec![main];
    let mut agents = Vec::new();
    for agent in &scenario.agents {
        let local = match agent.sip {
            Some(addr) => {
                let own = Sockets::bind(addr)?;
                let local = own.local;
                sockets.push(own);
                local
            }
            None => sip,
        };
        agents.push((agent.user.clone(), local));
    }
    let (events_in, events) = mpsc::channel(1000);
    let (done_in, done) = oneshot::channel();
    let stop = CancellationToken::new();
    let ready = Event::Ready {
        sip,
        agents: agents.clone(),
    };
    drop(events_in.try_send(ready));
    let (stop_too, places, report_file) = (stop.clone(), agents.clone(), scenario.report.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(FarError::Thread)?;
    std::thread::Builder::new()
        .name("far-end".into())
        .spawn(move || {
            let report = runtime.block_on(async move {
                let (inbox_in, inbox) = mpsc::channel(1000);
                for socket in sockets {
                    if let Err(error) = socket.listen(inbox_in.clone()) {
                        tracing::error!(%error, "far end: a socket cannot be read");
                    }
                }
                let (carrier, reports) =
                    Carrier::new(scenario, sip, places, clips, events_in, stop_too);
                carrier.run(inbox, reports).await
            });
            drop(done_in.send(report));
        })
        .map_err(FarError::Thread)?;
    Ok(FarEnd {
        sip,
        agents,
        events,
        stop,
        done,
        report_file,
    })
}

impl FarEnd {
    /// Ends all calls and the far end.
    ///
    /// # Errors
    /// The report file cannot be written.
    pub async fn stop(self) -> Result<Report, FarError> {
        self.stop.cancel();
        self.wait().await
    }

    /// Waits until everyone was called (`done_after`).
    ///
    /// # Errors
    /// The report file cannot be written, or the far end's thread died.
    pub async fn wait(self) -> Result<Report, FarError> {
        let FarEnd {
            done,
            report_file,
            stop,
            ..
        } = self;
        let report = done
            .await
            .map_err(|_| FarError::Thread(std::io::Error::other("the far end's thread died")))?;
        drop(stop);
        if let Some(path) = report_file {
            let text = serde_json::to_vec_pretty(&report).unwrap_or_default();
            std::fs::write(&path, text).map_err(|source| FarError::Write { path, source })?;
        }
        Ok(report)
    }
}

fn load_clips(scenario: &Scenario) -> Result<Clips, FarError> {
    let mut clips = Clips::new();
    for callee in scenario.everyone() {
        let script = callee.flat_script();
        let answers = std::iter::once(&callee.answer).chain(&callee.later);
        let said = script.iter().filter_map(Act::wav);
        for path in answers
            .filter_map(Answer::wav)
            .chain(said)
            .chain(&callee.noise)
        {
            if !clips.contains_key(path) {
                clips.insert(path.clone(), Arc::new(Clip::load(path)?));
            }
        }
    }
    Ok(clips)
}
