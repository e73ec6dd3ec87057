#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;
use crate::desk::hours::Hours;
use crate::desk::member::Skill;
use crate::desk::presence::Presence;
use jiff::tz::TimeZone;

fn member(id: &str, skills: &[&str]) -> Member {
    Member {
        user: Some(1),
        tenant: TenantId::PLATFORM,
        id: id.into(),
        name: id.to_uppercase(),
        uri: None,
        skills: skills.iter().map(|s| Skill::parse(s)).collect(),
        hours: None,
        zone: TimeZone::UTC,
    }
}

fn call(id: &str) -> CallId {
    CallId(id.into())
}

/// A queue whose members all have their page open and are ready.
fn ready(rules: Rules, members: Vec<Member>) -> Queue {
    let mut q = Queue::new(rules);
    let ids: Vec<String> = members.iter().map(|m| m.id.clone()).collect();
    q.staff(0, members, &mut Vec::new());
    for id in ids {
        q.line(0, &id, true, &mut Vec::new());
        q.choose(0, &id, Wish::Ready, &mut Vec::new()).unwrap();
    }
    q
}

fn one_at_a_time() -> Rules {
    Rules {
        per_call: 1,
        ..Rules::default()
    }
}

fn want(q: &mut Queue, now: i64, id: &str, skill: Option<&str>) -> Vec<Do> {
    let mut out = Vec::new();
    q.want(
        now,
        &call(id),
        TenantId::PLATFORM,
        skill.map(str::to_string),
        &mut out,
    );
    out
}

fn offered(out: &[Do]) -> Vec<(String, String)> {
    out.iter()
        .filter_map(|d| match d {
            Do::Offer { call, agent } | Do::Ring { call, agent, .. } => {
                Some((call.0.clone(), agent.clone()))
            }
            _ => None,
        })
        .collect()
}

fn pair(call: &str, agent: &str) -> (String, String) {
    (call.into(), agent.into())
}

fn presence(q: &Queue, agent: &str) -> Presence {
    q.seat(agent).unwrap().at.presence()
}

#[test]
fn the_best_skilled_come_first_and_among_them_who_was_idle_longest() {
    let mut q = ready(
        one_at_a_time(),
        vec![
            member("novice", &["zh:2"]),
            member("a", &["zh"]),
            member("b", &["en"]),
            member("c", &["zh"]),
        ],
    );
    assert_eq!(offered(&want(&mut q, 1, "1", Some("zh"))), [pair("1", "a")]);
    assert_eq!(offered(&want(&mut q, 2, "2", Some("zh"))), [pair("2", "c")]);
    assert_eq!(
        offered(&want(&mut q, 3, "3", Some("zh"))),
        [pair("3", "novice")]
    );
    let mut out = Vec::new();
    for (id, agent) in [("1", "a"), ("2", "c")] {
        q.answered(4, &call(id), agent, &mut out);
        q.bridged(&call(id));
    }
    for (id, agent) in [("2", "c"), ("1", "a")] {
        q.ended(5, &call(id), &mut out);
        q.settled(5, agent, &call(id), &mut out);
    }
    assert_eq!(offered(&want(&mut q, 6, "4", Some("zh"))), [pair("4", "c")]);
}

#[test]
fn two_ring_at_once_one_wins_and_the_other_is_told_by_whom_and_keeps_his_place() {
    let mut q = ready(Rules::default(), vec![member("a", &[]), member("b", &[])]);
    let out = want(&mut q, 1, "1", None);
    assert_eq!(offered(&out), [pair("1", "a"), pair("1", "b")]);
    q.answering("b", &call("1")).unwrap();
    q.answering("a", &call("1")).unwrap();
    let mut out = Vec::new();
    q.answered(2, &call("1"), "b", &mut out);
    assert!(out.contains(&Do::Withdraw {
        call: call("1"),
        agent: "a".into(),
        why: OfferEnd::Taken,
        by: Some("B".into()),
    }));
    q.offer_lost(3, &call("1"), "a", "B", &mut Vec::new());
    assert_eq!(presence(&q, "a"), Presence::Ready);
    assert_eq!(presence(&q, "b"), Presence::OnCall);
    assert_eq!(q.answering("a", &call("1")), Err(SeatError::NotOffered));
}

