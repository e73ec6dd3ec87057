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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;

    /// A machine that answers one request with these bytes after the head; gives its address and what it was asked.
    fn machine(status: &str, body: &str) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let (tell, asked) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let lower = line.to_lowercase();
                if let Some(n) = lower.strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head += &line;
            }
            let mut text = vec![0; length];
            reader.read_exact(&mut text).unwrap();
            // Not every test looks at what was asked.
            let _ = tell.send(head + &String::from_utf8_lossy(&text));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        (format!("http://{at}"), asked)
    }

    fn run<T>(answer: Answer<T>) -> Result<T, String> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(answer)
    }

    fn request(url: String) -> Request {
        Request {
            url,
            post: false,
            headers: vec![("X-App".into(), HeaderValue::Text("callsmith".into()))],
            body: None,
            timeout_ms: 5000,
            save: [("status".to_string(), "/order/0/status".to_string())].into(),
        }
    }

    #[test]
    fn a_lookup_brings_the_values_its_pointers_name() {
        let (at, asked) = machine("200 OK", r#"{"order":[{"status":"已发货"}]}"#);
        let found = run(Http::new().look_up(request(format!("{at}/orders?n=1%262")))).unwrap();
        assert_eq!(found["status"], "已发货");
        let asked = asked.recv().unwrap();
        assert!(asked.starts_with("GET /orders?n=1%262 HTTP"), "{asked}");
        assert!(asked.contains("X-App: callsmith"), "{asked}");
    }

    #[test]
    fn what_is_no_answer_is_told_without_the_address_or_what_was_said() {
        let failed = |status: &str, body: &str| {
            let (at, _) = machine(status, body);
            run(Http::new().look_up(request(format!("{at}/13800138000")))).unwrap_err()
        };
        assert_eq!(failed("500 Oops", "{}"), "status 500");
        assert_eq!(
            failed("302 Found", ""),
            "status 302",
            "no redirect is followed"
        );
        assert!(failed("200 OK", "<html>13800138000").contains("no JSON"));
        assert_eq!(failed("200 OK", "{}"), "the answer has no /order/0/status");
        let nobody = run(Http::new().look_up(request("http://127.0.0.1:1/13800138000".into())));
        let all = [failed("200 OK", "13800138000 x"), nobody.unwrap_err()];
        assert!(all.iter().all(|e| !e.contains("13800138000")), "{all:?}");
    }

    #[test]
    fn a_missing_secret_is_named_and_nothing_is_sent() {
        let mut wants = request("http://127.0.0.1:1/".into());
        wants.headers[0].1 = HeaderValue::Env {
            prefix: "Bearer ".into(),
            name: "CALLSMITH_NO_SUCH_SECRET".into(),
        };
        let told = run(Http::new().look_up(wants)).unwrap_err();
        assert_eq!(
            told,
            "the environment variable CALLSMITH_NO_SUCH_SECRET is not set"
        );
    }

    #[test]
    fn the_model_gets_the_question_and_the_facts_and_nothing_of_the_lead() {
        let reply = r#"{"choices":[{"message":{"content":"到店就可以领。"}}]}"#;
        let (at, asked) = machine("200 OK", reply);
        let llm = Llm {
            at: crate::dialogue::diagnostic::At::default(),
            url: format!("{at}/v1/"),
            model: "small".into(),
            key_env: None,
            timeout_ms: 5000,
            nearest: 4,
            max_chars: 100,
            filler: None,
            fallback: crate::dialogue::plan::Prompt::default(),
        };
        let facts = vec![("coupon".to_string(), "优惠券到店领取".to_string())];
        let said = run(Http::new().ask_model(&llm, "券怎么领".into(), facts)).unwrap();
        assert_eq!(said, "到店就可以领。");
        let asked = asked.recv().unwrap();
        assert!(asked.starts_with("POST /v1/chat/completions"), "{asked}");
        assert!(asked.contains("券怎么领") && asked.contains("优惠券到店领取"));
    }
}
