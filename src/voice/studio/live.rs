//! A line given out clause by clause while the rest of it is still being spoken.

use super::super::clause::{self, Piece};
use super::super::prompt::Prompt;
use super::queue::{Job, Queue};
use super::{Studio, VoiceError, recording_job};
use crate::terms::Line;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

/// The clauses of a line that are still to come, in order.
pub struct Clauses {
    queue: Arc<Queue>,
    pieces: VecDeque<(Piece, Job)>,
}

impl Studio {
    /// The line in as many parts as it takes to begin early: what is in the cache comes whole, what is not comes clause by
    /// clause with a short one first. Urgent.
    pub fn clauses(&self, line: &Line, base_dir: &Path) -> Result<Clauses, VoiceError> {
        let queue = self.inner.queue.clone();
        if let Some(name) = &line.recording {
            let piece = Piece {
                text: line.text.clone(),
                pause_ms: 0,
            };
            let pieces = [(piece, recording_job(base_dir, name))].into();
            return Ok(Clauses { queue, pieces });
        }
        let whole = self.script(line, clause::cut)?;
        let begun = whole
            .first()
            .is_none_or(|(_, job)| queue.begun(&job.key) || queue.cached(&job.key).is_some());
        let pieces = if begun {
            whole
        } else {
            self.script(line, clause::cut_live)?
        };
        Ok(Clauses {
            queue,
            pieces: pieces.into(),
        })
    }
}

impl Clauses {
    /// The next part, and whether it is the last: one clause and whatever behind it is cached. `None` behind the last.
    pub async fn next(&mut self) -> Option<Result<(Prompt, bool), VoiceError>> {
        let mut prompt = Prompt::default();
        let (piece, job) = self.pieces.pop_front()?;
        // One clause at a time: two at once on one core would make the first one late.
        match self.queue.submit(job, true).await {
            Ok(sound) => prompt.add(&sound, piece.text, piece.pause_ms),
            Err(e) => return Some(Err(e)),
        }
        while let Some((piece, job)) = self.pieces.pop_front() {
            let Some(sound) = self.queue.cached(&job.key) else {
                self.pieces.push_front((piece, job));
                break;
            };
            prompt.add(&sound, piece.text, piece.pause_ms);
        }
        Some(Ok((prompt, self.pieces.is_empty())))
    }
}
