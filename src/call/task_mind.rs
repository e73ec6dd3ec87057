//! What words mean as vectors, found between the ears and the machine: a turn waits the few milliseconds that takes, what is
//! heard after it waits behind it, and nothing else does.

use super::event::Event;
use super::outside::Meanings;
use crate::dialogue::Dialplan;
use crate::dialogue::intent::Vectors;
use crate::hearing::pipeline::HearingEvent;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// A turn is read by its letters alone when the vectors take longer.
const PATIENCE: Duration = Duration::from_millis(150);

type Reply = Pin<Box<dyn Future<Output = Option<Vectors>> + Send>>;

pub(super) struct Mind {
    meanings: Option<Arc<dyn Meanings>>,
    asked: Option<Reply>,
    waiting: VecDeque<Event>,
}

impl Mind {
    pub fn new(meanings: Option<Arc<dyn Meanings>>) -> Mind {
        Mind {
            meanings,
            asked: None,
            waiting: VecDeque::new(),
        }
    }

    /// Gives an event back that may be told at once; keeps one that has to wait.
    pub fn take(&mut self, event: Event, plan: &Dialplan) -> Option<Event> {
        if self.asked.is_none() {
            self.asked = self.ask(&event, plan);
        }
        if self.asked.is_some() && matches!(event, Event::Hearing(_)) {
            self.waiting.push_back(event);
            return None;
        }
        Some(event)
    }

    /// Done when the vectors of the turn that waits are there, or too late; gives them with all that waited.
    pub async fn next(&mut self) -> (Option<Arc<Vectors>>, VecDeque<Event>) {
        let vectors = std::future::poll_fn(|cx| match &mut self.asked {
            Some(reply) => reply.as_mut().poll(cx),
            None => Poll::Pending,
        })
        .await;
        self.asked = None;
        (vectors.map(Arc::new), std::mem::take(&mut self.waiting))
    }

    fn ask(&self, event: &Event, plan: &Dialplan) -> Option<Reply> {
        let meanings = self.meanings.as_ref()?;
        let Event::Hearing(HearingEvent::Heard { text, lang, .. }) = event else {
            return None;
        };
        let texts = plan.wants(text, *lang);
        if texts.is_empty() {
            return None;
        }
        let reply = meanings.vectors(texts);
        Some(Box::pin(async move {
            tokio::time::timeout(PATIENCE, reply).await.ok().flatten()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{Lang, Ms};

    struct Slow;

    impl Meanings for Slow {
        fn vectors(&self, _: Vec<String>) -> Reply {
            Box::pin(std::future::pending())
        }
    }

    fn heard(text: &str) -> Event {
        Event::Hearing(HearingEvent::Heard {
            text: text.into(),
            confidence: 0.9,
            candidates: Vec::new(),
            scored: Vec::new(),
            level_db: -30.0,
            lang: Lang::Zh,
            began: Ms(0),
            ended: Ms(500),
        })
    }

    fn plan() -> Dialplan {
        let text = include_str!("../../tests/data/dialplans/good/greeting.yaml");
        Dialplan::parse(text, "greeting.yaml").unwrap()
    }

    #[test]
    fn without_an_embedding_model_nothing_waits() {
        let mut mind = Mind::new(None);
        assert!(mind.take(heard("我再看看吧"), &plan()).is_some());
        let mut untrained = Mind::new(Some(Arc::new(Slow)));
        let taken = untrained.take(heard("我再看看吧"), &plan());
        assert!(taken.is_some(), "a file trained without vectors wants none");
    }
}
