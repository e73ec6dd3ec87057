//! Who speaks when, in real calls: a callee whose words are tones (the ear of these tests knows what each tone says) talks over
//! the robot, pauses in mid-sentence, hums.

use crate::line::{CALLEE, Line, Said, next_ports};
use crate::rig::callee;
use callsmith::audio::tone::{Tone, level_of};
use callsmith::audio::{Frame, level, wav};
use callsmith::farend;
use callsmith::farend::report::CallReport;
use callsmith::farend::scenario::{Act, Answer, Scenario};
use callsmith::hearing::traits::{
    DecodeId, Ear, Recognised, RecognisedKind, Recognizer, Shape, Vad, Words,
};
use callsmith::terms::{CallEvent, Expectation, Happening, Lang};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

const PLAN: &str = include_str!("../data/dialplans/turns.yaml");
/// What each tone says; the last is a noise.
const WORDS: [(u32, &str); 5] = [
    (700, "uh-huh"),
    (900, "wait a moment"),
    (1100, "yes"),
    (1300, "because we"),
    (1700, ""),
];
/// The robot's line in these tests, ms.
const LINE_MS: u64 = 3000;

struct Played {
    events: Vec<CallEvent>,
    wire: CallReport,
}

impl Played {
    fn has(&self, want: impl Fn(&Happening) -> bool) -> bool {
        self.events.iter().any(|e| want(&e.what))
    }

    /// Lines that were cut short.
    fn interrupted(&self) -> usize {
        let cut = |e: &&CallEvent| {
            matches!(
                e.what,
                Happening::Said {
                    interrupted: true,
                    ..
                }
            )
        };
        self.events.iter().filter(cut).count()
    }

    /// From the end of these words to the moment their turn was over.
    fn closed_after(&self, words: &str) -> u64 {
        let heard = self.events.iter().find_map(|e| match &e.what {
            Happening::Heard { text, ended, .. } if text == words => Some(e.at.since(*ended)),
            _ => None,
        });
        heard.unwrap_or_else(|| panic!("{words:?} was not heard: {:?}", self.events))
    }

    fn heard(&self) -> Vec<&str> {
        let mut all = Vec::new();
        for event in &self.events {
            all.extend(match &event.what {
                Happening::Heard { text, .. } => Some(text.as_str()),
                _ => None,
            });
        }
        all
    }
}

/// One call: the script is given the folder in which its words lie.
async fn call(ear: Ears, script: impl Fn(&dyn Fn(&str, u64) -> PathBuf) -> Vec<Act>) -> Played {
    let folder = tempfile::tempdir().unwrap();
    let say = |words: &str, ms: u64| speech(folder.path(), words, ms);
    let ports = next_ports();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = ports;
    scenario.callees = vec![callee(Answer::Ring { ms: 100 }, script(&say))];
    let far = farend::start(scenario).unwrap();
    let Said { events, .. } = Line {
        trunk: far.sip,
        dialplan: PLAN,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(10),
        rtp_timeout: Duration::from_secs(15),
        folder: folder.path(),
        recognizer: Arc::new(ear),
        vad: || Box::new(Loud),
        voice_ms: LINE_MS,
    }
    .call()
    .await;
    let wire = far.stop().await.unwrap();
    let wire = wire.calls.into_iter().find(|c| c.number == CALLEE).unwrap();
    Played { events, wire }
}

fn speech(folder: &Path, words: &str, ms: u64) -> PathBuf {
    let (hz, _) = WORDS.iter().find(|(_, w)| *w == words).unwrap();
    let mut sound = vec![0; ms as usize * 8];
    Tone::new(f64::from(*hz), -18.0).fill(&mut sound);
    // A second tone: one alone would be an answering machine's beep.
    let mut other = vec![0; sound.len()];
    Tone::new(f64::from(*hz) + 333.0, -18.0).fill(&mut other);
    for (s, o) in sound.iter_mut().zip(other) {
        *s += o;
    }
    let path = folder.join(format!("{hz}-{ms}.wav"));
    wav::write(&path, &sound, 8000).unwrap();
    path
}

fn over(wav: PathBuf) -> Act {
    Act::SayOver {
        // The disclosure and the question follow each other without a pause.
        after_ms: LINE_MS + 1200,
        wav,
        text: String::new(),
        id: String::new(),
        max_ms: 20_000,
    }
}

fn say(wav: PathBuf) -> Act {
    Act::Say {
        wav,
        text: String::new(),
        id: String::new(),
    }
}

fn robot_done() -> Act {
    Act::WaitRobot {
        min_speech_ms: 300,
        quiet_ms: 700,
        max_ms: 20_000,
    }
}

fn stay() -> Act {
    Act::UntilHangup { max_ms: 20_000 }
}

