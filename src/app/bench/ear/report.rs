//! The figures: tables for people, one JSON line for programs.

use super::CLOSED;
use super::measure::{Asked, Bench, Turn};
use super::score::Errors;
use super::sounds::NonSpeech;
use crate::app::cli::EarArgs;
use crate::terms::Lang;
use anyhow::Result;
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

type Passes = BTreeMap<Asked, Vec<Turn>>;

/// Everything measured so far.
pub struct Report {
    title: String,
    sets: Vec<(String, Lang, Passes)>,
    /// (set, kind of noise, dB, words path) → errors, language.
    noise: Vec<NoiseRow>,
    non_speech: Option<NonSpeech>,
}

struct NoiseRow {
    set: String,
    lang: Lang,
    kind: String,
    db: i32,
    words: &'static str,
    errors: Errors,
    syllables: Errors,
}

impl Report {
    #[must_use]
    pub fn new(bench: &Bench, ear: &EarArgs) -> Report {
        Report {
            title: format!(
                "{}, {} VAD, denoiser {}",
                bench.recognizer(),
                ear.vad,
                ear.denoise
            ),
            sets: Vec::new(),
            noise: Vec::new(),
            non_speech: None,
        }
    }

    pub fn set(&mut self, name: &str, lang: Lang, passes: Passes) {
        self.sets.push((name.to_owned(), lang, passes));
    }

    pub fn noise(
        &mut self,
        set: &str,
        lang: Lang,
        kind: &str,
        db: i32,
        words: &'static str,
        turns: Vec<Turn>,
    ) {
        self.noise.push(NoiseRow {
            set: set.to_owned(),
            lang,
            kind: kind.to_owned(),
            db,
            words,
            errors: sum(turns.iter().map(|t| t.errors)),
            syllables: sum(turns.iter().map(|t| t.syllables)),
        });
    }

    pub fn non_speech(&mut self, found: NonSpeech) {
        self.non_speech = Some(found);
    }

    pub fn print(&self) {
        println!("{}\n", self.title);
        self.print_sets();
        self.print_noise();
        self.print_reliability();
        self.print_worst();
        if let Some(found) = &self.non_speech {
            println!(
                "\nSounds without speech taken for words: {} of {}",
                found.accepted.len(),
                found.n
            );
            for (name, lang, words) in &found.accepted {
                println!("  {lang} {name}: {words}");
            }
        }
    }

    fn print_sets(&self) {
        let mut table = table(&[
            "set",
            "n",
            "error %",
            "syllables %",
            "exact %",
            "closed 10",
            "30",
            "100",
            "step",
            "digits %",
            "partials changed %",
            "CPU ms",
            "CPU ms, 30 expected",
            "end → words ms p50/p95",
        ]);
        for (name, lang, passes) in &self.sets {
            let open = passes.get(&Asked::Open).map_or(&[][..], Vec::as_slice);
            let step = passes.get(&Asked::Step).map(|t| share(t, Turn::right));
            let digits = passes.get(&Asked::Digits).map(|t| share(t, Turn::exact));
            let mut row = vec![
                name.clone(),
                open.len().to_string(),
                percent(Some(sum(open.iter().map(|t| t.errors)).rate())),
                percent((*lang == Lang::Zh).then(|| sum(open.iter().map(|t| t.syllables)).rate())),
                percent(Some(share(open, Turn::exact))),
            ];
            for of in CLOSED {
                row.push(match closed(passes, of) {
                    (Some(a), Some(f)) => format!("{} ({})", percent(Some(a)), percent(Some(f))),
                    _ => "–".into(),
                });
            }
            row.extend([
                percent(step),
                percent(digits),
                percent(changed(passes)),
                format!("{:.0}", mean_cpu(passes, Asked::Open).unwrap_or(0.0)),
                mean_cpu(
                    passes,
                    Asked::Closed {
                        of: 30,
                        inside: true,
                    },
                )
                .map_or_else(|| "–".into(), |ms| format!("{ms:.0}")),
                format!(
                    "{}/{}",
                    quantile(&finals(open), 50),
                    quantile(&finals(open), 95)
                ),
            ]);
            table.add_row(row);
        }
        println!("{table}");
        println!(
            "Error: characters in Mandarin, words in English. Closed sets: right share (share of phrases outside the set taken for one inside).\n"
        );
    }

