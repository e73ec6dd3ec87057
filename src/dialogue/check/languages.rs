//! Every prompt has words in every language of the file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::diagnostic::At;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::lines::prompts;
use crate::dialogue::plan::{Dialplan, Prompt};

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    for prompt in prompts(plan) {
        let Some(first) = prompt.variants.first().filter(|v| v.at != At::default()) else {
            continue;
        };
        for lang in plan.tongues.keys() {
            let here = |v: &&crate::dialogue::plan::Variant| v.lang.is_none_or(|l| l == *lang);
            let any = prompt.variants.iter().any(|v| here(&v));
            let code = lang.code();
            if !any {
                let other = plan.tongues.keys().find(|l| *l != lang);
                let other = other.map_or("zh", |l| l.code());
                reader.error(
                    first.at,
                    format!("these words are missing in {lang}"),
                    format!("give them by language: `{{ {other}: …, {code}: … }}`"),
                );
            } else if !bare(prompt, *lang) {
                reader.warn(
                    first.at,
                    format!("nothing is said in {lang} where none of these conditions holds"),
                    "add a variant without `when`",
                );
            }
        }
    }
}

/// Something is said in this language whatever holds.
fn bare(prompt: &Prompt, lang: crate::terms::Lang) -> bool {
    prompt
        .variants
        .iter()
        .any(|v| v.lang.is_none_or(|l| l == lang) && v.when.is_none())
}
