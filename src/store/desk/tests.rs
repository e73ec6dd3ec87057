use super::*;
use crate::store::Store;
use crate::store::tests::{NOW, begin, campaign, leads, open, run};

fn li() -> AgentKey {
    AgentKey {
        tenant: TenantId::PLATFORM,
        user: Some(7),
        agent: "li".into(),
    }
}

/// A store with one live call.
async fn with_call(dir: &std::path::Path) -> (Store, CallId) {
    let (store, _) = open(dir).await;
    let id = campaign(&store, "spring", &leads(1)).await;
    let claim = store.claim(id, NOW, 1).await.expect("claimed");
    begin(&store, &claim.leads[0], "call-1").await;
    (store, CallId("call-1".into()))
}

#[test]
fn an_agent_s_day_is_counted_and_his_last_presence_known() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, call) = with_call(dir.path()).await;
        let who = li();
        let presence = |presence| DeskNote::Presence {
            presence,
            note: "",
            call: None,
        };
        for (note, at) in [
            (presence("ready"), 0),
            (DeskNote::Offered(call.clone()), 10),
            (DeskNote::OfferEnded(call.clone(), "accepted"), 20),
            (DeskNote::Answered(call.clone()), 20),
            (DeskNote::Left(call.clone()), 5_020),
            (DeskNote::Wrapped(call.clone()), 9_000),
            (presence("break"), 9_000),
        ] {
            store.desk_note(&who, &note, NOW + at).await.unwrap();
        }
        assert_eq!(
            store.desk_last_presence().await.unwrap(),
            [("li".to_string(), "break".to_string())]
        );
        let worked = store.desk_worked(NOW).await.unwrap();
        let day = Worked {
            calls: 1,
            talk_ms: 5000,
        };
        assert_eq!(worked, [("li".to_string(), day)]);
        assert!(store.desk_was_on("li", &call).await.unwrap());
        assert!(!store.desk_was_on("wu", &call).await.unwrap());
        let said = OutcomeNote {
            outcome: "sold".into(),
            note: None,
            grade: Some(Grade::A),
        };
        store.desk_outcome("li", &call, &said).await.unwrap();
    });
}

#[test]
fn tasks_come_by_urgency_are_done_once_and_are_only_the_tenant_s() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, call) = with_call(dir.path()).await;
        let mine = TenantId::PLATFORM;
        for (reason, due) in [("later", 500), ("sooner", 100), ("later", 900)] {
            store
                .desk_task_add(mine, &call, reason, NOW + due, NOW)
                .await
                .unwrap();
        }
        let tasks = store.desk_tasks(mine, 0, 10).await.unwrap();
        let reasons: Vec<&str> = tasks.iter().map(|t| t.reason.as_str()).collect();
        assert_eq!(reasons, ["sooner", "later"], "the same one stays one");
        assert_eq!(tasks[0].name.as_deref(), Some("Lead 0"));
        let other = TenantId(9);
        assert!(store.desk_tasks(other, 0, 10).await.unwrap().is_empty());
        let id = tasks[0].id;
        let done = |tenant| store.desk_task_done(tenant, id, "li", Some("reached"), NOW);
        assert!(!done(other).await.unwrap());
        assert!(done(mine).await.unwrap());
        assert!(!done(mine).await.unwrap(), "once");
        let tasks = store.desk_tasks(mine, 0, 10).await.unwrap();
        assert_eq!(tasks[1].by.as_deref(), Some("li"));
    });
}

#[test]
fn an_agent_s_card_and_the_lead_are_found_by_the_call_of_his_own_tenant() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, call) = with_call(dir.path()).await;
        let field = |value: &str| vec![("城市".to_string(), value.to_string())];
        store.card_edit(&call, &field("北京")).await.unwrap();
        store.card_edit(&call, &field("上海")).await.unwrap();
        assert_eq!(store.card_of(&call).await.unwrap(), field("上海"));
        let lead = store.desk_lead(TenantId::PLATFORM, &call).await.unwrap();
        let lead = lead.expect("the lead");
        assert_eq!(lead.vars["城市"], "上海");
        assert!(store.desk_lead(TenantId(9), &call).await.unwrap().is_none());
        let before = store
            .desk_history(TenantId::PLATFORM, &lead.phone, &CallId("other".into()), 5)
            .await
            .unwrap();
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].campaign_name, "spring");
        let not_itself = store
            .desk_history(TenantId::PLATFORM, &lead.phone, &call, 5)
            .await
            .unwrap();
        assert!(not_itself.is_empty());
        assert!(
            store
                .desk_contact_tags(TenantId::PLATFORM, &lead.phone)
                .await
                .unwrap()
                .is_empty()
        );
    });
}