    fn print_noise(&self) {
        if self.noise.is_empty() {
            return;
        }
        let mut table = table(&[
            "noise",
            "dB",
            "words path",
            "zh error % (syllables)",
            "en error %",
        ]);
        let mut rows: BTreeMap<(String, i32, &str), [Errors; 3]> = BTreeMap::new();
        for r in &self.noise {
            let sums = rows.entry((r.kind.clone(), -r.db, r.words)).or_default();
            match r.lang {
                Lang::Zh => {
                    sums[0].add(r.errors);
                    sums[1].add(r.syllables);
                }
                Lang::En => sums[2].add(r.errors),
            }
        }
        for ((kind, db, words), [zh, syllables, en]) in rows {
            table.add_row([
                kind,
                (-db).to_string(),
                words.to_owned(),
                format!(
                    "{} ({})",
                    percent(Some(zh.rate())),
                    percent(Some(syllables.rate()))
                ),
                percent(Some(en.rate())),
            ]);
        }
        println!("{table}\n");
    }

    /// Of the answers given with some confidence, how many were right.
    fn print_reliability(&self) {
        let mut table = table(&[
            "confidence",
            "open texts",
            "wholly right %",
            "expected phrases",
            "right %",
        ]);
        let open = self.bins(|asked, t| {
            (asked == Asked::Open && !t.heard.is_empty()).then(|| (t.confidence, t.exact()))
        });
        let expected = self.bins(|asked, t| match asked {
            Asked::Closed { inside, .. } => t.best.as_ref().map(|(phrase, confidence)| {
                let right = inside
                    && crate::hearing::expectation::tokens(phrase)
                        == crate::hearing::expectation::tokens(&t.said);
                (*confidence, right)
            }),
            _ => None,
        });
        for (bin, (o, e)) in open.iter().zip(&expected).enumerate() {
            let right = |b: &(usize, usize)| percent((b.0 > 0).then(|| b.1 as f64 / b.0 as f64));
            table.add_row([
                format!("{:.1}–{:.1}", bin as f32 / 10.0, (bin + 1) as f32 / 10.0),
                o.0.to_string(),
                right(o),
                e.0.to_string(),
                right(e),
            ]);
        }
        println!("{table}");
    }

    /// Ten bins of (all, right).
    fn bins(&self, of: impl Fn(Asked, &Turn) -> Option<(f32, bool)>) -> [(usize, usize); 10] {
        let mut bins = [(0, 0); 10];
        for (_, _, passes) in &self.sets {
            for (asked, turns) in passes {
                for (confidence, right) in turns.iter().filter_map(|t| of(*asked, t)) {
                    let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
                    bin.0 += 1;
                    bin.1 += usize::from(right);
                }
            }
        }
        bins
    }

