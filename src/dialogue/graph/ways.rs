//! The ways out of every step, and those that are open anywhere.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::labels::{self, by};
use super::{ANYWHERE, Edge, EdgeKind, Node, NodeKind};
use crate::dialogue::plan::{Action, Dialplan, Hangup, Ladder, Prompt, Step};
use crate::dialogue::wording::wording;
use crate::terms::{Disposition, Lang};

/// Every action of a step.
pub(super) fn actions(step: &Step) -> impl Iterator<Item = &Action> {
    step.on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref())
        .chain(step.branch.iter().map(|b| &b.action))
        .chain(step.lookup.as_ref().map(|l| &l.failed))
        .chain([&step.enter])
}

/// The steps that come next, side flows apart.
pub(super) fn onward(step: &Step) -> impl Iterator<Item = &str> {
    let gotos = actions(step).filter_map(|a| a.goto.as_ref());
    gotos
        .chain(step.slot.as_ref().map(|s| &s.then))
        .chain(step.lookup.as_ref().map(|l| &l.then))
        .map(|r| r.name.as_str())
}

/// Collects edges, and the nodes that are no steps as edges come to them.
pub(super) struct Draw<'p> {
    plan: &'p Dialplan,
    lang: Lang,
    pub edges: Vec<Edge>,
    pub extra: Vec<Node>,
}

/// A way before its end is known.
struct Way<'a> {
    from: &'a str,
    label: String,
    kind: EdgeKind,
    intents: Vec<String>,
}

