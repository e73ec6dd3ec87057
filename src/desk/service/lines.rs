//! Everybody's audio lines: one a user, whatever browser it is in.

use super::{Desk, DeskError, seat_of};
use crate::call::headset::Line;
use crate::desk::browser::{Gate, Link, Peer};
use crate::store::TenantId;
use crate::terms::CallId;
use std::sync::Arc;

/// Browsers of one user that may be connecting while one is connected.
const MOST_PEERS: usize = 3;

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user: i64,
    pub tenant: TenantId,
    /// What people read.
    pub name: String,
}

/// A browser's offer was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    pub sdp: String,
    /// The line's id.
    pub line: String,
}

/// One user's line.
pub(super) struct UserLine {
    pub tenant: TenantId,
    pub line: Line,
    pub gate: Gate,
    /// The user's seat, when he is an agent.
    pub agent: Option<String>,
    /// The browser that is connected, by number.
    pub up: Option<u64>,
    /// The call he talks or listens to.
    pub on: Option<CallId>,
    /// The newest browser's number.
    newest: u64,
    /// Connected or connecting, oldest first.
    peers: Vec<(u64, Peer)>,
}

impl UserLine {
    /// He is out of a call: what his browser sends goes nowhere.
    pub fn out_of(&mut self, call: &CallId) {
        if self.on.as_ref() == Some(call) {
            self.on = None;
            self.gate.set(false);
        }
    }
}

impl Desk {
    /// Answers a browser's offer. When it has connected it takes the place of the user's browser before, in the same call.
    ///
    /// # Errors
    /// The offer cannot be answered, or there is no place.
    pub async fn connect(&self, who: &Person, offer: &str) -> Result<Connected, DeskError> {
        let (line, gate, number) = {
            let mut state = self.lock();
            let agent = seat_of(&state.queue, who.user).map(|s| s.member.id.clone());
            let id = agent
                .clone()
                .unwrap_or_else(|| format!("user-{}", who.user));
            let user_line = state.lines.entry(who.user).or_insert_with(|| UserLine {
                tenant: who.tenant,
                line: Line::new(id, &who.name),
                gate: Gate::default(),
                agent: agent.clone(),
                up: None,
                on: None,
                newest: 0,
                peers: Vec::new(),
            });
            user_line.agent = agent;
            user_line.newest += 1;
            (
                user_line.line.clone(),
                user_line.gate.clone(),
                user_line.newest,
            )
        };
        let on_link = {
            let (desk, user) = (Arc::downgrade(&self.0), who.user);
            Box::new(move |link| {
                if let Some(desk) = desk.upgrade() {
                    Desk(desk).linked(user, number, link);
                }
            })
        };
        let answered = self.0.browsers.answer(&line, &gate, offer, on_link).await?;
        let mut state = self.lock();
        if let Some(user_line) = state.lines.get_mut(&who.user) {
            user_line.peers.push((number, answered.peer));
            let up = user_line.up;
            if user_line.peers.len() > MOST_PEERS
                && let Some(old) = user_line.peers.iter().position(|(n, _)| Some(*n) != up)
            {
                user_line.peers.remove(old);
            }
        }
        Ok(Connected {
            sdp: answered.sdp,
            line: line.id().to_string(),
        })
    }

    /// Hangs the user's browsers up; a call goes on without him.
    pub fn disconnect(&self, user: i64) {
        let peers = self
            .lock()
            .lines
            .get_mut(&user)
            .map(|l| std::mem::take(&mut l.peers));
        drop(peers);
    }

    /// A browser's connection changed.
    fn linked(&self, user: i64, number: u64, link: Link) {
        let now = self.now();
        let seat = self.act(|state, out| {
            let line = state.lines.get_mut(&user)?;
            match link {
                Link::Up if line.up.is_none_or(|up| up <= number) => {
                    line.up = Some(number);
                    line.peers.retain(|(n, _)| *n >= number);
                }
                Link::Up => {}
                Link::Down | Link::Over => {
                    if line.up == Some(number) {
                        line.up = None;
                    }
                    if link == Link::Over {
                        line.peers.retain(|(n, _)| *n != number);
                    }
                }
            }
            let (agent, up) = (line.agent.clone(), line.up.is_some());
            if let Some(agent) = &agent {
                state.queue.line(now, agent, up, out);
            }
            agent
        });
        if seat.is_none() {
            self.tell_me(user);
        }
    }
}
