//! The people of a tenant.

use super::super::Web;
use super::super::access::Role;
use super::super::account::invitation;
use super::super::answer::{Answer, Refusal};
use super::super::guard::Who;
use super::{BaseUrl, Page};
use crate::desk::hours::Hours;
use crate::store::{NewUser, UserChange, UserChanged, UserRow};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change))
        .routes(routes!(link))
}

/// Somebody who works here.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 7, "name": "lin", "display": "Lin Xiaoyu", "role": "agent", "tenant": 1, "skills": ["loans"], "sip_uri": null, "hours": "mon-fri 09:00-18:00; sat 10:00-14:00", "tz": "Asia/Shanghai", "disabled": false, "created_unix_ms": 1_790_000_000_000_i64, "last_login_unix_ms": null}))]
pub struct User {
    pub id: i64,
    /// What they log in with.
    pub name: String,
    pub display: String,
    pub role: Role,
    pub tenant: i64,
    /// Which hot leads are offered to them.
    pub skills: Vec<String>,
    /// Where their SIP phone rings.
    pub sip_uri: Option<String>,
    /// Working hours in `tz`; none: always.
    pub hours: Option<String>,
    pub tz: Option<String>,
    pub disabled: bool,
    pub created_unix_ms: i64,
    pub last_login_unix_ms: Option<i64>,
}

impl TryFrom<UserRow> for User {
    type Error = Refusal;

    fn try_from(row: UserRow) -> Result<User, Refusal> {
        Ok(User {
            role: Role::parse(&row.role).ok_or_else(Refusal::broken)?,
            id: row.id,
            name: row.name,
            display: row.display,
            tenant: row.tenant.0,
            skills: row.skills,
            sip_uri: row.sip_uri,
            hours: row.hours,
            tz: row.tz,
            disabled: row.disabled,
            created_unix_ms: row.created_unix_ms,
            last_login_unix_ms: row.last_login_unix_ms,
        })
    }
}

#[derive(Serialize, ToSchema)]
struct Users {
    items: Vec<User>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "lin", "display": "Lin Xiaoyu", "role": "agent", "skills": ["loans"]}))]
struct AddUser {
    /// Two to forty small letters, digits and `. _ -`, or letters of another script; one person over all tenants.
    name: String,
    display: Option<String>,
    role: Role,
    #[serde(default)]
    skills: Vec<String>,
    sip_uri: Option<String>,
    hours: Option<String>,
    tz: Option<String>,
}

/// What to change; what is left out stays, `null` empties.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"role": "supervisor", "sip_uri": null}))]
struct ChangeUser {
    display: Option<String>,
    role: Option<Role>,
    skills: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    sip_uri: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    hours: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    tz: Option<Option<String>>,
    disabled: Option<bool>,
}

/// `null` is something else than nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"url": "https://desk.example.com/#/link/mB1c…"}))]
struct Link {
    url: String,
}

/// The tenant's people.
#[utoipa::path(get, path = "/users", tag = "people", params(Page), responses((status = 200, body = Users)))]
async fn list(State(web): State<Web>, who: Who, Query(page): Query<Page>) -> Answer<Json<Users>> {
    let after = page.after()?.unwrap_or(0);
    let rows = web.store.users(who.tenant, after, page.limit()).await?;
    let next = page.next(rows.len(), rows.last().map(|r| r.id));
    let items = rows.into_iter().map(User::try_from);
    Ok(Json(Users {
        items: items.collect::<Result<_, _>>()?,
        next,
    }))
}

/// A new person. They get in by a link: `POST /users/{user}/link`.
#[utoipa::path(post, path = "/users", tag = "people", request_body = AddUser, responses(
    (status = 201, body = User),
    (status = 409, description = "The name is taken"),
))]
async fn add(
    State(web): State<Web>,
    who: Who,
    Json(body): Json<AddUser>,
) -> Answer<(StatusCode, Json<User>)> {
    let name = check_name("name", &body.name)?;
    let display = body.display.as_deref().unwrap_or(&body.name);
    let new = NewUser {
        tenant: who.tenant,
        display: check_display(display)?,
        role: body.role.code().into(),
        skills: check_skills(&body.skills)?,
        sip_uri: body.sip_uri.as_deref().map(check_sip_uri).transpose()?,
        hours: body.hours.as_deref().map(check_hours).transpose()?,
        tz: body.tz.as_deref().map(check_tz).transpose()?,
        name,
    };
    let detail = json!({"role": new.role, "skills": new.skills});
    let witness = who.did("users.add", format!("user:{}", new.name), detail);
    let id = web.store.user_add(&new, &witness).await?;
    let id = id.ok_or_else(|| {
        Refusal::conflict(
            "taken",
            format!("there is a user {} already; choose another name", new.name),
        )
    })?;
    Ok((StatusCode::CREATED, Json(read(&web, id).await?)))
}

