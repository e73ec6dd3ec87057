//! One thing of every kind for a tenant, so that every route's path can be filled.

use super::*;
use callsmith::desk::board::{CardLead, Entry, Named};
use callsmith::store::{Kind, TenantId};
use callsmith::terms::{CallId, Lang};
use std::collections::BTreeMap;

/// Statements that put one thing of a kind in as row `{id}` of tenant `{t}`, by the path parameter that names it.
const ROWS: &[(&str, &str)] = &[
    (
        "campaign",
        "INSERT INTO campaigns (id, tenant_id, name, dialplan, list, state, created_at) \
         VALUES ({id}, {t}, 'c{id}', 'plan', 'list', 'stopped', 0)",
    ),
    (
        "lead",
        "INSERT INTO leads (id, campaign_id, list_row, vars, status, next_at) VALUES ({id}, {id}, 2, '{}', 'done', 0); \
         INSERT INTO lead_phones (lead_id, position, campaign_id, phone) VALUES ({id}, 0, {id}, '+8613800000{id}')",
    ),
    (
        "call",
        "INSERT INTO attempts (id, lead_id, attempt_no, call_id, phone, node, epoch, state, started_at, ended_at) \
         VALUES ({id}, {id}, 1, 'past-{id}', '+8613800000{id}', 'local', 1, 'ended', 0, 1)",
    ),
    (
        "follow_up",
        "INSERT INTO follow_ups (id, lead_id, attempt_id, phone, due_at, reason) \
         VALUES ({id}, {id}, {id}, '+8613800000{id}', 0, 'more')",
    ),
    (
        "hook",
        "INSERT INTO webhooks (id, tenant_id, url, events, secret, created_by, created_at) \
         VALUES ({id}, {t}, 'https://hook.example', '[]', 'whsec_eA==', 'rig', 0)",
    ),
    (
        "delivery",
        "INSERT INTO outbox (id, tenant_id, message, event, body, at) VALUES ({id}, {t}, 'm{id}', 'call.ended', '{}', 0); \
         INSERT INTO deliveries (id, hook_id, outbox_id, line, next_at) VALUES ({id}, {id}, {id}, 'x', 0)",
    ),
    (
        "note",
        "INSERT INTO call_notes (id, call_id, tenant_id, by_whom, text, at) \
         VALUES ({id}, 'past-{id}', {t}, 'rig', 'good', 0)",
    ),
    (
        "word",
        "INSERT INTO qc_words (id, tenant_id, word, lang, kind, by_whom, at) \
         VALUES ({id}, {t}, 'damn', 'en', 'forbidden', 'rig', 0)",
    ),
    (
        "contact",
        "INSERT INTO contacts (tenant_id, phone, contact, last_at) VALUES ({t}, '+8613800000{id}', '{id}', 0)",
    ),
    (
        "entry",
        "INSERT INTO dnc (id, tenant_id, phone, source, evidence, at) \
         VALUES ({id}, {t}, '+8613800001{id}', 'rig', 'rig', 0)",
    ),
    (
        "task",
        "INSERT INTO desk_tasks (id, tenant_id, call_id, reason, due_at, created_at) \
         VALUES ({id}, {t}, 'past-{id}', 'call back', 0, 0)",
    ),
];

/// Makes one of each; the ids by path parameter. Kinds whose table is not there are left out.
pub fn of(rig: &Rig, tenant: TenantId) -> BTreeMap<String, String> {
    let id = 100 + tenant.0;
    let mut ids = BTreeMap::new();
    for (param, sql) in ROWS {
        let sql = sql
            .replace("{id}", &id.to_string())
            .replace("{t}", &tenant.0.to_string());
        if rig.try_sql(&sql).is_ok() {
            ids.insert((*param).to_string(), id.to_string());
        }
    }
    // A live call stands for calls: what is asked of live ones and of past ones is owned alike.
    let call = live_call(rig, tenant, &format!("live-{id}"));
    ids.insert("call".into(), call);
    for (param, kind) in [
        ("list", Kind::List),
        ("job", Kind::Job),
        ("rehearsal", Kind::Rehearsal),
    ] {
        let name = format!("{param}-{id}");
        rig.web.account.owners.put(kind, &name, tenant);
        ids.insert(param.into(), name);
    }
    let user = rig.user(tenant, Role::Agent);
    ids.insert("user".into(), user.to_string());
    let key = rig.key(tenant, Role::Ops).user;
    ids.insert("key".into(), key.to_string());
    ids.insert("tenant".into(), tenant.0.to_string());
    ids
}

pub fn live_call(rig: &Rig, tenant: TenantId, id: &str) -> String {
    let entry = Entry {
        tenant,
        campaign: Named {
            id: 1,
            name: "spring".into(),
        },
        lead: CardLead {
            id: 1,
            row: 2,
            name: None,
        },
        phone: "138****0000".into(),
        lang: Lang::Zh,
        dialplan: "plan".into(),
        started_unix_ms: NOW,
        rehearsal: false,
    };
    rig.web.board.enter(&CallId(id.into()), entry);
    id.to_string()
}
