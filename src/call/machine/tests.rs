//! The call's machine on virtual time: a real dialplan, scripted ears and voice.

use super::Machine;
use crate::call::command::Command;
use crate::call::effect::{Effect, Outcome};
use crate::call::event::{Event, LegNews};
use crate::dialogue;
use crate::dialogue::Dialplan;
use crate::hearing::pipeline::HearingEvent;
use crate::terms::{CauseKind, Disposition, EndedBy, HangupCause, Happening, Ms};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

mod humans;
mod random;
mod supervisors;

const PLAN: &str = include_str!("../../../tests/data/dialplans/good/call-machine.yaml");

struct Call {
    machine: Machine,
    now: Ms,
    all: Vec<Effect>,
    seen: usize,
    /// Lines given to the voice and not yet spoken: number, interruptible.
    lines: Vec<(u32, bool)>,
}

impl Call {
    fn new() -> Self {
        // Trained once: that takes a second.
        static LOADED: LazyLock<Arc<Dialplan>> = LazyLock::new(|| {
            let plan = Dialplan::parse(PLAN, "call-machine.yaml");
            Arc::new(plan.unwrap_or_else(|e| panic!("{e:?}")))
        });
        let lead = dialogue::Lead {
            vars: BTreeMap::new(),
            phone: String::new(),
            contact: std::collections::BTreeSet::new(),
            now_local: "2026-11-21T10:00".parse().unwrap(),
        };
        let machine = Machine::new(dialogue::Machine::new(LOADED.clone(), lead));
        Call {
            machine,
            now: Ms(0),
            all: Vec::new(),
            seen: 0,
            lines: Vec::new(),
        }
    }

    /// Feeds an event and returns what it caused.
    fn on(&mut self, event: Event) -> Vec<Effect> {
        let mut out = Vec::new();
        self.machine.on(self.now, event, &mut out);
        self.took(out)
    }

    /// Gives an order that is carried out, and returns what it caused.
    fn order(&mut self, command: Command) -> Vec<Effect> {
        let mut out = Vec::new();
        let answer = self.machine.order(self.now, &command, &mut out);
        assert_eq!(answer, Ok(()), "{command:?}");
        self.took(out)
    }

    /// Gives an order that is refused and changes nothing; the code.
    fn refused(&mut self, command: Command) -> &'static str {
        let mut out = Vec::new();
        let answer = self.machine.order(self.now, &command, &mut out);
        assert_eq!(out, [], "{command:?}");
        answer.expect_err("refused").code
    }

    fn took(&mut self, out: Vec<Effect>) -> Vec<Effect> {
        for effect in &out {
            match effect {
                Effect::Speak {
                    say, interruptible, ..
                } => self.lines.push((*say, *interruptible)),
                Effect::StopSpeaking if !self.lines.is_empty() => {
                    let (say, _) = self.lines.remove(0);
                    self.lines.clear();
                    let stopped = Event::LineStopped {
                        say,
                        clause: 0,
                        spoken_ms: 500,
                    };
                    self.all.extend(out.iter().cloned());
                    let more = self.on(stopped);
                    let mut both = out.clone();
                    both.extend(more);
                    return both;
                }
                _ => {}
            }
        }
        self.all.extend(out.iter().cloned());
        out
    }

    /// The voice speaks the first waiting line to its end.
    fn speak_one(&mut self) -> Vec<Effect> {
        let (say, _) = self.lines.remove(0);
        let mut out = self.on(Event::LineStarted(say));
        self.now = self.now.after(1000);
        out.extend(self.on(Event::LineFinished {
            say,
            spoken_ms: 1000,
        }));
        out
    }

    fn speak_all(&mut self) -> Vec<Effect> {
        let mut out = Vec::new();
        while !self.lines.is_empty() {
            out.extend(self.speak_one());
        }
        out
    }

    fn answered() -> Self {
        let mut call = Call::new();
        call.on(Event::Placed);
        call.on(Event::Callee(LegNews::Progress {
            code: 180,
            early_media: false,
        }));
        call.now = call.now.after(2000);
        call.on(Event::Callee(LegNews::Answered));
        call
    }

    /// The callee says this, ending now.
    fn hears(&mut self, text: &str) -> Vec<Effect> {
        let began = self.now;
        self.now = self.now.after(900);
        let ended = self.now;
        self.now = self.now.after(500);
        self.on(Event::Hearing(HearingEvent::Heard {
            text: text.into(),
            confidence: 0.9,
            candidates: Vec::new(),
            scored: Vec::new(),
            level_db: -30.0,
            lang: crate::terms::Lang::En,
            began,
            ended,
        }))
    }

    /// Jumps to the machine's next deadline.
    fn wait(&mut self) -> Vec<Effect> {
        let (at, _) = self.machine.deadline().expect("something to wait for");
        self.now = at.max(self.now);
        let mut out = Vec::new();
        self.machine.wake(self.now, &mut out);
        self.took(out)
    }

    fn ends(&mut self, kind: CauseKind, by: EndedBy) -> Vec<Effect> {
        self.on(Event::Callee(LegNews::Ended(HangupCause::new(
            kind, by, "",
        ))))
    }

    fn outcome(&self) -> &Outcome {
        let mut outcomes = self.all.iter().filter_map(|e| match e {
            Effect::Finish(outcome) => Some(outcome),
            _ => None,
        });
        let first = outcomes.next().expect("an outcome");
        assert!(outcomes.next().is_none(), "exactly one outcome");
        first
    }

    /// What happened since the last look.
    fn news(&mut self) -> Vec<Happening> {
        let news = self.all[self.seen..]
            .iter()
            .filter_map(|e| match e {
                Effect::Happened(h) => Some(h.clone()),
                _ => None,
            })
            .collect();
        self.seen = self.all.len();
        news
    }
}

