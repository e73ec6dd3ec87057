//! What stands on an edge, in the dialplan's language.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::plan::{Dialplan, Order, Test, When};
use crate::terms::{Disposition, Lang};

/// The built-in intents as people call them.
const BUILT_IN: [(&str, &str, &str); 13] = [
    ("affirm", "肯定", "yes"),
    ("deny", "否定", "no"),
    ("opt_out", "别再打来", "never call again"),
    ("human", "要人工", "a person, please"),
    ("robot_question", "问是不是机器人", "are you a robot"),
    ("repeat", "再说一遍", "say it again"),
    ("busy", "现在忙", "busy now"),
    ("wrong_number", "打错了", "wrong number"),
    ("abuse", "骂人", "abuse"),
    ("hesitate", "犹豫", "hesitates"),
    ("price", "问价格", "asks the price"),
    ("language", "换语言", "another language"),
    ("complaint", "抱怨", "complains"),
];

/// The most characters of an example.
const LONGEST: usize = 24;

/// One of two wordings.
pub(super) fn by(lang: Lang, zh: &str, en: &str) -> String {
    match lang {
        Lang::Zh => zh.to_string(),
        Lang::En => en.to_string(),
    }
}

/// An intent: a built-in one by what it means, one of the file by its name where that is in the dialplan's language, else by
/// what people say for it.
pub(super) fn intent(plan: &Dialplan, name: &str) -> String {
    if let Some((_, zh, en)) = BUILT_IN.iter().find(|(n, ..)| *n == name) {
        return by(plan.lang, zh, en);
    }
    if plan.lang == Lang::Zh && name.is_ascii() {
        let spec = plan.tongue(Lang::Zh).and_then(|t| t.intents.get(name));
        let example = spec.and_then(|s| s.examples.first().or_else(|| s.exact.first()));
        if let Some(example) = example {
            return format!("“{}”", example.chars().take(LONGEST).collect::<String>());
        }
    }
    match plan.lang {
        Lang::Zh => name.to_string(),
        Lang::En => name.replace('_', " "),
    }
}

pub(super) fn disposition(lang: Lang, disposition: Disposition) -> String {
    by(
        lang,
        disposition.zh(),
        &disposition.code().replace('_', " "),
    )
}

/// A condition.
pub(super) fn when(when: &When, lang: Lang) -> String {
    let names = |refs: &[crate::dialogue::plan::Ref], joint: &str| {
        let names: Vec<&str> = refs.iter().map(|r| r.name.as_str()).collect();
        names.join(joint)
    };
    let mut parts: Vec<String> = Vec::new();
    let or = by(lang, " 或 ", " or ");
    let and = by(lang, "、", ", ");
    for (refs, joint, zh, en) in [
        (&when.all, &and, "标签 ", "tag "),
        (&when.any, &or, "标签 ", "tag "),
        (&when.none, &or, "无标签 ", "no tag "),
        (&when.contact, &and, "老标签 ", "contact tag "),
        (&when.contact_none, &or, "无老标签 ", "no contact tag "),
        (&when.slots, &and, "已知 ", "known "),
        (&when.steps, &and, "到过 ", "reached "),
    ] {
        if !refs.is_empty() {
            parts.push(by(lang, zh, en) + &names(refs, joint));
        }
    }
    for (r, test) in when.lead.iter().chain(&when.values) {
        parts.push(format!("{} {}", r.name, self::test(test, lang)));
    }
    if let Some(n) = when.turns_at_least {
        parts.push(by(lang, &format!("≥ {n} 轮"), &format!("≥ {n} turns")));
    }
    if let Some(n) = when.turns_at_most {
        parts.push(by(lang, &format!("≤ {n} 轮"), &format!("≤ {n} turns")));
    }
    parts.extend(when.lang.map(|l| l.to_string()));
    if let Some(upset) = when.upset {
        let (zh, en) = if upset {
            ("情绪差", "upset")
        } else {
            ("情绪好", "calm")
        };
        parts.push(by(lang, zh, en));
    }
    if parts.is_empty() {
        return by(lang, "其他", "otherwise");
    }
    parts.join(&by(lang, "，", ", "))
}

fn test(test: &Test, lang: Lang) -> String {
    match test {
        Test::Present => by(lang, "有", "is given"),
        Test::Absent => by(lang, "没有", "is missing"),
        Test::OneOf(values) => format!("= {}", values.join(" / ")),
        Test::NoneOf(values) => format!("≠ {}", values.join(" / ")),
        Test::Compare(order, value) => {
            let sign = match order {
                Order::Less => "<",
                Order::AtMost => "≤",
                Order::AtLeast => "≥",
                Order::More => ">",
            };
            format!("{sign} {value}")
        }
    }
}
