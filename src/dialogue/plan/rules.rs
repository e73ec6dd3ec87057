//! Rules over what a call has shown: grades, hand-off, lasting tags, follow-ups.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Ref;
use super::step::Prompt;
use crate::terms::{Disposition, Grade, Lang};

#[derive(Clone, Debug)]
pub struct Handoff {
    /// Any of these brings a human; the intent `human` always does.
    pub grade: Option<Grade>,
    pub tags: Vec<String>,
    pub intents: Vec<String>,
    /// An upset callee does.
    pub upset: bool,
    pub skill: Option<String>,
    pub line: Prompt,
    pub while_waiting: Vec<Prompt>,
    pub nobody: Nobody,
}

/// What happens when no agent comes.
#[derive(Clone, Debug)]
pub struct Nobody {
    pub say: Prompt,
    pub callback: bool,
    pub disposition: Disposition,
    /// Go on with the conversation instead of ending it.
    pub goto: Option<Ref>,
}

#[derive(Clone, Debug)]
pub struct GradeRule {
    pub grade: Grade,
    pub when: When,
    pub reason: String,
}

/// A condition; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct When {
    pub all: Vec<Ref>,
    pub any: Vec<Ref>,
    pub none: Vec<Ref>,
    /// Slots that must be filled.
    pub slots: Vec<Ref>,
    /// Steps that must have been reached.
    pub steps: Vec<Ref>,
    pub turns_at_least: Option<u32>,
    pub turns_at_most: Option<u32>,
    /// Tags that were on the contact before the call: all of the first, none of the second.
    pub contact: Vec<Ref>,
    pub contact_none: Vec<Ref>,
    /// Tests of the lead's columns.
    pub lead: Vec<(Ref, Test)>,
    /// Tests of values kept in the call.
    pub values: Vec<(Ref, Test)>,
    pub lang: Option<Lang>,
    pub upset: Option<bool>,
}

/// A test of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Present,
    Absent,
    /// One of these, compared without case and outer blanks.
    OneOf(Vec<String>),
    /// None of these.
    NoneOf(Vec<String>),
    /// Numbers and dates, by their order.
    Compare(Order, String),
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Less,
    AtMost,
    AtLeast,
    More,
}

/// A lasting tag of the contact, given or taken when the call ends.
#[derive(Clone, Debug)]
pub struct Lasting {
    pub tag: Ref,
    pub forget: bool,
    pub when: When,
}

/// What is to be done about this lead later.
#[derive(Clone, Debug)]
pub struct FollowUp {
    pub when: When,
    pub due: Due,
    /// Another campaign; `None` means this one.
    pub campaign: Option<String>,
    pub reason: String,
    /// Looked at even when an earlier rule held.
    pub also: bool,
}

/// When a follow-up is due, in the callee's local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// So many days from today, at minutes since midnight.
    Day {
        days: u32,
        minute: u16,
    },
    /// A slot of type datetime.
    Slot(String),
    In {
        count: u32,
        unit: Unit,
    },
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
}
