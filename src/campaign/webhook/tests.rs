//! The sender against receivers of the test's own, in virtual time, and the guard against a table of addresses.

use super::guard::{Forbidden, Guard, Place};
use super::*;
use crate::store::{NewHook, StoreOptions, TenantId};
use std::sync::Mutex;

const NOW: i64 = 1_800_000_000_000;

#[derive(Default)]
struct Receiver {
    /// What to answer, the last one for ever.
    answers: Mutex<Vec<Result<u16, String>>>,
    got: Mutex<Vec<Request>>,
    names: Vec<SocketAddr>,
}

impl Post for Receiver {
    fn resolve(&self, _: &str, _: u16) -> Later<Vec<SocketAddr>> {
        let names = self.names.clone();
        Box::pin(async move { Ok(names) })
    }

    fn post(&self, request: Request) -> Later<Reply> {
        self.got.lock().expect("a list").push(request);
        let mut answers = self.answers.lock().expect("a list");
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers.first().cloned().unwrap_or(Ok(200))
        };
        Box::pin(async move {
            answer.map(|status| Reply {
                status,
                note: String::new(),
            })
        })
    }
}

struct Rig {
    store: Store,
    clock: Clock,
    receiver: Arc<Receiver>,
    hook: i64,
    _dir: tempfile::TempDir,
}

impl Rig {
    async fn new(answers: Vec<Result<u16, String>>, names: &[&str]) -> Rig {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::fixed(NOW);
        let store = Store::open_with(dir.path(), clock.clone(), StoreOptions::default()).await;
        let store = store.expect("the store opens");
        let (secret, _) = sign::secret_of(&[3; 32]);
        let new = NewHook {
            url: "https://crm.example/hook".into(),
            events: vec!["call.ended".into()],
            secret,
            by: "ops".into(),
        };
        let hook = store.webhook_create(TenantId::PLATFORM, &new).await;
        let names = names
            .iter()
            .map(|n| SocketAddr::new(n.parse().unwrap(), 443));
        Rig {
            hook: hook.expect("written"),
            store,
            clock,
            receiver: Arc::new(Receiver {
                answers: Mutex::new(answers),
                got: Mutex::default(),
                names: names.collect(),
            }),
            _dir: dir,
        }
    }

    async fn message(&self) {
        let put = self.store.webhook_test(TenantId::PLATFORM, self.hook);
        put.await.expect("written");
    }

    async fn send(&self) -> u64 {
        let guard = Guard::default();
        let sender = Sender::new(
            self.store.clone(),
            self.clock.clone(),
            guard,
            self.receiver.clone(),
        );
        sender.send_due().await.expect("sent")
    }

    async fn status(&self) -> (String, u32, Option<String>) {
        let rows = self
            .store
            .deliveries(TenantId::PLATFORM, self.hook, None, 10);
        let row = rows.await.expect("read").remove(0);
        (row.status, row.attempts, row.last_error)
    }
}

fn run<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(body)
}

const PUBLIC: &str = "93.184.216.34";

#[test]
fn a_message_is_tried_at_every_step_of_the_ladder_then_given_up_and_can_be_sent_again() {
    run(async {
        let rig = Rig::new(vec![Ok(503)], &[PUBLIC]).await;
        rig.message().await;
        assert_eq!(rig.send().await, 1);
        let mut now = NOW;
        for wait in LADDER_MS {
            rig.clock.set(now + wait - 1);
            assert_eq!(rig.send().await, 0, "not before its time");
            now += wait;
            rig.clock.set(now);
            assert_eq!(rig.status().await.0, "waiting");
            assert_eq!(rig.send().await, 1);
        }
        let (status, attempts, error) = rig.status().await;
        assert_eq!((status.as_str(), attempts), ("failed", 8));
        assert_eq!(error.as_deref(), Some("status 503"));
        *rig.receiver.answers.lock().unwrap() = vec![Ok(204)];
        let again = rig
            .store
            .webhook_replay(TenantId::PLATFORM, rig.hook, None, Some(0));
        assert_eq!(again.await.expect("written"), 1);
        assert_eq!(rig.send().await, 1);
        assert_eq!(rig.status().await.0, "done");
        let got = rig.receiver.got.lock().unwrap();
        let id = |r: &Request| r.headers.iter().find(|h| h.0 == "webhook-id").cloned();
        assert!(
            got.iter()
                .all(|r| id(r) == id(&got[0]) && r.body == got[0].body)
        );
    });
}

