//! `callsmith calls`, `show`, `play` and `dnc`: what the database says, without disturbing a run that is under way.

use super::cli::DncCommand;
use crate::campaign::list;
use crate::store::recap::{self, Numbers};
use crate::store::{AttemptRecord, CallFilter, CallRecord, Store};
use crate::terms::{Clock, Disposition, Happening, Phone};
use crate::voice::marking::{self, Channel, Marking, Source, Span};
use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::process::Command;

async fn open(data: &Path) -> Result<Store> {
    Ok(Store::open_beside(data, Clock::system()).await?)
}

/// Lists what is owed to contacts, the earliest first.
pub async fn follow_ups(data: &Path, limit: u32, full_numbers: bool) -> Result<()> {
    let store = open(data).await?;
    let number = |phone: &Phone| {
        if full_numbers {
            phone.full().to_string()
        } else {
            phone.to_string()
        }
    };
    let due = |ms: Option<i64>| {
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .map_or("no time".into(), |t| {
                t.to_zoned(TimeZone::system())
                    .strftime("%Y-%m-%d %H:%M")
                    .to_string()
            })
    };
    let mut rows: Vec<(i64, [String; 5])> = Vec::new();
    for c in store.callbacks_open(limit).await? {
        let name = c.name.clone().unwrap_or_default();
        let cells = [
            due(c.due_unix_ms),
            number(&c.phone),
            name,
            "callback".into(),
            c.evidence,
        ];
        rows.push((c.due_unix_ms.unwrap_or(i64::MAX), cells));
    }
    for f in store.follow_ups_open(limit).await? {
        let name = f.name.clone().unwrap_or_default();
        let cells = [
            due(Some(f.due_unix_ms)),
            number(&f.phone),
            name,
            f.campaign,
            f.reason,
        ];
        rows.push((f.due_unix_ms, cells));
    }
    if rows.is_empty() {
        println!("nothing is open");
        return Ok(());
    }
    rows.sort_by_key(|(at, _)| *at);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["due", "number", "name", "campaign", "why"]);
    for (_, cells) in rows {
        table.add_row(cells);
    }
    println!("{table}");
    Ok(())
}

/// Lists calls, the latest first.
pub async fn list(
    data: &Path,
    campaign: Option<String>,
    disposition: Option<String>,
    limit: u32,
    json: bool,
) -> Result<()> {
    let disposition = disposition
        .map(|d| {
            d.parse::<Disposition>().map_err(|e| {
                let all: Vec<&str> = Disposition::ALL.iter().map(|d| d.code()).collect();
                anyhow::anyhow!("{e}; use one of {}", all.join(", "))
            })
        })
        .transpose()?;
    let filter = CallFilter {
        campaign,
        disposition,
        ..CallFilter::default()
    };
    let store = open(data).await?;
    let calls = store.calls(&filter, limit).await?;
    if json {
        for call in &calls {
            println!("{}", line_json(call));
        }
        return Ok(());
    }
    if calls.is_empty() {
        println!("no calls yet; `callsmith dial` or `callsmith demo` makes some");
        return Ok(());
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "call",
        "lead",
        "number",
        "disposition",
        "grade",
        "talk s",
        "agent",
    ]);
    for c in &calls {
        table.add_row([
            c.call
                .as_ref()
                .map_or_else(|| "–".into(), ToString::to_string),
            c.name.clone().unwrap_or_default(),
            c.phone.to_string(),
            c.disposition
                .map_or_else(|| c.state.code().into(), |d| format!("{d} {}", d.zh())),
            c.grade.map_or_else(String::new, |g| g.to_string()),
            format!("{:.1}", c.talk_ms as f64 / 1000.0),
            c.bridged.clone().unwrap_or_default(),
        ]);
    }
    println!("{table}");
    Ok(())
}

fn line_json(c: &AttemptRecord) -> serde_json::Value {
    serde_json::json!({
        "call": c.call, "campaign": c.campaign, "row": c.row, "lead": c.name, "phone": c.phone.to_string(),
        "disposition": c.disposition, "grade": c.grade, "reasons": c.reasons, "talk_ms": c.talk_ms, "ring_ms": c.ring_ms,
        "sip_code": c.sip_code, "q850": c.q850, "hangup_by": c.hangup_by, "bridged": c.bridged,
        "recording": c.recording, "started_unix_ms": c.started_unix_ms,
    })
}

async fn find(data: &Path, call: &str) -> Result<CallRecord> {
    let store = open(data).await?;
    store.show(call).await?.with_context(|| {
        format!(
            "there is no call {call:?} in {}; `callsmith calls` lists them",
            data.display()
        )
    })
}

