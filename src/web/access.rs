//! Who may do what: permissions by role, and one rule for every route.

use super::PREFIX;
use super::guard::identity::COOKIE;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

/// What somebody is in their tenant.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Ops,
    Supervisor,
    Agent,
    Auditor,
}

impl Role {
    pub const ALL: [Role; 5] = [
        Role::Admin,
        Role::Ops,
        Role::Supervisor,
        Role::Agent,
        Role::Auditor,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Ops => "ops",
            Role::Supervisor => "supervisor",
            Role::Agent => "agent",
            Role::Auditor => "auditor",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.code() == code)
    }
}

macro_rules! permissions {
    ($($name:ident $code:literal $($role:ident)+;)+) => {
        /// A thing one may be allowed to do. The console hides what is not allowed, the guard refuses it.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum May { $($name),+ }

        impl May {
            pub const ALL: &[May] = &[$(May::$name),+];

            /// As API keys' scopes and the console name it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(May::$name => $code),+ }
            }

            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self { $(May::$name => &[$(Role::$role),+]),+ }
            }
        }
    };
}

permissions! {
    LiveView "live.view" Admin Ops Supervisor;
    CallsFollow "calls.follow" Admin Ops Supervisor Agent;
    CallsListen "calls.listen" Admin Supervisor;
    CallsWhisper "calls.whisper" Admin Supervisor;
    CallsSteer "calls.steer" Admin Supervisor;
    CallsBarge "calls.barge" Admin Supervisor;
    CallsTakeOver "calls.take_over" Admin Supervisor;
    CallsHandBack "calls.hand_back" Admin Supervisor Agent;
    CallsHangUp "calls.hang_up" Admin Supervisor Agent;
    CallsGrade "calls.grade" Admin Supervisor;
    DeskWork "desk.work" Admin Supervisor Agent;
    DeskLine "desk.line" Admin Ops Supervisor Agent;
    DeskView "desk.view" Admin Ops Supervisor;
    DeskTasks "desk.tasks" Admin Supervisor Agent;
    ListsUpload "lists.upload" Admin Ops;
    CampaignsView "campaigns.view" Admin Ops Supervisor Auditor;
    CampaignsEdit "campaigns.edit" Admin Ops;
    CampaignsExport "campaigns.export" Admin Ops;
    LeadsEdit "leads.edit" Admin Ops;
    CallsView "calls.view" Admin Ops Supervisor Auditor;
    CallsPlay "calls.play" Admin Supervisor Auditor;
    CallsSip "calls.sip" Admin Ops;
    QcReview "qc.review" Admin Supervisor;
    QcView "qc.view" Admin Supervisor Auditor;
    QcWords "qc.words" Admin Supervisor;
    StatsView "stats.view" Admin Ops Supervisor Auditor;
    ContactsView "contacts.view" Admin Ops Supervisor;
    ContactsEdit "contacts.edit" Admin Ops Supervisor;
    ContactsErase "contacts.erase" Admin;
    DncView "dnc.view" Admin Ops Supervisor Auditor;
    DncEdit "dnc.edit" Admin Ops Supervisor;
    DncRemove "dnc.remove" Admin;
    FollowUpsView "follow_ups.view" Admin Ops Supervisor;
    FollowUpsEdit "follow_ups.edit" Admin Ops Supervisor;
    WebhooksEdit "webhooks.edit" Admin Ops;
    DialplansView "dialplans.view" Admin Ops Supervisor Auditor;
    DialplansEdit "dialplans.edit" Admin Ops;
    Rehearse "dialplans.rehearse" Admin Ops Supervisor;
    UsersEdit "users.edit" Admin;
    KeysEdit "keys.edit" Admin;
    AuditView "audit.view" Admin Auditor;
    TenantsEdit "tenants.edit" Admin;
    ApiRead "api.read" Admin Ops Supervisor Agent Auditor;
}

/// Who may use a route.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Anybody, logged in or not.
    Open,
    /// Anybody logged in; API keys too.
    Account,
    /// Whoever has the permission.
    May(May),
    /// Whoever has the permission and belongs to the platform itself.
    Platform(May),
}

