use super::*;
use crate::terms::Lang;
use crate::voice::phonemes::{Phonemizer, Tables};
use crate::voice::studio::StudioConfig;
use crate::voice::traits::{Clause, SynthesisError, Synthesizer};
use std::sync::Condvar;

/// Speaks fillers at once and everything else when it is told to, a clause at a time.
#[derive(Default)]
struct Patient {
    clauses: Mutex<usize>,
    told: Condvar,
    voices: Vec<String>,
}

/// The fillers' words have these sounds, no other words do.
const FILLER_SOUND: char = 'ə';

impl Patient {
    fn may_speak(&self, clauses: usize) {
        *lock(&self.clauses) += clauses;
        self.told.notify_all();
    }
}

impl Synthesizer for Patient {
    fn fingerprint(&self) -> &str {
        "patient"
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
        if !clause.phonemes.contains(FILLER_SOUND) {
            let mut clauses = lock(&self.clauses);
            while *clauses == 0 {
                clauses = self
                    .told
                    .wait(clauses)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            *clauses -= 1;
        }
        let n = clause.phonemes.chars().count() * 1230;
        Ok((0..n).map(|i| 0.2 * (i as f32 * 0.1).sin()).collect())
    }
}

struct Setup {
    lines: Lines,
    voice: Arc<Patient>,
    _dir: tempfile::TempDir,
}

impl Setup {
    /// With the fillers spoken already, as after the first call of a campaign.
    async fn new() -> Setup {
        let bytes = |s: &str| Arc::from(s.as_bytes());
        let tables = Tables {
            zh_words: bytes("好\t9\thao3\n"),
            zh_pinyin: bytes("hao3\txau↓\n"),
            en_words: bytes(
                "bad\tŋŋ\t\nfive\tfffffffff\t\nlet\tə\t\nme\tə\t\nright\tə\t\nsee\tə\t\nwell\tə\t\n",
            ),
        };
        let voice = Arc::new(Patient {
            voices: vec!["v".into()],
            ..Patient::default()
        });
        let dir = tempfile::tempdir().unwrap();
        let config = StudioConfig {
            workers: 1,
            memory_mib: 8,
        };
        let studio = Arc::new(Studio::new(
            voice.clone(),
            Phonemizer::new(tables).unwrap(),
            dir.path().to_owned(),
            config,
        ));
        for filler in filler::lines(&line("x")) {
            studio
                .render(&filler, std::path::Path::new("."), false)
                .await
                .unwrap();
        }
        let mut lines = Lines::new(&studio, dir.path().to_owned(), &BTreeMap::new());
        lines.fillers.prepare(&studio, &line("x"));
        while lock(&lines.fillers.ready).len() < 3 {
            tokio::task::yield_now().await;
        }
        Setup {
            lines,
            voice,
            _dir: dir,
        }
    }

    async fn part(&mut self) -> (Part, Arc<Prompt>) {
        let (number, prompt, _) = self.lines.next().await.unwrap();
        (Part::numbered(number), prompt)
    }

