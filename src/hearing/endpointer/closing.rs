//! How much silence ends a turn whose words are known. The step's profile is the upper bound; words that leave no doubt need less.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::moment::{Moment, moment};
use super::numbers;
use super::voter::Vote;
use crate::hearing::expectation::closest;
use crate::hearing::gate::is_back_channel;
use crate::hearing::traits::Words;
use crate::terms::{Expectation, TurnProfile};

/// Milliseconds of silence, by how sure the words are. None of them is ever longer than the step's own.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingConfig {
    /// One expected answer, and it stands out.
    pub clear_yes_no_ms: u64,
    pub clear_ms: u64,
    /// A number or a point in time that is all there.
    pub complete_ms: u64,
    /// A number that misses one digit, which is more often misheard than still to come.
    pub nearly_ms: u64,
    /// Ends as answers end.
    pub done_ms: u64,
    /// Whole words that say nothing about their end.
    pub plain_ms: u64,
    /// The same where digits, dates and amounts are asked for.
    pub plain_digits_ms: u64,
    /// Words less sure than this wait for the whole profile.
    pub least_confidence: f32,
}

impl Default for ClosingConfig {
    fn default() -> Self {
        ClosingConfig {
            clear_yes_no_ms: 260,
            clear_ms: 300,
            complete_ms: 400,
            nearly_ms: 640,
            done_ms: 380,
            plain_ms: 480,
            plain_digits_ms: 640,
            least_confidence: 0.5,
        }
    }
}

/// The silence that ends a turn with these words, milliseconds.
#[must_use]
pub fn silence_ms(
    config: &ClosingConfig,
    expected: &Expectation,
    words: &Words,
    vote: Vote,
) -> u64 {
    let most = expected.end_silence_ms();
    let text = words.text.trim();
    if text.is_empty() {
        return most;
    }
    let digits = expected.profile == TurnProfile::Digits;
    let early = if let Some(field) = expected.digits {
        let said = numbers::digits(text);
        if numbers::complete(&said, field, words.lang) {
            config.complete_ms
        } else if numbers::nearly(&said, field, words.lang) {
            config.nearly_ms
        } else if said.is_empty() && vote != Vote::GoesOn && stands_out(words, expected) {
            config.clear_ms
        } else {
            most
        }
    } else if digits && moment(text, words.lang) == Moment::DayOnly {
        most
    } else if digits && moment(text, words.lang) == Moment::Whole {
        config.complete_ms
    } else if stands_out(words, expected) {
        match expected.profile {
            TurnProfile::YesNo => config.clear_yes_no_ms,
            TurnProfile::Open => config.clear_ms,
            TurnProfile::Digits => config.complete_ms,
        }
    } else if vote == Vote::GoesOn || words.confidence < config.least_confidence {
        most
    } else if digits {
        config.plain_digits_ms
    } else if vote == Vote::Done {
        config.done_ms
    } else if !words.candidates.is_empty() {
        // Answers were held against the sound and these words are none of them: whoever says something else often says more.
        most
    } else {
        config.plain_ms
    };
    early.min(most)
}

/// True when the words are one expected answer and no answer of another meaning comes near: the engine says so, or the text does.
#[must_use]
pub fn stands_out(words: &Words, expected: &Expectation) -> bool {
    if words.clear {
        return true;
    }
    if words.confidence < SURE {
        return false;
    }
    if expected.profile == TurnProfile::YesNo && is_back_channel(&words.text, words.lang) {
        return true;
    }
    let near = closest(&words.text, &expected.phrases, NEAR);
    let meaning = |text: &str| {
        expected
            .phrases
            .iter()
            .find(|p| p.text == text)
            .map(|p| p.meaning.as_str())
    };
    let Some(best) = near.first().filter(|s| s.confidence >= SAME) else {
        return false;
    };
    let other = near
        .iter()
        .find(|s| meaning(&s.phrase) != meaning(&best.phrase));
    other.is_none_or(|o| o.confidence < OTHER)
}

