#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;
use crate::dialogue::builtin;

fn classifier(lang: Lang) -> Classifier {
    Classifier::train(lang, &builtin::specs(lang)).unwrap()
}

fn replies(lang: Lang) -> Vec<(String, String)> {
    let file = match lang {
        Lang::Zh => include_str!("../../../tests/data/replies/zh.tsv"),
        Lang::En => include_str!("../../../tests/data/replies/en.tsv"),
    };
    let rows = file.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    rows.map(|l| l.split_once('\t').unwrap_or_else(|| panic!("no tab in {l:?}"))).map(|(a, b)| (a.into(), b.into())).collect()
}

/// Correct, asked again, wrong; and the yes that was heard as a no or the other way round.
fn measure(lang: Lang) -> (usize, usize, usize, Vec<String>) {
    let classifier = classifier(lang);
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let (mut right, mut asked, mut wrong, mut flips) = (0, 0, 0, Vec::new());
    for (text, want) in replies(lang) {
        let readings = classifier.read(&text, &expected);
        let best = readings.first().filter(|r| r.score >= ACCEPT);
        let got = best.map_or("none", |r| r.intent.as_str());
        let polar = |i: &str| matches!(i, "affirm" | "deny");
        if got == want || (want == "none" && !polar(got)) {
            right += 1;
        } else if got == "none" {
            asked += 1;
            println!("asks again  {text}: {want} ({readings:?})");
        } else {
            wrong += 1;
            println!("wrong       {text}: {want}, read {readings:?}");
        }
        let opposite = match want.as_str() {
            "affirm" => &["deny"][..],
            "deny" | "opt_out" => &["affirm"],
            "none" => &["affirm", "deny"],
            _ => &[],
        };
        if readings.iter().any(|r| r.score >= 0.6 && opposite.contains(&r.intent.as_str())) {
            flips.push(text);
        }
    }
    let all = right + asked + wrong;
    println!("{lang}: {right} of {all} right, {asked} asked again, {wrong} wrong, flips {flips:?}");
    (all, right, wrong, flips)
}

#[test]
fn short_mandarin_replies_are_read_and_never_turned_into_their_opposite() {
    let (all, right, wrong, flips) = measure(Lang::Zh);
    assert!(all >= 120);
    assert!(right * 100 >= all * 90, "{right} of {all}");
    assert!(wrong * 100 <= all * 5, "{wrong} of {all}");
    assert!(flips.is_empty(), "{flips:?}");
}

#[test]
fn short_english_replies_are_read_and_never_turned_into_their_opposite() {
    let (all, right, wrong, flips) = measure(Lang::En);
    assert!(all >= 120);
    assert!(right * 100 >= all * 90, "{right} of {all}");
    assert!(wrong * 100 <= all * 5, "{wrong} of {all}");
    assert!(flips.is_empty(), "{flips:?}");
}

#[test]
fn zz_fresh() {
    for (lang, file) in [(Lang::Zh, "/tmp/fresh_zh.tsv"), (Lang::En, "/tmp/fresh_en.tsv")] {
        let c = classifier(lang);
        let expected = ["affirm".to_owned(), "deny".to_owned()];
        let (mut ok, mut ask, mut bad, mut n) = (0, 0, 0, 0);
        for l in std::fs::read_to_string(file).unwrap().lines() {
            let (t, want) = l.split_once('\t').unwrap();
            let r = c.read(t, &expected);
            let got = r.first().filter(|r| r.score >= ACCEPT).map_or("none", |r| r.intent.as_str());
            n += 1;
            if got == want { ok += 1 } else { if got == "none" { ask += 1 } else { bad += 1 } println!("{t} want {want}: {r:?}") }
        }
        println!("FRESH {lang} {ok}/{n} ask {ask} bad {bad}");
    }
    panic!();
}
