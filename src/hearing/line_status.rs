//! What an announcement or a tone before the answer says about the line: 空号, 关机, busy, no longer in service.
//!
//! The order of the table is the priority: "正在通话中，请稍后再拨" is busy, not "try later"; "线路故障，无法接通" is a line fault, not unreachable.
//! A class is only as sure as its evidence, which is kept beside it; operators word the same class differently and play
//! "no answer" for a declined call.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::expectation::tokens;
use super::tones::Tone;
use crate::terms::Disposition;

/// What early media said.
#[derive(Clone, Debug, PartialEq)]
pub struct LineStatus {
    pub disposition: Disposition,
    /// 0..=1.
    pub confidence: f32,
    /// The words or the tone that said so.
    pub evidence: String,
}

/// Reads the words of an announcement. Words win over sounds: a phrase found only by its syllables (a recogniser's homophones)
/// is less sure and never beats one that was found literally.
#[must_use]
pub fn from_words(text: &str) -> Option<LineStatus> {
    let folded: String = text
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '\'' {
                c
            } else {
                ' '
            }
        })
        .collect();
    let plain = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let literal = TABLE
        .iter()
        .find(|(_, words)| words.iter().any(|w| has_words(&plain, w)));
    if let Some((disposition, words)) = literal {
        let evidence = words.iter().find(|w| has_words(&plain, w))?;
        return Some(LineStatus {
            disposition: *disposition,
            confidence: 0.95,
            evidence: (*evidence).to_owned(),
        });
    }
    let heard = tokens(&plain);
    for (disposition, words) in TABLE {
        for w in words.iter().filter(|w| !w.is_ascii()) {
            let want = tokens(w);
            if want.len() >= 2 && heard.windows(want.len()).any(|h| h == want) {
                return Some(LineStatus {
                    disposition: *disposition,
                    confidence: 0.8,
                    evidence: format!("{w} (by sound)"),
                });
            }
        }
    }
    None
}

/// Reads a tone. Ringback says nothing about the outcome.
#[must_use]
pub fn from_tone(tone: Tone) -> Option<LineStatus> {
    let (disposition, evidence) = match tone {
        Tone::Ringback => return None,
        Tone::Busy => (Disposition::Busy, "busy tone"),
        Tone::Congestion => (Disposition::NetworkBusy, "congestion tone"),
    };
    Some(LineStatus {
        disposition,
        confidence: 0.85,
        evidence: evidence.to_owned(),
    })
}

/// English phrases match on word borders, Mandarin anywhere.
fn has_words(text: &str, phrase: &str) -> bool {
    if !phrase.is_ascii() {
        return text.contains(phrase);
    }
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let border = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        border(before) && border(after)
    })
}

use Disposition as D;

