//! The room as a whole: dialplans good and bad, and scripted conversations.

mod features;

use super::file::Sources;
use super::plan::Dialplan;
use super::rehearse::CallFile;
use super::{Lead, fixed_lines, lead_lines, slot_lines};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder)
}

fn files(folder: &str, ext: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(data(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == ext))
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn plan(name: &str) -> Arc<Dialplan> {
    let text =
        std::fs::read_to_string(data("dialplans/good").join(format!("{name}.yaml"))).unwrap();
    match Dialplan::parse(&text, name) {
        Ok(plan) => Arc::new(plan),
        Err(found) => panic!(
            "{}",
            found.iter().map(|d| d.render(&text)).collect::<String>()
        ),
    }
}

#[test]
fn good_dialplans_load_without_a_warning() {
    for (name, text) in files("dialplans/good", "yaml") {
        let plan = Dialplan::parse(&text, &name);
        let found = plan.map_or_else(|e| e, |p| p.warnings);
        assert!(
            found.is_empty(),
            "{}",
            found.iter().map(|d| d.render(&text)).collect::<String>()
        );
    }
}

#[test]
fn every_scripted_conversation_goes_as_written() {
    let calls = files("calls", "call");
    assert!(calls.len() >= 10, "only {} conversations", calls.len());
    let mut wrong = Vec::new();
    let mut plans = std::collections::BTreeMap::new();
    for (name, text) in calls {
        let call = CallFile::parse(&text, &name).unwrap();
        let plan = plans
            .entry(call.dialplan.clone())
            .or_insert_with(|| plan(&call.dialplan));
        if let Err(e) = call.run(Arc::clone(plan)) {
            wrong.push(e.to_string());
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn lines_are_sorted_by_when_they_can_be_rendered() {
    let plan = plan("trial-zh");
    let lead = Lead {
        vars: [("name".to_string(), "{李}\n雷".to_string())].into(),
        phone: String::new(),
        contact: std::collections::BTreeSet::new(),
        now_local: jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0),
    };
    let has = |lines: &[crate::terms::Line], text: &str| lines.iter().any(|l| l.text == text);
    let fixed = fixed_lines(&plan);
    assert!(has(
        &fixed,
        "您好，我是晨光教育的智能语音助手，通话会录音。"
    ));
    assert!(has(&fixed, "好的，王老师在校区等您。"));
    assert!(
        fixed
            .iter()
            .all(|l| l.voice == "zf_xiaobei" && l.speed_percent == 110)
    );
    let ringing = lead_lines(&plan, &lead);
    assert!(has(&ringing, "请问是李 雷吗？"));
    assert!(has(&ringing, "想请您带孩子来听听，您看可以吗？"));
    assert!(slot_lines(&plan).contains(&"好的，{visit_time}，对吗？".to_string()));
    assert!(fixed.iter().chain(&ringing).all(|l| !l.text.contains('{')));
}

#[test]
fn a_list_that_lacks_a_required_column_is_known_before_the_call() {
    let plan = plan("trial-zh");
    assert_eq!(
        plan.missing(&[("name".to_string(), " ".to_string())].into()),
        ["name"]
    );
    assert!(
        plan.missing(&[("name".to_string(), "李雷".to_string())].into())
            .is_empty()
    );
}

#[test]
fn a_call_file_that_expects_what_does_not_happen_says_what_did() {
    let text = "dialplan trial-zh lead name=李雷\n0 answered\n   > say bye\n";
    let e = CallFile::parse(text, "x.call")
        .unwrap()
        .run(plan("trial-zh"))
        .unwrap_err();
    assert_eq!(e.line, 3);
    assert!(e.message.contains("请问是李雷吗"), "{e}");
    for (text, line) in [
        ("dialplan x\n0 answerd\n", 2),
        ("dialplan x\n0 answered\n> sya x\n", 3),
        ("0 answered\n", 1),
    ] {
        assert_eq!(
            CallFile::parse(text, "x.call").unwrap_err().line,
            line,
            "{text}"
        );
    }
}

/// The files of a folder.
struct Beside<'a>(&'a Path);

impl Sources for Beside<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|e| e.to_string())
    }
}

#[test]
fn every_shipped_dialplan_loads_without_a_warning() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans");
    for entry in std::fs::read_dir(&folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|x| x != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.to_string_lossy();
        let found =
            Dialplan::parse_with(&text, &name, &Beside(&folder)).map_or_else(|e| e, |p| p.warnings);
        assert!(
            found.is_empty(),
            "{}",
            found.iter().map(|d| d.render(&text)).collect::<String>()
        );
    }
}

