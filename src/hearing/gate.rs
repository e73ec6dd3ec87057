//! Back-channels (嗯, uh-huh: "go on, I listen") and the judgement whether speech over a prompt should stop it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Lang;

/// When speech over a prompt stops it.
#[derive(Clone, Debug, PartialEq)]
pub struct GateConfig {
    /// Least milliseconds of speech before words may stop a prompt.
    pub words_ms: u64,
    /// Milliseconds of speech that stop a prompt whatever was said.
    pub any_speech_ms: u64,
    /// The same when all that was understood so far is a back-channel: 嗯嗯嗯 may last.
    pub back_channel_ms: u64,
    /// Words less sure than this stop no prompt: a recogniser given 0.3 s of 嗯 writes anything.
    pub least_confidence: f32,
    /// Speech over a prompt that is over before this, in milliseconds, must be surer than `short_confidence`: it is more
    /// often a hum than a word.
    pub short_ms: u64,
    pub short_confidence: f32,
    /// Milliseconds of voice that hold a prompt for a moment, before anything is known about it.
    pub hold_voice_ms: u64,
    /// Milliseconds of loud sound that do the same where the VAD hesitates: it often needs 300 ms for a soft beginning.
    pub hold_loud_ms: u64,
    /// Loud is so far above the noise floor, in dB, and over `loud_db`, in dBFS.
    pub loud_above_floor_db: f32,
    pub loud_db: f32,
    /// A held prompt goes on when the callee has been silent so long and nothing is known about what it was, if it was short.
    pub hold_silence_ms: u64,
    pub hold_short_ms: u64,
    /// … and when loud sound alone has held it so long.
    pub hold_loud_most_ms: u64,
    /// Talking over the robot stands out of its own echo by this, in dB.
    pub above_echo_db: f32,
}

impl Default for GateConfig {
    fn default() -> Self {
        GateConfig {
            words_ms: 200,
            any_speech_ms: 700,
            back_channel_ms: 1200,
            least_confidence: 0.4,
            short_ms: 900,
            short_confidence: 0.75,
            hold_voice_ms: 80,
            hold_loud_ms: 120,
            loud_above_floor_db: 20.0,
            loud_db: -38.0,
            hold_silence_ms: 600,
            hold_short_ms: 500,
            hold_loud_most_ms: 400,
            above_echo_db: 8.0,
        }
    }
}

impl GateConfig {
    /// Whether words over a prompt, so long in the saying, are sure enough to stop it.
    #[must_use]
    pub fn believes(&self, speech_ms: u64, confidence: f32) -> bool {
        let least = if speech_ms < self.short_ms {
            self.short_confidence
        } else {
            self.least_confidence
        };
        confidence >= least
    }
}

/// What speech over a prompt amounts to so far.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too little is known; the prompt goes on.
    Wait,
    /// Stop the prompt.
    Interrupt,
    /// The callee only shows that they listen; the prompt goes on.
    BackChannel,
}

/// Judges speech over an interruptible prompt: its length so far and what was understood of it, if anything.
#[must_use]
pub fn judge(config: &GateConfig, speech_ms: u64, text: Option<&str>, lang: Lang) -> Verdict {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    match text {
        Some(t) if is_back_channel(t, lang) => {
            if speech_ms >= config.back_channel_ms {
                Verdict::Interrupt
            } else {
                Verdict::BackChannel
            }
        }
        Some(_) if speech_ms >= config.words_ms => Verdict::Interrupt,
        _ if speech_ms >= config.any_speech_ms => Verdict::Interrupt,
        _ => Verdict::Wait,
    }
}

/// True when `text` holds nothing but back-channels. Texts of both languages are known in either, since a Mandarin
/// speaker says okay and a recogniser writes 嗯 as "um". Words that carry a will of their own (不, no, 等一下, wait) never are.
#[must_use]
pub fn is_back_channel(text: &str, lang: Lang) -> bool {
    let clean: String = text
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '\'' {
                c
            } else {
                ' '
            }
        })
        .collect();
    let mut parts = clean.split_whitespace().peekable();
    if parts.peek().is_none() {
        return false;
    }
    // "all right", "i see": two words that are one sign.
    let joined = parts.clone().collect::<Vec<_>>().join(" ");
    if EN_PHRASES.contains(&joined.as_str()) {
        return true;
    }
    parts.all(|word| is_sign(word, lang))
}

