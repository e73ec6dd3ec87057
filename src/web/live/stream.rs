//! The event streams: a task gathers what one reader may see and hands it over; it ends with the reader or the server.

use super::super::Web;
use super::super::access::May;
use super::super::answer::Answer;
use super::super::campaigns;
use super::super::guard::Who;
use crate::desk::board::Told;
use crate::desk::news::DeskEvent;
use crate::store::{CampaignId, TenantId};
use crate::terms::{CallEvent, CallId};
use axum::response::sse::Event;
use futures_util::Stream;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio::time::MissedTickBehavior;

/// Changed cards go out together, this often at most.
const EVERY: Duration = Duration::from_millis(250);
/// Events that may wait for a slow reader before its task waits for it.
const WAITING: usize = 64;

type Out = mpsc::Sender<Result<Event, axum::Error>>;

/// What a call's stream sends.
#[derive(Serialize)]
struct Numbered<'a> {
    seq: u64,
    #[serde(flatten)]
    event: &'a CallEvent,
}

/// What changes for one reader of a tenant.
pub fn of_tenant(web: Web, who: Who) -> impl Stream<Item = Result<Event, axum::Error>> + use<> {
    let (out, events) = mpsc::channel(WAITING);
    let stop = web.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = tell_tenant(&web, &who, &out) => {}
        }
    });
    stream(events)
}

/// One call from its beginning; `None` when there is no such call.
///
/// # Errors
/// The database cannot be read.
pub async fn of_call(
    web: &Web,
    call: &CallId,
) -> Answer<Option<impl Stream<Item = Result<Event, axum::Error>> + use<>>> {
    let (so_far, live) = match web.board.follow(call) {
        Some((so_far, live)) => (so_far, Some(live)),
        None => {
            web.store.journal().flush().await;
            let Some(record) = web.store.show(&call.0).await? else {
                return Ok(None);
            };
            let told = record.events.into_iter().enumerate();
            let told = told.map(|(i, event)| Told {
                seq: i as u64 + 1,
                event: Arc::new(event),
            });
            (told.collect(), None)
        }
    };
    let (out, events) = mpsc::channel(WAITING);
    let stop = web.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = tell_call(so_far, live, &out) => {}
        }
    });
    Ok(Some(stream(events)))
}

/// Ends (with `None`) when the reader is gone.
async fn tell_tenant(web: &Web, who: &Who, out: &Out) -> Option<()> {
    let sees_calls = who.may.contains(&May::LiveView);
    let sees_campaigns = who.may.contains(&May::CampaignsView);
    let mut changed = web.board.changed();
    // Without a manager nothing runs here, and nothing is told.
    let (_quiet, never) = broadcast::channel(1);
    let mut runs = web.manager.as_ref().map_or(never, |m| m.changes());
    let mut touched = web.campaigns.subscribe();
    let mut jobs = web.jobs.subscribe();
    let (_no_desk, silent) = broadcast::channel(1);
    let mut news = web.desk.events().unwrap_or(silent);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The reader fetches the wall itself; what changes from here on is told.
    let mut rev = web.board.since(who.tenant, u64::MAX).rev;
    send(out, "ready", &json!({})).await?;
    loop {
        tokio::select! {
            _ = ticks.tick(), if sees_calls => {
                if !changed.has_changed().unwrap_or(false) {
                    if out.is_closed() {
                        return None;
                    }
                    continue;
                }
                changed.mark_unchanged();
                let news = web.board.since(who.tenant, rev);
                rev = news.rev;
                if news.resync {
                    send(out, "resync", &json!({})).await?;
                }
                if !news.cards.is_empty() {
                    send(out, "cards", &news.cards).await?;
                }
                if !news.gone.is_empty() {
                    send(out, "gone", &news.gone).await?;
                }
            }
            run = next(&mut runs), if sees_campaigns => match run {
                Next::Told(run) => tell_campaign(web, who, run.campaign, out).await?,
                Next::Missed => send(out, "resync", &json!({})).await?,
                Next::Over => return None,
            },
            touched = next(&mut touched), if sees_campaigns => match touched {
                Next::Told((tenant, campaign)) if tenant == who.tenant => {
                    tell_campaign(web, who, campaign, out).await?;
                }
                Next::Told(_) => {}
                Next::Missed => send(out, "resync", &json!({})).await?,
                Next::Over => return None,
            },
            job = next(&mut jobs), if sees_campaigns => match job {
                Next::Told(change) if change.tenant == who.tenant => {
                    send(out, "job", &*change.job).await?;
                }
                Next::Told(_) => {}
                Next::Missed => send(out, "resync", &json!({})).await?,
                Next::Over => return None,
            },
            news = next(&mut news) => match news {
                Next::Told(event) => tell_desk(who, event, out).await?,
                Next::Missed => send(out, "resync", &json!({})).await?,
                Next::Over => return None,
            },
            () = out.closed() => return None,
        }
    }
}

