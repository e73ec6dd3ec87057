//! Yes or no in few words, where nothing else is asked (a yes/no slot).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::builtin;
use super::intent::{Classifier, Context, IntentError, Vectors};
use crate::terms::Lang;
use std::sync::LazyLock;

/// Reads a reply as yes (`true`) or no (`false`), with the words that said so; None when it is neither or not clear.
#[must_use]
pub fn yes_or_no(text: &str, lang: Lang) -> Option<(bool, String)> {
    static ZH: LazyLock<Result<Classifier, IntentError>> = LazyLock::new(|| trained(Lang::Zh));
    static EN: LazyLock<Result<Classifier, IntentError>> = LazyLock::new(|| trained(Lang::En));
    let classifier = match lang {
        Lang::Zh => ZH.as_ref(),
        Lang::En => EN.as_ref(),
    }
    .ok()?;
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let context = Context {
        expected: &expected,
        ..Context::default()
    };
    let best = classifier
        .read(text, &context)
        .into_iter()
        .find(|r| matches!(r.intent.as_str(), "affirm" | "deny"))?;
    Some((best.intent == "affirm", best.evidence))
}

fn trained(lang: Lang) -> Result<Classifier, IntentError> {
    Classifier::train(lang, &builtin::specs(lang), &Vectors::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_negation_and_idiom_are_read_by_their_sense() {
        let zh = |s| yes_or_no(s, Lang::Zh).map(|(yes, _)| yes);
        assert_eq!(zh("我不是不愿意"), Some(true));
        assert_eq!(zh("没有不同意"), Some(true));
        assert_eq!(zh("谁说我要了"), Some(false));
        assert_eq!(zh("可不是嘛"), Some(true));
        let en = |s| yes_or_no(s, Lang::En).map(|(yes, _)| yes);
        assert_eq!(en("I don't mind"), Some(true));
        assert_eq!(en("of course not"), Some(false));
        assert_eq!(en("why not"), Some(true));
        assert_eq!(en("maybe the second house"), None);
    }
}
