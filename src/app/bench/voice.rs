//! `callsmith bench voice`: every named voice says sentences of sales calls through a telephone line, and the embedded ear
//! writes down what it understood. The errors are the voice's and the ear's together; the columns compare voices.

use crate::app::{models, voices};
use crate::audio::g711::Law;
use crate::audio::level::rms_dbfs;
use crate::engines::kokoro::catalog;
use crate::engines::pool::Pool;
use crate::engines::runtime;
use crate::engines::whisper::Whisper;
use crate::hearing::expectation;
use crate::hearing::traits::RecognisedKind;
use crate::terms::{Expectation, Lang, Line};
use crate::voice::{Studio, post, spoken};
use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const ZH: &str = include_str!("../../../tests/data/sentences/zh.txt");
const EN: &str = include_str!("../../../tests/data/sentences/en.txt");
/// A frame louder than this is speech.
const SPEECH_DBFS: f32 = -45.0;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
    /// Only these voices: names of `voices list`, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub voices: Vec<String>,
    /// Sentences a voice, 1 to 100.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub sentences: u32,
}

/// One sentence as one voice said it.
struct Said {
    voice: usize,
    /// Wrong and right characters (Chinese) or words (English).
    wrong: usize,
    of: usize,
    /// The same in syllables without tones; English as `wrong` and `of`.
    wrong_sounds: usize,
    of_sounds: usize,
    seconds: f64,
    /// Processor seconds.
    made_in: f64,
    active_dbfs: f32,
    peak_dbfs: f32,
    lead_ms: usize,
    trail_ms: usize,
}

struct Voice {
    name: String,
    lang: Lang,
}

pub async fn run(args: &Args) -> Result<bool> {
    let voices = chosen(&args.voices)?;
    let store = models::open()?;
    let model = store.check("whisper-base")?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = Arc::new(Pool::new(workers));
    let ear = Whisper::load(&model.dir, &runtime::find()?, pool, workers)?;
    let studio = voices::studio()?;
    let jobs: Vec<(usize, &str)> = voices
        .iter()
        .enumerate()
        .flat_map(|(i, v)| {
            let sentences = sentences(v.lang).take(args.sentences as usize);
            sentences.map(move |s| (i, s))
        })
        .collect();
    let progress = bar(jobs.len() as u64);
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let failed: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((voice, text)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match one(&studio, &ear, *voice, &voices[*voice], text) {
                        Ok(said) => lock(&all).push(said),
                        Err(e) => {
                            *lock(&failed) = Some(e);
                            next.store(jobs.len(), Ordering::Relaxed);
                        }
                    }
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
    if let Some(e) = lock(&failed).take() {
        return Err(e);
    }
    let all = lock(&all);
    let figures: Vec<(String, Figures)> = voices
        .iter()
        .enumerate()
        .map(|(i, v)| {
            (
                v.name.clone(),
                Figures::of(all.iter().filter(|s| s.voice == i)),
            )
        })
        .collect();
    println!("{}", table(&voices, &figures));
    if args.json {
        let by_name: BTreeMap<&str, serde_json::Value> = voices
            .iter()
            .zip(&figures)
            .map(|(v, (name, f))| (name.as_str(), f.json(v.lang)))
            .collect();
        println!("{}", serde_json::json!({ "voices": by_name }));
    }
    Ok(true)
}

fn chosen(names: &[String]) -> Result<Vec<Voice>> {
    let known = catalog::read()?;
    if let Some(name) = names.iter().find(|n| known.iter().all(|v| v.name != **n)) {
        let all: Vec<&str> = known.iter().map(|v| v.name.as_str()).collect();
        bail!("--voices {name}: there are {}", all.join(", "));
    }
    Ok(known
        .into_iter()
        .filter(|v| names.is_empty() || names.contains(&v.name))
        .map(|v| Voice {
            name: v.name,
            lang: v.lang,
        })
        .collect())
}

fn sentences(lang: Lang) -> impl Iterator<Item = &'static str> {
    match lang {
        Lang::Zh => ZH.lines(),
        Lang::En => EN.lines(),
    }
}

