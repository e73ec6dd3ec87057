//! When a turn closes early, and what voice over a prompt does to it.

use super::*;

fn unsure(text: &str) -> Words {
    Words {
        confidence: 0.3,
        ..words(text)
    }
}

/// A robot in the middle of a line that may be talked over, on a quiet line.
fn over_a_line() -> Rig {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.quiet(2000);
    r.pipeline.robot_speaking(true, true);
    r.quiet(500);
    r.events.clear();
    r
}

fn told(r: &Rig) -> Vec<&'static str> {
    r.events
        .iter()
        .filter_map(|e| match e {
            HearingEvent::TalkOver => Some("hold"),
            HearingEvent::GoOn => Some("go on"),
            HearingEvent::Interrupt { .. } => Some("interrupt"),
            HearingEvent::BackChannel { .. } => Some("back-channel"),
            HearingEvent::FalseStart => Some("nothing"),
            HearingEvent::Heard { .. } => Some("heard"),
            _ => None,
        })
        .collect()
}

/// Silence from the end of speech to the turn's end, ms, when the text comes 240 ms into it.
fn closes(profile: TurnProfile, words: Words) -> u64 {
    let mut r = Rig::new(profile);
    r.quiet(1000);
    r.speak(500);
    let ended = r.now;
    r.quiet(240);
    r.answer(r.ear.last_decode(), RecognisedKind::Final(words));
    while r.heard().is_empty() {
        r.quiet(20);
    }
    r.now.since(ended)
}

#[test]
fn a_clear_answer_closes_the_turn_early_and_an_unfinished_sentence_waits() {
    use TurnProfile::{Open, YesNo};
    assert_eq!(closes(YesNo, words("好的")), 260);
    assert_eq!(closes(Open, words("试听课")), 300);
    assert_eq!(closes(Open, words("周末我们都有时间")), 480);
    assert_eq!(closes(Open, words("因为我们家")), 700);
    assert_eq!(
        closes(YesNo, words("因为我们家")),
        400,
        "never longer than the step's own"
    );
    let mut sure = words("随便什么");
    sure.clear = true;
    assert_eq!(closes(Open, sure), 300, "the engine's word counts");
}

#[test]
fn a_clear_text_that_comes_late_closes_the_turn_at_once() {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.quiet(1000);
    r.speak(500);
    r.quiet(320);
    assert!(r.heard().is_empty());
    r.answer_last("好的");
    assert_eq!(r.heard(), ["好的"], "without waiting for the next frame");
}

#[test]
fn an_early_close_is_taken_back_when_the_callee_goes_on() {
    let mut r = Rig::new(TurnProfile::Open);
    r.speak(500);
    r.quiet(220);
    r.answer_last("试听课");
    r.speak(400);
    r.quiet(420);
    assert!(r.heard().is_empty(), "what was clear is not all");
    r.answer_last("试听课多少钱啊我想问一下");
    r.quiet(300);
    assert_eq!(r.heard(), ["试听课多少钱啊我想问一下"]);
}

#[test]
fn without_a_voter_an_unfinished_sentence_is_like_any_other() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.vote_by(None);
    r.speak(500);
    let ended = r.now;
    r.quiet(220);
    r.answer_last("因为我们家");
    while r.heard().is_empty() {
        r.quiet(20);
    }
    assert_eq!(r.now.since(ended), 480);
}

#[test]
fn voice_over_a_line_holds_it_within_a_tenth_of_a_second() {
    let mut r = over_a_line();
    r.speak(60);
    assert_eq!(told(&r), [""; 0]);
    r.speak(20);
    assert_eq!(told(&r), ["hold"]);
}

#[test]
fn a_line_that_must_be_heard_is_never_held() {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.pipeline.robot_speaking(true, false);
    r.quiet(500);
    r.speak(1500);
    assert_eq!(told(&r), [""; 0]);
}

#[test]
fn a_back_channel_lets_the_line_go_on_before_its_turn_is_over_and_is_no_turn() {
    let mut r = over_a_line();
    r.speak(300);
    r.quiet(240);
    r.answer_last("嗯");
    assert_eq!(told(&r), ["hold", "go on"]);
    r.quiet(1000);
    assert_eq!(told(&r), ["hold", "go on", "back-channel"]);
}

#[test]
fn real_words_make_the_hold_an_interruption() {
    let mut r = over_a_line();
    r.speak(500);
    r.quiet(240);
    r.answer_last("等一下我在开会");
    r.quiet(500);
    assert_eq!(told(&r), ["hold", "interrupt", "heard"]);
}

#[test]
fn a_cough_holds_the_line_for_a_moment_and_costs_nothing() {
    let mut r = over_a_line();
    r.speak(200);
    r.quiet(240);
    r.answer(r.ear.last_decode(), RecognisedKind::Nothing("not speech"));
    assert_eq!(told(&r), ["hold", "go on"]);
    r.quiet(1000);
    assert_eq!(told(&r), ["hold", "go on", "nothing"]);
}

