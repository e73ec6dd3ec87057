//! Lists, campaigns and leads over real HTTP: from an uploaded file to an export that can be uploaded again.

mod campaigns;
mod large;

use crate::web_rig::{Client, PLATFORM, Reply, Rig};
use callsmith::store::{BundleFile, CampaignId, NewVersion};
use callsmith::web::access::Role;
use callsmith::web::jobs::{Job, JobChange, JobState};
use serde_json::{Value, json};
use std::io::Read;
use tokio::sync::broadcast::Receiver;

const LIST: &str = "\u{feff}手机号,姓名,城市,备注\r\n13800138000,李雷,上海,=1+1\r\n110,坏,北京,\r\n\
    13900139000,韩梅梅,北京,<b>x</b>\r\n138-0013-8000,重复,上海,\r\n13700137000,,广州,\r\n";

/// Sends a file as browsers do.
fn upload(client: &Client, name: &str, bytes: &[u8]) -> Reply {
    let mut body = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(bytes);
    body.extend(b"\r\n--cut--\r\n");
    raw(client, "POST", "/lists", Some(&body)).0
}

/// A request whose body, one way or the other, is no JSON.
fn raw(client: &Client, method: &str, path: &str, body: Option<&[u8]>) -> (Reply, Vec<u8>) {
    let mut request = ureq::request(method, &format!("{}/api/v1{path}", client.base));
    if let Some(cookie) = &client.cookie {
        request = request.set("Cookie", &format!("callsmith={cookie}"));
    }
    if let Some(csrf) = &client.csrf {
        request = request.set("X-CSRF-Token", csrf);
    }
    let answer = match body {
        Some(body) => request
            .set("Content-Type", "multipart/form-data; boundary=cut")
            .send_bytes(body),
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
    let status = response.status();
    let mut bytes = Vec::new();
    response
        .into_reader()
        .read_to_end(&mut bytes)
        .expect("a body");
    let reply = Reply {
        status,
        headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    (reply, bytes)
}

/// Starts a job and waits until it is over.
fn job(rig: &Rig, start: impl FnOnce() -> Reply) -> Job {
    let mut changes: Receiver<JobChange> = rig.web.jobs.subscribe();
    let reply = start();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let id = reply.json()["job"].as_str().expect("a job").to_owned();
    rig.run(async {
        loop {
            let change = changes.recv().await.expect("a change");
            if change.job.job == id && change.job.state != JobState::Running {
                return (*change.job).clone();
            }
        }
    })
}

/// A dialplan that is published; what is in it does not matter here.
fn publish(rig: &Rig, name: &str, lang: &str) {
    let version = NewVersion {
        name: name.into(),
        lang: lang.into(),
        files: vec![BundleFile {
            path: format!("{name}.yaml"),
            text: format!("callsmith: 1\nname: {name}\nlang: {lang}\n"),
        }],
        tenant: PLATFORM,
        audit: None,
        by: "rig".into(),
        note: String::new(),
    };
    rig.run(rig.store.dialplan_publish(&version))
        .expect("published");
}

fn wish(name: &str) -> Value {
    json!({"name": name, "dialplans": ["course"], "trunk": "main", "concurrency": 5, "priority": 5, "country": "CN"})
}

/// A campaign of the platform.
fn campaign(rig: &Rig, ops: &Client, name: &str) -> i64 {
    publish(rig, "course", "zh");
    let made = ops.post("/campaigns", wish(name));
    assert_eq!(made.status, 200, "{}", made.body);
    made.json()["id"].as_i64().expect("an id")
}

fn uploads(rig: &Rig) -> usize {
    let dir = rig.web.data.join("uploads");
    std::fs::read_dir(dir).map_or(0, Iterator::count)
}

#[test]
fn a_list_is_looked_at_checked_and_imported_once() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let id = campaign(&rig, &ops, "spring");
    let list = upload(&ops, "../客户.csv", LIST.as_bytes());
    assert_eq!(list.status, 200, "{}", list.body);
    let list = list.json();
    assert_eq!(list["name"], "客户.csv");
    assert_eq!(
        (list["kind"].as_str(), list["remembered"].as_bool()),
        (Some("csv"), Some(false))
    );
    assert_eq!(list["total"], 5);
    let fields: Vec<&str> = list["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|c| c["field"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(fields, ["phone", "name", "var:城市", "var:备注"]);
    assert!(!list.to_string().contains("13800138000"), "{list}");
    let name = list["list"].as_str().expect("an id").to_owned();
    let mapping = json!({"手机号": "phone", "姓名": "name", "城市": "var:city", "备注": "ignore"});

    let ask = json!({"mapping": mapping, "country": "CN", "campaign": id});
    let checked = job(&rig, || {
        ops.post(&format!("/lists/{name}/check"), ask.clone())
    });
    assert_eq!(checked.state, JobState::Done);
    assert_eq!((checked.rows, checked.added), (5, 3));
    assert_eq!((checked.bad, checked.duplicates), (1, 1));
    assert_eq!(checked.errors[0].row, 3);
    assert_eq!(checked.errors[0].column.as_deref(), Some("手机号"));
    let found = ops.get(&format!("/campaigns/{id}"));
    assert_eq!(
        found.json()["progress"]["total"],
        0,
        "a check stores nothing"
    );
    let errors = ops.get(&format!("/lists/{name}/errors.csv?job={}", checked.job));
    assert_eq!(errors.body.lines().count(), 3);
    assert!(errors.body.contains("3,手机号,110,"), "{}", errors.body);

    let mut order = json!({"list": name, "mapping": mapping, "country": "CN", "skip_bad": false});
    let path = format!("/campaigns/{id}/import");
    let refused = job(&rig, || ops.post(&path, order.clone()));
    assert_eq!(refused.state, JobState::Failed);
    assert!(
        refused
            .message
            .unwrap_or_default()
            .contains("nothing was imported")
    );
    order["skip_bad"] = true.into();
    let done = job(&rig, || ops.post(&path, order.clone()));
    assert_eq!((done.state, done.added, done.known), (JobState::Done, 3, 0));
    let found = ops.get(&format!("/campaigns/{id}")).json();
    assert_eq!(found["progress"]["queued"], 3);
    assert_eq!(found["list"], "客户.csv");
    let gone = ops.get(&format!("/lists/{name}"));
    assert_eq!(gone.status, 404, "the file goes with its import");

    // The same list again: the columns are as they were chosen, and nobody is in twice.
    let again = upload(&ops, "again.csv", LIST.as_bytes()).json();
    assert_eq!(again["remembered"], true);
    assert_eq!(again["columns"][2]["field"], "var:city");
    order["list"] = again["list"].clone();
    let done = job(&rig, || ops.post(&path, order.clone()));
    assert_eq!((done.added, done.known), (0, 3));
    let leads = rig.run(
        rig.store
            .leads(CampaignId(id), &Default::default(), None, 50),
    );
    assert_eq!(leads.expect("read").len(), 3);
}

#[test]
fn an_export_can_be_uploaded_again_and_runs_nothing() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let first = campaign(&rig, &ops, "春季 2026");
    let list = upload(&ops, "a.csv", LIST.as_bytes()).json();
    let order = json!({"list": list["list"], "country": "CN", "skip_bad": true});
    job(&rig, || {
        ops.post(&format!("/campaigns/{first}/import"), order.clone())
    });
    let csv = ops.get(&format!("/campaigns/{first}/export.csv"));
    assert_eq!(csv.status, 200);
    assert!(csv.body.starts_with('\u{feff}'));
    assert!(
        csv.body.contains("'=1+1") && csv.body.contains("'+8613800138000"),
        "{}",
        csv.body
    );
    let name = csv.header("content-disposition").expect("a name");
    assert!(name.contains("filename=\"___2026.csv\""), "{name}");
    let (xlsx, bytes) = raw(
        &ops,
        "GET",
        &format!("/campaigns/{first}/export.xlsx"),
        None,
    );
    assert_eq!(xlsx.status, 200);
    assert!(bytes.starts_with(b"PK"));
    let left = std::fs::read_dir(rig.web.data.join("exports")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the workbook goes when it was sent");
    for (n, bytes) in [csv.body.into_bytes(), bytes].into_iter().enumerate() {
        let made = ops.post("/campaigns", wish(&format!("copy {n}"))).json();
        let copy = upload(&ops, "copy", &bytes);
        assert_eq!(copy.status, 200, "{}", copy.body);
        let order = json!({"list": copy.json()["list"], "country": "US", "skip_bad": false});
        let path = format!("/campaigns/{}/import", made["id"]);
        let done = job(&rig, || ops.post(&path, order.clone()));
        assert_eq!((done.state, done.added), (JobState::Done, 3), "{done:?}");
        let copied = rig
            .run(rig.store.export(&format!("copy {n}")))
            .expect("read");
        assert_eq!(copied[0].vars["备注"], "=1+1");
        assert_eq!(copied[0].name.as_deref(), Some("李雷"));
    }
    let audit = rig
        .login(Role::Auditor)
        .get("/audit?action=campaigns.export");
    let rows = audit.json()["items"].as_array().map_or(0, Vec::len);
    assert_eq!(rows, 2, "{}", audit.body);
}

#[test]
fn what_is_no_list_is_refused_in_words_and_leaves_nothing_behind() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let mut ole = vec![0xD0, 0xCF, 0x11, 0xE0];
    ole.extend([0; 600]);
    ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let table: [(&[u8], &str); 6] = [
        (b"", "empty"),
        (b"\xFF\xFEp\0h\0", "UTF-16"),
        (&ole, "password"),
        (b"PK\x03\x04 no workbook", "damaged"),
        (b"\r\n\r\n", "empty"),
        (&[b','; 300_000], "no end"),
    ];
    for (bytes, word) in table {
        let reply = upload(&ops, "bad.csv", bytes);
        assert_eq!(
            (reply.status, reply.code()),
            (422, "bad_field".into()),
            "{word}"
        );
        assert!(reply.body.contains(word), "{word}: {}", reply.body);
        assert!(!reply.body.contains("uploads/"), "{}", reply.body);
    }
    assert_eq!(uploads(&rig), 0);
    // A list without numbers can be looked at; the header is answered before any job.
    let list = upload(&ops, "x.csv", "城市,地址\n上海,x\n".as_bytes()).json();
    let path = format!("/lists/{}/check", list["list"].as_str().expect("an id"));
    let reply = ops.post(&path, json!({"country": "CN"}));
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("choose the column"), "{}", reply.body);
    for (ask, field) in [
        (json!({"country": "XX"}), "country"),
        (
            json!({"country": "CN", "mapping": {"城市": "tel"}}),
            "mapping",
        ),
    ] {
        let reply = ops.post(&path, ask);
        assert_eq!(reply.json()["error"]["field"], field, "{}", reply.body);
    }
}

