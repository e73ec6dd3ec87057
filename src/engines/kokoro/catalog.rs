//! The voices of `models.toml`, by friendly names.

use crate::terms::Lang;
use serde::Deserialize;

const MANIFEST: &str = include_str!("../../../models/models.toml");

/// A voice with a name of its own.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    pub name: String,
    /// The language it is meant for; it speaks the other one too.
    pub lang: Lang,
    /// `female` or `male`.
    pub gender: String,
    /// One of the model's voices, or a blend of them.
    pub voice: String,
    /// A sentence that shows it.
    pub sample: String,
}

/// Every named voice, in the order of the file.
pub fn read() -> Result<Vec<Named>, toml::de::Error> {
    #[derive(Deserialize)]
    struct Manifest {
        voice: Vec<Named>,
    }
    Ok(toml::from_str::<Manifest>(MANIFEST)?.voice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_language_has_six_voices_of_both_genders_and_none_is_the_banned_one() {
        let all = read().unwrap();
        for lang in [Lang::Zh, Lang::En] {
            let of: Vec<&Named> = all.iter().filter(|v| v.lang == lang).collect();
            assert!(of.len() >= 6);
            let genders: BTreeSet<&str> = of.iter().map(|v| v.gender.as_str()).collect();
            assert_eq!(genders, ["female", "male"].into());
            assert!(of.iter().all(|v| !v.sample.is_empty()));
        }
        let names: BTreeSet<&str> = all.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|v| !v.voice.contains("xiaoni")));
    }
}
