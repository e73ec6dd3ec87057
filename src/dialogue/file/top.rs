//! The dialplan's own fields.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::prompt::LANGS;
use super::reader::{Fields, Reader};
use super::words::Words;
use crate::dialogue::plan::{
    Action, Dialplan, LeadField, Profile, Prompt, Pronounced, Step, Tongue, Voice, Worded,
};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::Lang;
use std::collections::BTreeMap;

const PROFILES: [(&str, Profile); 5] = [
    ("CN", Profile::Cn),
    ("US", Profile::Us),
    ("UK", Profile::Uk),
    ("EU", Profile::Eu),
    ("IN", Profile::In),
];

impl Reader {
    pub(super) fn plan(&mut self, tree: &Node) -> Option<Dialplan> {
        let f = self.fields(tree, "a dialplan", &known::TOP);
        let advice = "write `callsmith: 1` first: the format's version";
        if let Some(n) = self.need(&f, "callsmith", advice) {
            self.word(n, "the format's version", &[("1", ())]);
        }
        let name = self
            .need(&f, "name", "name the dialplan: `name: education-trial-zh`")
            .and_then(|n| self.text(n, "name"));
        let lang = self
            .need(&f, "lang", "write `lang: zh` or `lang: en`")
            .and_then(|n| self.word(n, "lang", &LANGS));
        self.lang = lang.unwrap_or_default();
        self.langs = vec![self.lang];
        let voices = self.voices(&f);
        let mut words = self.intents(&f);
        let steps = self.steps(&f);
        let advice = "the first words must say who calls, that it is an automated voice, and that the call is recorded";
        let disclosure = self
            .need(&f, "disclosure", advice)
            .map(|n| self.disclosure(n));
        let start = self
            .need(&f, "start", "name the first step")
            .and_then(|n| self.reference(n, "start"));
        let mut globals = self.globals(&f);
        self.faq(&f, &mut words, &mut globals);
        let robot_question = self.answer(&f, "robot_question", |d| d.robot_question);
        let wrong_number = self.close(&f, "wrong_number", |d| d.sorry, "wrong_number");
        let abuse = self.close(&f, "abuse", |d| d.sorry, "abuse");
        let lang_from = f.get("lang_from").and_then(|n| self.text(n, "lang_from"));
        Some(Dialplan {
            version: f
                .get("version")
                .and_then(|n| self.text(n, "version"))
                .unwrap_or_else(|| "1".into()),
            intent_tags: std::mem::take(&mut words.tags),
            tongues: tongues(voices, words),
            values: self.values(&f),
            pronounce: self.pronounce(&f),
            lead: self.lead(&f, lang_from.as_deref()),
            lang_from,
            profile: f
                .get("profile")
                .and_then(|n| self.word(n, "profile", &PROFILES))
                .unwrap_or(match self.lang {
                    Lang::Zh => Profile::Cn,
                    Lang::En => Profile::Us,
                }),
            steps,
            globals,
            back: self.back(&f),
            busy: self.busy(&f),
            opt_out: self.said(&f, "opt_out", |d| d.opt_out),
            no_input_after_ms: self.after_ms(&f),
            no_input: self.ladder(&f, "no_input", |d| d.no_input, |d| d.no_input_end),
            no_match: self.ladder(&f, "no_match", |d| d.no_match, |d| d.no_match_end),
            robot_question,
            wrong_number,
            abuse,
            goodbye: self.said(&f, "goodbye", |d| d.goodbye),
            retention: self.retention(&f),
            handoff: self.handoff(&f),
            grade: self.grades(&f),
            max_turns: f
                .get("max_turns")
                .and_then(|n| self.number(n, "max_turns", 1..=500))
                .unwrap_or(40),
            doubt: self.said(&f, "doubt", |d| d.doubt),
            emotion: self.emotion(&f),
            card: self.card(&f),
            remember: self.remember(&f),
            follow_ups: self.follow_ups(&f),
            llm: f.get("llm").and_then(|n| self.llm(n)),
            warnings: Vec::new(),
            name: name?,
            lang: lang?,
            disclosure: disclosure?,
            start: start?,
        })
    }

    fn steps(&mut self, f: &Fields<'_>) -> BTreeMap<String, Step> {
        let mut steps = BTreeMap::new();
        if let Some(n) = self.need(f, "steps", "write the conversation's steps") {
            for (name, at, node) in self.named(n, "steps") {
                let step = self.step(node, at);
                steps.insert(name.to_string(), step);
            }
        }
        steps
    }

    fn globals(&mut self, f: &Fields<'_>) -> BTreeMap<String, Action> {
        let mut globals = BTreeMap::new();
        if let Some(n) = f.get("globals") {
            for (intent, at, node) in self.named(n, "globals") {
                let mut action = self.action(node, "a global");
                action.at = at;
                globals.insert(intent.to_string(), action);
            }
        }
        globals
    }

