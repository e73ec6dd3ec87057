//! The store against real databases in temporary folders.

mod contacts;
mod dialling;
mod dialplans;
mod faults;
mod past;
mod reading;

use super::*;
use crate::terms::{
    CallEvent, CallId, CauseKind, Clock, Disposition, EndedBy, Grade, HangupCause, Happening, Lang,
    Ms, Phone,
};
use std::path::Path;

pub const NOW: i64 = 1_800_000_000_000;
pub const DAY: i64 = 86_400_000;

pub fn run<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(body)
}

/// No waiting for locks, and no caps unless a test sets them.
pub fn options() -> StoreOptions {
    StoreOptions {
        caps: Caps::NONE,
        busy_ms: 0,
        ..StoreOptions::default()
    }
}

pub async fn open(dir: &Path) -> (Store, Clock) {
    open_with(dir, options()).await
}

pub async fn open_with(dir: &Path, options: StoreOptions) -> (Store, Clock) {
    let clock = Clock::fixed(NOW);
    let store = Store::open_with(dir, clock.clone(), options).await;
    (store.expect("the store opens"), clock)
}

pub fn phone(n: u32) -> Phone {
    Phone::new(format!("+861380000{n:04}"))
}

pub fn lead(n: u32) -> LeadRow {
    LeadRow {
        row: u64::from(n) + 2,
        phones: vec![phone(n)],
        name: Some(format!("Lead {n}")),
        lang: Some(Lang::Zh),
        tz: None,
        vars: [("城市".to_owned(), "上海".to_owned())].into(),
    }
}

pub fn leads(count: u32) -> Vec<LeadRow> {
    (0..count).map(lead).collect()
}

pub async fn campaign(store: &Store, name: &str, leads: &[LeadRow]) -> CampaignId {
    let id = store.campaign_create(name, "plan.yaml", "list.csv").await;
    let id = id.expect("a campaign");
    store.import(id, leads).await.expect("imported");
    id
}

pub async fn begin(store: &Store, lead: &ClaimedLead, call: &str) -> AttemptId {
    match store.begin_attempt(&new_attempt(lead, call)).await {
        Ok(Begun::Started { id, .. }) => id,
        other => panic!("not started: {other:?}"),
    }
}

pub fn new_attempt(lead: &ClaimedLead, call: &str) -> NewAttempt {
    NewAttempt {
        lead: lead.id,
        call: CallId(call.into()),
        phone: lead.phone.clone(),
        trunk: "main".into(),
        caller_id: "02112345678".into(),
    }
}

pub fn outcome(attempt: AttemptId, call: &str, disposition: Disposition) -> AttemptOutcome {
    AttemptOutcome {
        attempt,
        call: CallId(call.into()),
        disposition,
        result: None,
        grade: None,
        reasons: Vec::new(),
        cause: None,
        ring_ms: 3_000,
        talk_ms: 0,
        bridged: None,
        recording: None,
        ended_unix_ms: NOW + 5_000,
        tags: Vec::new(),
        slots: Vec::new(),
        callback: None,
        after: Afterwards::default(),
        next: LeadNext::Done,
    }
}

pub fn event(call: &str, at: u64, what: Happening) -> CallEvent {
    CallEvent {
        call: CallId(call.into()),
        at: Ms(at),
        what,
    }
}

pub fn busy_cause() -> HangupCause {
    HangupCause {
        sip_code: Some(486),
        q850: Some(17),
        ..HangupCause::new(CauseKind::Busy, EndedBy::Callee, "Busy Here")
    }
}

pub fn grade_a() -> (Option<Grade>, Vec<String>) {
    (Some(Grade::A), vec!["有兴趣并约好时间".into()])
}
