use super::super::phonemes::Tables;
use super::super::traits::{Clause, SynthesisError};
use super::*;
use crate::terms::Lang;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says every symbol as 50 ms of a tone.
#[derive(Default)]
struct Beeper {
    spoken: AtomicUsize,
    voices: Vec<String>,
}

impl Synthesizer for Beeper {
    fn fingerprint(&self) -> &str {
        "beeper 1"
    }
    fn rate(&self) -> u32 {
        24000
    }
    fn voices(&self) -> &[String] {
        &self.voices
    }
    fn knows(&self, symbol: char) -> bool {
        symbol != 'ŋ'
    }
    fn speak(&self, clause: &Clause) -> Result<Vec<f32>, SynthesisError> {
        self.spoken.fetch_add(1, Ordering::SeqCst);
        assert!(!clause.phonemes.contains('ɤ'), "a voice with a bug");
        let n = clause.phonemes.chars().count() * 1200;
        Ok((0..n).map(|i| 0.2 * (i as f32 * 0.1).sin()).collect())
    }
}

fn phonemizer() -> Phonemizer {
    let bytes = |s: &str| Arc::from(s.as_bytes());
    Phonemizer::new(Tables {
        zh_words: bytes("乐\t9\tle4\n好\t9\thao3\n您\t9\tnin2\n王\t9\twang2\n"),
        zh_pinyin: bytes("hao3\txau↓\nle4\tlɤ↘\nnin2\tni↗n\nwang2\twa↗ŋ\n"),
        en_words: bytes("hello\thəlˈO\t\n"),
    })
    .unwrap()
}

struct Setup {
    studio: Studio,
    voice: Arc<Beeper>,
    dir: tempfile::TempDir,
}

impl Setup {
    fn new() -> Setup {
        Setup::on(tempfile::tempdir().unwrap())
    }

    fn on(dir: tempfile::TempDir) -> Setup {
        let voice = Arc::new(Beeper {
            voices: vec!["beep".into()],
            ..Beeper::default()
        });
        let config = StudioConfig {
            workers: 2,
            memory_mib: 8,
        };
        let studio = Studio::new(
            voice.clone(),
            phonemizer(),
            dir.path().join("speech"),
            config,
        );
        Setup { studio, voice, dir }
    }

    async fn render(&self, line: &Line) -> Result<Arc<Prompt>, VoiceError> {
        self.studio.render(line, self.dir.path(), false).await
    }

    fn spoken(&self) -> usize {
        self.voice.spoken.load(Ordering::SeqCst)
    }
}

fn line(text: &str) -> Line {
    Line {
        text: text.into(),
        lang: Lang::Zh,
        voice: "beep".into(),
        speed_percent: 100,
        recording: None,
    }
}

#[tokio::test]
async fn a_line_is_spoken_once_and_then_comes_from_the_cache_even_after_a_restart() {
    let setup = Setup::new();
    let first = setup.render(&line("您好。")).await.unwrap();
    assert!(first.ms() > 300);
    assert_eq!(first.clauses.len(), 1);
    assert_eq!(first.clauses[0].text, "您好。");
    assert_eq!(setup.render(&line("您好。")).await.unwrap(), first);
    assert_eq!(setup.spoken(), 1);
    let again = Setup::on(setup.dir);
    assert_eq!(again.render(&line("您好。")).await.unwrap(), first);
    assert_eq!(again.spoken(), 0);
}

#[tokio::test]
async fn the_same_line_asked_for_ten_times_at_once_is_spoken_once() {
    let setup = Arc::new(Setup::new());
    let waiting: Vec<_> = (0..10)
        .map(|i| {
            let setup = setup.clone();
            tokio::spawn(async move {
                setup
                    .studio
                    .render(&line("hello"), Path::new("."), i % 2 == 0)
                    .await
            })
        })
        .collect();
    for w in waiting {
        assert!(w.await.unwrap().is_ok());
    }
    assert_eq!(setup.spoken(), 1);
}

#[tokio::test]
async fn a_damaged_cache_file_is_made_again() {
    let setup = Setup::new();
    let first = setup.render(&line("您好。")).await.unwrap();
    let mut files = Vec::new();
    for sub in std::fs::read_dir(setup.dir.path().join("speech")).unwrap() {
        files.extend(std::fs::read_dir(sub.unwrap().path()).unwrap());
    }
    assert_eq!(files.len(), 1);
    std::fs::write(files[0].as_ref().unwrap().path(), b"RIFF").unwrap();
    let again = Setup::on(setup.dir);
    assert_eq!(again.render(&line("您好。")).await.unwrap(), first);
    assert_eq!(again.spoken(), 1);
    let third = Setup::on(again.dir);
    assert_eq!(third.render(&line("您好。")).await.unwrap(), first);
    assert_eq!(third.spoken(), 0, "the file was repaired");
}