/// Words less sure than this are no clear answer, whatever they are like.
const SURE: f32 = 0.5;
/// So alike, a text is the phrase.
const SAME: f32 = 0.95;
/// A phrase of another meaning so near leaves a doubt.
const OTHER: f32 = 0.75;
/// Phrases looked at.
const NEAR: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{DigitField, Lang, Phrase};

    fn words(text: &str, lang: Lang) -> Words {
        Words {
            text: text.into(),
            lang,
            confidence: 0.8,
            ..Words::default()
        }
    }

    fn step(profile: TurnProfile, lang: Lang) -> Expectation {
        let phrase = |text: &str, meaning: &str| Phrase {
            text: text.into(),
            meaning: meaning.into(),
        };
        Expectation {
            lang,
            profile,
            phrases: vec![
                phrase("挺感兴趣的", "interested"),
                phrase("可以", "affirm"),
                phrase("不需要", "deny"),
                phrase("sounds good", "affirm"),
                phrase("not interested", "deny"),
            ],
            ..Expectation::default()
        }
    }

    fn closes(text: &str, lang: Lang, profile: TurnProfile, vote: Vote) -> u64 {
        silence_ms(
            &ClosingConfig::default(),
            &step(profile, lang),
            &words(text, lang),
            vote,
        )
    }

    #[test]
    fn the_surer_the_words_the_shorter_the_silence() {
        use TurnProfile::{Open, YesNo};
        let zh = |t, p, v| closes(t, Lang::Zh, p, v);
        assert_eq!(zh("可以", YesNo, Vote::Unknown), 260);
        assert_eq!(
            zh("是的", YesNo, Vote::Unknown),
            260,
            "a sign of assent answers yes or no"
        );
        assert_eq!(zh("挺感兴趣的", Open, Vote::Unknown), 300);
        assert_eq!(zh("还行吧", Open, Vote::Done), 380);
        assert_eq!(zh("周末我们都有时间", Open, Vote::Unknown), 480);
        assert_eq!(zh("因为我们家", Open, Vote::GoesOn), 700);
        assert_eq!(closes("not interested", Lang::En, Open, Vote::Unknown), 300);
    }

    #[test]
    fn the_step_s_own_silence_is_never_exceeded() {
        let mut step = step(TurnProfile::Open, Lang::Zh);
        step.silence_ms = Some(250);
        for vote in [Vote::GoesOn, Vote::Unknown, Vote::Done] {
            let ms = silence_ms(
                &ClosingConfig::default(),
                &step,
                &words("今天天气很好", Lang::Zh),
                vote,
            );
            assert_eq!(ms, 250);
        }
    }

    #[test]
    fn doubtful_words_wait_for_the_whole_profile() {
        let mut doubtful = words("周末我们都有时间", Lang::Zh);
        doubtful.confidence = 0.3;
        let step = step(TurnProfile::Open, Lang::Zh);
        let ms = silence_ms(&ClosingConfig::default(), &step, &doubtful, Vote::Unknown);
        assert_eq!(ms, 700);
    }

    #[test]
    fn what_the_engine_calls_clear_is_clear() {
        let mut sure = words("没听过的话", Lang::Zh);
        sure.clear = true;
        let ms = silence_ms(
            &ClosingConfig::default(),
            &step(TurnProfile::Open, Lang::Zh),
            &sure,
            Vote::Unknown,
        );
        assert_eq!(ms, 300);
    }

    #[test]
    fn a_number_closes_when_it_is_all_there_and_waits_before() {
        let mut step = step(TurnProfile::Digits, Lang::Zh);
        step.digits = Some(DigitField { least: 7, most: 12 });
        let ms = |text| {
            silence_ms(
                &ClosingConfig::default(),
                &step,
                &words(text, Lang::Zh),
                Vote::Unknown,
            )
        };
        assert_eq!(ms("13800138000"), 400);
        assert_eq!(ms("1380013800"), 640, "one digit was lost in the hearing");
        assert_eq!(ms("1380013"), 1200);
        assert_eq!(ms("138"), 1200);
        assert_eq!(ms("不需要"), 300, "no number will come");
    }

    #[test]
    fn a_day_waits_for_its_hour() {
        use TurnProfile::Digits;
        let zh = |t| closes(t, Lang::Zh, Digits, Vote::Unknown);
        assert_eq!(zh("星期六"), 1200);
        assert_eq!(zh("星期六上午九点半"), 400);
        assert_eq!(zh("随便哪天都行"), 640);
        assert_eq!(closes("on friday", Lang::En, Digits, Vote::Unknown), 1200);
        assert_eq!(
            closes("friday at ten", Lang::En, Digits, Vote::Unknown),
            400
        );
    }

    #[test]
    fn two_meanings_that_sound_alike_are_not_clear() {
        let mut step = step(TurnProfile::Open, Lang::Zh);
        let heard = words("要上课", Lang::Zh);
        let mut alike = |meaning: [&str; 2]| {
            step.phrases = [("要上课", meaning[0]), ("药上课", meaning[1])]
                .map(|(text, meaning)| Phrase {
                    text: text.into(),
                    meaning: meaning.into(),
                })
                .to_vec();
            stands_out(&heard, &step)
        };
        assert!(!alike(["class", "medicine"]));
        assert!(alike(["class", "class"]), "one answer said in two ways");
    }
}
