//! multilingual-e5-small: a text becomes a vector of 384 numbers. embed.onnx: input_ids, attention_mask i64 `[B, T]` →
//! embedding f32 `[B, 384]` of unit length; tokenizer.json cuts a text into at most 128 pieces.

use super::runtime::{self, EngineError, session};
use crate::dialogue::intent::Vectors;
use crate::dialogue::traits::{EmbedError, Embedder};
use ort::session::Session;
use ort::value::Tensor;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tokenizers::Tokenizer;

/// Its name in `models.toml`.
pub const MODEL: &str = "e5-small";
/// The model was trained with a word in front that says what a text is for; two texts that are compared both carry this one.
const PREFIX: &str = "query: ";
const WIDTH: usize = 384;

/// One copy of the graph on one thread. Texts are embedded one at a time: the 8-bit graph sets its steps by all it is given,
/// so a text's vector would depend on its neighbours.
pub struct E5 {
    session: Mutex<Session>,
    tokenizer: Tokenizer,
    id: String,
}

impl E5 {
    /// The model in a folder, with the ONNX runtime at `library`.
    ///
    /// # Errors
    /// A file is missing or is not this model's.
    pub fn load(folder: &Path, library: &Path) -> Result<E5, EngineError> {
        runtime::load(library)?;
        let graph = folder.join("embed.onnx");
        let wrong = |why: String| EngineError::WrongModel {
            path: graph.clone(),
            why,
        };
        let session = session(&graph)?;
        for name in ["input_ids", "attention_mask"] {
            if !session.inputs().iter().any(|i| i.name() == name) {
                return Err(wrong(format!("it has no input {name:?}")));
            }
        }
        let pieces = folder.join("tokenizer.json");
        if !pieces.is_file() {
            return Err(EngineError::Missing(pieces));
        }
        let tokenizer = Tokenizer::from_file(&pieces).map_err(|e| EngineError::Unreadable {
            path: pieces,
            why: e.to_string(),
        })?;
        // The facts name both files' hashes, so theirs stands for the whole model.
        let facts = folder.join("info.json");
        let facts = std::fs::read(&facts).map_err(|e| EngineError::Unreadable {
            path: facts,
            why: e.to_string(),
        })?;
        let hash = Sha256::digest(&facts);
        let hex: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
        let e5 = E5 {
            session: Mutex::new(session),
            tokenizer,
            id: format!("{MODEL}-{hex}"),
        };
        e5.embed("ready").map_err(|e| wrong(e.to_string()))?;
        Ok(e5)
    }

    fn run(&self, ids: Vec<i64>) -> Result<Vec<f32>, ort::Error> {
        let count = ids.len();
        let mask = Tensor::from_array(([1usize, count], vec![1i64; count]))?;
        let ids = Tensor::from_array(([1usize, count], ids))?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let out = session.run(ort::inputs!["input_ids" => ids, "attention_mask" => mask])?;
        let vector = out
            .get("embedding")
            .ok_or_else(|| ort::Error::new("the graph has no output \"embedding\""))?
            .try_extract_tensor::<f32>()?
            .1
            .to_vec();
        if vector.len() != WIDTH || vector.iter().any(|x| !x.is_finite()) {
            return Err(ort::Error::new(format!(
                "it gave {} numbers where {WIDTH} were expected",
                vector.len()
            )));
        }
        Ok(vector)
    }
}

