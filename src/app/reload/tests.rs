//! Reloading, one look at a time: nothing here waits for a clock.

use super::*;

const GOOD: &str = include_str!("../../../tests/data/dialplans/good/keys.yaml");

fn changed(version: &str) -> String {
    let mut text = String::new();
    for line in GOOD.lines() {
        if !line.starts_with("version:") {
            text.push_str(line);
            text.push('\n');
        }
    }
    format!("{text}version: \"{version}\"\n")
}

struct Bench {
    dir: tempfile::TempDir,
    watcher: Watcher,
    plans: Reloading,
    lang: Lang,
}

impl Bench {
    async fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.yaml");
        std::fs::write(&file, changed("one")).unwrap();
        let dialplan = Arc::new(check::load(&file).unwrap());
        let lang = dialplan.lang;
        let loaded = Loaded {
            dialplan,
            dir: dir.path().to_path_buf(),
        };
        let (to, now) = watch::channel(Arc::new(BTreeMap::from([(lang, loaded)])));
        let mut watcher = Watcher::new(vec![Source::File(file)], to, None, None);
        watcher.begin().await;
        Bench {
            dir,
            watcher,
            plans: Reloading { now, _stop: None },
            lang,
        }
    }

    fn write(&self, text: &str) {
        std::fs::write(self.dir.path().join("plan.yaml"), text).unwrap();
    }

    fn version(&self) -> String {
        self.plans
            .current(self.lang)
            .unwrap()
            .dialplan
            .version
            .clone()
    }
}

#[tokio::test]
async fn a_changed_file_is_taken_and_a_live_call_keeps_its_own() {
    let mut b = Bench::new().await;
    assert!(b.watcher.look().await.is_empty());
    let live = b.plans.current(b.lang).unwrap();
    b.write(&changed("the second"));
    let news = b.watcher.look().await;
    assert!(
        matches!(&news[..], [News::Taken { version, .. }] if version == "the second"),
        "{news:?}"
    );
    assert_eq!(b.version(), "the second");
    assert_eq!(live.dialplan.version, "one");
    assert!(b.watcher.look().await.is_empty(), "told once");
}

#[tokio::test]
async fn a_bad_file_is_told_of_once_and_never_replaces_a_good_one() {
    let mut b = Bench::new().await;
    b.write("callsmith: 1\nname: broken\nsteps: [\n");
    let news = b.watcher.look().await;
    let [News::Refused { why, .. }] = &news[..] else {
        panic!("{news:?}");
    };
    assert!(why.contains("plan.yaml:"), "{why}");
    assert_eq!(b.version(), "one");
    assert!(b.watcher.look().await.is_empty());
    std::fs::remove_file(b.dir.path().join("plan.yaml")).unwrap();
    assert!(
        b.watcher.look().await.is_empty(),
        "a file that is gone changes nothing"
    );
    b.write(&changed("mended"));
    assert_eq!(b.watcher.look().await.len(), 1);
    assert_eq!(b.version(), "mended");
}

#[tokio::test]
async fn what_cannot_be_prepared_is_not_taken() {
    let mut b = Bench::new().await;
    b.watcher.prepare = Some(Arc::new(|_| {
        Box::pin(async { anyhow::bail!("this line cannot be spoken") })
    }));
    b.write(&changed("unsayable"));
    let news = b.watcher.look().await;
    assert!(matches!(&news[..], [News::Refused { why, .. }] if why.contains("cannot be spoken")));
    assert_eq!(b.version(), "one");
}

#[tokio::test]
async fn a_published_version_is_followed_and_the_watching_ends_with_the_last_handle() {
    let mut b = Bench::new().await;
    let data = b.dir.path().join("data");
    let publish = async |version: &str| {
        let store = crate::store::Store::open(&data, crate::terms::Clock::fixed(1))
            .await
            .unwrap();
        let new = crate::store::NewVersion {
            tenant: crate::store::TenantId::PLATFORM,
            name: "trial".into(),
            lang: "en".into(),
            files: vec![crate::store::BundleFile {
                path: "trial.yaml".into(),
                text: changed(version),
            }],
            by: "ops".into(),
            note: String::new(),
            audit: None,
        };
        store.dialplan_publish(&new).await.unwrap();
        store.close().await;
    };
    publish("first").await;
    b.watcher.watched[0].source = Source::of(Path::new("trial"), &data);
    b.watcher.begin().await;
    assert!(b.watcher.look().await.is_empty());
    publish("second").await;
    let news = b.watcher.look().await;
    assert!(
        matches!(&news[..], [News::Taken { version, .. }] if version == "second"),
        "{news:?}"
    );
    let all = BTreeMap::clone(&b.plans.all());
    let running = Reloading::start(all, vec![b.watcher.watched[0].source.clone()], None, None);
    assert_eq!(running.current(b.lang).unwrap().dialplan.version, "second");
}
