//! The small shapes that the format is made of.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use serde_json::{Map, Value, json};

/// A mapping with these fields and no others.
pub(super) fn object(about: &str, required: &[&str], fields: Vec<(&str, Value)>) -> Value {
    let fields: Map<String, Value> = fields
        .into_iter()
        .map(|(name, schema)| (name.to_string(), schema))
        .collect();
    let mut schema = json!({
        "description": about,
        "type": "object",
        "properties": fields,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A schema with a description.
pub(super) fn with(mut schema: Value, about: &str) -> Value {
    schema["description"] = json!(about);
    schema
}

pub(super) fn kind(name: &str) -> Value {
    json!({ "type": name })
}

/// Any scalar: the reader takes numbers and words like `true` as the text they are.
pub(super) fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

pub(super) fn flag() -> Value {
    kind("boolean")
}

/// A number in a range. Whole numbers stay whole: editors complain of a fraction, the reader as well.
pub(super) fn number(least: f64, most: f64) -> Value {
    let kind = if least.fract() == 0.0 && most.fract() == 0.0 && most < 1e9 {
        "integer"
    } else {
        "number"
    };
    match kind {
        "integer" => json!({ "type": kind, "minimum": least as i64, "maximum": most as i64 }),
        _ => json!({ "type": kind, "minimum": least, "maximum": most }),
    }
}

pub(super) fn words(all: &[&str]) -> Value {
    json!({ "enum": all })
}

/// A name: of a step, an intent, a tag, a slot.
pub(super) fn name() -> Value {
    part("name")
}

/// A shape under `$defs`.
pub(super) fn part(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn any(all: Vec<Value>) -> Value {
    json!({ "anyOf": all })
}

/// Left empty, or this.
pub(super) fn maybe(schema: Value) -> Value {
    any(vec![schema, kind("null")])
}

pub(super) fn list(item: Value) -> Value {
    json!({ "type": "array", "items": item })
}

/// One, or a list of them.
pub(super) fn some(item: Value) -> Value {
    any(vec![item.clone(), list(item)])
}

/// A mapping with names of the author's own.
pub(super) fn map(item: Value) -> Value {
    json!({ "type": ["object", "null"], "additionalProperties": item })
}

/// The same by language.
pub(super) fn by_lang(side: Value) -> Value {
    json!({
        "type": "object",
        "properties": { "zh": side, "en": side },
        "additionalProperties": false,
        "minProperties": 1,
    })
}

pub(super) fn prompt() -> Value {
    part("prompt")
}

/// A prompt, or `{ say: prompt }`.
pub(super) fn said() -> Value {
    part("said")
}

pub(super) fn worded() -> Value {
    part("worded")
}

pub(super) fn phrases() -> Value {
    part("phrases")
}

pub(super) fn action() -> Value {
    part("to")
}

/// A prompt, or an action with one.
pub(super) fn answer() -> Value {
    any(vec![prompt(), part("action")])
}

pub(super) fn grade() -> Value {
    words(&["A", "B", "C", "D", "E", "F"])
}

pub(super) fn rules_of(rule: &str) -> Value {
    maybe(list(part(rule)))
}

/// Shapes that are no mappings with fields.
pub(super) fn shapes() -> Vec<(&'static str, Value)> {
    let side = || some(any(vec![text(), part("prompt_long")]));
    let test = || {
        with(
            some(text()),
            "A value, a list of values, `present`, `absent`, \"!= value\", or \">= 1000\" with >=, <=, > or <.",
        )
    };
    vec![
        (
            "name",
            json!({
                "description": "Letters, digits, _ and -, at most 64.",
                "type": ["string", "number", "boolean"],
                "pattern": "^[\\p{L}\\p{N}\\p{M}_-]{1,64}$",
            }),
        ),
        (
            "prompt",
            with(
                any(vec![
                    text(),
                    part("prompt_long"),
                    by_lang(side()),
                    list(any(vec![text(), part("prompt_long"), by_lang(side())])),
                ]),
                "What is said: a text with {variables}, alternatives in a list, or the same by language.",
            ),
        ),
        (
            "said",
            any(vec![
                prompt(),
                object("", &["say"], vec![("say", prompt())]),
            ]),
        ),
        (
            "prompts",
            with(
                any(vec![
                    list(prompt()),
                    text(),
                    part("prompt_long"),
                    by_lang(side()),
                ]),
                "Said the first time, the second time and so on.",
            ),
        ),
        ("worded", any(vec![text(), by_lang(text())])),
        (
            "phrases",
            with(
                maybe(any(vec![some(text()), by_lang(maybe(some(text())))])),
                "Phrases; a plain list is in the file's own language.",
            ),
        ),
        (
            "to",
            with(
                any(vec![name(), part("action")]),
                "A step's name, or what to do.",
            ),
        ),
        ("names", some(name())),
        ("tests", map(test())),
        (
            "disposition",
            words(
                &crate::terms::Disposition::ALL
                    .iter()
                    .filter(|d| d.family() == crate::terms::Family::Connected)
                    .map(|d| d.code())
                    .collect::<Vec<_>>(),
            ),
        ),
    ]
}
