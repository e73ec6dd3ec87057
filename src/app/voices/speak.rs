//! `callsmith voices speak`: a file of lines into a folder of WAV files, as a telephone would carry them.

use crate::terms::{Lang, Line};
use crate::voice::Studio;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const HEADER: &str = "lang voice speed text";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A TSV file with the header `lang voice speed text`; a voice is a name or a blend (0.6*zf_xiaobei+0.4*af_heart).
    #[arg(long, value_name = "TSV")]
    pub lines: PathBuf,
    /// Where 00001.wav … and manifest.tsv (file, speaker, lang, text) go.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Samples a second; the voice is made for the telephone, so only 8000.
    #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u32).range(8000..=8000))]
    pub rate: u32,
    /// Lines at once; the number of cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs: Option<u32>,
}

/// A line of the file; `number` counts from 1 with the header.
struct Wanted {
    number: usize,
    line: Line,
}

/// False when a line could not be spoken.
pub fn run(args: &Args) -> Result<bool> {
    let text =
        std::fs::read_to_string(&args.lines).with_context(|| args.lines.display().to_string())?;
    let name = args.lines.display().to_string();
    let (wanted, mut wrong) = read(&text, &name)?;
    for complaint in &wrong {
        eprintln!("{complaint}");
    }
    std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let studio = super::studio()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = args
        .jobs
        .map_or(cores, |n| n as usize)
        .min(wanted.len().max(1));
    let progress = bar(wanted.len() as u64);
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(vec![None; wanted.len()]);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((i, want)) = {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    wanted.get(i).map(|w| (i, w))
                } {
                    match one(&studio, want, &args.out.join(file_name(i))) {
                        Ok(()) => lock(&rows)[i] = Some(row(i, want)),
                        Err(why) => {
                            let told = format!("{name}:{}: {why:#}", want.number);
                            progress.suspend(|| eprintln!("{told}"));
                            lock(&failed).push(told);
                        }
                    }
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
    wrong.append(&mut lock(&failed));
    let rows: Vec<String> = lock(&rows).drain(..).flatten().collect();
    let manifest = args.out.join("manifest.tsv");
    let table = format!("file\tspeaker\tlang\ttext\n{}", rows.concat());
    std::fs::write(&manifest, table).with_context(|| manifest.display().to_string())?;
    println!(
        "{} line(s) spoken, {} left out; {}",
        rows.len(),
        wrong.len(),
        manifest.display()
    );
    Ok(wrong.is_empty())
}

fn one(studio: &Studio, want: &Wanted, path: &Path) -> Result<()> {
    let prompt = studio.render_once(&want.line)?;
    if prompt.samples.is_empty() {
        bail!("there is nothing to say in it");
    }
    super::play::save(path, &prompt.samples)
}

fn file_name(i: usize) -> String {
    format!("{:05}.wav", i + 1)
}

fn row(i: usize, want: &Wanted) -> String {
    let Line {
        voice, lang, text, ..
    } = &want.line;
    format!("{}\t{voice}\t{lang}\t{text}\n", file_name(i))
}

/// The lines that can be used, and what is wrong with the others. A file without the header is an error.
fn read(text: &str, name: &str) -> Result<(Vec<Wanted>, Vec<String>)> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, l)| l);
    let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
    let wanted_columns: Vec<&str> = HEADER.split(' ').collect();
    if columns != wanted_columns {
        bail!("{name}:1: the header must be {HEADER:?}, separated by tabs; it is {header:?}");
    }
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (i, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
        match read_line(line) {
            Ok(line) => good.push(Wanted {
                number: i + 1,
                line,
            }),
            Err(why) => wrong.push(format!("{name}:{}: {why:#}", i + 1)),
        }
    }
    Ok((good, wrong))
}

fn read_line(line: &str) -> Result<Line> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [lang, voice, speed, text] = cells.as_slice() else {
        bail!(
            "{} columns instead of 4; they are separated by tabs",
            cells.len()
        );
    };
    let lang = match *lang {
        "zh" => Lang::Zh,
        "en" => Lang::En,
        other => bail!("lang {other:?}: write zh or en"),
    };
    let speed = speed
        .parse::<f32>()
        .ok()
        .filter(|s| (0.5..=2.0).contains(s))
        .with_context(|| format!("speed {speed:?}: write a number from 0.5 to 2, as in 1.05"))?;
    if text.is_empty() {
        bail!("the text is empty");
    }
    Ok(Line {
        text: (*text).to_owned(),
        lang,
        voice: (*voice).to_owned(),
        speed_percent: (speed * 100.0).round() as u16,
        recording: None,
    })
}

fn bar(lines: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} lines, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(lines).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(500));
    progress
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_told_with_its_number_and_the_others_are_kept() {
        let text = "lang\tvoice\tspeed\ttext\nzh\tzf_xiaobei\t1.05\t您好\nfr\tx\t1\tbonjour\n\nen\taf_bella\tfast\thi\nen\taf_bella\t1\thi\nen\tx\n";
        let (good, wrong) = read(text, "lines.tsv").unwrap();
        let kept: Vec<(usize, u16)> = good
            .iter()
            .map(|w| (w.number, w.line.speed_percent))
            .collect();
        assert_eq!(kept, [(2, 105), (6, 100)]);
        assert_eq!(wrong.len(), 3);
        assert!(
            wrong[0].starts_with("lines.tsv:3: lang \"fr\""),
            "{}",
            wrong[0]
        );
        assert!(
            wrong[1].starts_with("lines.tsv:5: speed \"fast\""),
            "{}",
            wrong[1]
        );
        assert!(
            wrong[2].starts_with("lines.tsv:7: 2 columns"),
            "{}",
            wrong[2]
        );
    }

    #[test]
    fn a_file_without_the_header_is_refused() {
        let error = read("zh\tzf_xiaobei\t1\t您好\n", "lines.tsv")
            .err()
            .unwrap();
        assert!(error.to_string().contains("lines.tsv:1"), "{error}");
    }
}
