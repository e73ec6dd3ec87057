//! Every object in a path must belong to the tenant that is acted for.

use super::super::Web;
use super::super::access::Role;
use super::super::answer::Refusal;
use super::Who;
use crate::store::{Kind, TenantId};
use crate::terms::CallId;

/// What a path parameter names.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// An object with an owner.
    Object(Kind),
    /// A word that means something only within the tenant (a dialplan's name, a tag): the handler's queries hold the
    /// tenant.
    Word,
    /// Not known: the route is closed.
    Unknown,
}

/// What `{name}` means in this route.
#[must_use]
pub fn param(path: &str, name: &str) -> Param {
    Param::Object(match name {
        "call" => Kind::Call,
        "campaign" => Kind::Campaign,
        "contact" => Kind::Contact,
        "delivery" => Kind::Delivery,
        "entry" => Kind::DncEntry,
        "follow_up" => Kind::FollowUp,
        "hook" => Kind::Hook,
        "job" => Kind::Job,
        "key" => Kind::Key,
        "lead" => Kind::Lead,
        "list" => Kind::List,
        "note" => Kind::Note,
        "rehearsal" => Kind::Rehearsal,
        "task" => Kind::Task,
        "tenant" => Kind::Tenant,
        "user" => Kind::User,
        "word" => Kind::Word,
        "id" if path.contains("/follow_ups/") => Kind::FollowUp,
        "id" if path.contains("/suggestions/") => return Param::Word,
        "name" | "suggestion" | "tag" | "version" => return Param::Word,
        _ => return Param::Unknown,
    })
}

/// Refuses an object of another tenant as if there were none.
///
/// # Errors
/// 404; 403 for a parameter nobody has a rule for.
pub async fn owned<'a>(
    web: &Web,
    who: &Who,
    path: &str,
    params: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), Refusal> {
    for (name, id) in params {
        let kind = match param(path, name) {
            Param::Object(kind) => kind,
            Param::Word => continue,
            Param::Unknown => {
                return Err(Refusal::forbidden(
                    "closed",
                    format!("nobody says whose a {name} is"),
                ));
            }
        };
        let ours = match kind {
            Kind::Call => call_is_of(web, id, who.tenant).await?,
            Kind::List | Kind::Job | Kind::Rehearsal => {
                web.account.owners.of(kind, id) == Some(who.tenant)
            }
            // Tenants are asked for only by the platform, whose they all are.
            Kind::Tenant => tenant_exists(web, id).await?,
            _ => web.store.belongs(kind, id, who.tenant).await?,
        };
        let absent = || Refusal::not_found(format!("such {name}"));
        if !ours {
            return Err(absent());
        }
        if kind == Kind::Call && who.role == Role::Agent && !agent_may(web, who, id) {
            return Err(absent());
        }
    }
    Ok(())
}

/// A call is live, a rehearsal's, or over.
async fn call_is_of(web: &Web, id: &str, tenant: TenantId) -> Result<bool, Refusal> {
    let live = web.board.tenant_of(&CallId(id.to_string()));
    if let Some(owner) = live.or_else(|| web.account.owners.of(Kind::Call, id)) {
        return Ok(owner == tenant);
    }
    Ok(web.store.belongs(Kind::Call, id, tenant).await?)
}

async fn tenant_exists(web: &Web, id: &str) -> Result<bool, Refusal> {
    match id.parse() {
        Ok(id) => Ok(web.store.tenant(TenantId(id)).await?.is_some()),
        Err(_) => Ok(false),
    }
}

/// Agents reach the calls that are offered to them, that they are on, or that they wrap up; no others.
fn agent_may(web: &Web, who: &Who, id: &str) -> bool {
    let call = CallId(id.to_string());
    let on_it = web
        .board
        .card(&call)
        .and_then(|card| card.agent)
        .is_some_and(|agent| agent.user == Some(who.user));
    on_it || web.account.agent_may(who.user, &call)
}
