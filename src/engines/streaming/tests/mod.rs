//! The streaming engine on the tiny models of scripts/models/tiny_streaming.py, which hear whistles: 500 Hz is 好, 1500 Hz 不,
//! 2500 Hz OK, 1000 Hz 药 or nearly as well 要.

mod strain;

use super::worker::Order;
use super::*;
use crate::engines::runtime::testing::installed;
use crate::hearing::pipeline::{HearingEvent, Pipeline, PipelineConfig};
use crate::hearing::traits::{RecognisedKind, Vad, Words};
use crate::terms::{Lang, Ms, Phrase};
use std::time::Duration;

const FRAME: usize = 160;

fn load(model: &str) -> Option<Arc<Streaming>> {
    let (_, dir) = installed(model)?;
    Some(Streaming::load(&StreamingConfig::read(&dir).unwrap()).unwrap())
}

/// Whistles and pauses: (Hz, or 0 for silence; milliseconds).
fn sound(parts: &[(u32, usize)], amplitude: f32) -> Vec<i16> {
    let tone = |hz: u32, ms: usize| {
        (0..8 * ms).map(move |i| {
            let phase = 2.0 * std::f32::consts::PI * hz as f32 * i as f32 / 8000.0;
            (phase.sin() * amplitude * 32767.0) as i16
        })
    };
    parts.iter().flat_map(|&(hz, ms)| tone(hz, ms)).collect()
}

fn frames(sound: &[i16]) -> Vec<Frame> {
    let whole = |c: &[i16]| {
        let mut frame = [0; FRAME];
        frame[..c.len()].copy_from_slice(c);
        frame
    };
    sound.chunks(FRAME).map(whole).collect()
}

struct Call {
    ear: Box<dyn Ear>,
    results: mpsc::Receiver<Recognised>,
    utterance: u32,
}

impl Call {
    fn new(engine: &Streaming) -> Call {
        let (tell, results) = mpsc::channel(64);
        Call {
            ear: engine.open(tell),
            results,
            utterance: 0,
        }
    }

    fn begin(&mut self) {
        self.utterance += 1;
        self.ear.begin(self.utterance, &[]);
    }

    fn feed(&mut self, parts: &[(u32, usize)]) {
        for frame in frames(&sound(parts, 0.2)) {
            self.ear.audio(&frame);
        }
    }

    fn id(&self, attempt: u32) -> DecodeId {
        DecodeId {
            utterance: self.utterance,
            attempt,
        }
    }

    async fn next(&mut self) -> Recognised {
        tokio::time::timeout(Duration::from_secs(60), self.results.recv())
            .await
            .expect("the engine is silent")
            .expect("the engine hung up")
    }

    /// The next result that is no rough text.
    async fn settled(&mut self) -> Recognised {
        loop {
            let result = self.next().await;
            if !matches!(result.kind, RecognisedKind::Partial(_)) {
                return result;
            }
        }
    }

    /// One whole utterance and its text; empty for nothing.
    async fn hear(&mut self, parts: &[(u32, usize)]) -> String {
        self.begin();
        self.feed(parts);
        self.ear.decode(self.id(1));
        self.ear.end();
        let result = self.settled().await;
        assert_eq!(result.id, self.id(1));
        text(result.kind)
    }
}

fn text(kind: RecognisedKind) -> String {
    match kind {
        RecognisedKind::Final(words) | RecognisedKind::Partial(words) => words.text,
        RecognisedKind::Nothing("no words") => String::new(),
        other => panic!("{other:?}"),
    }
}

/// Stops the thread until the sender is dropped, so that orders pile up.
fn hold(engine: &Streaming) -> std::sync::mpsc::Sender<()> {
    let (hold, held) = std::sync::mpsc::channel();
    order(engine, Order::Hold(held));
    hold
}

fn order(engine: &Streaming, order: Order) {
    engine.load.waiting.fetch_add(1, Ordering::Relaxed);
    engine.orders.send(order).unwrap();
}

fn expecting(phrases: &[&str], lang: Lang) -> Arc<Expectation> {
    let phrase = |t: &&str| Phrase {
        text: (*t).to_owned(),
        meaning: (*t).to_owned(),
    };
    Arc::new(Expectation {
        lang,
        phrases: phrases.iter().map(phrase).collect(),
        ..Expectation::default()
    })
}

const NOT_GOOD: [(u32, usize); 4] = [(1500, 300), (0, 100), (500, 300), (0, 100)];

