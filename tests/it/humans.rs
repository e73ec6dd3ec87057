//! Humans on a live call: a callee behind real SIP and RTP, agents and supervisors on headsets, everybody with a tone of
//! their own. Who hears whom is measured at the ears.

mod rig;

use crate::line::{Deaf, Line, NoSpeech, next_ports};
use crate::rig::agent;
use callsmith::audio::wav;
use callsmith::call::command::{Command, WatchMode};
use callsmith::call::registry::Registry;
use callsmith::farend::report::EndedBy as FarEnded;
use callsmith::farend::scenario::{Act, Answer as Picks};
use callsmith::hearing::traits::{Recognizer, Vad};
use callsmith::media::wheel::Wheel;
use callsmith::terms::{CallEvent, CallId, Happening};
use rig::*;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

#[tokio::test(flavor = "multi_thread")]
async fn every_human_hears_and_is_heard_just_as_their_part_allows() {
    let phone = agent(Picks::NoAnswer, vec![]);
    let stage = stage(Some(phone), async |mut desk: Desk, uri: String| {
        let wheel = desk.wheel.clone();
        let agents = ["li", "wu"].map(|name| Headset::new(&wheel, name, AGENT_HZ));
        let wanted = desk
            .until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        // Two browsers and a phone ring at once.
        let phone = "zhao".to_string();
        desk.ask(Command::RingAgent { agent: phone, uri })
            .await
            .unwrap();
        let agents_too = vec!["li".to_string(), "wu".to_string()];
        desk.ask(Command::Offered { agents: agents_too })
            .await
            .unwrap();
        let rings = desk
            .until(|h| matches!(h, Happening::AgentRinging { .. }))
            .await;
        assert!(rings.at.since(wanted.at) <= 500, "ringing at once");
        desk.until(|h| matches!(h, Happening::AgentRinging { agent } if agent == "zhao"))
            .await;
        let answers = tokio::join!(desk.accept(&agents[0]), desk.accept(&agents[1]));
        let (winner, loser) = match answers {
            (Ok(()), Err(e)) => (0, e),
            (Err(e), Ok(())) => (1, e),
            other => panic!("exactly one has the call: {other:?}"),
        };
        assert_eq!(loser.code, "taken");
        let agent = &agents[winner];
        agent.talk(true);
        desk.until(|h| matches!(h, Happening::Bridged { .. })).await;

        let listener = Headset::new(&wheel, "listener", LISTENER_HZ);
        let whisperer = Headset::new(&wheel, "whisperer", WHISPER_HZ);
        let barger = Headset::new(&wheel, "barger", BARGE_HZ);
        let taker = Headset::new(&wheel, "taker", TAKER_HZ);
        for headset in [&listener, &whisperer, &barger, &taker] {
            headset.talk(true);
        }
        desk.join(7, &listener, WatchMode::Listen).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);

        desk.join(8, &whisperer, WatchMode::Whisper).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);
        assert_eq!(whisperer.hears(), ["callee", "agent"]);

        desk.join(9, &barger, WatchMode::Barge).await.unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer", "barger"]);
        assert_eq!(listener.hears(), ["callee", "agent", "barger"]);
        assert_eq!(barger.hears(), ["callee", "agent"]);
        desk.ask(Command::Leave { user: 9 }).await.unwrap();

        desk.join(10, &taker, WatchMode::TakeOver).await.unwrap();
        desk.listen(80).await;
        assert_eq!(taker.hears(), ["callee", "whisperer"]);
        assert_eq!(agent.hears(), ["callee", "taker"], "displaced, and muted");
        assert_eq!(listener.hears(), ["callee", "taker"]);

        let by = "taker".into();
        desk.ask(Command::HandBack { by, step: None })
            .await
            .unwrap();
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee", "whisperer"]);
        assert_eq!(listener.hears(), ["callee", "agent"]);
        // The robot again: its turn, and the agent is out.
        let by = "li".into();
        desk.ask(Command::HandBack { by, step: None })
            .await
            .unwrap();
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(25).await;
        desk.hang_up().await;
    })
    .await;
    let said = &stage.said;
    assert_eq!(
        told(said, |h| matches!(h, Happening::OfferLost { .. })),
        2,
        "the other browser and the phone are told"
    );
    let phone = stage.wire.calls.iter().find(|c| c.agent).unwrap();
    assert_eq!(phone.ended_by, Some(FarEnded::Canceled));
    let heard = wav::read(&stage.at_callee).unwrap();
    let want = ["robot", "agent", "barger", "taker"];
    assert_eq!(ever(&heard), want, "at the callee");
    let (left, _) = wav::read_mono(&said.recording).unwrap();
    let left = callsmith::audio::resample::to_i16(&left);
    let recorded = ever(&left);
    assert!(
        !recorded.contains(&"whisperer") && !recorded.contains(&"listener"),
        "{recorded:?}"
    );
    // From the hand-back on it is the robot who talks.
    let end = voices(&heard[heard.len().saturating_sub(3200)..]);
    assert!(!end.contains(&"agent"), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_is_not_two_seconds_of_silence_and_the_agent_comes_back_by_himself() {
    let stage = stage(None, async |mut desk: Desk, _| {
        let mut agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        desk.listen(50).await;
        agent.unplug().await;
        desk.until(|h| matches!(h, Happening::LineLost { .. }))
            .await;
        desk.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(40).await;
        agent.plug_in();
        desk.until(|h| matches!(h, Happening::LineBack { .. }))
            .await;
        desk.listen(80).await;
        assert_eq!(agent.hears(), ["callee"]);
        desk.hang_up().await;
    })
    .await;
    let (gap, again) = gap(&wav::read(&stage.at_callee).unwrap());
    assert!(gap <= 100, "{} ms of silence", gap * 20);
    assert!(again, "he is heard again");
    println!(
        "the robot was heard {} ms after the agent's last sound",
        gap * 20
    );
    let answered = |h: &Happening| matches!(h, Happening::AgentAnswered { .. });
    assert_eq!(told(&stage.said, answered), 1, "he accepted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_vanishes_is_not_two_seconds_of_silence_either() {
    let script = vec![
        Act::Pause { ms: 800 },
        Act::Tone {
            hz: AGENT_HZ,
            ms: 1500,
            level_db: -15.0,
        },
        Act::Vanish,
    ];
    let phone = agent(Picks::Ring { ms: 200 }, script);
    let stage = stage(Some(phone), async |mut desk: Desk, uri| {
        desk.until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        let agent = "zhao".to_string();
        desk.ask(Command::RingAgent { agent, uri }).await.unwrap();
        desk.until(|h| matches!(h, Happening::Bridged { .. })).await;
        desk.until(|h| matches!(h, Happening::Saying { .. })).await;
        desk.listen(40).await;
        desk.hang_up().await;
    })
    .await;
    let (gap, _) = gap(&wav::read(&stage.at_callee).unwrap());
    assert!(gap <= 100, "{} ms of silence", gap * 20);
    assert_eq!(
        told(&stage.said, |h| matches!(h, Happening::LineLost { .. })),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_agent_is_not_lost() {
    let stage = stage(None, async |mut desk: Desk, _| {
        let agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        agent.talk(false);
        desk.listen(150).await;
        desk.hang_up().await;
    })
    .await;
    assert_eq!(
        told(&stage.said, |h| matches!(h, Happening::LineLost { .. })),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_agent_and_callee_say_to_each_other_is_recognised_apart() {
    let ears = (Arc::new(Tones) as Arc<dyn Recognizer>, || {
        Box::new(Loud) as Box<dyn Vad>
    });
    let ears: Ears = (ears.0, ears.1);
    let stage = stage_with(None, ears, async |mut desk: Desk, _| {
        let agent = Headset::new(&desk.wheel, "li", AGENT_HZ);
        desk.bridge(&agent).await;
        desk.listen(30).await;
        agent.talk(false);
        desk.until(|h| matches!(h, Happening::AgentSaid { .. }))
            .await;
        desk.hang_up().await;
    })
    .await;
    let said = |h: &Happening| matches!(h, Happening::AgentSaid { agent, text, .. } if agent == "li" && text == "agent");
    assert_eq!(told(&stage.said, said), 1);
    let mistaken = |h: &Happening| matches!(h, Happening::Heard { text, .. } if text == "agent");
    assert_eq!(told(&stage.said, mistaken), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialplan_is_tried_with_a_headset_in_the_callees_place() {
    let folder = tempfile::tempdir().unwrap();
    let ports = next_ports();
    let wheel = Wheel::start().unwrap();
    let headset = Headset::new(&wheel, "me", CALLEE_HZ);
    let registry = Registry::default();
    let (tell, mut events) = mpsc::unbounded_channel();
    let line = Line {
        trunk: "127.0.0.1:9".parse().unwrap(),
        dialplan: PLAN,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(1),
        rtp_timeout: Duration::from_secs(15),
        folder: folder.path(),
        recognizer: Arc::new(Deaf),
        vad: || Box::new(NoSpeech),
        voice_ms: 500,
    };
    let watch = move |event: &CallEvent| {
        let _ = tell.send(event.clone());
    };
    let id = CallId(format!("it-{ports}"));
    let orders = registry.clone();
    let acting = async {
        while let Some(event) = events.recv().await {
            if matches!(event.what, Happening::Said { .. }) {
                let (by, reason) = ("me".into(), "enough".into());
                orders
                    .ask(&id, Command::Hangup { by, reason })
                    .await
                    .unwrap();
                break;
            }
        }
    };
    let callee = headset.line.clone();
    let (said, ()) = tokio::join!(
        line.call_with(registry.clone(), watch, Some(callee)),
        acting
    );
    assert!(said.outcome.answered);
    assert!(ever(&headset.heard.lock().unwrap()).contains(&"robot"));
    assert_eq!(headset.line.in_call(), None, "the line is free again");
    assert!(!registry.is_live(&id));
    let late = registry.ask(&id, Command::Leave { user: 1 }).await;
    assert_eq!(late.unwrap_err().code, "no_such_call");
}