/// Prints one call.
pub async fn show(data: &Path, call: &str, full_numbers: bool) -> Result<()> {
    let record = find(data, call).await?;
    let numbers = if full_numbers {
        Numbers::Full
    } else {
        Numbers::Masked
    };
    print!("{}", recap::render(&record, numbers));
    if let Some(path) = recording(data, &record) {
        println!("recording: {}", path.display());
    }
    Ok(())
}

/// Plays one call's recording with whatever player this machine has.
pub async fn play(data: &Path, call: &str) -> Result<()> {
    let record = find(data, call).await?;
    let path = recording(data, &record).with_context(|| format!("call {call} has no recording"))?;
    play_file(&path)
}

/// Plays a WAV file; the error says where it is when this machine has no player.
pub fn play_file(path: &Path) -> Result<()> {
    for (player, args) in [
        ("paplay", &[][..]),
        ("aplay", &["-q"]),
        ("ffplay", &["-autoexit", "-nodisp", "-loglevel", "error"]),
    ] {
        match Command::new(player).args(args).arg(path).status() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => eprintln!("{player} ended with {status}; trying another player"),
            Err(_) => {}
        }
    }
    bail!(
        "no working player found (tried paplay, aplay, ffplay); the sound is in {}",
        path.display()
    )
}

/// Writes a call's recording for others, marked as holding synthetic speech: which channel, and where in it.
pub async fn export(data: &Path, call: &str, out: &Path) -> Result<()> {
    let record = find(data, call).await?;
    let path = recording(data, &record).with_context(|| format!("call {call} has no recording"))?;
    if out.exists() {
        bail!("{} is there already; give another name", out.display());
    }
    let sound = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let marking = marking_of(&record, call);
    let marked = marking::mark(&sound, &marking).with_context(|| path.display().to_string())?;
    std::fs::write(out, marked).with_context(|| out.display().to_string())?;
    println!("{}: {}", out.display(), marking.in_words());
    Ok(())
}

/// Left is the robot and, while he was bridged, the agent; right is the callee.
fn marking_of(record: &CallRecord, call: &str) -> Marking {
    let answered = record
        .events
        .iter()
        .find(|e| e.what == Happening::Answered)
        .map_or(0, |e| e.at.0);
    let mut left = Vec::new();
    let (mut saying, mut agent) = (None, None);
    let end = record.events.last().map_or(0, |e| e.at.0);
    let mut close = |from: &mut Option<u64>, to: u64, source: Source| {
        if let Some(from) = from.take() {
            left.push(Span {
                from_ms: from.saturating_sub(answered),
                to_ms: to.saturating_sub(answered),
                source,
            });
        }
    };
    for event in &record.events {
        let at = event.at.0;
        match &event.what {
            Happening::Saying { .. } => saying = Some(at),
            Happening::Said { .. } => close(&mut saying, at, Source::Synthetic),
            Happening::Bridged { .. } => {
                close(&mut saying, at, Source::Synthetic);
                agent = Some(at);
            }
            Happening::AgentGone { .. } => close(&mut agent, at, Source::Human),
            _ => {}
        }
    }
    close(&mut saying, end, Source::Synthetic);
    close(&mut agent, end, Source::Human);
    let date = jiff::Timestamp::from_millisecond(record.attempt.started_unix_ms);
    Marking::new(
        &date.map_or_else(|_| String::new(), |d| d.to_string()),
        call,
        vec![
            Channel {
                channel: 1,
                who: "robot and agent".into(),
                synthetic: true,
                spans: left,
            },
            Channel {
                channel: 2,
                who: "callee".into(),
                synthetic: false,
                spans: Vec::new(),
            },
        ],
    )
}

fn recording(data: &Path, record: &CallRecord) -> Option<PathBuf> {
    let name = record.attempt.recording.as_deref()?;
    // The name comes from the database: only a plain file name below the recordings folder is followed.
    let plain = Path::new(name).file_name()? == Path::new(name).as_os_str();
    let path = data.join("recordings").join(name);
    (plain && path.is_file()).then_some(path)
}

/// The do-not-call list.
pub async fn dnc(command: DncCommand) -> Result<()> {
    match command {
        DncCommand::Add {
            number,
            country,
            data,
        } => {
            let phone = list::normalise(&number, &country)
                .map_err(|e| anyhow::anyhow!("{number:?}: {e}; {}", e.advice()))?;
            std::fs::create_dir_all(&data.dir).with_context(|| data.dir.display().to_string())?;
            let store = match Store::open_beside(&data.dir, Clock::system()).await {
                Ok(store) => store,
                Err(_) => Store::open(&data.dir, Clock::system()).await?,
            };
            store.dnc_add(&phone, "operator", "").await?;
            println!("{phone} will not be called again");
        }
        DncCommand::List { data } => {
            for entry in open(&data.dir).await?.dnc_list(100_000).await? {
                println!(
                    "{}\t{}\t{}",
                    entry.phone.full(),
                    entry.source,
                    entry.evidence
                );
            }
        }
    }
    Ok(())
}
