//! The pipeline on virtual time, with a VAD that hears level and an ear that says what the script tells it.

use super::*;
use crate::hearing::traits::Words;
use crate::terms::TurnProfile;
use std::sync::Mutex;

mod turn_taking;

struct LevelVad;
impl Vad for LevelVad {
    fn name(&self) -> &'static str {
        "level"
    }
    fn probability(&mut self, frame: &Frame) -> f32 {
        if level_db(frame) > -40.0 { 0.95 } else { 0.02 }
    }
}

/// What the ear was asked.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Begin(u32, usize),
    Partial(DecodeId),
    Idle(DecodeId),
    Decode(DecodeId),
    Withdraw(DecodeId),
    End,
}

#[derive(Clone, Default)]
struct Script(Arc<Mutex<Vec<Asked>>>);

impl Script {
    fn push(&self, a: Asked) {
        self.0.lock().unwrap().push(a);
    }
    fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
    fn last_decode(&self) -> DecodeId {
        let asked = self.0.lock().unwrap();
        asked
            .iter()
            .rev()
            .find_map(|a| match a {
                Asked::Decode(id) => Some(*id),
                _ => None,
            })
            .expect("a decode was asked for")
    }
}

impl Ear for Script {
    fn expect(&mut self, _: &Arc<Expectation>) {}
    fn begin(&mut self, utterance: u32, preroll: &[i16]) {
        self.push(Asked::Begin(utterance, preroll.len()));
    }
    fn audio(&mut self, _: &Frame) {}
    fn partial(&mut self, id: DecodeId) {
        self.push(Asked::Partial(id));
    }
    fn idle_partial(&mut self, id: DecodeId) {
        self.push(Asked::Idle(id));
    }
    fn withdraw(&mut self, id: DecodeId) {
        self.push(Asked::Withdraw(id));
    }
    fn decode(&mut self, id: DecodeId) {
        self.push(Asked::Decode(id));
    }
    fn end(&mut self) {
        self.push(Asked::End);
    }
}

struct Rig {
    pipeline: Pipeline,
    ear: Script,
    now: Ms,
    events: Vec<HearingEvent>,
}

impl Rig {
    fn new(profile: TurnProfile) -> Self {
        let ear = Script::default();
        let mut pipeline = Pipeline::new(
            PipelineConfig::default(),
            None,
            Box::new(LevelVad),
            Box::new(ear.clone()),
        );
        pipeline.expect(Arc::new(Expectation {
            profile,
            phrases: ["试听课", "没有时间"].map(phrase).to_vec(),
            interruptible: true,
            ..Expectation::default()
        }));
        Rig {
            pipeline,
            ear,
            now: Ms(0),
            events: Vec::new(),
        }
    }

