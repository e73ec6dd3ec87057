//! What the robot is saying and what waits to be said, as the call's machine keeps it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::event::Besides;
use crate::terms::Ms;
use std::collections::VecDeque;

/// One line given to the voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub say: u32,
    pub step: String,
    pub text: String,
    pub interruptible: bool,
    /// Talking over it within so many milliseconds of its beginning is ignored.
    pub grace_ms: u64,
    /// When its first frame left.
    pub started: Option<Ms>,
    /// Of the parts that were spoken to their end.
    pub spoken: Spoken,
}

/// How much of a line was spoken.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    pub clauses: usize,
    pub ms: u64,
}

/// A stretch of a line that is played as one prompt. A line that is spoken while it is being played has several; their
/// number in the player is the line's, with two marks in its upper bits that the last one does not have.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line; calls have fewer than 2²⁴.
    pub say: u32,
    /// More of the line follows.
    pub more: bool,
    /// Whole clauses in it when more follows; a filler has none.
    pub clauses: u8,
}

impl Part {
    const MORE: u32 = 1 << 31;
    const MOST_CLAUSES: u8 = 127;

    /// The last part of a line, or all of it.
    #[must_use]
    pub fn last(say: u32) -> Part {
        Part {
            say,
            more: false,
            clauses: 0,
        }
    }

    /// A part that others follow.
    #[must_use]
    pub fn first(say: u32, clauses: usize) -> Part {
        let most = usize::from(Part::MOST_CLAUSES);
        Part {
            say,
            more: true,
            clauses: u8::try_from(clauses.min(most)).unwrap_or(Part::MOST_CLAUSES),
        }
    }

    /// Its number in the player.
    #[must_use]
    pub fn number(self) -> u32 {
        let marks = if self.more {
            Part::MORE | u32::from(self.clauses) << 24
        } else {
            0
        };
        marks | self.say & 0x00ff_ffff
    }

    /// The part with this number in the player.
    #[must_use]
    pub fn numbered(number: u32) -> Part {
        Part {
            say: number & 0x00ff_ffff,
            more: number & Part::MORE != 0,
            clauses: (number >> 24) as u8 & Part::MOST_CLAUSES,
        }
    }
}

/// What the callee did, kept until the robot's line has stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum Pending {
    Words {
        text: String,
        confidence: f32,
        more: Besides,
    },
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
        self.lines.front().is_some_and(|l| l.started.is_some())
    }

    /// Something is being spoken or about to be, and the callee, who began to speak at `began`, may talk over it.
    #[must_use]
    pub fn may_be_interrupted(&self, began: Ms) -> bool {
        self.lines.front().is_some_and(|l| {
            let graced = |at: Ms| began.0 < at.0 + l.grace_ms;
            l.interruptible && !(l.grace_ms > 0 && l.started.is_some_and(graced))
        })
    }

    pub fn start(&mut self, now: Ms, say: u32) -> Option<&Saying> {
        let line = self
            .lines
            .front_mut()
            .filter(|l| l.say == say && l.started.is_none())?;
        line.started = Some(now);
        Some(line)
    }

    /// A part of the line was spoken to its end, and more of it follows.
    pub fn part_done(&mut self, part: Part, ms: u64) {
        if let Some(line) = self.lines.front_mut().filter(|l| l.say == part.say) {
            line.spoken.clauses += usize::from(part.clauses);
            line.spoken.ms += ms;
        }
    }

    /// What was spoken of this line before the part that plays now.
    #[must_use]
    pub fn spoken(&self, say: u32) -> Spoken {
        self.lines
            .front()
            .filter(|l| l.say == say)
            .map(|l| l.spoken)
            .unwrap_or_default()
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
