//! Against the reference implementation: `tests/data/phonemes/*.tsv` holds sentences with the symbols that the Python
//! front end of the model's conversion gave for them.

use super::*;
use std::path::PathBuf;

/// The tables of the installed voice, or a note that the test does nothing.
fn installed() -> Option<Tables> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let dir = cache.join("callsmith/models/kokoro-zh-en/g2p");
    let read = |name: &str| read_bytes(&dir.join(name));
    let tables = (
        read("zh-words.tsv"),
        read("zh-pinyin.tsv"),
        read("en-words.tsv"),
    );
    let (Some(zh_words), Some(zh_pinyin), Some(en_words)) = tables else {
        eprintln!("skipped: the voice's tables are not in {}", dir.display());
        return None;
    };
    Some(Tables {
        zh_words,
        zh_pinyin,
        en_words,
    })
}

#[allow(clippy::disallowed_methods)]
fn read_bytes(path: &std::path::Path) -> Option<Arc<[u8]>> {
    std::fs::read(path).ok().map(Arc::from)
}

fn against_reference(table: &str) {
    let Some(tables) = installed() else { return };
    let phonemizer = Phonemizer::new(tables).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (text, want) = line.split_once('\t').unwrap();
        let got = phonemizer.symbols(text);
        if got != want {
            wrong.push(format!("{text}\n  want {want}\n  got  {got}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn mandarin_sentences_sound_as_in_the_reference() {
    against_reference(include_str!("../../../tests/data/phonemes/zh.tsv"));
}

#[test]
fn english_sentences_sound_as_in_the_reference() {
    against_reference(include_str!("../../../tests/data/phonemes/en.tsv"));
}

fn small() -> Tables {
    let bytes = |s: &str| Arc::from(s.as_bytes());
    Tables {
        zh_words: bytes("为\t90\twei4\n任\t50\tren4\n华\t10\thua2\n您\t90\tnin2\n"),
        zh_pinyin: bytes(
            "hua2\txwa↗\nnin2\tni↗n\nren2\tɻə↗n\nren4\tɻə↘n\nwei2\twei↗\nwei4\twei↘\n",
        ),
        en_words: bytes("from\tfɹˈʌm\t\nhi\thˈI\t\n"),
    }
}

#[test]
fn a_user_dictionary_overrules_the_tables_in_both_languages() {
    let words = [
        ("华为", "hua2 wei2"),
        ("Huawei", "/hwˈɑwˌA/"),
        ("任", "ren2"),
        ("Ren", "ren2"),
        ("Rhen", "from hi"),
    ];
    let words = words.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let plain = Phonemizer::new(small()).unwrap();
    assert_eq!(plain.symbols("任华为"), "ɻə↘n xwa↗ wei↘");
    let own = plain.with_words(&words).unwrap();
    assert_eq!(
        own.symbols("任华为，Hi from HUAWEI, Ren, Rhen"),
        "ɻə↗n xwa↗wei↗, hˈI fɹˈʌm hwˈɑwˌA, ɻə↗n, fɹˈʌmhˈI"
    );
}

#[test]
fn a_bad_dictionary_entry_names_the_word() {
    for (word, said) in [
        ("任", "renn9"),
        ("任a", "ren4"),
        ("two words", "/x/"),
        ("x", ""),
        ("x", "//"),
    ] {
        let words = [(word.to_owned(), said.to_owned())].into();
        let error = Phonemizer::new(small())
            .unwrap()
            .with_words(&words)
            .err()
            .unwrap();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn what_cannot_be_said_is_left_out() {
    let phonemizer = Phonemizer::new(small()).unwrap();
    assert_eq!(phonemizer.symbols("👍 您 #5 😀。"), "ni↗n.");
    assert_eq!(phonemizer.symbols(" 123 "), "");
}

#[test]
fn a_damaged_table_names_its_line() {
    let mut tables = small();
    tables.zh_words = Arc::from("一\t5\tyi1\n二二\n".as_bytes());
    let error = Phonemizer::new(tables).err().unwrap().to_string();
    assert!(error.starts_with("zh-words.tsv, line 2"), "{error}");
}
