//! The callees of the demo: who they are, what they say and when, and how each call should end. What they say becomes
//! sound in voices and at speeds the robot does not use.

use crate::terms::{Disposition, Lang};

/// How a callee's phone behaves.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// Rings this long, then answers.
    Answers {
        ring_ms: u64,
    },
    Busy,
    Declines,
    RingsOn,
    /// 183 with an announcement, then 404.
    Announces(&'static str),
    /// Answers, plays this greeting and beeps.
    Voicemail(&'static str),
}

/// What a callee does after answering, in order.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Waits until the robot has spoken and is quiet, then says this.
    Says(&'static str),
    /// Says this while the robot talks, so long after it began.
    SaysOver(u64, &'static str),
    /// Says nothing until the robot hangs up.
    StaysSilent,
    /// Hangs up while the robot talks.
    HangsUpIn(u64),
    /// Talks with the agent: waits for his voice, says this.
    TellsAgent(&'static str),
}

/// One callee.
pub struct Part {
    /// The script's name, for `--only` and the table.
    pub name: &'static str,
    pub lead: &'static str,
    pub lang: Lang,
    pub phone: Phone,
    pub voice: &'static str,
    pub speed_percent: u16,
    /// Street noise at this many dB under the voice.
    pub noise_snr_db: Option<f32>,
    pub does: &'static [Does],
    pub expected: Disposition,
    pub bridged: bool,
}

const SPOKEN: Part = Part {
    name: "",
    lead: "",
    lang: Lang::Zh,
    phone: Phone::Answers { ring_ms: 600 },
    voice: "zf_xiaoyi",
    speed_percent: 100,
    noise_snr_db: None,
    does: &[],
    expected: Disposition::Completed,
    bridged: false,
};

/// What the simulated agents say when they come on the line.
#[must_use]
pub const fn agent_says(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "您好，我是王老师，很高兴为您服务，有什么可以帮您？",
        Lang::En => "Hello, this is Karen from the design team. How can I help you?",
    }
}

#[must_use]
pub const fn agent_voice(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zm_yunyang",
        Lang::En => "af_sarah",
    }
}

/// Everybody.
#[must_use]
pub const fn cast() -> &'static [Part] {
    CAST
}

use Does::{HangsUpIn, Says, SaysOver, StaysSilent, TellsAgent};

