//! A trunk over TCP.

use super::super::*;
use super::far_end::*;
use super::rig::*;
use crate::terms::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The next message of a stream: headers, then as many bytes as Content-Length says.
async fn read(stream: &mut TcpStream, rest: &mut Vec<u8>, start: &str) -> Msg {
    let from = stream.peer_addr().unwrap();
    loop {
        let text = String::from_utf8_lossy(rest).into_owned();
        if let Some(head) = text.find("\r\n\r\n").map(|i| i + 4) {
            let msg = Msg { text, from };
            let body: usize = msg.header("Content-Length").parse().unwrap();
            if rest.len() >= head + body {
                let text = String::from_utf8_lossy(&rest[..head + body]).into_owned();
                rest.drain(..head + body);
                assert!(text.starts_with(start), "wanted {start}, got:\n{text}");
                return Msg { text, from };
            }
        }
        let mut buf = [0; 4096];
        let len = within(start, stream.read(&mut buf)).await.unwrap();
        assert!(len > 0, "the stream ended before {start}");
        rest.extend_from_slice(&buf[..len]);
    }
}

#[tokio::test]
async fn a_call_over_tcp_runs_on_one_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let far = listener.local_addr().unwrap();
    let rig = Rig::with(FarEnd::new().await, trunk(far, "transport = \"tcp\"\n")).await;
    let mut leg = rig.dial();
    let (mut stream, _) = within("the connection", listener.accept()).await.unwrap();
    let mut rest = Vec::new();
    let invite = read(&mut stream, &mut rest, "INVITE").await;
    assert!(invite.start().contains("transport="), "{}", invite.start());
    let me = rig.endpoint.local_addr().to_string();
    let via = invite.header("Via");
    assert!(via.starts_with("SIP/2.0/TCP") && via.contains(&me), "{via}");
    assert!(invite.uri_of("Contact").contains(&me));
    let ok = response(&invite, "200 OK", "far1", far, &[], ANSWER).replace(
        &format!("<sip:far@{far}>"),
        &format!("<sip:far@{far};transport=tcp>"),
    );
    // In two pieces, as streams do.
    let (a, b) = ok.split_at(97);
    stream.write_all(a.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream.write_all(b.as_bytes()).await.unwrap();
    read(&mut stream, &mut rest, "ACK").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));

    let bye = in_dialog(&invite, "far1", "BYE", 1, far, &[], "");
    let bye = bye.replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    stream.write_all(bye.as_bytes()).await.unwrap();
    read(&mut stream, &mut rest, "SIP/2.0 200").await;
    assert_eq!(ended(&mut leg).await.by, EndedBy::Callee);
}

#[tokio::test]
async fn a_refused_connection_ends_the_leg_at_once() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let far = closed.local_addr().unwrap();
    drop(closed);
    let rig = Rig::with(FarEnd::new().await, trunk(far, "transport = \"tcp\"\n")).await;
    let mut leg = rig.dial();
    let cause = ended(&mut leg).await;
    assert_eq!(
        (cause.kind, cause.by),
        (CauseKind::NoResponse, EndedBy::Trunk)
    );
    assert!(cause.text.contains(&far.to_string()), "{cause:?}");
    let dead = rig.endpoint.options_ping(&rig.trunk).await;
    assert!(
        matches!(dead, Err(SipError::Unreachable { .. })),
        "{dead:?}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_before_any_answer_ends_the_leg() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let far = listener.local_addr().unwrap();
    let t = trunk(far, "transport = \"tcp\"\n");
    let rig = Rig::tuned(FarEnd::new().await, t, |c| c.t1 = Duration::from_millis(5)).await;
    let mut leg = rig.dial();
    let (mut stream, _) = within("the connection", listener.accept()).await.unwrap();
    let mut rest = Vec::new();
    read(&mut stream, &mut rest, "INVITE").await;
    drop(stream);
    drop(listener);
    assert_eq!(ended(&mut leg).await.kind, CauseKind::NoResponse);
}
