//! What the callee does: a script run on 20 ms ticks. No clock, no socket.

use super::ears::Ears;
use super::mouth::{Frame, Mouth};
use super::report::Speech;
use super::scenario::{Act, Answer, Callee};
use super::wav::Clip;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Clips by the path that named them.
pub(super) type Clips = BTreeMap<PathBuf, Arc<Clip>>;

/// Still speaking, although between two words.
const SPEAKING_MS: u64 = 200;
/// How long a callee whose script is over waits for the robot to hang up.
const AFTER_SCRIPT_MS: u64 = 120_000;

/// What the script asks of the call.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Hangup,
    Hold,
    Resume,
    Vanish,
}

/// A script at work.
#[derive(Debug)]
pub(super) struct Script {
    acts: VecDeque<Act>,
    clips: Arc<Clips>,
    mouth: Mouth,
    /// When the current act began; `None` before its first tick.
    since: Option<u64>,
    /// The current act has begun to play.
    playing: bool,
    pub(super) speeches: Vec<Speech>,
    pub(super) notes: Vec<String>,
}

impl Script {
    /// What happens after the callee has answered.
    pub(super) fn after_answer(callee: &Callee, answer: &Answer, clips: Arc<Clips>) -> Self {
        let mut acts: VecDeque<Act> = callee.flat_script().into();
        if let Answer::Voicemail { greeting, beep, .. } = answer {
            if *beep {
                let (hz, ms, level_db) = (1000, 400, -15.0);
                acts.push_front(Act::Tone { hz, ms, level_db });
            }
            let wav = greeting.clone();
            acts.push_front(Act::Play { wav });
        }
        Script::new(acts, callee, clips)
    }

    /// An announcement in early media.
    pub(super) fn announcement(wav: &Path, callee: &Callee, clips: Arc<Clips>) -> Self {
        let wav = wav.to_owned();
        Script::new(VecDeque::from([Act::Play { wav }]), callee, clips)
    }