    fn sound(&mut self, ms: u64, amplitude: i16) {
        for _ in 0..ms / FRAME_MS {
            self.now = self.now.after(FRAME_MS);
            self.pipeline
                .frame(self.now, &[amplitude; 160], &mut self.events);
        }
    }
    fn speak(&mut self, ms: u64) {
        self.sound(ms, 3000);
    }
    fn quiet(&mut self, ms: u64) {
        self.sound(ms, 3);
    }
    fn answer(&mut self, id: DecodeId, kind: RecognisedKind) {
        self.pipeline
            .recognised(self.now, Recognised { id, kind }, &mut self.events);
    }
    fn answer_last(&mut self, text: &str) {
        self.answer(self.ear.last_decode(), final_text(text));
    }
    fn heard(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter_map(|e| match e {
                HearingEvent::Heard { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
    fn interrupts(&self) -> usize {
        self.events
            .iter()
            .filter(|e| matches!(e, HearingEvent::Interrupt { .. }))
            .count()
    }
}

fn words(text: &str) -> Words {
    Words {
        text: text.into(),
        confidence: 0.9,
        ..Words::default()
    }
}

fn final_text(text: &str) -> RecognisedKind {
    RecognisedKind::Final(words(text))
}

/// Words that are not sure enough to close a turn early.
fn doubtful(text: &str) -> RecognisedKind {
    RecognisedKind::Final(Words {
        confidence: 0.45,
        ..words(text)
    })
}

#[test]
fn a_text_that_came_in_the_pause_is_told_the_moment_the_turn_ends() {
    let mut r = Rig::new(TurnProfile::Open);
    r.quiet(1000);
    r.speak(600);
    r.quiet(240);
    r.answer_last("是听课");
    assert!(r.heard().is_empty(), "the turn is still open");
    r.quiet(60);
    let HearingEvent::Heard {
        text,
        began,
        ended,
        candidates,
        ..
    } = r.events.last().unwrap()
    else {
        panic!("{:?}", r.events)
    };
    assert_eq!(
        (text.as_str(), *began, *ended),
        ("是听课", Ms(1000), Ms(1600))
    );
    assert_eq!(
        candidates[0].phrase, "试听课",
        "a hint beside the free text"
    );
    assert_eq!(r.now, Ms(1900));
    assert_eq!(r.ear.take().last(), Some(&Asked::End));
}

#[test]
fn the_recogniser_gets_the_sound_from_300_ms_before_the_first_voice() {
    let mut r = Rig::new(TurnProfile::Open);
    r.quiet(1000);
    r.speak(120);
    assert_eq!(r.ear.take(), [Asked::Begin(1, (300 + 120) * 8)]);
}

#[test]
fn speech_that_goes_on_throws_the_guess_away() {
    let mut r = Rig::new(TurnProfile::Open);
    r.speak(600);
    r.quiet(300);
    let first = r.ear.last_decode();
    r.speak(600);
    assert!(r.ear.take().contains(&Asked::Withdraw(first)));
    r.answer(first, final_text("我想"));
    r.quiet(300);
    let second = r.ear.last_decode();
    assert!(second > first);
    r.quiet(400);
    assert!(r.heard().is_empty());
    r.answer(first, final_text("我想"));
    assert!(r.heard().is_empty(), "the stale text was told");
    r.answer(second, final_text("我想试听"));
    assert_eq!(r.heard(), ["我想试听"]);
}

#[test]
fn a_yes_no_question_closes_the_turn_earlier_than_an_open_one() {
    let closes = |profile| {
        let mut r = Rig::new(profile);
        r.speak(400);
        r.quiet(260);
        r.answer(r.ear.last_decode(), doubtful("没听过的话"));
        while r.heard().is_empty() {
            r.quiet(20);
        }
        r.now
    };
    assert_eq!(closes(TurnProfile::YesNo), Ms(800));
    assert_eq!(closes(TurnProfile::Open), Ms(1100));
    assert_eq!(closes(TurnProfile::Digits), Ms(1600));
}

#[test]
fn a_back_channel_over_a_prompt_does_not_stop_it() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.robot_speaking(true, true);
    r.quiet(500);
    r.speak(400);
    r.quiet(300);
    r.answer_last("嗯");
    r.quiet(500);
    assert_eq!(r.interrupts(), 0);
    assert_eq!(
        r.events.last(),
        Some(&HearingEvent::BackChannel { text: "嗯".into() })
    );
}

#[test]
fn the_same_back_channel_to_a_silent_robot_is_an_answer() {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.speak(300);
    r.quiet(300);
    r.answer_last("嗯");
    r.quiet(200);
    assert_eq!(r.heard(), ["嗯"]);
}

#[test]
fn a_real_word_over_a_prompt_stops_it_at_once_and_is_then_heard() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.robot_speaking(true, true);
    r.quiet(500);
    r.speak(420);
    let asked = r.ear.take();
    let Some(Asked::Partial(id)) = asked.last().cloned() else {
        panic!("{asked:?}")
    };
    r.answer(id, RecognisedKind::Partial(words("等一下")));
    assert!(r.events.contains(&HearingEvent::TalkOver), "held");
    assert_eq!(r.interrupts(), 0, "rough words are no words yet");
    r.speak(300);
    assert_eq!(r.interrupts(), 1);
    r.quiet(300);
    r.answer_last("等一下我在开会");
    r.quiet(500);
    assert_eq!(r.interrupts(), 1, "told once");
    assert_eq!(r.heard(), ["等一下我在开会"]);
}

#[test]
fn long_speech_stops_a_prompt_before_any_word_is_known() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.robot_speaking(true, true);
    r.speak(680);
    assert_eq!(r.interrupts(), 0);
    r.speak(60);
    assert_eq!(r.interrupts(), 1);
}

#[test]
fn noise_that_stopped_a_prompt_is_a_false_start() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.robot_speaking(true, true);
    r.speak(800);
    r.pipeline.robot_speaking(false, false);
    r.quiet(300);
    r.answer(r.ear.last_decode(), RecognisedKind::Nothing("not speech"));
    r.quiet(500);
    assert_eq!(r.interrupts(), 1);
    assert_eq!(r.events.last(), Some(&HearingEvent::FalseStart));
}

