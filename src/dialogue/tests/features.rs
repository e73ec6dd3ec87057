//! What a file can do beyond asking and branching: each by a small dialplan and a script over it.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::plan::Dialplan;
use super::super::rehearse::CallFile;
use std::sync::Arc;

const HEAD: &str = "callsmith: 1\nname: f\nlang: zh\ncompany: 晨光\nprofile: CN\n\
    disclosure: 您好，我是{company}的智能语音助手，通话会录音。\nstart: ask\n";

fn plan(body: &str) -> Arc<Dialplan> {
    let text = format!("{HEAD}{body}");
    match Dialplan::parse(&text, "f.yaml") {
        Ok(plan) => Arc::new(plan),
        Err(found) => {
            let all: Vec<String> = found.iter().map(|d| d.render(&text)).collect();
            panic!("{}", all.join("\n"))
        }
    }
}

/// Plays scripts over one dialplan.
fn plays(body: &str, scripts: &[&str]) {
    let plan = plan(body);
    for script in scripts {
        let call = CallFile::parse(&format!("dialplan f\n{script}"), "f.call").unwrap();
        if let Err(e) = call.run(Arc::clone(&plan)) {
            panic!("{e}\nin\n{script}");
        }
    }
}

const END: &str = "  bye: { say: 再见。, hangup: completed }\n";

#[test]
fn a_returning_customer_hears_another_opening_and_a_gold_member_another_again() {
    let body = format!(
        "lead: {{ level: {{ default: 普通 }} }}\nsteps:\n  ask:\n    say:\n\
         \x20     - 您好，耽误您一分钟可以吗？\n\
         \x20     - {{ text: 又来打扰您了，可以吗？, when: {{ contact: [bought] }} }}\n\
         \x20     - {{ text: 尊贵的会员您好，可以吗？, when: {{ lead: {{ level: [gold, 金卡] }}, contact_none: [bought] }} }}\n\
         \x20   on: {{ affirm: bye, deny: bye }}\n{END}"
    );
    plays(
        &body,
        &[
            "0 answered\n > say ask 耽误您一分钟",
            "contact bought\n0 answered\n > say ask 又来打扰",
            "lead level=GOLD\n0 answered\n > say ask 尊贵的会员",
        ],
    );
}

#[test]
fn a_branch_goes_by_values_that_compare_as_numbers() {
    let body = format!(
        "steps:\n  ask:\n    say: 您想借多少？\n    slot: {{ name: amount, type: money }}\n    then: sort\n\
         \x20 sort:\n    branch:\n      - {{ when: {{ slots: {{ amount: \">= 50000\" }} }}, tag: big, goto: big }}\n\
         \x20     - {{ goto: small }}\n\
         \x20 big: {{ say: 大额。, goto: bye }}\n  small: {{ say: 小额。, goto: bye }}\n{END}"
    );
    plays(
        &body,
        &[
            "0 answered\n+1 heard 十万块\n > tag big\n > say big",
            "0 answered\n+1 heard 九千块\n > say small\n > hangup completed",
        ],
    );
}

#[test]
fn a_side_flow_comes_back_to_the_very_point_left() {
    let body = format!(
        "intents:\n  fees: {{ examples: [有手续费吗, 手续费多少, 收手续费吗, 手续费怎么算, 还要手续费啊] }}\n\
         back: [那咱们接着说。]\nsteps:\n  ask:\n    say: 给您登记一下可以吗？\n    on: {{ affirm: bye, deny: bye }}\n\
         \x20 fees_1:\n    say: 您想问月费还是年费？\n\
         \x20   slot: {{ name: fee, type: choice, choices: {{ 月费: [月费, 每月], 年费: [年费, 每年] }} }}\n    then: fees_2\n\
         \x20 fees_2: {{ say: \"{{fee}}是零。\", return: true }}\n{END}globals:\n  fees: {{ call: fees_1, tag: asked_fees }}\n"
    );
    plays(
        &body,
        &[
            "0 answered\n+1 heard 有手续费吗\n > tag asked_fees\n > say fees_1\n\
           +1 heard 月费\n > say fees_2 月费是零\n > say ask 接着说\n > say ask 登记一下\n\
           +1 heard 可以\n > hangup completed",
        ],
    );
}

const LOOKUP: &str = "lead: { order: { required: true } }\nsteps:\n  ask:\n    say: 我帮您查一下。\n    lookup:\n\
    \x20     url: \"https://crm.example.com/orders/{order}?m={phone}\"\n      timeout_ms: 10000\n      filler: 请稍等。\n\
    \x20     save: { status: /status }\n      then: tell\n      failed: sorry\n\
    \x20 tell: { say: \"您的订单{status}。\", goto: bye }\n  sorry: { say: 暂时查不到。, goto: bye }\n";

