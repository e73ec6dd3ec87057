//! Intents that cannot be told apart: an example that, left out, would be read as another intent.
//!
//! Each phrase is compared by its n-grams with all others. It is reported where both the nearest phrase and the nearest intent
//! as a whole (its phrases' mean, the phrase itself left out) are of the same other intent, and clearly so: one of the two alone
//! is chance.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::phrases::place;
use crate::dialogue::file::reader::{Phrase, PhraseKind, Reader};
use crate::dialogue::intent::features::{Use, Vocabulary};
use crate::dialogue::intent::pattern::Pattern;
use crate::dialogue::intent::{filler, text};
use crate::dialogue::plan::Dialplan;
use crate::terms::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// A phrase less like any of the other intent than this (cosine) is not mistaken for it.
const LIKE: f32 = 0.5;
/// By how much the other intent must be nearer.
const CLEARLY: f32 = 0.12;
/// More pairs than this help nobody.
const MOST: usize = 20;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    for lang in plan.tongues.keys() {
        let pairs = mistaken(*lang, &reader.phrases);
        for (a, b) in pairs.into_iter().take(MOST) {
            let (p, q) = (&reader.phrases[a], &reader.phrases[b]);
            let message = format!(
                "{:?} ({}) would be read as {:?}: it is most like {:?} ({})",
                p.text,
                p.intent,
                q.intent,
                q.text,
                place(reader, q)
            );
            let at = p.at;
            reader.warn(
                at,
                message,
                "move one of the two, or give both intents more examples that tell them apart",
            );
        }
    }
}

/// Phrases and the nearest phrase of the intent they would be taken for.
fn mistaken(lang: Lang, phrases: &[Phrase]) -> Vec<(usize, usize)> {
    let mut own: BTreeMap<&str, Vec<Pattern>> = BTreeMap::new();
    let in_lang = |p: &&Phrase| p.lang == lang && p.kind == PhraseKind::Pattern;
    for p in phrases.iter().filter(in_lang) {
        own.entry(&p.intent)
            .or_default()
            .extend(Pattern::parse(&p.text, lang));
    }
    let mut rows = Vec::new();
    for (i, p) in phrases.iter().enumerate() {
        if p.lang == lang && p.kind == PhraseKind::Example {
            let tokens = text::tokens(&p.text, lang);
            let row = filler::stripped(&tokens, lang).to_vec();
            // What a pattern of its own finds is not left to likeness.
            let patterns = own.get(p.intent.as_str());
            let sure =
                patterns.is_some_and(|all| all.iter().any(|p| p.find(&tokens, lang).is_some()));
            if !row.is_empty() && !sure {
                rows.push((i, row));
            }
        }
    }
    let vocabulary = Vocabulary::learn(lang, Use::Alone, rows.iter().map(|(_, r)| r.as_slice()));
    let vectors: Vec<Vec<(u32, f32)>> = rows.iter().map(|(_, r)| vocabulary.vector(r)).collect();
    let intents: BTreeSet<&str> = rows
        .iter()
        .map(|(i, _)| phrases[*i].intent.as_str())
        .collect();
    let number: BTreeMap<&str, usize> = intents.iter().enumerate().map(|(n, i)| (*i, n)).collect();
    let class: Vec<usize> = rows
        .iter()
        .map(|(i, _)| number[phrases[*i].intent.as_str()])
        .collect();
    // Which rows have a feature, and how much of it: likeness is then a sum over the features that two rows share.
    let mut index: Vec<Vec<(u32, f32)>> = vec![Vec::new(); vocabulary.len()];
    for (row, vector) in vectors.iter().enumerate() {
        for (feature, weight) in vector {
            index[*feature as usize].push((row as u32, *weight));
        }
    }
    let mut sizes = vec![0f32; intents.len()];
    class.iter().for_each(|c| sizes[*c] += 1.0);
    let mut found = Vec::new();
    for (row, vector) in vectors.iter().enumerate() {
        let mut like = vec![0f32; rows.len()];
        for (feature, weight) in vector {
            for (other, w) in &index[*feature as usize] {
                like[*other as usize] += weight * w;
            }
        }
        let mut means = vec![0f32; intents.len()];
        let (mut own, mut other) = (0f32, (0f32, row));
        for (r, l) in like.iter().enumerate().filter(|(r, _)| *r != row) {
            means[class[r]] += l;
            if class[r] == class[row] {
                own = own.max(*l);
            } else if *l > other.0 {
                other = (*l, r);
            }
        }
        let (nearest, at) = other;
        let taken = class[at];
        // The same words in both are reported as such.
        let same = nearest > 0.999;
        let mean = |c: usize| {
            let left_out = f32::from(u8::from(c == class[row]));
            means[c] / (sizes[c] - left_out).max(1.0)
        };
        if !same
            && taken != class[row]
            && nearest >= LIKE
            && nearest > own + CLEARLY
            && mean(taken) > mean(class[row])
        {
            found.push((rows[row].0, rows[at].0));
        }
    }
    found
}
