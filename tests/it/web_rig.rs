//! The server of the console on a loopback port, with a database of its own, people of every role and a plain client.
//!
//! ```ignore
//! let rig = Rig::start();
//! let ops = rig.login(Role::Ops);
//! let made = ops.post("/campaigns", json!({"name": "spring"}));
//! assert_eq!(made.status, 201, "{}", made.body);
//! rig.run(async { rig.store.campaigns().await });   // anything asynchronous
//! ```

use callsmith::call::registry::Registry;
use callsmith::desk::board::Board;
use callsmith::store::{AuditEntry, NewKey, NewUser, Store, StoreOptions, TenantId};
use callsmith::terms::Clock;
use callsmith::web::access::{May, Role};
use callsmith::web::account::passwords::Cost;
use callsmith::web::account::{Settings, State, secret};
use callsmith::web::{Shared, Web, router};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The rig's clock stands here until [`Clock::set`] moves it.
pub const NOW: i64 = 1_800_000_000_000;
pub const PLATFORM: TenantId = TenantId::PLATFORM;

pub struct Rig {
    pub web: Web,
    pub store: Store,
    pub clock: Clock,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// The data folder.
    pub data: PathBuf,
    runtime: tokio::runtime::Runtime,
    names: AtomicU32,
    _dir: tempfile::TempDir,
}

impl Rig {
    pub fn start() -> Rig {
        Rig::start_with(|_| {})
    }

    /// A server with parts that the test sets.
    pub fn start_with(change: impl FnOnce(&mut Shared)) -> Rig {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::fixed(NOW);
        let (web, store, url) = runtime.block_on(async {
            let options = StoreOptions::default();
            let store = Store::open_with(dir.path(), clock.clone(), options).await;
            let store = store.expect("the store opens");
            let mut shared = shared(store.clone(), clock.clone(), dir.path());
            change(&mut shared);
            let web = Web::new(shared);
            let (app, _) = router(web.clone());
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move { axum::serve(listener, app).await });
            (web, store, url)
        });
        Rig {
            web,
            store,
            clock,
            url,
            data: dir.path().to_path_buf(),
            runtime,
            names: AtomicU32::new(0),
            _dir: dir,
        }
    }

    /// Runs something asynchronous to its end.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A new person of the platform, logged in.
    pub fn login(&self, role: Role) -> Client {
        self.login_of(PLATFORM, role)
    }

    /// A new person of a tenant, logged in.
    pub fn login_of(&self, tenant: TenantId, role: Role) -> Client {
        self.session(self.user(tenant, role))
    }

    /// A new person without a password; the row's number.
    pub fn user(&self, tenant: TenantId, role: Role) -> i64 {
        let n = self.names.fetch_add(1, Ordering::Relaxed);
        let new = NewUser::named(tenant, &format!("{}{n}", role.code()), role.code());
        let id = self.run(self.store.user_add(&new, &witness()));
        id.expect("written").expect("a free name")
    }

    /// A new session of a person.
    pub fn session(&self, user: i64) -> Client {
        let cookie = secret::fresh();
        let hash = secret::hash(&cookie);
        let witness = witness();
        let opened = self.store.session_open(user, &hash, None, &witness);
        self.run(opened).expect("written");
        Client {
            csrf: Some(secret::csrf(&cookie)),
            cookie: Some(cookie),
            user,
            ..self.nobody()
        }
    }

    /// A program with a new API key that has all that its role has; the row's number is in `user`.
    pub fn key(&self, tenant: TenantId, role: Role) -> Client {
        let scopes = May::ALL.iter().filter(|m| m.roles().contains(&role));
        let scopes = scopes.map(|m| m.code().to_string()).collect();
        self.key_for(tenant, role, scopes)
    }

    pub fn key_for(&self, tenant: TenantId, role: Role, scopes: Vec<String>) -> Client {
        let key = format!("csk_{}", secret::fresh());
        let new = NewKey {
            tenant,
            user: self.user(tenant, Role::Admin),
            name: "a program".into(),
            role: role.code().into(),
            scopes,
            prefix: key[..10].into(),
            hash: secret::hash(&key),
            expires_unix_ms: None,
        };
        let row = self.run(self.store.key_add(&new, &witness()));
        Client {
            key: Some(key),
            user: row.expect("written").id,
            ..self.nobody()
        }
    }

    /// Not logged in.
    pub fn nobody(&self) -> Client {
        Client {
            base: self.url.clone(),
            cookie: None,
            csrf: None,
            key: None,
            tenant: None,
            user: 0,
        }
    }

    /// Does something to the database behind the program's back.
    pub fn sql(&self, statement: &str) {
        self.try_sql(statement).expect(statement);
    }

    /// As [`Rig::sql`], for tables that may not be there.
    pub fn try_sql(&self, statement: &str) -> Result<(), sqlx::Error> {
        let file = self.data.join("callsmith.db");
        self.run(async {
            let mut db = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(file)
                .connect()
                .await?;
            let text = sqlx::AssertSqlSafe(statement.to_string());
            sqlx::raw_sql(text).execute(&mut db).await?;
            db.close().await
        })
    }

    /// A new merchant.
    pub fn merchant(&self, name: &str, managed: bool) -> TenantId {
        let id = self.run(self.store.tenant_add(name, managed, &witness()));
        id.expect("written").expect("a free name")
    }
}

