//! Faults of far ends, sockets, recognisers and recordings.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_every_socket_changes_nothing_about_a_call() {
    let played = play(Stage {
        flood: true,
        ..Stage::of(vec![well_behaved(0)])
    })
    .await;
    assert_eq!(played.disposition(0), Disposition::Completed);
    let intruded = |e: &CallEvent| {
        matches!(
            e.what,
            Happening::SpeechStarted | Happening::Held { .. } | Happening::Key { digit: '*' }
        )
    };
    assert!(
        !played.events.iter().any(intruded),
        "garbage was heard: {:?}",
        played.events
    );
    let (left, _) = wav::read_mono(&played.folder.path().join("0.wav")).unwrap();
    assert!(left.len() > 8000, "the recording is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_free_rtp_port_the_call_is_not_placed_and_the_reason_names_the_range() {
    let played = play(Stage {
        ports_taken: true,
        ..Stage::of(vec![well_behaved(0)])
    })
    .await;
    let why = played.ended[0].as_ref().unwrap_err().to_string();
    assert!(
        why.contains("is taken") && why.contains("--rtp-ports"),
        "{why}"
    );
    assert!(played.events.is_empty(), "nothing was dialled");
    assert_eq!(played.live_after, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recogniser_that_crashes_or_never_answers_costs_a_turn_and_not_the_call() {
    for (recognizer, told) in [
        (Broken::NeverAnswers, "no text"),
        (Broken::PanicsAtWork(Arc::new(Pool::new(1))), "Panicked"),
    ] {
        let played = play(Stage {
            recognizer,
            ..Stage::of(vec![speaks(0)])
        })
        .await;
        assert_eq!(played.disposition(0), Disposition::Completed, "{told}");
        assert!(played.degraded(0, told), "{told}: {:?}", played.events);
        let again = |e: &CallEvent| matches!(&e.what, Happening::Saying { text, .. } if text.contains("Sorry"));
        assert!(played.events.iter().any(again), "the robot asks again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_cannot_be_made_or_finds_the_disk_full_is_told_and_the_call_goes_on() {
    let nowhere = tempfile::tempdir().unwrap().path().join("gone/call.wav");
    for path in [nowhere, PathBuf::from("/dev/full")] {
        let name = path.display().to_string();
        let played = play(Stage {
            recording: Some(path),
            ..Stage::of(vec![well_behaved(0)])
        })
        .await;
        assert_eq!(played.disposition(0), Disposition::Completed, "{name}");
        assert!(
            played.degraded(0, "the recording stopped"),
            "{name}: {:?}",
            played.events
        );
        assert!(played.degraded(0, &name), "the file is named: {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_calls_at_once_each_has_its_own_end_whatever_happens_to_the_others() {
    let played = play(Stage {
        recognizer: Broken::PanicsInTheCall,
        ..Stage::of(vec![
            well_behaved(0),
            someone(1, answers(), vec![robot_turn(), Act::Vanish]),
            someone(2, Answer::Garbage { then: None }, vec![]),
            speaks(3),
            well_behaved(4),
        ])
    })
    .await;
    assert_eq!(played.disposition(0), Disposition::Completed);
    assert_eq!(played.disposition(1), Disposition::Interrupted);
    assert!(
        matches!(
            played.disposition(2),
            Disposition::TrunkError | Disposition::NoAnswer
        ),
        "{:?}",
        played.ended[2]
    );
    assert_eq!(played.disposition(3), Disposition::RobotFailure);
    assert_eq!(played.disposition(4), Disposition::Completed);
    for call in 0..5 {
        assert!(
            matches!(played.last_words(call), Some(Happening::Ended { .. })),
            "call {call} ends with its end: {:?}",
            played.last_words(call)
        );
    }
    assert_eq!(played.live_after, 0, "no call is left behind");
    wav::read_mono(&played.folder.path().join("3.wav"))
        .expect("what was recorded before the breakdown can be played");
}
