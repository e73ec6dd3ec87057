//! The sentence model at work for calls: one thread that embeds in the order it is asked, with a short queue.

use crate::call::outside::Meanings;
use crate::dialogue::intent::Vectors;
use crate::dialogue::traits::Embedder;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio::sync::oneshot;
use tracing::warn;

/// Turns that may wait; one more is read by its letters.
const QUEUE: usize = 64;

struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<Vectors>,
}

/// Hands texts to the model's thread.
pub struct Queue(SyncSender<Job>);

impl Queue {
    #[must_use]
    pub fn start(embedder: Arc<dyn Embedder>) -> Queue {
        let (jobs, next) = sync_channel::<Job>(QUEUE);
        let work = move || {
            while let Ok(job) = next.recv() {
                // The call may have stopped waiting, or ended.
                if job.reply.is_closed() {
                    continue;
                }
                let mut vectors = Vectors::default();
                for text in &job.texts {
                    match embedder.embed(text) {
                        Ok(vector) => {
                            vectors.insert(text, vector);
                        }
                        Err(e) => warn!("a turn is read by its letters alone: {e}"),
                    }
                }
                let _ = job.reply.send(vectors);
            }
        };
        if let Err(e) = std::thread::Builder::new()
            .name("meanings".into())
            .spawn(work)
        {
            warn!("no thread for the sentence model, words are read by their letters: {e}");
        }
        Queue(jobs)
    }
}

impl Meanings for Queue {
    fn vectors(&self, texts: Vec<String>) -> Pin<Box<dyn Future<Output = Option<Vectors>> + Send>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.try_send(Job { texts, reply }).is_ok();
        Box::pin(async move { if sent { answer.await.ok() } else { None } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::traits::EmbedError;

    struct Length;

    impl Embedder for Length {
        fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
            Ok(vec![text.chars().count() as f32])
        }

        fn id(&self) -> &str {
            "length"
        }
    }

    #[test]
    fn every_text_comes_back_with_its_own_vector() {
        let queue = Queue::start(Arc::new(Length));
        let asked = queue.vectors(vec!["多少钱".into(), "later".into()]);
        let rt = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let vectors = rt.block_on(asked).unwrap();
        assert_eq!(vectors.get("多少钱"), Some(&[3.0][..]));
        assert_eq!(vectors.get("later"), Some(&[5.0][..]));
    }
}
