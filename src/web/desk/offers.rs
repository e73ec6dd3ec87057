//! Offers: what an agent sees of one, and taking it or not.

use super::pop::{self, PopContact, PopLead, PopTag, ScreenPop};
use super::{DONE, Done, of_desk};
use crate::store::recap::Recap;
use crate::terms::{CallEvent, CallId, Lang};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, State};

/// Earlier calls shown beside an offer.
const HISTORY: u32 = 10;

/// Everything that happened in a call so far.
pub(super) async fn events_of(web: &Web, call: &CallId) -> Answer<Vec<CallEvent>> {
    if let Some((so_far, _)) = web.board.follow(call) {
        return Ok(so_far.iter().map(|told| (*told.event).clone()).collect());
    }
    web.store.journal().flush().await;
    let record = web.store.show(&call.0).await?;
    Ok(record.map(|r| r.events).unwrap_or_default())
}

/// What is known of the lead and the call, before accepting and during the call.
#[utoipa::path(get, path = "/desk/offers/{call}", tag = "desk", params(("call" = String, Path)),
    responses((status = 200, body = ScreenPop), (status = 404)))]
pub(super) async fn screen_pop(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<ScreenPop>> {
    let call = CallId(call);
    let lead = web.store.desk_lead(who.tenant, &call).await?;
    let lead = lead.ok_or_else(|| Refusal::not_found("such call"))?;
    let events = events_of(&web, &call).await?;
    let recap = Recap::of(&events);
    let live = web.board.card(&call);
    let lang = live.map_or(Lang::default(), |card| card.lang);
    let offer = web.at_desk().offer(who.user, &call);
    let reason = match offer {
        Some(offer) => offer.reason,
        None => web.at_desk().wanted(&call).map(|w| w.0).unwrap_or_default(),
    };
    let mut card = recap.card.clone();
    for (field, value) in web.store.card_of(&call).await? {
        // What an agent wrote counts.
        match card.iter_mut().find(|(f, _)| *f == field) {
            Some((_, v)) => *v = value,
            None => card.push((field, value)),
        }
    }
    let tags = web.store.desk_contact_tags(who.tenant, &lead.phone).await?;
    let calls = web
        .store
        .desk_history(who.tenant, &lead.phone, &call, HISTORY)
        .await?;
    let last = pop::last_words(&events);
    let name = lead.name.as_deref();
    Ok(Json(ScreenPop {
        briefing: pop::briefing(lang, name, &reason, &recap, last),
        evidence: pop::evidence(&events),
        transcript: pop::transcript(&events),
        grade: recap.grade,
        reasons: recap.reasons,
        phone: lead.phone.to_string(),
        lead: PopLead {
            id: lead.lead.0,
            name: lead.name.clone(),
            vars: lead.vars,
        },
        card,
        contact: PopContact {
            tags,
            calls: calls.into_iter().map(Into::into).collect(),
        },
        tags: recap
            .tags
            .into_iter()
            .map(|t| PopTag {
                tag: t.tag,
                evidence: t.evidence,
            })
            .collect(),
        reason,
        call: call.0,
        lang,
    }))
}

/// Takes the call in the browser. The first one has it.
#[utoipa::path(post, path = "/desk/offers/{call}/accept", tag = "desk", params(("call" = String, Path)),
    responses((status = 200, body = Done), (status = 409, description = "`taken` (detail: by), `not_offered`, `no_line`, `call_over`")))]
pub(super) async fn accept(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<Done>> {
    let taken = web.at_desk().accept(who.user, &CallId(call)).await;
    taken.map_err(of_desk)?;
    Ok(DONE)
}

/// Does not want the call; others are asked.
#[utoipa::path(post, path = "/desk/offers/{call}/decline", tag = "desk", params(("call" = String, Path)),
    responses((status = 200, body = Done), (status = 409)))]
pub(super) async fn decline(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<Done>> {
    web.at_desk()
        .decline(who.user, &CallId(call))
        .map_err(of_desk)?;
    Ok(DONE)
}
