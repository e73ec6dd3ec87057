//! Whether words sound like the end of what somebody wanted to say: a Mandarin clause does not end in 因为 or 把, an English
//! one not in "and" or "the". Only the last words count; a text that is cut in mid-sentence but ends in a noun cannot be told.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Lang;

/// How a text ends.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// More must follow.
    Unfinished,
    /// Nothing speaks for either.
    Plain,
    /// It ends as answers end: a sentence-final particle, a thank-you.
    Finished,
}

/// How this text ends. An empty one is plain.
#[must_use]
pub fn ending(text: &str, lang: Lang) -> Ending {
    let clean: String = text
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '\'' | ' '))
        .collect();
    let clean = clean.trim();
    if clean.is_empty() {
        return Ending::Plain;
    }
    // A Mandarin speaker may end in English and the other way round: the last character decides.
    let han = clean.chars().next_back().is_some_and(|c| !c.is_ascii());
    match (han, lang) {
        (true, _) => zh(clean),
        (false, Lang::En) => en(clean),
        (false, Lang::Zh) if clean.is_ascii() => en(clean),
        (false, Lang::Zh) => Ending::Plain,
    }
}

fn zh(text: &str) -> Ending {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    if ZH_WHOLE.contains(&text.as_str()) {
        return Ending::Finished;
    }
    if ZH_WHOLE_UNFINISHED.contains(&text.as_str()) {
        return Ending::Unfinished;
    }
    let ends = |list: &[&str]| list.iter().any(|w| text.ends_with(w));
    // 挺好的, 是新买的: a judgement is whole; 我们家的 is not.
    let judged = text.ends_with('的') && text.contains(['挺', '蛮', '很', '太', '真', '是', '会']);
    if ends(ZH_FINISHED) || judged {
        Ending::Finished
    } else if ends(ZH_UNFINISHED) {
        Ending::Unfinished
    } else if ends(ZH_PARTICLES) {
        Ending::Finished
    } else {
        Ending::Plain
    }
}

fn en(text: &str) -> Ending {
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.last().copied().unwrap_or_default();
    let ends = |phrases: &[&str]| {
        phrases.iter().any(|p| {
            text.strip_suffix(p)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
        })
    };
    if ends(EN_FINISHED) {
        Ending::Finished
    } else if EN_UNFINISHED_WORDS.contains(&last) || ends(EN_UNFINISHED_PHRASES) {
        Ending::Unfinished
    } else {
        Ending::Plain
    }
}

/// Whole answers that would otherwise look cut.
const ZH_WHOLE: &[&str] = &[
    "是",
    "是的",
    "不是",
    "不是的",
    "也是",
    "都是",
    "还是",
    "对",
    "好",
    "嗯",
    "想",
    "不想",
    "要",
    "不要",
    "在",
    "不在",
    "有",
    "没有",
    "到",
    "我",
    "是我",
    "就是我",
    "我就是",
    "我在",
    "能",
    "会",
    "行",
    "可以",
];

/// Whole texts that are only a beginning.
const ZH_WHOLE_UNFINISHED: &[&str] = &[
    "我们",
    "我想",
    "我要",
    "我觉得",
    "我就",
    "我是",
    "你们",
    "那",
    "那个",
    "这个",
    "这",
    "就",
    "嗯我",
    "主要",
    "大概",
    "可能",
    "应该",
];

/// Endings that look cut by their last character and are whole.
const ZH_FINISHED: &[&str] = &[
    "是的",
    "好的",
    "对的",
    "行的",
    "可以的",
    "会的",
    "有的",
    "没有的",
    "要的",
    "没事的",
    "挺好的",
    "不错的",
    "谢谢你",
    "谢谢您",
    "谢谢",
    "不好意思",
    "再见",
    "拜拜",
    "就是我",
    "是我",
    "找我",
    "联系我",
    "告诉我",
    "不是",
    "没想",
    "不想",
    "我知道",
];

const ZH_UNFINISHED: &[&str] = &[
    "因为",
    "所以",
    "但是",
    "可是",
    "不过",
    "而且",
    "然后",
    "如果",
    "要是",
    "虽然",
    "比如",
    "比如说",
    "就是说",
    "主要是",
    "就是",
    "而是",
    "一个是",
    "问题是",
    "意思是",
    "关于",
    "对于",
    "还有",
    "以及",
    "或者",
    "觉得",
    "认为",
    "以为",
    "希望",
    "打算",
    "准备",
    "想要",
    "我想",
    "我要",
    "就想",
    "是想",
    "那个",
    "这个",
    "一个",
    "一下子",
    "我们家",
    "我家",
    "的话",
    "每次",
    "和",
    "跟",
    "给",
    "把",
    "被",
    "住在",
    "就在",
    "从",
    "向",
    "让",
    "帮",
    "比",
    "往",
    "替",
    "的",
    "我",
    "他",
    "她",
    "我们",
    "他们",
    "咱们",
    "想",
    "呃",
    "额",
];

