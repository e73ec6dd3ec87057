//! The dialplan file, read into a [`Dialplan`]. The format's fields are the `known` lists of this folder.
//!
//! The YAML becomes a tree with places first ([`super::yaml`]) and is read by hand from there: a file may hold a text where a
//! mapping may stand as well, and every mistake is to be reported at once, each with its line.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod action;
mod parts;
pub(in crate::dialogue) use parts::BUILTIN_TAGS;
pub(in crate::dialogue) mod reader;
mod slots;

use super::builtin;
use super::check;
use super::diagnostic::{At, Diagnostic, Severity};
use super::intent::{Classifier, IntentSpec, Vectors};
use super::plan::{
    Dialplan, LeadField, Profile, Prompt, Pronounced, Tongue, Variant, Voice, Worded,
};
use super::template::Template;
use super::yaml::{self, Node};
use crate::terms::Lang;
use reader::{Fields, Reader};
use std::collections::BTreeMap;

/// The largest file read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

const TOP: [&str; 29] = [
    "callsmith",
    "name",
    "version",
    "lang",
    "voice",
    "pronounce",
    "company",
    "values",
    "lead",
    "profile",
    "disclosure",
    "start",
    "intents",
    "steps",
    "globals",
    "back",
    "busy",
    "opt_out",
    "no_input",
    "no_match",
    "robot_question",
    "wrong_number",
    "abuse",
    "goodbye",
    "retention",
    "handoff",
    "grade",
    "max_turns",
    "description",
];

const PROFILES: [(&str, Profile); 5] = [
    ("CN", Profile::Cn),
    ("US", Profile::Us),
    ("UK", Profile::Uk),
    ("EU", Profile::Eu),
    ("IN", Profile::In),
];

impl Dialplan {
    /// Reads and checks a dialplan's text. `file_name` is for the messages.
    ///
    /// # Errors
    /// Everything wrong with it, in the order of the file, warnings included.
    pub fn parse(text: &str, file_name: &str) -> Result<Dialplan, Vec<Diagnostic>> {
        if text.len() > MAX_BYTES {
            return Err(vec![Diagnostic::new(
                file_name,
                At::default(),
                Severity::Error,
                format!(
                    "{} bytes are more than a dialplan may have ({MAX_BYTES})",
                    text.len()
                ),
                "split the conversation into several files",
            )]);
        }
        let tree = yaml::parse(text, file_name).map_err(|d| vec![d])?;
        let mut reader = Reader {
            file: file_name,
            found: Vec::new(),
        };
        let plan = reader.plan(&tree);
        if let Some(plan) = &plan {
            check::run(plan, &mut reader, text);
        }
        let mut plan = plan;
        // Training is the slow part, and worth it only for a file that will be used.
        if reader.found.iter().all(|d| d.severity == Severity::Warning)
            && let Some(plan) = &mut plan
        {
            for (lang, tongue) in &mut plan.tongues {
                match Classifier::train(*lang, &tongue.intents, &Vectors::default()) {
                    Ok(classifier) => tongue.classifier = Some(classifier),
                    Err(e) => reader.error(
                        intents_at(&tree),
                        e.to_string(),
                        "correct this intent's examples or patterns",
                    ),
                }
            }
        }
        let mut found = reader.found;
        found.sort_by_key(|d| (d.line, d.column));
        match plan {
            Some(mut plan) if found.iter().all(|d| d.severity == Severity::Warning) => {
                plan.warnings = found;
                Ok(plan)
            }
            _ => Err(found),
        }
    }
}

fn intents_at(tree: &Node) -> At {
    match &tree.kind {
        yaml::Kind::Map(m) => m
            .iter()
            .find(|(k, _)| k.text == "intents")
            .map_or(tree.at, |(k, _)| k.at),
        _ => tree.at,
    }
}