    fn emotion(&mut self, f: &Fields<'_>) -> bool {
        let Some(n) = f.get("emotion") else {
            return false;
        };
        self.places.insert("emotion".into(), n.at);
        self.flag(n, "emotion")
    }

    fn disclosure(&mut self, node: &Node) -> Prompt {
        self.heard_whole(node);
        self.prompt(node, "disclosure")
    }

    fn heard_whole(&mut self, node: &Node) {
        match &node.kind {
            Kind::List(items) => items.iter().for_each(|i| self.heard_whole(i)),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    match &value.kind {
                        Kind::Text(t) if key.text == "interruptible" && t == "true" => self.error(
                            key.at,
                            "the disclosure cannot be interrupted",
                            "remove `interruptible: true`: the law wants these words heard",
                        ),
                        _ => self.heard_whole(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// The voice of each language; this is where the file's languages become known.
    fn voices(&mut self, f: &Fields<'_>) -> BTreeMap<Lang, Voice> {
        let own = self.voice(f, self.lang);
        let mut voices = BTreeMap::from([(self.lang, own)]);
        let Some(node) = f.get("langs") else {
            return voices;
        };
        if let Kind::List(items) = &node.kind {
            for item in items {
                if let Some(lang) = self.word(item, "a language", &LANGS) {
                    voices.entry(lang).or_insert_with(|| default_voice(lang));
                }
            }
        } else {
            for (code, at, node) in self.entries(node, "langs") {
                let Some((_, lang)) = LANGS.iter().find(|(c, _)| *c == code) else {
                    let known = LANGS.iter().map(|(c, _)| *c);
                    let advice = crate::dialogue::diagnostic::advise(code, known);
                    self.error(
                        at,
                        format!("{code:?} is not a language spoken here"),
                        advice,
                    );
                    continue;
                };
                let l = self.fields(node, "a language", &known::LANGUAGE);
                if *lang == self.lang && f.get("voice").is_some() {
                    let advice =
                        format!("keep `voice:`, and take {code} out: it is the file's own `lang`");
                    self.error(at, format!("the voice of {code} is given twice"), advice);
                }
                let voice = self.voice(&l, *lang);
                if l.get("voice").is_some() || *lang != self.lang {
                    voices.insert(*lang, voice);
                }
            }
        }
        self.langs
            .extend(voices.keys().filter(|l| **l != self.lang));
        voices
    }

    fn voice(&mut self, f: &Fields<'_>, lang: Lang) -> Voice {
        let mut voice = default_voice(lang);
        let Some(node) = f.get("voice") else {
            return voice;
        };
        let v = self.fields(node, "voice", &known::VOICE);
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
        if let Some(company) = f.get("company").and_then(|n| self.worded(n, "company")) {
            values.insert("company".to_string(), company);
        }
        if let Some(n) = f.get("values") {
            for (name, _, node) in self.named(n, "values") {
                if let Some(v) = self.worded(node, "a value") {
                    values.insert(name.to_string(), v);
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

    /// The lead's columns. The one that names the language need not be declared.
    fn lead(&mut self, f: &Fields<'_>, lang_from: Option<&str>) -> BTreeMap<String, LeadField> {
        let mut lead = BTreeMap::new();
        if let Some(n) = f.get("lead") {
            for (name, at, node) in self.named(n, "lead") {
                let l = self.fields(node, "a lead column", &known::LEAD);
                let field = LeadField {
                    required: l.get("required").is_some_and(|n| self.flag(n, "required")),
                    default: l.get("default").and_then(|n| self.worded(n, "default")),
                };
                self.places.insert(format!("lead.{name}"), at);
                lead.insert(name.to_string(), field);
            }
        }
        if let Some(name) = lang_from {
            lead.entry(name.to_string()).or_insert_with(|| LeadField {
                required: false,
                default: Some(self.lang.code().into()),
            });
        }
        lead
    }
}

fn tongues(voices: BTreeMap<Lang, Voice>, mut words: Words) -> BTreeMap<Lang, Tongue> {
    voices
        .into_iter()
        .map(|(lang, voice)| {
            let tongue = Tongue {
                voice,
                intents: words.specs.remove(&lang).unwrap_or_default(),
                classifier: None,
            };
            (lang, tongue)
        })
        .collect()
}

fn default_voice(lang: Lang) -> Voice {
    let name = match lang {
        Lang::Zh => "zf_xiaobei",
        Lang::En => "af_heart",
    };
    Voice {
        name: name.into(),
        speed_percent: 100,
    }
}
