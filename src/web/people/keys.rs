//! API keys.

use super::super::Web;
use super::super::access::{May, Role};
use super::super::account::secret;
use super::super::answer::{Answer, Refusal};
use super::super::guard::Who;
use super::super::guard::identity::KEY;
use super::Page;
use crate::store::{KeyRow, NewKey};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Shown of a key in lists: `csk_` and six letters.
const SHOWN: usize = KEY.len() + 6;

pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(revoke))
}

/// Another program's way in.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 3, "name": "crm", "role": "ops", "scopes": ["campaigns.view"], "prefix": "csk_x7Fq2a", "created_unix_ms": 1_790_000_000_000_i64, "last_used_unix_ms": null, "expires_unix_ms": null, "revoked": false}))]
struct ApiKey {
    id: i64,
    name: String,
    role: Role,
    /// The permissions it has.
    scopes: Vec<String>,
    /// Its first letters, to tell keys apart.
    prefix: String,
    created_unix_ms: i64,
    /// To the minute.
    last_used_unix_ms: Option<i64>,
    expires_unix_ms: Option<i64>,
    revoked: bool,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = Refusal;

    fn try_from(row: KeyRow) -> Result<ApiKey, Refusal> {
        Ok(ApiKey {
            role: Role::parse(&row.role).ok_or_else(Refusal::broken)?,
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            prefix: row.prefix,
            created_unix_ms: row.created_unix_ms,
            last_used_unix_ms: row.last_used_unix_ms,
            expires_unix_ms: row.expires_unix_ms,
            revoked: row.revoked,
        })
    }
}

#[derive(Serialize, ToSchema)]
struct Keys {
    items: Vec<ApiKey>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "crm", "role": "ops", "scopes": ["campaigns.view", "lists.upload"]}))]
struct AddKey {
    name: String,
    role: Role,
    /// Permissions, all of which the role has.
    scopes: Vec<String>,
    expires_unix_ms: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct Added {
    key: ApiKey,
    /// The key itself, shown this once.
    #[schema(example = "csk_x7Fq2a…")]
    secret: String,
}

/// The tenant's API keys, the newest first.
#[utoipa::path(get, path = "/keys", tag = "people", params(Page), responses((status = 200, body = Keys)))]
async fn list(State(web): State<Web>, who: Who, Query(page): Query<Page>) -> Answer<Json<Keys>> {
    let rows = web
        .store
        .keys(who.tenant, page.after()?, page.limit())
        .await?;
    let next = page.next(rows.len(), rows.last().map(|r| r.id));
    let items = rows.into_iter().map(ApiKey::try_from);
    Ok(Json(Keys {
        items: items.collect::<Result<_, _>>()?,
        next,
    }))
}

/// A new API key.
#[utoipa::path(post, path = "/keys", tag = "people", request_body = AddKey, responses((status = 201, body = Added)))]
async fn add(
    State(web): State<Web>,
    who: Who,
    Json(body): Json<AddKey>,
) -> Answer<(StatusCode, Json<Added>)> {
    if who.key.is_some() {
        return Err(Refusal::forbidden(
            "key",
            "an API key makes no further keys; log in",
        ));
    }
    let name = body.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(Refusal::field("name", "give 1 to 80 letters"));
    }
    let scopes = check_scopes(body.role, &body.scopes)?;
    if body
        .expires_unix_ms
        .is_some_and(|t| t <= web.clock.unix_ms())
    {
        return Err(Refusal::field("expires_unix_ms", "it lies in the past"));
    }
    let secret = format!("{KEY}{}", secret::fresh());
    let new = NewKey {
        tenant: who.tenant,
        user: who.user,
        name: name.into(),
        role: body.role.code().into(),
        prefix: secret[..SHOWN].into(),
        hash: secret::hash(&secret),
        scopes,
        expires_unix_ms: body.expires_unix_ms,
    };
    let detail = json!({"role": new.role, "scopes": new.scopes, "prefix": new.prefix});
    let witness = who.did("keys.add", format!("key:{name}"), detail);
    let key = web.store.key_add(&new, &witness).await?.try_into()?;
    Ok((StatusCode::CREATED, Json(Added { key, secret })))
}

/// Revoke an API key: its next request is refused, its open streams end.
#[utoipa::path(delete, path = "/keys/{key}", tag = "people", params(("key" = i64, Path)), responses((status = 204)))]
async fn revoke(State(web): State<Web>, who: Who, Path(id): Path<i64>) -> Answer<StatusCode> {
    let witness = who.did("keys.revoke", format!("key:{id}"), json!({}));
    web.store.key_revoke(id, &witness).await?;
    web.account.people_changed();
    Ok(StatusCode::NO_CONTENT)
}

fn check_scopes(role: Role, scopes: &[String]) -> Result<Vec<String>, Refusal> {
    if scopes.is_empty() {
        return Err(Refusal::field(
            "scopes",
            "name what the key may do: a key without scopes can do nothing",
        ));
    }
    let mut checked = Vec::new();
    for code in scopes {
        let may = May::ALL.iter().find(|m| m.code() == code);
        let may = may
            .ok_or_else(|| Refusal::field("scopes", format!("there is no permission {code:?}")))?;
        if !may.roles().contains(&role) {
            return Err(Refusal::field(
                "scopes",
                format!("the role {} does not have {code}", role.code()),
            ));
        }
        if !checked.contains(code) {
            checked.push(code.clone());
        }
    }
    Ok(checked)
}
