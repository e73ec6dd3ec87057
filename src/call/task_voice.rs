//! The lines of one call on their way to sound, in order.

use crate::terms::Line;
use crate::voice::prompt::Prompt;
use crate::voice::studio::Studio;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::oneshot;

type Rendered = Result<Arc<Prompt>, String>;

struct Waiting {
    say: u32,
    interruptible: bool,
    sound: oneshot::Receiver<Rendered>,
}

/// Renders lines at once, gives them back in the order they were pushed.
pub struct Lines {
    studio: Arc<Studio>,
    dir: Arc<PathBuf>,
    waiting: VecDeque<Waiting>,
}

impl Lines {
    #[must_use]
    pub fn new(studio: Arc<Studio>, dialplan_dir: PathBuf) -> Self {
        Lines {
            studio,
            dir: Arc::new(dialplan_dir),
            waiting: VecDeque::new(),
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

    pub fn push(&mut self, say: u32, line: Line, interruptible: bool) {
        let (tx, sound) = oneshot::channel();
        let (studio, dir) = (self.studio.clone(), self.dir.clone());
        tokio::spawn(async move {
            let rendered = studio
                .render(&line, &dir, true)
                .await
                .map_err(|e| e.to_string());
            // Nobody waits for a line that was dropped meanwhile.
            let _ = tx.send(rendered);
        });
        self.waiting.push_back(Waiting {
            say,
            interruptible,
            sound,
        });
    }

    /// The first line's sound, or why there is none.
    pub async fn next(&mut self) -> Result<(u32, Arc<Prompt>, bool), (u32, String)> {
        let Some(first) = self.waiting.front_mut() else {
            return std::future::pending().await;
        };
        let rendered = (&mut first.sound)
            .await
            .unwrap_or_else(|_| Err("the renderer stopped".into()));
        let (say, interruptible) = (first.say, first.interruptible);
        self.waiting.pop_front();
        rendered
            .map(|prompt| (say, prompt, interruptible))
            .map_err(|why| (say, why))
    }

    /// Drops what is not rendered yet; the number of the first dropped line, if any.
    pub fn drop_queued(&mut self) -> Option<u32> {
        let first = self.waiting.front().map(|w| w.say);
        self.waiting.clear();
        first
    }
}
