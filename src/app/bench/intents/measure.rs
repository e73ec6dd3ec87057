//! Trains on a set and reads its rows: the statistical part of the mind alone, none of the built-in intents and rules.

use super::parts::{Part, Parts, best, calibration_error};
use super::sets::Set;
use super::svm::Figures;
use crate::app::usage::cpu_seconds;
use crate::app::vectors;
use crate::dialogue::intent::features::Use;
use crate::dialogue::intent::model::{Model, Rows};
use crate::dialogue::intent::text::{self, Token};
use crate::dialogue::intent::{Classifier, IntentSpec, Vectors};
use crate::dialogue::traits::Embedder;
use crate::terms::Lang;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What callsmith reached on a set.
pub struct Reached {
    pub figures: Figures,
    pub ece: f64,
    /// Processor milliseconds to read one reply, its vector included.
    pub ms: f64,
    pub trained_in: Duration,
}

/// A text's tokens, and the text as it is embedded.
fn written(text: &str, lang: Lang) -> (Vec<Token>, String) {
    (text::tokens(text, lang), Vectors::key(text))
}

/// Every text of the sets, each once.
pub fn texts<'a>(sets: impl Iterator<Item = (Lang, &'a Parts)>) -> Vec<String> {
    let mut all = BTreeSet::new();
    for (lang, parts) in sets {
        all.extend(parts.rows().map(|(_, _, text)| written(text, lang).1));
    }
    all.into_iter().collect()
}

/// `vectors` are those of [`texts`]; without an embedder n-grams alone decide.
pub fn measure(
    set: &Set,
    parts: &Parts,
    vectors: &Vectors,
    embedder: Option<&dyn Embedder>,
) -> Result<Reached> {
    let began = Instant::now();
    let train: Vec<(Vec<Token>, usize)> = parts
        .of(Part::Train)
        .map(|(text, class)| (written(text, set.lang).0, class))
        .collect();
    let usage = if embedder.is_some() {
        Use::BesideSense
    } else {
        Use::Alone
    };
    let rows = Rows::new(set.lang, usage, &train, set.classes).context("the set has no rows")?;
    let model = if embedder.is_some() {
        let own: Option<Vec<&[f32]>> = parts
            .of(Part::Train)
            .map(|(text, _)| vectors.get(&written(text, set.lang).1))
            .collect();
        let own = own.context("an example has no vector")?;
        Model::fused(&rows, &own).context("the vectors are of several lengths")?
    } else {
        Model::of_grams(&rows)
    };
    let trained_in = began.elapsed();
    let scores = |text: &str| {
        let (tokens, text) = written(text, set.lang);
        let scores = model.scores(&tokens, vectors.get(&text));
        scores.map_or_else(|| vec![0.0; set.classes], |s| s.raw)
    };
    let figures = parts.figures(scores);
    let said: Vec<(f32, bool)> = parts
        .of(Part::Clean)
        .map(|(text, class)| {
            let (top, p) = best(&model.probabilities(&scores(text), |_| 0.0));
            (p, top == class)
        })
        .collect();
    let sample: Vec<&str> = parts.of(Part::Clean).map(|(t, _)| t).take(200).collect();
    let began = cpu_seconds();
    for text in &sample {
        let (tokens, text) = written(text, set.lang);
        let vector = embedder.map(|e| e.embed(&text)).transpose()?;
        std::hint::black_box(model.scores(&tokens, vector.as_deref()));
    }
    Ok(Reached {
        figures,
        ece: calibration_error(&said),
        ms: (cpu_seconds() - began) * 1000.0 / sample.len().max(1) as f64,
        trained_in,
    })
}

/// What it takes until 60 intents with 40 examples each are ready, their vectors read from the file: time and, on one thread,
/// processor seconds.
pub fn load(set: &Set, embedder: &dyn Embedder, home: &Path) -> Result<(Duration, f64)> {
    let mut specs: BTreeMap<String, IntentSpec> = BTreeMap::new();
    for (text, class) in set.train.iter().filter(|(_, class)| *class < 60) {
        let spec = specs.entry(format!("intent-{class}")).or_default();
        spec.examples.push(text.clone());
    }
    let dialplan: PathBuf = home.join("sixty-intents.yaml");
    vectors::for_specs(embedder, &dialplan, set.lang, &specs)?;
    let (began, used) = (Instant::now(), cpu_seconds());
    let vectors = vectors::for_specs(embedder, &dialplan, set.lang, &specs)?;
    Classifier::train(set.lang, &specs, &vectors)?;
    Ok((began.elapsed(), cpu_seconds() - used))
}
