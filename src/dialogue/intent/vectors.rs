//! Sentence vectors as plain data. Who makes them is [`crate::dialogue::traits::Embedder`]'s business; training and reading
//! look them up here by text.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::BTreeMap;

/// Text → vector, all of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    by_text: BTreeMap<String, Vec<f32>>,
}

impl Vectors {
    /// The form in which a text is embedded and looked up: lower case, no blanks around it.
    #[must_use]
    pub fn key(text: &str) -> String {
        text.trim().to_lowercase()
    }

    /// Keeps a text's vector. One of another length than the first, or with values that are no numbers, is refused (`false`).
    pub fn insert(&mut self, text: &str, vector: Vec<f32>) -> bool {
        let fits = self
            .by_text
            .values()
            .next()
            .is_none_or(|v| v.len() == vector.len());
        let sound = !vector.is_empty() && vector.iter().all(|x| x.is_finite());
        if fits && sound {
            self.by_text.insert(Self::key(text), vector);
        }
        fits && sound
    }

    #[must_use]
    pub fn get(&self, text: &str) -> Option<&[f32]> {
        self.by_text.get(&Self::key(text)).map(Vec::as_slice)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_text.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.by_text.len()
    }

    /// All texts with their vectors, in the order of the texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f32])> {
        self.by_text.iter().map(|(t, v)| (t.as_str(), v.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_case_and_a_bad_vector_is_refused() {
        let mut vectors = Vectors::default();
        assert!(vectors.insert(" How Much ", vec![1.0, 0.0]));
        assert_eq!(vectors.get("how much"), Some(&[1.0, 0.0][..]));
        assert!(!vectors.insert("longer", vec![1.0, 0.0, 0.0]));
        assert!(!vectors.insert("broken", vec![f32::NAN, 0.0]));
        assert!(!vectors.insert("nothing", Vec::new()));
        assert_eq!(vectors.len(), 1);
    }
}
