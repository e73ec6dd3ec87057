//! Simulated recognition errors, the same in every run. English: words dropped, put in, or replaced by another word of the
//! set's own vocabulary, a third each. Mandarin: characters replaced by common ones of the same toneless syllable.

use crate::dialogue::intent::text::is_han;
use crate::terms::Lang;
use pinyin::ToPinyin;
use std::collections::{BTreeMap, BTreeSet};

/// Where errors come from: SplitMix64 (Steele, Lea, Flood 2014).
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What takes a word's or character's place.
pub enum Noise {
    Words(Vec<String>),
    Homophones(BTreeMap<String, Vec<char>>),
}

impl Noise {
    /// `texts` are what the words are drawn from.
    pub fn new<'a>(lang: Lang, texts: impl Iterator<Item = &'a str>) -> Noise {
        match lang {
            Lang::En => {
                let words: BTreeSet<String> = texts
                    .flat_map(str::split_whitespace)
                    .map(str::to_lowercase)
                    .collect();
                Noise::Words(words.into_iter().collect())
            }
            Lang::Zh => {
                let mut by_sound: BTreeMap<String, Vec<char>> = BTreeMap::new();
                for c in common() {
                    if let Some(sound) = c.to_pinyin() {
                        by_sound
                            .entry(sound.plain().to_owned())
                            .or_default()
                            .push(c);
                    }
                }
                Noise::Homophones(by_sound)
            }
        }
    }

    /// The text with about `percent` of its words or characters misheard.
    pub fn over(&self, text: &str, percent: usize, chance: &mut Chance) -> String {
        match self {
            Noise::Words(words) => {
                let mut out: Vec<&str> = Vec::new();
                for word in text.split_whitespace() {
                    if !chance.happens(percent) {
                        out.push(word);
                        continue;
                    }
                    let other = words.get(chance.below(words.len())).map_or(word, |w| w);
                    match chance.below(3) {
                        0 => {}
                        1 => out.extend([word, other]),
                        _ => out.push(other),
                    }
                }
                if out.is_empty() {
                    return text.to_owned();
                }
                out.join(" ")
            }
            Noise::Homophones(by_sound) => text
                .chars()
                .map(|c| {
                    if !is_han(c) || !chance.happens(percent) {
                        return c;
                    }
                    let sound = c.to_pinyin().map_or("", |p| p.plain());
                    let others: Vec<char> = by_sound
                        .get(sound)
                        .map(|all| all.iter().copied().filter(|o| *o != c).collect())
                        .unwrap_or_default();
                    others.get(chance.below(others.len())).copied().unwrap_or(c)
                })
                .collect(),
        }
    }
}

/// The 3,755 characters of GB 2312's first level.
fn common() -> impl Iterator<Item = char> {
    (0xb0..=0xd7u8).flat_map(|high| {
        (0xa1..=0xfeu8).filter_map(move |low| {
            let bytes = [high, low];
            let (text, _, bad) = encoding_rs::GBK.decode(&bytes);
            text.chars().next().filter(|c| !bad && is_han(*c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::intent::text;

    #[test]
    fn misheard_mandarin_sounds_the_same_and_looks_different() {
        let noise = Noise::new(Lang::Zh, std::iter::empty());
        let said = "我现在没有时间你明天再打过来吧".repeat(20);
        let heard = noise.over(&said, 15, &mut Chance::new(1));
        let sounds = |t: &str| text::sound_key(&text::tokens(t, Lang::Zh));
        assert_eq!(sounds(&said), sounds(&heard));
        let wrong = said.chars().zip(heard.chars()).filter(|(a, b)| a != b);
        let share = wrong.count() as f32 / said.chars().count() as f32;
        assert!((0.08..0.22).contains(&share), "{share}");
    }

    #[test]
    fn the_same_seed_makes_the_same_errors() {
        let vocabulary = "please call me back later today";
        let noise = Noise::new(Lang::En, std::iter::once(vocabulary));
        let said = "could you call again tomorrow morning please";
        let heard = |seed| noise.over(said, 50, &mut Chance::new(seed));
        assert_eq!(heard(3), heard(3));
        assert_ne!(heard(3), said);
        assert_eq!(noise.over(said, 0, &mut Chance::new(3)), said);
    }
}
