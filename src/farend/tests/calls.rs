//! Calls that are answered.

use super::super::report::EndedBy;
use super::super::scenario::{Act, AgentPhone, Answer, Callee, Scenario};
use super::phone::{Phone, header};
use super::{begin, callee, far, word};

fn wait_robot() -> Act {
    Act::WaitRobot {
        min_speech_ms: 200,
        quiet_ms: 120,
        max_ms: 5000,
    }
}

fn until_hangup() -> Act {
    Act::UntilHangup { max_ms: 9000 }
}

#[tokio::test]
async fn a_callee_listens_answers_in_audio_and_the_report_tells_how_soon_it_was_answered() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (wav, record) = (word(&folder), folder.path().join("heard.wav"));
    let say = Act::Say {
        wav,
        text: "好的".into(),
        id: "t1".into(),
    };
    let far = begin(Scenario {
        tones_hz: vec![440],
        callees: vec![Callee {
            record: Some(record.clone()),
            ..callee("13800000001", vec![wait_robot(), say, until_hangup()])
        }],
        ..Scenario::on_loopback()
    });
    // National prefix added on the way: the last eight digits decide.
    let mut phone = Phone::new(far.sip, "+8613800000001").await;
    let answer = phone.call().await;
    assert!(answer.contains("RTP/AVP 8 101\r\n"), "{answer}");
    for _ in 0..20 {
        phone.frame(Some(440.0)).await;
    }
    phone.until_loud(true).await;
    phone.until_loud(false).await;
    for _ in 0..15 {
        phone.frame(None).await;
    }
    for _ in 0..10 {
        phone.frame(Some(440.0)).await;
    }
    phone.bye().await;
    let report = far.stop().await.expect("a report");
    let call = &report.calls[0];
    assert_eq!(
        (call.number.as_str(), call.ended_by),
        ("13800000001", Some(EndedBy::Robot))
    );
    assert_eq!(call.reason.as_deref(), Some("SIP;cause=200;text=\"done\""));
    assert_eq!((call.turns.len(), call.turns[0].text.as_str()), (1, "好的"));
    let turn = &call.turns[0];
    let answered = call.robot_spans.get(1).map(|span| span.from_ms);
    assert_eq!(turn.robot_first_ms, answered, "{turn:?}");
    assert_eq!(turn.latency_ms, answered.map(|ms| ms - turn.last_speech_ms));
    assert_eq!(call.robot_spans.len(), 2);
    assert_eq!(call.robot_voiced_ms, 600);
    assert_eq!(call.tones.iter().map(|t| t.hz).collect::<Vec<_>>(), [440]);
    assert_eq!((call.rtp_in.received, call.rtp_in.lost), (45, 0));
    let lines: Vec<String> = call
        .sip
        .iter()
        .map(|l| format!("{} {}", l.dir, l.what))
        .collect();
    assert_eq!(
        lines,
        [
            "in INVITE",
            "out 100 INVITE",
            "out 180 INVITE",
            "out 200 INVITE",
            "in ACK",
            "in BYE",
            "out 200 BYE"
        ]
    );
    let heard = hound::WavReader::open(record).expect("the recording");
    assert!(heard.duration() > 8000, "{}", heard.duration());
    let json = serde_json::to_string(&report).expect("JSON");
    assert!(json.contains("\"ended_by\":\"robot\""), "{json}");
}

#[tokio::test]
async fn an_interruption_is_measured_to_the_robot_s_last_voiced_frame() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let over = Act::SayOver {
        after_ms: 200,
        wav: word(&folder),
        text: "等一下".into(),
        id: String::new(),
        max_ms: 5000,
    };
    let far = far(vec![callee("1", vec![over, until_hangup()])]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    for _ in 0..30 {
        phone.frame(Some(300.0)).await;
    }
    for _ in 0..10 {
        phone.frame(None).await;
    }
    phone.bye().await;
    let report = far.stop().await.expect("a report");
    let interrupt = &report.calls[0].interrupts[0];
    assert_eq!(interrupt.text, "等一下");
    assert_eq!(
        interrupt.robot_last_voiced_ms,
        Some(report.calls[0].robot_spans[0].to_ms)
    );
    assert!(report.calls[0].turns.is_empty());
}

