//! What calls suggest to add to a dialplan: wordings that were not understood, and agents' answers that worked.

use super::PlanFile;
use super::examine::{self, Finding, worked};
use super::library::{self, Found};
use crate::dialogue::Dialplan;
use crate::dialogue::intent::{ACCEPT, Vectors};
use crate::dialogue::suggest::{self, ALIKE, Answer as Given, Group, Proposal, Turn, place};
use crate::dialogue::traits::Embedder;
use crate::terms::Lang;
use crate::web::Web;
use crate::web::answer::{Answer, ErrorBody, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How far back calls are looked at.
const SINCE_MS: i64 = 30 * 86_400_000;
/// The newest calls that are read.
const MOST_CALLS: u32 = 400;
/// Wordings that are compared by meaning; the rest by letters alone.
const MOST_EMBEDDED: usize = 300;
/// Suggestions shown.
const MOST_ITEMS: usize = 60;
/// Wordings of one suggestion.
const MOST_PHRASES: usize = 12;
/// Calls named with one suggestion.
const MOST_NAMED: usize = 10;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(accept))
        .routes(routes!(dismiss))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// More phrases for an intent, or a new one.
    Intent,
    /// An agent's answer, for the knowledge base.
    Answer,
}

/// What people said, and how often.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Phrase {
    text: String,
    count: usize,
}

/// Something that might be added.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "5f0c2d9a1b7e", "kind": "intent", "intent": "ask_invoice", "known": false, "lang": "en",
    "phrases": [{"text": "can i have an invoice", "count": 4}], "answer": null, "calls": ["c-1"]}))]
struct Suggestion {
    id: String,
    kind: Kind,
    /// The intent that the phrases would belong to.
    intent: String,
    /// The dialplan has this intent already.
    known: bool,
    lang: String,
    phrases: Vec<Phrase>,
    answer: Option<String>,
    /// Calls to listen to.
    calls: Vec<String>,
    /// All wordings in the form in which they are compared.
    #[serde(skip)]
    keys: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct Suggestions {
    items: Vec<Suggestion>,
}

/// What the calls of the last 30 days suggest, what was heard most often first.
#[utoipa::path(get, path = "/dialplans/{name}/suggestions", tag = "dialplans", params(("name" = String, Path)),
    responses((status = 200, body = Suggestions), (status = 404, body = ErrorBody)))]
async fn list(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
) -> Answer<Json<Suggestions>> {
    let found = library::find(&web, who.tenant, &name, None).await?;
    let items = suggested(&web, &who, &found).await?;
    Ok(Json(Suggestions { items }))
}

#[derive(Serialize, ToSchema)]
struct Accepted {
    /// The dialplan's own text with it, to look at and publish.
    text: String,
    /// Included files that changed instead.
    files: Vec<PlanFile>,
    /// What the check says of the dialplan as it would be.
    findings: Vec<Finding>,
}

/// The dialplan's text with a suggestion put in; nothing is stored.
#[utoipa::path(post, path = "/dialplans/{name}/suggestions/{id}/accept", tag = "dialplans",
    params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Accepted), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn accept(
    State(web): State<Web>,
    who: Who,
    Path((name, id)): Path<(String, String)>,
) -> Answer<Json<Accepted>> {
    let found = library::find(&web, who.tenant, &name, None).await?;
    let suggestion = one(&web, &who, &found, &id).await?;
    let texts: Vec<&str> = found.files.iter().map(|f| f.text.as_str()).collect();
    let phrases: Vec<String> = suggestion.phrases.iter().map(|p| p.text.clone()).collect();
    let (intent, lang) = (&suggestion.intent, &suggestion.lang);
    let placed = match &suggestion.answer {
        None => place::phrases(&texts, intent, lang, &phrases),
        Some(say) => place::answer(&texts, intent, lang, &phrases, say),
    };
    let (at, new) = placed.ok_or_else(|| {
        Refusal::conflict(
            "no_place",
            format!("the file is written in a way that gives {intent} no place that is surely right; add it by hand"),
        )
    })?;
    let mut files = found.files.clone();
    files[at].text = new;
    let changed = if at == 0 { &[][..] } else { &files[at..=at] };
    let examined = examine::examined(&web, files.clone(), Some(&found)).await?;
    Ok(Json(Accepted {
        text: files[0].text.clone(),
        files: PlanFile::all(changed),
        findings: examined.findings(),
    }))
}

