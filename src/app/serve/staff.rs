//! Who can be offered calls: people who work as agents, and the agents of the file. Kept up as people change.

use crate::desk::Desk;
use crate::desk::agent::Agent;
use crate::desk::board::{Board, Staff};
use crate::desk::hours::Hours;
use crate::desk::member::{Member, Skill};
use crate::store::{Store, StoreError, UserRow};
use crate::web::Web;
use crate::web::access::Role;
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// People are looked at this often even when nothing was told: the command line may have changed them.
const EVERY: Duration = Duration::from_secs(10);
/// More people than this in one tenant are no desk any more.
const MOST: u32 = 10_000;

/// Keeps the desk's list until `stop`.
pub async fn keep(web: Web, desk: Desk, file: Vec<Agent>, stop: CancellationToken) {
    let mut people = web.account.people_changes();
    let mut known = None;
    loop {
        match members(&web.store, &file).await {
            Ok(members) if known.as_ref() != Some(&members) => {
                tell(&web.board, &members);
                desk.staff(members.clone());
                known = Some(members);
            }
            Ok(_) => {}
            Err(e) => warn!("the list of agents cannot be read: {e}"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = people.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

fn tell(board: &Board, members: &[Member]) {
    let named = members
        .iter()
        .map(|m| (m.id.clone(), (m.user, m.name.clone())));
    board.staff(Staff(named.collect()));
}

async fn members(store: &Store, file: &[Agent]) -> Result<Vec<Member>, StoreError> {
    let mut members: Vec<Member> = Vec::new();
    for tenant in store.tenants().await? {
        if tenant.suspended {
            continue;
        }
        let users = store.users(tenant.id, 0, MOST).await?;
        members.extend(users.into_iter().filter(works_here).map(member));
    }
    for agent in file {
        if members.iter().all(|m| m.id != agent.id) {
            members.push(Member::from(agent.clone()));
        }
    }
    Ok(members)
}

/// Agents, and others who have a skill or a phone for it.
fn works_here(user: &UserRow) -> bool {
    let may = matches!(
        Role::parse(&user.role),
        Some(Role::Agent | Role::Supervisor | Role::Admin)
    );
    let asked =
        user.role == Role::Agent.code() || !user.skills.is_empty() || user.sip_uri.is_some();
    may && asked && !user.disabled
}

fn member(user: UserRow) -> Member {
    let hours = user.hours.as_deref().and_then(|text| {
        Hours::parse(text)
            .map_err(|e| warn!(user = user.id, "working hours are ignored: {e}"))
            .ok()
    });
    let zone = user.tz.as_deref().and_then(|tz| TimeZone::get(tz).ok());
    Member {
        user: Some(user.id),
        tenant: user.tenant,
        name: if user.display.is_empty() {
            user.name.clone()
        } else {
            user.display
        },
        id: user.name,
        uri: user.sip_uri,
        skills: user.skills.iter().map(|s| Skill::parse(s)).collect(),
        hours,
        zone: zone.unwrap_or_else(TimeZone::system),
    }
}
