//! The first words: who calls, that it is an automated voice, that the call is recorded. The profiles of all five regions ask
//! for the three; a later profile may ask for more.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::file::reader::Reader;
use crate::dialogue::plan::{Dialplan, Profile};
use crate::terms::Lang;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    let Some(first) = plan.disclosure.variants.first() else {
        return;
    };
    for lang in plan.tongues.keys() {
        let mut here = plan
            .disclosure
            .variants
            .iter()
            .filter(|v| v.lang.is_none_or(|l| l == *lang))
            .peekable();
        if here.peek().is_some() && here.all(|v| v.when.is_some()) {
            let advice = "add a variant without `when`: these words belong into every call";
            let message = format!("the disclosure in {lang} depends on conditions");
            reader.error(first.at, message, advice);
        }
    }
    for variant in &plan.disclosure.variants {
        let lang = variant.lang.unwrap_or(plan.lang);
        let said = variant
            .text
            .fill(&|v| {
                Some(
                    plan.values
                        .get(v)
                        .map(|w| w.in_lang(lang).to_string())
                        .unwrap_or_default(),
                )
            })
            .to_lowercase();
        let names_caller = variant.text.vars().any(|v| v == "company")
            || plan
                .values
                .get("company")
                .is_some_and(|c| said.contains(&c.in_lang(lang).to_lowercase()))
            || !plan.values.contains_key("company") && variant.text.vars().next().is_some();
        let (automated, recorded) = words(lang);
        let mut lacks = Vec::new();
        if !names_caller {
            lacks.push("who calls");
        }
        if !automated.iter().any(|w| said.contains(w)) {
            lacks.push("that it is an automated voice");
        }
        if !recorded.iter().any(|w| said.contains(w)) {
            lacks.push("that the call is recorded");
        }
        if !lacks.is_empty() {
            reader.error(
                variant.at,
                format!(
                    "the disclosure does not say {} (profile {})",
                    lacks.join(", nor "),
                    code(plan.profile)
                ),
                example(lang),
            );
        }
    }
    if plan.profile == Profile::Cn && plan.lang == Lang::En {
        reader.warn(
            first.at,
            "profile CN with an English dialplan",
            "set the profile of the country that is called",
        );
    }
}

const fn words(lang: Lang) -> (&'static [&'static str], &'static [&'static str]) {
    match lang {
        Lang::Zh => (
            &["智能", "机器人", "ai", "自动语音", "语音助手", "虚拟"],
            &["录音"],
        ),
        Lang::En => (
            &[
                "automated",
                "virtual",
                "robot",
                "ai ",
                "artificial",
                "computer",
            ],
            &["record"],
        ),
    }
}

pub(super) const fn code(profile: Profile) -> &'static str {
    match profile {
        Profile::Cn => "CN",
        Profile::Us => "US",
        Profile::Uk => "UK",
        Profile::Eu => "EU",
        Profile::In => "IN",
    }
}

const fn example(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "for example: 您好，我是{company}的智能语音助手，通话会录音。",
        Lang::En => {
            "for example: Hello, this is {company}'s automated assistant, on a recorded line."
        }
    }
}
