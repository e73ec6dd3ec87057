//! Import, claim, begin, finish: nobody dialled twice, nobody on the do-not-call list dialled at all.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn importing_the_same_list_again_changes_nothing() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(5)).await;
        let again = store.import(id, &leads(6)).await.expect("imported");
        assert_eq!((again.added, again.known), (1, 5));
        assert_eq!(again.known_rows[0], (2, phone(0)));
        assert_eq!(store.progress(id).await.expect("progress").queued, 6);
        let same = store
            .campaign_create("spring", "plan2.yaml", "list.csv")
            .await;
        assert_eq!(same.expect("found"), id);
        let found = store.campaign_find("spring").await.expect("read");
        assert_eq!(found.expect("there").dialplan, "plan2.yaml");
    });
}

#[test]
fn a_lead_is_claimed_once_and_only_from_a_running_campaign() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(10)).await;
        store
            .campaign_set_state(id, CampaignState::Paused)
            .await
            .expect("paused");
        let none = store.claim(id, NOW, 4).await.expect("claimed");
        assert_eq!(none, Claim::default());
        store
            .campaign_set_state(id, CampaignState::Running)
            .await
            .expect("running");
        let (a, b) = tokio::join!(store.claim(id, NOW, 6), store.claim(id, NOW, 6));
        let ids: Vec<LeadId> = [a, b]
            .into_iter()
            .flat_map(|c| c.expect("claimed").leads)
            .map(|l| l.id)
            .collect();
        assert_eq!(ids.len(), 10);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 10);
        store.release(ids[0], NOW + 60_000).await.expect("released");
        let early = store.claim(id, NOW, 6).await.expect("claimed");
        assert_eq!(early.leads, []);
        let later = store.claim(id, NOW + 60_000, 6).await.expect("claimed");
        assert_eq!(later.leads[0].id, ids[0]);
        assert_eq!(later.leads[0].attempt_no, 1, "a release is no attempt");
    });
}

#[test]
fn the_attempt_is_in_the_database_before_it_may_be_dialled_and_only_once() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, clock) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = &store.claim(id, NOW, 1).await.expect("claimed").leads[0];
        begin(&store, lead, "call-1").await;
        let beside = Store::open_beside(dir.path(), clock).await.expect("beside");
        let shown = beside.show("call-1").await.expect("read").expect("there");
        assert_eq!(shown.attempt.state, AttemptState::Dialing);
        assert_eq!(shown.attempt.phone, phone(0));
        let twice = store.begin_attempt(&new_attempt(lead, "call-2")).await;
        assert!(matches!(twice, Err(StoreError::NotClaimed { .. })));
        let foreign = beside.claim(id, NOW, 1).await;
        assert!(foreign.is_err(), "only the owner of the folder claims");
    });
}

#[test]
fn a_number_on_the_list_is_refused_at_claim_and_again_at_the_last_moment() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        store
            .dnc_add(&phone(0), "law", "import")
            .await
            .expect("added");
        let id = campaign(&store, "spring", &leads(2)).await;
        let claim = store.claim(id, NOW, 5).await.expect("claimed");
        assert_eq!(claim.refused.len(), 1);
        assert_eq!(claim.refused[0].disposition, Disposition::Dnc);
        assert_eq!(claim.leads.len(), 1);
        store
            .opt_out(&phone(1), "别再打了", "callee")
            .await
            .expect("kept");
        let begun = store
            .begin_attempt(&new_attempt(&claim.leads[0], "call-1"))
            .await;
        assert_eq!(begun.expect("answered"), Begun::Refused(Disposition::Dnc));
        let rows = store.calls(&CallFilter::default(), 10).await.expect("read");
        let all: Vec<_> = rows.iter().map(|r| (r.disposition, r.attempt_no)).collect();
        assert_eq!(all, [(Some(Disposition::Dnc), None); 2]);
        let progress = store.progress(id).await.expect("progress");
        assert_eq!(
            (progress.queued, progress.claimed, progress.done),
            (0, 0, 2)
        );
        assert_eq!(store.dnc_list(10).await.expect("read").len(), 2);
    });
}

#[test]
fn an_opted_out_callee_is_on_the_list_even_if_only_the_outcome_says_so() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        store
            .finish_attempt(&outcome(attempt, "call-1", Disposition::OptOut))
            .await
            .expect("stored");
        assert!(store.is_dnc(&phone(0)).await.expect("read"));
    });
}

