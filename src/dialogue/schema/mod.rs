//! The format as a JSON Schema (2020-12), for editors that complete and check YAML. What the schema cannot say — names that
//! must exist, ways that must lead somewhere — `callsmith check` says.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod conversation;
mod rules;
mod shape;
#[cfg(test)]
#[allow(clippy::disallowed_methods)] // the tests read dialplans from files
mod tests;

use super::file::known;
use serde_json::{Map, Value, json};

/// The schema, as it is written to a file.
#[must_use]
pub fn json() -> String {
    let schema = value();
    // A schema of texts and numbers is always written.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// One mapping of the format: its name under `$defs`, its schema, and the fields that the reader knows.
struct Part {
    name: &'static str,
    schema: Value,
    /// Looked at by the test that holds schema and reader together.
    #[allow(dead_code)]
    known: &'static [&'static str],
}

fn value() -> Value {
    let mut defs = Map::new();
    for (name, schema) in shape::shapes() {
        defs.insert(name.to_string(), schema);
    }
    for part in parts() {
        defs.insert(part.name.to_string(), part.schema);
    }
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "callsmith dialplan",
    });
    if let (Value::Object(root), Value::Object(top)) = (&mut root, top().schema) {
        root.extend(top);
        root.insert("$defs".into(), Value::Object(defs));
    }
    root
}

fn parts() -> Vec<Part> {
    let mut parts = conversation::parts();
    parts.extend(rules::parts());
    parts
}

fn top() -> Part {
    use shape::*;
    let schema = object(
        "One conversation of a robot that calls people.",
        &["callsmith", "name", "lang", "disclosure", "start", "steps"],
        vec![
            (
                "callsmith",
                with(json!({ "enum": [1, "1"] }), "The format's version: 1."),
            ),
            ("name", with(text(), "The dialplan's name.")),
            (
                "version",
                with(
                    text(),
                    "Shown beside every call that used it. Default \"1\".",
                ),
            ),
            ("description", with(text(), "For people.")),
            (
                "include",
                with(
                    any(vec![kind("string"), list(kind("string"))]),
                    "Files with shared parts, relative to this one; the dialplan's own fields win, a later file beats an earlier one.",
                ),
            ),
            (
                "lang",
                with(words(&["zh", "en"]), "The language the call begins in."),
            ),
            (
                "langs",
                with(
                    any(vec![map(part("language")), list(words(&["zh", "en"]))]),
                    "Further languages; every prompt then needs words in each.",
                ),
            ),
            (
                "lang_from",
                with(
                    name(),
                    "The list's column that says which language to begin in.",
                ),
            ),
            ("voice", part("voice")),
            (
                "pronounce",
                with(
                    map(text()),
                    "Words and how they are said: pinyin with tone digits, or words that sound like it.",
                ),
            ),
            (
                "company",
                with(worded(), "Who calls. Prompts use it as {company}."),
            ),
            (
                "values",
                with(map(worded()), "Texts that prompts use as {name}."),
            ),
            (
                "lead",
                with(
                    map(maybe(part("lead_column"))),
                    "The list's columns that the conversation uses.",
                ),
            ),
            (
                "profile",
                with(
                    words(&["CN", "US", "UK", "EU", "IN"]),
                    "Whose law the call obeys. Default CN for zh, US for en.",
                ),
            ),
            (
                "disclosure",
                with(
                    prompt(),
                    "The first words: who calls, that it is an automated voice, that the call is recorded. Never interruptible.",
                ),
            ),
            (
                "start",
                with(name(), "The first step after the disclosure."),
            ),
            (
                "intents",
                with(
                    map(part("intent")),
                    "What callees say, by meaning. Built in: affirm, deny, opt_out, human, robot_question, repeat, busy, wrong_number, abuse, hesitate.",
                ),
            ),
            ("steps", with(map(part("step")), "The conversation.")),
            (
                "globals",
                with(
                    map(action()),
                    "Answers to intents that may be heard at any step; the open question is asked again after them.",
                ),
            ),
            (
                "faq",
                with(
                    map(part("faq")),
                    "The knowledge base: questions and their answers, heard at any step.",
                ),
            ),
            (
                "back",
                with(
                    prompt(),
                    "Said between an answer given anywhere and the open question.",
                ),
            ),
            ("busy", part("busy")),
            (
                "opt_out",
                with(
                    said(),
                    "Said to somebody who wants no more calls, before the call ends.",
                ),
            ),
            ("no_input", part("no_input")),
            ("no_match", part("no_match")),
            (
                "doubt",
                with(said(), "Asked where a yes or no stays doubtful."),
            ),
            (
                "robot_question",
                with(answer(), "The answer to \"are you a robot?\"."),
            ),
            (
                "wrong_number",
                with(
                    answer(),
                    "Said to somebody else than the one meant; ends the call unless it leads on.",
                ),
            ),
            (
                "abuse",
                with(
                    answer(),
                    "Said to somebody who swears; ends the call unless it leads on.",
                ),
            ),
            (
                "goodbye",
                with(said(), "Said when nothing else ends the call."),
            ),
            ("retention", part("retention")),
            ("handoff", part("handoff")),
            (
                "grade",
                with(
                    rules_of("grade_rule"),
                    "The first rule that fits gives the grade.",
                ),
            ),
            (
                "card",
                with(
                    map(text()),
                    "The lead card: field and text; a field appears once all its variables have values.",
                ),
            ),
            (
                "remember",
                with(
                    maybe(list(any(vec![name(), part("remember")]))),
                    "Lasting tags of the contact: a tag is kept when the call gives it, or by a rule.",
                ),
            ),
            (
                "follow_up",
                with(
                    rules_of("follow_up"),
                    "What is done about the lead later: the first rule that holds.",
                ),
            ),
            (
                "emotion",
                with(
                    flag(),
                    "Look for signs of being upset, in words and loudness. Refused under profiles EU and UK. Default false.",
                ),
            ),
            ("llm", part("llm")),
            (
                "max_turns",
                with(
                    number(1.0, 500.0),
                    "After so many turns the call ends. Default 40.",
                ),
            ),
        ],
    );
    Part {
        name: "dialplan",
        schema,
        known: &known::TOP,
    }
}