/// Suggests these wordings no more.
#[utoipa::path(post, path = "/dialplans/{name}/suggestions/{id}/dismiss", tag = "dialplans",
    params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "forgotten"), (status = 404, body = ErrorBody)))]
async fn dismiss(
    State(web): State<Web>,
    who: Who,
    Path((name, id)): Path<(String, String)>,
) -> Answer<Json<serde_json::Value>> {
    let found = library::find(&web, who.tenant, &name, None).await?;
    let suggestion = one(&web, &who, &found, &id).await?;
    web.store
        .suggestions_dismiss(who.tenant, &name, &suggestion.keys, &who.name)
        .await?;
    Ok(Json(serde_json::json!({})))
}

async fn one(web: &Web, who: &Who, found: &Found, id: &str) -> Answer<Suggestion> {
    let all = suggested(web, who, found).await?;
    let one = all.into_iter().find(|s| s.id == id);
    one.ok_or_else(|| {
        Refusal::not_found(
            "such suggestion any more; new calls may have changed it, look at the list again",
        )
    })
}

/// An agent's answer with the call it was given in.
struct Answered {
    given: Given,
    call: String,
}

async fn suggested(web: &Web, who: &Who, found: &Found) -> Answer<Vec<Suggestion>> {
    let plan = library::load(web, found).await?;
    let since = web.clock.unix_ms() - SINCE_MS;
    let calls = web
        .store
        .dialplan_calls(who.tenant, &found.name, since, MOST_CALLS)
        .await?;
    let (mut turns, mut answers) = (Vec::new(), Vec::new());
    for call in calls {
        let Some(record) = web.store.show(&call.0).await? else {
            continue;
        };
        let missed = suggest::not_understood(&record.events);
        // Of a campaign with a dialplan for each language only this one's steps count.
        let here = |t: &Turn| t.step.as_ref().is_none_or(|s| plan.steps.contains_key(s));
        turns.extend(missed.into_iter().filter(here));
        if suggest::ended_well(&record.events) {
            let said = suggest::taken_over(&record.events);
            answers.extend(suggest::answers(&said).into_iter().map(|given| Answered {
                given,
                call: call.0.clone(),
            }));
        }
    }
    let dismissed = web
        .store
        .suggestions_dismissed(who.tenant, &found.name)
        .await?;
    let mind = web.dialplans.embedder.clone();
    let texts: Vec<String> = found.files.iter().map(|f| f.text.clone()).collect();
    worked(web, move || {
        grouped(&plan, &texts, &turns, &answers, &dismissed, mind.as_ref())
    })
    .await
}

