//! What is asked about each recording, and what a turn of it gave.

use super::CLOSED;
use super::path::{self, Heard};
use super::rows::Clip;
use super::score::{self, Errors};
use crate::app::wiring::Listening;
use crate::hearing::expectation::tokens;
use crate::hearing::pipeline::{HearingEvent, PipelineConfig};
use crate::terms::{DigitField, Expectation, Lang, Phrase, TurnProfile};
use anyhow::Result;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One way to listen to a recording.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Nothing is expected.
    Open,
    /// The same, with rough texts on the way.
    Partials,
    /// So many phrases are expected, the right one among them or not.
    Closed { of: usize, inside: bool },
    /// The set's own words are expected, as in a step that asks for one of them.
    Step,
    /// A string of as many digits as were said.
    Digits,
}

/// Which passes a set gets.
#[must_use]
pub fn passes(own: &[&Clip], quick: bool) -> Vec<Asked> {
    let mut passes = vec![Asked::Open];
    for of in CLOSED {
        if !quick || of == 30 {
            passes.push(Asked::Closed { of, inside: true });
            passes.push(Asked::Closed { of, inside: false });
        }
    }
    if !quick {
        passes.push(Asked::Partials);
    }
    if own.iter().all(|c| one_word(c)) {
        passes.push(Asked::Step);
    }
    if own
        .iter()
        .all(|c| score::digit_string(&c.text, c.lang).is_some())
    {
        passes.push(Asked::Digits);
    }
    passes
}

fn one_word(clip: &Clip) -> bool {
    let most = match clip.lang {
        Lang::Zh => 2,
        Lang::En => 1,
    };
    score::symbols(&clip.text, clip.lang).len() <= most
}

/// The outcome of one pass over one recording.
#[derive(Clone, Debug)]
pub struct Turn {
    pub file: String,
    pub speaker: String,
    pub said: String,
    pub heard: String,
    pub confidence: f32,
    /// Why there are no words, where there are none.
    pub why: String,
    /// The expected phrase it was taken for.
    pub accepted: Option<String>,
    /// The best expected phrase, accepted or not, and its confidence.
    pub best: Option<(String, f32)>,
    pub errors: Errors,
    pub syllables: Errors,
    pub cpu_ms: f64,
    /// From the end of speech to the final words; none when no words came.
    pub final_ms: Option<u64>,
    /// Words of rough texts: all, and those that the final text does not have at their place.
    pub rough_words: usize,
    pub rough_changed: usize,
}

impl Turn {
    /// Every symbol as it was said.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.errors.wrong == 0
    }

    /// The phrase it was taken for is the one that was said; phrases that sound alike are one.
    #[must_use]
    pub fn right(&self) -> bool {
        self.accepted
            .as_ref()
            .is_some_and(|a| same_sound(a, &self.said))
    }
}

/// The engines, loaded once.
pub struct Bench {
    listening: Arc<Listening>,
    config: PipelineConfig,
}

impl Bench {
    #[must_use]
    pub fn new(listening: Listening) -> Bench {
        Bench {
            config: PipelineConfig {
                idle_partials: false,
                ..listening.hearing.clone()
            },
            listening: Arc::new(listening),
        }
    }

    /// The same engines with the words path denoised.
    #[must_use]
    pub fn denoising_words(&self) -> Bench {
        Bench {
            listening: self.listening.clone(),
            config: PipelineConfig {
                denoise_words: true,
                ..self.config.clone()
            },
        }
    }

    #[must_use]
    pub fn recognizer(&self) -> &'static str {
        self.listening.recognizer.name()
    }

    /// Plays `samples` as `clip`'s sound; `others` are where closed sets draw from.
    pub async fn turn(
        &self,
        clip: &Clip,
        samples: &[i16],
        asked: Asked,
        others: &[Clip],
    ) -> Result<Turn> {
        let expectation = Arc::new(expectation(clip, asked, others));
        let config = PipelineConfig {
            idle_partials: asked == Asked::Partials,
            ..self.config.clone()
        };
        let heard = path::through(&self.listening, &config, &expectation, samples).await?;
        Ok(turn(clip, asked, &heard))
    }

    /// What a sound without speech gave: the words, if any.
    pub async fn words(&self, samples: &[i16], lang: Lang) -> Result<Option<String>> {
        let expectation = Arc::new(Expectation {
            lang,
            ..Expectation::default()
        });
        let heard = path::through(&self.listening, &self.config, &expectation, samples).await?;
        let text = heard_text(&heard, lang).0;
        Ok((!text.is_empty()).then_some(text))
    }
}