#[tokio::test]
async fn a_long_line_has_clauses_with_pauses_between_them() {
    let setup = Setup::new();
    let long = format!("{}。{}。", "好".repeat(20), "您".repeat(20));
    let prompt = setup.render(&line(&long)).await.unwrap();
    let [a, b] = &prompt.clauses[..] else {
        panic!("wanted two clauses, got {:?}", prompt.clauses)
    };
    assert_eq!((a.start, b.end), (0, prompt.samples.len()));
    assert_eq!(b.start - a.end, 300 * 8);
    assert!(prompt.samples[a.end..b.start].iter().all(|s| *s == 0));
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_with_the_reason() {
    let setup = Setup::new();
    let error = setup.render(&line("👍")).await.unwrap_err();
    assert!(matches!(error, VoiceError::NothingToSay { .. }), "{error}");
    let error = setup.render(&line("王")).await.unwrap_err();
    assert!(error.to_string().contains('ŋ'), "{error}");
    let mut other = line("您好");
    other.voice = "nobody".into();
    let error = setup.render(&other).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "voice \"nobody\" is not installed; installed are beep"
    );
    assert_eq!(setup.render(&line(" ")).await.unwrap().samples.len(), 0);
    assert_eq!(setup.spoken(), 0);
}

#[tokio::test]
async fn a_crash_in_the_voice_fails_its_line_and_no_other() {
    let setup = Setup::new();
    for _ in 0..4 {
        let error = setup.render(&line("乐")).await.unwrap_err();
        assert!(matches!(error, VoiceError::Engine(_)), "{error}");
    }
    assert!(setup.render(&line("您好")).await.is_ok());
}

#[tokio::test]
async fn a_recording_replaces_the_voice_and_a_new_take_replaces_the_recording() {
    let setup = Setup::new();
    let mut with = line("您好。");
    with.recording = Some("take.wav".into());
    let error = setup.render(&with).await.unwrap_err().to_string();
    assert!(
        error.contains("take.wav") && error.contains("does not exist"),
        "{error}"
    );
    for seconds in [1, 2] {
        let path = setup.dir.path().join("take.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        for i in 0..16000 * seconds {
            wav.write_sample((1000.0 * (i as f32 * 0.2).sin()) as i16)
                .unwrap();
        }
        wav.finalize().unwrap();
        let prompt = setup.render(&with).await.unwrap();
        assert_eq!(prompt.samples.len(), 8000 * seconds as usize);
        assert_eq!(prompt.clauses[0].text, "您好。");
    }
    assert_eq!(setup.spoken(), 0);
}

#[tokio::test]
async fn a_full_or_forbidden_disk_costs_no_line() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("speech"),
        "a file where the folder should be",
    )
    .unwrap();
    let setup = Setup::on(dir);
    assert!(setup.render(&line("您好。")).await.is_ok());
}

#[tokio::test]
async fn a_campaigns_own_pronunciation_is_spoken_and_cached_apart() {
    let setup = Setup::new();
    let plain = setup.render(&line("您好")).await.unwrap();
    let words = [("您".to_owned(), "hao3 hao3 hao3".to_owned())].into();
    let own = setup.studio.with_words(&words).unwrap();
    let said = own
        .render(&line("您好"), Path::new("."), false)
        .await
        .unwrap();
    assert!(said.ms() > plain.ms());
    assert_eq!(said.clauses[0].text, "您好");
    assert_eq!(setup.render(&line("您好")).await.unwrap(), plain);
    assert_eq!(setup.spoken(), 2);
    let bad = [("您".to_owned(), "nin9".to_owned())].into();
    assert!(setup.studio.with_words(&bad).is_err());
}

#[test]
fn a_line_rendered_once_is_kept_nowhere() {
    let setup = Setup::new();
    for _ in 0..2 {
        assert!(setup.studio.render_once(&line("您好。")).unwrap().ms() > 300);
    }
    assert_eq!(setup.spoken(), 2);
    assert!(!setup.dir.path().join("speech").exists());
}
