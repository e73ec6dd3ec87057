use super::*;

fn taken(h: &mut Handover, of: impl FnOnce(&mut Handover, &mut Vec<Step>)) -> Vec<Step> {
    let mut out = Vec::new();
    of(h, &mut out);
    out
}

fn wanted() -> Handover {
    let mut h = Handover::default();
    assert!(h.want(Ms(0)));
    h
}

fn bridged() -> Handover {
    let mut h = wanted();
    h.answer(Ms(100), "li", false, &mut Vec::new()).unwrap();
    h.spoke(&mut Vec::new());
    assert!(h.bridged());
    h
}

fn gone(agent: &str, why: &'static str) -> Step {
    Step::Gone {
        agent: agent.into(),
        why,
    }
}

#[test]
fn the_agent_is_bridged_when_he_speaks_not_when_he_picks_up() {
    let mut h = wanted();
    assert!(!h.want(Ms(1001)), "wanted once");
    assert!(h.ring("li"));
    let rings = Step::Ringing("li".into());
    assert_eq!(taken(&mut h, |h, out| h.rings("li", out)), [rings]);
    assert_eq!(taken(&mut h, |h, out| h.rings("li", out)), [], "told once");
    let up = taken(&mut h, |h, out| {
        h.answer(Ms(3000), "li", false, out).unwrap()
    });
    let on_line = Step::OnLine {
        agent: "li".into(),
        phone: false,
    };
    assert_eq!(up, [on_line]);
    assert!(!h.bridged());
    assert_eq!(taken(&mut h, Handover::spoke), [Step::Bridged("li".into())]);
    assert!(h.bridged());
    let left = taken(&mut h, |h, out| h.ended(Ms(9000), "li", true, out));
    assert_eq!(left, [Step::Left("li".into())]);
}

#[test]
fn a_phone_agent_is_briefed_before_he_is_heard() {
    let mut h = wanted();
    h.ring("li");
    h.answer(Ms(100), "li", true, &mut Vec::new()).unwrap();
    assert_eq!(h.part(), Some(AgentPart::Briefed));
    h.briefed(Ms(2000));
    assert_eq!(h.part(), Some(AgentPart::Talks));
    assert_eq!(taken(&mut h, Handover::spoke).len(), 1);
}

#[test]
fn a_phone_agent_who_talks_through_his_briefing_has_the_callee_at_once() {
    let mut h = wanted();
    h.ring("li");
    h.answer(Ms(100), "li", true, &mut Vec::new()).unwrap();
    assert_eq!(taken(&mut h, Handover::spoke), [Step::Bridged("li".into())]);
    h.briefed(Ms(2000));
    assert_eq!(h.part(), Some(AgentPart::Talks));
    assert!(h.bridged());
}

#[test]
fn of_two_who_accept_at_once_exactly_one_has_the_call_and_all_others_are_told() {
    let mut h = wanted();
    for agent in ["li", "wu", "zhao"] {
        assert!(h.ring(agent));
        assert!(!h.ring(agent), "rings already");
    }
    let told = taken(&mut h, |h, out| h.answer(Ms(5), "wu", false, out).unwrap());
    let lost = |agent: &str| Step::OfferLost {
        agent: agent.into(),
        to: "wu".into(),
    };
    assert_eq!(told[..2], [lost("li"), lost("zhao")]);
    let second = h.answer(Ms(5), "li", false, &mut Vec::new());
    assert_eq!(second, Err(No::Taken("wu".into())));
}

#[test]
fn an_agent_who_does_not_come_leaves_room_for_the_next_until_time_is_up() {
    let mut h = wanted();
    h.ring("a");
    let ended = taken(&mut h, |h, out| h.ended(Ms(10), "a", true, out));
    assert_eq!(ended, [gone("a", "did not come")]);
    assert!(h.ring("b"));
    assert_eq!(taken(&mut h, |h, out| h.wake(Ms(SEEK_MS - 1), out)), []);
    let up = taken(&mut h, |h, out| h.wake(Ms(SEEK_MS), out));
    assert_eq!(up[0], gone("b", "offer timed out"));
    assert!(matches!(
        up[1],
        Step::Nobody {
            after_hours: false,
            ..
        }
    ));
    assert!(!h.ring("c"), "over is over");
    assert!(!h.want(Ms(SEEK_MS + 1)));
    let late = h.answer(Ms(SEEK_MS + 2), "b", false, &mut Vec::new());
    assert_eq!(late, Err(No::NotWanted));
}

#[test]
fn an_agent_who_says_nothing_is_bridged_in_the_end() {
    let mut h = wanted();
    h.answer(Ms(500), "a", false, &mut Vec::new()).unwrap();
    let at = Ms(500 + SHY_AGENT_MS);
    assert_eq!(h.deadline().map(|(at, _)| at), Some(at));
    let woken = taken(&mut h, |h, out| h.wake(at, out));
    assert_eq!(woken, [Step::Bridged("a".into())]);
}

