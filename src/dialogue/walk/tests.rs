//! The simulated callee on good and bad dialplans.

use super::*;
use crate::dialogue::rehearse::CallFile;

fn plan(steps: &str) -> Arc<Dialplan> {
    let text = format!(
        "callsmith: 1\nname: walk\nlang: en\ncompany: Acme\n\
         disclosure: Hello, this is Acme's automated assistant on a recorded line.\n\
         start: greet\nsteps:\n{steps}"
    );
    Arc::new(Dialplan::parse(&text, "walk.yaml").unwrap_or_else(|e| panic!("{e:?}")))
}

const GOOD: &str = "
  greet: { say: Shall we?, on: { affirm: ask, deny: bye }, keys: { '1': ask } }
  ask: { say: How many?, slot: { name: many, type: number, confirm: '{many}, right?' }, then: deep }
  deep: { say: Really?, on: { affirm: deeper, deny: bye } }
  deeper: { say: Really really?, on: { affirm: deepest, deny: bye } }
  deepest: { say: Well then., goto: bye }
  bye: { say: Goodbye., hangup: { disposition: completed } }
";

#[test]
fn every_step_of_a_good_dialplan_is_reached_and_the_same_seed_walks_the_same_way() {
    let plan = plan(GOOD);
    let walked = walk(&plan, "walk", &Walk::default());
    let troubles: Vec<&Trouble> = walked.findings.iter().map(|f| &f.trouble).collect();
    assert!(
        troubles
            .iter()
            .all(|t| !t.is_error() && !matches!(t, Trouble::Unreached(_))),
        "{troubles:?}"
    );
    let branches = walked
        .coverage
        .share(Some(crate::dialogue::coverage::Kind::Branch));
    assert_eq!(branches.0, branches.1, "{:?}", walked.coverage.missed());
    let again = walk(&plan, "walk", &Walk::default());
    assert_eq!(again.calls, walked.calls);
    assert_eq!(
        again.findings.iter().map(|f| &f.script).collect::<Vec<_>>(),
        walked
            .findings
            .iter()
            .map(|f| &f.script)
            .collect::<Vec<_>>()
    );
}

/// Reading a number back and being told it is wrong has no ladder: the callee can turn round and round.
#[test]
fn a_circle_is_shown_by_a_conversation_that_can_be_played() {
    let plan = plan(GOOD);
    let walked = walk(&plan, "walk", &Walk::default());
    let circle = walked
        .findings
        .iter()
        .find(|f| f.trouble == Trouble::Circle("ask".into()))
        .unwrap_or_else(|| panic!("{:?}", walked.findings));
    let call = CallFile::parse(&circle.script, "x.call").unwrap();
    let played = call.play(Arc::clone(&plan));
    assert!(
        played.failures.is_empty(),
        "{:?}\n{}",
        played.failures,
        circle.script
    );
    // Answered, yes, and four times a number and a no, of which the last no shows nothing more.
    assert!(circle.turns <= 9, "{}", circle.script);
}

#[test]
fn a_step_that_needs_what_nobody_can_say_is_reported_as_never_reached() {
    let plan = plan(
        "
  greet: { say: Shall we?, on: { affirm: bye, wrong_number: bye }, else: bye, slot: { name: n, type: number, min: 9, max: 3 }, then: never }
  never: { say: Never., goto: bye }
  bye: { say: Goodbye., hangup: { disposition: completed } }
",
    );
    let walked = walk(&plan, "walk", &Walk::default());
    assert!(
        walked
            .findings
            .iter()
            .any(|f| f.trouble == Trouble::Unreached("never".into())),
        "{:?}",
        walked.findings
    );
}
