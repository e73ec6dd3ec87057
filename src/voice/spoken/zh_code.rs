//! Mandarin telephone numbers, and digits that name something instead of counting.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::scan::{self, Found, digit, digits_end, ends, has, letter, string};
use super::zh::MEASURES;
use super::zh_number::code;

/// Digits behind these are a name, not an amount.
#[rustfmt::skip]
const CODE_WORDS: &[&str] = &[
    "单号", "编号", "验证码", "尾号", "工号", "合同号", "卡号", "账号", "帐号", "车牌", "航班", "邮编", "密码", "口令", "电话", "手机", "热线", "拨打", "致电",
    "分机", "客服", "号码", "学号", "身份证", "房号", "微信", "QQ", "订单", "车次", "拨", "转",
];

/// What may stand between such a word and its digits.
const FILLERS: &str = "是为：:号码的#＃（( 您我们请，,";

/// Mobile numbers, land lines with an area code, 400 numbers.
pub(super) fn phone(text: &[char], at: usize) -> Found {
    let (groups, end) = scan::groups(text, at);
    if letter(text, end) {
        return None;
    }
    let all = groups.concat();
    let written = groups.len() > 1;
    let mobile =
        all.len() == 11 && all.starts_with('1') && !all.starts_with("10") && !all.starts_with("12");
    let service = all.len() == 10 && (all.starts_with("400") || all.starts_with("800"));
    let fixed = all.starts_with('0') && (10..=12).contains(&all.len()) && groups[0].len() >= 3;
    if !(mobile || service || fixed) || (written && groups.iter().any(|g| g.len() < 3)) {
        return None;
    }
    let said = if written {
        let said: Vec<String> = groups.iter().map(|g| code(g)).collect();
        said.join("，")
    } else {
        code(&all)
    };
    Some((said, end))
}

/// Digits after a word that announces a number, or 95588 and its like.
pub(super) fn named_code(text: &[char], at: usize) -> Found {
    let end = digits_end(text, at);
    let run = string(text, at, end);
    let announced = announced(text, at);
    let counted =
        MEASURES.iter().any(|m| has(text, end, m)) || matches!(text.get(end), Some('%' | '.'));
    let hotline = run.len() == 5 && ["95", "96", "123"].iter().any(|p| run.starts_with(p))
        || matches!(run.as_str(), "110" | "10000" | "10010" | "10086" | "10099");
    let long = run.len() >= 9 && !run.ends_with("0000");
    let zeros = run.len() > 1 && run.starts_with('0');
    let takes_digits = (announced && run.len() >= 2 || hotline || long) && !counted;
    let padded = zeros && !is_decimal(text, end);
    let model = run.len() >= 3 && at > 0 && letter(text, at - 1);
    if !(takes_digits || padded || model) {
        return None;
    }
    if zeros
        && matches!(
            text.get(end),
            Some('月' | '日' | '号' | '点' | ':' | '：' | '后')
        )
    {
        return None;
    }
    Some((code(&run), end))
}

fn is_decimal(text: &[char], end: usize) -> bool {
    text.get(end) == Some(&'.') && digit(text, end + 1)
}

pub(super) fn announced(text: &[char], at: usize) -> bool {
    let mut i = at;
    // A code may begin with letters or continue behind a hyphen: the word stands before all of it.
    while i > 0 && (text[i - 1].is_ascii_alphanumeric() || text[i - 1] == '-') {
        i -= 1;
    }
    for _ in 0..6 {
        if CODE_WORDS.iter().any(|w| ends(text, i, w)) {
            return true;
        }
        if i == 0 || !FILLERS.contains(text[i - 1]) {
            return false;
        }
        i -= 1;
    }
    false
}
