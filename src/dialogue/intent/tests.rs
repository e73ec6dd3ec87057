#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;
use crate::dialogue::builtin;
use std::sync::LazyLock;

fn trained(lang: Lang) -> Classifier {
    Classifier::train(lang, &builtin::specs(lang), &Vectors::default()).unwrap()
}

fn expecting(expected: &[String]) -> Context<'_> {
    Context {
        expected,
        ..Context::default()
    }
}

fn classifier(lang: Lang) -> &'static Classifier {
    static ZH: LazyLock<Classifier> = LazyLock::new(|| trained(Lang::Zh));
    static EN: LazyLock<Classifier> = LazyLock::new(|| trained(Lang::En));
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

fn replies(lang: Lang) -> Vec<(String, String)> {
    let file = match lang {
        Lang::Zh => include_str!("../../../tests/data/replies/zh.tsv"),
        Lang::En => include_str!("../../../tests/data/replies/en.tsv"),
    };
    let rows = file
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    rows.map(|l| {
        l.split_once('\t')
            .unwrap_or_else(|| panic!("no tab in {l:?}"))
    })
    .map(|(a, b)| (a.into(), b.into()))
    .collect()
}

/// Correct, asked again, wrong; and the yes that was heard as a no or the other way round.
fn measure(lang: Lang) -> (usize, usize, usize, Vec<String>) {
    let classifier = classifier(lang);
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let (mut right, mut asked, mut wrong, mut flips) = (0, 0, 0, Vec::new());
    for (text, want) in replies(lang) {
        let readings = classifier.weigh(&text, &expecting(&expected));
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
        if readings
            .iter()
            .any(|r| r.score >= 0.6 && opposite.contains(&r.intent.as_str()))
        {
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

/// The table of short replies that others wrote blind: right, asked again, wrong, and turned into their opposite.
#[derive(Default, Clone, Copy)]
struct Tally {
    right: usize,
    asked: usize,
    wrong: usize,
    flips: usize,
}

fn tally(lang: Lang, file: &str) -> Tally {
    let classifier = classifier(lang);
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let mut all = Tally::default();
    let mut by: BTreeMap<&str, Tally> = BTreeMap::new();
    for line in file.lines().filter(|l| !l.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(text), Some(want), Some(category)) = (cells.next(), cells.next(), cells.next())
        else {
            panic!("not three cells: {line:?}");
        };
        // The file says when; the built-in intent is called by what the callee is.
        let want = if want == "later" { "busy" } else { want };
        let readings = classifier.weigh(text, &expecting(&expected));
        let best = readings.first().filter(|r| r.score >= ACCEPT);
        let got = best.map_or("none", |r| r.intent.as_str());
        for tally in [&mut all, by.entry(category).or_default()] {
            if got == want || (got == "none" && want == "hesitate") {
                tally.right += 1;
            } else if got == "none" {
                tally.asked += 1;
            } else {
                tally.wrong += 1;
                let opposite = matches!((want, got), ("affirm", "deny") | (_, "affirm"));
                tally.flips += usize::from(opposite);
            }
        }
        if got != want {
            println!("{lang} {text}: {want}, read {readings:?}");
        }
    }
    by.insert("all", all);
    for (category, t) in by {
        println!(
            "{lang} {category:16} right {:3}  asked again {:3}  wrong {:3}  flips {:2}",
            t.right, t.asked, t.wrong, t.flips
        );
    }
    all
}

#[test]
fn short_replies_that_others_wrote_are_read_in_both_languages() {
    for (lang, file) in [
        (
            Lang::Zh,
            include_str!("../../../tests/data/replies/short-zh.tsv"),
        ),
        (
            Lang::En,
            include_str!("../../../tests/data/replies/short-en.tsv"),
        ),
    ] {
        let t = tally(lang, file);
        assert!(t.right >= 190, "{lang}: {} right", t.right);
        assert!(t.asked <= 10, "{lang}: {} asked again", t.asked);
        assert!(t.wrong <= 4, "{lang}: {} wrong", t.wrong);
        assert_eq!(t.flips, 0, "{lang}");
    }
}

/// The last hundred rows of the same hand, by the grammar alone. No cue was made for them; after one look at them a few
/// general rules changed and the second opinion came, which `engines::embedder` measures.
#[test]
fn short_replies_that_were_held_back_are_read_in_both_languages() {
    for (lang, file) in [
        (
            Lang::Zh,
            include_str!("../../../tests/data/replies/held-zh.tsv"),
        ),
        (
            Lang::En,
            include_str!("../../../tests/data/replies/held-en.tsv"),
        ),
    ] {
        let t = tally(lang, file);
        assert!(t.right >= 60, "{lang}: {} right", t.right);
    }
}

#[test]
fn a_doubtful_yes_or_no_is_told_from_words_not_understood() {
    for (lang, text) in [
        (Lang::Zh, "我没说不去"),
        (Lang::Zh, "不是没兴趣就是太远"),
        (Lang::En, "I never said I wouldn't"),
        (Lang::En, "yes and no"),
    ] {
        let top =
            classifier(lang).weigh(text, &expecting(&["affirm".to_owned(), "deny".to_owned()]));
        let top = top.first().unwrap_or_else(|| panic!("{text}"));
        assert!(is_polar(&top.intent), "{text}: {top:?}");
        assert!(top.score > 0.2 && top.score < ACCEPT, "{text}: {top:?}");
    }
    let none = classifier(Lang::Zh).weigh("隔壁老王家的鹦鹉叫得挺欢", &Context::default());
    assert!(none.iter().all(|r| !is_polar(&r.intent)), "{none:?}");
}

/// The intents of a shipped dialplan merged with the built-in ones, as the dialplan's reader does it.
fn of_dialplan(lang: Lang) -> (serde_json::Value, Classifier) {
    let file = match lang {
        Lang::Zh => include_str!("../../../dialplans/education-trial-zh.yaml"),
        Lang::En => include_str!("../../../dialplans/home-renovation-en.yaml"),
    };
    let plan: serde_json::Value = serde_saphyr::from_str(file).unwrap();
    let mut specs = builtin::specs(lang);
    for (name, intent) in plan["intents"].as_object().unwrap() {
        let spec = specs.entry(name.clone()).or_default();
        let list = |key: &str| -> Vec<String> {
            intent[key]
                .as_array()
                .into_iter()
                .flatten()
                .map(|v| v.as_str().unwrap().to_owned())
                .collect()
        };
        spec.examples.extend(list("examples"));
        spec.exact.extend(list("exact"));
        spec.patterns.extend(list("patterns"));
    }
    let classifier = Classifier::train(lang, &specs, &Vectors::default()).unwrap();
    (plan, classifier)
}

fn check(lang: Lang, table: &[(&str, &str)]) {
    let (_, classifier) = of_dialplan(lang);
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let mut wrong = Vec::new();
    for (text, want) in table {
        let readings = classifier.weigh(text, &expecting(&expected));
        let got: Vec<&str> = readings
            .iter()
            .filter(|r| r.score >= ACCEPT)
            .map(|r| r.intent.as_str())
            .collect();
        if got.join(" ") != *want {
            wrong.push(format!("{text}: {got:?}, not {want:?} {readings:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_shipped_mandarin_dialplan_tells_its_intents_apart() {
    check(
        Lang::Zh,
        &[
            ("这个课多少钱啊", "price"),
            ("你们这个学费贵不贵", "price"),
            ("不要钱的吧", "free"),
            ("真的是免费的吗", "free"),
            ("你们校区在哪里呀", "location"),
            ("你们是哪家机构", "who"),
            ("你怎么会有我的电话", "source"),
            ("主要是教什么的", "content"),
            ("一节课要上多长时间", "duration"),
            ("我想让孩子去试试", "interested"),
            ("我挺感兴趣的", "interested affirm"),
            ("我没有兴趣", "deny"),
            ("不想让孩子学", "deny"),
            ("可以啊，多少钱", "price affirm"),
            ("不需要，别再打了", "opt_out deny"),
            ("好的，转人工吧", "human affirm"),
            ("我在开车，晚点再打", "busy"),
            ("你再说一遍，没听清", "repeat"),
            ("地只在哪", "location"),
            ("多少前一节", "price"),
            ("今天天气真好", ""),
            ("我不忙", "affirm"),
            ("不用转人工", ""),
        ],
    );
}

#[test]
fn a_shipped_english_dialplan_tells_its_intents_apart() {
    check(
        Lang::En,
        &[
            ("how much would that cost me", "price"),
            ("is the visit really free", "free"),
            ("where are you guys located", "location"),
            ("who is this", "who"),
            ("how did you get my number", "source"),
            ("do you do bathrooms too", "services"),
            ("how long does a kitchen take", "duration"),
            ("are you licensed", "license"),
            ("we want to redo our kitchen", "interested"),
            ("not interested", "deny"),
            ("yes, how much is it", "price affirm"),
            ("no thanks, take me off your list", "opt_out deny"),
            ("i am driving, call me later", "busy"),
            ("could I talk to a real person please", "human"),
            ("I am not busy", "affirm"),
            ("no, I am driving", "busy deny"),
            ("the weather is lovely in spain", ""),
        ],
    );
}

#[test]
fn what_a_shipped_dialplan_says_is_short_enough_to_listen_to() {
    for lang in [Lang::Zh, Lang::En] {
        let (mut plan, _) = of_dialplan(lang);
        plan["intents"] = serde_json::Value::Null;
        let mut open = vec![&plan];
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::Array(items) => open.extend(items),
                serde_json::Value::Object(map) => open.extend(map.values()),
                serde_json::Value::String(s) => {
                    let (length, most) = match lang {
                        Lang::Zh => (s.chars().count(), 60),
                        Lang::En => (s.split_whitespace().count(), 35),
                    };
                    assert!(length <= most, "{length}: {s}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_phrase_that_sounds_like_a_known_one_is_heard_as_it() {
    let classifier = classifier(Lang::Zh);
    let best = |s: &str| {
        classifier
            .read(s, &Context::default())
            .first()
            .map(|r| r.intent.clone())
    };
    assert_eq!(best("布需药").as_deref(), Some("deny"));
    assert_eq!(best("转人公").as_deref(), Some("human"));
    assert_eq!(best("没问提").as_deref(), Some("affirm"));
}

#[test]
fn an_expected_single_syllable_may_be_a_homophone_and_an_unexpected_one_may_not() {
    let classifier = classifier(Lang::Zh);
    assert_eq!(
        classifier
            .read("号", &expecting(&["affirm".to_owned()]))
            .first()
            .map(|r| r.intent.as_str()),
        Some("affirm")
    );
    assert!(classifier.read("号", &Context::default()).is_empty());
}

#[test]
fn evidence_is_the_part_of_the_reply_that_earned_the_intent() {
    let zh = classifier(Lang::Zh).read(
        "我跟你讲啊，你们别再给我打电话了，听到没",
        &Context::default(),
    );
    assert_eq!(
        (zh[0].intent.as_str(), zh[0].evidence.as_str()),
        ("opt_out", "别再给我打电话")
    );
    let en = classifier(Lang::En).read(
        "Look, I'm driving. Call me back tomorrow.",
        &Context::default(),
    );
    assert_eq!(
        (en[0].intent.as_str(), en[0].evidence.as_str()),
        ("busy", "I'm driving")
    );
}

#[test]
fn training_twice_gives_the_same_scores() {
    let (a, b) = (trained(Lang::En), trained(Lang::En));
    for text in [
        "i suppose that might be fine",
        "could you maybe ring later",
        "what on earth",
    ] {
        assert_eq!(
            a.weigh(text, &Context::default()),
            b.weigh(text, &Context::default())
        );
    }
}

#[test]
fn a_broken_set_of_intents_is_an_error_that_names_the_intent() {
    let mut specs = BTreeMap::new();
    assert_eq!(
        Classifier::train(Lang::Zh, &specs, &Vectors::default()).unwrap_err(),
        IntentError::NoIntents
    );
    specs.insert("price".to_owned(), IntentSpec::default());
    assert_eq!(
        Classifier::train(Lang::Zh, &specs, &Vectors::default()).unwrap_err(),
        IntentError::Empty("price".to_owned())
    );
    specs.insert(
        "price".to_owned(),
        IntentSpec {
            patterns: vec!["(多少".to_owned()],
            ..IntentSpec::default()
        },
    );
    let message = Classifier::train(Lang::Zh, &specs, &Vectors::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("price") && message.contains("(多少"),
        "{message}"
    );
}

#[test]
fn patterns_and_exact_phrases_alone_make_a_working_classifier() {
    let spec = |patterns: &[&str], exact: &[&str]| IntentSpec {
        patterns: patterns.iter().map(|s| (*s).to_owned()).collect(),
        exact: exact.iter().map(|s| (*s).to_owned()).collect(),
        examples: Vec::new(),
    };
    let specs = BTreeMap::from([("price".to_owned(), spec(&["how much|what * cost"], &[]))]);
    let classifier = Classifier::train(Lang::En, &specs, &Vectors::default()).unwrap();
    assert_eq!(
        classifier.read("well, what would that cost", &Context::default())[0].evidence,
        "what would that cost"
    );
    assert!(classifier.read("", &Context::default()).is_empty());
    assert!(classifier.read("?!…", &Context::default()).is_empty());
}

#[test]
fn two_known_replies_run_together_by_the_recogniser_are_still_read() {
    let zh = classifier(Lang::Zh);
    for (text, want) in [
        ("不用了没兴趣", "deny"),
        ("不用了我们不需要", "deny"),
        ("不用的不需要", "deny"),
        ("太远了不需要了", "deny"),
    ] {
        let read = zh.read(text, &Context::default());
        assert_eq!(
            read.first().map(|r| r.intent.as_str()),
            Some(want),
            "{text}: {read:?}"
        );
    }
}

#[test]
fn wait_a_moment_in_front_of_a_question_is_no_wish_to_be_called_later() {
    let mut specs = builtin::specs(Lang::Zh);
    specs.insert(
        "location".into(),
        IntentSpec {
            examples: vec![
                "你们在哪里".into(),
                "地址在哪".into(),
                "在什么位置".into(),
                "怎么过去".into(),
            ],
            ..IntentSpec::default()
        },
    );
    let zh = Classifier::train(Lang::Zh, &specs, &Vectors::default()).unwrap();
    let read = zh.read("等一下，你们的地址在哪里", &Context::default());
    assert_eq!(
        read.first().map(|r| r.intent.as_str()),
        Some("location"),
        "{read:?}"
    );
    assert!(read.iter().all(|r| r.intent != "busy"), "{read:?}");
}
