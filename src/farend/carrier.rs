//! The carrier: takes SIP from the sockets, finds who is called, and runs until told to stop or until everyone was called.

use super::auth::{Guard, Verdict};
use super::call::{Call, Called, World};
use super::dialog::{Dialog, Place};
use super::media::Ports;
use super::message::{self, ALLOW, Extra};
use super::pipe::{Incoming, Pipe};
use super::report::{CallReport, Event, Report};
use super::scenario::{Act, Callee, Scenario};
use super::script::Clips;
use rsip::{Method, Request, SipMessage};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A number or a user behind the carrier.
struct Line {
    callee: Callee,
    agent: bool,
    /// Its own socket.
    at: SocketAddr,
    calls: u32,
    reports: u32,
}

struct Live {
    cseq: u32,
    inbox: mpsc::Sender<SipMessage>,
}

/// The carrier at work.
pub(super) struct Carrier {
    scenario: Scenario,
    world: Arc<World>,
    lines: Vec<Line>,
    calls: BTreeMap<String, Live>,
    guard: Option<Guard>,
    invites: VecDeque<Instant>,
    report: Report,
}

impl Carrier {
    pub(super) fn new(
        scenario: Scenario,
        sip: SocketAddr,
        agents: Vec<(String, SocketAddr)>,
        clips: Clips,
        events: mpsc::Sender<Event>,
        stop: CancellationToken,
    ) -> (Self, mpsc::Receiver<CallReport>) {
        let (reports_in, reports) = mpsc::channel(256);
        let world = Arc::new(World {
            clips: Arc::new(clips),
            tones_hz: tones(&scenario),
            ports: Ports::new(scenario.rtp_base),
            seed: scenario.seed,
            max_call_ms: scenario.max_call_ms,
            ready: Instant::now(),
            events,
            reports: reports_in,
            stop,
        });
        let callees = scenario.callees.len();
        let lines = scenario
            .everyone()
            .into_iter()
            .enumerate()
            .map(|(index, callee)| Line {
                callee,
                agent: index >= callees,
                at: index
                    .checked_sub(callees)
                    .map_or(sip, |agent| agents[agent].1),
                calls: 0,
                reports: 0,
            });
        let report = Report {
            sip,
            calls: Vec::new(),
            never_called: Vec::new(),
            most_at_once: 0,
            garbage: 0,
            strangers: 0,
            challenged: 0,
            bad_credentials: 0,
            unknown_numbers: 0,
            over_rate: 0,
        };
        let carrier = Carrier {
            lines: lines.collect(),
            guard: scenario
                .auth
                .clone()
                .map(|who| Guard::new(who, scenario.seed)),
            world,
            calls: BTreeMap::new(),
            invites: VecDeque::new(),
            report,
            scenario,
        };
        (carrier, reports)
    }

    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Incoming>,
        mut reports: mpsc::Receiver<CallReport>,
    ) -> Report {
        let stop = self.world.stop.clone();
        while !self.done() {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(report) = reports.recv() => self.on_report(report),
                Some(incoming) = inbox.recv() => self.on_incoming(incoming),
            }
        }
        stop.cancel();
        // The calls say goodbye, and their peers are still answered meanwhile.
        let patience = tokio::time::sleep(Duration::from_secs(3));
        let mut patience = std::pin::pin!(patience);
        while !self.calls.is_empty() {
            tokio::select! {
                () = &mut patience => break,
                Some(report) = reports.recv() => self.on_report(report),
                Some(incoming) = inbox.recv() => self.on_incoming(incoming),
            }
        }
        self.report.calls.sort_by_key(|call| call.started_ms);
        let silent = self.lines.iter().filter(|line| line.calls == 0);
        self.report.never_called = silent.map(|line| line.callee.number.clone()).collect();
        self.report
    }

    fn done(&self) -> bool {
        let callees = self.scenario.callees.len();
        self.scenario.done_after.is_some_and(|times| {
            let called = self.lines[..callees]
                .iter()
                .all(|line| line.reports >= times);
            called && self.calls.is_empty()
        })
    }

    fn on_report(&mut self, report: CallReport) {
        let line = self
            .lines
            .iter_mut()
            .find(|line| line.callee.number == report.number);
        if let Some(line) = line {
            line.reports += 1;
        }
        // A later INVITE may have taken the Call-ID over.
        self.calls
            .retain(|call_id, live| *call_id != report.call_id || !live.inbox.is_closed());
        self.report.calls.push(report);
    }

    fn on_incoming(&mut self, incoming: Incoming) {
        if incoming.bytes.iter().all(u8::is_ascii_whitespace) {
            return; // keep-alive, RFC 5626 §4.4.1
        }
        let Some(message) = message::parse(&incoming.bytes) else {
            self.report.garbage += 1;
            return;
        };
        let headers = match &message {
            SipMessage::Request(request) => &request.headers,
            SipMessage::Response(response) => &response.headers,
        };
        let call_id = message::value(headers, "Call-ID").unwrap_or_default();
        let cseq = message::cseq(headers).map_or(0, |(number, _)| number);
        let to = message::value(headers, "To").unwrap_or_default();
        let fresh = matches!(&message, SipMessage::Request(r) if r.method == Method::Invite)
            && message::tag(&to).is_none();
        let live = self
            .calls
            .get(&call_id)
            .filter(|live| !fresh || live.cseq == cseq);
        match (live, message) {
            // A call drowning in messages loses some, as on a wire.
            (Some(live), message) => drop(live.inbox.try_send(message)),
            (None, SipMessage::Request(request)) => {
                self.on_request(request, fresh, call_id, cseq, incoming.pipe, incoming.local)
            }
            (None, SipMessage::Response(_)) => self.report.strangers += 1,
        }
    }

    fn on_request(
        &mut self,
        request: Request,
        fresh: bool,
        call_id: String,
        cseq: u32,
        pipe: Pipe,
        local: SocketAddr,
    ) {
        let reply = |code, extra: Extra| {
            pipe.send(message::respond(
                &request,
                (code, ""),
                "carrier",
                pipe.peer(),
                extra,
                None,
            ));
        };
        match request.method {
            Method::Ack => {}
            Method::Invite if fresh => {
                if let Err((code, extra)) = self.admit(&request) {
                    reply(code, extra);
                } else if let Some(at) = self.find(&request, local) {
                    self.place_call(at, request, call_id, cseq, pipe, local);
                } else {
                    self.report.unknown_numbers += 1;
                    reply(404, vec![("Reason", "Q.850;cause=1".into())]);
                }
            }
            Method::Options => reply(200, vec![("Allow", ALLOW.into())]),
            Method::Register => {
                let contact = message::value(&request.headers, "Contact");
                let mut extra: Extra = contact.map(|c| ("Contact", c)).into_iter().collect();
                extra.push(("Expires", "300".into()));
                reply(200, extra);
            }
            _ => {
                self.report.strangers += 1;
                reply(481, Extra::new());
            }
        }
    }

    /// Rate and credentials.
    fn admit(&mut self, request: &Request) -> Result<(), (u16, Extra)> {
        if let Some(guard) = &mut self.guard {
            let verdict = guard.judge(request);
            match verdict {
                Verdict::Good => {}
                Verdict::Wrong | Verdict::Missing | Verdict::Stale => {
                    self.report.challenged += 1;
                    self.report.bad_credentials += u64::from(verdict == Verdict::Wrong);
                    return Err((407, guard.challenge(verdict == Verdict::Stale)));
                }
            }
        }
        let now = Instant::now();
        let second = Duration::from_secs(1);
        while self.invites.front().is_some_and(|at| now - *at > second) {
            self.invites.pop_front();
        }
        if self
            .scenario
            .cps_limit
            .is_some_and(|most| self.invites.len() >= most as usize)
        {
            self.report.over_rate += 1;
            return Err((503, vec![("Retry-After", "1".into())]));
        }
        self.invites.push_back(now);
        Ok(())
    }

    fn find(&self, request: &Request, local: SocketAddr) -> Option<usize> {
        let user = message::user_of(&request.uri.to_string());
        let here = |line: &Line| line.at == local;
        let whole = self
            .lines
            .iter()
            .position(|l| here(l) && l.callee.number == user);
        whole.or_else(|| {
            let wanted = last_eight(&user)?;
            self.lines.iter().position(|l| {
                here(l) && !l.agent && last_eight(&l.callee.number) == Some(wanted.clone())
            })
        })
    }

    fn place_call(
        &mut self,
        at: usize,
        invite: Request,
        call_id: String,
        cseq: u32,
        pipe: Pipe,
        local: SocketAddr,
    ) {
        let place = Place {
            local,
            peer: pipe.peer(),
            transport: pipe.transport(),
            record_route: self.scenario.record_route,
        };
        let line = &mut self.lines[at];
        let tag = format!(
            "far{at}x{}",
            self.report.calls.len() + self.calls.len() * 1000 + line.calls as usize
        );
        let refusal = message::respond(&invite, (400, ""), &tag, pipe.peer(), Extra::new(), None);
        let Some(dialog) = Dialog::new(invite, place, tag) else {
            pipe.send(refusal);
            return;
        };
        line.calls += 1;
        let called = Called {
            callee: line.callee.clone(),
            agent: line.agent,
            nth: line.calls,
        };
        let (inbox, messages) = mpsc::channel(64);
        self.calls.insert(call_id, Live { cseq, inbox });
        self.report.most_at_once = self.report.most_at_once.max(self.calls.len());
        tokio::spawn(Call::new(Arc::clone(&self.world), called, dialog, pipe).run(messages));
    }
}

fn last_eight(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let start = digits.len().checked_sub(8)?;
    Some(digits[start..].to_owned())
}

/// Every tone that somebody plays or waits for.
fn tones(scenario: &Scenario) -> Vec<u32> {
    let mut all = scenario.tones_hz.clone();
    for callee in scenario.everyone() {
        all.extend(callee.flat_script().iter().filter_map(|act| match act {
            Act::Tone { hz, .. } | Act::WaitTone { hz, .. } => Some(*hz),
            _ => None,
        }));
    }
    all.sort_unstable();
    all.dedup();
    all
}
