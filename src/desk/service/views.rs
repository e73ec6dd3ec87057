//! The desk as people see it.

use super::{Desk, State};
use crate::desk::news::{AgentState, DeskMe, LineKind, Offer, OfferLead};
use crate::desk::presence::{At, Seat};

impl Desk {
    pub(super) fn me_of(&self, state: &State, seat: &Seat) -> DeskMe {
        DeskMe {
            presence: seat.at.presence(),
            since_unix_ms: seat.since,
            line: line_kind(seat),
            call: match &seat.at {
                At::Offered { .. } => None,
                at => at.call().cloned(),
            },
            offers: self.offer_of(state, seat).into_iter().collect(),
            wrap_up_until_unix_ms: match seat.at {
                At::WrapUp { until, .. } => Some(until),
                _ => None,
            },
            skills: skills_of(seat),
            within_hours: seat.member.within_hours(self.now()),
            note: state
                .told
                .get(&seat.member.id)
                .and_then(|t| t.note)
                .map(str::to_string),
            agent: true,
        }
    }

    pub(super) fn offer_of(&self, state: &State, seat: &Seat) -> Option<Offer> {
        let At::Offered { call, until, .. } = &seat.at else {
            return None;
        };
        let wanted = state.wanted.get(call);
        let card = self.0.board.card(call);
        Some(Offer {
            call: call.clone(),
            reason: wanted.map(|w| w.reason.clone()).unwrap_or_default(),
            skill: wanted.and_then(|w| w.skill.clone()),
            grade: state
                .queue
                .grade(call)
                .or(card.as_ref().and_then(|c| c.grade)),
            lead: OfferLead {
                name: card.and_then(|c| c.lead.name),
            },
            rings_until_unix_ms: *until,
        })
    }
}

fn line_kind(seat: &Seat) -> Option<LineKind> {
    if seat.line {
        Some(LineKind::Browser)
    } else {
        seat.member.uri.as_ref().map(|_| LineKind::Sip)
    }
}

fn skills_of(seat: &Seat) -> Vec<String> {
    seat.member.skills.iter().map(|s| s.name.clone()).collect()
}

pub(super) fn day_of(seat: &Seat, now: i64) -> Option<jiff::civil::Date> {
    let at = jiff::Timestamp::from_millisecond(now).ok()?;
    Some(seat.member.zone.to_datetime(at).date())
}

pub(super) fn agent_state(state: &State, seat: &Seat) -> AgentState {
    let told = state.told.get(&seat.member.id);
    AgentState {
        user: seat.member.user.unwrap_or(0),
        id: seat.member.id.clone(),
        name: seat.member.name.clone(),
        presence: seat.at.presence(),
        since_unix_ms: seat.since,
        skills: skills_of(seat),
        call: seat.at.call().cloned(),
        line: line_kind(seat),
        calls_today: told.map_or(0, |t| t.today.calls),
        talk_today_ms: told.map_or(0, |t| t.today.talk_ms),
    }
}
