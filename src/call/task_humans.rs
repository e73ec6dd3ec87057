//! The humans' lines of one call: phones that ring, the agent's place, the supervisors' places. Part of the shell: it
//! notices who speaks and whose line is lost, and decides nothing.

use super::event::{Event, Place};
use super::handover::Human;
use super::headset::{Line, Tap};
use super::leg::LiveLeg;
use crate::audio::level::rms_dbfs;
use crate::audio::{Frame, SILENCE};
use crate::media::bridge::{self, AgentPart, Inputs, Party, Roster};
use crate::media::port::Incoming;
use crate::sip::leg::LegEvent;
use crate::terms::Ms;
use crate::voice::player::{Player, PlayerEvent};
use crate::voice::prompt::Prompt;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// An agent's frame above this is his voice rather than his room, dBFS.
const VOICE_DBFS: f32 = -42.0;
/// So many such frames in a row and he is speaking: 160 ms, a breath is shorter.
const VOICE_FRAMES: u32 = 8;
/// Who says so much into his briefing, in frames (1.2 s of voice, more than a hello), talks to the callee already.
const OVER_BRIEFING_FRAMES: u32 = 60;
/// A supervisor of whom nothing came for so long is gone, ms.
const PATIENCE_MS: u128 = 1000;

#[derive(Default)]
pub struct Humans {
    /// Phones that were rung and not seated.
    phones: Vec<(String, LiveLeg)>,
    /// Phones that were told to end, until they have.
    leaving: Vec<LiveLeg>,
    agent: Option<Seated>,
    supervisors: Vec<(i64, Headset)>,
    /// The line that came with the order that is being carried out.
    brought: Option<Tap>,
    briefing: Player,
}

struct Seated {
    agent: String,
    leg: LiveLeg,
    incoming: Incoming,
    lost: bool,
    voiced: u32,
    /// Frames of voice while he was briefed, gaps or not.
    over_briefing: u32,
    heard: bool,
}

struct Headset {
    tap: Tap,
    incoming: Incoming,
    lost: bool,
}

/// What the humans sent in the last 20 ms.
#[derive(Default)]
pub struct FromHumans {
    pub agent: Option<Frame>,
    pub briefing: Option<Frame>,
    pub supervisors: Vec<(i64, Frame)>,
}

/// What a phone of an agent did.
pub enum PhoneNews {
    Rung {
        agent: String,
        event: Option<LegEvent>,
    },
    /// One that was told to end.
    Left(Option<LegEvent>),
}

impl Humans {
    pub fn ring(&mut self, agent: String, leg: LiveLeg) {
        self.phones.push((agent, leg));
    }

    /// This human has the callee now: should nothing come on his line, that counts from here on. (A supervisor who only
    /// listened may have sent nothing at all.)
    pub fn recheck(&mut self, human: Option<&Human>) {
        match human {
            Some(Human::Agent(_)) => {
                if let Some(seated) = &mut self.agent {
                    seated.lost = false;
                }
            }
            Some(Human::Supervisor { user, .. }) => {
                for (_, headset) in self.supervisors.iter_mut().filter(|(u, _)| u == user) {
                    headset.lost = false;
                    headset.tap.count_anew();
                }
            }
            None => {}
        }
    }

