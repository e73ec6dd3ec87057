//! The dialplan's answers for the agent on the line.

use super::examine::worked;
use super::library;
use crate::dialogue::event::Besides;
use crate::dialogue::intent::Vectors;
use crate::dialogue::knowledge::{self, Known};
use crate::dialogue::traits::Embedder;
use crate::dialogue::{Dialplan, Lead};
use crate::store::TenantId;
use crate::terms::Lang;
use crate::web::Web;
use crate::web::answer::Answer;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an agent is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The callee's last words.
    pub words: String,
    pub lang: Lang,
    /// The lead's columns.
    pub vars: BTreeMap<String, String>,
}

/// The most answers shown.
const MOST: usize = 3;

/// What the tenant's dialplan of this name answers, best first; nothing where there is no such dialplan any more.
///
/// # Errors
/// The database cannot be read, or the server is too busy to load the dialplan.
pub async fn answers(
    web: &Web,
    tenant: TenantId,
    dialplan: &str,
    asked: Asked,
) -> Answer<Vec<Known>> {
    if asked.words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let Some(found) = library::look_up(web, tenant, dialplan).await? else {
        return Ok(Vec::new());
    };
    let plan = library::load(web, &found).await?;
    let mind = web.dialplans.embedder.clone();
    worked(web, move || {
        let lead = Lead {
            vars: asked.vars,
            ..Lead::default()
        };
        let besides = besides(&plan, &asked.words, asked.lang, mind.as_ref());
        knowledge::answers(&plan, &asked.words, asked.lang, &lead, &besides, MOST)
    })
    .await
}

/// What the sentence model makes of words.
#[must_use]
pub fn besides(
    plan: &Dialplan,
    words: &str,
    lang: Lang,
    mind: Option<&Arc<dyn Embedder>>,
) -> Besides {
    let vectors = mind.map(|mind| {
        let mut vectors = Vectors::default();
        for text in plan.wants(words, lang) {
            if let Ok(vector) = mind.embed(&text) {
                vectors.insert(&text, vector);
            }
        }
        Arc::new(vectors)
    });
    Besides {
        vectors,
        ..Besides::default()
    }
}
