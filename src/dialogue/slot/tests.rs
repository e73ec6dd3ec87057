#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::*;
use jiff::civil::DateTime;

/// Wednesday 18 November 2026, 10:20.
fn now() -> DateTime {
    DateTime::constant(2026, 11, 18, 10, 20, 0, 0)
}

fn check(lang: Lang, kind: &SlotKind, table: &[(&str, &str)]) {
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
fn mandarin_days_and_times_are_found() {
    check(
        Lang::Zh,
        &SlotKind::DateTime,
        &[
            ("后天下午三点", "2026-11-20T15:00"),
            ("周六上午十点", "2026-11-21T10:00"),
            ("明天吧", "2026-11-19"),
            ("明天下午", "2026-11-19T15:00"),
            ("明天上午可以", "2026-11-19T10:00"),
            ("明天晚上", "2026-11-19T19:00"),
            ("明晚八点", "2026-11-19T20:00"),
            ("今晚七点半吧", "2026-11-18T19:30"),
            ("明早九点", "2026-11-19T09:00"),
            ("大后天", "2026-11-21"),
            ("大后天中午十二点", "2026-11-21T12:00"),
            ("周三", "2026-11-18"),
            ("下周三", "2026-11-25"),
            ("下周三下午两点", "2026-11-25T14:00"),
            ("下下周一", "2026-11-30"),
            ("这周五", "2026-11-20"),
            ("这周一", "2026-11-23"),
            ("星期天", "2026-11-22"),
            ("礼拜天上午", "2026-11-22T10:00"),
            ("礼拜六下午四点", "2026-11-21T16:00"),
            ("这周末", "2026-11-21"),
            ("周末吧", "2026-11-21"),
            ("下周末上午", "2026-11-28T10:00"),
            ("下周", "2026-11-23"),
            ("下个星期二", "2026-11-24"),
            ("三点", "2026-11-18T15:00"),
            ("三点半", "2026-11-18T15:30"),
            ("下午三点一刻", "2026-11-18T15:15"),
            ("三点四十", "2026-11-18T15:40"),
            ("三点零五分", "2026-11-18T15:05"),
            ("15:30", "2026-11-18T15:30"),
            ("明天15点30分", "2026-11-19T15:30"),
            ("两点", "2026-11-18T14:00"),
            ("差一刻三点", "2026-11-18T14:45"),
            ("晚上八点", "2026-11-18T20:00"),
            ("九点", "2026-11-19T09:00"),
            ("十一点", "2026-11-18T11:00"),
            ("今天九点", "2026-11-18T21:00"),
            ("下午", "2026-11-18T15:00"),
            ("上午吧", "2026-11-19T10:00"),
            ("中午一点", "2026-11-18T13:00"),
            ("傍晚", "2026-11-18T18:00"),
            ("3月15号", "2027-03-15"),
            ("三月十五号上午九点", "2027-03-15T09:00"),
            ("12月5日下午", "2026-12-05T15:00"),
            ("25号", "2026-11-25"),
            ("十号", "2026-12-10"),
            ("11月25", "2026-11-25"),
            ("下个月三号", "2026-12-03"),
            ("月底", "2026-11-30"),
            ("下个月初", "2026-12-01"),
            ("2026年12月1号", "2026-12-01"),
            ("半小时后", "2026-11-18T10:50"),
            ("半个小时以后再打", "2026-11-18T10:50"),
            ("一个小时以后", "2026-11-18T11:20"),
            ("过两个钟头", "2026-11-18T12:20"),
            ("一个半小时后", "2026-11-18T11:50"),
            ("十分钟后", "2026-11-18T10:30"),
            ("两天后", "2026-11-20"),
            ("三天以后的下午", "2026-11-21T15:00"),
            ("一周后", "2026-11-25"),
            ("下班以后", "2026-11-18T18:30"),
            ("明天下班后", "2026-11-19T18:30"),
            ("七八点", "2026-11-18T19:00"),
            ("明天晚上七八点", "2026-11-19T19:00"),
            ("三点以后", "2026-11-18T15:00"),
            ("国庆", "2027-10-01"),
        ],
    );
}

#[test]
fn the_moment_that_is_offered_is_taken_not_the_one_refused() {
    check(
        Lang::Zh,
        &SlotKind::DateTime,
        &[
            ("明天不行，后天吧", "2026-11-20"),
            ("明天没空后天下午可以", "2026-11-20T15:00"),
            ("明天上午不行下午可以", "2026-11-19T15:00"),
            ("周六有事，周日吧", "2026-11-22"),
            ("不要周六，周日上午", "2026-11-22T10:00"),
            ("周三，不对，周四", "2026-11-19"),
            ("明天下午三点，不对，四点", "2026-11-19T16:00"),
            ("周六上午或者周日下午都行", "2026-11-21T10:00"),
            ("明天没空", ""),
            ("晚一点吧", ""),
            ("我有一点忙", ""),
            ("过两天再说", "2026-11-20"),
            ("再说吧", ""),
            ("今天早上八点", ""),
            ("我家在三号楼", ""),
            ("那就周六上午十点半吧，可以吗", "2026-11-21T10:30"),
            ("嗯，我想想，周五晚上六点半好了", "2026-11-20T18:30"),
        ],
    );
    check(
        Lang::En,
        &SlotKind::DateTime,
        &[
            ("not tomorrow, maybe friday", "2026-11-20"),
            ("tomorrow doesn't work but friday is fine", "2026-11-20"),
            ("i can't do saturday, sunday would be okay", "2026-11-22"),
            ("friday, no wait, saturday", "2026-11-21"),
            (
                "tomorrow at three, actually make it four",
                "2026-11-19T16:00",
            ),
            (
                "tomorrow morning is not good but the afternoon works",
                "2026-11-19T15:00",
            ),
            ("i'm busy tomorrow", ""),
            ("i have two kids", ""),
            ("three bedrooms", ""),
            ("i don't know", ""),
            ("no", ""),
        ],
    );
}

#[test]
fn misheard_mandarin_days_and_times_are_found() {
    check(
        Lang::Zh,
        &SlotKind::DateTime,
        &[
            ("厚天下午三点", "2026-11-20T15:00"),
            ("后天下五三点", "2026-11-20T15:00"),
            ("州六上午十点", "2026-11-21T10:00"),
            ("周六上午十典", "2026-11-21T10:00"),
            ("名天上午", "2026-11-19T10:00"),
            ("礼拜天晚尚八点", "2026-11-22T20:00"),
            ("三月十五好", "2027-03-15"),
            ("後天下午3點", "2026-11-20T15:00"),
            ("周6上午10点", "2026-11-21T10:00"),
        ],
    );
}

#[test]
fn english_days_and_times_are_found() {
    check(
        Lang::En,
        &SlotKind::DateTime,
        &[
            ("saturday at ten", "2026-11-21T10:00"),
            ("tomorrow after five", "2026-11-19T17:00"),
            ("tomorrow", "2026-11-19"),
            ("tomorrow morning", "2026-11-19T10:00"),
            ("tomorrow afternoon", "2026-11-19T15:00"),
            ("tomorrow evening works", "2026-11-19T19:00"),
            ("tomorrow at 3 p.m.", "2026-11-19T15:00"),
            ("tomorrow at 3pm", "2026-11-19T15:00"),
            ("tomorrow at 3:30", "2026-11-19T15:30"),
            ("tomorrow at three thirty", "2026-11-19T15:30"),
            (
                "the day after tomorrow at half past three",
                "2026-11-20T15:30",
            ),
            ("day after tomorrow", "2026-11-20"),
            ("next tuesday", "2026-11-24"),
            ("next tuesday at 2", "2026-11-24T14:00"),
            ("this friday afternoon", "2026-11-20T15:00"),
            ("friday morning at eleven", "2026-11-20T11:00"),
            ("on monday", "2026-11-23"),
            ("monday at noon", "2026-11-23T12:00"),
            ("wednesday", "2026-11-18"),
            ("next wednesday", "2026-11-25"),
            ("tonight", "2026-11-18T19:00"),
            ("tonight at eight", "2026-11-18T20:00"),
            ("this afternoon", "2026-11-18T15:00"),
            ("this evening around six", "2026-11-18T18:00"),
            ("this weekend", "2026-11-21"),
            ("next weekend", "2026-11-28"),
            ("sunday after lunch", "2026-11-22T14:00"),
            ("after work on thursday", "2026-11-19T18:00"),
            ("in an hour", "2026-11-18T11:20"),
            ("in half an hour", "2026-11-18T10:50"),
            ("call me in two hours", "2026-11-18T12:20"),
            ("in an hour and a half", "2026-11-18T11:50"),
            ("in twenty minutes", "2026-11-18T10:40"),
            ("in a couple of days", "2026-11-20"),
            ("two days from now", "2026-11-20"),
            ("a week from today", "2026-11-25"),
            ("in a week", "2026-11-25"),
            ("november 23rd", "2026-11-23"),
            ("november twenty third at ten am", "2026-11-23T10:00"),
            ("the twenty third of november", "2026-11-23"),
            ("23 november", "2026-11-23"),
            ("the 23rd", "2026-11-23"),
            ("on the fifth", "2026-12-05"),
            ("monday november 23 at 3 pm", "2026-11-23T15:00"),
            ("march fifteenth", "2027-03-15"),
            ("end of the month", "2026-11-30"),
            ("next week", "2026-11-23"),
            ("monday next week", "2026-11-23"),
            ("three thirty", "2026-11-18T15:30"),
            ("330", "2026-11-18T15:30"),
            ("at ten", "2026-11-19T10:00"),
            ("ten o'clock", "2026-11-19T10:00"),
            ("ten in the morning tomorrow", "2026-11-19T10:00"),
            ("quarter past three", "2026-11-18T15:15"),
            ("quarter to four", "2026-11-18T15:45"),
            ("ten past two tomorrow", "2026-11-19T14:10"),
            ("around 4", "2026-11-18T16:00"),
            ("four-ish", "2026-11-18T16:00"),
            ("9 am friday", "2026-11-20T09:00"),
            ("noon", "2026-11-18T12:00"),
            ("lunchtime tomorrow", "2026-11-19T12:00"),
            ("first thing in the morning tomorrow", "2026-11-19T09:00"),
            (
                "how about saturday morning at nine thirty",
                "2026-11-21T09:30",
            ),
            ("between two and four on friday", "2026-11-20T14:00"),
            ("friday at five forty five", "2026-11-20T17:45"),
            ("yes saturday at ten works for me", "2026-11-21T10:00"),
            ("uh thursday 7 pm", "2026-11-19T19:00"),
        ],
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
