//! Ladders, the built-in answers and the hand-off of a file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::action::GRADES;
use super::known;
use super::prompt::by_language;
use super::reader::{Fields, Reader};
use crate::dialogue::defaults::Defaults;
use crate::dialogue::plan::{Action, Busy, Handoff, Hangup, Ladder, Nobody, Prompt, Retention};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::Disposition;

/// One of the program's own texts.
type Word = fn(&Defaults) -> &'static str;

/// More tries than this, and a ladder has no end that anybody reaches.
const MOST_TRIES: usize = 9;

impl Reader {
    /// The prompt of `{say: …}`, or the node itself as a prompt.
    pub(super) fn say_of(&mut self, node: &Node, what: &str) -> Prompt {
        match &node.kind {
            Kind::Map(m) if m.iter().any(|(k, _)| k.text == "say") => {
                let f = self.fields(node, what, &["say"]);
                f.get("say")
                    .map(|n| self.prompt(n, what))
                    .unwrap_or_default()
            }
            _ => self.prompt(node, what),
        }
    }

    /// A built-in answer: like a global.
    pub(super) fn answer(&mut self, f: &Fields<'_>, key: &str, default: Word) -> Action {
        let mut action = match f.get(key) {
            Some(n) if matches!(n.kind, Kind::Map(_)) && !by_language(n) => self.action(n, key),
            Some(n) => Action {
                say: Some(self.prompt(n, key)),
                ..Action::default()
            },
            None => Action::default(),
        };
        if action.say.is_none() {
            action.say = Some(self.builtin(default));
        }
        action
    }

    /// A built-in answer that ends the call.
    pub(super) fn close(
        &mut self,
        f: &Fields<'_>,
        key: &str,
        default: Word,
        result: &str,
    ) -> Action {
        let mut action = self.answer(f, key, default);
        if action.goto.is_none() && action.hangup.is_none() {
            action.hangup = Some(Hangup {
                disposition: Disposition::Completed,
                result: Some(result.into()),
            });
        }
        action
    }

    /// `{say: …}` or the plain prompt, else the built-in words.
    pub(super) fn said(&mut self, f: &Fields<'_>, key: &str, default: Word) -> Prompt {
        match f.get(key) {
            Some(n) => self.say_of(n, key),
            None => self.builtin(default),
        }
    }

    pub(super) fn back(&mut self, f: &Fields<'_>) -> Prompt {
        match f.get("back") {
            Some(n) => self.prompt(n, "back"),
            None => self.builtin_texts(&|d| d.back.iter().map(|t| (*t).to_string()).collect()),
        }
    }

    pub(super) fn busy(&mut self, f: &Fields<'_>) -> Busy {
        let b = f.get("busy").map(|n| self.fields(n, "busy", &known::BUSY));
        let slot = b
            .as_ref()
            .and_then(|b| b.get("slot"))
            .and_then(|n| self.text(n, "busy slot"))
            .filter(|slot| crate::dialogue::template::is_name(slot))
            .unwrap_or_else(|| "callback_at".into());
        let mut own = |key: &str| {
            let node = b.as_ref().and_then(|b| b.get(key))?;
            Some(self.prompt(node, key))
        };
        let (say, done, unclear) = (own("say"), own("done"), own("unclear"));
        let kept = |d: &'static Defaults| vec![d.busy_done.replace("callback_at", &slot)];
        Busy {
            say: say.unwrap_or_else(|| self.builtin(|d| d.busy_say)),
            done: done.unwrap_or_else(|| self.builtin_texts(&kept)),
            unclear: unclear.unwrap_or_else(|| self.builtin(|d| d.busy_unclear)),
            slot,
        }
    }

    pub(super) fn after_ms(&mut self, f: &Fields<'_>) -> u64 {
        let Some(node) = f.get("no_input") else {
            return 5000;
        };
        match &node.kind {
            Kind::Map(m) => m
                .iter()
                .find(|(k, _)| k.text == "after_ms")
                .and_then(|(_, n)| self.number(n, "after_ms", 1000..=60_000))
                .unwrap_or(5000),
            _ => 5000,
        }
    }

