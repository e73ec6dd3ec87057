//! Human or answering machine, decided in parallel with the robot's greeting: nobody waits for it.
//!
//! Timing first (people say 喂 or hello and wait; machines talk on), then words, then the beep. A verdict comes at most once, and
//! a human verdict from timing alone can be overruled by words or a beep later.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::tones::BeepDetector;
use crate::audio::{FRAME_MS, Frame};
use crate::terms::Ms;

/// The numbers of the timing rules, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmdConfig {
    /// A first greeting up to this long, then silence, is a person.
    pub greeting_ms: u64,
    /// The silence after it.
    pub after_greeting_ms: u64,
    /// Speech without a breath for this long is a machine.
    pub continuous_ms: u64,
    /// A gap up to this long does not break continuous speech.
    pub breath_ms: u64,
    /// No decision after this: unsure.
    pub give_up_ms: u64,
}

impl Default for AmdConfig {
    fn default() -> Self {
        AmdConfig {
            greeting_ms: 1600,
            after_greeting_ms: 700,
            continuous_ms: 2400,
            breath_ms: 240,
            give_up_ms: 6000,
        }
    }
}

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answerer {
    Human {
        evidence: String,
    },
    Machine {
        evidence: String,
    },
    /// Neither timing nor words decided in time.
    Unsure,
}

/// One call's detector, from the answer on.
#[derive(Clone, Debug)]
pub struct Amd {
    config: AmdConfig,
    answered: Ms,
    beep: BeepDetector,
    speech_began: Option<Ms>,
    last_voice: Ms,
    voiced_ms: u64,
    bursts: u32,
    told: Option<Answerer>,
}

impl Amd {
    #[must_use]
    pub fn new(config: AmdConfig, answered: Ms) -> Self {
        Amd {
            config,
            answered,
            beep: BeepDetector::default(),
            speech_began: None,
            last_voice: answered,
            voiced_ms: 0,
            bursts: 0,
            told: None,
        }
    }

    /// The last verdict.
    #[must_use]
    pub fn verdict(&self) -> Option<&Answerer> {
        self.told.as_ref()
    }

    /// Takes the callee's frame that ends at `now`; `voice` is the endpointer's. Answers when the verdict changes.
    pub fn frame(&mut self, now: Ms, voice: bool, frame: &Frame) -> Option<Answerer> {
        if let Some(hz) = self.beep.frame(frame)
            // A beep follows a greeting; a lone tone at the start is the network's.
            && self.voiced_ms >= 800
        {
            return self.tell(Answerer::Machine {
                evidence: format!("beep at {hz} Hz after {} ms", now.since(self.answered)),
            });
        }
        if voice {
            if self.speech_began.is_none() || now.since(self.last_voice) > self.config.breath_ms {
                self.speech_began = Some(Ms(now.0.saturating_sub(FRAME_MS)));
                self.bursts += 1;
            }
            self.last_voice = now;
            self.voiced_ms += FRAME_MS;
        }
        if self.told.is_some() {
            return None;
        }
        let run = self
            .speech_began
            .map_or(0, |began| self.last_voice.since(began));
        if run >= self.config.continuous_ms {
            return self.tell(Answerer::Machine {
                evidence: format!("{run} ms of speech without a breath"),
            });
        }
        let quiet = now.since(self.last_voice);
        if self.bursts == 1
            && run >= 100
            && run <= self.config.greeting_ms
            && quiet >= self.config.after_greeting_ms
        {
            return self.tell(Answerer::Human {
                evidence: format!("a greeting of {run} ms, then silence"),
            });
        }
        if now.since(self.answered) >= self.config.give_up_ms {
            return self.tell(Answerer::Unsure);
        }
        None
    }

    /// Takes recognised words, rough or final. Answers when the verdict changes.
    pub fn words(&mut self, text: &str) -> Option<Answerer> {
        let text = text.to_lowercase();
        if let Some(w) = MACHINE_WORDS.iter().find(|w| text.contains(**w)) {
            return self.tell(Answerer::Machine {
                evidence: format!("said {w:?}"),
            });
        }
        let human = HUMAN_WORDS.iter().find(|w| text.contains(**w));
        match (human, &self.told) {
            (Some(w), None | Some(Answerer::Unsure)) => self.tell(Answerer::Human {
                evidence: format!("said {w:?}"),
            }),
            _ => None,
        }
    }

