//! The legs of one call as its task holds them, and the orders that bring lines along.

use super::Task;
use crate::call::command::{Answer, Command, Refused};
use crate::call::event::{Event, LegNews, Place};
use crate::call::leg::LiveLeg;
use crate::call::task_humans::PhoneNews;
use crate::media::port::Port;
use crate::sip::leg::LegEvent;
use crate::sip::{Invite, Target};
use crate::terms::{CallId, CauseKind, EndedBy, HangupCause, Happening, LegId};

impl Task {
    pub(super) fn callee_event(&mut self, event: Option<LegEvent>) {
        let Some(news) = self.callee.news(&self.id, event) else {
            return;
        };
        match &news {
            LegNews::Progress {
                early_media: true, ..
            } => self.sound.early_media(),
            LegNews::Answered => {
                let now = self.now();
                self.sound.answered(now);
            }
            _ => {}
        }
        self.feed(Event::Callee(news));
    }

    pub(super) fn phone_event(&mut self, news: PhoneNews) {
        match news {
            PhoneNews::Rung { agent, event } => {
                let leg = self.humans.leg(&agent);
                let Some(news) = leg.and_then(|leg| leg.news(&self.id, event)) else {
                    return;
                };
                if matches!(news, LegNews::Ended(_)) {
                    self.humans.over(&agent);
                }
                self.feed(Event::Agent { agent, news });
            }
            PhoneNews::Left(event) => {
                self.humans.left();
                if let Some(LegEvent::Ended(cause)) = event {
                    let leg = LegId::Agent;
                    self.happened(Happening::LegEnded { leg, cause });
                }
            }
        }
    }

    /// Carries an order out. A line that comes with it is taken first, so that nobody is promised one that is busy.
    pub(super) fn order(&mut self, command: &Command) -> Answer {
        let brings = match command {
            Command::Accept { line, .. } => Some((Place::Agent, line)),
            Command::Join { who, line, .. } => line
                .as_ref()
                .map(|line| (Place::Supervisor(who.user), line)),
            _ => None,
        };
        if let Some((_, line)) = brings.filter(|(place, line)| !self.humans.holds(*place, line)) {
            let tap = line.attach(&self.id);
            if tap.is_none() {
                return Err(Refused::new(
                    "line_busy",
                    "your audio line is in another call, or has another place in this one; leave there first",
                ));
            }
            self.humans.bring(tap);
        }
        let mut out = Vec::new();
        let answer = self.machine.order(self.now(), command, &mut out);
        self.perform(out);
        // Refused, the line is free again.
        self.humans.bring(None);
        answer
    }

    pub(super) fn ring_agent(&mut self, agent: String, uri: String) {
        let mut port = match Port::bind(self.kit.media_ip, self.kit.rtp_ports, rand::random()) {
            Ok(port) => port,
            Err(e) => {
                self.happened(Happening::Degraded {
                    what: format!("agent {agent} cannot be rung: {e}"),
                });
                // Others may be tried; this one is out.
                let news = LegNews::Ended(HangupCause::new(
                    CauseKind::TrunkError,
                    EndedBy::Us,
                    e.to_string(),
                ));
                self.feed(Event::Agent { agent, news });
                return;
            }
        };
        let invite = Invite {
            target: Target::Uri(uri),
            caller_id: self.caller_id.clone(),
            display_name: None,
            call_id: CallId(format!("{}-{agent}", self.id)),
            offer: port.offer(),
            ring_timeout: self.kit.agent_ring_timeout,
        };
        let leg = LiveLeg::sip((self.kit.dial)(invite), port);
        self.humans.ring(agent, leg);
    }
}