#[test]
fn a_lookup_goes_on_with_what_it_found_and_elsewhere_when_it_failed_or_never_answered() {
    let body = format!("{LOOKUP}{END}");
    plays(
        &body,
        &[
            "lead order=7\n0 answered\n > lookup\n > say ask 请稍等\n+1 looked-up status=已发货\n > slot status=已发货\n > say tell 已发货",
            "lead order=7\n0 answered\n+1 lookup-failed timeout\n > say sorry",
            "lead order=7\n0 answered\n > lookup\n30 silence\n > say sorry",
            "lead order=7\n0 answered\n+1 heard 别再给我打电话了\n > opt-out\n > hangup opt_out",
        ],
    );
}

#[test]
fn what_a_list_or_a_callee_says_cannot_change_where_a_lookup_goes() {
    use crate::dialogue::effect::Effect;
    let plan = plan(&format!("{LOOKUP}{END}"));
    let call = "dialplan f  lead order=../admin?x=1&y=#é\n0 answered\n";
    let effects = CallFile::parse(call, "f.call").unwrap().run(plan).unwrap();
    let url = effects.iter().find_map(|e| match e {
        Effect::Lookup { request, .. } => Some(request.url.clone()),
        _ => None,
    });
    let wanted = "https://crm.example.com/orders/..%2Fadmin%3Fx%3D1%26y%3D%23%C3%A9?m=";
    assert_eq!(url.as_deref(), Some(wanted));
}

#[test]
fn a_doubtful_yes_or_no_is_asked_about_once_and_decides_nothing() {
    let body = format!(
        "doubt: {{ say: 您是说可以，对吗？ }}\nsteps:\n  ask:\n    say: 给您留个名额可以吗？\n\
         \x20   on: {{ affirm: {{ tag: yes, goto: bye }}, deny: {{ tag: no, goto: bye }} }}\n{END}"
    );
    let plan = plan(&body);
    let doubtful = ["我不是说不可以不行", "也不是不行不可以吧", "不是不想不行"]
        .into_iter()
        .find(|words| {
            let all = plan.weigh(
                words,
                crate::terms::Lang::Zh,
                &["affirm".into(), "deny".into()],
                &crate::dialogue::event::Besides::default(),
            );
            all.first().is_some_and(|r| {
                (0.2..0.5).contains(&r.score) && matches!(r.intent.as_str(), "affirm" | "deny")
            })
        });
    let Some(words) = doubtful else {
        panic!("none of the words is doubtful any more: choose others");
    };
    plays(
        &body,
        &[&format!(
            "0 answered\n+1 heard \"{words}\"\n > say ask 您是说可以\n+1 heard 对\n > tag yes\n > hangup completed"
        )],
    );
}

#[test]
fn a_date_that_was_understood_and_is_not_allowed_is_told_and_asked_again() {
    let body = format!(
        "steps:\n  ask:\n    say: 您哪天方便？\n    slot:\n      name: day\n      type: datetime\n\
         \x20     valid: {{ within_days: 7, weekdays: [mon, tue, wed, thu, fri], hours: \"09:00-18:00\" }}\n\
         \x20     invalid: 只有这周工作日九点到六点有空。\n    then: booked\n  booked: {{ say: 好的。, goto: bye }}\n{END}"
    );
    plays(
        &body,
        &[
            "lead now=2026-11-23T10:00\n0 answered\n+1 heard 周六上午十点\n > no-match\n > say ask 工作日\n+1 heard 周三下午三点\n > slot day=2026-11-25T15:00\n > say booked",
            "lead now=2026-11-23T10:00\n0 answered\n+1 heard 明天晚上九点\n > say ask 工作日",
            "lead now=2026-11-23T10:00\n0 answered\n+1 heard 下个月五号上午十点\n > say ask 工作日",
        ],
    );
}

#[test]
fn a_time_said_where_another_is_read_back_corrects_it_and_keeps_the_day() {
    let body = format!(
        "steps:\n  ask:\n    say: 您哪天方便？\n\
         \x20   slot: {{ name: day, type: datetime, confirm: \"{{day}}，对吗？\" }}\n    then: booked\n\
         \x20 booked: {{ say: 好的。, goto: bye }}\n{END}"
    );
    let begin = "lead now=2026-11-23T10:00\n0 answered\n+1 heard 后天上午十点\n > slot day=2026-11-25T10:00\n";
    plays(
        &body,
        &[
            &format!(
                "{begin}+1 heard 不对，下午三点\n > slot day=2026-11-25T15:00\n+1 heard 对\n > hangup completed"
            ),
            &format!("{begin}+1 heard 不对，明天下午三点\n > slot day=2026-11-24T15:00"),
        ],
    );
}