async fn tell_campaign(web: &Web, who: &Who, campaign: CampaignId, out: &Out) -> Option<()> {
    match campaigns::view_of(web, who.tenant, campaign).await {
        Ok(Some(view)) => send(out, "campaign", &view).await,
        // Another tenant's, or the database is busy: the next change tells.
        Ok(None) | Err(_) => Some(()),
    }
}

/// Offers and one's own place go to that person only; agents' presence to those who may see the desk.
async fn tell_desk(who: &Who, event: DeskEvent, out: &Out) -> Option<()> {
    let mine = |tenant: TenantId, user: i64| tenant == who.tenant && user == who.user;
    match event {
        DeskEvent::Offer {
            tenant,
            user,
            offer,
        } if mine(tenant, user) => send(out, "offer", &offer).await,
        DeskEvent::OfferGone { tenant, user, gone } if mine(tenant, user) => {
            send(out, "offer_gone", &gone).await
        }
        DeskEvent::Me { tenant, user, me } if mine(tenant, user) => send(out, "desk", &me).await,
        DeskEvent::Agent { tenant, agent }
            if tenant == who.tenant && who.may.contains(&May::DeskView) =>
        {
            send(out, "agents", &[agent]).await
        }
        _ => Some(()),
    }
}

async fn tell_call(
    so_far: Vec<Told>,
    live: Option<broadcast::Receiver<Told>>,
    out: &Out,
) -> Option<()> {
    let mut seq = 0;
    for told in so_far {
        seq = told.seq;
        send_told(out, &told).await?;
    }
    if let Some(mut live) = live {
        loop {
            match next(&mut live).await {
                Next::Told(told) if told.seq > seq => send_told(out, &told).await?,
                Next::Told(_) => {}
                Next::Missed => send(out, "resync", &json!({})).await?,
                Next::Over => break,
            }
        }
    }
    send(out, "end", &json!({})).await
}

enum Next<T> {
    Told(T),
    /// The reader was too slow for some.
    Missed,
    Over,
}

async fn next<T: Clone>(from: &mut broadcast::Receiver<T>) -> Next<T> {
    match from.recv().await {
        Ok(told) => Next::Told(told),
        Err(broadcast::error::RecvError::Lagged(_)) => Next::Missed,
        Err(broadcast::error::RecvError::Closed) => Next::Over,
    }
}

async fn send_told(out: &Out, told: &Told) -> Option<()> {
    let numbered = Numbered {
        seq: told.seq,
        event: &told.event,
    };
    send(out, "event", &numbered).await
}

async fn send(out: &Out, name: &str, data: &impl Serialize) -> Option<()> {
    out.send(Event::default().event(name).json_data(data))
        .await
        .ok()
}

fn stream<T>(events: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    futures_util::stream::unfold(events, |mut events| async move {
        events.recv().await.map(|event| (event, events))
    })
}