const ZH_PARTICLES: &[&str] = &["吧", "了", "吗", "呢", "啊", "呀", "啦", "嘛", "哦"];

const EN_FINISHED: &[&str] = &[
    "thank you",
    "thanks",
    "please",
    "goodbye",
    "bye",
    "that's it",
    "that's all",
    "i am",
    "yes i am",
    "i do",
    "i did",
    "yes we are",
    "we are",
    "it is",
    "yes it is",
    "she is",
    "he is",
    "i was",
    "i have",
    "i would",
    "i will",
    "i can",
    "i think so",
    "come in",
    "go on",
    "hold on",
    "what for",
    "who is this",
    "i'm in",
    "that's for me",
    "is that so",
];

const EN_UNFINISHED_WORDS: &[&str] = &[
    "the",
    "a",
    "an",
    "and",
    "but",
    "or",
    "so",
    "because",
    "cause",
    "if",
    "when",
    "while",
    "although",
    "though",
    "unless",
    "until",
    "since",
    "whether",
    "that's",
    "which",
    "who",
    "to",
    "of",
    "for",
    "from",
    "with",
    "without",
    "in",
    "on",
    "at",
    "by",
    "about",
    "into",
    "around",
    "between",
    "than",
    "as",
    "like",
    "my",
    "our",
    "your",
    "his",
    "her",
    "their",
    "its",
    "this",
    "is",
    "was",
    "were",
    "am",
    "are",
    "be",
    "been",
    "i'm",
    "we're",
    "they're",
    "it's",
    "he's",
    "she's",
    "you're",
    "i've",
    "we've",
    "i'd",
    "we'd",
    "i'll",
    "we'll",
    "i",
    "we",
    "he",
    "she",
    "they",
    "have",
    "has",
    "had",
    "would",
    "could",
    "should",
    "will",
    "can",
    "might",
    "must",
    "um",
    "uh",
    "er",
    "well",
    "actually",
    "maybe",
    "basically",
    "every",
    "some",
    "any",
    "very",
    "really",
    "pretty",
    "quite",
    "just",
    "next",
    "also",
    "then",
    "not",
];

const EN_UNFINISHED_PHRASES: &[&str] = &[
    "i think",
    "i guess",
    "i mean",
    "you know",
    "would like",
    "want",
    "i need",
    "kind of",
    "sort of",
    "it depends",
    "let me",
    "half past",
    "quarter to",
    "quarter past",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_go_on_is_known_by_its_last_words() {
        for t in [
            "我觉得",
            "因为我们家",
            "主要是想",
            "我想给孩子报一个",
            "我是说那个",
            "孩子的",
            "我想把",
            "价格可以但是",
            "那我就是",
            "如果周末的话",
            "我想问一下就是",
            "呃",
        ] {
            assert_eq!(ending(t, Lang::Zh), Ending::Unfinished, "{t}");
        }
        for t in [
            "i think",
            "because we",
            "i would like to",
            "it is mostly for the",
            "yes but",
            "my wife and",
            "it's",
            "well",
            "at half past",
            "I want",
            "um",
        ] {
            assert_eq!(ending(t, Lang::En), Ending::Unfinished, "{t}");
        }
    }

    #[test]
    fn whole_answers_are_not_called_unfinished() {
        for t in [
            "是的",
            "好的",
            "可以的",
            "是我",
            "不是",
            "我就是",
            "谢谢你",
            "不用了",
            "还可以吧",
            "对",
            "挺好的",
            "我在",
            "想",
            "没有",
        ] {
            assert_eq!(ending(t, Lang::Zh), Ending::Finished, "{t}");
        }
        for t in [
            "no thank you",
            "yes please",
            "yes i am",
            "that's it",
            "I think so",
            "yes, it is.",
        ] {
            assert_eq!(ending(t, Lang::En), Ending::Finished, "{t}");
        }
    }

    #[test]
    fn a_text_that_says_nothing_about_its_end_is_plain() {
        for (t, lang) in [
            ("我想了解一下厨房怎么做", Lang::Zh),
            ("周末我们一般都有时间", Lang::Zh),
            ("", Lang::Zh),
            ("ok", Lang::Zh),
            ("i saw it on the internet", Lang::En),
            ("the house is twenty years old", Lang::En),
            ("...", Lang::En),
        ] {
            assert_eq!(ending(t, lang), Ending::Plain, "{t}");
        }
    }
}
