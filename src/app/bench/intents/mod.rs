//! `callsmith bench intents`: how well replies are understood on public sets, clean and with simulated recognition errors,
//! beside a TF-IDF and linear SVM baseline.

mod measure;
mod noise;
mod parts;
mod sets;
mod svm;

use crate::app::{models, vectors};
use crate::dialogue::intent::Vectors;
use crate::dialogue::traits::Embedder;
use crate::engines::embedder::{self, E5};
use crate::engines::models::default_root;
use crate::engines::runtime;
use anyhow::{Context, Result};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use measure::Reached;
use parts::Parts;
use serde_json::{Value, json};
use sets::Set;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder of the sets, each a folder with train.tsv and dev.tsv [default: data/intents in $CALLSMITH_SHARED or in
    /// ../shared]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Only these sets, such as clinc150-10.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub set: Vec<String>,
    /// Read by n-grams alone, as without the model e5-small.
    #[arg(long)]
    pub words_only: bool,
    /// A Python with scikit-learn for the baseline; without one a baseline of our own is trained.
    #[arg(long, value_name = "FILE", requires = "svm")]
    pub python: Option<PathBuf>,
    /// scripts/bench-intents/svm.py
    #[arg(long, value_name = "FILE", requires = "python")]
    pub svm: Option<PathBuf>,
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
}

struct Row {
    set: String,
    n: usize,
    own: Reached,
    svm: svm::Figures,
}

pub async fn run(args: &Args) -> Result<bool> {
    let dir = args.data.clone().unwrap_or_else(shared);
    let sets = sets::read(&dir, &args.set)?;
    let embedder = if args.words_only { None } else { e5()? };
    let embedder = embedder.as_ref().map(|e| e as &dyn Embedder);
    let home = default_root().join("bench-intents");
    std::fs::create_dir_all(&home).with_context(|| home.display().to_string())?;
    let all: Vec<(Set, Parts)> = sets
        .into_iter()
        .map(|set| {
            let parts = Parts::of_set(&set);
            (set, parts)
        })
        .collect();
    let mut rows: Vec<Row> = Vec::new();
    let mut held: Option<(String, Vectors)> = None;
    for (set, parts) in &all {
        let vectors = match held.take() {
            Some((corpus, vectors)) if corpus == set.corpus => vectors,
            _ => embedded(&all, &set.corpus, embedder, &home)?,
        };
        note(&format!("{}: {} rows to learn", set.name, set.train.len()));
        let own = measure::measure(set, parts, &vectors, embedder)?;
        note(&format!("{}: baseline", set.name));
        let svm = baseline(args, set, parts, &home)?;
        rows.push(Row {
            set: set.name.clone(),
            n: set.test.len(),
            own,
            svm,
        });
        held = Some((set.corpus.clone(), vectors));
    }
    println!("{}", table(&rows));
    let forty = all.iter().find(|(set, _)| set.name == "clinc150-40");
    if let (Some(embedder), Some((set, _))) = (embedder, forty) {
        let (took, used) = measure::load(set, embedder, &home)?;
        println!(
            "60 intents × 40 examples ready in {:.1} s ({used:.1} s of one core), their vectors read from the file",
            took.as_secs_f64(),
        );
    }
    if args.json {
        println!("{}", line(&rows));
    }
    Ok(true)
}

/// The sets lie beside the checkout, or beside the folder the program is run in.
fn shared() -> PathBuf {
    let named = std::env::var_os("CALLSMITH_SHARED").map(PathBuf::from);
    let beside = || {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
        if checkout.is_dir() {
            checkout
        } else {
            PathBuf::from("../shared")
        }
    };
    named.unwrap_or_else(beside).join("data/intents")
}

fn e5() -> Result<Option<E5>> {
    let store = models::open()?;
    match store.check(embedder::MODEL) {
        Ok(model) => Ok(Some(E5::load(&model.dir, &runtime::find()?)?)),
        Err(e) => {
            note(&format!("read by n-grams alone: {e}"));
            Ok(None)
        }
    }
}

/// The vectors of all sets of a corpus, kept for the next run.
fn embedded(
    all: &[(Set, Parts)],
    corpus: &str,
    embedder: Option<&dyn Embedder>,
    home: &Path,
) -> Result<Vectors> {
    let Some(embedder) = embedder else {
        return Ok(Vectors::default());
    };
    let own = all.iter().filter(|(set, _)| set.corpus == corpus);
    let texts = measure::texts(own.map(|(set, parts)| (set.lang, parts)));
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(texts.len() as u64).with_style(style);
    bar.set_message(format!("{corpus}: sentence vectors"));
    let file = home.join(format!("{corpus}-{}.bin", embedder.id()));
    let vectors = vectors::of_texts(embedder, &[file], &texts, |_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(vectors)
}

fn baseline(args: &Args, set: &Set, parts: &Parts, home: &Path) -> Result<svm::Figures> {
    match (&args.python, &args.svm) {
        (Some(python), Some(script)) => {
            let rows = home.join(format!("{}.tsv", set.name));
            svm::by_python(python, script, parts, set.lang, &rows)
        }
        _ => Ok(svm::by_hand(parts, set.lang, set.classes)),
    }
}

fn note(what: &str) {
    eprintln!("{what}");
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "set", "n", "right", "10 %", "noisy", "oos", "ece", "svm", "10 %", "noisy", "oos",
            "ms", "trained",
        ]);
    let share = |x: f64| format!("{x:.3}");
    let maybe = |x: Option<f64>| x.map_or_else(|| "–".into(), share);
    for row in rows {
        let (own, svm) = (&row.own.figures, &row.svm);
        table.add_row([
            row.set.clone(),
            row.n.to_string(),
            share(own.accuracy),
            maybe(own.light),
            share(own.noisy),
            maybe(own.oos_recall),
            share(row.own.ece),
            share(svm.accuracy),
            maybe(svm.light),
            share(svm.noisy),
            maybe(svm.oos_recall),
            format!("{:.1}", row.own.ms),
            format!("{:.1} s", row.own.trained_in.as_secs_f64()),
        ]);
    }
    table
}

fn line(rows: &[Row]) -> Value {
    let round = |x: f64| (x * 10_000.0).round() / 10_000.0;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "set": row.set,
                "n": row.n,
                "accuracy": round(row.own.figures.accuracy),
                "noisy": round(row.own.figures.noisy),
                "oos_recall": row.own.figures.oos_recall.map(round),
                "ece": round(row.own.ece),
                "svm_accuracy": round(row.svm.accuracy),
                "svm_noisy": round(row.svm.noisy),
                "svm_oos_recall": row.svm.oos_recall.map(round),
                "ms": round(row.own.ms),
            })
        })
        .collect();
    json!({ "rows": rows })
}
