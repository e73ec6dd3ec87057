//! What the command line reads back.

use super::*;
use crate::store::recap::{Numbers, Recap, Who, render};

fn talk(call: &str) -> Vec<CallEvent> {
    let tag = |tag: &str, evidence: &str| Happening::Tag {
        tag: tag.into(),
        evidence: evidence.into(),
        score: 0.9,
    };
    let heard = |text: &str| Happening::Heard {
        text: text.into(),
        confidence: 0.9,
        began: Ms(0),
        ended: Ms(0),
    };
    let saying = |text: &str| Happening::Saying {
        step: "greet".into(),
        text: text.into(),
    };
    let all = [
        (
            0,
            Happening::Dialing {
                trunk: "main".into(),
                caller_id: "02112345678".into(),
            },
        ),
        (800, Happening::Ringing { code: 180 }),
        (3000, Happening::Answered),
        (3100, saying("您好，请问是李雷吗？")),
        (4000, Happening::Partial { text: "是".into() }),
        (5000, heard("是的，我挺感兴趣的")),
        (5010, tag("interested", "感兴趣")),
        (5400, Happening::TurnLatency { ms: 400 }),
        (5500, saying("那太好了，您的电话是多少？")),
        (
            6100,
            Happening::Said {
                spoken_ms: 640,
                interrupted: true,
            },
        ),
        (8000, heard("13800138000")),
        (
            8010,
            Happening::Slot {
                name: "phone".into(),
                value: "13800138000".into(),
                evidence: "13800138000".into(),
            },
        ),
        (8020, tag("affirm", "是的")),
        (
            8030,
            Happening::Graded {
                grade: Grade::A,
                reasons: vec!["有兴趣".into()],
                by: None,
            },
        ),
        (8600, Happening::TurnLatency { ms: 600 }),
        (
            9000,
            Happening::Ended {
                disposition: Disposition::Completed,
                result: Some("booked".into()),
                cause: None,
                ring_ms: 2200,
                talk_ms: 6000,
            },
        ),
    ];
    all.into_iter()
        .map(|(at, what)| event(call, at, what))
        .collect()
}

async fn one_call(store: &Store) {
    let id = campaign(store, "spring", &leads(2)).await;
    let lead = store
        .claim(id, NOW, 1)
        .await
        .expect("claimed")
        .leads
        .remove(0);
    let attempt = begin(store, &lead, "2026-abc").await;
    let events = talk("2026-abc");
    for event in events.clone() {
        store.journal().write(event);
    }
    store.journal().flush().await;
    let recap = Recap::of(&events);
    let (grade, reasons) = grade_a();
    let end = AttemptOutcome {
        grade,
        reasons,
        talk_ms: 6000,
        result: Some("booked".into()),
        recording: Some("2026-abc.wav".into()),
        tags: recap.tags,
        slots: recap.slots,
        cause: Some(HangupCause::new(CauseKind::Normal, EndedBy::Us, "")),
        ..outcome(attempt, "2026-abc", Disposition::Completed)
    };
    store.finish_attempt(&end).await.expect("stored");
}

#[test]
fn a_call_is_shown_as_it_went_with_every_tag_under_its_words() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        one_call(&store).await;
        let record = store.show("2026").await.expect("read").expect("there");
        assert_eq!(
            record.events.len(),
            15,
            "words that may still change are not kept"
        );
        let recap = Recap::of(&record.events);
        let callee: Vec<_> = recap
            .lines
            .iter()
            .filter(|l| l.who == Who::Callee)
            .collect();
        assert_eq!(
            callee[0].notes,
            ["tag interested: “感兴趣”", "tag affirm: “是的”"]
        );
        assert_eq!(recap.latency_percentile(50), Some(400));
        assert_eq!(recap.latency_percentile(95), Some(600));
        let text = render(&record, Numbers::Masked);
        for part in [
            "grade     A: 有兴趣并约好时间",
            "ended     completed 正常完结 (booked)",
            "interrupted after 0.6 s",
            "p50 400 ms, p95 600 ms over 2 turns",
            "recording 2026-abc.wav",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("13800138000"), "{text}");
        assert!(!text.contains(phone(0).full()), "{text}");
        let full = render(&record, Numbers::Full);
        assert!(full.contains("13800138000") && full.contains(phone(0).full()));
        assert_eq!(store.show("nothing").await.expect("read"), None);
    });
}

#[test]
fn calls_are_found_by_what_they_became() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        one_call(&store).await;
        let count = async |filter: CallFilter| store.calls(&filter, 9).await.expect("read").len();
        assert_eq!(count(CallFilter::default()).await, 1);
        let of = |d| CallFilter {
            disposition: Some(d),
            ..CallFilter::default()
        };
        assert_eq!(count(of(Disposition::Completed)).await, 1);
        assert_eq!(count(of(Disposition::Busy)).await, 0);
        let grade = |g| CallFilter {
            grade: Some(g),
            ..CallFilter::default()
        };
        assert_eq!(count(grade(Grade::A)).await, 1);
        assert_eq!(count(grade(Grade::B)).await, 0);
        let hostile = CallFilter {
            campaign: Some("' OR 1=1 --".into()),
            ..CallFilter::default()
        };
        assert_eq!(count(hostile).await, 0);
        let at = CallFilter {
            since_unix_ms: Some(NOW),
            until_unix_ms: Some(NOW + 1),
            phone: Some(phone(0)),
            ..CallFilter::default()
        };
        assert_eq!(count(at).await, 1);
    });
}

#[test]
fn the_results_hold_every_lead_in_the_order_of_the_list() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        one_call(&store).await;
        let rows = store.export("spring").await.expect("read");
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].row, rows[1].row), (2, 3));
        assert_eq!(rows[0].slots[0].value, "13800138000");
        assert_eq!(rows[0].tags.len(), 2);
        assert_eq!(rows[0].vars["城市"], "上海");
        assert_eq!(rows[1].attempt, None);
        assert_eq!(rows[1].lead_status, "queued");
        let none = store.export("autumn").await.expect_err("none");
        assert!(none.to_string().contains("autumn"));
    });
}
