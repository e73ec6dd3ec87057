//! "Do not call" always wins, unless it speaks of a time: 现在别打, 明天再打 asks for another time.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{Token, form_key};
use crate::terms::Lang;

const ZH_FOR_EVER: &[&str] = &[
    "以后",
    "永远",
    "再也",
    "投诉",
    "拉黑",
    "黑名单",
    "名单",
    "删",
    "举报",
    "骚扰",
    "一直",
    "报警",
    "起诉",
    "不客气",
    "曝光",
    "天天",
    "老打",
    "老是",
    "总打",
];
const ZH_TIME: &[&str] = &[
    "现在别",
    "现在不要",
    "现在先别",
    "这会儿",
    "这个点",
    "今天",
    "明天",
    "上午",
    "下午",
    "早上",
    "晚上",
    "中午",
    "上班",
    "休息",
    "睡觉",
    "先别",
    "先不要",
    "这时候",
    "这个时候",
    "周末",
    "晚点",
    "等会",
    "待会",
    "过两天",
    "过几天",
    "改天",
    "下周",
    "小时",
    "分钟",
    "开会",
    "开车",
];
const ZH_LATER: &[&str] = &[
    "再打过来",
    "再打给",
    "再联系",
    "再说吧",
    "可以打",
    "再打吧",
    "后再打",
    "天再打",
    "点再打",
    "周再打",
    "午再打",
    "上再打",
    "会再打",
    "儿再打",
    "完再打",
];
const EN_FOR_EVER: &[&str] = &[
    "ever",
    "list",
    "anymore",
    "any more",
    "stop",
    "never",
    "remove",
    "quit",
    "harass",
    "report",
    "sue",
    "lawyer",
    "delete",
    "number off",
];
const EN_TIME: &[&str] = &[
    "at work",
    "right now",
    "today",
    "tonight",
    "this morning",
    "this afternoon",
    "this evening",
    "at this time",
    "at this hour",
    "at night",
    "this early",
    "this late",
    "so early",
    "so late",
    "during",
    "on weekends",
    "on the weekend",
    "on sunday",
    "on sundays",
    "before",
    "after",
    "until",
    "till",
    "while",
    "in the morning",
    "in the evening",
    "tomorrow",
    "now",
    "when i am",
];
const EN_LATER: &[&str] = &[
    "call me later",
    "call me tomorrow",
    "call back",
    "call me back",
    "try again",
    "try me",
    "call later",
    "call tomorrow",
];

const EN_INSTEAD: &[&str] = &[
    "call after",
    "call at",
    "call in the",
    "call me after",
    "call me at",
    "call me in the",
    "ring after",
    "ring me after",
    "try after",
    "try me after",
    "call later",
    "call tomorrow",
    "call me tomorrow",
    "call me later",
    "call on",
    "call me on",
    "try evenings",
    "try me in",
    "instead",
];

/// Whether words that ask not to be called only ask not to be called at this time.
#[must_use]
pub fn is_only_for_now(utterance: &[Token], lang: Lang) -> bool {
    // 别再打给我 holds no 再打给我.
    let mut key = form_key(utterance);
    if lang == Lang::Zh {
        for no_more in [
            "别再",
            "不要再",
            "不准再",
            "不许再",
            "不能再",
            "不想再",
            "不用再",
            "甭再",
        ] {
            key = key.replace(no_more, "别");
        }
    }
    let any = |list: &[&str]| match lang {
        Lang::Zh => list.iter().any(|w| key.contains(w)),
        Lang::En => list
            .iter()
            .any(|w| format!(" {key} ").contains(&format!(" {w} "))),
    };
    match lang {
        Lang::Zh => !any(ZH_FOR_EVER) && (any(ZH_TIME) || any(ZH_LATER)),
        // "again" alone is for ever; "again until Monday" is not.
        // Nor is "stop ringing at seven, call after lunch".
        Lang::En
            if any(EN_INSTEAD)
                && !any(&[
                    "ever", "list", "anymore", "any more", "never", "again", "remove",
                ]) =>
        {
            true
        }
        Lang::En => !any(EN_FOR_EVER) && (any(EN_TIME) || any(EN_LATER)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::tokens;
    use super::*;

    #[test]
    fn a_time_word_turns_a_refusal_of_calls_into_a_wish_for_another_time() {
        let now = |s, lang| is_only_for_now(&tokens(s, lang), lang);
        assert!(now("现在别打，明天再打", Lang::Zh));
        assert!(!now("以后晚上也别打了", Lang::Zh));
        assert!(!now("别再打了", Lang::Zh));
        assert!(now("don't call me at work", Lang::En));
        assert!(!now("don't ever call me at work", Lang::En));
        assert!(!now("don't call me again", Lang::En));
    }
}
