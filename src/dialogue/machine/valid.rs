//! Values that were understood and are not allowed: too much, too far ahead, on a day or at an hour that does not suit.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::phase::Phase;
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::SlotAsk;
use crate::terms::Ms;
use jiff::civil::{Date, DateTime};
use std::sync::Arc;

impl Machine {
    /// The value satisfies what the file asks of it.
    pub(super) fn valid(&self, ask: &SlotAsk, value: &str) -> bool {
        let rule = &ask.valid;
        let number: Option<f64> = value.parse().ok();
        let within = |n: f64| rule.min.is_none_or(|m| n >= m) && rule.max.is_none_or(|m| n <= m);
        if (rule.min.is_some() || rule.max.is_some()) && !number.is_some_and(within) {
            return false;
        }
        let digits = value.chars().filter(char::is_ascii_digit).count();
        let counted =
            |(least, most): (u8, u8)| (usize::from(least)..=usize::from(most)).contains(&digits);
        if !rule.digits.is_none_or(counted) {
            return false;
        }
        let time: Option<DateTime> = value.parse().ok();
        let day: Option<Date> = time.map(DateTime::date).or_else(|| value.parse().ok());
        let Some(day) = day else { return true };
        let ahead = self
            .lead
            .now_local
            .date()
            .until(day)
            .map_or(0, |s| s.get_days());
        let soon = rule
            .within_days
            .is_none_or(|most| i64::from(ahead) <= i64::from(most));
        let weekday = day.weekday().to_monday_one_offset();
        let open = rule.weekdays.is_empty() || rule.weekdays.contains(&weekday);
        let hours = match (rule.hours, time) {
            (Some((first, last)), Some(t)) => {
                let minute = i32::from(t.hour()) * 60 + i32::from(t.minute());
                (i32::from(first)..=i32::from(last)).contains(&minute)
            }
            _ => true,
        };
        soon && open && hours
    }

    /// Says what is allowed and asks again; the no-match ladder ends it.
    pub(super) fn not_allowed(&mut self, now: Ms, ask: &SlotAsk, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        self.phase = Phase::Talking;
        self.no_match += 1;
        out.push(Effect::NoMatch {
            count: self.no_match,
        });
        let nth = self.no_match as usize;
        if nth > plan.no_match.lines.len() {
            let ladder = &plan.no_match;
            let hangup = ladder.hangup.clone();
            return self.close(now, "no_match end", &ladder.end, hangup, out);
        }
        if let Some(say) = ask.invalid.as_ref().or(ask.reask.as_ref()) {
            self.ask(now, &format!("invalid {}", ask.name), say, out);
        } else {
            self.say(
                now,
                &format!("no_match {nth}"),
                &plan.no_match.lines[nth - 1],
                out,
            );
            self.repeat_question(now, out);
        }
        self.expect(true, out);
    }
}
