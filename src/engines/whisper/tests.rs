//! Whisper with the real model, where it is installed.

use super::*;
use crate::engines::runtime::testing::{installed, shared_data};
use crate::engines::text::normalise;
use crate::hearing::traits::DecodeId;
use crate::terms::{Expectation, Lang};

use std::path::PathBuf;
use std::time::Instant;

fn whisper() -> Option<Arc<Whisper>> {
    let (library, folder) = installed("whisper-base")?;
    Some(Whisper::load(&folder, &library, Arc::new(Pool::new(1)), 1).unwrap())
}

fn open(lang: Lang) -> Expectation {
    Expectation {
        lang,
        ..Expectation::default()
    }
}

/// Named sounds that nobody spoke.
fn non_speech() -> Vec<(String, Vec<i16>)> {
    let seconds = |s: f32, f: &mut dyn FnMut(usize) -> f32| -> Vec<i16> {
        (0..(s * 8000.0) as usize).map(|i| f(i) as i16).collect()
    };
    let sine = |hz: f32, i: usize| (2.0 * std::f32::consts::PI * hz * i as f32 / 8000.0).sin();
    let mut seed = 3u32;
    let mut rand = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((seed >> 16) as i16) / 32768.0
    };
    let mut all = vec![
        ("silence 0.5 s".into(), seconds(0.5, &mut |_| 0.0)),
        ("silence 4 s".into(), seconds(4.0, &mut |_| 0.0)),
    ];
    for (loud, s) in [(60.0, 1.0), (600.0, 1.0), (600.0, 4.0), (6000.0, 2.0)] {
        all.push((
            format!("white noise {loud} for {s} s"),
            seconds(s, &mut |_| loud * rand()),
        ));
    }
    let mut low = 0.0;
    all.push((
        "rumble 3 s".into(),
        seconds(3.0, &mut |_| {
            low = 0.98 * low + 0.02 * 20_000.0 * rand();
            low
        }),
    ));
    let mut breath = 0.0;
    all.push((
        "breath 1.2 s".into(),
        seconds(1.2, &mut |i| {
            breath = 0.6 * breath + 0.4 * 2500.0 * rand();
            breath * sine(0.42, i).abs()
        }),
    ));
    for (name, hz) in [
        ("hum 50 Hz", vec![50.0, 100.0, 150.0]),
        ("ringback 450 Hz", vec![450.0]),
        ("US ringback", vec![440.0, 480.0]),
        ("key 5", vec![770.0, 1336.0]),
        ("beep 1400 Hz", vec![1400.0]),
        ("fax 2100 Hz", vec![2100.0]),
        ("chord", vec![261.6, 329.6, 392.0, 523.3]),
    ] {
        for s in [0.6, 2.5] {
            let wave = seconds(s, &mut |i| {
                3000.0 * hz.iter().map(|h| sine(*h, i)).sum::<f32>()
            });
            all.push((format!("{name} for {s} s"), wave));
        }
    }
    let notes = [262.0, 294.0, 330.0, 349.0, 392.0, 440.0, 494.0, 523.0];
    all.push((
        "tone melody 4 s".into(),
        seconds(4.0, &mut |i| {
            let note = notes[(i / 2000) % notes.len()];
            4000.0 * (sine(note, i) + 0.4 * sine(2.0 * note, i))
        }),
    ));
    all
}

/// What could reach a dialogue: trusted words, or doubtful ones that a step may have expected.
fn passes(kind: &RecognisedKind) -> bool {
    match kind {
        RecognisedKind::Final(_) | RecognisedKind::Partial(_) => true,
        RecognisedKind::Unsure(words) => words.confidence >= 0.12,
        RecognisedKind::Nothing(_) | RecognisedKind::Failed(_) => false,
    }
}

#[test]
fn silence_noise_and_tones_give_nothing_in_either_language() {
    let Some(whisper) = whisper() else { return };
    let mut kept = Vec::new();
    for (name, samples) in non_speech() {
        for lang in [Lang::Zh, Lang::En] {
            let got = whisper.recognise(&samples, &open(lang));
            if passes(&got) {
                kept.push(format!("{lang} {name}: {got:?}"));
            }
        }
    }
    assert!(kept.is_empty(), "{kept:#?}");
}

#[test]
fn recorded_noises_give_nothing() {
    let (Some(whisper), Some(data)) = (whisper(), shared_data()) else {
        return;
    };
    let mut kept = Vec::new();
    let mut count = 0;
    for n in 1..=20 {
        let Some(samples) = wav(&data.join(format!("noise/emgse/n{n}.wav"))) else {
            continue;
        };
        for lang in [Lang::Zh, Lang::En] {
            count += 1;
            let got = whisper.recognise(&samples, &open(lang));
            if passes(&got) {
                kept.push(format!("{lang} n{n}: {got:?}"));
            }
        }
    }
    println!("{} of {count} recorded noises kept: {kept:#?}", kept.len());
    assert!(kept.len() * 20 <= count, "{kept:#?}");
}

