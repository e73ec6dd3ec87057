//! Quality: words to watch for, and where they fell. Review notes stand with the calls.

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::calls::Page;
use super::guard::Who;
use crate::store::words::words;
use crate::store::{HitFilter, Word, WordHit};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/qc/words", May::QcView),
    Rule::may("POST", "/qc/words", May::QcWords),
    Rule::may("DELETE", "/qc/words/{word}", May::QcWords),
    Rule::may("GET", "/qc/hits", May::QcView),
];

/// The longest watched word, in characters.
const LONGEST: usize = 60;

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(hits))
}

/// A watched word.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 4, "word": "保证收益", "lang": "zh", "kind": "forbidden", "by": "sun", "created_unix_ms": 1_790_000_000_000_i64}))]
struct QcWord {
    id: i64,
    word: String,
    lang: String,
    kind: String,
    by: String,
    created_unix_ms: i64,
}

impl From<Word> for QcWord {
    fn from(word: Word) -> QcWord {
        QcWord {
            id: word.id,
            word: word.word,
            lang: word.lang,
            kind: word.kind,
            by: word.by,
            created_unix_ms: word.created_unix_ms,
        }
    }
}

/// The words that are watched for in what robot, callee and agent say.
#[utoipa::path(get, path = "/qc/words", tag = "qc", responses((status = 200, body = [QcWord])))]
async fn list(State(web): State<Web>, who: Who) -> Answer<Json<Vec<QcWord>>> {
    let words = web.store.qc_words(who.tenant).await?;
    Ok(Json(words.into_iter().map(QcWord::from).collect()))
}

/// A word to watch for.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"word": "保证收益", "lang": "zh", "kind": "forbidden"}))]
struct NewWord {
    word: String,
    /// `zh`, `en`, or `any`.
    lang: Option<String>,
    /// `forbidden`: must not be said; `sensitive`: worth a look.
    kind: String,
}

/// Watch for a word from now on: in live calls as an alert, and in every call that ends. Chinese is found anywhere in a
/// sentence, English as whole words.
#[utoipa::path(post, path = "/qc/words", tag = "qc", request_body = NewWord, responses((status = 201, body = QcWord), (status = 409), (status = 422)))]
async fn add(
    State(web): State<Web>,
    who: Who,
    Json(new): Json<NewWord>,
) -> Answer<(StatusCode, Json<QcWord>)> {
    let word = new.word.trim();
    if words(word).is_empty() || word.chars().count() > LONGEST {
        let why = format!("give a word or a phrase of at most {LONGEST} characters");
        return Err(Refusal::field("word", why));
    }
    let lang = new.lang.as_deref().unwrap_or("any");
    if !["zh", "en", "any"].contains(&lang) {
        return Err(Refusal::field("lang", "give zh, en or any"));
    }
    if !["forbidden", "sensitive"].contains(&new.kind.as_str()) {
        return Err(Refusal::field("kind", "give forbidden or sensitive"));
    }
    let wish = (word, lang, new.kind.as_str());
    let id = web.store.qc_word_add(who.tenant, wish, &who.name).await?;
    let id = id.ok_or_else(|| Refusal::conflict("known", "this word is watched for already"))?;
    web.calls.watch.reload(&web.store).await?;
    let detail = json!({"word": word, "lang": lang, "kind": new.kind});
    web.audit(&who, "qc.word_add", format!("word:{id}"), detail)
        .await?;
    let made = QcWord {
        id,
        word: word.into(),
        lang: lang.into(),
        kind: new.kind,
        by: who.name.clone(),
        created_unix_ms: web.clock.unix_ms(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Watch for a word no longer. What was found of it stays.
#[utoipa::path(delete, path = "/qc/words/{word}", tag = "qc", params(("word" = i64, Path, example = 4)), responses((status = 204)))]
async fn remove(State(web): State<Web>, who: Who, Path(id): Path<i64>) -> Answer<StatusCode> {
    if !web.store.qc_word_delete(who.tenant, id).await? {
        return Err(Refusal::not_found("such word"));
    }
    web.calls.watch.reload(&web.store).await?;
    web.audit(&who, "qc.word_remove", format!("word:{id}"), json!({}))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A watched word that fell.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"call": "c19a2b-77aa01ff", "word": "保证收益", "kind": "forbidden", "who": "agent", "text": "我们保证收益", "at_ms": 41_000, "unix_ms": 1_790_000_041_000_i64}))]
struct Hit {
    call: String,
    word: String,
    kind: String,
    /// `robot`, `callee`, `agent`.
    who: String,
    text: String,
    at_ms: i64,
    unix_ms: i64,
}

impl From<WordHit> for Hit {
    fn from(hit: WordHit) -> Hit {
        Hit {
            call: hit.call.0,
            word: hit.word,
            kind: hit.kind,
            who: hit.who,
            text: hit.text,
            at_ms: hit.at_ms,
            unix_ms: hit.unix_ms,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Hits {
    items: Vec<Hit>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Unix ms.
    since: Option<i64>,
    /// Unix ms, not included.
    until: Option<i64>,
    /// One word only.
    word: Option<String>,
}

/// Where watched words fell, the newest first.
#[utoipa::path(get, path = "/qc/hits", tag = "qc", params(Page, Filter), responses((status = 200, body = Hits)))]
async fn hits(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
    Query(filter): Query<Filter>,
) -> Answer<Json<Hits>> {
    let filter = HitFilter {
        since_unix_ms: filter.since,
        until_unix_ms: filter.until,
        word: filter.word.filter(|w| !w.is_empty()),
        before: page.after::<1>()?.map(|[id]| id),
    };
    let hits = web.store.qc_hits(who.tenant, &filter, page.limit()).await?;
    Ok(Json(Hits {
        next: page.next(&hits, |h| h.id.to_string()),
        items: hits.into_iter().map(Hit::from).collect(),
    }))
}