#[test]
fn the_first_outcome_stays() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        let busy = AttemptOutcome {
            next: LeadNext::At(NOW + 900_000),
            cause: Some(busy_cause()),
            ..outcome(attempt, "call-1", Disposition::Busy)
        };
        let first = store.finish_attempt(&busy).await.expect("stored");
        assert_eq!(first, Finished::Stored);
        let second = store
            .finish_attempt(&outcome(attempt, "call-1", Disposition::Completed))
            .await;
        assert_eq!(second.expect("answered"), Finished::AlreadyEnded);
        let wrong = outcome(AttemptId(77), "call-9", Disposition::Busy);
        let wrong = store.finish_attempt(&wrong).await;
        assert!(matches!(wrong, Err(StoreError::NoAttempt(77))));
        let row = &store.calls(&CallFilter::default(), 10).await.expect("read")[0];
        assert_eq!(row.disposition, Some(Disposition::Busy));
        assert_eq!((row.sip_code, row.q850), (Some(486), Some(17)));
        assert_eq!(row.hangup_by, Some(EndedBy::Callee));
        assert_eq!(store.claim(id, NOW, 1).await.expect("claimed").leads, []);
        let again = store.claim(id, NOW + 900_000, 1).await.expect("claimed");
        assert_eq!(again.leads[0].attempt_no, 2);
    });
}

#[test]
fn one_call_a_day_and_three_a_week_over_all_campaigns() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let options = StoreOptions {
            caps: Caps::default(),
            ..options()
        };
        let (store, clock) = open_with(dir.path(), options).await;
        // Four campaigns want the same person; each day the next one may.
        let mut ids = Vec::new();
        for name in ["a", "b", "c", "d"] {
            ids.push(campaign(&store, name, &leads(1)).await);
        }
        for (day, id) in (0_i64..).zip(&ids[..3]) {
            let now = NOW + day * DAY;
            clock.set(now);
            let mut claim = store.claim(*id, now, 1).await.expect("claimed");
            let lead = claim.leads.remove(0);
            let call = format!("call-{day}");
            let attempt = begin(&store, &lead, &call).await;
            store
                .finish_attempt(&outcome(attempt, &call, Disposition::Completed))
                .await
                .expect("stored");
            let other = store.claim(ids[3], now, 1).await.expect("claimed");
            let again = other.refused.first().map(|r| (r.disposition, r.again_at));
            let want = match day {
                0 => Some((Disposition::DailyCap, Some(NOW + DAY))),
                1 => Some((Disposition::DailyCap, Some(NOW + 2 * DAY))),
                _ => Some((Disposition::DailyCap, Some(NOW + 7 * DAY))),
            };
            assert_eq!(again, want, "day {day}");
        }
        let now = NOW + 7 * DAY;
        let free = store.claim(ids[3], now, 1).await.expect("claimed");
        assert_eq!(free.leads.len(), 1);
    });
}

#[test]
fn the_caps_hold_back_neither_a_leads_own_retries_nor_the_callback_it_asked_for() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let options = StoreOptions {
            caps: Caps::default(),
            ..options()
        };
        let (store, clock) = open_with(dir.path(), options).await;
        let id = campaign(&store, "a", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        let busy = AttemptOutcome {
            next: LeadNext::At(NOW + 900_000),
            ..outcome(attempt, "call-1", Disposition::Busy)
        };
        store.finish_attempt(&busy).await.expect("stored");
        clock.set(NOW + 900_000);
        let lead = store
            .claim(id, NOW + 900_000, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-2").await;
        let at = NOW + 4 * 3_600_000;
        let callback = AttemptOutcome {
            next: LeadNext::At(at),
            callback: Some(CallbackWish {
                evidence: "下午再打".into(),
                said: Some("2027-01-15T15:00".into()),
                due_unix_ms: Some(at),
            }),
            ..outcome(attempt, "call-2", Disposition::Callback)
        };
        store.finish_attempt(&callback).await.expect("stored");
        assert_eq!(store.callbacks_open(10).await.expect("read").len(), 1);
        clock.set(at);
        let lead = store
            .claim(id, at, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        assert!(lead.is_callback);
        begin(&store, &lead, "call-3").await;
        assert_eq!(store.callbacks_open(10).await.expect("read"), []);
    });
}