/// A server with nothing in it.
fn shared(store: Store, clock: Clock, data: &std::path::Path) -> Shared {
    Shared {
        store,
        clock,
        registry: Registry::default(),
        board: Board::default(),
        manager: None,
        data: data.to_path_buf(),
        stop: CancellationToken::new(),
        demo: false,
        account: State::new(Settings {
            cost: Cost::LEAST,
            ..Settings::default()
        }),
        calls: Default::default(),
        campaigns: Default::default(),
        desk: Default::default(),
        dialplans: Default::default(),
        jobs: Default::default(),
        lists: Default::default(),
        rehearse: Default::default(),
        webhooks: Default::default(),
    }
}

/// Who made the rig's people.
pub fn witness() -> AuditEntry {
    AuditEntry {
        tenant: PLATFORM,
        who: "rig".into(),
        role: "program".into(),
        action: "rig".into(),
        object: "rig".into(),
        detail: json!({}),
    }
}

/// A browser or a program. Its fields may be changed to be somebody worse.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub key: Option<String>,
    /// Sent as `X-Tenant`.
    pub tenant: Option<i64>,
    /// The person's row; of a program, its key's row.
    pub user: i64,
}

impl Client {
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, &[], Some(body))
    }

    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.send("PATCH", path, &[], Some(body))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None)
    }

    /// A request below `/api/v1` with further headers. Bodies of streams are not read.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let agent = ureq::AgentBuilder::new()
            .timeout(Duration::from_secs(60))
            .redirects(0)
            .build();
        let mut request = agent.request(method, &format!("{}/api/v1{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.set("Cookie", &format!("callsmith={cookie}"));
        }
        if let Some(csrf) = &self.csrf {
            request = request.set("X-CSRF-Token", csrf);
        }
        if let Some(key) = &self.key {
            request = request.set("Authorization", &format!("Bearer {key}"));
        }
        if let Some(tenant) = self.tenant {
            request = request.set("X-Tenant", &tenant.to_string());
        }
        for (name, value) in headers {
            request = request.set(name, value);
        }
        let answer = match body {
            Some(body) => request
                .set("Content-Type", "application/json")
                .send_string(&body.to_string()),
            None => request.call(),
        };
        let response = match answer {
            Ok(response) | Err(ureq::Error::Status(_, response)) => response,
            Err(e) => panic!("{method} {path}: {e}"),
        };
        let headers = response
            .headers_names()
            .into_iter()
            .map(|n| (n.clone(), response.header(&n).unwrap_or_default().into()))
            .collect();
        let is_stream = response.content_type() == "text/event-stream";
        Reply {
            status: response.status(),
            headers,
            body: if is_stream {
                String::new()
            } else {
                response.into_string().unwrap_or_default()
            },
        }
    }

    /// A browser that took the session of a login's answer.
    pub fn with_session(&self, reply: &Reply) -> Client {
        let cookie = reply.cookie().expect("a session cookie");
        Client {
            csrf: Some(reply.json()["csrf"].as_str().unwrap_or_default().into()),
            cookie: Some(cookie),
            ..self.clone()
        }
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The refusal's code.
    pub fn code(&self) -> String {
        let code = &self.json()["error"]["code"];
        code.as_str().unwrap_or_default().to_string()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The session that it sets.
    pub fn cookie(&self) -> Option<String> {
        let value = self.header("set-cookie")?.strip_prefix("callsmith=")?;
        value.split(';').next().map(str::to_string)
    }
}
