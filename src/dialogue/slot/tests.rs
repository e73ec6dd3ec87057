#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod days_and_times;

use super::*;
use jiff::civil::DateTime;

/// Wednesday 18 November 2026, 10:20.
pub(super) fn now() -> DateTime {
    DateTime::constant(2026, 11, 18, 10, 20, 0, 0)
}

pub(super) fn check(lang: Lang, kind: &SlotKind, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, want) in table {
        let got = fill(kind, text, lang, now())
            .map(|f| f.value)
            .unwrap_or_default();
        if got != *want {
            wrong.push(format!("{text}: {got:?}, not {want:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        table.len()
    );
}

#[test]
fn numbers_and_money_are_found() {
    let any = SlotKind::Number {
        min: None,
        max: None,
    };
    check(
        Lang::Zh,
        &any,
        &[
            ("一百二十平", "120"),
            ("大概一百来平吧", "100"),
            ("我家孩子六岁半", "6.5"),
            ("两个", "2"),
            ("我想了解一下", ""),
            ("一般吧", ""),
            ("不是三个是两个", "2"),
        ],
    );
    check(
        Lang::Zh,
        &SlotKind::Number {
            min: Some(3.0),
            max: Some(18.0),
        },
        &[("今年八岁了", "8"), ("二十岁", "")],
    );
    check(
        Lang::Zh,
        &SlotKind::Money,
        &[
            ("两千五", "2500"),
            ("三千五百块", "3500"),
            ("3万左右", "30000"),
            ("三到五万", "30000"),
            ("十来万吧", "100000"),
            ("35,000元", "35000"),
            ("七八万", "70000"),
            ("一万五", "15000"),
        ],
    );
    check(
        Lang::En,
        &any,
        &[
            ("three bedrooms", "3"),
            ("about twenty five", "25"),
            ("no one", ""),
            ("one moment", ""),
            ("a hundred and twenty", "120"),
        ],
    );
    check(
        Lang::En,
        &SlotKind::Money,
        &[
            ("about $5,000", "5000"),
            ("five thousand dollars", "5000"),
            ("twenty to thirty thousand", "20000"),
            ("fifteen hundred", "1500"),
            ("ten grand", "10000"),
            ("20k", "20000"),
            ("half a million", "500000"),
        ],
    );
}

#[test]
fn phone_numbers_names_and_choices_are_found() {
    check(
        Lang::Zh,
        &SlotKind::Phone,
        &[
            ("幺三八零零幺三八零零零", "13800138000"),
            ("我的号码是138 0013 8000", "13800138000"),
            ("一三九，三个八，一二三四五", "13988812345"),
            ("三个八", ""),
        ],
    );
    check(
        Lang::En,
        &SlotKind::Phone,
        &[
            (
                "four one five five five five oh one double two",
                "4155550122",
            ),
            ("it's 415-555-0122", "4155550122"),
            ("eight hundred five five five one two one two", "8005551212"),
        ],
    );
    let code = SlotKind::Digits { least: 4, most: 8 };
    check(
        Lang::Zh,
        &code,
        &[
            ("单号是八零八六", "8086"),
            ("6 2 2 0 9 4", "622094"),
            ("幺二三", ""),
        ],
    );
    check(
        Lang::En,
        &code,
        &[("it's eight oh eight six", "8086"), ("one two three", "")],
    );
    check(
        Lang::Zh,
        &SlotKind::Name,
        &[
            ("我姓王", "王"),
            ("免贵姓李", "李"),
            ("我叫王芳", "王芳"),
            ("叫我张先生就行", "张"),
            ("弓长张", "张"),
            ("欧阳明", "欧阳明"),
            ("陈小明", "陈小明"),
            ("你有什么事", ""),
            ("我是机器人", ""),
        ],
    );
    check(
        Lang::En,
        &SlotKind::Name,
        &[
            ("my name is john smith", "John Smith"),
            ("this is Mary", "Mary"),
            ("Anna Lee speaking", "Anna Lee"),
            ("j o h n", "John"),
            ("i'm not interested", ""),
            ("what is this about", ""),
        ],
    );
    let stages = SlotKind::Choice(vec![
        Choice {
            value: "primary".into(),
            phrases: vec!["小学".into(), "年级".into()],
        },
        Choice {
            value: "junior".into(),
            phrases: vec!["初中".into(), "初一".into()],
        },
        Choice {
            value: "senior".into(),
            phrases: vec!["高中".into()],
        },
    ]);
    check(
        Lang::Zh,
        &stages,
        &[
            ("上小学呢", "primary"),
            ("三年级了", "primary"),
            ("出中", "junior"),
            ("不是小学，是高中", "senior"),
            ("第二个", "junior"),
            ("不知道", ""),
        ],
    );
    let rooms = SlotKind::Choice(vec![
        Choice {
            value: "kitchen".into(),
            phrases: vec!["kitchen".into()],
        },
        Choice {
            value: "bath".into(),
            phrases: vec!["bathroom".into(), "bath".into()],
        },
    ]);
    check(
        Lang::En,
        &rooms,
        &[
            ("the kitchen I think", "kitchen"),
            ("not the kitchen, the bathroom", "bath"),
            ("the first one", "kitchen"),
            ("kitchin", "kitchen"),
            ("no", ""),
        ],
    );
}

#[test]
fn yes_no_and_free_answers_are_found() {
    check(
        Lang::Zh,
        &SlotKind::YesNo,
        &[
            ("是的", "yes"),
            ("嗯对", "yes"),
            ("没有", "no"),
            ("不用了谢谢", "no"),
            ("我不是不愿意", "yes"),
            ("多少钱", ""),
        ],
    );
    check(
        Lang::En,
        &SlotKind::YesNo,
        &[
            ("yeah sure", "yes"),
            ("no thanks", "no"),
            ("i don't mind", "yes"),
            ("of course not", "no"),
        ],
    );
    check(
        Lang::Zh,
        &SlotKind::Free,
        &[(" 想学钢琴。 ", "想学钢琴。"), ("……", "")],
    );
}

#[test]
fn a_value_is_said_as_people_say_it() {
    let table = [
        (
            SlotKind::DateTime,
            "2026-11-23T15:00",
            "11月23号下午3点",
            "Monday November 23 at 3 pm",
        ),
        (
            SlotKind::DateTime,
            "2026-11-23T10:30",
            "11月23号上午10点半",
            "Monday November 23 at 10:30 am",
        ),
        (
            SlotKind::DateTime,
            "2026-11-23T12:00",
            "11月23号中午12点",
            "Monday November 23 at noon",
        ),
        (
            SlotKind::DateTime,
            "2026-11-23T19:05",
            "11月23号晚上7点零5分",
            "Monday November 23 at 7:05 pm",
        ),
        (
            SlotKind::DateTime,
            "2026-11-23",
            "11月23号",
            "Monday November 23",
        ),
        (
            SlotKind::Phone,
            "13800138000",
            "幺三八，零零幺三，八零零零",
            "1 3 8, 0 0 1 3, 8 0 0 0",
        ),
        (
            SlotKind::Phone,
            "01062345678",
            "零幺零，六二三四，五六七八",
            "0 1 0, 6 2 3 4, 5 6 7 8",
        ),
        (
            SlotKind::Phone,
            "07551234567",
            "零七五五，幺二三，四五六七",
            "0 7 5, 5 1 2 3, 4 5 6 7",
        ),
        (
            SlotKind::Phone,
            "4155550122",
            "四幺五，五五五，零幺二二",
            "4 1 5, 5 5 5, 0 1 2 2",
        ),
        (
            SlotKind::Digits { least: 4, most: 12 },
            "062207",
            "零六二，二零七",
            "0 6 2, 2 0 7",
        ),
        (SlotKind::Money, "35000", "35000", "35000"),
        (SlotKind::YesNo, "yes", "是", "yes"),
    ];
    for (kind, value, zh, en) in table {
        assert_eq!(say(&kind, value, Lang::Zh), zh);
        assert_eq!(say(&kind, value, Lang::En), en);
    }
}

#[test]
fn evidence_is_the_words_that_gave_the_value() {
    let words = |text, lang| {
        fill(&SlotKind::DateTime, text, lang, now())
            .map(|f| f.evidence)
            .unwrap_or_default()
    };
    assert_eq!(words("那我看看，后天下午三点吧", Lang::Zh), "后天下午三点");
    assert_eq!(
        words("Let me see, Saturday at ten works", Lang::En),
        "Saturday at ten"
    );
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in [
        "点",
        "半",
        "月",
        "周",
        "下",
        "one",
        "half",
        "half past",
        "in",
        "a",
        "第",
        "99999999999999999999",
        "个半小时",
        "差",
        "号",
        "：",
        "a couple",
        "first thing",
    ] {
        for lang in [Lang::Zh, Lang::En] {
            for kind in [
                SlotKind::Money,
                SlotKind::DateTime,
                SlotKind::Phone,
                SlotKind::Name,
                SlotKind::YesNo,
            ] {
                let _ = fill(&kind, text, lang, now());
            }
        }
    }
}

#[test]
fn a_weekday_that_is_today_and_past_means_next_week() {
    let saturday = DateTime::constant(2026, 11, 21, 14, 30, 0, 0);
    for (lang, text, want) in [
        (Lang::Zh, "星期六上午10点", Some("2026-11-28T10:00")),
        (Lang::Zh, "周六下午四点", Some("2026-11-21T16:00")),
        (
            Lang::En,
            "Saturday at ten in the morning",
            Some("2026-11-28T10:00"),
        ),
        (Lang::Zh, "今天上午十点", None),
    ] {
        let got = fill(&SlotKind::DateTime, text, lang, saturday).map(|f| f.value);
        assert_eq!(got.as_deref(), want, "{text}");
    }
}
