//! The lines of one call on their way to sound, in order: clause by clause where they are not in the cache, with a few
//! syllables in front where even the first clause takes long.

use super::speech::Part;
use crate::audio::{FRAME, FRAME_MS};
use crate::terms::Line;
use crate::voice::filler;
use crate::voice::prompt::Prompt;
use crate::voice::studio::Studio;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A reply that is silent for longer than this makes people ask whether anybody is there.
const FILLER_AFTER: Duration = Duration::from_millis(600);

/// A stretch of a line, and whether it is the last.
type Rendered = Result<(Prompt, bool), String>;

struct Waiting {
    say: u32,
    interruptible: bool,
    pushed: Instant,
    /// A filler may still go in front of it.
    fillable: bool,
    parts: mpsc::Receiver<Rendered>,
}

/// Renders lines at once, gives them back in the order they were pushed.
pub struct Lines {
    studio: Arc<Studio>,
    dir: Arc<PathBuf>,
    waiting: VecDeque<Waiting>,
    fillers: Fillers,
    /// When everything that was given out will have been played.
    quiet_from: Instant,
    /// The last line that got a filler.
    filled: Option<u32>,
}

impl Lines {
    /// `words` are the dialplan's own pronunciations, checked when it was loaded.
    #[must_use]
    pub fn new(
        studio: &Arc<Studio>,
        dialplan_dir: PathBuf,
        words: &BTreeMap<String, String>,
    ) -> Self {
        let studio = if words.is_empty() {
            studio.clone()
        } else {
            match studio.with_words(words) {
                Ok(own) => Arc::new(own),
                Err(e) => {
                    tracing::warn!("the dialplan's own pronunciations are not used: {e}");
                    studio.clone()
                }
            }
        };
        Lines {
            studio,
            dir: Arc::new(dialplan_dir),
            waiting: VecDeque::new(),
            fillers: Fillers::default(),
            quiet_from: Instant::now(),
            filled: None,
        }
    }

    /// Renders lines into the cache that will probably be spoken later.
    pub fn prepare(&self, lines: Vec<Line>) {
        for line in lines {
            let (studio, dir) = (self.studio.clone(), self.dir.clone());
            tokio::spawn(async move {
                // If it fails now it fails again, and is told, when it is to be spoken.
                let _ = studio.render(&line, &dir, false).await;
            });
        }
    }

    /// Renders what an agent is told; `None` when it cannot be spoken.
    pub fn brief(&self, line: Line, tell: mpsc::Sender<Option<Arc<Prompt>>>) {
        let (studio, dir) = (self.studio.clone(), self.dir.clone());
        tokio::spawn(async move {
            let prompt = studio.render(&line, &dir, true).await;
            // A call that has ended briefs nobody.
            let _ = tell.send(prompt.ok()).await;
        });
    }

    pub fn push(&mut self, say: u32, line: Line, interruptible: bool) {
        // The opening comes first in every call, and whatever may not be interrupted cannot wait for courtesies.
        let fillable = say > 0 && interruptible && line.recording.is_none();
        self.fillers.prepare(&self.studio, &line);
        let (tell, parts) = mpsc::channel(64);
        let (studio, dir) = (self.studio.clone(), self.dir.clone());
        tokio::spawn(async move {
            let mut clauses = match studio.clauses(&line, &dir) {
                Ok(clauses) => clauses,
                Err(e) => {
                    let _ = tell.send(Err(e.to_string())).await;
                    return;
                }
            };
            let mut any = false;
            while let Some(part) = clauses.next().await {
                any = true;
                // Nobody waits for a line that was dropped meanwhile.
                if tell.send(part.map_err(|e| e.to_string())).await.is_err() {
                    return;
                }
            }
            if !any {
                let _ = tell.send(Ok((Prompt::default(), true))).await;
            }
        });
        self.waiting.push_back(Waiting {
            say,
            interruptible,
            pushed: Instant::now(),
            fillable,
            parts,
        });
    }

