//! Questions to other machines: lookups in the middle of a call, and the language model.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::reader::Reader;
use crate::dialogue::diagnostic::At;
use crate::dialogue::plan::{HeaderValue, Llm, Lookup};
use crate::dialogue::template::is_name;
use crate::dialogue::yaml::{Kind, Node};
use std::collections::BTreeMap;

impl Reader {
    pub(super) fn lookup(&mut self, node: &Node, then: Option<&Node>) -> Option<Lookup> {
        let f = self.fields(node, "lookup", &known::LOOKUP);
        let url = self
            .need(&f, "url", "write where to ask: `url: https://…`")
            .and_then(|n| {
                let text = self.text(n, "url")?;
                self.address(n.at, &text)
                    .then(|| self.template(n.at, &text, "url"))?
            });
        let post = f
            .get("method")
            .and_then(|n| self.word(n, "method", &[("GET", false), ("POST", true)]))
            .unwrap_or(false);
        let body = f.get("body").map(|n| self.body(n)).unwrap_or_default();
        if let Some(n) = f.get("body")
            && !post
        {
            self.error(n.at, "a body without POST", "add `method: POST`");
        }
        let save = f.get("save").map(|n| self.pointers(n)).unwrap_or_default();
        if save.is_empty() {
            self.error(
                f.at,
                "a lookup that keeps nothing",
                "add `save: { status: /order/status }`: a variable and where in the answer it stands",
            );
        }
        let then = match then.or(f.get("then")) {
            Some(n) => self.reference(n, "then"),
            None => {
                let advice = "add `then:` with the step that follows when everything was found";
                self.error(f.at, "a lookup that leads nowhere", advice);
                None
            }
        };
        let advice =
            "add `failed:` with the step for when the other machine is late, wrong or away";
        let failed = self
            .need(&f, "failed", advice)
            .map(|n| self.action(n, "failed"));
        Some(Lookup {
            at: node.at,
            post,
            headers: f
                .get("headers")
                .map(|n| self.headers(n))
                .unwrap_or_default(),
            body,
            timeout_ms: f
                .get("timeout_ms")
                .and_then(|n| self.number(n, "timeout_ms", 200..=10_000))
                .unwrap_or(3000),
            filler: f.get("filler").map(|n| self.prompt(n, "filler")),
            save,
            url: url?,
            then: then?,
            failed: failed?,
        })
    }