#[test]
fn a_contact_with_two_numbers_is_tried_on_each_in_turn_and_never_on_a_forbidden_one() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let mut contact = lead(0);
        contact.phones = vec![phone(0), phone(1), phone(2)];
        store.dnc_add(&phone(1), "", "import").await.expect("added");
        let id = campaign(&store, "a", &[contact]).await;
        let mut dialled = Vec::new();
        for n in 0..3 {
            let lead = store
                .claim(id, NOW, 1)
                .await
                .expect("claimed")
                .leads
                .remove(0);
            dialled.push(lead.phone.clone());
            let call = format!("call-{n}");
            let attempt = begin(&store, &lead, &call).await;
            let missed = AttemptOutcome {
                next: LeadNext::At(NOW),
                ..outcome(attempt, &call, Disposition::NoAnswer)
            };
            store.finish_attempt(&missed).await.expect("stored");
        }
        assert_eq!(dialled, [phone(0), phone(2), phone(2)]);
    });
}

/// A small generator, so that a failing order of steps can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn in_any_order_of_claims_ends_deaths_and_restarts_no_attempt_is_made_twice_or_left_open() {
    for seed in 1..=6 {
        let dir = tempfile::tempdir().expect("a folder");
        let mut dice = Dice(seed);
        let mut now = NOW;
        let mut calls = 0;
        // What the trunk would have seen: one INVITE per call id.
        let mut dialled: BTreeMap<String, (LeadId, u32)> = BTreeMap::new();
        for _ in 0..4 {
            // Each round is a process: it ends by being dropped in the middle of things.
            run(async {
                let clock = Clock::fixed(now);
                let store = Store::open_with(dir.path(), clock.clone(), options())
                    .await
                    .expect("opens");
                store
                    .recover(now, RecoverRules::default())
                    .await
                    .expect("recovers");
                let id = campaign(&store, "a", &leads(12)).await;
                let mut claimed: Vec<ClaimedLead> = Vec::new();
                let mut on: Vec<(AttemptId, String)> = Vec::new();
                for _ in 0..30 {
                    now += i64::try_from(dice.roll(20_000)).expect("small");
                    clock.set(now);
                    match dice.roll(4) {
                        0 => claimed.extend(store.claim(id, now, 3).await.expect("claims").leads),
                        1 if !claimed.is_empty() => {
                            let lead = claimed.remove(0);
                            calls += 1;
                            let call = format!("call-{calls}");
                            let attempt = begin(&store, &lead, &call).await;
                            dialled.insert(call.clone(), (lead.id, lead.attempt_no));
                            if dice.roll(2) == 0 {
                                store.journal().write(event(
                                    &call,
                                    1,
                                    Happening::Ringing { code: 180 },
                                ));
                                store.journal().flush().await;
                            }
                            on.push((attempt, call));
                        }
                        2 if !on.is_empty() => {
                            let (attempt, call) = on.remove(0);
                            let end = AttemptOutcome {
                                next: if dice.roll(2) == 0 {
                                    LeadNext::Done
                                } else {
                                    LeadNext::At(now + 60_000)
                                },
                                ..outcome(attempt, &call, Disposition::NoAnswer)
                            };
                            assert_eq!(
                                store.finish_attempt(&end).await.expect("ends"),
                                Finished::Stored
                            );
                        }
                        _ => {}
                    }
                }
            });
        }
        let distinct: BTreeSet<_> = dialled.values().collect();
        assert_eq!(
            distinct.len(),
            dialled.len(),
            "seed {seed}: a try was made twice"
        );
        run(async {
            let (store, _) = open(dir.path()).await;
            let rules = RecoverRules::default();
            store.recover(now, rules).await.expect("recovers");
            let rows = store
                .calls(&CallFilter::default(), 1000)
                .await
                .expect("read");
            assert_eq!(
                rows.len(),
                dialled.len(),
                "seed {seed}: rows and INVITEs differ"
            );
            for row in rows {
                assert_eq!(row.state, AttemptState::Ended, "seed {seed}");
                assert!(row.disposition.is_some(), "seed {seed}");
            }
        });
    }
}