    /// The next stretch of the first line, under its number as a [`Part`], or why the line ends here. May be dropped while
    /// it waits.
    pub async fn next(&mut self) -> Result<(u32, Arc<Prompt>, bool), (u32, String)> {
        let fill_at = self.filler_due();
        let Some(first) = self.waiting.front_mut() else {
            return std::future::pending().await;
        };
        let (say, interruptible) = (first.say, first.interruptible);
        let part = tokio::select! {
            biased;
            part = first.parts.recv() => part,
            () = sleep_until(fill_at) => {
                first.fillable = false;
                match self.fillers.take() {
                    Some(filler) => {
                        self.filled = Some(say);
                        let filler = whole_frames((*filler).clone());
                        return Ok((Part::first(say, 0).number(), self.played(filler), interruptible));
                    }
                    None => first.parts.recv().await,
                }
            }
        };
        first.fillable = false;
        match part.unwrap_or_else(|| Err("the renderer stopped".into())) {
            Ok((prompt, true)) => {
                self.waiting.pop_front();
                Ok((Part::last(say).number(), self.played(prompt), interruptible))
            }
            Ok((prompt, false)) => {
                let number = Part::first(say, prompt.clauses.len()).number();
                let prompt = whole_frames(prompt);
                Ok((number, self.played(prompt), interruptible))
            }
            Err(why) => {
                self.waiting.pop_front();
                Err((say, why))
            }
        }
    }

    /// Drops what is not rendered yet; the number of the first dropped line, if any.
    pub fn drop_queued(&mut self) -> Option<u32> {
        let first = self.waiting.front().map(|w| w.say);
        self.waiting.clear();
        self.quiet_from = Instant::now();
        first
    }

    /// When a filler goes in front of the first line, should none of it be there by then.
    fn filler_due(&self) -> Option<Instant> {
        let first = self.waiting.front().filter(|w| w.fillable)?;
        // Not in front of two lines that follow each other: it would be a tic.
        let filled = self.filled.is_some_and(|s| s + 1 >= first.say);
        (!filled).then(|| first.pushed.max(self.quiet_from) + FILLER_AFTER)
    }

    fn played(&mut self, prompt: Prompt) -> Arc<Prompt> {
        self.quiet_from = self.quiet_from.max(Instant::now()) + Duration::from_millis(prompt.ms());
        Arc::new(prompt)
    }
}

/// Silence up to the end of a 20 ms frame, so that the next part begins in a frame of its own.
fn whole_frames(mut prompt: Prompt) -> Prompt {
    prompt
        .samples
        .resize(prompt.samples.len().next_multiple_of(FRAME), 0);
    debug_assert_eq!(prompt.ms() % FRAME_MS, 0);
    prompt
}

/// The fillers of this call's voice, as they become ready.
#[derive(Default)]
struct Fillers {
    ready: Arc<Mutex<Vec<Arc<Prompt>>>>,
    asked: bool,
    last: Option<Arc<Prompt>>,
}

impl Fillers {
    /// Has them spoken, once a call; they are in the cache after the first call of all.
    fn prepare(&mut self, studio: &Arc<Studio>, like: &Line) {
        if std::mem::replace(&mut self.asked, true) {
            return;
        }
        for line in filler::lines(like) {
            let (studio, ready) = (studio.clone(), self.ready.clone());
            tokio::spawn(async move {
                if let Ok(prompt) = studio.render(&line, std::path::Path::new("."), false).await {
                    lock(&ready).push(prompt);
                }
            });
        }
    }

    /// One after the other, never the same twice in a row.
    fn take(&mut self) -> Option<Arc<Prompt>> {
        let mut ready = lock(&self.ready);
        let is_last = |p: &Arc<Prompt>| self.last.as_ref().is_some_and(|l| Arc::ptr_eq(l, p));
        let at = ready.iter().position(|p| !is_last(p))?;
        let filler = ready.remove(at);
        ready.push(filler.clone());
        self.last = Some(filler.clone());
        Some(filler)
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