/// One route's rule. Objects in the path are checked by their names: `{campaign}`, `{call}`, `{user}` … must belong to
/// the tenant that is acted for (see [`super::guard`]).
#[derive(Copy, Clone, Debug)]
pub struct Rule {
    /// `GET`, `POST`, `PATCH`, `DELETE`.
    pub method: &'static str,
    /// Below [`PREFIX`], as the router has it: `/campaigns/{campaign}`.
    pub path: &'static str,
    pub need: Need,
    /// The longest body.
    pub body_bytes: u64,
    /// How long the handler may take; `None` for streams, which end when the right to them does.
    pub limit: Option<Duration>,
}

impl Rule {
    #[must_use]
    pub const fn new(method: &'static str, path: &'static str, need: Need) -> Rule {
        Rule {
            method,
            path,
            need,
            body_bytes: 1 << 20,
            limit: Some(Duration::from_secs(30)),
        }
    }

    /// The rule of most routes: one permission.
    #[must_use]
    pub const fn may(method: &'static str, path: &'static str, may: May) -> Rule {
        Rule::new(method, path, Need::May(may))
    }

    /// A file comes in, of so many bytes at most, and may take half an hour.
    #[must_use]
    pub const fn upload(mut self, most_bytes: u64) -> Rule {
        self.body_bytes = most_bytes;
        self.limit = Some(Duration::from_secs(30 * 60));
        self
    }

    /// The answer goes on and on (events, a recording, an export).
    #[must_use]
    pub const fn stream(mut self) -> Rule {
        self.limit = None;
        self
    }
}

/// The rule of a route as the router names it, prefix and all.
#[must_use]
pub fn rule_of(method: &str, matched: &str) -> Option<&'static Rule> {
    let path = matched.strip_prefix(PREFIX)?;
    // What may be read may be asked for by HEAD.
    let method = if method == "HEAD" { "GET" } else { method };
    super::rules().find(|r| r.method == method && r.path == path)
}

static DOCUMENT: OnceLock<String> = OnceLock::new();

/// The API's description as [`describe`] left it.
#[must_use]
pub fn document() -> &'static str {
    DOCUMENT.get().map_or("{}", String::as_str)
}

/// Writes each route's permission and roles into its description, as `x-permission` and `x-roles` (`x-platform`: the
/// platform's people only), and how to log in.
pub fn describe(openapi: &mut OpenApi) {
    openapi.info.title = "callsmith".into();
    openapi.info.version = env!("CARGO_PKG_VERSION").into();
    openapi.info.description = Some(
        "Everything the console does. Browsers log in for a cookie and send `X-CSRF-Token` with what changes something; \
         programs send an API key. The platform's people name the merchant they act for in `X-Tenant`. Every refusal is \
         `{\"error\": {\"code\", \"message\", \"field\"}}`."
            .into(),
    );
    let components = openapi.components.get_or_insert_default();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))),
    );
    components.add_security_scheme(
        "key",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    for (path, item) in &mut openapi.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let need = rule_of(method, path).map(|r| r.need);
            let (permission, roles) = match need {
                None => ("none", Vec::new()),
                Some(Need::Open) => ("open", Vec::new()),
                Some(Need::Account) => ("account", codes(&Role::ALL)),
                Some(Need::May(may)) => (may.code(), codes(may.roles())),
                Some(Need::Platform(may)) => (may.code(), codes(may.roles())),
            };
            if permission != "open" {
                let none: [&str; 0] = [];
                operation.security = Some(vec![
                    SecurityRequirement::new("session", none),
                    SecurityRequirement::new("key", none),
                ]);
            }
            let more = Extensions::builder()
                .add("x-permission", permission)
                .add("x-roles", roles)
                .add("x-platform", matches!(need, Some(Need::Platform(_))))
                .build();
            match &mut operation.extensions {
                Some(had) => had.merge(more),
                none => *none = Some(more),
            }
        }
    }
    if let Ok(text) = openapi.to_json() {
        let _ = DOCUMENT.set(text);
    }
}

fn codes(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|r| r.code()).collect()
}