#[test]
fn lists_and_jobs_of_another_tenant_do_not_exist() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let merchant = rig.merchant("acme", false);
    let other = rig.login_of(merchant, Role::Ops);
    let id = campaign(&rig, &ops, "spring");
    let list = upload(&ops, "a.csv", LIST.as_bytes()).json();
    let name = list["list"].as_str().expect("an id").to_owned();
    let ask = json!({"country": "CN"});
    let checked = job(&rig, || {
        ops.post(&format!("/lists/{name}/check"), ask.clone())
    });
    for reply in [
        other.get(&format!("/lists/{name}")),
        other.post(&format!("/lists/{name}/check"), ask.clone()),
        other.get(&format!("/lists/{name}/errors.csv?job={}", checked.job)),
        other.get(&format!("/jobs/{}", checked.job)),
        other.delete(&format!("/jobs/{}", checked.job)),
        other.get(&format!("/campaigns/{id}")),
        other.get(&format!("/campaigns/{id}/leads")),
        other.get(&format!("/campaigns/{id}/export.csv")),
        other.get(&format!("/campaigns/{id}/stats")),
    ] {
        assert_eq!(reply.status, 404, "{}", reply.body);
    }
    // Its own list in somebody else's campaign, somebody else's job by its own list.
    let own = upload(&other, "b.csv", LIST.as_bytes()).json();
    let order = json!({"list": own["list"], "country": "CN", "skip_bad": true});
    assert_eq!(
        other.post(&format!("/campaigns/{id}/import"), order).status,
        404
    );
    let own = own["list"].as_str().expect("an id");
    let reply = other.get(&format!("/lists/{own}/errors.csv?job={}", checked.job));
    assert_eq!(reply.status, 404);
    let reply = other.post(
        &format!("/lists/{own}/check"),
        json!({"country": "CN", "campaign": id}),
    );
    assert_eq!(reply.status, 404);
    for role in [Role::Agent, Role::Supervisor, Role::Auditor] {
        let reply = upload(&rig.login_of(PLATFORM, role), "a.csv", LIST.as_bytes());
        assert_eq!(reply.status, 403);
    }
}