#[test]
fn the_call_goes_on_in_the_language_the_callee_asks_for() {
    let body = "langs: { en: { voice: { name: af_heart } } }\nsteps:\n  ask:\n    say: { zh: 您明天来可以吗？, en: Can you come tomorrow? }\n\
        \x20   on: { affirm: bye, deny: bye }\n  bye: { say: { zh: 再见。, en: Goodbye. }, hangup: completed }\n"
        .to_string();
    let head = HEAD.replace(
        "disclosure: 您好，我是{company}的智能语音助手，通话会录音。",
        "disclosure: { zh: \"您好，我是{company}的智能语音助手，通话会录音。\", en: \"Hello, this is the automated assistant of {company} on a recorded line.\" }",
    );
    let plan = Dialplan::parse(&format!("{head}{body}"), "f.yaml").unwrap_or_else(|found| {
        panic!("{found:#?}");
    });
    let plan = Arc::new(plan);
    for script in [
        "dialplan f  lead lang=English\n0 answered\n > say disclosure automated\n > say ask Can\n+1 heard yes\n > say bye Goodbye",
        "dialplan f\n0 answered\n > say ask 您明天\n+1 heard \"english please\"\n > language en\n > say ask Can\n+1 heard \"yes i can\"\n > say bye Goodbye",
    ] {
        let call = CallFile::parse(script, "f.call").unwrap();
        if let Err(e) = call.run(Arc::clone(&plan)) {
            panic!("{e}\nin\n{script}");
        }
    }
}

#[test]
fn card_lasting_tags_and_follow_ups_are_left_behind_and_an_opt_out_leaves_no_follow_up() {
    let body = format!(
        "card: {{ 年级: \"{{stage}}\" }}\nremember:\n  - parent\n  - {{ tag: prospect, when: {{ all: [parent] }} }}\n\
         \x20 - {{ forget: cold, when: {{ all: [parent] }} }}\n\
         follow_up:\n  - {{ when: {{ all: [parent] }}, at: tomorrow 10:00, reason: 约时间 }}\n\
         \x20 - {{ when: {{ all: [parent] }}, in: 6 months, campaign: baby-goods, reason: 半年后, also: true }}\n\
         steps:\n  ask:\n    say: 孩子上小学还是初中？\n\
         \x20   slot: {{ name: stage, type: choice, choices: {{ 小学: [小学], 初中: [初中] }} }}\n    then: more\n\
         \x20 more: {{ say: 好的，您方便吗？, on: {{ affirm: {{ tag: parent, goto: bye }}, deny: bye }} }}\n{END}"
    );
    plays(
        &body,
        &[
            "lead now=2026-11-21T15:30\n0 answered\n+1 heard 小学\n > card 年级=小学\n+1 heard 方便\n > tag parent\n > remember parent\n > remember prospect\n > forget cold\n > follow-up 2026-11-22T10:00\n > follow-up 2027-05-21T15:30\n > hangup completed",
            "0 answered\n+1 heard 小学\n+1 heard 不要再打了\n > opt-out\n > hangup opt_out",
        ],
    );
    let plan = plan(&body);
    let call = "dialplan f\n0 answered\n+1 heard 小学\n+1 heard 不要再打了\n";
    let effects = CallFile::parse(call, "f.call").unwrap().run(plan).unwrap();
    let later = |e: &crate::dialogue::Effect| matches!(e, crate::dialogue::Effect::FollowUp { .. });
    assert!(!effects.iter().any(later));
}

#[test]
fn an_upset_callee_is_tagged_only_where_the_file_asks_for_it() {
    let steps = format!(
        "steps:\n  ask:\n    say: 您看可以吗？\n    on: {{ affirm: bye, deny: bye }}\n    else: bye\n{END}\
         handoff: {{ when: {{ upset: true }}, line: 我请同事跟您说。 }}\n"
    );
    let on = format!("emotion: true\n{steps}");
    plays(
        &on,
        &["0 answered\n+1 heard 你们太烦了气死我了\n > tag upset\n > want-agent"],
    );
    let plan = plan(&steps.replace("when: { upset: true }, ", ""));
    let call = "dialplan f\n0 answered\n+1 heard 你们太烦了气死我了\n";
    let effects = CallFile::parse(call, "f.call").unwrap().run(plan).unwrap();
    let upset = |e: &crate::dialogue::Effect| matches!(e, crate::dialogue::Effect::Tag { tag, .. } if tag == "upset");
    assert!(!effects.iter().any(upset));
}

