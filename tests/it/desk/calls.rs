//! A real SIP callee, real WebRTC browsers and the desk between them. Everybody has a tone; who hears whom is measured at
//! the ears.

use super::page::Page;
use super::stage::{
    BOSS, BOSS_HZ, LI, LI_HZ, People, WU, WU_HZ, at, ever, gap, hears, person, stage, voices,
};
use callsmith::call::command::{Command, Steer, WatchMode};
use callsmith::desk::DeskError;
use callsmith::desk::presence::Presence;
use callsmith::store::TenantId;
use callsmith::terms::Happening;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_accepts_in_the_browser_and_callee_and_agent_hear_each_other() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let page = pages.remove(0);
        people.bridge(1).await;
        assert_eq!(people.desk.me(1).presence, Presence::OnCall);
        assert_eq!(hears(&page).await, ["callee"]);
        people.hang_up().await;
        people.until(|h| matches!(h, Happening::Ended { .. })).await;
        people.is(1, Presence::WrapUp).await;
        people.desk.settled(1, &people.call);
        assert_eq!(people.desk.me(1).presence, Presence::Ready);
        assert_eq!(people.desk.agents(TenantId::PLATFORM)[0].calls_today, 1);
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li"]);
    let end = &stage.callee[stage.callee.len() - 8000..stage.callee.len() - 1600];
    assert_eq!(voices(end), ["li"], "the robot is silent");
    let wanted = at(&stage.said, |h| matches!(h, Happening::AgentWanted { .. }));
    let rings = at(&stage.said, |h| matches!(h, Happening::AgentRinging { .. }));
    let answered = at(&stage.said, |h| {
        matches!(h, Happening::AgentAnswered { .. })
    });
    let bridged = at(&stage.said, |h| matches!(h, Happening::Bridged { .. }));
    println!(
        "wanted → ringing {} ms → accepted {} ms → first word {} ms",
        rings - wanted,
        answered - rings,
        bridged - answered
    );
    assert!(rings - wanted <= 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_accept_at_once_one_has_the_call_and_the_other_is_told_who() {
    let stage = stage(&[LI, WU], async |mut people: People, _pages: Vec<Page>| {
        people.offered(1).await;
        people.offered(2).await;
        let both = tokio::join!(
            people.desk.accept(1, &people.call),
            people.desk.accept(2, &people.call)
        );
        let (winner, loser) = match both {
            (Ok(()), Err(e)) => ((1, "li"), (2, e)),
            (Err(e), Ok(())) => ((2, "wu"), (1, e)),
            other => panic!("exactly one has the call: {other:?}"),
        };
        assert_eq!(
            loser.1,
            DeskError::Taken {
                by: Some(winner.1.into())
            }
        );
        people.is(winner.0, Presence::OnCall).await;
        people.is(loser.0, Presence::Ready).await;
        people
            .until(|h| matches!(h, Happening::Bridged { .. }))
            .await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        people.hang_up().await;
    })
    .await;
    let heard = ever(&stage.callee);
    assert_eq!(heard.len(), 2, "the robot and one agent: {heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_tab_is_no_silence_and_whoever_comes_back_has_the_same_call() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let page = pages.remove(0);
        people.bridge(1).await;
        assert_eq!(hears(&page).await, ["callee"]);
        page.kill();
        people
            .until(|h| matches!(h, Happening::LineLost { .. }))
            .await;
        people
            .until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        people
            .until(|h| matches!(h, Happening::Saying { .. }))
            .await;
        assert_eq!(people.desk.me(1).presence, Presence::OnCall, "kept for him");
        let again = people.page(&person(1, "li"), LI_HZ).await;
        people
            .until(|h| matches!(h, Happening::LineBack { .. }))
            .await;
        assert_eq!(hears(&again).await, ["callee"]);
        people.hang_up().await;
    })
    .await;
    let (gap, again) = gap(&stage.callee);
    println!("from the agent's last sound to the robot's first: {gap} ms");
    assert!(gap <= 2000, "{gap} ms of silence");
    assert!(again, "the agent is heard again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_tab_offers_the_call_to_the_others() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let li = pages.remove(0);
        people.bridge(1).await;
        let _wu = people.ready(2, "wu", WU_HZ).await;
        li.kill();
        people.offered(2).await;
        people.desk.accept(2, &people.call).await.unwrap();
        people
            .until(|h| matches!(h, Happening::Bridged { agent } if agent == "wu"))
            .await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        people.hang_up().await;
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li", "wu"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_of_the_same_agent_goes_on_in_the_same_call() {
    let stage = stage(&[LI], async |mut people: People, _pages: Vec<Page>| {
        people.bridge(1).await;
        let second = people.page(&person(1, "li"), WU_HZ).await;
        assert_eq!(hears(&second).await, ["callee"]);
        people.hang_up().await;
    })
    .await;
    let end = &stage.callee[stage.callee.len() - 4800..stage.callee.len() - 1600];
    assert_eq!(voices(end), ["wu"], "the second browser's tone");
    assert!(
        !stage
            .said
            .events
            .iter()
            .any(|e| matches!(e.what, Happening::LineLost { .. })),
        "no gap"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_is_heard_just_as_his_part_allows_whatever_his_page_sends() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let li = pages.remove(0);
        people.bridge(1).await;
        let boss = person(BOSS, "boss");
        let call = people.call.clone();
        let join = |mode| people.desk.supervise(&boss, &call, mode);
        assert_eq!(join(WatchMode::Listen).await, Err(DeskError::NoLine));
        let page = people.page(&boss, BOSS_HZ).await;

        join(WatchMode::Listen).await.unwrap();
        assert_eq!(hears(&page).await, ["callee", "li"]);
        assert_eq!(
            hears(&li).await,
            ["callee"],
            "a listener is heard by nobody"
        );

        join(WatchMode::Whisper).await.unwrap();
        assert_eq!(hears(&li).await, ["callee", "boss"]);

        join(WatchMode::Listen).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"], "and not any more");

        join(WatchMode::Barge).await.unwrap();
        assert_eq!(hears(&li).await, ["callee", "boss"]);
        people.desk.leave(BOSS, &call).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"]);

        join(WatchMode::TakeOver).await.unwrap();
        assert_eq!(hears(&page).await, ["callee"]);
        assert_eq!(hears(&li).await, ["callee", "boss"]);
        let by = "boss".into();
        let back = Command::HandBack { by, step: None };
        people.registry.ask(&call, back).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"]);
        assert_eq!(people.desk.me(1).presence, Presence::OnCall);

        let by = "li".into();
        let back = Command::HandBack { by, step: None };
        people.registry.ask(&call, back).await.unwrap();
        let by = "boss".into();
        let what = Steer::Say("One moment".into());
        people
            .registry
            .ask(&call, Command::Steer { by, what })
            .await
            .unwrap();
        people
            .until(|h| matches!(h, Happening::Steered { .. }))
            .await;
        people.is(1, Presence::WrapUp).await;
        people.hang_up().await;
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li", "boss"]);
    // The whisper and the listening are not in it: as long as he barged and took over, not more.
    let with_boss = stage
        .callee
        .chunks_exact(1600)
        .filter(|c| voices(c).contains(&"boss"))
        .count();
    let all = stage.callee.len() / 1600;
    println!("the callee heard the supervisor in {with_boss} of {all} fifths of a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_there_the_robot_is_told_at_once() {
    let stage = stage(&[], async |mut people: People, _pages: Vec<Page>| {
        people
            .until(|h| matches!(h, Happening::NobodyCame { .. }))
            .await;
        people.hang_up().await;
    })
    .await;
    let wanted = at(&stage.said, |h| matches!(h, Happening::AgentWanted { .. }));
    let nobody = at(&stage.said, |h| matches!(h, Happening::NobodyCame { .. }));
    assert!(nobody - wanted <= 500);
}