#[test]
fn a_line_that_must_be_heard_is_not_stopped_but_the_words_are_kept() {
    let mut r = Rig::new(TurnProfile::Open);
    r.pipeline.robot_speaking(true, false);
    r.speak(1500);
    r.quiet(300);
    r.answer_last("不要再打电话了");
    r.quiet(500);
    assert_eq!(r.interrupts(), 0);
    assert_eq!(r.heard(), ["不要再打电话了"]);
}

#[test]
fn a_late_decode_ends_in_not_understood_and_its_text_is_dropped() {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.speak(400);
    r.quiet(400);
    let (at, _) = r.pipeline.deadline().unwrap();
    assert_eq!(at, Ms(800 + 2500));
    r.now = at;
    r.pipeline.wake(at, &mut r.events);
    let tail = &r.events[r.events.len() - 2..];
    assert!(matches!(tail[0], HearingEvent::Degraded(_)), "{tail:?}");
    assert!(matches!(tail[1], HearingEvent::NotUnderstood { .. }));
    assert_eq!(r.pipeline.deadline(), None);
    r.answer_last("好的");
    assert!(r.heard().is_empty());
}

#[test]
fn an_engine_that_fails_is_told_as_degraded() {
    let mut r = Rig::new(TurnProfile::YesNo);
    r.speak(400);
    r.quiet(300);
    r.answer(r.ear.last_decode(), RecognisedKind::Failed("boom".into()));
    r.quiet(200);
    assert!(r.events.contains(&HearingEvent::Degraded("boom".into())));
    assert!(matches!(
        r.events.last(),
        Some(HearingEvent::NotUnderstood { .. })
    ));
}

#[test]
fn sound_that_stops_in_mid_speech_still_ends_the_turn() {
    let mut r = Rig::new(TurnProfile::Open);
    r.speak(600);
    let (at, _) = r.pipeline.deadline().unwrap();
    r.now = at;
    r.pipeline.wake(at, &mut r.events);
    r.answer_last("喂");
    assert_eq!(r.heard(), ["喂"]);
}

#[test]
fn rough_texts_are_asked_for_over_a_prompt_and_only_idly_otherwise() {
    let partials = |over: bool| {
        let mut r = Rig::new(TurnProfile::Open);
        r.pipeline.robot_speaking(over, true);
        r.quiet(100);
        r.speak(660);
        let asked = r.ear.take();
        (
            asked
                .iter()
                .filter(|a| matches!(a, Asked::Partial(_)))
                .count(),
            asked.iter().filter(|a| matches!(a, Asked::Idle(_))).count(),
        )
    };
    assert_eq!(partials(true), (1, 0));
    assert_eq!(partials(false), (0, 1));
}

fn phrase(text: &str) -> crate::terms::Phrase {
    crate::terms::Phrase {
        text: text.to_owned(),
        meaning: text.to_owned(),
    }
}
