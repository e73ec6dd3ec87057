//! What the robot is saying and what waits to be said, as the call's machine keeps it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::VecDeque;

/// One line given to the voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub say: u32,
    pub step: String,
    pub text: String,
    pub interruptible: bool,
    pub started: bool,
}

/// What the callee did, kept until the robot's line has stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum Pending {
    Words { text: String, confidence: f32 },
    Key(char),
}

/// Lines in order; the first is the one being spoken.
#[derive(Clone, Debug, Default)]
pub struct Speaking {
    lines: VecDeque<Saying>,
    /// The line is faded out and held: the callee seems to be talking over it.
    pub held: bool,
    /// Waits for the running line to stop, or, a key over a line that cannot be interrupted, to end.
    pub pending: Option<Pending>,
    /// A stop was asked for; its answer decides where the line was cut.
    pub stopping: bool,
}

impl Speaking {
    pub fn push(&mut self, line: Saying) {
        self.lines.push_back(line);
    }

    #[must_use]
    pub fn idle(&self) -> bool {
        self.lines.is_empty() && !self.stopping
    }

    /// A line has its first frame out and not its last.
    #[must_use]
    pub fn playing(&self) -> bool {
        self.lines.front().is_some_and(|l| l.started)
    }

    /// Something is being spoken or about to be, and the callee may talk over it.
    #[must_use]
    pub fn may_be_interrupted(&self) -> bool {
        self.lines.front().is_some_and(|l| l.interruptible)
    }

    pub fn start(&mut self, say: u32) -> Option<&Saying> {
        let line = self
            .lines
            .front_mut()
            .filter(|l| l.say == say && !l.started)?;
        line.started = true;
        Some(line)
    }

    /// The line was spoken to its end, or failed.
    pub fn finish(&mut self, say: u32) -> Option<Saying> {
        if self.lines.front()?.say != say {
            return None;
        }
        self.held = false;
        self.lines.pop_front()
    }

    /// Everything is dropped; returns what was first in line.
    pub fn forget(&mut self) -> Option<Saying> {
        self.held = false;
        self.stopping = false;
        self.pending = None;
        let first = self.lines.pop_front();
        self.lines.clear();
        first
    }
}