#[test]
fn with_few_agents_every_call_rings_somewhere_before_one_rings_twice_and_hot_leads_go_first() {
    let mut q = ready(Rules::default(), vec![member("a", &[])]);
    want(&mut q, 1, "cold", None);
    let mut out = Vec::new();
    q.answered(2, &call("cold"), "a", &mut out);
    q.bridged(&call("cold"));
    q.graded(&call("warm"), Grade::B);
    q.graded(&call("hot"), Grade::A);
    for (now, id) in [(3, "plain"), (4, "warm"), (5, "hot")] {
        assert_eq!(offered(&want(&mut q, now, id, None)), [], "a is busy");
    }
    let mut out = Vec::new();
    q.ended(6, &call("cold"), &mut out);
    q.settled(6, "a", &call("cold"), &mut out);
    assert_eq!(offered(&out), [pair("hot", "a")]);
    let mut out = Vec::new();
    q.staff(
        7,
        ["a", "b", "c"].map(|id| member(id, &[])).into(),
        &mut out,
    );
    for id in ["b", "c"] {
        q.line(7, id, true, &mut out);
        q.choose(7, id, Wish::Ready, &mut out).unwrap();
    }
    assert_eq!(offered(&out), [pair("warm", "b"), pair("plain", "c")]);
}

#[test]
fn who_does_not_answer_is_passed_over_and_after_two_misses_is_on_a_break() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[]), member("b", &[])]);
    want(&mut q, 0, "1", None);
    assert_eq!(q.deadline(), Some(15_000));
    let mut out = Vec::new();
    q.wake(15_000, &mut out);
    assert_eq!(offered(&out), [pair("1", "b")]);
    assert_eq!(presence(&q, "a"), Presence::Ready);
    let mut out = Vec::new();
    q.wake(30_000, &mut out);
    assert!(
        out.iter().any(|d| matches!(
            d,
            Do::Nobody {
                after_hours: false,
                ..
            }
        )),
        "{out:?}"
    );
    want(&mut q, 40_000, "2", None);
    let mut out = Vec::new();
    q.wake(55_000, &mut out);
    assert_eq!(presence(&q, "a"), Presence::Break);
    assert!(out.iter().any(
        |d| matches!(d, Do::Changed { agent, note } if agent == "a" && note.contains("not answered"))
    ));
    q.choose(60_000, "a", Wish::Ready, &mut Vec::new()).unwrap();
    assert_eq!(presence(&q, "a"), Presence::Ready);
}

#[test]
fn a_call_waits_for_a_busy_agent_but_not_for_one_who_is_away() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[])]);
    want(&mut q, 0, "1", None);
    assert_eq!(want(&mut q, 1, "2", None), [], "a rings: wait");
    let mut out = Vec::new();
    q.declined(2, "a", &call("1"), &mut out);
    assert_eq!(offered(&out), [pair("2", "a")]);
    assert!(
        out.iter()
            .any(|d| matches!(d, Do::Nobody { call: c, .. } if *c == call("1")))
    );
    let nobody = |out: Vec<Do>| match out.as_slice() {
        [
            Do::Nobody {
                why, after_hours, ..
            },
        ] => (why.clone(), *after_hours),
        other => panic!("{other:?}"),
    };
    let (why, _) = nobody(want(&mut q, 3, "3", Some("fr")));
    assert!(why.contains("fr"));
    q.ended(4, &call("2"), &mut Vec::new());
    q.choose(5, "a", Wish::Break, &mut Vec::new()).unwrap();
    let (why, after_hours) = nobody(want(&mut q, 6, "4", None));
    assert!(why.contains("no agent is there") && !after_hours);
}

#[test]
fn after_hours_nobody_is_asked_and_the_call_is_told_so() {
    let mut early = member("early", &[]);
    early.hours = Some(Hours::parse("daily 06:00-07:00").unwrap());
    let mut q = ready(Rules::default(), vec![early]);
    let noon = 12 * 3_600_000;
    let out = want(&mut q, noon, "1", None);
    assert!(matches!(
        out.as_slice(),
        [Do::Nobody {
            after_hours: true,
            ..
        }]
    ));
    let six = 24 * 3_600_000 + 6 * 3_600_000;
    assert_eq!(offered(&want(&mut q, six, "2", None)), [pair("2", "early")]);
}

#[test]
fn another_merchant_s_agents_are_not_asked() {
    let mut theirs = member("theirs", &[]);
    theirs.tenant = TenantId(2);
    let mut q = ready(Rules::default(), vec![theirs]);
    let out = want(&mut q, 0, "1", None);
    assert_eq!(offered(&out), []);
    assert!(matches!(out.as_slice(), [Do::Nobody { .. }]));
}

#[test]
fn a_closed_page_takes_its_offer_along_and_is_offline_after_the_grace() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[]), member("b", &[])]);
    want(&mut q, 0, "1", None);
    let mut out = Vec::new();
    q.line(1000, "a", false, &mut out);
    assert_eq!(offered(&out), [pair("1", "b")]);
    // Loading the page again takes less.
    q.line(3000, "a", true, &mut Vec::new());
    assert_eq!(presence(&q, "a"), Presence::Ready);
    q.line(4000, "a", false, &mut Vec::new());
    assert_eq!(q.deadline(), Some(12_000));
    q.wake(12_000, &mut Vec::new());
    assert_eq!(presence(&q, "a"), Presence::Offline);
    assert_eq!(
        q.choose(13_000, "a", Wish::Ready, &mut Vec::new()),
        Err(SeatError::NoLine)
    );
}