fn one(studio: &Studio, ear: &Whisper, index: usize, voice: &Voice, text: &str) -> Result<Said> {
    let line = Line {
        text: text.into(),
        lang: voice.lang,
        voice: voice.name.clone(),
        speed_percent: 100,
        recording: None,
    };
    let began = cpu_seconds();
    let prompt = studio
        .render_once(&line)
        .with_context(|| format!("{}: {text:?}", voice.name))?;
    let made_in = cpu_seconds() - began;
    let heard: Vec<i16> = prompt
        .samples
        .iter()
        .map(|s| Law::A.decode_sample(Law::A.encode_sample(*s)))
        .collect();
    let open = Expectation {
        lang: voice.lang,
        ..Expectation::default()
    };
    let written = match ear.recognise(&heard, &open) {
        RecognisedKind::Final(w) | RecognisedKind::Unsure(w) | RecognisedKind::Partial(w) => w.text,
        RecognisedKind::Nothing(_) => String::new(),
        RecognisedKind::Failed(why) => bail!("the ear failed: {why}"),
    };
    tracing::debug!(voice = voice.name, text, written, "bench voice");
    let (want, got) = (units(text, voice.lang), units(&written, voice.lang));
    let (want_sounds, got_sounds) = match voice.lang {
        Lang::Zh => (sounds(text), sounds(&written)),
        Lang::En => (want.clone(), got.clone()),
    };
    let floats: Vec<f32> = heard.iter().map(|s| f32::from(*s) / 32768.0).collect();
    let peak = floats.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
    let (lead, trail) = silence(&heard);
    Ok(Said {
        voice: index,
        // A recogniser that runs on is one wrong sentence, not ten.
        wrong: distance(&want, &got).min(want.len()),
        of: want.len(),
        wrong_sounds: distance(&want_sounds, &got_sounds).min(want_sounds.len()),
        of_sounds: want_sounds.len(),
        seconds: prompt.ms() as f64 / 1000.0,
        made_in,
        active_dbfs: db(post::active_rms(&floats)),
        peak_dbfs: db(peak),
        lead_ms: lead,
        trail_ms: trail,
    })
}

/// Processor time of this thread, on which the voice runs: other work on the machine does not count.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock exists on every Unix we build for, and the pointer is to a value of ours.
    unsafe {
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
    }
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What is compared: characters or words, figures written out on both sides.
fn units(text: &str, lang: Lang) -> Vec<String> {
    let words = spoken::in_words(text, lang).to_lowercase();
    match lang {
        Lang::Zh => words
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(String::from)
            .collect(),
        Lang::En => words
            .replace('-', " ")
            .split_whitespace()
            .map(|w| {
                w.chars()
                    .filter(|c| c.is_alphanumeric())
                    .collect::<String>()
            })
            .filter(|w| !w.is_empty())
            .collect(),
    }
}

/// Syllables without tones: what homophones share. 幺 is another name of 一.
fn sounds(text: &str) -> Vec<String> {
    let words = spoken::in_words(text, Lang::Zh).replace('幺', "一");
    expectation::tokens(&words)
}

