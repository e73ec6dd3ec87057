//! The fields of every part of the format. The reader refuses all others, and the schema is tested against these lists.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub(in crate::dialogue) const TOP: [&str; 39] = [
    "callsmith",
    "name",
    "version",
    "description",
    "include",
    "lang",
    "langs",
    "lang_from",
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
    "faq",
    "back",
    "busy",
    "opt_out",
    "no_input",
    "no_match",
    "doubt",
    "robot_question",
    "wrong_number",
    "abuse",
    "goodbye",
    "retention",
    "handoff",
    "grade",
    "card",
    "remember",
    "follow_up",
    "emotion",
    "llm",
    "max_turns",
];

/// What an included file may hold.
pub(in crate::dialogue) const INCLUDED: [&str; 25] = [
    "include",
    "description",
    "values",
    "pronounce",
    "lead",
    "intents",
    "steps",
    "globals",
    "faq",
    "back",
    "busy",
    "opt_out",
    "no_input",
    "no_match",
    "doubt",
    "robot_question",
    "wrong_number",
    "abuse",
    "goodbye",
    "retention",
    "handoff",
    "grade",
    "card",
    "remember",
    "follow_up",
];

pub(in crate::dialogue) const ACTION: [&str; 12] = [
    "say",
    "tag",
    "set",
    "grade",
    "goto",
    "hangup",
    "handoff",
    "callback",
    "retention",
    "lang",
    "call",
    "return",
];

pub(in crate::dialogue) const BRANCH: [&str; 13] = [
    "when",
    "say",
    "tag",
    "set",
    "grade",
    "goto",
    "hangup",
    "handoff",
    "callback",
    "retention",
    "lang",
    "call",
    "return",
];

pub(in crate::dialogue) const FAQ: [&str; 15] = [
    "ask",
    "exact",
    "patterns",
    "say",
    "tag",
    "set",
    "grade",
    "goto",
    "hangup",
    "handoff",
    "callback",
    "retention",
    "lang",
    "call",
    "return",
];

pub(in crate::dialogue) const STEP: [&str; 21] = [
    "say",
    "listen",
    "silence_ms",
    "on",
    "keys",
    "else",
    "slot",
    "then",
    "branch",
    "lookup",
    "doubt",
    "tag",
    "set",
    "grade",
    "goto",
    "hangup",
    "handoff",
    "callback",
    "lang",
    "call",
    "return",
];

pub(in crate::dialogue) const PROMPT: [&str; 5] =
    ["text", "recording", "interruptible", "grace_ms", "when"];

pub(in crate::dialogue) const WHEN: [&str; 13] = [
    "all",
    "any",
    "none",
    "contact",
    "contact_none",
    "slot",
    "step",
    "turns_at_least",
    "turns_at_most",
    "lead",
    "slots",
    "lang",
    "upset",
];

pub(in crate::dialogue) const SLOT: [&str; 10] = [
    "name", "type", "confirm", "reask", "invalid", "valid", "min", "max", "choices", "then",
];

pub(in crate::dialogue) const VALID: [&str; 6] =
    ["min", "max", "within_days", "weekdays", "hours", "digits"];

pub(in crate::dialogue) const LOOKUP: [&str; 9] = [
    "url",
    "method",
    "headers",
    "body",
    "timeout_ms",
    "filler",
    "save",
    "then",
    "failed",
];

pub(in crate::dialogue) const SECRET: [&str; 2] = ["env", "prefix"];
pub(in crate::dialogue) const INTENT: [&str; 4] = ["examples", "exact", "patterns", "tag"];
pub(in crate::dialogue) const LANGUAGE: [&str; 1] = ["voice"];
pub(in crate::dialogue) const VOICE: [&str; 2] = ["name", "speed"];
pub(in crate::dialogue) const LEAD: [&str; 2] = ["required", "default"];
pub(in crate::dialogue) const HANGUP: [&str; 2] = ["disposition", "result"];
pub(in crate::dialogue) const BUSY: [&str; 4] = ["say", "slot", "done", "unclear"];
pub(in crate::dialogue) const NO_INPUT: [&str; 3] = ["lines", "end", "after_ms"];
pub(in crate::dialogue) const NO_MATCH: [&str; 2] = ["lines", "end"];
pub(in crate::dialogue) const LADDER_END: [&str; 3] = ["say", "disposition", "result"];
pub(in crate::dialogue) const RETENTION: [&str; 3] = ["on", "say", "once"];
pub(in crate::dialogue) const HANDOFF: [&str; 5] =
    ["when", "skill", "line", "while_waiting", "nobody"];
pub(in crate::dialogue) const HANDOFF_WHEN: [&str; 4] = ["grade", "tag", "intent", "upset"];
pub(in crate::dialogue) const NOBODY: [&str; 4] = ["say", "callback", "disposition", "goto"];
pub(in crate::dialogue) const GRADE_RULE: [&str; 3] = ["grade", "when", "reason"];
pub(in crate::dialogue) const REMEMBER: [&str; 3] = ["tag", "forget", "when"];
pub(in crate::dialogue) const FOLLOW_UP: [&str; 6] =
    ["when", "at", "in", "campaign", "reason", "also"];
pub(in crate::dialogue) const LLM: [&str; 8] = [
    "url",
    "model",
    "key",
    "timeout_ms",
    "nearest",
    "max_chars",
    "filler",
    "fallback",
];
pub(in crate::dialogue) const SLOT_TYPES: [&str; 9] = [
    "yes_no", "number", "digits", "money", "phone", "datetime", "name", "choice", "free",
];
pub(in crate::dialogue) const WEEKDAYS: [&str; 7] =
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
