//! Phrases of intents: the same words in two intents, intents with too few, mistakes in patterns.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::file::reader::{Phrase, PhraseKind, Reader};
use crate::dialogue::intent::{filler, text};
use crate::dialogue::plan::Dialplan;
use crate::terms::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer examples than this teach little.
const FEW: usize = 5;
/// More examples than this in one language take minutes to learn.
const MOST: usize = 6000;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    many(plan, reader);
    same(reader);
    few(plan, reader);
    patterns(reader);
}

/// What of a phrase counts when two are compared: its words without fillers and punctuation.
fn key(phrase: &str, lang: Lang) -> String {
    let tokens = text::tokens(phrase, lang);
    text::form_key(filler::stripped(&tokens, lang))
}

/// The same phrase, but for punctuation and fillers, in two intents of one language.
fn same(reader: &mut Reader) {
    let mut seen: BTreeMap<(Lang, String), usize> = BTreeMap::new();
    let mut twice = Vec::new();
    for (i, p) in reader.phrases.iter().enumerate() {
        if p.kind == PhraseKind::Pattern {
            continue;
        }
        let key = (p.lang, key(&p.text, p.lang));
        if key.1.is_empty() {
            continue;
        }
        let first = *seen.entry(key).or_insert(i);
        if reader.phrases[first].intent != p.intent {
            twice.push((first, i));
        }
    }
    for (a, b) in twice {
        let message = {
            let (a, b) = (&reader.phrases[a], &reader.phrases[b]);
            format!(
                "{:?} stands under {:?} and, as {:?}, under {:?} ({})",
                b.text,
                b.intent,
                a.text,
                a.intent,
                place(reader, a)
            )
        };
        reader.warn(
            reader.phrases[b].at,
            message,
            "keep it under the one that it means",
        );
    }
}

/// Training takes the cube of their number.
fn many(plan: &Dialplan, reader: &mut Reader) {
    for (lang, tongue) in &plan.tongues {
        let count: usize = tongue.intents.values().map(|s| s.examples.len()).sum();
        if count > MOST {
            let at = reader.phrases.first().map(|p| p.at).unwrap_or_default();
            let message = format!("{count} examples in {lang}: more than {MOST} cannot be learnt");
            reader.error(at, message, "forty good ones an intent are enough");
        }
    }
}

/// Where a phrase stands, for a message about another.
pub(super) fn place(reader: &Reader, phrase: &Phrase) -> String {
    let at = phrase.at;
    match reader.files.get(usize::from(at.file)) {
        Some(file) if at.file != 0 => format!("{}:{}", file.name, at.line),
        _ => format!("line {}", at.line),
    }
}

fn few(plan: &Dialplan, reader: &mut Reader) {
    let used: BTreeSet<&str> = plan
        .steps
        .values()
        .flat_map(|s| s.on.keys())
        .map(String::as_str)
        .collect();
    let mut found = Vec::new();
    for (name, at) in reader
        .intents
        .iter()
        .filter(|(n, _)| used.contains(n.as_str()))
    {
        for (lang, tongue) in &plan.tongues {
            let Some(spec) = tongue.intents.get(name) else {
                continue;
            };
            let own = spec.examples.len();
            // A pattern or a list of whole replies may say it all.
            if own < FEW && spec.patterns.is_empty() && spec.exact.len() + own < FEW {
                found.push((*at, name.clone(), *lang, own));
            }
        }
    }
    for (at, name, lang, own) in found {
        reader.warn(
            at,
            format!("a step waits for {name:?}, which has {own} examples in {lang}"),
            format!("give at least {FEW}: from fewer, other ways to say it are not learnt"),
        );
    }
}

/// What regular expressions have and patterns here do not.
fn patterns(reader: &mut Reader) {
    const FOREIGN: [(&str, &str); 8] = [
        (".*", "* alone stands for any words"),
        (".+", "* alone stands for any words"),
        (".?", "(word|) is a word that may be left out"),
        ("\\d", "write the words out"),
        ("\\s", "blanks need not be written"),
        ("\\b", "words end by themselves"),
        ("[", "alternatives stand in round brackets: (a|b)"),
        ("(?", "alternatives stand in round brackets: (a|b)"),
    ];
    let mut found = Vec::new();
    for p in reader
        .phrases
        .iter()
        .filter(|p| p.kind == PhraseKind::Pattern)
    {
        if let Some((piece, advice)) = FOREIGN.iter().find(|(piece, _)| p.text.contains(piece)) {
            found.push((p.at, *piece, *advice));
        }
    }
    for (at, piece, advice) in found {
        let message = format!("{piece:?} is of regular expressions, which patterns are not");
        reader.error(at, message, advice);
    }
}