#[test]
fn a_receiver_that_answers_gone_gets_nothing_more() {
    run(async {
        let rig = Rig::new(vec![Ok(410)], &[PUBLIC]).await;
        rig.message().await;
        rig.message().await;
        rig.send().await;
        let hooks = rig.store.webhooks(TenantId::PLATFORM, None).await.unwrap();
        assert_eq!(hooks[0].state, crate::store::HookState::Gone);
        rig.clock.set(NOW + LADDER_MS[6]);
        let before = rig.receiver.got.lock().unwrap().len();
        assert_eq!(rig.send().await, 0);
        assert_eq!(rig.receiver.got.lock().unwrap().len(), before);
        assert_eq!(hooks[0].waiting, 0);
    });
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    run(async {
        let rig = Rig::new(vec![Ok(302)], &[PUBLIC]).await;
        rig.message().await;
        rig.send().await;
        let (status, _, error) = rig.status().await;
        assert_eq!(status, "waiting");
        assert!(error.unwrap().contains("redirects are not followed"));
        assert_eq!(rig.receiver.got.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_name_that_turns_to_a_forbidden_address_later_is_not_connected_to() {
    run(async {
        // Saved when it was public; now one of its two addresses is this machine.
        let rig = Rig::new(vec![], &[PUBLIC, "127.0.0.1"]).await;
        rig.message().await;
        assert_eq!(rig.send().await, 1);
        assert!(rig.receiver.got.lock().unwrap().is_empty());
        assert!(rig.status().await.2.unwrap().contains("loopback"));
    });
}

#[test]
fn the_signature_is_over_what_is_sent_and_only_checked_addresses_are_given_on() {
    run(async {
        let rig = Rig::new(vec![], &[PUBLIC]).await;
        rig.message().await;
        rig.send().await;
        let got = rig.receiver.got.lock().unwrap();
        let header = |name: &str| {
            let mut all = got[0].headers.iter();
            all.find(|h| h.0 == name).map(|h| h.1.clone()).unwrap()
        };
        let (_, shown) = sign::secret_of(&[3; 32]);
        let (id, at, signed) = (
            header("webhook-id"),
            header("webhook-timestamp"),
            header("webhook-signature"),
        );
        let checked = sign::verify(&shown, (&id, &at, &signed), &got[0].body, NOW / 1000);
        assert_eq!(checked, Ok(()));
        assert_eq!(
            got[0].addresses,
            [SocketAddr::new(PUBLIC.parse().unwrap(), 443)]
        );
    });
}

#[test]
fn no_spelling_of_an_inner_address_is_a_place_for_webhooks() {
    let refused = [
        "http://crm.example/",
        "gopher://crm.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "//crm.example/",
        "https://user@crm.example/",
        "https://user:pw@crm.example/",
        "https://crm.example@169.254.169.254/",
        "https://crm.example:22/",
        "https://crm.example:0/",
        "https://crm.example:/",
        "https://crm.example:443x/",
        "https://crm.example/\r\nHost: x",
        "https://crm.example\\@127.0.0.1/",
        "https://crm.example /",
        "https://crm。example/",
        "https://crm.example/#x",
        "https://-crm.example/",
        "https://crm..example/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0xa9fea9fe/",
        "https://100.64.0.1/",
        "https://100.100.100.200/",
        "https://168.63.129.16/",
        "https://192.0.0.1/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://198.51.100.7/",
        "https://203.0.113.7/",
        "https://192.88.99.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://256.1.1.1/",
        "https://1.2.3.4.5/",
        "https://08.8.8.8/",
        "https://134744072/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::808:808]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://[100::1]/",
        "https://[::1/",
    ];
    for url in refused {
        assert!(
            Guard::default().place(url).is_err(),
            "{url} was let through"
        );
    }
    for url in [
        "https://crm.example/hook?x=1",
        "HTTPS://CRM.Example:8443/",
        "https://crm.example.",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://xn--fiq228c.example/",
    ] {
        let place = Guard::default().place(url);
        assert!(place.is_ok(), "{url}: {place:?}");
    }
    let spelled = Guard::default().place("https://0x08080808/");
    assert_eq!(spelled, Err(Forbidden::Spelling([8, 8, 8, 8].into())));
}

#[test]
fn the_operator_may_allow_a_host_with_a_port_and_nothing_beside_it() {
    let guard = Guard::new(&["127.0.0.1:8080", "CRM.lan", "[fd00::7]:9000"]);
    for url in [
        "http://127.0.0.1:8080/x",
        "http://crm.lan/",
        "https://crm.lan:9999/",
        "http://[fd00::7]:9000/",
    ] {
        let place: Place = guard.place(url).unwrap_or_else(|e| panic!("{url}: {e}"));
        let inner = SocketAddr::new("10.0.0.5".parse().unwrap(), place.port);
        assert!(guard.addresses(&place, &[inner]).is_ok());
    }
    for url in [
        "http://127.0.0.1:8081/",
        "http://127.0.0.1/",
        "http://127.1:8080/",
        "http://crm.lan.evil.example/",
        "http://[fd00::8]:9000/",
    ] {
        assert!(guard.place(url).is_err(), "{url} was let through");
    }
    let outside = guard.place("https://crm.example/").unwrap();
    let inner = SocketAddr::new("10.0.0.5".parse().unwrap(), 443);
    assert!(guard.addresses(&outside, &[inner]).is_err());
    assert_eq!(guard.addresses(&outside, &[]), Err(Forbidden::NoAddress));
}
