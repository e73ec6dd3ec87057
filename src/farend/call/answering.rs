//! How a call to this number is answered, or is not.

use super::Call;
use crate::farend::media::Media;
use crate::farend::message::Extra;
use crate::farend::report::{EndedBy, Event};
use crate::farend::scenario::Answer;
use crate::farend::script::Script;
use crate::farend::sdp::{self, Direction};
use std::path::Path;
use std::sync::Arc;

impl Call {
    /// The first answers.
    pub(super) fn begin(&mut self) {
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

    pub(super) fn answer_now(&mut self, now: u64) {
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

    fn announce(&mut self, now: u64, wav: &Path) {
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
        let ip = self.dialog.place().ip();
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
                self.report.notes.push(error.to_string());
                self.refuse(now, 500, "", Extra::new());
                None
            }
        }
    }

    pub(super) fn refuse(&mut self, now: u64, code: u16, reason: &str, extra: Extra) {
        if self.dialog.is_early() {
            self.dialog.refuse(now, code, reason, extra);
            self.end(now, EndedBy::Refused);
        }
    }
}

pub(super) fn cause(q850: Option<u8>) -> Extra {
    q850.map(|cause| ("Reason", format!("Q.850;cause={cause}")))
        .into_iter()
        .collect()
}

const GARBAGE: [&[u8]; 4] = [
    b"SIP/2.0 abc Nonsense\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: \xff\xfe\r\nCSeq: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
];