fn turn(clip: &Clip, asked: Asked, heard: &Heard) -> Turn {
    let (text, confidence, final_at) = heard_text(heard, clip.lang);
    let best = heard.events.iter().rev().find_map(|(_, e)| match e {
        HearingEvent::Heard { candidates, .. } => {
            candidates.first().map(|c| (c.phrase.clone(), c.confidence))
        }
        _ => None,
    });
    let accepted = best
        .clone()
        .filter(|(phrase, _)| same_sound(phrase, &text))
        .filter(|b| b.1 >= crate::hearing::traits::Candidate::ACCEPT)
        .map(|b| b.0);
    let why = heard.events.iter().rev().find_map(|(_, e)| match e {
        HearingEvent::NotUnderstood { why, .. } => Some(why.clone()),
        _ => None,
    });
    let (rough_words, rough_changed) = rough(heard, clip.lang);
    let errors = match asked {
        Asked::Digits => {
            let want = score::digit_string(&clip.text, clip.lang).unwrap_or_default();
            score::text_errors(&want, &text, clip.lang)
        }
        _ => score::text_errors(&clip.text, &text, clip.lang),
    };
    Turn {
        file: clip.file.clone(),
        speaker: clip.speaker.clone(),
        said: clip.text.clone(),
        errors,
        syllables: match clip.lang {
            Lang::Zh => score::syllable_errors(&clip.text, &text),
            Lang::En => Errors::default(),
        },
        why: match text.is_empty() {
            true => why.unwrap_or_else(|| "no speech was noticed".into()),
            false => String::new(),
        },
        heard: text,
        confidence,
        accepted,
        best,
        cpu_ms: heard.cpu_ms,
        final_ms: final_at.map(|at: crate::terms::Ms| at.since(heard.speech_ended)),
        rough_words,
        rough_changed,
    }
}

/// The final words of all stretches of speech, the least of their confidences, and when the last came.
fn heard_text(heard: &Heard, lang: Lang) -> (String, f32, Option<crate::terms::Ms>) {
    let mut texts = Vec::new();
    let (mut least, mut last) = (1.0f32, None);
    for (at, event) in &heard.events {
        if let HearingEvent::Heard {
            text, confidence, ..
        } = event
        {
            texts.push(text.as_str());
            least = least.min(*confidence);
            last = Some(*at);
        }
    }
    let between = match lang {
        Lang::Zh => "",
        Lang::En => " ",
    };
    let confidence = if last.is_some() { least } else { 0.0 };
    (texts.join(between), confidence, last)
}

/// Words of the shown rough texts, and how many of them the final text of the same stretch of speech does not have at their
/// place.
fn rough(heard: &Heard, lang: Lang) -> (usize, usize) {
    let mut counts = (0, 0);
    let mut shown: Vec<Vec<String>> = Vec::new();
    for (_, event) in &heard.events {
        match event {
            HearingEvent::Partial { text } => shown.push(score::symbols(text, lang)),
            HearingEvent::Heard { text, .. } => {
                let want = score::symbols(text, lang);
                for words in shown.drain(..) {
                    counts.0 += words.len();
                    let differs = |(i, w): &(usize, &String)| want.get(*i) != Some(w);
                    counts.1 += words.iter().enumerate().filter(differs).count();
                }
            }
            _ => {}
        }
    }
    counts
}

fn same_sound(a: &str, b: &str) -> bool {
    a == b || tokens(a) == tokens(b)
}

fn expectation(clip: &Clip, asked: Asked, others: &[Clip]) -> Expectation {
    let open = Expectation {
        lang: clip.lang,
        ..Expectation::default()
    };
    match asked {
        Asked::Open | Asked::Partials => open,
        Asked::Closed { of, inside } => Expectation {
            phrases: phrases(draw(clip, of, inside, others)),
            ..open
        },
        Asked::Step => Expectation {
            profile: TurnProfile::YesNo,
            phrases: phrases(
                others
                    .iter()
                    .filter(|o| o.set == clip.set)
                    .map(|o| o.text.to_lowercase())
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
            ),
            ..open
        },
        Asked::Digits => {
            let count = score::digit_string(&clip.text, clip.lang).map_or(0, |d| d.len()) as u8;
            Expectation {
                profile: TurnProfile::Digits,
                digits: Some(DigitField {
                    least: count,
                    most: count,
                }),
                ..open
            }
        }
    }
}

fn phrases(texts: Vec<String>) -> Vec<Phrase> {
    texts
        .into_iter()
        .map(|text| Phrase {
            meaning: tokens(&text).join(" "),
            text,
        })
        .collect()
}

/// `of` texts of the clip's own set, from the language's other sets when it has too few; the same every time. The clip's own
/// text is the first of them, or not among them.
fn draw(clip: &Clip, of: usize, inside: bool, others: &[Clip]) -> Vec<String> {
    let own = clip.text.to_lowercase();
    let mut seen = BTreeSet::from([tokens(&own)]);
    let mut texts = if inside { vec![own] } else { Vec::new() };
    let mut pool: Vec<(bool, u64, String)> = others
        .iter()
        .filter(|o| o.lang == clip.lang)
        .map(|o| {
            let text = o.text.to_lowercase();
            (o.set != clip.set, mix(&clip.file, &text), text)
        })
        .collect();
    pool.sort();
    for (_, _, text) in pool {
        if texts.len() == of {
            break;
        }
        if seen.insert(tokens(&text)) {
            texts.push(text);
        }
    }
    texts
}

/// A fixed shuffle (FNV-1a, then a finaliser so that like names do not stay together).
fn mix(a: &str, b: &str) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for byte in a.bytes().chain(b.bytes()) {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}
