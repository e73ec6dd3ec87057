//! What the robot says where a dialplan is silent: every ladder and every built-in answer has words in both languages.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Lang;

/// The default words of one language.
#[derive(Debug)]
pub struct Defaults {
    pub back: &'static [&'static str],
    pub busy_say: &'static str,
    pub busy_done: &'static str,
    pub busy_unclear: &'static str,
    pub opt_out: &'static str,
    pub no_input: &'static [&'static str],
    pub no_input_end: &'static str,
    pub doubt: &'static str,
    pub no_match: &'static [&'static str],
    pub no_match_end: &'static str,
    pub robot_question: &'static str,
    pub sorry: &'static str,
    pub goodbye: &'static str,
    pub handoff_line: &'static str,
    pub waiting: &'static [&'static str],
    pub nobody: &'static str,
}

/// The words of `lang`. `{callback_at}` stands for the busy section's slot.
#[must_use]
pub const fn of(lang: Lang) -> &'static Defaults {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

static ZH: Defaults = Defaults {
    back: &["那咱们接着说。", "回到刚才的问题。"],
    busy_say: "好的，那我什么时候再给您打比较方便？",
    busy_done: "好的，我{callback_at}再联系您，再见。",
    busy_unclear: "好的，我晚些时候再联系您，再见。",
    opt_out: "好的，已经为您登记，以后不会再打扰您，再见。",
    no_input: &["您好，能听到我说话吗？", "喂，请问您还在吗？"],
    no_input_end: "可能信号不太好，先不打扰您了，再见。",
    no_match: &[
        "不好意思，没听清，您能再说一遍吗？",
        "抱歉，我还是没听明白。",
    ],
    doubt: "不好意思，我确认一下，您的意思是可以，还是不用呢？",
    no_match_end: "不好意思，今天先不打扰您了，再见。",
    robot_question: "是的，我是智能语音助手。",
    sorry: "不好意思，打扰您了，再见。",
    goodbye: "感谢您的接听，再见。",
    handoff_line: "好的，我马上请同事跟您说，请稍等。",
    waiting: &["同事马上就来，请您稍等。"],
    nobody: "不好意思，同事现在都在忙，我们稍后给您回电话，再见。",
};

static EN: Defaults = Defaults {
    back: &["Now, back to my question.", "So, as I was asking."],
    busy_say: "No problem. When would be a better time to call you back?",
    busy_done: "Great, I will call you {callback_at}. Goodbye.",
    busy_unclear: "No problem, I will try you another time. Goodbye.",
    opt_out: "Understood. I have taken you off our list and we will not call you again. Goodbye.",
    no_input: &["Hello, can you hear me?", "Hello, are you still there?"],
    no_input_end: "The line may be bad, so I will let you go. Goodbye.",
    no_match: &[
        "Sorry, I did not catch that. Could you say it again?",
        "Sorry, I still did not understand.",
    ],
    doubt: "Sorry, just to be sure: was that a yes or a no?",
    no_match_end: "I am sorry, I will not keep you any longer. Goodbye.",
    robot_question: "Yes, I am an automated assistant.",
    sorry: "Sorry to have bothered you. Goodbye.",
    goodbye: "Thank you for your time. Goodbye.",
    handoff_line: "Sure, I am getting a colleague for you. One moment, please.",
    waiting: &["My colleague will be with you in a moment."],
    nobody: "I am sorry, all my colleagues are busy. We will call you back. Goodbye.",
};
