//! Mandarin: which figure is what, told by its form and by the characters beside it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::scan::{self, Found, Number, digit, digits_end, ends, has, letter, string};
use super::zh_code::{announced, named_code, phone};
use super::zh_number::{Two, cardinal, code, digits, number, yuan};
use super::zh_time::{iso, time};

/// 两 before these; 二 before 月, 号, 楼, 级 and whatever else only names.
#[rustfmt::skip]
pub(super) const MEASURES: &[&str] = &[
    "个", "位", "次", "天", "年", "小时", "分钟", "秒", "节", "套", "间", "条", "张", "名", "家", "遍", "万", "千", "百", "亿", "元", "块", "周",
    "岁", "倍", "米", "公里", "公斤", "斤", "平", "件", "份", "本", "台", "辆", "部", "种", "类", "项", "句", "人", "门", "层", "场", "期", "轮",
    "步", "批", "室", "厅", "卫", "户", "口", "杯", "瓶", "盒", "包", "箱", "只", "对", "双", "组", "分", "毛", "角", "页", "篇", "道", "题",
    "回", "趟", "副", "座", "颗", "点", "课时", "星期", "礼拜", "门课", "堂", "笔", "单", "支", "把", "张", "袋", "桶", "吨", "升", "克", "起",
    "大", "晚", "美元", "欧元", "英镑", "厘米", "毫米", "千米", "千克",
];

#[rustfmt::skip]
const UNITS: &[(&str, &str)] = &[
    ("km", "公里"), ("kg", "公斤"), ("cm", "厘米"), ("mm", "毫米"), ("ml", "毫升"), ("mL", "毫升"), ("m²", "平方米"), ("m2", "平方米"),
    ("㎡", "平方米"), ("℃", "摄氏度"), ("°C", "摄氏度"), ("°", "度"), ("min", "分钟"), ("m", "米"), ("g", "克"), ("L", "升"),
    ("h", "小时"),
];

#[rustfmt::skip]
const CURRENCIES: &[(&str, &str)] = &[
    ("¥", "元"), ("￥", "元"), ("RMB", "元"), ("US$", "美元"), ("$", "美元"), ("€", "欧元"), ("£", "英镑"),
];

#[rustfmt::skip]
const PER: &[&str] = &[
    "月", "年", "天", "日", "人", "次", "小时", "平", "㎡", "m²", "个", "课时", "节", "位", "件", "套", "晚", "周", "季",
];