#[test]
fn a_lost_line_puts_the_call_on_offer_and_the_same_agent_needs_not_accept_again() {
    let mut h = bridged();
    let li = Human::Agent("li".into());
    let lost = taken(&mut h, |h, out| h.agent_lost(Ms(5000), out));
    assert_eq!(lost, [Step::Lost(li.clone())]);
    assert!(!h.bridged() && h.part() == Some(AgentPart::Aside));
    assert!(h.ring("wu"), "on offer again");
    let back = taken(&mut h, Handover::agent_back);
    let to_li = Step::OfferLost {
        agent: "wu".into(),
        to: "li".into(),
    };
    assert_eq!(back, [to_li, Step::Back(li)]);
    assert!(h.bridged());
}

#[test]
fn another_agent_may_take_a_call_whose_line_was_lost_and_the_first_is_told() {
    let mut h = bridged();
    h.agent_lost(Ms(5000), &mut Vec::new());
    h.ring("wu");
    let told = taken(&mut h, |h, out| {
        h.answer(Ms(6000), "wu", false, out).unwrap()
    });
    let to_wu = Step::OfferLost {
        agent: "li".into(),
        to: "wu".into(),
    };
    assert_eq!(told[0], to_wu);
    assert_eq!(taken(&mut h, Handover::agent_back), []);
    assert_eq!(h.agent(), Some("wu"));
}

#[test]
fn with_nobody_else_free_the_lost_agent_still_has_his_time() {
    let mut h = bridged();
    h.agent_lost(Ms(5000), &mut Vec::new());
    let none = taken(&mut h, |h, out| h.nobody("all busy", false, out));
    assert_eq!(none, []);
    let at = Ms(5000 + REJOIN_MS);
    assert_eq!(h.deadline().map(|(at, _)| at), Some(at));
    let woken = taken(&mut h, |h, out| h.wake(at, out));
    assert_eq!(woken[0], gone("li", "line lost"));
    assert!(matches!(woken[1], Step::Nobody { .. }));
}

#[test]
fn a_phone_that_breaks_off_is_lost_and_one_that_hangs_up_has_left() {
    let mut h = bridged();
    let broke = taken(&mut h, |h, out| h.ended(Ms(9), "li", false, out));
    assert_eq!(broke, [Step::Lost(Human::Agent("li".into()))]);
    assert!(h.ring("wu"));
}

#[test]
fn a_supervisor_takes_over_from_an_agent_who_gets_the_callee_back() {
    let mut h = bridged();
    h.take_over(7, "Chen", &mut Vec::new()).unwrap();
    assert_eq!(h.part(), Some(AgentPart::Aside));
    assert_eq!(h.human().unwrap().user(), Some(7));
    let second = h.take_over(8, "Sun", &mut Vec::new());
    assert_eq!(second, Err(No::Taken("Chen".into())));
    let refused = h.answer(Ms(9), "wu", false, &mut Vec::new());
    assert_eq!(refused, Err(No::Taken("Chen".into())));
    let fallen = taken(&mut h, |h, out| h.taker_lost(Ms(10), out));
    assert!(matches!(&fallen[..], [Step::Fallen { agent, .. }] if agent == "li"));
    assert_eq!(h.part(), Some(AgentPart::Talks));
    assert_eq!(taken(&mut h, Handover::taker_back).len(), 1);
    assert_eq!(h.taker_left(), Some("li".into()));
    assert_eq!(h.human(), Some(Human::Agent("li".into())));
}

#[test]
fn a_supervisor_who_takes_over_calls_off_all_who_ring() {
    let mut h = wanted();
    h.ring("li");
    h.ring("wu");
    let told = taken(&mut h, |h, out| h.take_over(7, "Chen", out).unwrap());
    assert_eq!(told.len(), 2);
    assert_eq!(h.taker_left(), None);
    assert!(
        h.want(Ms(90)),
        "the robot has it, and may want an agent again"
    );
}

#[test]
fn a_supervisor_whose_line_is_lost_forfeits_the_call_to_the_agent_who_accepts() {
    let mut h = Handover::default();
    h.take_over(7, "Chen", &mut Vec::new()).unwrap();
    let lost = taken(&mut h, |h, out| h.taker_lost(Ms(10), out));
    assert!(matches!(&lost[..], [Step::Lost(_)]));
    let told = taken(&mut h, |h, out| h.answer(Ms(20), "li", false, out).unwrap());
    assert_eq!(told[0], Step::Forfeited(7));
    assert_eq!(taken(&mut h, Handover::taker_back), []);
}
