//! What the robot is saying: lines under way, the line that was cut off, the question to come back to.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{LOST_LINE, Machine};
use crate::dialogue::effect::Effect;
use crate::dialogue::lines::{line, plain_line, value};
use crate::dialogue::plan::{Prompt, Variant};
use crate::dialogue::slot;
use crate::terms::{Line, Ms};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A line handed to the player.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    pub say: u32,
    pub step: String,
    pub line: Line,
    pub interruptible: bool,
    pub grace_ms: u64,
}

#[derive(Debug, Default)]
pub(super) struct Speech {
    next: u32,
    under_way: VecDeque<Spoken>,
    /// The callee stopped the first line under way, and their words have not come yet.
    cut: bool,
    /// The step's line was already said again after it was cut.
    pub said_again: bool,
    /// The last question, for a callee who asks to hear it again.
    pub question: Option<Spoken>,
    /// How often each prompt was said, to take its alternatives in turn.
    turns: BTreeMap<String, usize>,
}

impl Speech {
    /// Nothing under way.
    pub fn silent(&self) -> bool {
        self.under_way.is_empty()
    }

    /// The robot speaks and was not stopped.
    pub fn speaking(&self) -> bool {
        !self.under_way.is_empty() && !self.cut
    }

    pub fn said(&mut self, say: u32) {
        // A line that is reported ends those before it as well.
        if let Some(i) = self.under_way.iter().position(|s| s.say == say) {
            self.under_way.drain(..=i);
            self.cut = false;
        }
    }

    pub fn interrupted(&mut self, say: u32) {
        if let Some(i) = self.under_way.iter().position(|s| s.say == say) {
            self.under_way.drain(..i);
            self.cut = true;
        }
    }

    pub fn resumed(&mut self) {
        self.cut = false;
    }

    pub fn forget(&mut self) {
        self.under_way.clear();
        self.cut = false;
    }

    /// Ends the robot's turn and gives the lines that were not spoken whole.
    fn take_cut(&mut self) -> Vec<Spoken> {
        self.cut = false;
        self.under_way.drain(..).collect()
    }
}

impl Machine {
    /// Says a prompt's next alternative.
    pub(super) fn say(&mut self, now: Ms, key: &str, prompt: &Prompt, out: &mut Vec<Effect>) {
        self.say_as(now, key, prompt, false, out);
    }

    /// Says it uninterruptibly.
    pub(super) fn say_firmly(
        &mut self,
        now: Ms,
        key: &str,
        prompt: &Prompt,
        out: &mut Vec<Effect>,
    ) {
        self.say_as(now, key, prompt, true, out);
    }

    /// Says it as the question the callee is brought back to.
    pub(super) fn ask(&mut self, now: Ms, key: &str, prompt: &Prompt, out: &mut Vec<Effect>) {
        self.say(now, key, prompt, out);
        self.speech.question = self.speech.under_way.back().cloned();
    }

    fn say_as(&mut self, now: Ms, key: &str, prompt: &Prompt, firmly: bool, out: &mut Vec<Effect>) {
        let variants = self.variants(prompt);
        if variants.is_empty() {
            return;
        }
        let turn = self.speech.turns.entry(key.to_string()).or_default();
        let variant = variants[*turn % variants.len()];
        *turn += 1;
        let plan = Arc::clone(&self.plan);
        let text = line(&plan, variant, self.lang, &|v| self.spoken_value(v));
        let step = self.step.clone().unwrap_or_else(|| key.to_string());
        let how = (variant.interruptible && !firmly, variant.grace_ms);
        self.speak(now, step, text, how, out);
    }

    /// What may be said of a prompt here: in this language, and those whose condition holds before those without one.
    pub(super) fn variants<'p>(&self, prompt: &'p Prompt) -> Vec<&'p Variant> {
        let here = || {
            let mine = |v: &&Variant| v.lang.is_none_or(|l| l == self.lang);
            prompt.variants.iter().filter(mine)
        };
        let fitting: Vec<_> = here()
            .filter(|v| v.when.as_ref().is_some_and(|w| self.holds(w)))
            .collect();
        if fitting.is_empty() {
            return here().filter(|v| v.when.is_none()).collect();
        }
        fitting
    }

    /// Says words that no file holds.
    pub(super) fn say_words(&mut self, now: Ms, step: &str, words: String, out: &mut Vec<Effect>) {
        let line = plain_line(&self.plan, words, self.lang);
        self.speak(now, step.to_string(), line, (true, 0), out);
    }

    /// Hands a line to the player.
    fn speak(
        &mut self,
        now: Ms,
        step: String,
        line: Line,
        (interruptible, grace_ms): (bool, u64),
        out: &mut Vec<Effect>,
    ) {
        let say = self.speech.next;
        self.speech.next += 1;
        // Slower than anyone speaks: this only saves a call whose player went quiet.
        let at_most = 20_000 + 600 * line.text.chars().count() as u64;
        let from = self
            .timer
            .filter(|(_, why)| *why == LOST_LINE)
            .map_or(now, |(at, _)| at);
        self.timer = Some((from.after(at_most), LOST_LINE));
        out.push(Effect::Say {
            say,
            step: step.clone(),
            line: line.clone(),
            interruptible,
            grace_ms,
        });
        self.speech.under_way.push_back(Spoken {
            say,
            step,
            line,
            interruptible,
            grace_ms,
        });
    }

    /// Says lines once more, as they were.
    pub(super) fn speak_again(&mut self, now: Ms, lines: Vec<Spoken>, out: &mut Vec<Effect>) {
        for s in lines {
            self.speak(now, s.step, s.line, (s.interruptible, s.grace_ms), out);
        }
    }

    /// The question as it was last asked.
    pub(super) fn repeat_question(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if let Some(q) = self.speech.question.clone() {
            self.speak_again(now, vec![q], out);
        }
        self.expect(true, out);
    }

    /// The callee has the floor now; gives the lines they cut off.
    pub(super) fn yield_floor(&mut self, out: &mut Vec<Effect>) -> Vec<Spoken> {
        let cut = self.speech.take_cut();
        if cut.len() > 1 {
            out.push(Effect::StopSpeaking);
        }
        self.timer = None;
        cut
    }

    /// Falls silent at once.
    pub(super) fn stop(&mut self, out: &mut Vec<Effect>) {
        if !self.speech.silent() {
            out.push(Effect::StopSpeaking);
        }
        self.speech.forget();
        self.timer = None;
        self.stash = None;
    }

    /// The callee may talk over what is being said.
    pub(super) fn speech_interruptible(&self) -> bool {
        self.speech.under_way.back().is_none_or(|s| s.interruptible)
    }

    /// What `{name}` is said as.
    pub(super) fn spoken_value(&self, name: &str) -> Option<String> {
        match self.memory.slots.get(name) {
            Some(kept) => Some(slot::say(&kept.kind, &kept.value, self.lang)),
            None => value(&self.plan, &self.lead, self.lang, name),
        }
    }
}