fn hangs_up(effects: &[Effect]) -> bool {
    let hangs_up = |e: &Effect| matches!(e, Effect::Hangup { .. });
    effects.iter().any(hangs_up)
}

fn stores_opt_out(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|e| matches!(e, Effect::StoreOptOut { .. }))
}

#[test]
fn the_robot_speaks_first_and_its_first_words_cannot_be_interrupted() {
    let call = Call::answered();
    assert!(
        !call.lines.is_empty(),
        "the robot says something to a silent callee"
    );
    assert!(!call.lines[0].1, "the disclosure is not interruptible");
}

#[test]
fn an_opt_out_is_on_disk_before_the_robot_hangs_up() {
    let mut call = Call::answered();
    call.speak_all();
    let effects = call.hears("please do not call me again");
    assert!(stores_opt_out(&effects), "{effects:?}");
    let spoken = call.speak_all();
    assert!(!hangs_up(&spoken));
    assert!(
        call.machine.talking(),
        "the line is kept until the opt-out is stored"
    );
    call.on(Event::OptOutStored(Ok(())));
    assert!(hangs_up(&call.wait()));
    call.ends(CauseKind::Normal, EndedBy::Us);
    assert_eq!(call.outcome().disposition, Disposition::OptOut);
}

#[test]
fn a_callee_who_hangs_up_right_after_the_opt_out_is_still_on_the_list() {
    let mut call = Call::answered();
    call.speak_all();
    call.hears("take me off your list");
    call.ends(CauseKind::Normal, EndedBy::Callee);
    assert!(
        !call.machine.ended(),
        "the call waits for the disk, not for the callee"
    );
    call.on(Event::OptOutStored(Ok(())));
    assert_eq!(call.outcome().disposition, Disposition::OptOut);
}

#[test]
fn voice_over_a_line_holds_it_for_a_moment_and_the_conversation_does_not_notice() {
    let mut call = Call::answered();
    call.speak_one();
    let waiting = call.machine.deadline().map(|(_, why)| why);
    let (say, _) = call.lines[0];
    let early = call.on(Event::Hearing(HearingEvent::TalkOver));
    assert_eq!(early, [], "what is not heard yet is not talked over");
    call.on(Event::LineStarted(say));
    let held = call.on(Event::Hearing(HearingEvent::TalkOver));
    assert_eq!(held, [Effect::HoldSpeaking]);
    let again = call.on(Event::Hearing(HearingEvent::TalkOver));
    assert_eq!(again, [], "it is held already");
    let on = call.on(Event::Hearing(HearingEvent::GoOn));
    assert_eq!(on, [Effect::ResumeSpeaking]);
    assert_eq!(call.machine.deadline().map(|(_, why)| why), waiting);
    assert_eq!(call.on(Event::Hearing(HearingEvent::GoOn)), []);
    // Words after all: the hold becomes an interruption, and only its end lets the line go on.
    call.on(Event::Hearing(HearingEvent::TalkOver));
    let sure = call.on(Event::Hearing(HearingEvent::Interrupt {
        text: "wait".into(),
        speech_ms: 400,
    }));
    assert_eq!(sure, [], "it is silent already");
    assert_eq!(call.on(Event::Hearing(HearingEvent::GoOn)), []);
    let nothing = call.on(Event::Hearing(HearingEvent::FalseStart));
    assert!(nothing.contains(&Effect::ResumeSpeaking));
}

