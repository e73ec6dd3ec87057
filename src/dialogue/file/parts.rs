//! Ladders, the built-in answers, hand-off and grade rules of a file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::action::GRADES;
use super::builtin_prompt;
use super::reader::{Fields, Reader};
use crate::dialogue::defaults::Defaults;
use crate::dialogue::plan::{
    Action, Busy, GradeRule, Handoff, Hangup, Ladder, Nobody, Prompt, Retention, When,
};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::Disposition;

impl Reader<'_> {
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
    pub(super) fn answer(&mut self, f: &Fields<'_>, key: &str, default: &str) -> Action {
        let mut action = match f.get(key) {
            Some(n) if matches!(n.kind, Kind::Map(_)) => self.action(n, key),
            Some(n) => Action {
                say: Some(self.prompt(n, key)),
                ..Action::default()
            },
            None => Action::default(),
        };
        if action.say.is_none() {
            action.say = Some(builtin_prompt(&[default]));
        }
        action
    }

    /// A built-in answer that ends the call.
    pub(super) fn close(
        &mut self,
        f: &Fields<'_>,
        key: &str,
        default: &str,
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

    pub(super) fn busy(&mut self, f: &Fields<'_>, words: &Defaults) -> Busy {
        let node = f.get("busy");
        let b = node.map(|n| self.fields(n, "busy", &["say", "slot", "done", "unclear"]));
        let slot = b
            .as_ref()
            .and_then(|b| b.get("slot"))
            .and_then(|n| self.text(n, "busy slot"))
            .unwrap_or_else(|| "callback_at".into());
        let done = words.busy_done.replace("callback_at", &slot);
        let mut part = |key: &str, default: &str| match b.as_ref().and_then(|b| b.get(key)) {
            Some(n) => self.prompt(n, key),
            None => builtin_prompt(&[default]),
        };
        Busy {
            say: part("say", words.busy_say),
            done: part("done", &done),
            unclear: part("unclear", words.busy_unclear),
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
        lines: &[&str],
        end: &str,
    ) -> Ladder {
        let silence = key == "no_input";
        let disposition = if silence {
            Disposition::Silence
        } else {
            Disposition::NoMatch
        };
        let mut ladder = Ladder {
            lines: lines.iter().map(|l| builtin_prompt(&[l])).collect(),
            end: builtin_prompt(&[end]),
            hangup: Hangup {
                disposition,
                result: None,
            },
        };
        let Some(node) = f.get(key) else {
            return ladder;
        };
        let known: &[&str] = if silence {
            &["lines", "end", "after_ms"]
        } else {
            &["lines", "end"]
        };
        let l = self.fields(node, key, known);
        if let Some(n) = l.get("lines") {
            ladder.lines = match &n.kind {
                Kind::List(items) => items.iter().map(|i| self.prompt(i, key)).collect(),
                _ => vec![self.prompt(n, key)],
            };
            if ladder.lines.len() > 5 {
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
        let e = self.fields(end, "end", &["say", "disposition", "result"]);
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
        let r = self.fields(node, "retention", &["on", "say", "once"]);
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

    pub(super) fn handoff(&mut self, f: &Fields<'_>, words: &Defaults) -> Handoff {
        let mut handoff = Handoff {
            grade: None,
            tags: Vec::new(),
            intents: Vec::new(),
            upset: false,
            skill: None,
            line: builtin_prompt(&[words.handoff_line]),
            while_waiting: words.waiting.iter().map(|w| builtin_prompt(&[w])).collect(),
            nobody: Nobody {
                say: builtin_prompt(&[words.nobody]),
                callback: true,
                disposition: Disposition::TransferFailed,
                goto: None,
            },
        };
        let Some(node) = f.get("handoff") else {
            return handoff;
        };
        let h = self.fields(
            node,
            "handoff",
            &["when", "skill", "line", "while_waiting", "nobody"],
        );
        if let Some(n) = h.get("when") {
            let w = self.fields(n, "when", &["grade", "tag", "intent"]);
            handoff.grade = w.get("grade").and_then(|n| self.word(n, "grade", &GRADES));
            handoff.tags = w.get("tag").map(|n| self.tags(n)).unwrap_or_default();
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
            handoff.while_waiting = match &n.kind {
                Kind::List(items) => items
                    .iter()
                    .map(|i| self.prompt(i, "while_waiting"))
                    .collect(),
                _ => vec![self.prompt(n, "while_waiting")],
            };
        }
        if let Some(n) = h.get("nobody") {
            self.nobody(n, &mut handoff.nobody);
        }
        handoff
    }

    fn nobody(&mut self, node: &Node, nobody: &mut Nobody) {
        let n = self.fields(node, "nobody", &["say", "callback", "disposition", "goto"]);
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

    pub(super) fn grades(&mut self, f: &Fields<'_>) -> Vec<GradeRule> {
        let Some(node) = f.get("grade") else {
            return Vec::new();
        };
        let Kind::List(items) = &node.kind else {
            self.error(
                node.at,
                "grade must be a list of rules",
                "write `- { grade: A, when: { all: [tag] }, reason: … }` lines",
            );
            return Vec::new();
        };
        items.iter().filter_map(|i| self.grade_rule(i)).collect()
    }

    fn grade_rule(&mut self, node: &Node) -> Option<GradeRule> {
        let f = self.fields(node, "a grade rule", &["grade", "when", "reason"]);
        let grade = self
            .need(&f, "grade", "one of A to F")
            .and_then(|n| self.word(n, "grade", &GRADES));
        let reason = self
            .need(
                &f,
                "reason",
                "say in words why: people read it beside the grade",
            )
            .and_then(|n| self.text(n, "reason"));
        let when = f.get("when").map(|n| self.when(n)).unwrap_or_default();
        Some(GradeRule {
            grade: grade?,
            when,
            reason: reason?,
        })
    }

    fn when(&mut self, node: &Node) -> When {
        let known = [
            "all",
            "any",
            "none",
            "slot",
            "step",
            "turns_at_least",
            "turns_at_most",
        ];
        let f = self.fields(node, "when", &known);
        let mut refs = |key: &str| f.get(key).map(|n| self.refs(n, key)).unwrap_or_default();
        let (all, any, none) = (refs("all"), refs("any"), refs("none"));
        let (slots, steps) = (refs("slot"), refs("step"));
        When {
            all,
            any,
            none,
            slots,
            steps,
            turns_at_least: f
                .get("turns_at_least")
                .and_then(|n| self.number(n, "turns_at_least", 0..=1000)),
            turns_at_most: f
                .get("turns_at_most")
                .and_then(|n| self.number(n, "turns_at_most", 0..=1000)),
            ..When::default()
        }
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
