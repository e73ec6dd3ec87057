//! Agents, on virtual time; what supervisors do is in its own file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;
use crate::call::command::{Steer, WatchMode, Watcher};
use crate::call::event::Place;
use crate::call::handover::{REJOIN_MS, SEEK_MS, SHY_AGENT_MS};
use crate::call::headset::Line;
use crate::media::bridge::{AgentPart, Roster};

pub(super) fn line() -> Line {
    Line::new("7", "Chen")
}

pub(super) fn accept(agent: &str) -> Command {
    Command::Accept {
        agent: agent.into(),
        name: agent.into(),
        line: line(),
    }
}

pub(super) fn join(mode: WatchMode) -> Command {
    Command::Join {
        who: Watcher {
            user: 7,
            name: "Chen".into(),
        },
        mode,
        line: Some(line()),
    }
}

pub(super) fn offered(agents: &[&str]) -> Command {
    Command::Offered {
        agents: agents.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn ring(agent: &str) -> Command {
    Command::RingAgent {
        agent: agent.into(),
        uri: format!("sip:{agent}@desk"),
    }
}

pub(super) fn phone(agent: &str, news: LegNews) -> Event {
    Event::Agent {
        agent: agent.into(),
        news,
    }
}

pub(super) fn say(text: &str) -> Command {
    Command::Steer {
        by: "Chen".into(),
        what: Steer::Say(text.into()),
    }
}

pub(super) fn step(step: &str) -> Command {
    Command::Steer {
        by: "Chen".into(),
        what: Steer::Step(step.into()),
    }
}

pub(super) fn hand_back(step: Option<&str>) -> Command {
    Command::HandBack {
        by: "li".into(),
        step: step.map(Into::into),
    }
}

/// The words that the robot was given to say.
pub(super) fn spoken(effects: &[Effect]) -> Vec<&str> {
    let speak = effects.iter().filter_map(|e| match e {
        Effect::Speak { line, .. } => Some(line.text.as_str()),
        _ => None,
    });
    speak.collect()
}

/// Who hears whom as it was told last.
pub(super) fn roster(call: &Call) -> Roster {
    let mut all = call.all.iter().rev();
    all.find_map(|e| match e {
        Effect::Bridge { roster, .. } => Some(roster.clone()),
        _ => None,
    })
    .expect("wired")
}

pub(super) fn happened(effects: &[Effect], want: impl Fn(&Happening) -> bool) -> bool {
    let happened = |e: &Effect| matches!(e, Effect::Happened(h) if want(h));
    effects.iter().any(happened)
}

/// The callee asked for a person.
pub(super) fn wanted() -> Call {
    let mut call = Call::answered();
    call.speak_all();
    let asked = call.hears("I want to talk to a real person");
    assert!(happened(&asked, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    call
}

/// An agent in the browser talks to the callee.
pub(super) fn bridged() -> Call {
    let mut call = wanted();
    call.order(offered(&["li", "wu"]));
    call.order(accept("li"));
    call.speak_all();
    call.on(Event::AgentSpoke);
    call.lines.clear();
    assert!(!roster(&call).robot);
    call
}

#[test]
fn a_hot_lead_gets_an_agent_while_the_robot_talks_and_the_robot_yields_to_his_voice() {
    let mut call = wanted();
    assert!(!call.lines.is_empty(), "the robot goes on talking");
    let rung = call.order(ring("li"));
    assert!(rung.iter().any(|e| matches!(e, Effect::RingAgent { .. })));
    let rings = LegNews::Progress {
        code: 180,
        early_media: false,
    };
    call.on(phone("li", rings));
    let up = call.on(phone("li", LegNews::Answered));
    assert!(
        matches!(&up[0], Effect::Seat { agent } if agent == "li"),
        "{up:?}"
    );
    assert_eq!(roster(&call).agent, Some(AgentPart::Briefed));
    assert!(
        up.iter()
            .any(|e| matches!(e, Effect::Brief(line) if line.text.contains("person")))
    );
    call.on(Event::Briefed);
    assert_eq!(roster(&call).agent, Some(AgentPart::Talks));
    assert!(roster(&call).robot, "until he speaks");
    let joined = call.on(Event::AgentSpoke);
    assert!(joined.contains(&Effect::StopSpeaking) && !roster(&call).robot);
    call.lines.clear();
    let words = call.hears("hello yes hello");
    assert_eq!(spoken(&words), [""; 0], "the robot is silent from now on");
    let ended = call.ends(CauseKind::Normal, EndedBy::Callee);
    assert!(ended.iter().any(|e| matches!(e, Effect::ReleaseAll { .. })));
    assert_eq!(call.outcome().disposition, Disposition::Transferred);
    assert!(call.outcome().bridged);
}

#[test]
fn phones_and_browsers_ring_at_once_and_the_order_itself_makes_them_ring() {
    let mut call = wanted();
    let at_once = call.order(offered(&["li", "wu"]));
    let rings = |h: &Happening| matches!(h, Happening::AgentRinging { .. });
    let ringing = at_once
        .iter()
        .filter(|e| matches!(e, Effect::Happened(h) if rings(h)));
    assert_eq!(ringing.count(), 2);
    call.order(ring("zhao"));
    let taken = call.order(accept("wu"));
    for agent in ["li", "zhao"] {
        let told = |h: &Happening| matches!(h, Happening::OfferLost { agent: a, to } if a == agent && to == "wu");
        assert!(happened(&taken, told), "{agent}");
        let released = |e: &&Effect| matches!(e, Effect::Release { agent: a, .. } if a == agent);
        assert_eq!(taken.iter().filter(released).count(), 1, "{agent}");
    }
    assert_eq!(call.refused(accept("li")), "taken");
    // The phone's answer crossed our CANCEL.
    let late = call.on(phone("zhao", LegNews::Answered));
    assert!(late.iter().any(|e| matches!(e, Effect::Release { .. })));
    assert!(!late.iter().any(|e| matches!(e, Effect::Seat { .. })));
}

#[test]
fn nobody_is_rung_for_a_call_that_wants_none() {
    let mut call = Call::answered();
    call.speak_all();
    assert_eq!(call.refused(offered(&["li"])), "not_wanted");
    assert_eq!(call.refused(accept("li")), "not_wanted");
    let mut out = Vec::new();
    let answer = call.machine.order(call.now, &ring("li"), &mut out);
    assert_eq!(answer.unwrap_err().code, "not_wanted");
    assert!(happened(&out, |h| matches!(h, Happening::AgentGone { .. })));
}

#[test]
fn when_nobody_comes_the_robot_says_so_and_a_callback_is_kept() {
    let mut call = wanted();
    call.order(ring("li"));
    let busy = HangupCause::from_final(486, None, "Busy Here");
    let gone = call.on(phone("li", LegNews::Ended(busy)));
    assert!(happened(&gone, |h| matches!(
        h,
        Happening::AgentGone { .. }
    )));
    call.speak_all();
    let told = call.order(Command::NoAgent {
        why: "nobody is free".into(),
        after_hours: false,
    });
    assert_eq!(spoken(&told).len(), 1, "{told:?}");
    assert!(happened(&told, |h| matches!(h, Happening::Callback { .. })));
    call.speak_all();
    assert!(hangs_up(&call.wait()));
    call.ends(CauseKind::Normal, EndedBy::Us);
    assert_eq!(call.outcome().disposition, Disposition::TransferFailed);
}

#[test]
fn after_hours_the_callee_is_promised_a_call_back() {
    let mut call = wanted();
    call.speak_all();
    let told = call.order(Command::NoAgent {
        why: "outside working hours".into(),
        after_hours: true,
    });
    let after = |h: &Happening| {
        matches!(
            h,
            Happening::NobodyCame {
                after_hours: true,
                ..
            }
        )
    };
    assert!(happened(&told, after));
    assert!(happened(&told, |h| matches!(h, Happening::Callback { .. })));
    assert_eq!(spoken(&told).len(), 1);
}

#[test]
fn an_offer_that_nobody_takes_ends_in_the_robots_line() {
    let mut call = wanted();
    let since = call.now;
    call.order(offered(&["li"]));
    call.order(Command::Declined { agent: "li".into() });
    assert_eq!(
        call.refused(Command::Declined { agent: "li".into() }),
        "not_ringing"
    );
    call.order(offered(&["wu"]));
    let mut last = Vec::new();
    while !happened(&last, |h| matches!(h, Happening::NobodyCame { .. })) {
        call.speak_all();
        last = call.wait();
        assert!(call.now.since(since) <= SEEK_MS);
    }
    assert!(!spoken(&last).is_empty());
}

#[test]
fn a_lost_line_is_answered_by_the_robot_at_once_and_the_call_is_on_offer_again() {
    let mut call = bridged();
    let lost = call.on(Event::LineLost(Place::Agent));
    assert!(happened(&lost, |h| matches!(h, Happening::LineLost { .. })));
    assert!(happened(&lost, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    assert_eq!(spoken(&lost).len(), 1, "not a moment of silence: {lost:?}");
    assert!(roster(&call).robot && roster(&call).agent == Some(AgentPart::Aside));
    call.order(offered(&["wu"]));
    let back = call.on(Event::LineBack(Place::Agent));
    assert!(happened(&back, |h| matches!(h, Happening::LineBack { .. })));
    assert!(
        back.contains(&Effect::StopSpeaking),
        "he need not accept again"
    );
    assert!(!roster(&call).robot);
    assert_eq!(call.refused(accept("wu")), "taken");
}

#[test]
fn a_phone_that_breaks_off_is_a_lost_line_and_a_hang_up_is_a_goodbye() {
    let mut call = wanted();
    call.order(ring("li"));
    call.on(phone("li", LegNews::Answered));
    call.on(Event::Briefed);
    call.on(Event::AgentSpoke);
    call.lines.clear();
    let broke = HangupCause::new(CauseKind::NoResponse, EndedBy::Trunk, "");
    let lost = call.on(phone("li", LegNews::Ended(broke)));
    assert!(happened(&lost, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    assert_eq!(spoken(&lost).len(), 1);
    call.order(ring("wu"));
    call.on(phone("wu", LegNews::Answered));
    call.on(Event::Briefed);
    call.on(Event::AgentSpoke);
    call.lines.clear();
    let bye = HangupCause::new(CauseKind::Normal, EndedBy::Agent, "");
    let left = call.on(phone("wu", LegNews::Ended(bye)));
    assert!(!happened(&left, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    assert_eq!(spoken(&left).len(), 1, "goodbye");
}

#[test]
fn a_lost_agent_who_stays_away_leaves_the_callee_to_the_robots_words_for_nobody() {
    let mut call = bridged();
    call.on(Event::LineLost(Place::Agent));
    let at = call.now;
    call.order(Command::NoAgent {
        why: "all busy".into(),
        after_hours: false,
    });
    let mut last = Vec::new();
    while !happened(&last, |h| matches!(h, Happening::NobodyCame { .. })) {
        call.speak_all();
        last = call.wait();
        assert!(call.now.since(at) <= REJOIN_MS + 1000);
    }
    assert!(!spoken(&last).is_empty());
    assert!(happened(&last, |h| matches!(
        h,
        Happening::AgentGone { .. }
    )));
}

#[test]
fn an_opt_out_said_to_an_agent_is_stored_and_the_robot_does_not_talk_on_without_him() {
    let mut call = bridged();
    let said = call.hears("please do not call me again");
    assert!(stores_opt_out(&said));
    assert_eq!(spoken(&said), [""; 0]);
    call.on(Event::OptOutStored(Ok(())));
    let lost = call.on(Event::LineLost(Place::Agent));
    assert!(!happened(&lost, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    call.speak_all();
    assert!(hangs_up(&call.wait()));
    call.ends(CauseKind::Normal, EndedBy::Us);
    assert_eq!(call.outcome().disposition, Disposition::OptOut);
}

#[test]
fn what_humans_say_is_in_the_journal_under_their_name() {
    let mut call = bridged();
    let heard = HearingEvent::Heard {
        text: "we open at nine".into(),
        confidence: 0.8,
        candidates: Vec::new(),
        scored: Vec::new(),
        level_db: -30.0,
        lang: crate::terms::Lang::En,
        began: Ms(1),
        ended: Ms(2),
    };
    let who = "li".to_string();
    let said = call.on(Event::Human { who, heard });
    let [Effect::Happened(said)] = &said[..] else {
        panic!("{said:?}");
    };
    let json = serde_json::to_value(said).unwrap();
    assert_eq!(
        (&json["kind"], &json["agent"]),
        (&"agent_said".into(), &"li".into())
    );
    assert_eq!(json["text"], "we open at nine");
}

#[test]
fn an_agent_hands_back_and_the_robot_goes_on_where_it_was_or_where_he_says() {
    for (to, want) in [
        (None, "Back to my question."),
        (Some("tell"), "We renovate"),
    ] {
        let mut call = bridged();
        assert_eq!(call.refused(hand_back(Some("tel"))), "unknown_step");
        let back = call.order(hand_back(to));
        assert!(roster(&call).robot && roster(&call).agent.is_none());
        assert!(back.iter().any(|e| matches!(e, Effect::Release { .. })));
        let words = spoken(&back).join(" ");
        assert!(words.contains(want), "{to:?}: {words}");
        call.speak_all();
        // The callee may ask for a person again.
        let asked = call.hears("I want to talk to a real person");
        assert!(happened(&asked, |h| matches!(
            h,
            Happening::AgentWanted { .. }
        )));
        assert_eq!(call.refused(hand_back(None)), "no_human");
    }
}

#[test]
fn a_silent_agent_has_the_callee_in_the_end_and_a_long_talk_of_humans_is_not_cut() {
    let mut call = wanted();
    call.order(accept("li"));
    let at = call.now;
    call.speak_all();
    while roster(&call).robot {
        call.wait();
        call.speak_all();
        assert!(call.now.since(at) <= SHY_AGENT_MS + 2000);
    }
    assert_eq!(
        call.machine.deadline(),
        None,
        "nothing ends it but themselves"
    );
}