const CAST: &[Part] = &[
    Part {
        name: "zh-human",
        lead: "李浩然",
        does: &[
            Says("是的，我是。"),
            Says("可以啊，我挺感兴趣的。"),
            Says("你帮我转人工吧，我想跟老师直接说。"),
            TellsAgent("老师您好，我想问一下课程安排。"),
        ],
        expected: Disposition::Transferred,
        bridged: true,
        ..SPOKEN
    },
    Part {
        name: "zh-books",
        lead: "王子轩",
        voice: "zm_yunxi",
        does: &[
            Says("对，我是。"),
            Says("可以，我想让孩子试试。"),
            Says("上小学二年级。"),
            Says("没有接触过。"),
            Says("后天下午三点。"),
            Says("是的，没错。"),
        ],
        ..SPOKEN
    },
    Part {
        name: "zh-refuses",
        lead: "张雨桐",
        voice: "zm_yunjian",
        speed_percent: 105,
        does: &[
            Says("是的。"),
            Says("不用了，我们不需要。"),
            Says("不用了，没兴趣。"),
        ],
        ..SPOKEN
    },
    Part {
        name: "zh-busy-now",
        lead: "刘思远",
        voice: "zf_xiaoxiao",
        does: &[Says("我现在正在开会，不方便。"), Says("明天上午十点吧。")],
        expected: Disposition::Callback,
        ..SPOKEN
    },
    Part {
        name: "zh-asks",
        lead: "陈嘉怡",
        voice: "zm_yunxia",
        speed_percent: 95,
        does: &[
            Says("对，是我。"),
            Says("你们一节课多少钱？"),
            Says("可以，去试一下。"),
            Says("上初中二年级。"),
            Says("以前学过。"),
            Says("星期六上午十点。"),
            Says("对，没问题。"),
        ],
        ..SPOKEN
    },
    Part {
        name: "zh-interrupts",
        lead: "杨梓涵",
        voice: "zf_xiaoyi",
        speed_percent: 108,
        does: &[
            Says("是的，您说。"),
            SaysOver(1500, "等一下，你们的地址在哪里？"),
            Says("太远了，不需要了。"),
            Says("不用了，谢谢。"),
        ],
        ..SPOKEN
    },
    Part {
        name: "zh-backchannel",
        lead: "赵一诺",
        voice: "zm_yunyang",
        does: &[
            Says("是的。"),
            SaysOver(1500, "嗯。"),
            Says("不用了，不需要。"),
            Says("不需要，谢谢。"),
        ],
        ..SPOKEN
    },
    Part {
        name: "zh-silent",
        lead: "黄俊杰",
        does: &[StaysSilent],
        expected: Disposition::Silence,
        ..SPOKEN
    },
    Part {
        name: "zh-opt-out",
        lead: "周欣妍",
        voice: "zf_xiaoxiao",
        speed_percent: 105,
        does: &[Says("是的。"), Says("以后不要再给我打电话了。")],
        expected: Disposition::OptOut,
        ..SPOKEN
    },
    Part {
        name: "zh-busy-line",
        lead: "吴宇航",
        phone: Phone::Busy,
        expected: Disposition::Busy,
        ..SPOKEN
    },
    Part {
        name: "zh-invalid",
        lead: "徐若曦",
        phone: Phone::Announces("您好，您拨打的号码是空号，请核对后再拨。"),
        voice: "zf_xiaoxiao",
        expected: Disposition::Invalid,
        ..SPOKEN
    },
    Part {
        name: "en-human",
        lead: "Anna Miller",
        voice: "bf_emma",
        does: &[
            Says("Yes, this is Anna."),
            Says("Yes, I am interested."),
            Says("Can I talk to a real person, please?"),
            TellsAgent("Hi, I would like to know more about the design."),
        ],
        expected: Disposition::Transferred,
        bridged: true,
        ..ENGLISH
    },
    Part {
        name: "en-books",
        lead: "Brian Cooper",
        voice: "am_puck",
        does: &[
            Says("Yes, speaking."),
            Says("Sure, that sounds good."),
            Says("It is the kitchen."),
            Says("Yes, I own the house."),
            Says("About twenty thousand dollars."),
            Says("Saturday at ten in the morning."),
            Says("Yes, that is right."),
        ],
        ..ENGLISH
    },
    Part {
        name: "en-hangs-up",
        lead: "Carol Evans",
        voice: "af_heart",
        does: &[Says("Yes, speaking."), HangsUpIn(1500)],
        expected: Disposition::CalleeHangup,
        ..ENGLISH
    },
    Part {
        name: "en-street-noise",
        lead: "David Foster",
        voice: "bm_george",
        noise_snr_db: Some(15.0),
        does: &[
            Says("Yes, this is David."),
            Says("No thanks, I am not interested."),
            Says("No, thank you."),
        ],
        ..ENGLISH
    },
    Part {
        name: "en-busy-now",
        lead: "Emily Grant",
        voice: "am_michael",
        does: &[
            Says("I am driving right now."),
            Says("Tomorrow at five in the afternoon."),
        ],
        expected: Disposition::Callback,
        ..ENGLISH
    },
    Part {
        name: "en-interrupts",
        lead: "Frank Harris",
        voice: "am_puck",
        speed_percent: 105,
        does: &[
            Says("Yes, that is me."),
            SaysOver(1500, "Sorry, how much does it cost?"),
            Says("No, that is too much. I am not interested."),
            Says("No, thank you."),
        ],
        ..ENGLISH
    },
    Part {
        name: "en-backchannel",
        lead: "Grace Irwin",
        voice: "bf_emma",
        speed_percent: 95,
        does: &[
            Says("Yes, speaking."),
            SaysOver(1500, "Uh-huh."),
            Says("No, thank you."),
            Says("No, I do not need it."),
        ],
        ..ENGLISH
    },
    Part {
        name: "en-opt-out",
        lead: "Henry Jones",
        voice: "bm_george",
        does: &[Says("Please do not call me again.")],
        expected: Disposition::OptOut,
        ..ENGLISH
    },
    Part {
        name: "en-no-answer",
        lead: "Irene King",
        phone: Phone::RingsOn,
        expected: Disposition::NoAnswer,
        ..ENGLISH
    },
    Part {
        name: "en-declines",
        lead: "Jack Lewis",
        phone: Phone::Declines,
        expected: Disposition::Rejected,
        ..ENGLISH
    },
    Part {
        name: "en-voicemail",
        lead: "Kate Moore",
        phone: Phone::Voicemail(
            "Hi, you have reached Kate Moore. I cannot come to the phone right now. Please leave a message after the tone.",
        ),
        voice: "af_heart",
        expected: Disposition::Voicemail,
        ..ENGLISH
    },
];

const ENGLISH: Part = Part {
    lang: Lang::En,
    voice: "bf_emma",
    ..SPOKEN
};
