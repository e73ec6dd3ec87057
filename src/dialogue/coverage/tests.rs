//! Coverage as the author of a dialplan reads it.

use super::*;
use crate::dialogue::rehearse::CallFile;
use std::sync::Arc;

const PLAN: &str = r#"
callsmith: 1
name: cover
lang: en
company: Acme
disclosure: Hello, this is Acme's automated assistant on a recorded line.
start: greet
intents:
  price: { examples: [how much is it, what does it cost], tag: asked }
steps:
  greet:
    say: Shall we?
    on:
      affirm: ask
      deny: { tag: refused, goto: bye }
    keys: { "1": ask, "2": bye }
    else: ask
  ask:
    say: How many?
    slot: { name: many, type: number, reask: "How many, please?", confirm: "{many}, right?" }
    then: bye
  bye:
    say: Goodbye.
    hangup: { disposition: completed }
globals:
  price: { say: It is free. }
grade:
  - { grade: E, when: { any: [refused] }, reason: refused }
  - { grade: C, when: {}, reason: unclear }
"#;

fn covered(script: &str) -> Coverage {
    let plan = Arc::new(Dialplan::parse(PLAN, "cover.yaml").unwrap_or_else(|e| panic!("{e:?}")));
    let call = CallFile::parse(script, "x.call").unwrap();
    let played = call.play(Arc::clone(&plan));
    assert!(played.failures.is_empty(), "{:?}", played.failures);
    let mut coverage = Coverage::of(&plan);
    coverage.add(&plan, &played.log);
    coverage
}

fn hit(coverage: &Coverage, kind: Kind) -> Vec<&str> {
    let items = coverage.items();
    items
        .filter(|i| i.kind == kind && i.times > 0)
        .map(|i| i.name.as_str())
        .collect()
}

#[test]
fn branches_rungs_globals_and_rules_are_counted_where_they_were_taken() {
    let c = covered(
        "dialplan cover\n0 answered\n+1 heard \"how much is it\"\n+1 heard \"yes\"\n     > step ask\n\
         +1 heard \"bananas\"\n+1 heard \"three\"\n+1 heard \"no\"\n+1 heard \"four\"\n+1 heard \"yes\"\n     > step bye\n",
    );
    assert_eq!(hit(&c, Kind::Step), ["ask", "bye", "greet"]);
    assert_eq!(
        hit(&c, Kind::Branch),
        [
            "ask slot many confirm",
            "ask slot many confirm denied",
            "ask slot many reask",
            "ask slot many then",
            "greet on affirm"
        ]
    );
    assert_eq!(hit(&c, Kind::Global), ["price"]);
    assert_eq!(hit(&c, Kind::Rule), ["02 C unclear"]);
    assert!(hit(&c, Kind::Rung).is_empty());
    let missed: Vec<&str> = c.missed().iter().map(|i| i.name.as_str()).collect();
    assert!(missed.contains(&"greet key 1") && missed.contains(&"no_match end"));
    assert!(c.percent() < 100);
}

#[test]
fn else_keys_and_the_silence_ladder_are_told_apart() {
    let c = covered(
        "dialplan cover\n0 answered\n+1 heard \"purple elephants dance\"\n     > step ask\n",
    );
    assert_eq!(hit(&c, Kind::Branch), ["greet else"]);
    let c = covered("dialplan cover\n0 answered\n+1 key 2\n     > step bye\n");
    assert_eq!(hit(&c, Kind::Branch), ["greet key 2"]);
    let c = covered(
        "dialplan cover\n0 answered\n+200 silence\n     > no-input\n     > hangup silence\n",
    );
    assert!(hit(&c, Kind::Rung).contains(&"no_input end"));
    let c = covered("dialplan cover\n0 answered\n+1 heard \"stop calling me\"\n     > opt-out\n");
    assert_eq!(hit(&c, Kind::Builtin), ["opt_out"]);
}