    pub(super) fn ladder(
        &mut self,
        f: &Fields<'_>,
        key: &str,
        lines: fn(&Defaults) -> &'static [&'static str],
        end: Word,
    ) -> Ladder {
        let silence = key == "no_input";
        let disposition = if silence {
            Disposition::Silence
        } else {
            Disposition::NoMatch
        };
        let mut ladder = Ladder {
            lines: self.builtin_lines(lines),
            end: self.builtin(end),
            hangup: Hangup {
                disposition,
                result: None,
            },
        };
        let Some(node) = f.get(key) else {
            return ladder;
        };
        let known: &[&str] = if silence {
            &known::NO_INPUT
        } else {
            &known::NO_MATCH
        };
        let l = self.fields(node, key, known);
        if let Some(n) = l.get("lines") {
            ladder.lines = self.prompts(n, key);
            if ladder.lines.len() > MOST_TRIES {
                let message = format!(
                    "{} tries: nobody reaches this ladder's end",
                    ladder.lines.len()
                );
                self.error(n.at, message, "three is what people bear");
            } else if ladder.lines.len() > 5 {
                self.warn(
                    n.at,
                    format!("{} tries before the call ends", ladder.lines.len()),
                    "three is what people bear",
                );
            }
        }
        let Some(end) = l.get("end") else {
            if f.get(key).is_some() && l.get("lines").is_some() {
                self.warn(
                    l.at,
                    format!("{key} has no end of its own"),
                    "the built-in words will end the call: write `end: { say: … }`",
                );
            }
            return ladder;
        };
        let e = self.fields(end, "end", &known::LADDER_END);
        if let Some(n) = e.get("say") {
            ladder.end = self.prompt(n, "end");
        }
        if let Some(d) = e.get("disposition").and_then(|n| self.disposition(n)) {
            ladder.hangup.disposition = d;
        }
        ladder.hangup.result = e.get("result").and_then(|n| self.text(n, "result"));
        ladder
    }

    pub(super) fn retention(&mut self, f: &Fields<'_>) -> Option<Retention> {
        let node = f.get("retention")?;
        let r = self.fields(node, "retention", &known::RETENTION);
        let place = r.get("on").map_or(node.at, |n| n.at);
        self.places.insert("retention.on".into(), place);
        let on = match r.get("on") {
            Some(n) => self.texts(n, "on").into_iter().map(|(t, _)| t).collect(),
            None => vec!["deny".to_string()],
        };
        let say = self.need(&r, "say", "write the retention line")?;
        Some(Retention {
            on,
            say: self.prompt(say, "retention"),
            once: r.get("once").is_none_or(|n| self.flag(n, "once")),
        })
    }

    pub(super) fn handoff(&mut self, f: &Fields<'_>) -> Handoff {
        let mut handoff = Handoff {
            grade: None,
            tags: Vec::new(),
            intents: Vec::new(),
            upset: false,
            skill: None,
            line: self.builtin(|d| d.handoff_line),
            while_waiting: self.builtin_lines(|d| d.waiting),
            nobody: Nobody {
                say: self.builtin(|d| d.nobody),
                callback: true,
                disposition: Disposition::TransferFailed,
                goto: None,
            },
        };
        let Some(node) = f.get("handoff") else {
            return handoff;
        };
        let h = self.fields(node, "handoff", &known::HANDOFF);
        if let Some(n) = h.get("when") {
            let w = self.fields(n, "when", &known::HANDOFF_WHEN);
            handoff.grade = w.get("grade").and_then(|n| self.word(n, "grade", &GRADES));
            handoff.tags = w.get("tag").map(|n| self.tags(n)).unwrap_or_default();
            handoff.upset = w.get("upset").is_some_and(|n| self.flag(n, "upset"));
            for key in ["tag", "intent", "upset"] {
                let place = w.get(key).map_or(n.at, |n| n.at);
                self.places.insert(format!("handoff.{key}"), place);
            }
            handoff.intents = w
                .get("intent")
                .map(|n| self.texts(n, "intent"))
                .unwrap_or_default()
                .into_iter()
                .map(|(t, _)| t)
                .collect();
        }
        handoff.skill = h.get("skill").and_then(|n| self.text(n, "skill"));
        if let Some(n) = h.get("line") {
            handoff.line = self.prompt(n, "line");
        }
        if let Some(n) = h.get("while_waiting") {
            handoff.while_waiting = self.prompts(n, "while_waiting");
        }
        if let Some(n) = h.get("nobody") {
            self.nobody(n, &mut handoff.nobody);
        }
        handoff
    }

    fn nobody(&mut self, node: &Node, nobody: &mut Nobody) {
        let n = self.fields(node, "nobody", &known::NOBODY);
        if let Some(say) = n.get("say") {
            nobody.say = self.prompt(say, "nobody");
        }
        if let Some(c) = n.get("callback") {
            nobody.callback = self.flag(c, "callback");
        }
        if let Some(d) = n.get("disposition").and_then(|d| self.disposition(d)) {
            nobody.disposition = d;
        }
        nobody.goto = n.get("goto").and_then(|g| self.reference(g, "goto"));
    }
}

/// The tags that the machine gives by itself.
pub(in crate::dialogue) const BUILTIN_TAGS: [&str; 5] = [
    "opt_out",
    "wants_human",
    "callback",
    "robot_question",
    "abuse",
];

impl Nobody {
    /// The disposition of a call that nobody took over.
    #[must_use]
    pub fn hangup(&self) -> Hangup {
        Hangup {
            disposition: self.disposition,
            result: None,
        }
    }
}
