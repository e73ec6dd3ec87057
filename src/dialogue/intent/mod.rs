//! Intents from example phrases (placeholder until the classifier is merged).

use crate::terms::Lang;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct IntentSpec {
    pub examples: Vec<String>,
    pub exact: Vec<String>,
    pub patterns: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Reading {
    pub intent: String,
    pub score: f32,
    pub evidence: String,
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("intent {intent}: {example}: {why}")]
pub struct IntentError {
    pub intent: String,
    pub example: String,
    pub why: String,
}

#[derive(Clone, Debug)]
pub struct Classifier(BTreeMap<String, IntentSpec>);

impl Classifier {
    pub fn train(
        _lang: Lang,
        specs: &BTreeMap<String, IntentSpec>,
    ) -> Result<Classifier, IntentError> {
        Ok(Classifier(specs.clone()))
    }

    #[must_use]
    pub fn read(&self, text: &str, _expected: &[String]) -> Vec<Reading> {
        let text = text.to_lowercase();
        let mut out = Vec::new();
        for (name, spec) in &self.0 {
            let hit = spec.examples.iter().chain(&spec.exact).filter(|e| {
                text.contains(e.to_lowercase().as_str()) && (e.chars().count() > 1 || text == **e)
            });
            if let Some(e) = hit.max_by_key(|e| e.chars().count()) {
                out.push(Reading {
                    intent: name.clone(),
                    score: 0.9,
                    evidence: e.clone(),
                });
            }
        }
        out.sort_by_key(|r| std::cmp::Reverse(r.evidence.chars().count()));
        out
    }
}