#[tokio::test]
async fn whistles_are_words_and_silence_is_nothing() {
    for model in ["tiny-streaming", "tiny-transducer"] {
        let Some(engine) = load(model) else { return };
        let mut call = Call::new(&engine);
        assert_eq!(call.hear(&[(500, 300)]).await, "好");
        assert_eq!(call.hear(&NOT_GOOD).await, "不好");
        assert_eq!(call.hear(&[(0, 800)]).await, "");
        assert_eq!(call.hear(&[(700, 500)]).await, "");
        call.ear.expect(&expecting(&[], Lang::En));
        assert_eq!(call.hear(&[(2500, 300)]).await, "ok");
    }
}

#[tokio::test]
async fn calls_heard_together_in_batches_say_what_each_says_alone() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let tones = [500, 1500, 2500, 1000];
    // 40 calls (more than one batch), each with its own words, its own length and its own pauses.
    let scripts: Vec<Vec<(u32, usize)>> = (0..40)
        .map(|n| {
            let word = |k: usize| {
                [
                    (tones[(n + k * (1 + n / 4)) % 4], 180 + 7 * n),
                    (0, 90 + 5 * n),
                ]
            };
            (0..1 + n % 5).flat_map(word).collect()
        })
        .collect();
    let mut alone = Vec::new();
    for script in &scripts {
        alone.push(Call::new(&engine).hear(script).await);
    }
    assert!(alone.iter().all(|t| !t.is_empty()), "{alone:?}");
    let mut calls: Vec<Call> = scripts.iter().map(|_| Call::new(&engine)).collect();
    let mut waiting: Vec<_> = scripts
        .iter()
        .map(|s| frames(&sound(s, 0.2)).into_iter())
        .collect();
    let held = hold(&engine);
    calls.iter_mut().for_each(Call::begin);
    let mut left = calls.len();
    while left > 0 {
        for (call, frames) in calls.iter_mut().zip(&mut waiting) {
            match frames.next() {
                Some(frame) => call.ear.audio(&frame),
                None if call.utterance == 1 => {
                    call.ear.decode(call.id(1));
                    call.ear.end();
                    call.utterance = 0;
                    left -= 1;
                }
                None => {}
            }
        }
    }
    drop(held);
    for (call, alone) in calls.iter_mut().zip(&alone) {
        assert_eq!(&text(call.settled().await.kind), alone);
    }
    assert_eq!(engine.counts().lost, 0);
}

#[tokio::test]
async fn rough_texts_come_while_somebody_speaks_and_only_grow() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    call.begin();
    let mut shown = Vec::new();
    for (word, so_far) in [(500, "好"), (1500, "好不"), (500, "好不好")] {
        call.feed(&[(word, 300), (0, 300)]);
        // No decode was asked for and the utterance goes on.
        loop {
            let rough = call.next().await;
            assert!(matches!(rough.kind, RecognisedKind::Partial(_)));
            assert_eq!(rough.id.utterance, 1);
            let rough = text(rough.kind);
            shown.push(rough.clone());
            if rough == so_far {
                break;
            }
        }
    }
    let grows = |w: &[String]| w[1].starts_with(&w[0]) && w[1] != w[0];
    assert!(shown.windows(2).all(grows), "{shown:?}");
}

#[tokio::test]
async fn a_pause_gives_the_text_so_far_and_speech_that_goes_on_takes_the_question_back() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    call.begin();
    call.feed(&[(500, 300), (0, 200)]);
    call.ear.decode(call.id(1));
    call.feed(&[(0, 100)]);
    // Speech goes on before the text is settled.
    call.ear.withdraw(call.id(1));
    call.feed(&[(1500, 300), (0, 200)]);
    call.ear.decode(call.id(2));
    call.feed(&[(0, 600)]);
    let pause = call.settled().await;
    assert_eq!((pause.id, text(pause.kind).as_str()), (call.id(2), "好不"));
    // It was only a pause: the same utterance goes on to its end.
    call.feed(&[(2500, 300), (0, 200)]);
    call.ear.decode(call.id(3));
    call.ear.end();
    let last = call.settled().await;
    assert_eq!((last.id, text(last.kind).as_str()), (call.id(3), "好不ok"));
}

#[tokio::test]
async fn an_utterance_knows_nothing_of_the_one_before() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    // Cut off in mid-whistle, and never asked for.
    call.begin();
    call.feed(&[(500, 310)]);
    assert_eq!(call.hear(&[(1500, 300)]).await, "不");
    assert_eq!(call.hear(&[(0, 400)]).await, "");
    call.begin();
    call.feed(&[(500, 300)]);
    call.ear.end();
    assert_eq!(call.hear(&NOT_GOOD).await, "不好");
}

