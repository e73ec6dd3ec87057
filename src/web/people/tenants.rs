//! The platform's merchants.

use super::super::Web;
use super::super::account::invitation;
use super::super::answer::{Answer, Refusal};
use super::super::guard::Who;
use super::BaseUrl;
use super::users::check_name;
use crate::store::{NewUser, TenantChange, TenantId, TenantRow};
use crate::web::access::Role;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change))
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The platform's people may act for it.
    Managed,
    /// They may not.
    SelfGoverning,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    Platform,
    Merchant,
}

/// The platform itself, or a merchant.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 2, "name": "Jade Homes", "kind": "merchant", "mode": "managed", "suspended": false}))]
pub struct Tenant {
    pub id: i64,
    pub name: String,
    pub kind: TenantKind,
    pub mode: Mode,
    pub suspended: bool,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Tenant {
        Tenant {
            id: row.id.0,
            name: row.name,
            kind: if row.platform {
                TenantKind::Platform
            } else {
                TenantKind::Merchant
            },
            mode: if row.managed {
                Mode::Managed
            } else {
                Mode::SelfGoverning
            },
            suspended: row.suspended,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Tenants {
    items: Vec<Tenant>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "Jade Homes", "mode": "managed", "admin": "jade"}))]
struct NewTenant {
    name: String,
    #[serde(default = "managed")]
    mode: Mode,
    /// The login name of its first admin, who gets the link in the answer.
    admin: Option<String>,
}

const fn managed() -> Mode {
    Mode::Managed
}

#[derive(Serialize, ToSchema)]
struct Added {
    #[serde(flatten)]
    tenant: Tenant,
    /// By it the first admin chooses a password; a day, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"suspended": true}))]
struct ChangeTenant {
    name: Option<String>,
    mode: Option<Mode>,
    /// Its people and API keys are locked out at once.
    suspended: Option<bool>,
}

/// All tenants.
#[utoipa::path(get, path = "/tenants", tag = "people", responses((status = 200, body = Tenants)))]
async fn list(State(web): State<Web>, _who: Who) -> Answer<Json<Tenants>> {
    let all = web.store.tenants().await?;
    Ok(Json(Tenants {
        items: all.into_iter().map(Tenant::from).collect(),
        next: None,
    }))
}

/// A new merchant, with its first admin.
///
/// A self-governing merchant needs the admin named here: nobody of the platform can add one later.
#[utoipa::path(post, path = "/tenants", tag = "people", request_body = NewTenant, responses(
    (status = 201, body = Added),
    (status = 409, description = "The name is taken"),
))]
async fn add(
    State(web): State<Web>,
    who: Who,
    base: BaseUrl,
    Json(body): Json<NewTenant>,
) -> Answer<(StatusCode, Json<Added>)> {
    let name = tenant_name(&body.name)?;
    let admin = body
        .admin
        .as_deref()
        .map(|a| check_name("admin", a))
        .transpose()?;
    if body.mode == Mode::SelfGoverning && admin.is_none() {
        return Err(Refusal::field(
            "admin",
            "name the first admin: nobody else can let people into a tenant that governs itself",
        ));
    }
    if let Some(admin) = &admin
        && web.store.account_named(admin).await?.is_some()
    {
        return Err(Refusal::conflict(
            "taken",
            format!("there is a user {admin} already"),
        ));
    }
    let witness = who.did(
        "tenants.add",
        format!("tenant:{name}"),
        json!({"mode": body.mode}),
    );
    let id = web
        .store
        .tenant_add(&name, body.mode == Mode::Managed, &witness)
        .await?
        .ok_or_else(|| taken(&name))?;
    let mut link = None;
    if let Some(admin) = admin {
        let new = NewUser::named(id, &admin, Role::Admin.code());
        let object = format!("user:{admin}");
        let mut witness = who.did("users.add", object.clone(), json!({"role": "admin"}));
        witness.tenant = id;
        let user = web.store.user_add(&new, &witness).await?;
        let user = user.ok_or_else(|| taken(&admin))?;
        let mut witness = who.did("users.link", object, json!({}));
        witness.tenant = id;
        link = Some(invitation(&web.store, user, &base.0, &witness).await?);
    }
    let row = web.store.tenant(id).await?;
    let tenant = row.ok_or_else(|| Refusal::not_found("such tenant"))?.into();
    Ok((StatusCode::CREATED, Json(Added { tenant, link })))
}

/// Rename, suspend or release a merchant, or change who governs it.
#[utoipa::path(patch, path = "/tenants/{tenant}", tag = "people", params(("tenant" = i64, Path)), request_body = ChangeTenant, responses(
    (status = 200, body = Tenant),
    (status = 409, description = "The name is taken, or it is the platform itself"),
))]
async fn change(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(body): Json<ChangeTenant>,
) -> Answer<Json<Tenant>> {
    let id = TenantId(id);
    let is_platform = id == TenantId::PLATFORM;
    if is_platform && (body.mode.is_some() || body.suspended.is_some()) {
        return Err(Refusal::conflict(
            "platform",
            "the platform itself can be renamed, but neither suspended nor governed by another",
        ));
    }
    let change = TenantChange {
        name: body.name.as_deref().map(tenant_name).transpose()?,
        managed: body.mode.map(|m| m == Mode::Managed),
        suspended: body.suspended,
    };
    let detail = json!({"name": change.name, "mode": body.mode, "suspended": body.suspended});
    let mut witness = who.did("tenants.change", format!("tenant:{}", id.0), detail);
    // The merchant sees it in its own log.
    witness.tenant = id;
    if !web.store.tenant_change(id, &change, &witness).await? {
        return Err(taken(&change.name.unwrap_or_default()));
    }
    web.account.people_changed();
    let row = web.store.tenant(id).await?;
    Ok(Json(
        row.ok_or_else(|| Refusal::not_found("such tenant"))?.into(),
    ))
}

fn tenant_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refusal::field("name", "give 1 to 100 letters"));
    }
    Ok(name.to_string())
}

fn taken(name: &str) -> Refusal {
    Refusal::conflict("taken", format!("{name} is taken; choose another name"))
}
