//! The classifiers of a dialplan's languages: the slow part of loading, done last.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::reader::Reader;
use crate::dialogue::intent::{Classifier, IntentError, Vectors};
use crate::dialogue::plan::Dialplan;

/// Trains what the file understands in each of its languages; what cannot be trained is noted at its intent.
pub(super) fn train(plan: &mut Dialplan, reader: &mut Reader) {
    for (lang, tongue) in &mut plan.tongues {
        match Classifier::train(*lang, &tongue.intents, &Vectors::default()) {
            Ok(classifier) => tongue.classifier = Some(classifier),
            Err(e) => {
                let intent = match &e {
                    IntentError::Empty(intent) | IntentError::BadPattern { intent, .. } => intent,
                    IntentError::NoIntents => "",
                };
                let at = reader.intents.get(intent).copied().unwrap_or_default();
                reader.error(at, e.to_string(), "correct its examples or patterns");
            }
        }
    }
}
