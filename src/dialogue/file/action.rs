//! Actions: what a branch does.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::prompt::LANGS;
use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::plan::{Action, Hangup, Prompt, Ref, Retain};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::{Disposition, Family, Grade, Lang};
use std::collections::BTreeMap;

pub(super) const GRADES: [(&str, Grade); 6] = [
    ("A", Grade::A),
    ("B", Grade::B),
    ("C", Grade::C),
    ("D", Grade::D),
    ("E", Grade::E),
    ("F", Grade::F),
];

impl Reader {
    pub(super) fn reference(&mut self, node: &Node, what: &str) -> Option<Ref> {
        self.text(node, what).map(|name| Ref { name, at: node.at })
    }

    pub(super) fn refs(&mut self, node: &Node, what: &str) -> Vec<Ref> {
        self.texts(node, what)
            .into_iter()
            .map(|(name, at)| Ref { name, at })
            .collect()
    }

    pub(super) fn disposition(&mut self, node: &Node) -> Option<Disposition> {
        let text = self.text(node, "disposition")?;
        let connected = || {
            Disposition::ALL
                .iter()
                .filter(|d| d.family() == Family::Connected)
                .map(|d| d.code())
        };
        match text.parse::<Disposition>() {
            Ok(d) if d.family() == Family::Connected => Some(d),
            Ok(d) => {
                self.error(
                    node.at,
                    format!(
                        "disposition {:?} is for calls that were never answered",
                        d.code()
                    ),
                    advise("", connected()),
                );
                None
            }
            Err(_) => {
                self.error(
                    node.at,
                    format!("there is no disposition {text:?}"),
                    advise(&text, connected()),
                );
                None
            }
        }
    }

    /// `hangup: completed`, or `{disposition, result}`.
    pub(super) fn hangup(&mut self, node: &Node) -> Option<Hangup> {
        if let Kind::Text(_) = node.kind {
            let disposition = self.disposition(node)?;
            return Some(Hangup {
                disposition,
                result: None,
            });
        }
        let f = self.fields(node, "hangup", &known::HANGUP);
        let disposition = match f.get("disposition") {
            Some(n) => self.disposition(n)?,
            None => Disposition::Completed,
        };
        let result = f.get("result").and_then(|n| self.text(n, "result"));
        Some(Hangup {
            disposition,
            result,
        })
    }

    /// A step's name, or a mapping of what to do.
    pub(super) fn action(&mut self, node: &Node, what: &str) -> Action {
        match &node.kind {
            Kind::Text(_) => Action {
                at: node.at,
                goto: self.reference(node, what),
                ..Action::default()
            },
            _ => {
                let f = self.fields(node, what, &known::ACTION);
                self.spoken(&f)
            }
        }
    }

    /// An action with its `say`.
    pub(super) fn spoken(&mut self, f: &Fields<'_>) -> Action {
        let mut action = self.deeds(f);
        action.say = f.get("say").map(|n| self.prompt(n, "say"));
        action
    }

    /// Everything of an action but its `say`.
    pub(super) fn deeds(&mut self, f: &Fields<'_>) -> Action {
        let handoff = f.get("handoff").and_then(|n| match &n.kind {
            Kind::Text(t) if t == "true" => Some(None),
            Kind::Text(t) if t == "false" => None,
            Kind::Text(skill) => Some(Some(skill.clone())),
            _ => {
                let advice = "write `handoff: true`, or a skill that agents have: `handoff: sales`";
                self.error(n.at, "handoff must be true or a skill", advice);
                None
            }
        });
        let retention = match f.get("retention") {
            None => Retain::Unsaid,
            Some(n) => match &n.kind {
                Kind::Text(t) if t == "true" => Retain::Yes,
                Kind::Text(t) if t == "false" => Retain::No,
                _ => Retain::Own(self.retention_line(n)),
            },
        };
        let action = Action {
            at: f.at,
            say: None,
            tag: f.get("tag").map(|n| self.tags(n)).unwrap_or_default(),
            set: f.get("set").map(|n| self.sets(n)).unwrap_or_default(),
            grade: f.get("grade").and_then(|n| self.word(n, "grade", &GRADES)),
            goto: f.get("goto").and_then(|n| self.reference(n, "goto")),
            hangup: f.get("hangup").and_then(|n| self.hangup(n)),
            handoff,
            callback: f.get("callback").is_some_and(|n| self.flag(n, "callback")),
            retention,
            lang: f.get("lang").and_then(|n| self.spoken_lang(n)),
            call: f.get("call").and_then(|n| self.reference(n, "call")),
            returns: f.get("return").is_some_and(|n| self.flag(n, "return")),
        };
        let ways: Vec<&str> = ["goto", "hangup", "call", "return"]
            .into_iter()
            .filter(|key| match *key {
                "return" => action.returns,
                key => f.get(key).is_some(),
            })
            .collect();
        if let [first, second, ..] = ways[..] {
            let at = f.get(first).map_or(f.at, |n| n.at);
            let advice = if second == "hangup" {
                "keep one: after a hang-up nothing goes on"
            } else {
                "keep one: an action leads to one place"
            };
            self.error(at, format!("both {first} and {second}"), advice);
        }
        action
    }

    /// A language that this file speaks.
    pub(super) fn spoken_lang(&mut self, node: &Node) -> Option<Lang> {
        let lang = self.word(node, "lang", &LANGS)?;
        if !self.langs.contains(&lang) {
            self.error(
                node.at,
                format!("this file does not speak {lang}"),
                format!("add `langs: {{ {lang}: {{}} }}`, and its words everywhere"),
            );
        }
        Some(lang)
    }

    fn retention_line(&mut self, node: &Node) -> Prompt {
        match &node.kind {
            Kind::Map(m) if m.iter().any(|(k, _)| k.text == "say") => {
                let f = self.fields(node, "retention", &["say", "once"]);
                f.get("say")
                    .map(|n| self.prompt(n, "retention"))
                    .unwrap_or_default()
            }
            _ => self.prompt(node, "retention"),
        }
    }

    pub(super) fn tags(&mut self, node: &Node) -> Vec<String> {
        self.texts(node, "tag")
            .into_iter()
            .filter_map(|(tag, at)| self.tag(tag, at))
            .collect()
    }

    pub(super) fn tag(
        &mut self,
        tag: String,
        at: crate::dialogue::diagnostic::At,
    ) -> Option<String> {
        if crate::dialogue::template::is_name(&tag) {
            return Some(tag);
        }
        self.error(
            at,
            format!("{tag:?} cannot be a tag"),
            "tags are letters, digits, _ and -",
        );
        None
    }

    fn sets(&mut self, node: &Node) -> BTreeMap<String, String> {
        let mut set = BTreeMap::new();
        for (name, _, value) in self.named(node, "set") {
            if let Some(v) = self.text(value, "a set value") {
                set.insert(name.to_string(), v);
            }
        }
        set
    }
}
