//! n-gram features. English: words 1–2 and characters inside words 1–4. Mandarin: characters 1–3, toneless syllables 1–3 and
//! the letters inside a syllable 2–5, so that a homophone still looks like the word that was meant.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::Token;
use crate::terms::Lang;
use std::collections::BTreeMap;

/// Sparse vector: feature number and weight, ascending by number.
pub type Sparse = Vec<(u32, f32)>;

/// What n-grams are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Use {
    /// They decide alone. Unknown n-grams count in a block's length, so that a reply made of unknown words comes out short
    /// and is rejected.
    #[default]
    Alone,
    /// Sentence vectors tell what is strange and what rare words mean: unknown n-grams do not count, so that a misheard word
    /// does not weaken the others, rare ones count for less, and English words for more than their letters.
    BesideSense,
}

/// Which n-grams exist and how rare each is.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    lang: Lang,
    usage: Use,
    /// n-gram (its first character names the block) → feature number and inverse document frequency.
    grams: BTreeMap<String, (u32, f32)>,
    /// What an n-gram that no example has would weigh: as rare as the rarest.
    rarest: f32,
}

impl Vocabulary {
    /// Learns the n-grams of the rows: smooth inverse document frequency, ln((1+n)/(1+df)) + 1.
    pub fn learn<'a>(lang: Lang, usage: Use, rows: impl Iterator<Item = &'a [Token]>) -> Self {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let mut n = 0u32;
        for row in rows {
            n += 1;
            for gram in counts(row, lang).into_keys() {
                *seen.entry(gram).or_default() += 1;
            }
        }
        let grams: BTreeMap<String, (u32, f32)> = seen
            .into_iter()
            .zip(0u32..)
            .map(|((gram, df), i)| {
                let idf = ((1.0 + n as f32) / (1.0 + df as f32)).ln() + 1.0;
                let idf = match usage {
                    Use::Alone => idf,
                    Use::BesideSense => idf.sqrt(),
                };
                (gram, (i, idf))
            })
            .collect();
        let rarest = grams.values().fold(1.0f32, |m, (_, idf)| m.max(*idf));
        Vocabulary {
            lang,
            usage,
            grams,
            rarest,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.grams.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.grams.is_empty()
    }

    /// (1 + ln tf) · idf, every block of unit length, the whole of unit length.
    #[must_use]
    pub fn vector(&self, row: &[Token]) -> Sparse {
        let mut blocks: BTreeMap<char, (Sparse, f32)> = BTreeMap::new();
        for (gram, tf) in counts(row, self.lang) {
            let block = gram.chars().next().unwrap_or(' ');
            let (sparse, square) = blocks.entry(block).or_default();
            let tf = 1.0 + (tf as f32).ln();
            match self.grams.get(&gram) {
                Some(&(i, idf)) => {
                    sparse.push((i, tf * idf));
                    *square += (tf * idf).powi(2);
                }
                None if self.usage == Use::Alone => *square += (tf * self.rarest).powi(2),
                None => {}
            }
        }
        let shares: f32 = blocks.keys().map(|block| self.share(*block)).sum();
        let mut out: Sparse = Vec::new();
        for (block, (sparse, square)) in blocks {
            let share = (self.share(block) / shares).sqrt();
            let scale = share / square.sqrt().max(f32::MIN_POSITIVE);
            out.extend(sparse.into_iter().map(|(i, w)| (i, w * scale)));
        }
        out.sort_unstable_by_key(|(i, _)| *i);
        out
    }
}

impl Vocabulary {
    fn share(&self, block: char) -> f32 {
        match (self.usage, block) {
            (Use::BesideSense, 'w') => 0.7,
            (Use::BesideSense, 'l') if self.lang == Lang::En => 0.3,
            _ => 1.0,
        }
    }
}

fn counts(row: &[Token], lang: Lang) -> BTreeMap<String, u32> {
    let mut out = BTreeMap::new();
    match lang {
        Lang::Zh => {
            let forms: Vec<&str> = row.iter().map(|t| t.form.as_str()).collect();
            let sounds: Vec<&str> = row.iter().map(|t| t.sound.as_str()).collect();
            grams(&forms, 1..=3, 'c', &mut out);
            grams(&sounds, 1..=3, 's', &mut out);
            for token in row {
                letters(&token.sound, 2..=5, 'l', &mut out);
            }
        }
        Lang::En => {
            let forms: Vec<&str> = row.iter().map(|t| t.form.as_str()).collect();
            grams(&forms, 1..=2, 'w', &mut out);
            for token in row {
                letters(&token.form, 1..=4, 'l', &mut out);
            }
        }
    }
    out
}

fn grams(
    units: &[&str],
    sizes: std::ops::RangeInclusive<usize>,
    block: char,
    out: &mut BTreeMap<String, u32>,
) {
    for size in sizes {
        for window in units.windows(size) {
            *out.entry(format!("{block}{}", window.join(" ")))
                .or_default() += 1;
        }
    }
}

fn letters(
    word: &str,
    sizes: std::ops::RangeInclusive<usize>,
    block: char,
    out: &mut BTreeMap<String, u32>,
) {
    let padded: Vec<char> = std::iter::once('<')
        .chain(word.chars())
        .chain(std::iter::once('>'))
        .collect();
    for size in sizes {
        for window in padded.windows(size) {
            let gram: String = window.iter().collect();
            if gram != "<" && gram != ">" {
                *out.entry(format!("{block}{gram}")).or_default() += 1;
            }
        }
    }
}