pub(super) fn in_words(text: &[char]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        match figure(text, at).or_else(|| sign(text, at)) {
            Some((words, next)) => {
                // "周六10点" is no sixty.
                let numeral =
                    |c: Option<char>| c.is_some_and(|c| "一二三四五六七八九十".contains(c));
                let run_on =
                    numeral(at.checked_sub(1).map(|i| text[i])) && numeral(words.chars().next());
                if run_on && digit(text, at) {
                    out.push('，');
                }
                out.push_str(&words);
                at = next;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

fn figure(text: &[char], at: usize) -> Found {
    for (mark, name) in CURRENCIES {
        if has(text, at, mark) && !letter(text, at.wrapping_sub(1)) {
            let from = at + mark.chars().count();
            let from = from + usize::from(text.get(from) == Some(&' '));
            return money(text, from, name);
        }
    }
    if text[at] == '+' && has(text, at, "+86") {
        return phone(
            text,
            at + 3 + usize::from(matches!(text.get(at + 3), Some(' ' | '-'))),
        );
    }
    if matches!(text[at], '-' | '−') && digit(text, at + 1) && !word_before(text, at) {
        let (n, end) = scan::number(text, at + 1)?;
        let minus = if matches!(text.get(end), Some('度' | '℃' | '°')) {
            "零下"
        } else {
            "负"
        };
        let (said, end) = amount(text, at + 1, &n, end)?;
        return Some((format!("{minus}{said}"), end));
    }
    if !digit(text, at) || digit(text, at.wrapping_sub(1)) {
        return None;
    }
    iso(text, at)
        .or_else(|| phone(text, at))
        .or_else(|| named_code(text, at))
        .or_else(|| time(text, at))
        .or_else(|| fraction(text, at))
        .or_else(|| {
            let (n, end) = scan::number(text, at)?;
            amount(text, at, &n, end)
        })
}

fn word_before(text: &[char], at: usize) -> bool {
    at > 0
        && (text[at - 1].is_ascii_alphanumeric()
            || matches!(
                text[at - 1],
                '%' | '℃' | '元' | '月' | '日' | '号' | '点' | '年'
            ))
}

fn fraction(text: &[char], at: usize) -> Found {
    let (top, i) = scan::small(text, at, 2)?;
    if text.get(i) != Some(&'/') {
        return None;
    }
    let (bottom, end) = scan::small(text, i + 1, 2)?;
    let plain = bottom > 1 && text.get(end) != Some(&'/') && (at == 0 || text[at - 1] != '/');
    plain.then(|| {
        (
            format!(
                "{}分之{}",
                cardinal(bottom.into(), Two::Er),
                cardinal(top.into(), Two::Er)
            ),
            end,
        )
    })
}

/// A number with what stands behind it.
fn amount(text: &[char], at: usize, n: &Number, end: usize) -> Found {
    let next = text.get(end).copied().unwrap_or(' ');
    let short = n.whole() && n.int.len() == 2;
    let unit = behind_range(text, end);
    if next == '%' || next == '‰' {
        let of = if next == '%' {
            "百分之"
        } else {
            "千分之"
        };
        return Some((format!("{of}{}", number(n, Two::Plain)), end + 1));
    }
    if has(text, unit, "年") && n.whole() && !n.grouped {
        let year = n.int.len() == 4 && (b'1'..=b'2').contains(&n.int.as_bytes()[0]);
        if year
            || short && (n.int.starts_with('0') || n.int.as_str() >= "60") && !ends(text, at, "近")
        {
            return Some((digits(&n.int), end));
        }
    }
    let born = next == '后' && short && (n.int.starts_with('0') || n.int.as_str() >= "50");
    let class = matches!(next, '届' | '级') && n.whole() && n.int.len() == 4;
    if born || class {
        return Some((digits(&n.int), end));
    }
    if next == '折' && !n.grouped {
        return Some((digits(&format!("{}{}", n.int, n.frac)), end));
    }
    if matches!(next, '室' | '房') && n.whole() && n.int.len() >= 3 {
        return Some((code(&n.int).replace('，', ""), end));
    }
    if next == '块' && n.frac.len() == 1 && !has(text, end, "块钱") {
        let whole = Number {
            frac: String::new(),
            ..n.clone()
        };
        return Some((
            format!("{}块{}", number(&whole, Two::Liang), digits(&n.frac)),
            end + 1,
        ));
    }
    if let Some((mark, name)) = UNITS.iter().find(|(mark, _)| has(text, end, mark))
        && !letter(text, end + mark.chars().count())
    {
        return Some((
            format!("{}{name}", number(n, Two::Liang)),
            end + mark.chars().count(),
        ));
    }
    if next == '+' && !digit(text, end + 1) {
        return Some((format!("{}多", number(n, Two::Plain)), end + 1));
    }
    // These only name: 二年级, 二单元, and 周二晚上.
    let named = ["年级", "单元", "晚上"].iter().any(|m| has(text, unit, m));
    let counted = !named && MEASURES.iter().any(|m| has(text, unit, m));
    let two = match (ends(text, at, "第"), counted) {
        (true, _) => Two::Er,
        (false, true) => Two::Liang,
        (false, false) => Two::Plain,
    };
    Some((number(n, two), end))
}

/// Where the unit stands: behind the number, or behind the second one of a range.
fn behind_range(text: &[char], end: usize) -> usize {
    if is_range(text, end)
        && let Some((_, to)) = scan::number(text, end + 1)
    {
        return to;
    }
    end
}

fn is_range(text: &[char], at: usize) -> bool {
    matches!(
        text.get(at),
        Some('-' | '~' | '～' | '–' | '—' | '至' | '到')
    ) && digit(text, at + 1)
}

fn money(text: &[char], at: usize, name: &str) -> Found {
    let (n, end) = scan::number(text, at)?;
    if let Some(big) = ["万亿", "万", "亿", "千", "百万"]
        .iter()
        .find(|b| has(text, end, b))
    {
        return Some((
            format!("{}{big}{name}", number(&n, Two::Liang)),
            end + big.chars().count(),
        ));
    }
    // "¥100元" names the unit twice.
    let end = end + usize::from(name == "元" && matches!(text.get(end), Some('元' | '块')));
    let said = if name == "元" {
        yuan(&n)
    } else {
        format!("{}{name}", number(&n, Two::Liang))
    };
    Some((said, end))
}

/// Signs between figures.
fn sign(text: &[char], at: usize) -> Found {
    let figure_before = at > 0
        && (digit(text, at - 1)
            || matches!(
                text[at - 1],
                '%' | '元' | '块' | '万' | '点' | '半' | '月' | '日' | '号' | '℃' | '年' | '度'
            ));
    let said = match text[at] {
        '-' | '~' | '～' | '–' | '—' | '−'
            if figure_before
                && (digit(text, at + 1) || matches!(text.get(at + 1), Some('¥' | '￥' | '$'))) =>
        {
            let (left, right) = (
                run_before(text, at),
                string(text, at + 1, digits_end(text, at + 1)),
            );
            let codes = text[at] == '-'
                && (announced(text, at)
                    || left.len() > 4
                    || (left.len() >= 3 && left.len() == right.len() && left > right));
            if codes { "杠" } else { "到" }
        }
        '/' if PER.iter().any(|p| has(text, at + 1, p)) && at > 0 => "每",
        '×' => "乘",
        '*' | 'x' | 'X' if figure_before && digit(text, at + 1) => "乘",
        '+' if figure_before && digit(text, at + 1) => "加",
        '+' if figure_before => "以上",
        '=' if figure_before => "等于",
        '.' if figure_before && digit(text, at + 1) => "点",
        '&' => "和",
        '#' | '＃' if digit(text, at + 1) => "",
        ':' | '：' if figure_before && digit(text, at + 1) && digit(text, at - 1) => "比",
        _ => return None,
    };
    Some((said.to_owned(), at + 1))
}

fn run_before(text: &[char], at: usize) -> String {
    let from = (0..at)
        .rev()
        .find(|i| !digit(text, *i))
        .map_or(0, |i| i + 1);
    string(text, from, at)
}
