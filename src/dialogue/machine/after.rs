//! What a call leaves behind: the lead card, lasting tags of the contact, follow-ups.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Due, FollowUp, Unit};
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::sync::Arc;

impl Machine {
    /// Fields of the lead card whose variables all have values, as they change.
    pub(super) fn fill_card(&mut self, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        for (field, text) in &plan.card {
            let known = |v: &str| self.spoken_value(v).filter(|v| !v.is_empty());
            if text.vars().any(|v| known(v).is_none()) {
                continue;
            }
            let value = text.fill(&known);
            if self.memory.card.get(field) != Some(&value) {
                self.memory.card.insert(field.clone(), value.clone());
                out.push(Effect::Card {
                    field: field.clone(),
                    value,
                });
            }
        }
    }

    /// Once, when the call ends: lasting tags, and what is to be done later. Who wants no more calls gets none.
    pub(super) fn wrap_up(&mut self, out: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.memory.wrapped_up, true) {
            return;
        }
        self.fill_card(out);
        let plan = Arc::clone(&self.plan);
        for rule in plan.remember.iter().filter(|r| self.holds(&r.when)) {
            out.push(Effect::Remember {
                tag: rule.tag.name.clone(),
                forget: rule.forget,
            });
        }
        if self.memory.tags.contains("opt_out") {
            return;
        }
        let mut found = false;
        for rule in &plan.follow_ups {
            if (found && !rule.also) || !self.holds(&rule.when) {
                continue;
            }
            if let Some(at) = self.due(rule) {
                found = true;
                out.push(Effect::FollowUp {
                    at,
                    campaign: rule.campaign.clone(),
                    reason: rule.reason.clone(),
                });
            }
        }
    }

    /// When a rule's follow-up is due, in the callee's civil time.
    fn due(&self, rule: &FollowUp) -> Option<String> {
        let now = self.lead.now_local;
        let at = match &rule.due {
            Due::Slot(name) => {
                let value = &self.memory.slots.get(name)?.value;
                // A day without a time: in the morning.
                return Some(if value.contains('T') {
                    value.clone()
                } else {
                    format!("{value}T10:00")
                });
            }
            Due::Day { days, minute } => {
                let day = now.date().checked_add(i64::from(*days).days()).ok()?;
                day.at(
                    i8::try_from(minute / 60).ok()?,
                    i8::try_from(minute % 60).ok()?,
                    0,
                    0,
                )
            }
            Due::In { count, unit } => later(now, i64::from(*count), *unit)?,
        };
        Some(at.strftime("%Y-%m-%dT%H:%M").to_string())
    }
}

fn later(now: DateTime, n: i64, unit: Unit) -> Option<DateTime> {
    let span = match unit {
        Unit::Minutes => n.minutes(),
        Unit::Hours => n.hours(),
        Unit::Days => n.days(),
        Unit::Weeks => n.weeks(),
        Unit::Months => n.months(),
    };
    now.checked_add(span).ok()
}
