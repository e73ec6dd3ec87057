#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::text;
use super::*;

fn said(reply: &str, lang: Lang) -> &'static str {
    let verdict = verdict(&text::clauses(reply, lang), lang);
    match (verdict.answer, verdict.doubt) {
        (Some((true, ..)), _) => "yes",
        (Some((false, ..)), _) => "no",
        (None, Some(_)) => "doubt",
        (None, None) => "nothing",
    }
}

fn check(lang: Lang, want: &str, replies: &[&str]) {
    for reply in replies {
        assert_eq!(said(reply, lang), want, "{reply}");
    }
}

#[test]
fn every_cue_can_be_read() {
    for (lang, list, classes) in [
        (Lang::Zh, zh::CUES, zh::CLASSES),
        (Lang::En, en::CUES, en::CLASSES),
    ] {
        for (_, source) in list.iter().copied().flatten() {
            let mut source = (*source).to_owned();
            for (name, words) in classes {
                source = source.replace(&format!("{{{name}}}"), &format!("({words})"));
            }
            let parsed = Pattern::parse(&source, lang);
            assert!(parsed.is_ok(), "{source}: {parsed:?}");
            assert!(!source.contains('{'), "{source}");
        }
    }
}

#[test]
fn two_negations_make_a_yes_and_a_reason_behind_them_makes_a_doubt() {
    check(
        Lang::Zh,
        "yes",
        &["我不可能不答应", "没理由不参加", "也不是不可以"],
    );
    check(
        Lang::En,
        "yes",
        &["I wouldn't refuse that", "there is no reason I wouldn't"],
    );
    check(Lang::Zh, "doubt", &["我没说不去", "不是不想去就是太远了"]);
    check(
        Lang::En,
        "doubt",
        &["I never said I wouldn't", "I'm not saying no"],
    );
}

#[test]
fn a_question_that_expects_no_answer_is_one() {
    check(
        Lang::Zh,
        "yes",
        &["谁会拒绝这种好事", "这还用说吗", "哪能不去啊"],
    );
    check(
        Lang::Zh,
        "no",
        &["我要这个干嘛", "哪有那个闲工夫", "你看我像缺这个的人吗"],
    );
    check(
        Lang::En,
        "yes",
        &[
            "who would say no to that",
            "why wouldn't I",
            "what have I got to lose",
        ],
    );
    check(
        Lang::En,
        "no",
        &[
            "why would I need that",
            "who has the time",
            "do I look like I need one",
        ],
    );
}

#[test]
fn an_objection_waved_aside_is_no_refusal() {
    check(
        Lang::Zh,
        "yes",
        &[
            "不用介绍了直接给我报名",
            "别挂，我要的",
            "不用发短信了我肯定去",
        ],
    );
    check(
        Lang::En,
        "yes",
        &[
            "no need to explain, just book it",
            "don't hang up, I do want it",
        ],
    );
    check(Lang::Zh, "no", &["不用给我留了", "不打算给孩子报"]);
    check(
        Lang::En,
        "no",
        &["don't book me in", "no need to send anyone"],
    );
}

#[test]
fn what_is_conceded_counts_less_than_what_follows() {
    check(
        Lang::Zh,
        "no",
        &["好是好，可是我用不上", "听着挺好的不过还是算了吧"],
    );
    check(
        Lang::En,
        "no",
        &[
            "sounds lovely but I'll pass",
            "great offer, just not for us",
        ],
    );
    check(Lang::Zh, "yes", &["本来不想去，后来想想还是报一个吧"]);
    check(
        Lang::En,
        "yes",
        &["I was going to say no but actually yeah let's book it"],
    );
}

#[test]
fn a_real_question_and_a_condition_say_nothing() {
    check(Lang::Zh, "nothing", &["需要带电脑吗", "要是不收费的话"]);
    check(Lang::En, "nothing", &["do I need to bring a laptop"]);
}