    /// An http(s) address whose host is written out.
    fn address(&mut self, at: At, url: &str) -> bool {
        let wrong = match url_host(url) {
            None => Some("it must begin with https:// or http://, and have a host"),
            Some(host) if host.contains(['{', '}']) => {
                Some("the host must be written out: a variable could lead the call's data anywhere")
            }
            Some(_) if url.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                Some("it has a blank in it: write %20")
            }
            Some(_) => None,
        };
        if let Some(why) = wrong {
            self.error(at, format!("{url:?} is not an address to ask"), why);
        }
        wrong.is_none()
    }

    fn headers(&mut self, node: &Node) -> Vec<(String, HeaderValue)> {
        let mut headers = Vec::new();
        for (name, at, value) in self.entries(node, "headers") {
            let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if name.is_empty() || !name.chars().all(token) {
                let advice = "headers are named like X-App: letters, digits and -";
                self.error(at, format!("{name:?} cannot be a header"), advice);
                continue;
            }
            let value = match &value.kind {
                Kind::Map(_) => self
                    .secret(value)
                    .map(|(name, prefix)| HeaderValue::Env { prefix, name }),
                _ => self.text(value, "a header").and_then(|t| {
                    if t.contains(['{', '}']) || t.chars().any(char::is_control) {
                        let advice =
                            "write it as it is sent; a callee's data goes into `url` or `body`";
                        self.error(
                            value.at,
                            "a header holds plain text, without variables",
                            advice,
                        );
                        return None;
                    }
                    Some(HeaderValue::Text(t))
                }),
            };
            headers.extend(value.map(|v| (name.to_string(), v)));
        }
        headers
    }

    /// `{ env: NAME, prefix: "Bearer " }`: the variable's name and the prefix.
    fn secret(&mut self, node: &Node) -> Option<(String, String)> {
        let f = self.fields(node, "a secret", &known::SECRET);
        let name_node = self.need(&f, "env", "name the environment variable that holds it")?;
        let name = self.text(name_node, "env")?;
        let good = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            self.error(
                name_node.at,
                format!("{name:?} is not the name of an environment variable"),
                "write its name, such as CRM_TOKEN, not its value",
            );
            return None;
        }
        let prefix = f.get("prefix").and_then(|n| self.text(n, "prefix"));
        Some((name, prefix.unwrap_or_default()))
    }

    fn body(&mut self, node: &Node) -> Vec<(String, crate::dialogue::template::Template)> {
        let mut body = Vec::new();
        for (name, _, value) in self.entries(node, "body") {
            if let Some(text) = self.text(value, "a body field")
                && let Some(text) = self.template(value.at, &text, "body")
            {
                body.push((name.to_string(), text));
            }
        }
        body
    }

    fn pointers(&mut self, node: &Node) -> BTreeMap<String, String> {
        let mut save = BTreeMap::new();
        for (name, _, value) in self.named(node, "save") {
            let Some(pointer) = self.text(value, "a JSON pointer") else {
                continue;
            };
            let escapes = pointer
                .split('~')
                .skip(1)
                .all(|after| after.starts_with(['0', '1']));
            if !pointer.starts_with('/') || !escapes {
                self.error(
                    value.at,
                    format!("{pointer:?} is not a JSON pointer"),
                    "write the way to it with slashes (RFC 6901): /order/status, /items/0/name",
                );
            } else if is_name(name) {
                save.insert(name.to_string(), pointer);
            }
        }
        save
    }

    pub(super) fn llm(&mut self, node: &Node) -> Option<Llm> {
        let f = self.fields(node, "llm", &known::LLM);
        let url = self
            .need(
                &f,
                "url",
                "an OpenAI-compatible endpoint: `url: http://127.0.0.1:8000/v1`",
            )
            .and_then(|n| {
                let url = self.text(n, "url")?;
                self.address(n.at, &url).then_some(url)
            });
        let model = self
            .need(&f, "model", "name the model that the endpoint serves")
            .and_then(|n| self.text(n, "model"));
        let key_env = f.get("key").and_then(|n| match &n.kind {
            Kind::Map(_) => self.secret(n).map(|(name, _)| name),
            _ => {
                self.leak(
                    n.at,
                    "a key does not belong into a file",
                    "write `key: { env: LLM_KEY }` and put the key into that environment variable",
                );
                None
            }
        });
        let advice =
            "say what the robot answers when the model is late, wrong or away: `fallback: …`";
        let fallback = self
            .need(&f, "fallback", advice)
            .map(|n| self.prompt(n, "fallback"));
        Some(Llm {
            at: node.at,
            key_env,
            timeout_ms: f
                .get("timeout_ms")
                .and_then(|n| self.number(n, "timeout_ms", 300..=8000))
                .unwrap_or(2500),
            nearest: f
                .get("nearest")
                .and_then(|n| self.number(n, "nearest", 1..=20))
                .unwrap_or(4),
            max_chars: f
                .get("max_chars")
                .and_then(|n| self.number(n, "max_chars", 20..=500))
                .unwrap_or(120),
            filler: f.get("filler").map(|n| self.prompt(n, "filler")),
            url: url?,
            model: model?,
            fallback: fallback?,
        })
    }
}

/// The host of an http(s) address, without port and user.
pub(in crate::dialogue) fn url_host(url: &str) -> Option<&str> {
    let lower = url.get(..8)?.to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &url[8..]
    } else if lower.starts_with("http://") {
        &url[7..]
    } else {
        return None;
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}
