//! What outlives a call.

use super::*;

fn after(follow_ups: Vec<FollowUpWish>, contact: &[(&str, bool)]) -> Afterwards {
    Afterwards {
        card: vec![("孩子年级".into(), "小学".into())],
        contact: contact.iter().map(|(t, f)| ((*t).into(), *f)).collect(),
        follow_ups,
    }
}

async fn one_call(store: &Store, id: CampaignId, at: i64, call: &str, after: Afterwards) {
    let lead = store
        .claim(id, at, 1)
        .await
        .expect("claimed")
        .leads
        .remove(0);
    let attempt = begin(store, &lead, call).await;
    let end = AttemptOutcome {
        after,
        ..outcome(attempt, call, Disposition::Completed)
    };
    store.finish_attempt(&end).await.expect("stored");
}

#[test]
fn a_tag_left_on_a_contact_is_there_in_every_later_campaign_until_it_is_taken_away() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let spring = campaign(&store, "spring", &leads(1)).await;
        let autumn = campaign(&store, "autumn", &leads(1)).await;
        let winter = campaign(&store, "winter", &leads(1)).await;
        let gave = after(Vec::new(), &[("parent", false), ("prospect", false)]);
        one_call(&store, spring, NOW, "c1", gave).await;
        let card = store.card_of(&CallId("c1".into())).await.expect("read");
        assert_eq!(card, [("孩子年级".to_string(), "小学".to_string())]);
        one_call(
            &store,
            autumn,
            NOW,
            "c2",
            after(Vec::new(), &[("prospect", true)]),
        )
        .await;
        let lead = store
            .claim(winter, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        assert_eq!(lead.contact, ["parent".to_string()].into());
    });
}

#[test]
fn a_follow_up_in_a_campaign_that_does_not_exist_yet_joins_it_when_it_starts() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let spring = campaign(&store, "spring", &leads(1)).await;
        let due = NOW + 180 * DAY;
        let wish = FollowUpWish {
            due_unix_ms: due,
            campaign: Some("baby-goods".into()),
            reason: "宝宝半岁".into(),
        };
        one_call(&store, spring, NOW, "c1", after(vec![wish], &[])).await;
        let open = store.follow_ups_open(10).await.expect("read");
        assert_eq!(
            (open[0].campaign.as_str(), open[0].due_unix_ms),
            ("baby-goods", due)
        );
        let baby = campaign(&store, "baby-goods", &[]).await;
        assert_eq!(store.adopt_follow_ups(baby).await.expect("adopted"), 1);
        assert_eq!(store.adopt_follow_ups(baby).await.expect("adopted"), 0);
        assert_eq!(store.follow_ups_open(10).await.expect("read"), []);
        let early = store.claim(baby, due - 1, 5).await.expect("claimed");
        assert_eq!(early.leads, []);
        let lead = store
            .claim(baby, due, 5)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        assert_eq!(
            lead.vars["城市"], "上海",
            "what was known of the lead goes along"
        );
    });
}

#[test]
fn a_follow_up_in_a_running_campaign_brings_the_lead_that_is_there_back_instead_of_doubling_it() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let spring = campaign(&store, "spring", &leads(1)).await;
        let autumn = campaign(&store, "autumn", &leads(1)).await;
        one_call(&store, autumn, NOW, "c0", Afterwards::default()).await;
        let due = NOW + DAY;
        let wish = FollowUpWish {
            due_unix_ms: due,
            campaign: Some("autumn".into()),
            reason: "again".into(),
        };
        one_call(&store, spring, NOW, "c1", after(vec![wish], &[])).await;
        let back = store.claim(autumn, due, 5).await.expect("claimed").leads;
        assert_eq!(back.len(), 1);
        assert_eq!(back[0].attempt_no, 2, "the same lead, not a second one");
    });
}