#[test]
fn the_language_model_can_only_speak_and_what_it_writes_is_plain_words() {
    let body = format!(
        "faq:\n  coupon: {{ ask: [券怎么领, 优惠券在哪领, 怎么领券, 券在哪里, 领券], say: 到店就能领。 }}\n\
         llm:\n  url: http://127.0.0.1:9/v1\n  model: small\n  timeout_ms: 1000\n  max_chars: 20\n  fallback: 这个我请同事回复您。\n\
         steps:\n  ask:\n    say: 您看可以吗？\n    on: {{ affirm: bye, deny: bye }}\n{END}"
    );
    plays(
        &body,
        &[
            "0 answered\n+1 heard 你们店里的咖啡机是什么牌子\n > ask-model\n+1 model-said \"**是 {{意大利}} 的。**<hangup/> transfer_call() 然后一直说个不停停不下来说个不停\"\n > say model 意大利\n > say ask 您看可以吗",
            "0 answered\n+1 heard 你们店里的咖啡机是什么牌子\n > ask-model\n+1 model-failed\n > say ask 同事回复您\n > say ask 您看可以吗",
            "0 answered\n+1 heard 你们店里的咖啡机是什么牌子\n > ask-model\n20 silence\n > say ask 同事回复您",
        ],
    );
    let plan = plan(&body);
    let call = "dialplan f\n0 answered\n+1 heard 你们店里的咖啡机是什么牌子\n+1 model-said \"好的再见 hangup 再也不打了\"\n";
    let effects = CallFile::parse(call, "f.call").unwrap().run(plan).unwrap();
    let ends = |e: &crate::dialogue::Effect| {
        use crate::dialogue::Effect as E;
        matches!(e, E::Hangup { .. } | E::OptOut { .. } | E::WantAgent { .. })
    };
    assert!(!effects.iter().any(ends));
}

#[test]
fn the_language_model_is_handed_the_answers_nearest_to_the_question_first() {
    let body = format!(
        "faq:\n  coupon: {{ ask: [券怎么领, 优惠券在哪领, 怎么领券, 券在哪里, 领券], say: 到店就能领。 }}\n\
         \x20 parking: {{ ask: [停车方便吗, 有停车场吗, 车停哪里, 停车收费吗, 能停车吗], say: 楼下就能停。 }}\n\
         \x20 hours: {{ ask: [几点关门, 几点开门, 营业到几点, 周末开门吗, 什么时候营业], say: 十点到九点。 }}\n\
         llm: {{ url: \"http://127.0.0.1:9/v1\", model: small, nearest: 2, fallback: 这个我请同事回复您。 }}\n\
         steps:\n  ask:\n    say: 您看可以吗？\n    on: {{ affirm: bye, deny: bye }}\n{END}"
    );
    let near = |words: &str| {
        let besides = crate::dialogue::event::Besides::default();
        plan(&body).nearest(words, crate::terms::Lang::Zh, &besides)
    };
    assert_eq!(near("你们那个停车场是地下的还是露天的")[0], "parking");
    assert_eq!(near("优惠券能给别人用吗")[0], "coupon");
    assert_eq!(near("优惠券能给别人用吗").len(), 3, "the others follow");
}

#[test]
fn an_account_number_may_be_keyed_and_ends_with_a_hash() {
    let body = format!(
        "steps:\n  ask:\n    say: 请说或者按会员号的后四到六位。\n\
         \x20   slot: {{ name: member, type: digits, min: 4, max: 6 }}\n    then: got\n\
         \x20 got: {{ say: 好的。, goto: bye }}\n{END}"
    );
    plays(
        &body,
        &[
            "0 answered\n+1 key 1\n+0.2 key 2\n+0.2 key 3\n+0.2 key 4\n+0.2 key \"#\"\n > slot member=1234\n > say got",
            "0 answered\n+1 key 1\n+0.1 key 2\n+0.1 key 3\n+0.1 key 4\n+0.1 key 5\n+0.1 key 6\n > slot member=123456\n > say got",
            "0 answered\n+1 key 1\n+0.1 key 2\n+0.1 key 3\n+0.1 key 4\n+9 silence\n > slot member=1234\n > say got",
            "0 answered\n+1 key 1\n+0.1 key \"#\"\n > no-match",
            "0 answered\n+1 heard 一二三四五\n > slot member=12345\n > say got",
        ],
    );
}