/// True when a text begins with words that ask the speaker to stop: 等一下, 不, 喂, wait, stop, excuse me.
#[must_use]
pub fn asks_for_silence(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    ZH_STOPS.iter().any(|s| text.starts_with(s))
        || EN_STOPS.iter().any(|s| {
            text.strip_prefix(s)
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

const ZH_STOPS: &[&str] = &[
    "等",
    "停",
    "不",
    "别",
    "喂",
    "打住",
    "慢",
    "你先",
    "先别",
    "稍",
    "听我",
    "我说",
    "我问",
    "问一下",
    "请问",
];
const EN_STOPS: &[&str] = &[
    "wait",
    "stop",
    "hold on",
    "hang on",
    "no",
    "don't",
    "dont",
    "excuse me",
    "sorry",
    "hello",
    "listen",
    "one moment",
    "just a",
    "but",
    "what",
    "who",
    "how",
    "where",
    "when",
    "why",
    "can i",
    "can you",
    "i have",
    "i want",
];

fn is_sign(word: &str, lang: Lang) -> bool {
    if word.is_ascii() {
        return EN_WORDS.contains(&word) || (lang == Lang::Zh && ZH_ASCII.contains(&word));
    }
    covered(word)
}

/// True when a run of Han characters is a chain of signs, longest first (对对对, 嗯好的, 是的).
fn covered(run: &str) -> bool {
    let mut rest = run;
    while !rest.is_empty() {
        let Some(sign) = ZH_SIGNS.iter().find(|s| rest.starts_with(**s)) else {
            return false;
        };
        rest = &rest[sign.len()..];
    }
    true
}

/// Longer signs before those they begin with.
const ZH_SIGNS: &[&str] = &[
    "知道了",
    "这样啊",
    "明白了",
    "好的",
    "好吧",
    "好嘞",
    "好啊",
    "对的",
    "对啊",
    "是的",
    "是啊",
    "是吗",
    "是吧",
    "行吧",
    "明白",
    "这样",
    "没错",
    "嗯",
    "恩",
    "唔",
    "呃",
    "额",
    "哦",
    "噢",
    "喔",
    "啊",
    "呀",
    "哎",
    "唉",
    "诶",
    "欸",
    "哈",
    "嘿",
    "呵",
    "好",
    "对",
    "是",
    "行",
];

const ZH_ASCII: &[&str] = &["en", "ng", "hao", "dui", "o", "a"];

const EN_WORDS: &[&str] = &[
    "uh", "huh", "uhhuh", "um", "hm", "hmm", "mm", "mmm", "mhm", "mmhmm", "mhmm", "ah", "oh",
    "ooh", "aha", "er", "eh", "yeah", "yea", "yep", "yup", "yes", "ok", "okay", "okey", "right",
    "sure", "alright", "gotcha", "cool", "great", "good", "fine", "really", "i-see", "wow", "well",
];

const EN_PHRASES: &[&str] = &[
    "all right",
    "i see",
    "got it",
    "oh i see",
    "okay i see",
    "go on",
    "that's right",
    "oh really",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_ask_for_silence_are_known_by_their_beginning() {
        for t in [
            "等一下",
            "不要了",
            "喂",
            "Wait a minute",
            "no",
            "hold on please",
        ] {
            assert!(asks_for_silence(t), "{t}");
        }
        for t in ["嗯", "the house", "nothing", "好的", ""] {
            assert!(!asks_for_silence(t), "{t}");
        }
    }

    #[test]
    fn listening_noises_of_both_languages_are_back_channels() {
        for t in [
            "嗯",
            "嗯嗯",
            "好",
            "好的",
            "对对对",
            "哦",
            "是的",
            "嗯，好的",
            "是吗",
            "OK",
        ] {
            assert!(is_back_channel(t, Lang::Zh), "{t}");
        }
        for t in [
            "uh-huh",
            "mm-hmm",
            "yeah",
            "okay",
            "right",
            "Oh, I see.",
            "yeah yeah",
            "hmm",
            "all right",
        ] {
            assert!(is_back_channel(t, Lang::En), "{t}");
        }
    }

    #[test]
    fn words_that_want_something_are_not_back_channels() {
        for t in [
            "不要",
            "等一下",
            "你是谁",
            "好贵",
            "对不起",
            "是谁",
            "我在开会",
            "不是",
            "别打了",
            "多少钱",
            "",
        ] {
            assert!(!is_back_channel(t, Lang::Zh), "{t}");
        }
        for t in [
            "no",
            "wait",
            "stop calling me",
            "right now i am busy",
            "who is this",
            "yes but",
            "...",
        ] {
            assert!(!is_back_channel(t, Lang::En), "{t}");
        }
    }

    #[test]
    fn a_prompt_stops_for_words_or_for_long_speech_only() {
        let g = GateConfig::default();
        let j = |ms, t: Option<&str>| judge(&g, ms, t, Lang::Zh);
        assert_eq!(j(180, Some("等一下")), Verdict::Wait);
        assert_eq!(j(220, Some("等一下")), Verdict::Interrupt);
        assert_eq!(j(220, None), Verdict::Wait);
        assert_eq!(j(600, Some("嗯")), Verdict::BackChannel);
        assert_eq!(j(720, Some("嗯嗯嗯")), Verdict::BackChannel);
        assert_eq!(j(1300, Some("嗯嗯嗯")), Verdict::Interrupt);
        assert_eq!(j(720, None), Verdict::Interrupt);
    }
}
