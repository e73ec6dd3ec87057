//! Conditions, ladders, hand-off and rules.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::shape::*;
use super::{Part, known};
use serde_json::json;

pub(super) fn parts() -> Vec<Part> {
    vec![
        when(),
        Part {
            name: "voice",
            schema: object(
                "The voice of the file's own language.",
                &[],
                vec![
                    (
                        "name",
                        with(text(), "`callsmith voices list` names the voices."),
                    ),
                    ("speed", with(number(0.5, 2.0), "Default 1.0.")),
                ],
            ),
            known: &known::VOICE,
        },
        Part {
            name: "language",
            schema: json!({
                "description": "A further language.",
                "type": ["object", "null"],
                "properties": { "voice": part("voice") },
                "additionalProperties": false,
            }),
            known: &known::LANGUAGE,
        },
        Part {
            name: "lead_column",
            schema: object(
                "A column of the list.",
                &[],
                vec![
                    ("required", with(flag(), "Leads without it are refused.")),
                    (
                        "default",
                        with(worded(), "Stands in where the list has nothing."),
                    ),
                ],
            ),
            known: &known::LEAD,
        },
        Part {
            name: "intent",
            schema: object(
                "How an intent is said.",
                &[],
                vec![
                    (
                        "examples",
                        with(
                            phrases(),
                            "What people say; five at least, the more the better.",
                        ),
                    ),
                    (
                        "exact",
                        with(phrases(), "Whole replies that mean this and nothing else."),
                    ),
                    (
                        "patterns",
                        with(
                            phrases(),
                            "Words in order; * for a gap, (a|b) for alternatives, ^ and $ for the ends.",
                        ),
                    ),
                    (
                        "tag",
                        with(part("names"), "Tags that it gives by being heard."),
                    ),
                ],
            ),
            known: &known::INTENT,
        },
        Part {
            name: "busy",
            schema: object(
                "Said to somebody who has no time now.",
                &[],
                vec![
                    ("say", with(prompt(), "Asks for a better time.")),
                    (
                        "slot",
                        with(name(), "The slot that keeps the time. Default callback_at."),
                    ),
                    ("done", with(prompt(), "Said when a time was understood.")),
                    ("unclear", with(prompt(), "Said when none was.")),
                ],
            ),
            known: &known::BUSY,
        },
        Part {
            name: "no_input",
            schema: object(
                "Silence after a question.",
                &[],
                vec![
                    (
                        "after_ms",
                        with(
                            number(1000.0, 60_000.0),
                            "Silence before the first line. Default 5000.",
                        ),
                    ),
                    ("lines", part("prompts")),
                    ("end", part("ladder_end")),
                ],
            ),
            known: &known::NO_INPUT,
        },
        Part {
            name: "no_match",
            schema: object(
                "Words that mean nothing here.",
                &[],
                vec![("lines", part("prompts")), ("end", part("ladder_end"))],
            ),
            known: &known::NO_MATCH,
        },
        Part {
            name: "ladder_end",
            schema: object(
                "Said when the lines are used up; ends the call.",
                &[],
                vec![
                    ("say", prompt()),
                    ("disposition", part("disposition")),
                    ("result", with(text(), "A word of your own for the report.")),
                ],
            ),
            known: &known::LADDER_END,
        },
        Part {
            name: "retention",
            schema: object(
                "One more try where a callee refuses.",
                &["say"],
                vec![
                    (
                        "on",
                        with(part("names"), "The intents it answers. Default deny."),
                    ),
                    ("say", prompt()),
                    ("once", with(flag(), "Once a call. Default true.")),
                ],
            ),
            known: &known::RETENTION,
        },
        Part {
            name: "handoff",
            schema: object(
                "When and how a human takes over.",
                &[],
                vec![
                    ("when", part("handoff_when")),
                    ("skill", with(text(), "The agents' skill.")),
                    ("line", with(prompt(), "Said when a human is called for.")),
                    ("while_waiting", part("prompts")),
                    ("nobody", part("nobody")),
                ],
            ),
            known: &known::HANDOFF,
        },
        Part {
            name: "handoff_when",
            schema: object(
                "Any of these brings a human; asking for one always does.",
                &[],
                vec![
                    ("grade", with(grade(), "This grade or a better one.")),
                    ("tag", part("names")),
                    ("intent", part("names")),
                    (
                        "upset",
                        with(flag(), "An upset callee; needs `emotion: true`."),
                    ),
                ],
            ),
            known: &known::HANDOFF_WHEN,
        },
        Part {
            name: "nobody",
            schema: object(
                "What happens when no agent comes.",
                &[],
                vec![
                    ("say", prompt()),
                    ("callback", with(flag(), "Keeps a callback. Default true.")),
                    ("disposition", part("disposition")),
                    ("goto", with(name(), "Goes on instead of ending the call.")),
                ],
            ),
            known: &known::NOBODY,
        },
        Part {
            name: "grade_rule",
            schema: object(
                "A grade and when it is given.",
                &["grade", "reason"],
                vec![
                    ("grade", grade()),
                    ("when", part("when")),
                    (
                        "reason",
                        with(text(), "In words; people read it beside the grade."),
                    ),
                ],
            ),
            known: &known::GRADE_RULE,
        },
        Part {
            name: "remember",
            schema: object(
                "A lasting tag, given or taken when the call ends.",
                &[],
                vec![
                    ("tag", with(name(), "The tag kept.")),
                    ("forget", with(name(), "The tag taken away.")),
                    ("when", part("when")),
                ],
            ),
            known: &known::REMEMBER,
        },
        follow_up(),
        llm(),
    ]
}

