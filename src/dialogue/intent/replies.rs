//! A second opinion on short replies: a model of a thousand replies a language, whatever a dialplan says. It knows what people
//! mean, the grammar of [`super::polarity`] how they say it; where the two differ on a yes or no, nothing is decided.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::features::Use;
use super::merge::BUILT_IN;
use super::model::{Model, Rows};
use super::text::{self, Token};
use super::{ACCEPT, GUESS, Reading, Vectors, filler, is_polar, negation};
use crate::terms::Lang;

/// From here on an opinion counts where nothing else was read: among three of four such replies it was right.
const SPEAKS: f32 = 0.5;
/// The same for a yes or no that the grammar does not lean to, and for one that holds a negation or asks something back.
const SPEAKS_ALONE: f32 = 0.65;
const SPEAKS_TANGLED: f32 = 0.75;
/// And for one that the grammar leans away from.
const SPEAKS_AGAINST: f32 = 0.85;
/// A doubtful reading from here on leans to its side.
const LEANS: f32 = 0.3;
/// From here on it stands against what was read.
const OBJECTS: f32 = 0.5;
/// From here on it takes the place of a yes or no that was read, and of anything else.
const OVERRULES_POLAR: f32 = 0.8;
const OVERRULES: f32 = 0.7;
/// A number on the do-not-call list stays there: likeness alone must be this sure.
const OPTS_OUT: f32 = 0.8;
/// Longer replies are not short ones, in tokens: a Mandarin character, an English word.
const LONGEST: usize = 30;

/// The model; made once a language, shared by all dialplans.
#[derive(Debug)]
pub struct Replies {
    lang: Lang,
    names: Vec<&'static str>,
    model: Model,
}

impl Replies {
    /// The texts whose vectors [`Replies::train`] wants.
    #[must_use]
    pub fn texts(lang: Lang) -> Vec<String> {
        rows(lang)
            .iter()
            .map(|(row, _)| Vectors::key(&text::surface(row)))
            .collect()
    }

    /// None unless every text has its vector: by letters alone the opinion would be worth little.
    #[must_use]
    pub fn train(lang: Lang, vectors: &Vectors) -> Option<Replies> {
        let rows = rows(lang);
        let mut names: Vec<&'static str> = rows.iter().map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let labelled: Vec<(Vec<Token>, usize)> = rows
            .into_iter()
            .filter_map(|(row, name)| Some((row, names.iter().position(|n| *n == name)?)))
            .collect();
        let own: Option<Vec<&[f32]>> = labelled
            .iter()
            .map(|(row, _)| vectors.get(&text::surface(row)))
            .collect();
        let counted = Rows::new(lang, Use::BesideSense, &labelled, names.len())?;
        let model = Model::fused(&counted, &own?)?;
        Some(Replies { lang, names, model })
    }

    pub(super) fn speaks(&self, lang: Lang) -> bool {
        self.lang == lang
    }

    /// The text whose vector it wants for a reply; none for long ones.
    pub(super) fn wants(&self, all: &[Token]) -> Option<String> {
        let bare = filler::stripped(all, self.lang);
        (!bare.is_empty() && bare.len() <= LONGEST).then(|| text::surface(bare))
    }

    /// Weighs in on what was read.
    pub(super) fn weigh_in(
        &self,
        all: &[Token],
        vectors: &Vectors,
        names: &[String],
        readings: &mut Vec<Reading>,
    ) {
        let Some((opinion, p)) = self.opinion(all, vectors) else {
            return;
        };
        // What the file itself listens for, and a refusal of calls, stand as they are.
        let stands = |r: &Reading| {
            r.score >= ACCEPT && (r.intent == "opt_out" || !BUILT_IN.contains(&r.intent.as_str()))
        };
        let agrees = |r: &Reading| r.score >= ACCEPT && r.intent == opinion;
        if readings.iter().any(|r| stands(r) || agrees(r)) {
            return;
        }
        let read = readings.iter().any(|r| r.score >= ACCEPT);
        let polar = readings
            .iter()
            .any(|r| r.score >= ACCEPT && is_polar(&r.intent));
        let tangled = !negation::positions(all, self.lang).is_empty()
            || negation::is_rhetorical(all, self.lang)
            || negation::asks(all, self.lang);
        let need = if opinion == "opt_out" {
            OPTS_OUT
        } else if polar {
            OVERRULES_POLAR
        } else if read {
            OVERRULES
        } else if is_polar(opinion) {
            // One strange word is an answer to some other question (装修): no yes or no by likeness.
            if filler::stripped(all, self.lang).len() < fewest(self.lang) {
                return;
            }
            let leaning = readings
                .iter()
                .find(|r| is_polar(&r.intent) && r.score >= LEANS);
            match leaning {
                Some(r) if r.intent == opinion => SPEAKS,
                Some(_) => SPEAKS_AGAINST,
                None if tangled => SPEAKS_TANGLED,
                None => SPEAKS_ALONE,
            }
        } else {
            SPEAKS
        };
        let lower = |readings: &mut Vec<Reading>, which: &dyn Fn(&Reading) -> bool| {
            for r in readings.iter_mut().filter(|r| which(r)) {
                r.score = r.score.min(GUESS);
            }
        };
        let opposite = |r: &Reading| is_polar(&r.intent) && is_polar(opinion);
        if opinion == "none" {
            if p >= OVERRULES {
                lower(readings, &|r| BUILT_IN.contains(&r.intent.as_str()));
            }
        } else if read && p >= OBJECTS && readings.iter().any(opposite) {
            // A yes and a no: neither, until asked.
            lower(readings, &opposite);
        } else if p >= need && names.iter().any(|n| n == opinion) {
            lower(readings, &|r| BUILT_IN.contains(&r.intent.as_str()));
            readings.retain(|r| r.intent != opinion);
            readings.push(Reading {
                intent: opinion.to_string(),
                score: (0.5 + 0.45 * p).min(0.95),
                evidence: text::surface(all),
            });
        }
        readings.sort_by(|a, b| b.score.total_cmp(&a.score));
        readings.truncate(3);
    }

    fn opinion(&self, all: &[Token], vectors: &Vectors) -> Option<(&'static str, f32)> {
        let bare = filler::stripped(all, self.lang);
        let vector = vectors.get(&self.wants(all)?)?;
        let scores = self.model.scores(bare, Some(vector))?;
        // Nothing like any of the examples.
        if scores.raw.iter().all(|s| *s < self.model.threshold) {
            return None;
        }
        let p = self.model.probabilities(&scores.raw, |_| 0.0);
        let (best, p) = p
            .into_iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((self.names[best], p))
    }
}

/// Tokens that a yes or no by likeness has at least.
const fn fewest(lang: Lang) -> usize {
    match lang {
        Lang::Zh => 4,
        Lang::En => 3,
    }
}

fn rows(lang: Lang) -> Vec<(Vec<Token>, &'static str)> {
    let file = match lang {
        Lang::Zh => include_str!("../builtin/replies/zh.tsv"),
        Lang::En => include_str!("../builtin/replies/en.tsv"),
    };
    file.lines()
        .filter_map(|l| l.split_once('\t'))
        .map(|(text, name)| {
            let tokens = text::tokens(text, lang);
            (filler::stripped(&tokens, lang).to_vec(), name)
        })
        .filter(|(row, _)| !row.is_empty())
        .collect()
}
