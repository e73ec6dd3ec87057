//! What calls leave behind that nobody understood.

use super::*;
use crate::terms::{CallId, Ms};

fn call(what: Vec<Happening>) -> Vec<CallEvent> {
    let events = what.into_iter().enumerate();
    events
        .map(|(i, what)| CallEvent {
            call: CallId("c1".into()),
            at: Ms(i as u64 * 1000),
            what,
        })
        .collect()
}

fn heard(text: &str) -> Happening {
    Happening::Heard {
        text: text.into(),
        confidence: 0.9,
        began: Ms(0),
        ended: Ms(0),
    }
}

fn intent(score: f32) -> Happening {
    Happening::Intent {
        intent: "affirm".into(),
        score,
        evidence: String::new(),
    }
}

fn step(name: &str) -> Happening {
    Happening::Step { step: name.into() }
}

#[test]
fn turns_without_a_match_are_found_and_understood_ones_are_not() {
    let events = call(vec![
        step("greet"),
        heard("能开发票吗"),
        Happening::NoMatch { count: 1 },
        heard("是的"),
        intent(0.95),
        step("ask"),
        heard("那个再说吧"),
        intent(0.3),
        step("bye"),
        heard("打我13812345678"),
        Happening::NoMatch { count: 1 },
        Happening::Bridged { agent: "li".into() },
        heard("听得见吗"),
    ]);
    let found = not_understood(&events);
    let words: Vec<&str> = found.iter().map(|t| t.words.as_str()).collect();
    assert_eq!(words, ["能开发票吗", "那个再说吧", "打我13800000078"]);
    assert_eq!(found[0].step.as_deref(), Some("greet"));
}

fn plan() -> Dialplan {
    let text = "callsmith: 1\nname: s\nlang: zh\ncompany: 晨光\n\
         disclosure: 您好，我是晨光的智能语音助手，通话会录音。\nstart: a\nintents:\n  price: { examples: [多少钱, 怎么收费, 学费多少, 贵不贵] }\n\
         steps:\n  a: { say: 可以吗？, on: { affirm: b, deny: b } }\n  b: { say: 再见。, hangup: { disposition: completed } }\n\
         globals:\n  price: { say: 免费。 }\n";
    Dialplan::parse(text, "s.yaml").unwrap_or_else(|e| panic!("{e:?}"))
}

fn turns(words: &[&str]) -> Vec<Turn> {
    let turn = |w: &&str| Turn {
        words: (*w).into(),
        call: "c".into(),
        step: None,
    };
    words.iter().map(turn).collect()
}

#[test]
fn like_wordings_form_one_group_with_a_name_or_an_intent_of_the_file() {
    let turns = turns(&[
        "能开发票吗",
        "可以开发票吗",
        "能开发票吗？",
        "你们能不能开发票",
        "学费到底多少呀",
        "我在遛狗呢",
    ]);
    let like = |texts: &[String]| ngram_likeness(texts, Lang::Zh, texts.len());
    let groups = group(&plan(), Lang::Zh, &turns, &like, ALIKE);
    assert_eq!(groups[0].turns.len(), 4, "{groups:?}");
    assert_eq!(
        groups[0].proposal,
        Proposal::New {
            intent: "能开发票吗".into()
        }
    );
    let fees = groups
        .iter()
        .find(|g| g.wordings[0].contains("学费"))
        .unwrap();
    assert!(
        matches!(&fees.proposal, Proposal::Existing { intent, .. } if intent == "price"),
        "{fees:?}"
    );
}

#[test]
fn an_agents_answer_to_a_question_is_kept_and_small_talk_is_not() {
    let said = [
        (false, "你们周日上课吗".to_string()),
        (true, "周日上午和下午都有课的".to_string()),
        (false, "好的谢谢".to_string()),
        (true, "不客气再见，祝您愉快".to_string()),
        (false, "多少钱".to_string()),
        (true, "嗯".to_string()),
    ];
    assert_eq!(
        answers(&said),
        [Answer {
            question: "你们周日上课吗".into(),
            answer: "周日上午和下午都有课的".into()
        }]
    );
}