impl<'p> Draw<'p> {
    pub fn new(plan: &'p Dialplan) -> Draw<'p> {
        Draw {
            plan,
            lang: plan.lang,
            edges: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// All ways out of all steps.
    pub fn steps(&mut self) {
        for name in super::in_order(self.plan) {
            self.step(name, &self.plan.steps[name]);
        }
    }

    fn step(&mut self, from: &str, step: &'p Step) {
        // As the author wrote them.
        let mut on: Vec<_> = step.on.iter().collect();
        on.sort_by_key(|(name, action)| (action.at.file, action.at.line, action.at.column, *name));
        for (name, action) in on {
            let label = labels::intent(self.plan, name);
            let way = Way {
                intents: vec![name.clone()],
                ..branch(from, label)
            };
            self.act(&way, action);
        }
        if let Some(slot) = &step.slot {
            self.edge(branch(from, format!("{{{}}}", slot.name)), &slot.then.name);
        }
        for (key, action) in &step.keys {
            let label = by(self.lang, &format!("按 {key}"), &format!("key {key}"));
            self.act(&branch(from, label), action);
        }
        for one in &step.branch {
            let label = labels::when(&one.when, self.lang);
            self.act(&branch(from, label), &one.action);
        }
        if let Some(lookup) = &step.lookup {
            let found = by(self.lang, "查到", "found");
            self.edge(branch(from, found), &lookup.then.name);
            let failed = by(self.lang, "没查到", "not found");
            self.act(&branch(from, failed), &lookup.failed);
        }
        self.enter(from, step);
        if step.listens() {
            self.ladders(from, step);
        }
    }

    /// What a step does by itself; its own hang-up and hand-off are the node's kind.
    fn enter(&mut self, from: &str, step: &'p Step) {
        let goes = branch(from, String::new());
        if let Some(to) = &step.enter.goto {
            self.edge(goes, &to.name);
        } else if let Some(to) = &step.enter.call {
            let kind = EdgeKind::Call;
            self.edge(Way { kind, ..goes }, &to.name);
        } else if step.enter.handoff.is_some() {
            self.nobody(from);
        } else if step.enter.callback && step.enter.hangup.is_none() {
            let to = self.callback();
            self.edge(goes, &to);
        }
    }

    fn ladders(&mut self, from: &str, step: &'p Step) {
        if let Some(action) = &step.otherwise {
            let way = Way {
                kind: EdgeKind::NoMatch,
                ..branch(from, by(self.lang, "其他", "anything else"))
            };
            self.act(&way, action);
        } else {
            self.ladder(from, EdgeKind::NoMatch, &self.plan.no_match);
        }
        self.ladder(from, EdgeKind::NoInput, &self.plan.no_input);
    }

    fn ladder(&mut self, from: &str, kind: EdgeKind, ladder: &'p Ladder) {
        let n = ladder.lines.len() + 1;
        let (zh, en) = match kind {
            EdgeKind::NoInput => (format!("沉默 {n} 次"), format!("silent {n}×")),
            _ => (format!("听不懂 {n} 次"), format!("not understood {n}×")),
        };
        let to = self.end(&ladder.hangup, Some(&ladder.end));
        let label = by(self.lang, &zh, &en);
        self.edge(
            Way {
                kind,
                ..branch(from, label)
            },
            &to,
        );
    }

    /// What may be heard at any step.
    pub fn anywhere(&mut self) {
        let plan = self.plan;
        let at = self.extra.len();
        let mut globals: Vec<_> = plan.globals.iter().collect();
        globals.sort_by_key(|(name, action)| (action.at.file, action.at.line, *name));
        for (name, action) in globals {
            self.answer(name, action);
        }
        for (name, action) in [
            ("robot_question", &plan.robot_question),
            ("wrong_number", &plan.wrong_number),
            ("abuse", &plan.abuse),
        ] {
            self.answer(name, action);
        }
        let heard = |name: &str| Way {
            intents: vec![name.to_string()],
            kind: EdgeKind::Faq,
            ..branch(ANYWHERE, labels::intent(plan, name))
        };
        let hangup = Hangup {
            disposition: Disposition::OptOut,
            result: None,
        };
        let to = self.end(&hangup, Some(&plan.opt_out));
        self.edge(heard("opt_out"), &to);
        let to = self.callback();
        self.edge(heard("busy"), &to);
        let to = self.handoff(plan.handoff.skill.as_deref());
        self.edge(heard("human"), &to);
        if let Some(grade) = plan.handoff.grade {
            let label = by(
                self.lang,
                &format!("评级 {grade}"),
                &format!("grade {grade}"),
            );
            self.edge(branch(ANYWHERE, label), &to);
        }
        for tag in &plan.handoff.tags {
            let label = by(self.lang, &format!("标签 {tag}"), &format!("tag {tag}"));
            self.edge(branch(ANYWHERE, label), &to);
        }
        for intent in &plan.handoff.intents {
            self.edge(heard(intent), &to);
        }
        let title = by(self.lang, "任何时候", "Anywhere");
        let node = node(ANYWHERE, NodeKind::Anywhere, title, None);
        // Before the answers that lead out of it.
        let first = self.extra[at..]
            .iter()
            .position(|n| n.kind == NodeKind::Faq);
        self.extra.insert(at + first.unwrap_or(0), node);
        // Answers, then hand-offs, then ends, each as they came.
        self.extra.sort_by_key(|n| match n.kind {
            NodeKind::Anywhere => 0,
            NodeKind::Step | NodeKind::Faq => 1,
            NodeKind::Handoff => 2,
            NodeKind::End => 3,
        });
    }

    fn answer(&mut self, name: &str, action: &'p Action) {
        let id = format!("faq:{name}");
        let title = labels::intent(self.plan, name);
        let say = action
            .say
            .as_ref()
            .and_then(|p| wording(self.plan, p, self.lang));
        let mut answer = node(&id, NodeKind::Faq, title.clone(), say);
        answer.returns = action.stays();
        answer.line = (action.at.file == 0 && action.at.line > 0).then_some(action.at.line);
        self.extra.push(answer);
        let way = Way {
            kind: EdgeKind::Faq,
            intents: vec![name.to_string()],
            ..branch(ANYWHERE, title)
        };
        self.edge(way, &id);
        if !action.stays() {
            self.act(&branch(&id, String::new()), action);
        }
    }

    /// The edge of what an action does; one that stays leads back to where it is.
    fn act(&mut self, way: &Way<'_>, action: &'p Action) {
        let to = if let Some(to) = &action.goto {
            to.name.clone()
        } else if let Some(to) = &action.call {
            let kind = EdgeKind::Call;
            self.edge(
                Way {
                    kind,
                    ..way.again()
                },
                &to.name,
            );
            return;
        } else if let Some(hangup) = &action.hangup {
            self.end(hangup, action.say.as_ref())
        } else if action.opts_out() {
            let hangup = Hangup {
                disposition: Disposition::OptOut,
                result: None,
            };
            self.end(&hangup, Some(&self.plan.opt_out))
        } else if let Some(skill) = &action.handoff {
            let skill = skill.as_deref().or(self.plan.handoff.skill.as_deref());
            self.handoff(skill)
        } else if action.callback {
            self.callback()
        } else if action.returns {
            return;
        } else {
            way.from.to_string()
        };
        self.edge(way.again(), &to);
    }

    /// The node of an end that is no step.
    fn end(&mut self, hangup: &Hangup, say: Option<&'p Prompt>) -> String {
        let disposition = hangup.disposition;
        let mut id = format!("end:{}", disposition.code());
        let mut title = labels::disposition(self.lang, disposition);
        if let Some(result) = &hangup.result {
            id = format!("{id}:{result}");
            title = format!("{title} · {result}");
        }
        let say = say.and_then(|p| wording(self.plan, p, self.lang));
        self.add(&id, NodeKind::End, title, say);
        id
    }

    /// A time to call back is asked for and kept, then the call ends.
    fn callback(&mut self) -> String {
        let hangup = Hangup {
            disposition: Disposition::Callback,
            result: None,
        };
        self.end(&hangup, Some(&self.plan.busy.say))
    }

    fn handoff(&mut self, skill: Option<&str>) -> String {
        let id = skill.map_or("handoff:".into(), |s| format!("handoff:{s}"));
        let mut title = by(self.lang, "转人工", "Hand over to a person");
        if let Some(skill) = skill {
            title = format!("{title} · {skill}");
        }
        let say = wording(self.plan, &self.plan.handoff.line, self.lang);
        if self.add(&id, NodeKind::Handoff, title, say) {
            self.nobody(&id);
        }
        id
    }

    /// The two ways a hand-off goes.
    fn nobody(&mut self, from: &str) {
        let nobody = &self.plan.handoff.nobody;
        let hangup = |disposition| Hangup {
            disposition,
            result: None,
        };
        let joined = self.end(&hangup(Disposition::Transferred), None);
        self.edge(
            branch(from, by(self.lang, "有人接", "an agent joins")),
            &joined,
        );
        let to = match &nobody.goto {
            Some(to) => to.name.clone(),
            None => self.end(&hangup(nobody.disposition), Some(&nobody.say)),
        };
        self.edge(branch(from, by(self.lang, "没人接", "nobody comes")), &to);
    }

    /// False when it was there already.
    fn add(&mut self, id: &str, kind: NodeKind, title: String, say: Option<String>) -> bool {
        if self.extra.iter().any(|n| n.id == id) {
            return false;
        }
        self.extra.push(node(id, kind, title, say));
        true
    }

    fn edge(&mut self, way: Way<'_>, to: &str) {
        let same = |e: &&mut Edge| e.from == way.from && e.to == to && e.kind == way.kind;
        let Some(edge) = self.edges.iter_mut().find(same) else {
            self.edges.push(Edge {
                from: way.from.to_string(),
                to: to.to_string(),
                label: way.label,
                kind: way.kind,
                intents: way.intents,
            });
            return;
        };
        if !way.label.is_empty() && edge.label.split(" / ").all(|l| l != way.label) {
            if !edge.label.is_empty() {
                edge.label.push_str(" / ");
            }
            edge.label.push_str(&way.label);
        }
        edge.intents.extend(way.intents);
    }
}

impl<'a> Way<'a> {
    fn again(&self) -> Way<'a> {
        Way {
            from: self.from,
            label: self.label.clone(),
            kind: self.kind,
            intents: self.intents.clone(),
        }
    }
}

fn branch(from: &str, label: String) -> Way<'_> {
    Way {
        from,
        label,
        kind: EdgeKind::Branch,
        intents: Vec::new(),
    }
}

fn node(id: &str, kind: NodeKind, title: String, say: Option<String>) -> Node {
    Node {
        id: id.to_string(),
        kind,
        title,
        say,
        flow: None,
        live: 0,
        entered: 0,
        left: 0,
        start: false,
        listens: false,
        returns: false,
        line: None,
    }
}
