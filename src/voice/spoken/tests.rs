//! Tables: what stands in a dialplan, what the callee should hear.

use super::*;

fn check(lang: Lang, table: &str) {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in table.lines().filter(|l| !l.is_empty()) {
        let (text, want) = line
            .split_once('\t')
            .unwrap_or_else(|| panic!("no tab in {line:?}"));
        let got = in_words(text, lang);
        if got != want {
            wrong.push(format!("{text}\n  want {want}\n  got  {got}"));
        }
        rows += 1;
    }
    assert!(rows >= 200, "{rows}");
    assert!(
        wrong.is_empty(),
        "{} of {rows} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn mandarin_figures_are_said_as_people_say_them() {
    check(Lang::Zh, include_str!("../../../tests/data/spoken/zh.tsv"));
}

#[test]
fn english_figures_are_said_as_people_say_them() {
    check(Lang::En, include_str!("../../../tests/data/spoken/en.tsv"));
}

#[test]
fn nothing_is_left_unsaid_and_nothing_panics_whatever_the_text() {
    let signs: Vec<char> = "019-/:.,%$¥+#Tx×~第年月日点号元块 a好半(".chars().collect();
    let mut state = 7_u32;
    for _ in 0..20_000 {
        let text: String = (0..8)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                signs[(state >> 16) as usize % signs.len()]
            })
            .collect();
        for lang in [Lang::Zh, Lang::En] {
            let said = in_words(&text, lang);
            assert!(
                !said.contains(|c: char| c.is_ascii_digit()),
                "{text:?} in {lang}: {said:?}"
            );
        }
    }
}