    fn new(acts: VecDeque<Act>, callee: &Callee, clips: Arc<Clips>) -> Self {
        let noise = callee.noise.as_ref().and_then(|path| clips.get(path));
        let noise = noise.map(|clip| Arc::new(clip.at_level(callee.noise_db)));
        Script {
            acts,
            mouth: Mouth::new(noise),
            clips,
            since: None,
            playing: false,
            speeches: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Every act is done.
    pub(super) fn finished(&self) -> bool {
        self.acts.is_empty()
    }

    /// One tick: the frame to send now, and orders.
    pub(super) fn tick(&mut self, now: u64, ears: &mut Ears, orders: &mut Vec<Order>) -> Frame {
        // An act that is over gives way within the tick, so that nothing waits for the next one.
        while self.step(now, ears, orders) {
            self.acts.pop_front();
            self.since = None;
            self.playing = false;
        }
        let frame = self.mouth.frame();
        let speaking = matches!(
            self.acts.front(),
            Some(Act::Say { .. } | Act::SayOver { .. })
        );
        if let (true, Frame::Audio { voiced: true, .. }, Some(speech)) =
            (speaking, &frame, self.speeches.last_mut())
        {
            speech.first_ms.get_or_insert(now);
            speech.last_ms = now;
            ears.mark();
        }
        frame
    }

    /// True when the current act is over.
    fn step(&mut self, now: u64, ears: &mut Ears, orders: &mut Vec<Order>) -> bool {
        let started = self.since.is_none();
        let since = *self.since.get_or_insert(now);
        let elapsed = now - since;
        let Some(act) = self.acts.front().cloned() else {
            if elapsed > AFTER_SCRIPT_MS {
                self.since = Some(now);
                orders.push(Order::Hangup);
            }
            return false;
        };
        let speaking = ears.quiet_for(now) < SPEAKING_MS;
        match act {
            Act::WaitRobot {
                min_speech_ms,
                quiet_ms,
                max_ms,
            } => {
                let spoken = ears.spoken_since_mark() >= min_speech_ms;
                let done = spoken && ears.quiet_for(now) >= quiet_ms;
                if done {
                    ears.mark();
                }
                done || self.overdue(elapsed, max_ms, "wait_robot")
            }
            Act::Say { wav, text, id } => self.speak(&wav, text, id, false),
            Act::SayOver {
                after_ms,
                wav,
                text,
                id,
                max_ms,
            } => {
                let ripe = speaking && ears.spoken_since_mark() >= after_ms;
                if !(self.playing || ripe) {
                    return self.overdue(elapsed, max_ms, "say_over");
                }
                self.speak(&wav, text, id, true)
            }
            Act::Play { wav } => {
                let clip = self.clip(&wav);
                self.play(clip)
            }
            Act::Tone { hz, ms, level_db } => {
                self.play_with(|| Arc::new(Clip::tone(hz, ms, level_db)))
            }
            Act::Pause { ms } => elapsed >= ms,
            Act::Dtmf { digits } => {
                if !self.playing {
                    self.playing = true;
                    self.mouth.press(&digits);
                }
                !self.mouth.busy()
            }
            Act::Hangup => order(orders, Order::Hangup),
            Act::HangupAfterRobotStarts { ms, max_ms } => {
                if speaking && ears.spoken_since_mark() >= ms {
                    return order(orders, Order::Hangup);
                }
                self.overdue(elapsed, max_ms, "hangup_after_robot_starts")
            }
            Act::Hold => order(orders, Order::Hold),
            Act::Resume => order(orders, Order::Resume),
            Act::Vanish => order(orders, Order::Vanish),
            Act::WaitTone { hz, min_ms, max_ms } => {
                ears.heard_tone(hz, min_ms) || self.overdue(elapsed, max_ms, "wait_tone")
            }
            Act::UntilHangup { max_ms } => {
                if !started && elapsed >= max_ms {
                    return order(orders, Order::Hangup);
                }
                false
            }
            // Written out when the script was flattened.
            Act::Repeat { .. } => true,
        }
    }

    fn speak(&mut self, wav: &Path, text: String, id: String, over: bool) -> bool {
        if !self.playing {
            self.speeches.push(Speech {
                id,
                text,
                over,
                ..Speech::default()
            });
        }
        let clip = self.clip(wav);
        self.play(clip)
    }

    fn play(&mut self, clip: Arc<Clip>) -> bool {
        self.play_with(|| clip)
    }

    fn play_with(&mut self, clip: impl FnOnce() -> Arc<Clip>) -> bool {
        if !self.playing {
            self.playing = true;
            self.mouth.play(clip());
        }
        !self.mouth.busy()
    }

    fn clip(&self, wav: &Path) -> Arc<Clip> {
        self.clips.get(wav).cloned().unwrap_or_default()
    }

    fn overdue(&mut self, elapsed: u64, max_ms: u64, act: &str) -> bool {
        let over = elapsed >= max_ms;
        if over {
            self.notes.push(format!("{act} gave up after {max_ms} ms"));
        }
        over
    }
}

fn order(orders: &mut Vec<Order>, order: Order) -> bool {
    orders.push(order);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a script against a robot that is a list of spans in which it speaks.
    struct Bench {
        script: Script,
        ears: Ears,
        now: u64,
        orders: Vec<(u64, Order)>,
    }

    fn bench(acts: Vec<Act>) -> Bench {
        let mut clips = Clips::new();
        // Speech with 200 ms of silence at the end.
        let mut word = Clip::tone(300, 400, -20.0).frames.concat();
        word.extend([0; 1600]);
        clips.insert("word.wav".into(), Arc::new(Clip::new(&word)));
        let callee = Callee {
            script: acts,
            ..Callee::new("1")
        };
        Bench {
            script: Script::after_answer(&callee, &Answer::default(), Arc::new(clips)),
            ears: Ears::new(&[440]),
            now: 0,
            orders: Vec::new(),
        }
    }

    impl Bench {
        fn robot(&mut self, ms: u64, hz: Option<u32>) {
            let clip = hz.map_or_else(
                || Clip::new(&vec![8; ms as usize * 8]),
                |hz| Clip::tone(hz, ms, -20.0),
            );
            for frame in &clip.frames {
                self.now += 20;
                self.ears.hear(self.now, frame);
                let mut orders = Vec::new();
                self.script.tick(self.now, &mut self.ears, &mut orders);
                self.orders
                    .extend(orders.into_iter().map(|order| (self.now, order)));
            }
        }
    }

    fn say() -> Act {
        Act::Say {
            wav: "word.wav".into(),
            text: "word".into(),
            id: String::new(),
        }
    }

    fn wait(max_ms: u64) -> Act {
        Act::WaitRobot {
            min_speech_ms: 300,
            quiet_ms: 350,
            max_ms,
        }
    }

    #[test]
    fn a_callee_speaks_once_the_robot_has_spoken_and_is_quiet() {
        let mut bench = bench(vec![wait(9000), say(), wait(9000), Act::Hangup]);
        bench.robot(500, None);
        bench.robot(100, Some(300)); // a click, not speech
        bench.robot(500, None);
        assert!(bench.script.speeches.is_empty());
        bench.robot(1000, Some(300)); // to 2100
        bench.robot(1000, None);
        assert_eq!(bench.script.speeches[0].first_ms, Some(2460));
        assert_eq!(bench.script.speeches[0].last_ms, 2840);
        bench.robot(600, Some(300)); // to 3700
        bench.robot(1000, None);
        assert_eq!(bench.orders, [(4060, Order::Hangup)]);
        assert!(bench.script.notes.is_empty());
    }

    #[test]
    fn an_interruption_waits_until_the_robot_has_been_speaking() {
        let over = Act::SayOver {
            after_ms: 700,
            wav: "word.wav".into(),
            text: String::new(),
            id: String::new(),
            max_ms: 9000,
        };
        let mut bench = bench(vec![over]);
        bench.robot(300, None);
        bench.robot(2000, Some(300));
        assert_eq!(bench.script.speeches[0].first_ms, Some(1000));
        assert!(bench.script.speeches[0].over && bench.script.finished());
    }

    #[test]
    fn a_robot_that_never_speaks_does_not_hang_the_script() {
        let mut bench = bench(vec![wait(1000), Act::UntilHangup { max_ms: 500 }]);
        bench.robot(2000, None);
        assert_eq!(bench.orders, [(1520, Order::Hangup)]);
        assert_eq!(bench.script.notes, ["wait_robot gave up after 1000 ms"]);
    }

    #[test]
    fn hanging_up_in_mid_sentence_is_counted_from_the_robot_s_first_word() {
        let mut bench = bench(vec![Act::HangupAfterRobotStarts {
            ms: 300,
            max_ms: 9000,
        }]);
        bench.robot(1000, None);
        bench.robot(1000, Some(300));
        assert_eq!(bench.orders, [(1300, Order::Hangup)]);
    }

    #[test]
    fn a_tone_is_waited_for_by_its_pitch() {
        let tone = Act::WaitTone {
            hz: 440,
            min_ms: 200,
            max_ms: 9000,
        };
        let mut bench = bench(vec![tone, Act::Hangup]);
        bench.robot(1000, Some(1000));
        assert!(bench.orders.is_empty());
        bench.robot(400, Some(440));
        assert_eq!(bench.orders, [(1200, Order::Hangup)]);
    }
}