#[test]
fn an_agent_with_a_phone_is_rung_there_when_no_page_is_open() {
    let mut phoned = member("a", &[]);
    phoned.uri = Some("sip:a@desk".into());
    let mut q = Queue::new(Rules::default());
    q.staff(0, vec![phoned], &mut Vec::new());
    q.choose(0, "a", Wish::Ready, &mut Vec::new()).unwrap();
    let out = want(&mut q, 0, "1", None);
    assert!(matches!(&out[0], Do::Ring { uri, .. } if uri == "sip:a@desk"));
    let mut out = Vec::new();
    q.answered(100, &call("1"), "a", &mut out);
    q.bridged(&call("1"));
    q.ended(200, &call("1"), &mut out);
    assert_eq!(presence(&q, "a"), Presence::WrapUp);
    q.line(300, "a", true, &mut out);
    assert_eq!(q.deadline(), Some(30_200));
    q.wake(30_200, &mut out);
    let out = want(&mut q, 30_300, "2", None);
    assert!(matches!(out[0], Do::Offer { .. }), "the page is open now");
}

#[test]
fn an_agent_whose_line_is_lost_keeps_the_call_for_a_while_and_is_not_asked_for_it() {
    let mut q = ready(Rules::default(), vec![member("a", &[]), member("b", &[])]);
    want(&mut q, 0, "1", None);
    let mut out = Vec::new();
    q.answered(1, &call("1"), "a", &mut out);
    q.bridged(&call("1"));
    q.line(1000, "a", false, &mut out);
    q.line_in_call(1000, &call("1"), "a", false, &mut out);
    assert_eq!(offered(&want(&mut q, 1001, "1", None)), [pair("1", "b")]);
    assert_eq!(presence(&q, "a"), Presence::OnCall);
    // Back before b came: b is told.
    let mut out = Vec::new();
    q.line(5000, "a", true, &mut out);
    q.line_in_call(5000, &call("1"), "a", true, &mut out);
    assert!(out.iter().any(
        |d| matches!(d, Do::Withdraw { agent, by: Some(by), .. } if agent == "b" && by == "A")
    ));
    assert_eq!(presence(&q, "b"), Presence::Ready);
    // Away for good: the seat is free again, and the page is closed.
    q.line(6000, "a", false, &mut out);
    q.line_in_call(6000, &call("1"), "a", false, &mut out);
    q.wake(36_000, &mut out);
    assert_eq!(presence(&q, "a"), Presence::WrapUp);
    q.wake(36_000, &mut out);
    assert_eq!(presence(&q, "a"), Presence::Offline);
}

#[test]
fn one_who_picked_up_and_vanished_before_talking_is_followed_by_the_next() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[]), member("b", &[])]);
    want(&mut q, 0, "1", None);
    q.answered(1, &call("1"), "a", &mut Vec::new());
    let mut out = Vec::new();
    q.gone(2, &call("1"), "a", &mut out);
    assert_eq!(offered(&out), [pair("1", "b")]);
}

#[test]
fn an_outcome_written_during_the_call_leaves_no_wrap_up_and_a_wish_waits_for_the_end() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[])]);
    want(&mut q, 0, "1", None);
    let mut out = Vec::new();
    q.answered(1, &call("1"), "a", &mut out);
    q.bridged(&call("1"));
    q.settled(2, "a", &call("1"), &mut out);
    q.choose(3, "a", Wish::Break, &mut out).unwrap();
    assert_eq!(presence(&q, "a"), Presence::OnCall);
    q.ended(4, &call("1"), &mut out);
    assert_eq!(presence(&q, "a"), Presence::Break);
}

#[test]
fn a_dismissed_agent_finishes_his_call_and_is_gone() {
    let mut q = ready(one_at_a_time(), vec![member("a", &[]), member("b", &[])]);
    want(&mut q, 0, "1", None);
    want(&mut q, 0, "2", None);
    let mut out = Vec::new();
    q.answered(1, &call("1"), "a", &mut out);
    q.bridged(&call("1"));
    q.staff(2, Vec::new(), &mut out);
    assert!(q.seat("b").is_none());
    assert!(
        out.iter()
            .any(|d| matches!(d, Do::Nobody { call: c, .. } if *c == call("2")))
    );
    q.ended(3, &call("1"), &mut out);
    assert!(q.seat("a").is_none());
}
