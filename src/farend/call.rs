//! One call: joins the dialog, the stream and the script on a 20 ms beat with absolute deadlines.

mod answering;
mod closing;

use super::dialog::{Dialog, Happened};
use super::ears::Ears;
use super::media::{Media, Ports};
use super::message::Extra;
use super::pipe::Pipe;
use super::report::{CallReport, EndedBy, Event};
use super::scenario::{Answer, Callee};
use super::script::{Clips, Order, Script};
use super::sdp::{self, Direction};
use rsip::{Request, SipMessage};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FRAME: Duration = Duration::from_millis(20);
/// A call that is over still listens for stragglers this long.
const LINGER_MS: u64 = 1000;
/// Time for a last BYE at shutdown.
const FAREWELL_MS: u64 = 500;
/// A caller that got no answer has given up by now (timer B is 32 s).
const SILENT_MS: u64 = 34_000;

/// What all calls share.
#[derive(Debug)]
pub(super) struct World {
    pub(super) clips: Arc<Clips>,
    pub(super) tones_hz: Vec<u32>,
    pub(super) ports: Ports,
    pub(super) seed: u64,
    pub(super) max_call_ms: u64,
    pub(super) ready: Instant,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) reports: mpsc::Sender<CallReport>,
    pub(super) stop: CancellationToken,
}

/// Who is called.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) callee: Callee,
    pub(super) agent: bool,
    pub(super) nth: u32,
}

/// One call at work.
pub(super) struct Call {
    world: Arc<World>,
    callee: Callee,
    answer: Answer,
    dialog: Dialog,
    pipe: Pipe,
    born: Instant,
    media: Option<Media>,
    ears: Ears,
    script: Option<Script>,
    /// When the answer is due; `None` once it was given or never comes.
    due: Option<u64>,
    /// Answers and RTP have ceased.
    mute: bool,
    hold_from: Option<u64>,
    over_at: Option<u64>,
    farewell: Option<u64>,
    heard: Vec<i16>,
    report: CallReport,
}

impl Call {
    pub(super) fn new(world: Arc<World>, called: Called, dialog: Dialog, pipe: Pipe) -> Self {
        let value = |name| super::message::value(&dialog.invite().headers, name);
        let born = Instant::now();
        let report = CallReport {
            number: called.callee.number.clone(),
            agent: called.agent,
            nth: called.nth,
            call_id: value("Call-ID").unwrap_or_default(),
            from: value("From").unwrap_or_default(),
            started_ms: (born - world.ready).as_millis() as u64,
            ..CallReport::default()
        };
        Call {
            answer: called.callee.answer_to(called.nth).clone(),
            callee: called.callee,
            dialog,
            pipe,
            born,
            media: None,
            ears: Ears::new(&world.tones_hz),
            script: None,
            due: None,
            mute: false,
            hold_from: None,
            over_at: None,
            farewell: None,
            heard: Vec::new(),
            report,
            world,
        }
    }

