//! Real calls over SIP and RTP on loopback, against a far end that shares no code with the robot.

use crate::line::ROBOT_HZ;
use crate::rig::{agent, callee, play, play_with};
use callsmith::audio::{level, tone, wav};
use callsmith::farend::report::EndedBy as FarEnded;
use callsmith::farend::scenario::{Act, Answer};
use callsmith::terms::{CauseKind, Disposition, EndedBy, Happening};
use std::time::Duration;

const PLAN: &str = include_str!("../data/dialplans/good/keys.yaml");
const RING: Duration = Duration::from_secs(10);
const CALLEE_HZ: u32 = 700;
const AGENT_HZ: u32 = 1100;

fn answers() -> Answer {
    Answer::Ring { ms: 200 }
}

fn robot_turn() -> Act {
    Act::WaitRobot {
        min_speech_ms: 300,
        quiet_ms: 600,
        max_ms: 10_000,
    }
}

fn keys(keys: &str) -> Act {
    Act::Dtmf {
        digits: keys.into(),
    }
}

fn stay() -> Act {
    Act::UntilHangup { max_ms: 20_000 }
}

/// Level of a frequency in the loudest second of a recording.
fn heard(path: &std::path::Path, hz: u32) -> f32 {
    let sound = wav::read(path).unwrap();
    sound
        .chunks(1600)
        .map(|part| tone::level_of(part, f64::from(hz)))
        .fold(-96.0, f32::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_robot_hangs_up_when_its_conversation_is_over() {
    let played = play(
        PLAN,
        callee(answers(), vec![robot_turn(), keys("2"), stay()]),
        None,
        RING,
    )
    .await;
    assert_eq!(played.outcome.disposition, Disposition::Completed);
    assert!(
        played.callee().ended_by == Some(FarEnded::Robot),
        "{:?}",
        played.callee().ended_by
    );
    assert!(
        played
            .callee()
            .first_voice_after_answer_ms
            .is_some_and(|ms| ms < 2000),
        "a silent callee is spoken to"
    );
    let left = wav::read_mono(&played.recording).unwrap();
    assert!(
        level::active_rms(&callsmith::audio::resample::to_i16(&left.0)) > -40.0,
        "the recording holds the robot"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callee_hangs_up_and_the_robot_notices() {
    let played = play(
        PLAN,
        callee(answers(), vec![robot_turn(), Act::Hangup]),
        None,
        RING,
    )
    .await;
    assert_eq!(played.outcome.disposition, Disposition::NoInteraction);
    let cause = played.outcome.cause.unwrap();
    assert_eq!((cause.kind, cause.by), (CauseKind::Normal, EndedBy::Callee));
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_declined_and_unanswered_are_told_apart() {
    for (answer, want) in [
        (
            Answer::Busy {
                ring_ms: 50,
                progress: false,
            },
            Disposition::Busy,
        ),
        (Answer::Decline { ring_ms: 50 }, Disposition::Rejected),
        (Answer::NoAnswer, Disposition::NoAnswer),
    ] {
        let played = play(
            PLAN,
            callee(answer.clone(), vec![]),
            None,
            Duration::from_secs(1),
        )
        .await;
        assert_eq!(played.outcome.disposition, want, "{answer:?}");
        assert!(!played.outcome.answered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_by_key_is_stored_before_the_bye() {
    let played = play(
        PLAN,
        callee(answers(), vec![robot_turn(), keys("9"), stay()]),
        None,
        RING,
    )
    .await;
    assert_eq!(played.outcome.disposition, Disposition::OptOut);
    assert_eq!(played.dnc.len(), 1);
    let at =
        |want: fn(&Happening) -> bool| played.events.iter().position(|e| want(&e.what)).unwrap();
    assert!(
        at(|h| matches!(h, Happening::OptOut { .. }))
            < at(|h| matches!(h, Happening::LegEnded { .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn callee_and_agent_hear_each_other_and_the_robot_is_silent() {
    let phone = agent(
        Answer::Ring { ms: 800 },
        vec![
            Act::Pause { ms: 500 },
            Act::Tone {
                hz: AGENT_HZ,
                ms: 2500,
                level_db: -15.0,
            },
            stay(),
        ],
    );
    let customer = callee(
        answers(),
        vec![
            robot_turn(),
            keys("0"),
            Act::Pause { ms: 3500 },
            Act::Tone {
                hz: CALLEE_HZ,
                ms: 1500,
                level_db: -15.0,
            },
            Act::Pause { ms: 500 },
            Act::Hangup,
        ],
    );
    let played = play(PLAN, customer, Some(phone), RING).await;
    assert_eq!(played.outcome.disposition, Disposition::Transferred);
    assert!(played.happened(|h| matches!(h, Happening::Bridged { .. })));
    let at_callee = played.folder.path().join("at-callee.wav");
    let at_agent = played.folder.path().join("at-agent.wav");
    assert!(
        heard(&at_callee, AGENT_HZ) > -30.0,
        "the callee hears the agent: {}",
        heard(&at_callee, AGENT_HZ)
    );
    assert!(
        heard(&at_agent, CALLEE_HZ) > -30.0,
        "the agent hears the callee: {}",
        heard(&at_agent, CALLEE_HZ)
    );
    assert!(heard(&at_callee, CALLEE_HZ) < -45.0, "nobody hears himself");
    assert!(heard(&at_agent, AGENT_HZ) < -45.0, "nobody hears himself");
    // From the bridge on the robot is silent: the last two seconds at the agent hold no hum.
    let sound = wav::read(&at_agent).unwrap();
    let end = &sound[sound.len().saturating_sub(12_000)..];
    assert!(
        tone::level_of(end, ROBOT_HZ) < -45.0,
        "the robot talks into the bridge"
    );
    assert!(
        played
            .wire
            .calls
            .iter()
            .any(|c| c.agent && c.ended_by == Some(FarEnded::Robot)),
        "the agent's leg ends too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_is_busy_leads_to_a_kept_callback() {
    let phone = agent(
        Answer::Busy {
            ring_ms: 100,
            progress: false,
        },
        vec![],
    );
    let played = play(
        PLAN,
        callee(answers(), vec![robot_turn(), keys("0"), stay()]),
        Some(phone),
        RING,
    )
    .await;
    assert_eq!(played.outcome.disposition, Disposition::TransferFailed);
    assert!(played.happened(|h| matches!(h, Happening::Callback { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_and_resume_keep_the_call() {
    let script = vec![
        robot_turn(),
        Act::Hold,
        Act::Pause { ms: 600 },
        Act::Resume,
        Act::Pause { ms: 400 },
        keys("2"),
        stay(),
    ];
    let played = play(PLAN, callee(answers(), script), None, RING).await;
    assert!(played.happened(|h| matches!(h, Happening::Held { held: true })));
    assert!(played.happened(|h| matches!(h, Happening::Held { held: false })));
    assert_eq!(played.outcome.disposition, Disposition::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_end_that_vanishes_ends_by_the_rtp_timeout_and_the_call_is_interrupted() {
    let script = vec![robot_turn(), Act::Vanish];
    let played = play_with(
        PLAN,
        callee(answers(), script),
        None,
        RING,
        Duration::from_secs(1),
    )
    .await;
    assert_eq!(played.outcome.disposition, Disposition::Interrupted);
    assert_eq!(played.outcome.cause.unwrap().kind, CauseKind::MediaTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_instead_of_sip_ends_as_a_trunk_error_and_nothing_breaks() {
    let played = play(
        PLAN,
        callee(Answer::Garbage { then: None }, vec![]),
        None,
        Duration::from_secs(2),
    )
    .await;
    assert!(
        matches!(
            played.outcome.disposition,
            Disposition::TrunkError | Disposition::NoAnswer
        ),
        "{:?}",
        played.outcome
    );
}