    fn print_worst(&self) {
        let mut worst: Vec<&Turn> = self
            .sets
            .iter()
            .filter_map(|(_, _, p)| p.get(&Asked::Open))
            .flatten()
            .collect();
        worst.sort_by(|a, b| {
            let key = |t: &Turn| (t.errors.rate(), t.errors.wrong);
            key(b)
                .partial_cmp(&key(a))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        println!("\nThe ten worst open turns");
        for t in worst.iter().take(10) {
            println!(
                "  {}: said {:?}, heard {:?} ({:.2}) {}",
                t.file, t.said, t.heard, t.confidence, t.why
            );
        }
    }

    /// One line a turn, for a spreadsheet.
    pub fn write_turns(&self, path: &Path) -> Result<()> {
        let mut out = csv::WriterBuilder::new().delimiter(b'\t').from_path(path)?;
        out.write_record([
            "set",
            "asked",
            "file",
            "speaker",
            "said",
            "heard",
            "why",
            "confidence",
            "best",
            "best_confidence",
            "wrong",
            "wanted",
            "cpu_ms",
            "final_ms",
        ])?;
        for (set, _, passes) in &self.sets {
            for (asked, turns) in passes {
                for t in turns {
                    let (best, sure) = t.best.clone().unwrap_or_default();
                    out.write_record([
                        set.clone(),
                        format!("{asked:?}"),
                        t.file.clone(),
                        t.speaker.clone(),
                        t.said.clone(),
                        t.heard.clone(),
                        t.why.clone(),
                        format!("{:.3}", t.confidence),
                        best,
                        format!("{sure:.3}"),
                        t.errors.wrong.to_string(),
                        t.errors.wanted.to_string(),
                        format!("{:.0}", t.cpu_ms),
                        t.final_ms.map_or_else(String::new, |ms| ms.to_string()),
                    ])?;
                }
            }
        }
        Ok(out.flush()?)
    }

    #[must_use]
    pub fn json(&self) -> Value {
        let mut sets = Map::new();
        for (name, lang, passes) in &self.sets {
            let open = passes.get(&Asked::Open).map_or(&[][..], Vec::as_slice);
            let error = sum(open.iter().map(|t| t.errors)).rate();
            let mut closed_sets = Map::new();
            for of in CLOSED {
                if let (Some(accuracy), Some(false_accept)) = closed(passes, of) {
                    closed_sets.insert(
                        of.to_string(),
                        json!({"accuracy": round(accuracy), "false_accept": round(false_accept)}),
                    );
                }
            }
            sets.insert(
                name.clone(),
                json!({
                    "n": open.len(),
                    "cer": (*lang == Lang::Zh).then(|| round(error)),
                    "wer": (*lang == Lang::En).then(|| round(error)),
                    "syllable_error": (*lang == Lang::Zh)
                        .then(|| round(sum(open.iter().map(|t| t.syllables)).rate())),
                    "exact": round(share(open, Turn::exact)),
                    "closed": closed_sets,
                    "step": passes.get(&Asked::Step).map(|t| round(share(t, Turn::right))),
                    "digits_exact": passes.get(&Asked::Digits).map(|t| round(share(t, Turn::exact))),
                    "partials_changed": changed(passes).map(round),
                    "cpu_ms": mean_cpu(passes, Asked::Open).map(f64::round),
                    "cpu_ms_30": mean_cpu(passes, Asked::Closed { of: 30, inside: true }).map(f64::round),
                    "final_ms": {"p50": quantile(&finals(open), 50), "p95": quantile(&finals(open), 95)},
                }),
            );
        }
        let mut noise = Map::new();
        for r in &self.noise {
            let key = format!("{}-{}db-{}-{}", r.kind, r.db, r.words, r.set);
            noise.insert(
                key,
                json!({"error": round(r.errors.rate()), "syllable_error": (r.lang == Lang::Zh).then(|| round(r.syllables.rate()))}),
            );
        }
        let non_speech = self.non_speech.as_ref();
        json!({
            "sets": sets,
            "noise": noise,
            "non_speech": {
                "n": non_speech.map_or(0, |f| f.n),
                "accepted": non_speech.map_or(0, |f| f.accepted.len()),
            },
        })
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header.to_vec());
    table
}

fn sum(errors: impl Iterator<Item = Errors>) -> Errors {
    errors.fold(Errors::default(), |mut all, e| {
        all.add(e);
        all
    })
}

fn share(turns: &[Turn], of: impl Fn(&Turn) -> bool) -> f64 {
    turns.iter().filter(|t| of(t)).count() as f64 / turns.len().max(1) as f64
}

/// Right when the phrase was in the set, and taken for one when it was not.
fn closed(passes: &Passes, of: usize) -> (Option<f64>, Option<f64>) {
    let pass = |inside| passes.get(&Asked::Closed { of, inside });
    (
        pass(true).map(|t| share(t, Turn::right)),
        pass(false).map(|t| share(t, |t| t.accepted.is_some())),
    )
}

fn changed(passes: &Passes) -> Option<f64> {
    let turns = passes.get(&Asked::Partials)?;
    let all: usize = turns.iter().map(|t| t.rough_words).sum();
    let changed: usize = turns.iter().map(|t| t.rough_changed).sum();
    (all > 0).then(|| changed as f64 / all as f64)
}

fn mean_cpu(passes: &Passes, asked: Asked) -> Option<f64> {
    let turns = passes.get(&asked)?;
    Some(turns.iter().map(|t| t.cpu_ms).sum::<f64>() / turns.len().max(1) as f64)
}

fn finals(turns: &[Turn]) -> Vec<u64> {
    turns.iter().filter_map(|t| t.final_ms).collect()
}

fn quantile(values: &[u64], percent: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |s| format!("{:.1}", s * 100.0))
}

fn round(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}