impl Embedder for E5 {
    fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let text = format!("{PREFIX}{}", Vectors::key(text));
        let tokens = self
            .tokenizer
            .encode(text, true)
            .map_err(|e| EmbedError::Tokens(e.to_string()))?;
        let ids = tokens.get_ids().iter().map(|id| i64::from(*id)).collect();
        self.run(ids).map_err(|e| EmbedError::Run(e.to_string()))
    }

    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::builtin;
    use crate::dialogue::intent::{Classifier, Context, Replies};
    use crate::engines::runtime::testing::installed;
    use crate::terms::Lang;
    use std::sync::Arc;

    fn e5() -> Option<E5> {
        let (library, folder) = installed(MODEL)?;
        Some(E5::load(&folder, &library).unwrap())
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn texts_of_like_meaning_lie_closer_than_others_in_both_languages_and_across() {
        let Some(e5) = e5() else { return };
        let of = |text: &str| e5.embed(text).unwrap();
        for (text, like, other) in [
            ("how much does it cost", "what is the price", "i am driving"),
            ("多少钱", "价格是多少", "我在开车"),
            ("what is the price", "多少钱", "我在开车"),
            ("call me back tomorrow", "明天再打给我", "太贵了"),
        ] {
            let (near, far) = (cosine(&of(text), &of(like)), cosine(&of(text), &of(other)));
            assert!(near > far + 0.02, "{text}: {like} {near}, {other} {far}");
        }
        let (near, far) = (
            cosine(&of("how much does it cost"), &of("what is the price")),
            cosine(&of("how much does it cost"), &of("i am driving")),
        );
        assert!((near - 0.941).abs() < 0.015, "{near}");
        assert!((far - 0.808).abs() < 0.02, "{far}");
    }

    #[test]
    fn a_vector_has_unit_length_and_is_the_same_for_any_case_and_every_time() {
        let Some(e5) = e5() else { return };
        let vector = e5.embed("  Not INTERESTED ").unwrap();
        assert_eq!(vector.len(), WIDTH);
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-3);
        assert_eq!(vector, e5.embed("not interested").unwrap());
    }

    #[test]
    fn an_empty_a_very_long_and_an_unwritable_text_have_vectors_too() {
        let Some(e5) = e5() else { return };
        for text in [
            String::new(),
            "很多钱 much ".repeat(5000),
            "\u{0}\u{fffd}😀".into(),
        ] {
            assert_eq!(e5.embed(&text).unwrap().len(), WIDTH);
        }
    }

    #[test]
    fn a_folder_without_the_model_is_an_error_that_names_the_file() {
        let Some((library, _)) = installed(MODEL) else {
            return;
        };
        let empty = tempfile::tempdir().unwrap();
        let error = E5::load(empty.path(), &library).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("embed.onnx"), "{error}");
    }

    /// Short replies with their intents; right, and turned from yes to no or back, with the model and without.
    #[test]
    fn short_replies_are_read_no_worse_with_vectors_than_without() {
        let Some(e5) = e5() else { return };
        for (lang, file) in [
            (Lang::Zh, include_str!("../../tests/data/replies/zh.tsv")),
            (Lang::En, include_str!("../../tests/data/replies/en.tsv")),
        ] {
            let specs = builtin::specs(lang);
            let mut vectors = Vectors::default();
            for text in Classifier::texts(lang, &specs) {
                vectors.insert(&text, e5.embed(&text).unwrap());
            }
            let with = Classifier::train(lang, &specs, &vectors).unwrap();
            let without = Classifier::train(lang, &specs, &Vectors::default()).unwrap();
            let expected = ["affirm".to_owned(), "deny".to_owned()];
            let rows: Vec<(&str, &str)> = file
                .lines()
                .filter(|l| !l.starts_with('#'))
                .filter_map(|l| l.split_once('\t'))
                .map(|(text, rest)| (text, rest.split('\t').next().unwrap_or(rest)))
                .collect();
            let score = |classifier: &Classifier| {
                let (mut right, mut flips) = (0, Vec::new());
                for (text, want) in &rows {
                    let mut own = Vectors::default();
                    for text in classifier.wants(text) {
                        own.insert(&text, e5.embed(&text).unwrap());
                    }
                    let context = Context {
                        expected: &expected,
                        vectors: Some(&own),
                        ..Context::default()
                    };
                    let readings = classifier.read(text, &context);
                    let got = readings.first().map_or("none", |r| r.intent.as_str());
                    right += usize::from(got == *want);
                    if matches!((*want, got), ("affirm", "deny") | ("deny", "affirm")) {
                        flips.push(format!("{text}: {:?}", readings[0]));
                    }
                }
                (right, flips)
            };
            let (own, flips) = score(&with);
            let (plain, plain_flips) = score(&without);
            println!(
                "{lang}: {own} of {} right with vectors, {plain} without; turned round {flips:?}, {plain_flips:?}",
                rows.len()
            );
            assert!(own * 100 >= plain * 97, "{lang}: {own} against {plain}");
            assert!(flips.len() <= plain_flips.len(), "{lang}: {flips:?}");
        }
    }

    /// Replies read as a call reads them: by tables, grammar, n-grams and meaning together. The first hundred of a language was
    /// in view when the second opinion's thresholds were chosen, the other was not.
    #[test]
    fn short_replies_that_no_cue_was_made_for_are_read_with_the_model() {
        let Some(e5) = e5() else { return };
        for (lang, least, most_turned, file) in [
            (
                Lang::Zh,
                78,
                4,
                include_str!("../../tests/data/replies/held-zh.tsv"),
            ),
            (
                Lang::En,
                76,
                4,
                include_str!("../../tests/data/replies/held-en.tsv"),
            ),
            (
                Lang::Zh,
                88,
                0,
                include_str!("../../tests/data/replies/fresh-zh.tsv"),
            ),
            (
                Lang::En,
                86,
                0,
                include_str!("../../tests/data/replies/fresh-en.tsv"),
            ),
        ] {
            let specs = builtin::specs(lang);
            let mut vectors = Vectors::default();
            for text in Classifier::texts(lang, &specs) {
                vectors.insert(&text, e5.embed(&text).unwrap());
            }
            let mut known = Vectors::default();
            for text in Replies::texts(lang) {
                known.insert(&text, e5.embed(&text).unwrap());
            }
            let replies = Replies::train(lang, &known).map(Arc::new);
            let classifier = Classifier::train(lang, &specs, &vectors)
                .unwrap()
                .advised(replies);
            let expected = ["affirm".to_owned(), "deny".to_owned()];
            let (mut right, mut again, mut wrong, mut flips) = (0, 0, 0, 0);
            for line in file.lines().filter(|l| !l.starts_with('#')) {
                let mut cells = line.split('\t');
                let (text, want) = (cells.next().unwrap(), cells.next().unwrap());
                let want = if want == "later" { "busy" } else { want };
                let mut own = Vectors::default();
                for text in classifier.wants(text) {
                    own.insert(&text, e5.embed(&text).unwrap());
                }
                let context = Context {
                    expected: &expected,
                    vectors: Some(&own),
                    ..Context::default()
                };
                let readings = classifier.read(text, &context);
                let got = readings.first().map_or("none", |r| r.intent.as_str());
                if got == want || (got == "none" && want == "hesitate") {
                    right += 1;
                } else if got == "none" {
                    again += 1;
                    println!("{lang} again {text}: {want}");
                } else {
                    wrong += 1;
                    let flip = matches!((want, got), ("affirm", "deny") | (_, "affirm"));
                    flips += usize::from(flip);
                    println!("{lang} wrong {text}: {want}, read {readings:?}");
                }
            }
            println!(
                "{lang}: {right} right, {again} asked again, {wrong} wrong, {flips} turned round"
            );
            assert!(right >= least, "{lang}: {right} right");
            assert!(again <= 20, "{lang}: {again} asked again");
            assert!(flips <= most_turned, "{lang}: {flips} turned round");
        }
    }
}
