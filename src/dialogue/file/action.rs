//! Prompts, actions, steps and slots of a file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::plan::{Action, Hangup, Prompt, Ref, Retain, Step, Variant};
use crate::dialogue::template::Template;
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::{Disposition, Family, Grade, TurnProfile};
use std::collections::BTreeMap;

pub(super) const GRADES: [(&str, Grade); 6] = [
    ("A", Grade::A),
    ("B", Grade::B),
    ("C", Grade::C),
    ("D", Grade::D),
    ("E", Grade::E),
    ("F", Grade::F),
];

const ACTION: [&str; 9] = [
    "say",
    "tag",
    "set",
    "grade",
    "goto",
    "hangup",
    "handoff",
    "callback",
    "retention",
];

const PROFILES: [(&str, TurnProfile); 3] = [
    ("open", TurnProfile::Open),
    ("yes_no", TurnProfile::YesNo),
    ("digits", TurnProfile::Digits),
];

impl Reader<'_> {
    /// A text, `{text, recording, interruptible}`, or a list of these.
    pub(super) fn prompt(&mut self, node: &Node, what: &str) -> Prompt {
        let items: Vec<&Node> = match &node.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        if items.is_empty() {
            self.error(node.at, format!("{what} has no text"), "write one");
        }
        Prompt {
            variants: items
                .into_iter()
                .filter_map(|n| self.variant(n, what))
                .collect(),
        }
    }

    fn variant(&mut self, node: &Node, what: &str) -> Option<Variant> {
        let long_form = matches!(&node.kind, Kind::Map(m) if m.iter().any(|(k, _)| k.text == "text" || k.text == "recording"));
        let (text_node, recording, interruptible) = if long_form {
            let f = self.fields(node, what, &["text", "recording", "interruptible"]);
            let recording = f.get("recording").and_then(|n| self.recording(n));
            let interruptible = f
                .get("interruptible")
                .is_none_or(|n| self.flag(n, "interruptible"));
            (
                self.need(
                    &f,
                    "text",
                    "a recording needs its words too, for the transcript",
                )?,
                recording,
                interruptible,
            )
        } else {
            (node, None, true)
        };
        let text = self.text(text_node, what)?;
        if text.trim().is_empty() {
            self.error(
                text_node.at,
                format!("{what} has no words"),
                "write what is said, or remove the field",
            );
        }
        match Template::parse(text.trim()) {
            Ok(text) => Some(Variant {
                text,
                recording,
                interruptible,
                grace_ms: 0,
                lang: None,
                when: None,
                at: text_node.at,
            }),
            Err(e) => {
                self.error(
                    text_node.at,
                    format!("{what}: {}", e.why),
                    format!("near {:?}: a variable is written {{name}}, and there is no other use of braces", e.near),
                );
                None
            }
        }
    }

    fn recording(&mut self, node: &Node) -> Option<String> {
        let path = self.text(node, "recording")?;
        let bad = path.starts_with(['/', '\\', '~'])
            || path.contains(':')
            || path.split(['/', '\\']).any(|p| p == "..");
        if bad {
            self.error(
                node.at,
                format!("recording {path:?} leaves the dialplan's folder"),
                "give a path relative to the dialplan, without ..",
            );
            return None;
        }
        if !path.to_ascii_lowercase().ends_with(".wav") {
            self.error(
                node.at,
                format!("recording {path:?} is not a .wav file"),
                "convert it to WAV",
            );
        }
        Some(path)
    }

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
        let f = self.fields(node, "hangup", &["disposition", "result"]);
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
                let f = self.fields(node, what, &ACTION);
                let mut action = self.deeds(&f);
                action.say = f.get("say").map(|n| self.prompt(n, "say"));
                action
            }
        }
    }

    /// Everything of an action but its `say`.
    fn deeds(&mut self, f: &Fields<'_>) -> Action {
        let handoff = f.get("handoff").and_then(|n| match &n.kind {
            Kind::Text(t) if t == "true" => Some(None),
            Kind::Text(t) if t == "false" => None,
            Kind::Text(skill) => Some(Some(skill.clone())),
            _ => {
                self.error(n.at, "handoff must be true or a skill", "");
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
            lang: None,
            call: None,
            returns: false,
        };
        if let (Some(goto), Some(_)) = (&action.goto, &action.hangup) {
            let at = goto.at;
            self.error(
                at,
                "both goto and hangup",
                "keep one: after a hang-up nothing goes on",
            );
        }
        action
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
        let mut tags = Vec::new();
        for (tag, at) in self.texts(node, "tag") {
            if crate::dialogue::template::is_name(&tag) {
                tags.push(tag);
            } else {
                self.error(
                    at,
                    format!("{tag:?} cannot be a tag"),
                    "tags are letters, digits, _ and -",
                );
            }
        }
        tags
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

    pub(super) fn step(&mut self, node: &Node, at: crate::dialogue::diagnostic::At) -> Step {
        let mut known = ACTION.to_vec();
        known.retain(|k| *k != "retention");
        known.extend(["listen", "silence_ms", "on", "keys", "else", "slot", "then"]);
        let f = self.fields(node, "a step", &known);
        let mut on = BTreeMap::new();
        if let Some(n) = f.get("on") {
            for (intent, key_at, value) in self.named(n, "on") {
                let mut action = self.action(value, "a branch");
                action.at = key_at;
                on.insert(intent.to_string(), action);
            }
        }
        let mut keys = BTreeMap::new();
        if let Some(n) = f.get("keys") {
            for (key, key_at, value) in self.entries(n, "keys") {
                let mut chars = key.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) if c.is_ascii_digit() || c == '*' || c == '#' => {
                        keys.insert(c, self.action(value, "a key"));
                    }
                    _ => self.error(
                        key_at,
                        format!("there is no key {key:?}"),
                        "keys are \"0\" to \"9\", \"*\" and \"#\", each alone and in quotes",
                    ),
                }
            }
        }
        let slot = f.get("slot").and_then(|n| self.slot(n, f.get("then")));
        if let (None, Some(then)) = (f.get("slot"), f.get("then")) {
            self.error(
                then.at,
                "`then` without a slot",
                "`then` says where a filled slot leads: use `goto` here",
            );
        }
        Step {
            at,
            say: f.get("say").map(|n| self.prompt(n, "say")),
            listen: f
                .get("listen")
                .and_then(|n| self.word(n, "listen", &PROFILES))
                .unwrap_or_else(|| {
                    slot.as_ref()
                        .map_or(TurnProfile::Open, |s| super::slots::profile(&s.kind))
                }),
            silence_ms: f
                .get("silence_ms")
                .and_then(|n| self.number(n, "silence_ms", 100..=5000)),
            on,
            keys,
            branch: Vec::new(),
            lookup: None,
            doubt: None,
            otherwise: f.get("else").map(|n| self.action(n, "else")),
            slot,
            enter: Action {
                at,
                ..self.deeds(&f)
            },
        }
    }
}
