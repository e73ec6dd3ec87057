//! One written form for recognised words, so that dialplans and matchers meet one spelling: simplified Chinese, half width,
//! English in lower case, one comma (，) wherever a sentence mark stood between words, since a clause is what an intent is read from. Numbers keep their digits and what belongs to them (3.5, 8:30, 20%).

use crate::terms::Lang;

/// Normalises what an engine wrote.
#[must_use]
pub fn normalise(text: &str, lang: Lang) -> String {
    let half: String = text.chars().map(half_width).collect();
    // English text holds no Chinese worth converting, Mandarin text may come in traditional characters.
    let simple = match lang {
        Lang::Zh => fast2s::convert(&half),
        Lang::En => half,
    };
    let chars: Vec<char> = simple.to_lowercase().chars().collect();
    let mut out = String::with_capacity(simple.len());
    let mut gap = Gap::None;
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|k| chars.get(k)).copied();
        let after = chars.get(i + 1).copied();
        match keep(before, c, after) {
            Keep::Yes => {
                // Spaces only between words of letters: Han characters stand together.
                let last = out.chars().next_back();
                let letters = |x: Option<char>| x.is_some_and(|x| !is_han(x));
                match (gap, last, lang) {
                    (Gap::None, ..) | (_, None, _) => {}
                    (Gap::Mark, _, Lang::Zh) => out.push('，'),
                    (Gap::Mark, _, Lang::En) => out.push_str(", "),
                    (Gap::Space, ..) if letters(last) && !is_han(c) => out.push(' '),
                    (Gap::Space, ..) => {}
                }
                gap = Gap::None;
                out.push(c);
            }
            Keep::No => {}
            Keep::Gap(found) => gap = gap.max(found),
        }
    }
    out
}

enum Keep {
    Yes,
    /// Vanishes without a trace (1,000).
    No,
    /// Parts words.
    Gap(Gap),
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    /// A sentence mark.
    Mark,
}

fn keep(before: Option<char>, c: char, after: Option<char>) -> Keep {
    let digit = |x: Option<char>| x.is_some_and(|x| x.is_ascii_digit());
    let letter = |x: Option<char>| x.is_some_and(char::is_alphanumeric);
    if c.is_alphanumeric() {
        return Keep::Yes;
    }
    match c {
        '.' | ':' if digit(before) && digit(after) => Keep::Yes,
        ',' if digit(before) && digit(after) => Keep::No,
        '%' if digit(before) => Keep::Yes,
        '$' | '¥' | '£' | '€' if digit(after) => Keep::Yes,
        '\'' if letter(before) && letter(after) => Keep::Yes,
        ',' | '.' | '!' | '?' | ';' | '。' | '、' | '…' => Keep::Gap(Gap::Mark),
        _ => Keep::Gap(Gap::Space),
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '’' | '‘' => '\'',
        '，' => ',',
        '：' => ':',
        '￥' => '¥',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mandarin_comes_out_simplified_with_its_clauses_parted() {
        let n = |t| normalise(t, Lang::Zh);
        assert_eq!(n("我們現在開會，等一下再說。"), "我们现在开会，等一下再说");
        assert_eq!(n("２０１２年 增长３．５％"), "2012年增长3.5%");
        assert_eq!(n("好的，OK, thank you！"), "好的，ok，thank you");
        assert_eq!(n("明天下午３：３０"), "明天下午3:30");
        assert_eq!(n("。"), "");
    }

    #[test]
    fn english_comes_out_lower_case_with_its_clauses_parted() {
        let n = |t| normalise(t, Lang::En);
        assert_eq!(
            n(" I’m NOT interested, thanks."),
            "i'm not interested, thanks"
        );
        assert_eq!(n("Uh-huh... it costs $1,200!"), "uh huh, it costs $1200");
        assert_eq!(n("555-1234"), "555 1234");
    }
}