fn when() -> Part {
    Part {
        name: "when",
        schema: json!({
            "description": "A condition: everything given must hold.",
            "type": ["object", "null"],
            "properties": {
                "all": with(part("names"), "All of these tags; those on the contact count as well."),
                "any": with(part("names"), "One of these tags."),
                "none": with(part("names"), "None of these tags."),
                "contact": with(part("names"), "Tags that were on the contact before the call."),
                "contact_none": with(part("names"), "Tags that were not."),
                "slot": with(part("names"), "Slots that are filled."),
                "step": with(part("names"), "Steps that were reached."),
                "turns_at_least": number(0.0, 1000.0),
                "turns_at_most": number(0.0, 1000.0),
                "lead": with(part("tests"), "Columns of the list and what they must be."),
                "slots": with(part("tests"), "Slots and what they must be."),
                "lang": with(words(&["zh", "en"]), "The language being spoken."),
                "upset": with(flag(), "Whether the callee is upset; needs `emotion: true`."),
            },
            "additionalProperties": false,
        }),
        known: &known::WHEN,
    }
}

fn follow_up() -> Part {
    Part {
        name: "follow_up",
        schema: object(
            "What is done about the lead later.",
            &["reason"],
            vec![
                ("when", part("when")),
                (
                    "at",
                    json!({ "type": "string", "pattern": "^\\s*(tomorrow\\s+\\d{1,2}:\\d{2}|\\+\\d+ days? \\d{1,2}:\\d{2}|\\{[^{}]+\\})\\s*$", "description": "`tomorrow 10:00`, `+3 days 10:00`, or a slot of type datetime: \"{callback_at}\"." }),
                ),
                (
                    "in",
                    json!({ "type": "string", "pattern": "^\\s*\\d+ (minute|hour|day|week|month)s?\\s*$", "description": "`6 months`." }),
                ),
                ("campaign", with(text(), "Another campaign than this one.")),
                (
                    "reason",
                    with(text(), "In words; people read it beside the time."),
                ),
                (
                    "also",
                    with(flag(), "Looked at even when an earlier rule held."),
                ),
            ],
        ),
        known: &known::FOLLOW_UP,
    }
}

fn llm() -> Part {
    Part {
        name: "llm",
        schema: object(
            "A language model for questions the file has no answer to. It can only speak. Off unless given.",
            &["url", "model", "fallback"],
            vec![
                (
                    "url",
                    json!({ "type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://", "description": "An OpenAI-compatible endpoint, up to /v1." }),
                ),
                ("model", with(text(), "The model that the endpoint serves.")),
                (
                    "key",
                    with(part("secret"), "The endpoint's key, from the environment."),
                ),
                ("timeout_ms", with(number(300.0, 8000.0), "Default 2500.")),
                (
                    "nearest",
                    with(
                        number(1.0, 20.0),
                        "Knowledge entries handed along. Default 4.",
                    ),
                ),
                (
                    "max_chars",
                    with(
                        number(20.0, 500.0),
                        "The longest answer spoken. Default 120.",
                    ),
                ),
                ("filler", with(prompt(), "Said while waiting.")),
                (
                    "fallback",
                    with(prompt(), "Said when the model is late, wrong or away."),
                ),
            ],
        ),
        known: &known::LLM,
    }
}
