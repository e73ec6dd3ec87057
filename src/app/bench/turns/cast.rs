//! Who is called in the bench and what they say: per language and per kind of question, some of it with a pause in the
//! middle, because a turn that ends too early is only found where somebody pauses.

use crate::terms::Lang;

/// What one call measures.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    YesNo,
    Open,
    /// Telephone numbers.
    Number,
    /// Days and times.
    Date,
    /// Words over a long line.
    Interrupt,
    /// Signs of listening over a long line.
    BackChannel,
}

impl Part {
    pub const ALL: [Part; 6] = [
        Part::YesNo,
        Part::Open,
        Part::Number,
        Part::Date,
        Part::Interrupt,
        Part::BackChannel,
    ];

    /// The key that brings the conversation there.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Part::YesNo => "1",
            Part::Open => "2",
            Part::Number => "3",
            Part::Date => "4",
            Part::Interrupt | Part::BackChannel => "5",
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Part::YesNo => "yes_no",
            Part::Open => "open",
            Part::Number => "number",
            Part::Date => "date",
            Part::Interrupt => "interrupt",
            Part::BackChannel => "back_channel",
        }
    }
}

/// The dialplan of a language.
#[must_use]
pub const fn dialplan(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => include_str!("zh.yaml"),
        Lang::En => include_str!("en.yaml"),
    }
}

/// The callees' voices, none of which the robot uses.
#[must_use]
pub const fn voices(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::Zh => &["zf_xiaoyi", "zm_yunxi", "zf_xiaoxiao", "zm_yunjian"],
        Lang::En => &["bf_emma", "am_puck", "af_heart", "bm_george"],
    }
}

/// What is said in a call, in order. `|400|` is a pause of 400 ms between the last sound before it and the first after it.
#[must_use]
pub const fn says(lang: Lang, part: Part) -> &'static [&'static str] {
    match (lang, part) {
        (Lang::Zh, Part::YesNo) => &[
            "是的。",
            "对，是我。",
            "可以。",
            "好，可以的。",
            "不是。",
            "不用了，谢谢。",
            "行，你说吧。",
            "没有。",
            "是的|400|我就是。",
            "嗯，好的。",
        ],
        (Lang::Zh, Part::Open) => &[
            "听朋友介绍过。",
            "我想了解一下厨房怎么做。",
            "我觉得|400|还可以吧。",
            "周末我们一般都有时间。",
            "因为我们家|450|离那边有点远。",
            "之前在别的地方做过。",
            "主要是想|350|把窗户换一下。",
            "还可以吧|400|就是有一点贵。",
        ],
        (Lang::Zh, Part::Number) => &[
            "一三八|400|零零一三|400|八零零零。",
            "一三九零五七一八六二三。",
            "幺八六|350|二二一零|350|三三四五。",
            "零一零|300|六二七八|300|五五六六。",
            "一五零三六八七二四一九。",
            "一七七|500|八九三二|450|六零五一。",
        ],
        (Lang::Zh, Part::Date) => &[
            "明天下午三点。",
            "星期六|400|上午九点半。",
            "后天上午十点。",
            "下周一|350|下午两点吧。",
            "这个周末都可以。",
            "二十五号|400|下午四点。",
        ],
        (Lang::Zh, Part::Interrupt) => &[
            "等一下，我有个问题。",
            "不好意思，你们在哪里？",
            "这个要多少钱？",
            "这个我听不太懂。",
            "停一下，先别说了。",
            "你先告诉我价格吧。",
        ],
        (Lang::Zh, Part::BackChannel) => &["嗯。", "好的。", "嗯嗯。", "对。", "哦。", "是的。"],
        (Lang::En, Part::YesNo) => &[
            "Yes.",
            "Yes, speaking.",
            "Sure.",
            "Yeah|400|that's me.",
            "No.",
            "No, thank you.",
            "Okay, go ahead.",
            "Not really.",
            "Well, yes, I think so.",
            "Yes, that's right.",
        ],
        (Lang::En, Part::Open) => &[
            "I saw it on the internet.",
            "It is mostly for the kitchen.",
            "I think|400|it looks quite good.",
            "My sister told me about it.",
            "Because we|450|live pretty far from there.",
            "The house is about twenty years old.",
            "I would like to|350|change the windows.",
            "It looks good|400|but it is a bit expensive.",
        ],
        (Lang::En, Part::Number) => &[
            "Two zero two|400|five five five|400|zero one zero zero.",
            "Four one five five five five zero one three seven.",
            "Six four six|350|five five five|350|zero one eight two.",
            "Three one two five five five zero one nine six.",
            "Seven one eight|300|five five five|300|zero one four four.",
            "Two one three|500|five five five|450|zero one two nine.",
        ],
        (Lang::En, Part::Date) => &[
            "Tomorrow at three in the afternoon.",
            "Next Monday|400|at half past nine.",
            "Saturday at ten.",
            "On Friday|350|in the morning.",
            "Sunday is fine for me.",
            "The day after tomorrow|400|at four.",
        ],
        (Lang::En, Part::Interrupt) => &[
            "Wait a second, I have a question.",
            "Sorry, where are you located?",
            "How much does it cost?",
            "I do not understand that.",
            "Hold on, one moment please.",
            "Just tell me the price.",
        ],
        (Lang::En, Part::BackChannel) => {
            &["Uh-huh.", "Okay.", "Yeah.", "Right.", "Mm-hmm.", "I see."]
        }
    }
}

/// What brings the conversation on after a sign of listening.
#[must_use]
pub const fn goes_on(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "可以。",
        Lang::En => "Yes, please.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Dialplan;

    #[test]
    fn both_dialplans_are_good_ones() {
        for lang in [Lang::Zh, Lang::En] {
            let plan = Dialplan::parse(dialplan(lang), "bench.yaml");
            assert!(
                plan.as_ref().is_ok_and(|p| p.lang == lang),
                "{lang}: {:?}",
                plan.err()
            );
        }
    }
}