/// Change a person. Who is disabled is logged out at once, everywhere.
#[utoipa::path(patch, path = "/users/{user}", tag = "people", params(("user" = i64, Path)), request_body = ChangeUser, responses(
    (status = 200, body = User),
    (status = 409, description = "It would lock out yourself or the last admin"),
))]
async fn change(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(body): Json<ChangeUser>,
) -> Answer<Json<User>> {
    if id == who.user && (body.disabled == Some(true) || body.role.is_some_and(|r| r != who.role)) {
        return Err(Refusal::conflict(
            "yourself",
            "nobody locks themselves out or changes their own role; another admin can",
        ));
    }
    let before = read(&web, id).await?;
    let some = |value: &Option<Option<String>>, check: fn(&str) -> Result<String, Refusal>| {
        let inner = value.as_ref().map(Option::as_deref);
        inner
            .map(|v| v.filter(|v| !v.trim().is_empty()).map(check).transpose())
            .transpose()
    };
    let change = UserChange {
        display: body.display.as_deref().map(check_display).transpose()?,
        role: body.role.map(|r| r.code().to_string()),
        skills: body.skills.as_deref().map(check_skills).transpose()?,
        sip_uri: some(&body.sip_uri, check_sip_uri)?,
        hours: some(&body.hours, check_hours)?,
        tz: some(&body.tz, check_tz)?,
        disabled: body.disabled,
    };
    let detail = json!({
        "role": change.role, "disabled": change.disabled, "skills": change.skills, "hours": change.hours.is_some(),
        "sip_uri": change.sip_uri.is_some(), "display": change.display.is_some(),
    });
    let witness = who.did("users.change", format!("user:{}", before.name), detail);
    if web.store.user_change(id, &change, &witness).await? == UserChanged::LastAdmin {
        return Err(Refusal::conflict(
            "last_admin",
            "this is the last admin: make another one first",
        ));
    }
    web.account.people_changed();
    Ok(Json(read(&web, id).await?))
}

/// A link by which a person chooses a new password: an invitation, or help for who forgot it. A day, once.
#[utoipa::path(post, path = "/users/{user}/link", tag = "people", params(("user" = i64, Path)), responses(
    (status = 200, body = Link),
    (status = 409, description = "The person is disabled"),
))]
async fn link(
    State(web): State<Web>,
    who: Who,
    base: BaseUrl,
    Path(id): Path<i64>,
) -> Answer<Json<Link>> {
    let user = read(&web, id).await?;
    if user.disabled {
        return Err(Refusal::conflict(
            "disabled",
            format!("{} is disabled; end that first", user.name),
        ));
    }
    let witness = who.did("users.link", format!("user:{}", user.name), json!({}));
    let url = invitation(&web.store, id, &base.0, &witness).await?;
    Ok(Json(Link { url }))
}

async fn read(web: &Web, id: i64) -> Answer<User> {
    let found = web.store.account(id).await?;
    let found = found.ok_or_else(|| Refusal::not_found("such user"))?;
    found.user.try_into()
}

/// A login name.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(field: &str, name: &str) -> Result<String, Refusal> {
    let name = name.trim().to_lowercase();
    let length = name.chars().count();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if !(2..=40).contains(&length) || !name.chars().all(fits) {
        return Err(Refusal::field(
            field,
            "give 2 to 40 letters, digits and . _ - @, no spaces",
        ));
    }
    Ok(name)
}

fn check_display(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(Refusal::field("display", "give 1 to 80 letters"));
    }
    Ok(name.to_string())
}

fn check_skills(skills: &[String]) -> Result<Vec<String>, Refusal> {
    if skills.len() > 50 {
        return Err(Refusal::field("skills", "give at most 50"));
    }
    let mut checked: Vec<String> = Vec::new();
    for skill in skills {
        let skill = skill.trim();
        if skill.is_empty() || skill.chars().count() > 40 || skill.chars().any(char::is_control) {
            return Err(Refusal::field("skills", "each has 1 to 40 letters"));
        }
        if !checked.iter().any(|s| s == skill) {
            checked.push(skill.to_string());
        }
    }
    Ok(checked)
}

/// The robot's server dials this, so only what is plainly one address goes in.
fn check_sip_uri(uri: &str) -> Result<String, Refusal> {
    let uri = uri.trim();
    let rest = uri
        .strip_prefix("sip:")
        .or_else(|| uri.strip_prefix("sips:"));
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ',' | '?');
    match rest {
        Some(rest) if (3..=200).contains(&rest.len()) && rest.chars().all(fits) => {
            Ok(uri.to_string())
        }
        _ => Err(Refusal::field(
            "sip_uri",
            "give an address like sip:lin@192.0.2.7",
        )),
    }
}

fn check_hours(hours: &str) -> Result<String, Refusal> {
    let hours = hours.trim();
    match Hours::parse(hours) {
        Ok(_) if hours.chars().count() <= 200 => Ok(hours.to_string()),
        Ok(_) => Err(Refusal::field("hours", "give at most 200 letters")),
        Err(e) => Err(Refusal::field("hours", e)),
    }
}

fn check_tz(tz: &str) -> Result<String, Refusal> {
    let tz = tz.trim();
    match jiff::tz::TimeZone::get(tz) {
        Ok(_) => Ok(tz.to_string()),
        Err(_) => Err(Refusal::field(
            "tz",
            format!("there is no time zone {tz:?}; give one like Asia/Shanghai"),
        )),
    }
}