#[tokio::test]
async fn a_callee_hangs_up_in_mid_sentence_and_repeats_its_bye_until_it_is_answered() {
    let hangup = Act::HangupAfterRobotStarts {
        ms: 100,
        max_ms: 5000,
    };
    let far = far(vec![callee("1", vec![hangup])]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    for _ in 0..12 {
        phone.frame(Some(300.0)).await;
    }
    let first = phone.until("BYE sip:robot@").await;
    let second = phone.until("BYE sip:robot@").await;
    assert_eq!(first, second);
    phone.answer(&second, "200 OK", "").await;
    let report = far.stop().await.expect("a report");
    assert_eq!(report.calls[0].ended_by, Some(EndedBy::Callee));
}

#[tokio::test]
async fn keys_go_both_ways_each_by_the_payload_type_its_receiver_asked_for() {
    let dtmf = Act::Dtmf {
        digits: "1#".into(),
    };
    let far = far(vec![Callee {
        dtmf_pt: Some(96),
        ..callee("1", vec![dtmf, until_hangup()])
    }]);
    let mut phone = Phone::new(far.sip, "1").await;
    let answer = phone.call().await;
    assert!(
        answer.contains("a=rtpmap:96 telephone-event/8000\r\n"),
        "{answer}"
    );
    let mut ends = Vec::new();
    while ends.len() < 6 {
        let heard = phone.hear().await;
        if heard.pt == 101 && heard.payload[1] & 0x80 != 0 {
            ends.push((heard.payload[0], heard.payload[2..4].to_vec()));
        }
    }
    let length = 800u16.to_be_bytes().to_vec();
    assert_eq!(ends[0], (1, length.clone()));
    assert_eq!(ends[3], (11, length));
    for (stamp, key) in [(0, 5u8), (0, 5), (1600, 5), (3200, 10)] {
        phone.packet(96, stamp, &[key, 0x8a, 3, 32]).await;
    }
    phone
        .send("INFO", 9, "", "Signal=7\r\nDuration=160\r\n")
        .await;
    phone.until("SIP/2.0 200").await;
    phone.bye().await;
    let report = far.stop().await.expect("a report");
    assert_eq!(report.calls[0].keys, "55*7");
}

#[tokio::test]
async fn a_callee_puts_the_caller_on_hold_and_comes_back() {
    let script = vec![
        Act::Hold,
        Act::Pause { ms: 100 },
        Act::Resume,
        until_hangup(),
    ];
    let far = far(vec![callee("1", script)]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    for direction in ["sendonly", "sendrecv"] {
        let reinvite = phone.until("INVITE sip:robot@").await;
        assert!(
            reinvite.contains(&format!("a={direction}\r\n")),
            "{reinvite}"
        );
        let answer = phone.offer("sendrecv");
        phone.answer(&reinvite, "200 OK", &answer).await;
        let ack = phone.until("ACK sip:robot@").await;
        assert_eq!(
            header(&ack, "CSeq").map(|c| c.replace(" ACK", "")),
            header(&reinvite, "CSeq").map(|c| c.replace(" INVITE", ""))
        );
    }
    // And the caller does the same to it.
    let offer = phone.offer("sendonly");
    phone.send("INVITE", 5, "", &offer).await;
    let answer = phone.until("SIP/2.0 200").await;
    assert!(answer.contains("a=recvonly\r\n"), "{answer}");
    phone.send("ACK", 5, "", "").await;
    phone.send("UPDATE", 6, "", "").await;
    phone.until("SIP/2.0 200").await;
    phone.send("BYE", 7, "", "").await;
    phone.until("SIP/2.0 200").await;
    let report = far.stop().await.expect("a report");
    assert_eq!(report.calls[0].ended_by, Some(EndedBy::Robot));
    assert!(
        report.calls[0].notes.is_empty(),
        "{:?}",
        report.calls[0].notes
    );
}

#[tokio::test]
async fn the_answer_is_repeated_until_it_is_acknowledged() {
    let far = far(vec![callee("1", vec![until_hangup()])]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.invite("").await;
    let first = phone.until("SIP/2.0 200").await;
    assert_eq!(phone.until("SIP/2.0 200").await, first);
    phone.ack().await;
    phone.bye().await;
    assert_eq!(
        far.stop().await.expect("a report").calls[0].ended_by,
        Some(EndedBy::Robot)
    );
}

#[tokio::test]
async fn one_who_vanishes_leaves_the_bye_unanswered() {
    let far = far(vec![callee("1", vec![Act::Vanish])]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    while tokio::time::timeout(std::time::Duration::from_millis(200), phone.hear())
        .await
        .is_ok()
    {}
    phone.send("BYE", 2, "", "").await;
    let report = {
        let mut far = far;
        loop {
            match far.events.recv().await {
                Some(super::super::Event::Ended { .. }) | None => {
                    break far.stop().await.expect("a report");
                }
                Some(_) => {}
            }
        }
    };
    assert_eq!(report.calls[0].ended_by, Some(EndedBy::Vanished));
    assert!(
        report.calls[0]
            .sip
            .iter()
            .all(|line| line.what != "200 BYE")
    );
}

#[tokio::test]
async fn a_voicemail_plays_its_greeting_and_a_beep() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let answer = Answer::Voicemail {
        greeting: word(&folder),
        beep: true,
        ring_ms: 0,
    };
    let far = far(vec![Callee {
        answer,
        ..callee("1", vec![])
    }]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    for loud in [true, false, true, false] {
        phone.until_loud(loud).await;
    }
    phone.bye().await;
    assert!(
        far.stop().await.expect("a report").calls[0]
            .turns
            .is_empty()
    );
}

#[tokio::test]
async fn an_agent_s_phone_has_its_own_socket_and_plays_its_own_tone() {
    let tone = Act::Tone {
        hz: 700,
        ms: 200,
        level_db: -15.0,
    };
    let agent = AgentPhone {
        user: "101".into(),
        sip: Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0))),
        answer: Answer::Ring { ms: 20 },
        later: Vec::new(),
        script: vec![tone, Act::Hangup],
        codec: super::super::scenario::Codec::Pcmu,
        record: None,
    };
    let far = begin(Scenario {
        agents: vec![agent],
        ..Scenario::on_loopback()
    });
    let at = far.agents[0].1;
    assert_ne!(at, far.sip);
    let mut phone = Phone::new(at, "101").await;
    let answer = phone.call().await;
    assert!(answer.contains("RTP/AVP 0 101\r\n"), "{answer}");
    let bye = phone.until("BYE").await;
    phone.answer(&bye, "200 OK", "").await;
    let report = far.stop().await.expect("a report");
    assert!(report.calls[0].agent);
    assert_eq!(report.calls[0].ended_by, Some(EndedBy::Callee));
}

#[tokio::test]
async fn fifty_callees_talk_at_once_and_the_run_ends_by_itself() {
    let callees =
        (0..50).map(|n| callee(&format!("{n}"), vec![Act::Pause { ms: 1500 }, Act::Hangup]));
    let far = begin(Scenario {
        callees: callees.collect(),
        done_after: Some(1),
        ..Scenario::on_loopback()
    });
    let calls = (0..50).map(|n| {
        let sip = far.sip;
        tokio::spawn(async move {
            let mut phone = Phone::new(sip, &n.to_string()).await;
            phone.call().await;
            for _ in 0..40 {
                phone.hear().await;
            }
            let bye = phone.until("BYE").await;
            phone.answer(&bye, "200 OK", "").await;
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("a call");
    }
    let report = far.wait().await.expect("a report");
    assert_eq!((report.calls.len(), report.most_at_once), (50, 50));
    assert!(report.never_called.is_empty());
    assert!(
        report
            .calls
            .iter()
            .all(|call| call.ended_by == Some(EndedBy::Callee))
    );
    let worst = report
        .calls
        .iter()
        .map(|call| call.worst_tick_delay_ms)
        .max();
    println!("worst delay of a beat with 50 calls: {worst:?} ms");
}

#[tokio::test]
async fn a_far_end_that_is_stopped_says_goodbye_to_who_is_on_the_line() {
    let far = far(vec![Callee {
        loss_pct: 50.0,
        jitter_ms: 30,
        ..callee("1", vec![until_hangup()])
    }]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.call().await;
    for _ in 0..20 {
        phone.hear().await;
    }
    let stopped = tokio::spawn(far.stop());
    let bye = phone.until("BYE").await;
    assert!(header(&bye, "Reason").is_some_and(|reason| reason.starts_with("Q.850;cause=16")));
    phone.answer(&bye, "200 OK", "").await;
    let report = stopped.await.expect("no panic").expect("a report");
    assert_eq!(report.calls[0].ended_by, Some(EndedBy::Shutdown));
    assert!(report.calls[0].rtp_dropped > 0);
}