    fn tell(&mut self, verdict: Answerer) -> Option<Answerer> {
        let same = self
            .told
            .as_ref()
            .is_some_and(|t| std::mem::discriminant(t) == std::mem::discriminant(&verdict));
        if same {
            return None;
        }
        self.told = Some(verdict.clone());
        Some(verdict)
    }
}

const MACHINE_WORDS: &[&str] = &[
    "留言",
    "语音信箱",
    "您所拨打的",
    "您拨打的",
    "提示音",
    "嘀声",
    "滴声",
    "无法接听",
    "不方便接听",
    "通信助理",
    "智能助理",
    "leave a message",
    "leave your message",
    "leave your name",
    "leave me a message",
    "after the tone",
    "after the beep",
    "voicemail",
    "voice mail",
    "the person you are calling",
    "the number you have",
    "can't come to the phone",
    "cannot come to the phone",
    "unable to take your call",
    "you've reached",
    "you have reached",
    "record your message",
    "not available",
];

/// Questions that only a person asks.
const HUMAN_WORDS: &[&str] = &[
    "你是谁",
    "哪位",
    "你哪里",
    "哪里啊",
    "什么事",
    "你找谁",
    "who is this",
    "who's this",
    "who's calling",
    "speaking",
    "what do you want",
    "can i help",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;
    use crate::hearing::tones::tone_frames;

    fn run(amd: &mut Amd, now: &mut Ms, ms: u64, voice: bool) -> Vec<Answerer> {
        let mut out = Vec::new();
        for _ in 0..ms / FRAME_MS {
            *now = now.after(FRAME_MS);
            out.extend(amd.frame(*now, voice, &SILENCE));
        }
        out
    }

    #[test]
    fn hello_and_silence_is_a_person() {
        let (mut amd, mut now) = (Amd::new(AmdConfig::default(), Ms(0)), Ms(0));
        assert!(run(&mut amd, &mut now, 400, false).is_empty());
        assert!(run(&mut amd, &mut now, 500, true).is_empty());
        let v = run(&mut amd, &mut now, 900, false);
        assert!(matches!(v[..], [Answerer::Human { .. }]), "{v:?}");
    }

    #[test]
    fn one_who_talks_on_is_a_machine() {
        let (mut amd, mut now) = (Amd::new(AmdConfig::default(), Ms(0)), Ms(0));
        let v = run(&mut amd, &mut now, 3000, true);
        assert!(matches!(v[..], [Answerer::Machine { .. }]), "{v:?}");
        assert!(now.0 <= 3000);
    }

    #[test]
    fn words_of_a_machine_overrule_a_human_sounding_start() {
        let (mut amd, mut now) = (Amd::new(AmdConfig::default(), Ms(0)), Ms(0));
        run(&mut amd, &mut now, 800, true);
        run(&mut amd, &mut now, 1000, false);
        assert!(matches!(amd.verdict(), Some(Answerer::Human { .. })));
        let v = amd.words("please leave a message after the tone");
        assert!(matches!(v, Some(Answerer::Machine { .. })));
        assert_eq!(amd.words("leave a message"), None, "told once");
    }

    #[test]
    fn a_beep_after_speech_is_a_machine_and_a_beep_alone_is_not() {
        let (mut amd, mut now, mut t) = (Amd::new(AmdConfig::default(), Ms(0)), Ms(0), 0);
        for f in tone_frames(&[1400.0], 400, &mut t) {
            now = now.after(FRAME_MS);
            assert_eq!(amd.frame(now, false, &f), None);
        }
        run(&mut amd, &mut now, 1000, true);
        let v: Vec<Answerer> = tone_frames(&[1400.0], 400, &mut t)
            .iter()
            .filter_map(|f| {
                now = now.after(FRAME_MS);
                amd.frame(now, false, f)
            })
            .collect();
        assert!(matches!(v[..], [Answerer::Machine { .. }]), "{v:?}");
    }

    #[test]
    fn silence_is_unsure() {
        let (mut amd, mut now) = (Amd::new(AmdConfig::default(), Ms(0)), Ms(0));
        assert_eq!(run(&mut amd, &mut now, 7000, false), [Answerer::Unsure]);
    }
}
