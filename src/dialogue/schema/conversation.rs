//! Steps, prompts, actions, slots, lookups.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::shape::*;
use super::{Part, known};
use serde_json::{Value, json};

/// What a branch does; steps, branches and faq entries share these.
fn deeds() -> Vec<(&'static str, Value)> {
    vec![
        ("say", with(prompt(), "Said first.")),
        ("tag", with(part("names"), "Tags given to the call.")),
        ("set", with(map(text()), "Variables kept: name and text.")),
        (
            "grade",
            with(
                grade(),
                "A grade given here and now; the rules' order still counts.",
            ),
        ),
        ("goto", with(name(), "The step that follows.")),
        (
            "hangup",
            with(
                any(vec![part("disposition"), part("hangup")]),
                "Ends the call.",
            ),
        ),
        (
            "handoff",
            with(text(), "Brings a human: true, or the skill asked for."),
        ),
        (
            "callback",
            with(flag(), "Keeps a callback, or asks for a time."),
        ),
        (
            "retention",
            with(
                any(vec![
                    flag(),
                    prompt(),
                    object("", &[], vec![("say", prompt()), ("once", flag())]),
                ]),
                "Whether the retention line is said here, or one of its own.",
            ),
        ),
        (
            "lang",
            with(words(&["zh", "en"]), "Goes on in this language."),
        ),
        (
            "call",
            with(
                name(),
                "A side flow: goes to this step; `return` comes back to the point left.",
            ),
        ),
        ("return", with(flag(), "The end of a side flow.")),
    ]
}

fn deeds_but(left_out: &[&str]) -> Vec<(&'static str, Value)> {
    let mut all = deeds();
    all.retain(|(name, _)| !left_out.contains(name));
    all
}

pub(super) fn parts() -> Vec<Part> {
    let mut branch = vec![("when", part("when"))];
    branch.extend(deeds());
    let mut faq = vec![
        ("ask", with(phrases(), "How callees ask.")),
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
    ];
    faq.extend(deeds());
    vec![
        Part {
            name: "action",
            schema: object(
                "What to do: tag, set, grade, say, then where it leads.",
                &[],
                deeds(),
            ),
            known: &known::ACTION,
        },
        Part {
            name: "branch",
            schema: object("Done when its condition holds.", &[], branch),
            known: &known::BRANCH,
        },
        Part {
            name: "faq",
            schema: object("A question and its answer.", &[], faq),
            known: &known::FAQ,
        },
        step(),
        Part {
            name: "prompt_long",
            schema: object(
                "A text with how it is said.",
                &["text"],
                vec![
                    ("text", with(worded(), "The words, with {variables}.")),
                    (
                        "recording",
                        json!({ "type": "string", "pattern": "\\.[wW][aA][vV]$", "description": "A WAV beside the dialplan, played instead of the voice." }),
                    ),
                    ("interruptible", with(flag(), "Default true.")),
                    (
                        "grace_ms",
                        with(
                            number(0.0, 5000.0),
                            "An interruption within so many milliseconds of the line's beginning is ignored.",
                        ),
                    ),
                    (
                        "when",
                        with(
                            part("when"),
                            "Said only where this holds, and then before alternatives without a condition.",
                        ),
                    ),
                ],
            ),
            known: &known::PROMPT,
        },
        Part {
            name: "hangup",
            schema: object(
                "How the call ends.",
                &[],
                vec![
                    ("disposition", part("disposition")),
                    ("result", with(text(), "A word of your own for the report.")),
                ],
            ),
            known: &known::HANGUP,
        },
        slot(),
        valid(),
        lookup(),
        Part {
            name: "secret",
            schema: object(
                "A secret from the environment; it never stands in a file.",
                &["env"],
                vec![
                    (
                        "env",
                        json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "The environment variable's name." }),
                    ),
                    (
                        "prefix",
                        with(text(), "Put before the value, such as \"Bearer \"."),
                    ),
                ],
            ),
            known: &known::SECRET,
        },
    ]
}

