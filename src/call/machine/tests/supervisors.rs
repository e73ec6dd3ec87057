//! Supervisors, on virtual time: modes, taking over, steering, grades and cards by hand.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::humans::{bridged, hand_back, happened, join, roster, say, spoken, step};
use super::*;
use crate::call::command::{WatchMode, Watcher};
use crate::call::event::Place;
use crate::media::bridge::AgentPart;
use crate::terms::Grade;

#[test]
fn a_supervisor_moves_through_the_modes_and_everyone_is_told() {
    let mut call = bridged();
    let no_line = Command::Join {
        who: Watcher {
            user: 7,
            name: "Chen".into(),
        },
        mode: WatchMode::Listen,
        line: None,
    };
    assert_eq!(call.refused(no_line), "no_line");
    for mode in [WatchMode::Listen, WatchMode::Whisper, WatchMode::Barge] {
        let joined = call.order(join(mode));
        let told =
            |h: &Happening| matches!(h, Happening::Watching { user: 7, mode: m, .. } if *m == mode);
        assert!(happened(&joined, told));
        assert_eq!(roster(&call).supervisors, [(7, mode)]);
        assert_eq!(roster(&call).agent, Some(AgentPart::Talks));
    }
    let left = call.order(Command::Leave { user: 7 });
    assert!(happened(&left, |h| matches!(
        h,
        Happening::WatchEnded { .. }
    )));
    assert!(roster(&call).supervisors.is_empty());
    assert_eq!(call.refused(Command::Leave { user: 7 }), "not_there");
}

#[test]
fn a_supervisor_takes_over_from_the_agent_and_hands_back_to_him() {
    let mut call = bridged();
    let took = call.order(join(WatchMode::TakeOver));
    assert!(happened(&took, |h| matches!(
        h,
        Happening::TakenOver { user: 7, .. }
    )));
    assert_eq!(roster(&call).agent, Some(AgentPart::Aside));
    assert_eq!(call.refused(hand_back(Some("tell"))), "agent_there");
    let back = call.order(hand_back(None));
    assert!(happened(
        &back,
        |h| matches!(h, Happening::HandedBack { to: Some(to), .. } if to == "li")
    ));
    assert_eq!(roster(&call).agent, Some(AgentPart::Talks));
    assert!(!roster(&call).robot);
}

#[test]
fn a_supervisor_takes_over_from_the_robot_and_gives_back_by_leaving_or_listening() {
    for back in [Command::Leave { user: 7 }, join(WatchMode::Listen)] {
        let mut call = Call::answered();
        call.speak_all();
        call.hears("hm");
        let took = call.order(join(WatchMode::TakeOver));
        assert!(took.contains(&Effect::StopSpeaking) && !roster(&call).robot);
        call.lines.clear();
        let words = call.hears("yes I am interested");
        assert_eq!(spoken(&words), [""; 0]);
        let back = call.order(back);
        assert!(happened(&back, |h| matches!(h, Happening::Resumed { .. })));
        assert!(roster(&call).robot && !spoken(&back).is_empty());
    }
}

#[test]
fn a_supervisor_whose_line_is_lost_is_replaced_by_the_robot_and_comes_back() {
    let mut call = Call::answered();
    call.speak_all();
    call.order(join(WatchMode::TakeOver));
    call.lines.clear();
    let lost = call.on(Event::LineLost(Place::Supervisor(7)));
    assert!(happened(&lost, |h| matches!(
        h,
        Happening::LineLost { user: Some(7), .. }
    )));
    assert!(happened(&lost, |h| matches!(
        h,
        Happening::AgentWanted { .. }
    )));
    assert!(!spoken(&lost).is_empty());
    let back = call.on(Event::LineBack(Place::Supervisor(7)));
    assert!(happened(&back, |h| matches!(h, Happening::LineBack { .. })));
    assert!(!roster(&call).robot);
}

#[test]
fn a_listener_whose_line_is_lost_disturbs_nobody() {
    let mut call = Call::answered();
    call.speak_all();
    call.order(join(WatchMode::Listen));
    assert_eq!(call.on(Event::LineLost(Place::Supervisor(7))), []);
}

#[test]
fn the_robot_says_what_a_supervisor_writes_and_goes_on() {
    let mut call = Call::answered();
    assert_eq!(
        call.refused(step("tell")),
        "not_now",
        "the first words come first"
    );
    call.speak_all();
    assert_eq!(call.refused(say("  ")), "empty");
    assert_eq!(call.refused(say(&"a".repeat(501))), "too_long");
    let told = call.order(say("We are open on Saturday, too."));
    assert_eq!(spoken(&told), ["We are open on Saturday, too."]);
    assert!(happened(&told, |h| matches!(
        h,
        Happening::Steered { say: Some(_), .. }
    )));
    call.speak_all();
    let answered = call.hears("yes I am interested");
    assert!(!spoken(&answered).is_empty(), "the conversation goes on");
}

#[test]
fn a_supervisor_sends_the_robot_to_a_step_and_is_told_of_one_that_is_not_there() {
    let mut call = Call::answered();
    call.speak_all();
    let mut out = Vec::new();
    let refused = call.machine.order(call.now, &step("tel"), &mut out);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, "unknown_step");
    assert!(refused.message.contains("tell"), "{refused}");
    let went = call.order(step("tell"));
    assert!(happened(
        &went,
        |h| matches!(h, Happening::Step { step } if step == "tell")
    ));
    assert!(!spoken(&went).is_empty());
    let mut call = bridged();
    assert_eq!(call.refused(step("tell")), "human_talks");
    assert_eq!(call.refused(say("hello")), "human_talks");
}

#[test]
fn a_grade_set_by_hand_sticks() {
    let mut call = Call::answered();
    call.speak_all();
    let set = call.order(Command::Grade {
        by: "Chen".into(),
        grade: Grade::D,
        reason: "a competitor".into(),
    });
    assert!(happened(&set, |h| matches!(
        h,
        Happening::Graded { by: Some(_), .. }
    )));
    let words = call.hears("yes I am interested");
    assert!(!happened(&words, |h| matches!(h, Happening::Graded { .. })));
    call.ends(CauseKind::Normal, EndedBy::Callee);
    assert_eq!(call.outcome().grade, Some(Grade::D));
}

#[test]
fn a_card_edited_by_hand_says_who_did_it() {
    let mut call = Call::answered();
    let edited = call.order(Command::Card {
        by: "li".into(),
        fields: vec![("budget".into(), "20k".into())],
    });
    let [
        Effect::Happened(Happening::CardEdited { by, fields }),
        Effect::Happened(Happening::Card { .. }),
    ] = &edited[..]
    else {
        panic!("{edited:?}");
    };
    assert_eq!((by.as_str(), fields.len()), ("li", 1));
}
