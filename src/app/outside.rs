//! HTTP for dialplans: lookups in the middle of a call, and the optional language model. Blocking requests on threads of
//! their own, so that a slow machine elsewhere keeps no call waiting.

use crate::call::outside::{Answer, Outside};
use crate::dialogue::effect::Request;
use crate::dialogue::plan::{HeaderValue, Llm};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Requests under way at once, over all calls.
const AT_ONCE: usize = 32;
/// The longest answer read, in bytes.
const MAX_ANSWER: u64 = 256 * 1024;
/// The longest value taken over, in characters; the dialogue cuts it further.
const MAX_VALUE: usize = 200;
/// What the model is told before anything else. The endpoint sees no number, no name and no variable of the lead.
const RULES: &str = "You answer one question in a telephone call for a company, in the language of the question, in at most \
    two short spoken sentences, without lists or markup. Use only the facts given. When the facts do not hold the answer, \
    reply with exactly: UNKNOWN. Never promise prices, dates, transfers or calls that the facts do not name.";

/// Reaches other machines by HTTP.
pub struct Http {
    agent: ureq::Agent,
    turns: Arc<Semaphore>,
}

impl Http {
    #[must_use]
    pub fn new() -> Http {
        Http {
            // A redirect could lead anywhere; the file names the machine that is asked.
            agent: ureq::AgentBuilder::new().redirects(0).build(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    fn on_a_thread<T: Send + 'static>(
        &self,
        timeout: Duration,
        work: impl FnOnce(ureq::Agent) -> Result<T, String> + Send + 'static,
    ) -> Answer<T> {
        let (agent, turns) = (self.agent.clone(), self.turns.clone());
        Box::pin(async move {
            let asked = async {
                let _turn = turns.acquire_owned().await.map_err(|e| e.to_string())?;
                tokio::task::spawn_blocking(move || work(agent))
                    .await
                    .map_err(|e| e.to_string())?
            };
            // The name's resolution has no time limit of its own.
            tokio::time::timeout(timeout, asked)
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {} ms", timeout.as_millis())))
        })
    }
}

impl Default for Http {
    fn default() -> Self {
        Http::new()
    }
}

impl Outside for Http {
    fn look_up(&self, request: Request) -> Answer<BTreeMap<String, String>> {
        let timeout = Duration::from_millis(request.timeout_ms);
        self.on_a_thread(timeout, move |agent| {
            let method = if request.post { "POST" } else { "GET" };
            let mut asked = agent.request(method, &request.url).timeout(timeout);
            for (name, value) in &request.headers {
                asked = asked.set(name, &header(value)?);
            }
            let answer = match &request.body {
                Some(body) => asked
                    .set("Content-Type", "application/json")
                    .send_string(body),
                None => asked.call(),
            };
            saved(&json_of(answer)?, &request.save)
        })
    }

    fn ask_model(
        &self,
        llm: &Llm,
        question: String,
        known: Vec<(String, String)>,
    ) -> Answer<String> {
        let llm = llm.clone();
        let timeout = Duration::from_millis(llm.timeout_ms);
        self.on_a_thread(timeout, move |agent| {
            let url = format!("{}/chat/completions", llm.url.trim_end_matches('/'));
            let mut asked = agent.post(&url).timeout(timeout);
            if let Some(name) = &llm.key_env {
                let key = HeaderValue::Env {
                    prefix: "Bearer ".into(),
                    name: name.clone(),
                };
                asked = asked.set("Authorization", &header(&key)?);
            }
            let facts: Vec<String> = known.iter().map(|(k, v)| format!("- {k}: {v}")).collect();
            let body = json!({
                "model": llm.model,
                "temperature": 0,
                "max_tokens": 200,
                "messages": [
                    {"role": "system", "content": format!("{RULES}\nFacts:\n{}", facts.join("\n"))},
                    {"role": "user", "content": question},
                ],
            });
            let answer = json_of(
                asked
                    .set("Content-Type", "application/json")
                    .send_string(&body.to_string()),
            )?;
            answer
                .pointer("/choices/0/message/content")
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| "the model's answer has no text".into())
        })
    }
}

fn header(value: &HeaderValue) -> Result<String, String> {
    match value {
        HeaderValue::Text(text) => Ok(text.clone()),
        HeaderValue::Env { prefix, name } => std::env::var(name)
            .map(|secret| format!("{prefix}{secret}"))
            .map_err(|_| format!("the environment variable {name} is not set")),
    }
}

/// The JSON of an answer. Neither the address nor the answer goes into the message: both may hold what the callee said.
fn json_of(answer: Result<ureq::Response, ureq::Error>) -> Result<Value, String> {
    let answer = match answer {
        Ok(a) if a.status() < 300 => a,
        Ok(a) => return Err(format!("status {}", a.status())),
        Err(ureq::Error::Status(code, _)) => return Err(format!("status {code}")),
        Err(ureq::Error::Transport(t)) => return Err(t.kind().to_string()),
    };
    let mut text = String::new();
    answer
        .into_reader()
        .take(MAX_ANSWER)
        .read_to_string(&mut text)
        .map_err(|e| format!("the answer cannot be read: {}", e.kind()))?;
    serde_json::from_str(&text).map_err(|e| {
        format!(
            "the answer is no JSON: line {}, column {}",
            e.line(),
            e.column()
        )
    })
}

fn saved(
    answer: &Value,
    wanted: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let mut out = BTreeMap::new();
    for (name, pointer) in wanted {
        let value = match answer.pointer(pointer) {
            Some(Value::String(s)) => s.clone(),
            Some(v @ (Value::Number(_) | Value::Bool(_))) => v.to_string(),
            Some(_) => return Err(format!("{pointer} is neither text nor a number")),
            None => return Err(format!("the answer has no {pointer}")),
        };
        out.insert(name.clone(), value.chars().take(MAX_VALUE).collect());
    }
    Ok(out)
}