impl Reader<'_> {
    fn plan(&mut self, tree: &Node) -> Option<Dialplan> {
        let f = self.fields(tree, "a dialplan", &TOP);
        if let Some(n) = self.need(
            &f,
            "callsmith",
            "write `callsmith: 1` first: the format's version",
        ) {
            self.word(n, "the format's version", &[("1", ())]);
        }
        let name = self
            .need(&f, "name", "name the dialplan: `name: education-trial-zh`")
            .and_then(|n| self.text(n, "name"));
        let lang = self
            .need(&f, "lang", "write `lang: zh` or `lang: en`")
            .and_then(|n| self.word(n, "lang", &[("zh", Lang::Zh), ("en", Lang::En)]));
        let words = super::defaults::of(lang.unwrap_or_default());
        let intents = self.intents(&f, lang.unwrap_or_default());
        let (specs, intent_tags) = intents;
        let mut steps = BTreeMap::new();
        if let Some(n) = self.need(&f, "steps", "write the conversation's steps") {
            for (name, at, node) in self.named(n, "steps") {
                let step = self.step(node, at);
                steps.insert(name.to_string(), step);
            }
        }
        let disclosure = self
            .need(&f, "disclosure", "the first words must say who calls, that it is an automated voice, and that the call is recorded")
            .map(|n| self.disclosure(n));
        let start = self
            .need(&f, "start", "name the first step")
            .and_then(|n| self.reference(n, "start"));
        let mut globals = BTreeMap::new();
        if let Some(n) = f.get("globals") {
            for (intent, at, node) in self.named(n, "globals") {
                let mut action = self.action(node, "a global");
                action.at = at;
                globals.insert(intent.to_string(), action);
            }
        }
        let robot_question = self.answer(&f, "robot_question", words.robot_question);
        let wrong_number = self.close(&f, "wrong_number", words.sorry, "wrong_number");
        let abuse = self.close(&f, "abuse", words.sorry, "abuse");
        Some(Dialplan {
            name: name?,
            version: f
                .get("version")
                .and_then(|n| self.text(n, "version"))
                .unwrap_or_else(|| "1".into()),
            lang: lang?,
            lang_from: None,
            tongues: BTreeMap::from([(
                lang?,
                Tongue {
                    voice: self.voice(&f, lang?),
                    intents: specs,
                    classifier: None,
                },
            )]),
            values: self.values(&f),
            pronounce: self.pronounce(&f),
            lead: self.lead(&f),
            profile: f
                .get("profile")
                .and_then(|n| self.word(n, "profile", &PROFILES))
                .unwrap_or(match lang.unwrap_or_default() {
                    Lang::Zh => Profile::Cn,
                    Lang::En => Profile::Us,
                }),
            disclosure: disclosure?,
            start: start?,
            intent_tags,
            steps,
            globals,
            back: self.prompt_or(&f, "back", words.back),
            busy: self.busy(&f, words),
            opt_out: self.said(&f, "opt_out", words.opt_out),
            no_input_after_ms: self.after_ms(&f),
            no_input: self.ladder(&f, "no_input", words.no_input, words.no_input_end),
            no_match: self.ladder(&f, "no_match", words.no_match, words.no_match_end),
            robot_question,
            wrong_number,
            abuse,
            goodbye: self.said(&f, "goodbye", words.goodbye),
            retention: self.retention(&f),
            handoff: self.handoff(&f, words),
            grade: self.grades(&f),
            max_turns: f
                .get("max_turns")
                .and_then(|n| self.number(n, "max_turns", 1..=500))
                .unwrap_or(40),
            doubt: builtin_prompt(&[words.doubt]),
            emotion: false,
            card: Vec::new(),
            remember: Vec::new(),
            follow_ups: Vec::new(),
            llm: None,
            warnings: Vec::new(),
        })
    }

    fn disclosure(&mut self, node: &Node) -> Prompt {
        if let yaml::Kind::Map(m) = &node.kind
            && let Some((key, _)) = m.iter().find(|(k, v)| {
                k.text == "interruptible" && matches!(&v.kind, yaml::Kind::Text(t) if t == "true")
            })
        {
            self.error(
                key.at,
                "the disclosure cannot be interrupted",
                "remove `interruptible: true`: the law wants these words heard",
            );
        }
        self.prompt(node, "disclosure")
    }

    fn voice(&mut self, f: &Fields<'_>, lang: Lang) -> Voice {
        let default = match lang {
            Lang::Zh => "zf_xiaobei",
            Lang::En => "af_heart",
        };
        let mut voice = Voice {
            name: default.into(),
            speed_percent: 100,
        };
        let Some(node) = f.get("voice") else {
            return voice;
        };
        let v = self.fields(node, "voice", &["name", "speed"]);
        if let Some(name) = v.get("name").and_then(|n| self.text(n, "voice name")) {
            voice.name = name;
        }
        if let Some(speed) = v
            .get("speed")
            .and_then(|n| self.number(n, "speed", 0.5..=2.0))
        {
            voice.speed_percent = (speed * 100.0_f64).round() as u16;
        }
        voice
    }

    fn values(&mut self, f: &Fields<'_>) -> BTreeMap<String, Worded> {
        let mut values = BTreeMap::new();
        if let Some(company) = f.get("company").and_then(|n| self.text(n, "company")) {
            values.insert("company".to_string(), company.as_str().into());
        }
        if let Some(n) = f.get("values") {
            for (name, _, node) in self.named(n, "values") {
                if let Some(v) = self.text(node, "a value") {
                    values.insert(name.to_string(), v.as_str().into());
                }
            }
        }
        values
    }

    fn pronounce(&mut self, f: &Fields<'_>) -> BTreeMap<String, Pronounced> {
        let mut words = BTreeMap::new();
        let Some(n) = f.get("pronounce") else {
            return words;
        };
        for (word, at, node) in self.entries(n, "pronounce") {
            if let Some(said) = self.text(node, "a pronunciation") {
                words.insert(word.to_string(), Pronounced { said, at });
            }
        }
        words
    }

    fn lead(&mut self, f: &Fields<'_>) -> BTreeMap<String, LeadField> {
        let mut lead = BTreeMap::new();
        let Some(n) = f.get("lead") else { return lead };
        for (name, at, node) in self.named(n, "lead") {
            let l = self.fields(node, "a lead column", &["required", "default"]);
            let field = LeadField {
                required: l.get("required").is_some_and(|n| self.flag(n, "required")),
                default: l
                    .get("default")
                    .and_then(|n| self.text(n, "default"))
                    .map(|t| t.as_str().into()),
            };
            if !field.required && field.default.is_none() {
                self.warn(
                    at,
                    format!("{name:?} may be empty on the list"),
                    "say `required: true`, or give a default that fits every sentence it stands in",
                );
            }
            lead.insert(name.to_string(), field);
        }
        lead
    }

    #[allow(clippy::type_complexity)]
    fn intents(
        &mut self,
        f: &Fields<'_>,
        lang: Lang,
    ) -> (BTreeMap<String, IntentSpec>, BTreeMap<String, Vec<String>>) {
        let mut specs = builtin::specs(lang);
        let mut tags = BTreeMap::new();
        let Some(n) = f.get("intents") else {
            return (specs, tags);
        };
        for (name, at, node) in self.named(n, "intents") {
            let i = self.fields(node, "an intent", &["examples", "exact", "patterns", "tag"]);
            let mut list = |key: &str| -> Vec<String> {
                i.get(key)
                    .map(|n| self.texts(n, key))
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(t, _)| t)
                    .collect()
            };
            let (examples, exact, patterns) = (list("examples"), list("exact"), list("patterns"));
            if examples.is_empty()
                && exact.is_empty()
                && patterns.is_empty()
                && !specs.contains_key(name)
            {
                self.error(
                    at,
                    format!("intent {name:?} has no examples"),
                    "give a few phrases that callees say",
                );
            }
            let spec = specs.entry(name.to_string()).or_default();
            spec.examples.extend(examples);
            spec.exact.extend(exact);
            spec.patterns.extend(patterns);
            if let Some(n) = i.get("tag") {
                tags.insert(name.to_string(), self.tags(n));
            }
        }
        (specs, tags)
    }

    /// `{say: …}` or the plain prompt, else the built-in words.
    fn said(&mut self, f: &Fields<'_>, key: &str, default: &str) -> Prompt {
        match f.get(key) {
            Some(n) => self.say_of(n, key),
            None => builtin_prompt(&[default]),
        }
    }

    fn prompt_or(&mut self, f: &Fields<'_>, key: &str, default: &[&str]) -> Prompt {
        match f.get(key) {
            Some(n) => self.prompt(n, key),
            None => builtin_prompt(default),
        }
    }
}

/// A prompt of the program's own words.
fn builtin_prompt(texts: &[&str]) -> Prompt {
    Prompt {
        variants: texts
            .iter()
            .map(|t| Variant {
                text: Template::parse(t).unwrap_or_default(),
                recording: None,
                interruptible: true,
                grace_ms: 0,
                lang: None,
                when: None,
                at: At::default(),
            })
            .collect(),
    }
}