    /// Lives until the call is over and quiet.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<SipMessage>) {
        let stop = self.world.stop.clone();
        self.begin();
        let mut beat = self.born + FRAME;
        let mut buffer = vec![0; 2048];
        while !self.finished() {
            self.flush();
            let wake = self.next_wake(beat);
            let rtp = self.media.as_ref().map(|media| Arc::clone(&media.rtp));
            tokio::select! {
                () = stop.cancelled(), if self.farewell.is_none() => self.shut_down(),
                Some(message) = inbox.recv() => self.on_message(message),
                Some(length) = receive(rtp, &mut buffer) => self.on_rtp(&buffer[..length]),
                () = tokio::time::sleep_until(wake) => {
                    if Instant::now() >= beat {
                        let late = (Instant::now() - beat).as_millis() as u64;
                        self.report.worst_tick_delay_ms = self.report.worst_tick_delay_ms.max(late);
                        self.on_beat();
                        beat += FRAME;
                    }
                }
            }
        }
        self.flush();
        // Tells the carrier that this Call-ID is free again.
        drop(inbox);
        self.deliver().await;
    }

    fn now(&self) -> u64 {
        self.born.elapsed().as_millis() as u64
    }

    fn next_wake(&self, beat: Instant) -> Instant {
        let due = self.media.as_ref().and_then(Media::next_due);
        due.map_or(beat, |ms| beat.min(self.born + Duration::from_millis(ms)))
    }

    fn finished(&self) -> bool {
        let now = self.now();
        let lingered = self.over_at.is_some_and(|at| now >= at + LINGER_MS);
        let said_goodbye = self
            .farewell
            .is_some_and(|at| now >= at + FAREWELL_MS || self.dialog.is_quiet());
        (lingered && (self.mute || self.dialog.is_quiet()))
            || (self.over_at.is_some() && said_goodbye)
    }

    fn on_beat(&mut self) {
        let now = self.now();
        for happened in self.dialog.tick(now) {
            self.on_happened(now, happened);
        }
        if self.over_at.is_some() {
            return;
        }
        if self.due.is_some_and(|due| now >= due) {
            self.answer_now(now);
        }
        let silent = self.mute && self.report.answered_ms.is_none() && now >= SILENT_MS;
        if silent || (now >= SILENT_MS && self.answer == (Answer::Garbage { then: None })) {
            self.end(now, EndedBy::Silent);
        } else if now >= self.world.max_call_ms {
            self.leave(now, EndedBy::TooLong);
        }
        if self.report.answered_ms.is_some() && self.callee.record.is_some() {
            self.heard.extend(self.ears.take_frame());
        }
        self.play(now);
    }

    /// The script's tick and its frame.
    fn play(&mut self, now: u64) {
        if self.over_at.is_some() || self.mute {
            return;
        }
        let mut orders = Vec::new();
        let mut over = false;
        if let (Some(script), Some(media)) = (&mut self.script, &mut self.media) {
            let frame = script.tick(now, &mut self.ears, &mut orders);
            media.send(now, &frame);
            over = script.finished();
        }
        let announced = over && self.report.answered_ms.is_none();
        if let (true, Answer::Announce { code, q850, .. }) = (announced, &self.answer) {
            let (code, q850) = (*code, *q850);
            self.refuse(now, code, "", answering::cause(q850));
        }
        for order in orders {
            self.obey(now, order);
        }
    }

    fn obey(&mut self, now: u64, order: Order) {
        match order {
            Order::Hangup => self.leave(now, EndedBy::Callee),
            Order::Vanish => {
                // What was said before still goes out.
                self.flush();
                self.mute = true;
            }
            Order::Hold | Order::Resume => {
                let hold = order == Order::Hold;
                let direction = if hold {
                    Direction::SendOnly
                } else {
                    Direction::SendRecv
                };
                if let Some(media) = &mut self.media {
                    let sdp = sdp::write(&media.describe(direction), None);
                    self.dialog.reinvite(now, &sdp);
                }
                self.count_hold();
                self.hold_from = hold.then_some(self.ears.voiced_ms);
            }
        }
    }

    fn on_message(&mut self, message: SipMessage) {
        let now = self.now();
        if self.mute {
            self.dialog.only_note(now, &message);
            let bye = matches!(&message, SipMessage::Request(r) if r.method == rsip::Method::Bye);
            if bye && self.over_at.is_none() {
                self.end(now, EndedBy::Vanished);
            }
            return;
        }
        let happened = match message {
            SipMessage::Request(request) => self.dialog.on_request(now, request),
            SipMessage::Response(response) => self.dialog.on_response(now, &response),
        };
        if let Some(happened) = happened {
            self.on_happened(now, happened);
        }
    }

    fn on_happened(&mut self, now: u64, happened: Happened) {
        match happened {
            Happened::Acked { sdp } | Happened::Reinvited { sdp } => {
                if let (Some(remote), Some(media)) = (sdp::read(&sdp), &mut self.media) {
                    media.learn(&remote);
                }
            }
            Happened::Canceled { reason } => {
                self.report.reason = reason;
                self.end(now, EndedBy::Canceled);
            }
            Happened::Bye { reason } => {
                self.report.reason = reason;
                self.end(now, EndedBy::Robot);
            }
            Happened::Offer(request) => self.on_offer(now, &request),
            Happened::Key(key) => {
                if let Some(media) = &mut self.media {
                    media.key_by_info(key);
                }
            }
            Happened::Refused(code) => self
                .report
                .notes
                .push(format!("our re-INVITE was refused with {code}")),
            Happened::NoAck => self.end(now, EndedBy::NoAck),
            Happened::Closed => {}
        }
    }

    fn on_offer(&mut self, now: u64, request: &Request) {
        let remote = sdp::read(&request.body);
        let Some(media) = &mut self.media else { return };
        let sdp = match &remote {
            Some(remote) if remote.codecs.is_empty() => None,
            Some(offer) => {
                media.learn(offer);
                Some(sdp::write(
                    &media.describe(offer.direction.answered()),
                    Some(offer),
                ))
            }
            None if request.body.is_empty() => {
                Some(sdp::write(&media.describe(Direction::SendRecv), None))
            }
            None => None,
        };
        self.dialog.accept(now, request, sdp.as_deref());
    }

    fn on_rtp(&mut self, bytes: &[u8]) {
        let now = self.born.elapsed().as_secs_f64() * 1000.0;
        let answered = self.report.answered_ms.is_some();
        if let Some(media) = &mut self.media {
            media.receive(now, bytes, answered, &mut self.ears);
        }
    }

    /// We end it, whatever state it is in.
    fn leave(&mut self, now: u64, by: EndedBy) {
        if self.dialog.is_up() && !self.mute {
            self.dialog
                .bye(now, "Q.850;cause=16;text=\"Normal call clearing\"");
        } else if self.dialog.is_early() && !self.mute {
            self.dialog.refuse(now, 480, "", Extra::new());
        }
        self.end(now, by);
    }

    fn shut_down(&mut self) {
        let now = self.now();
        self.farewell = Some(now);
        if self.over_at.is_none() {
            self.leave(now, EndedBy::Shutdown);
        }
    }

    fn end(&mut self, now: u64, by: EndedBy) {
        if self.over_at.is_some() {
            return;
        }
        self.over_at = Some(now);
        self.report.ended_ms = now;
        self.report.ended_by = Some(by);
        self.count_hold();
        let report = &self.report;
        tracing::debug!(call_id = %report.call_id, ?by, "far end: call over");
        self.emit(|report| Event::Ended {
            number: report.number.clone(),
            call_id: report.call_id.clone(),
            ended_by: by,
            talk_ms: report.answered_ms.map_or(0, |at| now - at),
        });
    }

    fn count_hold(&mut self) {
        if let Some(from) = self.hold_from.take() {
            self.report.robot_voiced_on_hold_ms += self.ears.voiced_ms - from;
        }
    }

    /// Everything that waits for the wire.
    fn flush(&mut self) {
        let now = self.now();
        for bytes in self.dialog.out.drain(..) {
            if !self.mute {
                self.pipe.send(bytes);
            }
        }
        if let Some(media) = &mut self.media {
            media.flush(now);
        }
    }

    fn emit(&self, event: impl FnOnce(&CallReport) -> Event) {
        // Nobody may be listening; the report tells it all again.
        drop(self.world.events.try_send(event(&self.report)));
    }
}

/// Pending for ever without a socket.
async fn receive(rtp: Option<Arc<UdpSocket>>, buffer: &mut [u8]) -> Option<usize> {
    match rtp {
        Some(socket) => socket.recv(buffer).await.ok(),
        None => std::future::pending().await,
    }
}