#[test]
fn words_that_are_hardly_a_guess_let_the_line_go_on() {
    let mut r = over_a_line();
    r.speak(300);
    r.quiet(240);
    r.answer(r.ear.last_decode(), RecognisedKind::Final(unsure("你好")));
    assert_eq!(told(&r), ["hold", "go on"]);
}

#[test]
fn words_behind_a_back_channel_hold_the_line_again() {
    let mut r = over_a_line();
    r.speak(300);
    r.quiet(240);
    r.answer_last("嗯");
    r.speak(600);
    r.quiet(240);
    r.answer_last("嗯等一下我在开会");
    r.quiet(500);
    assert_eq!(told(&r), ["hold", "go on", "hold", "interrupt", "heard"]);
}

#[test]
fn when_nobody_says_what_a_short_sound_was_the_line_goes_on() {
    let mut r = over_a_line();
    r.speak(200);
    r.quiet(700);
    assert_eq!(told(&r), ["hold", "go on"]);
}

#[test]
fn a_slow_recogniser_is_waited_for_after_long_speech() {
    let mut r = over_a_line();
    r.speak(680);
    r.quiet(1500);
    assert_eq!(told(&r), ["hold"]);
    r.answer_last("等一下我在开会");
    assert_eq!(told(&r), ["hold", "interrupt", "heard"]);
}

#[test]
fn ears_hear_fresh_sound_and_words_come_from_the_jitter_buffer() {
    let mut r = over_a_line();
    let (voice, quiet) = ([3000; 160], [3; 160]);
    // The jitter buffer is 100 ms behind; the ears do not wait for it.
    for _ in 0..4 {
        r.now = r.now.after(FRAME_MS);
        r.pipeline.hear(r.now, &quiet, &[voice], &mut r.events);
    }
    assert_eq!(told(&r), ["hold"]);
    // Three ticks without a packet, then all at once.
    for _ in 0..2 {
        r.now = r.now.after(FRAME_MS);
        r.pipeline.hear(r.now, &voice, &[], &mut r.events);
    }
    r.now = r.now.after(FRAME_MS);
    r.pipeline.hear(r.now, &voice, &[voice; 3], &mut r.events);
    assert!(r.pipeline.callee_speaking());
    // A far end that sends nothing in silence still ends its turn.
    for _ in 0..40 {
        r.now = r.now.after(FRAME_MS);
        r.pipeline.hear(r.now, &quiet, &[], &mut r.events);
    }
    assert!(!r.pipeline.callee_speaking());
}

#[test]
fn a_line_that_begins_behind_quickly_understood_words_is_not_held_for_them() {
    let mut r = over_a_line();
    r.speak(1200);
    r.quiet(180);
    r.answer_last("等一下我在开会");
    while !told(&r).contains(&"heard") {
        r.quiet(20);
    }
    // The call stops the old line and begins the next one at once.
    r.pipeline.robot_speaking(false, false);
    r.pipeline.robot_speaking(true, true);
    r.quiet(1000);
    assert_eq!(told(&r), ["hold", "interrupt", "heard"]);
}

#[test]
fn nothing_holds_a_line_in_the_breath_in_which_its_words_were_told() {
    let mut r = over_a_line();
    r.speak(1200);
    r.quiet(180);
    let mut clear = words("好贵啊不要了");
    clear.clear = true;
    r.answer(r.ear.last_decode(), RecognisedKind::Final(clear));
    r.quiet(2000);
    assert_eq!(told(&r), ["hold", "interrupt", "heard"]);
}

#[test]
fn a_short_word_that_nobody_expects_over_a_line_is_a_hum_misheard() {
    let over = |ms, text: &str| {
        let mut r = over_a_line();
        r.speak(ms);
        r.quiet(240);
        r.answer_last(text);
        r.quiet(1000);
        told(&r)
    };
    assert_eq!(over(300, "五"), ["hold", "go on", "nothing"]);
    assert_eq!(
        over(300, "等等"),
        ["hold", "interrupt", "heard"],
        "people break in with it"
    );
    assert_eq!(
        over(300, "没有时间"),
        ["hold", "interrupt", "heard"],
        "the step expects it"
    );
}

#[test]
fn long_speech_that_comes_to_hardly_a_guess_lets_the_line_go_on() {
    let mut r = over_a_line();
    r.speak(1000);
    r.quiet(240);
    r.answer(
        r.ear.last_decode(),
        RecognisedKind::Final(unsure("蓝天白云")),
    );
    r.quiet(1000);
    assert_eq!(told(&r), ["hold", "interrupt", "nothing"]);
}
