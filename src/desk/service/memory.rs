//! What the desk reads from the database and what it writes there.

use super::views::day_of;
use super::{Desk, Jotting};
use crate::desk::member::Member;
use crate::desk::presence::{At, Presence, Wish};
use crate::desk::roster;
use crate::store::Store;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

impl Desk {
    /// Seats for the users who are agents now, and for the agents of a file.
    pub(super) async fn staff_from_users(&self, known: &mut Vec<Member>) {
        let Some(store) = &self.0.store else { return };
        match roster::of_users(store).await {
            Ok(users) if users != *known => {
                let mut members = users.clone();
                // A user's name counts where a file has the same.
                let file = self.0.settings.agents.iter();
                members.extend(file.filter(|a| users.iter().all(|u| u.id != a.id)).cloned());
                *known = users;
                self.staff(members);
            }
            Ok(_) => {}
            Err(e) => warn!("the agents cannot be read: {e}"),
        }
    }

    /// Agents of phones are what they were before a restart, and today's work is counted on.
    pub(super) async fn restore(&self) {
        let Some(store) = &self.0.store else { return };
        let now = self.now();
        let today = jiff::Timestamp::from_millisecond(now)
            .ok()
            .and_then(|t| t.to_zoned(jiff::tz::TimeZone::system()).start_of_day().ok())
            .map_or(now, |t| t.timestamp().as_millisecond());
        let (last, worked) = tokio::join!(store.desk_last_presence(), store.desk_worked(today));
        let (Ok(last), Ok(worked)) = (last, worked) else {
            warn!("the desk's log cannot be read; agents begin offline");
            return;
        };
        self.act(|state, out| {
            for (agent, presence) in last {
                let wish = match Presence::parse(&presence) {
                    Some(Presence::Break) => Wish::Break,
                    Some(Presence::Offline) | None => continue,
                    Some(_) => Wish::Ready,
                };
                let absent = state
                    .queue
                    .seat(&agent)
                    .is_some_and(|s| s.at == At::Offline);
                if absent {
                    state.queue.restore(now, &agent, wish, out);
                }
            }
            for (agent, worked) in worked {
                if let Some(seat) = state.queue.seat(&agent) {
                    let day = day_of(seat, now);
                    let told = state.told.entry(agent).or_default();
                    (told.day, told.today) = (day, worked);
                }
            }
        });
    }
}

/// Writes the desk's log until told to stop, and what waits then.
pub(super) async fn write(
    store: Store,
    mut notes: mpsc::Receiver<Jotting>,
    stop: CancellationToken,
) {
    loop {
        let jotting = tokio::select! {
            biased;
            jotting = notes.recv() => jotting,
            () = stop.cancelled() => None,
        };
        let written = match jotting {
            None => return,
            Some(Jotting::Note(who, note, at)) => store.desk_note(&who, &note, at).await,
            Some(Jotting::Task {
                tenant,
                call,
                reason,
                due_unix_ms,
                now_unix_ms,
            }) => {
                store
                    .desk_task_add(tenant, &call, &reason, due_unix_ms, now_unix_ms)
                    .await
            }
        };
        if let Err(e) = written {
            warn!("the desk's log lacks a line: {e}");
        }
    }
}
