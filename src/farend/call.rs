//! One call: joins the dialog, the stream and the script on a 20 ms beat with absolute deadlines.

use super::FarError;
use super::dialog::{Dialog, Happened};
use super::ears::Ears;
use super::media::{Media, Ports};
use super::message::Extra;
use super::pipe::Pipe;
use super::report::{self, CallReport, EndedBy, Event};
use super::scenario::{Answer, Callee};
use super::script::{Clips, Order, Script};
use super::sdp::{self, Direction};
use super::wav;
use rsip::{Request, SipMessage};
use std::path::{Path, PathBuf};
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

    /// The first answers.
    fn begin(&mut self) {
        let now = self.now();
        self.emit(|report| Event::Incoming {
            number: report.number.clone(),
            nth: report.nth,
            call_id: report.call_id.clone(),
        });
        let ring_ms = match &self.answer {
            Answer::Ring { ms } => Some(*ms),
            Answer::Busy { ring_ms, .. }
            | Answer::Decline { ring_ms }
            | Answer::NotFound { ring_ms }
            | Answer::Reject { ring_ms, .. }
            | Answer::Announce { ring_ms, .. }
            | Answer::Voicemail { ring_ms, .. } => Some(*ring_ms),
            Answer::Challenge { .. } => Some(0),
            Answer::Garbage { .. } => Some(1000),
            Answer::NoAnswer | Answer::Silent => None,
        };
        self.due = ring_ms.map(|ms| now + ms);
        match &self.answer {
            Answer::Silent => self.mute = true,
            Answer::Garbage { .. } => {
                for bytes in GARBAGE {
                    self.dialog.garbage(now, bytes);
                }
            }
            Answer::Challenge { .. }
            | Answer::NotFound { ring_ms: 0 }
            | Answer::Reject { ring_ms: 0, .. } => {
                self.dialog.progress(now, 100, None, false);
            }
            Answer::Announce { .. } | Answer::Busy { progress: true, .. } => {
                self.dialog.progress(now, 100, None, false);
                if matches!(self.answer, Answer::Busy { .. }) {
                    self.dialog.progress(now, 183, None, false);
                }
            }
            _ => {
                self.dialog.progress(now, 100, None, false);
                self.dialog.progress(now, 180, None, false);
            }
        }
        if self.due == Some(now) {
            self.answer_now(now);
        }
    }

    fn answer_now(&mut self, now: u64) {
        self.due = None;
        match self.answer.clone() {
            Answer::Ring { .. } | Answer::Voicemail { .. } => self.take_call(now),
            Answer::Announce { wav, .. } => self.announce(now, &wav),
            Answer::Busy { .. } => self.refuse(now, 486, "", Extra::new()),
            Answer::Decline { .. } => self.refuse(now, 603, "", Extra::new()),
            Answer::NotFound { .. } => self.refuse(now, 404, "", cause(Some(1))),
            Answer::Reject {
                code,
                reason,
                q850,
                retry_after,
                ..
            } => {
                let mut extra = cause(q850);
                extra.extend(retry_after.map(|s| ("Retry-After", s.to_string())));
                self.refuse(now, code, reason.as_deref().unwrap_or(""), extra);
            }
            Answer::Challenge { realm } => {
                let challenge = format!(
                    "Digest realm=\"{realm}\", nonce=\"{now}-never\", algorithm=MD5, qop=\"auth\""
                );
                self.refuse(now, 407, "", vec![("Proxy-Authenticate", challenge)]);
            }
            Answer::Garbage { then: Some(code) } => self.refuse(now, code, "", Extra::new()),
            Answer::Garbage { then: None } | Answer::NoAnswer | Answer::Silent => {}
        }
    }

    fn take_call(&mut self, now: u64) {
        if let Some(sdp) = self.open_media(now) {
            self.dialog.answer(now, &sdp, self.callee.session_expires);
            self.report.answered_ms = Some(now);
            let clips = Arc::clone(&self.world.clips);
            self.script = Some(Script::after_answer(&self.callee, &self.answer, clips));
            self.emit(|report| Event::Answered {
                number: report.number.clone(),
                call_id: report.call_id.clone(),
            });
        }
    }

    fn announce(&mut self, now: u64, wav: &PathBuf) {
        if let Some(sdp) = self.open_media(now) {
            self.dialog
                .progress(now, 183, Some(&sdp), self.callee.reliable);
            let clips = Arc::clone(&self.world.clips);
            self.script = Some(Script::announcement(wav, &self.callee, clips));
        }
    }

    /// Our SDP; `None` when the call was refused instead.
    fn open_media(&mut self, now: u64) -> Option<String> {
        let body = &self.dialog.invite().body;
        let offer = sdp::read(body);
        if offer.is_none() && !body.is_empty() {
            self.refuse(now, 488, "", Extra::new());
            return None;
        }
        let ip = self.world_ip();
        let seed = self.world.seed ^ (u64::from(self.report.nth) << 32) ^ self.report.started_ms;
        match Media::open(ip, &self.world.ports, &self.callee, offer.as_ref(), seed) {
            Ok(Some(mut media)) => {
                let direction = offer
                    .as_ref()
                    .map_or(Direction::SendRecv, |o| o.direction.answered());
                let text = sdp::write(&media.describe(direction), offer.as_ref());
                self.media = Some(media);
                Some(text)
            }
            Ok(None) => {
                self.refuse(now, 488, "", Extra::new());
                None
            }
            Err(error) => {
                self.note(&error);
                self.refuse(now, 500, "", Extra::new());
                None
            }
        }
    }

    fn world_ip(&self) -> std::net::IpAddr {
        self.dialog.place().ip()
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
        if over && self.report.answered_ms.is_none() {
            if let Answer::Announce { code, q850, .. } = self.answer {
                self.refuse(now, code, "", cause(q850));
            }
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

    fn refuse(&mut self, now: u64, code: u16, reason: &str, extra: Extra) {
        if self.dialog.is_early() {
            self.dialog.refuse(now, code, reason, extra);
            self.end(now, EndedBy::Refused);
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

    async fn deliver(mut self) {
        let report = &mut self.report;
        report.sip = std::mem::take(&mut self.dialog.log);
        let spans = self.ears.spans().to_vec();
        if let Some(script) = self.script.take() {
            let (over, plain): (Vec<_>, Vec<_>) = script.speeches.iter().partition(|s| s.over);
            report.turns = plain
                .iter()
                .filter_map(|s| report::turn(s, &spans))
                .collect();
            report.interrupts = over
                .iter()
                .filter_map(|s| report::interrupt(s, &spans))
                .collect();
            if let Some(answered) = report.answered_ms {
                report.longest_dead_air_ms =
                    report::dead_air(&spans, &script.speeches, answered, report.ended_ms);
            }
            report.notes.extend(script.notes);
        }
        if let Some(media) = self.media.take() {
            report.codec = Some(media.codec_name().into());
            let counts = media.counts();
            (report.rtp_in, report.keys) = (counts.rtp_in, counts.keys);
            (report.rtp_sent, report.rtp_dropped) = (counts.sent, counts.dropped);
            report.first_rtp_after_answer_ms = counts
                .first_ms
                .zip(report.answered_ms)
                .map(|(first, at)| first - at);
        }
        if let Some(answered) = report.answered_ms {
            let first = spans.iter().find(|span| span.to_ms >= answered);
            report.first_voice_after_answer_ms =
                first.map(|span| span.from_ms.saturating_sub(answered));
        }
        report.tones = self.ears.tones();
        report.robot_voiced_ms = self.ears.voiced_ms;
        report.robot_spans = spans;
        if let (Some(path), true) = (&self.callee.record, report.answered_ms.is_some()) {
            let (path, heard) = (numbered(path, report.nth), std::mem::take(&mut self.heard));
            // Not on the thread that beats for the other calls.
            let written = tokio::task::spawn_blocking(move || wav::write(&path, &heard)).await;
            if let Ok(Err(error)) = written {
                report
                    .notes
                    .push(format!("the recording was not written: {error}"));
            }
        }
        // Fails only when the far end is gone.
        drop(self.world.reports.send(self.report).await);
    }

    fn emit(&self, event: impl FnOnce(&CallReport) -> Event) {
        // Nobody may be listening; the report tells it all again.
        drop(self.world.events.try_send(event(&self.report)));
    }

    fn note(&mut self, error: &FarError) {
        self.report.notes.push(error.to_string());
    }
}

const GARBAGE: [&[u8]; 4] = [
    b"SIP/2.0 abc Nonsense\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: \xff\xfe\r\nCSeq: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
];

/// Pending for ever without a socket.
async fn receive(rtp: Option<Arc<UdpSocket>>, buffer: &mut [u8]) -> Option<usize> {
    match rtp {
        Some(socket) => socket.recv(buffer).await.ok(),
        None => std::future::pending().await,
    }
}

fn cause(q850: Option<u8>) -> Extra {
    q850.map(|cause| ("Reason", format!("Q.850;cause={cause}")))
        .into_iter()
        .collect()
}

/// `name.wav` for the first call, `name-2.wav` for the second.
fn numbered(path: &Path, nth: u32) -> PathBuf {
    if nth < 2 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path
        .extension()
        .map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-{nth}{end}"))
}
