//! Built-in intents (placeholder until the real lists are merged).

use super::intent::IntentSpec;
use crate::terms::Lang;
use std::collections::BTreeMap;

#[must_use]
pub fn specs(_lang: Lang) -> BTreeMap<String, IntentSpec> {
    let table: [(&str, &[&str]); 9] = [
        (
            "affirm",
            &["可以", "好的", "是的", "对的", "yes", "sure", "that works"],
        ),
        (
            "deny",
            &[
                "不需要",
                "没兴趣",
                "不是",
                "不对",
                "not interested",
                "no thanks",
                "no",
            ],
        ),
        (
            "opt_out",
            &["不要再打", "别再打", "do not call me again", "stop calling"],
        ),
        (
            "human",
            &[
                "转人工",
                "人工客服",
                "真人",
                "speak to a person",
                "real person",
            ],
        ),
        ("robot_question", &["是机器人", "are you a robot"]),
        ("repeat", &["再说一遍", "没听清", "say that again"]),
        ("busy", &["在开会", "在忙", "i'm busy", "in a meeting"]),
        ("wrong_number", &["打错了", "wrong number"]),
        ("abuse", &["滚", "滚蛋", "fuck off"]),
    ];
    table
        .iter()
        .map(|(name, list)| {
            (
                (*name).to_string(),
                IntentSpec {
                    examples: list.iter().map(|s| (*s).to_string()).collect(),
                    ..IntentSpec::default()
                },
            )
        })
        .collect()
}