/// Highest priority first.
const TABLE: &[(Disposition, &[&str])] = &[
    (D::TrunkError, &["线路故障", "line fault"]),
    (
        D::Voicemail,
        &[
            "语音信箱",
            "语音留言",
            "请留言",
            "留言",
            "嘀声",
            "滴声",
            "提示音后",
            "voicemail",
            "voice mail",
            "voice mailbox",
            "leave a message",
            "leave your message",
            "after the tone",
            "after the beep",
            "record your message",
        ],
    ),
    (
        D::Assistant,
        &[
            "通信助理",
            "智能助理",
            "来电助理",
            "秘书台",
            "call assistant",
            "call screening",
            "screening service",
        ],
    ),
    (
        D::NumberChanged,
        &[
            "号码已变更",
            "号码已更改",
            "号码已改",
            "改号",
            "has been changed",
            "new number is",
            "changed to",
        ],
    ),
    (
        D::Suspended,
        &[
            "停机",
            "欠费",
            "暂停服务",
            "已暂停",
            "has been suspended",
            "temporarily disconnected",
            "out of service",
        ],
    ),
    (
        D::Invalid,
        &[
            "空号",
            "号码不存在",
            "号码有误",
            "号码错误",
            "未启用",
            "不正确",
            "请查证",
            "核对后",
            "does not exist",
            "doesn't exist",
            "not in service",
            "no longer in service",
            "is not a valid",
            "not valid",
            "has been disconnected",
            "not assigned",
            "check the number",
            "is vacant",
            "vacant number",
        ],
    ),
    (
        D::PoweredOff,
        &[
            "已关机",
            "关机",
            "power off",
            "powered off",
            "switched off",
            "turned off",
        ],
    ),
    (
        D::Busy,
        &[
            "正在通话",
            "通话中",
            "用户正忙",
            "用户忙",
            "正忙",
            "占线",
            "is busy",
            "line is engaged",
            "on another call",
            "subscriber is on the phone",
        ],
    ),
    (
        D::Rejected,
        &["拒接", "拒绝接听", "拒绝了您", "declined your call"],
    ),
    (
        D::Barred,
        &[
            "呼入限制",
            "限制呼入",
            "不接受",
            "incoming call restriction",
            "barred",
            "not accepting calls",
            "restricted",
        ],
    ),
    (
        D::Forwarded,
        &["呼叫转移失败", "呼转失败", "转移失败", "forwarding failed"],
    ),
    (
        D::NoAnswer,
        &[
            "无人接听",
            "无人应答",
            "没有应答",
            "暂时无人",
            "no one is available",
            "not answering",
            "no answer",
            "did not answer",
        ],
    ),
    (
        D::Unreachable,
        &[
            "无法接通",
            "不在服务区",
            "无法接听",
            "not reachable",
            "unreachable",
            "cannot be reached",
            "can't be reached",
            "cannot be connected",
            "not available",
            "unavailable",
            "cannot be completed",
        ],
    ),
    (
        D::NetworkBusy,
        &[
            "网络忙",
            "网络正忙",
            "线路忙",
            "网络繁忙",
            "线路繁忙",
            "circuits are busy",
            "network busy",
            "稍后再拨",
            "try again later",
            "call later",
            "try your call again later",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_of_the_field_have_one_class_each() {
        let table: &[(&str, Disposition)] = &[
            ("对不起，您拨打的号码是空号，请核对后再拨。", D::Invalid),
            ("您拨打的电话已关机", D::PoweredOff),
            ("您拨打的电话已停机", D::Suspended),
            ("您拨打的用户正在通话中，请稍后再拨", D::Busy),
            ("您拨打的用户正忙 请稍后再拨", D::Busy),
            ("您拨打的电话暂时无法接通，请稍后再拨", D::Unreachable),
            ("由于线路故障，您的电话暂时无法接通", D::TrunkError),
            ("您拨打的电话暂时无人接听，请稍后再拨", D::NoAnswer),
            ("网络忙，请稍后再拨", D::NetworkBusy),
            ("您好，这里是语音信箱，请在提示音后留言", D::Voicemail),
            ("机主的通信助理为您服务", D::Assistant),
            ("The number you have dialed is not in service", D::Invalid),
            ("the subscriber you dialed is powered off", D::PoweredOff),
            (
                "The person you are calling is not available. Please leave a message after the tone.",
                D::Voicemail,
            ),
            (
                "Sorry, the number you dialed is busy now, please redial later",
                D::Busy,
            ),
            (
                "the subscriber you dialed cannot be connected",
                D::Unreachable,
            ),
        ];
        for (text, want) in table {
            let got = from_words(text).unwrap_or_else(|| panic!("{text}: nothing"));
            assert_eq!(got.disposition, *want, "{text}: {}", got.evidence);
        }
    }

    #[test]
    fn homophones_of_a_recogniser_are_read_by_sound_with_less_confidence() {
        let got = from_words("您播打的电话已官机").unwrap();
        assert_eq!(got.disposition, D::PoweredOff);
        assert!(got.confidence < 0.9);
    }

    #[test]
    fn a_greeting_is_no_line_status() {
        for t in [
            "喂你好",
            "hello who is this",
            "",
            "彩铃音乐祝您天天开心",
            "busybody",
        ] {
            assert_eq!(from_words(t), None, "{t}");
        }
    }
}
