//! Reading with sentence vectors and the recogniser's candidates, over toy vectors: one number a concept.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;

const CONCEPTS: &[&[&str]] = &[
    &["cost", "price", "expensive", "dear", "damage", "fee"],
    &["busy", "meeting", "driving", "hands", "full"],
    &["where", "address", "located", "street", "map"],
    &["not"],
    &["call", "ring"],
];

fn vector(text: &str) -> Vec<f32> {
    let of = |words: &[&str]| words.iter().filter(|w| text.contains(*w)).count() as f32;
    let mut v: Vec<f32> = CONCEPTS.iter().map(|words| 3.0 * of(words)).collect();
    v.push(1.0);
    let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
    v.iter_mut().for_each(|x| *x /= length);
    v
}

fn vectors(texts: &[String]) -> Vectors {
    let mut out = Vectors::default();
    texts.iter().for_each(|t| {
        out.insert(t, vector(t));
    });
    out
}

fn specs() -> BTreeMap<String, IntentSpec> {
    let spec = |examples: &[&str]| IntentSpec {
        examples: examples.iter().map(|e| (*e).to_owned()).collect(),
        ..IntentSpec::default()
    };
    BTreeMap::from([
        (
            "busy".to_owned(),
            spec(&[
                "i am busy right now",
                "in a meeting sorry",
                "i am driving at the moment",
                "ring me after the meeting",
            ]),
        ),
        (
            "deny".to_owned(),
            spec(&[
                "i do not want it",
                "not for me thanks",
                "i am not interested",
                "i would rather not",
            ]),
        ),
        (
            "price".to_owned(),
            spec(&[
                "what does it cost",
                "tell me the price",
                "is that expensive",
                "what is the fee",
            ]),
        ),
        (
            "where".to_owned(),
            spec(&[
                "where are you",
                "what is the address",
                "which street is it",
                "where are you located",
            ]),
        ),
    ])
}

fn trained() -> Classifier {
    let vectors = vectors(&Classifier::texts(Lang::En, &specs()));
    Classifier::train(Lang::En, &specs(), &vectors).unwrap()
}

fn by_words() -> Classifier {
    Classifier::train(Lang::En, &specs(), &Vectors::default()).unwrap()
}

/// The intents read, best first, with the vectors the classifier asks for.
fn read(classifier: &Classifier, text: &str) -> Vec<String> {
    let vectors = vectors(&classifier.wants(text));
    let context = Context {
        vectors: Some(&vectors),
        ..Context::default()
    };
    let readings = classifier.read(text, &context);
    readings.into_iter().map(|r| r.intent).collect()
}

fn candidate(intent: &str, text: &str, confidence: f32) -> Candidate {
    Candidate {
        intent: intent.into(),
        text: text.into(),
        confidence,
    }
}

fn with_candidates(text: &str, candidates: &[Candidate]) -> Vec<Reading> {
    let context = Context {
        candidates,
        ..Context::default()
    };
    by_words().read(text, &context)
}

#[test]
fn words_that_no_example_has_are_understood_by_their_meaning() {
    let said = "show me on a map";
    assert_eq!(read(&trained(), said), ["where"]);
    assert!(read(&by_words(), said).is_empty());
}

#[test]
fn two_things_in_one_reply_are_both_heard() {
    let mut both = read(&trained(), "my hands are full, which map are you on");
    both.sort();
    assert_eq!(both, ["busy", "where"]);
}

#[test]
fn what_the_table_knows_and_what_was_trained_on_words_alone_wants_no_vector() {
    let classifier = trained();
    assert!(classifier.wants("Tell me the price.").is_empty());
    assert!(classifier.wants("").is_empty());
    assert_eq!(
        classifier.wants("My hands are full, which map"),
        [
            "my hands are full",
            "which map",
            "my hands are full which map"
        ]
    );
    assert!(by_words().wants("My hands are full").is_empty());
}

#[test]
fn a_reply_whose_vector_is_missing_is_read_by_its_words() {
    let said = "tell me what the price is please";
    let context = Context::default();
    let (with, without) = (trained(), by_words());
    assert_eq!(with.weigh(said, &context), without.weigh(said, &context));
    assert_eq!(with.read(said, &context)[0].intent, "price");
}

#[test]
fn vectors_for_some_examples_only_are_no_help() {
    let mut texts = Classifier::texts(Lang::En, &specs());
    texts.pop();
    let partly = Classifier::train(Lang::En, &specs(), &vectors(&texts)).unwrap();
    assert!(!partly.wants_vectors());
    assert!(trained().wants_vectors());
}

#[test]
fn the_same_examples_and_vectors_make_the_same_classifier() {
    let vectors = vectors(&trained().wants("it is a little too dear for my taste"));
    let context = Context {
        vectors: Some(&vectors),
        ..Context::default()
    };
    let weigh = || trained().weigh("it is a little too dear for my taste", &context);
    assert!(!weigh().is_empty());
    assert_eq!(weigh(), weigh());
}

#[test]
fn a_candidate_that_surely_was_said_is_an_answer_where_the_words_say_nothing() {
    let strong = [candidate("where", "where are you", 0.93)];
    let readings = with_candidates("wear argue", &strong);
    assert_eq!(readings[0].intent, "where");
    assert_eq!(readings[0].evidence, "wear argue");
    assert!((ACCEPT..0.93).contains(&readings[0].score));
    let silent = with_candidates("", &strong);
    assert_eq!(silent[0].evidence, "where are you");
    assert!(with_candidates("wear argue", &[candidate("where", "where are you", 0.6)]).is_empty());
    assert!(with_candidates("wear argue", &[candidate("no such", "where", 0.99)]).is_empty());
}

#[test]
fn a_candidate_lifts_its_own_intent_and_no_other() {
    let said = "the price";
    let plain = with_candidates(said, &[]);
    let lifted = with_candidates(said, &[candidate("price", "tell me the price", 0.9)]);
    assert_eq!(lifted[0].intent, "price");
    assert!(plain.is_empty() || lifted[0].score > plain[0].score);
    let other = with_candidates("tell me the price", &[candidate("busy", "i am busy", 0.9)]);
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].intent, "price");
}

#[test]
fn sound_alone_turns_no_written_negation_into_a_yes() {
    let mut specs = specs();
    let yes = ["yes please", "i want it", "sounds good to me"];
    specs.insert(
        "affirm".to_owned(),
        IntentSpec {
            examples: yes.iter().map(|e| (*e).to_owned()).collect(),
            ..IntentSpec::default()
        },
    );
    let classifier = Classifier::train(Lang::En, &specs, &Vectors::default()).unwrap();
    let sure = [candidate("affirm", "i want it", 0.97)];
    let context = Context {
        candidates: &sure,
        ..Context::default()
    };
    for said in ["i never wanted it at all", "do not want any of it"] {
        let readings = classifier.read(said, &context);
        assert!(
            readings.iter().all(|r| r.intent != "affirm"),
            "{said}: {readings:?}"
        );
    }
}