fn step() -> Part {
    let mut fields = vec![
        ("say", with(prompt(), "Said on entering.")),
        (
            "listen",
            with(
                words(&["open", "yes_no", "digits"]),
                "How long a pause ends the callee's turn.",
            ),
        ),
        (
            "silence_ms",
            with(number(100.0, 5000.0), "The pause itself, in milliseconds."),
        ),
        ("on", with(map(action()), "Intents and what they do.")),
        (
            "keys",
            json!({
                "description": "Keys of the callee's phone and what they do, in quotes.",
                "type": ["object", "null"],
                "propertyNames": { "pattern": "^[0-9*#]$" },
                "additionalProperties": action(),
            }),
        ),
        ("else", with(action(), "Anything else that was understood.")),
        ("slot", part("slot")),
        (
            "then",
            with(name(), "Where a filled slot or a lookup leads."),
        ),
        (
            "branch",
            with(
                list(part("branch")),
                "After speaking, the first whose condition holds. For steps that do not listen.",
            ),
        ),
        ("lookup", part("lookup")),
        (
            "doubt",
            with(said(), "Asked here where a yes or no stays doubtful."),
        ),
    ];
    fields.extend(deeds_but(&["say", "retention"]));
    Part {
        name: "step",
        schema: object("One node of the conversation.", &[], fields),
        known: &known::STEP,
    }
}

fn slot() -> Part {
    Part {
        name: "slot",
        schema: object(
            "A value asked for.",
            &["name", "type"],
            vec![
                ("name", name()),
                (
                    "type",
                    with(words(&known::SLOT_TYPES), "What is asked for."),
                ),
                (
                    "confirm",
                    with(prompt(), "Read back for a yes, with the value in {name}."),
                ),
                (
                    "reask",
                    with(prompt(), "Said when the words held no such value."),
                ),
                (
                    "invalid",
                    with(
                        prompt(),
                        "Said when a value was understood and is not allowed.",
                    ),
                ),
                ("valid", part("valid")),
                (
                    "min",
                    with(kind("number"), "The least number, or the fewest digits."),
                ),
                (
                    "max",
                    with(kind("number"), "The greatest number, or the most digits."),
                ),
                (
                    "choices",
                    with(
                        any(vec![list(text()), map(phrases())]),
                        "What may be chosen: values and how people say them.",
                    ),
                ),
                ("then", with(name(), "Where it leads when filled.")),
            ],
        ),
        known: &known::SLOT,
    }
}

fn valid() -> Part {
    let day = "(mon|tue|wed|thu|fri|sat|sun)";
    let days = json!({ "type": "string", "pattern": format!("^{day}(-{day})?$") });
    Part {
        name: "valid",
        schema: object(
            "What a value must satisfy besides its type.",
            &[],
            vec![
                ("min", with(kind("number"), "The least number or amount.")),
                (
                    "max",
                    with(kind("number"), "The greatest number or amount."),
                ),
                (
                    "within_days",
                    with(number(0.0, 3650.0), "A date at most so many days ahead."),
                ),
                (
                    "weekdays",
                    with(some(days), "Days such as mon, or mon-fri."),
                ),
                (
                    "hours",
                    json!({ "type": "string", "pattern": "^\\d{1,2}:\\d{2}\\s*[-–~]\\s*\\d{1,2}:\\d{2}$", "description": "Times such as \"09:00-18:00\"." }),
                ),
                (
                    "digits",
                    with(
                        any(vec![
                            number(1.0, 32.0),
                            json!({ "type": "string", "pattern": "^\\d{1,2}(-\\d{1,2})?$" }),
                        ]),
                        "How many digits: 6, or 4-8.",
                    ),
                ),
            ],
        ),
        known: &known::VALID,
    }
}

fn lookup() -> Part {
    Part {
        name: "lookup",
        schema: object(
            "A question to another machine in the middle of the call.",
            &["url", "save", "failed"],
            vec![
                (
                    "url",
                    json!({ "type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://[^/{}]+", "description": "Where to ask; variables are percent-encoded, {phone} is the callee's number." }),
                ),
                ("method", with(words(&["GET", "POST"]), "Default GET.")),
                (
                    "headers",
                    with(
                        map(any(vec![text(), part("secret")])),
                        "Plain texts, or secrets from the environment.",
                    ),
                ),
                (
                    "body",
                    with(map(text()), "A JSON object of texts, for POST."),
                ),
                ("timeout_ms", with(number(200.0, 10_000.0), "Default 3000.")),
                ("filler", with(prompt(), "Said while waiting.")),
                (
                    "save",
                    json!({
                        "description": "Variables and where in the answer they stand (JSON pointers, RFC 6901).",
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": { "type": "string", "pattern": "^/" },
                    }),
                ),
                (
                    "then",
                    with(name(), "Where it leads when everything was found."),
                ),
                (
                    "failed",
                    with(
                        action(),
                        "For when the other machine is late, wrong or away.",
                    ),
                ),
            ],
        ),
        known: &known::LOOKUP,
    }
}