    /// The next thing a phone does; waits for ever without one.
    pub async fn next(&mut self) -> PhoneNews {
        std::future::poll_fn(|cx| {
            let seated = self.agent.as_mut().map(|s| (&s.agent, &mut s.leg));
            let rung = self.phones.iter_mut().map(|(agent, leg)| (&*agent, leg));
            for (agent, leg) in rung.chain(seated) {
                if let Poll::Ready(event) = leg.poll_next(cx) {
                    let agent = agent.clone();
                    return Poll::Ready(PhoneNews::Rung { agent, event });
                }
            }
            for leg in &mut self.leaving {
                if let Poll::Ready(event) = leg.poll_next(cx) {
                    leg.ended(&event);
                    return Poll::Ready(PhoneNews::Left(event));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// The phone of this agent, ringing or seated.
    pub fn leg(&mut self, agent: &str) -> Option<&mut LiveLeg> {
        let seated = self.agent.as_mut().filter(|s| s.agent == agent);
        let rung = self.phones.iter_mut().find(|(a, _)| a == agent);
        rung.map(|(_, leg)| leg).or(seated.map(|s| &mut s.leg))
    }

    /// This agent's phone has ended by itself.
    pub fn over(&mut self, agent: &str) {
        self.phones.retain(|(a, _)| a != agent);
        self.agent.take_if(|s| s.agent == agent);
    }

    /// The line that came with an order.
    pub fn bring(&mut self, tap: Option<Tap>) {
        self.brought = tap;
    }

    /// This line is on the call already, in this place.
    pub fn holds(&self, place: Place, line: &Line) -> bool {
        match place {
            Place::Agent => self.agent.as_ref().is_some_and(|s| match &s.leg {
                LiveLeg::Headset(leg) => leg.tap().line() == line,
                LiveLeg::Sip(_) => false,
            }),
            Place::Supervisor(user) => {
                let mut all = self.supervisors.iter();
                all.any(|(u, h)| *u == user && h.tap.line() == line)
            }
        }
    }

    /// Gives this agent the agent's place.
    pub fn seat(&mut self, agent: &str) {
        let rung = self.phones.iter().position(|(a, _)| a == agent);
        let leg = match (self.brought.take(), rung) {
            (Some(tap), _) => LiveLeg::headset(tap),
            (None, Some(at)) => self.phones.remove(at).1,
            // He is in it already.
            (None, None) => return,
        };
        self.agent = Some(Seated {
            agent: agent.to_string(),
            leg,
            incoming: Incoming::default(),
            lost: false,
            voiced: 0,
            over_briefing: 0,
            heard: false,
        });
        self.briefing = Player::new();
    }

    pub fn release(&mut self, agent: &str, reason: &str) {
        if let Some(at) = self.phones.iter().position(|(a, _)| a == agent) {
            let (_, leg) = self.phones.remove(at);
            self.end(leg, reason);
        }
        if let Some(seated) = self.agent.take_if(|s| s.agent == agent) {
            self.end(seated.leg, reason);
        }
    }

    pub fn release_all(&mut self, reason: &str) {
        let phones = std::mem::take(&mut self.phones).into_iter();
        let legs = phones.map(|(_, leg)| leg);
        let legs: Vec<LiveLeg> = legs.chain(self.agent.take().map(|s| s.leg)).collect();
        for leg in legs {
            self.end(leg, reason);
        }
    }

    fn end(&mut self, mut leg: LiveLeg, reason: &str) {
        if matches!(leg, LiveLeg::Sip(_)) {
            leg.hang_up(reason);
            self.leaving.push(leg);
        }
    }

    /// A phone that was told to end has.
    pub fn left(&mut self) {
        self.leaving.retain(|leg| !leg.over());
    }

    pub fn watch(&mut self, user: i64) {
        let Some(tap) = self.brought.take() else {
            return;
        };
        self.unwatch(user);
        let headset = Headset {
            tap,
            incoming: Incoming::default(),
            lost: false,
        };
        self.supervisors.push((user, headset));
    }

    pub fn unwatch(&mut self, user: i64) {
        self.supervisors.retain(|(u, _)| *u != user);
    }

    /// Speaks to the agent alone.
    pub fn brief(&mut self, prompt: Arc<Prompt>) {
        self.briefing.push(0, prompt);
    }

    /// Takes 20 ms from everybody.
    pub fn receive(
        &mut self,
        now: Ms,
        roster: &Roster,
        rtp_timeout: Duration,
        events: &mut Vec<Event>,
    ) -> FromHumans {
        let mut from = FromHumans::default();
        let mut scratch = Incoming::default();
        for (_, leg) in &mut self.phones {
            leg.tick(now, &mut scratch);
        }
        if let Some(seated) = &mut self.agent {
            from.agent = Some(seated.receive(now, roster, rtp_timeout, events));
        }
        if roster.agent == Some(AgentPart::Briefed) {
            let (mut frame, mut played) = (SILENCE, Vec::new());
            self.briefing.frame(&mut frame, &mut played);
            from.briefing = Some(frame);
            if played
                .iter()
                .any(|p| matches!(p, PlayerEvent::Finished { .. }))
            {
                events.push(Event::Briefed);
            }
        }
        for (user, headset) in &mut self.supervisors {
            let frame = headset.receive(now, Place::Supervisor(*user), events);
            from.supervisors.push((*user, frame));
        }
        from
    }

    /// What came, at once and with its gaps, from whoever has this place.
    pub fn fresh(&self, place: Place) -> &[Frame] {
        let seated = self.agent.as_ref().map(|s| &s.incoming.fresh);
        let found = match place {
            Place::Agent => seated,
            Place::Supervisor(user) => {
                let mut all = self.supervisors.iter();
                all.find(|(u, _)| *u == user)
                    .map(|(_, h)| &h.incoming.fresh)
            }
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// Gives everybody what they hear.
    pub fn send(&mut self, roster: &Roster, inputs: &Inputs<'_>) {
        if let Some(seated) = self.agent.as_mut().filter(|s| s.leg.answered()) {
            seated.leg.send(&bridge::mix(roster, inputs, Party::Agent));
        }
        for (user, headset) in &mut self.supervisors {
            let heard = bridge::mix(roster, inputs, Party::Supervisor(*user));
            headset.tap.send(&heard);
        }
    }
}

impl Seated {
    fn receive(
        &mut self,
        now: Ms,
        roster: &Roster,
        rtp_timeout: Duration,
        events: &mut Vec<Event>,
    ) -> Frame {
        self.leg.tick(now, &mut self.incoming);
        let frame = self.incoming.frame.unwrap_or(SILENCE);
        let patience = self.leg.agent_patience(rtp_timeout).as_millis();
        let silent = u128::from(self.incoming.silent_ms);
        if !self.lost && !self.leg.held() && silent >= patience {
            self.lost = true;
            events.push(Event::LineLost(Place::Agent));
        } else if self.lost && silent < patience {
            self.lost = false;
            events.push(Event::LineBack(Place::Agent));
        }
        let may = roster.agent == Some(AgentPart::Talks);
        self.voiced = if may && rms_dbfs(&frame) > VOICE_DBFS {
            self.voiced + 1
        } else {
            0
        };
        if roster.agent == Some(AgentPart::Briefed) && rms_dbfs(&frame) > VOICE_DBFS {
            self.over_briefing += 1;
        }
        let talks = self.voiced >= VOICE_FRAMES || self.over_briefing >= OVER_BRIEFING_FRAMES;
        if talks && !self.heard {
            self.heard = true;
            events.push(Event::AgentSpoke);
        }
        frame
    }
}

impl Headset {
    fn receive(&mut self, now: Ms, place: Place, events: &mut Vec<Event>) -> Frame {
        self.tap.tick(now, &mut self.incoming);
        let silent = u128::from(self.incoming.silent_ms);
        if !self.lost && silent >= PATIENCE_MS {
            self.lost = true;
            events.push(Event::LineLost(place));
        } else if self.lost && silent < PATIENCE_MS {
            self.lost = false;
            events.push(Event::LineBack(place));
        }
        self.incoming.frame.unwrap_or(SILENCE)
    }
}
