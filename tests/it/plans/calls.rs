//! What calls leave behind for their dialplan: counts, suggestions, answers.

use super::{publish, rig};
use crate::web_rig::{PLATFORM, Rig};
use callsmith::desk::board::{CardLead, Entry, Named};
use callsmith::dialogue::Dialplan;
use callsmith::dialogue::intent::Vectors;
use callsmith::dialogue::suggest::{ALIKE, Turn, group, likeness};
use callsmith::dialogue::traits::Embedder;
use callsmith::engines::embedder::{self, E5};
use callsmith::engines::models::default_root;
use callsmith::engines::runtime;
use callsmith::store::{AttemptOutcome, Begun, LeadNext, LeadRow, NewAttempt};
use callsmith::terms::{CallEvent, CallId, Disposition, Happening, Lang, Ms, Phone};
use callsmith::web::access::Role;
use callsmith::web::dialplans::{Asked, answers};
use serde_json::{Value, json};

fn heard(text: &str) -> Happening {
    Happening::Heard {
        text: text.into(),
        confidence: 0.9,
        began: Ms(0),
        ended: Ms(0),
    }
}

/// An ended call of a campaign with the dialplan `trial`.
fn past_call(rig: &Rig, n: u64, events: Vec<Happening>) {
    rig.run(async {
        let campaign = match rig.store.campaign_find("spring").await.unwrap() {
            Some(found) => found.id,
            None => rig
                .store
                .campaign_create("spring", "trial", "l.csv")
                .await
                .unwrap(),
        };
        let row = LeadRow {
            row: n,
            phones: vec![Phone::new(format!("+8613800{n:06}"))],
            ..LeadRow::default()
        };
        rig.store.import(campaign, &[row]).await.unwrap();
        let now = rig.clock.unix_ms();
        let lead = rig
            .store
            .claim(campaign, now, 1)
            .await
            .unwrap()
            .leads
            .remove(0);
        let call = CallId(format!("call-{n}"));
        let new = NewAttempt {
            lead: lead.id,
            call: call.clone(),
            phone: lead.phone.clone(),
            trunk: "t".into(),
            caller_id: "1".into(),
        };
        let Begun::Started { id, .. } = rig.store.begin_attempt(&new).await.unwrap() else {
            panic!("not begun");
        };
        for (i, what) in events.into_iter().enumerate() {
            rig.store.journal().write(CallEvent {
                call: call.clone(),
                at: Ms(i as u64 * 1000),
                what,
            });
        }
        rig.store.journal().flush().await;
        let done = AttemptOutcome {
            attempt: id,
            call,
            disposition: Disposition::Completed,
            result: None,
            grade: None,
            reasons: vec![],
            cause: None,
            ring_ms: 0,
            talk_ms: 0,
            bridged: None,
            recording: None,
            ended_unix_ms: now,
            tags: vec![],
            slots: vec![],
            callback: None,
            after: Default::default(),
            next: LeadNext::Done,
        };
        rig.store.finish_attempt(&done).await.unwrap();
    });
}

fn step(name: &str) -> Happening {
    Happening::Step { step: name.into() }
}

#[test]
fn what_calls_did_not_understand_and_agents_answered_is_suggested_accepted_and_forgotten() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    publish(&ops, super::GOOD);
    let words = [
        "do you give invoices",
        "can you give me an invoice",
        "do you give invoices",
    ];
    for (n, text) in words.iter().enumerate() {
        let missed = Happening::NoMatch { count: 1 };
        past_call(&rig, n as u64 + 1, vec![step("greet"), heard(text), missed]);
    }
    past_call(
        &rig,
        9,
        vec![
            step("greet"),
            Happening::Bridged { agent: "li".into() },
            heard("is there parking at the school?"),
            Happening::AgentSaid {
                agent: "li".into(),
                text: "Yes, there is a car park behind the school.".into(),
                confidence: 0.9,
                began: Ms(0),
                ended: Ms(0),
            },
            Happening::Ended {
                disposition: Disposition::Transferred,
                result: None,
                cause: None,
                ring_ms: 0,
                talk_ms: 0,
            },
        ],
    );
    let items = ops.get("/dialplans/trial/suggestions").json()["items"].clone();
    let of = |kind: &str| {
        let mut all = items.as_array().unwrap().iter();
        all.find(|i| i["kind"] == kind)
            .cloned()
            .unwrap_or_else(|| panic!("no {kind}: {items}"))
    };
    let (intent, answer) = (of("intent"), of("answer"));
    assert_eq!(
        intent["phrases"][0],
        json!({"text": "do you give invoices", "count": 2})
    );
    assert_eq!(intent["calls"].as_array().unwrap().len(), 3);
    assert_eq!(
        answer["answer"],
        "Yes, there is a car park behind the school."
    );
    let at = |item: &Value, what: &str| {
        format!(
            "/dialplans/trial/suggestions/{}/{what}",
            item["id"].as_str().unwrap()
        )
    };
    let accepted = ops.post(&at(&answer, "accept"), json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let text = accepted.json()["text"].as_str().unwrap().to_string();
    assert!(text.contains("is there parking at the school") && text.contains("car park behind"));
    let errors = accepted.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["severity"] == "error")
        .count();
    assert_eq!(errors, 0, "{}", accepted.body);
    // Nothing is stored until it is published.
    assert_eq!(ops.get("/dialplans/trial").json()["version"], 1);
    assert_eq!(publish(&ops, &text)["version"], 2);
    let items = ops.get("/dialplans/trial/suggestions").json()["items"].clone();
    assert!(
        items
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["kind"] == "intent"),
        "{items}"
    );
    assert_eq!(ops.post(&at(&intent, "dismiss"), json!({})).status, 200);
    assert_eq!(
        ops.get("/dialplans/trial/suggestions").json()["items"],
        json!([])
    );
    assert_eq!(ops.post(&at(&intent, "accept"), json!({})).status, 404);
    // An agent on the line gets the new answer.
    let asked = Asked {
        words: "and is there any parking".into(),
        lang: Lang::En,
        vars: Default::default(),
    };
    let found = rig
        .run(answers(&rig.web, PLATFORM, "trial", asked))
        .unwrap();
    assert_eq!(
        found[0].answer,
        "Yes, there is a car park behind the school."
    );
}