/// A callee who does anything at all, from a small deterministic generator.
#[test]
fn whatever_a_callee_does_the_robot_keeps_its_promises() {
    use super::{AgentNews, Effect, Event, Machine};
    use crate::terms::Ms;
    let plan = plan("trial-zh");
    let words = [
        "是的",
        "不需要",
        "可以",
        "多少钱",
        "转人工",
        "我在开会",
        "明天下午三点",
        "后天下午三点",
        "不要再打了",
        "嘟嘟嘟",
        "你是机器人吗",
        "再说一遍",
        "打错了",
        "不对",
        "挺感兴趣的",
        "",
    ];
    for seed in 0..400_u64 {
        let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut die = |n: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x % n
        };
        let lead = Lead {
            vars: [("name".into(), "李雷".into())].into(),
            phone: String::new(),
            contact: std::collections::BTreeSet::new(),
            now_local: jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0),
        };
        let mut m = Machine::new(Arc::clone(&plan), lead);
        let (mut now, mut saying) = (Ms(0), std::collections::VecDeque::new());
        let (mut hung_up, mut opted_out, mut joined, mut wanted) = (0, false, false, 0);
        let mut out = Vec::new();
        m.on(now, Event::Answered, &mut out);
        for turn in 0..120 {
            for e in out.drain(..) {
                match e {
                    Effect::Say { say, line, .. } => {
                        assert!(hung_up == 0, "seed {seed}: a word after the hang-up");
                        assert!(
                            !joined,
                            "seed {seed}: the robot spoke beside the agent: {}",
                            line.text
                        );
                        assert!(!line.text.contains('{'), "seed {seed}: {}", line.text);
                        saying.push_back(say);
                    }
                    Effect::StopSpeaking => saying.clear(),
                    Effect::OptOut { .. } => opted_out = true,
                    Effect::WantAgent { .. } => wanted += 1,
                    Effect::Hangup { disposition, .. } => {
                        hung_up += 1;
                        assert!(
                            !opted_out || disposition == crate::terms::Disposition::OptOut,
                            "seed {seed}"
                        );
                    }
                    _ => {}
                }
            }
            assert!(
                hung_up <= 1 && wanted <= 1,
                "seed {seed}: hung up {hung_up} times, wanted an agent {wanted} times"
            );
            if hung_up == 0 && !joined {
                assert!(
                    !saying.is_empty() || m.deadline().is_some(),
                    "seed {seed}: stuck at turn {turn}"
                );
            }
            now = now.after(die(3000));
            match die(12) {
                0..=4 if !saying.is_empty() => {
                    let say = saying.pop_front().unwrap();
                    m.on(now, Event::Said { say }, &mut out);
                }
                5 if !saying.is_empty() => m.on(
                    now,
                    Event::Interrupted {
                        say: saying[0],
                        clause: 0,
                    },
                    &mut out,
                ),
                6 => m.on(now, Event::SpeechStarted, &mut out),
                7 => m.on(
                    now,
                    [
                        Event::NotUnderstood,
                        Event::FalseInterruption,
                        Event::Key('1'),
                    ][die(3) as usize]
                        .clone(),
                    &mut out,
                ),
                8 => {
                    if let Some((at, _)) = m.deadline() {
                        now = at.max(now);
                        m.wake(now, &mut out);
                        saying.clear();
                    }
                }
                9 if wanted > 0 && die(3) == 0 => {
                    let news =
                        [AgentNews::Ringing, AgentNews::Joined, AgentNews::Nobody][die(3) as usize];
                    joined |= news == AgentNews::Joined && hung_up == 0;
                    m.on(now, Event::Agent(news), &mut out);
                }
                _ => {
                    let text = words[die(words.len() as u64) as usize].to_string();
                    m.on(
                        now,
                        Event::Heard {
                            text,
                            confidence: 0.9,
                            over_prompt: die(2) == 0,
                            more: super::event::Besides::default(),
                        },
                        &mut out,
                    );
                }
            }
        }
    }
}

#[test]
fn a_file_says_how_its_words_are_pronounced_and_where_it_says_so() {
    let file = "dialplans/education-trial-zh.yaml";
    let text = std::fs::read_to_string(file).unwrap().replace(
        "company:",
        "pronounce:\n  单老师: shan4 lao3 shi1\n  Scratch: skratch\ncompany:",
    );
    let plan = Dialplan::parse(&text, file).unwrap();
    assert_eq!(plan.words()["单老师"], "shan4 lao3 shi1");
    let line = text.lines().position(|l| l.contains("Scratch: ")).unwrap() + 1;
    assert_eq!(plan.pronounce["Scratch"].at.line as usize, line);
    assert!(Dialplan::parse(&text.replace("skratch", "[a]"), file).is_err());
}

#[test]
fn the_example_of_the_readme_is_a_good_dialplan_and_its_conversation_goes_as_written() {
    let (readme, guide) = (
        include_str!("../../README.md"),
        include_str!("../../dialplans/README.md"),
    );
    let block = |page: &str, fence: &str, begins: &str| {
        let all = page.split(fence).skip(1);
        let found = all
            .filter_map(|b| b.split("```").next())
            .find(|b| b.trim_start().starts_with(begins));
        found.expect(begins).to_string()
    };
    let text = block(readme, "```yaml\n", "callsmith: 1");
    let plan = Dialplan::parse(&text, "parcel-en.yaml")
        .unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(&text)).collect::<String>()));
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
    let script = block(guide, "```text\n", "dialplan parcel-en");
    let call = CallFile::parse(&script, "readme.call").unwrap();
    if let Err(e) = call.run(Arc::new(plan)) {
        panic!("{e}");
    }
}
