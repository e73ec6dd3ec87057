//! One-time links: how the first admin, invited people and the demo's visitors get in.

use super::secret;
use crate::store::{Account, AuditEntry, NewUser, Store, StoreError, TenantId};
use crate::web::access::Role;
use serde_json::json;

/// Setup and invitation links work for a day.
const LASTS_MS: i64 = 24 * 3_600_000;
/// The demo's links work while it runs; the server of another start is no demo or has its own.
const DEMO_LASTS_MS: i64 = 30 * 24 * 3_600_000;
const SETUP: &str = "setup";
const INVITE: &str = "invite";
pub(super) const DEMO: &str = "demo";
const FIRST_ADMIN: &str = "admin";

/// The demo's people: login name, shown name, role.
pub const DEMO_PEOPLE: [(&str, &str, Role); 6] = [
    ("demo-admin", "Ada (admin)", Role::Admin),
    ("demo-ops", "Olaf (operations)", Role::Ops),
    (
        "demo-supervisor",
        "Sun Li 孙丽 (supervisor)",
        Role::Supervisor,
    ),
    ("demo-agent-1", "Anna (agent 1)", Role::Agent),
    ("demo-agent-2", "An Bo 安博 (agent 2)", Role::Agent),
    ("demo-auditor", "Otto (auditor)", Role::Auditor),
];

/// A link by which the first admin chooses a password: `None` once there is one who can log in. A link of an earlier
/// start is void. Until it is used nobody can log in at all.
///
/// # Errors
/// The database cannot be written.
pub async fn first_link(store: &Store, base_url: &str) -> Result<Option<String>, StoreError> {
    if store.has_admin().await? {
        return Ok(None);
    }
    let user = first_admin(store).await?;
    let url = new_link(
        store,
        user,
        SETUP,
        LASTS_MS,
        base_url,
        &by_program("setup", FIRST_ADMIN),
    )
    .await?;
    Ok(Some(url))
}

/// A link by which a person chooses a new password, for the command line; `None` when there is nobody of this name.
///
/// # Errors
/// The database cannot be written.
pub async fn invite(
    store: &Store,
    name: &str,
    base_url: &str,
) -> Result<Option<String>, StoreError> {
    let name = name.trim().to_lowercase();
    let Some((account, _)) = store.account_named(&name).await? else {
        return Ok(None);
    };
    let mut witness = by_program("users.link", &name);
    witness.tenant = account.tenant.id;
    let url = new_link(store, account.user.id, INVITE, LASTS_MS, base_url, &witness).await?;
    Ok(Some(url))
}

/// A new person of a tenant and the link by which they choose their password, for the command line; `None` when the
/// name is taken.
///
/// # Errors
/// The database cannot be written.
pub async fn add_person(
    store: &Store,
    tenant: TenantId,
    name: &str,
    role: Role,
    base_url: &str,
) -> Result<Option<String>, StoreError> {
    let new = NewUser::named(tenant, name.trim(), role.code());
    let mut witness = by_program("users.add", &new.name);
    witness.tenant = tenant;
    if store.user_add(&new, &witness).await?.is_none() {
        return Ok(None);
    }
    invite(store, &new.name, base_url).await
}

/// One person for each role (two agents), with links that log in at once and again and again while the demo runs.
///
/// # Errors
/// The database cannot be written.
pub async fn demo_links(store: &Store, base_url: &str) -> Result<Vec<(Role, String)>, StoreError> {
    let mut links = Vec::new();
    for (name, display, role) in DEMO_PEOPLE {
        let user = person(store, name, display, role).await?;
        let witness = by_program("demo", name);
        let url = new_link(store, user, DEMO, DEMO_LASTS_MS, base_url, &witness).await?;
        links.push((role, url));
    }
    Ok(links)
}

/// Makes a link; an earlier one of its kind is void.
///
/// # Errors
/// The database cannot be written.
async fn new_link(
    store: &Store,
    user: i64,
    kind: &str,
    lasts_ms: i64,
    base_url: &str,
    witness: &AuditEntry,
) -> Result<String, StoreError> {
    let token = secret::fresh();
    store
        .link_add(user, &secret::hash(&token), kind, lasts_ms, witness)
        .await?;
    // Behind the #: browsers keep that to themselves, so it stands in no log.
    Ok(format!("{}/#/link/{token}", base_url.trim_end_matches('/')))
}

/// An invitation on an admin's behalf.
///
/// # Errors
/// The database cannot be written.
pub(in crate::web) async fn invitation(
    store: &Store,
    user: i64,
    base_url: &str,
    witness: &AuditEntry,
) -> Result<String, StoreError> {
    new_link(store, user, INVITE, LASTS_MS, base_url, witness).await
}

/// The platform's admin who has no password yet. A merchant may have taken the name.
async fn first_admin(store: &Store) -> Result<i64, StoreError> {
    for n in 1_u32.. {
        let name = match n {
            1 => FIRST_ADMIN.to_string(),
            n => format!("{FIRST_ADMIN}-{n}"),
        };
        let id = person(store, &name, &name, Role::Admin).await?;
        let ours = |a: &Account| {
            a.tenant.id == TenantId::PLATFORM && a.user.role == Role::Admin.code() && a.open()
        };
        if store.account(id).await?.as_ref().is_some_and(ours) {
            return Ok(id);
        }
    }
    Err(StoreError::Other("every name is taken".into()))
}

/// The person of this name, made when there is none.
async fn person(store: &Store, name: &str, display: &str, role: Role) -> Result<i64, StoreError> {
    if let Some((account, _)) = store.account_named(name).await? {
        return Ok(account.user.id);
    }
    let mut new = NewUser::named(TenantId::PLATFORM, name, role.code());
    new.display = display.into();
    if role == Role::Agent {
        // What the delivered dialplans ask for, and both languages.
        new.skills = ["sales", "zh", "en"].map(Into::into).into();
    }
    let id = store.user_add(&new, &by_program("users.add", name)).await?;
    id.ok_or_else(|| StoreError::Other(format!("user {name} came and went")))
}

/// What the program itself does, or somebody at its command line.
fn by_program(action: &str, name: &str) -> AuditEntry {
    AuditEntry {
        tenant: TenantId::PLATFORM,
        who: "callsmith".into(),
        role: "program".into(),
        action: action.into(),
        object: format!("user:{name}"),
        detail: json!({}),
    }
}
