//! A database that is locked while calls are live.

use super::*;

/// Calls of which the first locks the database, until the dialer has come to claim more and come again.
struct Locker {
    database: PathBuf,
    begun: AtomicU32,
    locked: Arc<AtomicBool>,
    asked: Arc<tokio::sync::Semaphore>,
}

impl Launch for Locker {
    fn route(&self, _: &ClaimedLead) -> Result<Route, Disposition> {
        Ok(Route {
            trunk: "t".into(),
            caller_id: "1".into(),
        })
    }

    fn ready(&self) -> bool {
        let locked = self.locked.load(Ordering::SeqCst);
        if locked {
            self.asked.add_permits(1);
        }
        locked || self.begun.load(Ordering::SeqCst) == 0
    }

    fn launch(
        &self,
        _: CallId,
        _: ClaimedLead,
        _: Route,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        let first = self.begun.fetch_add(1, Ordering::SeqCst) == 0;
        let (database, locked, asked) = (
            self.database.clone(),
            self.locked.clone(),
            self.asked.clone(),
        );
        Box::pin(async move {
            if first {
                use sqlx::ConnectOptions;
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
                let mut other = options.connect().await.unwrap();
                let lock = sqlx::query("BEGIN IMMEDIATE");
                lock.execute(&mut other).await.unwrap();
                locked.store(true, Ordering::SeqCst);
                asked.acquire_many(2).await.unwrap().forget();
                let unlock = sqlx::query("ROLLBACK");
                unlock.execute(&mut other).await.unwrap();
            }
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
async fn a_database_locked_in_mid_run_cuts_no_call_off_and_the_dialling_goes_on_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        caps: Caps::NONE,
        busy_ms: 50,
        ..StoreOptions::default()
    };
    let store = Store::open_with(folder.path(), Clock::system(), options)
        .await
        .unwrap();
    let campaign = store.campaign_create("c", "plan", "list").await.unwrap();
    let rows: Vec<LeadRow> = (0..3u64)
        .map(|n| LeadRow {
            row: n + 2,
            phones: vec![Phone::new(format!("+1202555010{n}"))],
            ..LeadRow::default()
        })
        .collect();
    store.import(campaign, &rows).await.unwrap();
    let launch = Arc::new(Locker {
        database: folder.path().join("callsmith.db"),
        begun: AtomicU32::new(0),
        locked: Arc::default(),
        asked: Arc::new(tokio::sync::Semaphore::new(0)),
    });
    let plan = Plan {
        campaign,
        concurrency: 5,
        priority: 0,
        windows: Windows::always(),
        retry: RetryRules::default(),
        wait: false,
    };
    let counts = Dialer::new(
        store.clone(),
        Clock::system(),
        launch,
        plan,
        Lane::new(Pacer::new(PacingRules::default())),
    )
    .run(CancellationToken::new())
    .await
    .expect("a lock that passes ends no run");
    assert_eq!((counts.calls, counts.left), (3, 0));
    let calls = store
        .calls(&callsmith::store::CallFilter::default(), 10)
        .await
        .unwrap();
    assert!(
        calls.len() == 3
            && calls
                .iter()
                .all(|c| c.disposition == Some(Disposition::Completed)),
        "every attempt has its disposition"
    );
}
