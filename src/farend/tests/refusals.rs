//! Calls that are not answered, and messages that belong to none.

use super::super::report::EndedBy;
use super::super::scenario::{Answer, Callee, Credentials, Scenario};
use super::phone::{Phone, header};
use super::{begin, far, word};
use rsip::headers::auth::{Algorithm, AuthQop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn answering(number: &str, answer: Answer) -> Callee {
    Callee {
        answer,
        ..Callee::new(number)
    }
}

#[tokio::test]
async fn busy_declined_and_missing_numbers_have_their_codes() {
    let busy = Answer::Busy {
        ring_ms: 40,
        progress: true,
    };
    let barred = Answer::Reject {
        code: 503,
        reason: Some("Congestion".into()),
        q850: Some(42),
        retry_after: Some(7),
        ring_ms: 0,
    };
    let far = far(vec![
        answering("1", busy),
        answering("2", Answer::Decline { ring_ms: 0 }),
        answering("3", Answer::NotFound { ring_ms: 0 }),
        answering("4", barred),
    ]);
    let lines = [
        ("1", "486 Busy Here"),
        ("2", "603 Decline"),
        ("3", "404 Not Found"),
        ("4", "503 Congestion"),
        ("5", "404 Not Found"),
    ];
    for (number, status) in lines {
        let mut phone = Phone::new(far.sip, number).await;
        phone.invite("").await;
        if number == "1" {
            phone.until("SIP/2.0 183").await;
        }
        let answer = phone.until(&format!("SIP/2.0 {status}\r\n")).await;
        phone.ack().await;
        let expected = match number {
            "3" | "5" => Some("Q.850;cause=1"),
            "4" => Some("Q.850;cause=42"),
            _ => None,
        };
        assert_eq!(header(&answer, "Reason").as_deref(), expected);
    }
    let report = far.stop().await.expect("a report");
    assert_eq!((report.calls.len(), report.unknown_numbers), (4, 1));
    assert!(
        report
            .calls
            .iter()
            .all(|call| call.ended_by == Some(EndedBy::Refused))
    );
}

#[tokio::test]
async fn an_invalid_number_is_announced_in_early_media_before_its_404() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let announce = Answer::Announce {
        wav: word(&folder),
        code: 404,
        q850: Some(1),
        ring_ms: 20,
    };
    let far = far(vec![Callee {
        reliable: true,
        ..answering("1", announce)
    }]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.invite("Supported: 100rel\r\n").await;
    let early = phone.until("SIP/2.0 183").await;
    assert!(
        early.contains("RSeq: 1\r\n") && early.contains("m=audio"),
        "{early}"
    );
    phone.send("PRACK", 2, "RAck: 1 1 INVITE\r\n", "").await;
    phone.until("SIP/2.0 200").await;
    phone.until_loud(true).await;
    phone.until_loud(false).await;
    let last = phone.until("SIP/2.0 404").await;
    phone.ack().await;
    assert_eq!(header(&last, "Reason").as_deref(), Some("Q.850;cause=1"));
    let call = &far.stop().await.expect("a report").calls[0];
    assert_eq!(
        (call.ended_by, call.answered_ms),
        (Some(EndedBy::Refused), None)
    );
}

#[tokio::test]
async fn one_who_never_answers_rings_until_the_cancel() {
    let far = far(vec![answering("1", Answer::NoAnswer)]);
    let mut phone = Phone::new(far.sip, "1").await;
    phone.invite("").await;
    phone.until("SIP/2.0 180").await;
    phone.raw("\r\n\r\n").await;
    phone
        .send("CANCEL", 1, "Reason: SIP;cause=480\r\n", "")
        .await;
    let mut answers = [phone.next().await, phone.next().await];
    answers.sort();
    assert!(
        answers[0].starts_with("SIP/2.0 200") && answers[0].contains("CSeq: 1 CANCEL"),
        "{answers:?}"
    );
    assert!(
        answers[1].starts_with("SIP/2.0 487") && answers[1].contains("CSeq: 1 INVITE"),
        "{answers:?}"
    );
    phone.ack().await;
    let call = far.stop().await.expect("a report").calls.remove(0);
    assert_eq!(call.ended_by, Some(EndedBy::Canceled));
    assert_eq!(call.reason.as_deref(), Some("SIP;cause=480"));
}

#[tokio::test]
async fn a_second_call_to_a_busy_number_can_be_answered() {
    let mut callee = answering(
        "1",
        Answer::Busy {
            ring_ms: 0,
            progress: false,
        },
    );
    callee.later = vec![Answer::Ring { ms: 0 }];
    let far = far(vec![callee]);
    for status in ["486", "200", "200"] {
        let mut phone = Phone::new(far.sip, "1").await;
        phone.invite("").await;
        phone.until(&format!("SIP/2.0 {status}")).await;
        phone.ack().await;
        if status == "200" {
            phone.bye().await;
        }
    }
    let report = far.stop().await.expect("a report");
    let order: Vec<u32> = report.calls.iter().map(|call| call.nth).collect();
    assert_eq!(order, [1, 2, 3]);
}

#[tokio::test]
async fn without_the_carrier_s_credentials_no_call_goes_through() {
    let far = begin(Scenario {
        auth: Some(Credentials {
            realm: "carrier".into(),
            user: "bob".into(),
            password: "secret".into(),
        }),
        callees: vec![answering(
            "1",
            Answer::Busy {
                ring_ms: 0,
                progress: false,
            },
        )],
        ..Scenario::on_loopback()
    });
    let mut phone = Phone::new(far.sip, "1").await;
    phone.invite("").await;
    for password in ["wrong", "secret"] {
        let challenge = phone.until("SIP/2.0 407").await;
        phone.ack().await;
        let nonce = header(&challenge, "Proxy-Authenticate")
            .and_then(|value| {
                Some(
                    value
                        .split("nonce=\"")
                        .nth(1)?
                        .split('"')
                        .next()?
                        .to_owned(),
                )
            })
            .expect("a nonce");
        let uri = rsip::Uri::try_from("sip:1@carrier").expect("a URI");
        let qop = AuthQop::Auth {
            cnonce: "x".into(),
            nc: 1,
        };
        let response = rsip::services::DigestGenerator {
            username: "bob",
            password,
            nonce: &nonce,
            uri: &uri,
            realm: "carrier",
            method: &rsip::Method::Invite,
            qop: Some(&qop),
            algorithm: Algorithm::Md5,
        }
        .compute();
        phone
            .invite_again(&format!(
                "Proxy-Authorization: Digest username=\"bob\", realm=\"carrier\", nonce=\"{nonce}\", uri=\"sip:1@carrier\", \
                 response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"x\"\r\n"
            ))
            .await;
    }
    phone.until("SIP/2.0 486").await;
    phone.ack().await;
    let report = far.stop().await.expect("a report");
    assert_eq!(
        (
            report.challenged,
            report.bad_credentials,
            report.calls.len()
        ),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn strangers_are_turned_away_and_garbage_is_counted() {
    let far = begin(Scenario {
        cps_limit: Some(1),
        callees: vec![answering("1", Answer::Garbage { then: Some(500) })],
        ..Scenario::on_loopback()
    });
    let mut phone = Phone::new(far.sip, "1").await;
    phone.send("BYE", 1, "", "").await;
    phone.until("SIP/2.0 481").await;
    phone.send("OPTIONS", 2, "", "").await;
    phone.until("SIP/2.0 200").await;
    phone.raw("hello there").await;
    let mut other = Phone::new(far.sip, "1").await;
    other.invite("").await;
    let nonsense = other.until("SIP/2.0 abc").await;
    assert!(!nonsense.contains("Call-ID"));
    let mut third = Phone::new(far.sip, "1").await;
    third.invite("").await;
    let refused = third.until("SIP/2.0 503").await;
    assert_eq!(header(&refused, "Retry-After").as_deref(), Some("1"));
    other.until("SIP/2.0 500").await;
    other.ack().await;
    let report = far.stop().await.expect("a report");
    assert_eq!(
        (report.garbage, report.strangers, report.over_rate),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn tcp_is_heard_on_the_same_port() {
    let far = far(vec![]);
    let mut stream = tokio::net::TcpStream::connect(far.sip)
        .await
        .expect("a TCP connection");
    let text = "OPTIONS sip:x@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKt\r\nFrom: <sip:a@h>;tag=1\r\n\
                To: <sip:x@h>\r\nCall-ID: t\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(text.as_bytes()).await.expect("loopback");
    let mut buffer = [0; 2048];
    let length = stream.read(&mut buffer).await.expect("an answer");
    assert!(String::from_utf8_lossy(&buffer[..length]).starts_with("SIP/2.0 200 OK"));
}
