//! A recogniser that is slower than people speak: no new calls while it is behind.

use callsmith::call::effect::Outcome;
use callsmith::campaign::dialer::{Dialer, Ended, Launch, Plan, Route};
use callsmith::campaign::lane::Lane;
use callsmith::campaign::pacing::{Pacer, PacingRules};
use callsmith::campaign::retry::RetryRules;
use callsmith::campaign::window::Windows;
use callsmith::engines::pool::{Job, Load, Pool, Priority};
use callsmith::store::{Caps, ClaimedLead, LeadRow, Store, StoreOptions};
use callsmith::terms::{CallId, Clock, Disposition, Phone};
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Calls whose recogniser has one worker; somebody hums on and on in a call that is live already.
struct Slow {
    pool: Arc<Pool>,
    /// Lets the worker go on.
    hold: Mutex<Option<Sender<()>>>,
    /// Waits until the worker has caught up.
    caught_up: Mutex<Receiver<()>>,
    asked: Mutex<u32>,
    loads_at_launch: Mutex<Vec<Load>>,
}

impl Slow {
    fn behind() -> Self {
        let pool = Arc::new(Pool::new(1));
        let (hold, held) = channel::<()>();
        let (begun, begins) = channel();
        let (done, caught_up) = channel();
        let text = |run: Box<dyn FnOnce() + Send>| Job {
            priority: Priority::Final,
            patience: Duration::from_secs(600),
            run,
            unrun: Box::new(|_| {}),
        };
        pool.submit(text(Box::new(move || {
            let _ = begun.send(());
            let _ = held.recv();
        })));
        begins.recv().unwrap();
        for _ in 0..5 {
            pool.submit(text(Box::new(|| {})));
        }
        pool.submit(text(Box::new(move || {
            let _ = done.send(());
        })));
        Slow {
            pool,
            hold: Mutex::new(Some(hold)),
            caught_up: Mutex::new(caught_up),
            asked: Mutex::default(),
            loads_at_launch: Mutex::default(),
        }
    }
}

impl Launch for Slow {
    fn route(&self, _: &ClaimedLead) -> Result<Route, Disposition> {
        Ok(Route {
            trunk: "t".into(),
            caller_id: "1".into(),
        })
    }

    /// As the real launcher answers: by what the recogniser says of itself.
    fn ready(&self) -> bool {
        let ready = !self.pool.overloaded();
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        if *asked == 2 {
            drop(self.hold.lock().unwrap().take());
            self.caught_up.lock().unwrap().recv().unwrap();
        }
        ready
    }

    fn launch(
        &self,
        _: CallId,
        _: ClaimedLead,
        _: Route,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        self.loads_at_launch.lock().unwrap().push(self.pool.load());
        Box::pin(async {
            Ended {
                outcome: Outcome {
                    disposition: Disposition::Completed,
                    result: None,
                    cause: None,
                    grade: None,
                    reasons: vec![],
                    callback_at: None,
                    rang: true,
                    answered: true,
                    bridged: false,
                    ring_ms: 1,
                    talk_ms: 1,
                    line_status: None,
                },
                tags: vec![],
                slots: vec![],
                agent: None,
                recording: None,
                callback_evidence: None,
                card: Vec::new(),
                contact: Vec::new(),
                follow_ups: Vec::new(),
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_recognition_is_behind_no_call_is_begun_and_all_are_made_when_it_has_caught_up() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        caps: Caps::NONE,
        ..StoreOptions::default()
    };
    let store = Store::open_with(folder.path(), Clock::system(), options)
        .await
        .unwrap();
    let campaign = store.campaign_create("c", "plan", "list").await.unwrap();
    let rows: Vec<LeadRow> = (0..2u64)
        .map(|n| LeadRow {
            row: n + 2,
            phones: vec![Phone::new(format!("+1202555010{n}"))],
            ..LeadRow::default()
        })
        .collect();
    store.import(campaign, &rows).await.unwrap();
    let slow = Arc::new(Slow::behind());
    assert!(slow.pool.overloaded());
    let plan = Plan {
        campaign,
        concurrency: 5,
        priority: 0,
        windows: Windows::always(),
        retry: RetryRules::default(),
        wait: false,
    };
    let counts = Dialer::new(
        store,
        Clock::system(),
        slow.clone(),
        plan,
        Lane::new(Pacer::new(PacingRules::default())),
    )
    .run(CancellationToken::new())
    .await
    .unwrap();
    assert_eq!((counts.calls, counts.left), (2, 0));
    let loads = slow.loads_at_launch.lock().unwrap();
    assert_eq!(*loads, [Load::Easy, Load::Easy]);
}