#[test]
fn the_drawing_counts_the_calls_that_are_and_were_at_each_step() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    publish(&ops, super::GOOD);
    past_call(&rig, 1, vec![step("greet"), step("ask"), step("bye")]);
    past_call(&rig, 2, vec![step("greet")]);
    let call = CallId("live".into());
    let entry = Entry {
        tenant: PLATFORM,
        campaign: Named {
            id: 1,
            name: "spring".into(),
        },
        lead: CardLead {
            id: 1,
            row: 2,
            name: None,
        },
        phone: "138****8000".into(),
        lang: Lang::En,
        dialplan: "trial".into(),
        started_unix_ms: 0,
        rehearsal: false,
    };
    rig.web.board.enter(&call, entry);
    let at = |what| CallEvent {
        call: call.clone(),
        at: Ms(0),
        what,
    };
    rig.web.board.on(&at(Happening::Answered), 1);
    rig.web.board.on(&at(step("ask")), 1);
    let graph = ops.get("/dialplans/trial").json()["graph"].clone();
    let counts = |id: &str| {
        let mut nodes = graph["nodes"].as_array().unwrap().iter();
        let n = nodes.find(|n| n["id"] == id).unwrap();
        (
            n["live"].as_u64().unwrap(),
            n["entered"].as_u64().unwrap(),
            n["left"].as_u64().unwrap(),
        )
    };
    assert_eq!(
        (counts("greet"), counts("ask"), counts("bye")),
        ((0, 2, 1), (1, 1, 0), (0, 1, 1))
    );
    assert_eq!(
        ops.get("/dialplans")
            .json()
            .as_array()
            .unwrap()
            .iter()
            .find(|d| d["name"] == "trial")
            .unwrap()["live"],
        1
    );
}

#[test]
fn wordings_of_one_meaning_are_one_suggestion_where_the_sentence_model_is_installed() {
    let folder = default_root().join("models").join(embedder::MODEL);
    let Ok(library) = runtime::find() else {
        return eprintln!("skipped: the ONNX runtime is not installed");
    };
    let Ok(e5) = E5::load(&folder, &library) else {
        return eprintln!("skipped: {} is not installed", embedder::MODEL);
    };
    let plan = Dialplan::parse(super::GOOD, "trial.yaml").unwrap_or_else(|e| panic!("{e:?}"));
    for (lang, meanings) in [
        (
            Lang::En,
            [
                [
                    "do you give invoices",
                    "i need a receipt for my company",
                    "can i have that billed",
                ],
                [
                    "is there parking",
                    "where do i leave my car",
                    "can i come by car",
                ],
                ["my son is ill", "the kid has a fever", "she caught a cold"],
            ],
        ),
        (
            Lang::Zh,
            [
                ["能开发票吗", "给我报销凭证", "我要票据"],
                ["有停车场吗", "车停哪里", "开车过来方便吗"],
                ["孩子生病了", "他发烧了", "小孩感冒在家"],
            ],
        ),
    ] {
        let turns: Vec<Turn> = meanings
            .iter()
            .flatten()
            .map(|words| Turn {
                words: (*words).into(),
                call: "c".into(),
                step: None,
            })
            .collect();
        let like = |texts: &[String]| {
            let mut vectors = Vectors::default();
            for text in texts {
                vectors.insert(text, e5.embed(&Vectors::key(text)).unwrap());
            }
            likeness(texts, lang, &vectors)
        };
        let groups = group(&plan, lang, &turns, &like, ALIKE);
        let of = |i: usize| i / 3;
        let mixed = groups
            .iter()
            .any(|g| g.turns.iter().any(|t| of(*t) != of(g.turns[0])));
        let words: Vec<&Vec<String>> = groups.iter().map(|g| &g.wordings).collect();
        assert!(!mixed, "{words:?}");
        // By letters alone nearly every wording stands for itself.
        assert!(groups.len() <= 4, "{words:?}");
    }
}