fn grouped(
    plan: &Dialplan,
    texts: &[String],
    turns: &[Turn],
    answers: &[Answered],
    dismissed: &BTreeSet<String>,
    mind: Option<&Arc<dyn Embedder>>,
) -> Vec<Suggestion> {
    let mut out = Vec::new();
    for lang in plan.tongues.keys().copied() {
        let wanted = |words: &str| {
            suggest::lang_of(plan, words) == lang
                && !dismissed.contains(&suggest::wording_key(words, lang))
        };
        let turns: Vec<Turn> = turns.iter().filter(|t| wanted(&t.words)).cloned().collect();
        for group in in_groups(plan, lang, &turns, mind) {
            out.push(of_turns(plan, lang, &group, &turns));
        }
        // What the robot answers by itself needs no second answer.
        let known = |words: &str| {
            let besides = super::answers::besides(plan, words, lang, mind);
            let readings = plan.weigh(words, lang, &[], &besides);
            readings
                .iter()
                .any(|r| r.score >= ACCEPT && plan.globals.contains_key(&r.intent))
        };
        let new: Vec<&Answered> = answers
            .iter()
            .filter(|a| wanted(&a.given.question) && !known(&a.given.question))
            .collect();
        let asked: Vec<Turn> = new
            .iter()
            .map(|a| Turn {
                words: a.given.question.clone(),
                call: a.call.clone(),
                step: None,
            })
            .collect();
        for group in in_groups(plan, lang, &asked, mind) {
            let first = group.turns.first().map(|i| new[*i].given.answer.clone());
            let mut suggestion = of_turns(plan, lang, &group, &asked);
            suggestion.kind = Kind::Answer;
            suggestion.answer = first;
            suggestion.id = id(Kind::Answer, &group.wordings);
            out.push(suggestion);
        }
    }
    out.sort_by_key(|s| {
        let count: usize = s.phrases.iter().map(|p| p.count).sum();
        (std::cmp::Reverse(count), s.id.clone())
    });
    out.truncate(MOST_ITEMS);
    name_answers(&mut out, texts);
    out
}

/// Answers get names that no file uses; an intent of the file with an answer of its own keeps it.
fn name_answers(items: &mut [Suggestion], texts: &[String]) {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let name = place::free_name(&texts);
    for item in items.iter_mut().filter(|i| i.kind == Kind::Answer) {
        if item.known {
            item.intent.clone_from(&name);
            item.known = false;
        }
    }
}

fn in_groups(
    plan: &Dialplan,
    lang: Lang,
    turns: &[Turn],
    mind: Option<&Arc<dyn Embedder>>,
) -> Vec<Group> {
    let like = |texts: &[String]| {
        let mut vectors = Vectors::default();
        if let Some(mind) = mind {
            for text in texts.iter().take(MOST_EMBEDDED) {
                if let Ok(vector) = mind.embed(&Vectors::key(text)) {
                    vectors.insert(text, vector);
                }
            }
        }
        suggest::likeness(texts, lang, &vectors)
    };
    suggest::group(plan, lang, turns, &like, ALIKE)
}

fn of_turns(plan: &Dialplan, lang: Lang, group: &Group, turns: &[Turn]) -> Suggestion {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls: Vec<String> = Vec::new();
    for turn in group.turns.iter().map(|i| &turns[*i]) {
        *counts
            .entry(suggest::wording_key(&turn.words, lang))
            .or_default() += 1;
        if calls.len() < MOST_NAMED && !calls.contains(&turn.call) {
            calls.push(turn.call.clone());
        }
    }
    let phrase = |text: &String| Phrase {
        text: text.clone(),
        count: counts
            .get(&suggest::wording_key(text, lang))
            .copied()
            .unwrap_or(1),
    };
    let keys: Vec<String> = counts.keys().cloned().collect();
    let intent = group.proposal.intent().to_string();
    Suggestion {
        id: id(Kind::Intent, &group.wordings),
        kind: Kind::Intent,
        known: matches!(group.proposal, Proposal::Existing { .. })
            && plan
                .tongue(lang)
                .is_some_and(|t| t.intents.contains_key(&intent)),
        intent,
        lang: lang.to_string(),
        phrases: group
            .wordings
            .iter()
            .take(MOST_PHRASES)
            .map(phrase)
            .collect(),
        answer: None,
        calls,
        keys,
    }
}

/// The same wordings have the same id, whoever asks and whenever.
fn id(kind: Kind, wordings: &[String]) -> String {
    let mut sorted: Vec<&String> = wordings.iter().collect();
    sorted.sort();
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    for wording in sorted {
        hash.update((wording.len() as u64).to_le_bytes());
        hash.update(wording.as_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().take(6).map(|b| format!("{b:02x}")).collect()
}
