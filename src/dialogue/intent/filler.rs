//! Words that carry no answer: hesitation sounds, politeness and sentence particles. A reply is compared without them.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::Token;
use crate::terms::Lang;

const ZH_LEAD: &[&str] = &[
    "嗯",
    "恩",
    "啊",
    "哦",
    "噢",
    "喂",
    "呃",
    "额",
    "诶",
    "哎",
    "唉",
    "欸",
    "哈",
    "那",
    "那个",
    "这个",
    "就是",
    "就是说",
    "其实",
    "然后",
    "你好",
    "您好",
    "哎呀",
    "哎哟",
    "等一下",
    "等等",
    "稍等",
    "稍等一下",
    "先等一下",
    "不好意思",
    "抱歉",
    "谢谢",
    "谢谢你",
    "谢谢您",
    "多谢",
    "老师",
    "美女",
    "帅哥",
    "小姐",
    "我说",
    "反正",
    "那就",
    "我",
    "我们",
    "咱们",
];
const ZH_TRAIL: &[&str] = &[
    "谢谢",
    "谢谢你",
    "谢谢您",
    "多谢",
    "麻烦了",
    "麻烦你了",
    "再见",
    "拜拜",
    "老师",
    "小姑娘",
    "小伙子",
    "小妹",
    "姑娘",
    "大姐",
    "大哥",
    "兄弟",
    "师傅",
    "妹子",
    "好吧",
    "不好意思",
    "抱歉",
    "你好",
    "哈",
    "喂",
];
const ZH_PARTICLE: &[&str] = &[
    "啊", "呀", "吧", "呢", "嘛", "啦", "哦", "噢", "喽", "咯", "呗", "嘞", "哟", "哈", "的", "了",
    "滴", "嗷", "诶", "欸",
];
const EN_LEAD: &[&str] = &[
    "um",
    "uh",
    "er",
    "erm",
    "ah",
    "oh",
    "hm",
    "hmm",
    "mm",
    "well",
    "so",
    "like",
    "you know",
    "i mean",
    "hi",
    "hello",
    "hey",
    "and",
    "but",
    "look",
    "listen",
    "honestly",
    "actually",
    "basically",
    "sorry",
    "excuse me",
    "please",
    "thanks",
    "thank you",
    "i guess",
    "i think",
    "i would say",
    "just",
];
const EN_TRAIL: &[&str] = &[
    "please",
    "thanks",
    "thank you",
    "sir",
    "ma'am",
    "mam",
    "man",
    "mate",
    "love",
    "ta",
    "cheers",
    "pal",
    "darling",
    "sweetheart",
    "ma am",
    "honey",
    "dear",
    "buddy",
    "though",
    "really",
    "i think",
    "i guess",
    "you know",
    "then",
    "very much",
    "so much",
    "bye",
    "goodbye",
    "anyway",
    "sorry",
    "um",
    "uh",
    "here",
    "now",
];

/// The reply without leading and trailing fillers; never empty when `tokens` is not.
#[must_use]
pub fn stripped(tokens: &[Token], lang: Lang) -> &[Token] {
    let (lead, trail): (&[&str], &[&str]) = match lang {
        Lang::Zh => (ZH_LEAD, ZH_TRAIL),
        Lang::En => (EN_LEAD, EN_TRAIL),
    };
    let mut rest = tokens;
    loop {
        let before = rest.len();
        rest = &rest[lead_len(rest, lead)..];
        rest = &rest[..rest.len() - trail_len(rest, trail)];
        if lang == Lang::Zh {
            rest = bare(rest);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// A Mandarin reply without its sentence-final particles; never empty.
#[must_use]
pub fn bare(tokens: &[Token]) -> &[Token] {
    let mut rest = tokens;
    while rest.len() > 1 && ZH_PARTICLE.contains(&rest[rest.len() - 1].form.as_str()) {
        rest = &rest[..rest.len() - 1];
    }
    rest
}

/// [`bare`] where the language has sentence particles, else the reply itself.
#[must_use]
pub fn bare_for(tokens: &[Token], lang: Lang) -> &[Token] {
    match lang {
        Lang::Zh => bare(tokens),
        Lang::En => tokens,
    }
}

/// How many tokens of filler the reply begins with (used between table phrases, so it may be all of them).
#[must_use]
pub fn run_at(tokens: &[Token], lang: Lang) -> usize {
    let lists: [&[&str]; 3] = match lang {
        Lang::Zh => [ZH_LEAD, ZH_TRAIL, ZH_PARTICLE],
        Lang::En => [EN_LEAD, EN_TRAIL, &[]],
    };
    lists
        .iter()
        .flat_map(|l| l.iter())
        .filter_map(|f| starts(tokens, f))
        .max()
        .unwrap_or(0)
}

/// A clause without any content.
#[must_use]
pub fn is_only_filler(tokens: &[Token], lang: Lang) -> bool {
    let mut at = 0;
    while at < tokens.len() {
        match run_at(&tokens[at..], lang) {
            0 => return false,
            n => at += n,
        }
    }
    true
}

/// 好好好 → 好, `yes yes` → `yes`: a reply that only repeats one unit, as that unit.
#[must_use]
pub fn unrepeated(tokens: &[Token]) -> &[Token] {
    (1..=tokens.len() / 2)
        .find(|&unit| {
            tokens.len().is_multiple_of(unit)
                && tokens
                    .chunks(unit)
                    .all(|c| c.iter().zip(tokens).all(|(a, b)| a.form == b.form))
        })
        .map_or(tokens, |unit| &tokens[..unit])
}

fn lead_len(tokens: &[Token], list: &[&str]) -> usize {
    list.iter()
        .filter_map(|f| starts(tokens, f))
        .filter(|n| *n < tokens.len())
        .max()
        .unwrap_or(0)
}

fn trail_len(tokens: &[Token], list: &[&str]) -> usize {
    let longest = tokens.len().saturating_sub(1).min(4);
    (1..=longest)
        .rev()
        .find(|&n| {
            list.iter()
                .any(|f| starts(&tokens[tokens.len() - n..], f) == Some(n))
        })
        .unwrap_or(0)
}

/// How many tokens the filler takes, when the reply starts with it.
fn starts(tokens: &[Token], filler: &str) -> Option<usize> {
    let mut rest = filler;
    for (i, token) in tokens.iter().enumerate() {
        rest = rest.trim_start().strip_prefix(token.form.as_str())?;
        if rest.is_empty() {
            return Some(i + 1);
        }
        if token.han().is_none() && !rest.starts_with(' ') {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::text::{form_key, tokens};
    use super::*;

    #[test]
    fn fillers_go_and_the_answer_stays() {
        let zh = |s| form_key(stripped(&tokens(s, Lang::Zh), Lang::Zh));
        assert_eq!(zh("嗯，那个，可以的呀"), "可以");
        assert_eq!(zh("嗯"), "嗯");
        let en = |s| form_key(stripped(&tokens(s, Lang::En), Lang::En));
        assert_eq!(en("um, well, no thank you"), "no");
        assert_eq!(en("thank you"), "thank you");
        assert_eq!(en("you knowledge"), "you knowledge");
    }

    #[test]
    fn a_repeated_answer_is_one_answer() {
        let zh = |s| form_key(unrepeated(&tokens(s, Lang::Zh)));
        assert_eq!(zh("好好好"), "好");
        assert_eq!(zh("可以可以"), "可以");
        assert_eq!(zh("好的好"), "好的好");
    }
}