#[test]
fn people_are_understood_through_u_law() {
    let (Some(whisper), Some(data)) = (whisper(), shared_data()) else {
        return;
    };
    let zh = measure(&whisper, &data, Lang::Zh, "aishell-s0150", 62);
    let en = measure(&whisper, &data, Lang::En, "librispeech-bits", 10);
    let an4 = measure(&whisper, &data, Lang::En, "an4", 10);
    println!("zh {zh:.3} · librispeech {en:.3} · an4 {an4:.3}");
    assert!(zh < 0.30, "Mandarin character error {zh}");
    assert!(en < 0.30, "English word error {en}");
}

/// Error rate over up to `most` clips of one folder: by character in Mandarin, by word in English.
fn measure(whisper: &Whisper, data: &std::path::Path, lang: Lang, set: &str, most: usize) -> f32 {
    let (mut wrong, mut total, mut ms, mut seconds, mut clips) = (0, 0, 0.0, 0.0, 0);
    for (file, text) in manifest(data, set).into_iter().take(most) {
        let Some(samples) = wav(&file) else { continue };
        let began = Instant::now();
        let got = whisper.recognise(&samples, &open(lang));
        ms += began.elapsed().as_secs_f64() * 1000.0;
        seconds += samples.len() as f64 / 8000.0;
        clips += 1;
        let heard = match got {
            RecognisedKind::Final(w) => w.text,
            other => {
                println!("{}: {other:?}", file.display());
                String::new()
            }
        };
        let want = normalise(&text, lang);
        if heard != want {
            println!("{want}\n{heard}\n");
        }
        let units = |t: &str| -> Vec<String> {
            match lang {
                // Years and phone numbers count as right however they are written.
                Lang::Zh => t
                    .chars()
                    .filter(|c| *c != ' ')
                    .map(|c| match c.to_digit(10) {
                        Some(d) => "零一二三四五六七八九".chars().nth(d as usize).unwrap_or(c),
                        None => c,
                    })
                    .map(String::from)
                    .collect(),
                Lang::En => t.split(' ').map(str::to_owned).collect(),
            }
        };
        let (a, b) = (units(&want), units(&heard));
        wrong += edits(&a, &b);
        total += a.len();
    }
    println!(
        "{set}: {clips} clips, {:.1} s each, {:.0} ms a decode, {wrong} errors in {total}",
        seconds / f64::from(clips.max(1)),
        ms / f64::from(clips.max(1))
    );
    wrong as f32 / total.max(1) as f32
}

fn edits(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Files and texts of one folder of the recorded speech.
fn manifest(data: &std::path::Path, set: &str) -> Vec<(PathBuf, String)> {
    let text = std::fs::read_to_string(data.join("speech/manifest.tsv")).unwrap_or_default();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name);
    let (Some(file), Some(words)) = (column("file"), column("text")) else {
        return Vec::new();
    };
    lines
        .map(|l| l.split('\t').collect::<Vec<_>>())
        .filter(|c| c.len() > words && c[0] == "dev" && c[file].contains(set))
        .map(|c| (data.join("speech").join(c[file]), c[words].to_owned()))
        .collect()
}

fn wav(path: &std::path::Path) -> Option<Vec<i16>> {
    let mut reader = hound::WavReader::open(path).ok()?;
    (reader.spec().sample_rate == 8000).then_some(())?;
    reader.samples::<i16>().collect::<Result<_, _>>().ok()
}

#[test]
fn an_ear_answers_its_decode_with_the_id_it_was_asked_under() {
    let Some(whisper) = whisper() else { return };
    let (tell, mut told) = mpsc::channel(8);
    let mut ear = whisper.open(tell);
    ear.expect(&Arc::new(Expectation::default()));
    ear.begin(7, &[0; 2400]);
    for _ in 0..20 {
        ear.audio(&[0; 160]);
    }
    let id = DecodeId {
        utterance: 7,
        attempt: 1,
    };
    ear.decode(id);
    ear.end();
    let got = told.blocking_recv().unwrap();
    assert_eq!(got.id, id);
    assert!(!passes(&got.kind), "{got:?}");
}

#[test]
fn a_folder_without_a_model_is_an_error_that_names_the_file() {
    let Some((library, _)) = installed("whisper-base") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let load = || Whisper::load(dir.path(), &library, Arc::new(Pool::new(1)), 1);
    assert!(load().err().unwrap().to_string().contains("tokens.txt"));
    std::fs::write(dir.path().join("tokens.txt"), "nonsense\n").unwrap();
    assert!(load().err().unwrap().to_string().contains("line 1"));
}
