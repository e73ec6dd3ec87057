//! Whisper with the real model, where it is installed.

use super::*;
use crate::engines::runtime::testing::{installed, shared_data};
use crate::hearing::traits::{Candidate, DecodeId};
use crate::terms::{DigitField, Expectation, Lang, Phrase};
const MODELS: [&str; 2] = ["whisper-base-tuned", "whisper-base"];

/// Both builds of the model, those that are installed.
fn whispers() -> Vec<(&'static str, Arc<Whisper>)> {
    MODELS
        .into_iter()
        .filter_map(|name| Some((name, whisper(name)?)))
        .collect()
}

fn whisper(name: &str) -> Option<Arc<Whisper>> {
    let (library, folder) = installed(name)?;
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
    let mut kept = Vec::new();
    for (model, whisper) in whispers() {
        for (name, samples) in non_speech() {
            for lang in [Lang::Zh, Lang::En] {
                let got = whisper.recognise(&samples, &open(lang));
                if passes(&got) {
                    kept.push(format!("{model} {lang} {name}: {got:?}"));
                }
            }
        }
    }
    assert!(kept.is_empty(), "{kept:#?}");
}

#[test]
fn recorded_noises_give_nothing() {
    let Some(data) = shared_data() else { return };
    for (model, whisper) in whispers() {
        let (mut kept, mut count) = (Vec::new(), 0);
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
        assert!(kept.len() * 20 <= count, "{model}: {kept:#?}");
    }
}

/// Spoken by the product's own voice, as a telephone carries it.
fn said(text: &str, lang: Lang, voice: &str) -> Option<Vec<i16>> {
    use crate::engines::kokoro::Kokoro;
    use crate::voice::{Studio, StudioConfig};
    let (library, folder) = installed("kokoro-zh-en")?;
    runtime::load(&library).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let studio = Studio::new(
        Arc::new(Kokoro::load(&folder).unwrap()),
        Kokoro::phonemizer(&folder).unwrap(),
        cache.path().to_owned(),
        StudioConfig {
            workers: 1,
            memory_mib: 1,
        },
    );
    let line = crate::terms::Line {
        text: text.into(),
        lang,
        voice: voice.into(),
        speed_percent: 100,
        recording: None,
    };
    let law = crate::audio::g711::Law::Mu;
    let prompt = studio.render_once(&line).unwrap();
    Some(
        prompt
            .samples
            .iter()
            .map(|s| law.decode_sample(law.encode_sample(*s)))
            .collect(),
    )
}

fn expecting(lang: Lang, phrases: &[(&str, &str)]) -> Expectation {
    Expectation {
        lang,
        phrases: phrases
            .iter()
            .map(|(text, meaning)| Phrase {
                text: (*text).into(),
                meaning: (*meaning).into(),
            })
            .collect(),
        ..Expectation::default()
    }
}

#[test]
fn an_expected_phrase_is_heard_as_itself_and_words_of_another_meaning_are_not_forced_into_it() {
    let steps = [
        (
            Lang::Zh,
            "zf_xiaoyi",
            ["不用了，谢谢", "我们明天下午再谈这件事情"],
            [
                ("不用了谢谢", "deny"),
                ("可以", "affirm"),
                ("多少钱", "price"),
                ("你是机器人吗", "robot"),
            ],
        ),
        (
            Lang::En,
            "af_bella",
            ["no thank you", "my sister lives in the green house"],
            [
                ("no thank you", "deny"),
                ("yes please", "affirm"),
                ("how much is it", "price"),
                ("are you a robot", "robot"),
            ],
        ),
    ];
    for (lang, voice, [inside, outside], phrases) in steps {
        let (Some(known), Some(other)) = (said(inside, lang, voice), said(outside, lang, voice))
        else {
            return;
        };
        let expectation = expecting(lang, &phrases);
        for (model, whisper) in whispers() {
            let RecognisedKind::Final(words) = whisper.recognise(&known, &expectation) else {
                panic!("{model}: {inside} was not heard");
            };
            assert_eq!(words.candidates[0].meaning, "deny", "{model}: {words:?}");
            assert!(
                words.candidates[0].confidence >= Candidate::ACCEPT,
                "{model}: {words:?}"
            );
            let got = whisper.recognise(&other, &expectation);
            if let RecognisedKind::Final(words) | RecognisedKind::Unsure(words) = got {
                assert!(
                    words
                        .candidates
                        .iter()
                        .all(|c| c.confidence < Candidate::ACCEPT),
                    "{model}: {outside} was taken for {words:?}"
                );
            }
        }
    }
}

#[test]
fn a_field_of_digits_gives_so_many_digits() {
    for (lang, voice, text) in [
        (Lang::Zh, "zm_yunxi", "三八四二，五九一零"),
        (
            Lang::En,
            "am_puck",
            "three eight four two, five nine one zero",
        ),
    ] {
        let Some(sound) = said(text, lang, voice) else {
            return;
        };
        let expectation = Expectation {
            lang,
            digits: Some(DigitField { least: 8, most: 8 }),
            ..Expectation::default()
        };
        for (model, whisper) in whispers() {
            let RecognisedKind::Final(words) = whisper.recognise(&sound, &expectation) else {
                panic!("{model}: no digits");
            };
            let digits = words.text.chars().filter(char::is_ascii_digit).count();
            assert_eq!(digits, 8, "{model}: {words:?}");
            if model == MODELS[0] {
                assert_eq!(words.text, "38425910");
            }
        }
    }
}

#[test]
fn texts_become_the_tokens_the_model_was_trained_on() {
    let Some((_, folder)) = installed("whisper-base") else {
        return;
    };
    let vocab = vocab::Vocab::read(&folder.join("tokens.txt")).unwrap();
    let encoder = bpe::Encoder::new(&vocab);
    // Ids as OpenAI's own tokenizer gives them.
    assert_eq!(
        encoder.encode("以下是普通话的句子。"),
        [
            3588, 4438, 1541, 29993, 19550, 21596, 1546, 34592, 7626, 1543
        ]
    );
    assert_eq!(encoder.encode("零"), [6306, 114]);
    assert_eq!(encoder.encode(" hello world"), [7751, 1002]);
    for text in [" don't call me again", "明天下午三点半", " VIP会员 8:30"] {
        assert_eq!(vocab.text(&encoder.encode(text)), text);
    }
}

fn wav(path: &std::path::Path) -> Option<Vec<i16>> {
    let mut reader = hound::WavReader::open(path).ok()?;
    (reader.spec().sample_rate == 8000).then_some(())?;
    reader.samples::<i16>().collect::<Result<_, _>>().ok()
}

#[test]
fn an_ear_answers_its_decode_with_the_id_it_was_asked_under() {
    let Some(whisper) = whisper(MODELS[0]) else {
        return;
    };
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