    /// As if the first line had waited long enough for a filler.
    fn time_passes(&mut self) {
        let long_ago = Instant::now() - FILLER_AFTER;
        self.lines.quiet_from = long_ago;
        for line in &mut self.lines.waiting {
            line.pushed = long_ago;
        }
    }
}

fn line(text: &str) -> Line {
    Line {
        text: text.into(),
        lang: Lang::En,
        voice: "v".into(),
        speed_percent: 100,
        recording: None,
    }
}

/// Three clauses when it is spoken live.
const LONG: &str =
    "Five five, five five five five. Five five five five five five five. Five five five?";

#[tokio::test]
async fn a_line_that_takes_long_begins_with_a_filler_and_then_comes_clause_by_clause() {
    let mut setup = Setup::new().await;
    setup.lines.push(3, line(LONG), true);
    setup.time_passes();
    let (filler, sound) = setup.part().await;
    assert_eq!(filler, Part::first(3, 0));
    assert!(sound.ms() > 0);
    let mut heard = Vec::new();
    loop {
        setup.voice.may_speak(1);
        let (part, sound) = setup.part().await;
        assert_eq!(part.say, 3);
        heard.extend(sound.clauses.iter().map(|c| c.text.clone()));
        if !part.more {
            break;
        }
        assert_eq!(usize::from(part.clauses), sound.clauses.len());
        assert_eq!(sound.samples.len() % FRAME, 0);
        assert_eq!(
            sound.samples.last(),
            Some(&0),
            "a gap behind it cannot click"
        );
    }
    assert!(heard.len() >= 3, "{heard:?}");
    assert_eq!(heard.join(" "), LONG);
}

#[tokio::test]
async fn a_line_that_was_spoken_before_comes_whole_and_without_a_filler() {
    let mut setup = Setup::new().await;
    setup.voice.may_speak(100);
    let rendered = setup
        .lines
        .studio
        .render(&line(LONG), std::path::Path::new("."), false)
        .await
        .unwrap();
    setup.lines.push(4, line(LONG), true);
    let (part, sound) = setup.part().await;
    assert_eq!(part, Part::last(4));
    assert_eq!(sound, rendered);
}

#[tokio::test]
async fn the_opening_and_what_may_not_be_interrupted_get_no_filler() {
    for (say, interruptible) in [(0, true), (5, false)] {
        let mut setup = Setup::new().await;
        setup.lines.push(say, line(LONG), interruptible);
        assert_eq!(setup.lines.filler_due(), None, "{say}");
        setup.voice.may_speak(100);
        let (part, _) = setup.part().await;
        assert_eq!((part.say, part.clauses), (say, 1));
    }
}

#[tokio::test]
async fn fillers_come_neither_twice_in_a_row_nor_in_front_of_two_lines_in_a_row() {
    let mut setup = Setup::new().await;
    let mut last = None;
    for say in [2, 4, 6, 8] {
        setup.lines.push(say, line(LONG), true);
        setup.time_passes();
        let (part, sound) = setup.part().await;
        assert_eq!(part, Part::first(say, 0));
        assert_ne!(last.replace(sound.clone()), Some(sound));
        assert_eq!(setup.lines.filler_due(), None, "one is enough");
        assert_eq!(setup.lines.drop_queued(), Some(say));
        setup.lines.push(say + 1, line(LONG), true);
        assert_eq!(setup.lines.filler_due(), None);
        setup.lines.drop_queued();
    }
    setup.voice.may_speak(100);
}

#[tokio::test]
async fn a_filler_waits_600_ms_from_the_last_word_that_plays_or_from_the_line() {
    let mut setup = Setup::new().await;
    setup.voice.may_speak(100);
    setup.lines.push(1, line(LONG), true);
    let began = Instant::now();
    let mut playing = 0;
    loop {
        let (part, sound) = setup.part().await;
        playing += sound.ms();
        if !part.more {
            break;
        }
    }
    setup.lines.push(3, line("five?"), true);
    let due = setup.lines.filler_due().unwrap();
    assert!(due >= began + Duration::from_millis(playing) + FILLER_AFTER);
    setup.lines.drop_queued();
    let pushed = Instant::now();
    setup.lines.push(5, line("five?"), true);
    let due = setup.lines.filler_due().unwrap();
    assert!(due >= pushed + FILLER_AFTER && due <= Instant::now() + FILLER_AFTER);
}

#[tokio::test]
async fn a_line_that_cannot_be_spoken_says_why_and_the_next_one_follows() {
    let mut setup = Setup::new().await;
    setup.voice.may_speak(100);
    setup.lines.push(1, line("bad"), true);
    setup.lines.push(2, line("five"), true);
    let (say, why) = setup.lines.next().await.unwrap_err();
    assert_eq!(say, 1);
    assert!(why.contains("'ŋ'"), "{why}");
    assert_eq!(setup.part().await.0, Part::last(2));
}

#[test]
fn a_part_survives_its_number() {
    for part in [
        Part::last(0),
        Part::last(77),
        Part::first(77, 0),
        Part::first(3, 2),
    ] {
        assert_eq!(Part::numbered(part.number()), part);
    }
    assert_eq!(Part::numbered(77), Part::last(77));
    assert_eq!(Part::numbered(Part::first(1, 999).number()).clauses, 127);
}