#[test]
fn a_line_that_nobody_lets_go_on_goes_on_by_itself() {
    let mut call = Call::answered();
    call.speak_one();
    let (say, _) = call.lines[0];
    call.on(Event::LineStarted(say));
    call.on(Event::Hearing(HearingEvent::TalkOver));
    assert!(call.wait().contains(&Effect::ResumeSpeaking));
}

#[test]
fn talk_over_a_line_holds_it_a_back_channel_lets_it_go_on_words_stop_it() {
    let mut call = Call::answered();
    call.speak_one();
    let say = call.lines[0].0;
    call.on(Event::LineStarted(say));
    let held = call.on(Event::Hearing(HearingEvent::Interrupt {
        text: "mm".into(),
        speech_ms: 300,
    }));
    assert!(held.contains(&Effect::HoldSpeaking), "{held:?}");
    let back = call.on(Event::Hearing(HearingEvent::BackChannel {
        text: "mm-hmm".into(),
    }));
    assert!(back.contains(&Effect::ResumeSpeaking), "{back:?}");
    call.on(Event::Hearing(HearingEvent::Interrupt {
        text: "wait".into(),
        speech_ms: 300,
    }));
    let words = call.hears("yes I am interested");
    assert!(words.contains(&Effect::StopSpeaking), "{words:?}");
    assert!(call.news().iter().any(|h| matches!(
        h,
        Happening::Said {
            interrupted: true,
            ..
        }
    )));
    assert!(
        words.iter().any(|e| matches!(e, Effect::Speak { .. })),
        "and the robot answers: {words:?}"
    );
}

#[test]
fn what_the_wire_says_before_an_answer_is_the_disposition() {
    for (code, want) in [
        (486, Disposition::Busy),
        (603, Disposition::Rejected),
        (404, Disposition::Invalid),
    ] {
        let mut call = Call::new();
        call.on(Event::Placed);
        call.on(Event::Callee(LegNews::Ended(HangupCause::from_final(
            code, None, "",
        ))));
        assert_eq!(call.outcome().disposition, want, "{code}");
        assert!(!call.outcome().answered);
    }
}

#[test]
fn a_callee_whose_media_stops_ends_the_call_as_interrupted() {
    let mut call = Call::answered();
    call.speak_all();
    let effects = call.on(Event::MediaLost);
    assert!(hangs_up(&effects));
    call.ends(CauseKind::Normal, EndedBy::Us);
    assert_eq!(call.outcome().disposition, Disposition::Interrupted);
    assert_eq!(
        call.outcome().cause.as_ref().unwrap().kind,
        CauseKind::MediaTimeout
    );
}

#[test]
fn a_far_end_that_never_answers_our_bye_does_not_keep_the_call() {
    let mut call = Call::answered();
    call.speak_all();
    call.order(Command::Hangup {
        by: "ops".into(),
        reason: "stopped".into(),
    });
    call.wait();
    assert!(call.machine.ended());
    assert_eq!(call.outcome().disposition, Disposition::Interrupted);
}

#[test]
fn without_its_first_words_the_robot_does_not_go_on() {
    let mut call = Call::answered();
    let (say, _) = call.lines.remove(0);
    call.on(Event::LineFailed {
        say,
        why: "no voice".into(),
    });
    call.speak_all();
    assert!(hangs_up(&call.wait()));
    call.ends(CauseKind::Normal, EndedBy::Us);
    assert_eq!(call.outcome().disposition, Disposition::RobotFailure);
}

#[test]
fn hanging_up_without_a_word_is_no_interaction_and_after_words_it_is_the_callees_hangup() {
    let mut call = Call::answered();
    call.speak_all();
    call.ends(CauseKind::Normal, EndedBy::Callee);
    assert_eq!(call.outcome().disposition, Disposition::NoInteraction);
    let mut call = Call::answered();
    call.speak_all();
    call.hears("yes I am interested");
    call.ends(CauseKind::Normal, EndedBy::Callee);
    assert_eq!(call.outcome().disposition, Disposition::CalleeHangup);
}

#[test]
fn a_key_pressed_over_the_first_words_counts_when_they_are_over() {
    let mut call = Call::answered();
    let (say, interruptible) = call.lines[0];
    assert!(!interruptible);
    call.on(Event::LineStarted(say));
    let pressed = call.on(Event::Callee(LegNews::Key('9')));
    assert!(
        !pressed.contains(&Effect::StopSpeaking),
        "the disclosure goes on"
    );
    call.lines.remove(0);
    let finished = call.on(Event::LineFinished {
        say,
        spoken_ms: 3000,
    });
    assert!(stores_opt_out(&finished), "{finished:?}");
}