/// Edits from one to the other (Levenshtein).
fn distance(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Milliseconds of silence before and behind the speech.
fn silence(samples: &[i16]) -> (usize, usize) {
    let loud = |f: &[i16]| rms_dbfs(f) > SPEECH_DBFS;
    let frames = samples.chunks(80);
    let n = frames.len();
    let lead = frames.clone().position(loud).unwrap_or(n);
    let trail = frames.rev().position(loud).unwrap_or(n);
    (lead * 10, trail * 10)
}

fn db(x: f32) -> f32 {
    20.0 * x.max(1e-6).log10()
}

#[derive(Default)]
struct Figures {
    n: usize,
    /// Percent.
    error: f64,
    sound_error: f64,
    rtf: f64,
    active_dbfs: f64,
    peak_dbfs: f32,
    lead_ms: usize,
    trail_ms: usize,
}

impl Figures {
    fn of<'a>(all: impl Iterator<Item = &'a Said>) -> Figures {
        let all: Vec<&Said> = all.collect();
        let n = all.len();
        let sum = |f: &dyn Fn(&Said) -> f64| all.iter().map(|s| f(s)).sum::<f64>();
        let share = |wrong: f64, of: f64| 100.0 * wrong / of.max(1.0);
        Figures {
            n,
            error: share(sum(&|s| s.wrong as f64), sum(&|s| s.of as f64)),
            sound_error: share(
                sum(&|s| s.wrong_sounds as f64),
                sum(&|s| s.of_sounds as f64),
            ),
            rtf: sum(&|s| s.made_in) / sum(&|s| s.seconds).max(0.001),
            active_dbfs: sum(&|s| f64::from(s.active_dbfs)) / n.max(1) as f64,
            peak_dbfs: all.iter().map(|s| s.peak_dbfs).fold(-99.0, f32::max),
            lead_ms: all.iter().map(|s| s.lead_ms).max().unwrap_or(0),
            trail_ms: all.iter().map(|s| s.trail_ms).max().unwrap_or(0),
        }
    }

    fn json(&self, lang: Lang) -> serde_json::Value {
        let two = |x: f64| (x * 100.0).round() / 100.0;
        let (cer, wer) = match lang {
            Lang::Zh => (Some(two(self.error)), None),
            Lang::En => (None, Some(two(self.error))),
        };
        serde_json::json!({
            "lang": lang.code(), "n": self.n, "cer": cer, "wer": wer, "syllable_error": cer.map(|_| two(self.sound_error)),
            "rtf": two(self.rtf), "active_dbfs": two(self.active_dbfs), "peak_dbfs": two(f64::from(self.peak_dbfs)),
            "lead_ms": self.lead_ms, "trail_ms": self.trail_ms,
        })
    }
}

fn table(voices: &[Voice], figures: &[(String, Figures)]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "voice",
        "lang",
        "n",
        "CER/WER %",
        "syllables %",
        "RTF",
        "active dBFS",
        "peak dBFS",
        "silence ms (most)",
    ]);
    for (voice, (name, f)) in voices.iter().zip(figures) {
        let sound_error = match voice.lang {
            Lang::Zh => format!("{:.1}", f.sound_error),
            Lang::En => "–".into(),
        };
        table.add_row([
            name.clone(),
            voice.lang.code().into(),
            f.n.to_string(),
            format!("{:.1}", f.error),
            sound_error,
            format!("{:.2}", f.rtf),
            format!("{:.1}", f.active_dbfs),
            format!("{:.1}", f.peak_dbfs),
            format!("{} / {}", f.lead_ms, f.trail_ms),
        ]);
    }
    table
}

fn bar(sentences: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} sentences, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(sentences).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(500));
    progress
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_a_hundred_different_sentences_a_language() {
        for lang in [Lang::Zh, Lang::En] {
            let all: std::collections::BTreeSet<&str> = sentences(lang).collect();
            assert_eq!(all.len(), 100);
        }
    }

    #[test]
    fn figures_are_compared_as_they_are_spoken_and_homophones_are_forgiven_as_sounds() {
        assert_eq!(
            units("3点半，好吗？", Lang::Zh),
            units("三点半好吗", Lang::Zh)
        );
        assert_eq!(
            units("It's $12.", Lang::En),
            units("its twelve dollars", Lang::En)
        );
        let (want, got) = (sounds("他在家"), sounds("她再加"));
        assert_eq!(distance(&want, &got), 0);
        let of = |text: &str| units(text, Lang::Zh);
        assert_eq!(distance(&of("他在家"), &of("她再加")), 3);
        assert_eq!(distance(&of("您好"), &of("你您好吗")), 2);
        assert_eq!(distance(&of(""), &of("好")), 1);
    }
}
