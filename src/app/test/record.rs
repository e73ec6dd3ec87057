//! `callsmith test --record`: a real call's journal as a script.

use crate::app::check;
use crate::app::cli::TestArgs;
use crate::campaign::zones;
use crate::dialogue::rehearse::record::record;
use crate::dialogue::{Dialplan, Lead};
use crate::store::{CallRecord, Store};
use crate::terms::Clock;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Prints the script on standard output; what the dialplan does otherwise than the call did goes to standard error.
pub async fn run(args: &TestArgs, call: &str) -> Result<()> {
    let data = &args.data.dir;
    let store = Store::open_beside(data, Clock::system()).await?;
    let found = store.show(call).await?.with_context(|| {
        format!(
            "there is no call {call:?} in {}; `callsmith calls` lists them",
            data.display()
        )
    })?;
    let vars = vars(&store, &found).await?;
    let plan = Arc::new(dialplan(args, &store, &found).await?);
    let lead = Lead {
        vars,
        phone: found.attempt.phone.full().to_string(),
        contact: std::collections::BTreeSet::new(),
        now_local: began(&found),
    };
    let comments = [format!(
        "Recorded from call {} of campaign {}, dialplan version {}. Long numbers are masked.",
        found.attempt.call.as_ref().map_or("", |c| c.0.as_str()),
        found.attempt.campaign,
        plan.version
    )];
    let recorded = record(&found.events, &plan, &plan.name, &lead, &comments)
        .with_context(|| format!("call {call}"))?;
    for otherwise in &recorded.otherwise {
        eprintln!("this dialplan does otherwise than the call did: {otherwise}");
    }
    print!("{}", recorded.text);
    Ok(())
}

/// The columns of the lead's row.
async fn vars(
    store: &Store,
    found: &CallRecord,
) -> Result<std::collections::BTreeMap<String, String>> {
    let rows = store.export(&found.attempt.campaign).await?;
    let row = rows
        .into_iter()
        .find(|r| r.attempt.as_ref().is_some_and(|a| a.id == found.attempt.id));
    Ok(row.map(|r| r.vars).unwrap_or_default())
}

/// The callee's local time when the call began.
fn began(found: &CallRecord) -> jiff::civil::DateTime {
    let zones = zones::of_callee(&found.attempt.phone, None);
    let zone = zones.first().cloned().unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(found.attempt.started_unix_ms)
        .unwrap_or_default()
        .to_zoned(zone)
        .datetime()
}

/// The dialplan given, else the campaign's own in the language of the lead.
async fn dialplan(args: &TestArgs, store: &Store, found: &CallRecord) -> Result<Dialplan> {
    let files: Vec<PathBuf> = if args.files.is_empty() {
        let campaign = store.campaign_find(&found.attempt.campaign).await?;
        let files = campaign.map(|c| c.dialplan).unwrap_or_default();
        files.split(", ").map(PathBuf::from).collect()
    } else {
        args.files.clone()
    };
    let mut plans = Vec::new();
    for file in &files {
        if file.as_path() == Path::new("") {
            continue;
        }
        let plan = check::load(file).with_context(
            || "the call's dialplan is needed; name it as in `callsmith test FILE --record CALL`",
        )?;
        plans.push(plan);
    }
    let at = match found.attempt.lang {
        Some(lang) => plans.iter().position(|p| p.lang == lang),
        None => (plans.len() == 1).then_some(0),
    };
    match at.or((plans.len() == 1).then_some(0)) {
        Some(at) => Ok(plans.swap_remove(at)),
        None => bail!("name the dialplan of this call, as in `callsmith test FILE --record CALL`"),
    }
}