#[tokio::test]
async fn expected_phrases_tip_the_scales_where_the_model_can_favour_them() {
    let Some(engine) = load("tiny-transducer") else {
        return;
    };
    let mut call = Call::new(&engine);
    assert_eq!(call.hear(&[(1000, 300)]).await, "药");
    // What the tokens cannot spell must not take the rest along.
    call.ear
        .expect(&expecting(&["我想要", "不要", "要。", "yes"], Lang::Zh));
    assert_eq!(call.hear(&[(1000, 300)]).await, "要");
    assert_eq!(
        call.hear(&[(1500, 300), (0, 100), (1000, 300)]).await,
        "不要"
    );
    call.ear.expect(&expecting(&["好"], Lang::Zh));
    assert_eq!(call.hear(&[(1000, 300)]).await, "药");
    // A CTC model favours nothing, and is not asked to: that would end the process.
    let Some(ctc) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&ctc);
    call.ear.expect(&expecting(&["要"], Lang::Zh));
    assert_eq!(call.hear(&[(1000, 300)]).await, "药");
}

#[tokio::test]
async fn a_transducer_is_surer_of_a_clear_word_than_of_a_faint_one() {
    let Some(engine) = load("tiny-transducer") else {
        return;
    };
    let mut call = Call::new(&engine);
    let mut confidences = Vec::new();
    for amplitude in [0.2, 0.01] {
        call.begin();
        for frame in frames(&sound(&[(500, 300)], amplitude)) {
            call.ear.audio(&frame);
        }
        call.ear.decode(call.id(1));
        call.ear.end();
        match call.settled().await.kind {
            RecognisedKind::Final(Words {
                text, confidence, ..
            }) if text == "好" => confidences.push(confidence),
            other => panic!("{other:?}"),
        }
    }
    let [clear, faint] = confidences[..] else {
        panic!()
    };
    assert!(clear > faint + 0.05, "{clear} and {faint}");
    assert!((0.0..=1.0).contains(&clear));
}

/// Loud is speech.
struct Loudness;

impl Vad for Loudness {
    fn name(&self) -> &'static str {
        "loudness"
    }
    fn probability(&mut self, frame: &Frame) -> f32 {
        f32::from(u8::from(frame.iter().any(|s| s.unsigned_abs() > 1000)))
    }
}

#[tokio::test]
async fn through_the_whole_hearing_a_turn_is_heard_with_its_rough_texts_before_it() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let (tell, mut results) = mpsc::channel(64);
    let config = PipelineConfig::default();
    let mut hearing = Pipeline::new(config, None, Box::new(Loudness), engine.open(tell));
    hearing.expect(expecting(&["好", "不好"], Lang::Zh));
    let mut out = Vec::new();
    let mut now = Ms(0);
    let whistled = sound(
        &[(0, 400), (1500, 400), (0, 60), (500, 400), (0, 1500)],
        0.2,
    );
    for frame in frames(&whistled) {
        now = now.after(20);
        let (rounds, quiet) = (engine.counts().rounds, engine.counts().streams == 0);
        hearing.frame(now, &frame, &mut out);
        // The sound comes at the speed of the engine, not of a clock.
        let idle = quiet && engine.load.waiting.load(Ordering::Relaxed) == 0;
        while !idle && engine.counts().rounds == rounds {
            tokio::task::yield_now().await;
        }
        while let Ok(result) = results.try_recv() {
            hearing.recognised(now, result, &mut out);
        }
    }
    let heard = |e: &HearingEvent| matches!(e, HearingEvent::Heard { .. });
    while !out.iter().any(heard) {
        let result = tokio::time::timeout(Duration::from_secs(60), results.recv()).await;
        hearing.recognised(now, result.unwrap().unwrap(), &mut out);
    }
    let heard: Vec<_> = out.iter().filter(|e| heard(e)).collect();
    let [
        HearingEvent::Heard {
            text, candidates, ..
        },
    ] = heard[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!(
        (text.as_str(), candidates[0].phrase.as_str()),
        ("不好", "不好")
    );
    let rough: Vec<&str> = out
        .iter()
        .filter_map(|e| match e {
            HearingEvent::Partial { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(rough.first(), Some(&"不"));
}
