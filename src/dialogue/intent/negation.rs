//! Where a reply says no. Statistics cannot tell "not that I don't want it" from a refusal, so a negated reply that no
//! table or pattern knows is asked again instead of guessed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{Token, form_key};
use crate::terms::Lang;

const ZH: &[char] = &['不', '没', '别', '未', '无', '甭', '否', '莫', '非'];
const EN: &[&str] = &[
    "not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "hardly",
    "zero", "nope", "nah",
];
/// Words with a negation character that negate nothing.
const ZH_EMPTY: &[&str] = &[
    "没问题",
    "没毛病",
    "没意见",
    "不错",
    "不客气",
    "没事",
    "没关系",
    "不好意思",
    "对不起",
    "差不多",
    "不得了",
    "不管",
    "不过",
    "不如",
    "了不起",
    "不但",
    "不光",
    "不仅",
    "别人",
    "特别",
    "分别",
    "级别",
    "非常",
    "无所谓",
    "不见不散",
    "不然",
    "要不",
    "不同",
    "不少",
    "不只",
    "不论",
    "无论",
    "除非",
    "未来",
    "怪不得",
    "巴不得",
    "看不看",
    "别的",
    "别家",
    "别处",
    "不太清楚",
    "不知道",
];
const EN_EMPTY: &[&str] = &[
    "no problem",
    "not bad",
    "no worries",
    "why not",
    "no doubt",
    "not at all",
    "do not know",
    "no idea",
    "not sure",
];
const ZH_RHETORIC: &[&str] = &[
    "谁说",
    "难道",
    "怎么会",
    "怎么可能",
    "哪能",
    "哪有",
    "何必",
    "凭什么",
    "干嘛不",
    "为什么不",
    "怎么不",
];
const EN_RHETORIC: &[&str] = &[
    "who said",
    "why would",
    "why wouldn't",
    "how could",
    "as if",
    "would not say",
    "who says",
    "what makes you",
];
const ZH_ASKS: &[&str] = &[
    "吗", "什么", "怎么", "多少", "哪", "几", "谁", "为啥", "啥", "咋",
];
const EN_ASKS: &[&str] = &["what", "how", "where", "when", "who", "why", "which"];

/// The positions of the tokens that negate, without those of empty idioms and A-not-A questions.
#[must_use]
pub fn positions(tokens: &[Token], lang: Lang) -> Vec<usize> {
    let mut out: Vec<usize> = (0..tokens.len())
        .filter(|&i| negates(&tokens[i], lang))
        .collect();
    let empty: &[&str] = match lang {
        Lang::Zh => ZH_EMPTY,
        Lang::En => EN_EMPTY,
    };
    out.retain(|&i| {
        let idiom = (i.saturating_sub(3)..=i).any(|from| {
            (i + 1..=(from + 4).min(tokens.len()))
                .any(|to| empty.contains(&form_key(&tokens[from..to]).as_str()))
        });
        let a_not_a = lang == Lang::Zh
            && i > 0
            && tokens
                .get(i + 1)
                .is_some_and(|next| next.form == tokens[i - 1].form);
        !idiom && !a_not_a
    });
    out
}

/// How many tokens in front are a bare no (不不我不去, yeah no not interested), with the words around it.
#[must_use]
pub fn leading_no(tokens: &[Token], lang: Lang) -> usize {
    let (no, beside): (&[&str], &[&str]) = match lang {
        Lang::Zh => (&["不", "别", "没"], &["嗯", "啊", "哦", "真"]),
        Lang::En => (
            &["no", "nope", "nah"],
            &[
                "yeah", "well", "oh", "um", "uh", "thanks", "sorry", "really", "honestly",
            ],
        ),
    };
    let front = tokens
        .iter()
        .take_while(|t| no.contains(&t.form.as_str()) || beside.contains(&t.form.as_str()))
        .count();
    match lang {
        Lang::En => front,
        Lang::Zh
            if tokens
                .get(front)
                .is_some_and(|t| matches!(t.form.as_str(), "我" | "谢")) =>
        {
            front
        }
        // The last one belongs to what follows (不不|不去), and 不 alone in front of 是 or 能 opens a double negation.
        Lang::Zh => front.saturating_sub(1),
    }
}

/// Whether the negation at `at` takes what begins at `begin` with it: nothing stands between but 用, 要, `really` and such.
#[must_use]
pub fn reaches(tokens: &[Token], at: usize, begin: usize, lang: Lang) -> bool {
    let light: &[&str] = match lang {
        Lang::Zh => &[
            "用", "要", "需", "想", "必", "再", "太", "怎", "么", "是", "很", "能", "会",
        ],
        Lang::En => &[
            "really",
            "very",
            "that",
            "so",
            "exactly",
            "too",
            "all",
            "particularly",
        ],
    };
    let word = lang == Lang::Zh || tokens[at].form == "not";
    word && at < begin
        && tokens[at + 1..begin]
            .iter()
            .all(|t| light.contains(&t.form.as_str()))
}

/// Whether one token is a negation word.
#[must_use]
pub fn negates(token: &Token, lang: Lang) -> bool {
    match lang {
        Lang::Zh => token.han().is_some_and(|c| ZH.contains(&c)),
        Lang::En => EN.contains(&token.form.as_str()),
    }
}

/// A question that is an answer in disguise (难道我不要吗, who said I want it).
#[must_use]
pub fn is_rhetorical(tokens: &[Token], lang: Lang) -> bool {
    let key = form_key(tokens);
    match lang {
        Lang::Zh => ZH_RHETORIC.iter().any(|r| key.contains(r)),
        Lang::En => EN_RHETORIC.iter().any(|r| key.starts_with(r)),
    }
}

/// 要不要, 行不行: an either-or question, which is neither a yes nor a no.
#[must_use]
pub fn is_either_or(tokens: &[Token], lang: Lang) -> bool {
    lang == Lang::Zh
        && tokens
            .windows(3)
            .any(|w| negates(&w[1], lang) && w[0].form == w[2].form)
}

/// A real question, by its words: a negation in it is no answer.
#[must_use]
pub fn asks(tokens: &[Token], lang: Lang) -> bool {
    match lang {
        Lang::Zh => {
            let key = form_key(tokens);
            !key.contains('都') && ZH_ASKS.iter().any(|q| key.contains(q))
        }
        Lang::En => tokens.iter().any(|t| EN_ASKS.contains(&t.form.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::tokens;
    use super::*;

    #[test]
    fn idioms_and_either_or_questions_negate_nothing() {
        let count = |s, lang| positions(&tokens(s, lang), lang).len();
        assert_eq!(count("没问题", Lang::Zh), 0);
        assert_eq!(count("是不是收费", Lang::Zh), 0);
        assert_eq!(count("不是不需要", Lang::Zh), 2);
        assert_eq!(count("no problem", Lang::En), 0);
        assert_eq!(count("I don't mind", Lang::En), 1);
    }
}