/// `acts` over the question, then a yes that ends the call.
fn in_the_question(acts: Vec<Act>, yes: PathBuf) -> Vec<Act> {
    let mut all = acts;
    all.extend([robot_done(), say(yes), stay()]);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_channel_leaves_the_line_whole_and_the_dialogue_sees_no_turn() {
    let played = call(Ears::quick(), |w| {
        in_the_question(vec![over(w("uh-huh", 300))], w("yes", 400))
    })
    .await;
    assert_eq!(played.interrupted(), 0);
    assert!(played.has(|h| matches!(h, Happening::BackChannel { text } if text == "uh-huh")));
    assert_eq!(played.heard(), ["yes"]);
    let said = played.wire.robot_voiced_ms;
    assert!(said >= 3 * LINE_MS, "all three lines were spoken: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn real_words_stop_the_line() {
    let played = call(Ears::quick(), |w| {
        in_the_question(vec![over(w("wait a moment", 800))], w("yes", 400))
    })
    .await;
    assert_eq!(
        played.interrupted(),
        1,
        "{:?}",
        played
            .events
            .iter()
            .map(|e| (e.at.0, &e.what))
            .collect::<Vec<_>>()
    );
    assert_eq!(played.heard().first(), Some(&"wait a moment"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_noise_the_line_goes_on_and_not_from_its_start() {
    let played = call(Ears::quick(), |w| {
        in_the_question(vec![over(w("", 1000))], w("yes", 400))
    })
    .await;
    assert_eq!(played.interrupted(), 0);
    assert_eq!(played.heard(), ["yes"]);
    let stopped = played.wire.interrupts[0].robot_last_voiced_ms.unwrap();
    let spans = &played.wire.robot_spans;
    assert!(
        spans.iter().any(|s| s.from_ms > stopped),
        "it stopped and went on: {spans:?}"
    );
    // Three lines, and less than half of one said again.
    let said = played.wire.robot_voiced_ms;
    assert!(said < 3 * LINE_MS + LINE_MS / 2, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clear_answer_closes_its_turn_before_an_unfinished_sentence_does() {
    let played = call(Ears::quick(), |w| {
        vec![
            robot_done(),
            say(w("because we", 600)),
            robot_done(),
            say(w("yes", 400)),
            stay(),
        ]
    })
    .await;
    let unfinished = played.closed_after("because we");
    assert!(
        unfinished >= 700,
        "the open question's own silence: {unfinished}"
    );
    let clear = played.closed_after("yes");
    assert!(clear < unfinished, "{clear} {unfinished}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recogniser_that_hangs_costs_words_and_no_sound() {
    let played = call(Ears::stuck(), |w| {
        vec![robot_done(), say(w("yes", 400)), robot_done(), Act::Hangup]
    })
    .await;
    assert!(played.has(|h| matches!(h, Happening::Degraded { .. })));
    assert!(played.has(|h| matches!(h, Happening::NotUnderstood { .. })));
    assert!(
        played.wire.robot_voiced_ms >= 2 * LINE_MS,
        "the robot spoke on"
    );
    assert_eq!(played.wire.rtp_in.lost, 0);
}

/// Knows tones as words.
#[derive(Clone)]
struct Ears {
    /// Never answers.
    stuck: bool,
}

impl Ears {
    fn quick() -> Self {
        Ears { stuck: false }
    }
    fn stuck() -> Self {
        Ears { stuck: true }
    }
}

impl Recognizer for Ears {
    fn name(&self) -> &'static str {
        "tones"
    }
    fn shape(&self) -> Shape {
        Shape::Segment
    }
    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(ToneEar {
            stuck: self.stuck,
            sound: Vec::new(),
            tell,
        })
    }
}

struct ToneEar {
    stuck: bool,
    sound: Vec<i16>,
    tell: mpsc::Sender<Recognised>,
}

impl Ear for ToneEar {
    fn expect(&mut self, _: &Arc<Expectation>) {}
    fn begin(&mut self, _: u32, preroll: &[i16]) {
        self.sound = preroll.to_vec();
    }
    fn audio(&mut self, frame: &Frame) {
        self.sound.extend_from_slice(frame);
    }
    fn partial(&mut self, _: DecodeId) {}
    fn decode(&mut self, id: DecodeId) {
        if self.stuck {
            return;
        }
        let (_, text) = WORDS
            .iter()
            .max_by(|a, b| {
                let level = |hz: u32| level_of(&self.sound, f64::from(hz));
                level(a.0).total_cmp(&level(b.0))
            })
            .unwrap();
        let kind = match *text {
            "" => RecognisedKind::Nothing("a noise"),
            text => RecognisedKind::Final(Words {
                text: text.into(),
                lang: Lang::En,
                confidence: 0.9,
                ..Words::default()
            }),
        };
        let _ = self.tell.try_send(Recognised { id, kind });
    }
    fn end(&mut self) {
        self.sound.clear();
    }
}

/// What is loud is speech.
struct Loud;

impl Vad for Loud {
    fn name(&self) -> &'static str {
        "loud"
    }
    fn probability(&mut self, frame: &Frame) -> f32 {
        if level::rms_dbfs(frame) > -40.0 {
            0.95
        } else {
            0.02
        }
    }
}
