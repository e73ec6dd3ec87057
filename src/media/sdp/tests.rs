use super::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn local() -> Local {
    Local {
        ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)),
        port: 20000,
        session_id: 7,
        version: 1,
    }
}

#[test]
fn our_own_offer_is_understood() {
    let sdp = offer(&local(), Direction::SendRecv);
    let got = read_answer(&sdp).unwrap();
    assert_eq!(got.remote, "192.0.2.9:20000".parse::<SocketAddr>().unwrap());
    assert_eq!(got.remote_rtcp.port(), 20001);
    assert_eq!((got.codec, got.payload_type), (Codec::Pcma, 8));
    assert_eq!(got.codecs, [(8, Codec::Pcma), (0, Codec::Pcmu)]);
    assert_eq!((got.dtmf_pt, got.ptime, got.held), (Some(101), 20, false));
    let text = String::from_utf8(sdp).unwrap();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains('\n'));
}

#[test]
fn a_sloppy_answer_is_understood() {
    let sdp = "v=0\no=x\nc=IN IP4 10.0.0.1/127\nm=audio 4000/1 RTP/AVP 18 0 96\nc=IN IP4 10.0.0.2\n\
               a=rtpmap:96 Telephone-Event/8000\na=whatever:1\na=ptime:30\na=rtcp:4100 IN IP4 10.0.0.3\nb=AS:64\nnonsense\n";
    let got = read_answer(sdp.as_bytes()).unwrap();
    assert_eq!(got.remote, "10.0.0.2:4000".parse::<SocketAddr>().unwrap());
    assert_eq!(
        got.remote_rtcp,
        "10.0.0.3:4100".parse::<SocketAddr>().unwrap()
    );
    assert_eq!(
        (got.codec, got.payload_type, got.dtmf_pt, got.ptime),
        (Codec::Pcmu, 0, Some(96), 30)
    );
}

#[test]
fn an_rtpmap_outranks_the_static_meaning() {
    let sdp = "c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8 97\na=rtpmap:8 G722/8000\na=rtpmap:97 PCMA/8000\n";
    let got = read_answer(sdp.as_bytes()).unwrap();
    assert_eq!((got.codec, got.payload_type), (Codec::Pcma, 97));
}

#[test]
fn ipv6_is_understood_and_written() {
    let mut me = local();
    me.ip = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let sdp = offer(&me, Direction::SendRecv);
    assert!(String::from_utf8_lossy(&sdp).contains("c=IN IP6 ::1\r\n"));
    assert_eq!(
        read_answer(&sdp).unwrap().remote,
        "[::1]:20000".parse::<SocketAddr>().unwrap()
    );
}

#[test]
fn every_way_of_holding_is_seen_and_mirrored() {
    for (address, attribute, held, mirrored) in [
        ("10.0.0.1", "sendonly", true, "a=recvonly"),
        ("10.0.0.1", "inactive", true, "a=inactive"),
        ("0.0.0.0", "sendrecv", true, "a=sendrecv"),
        ("10.0.0.1", "recvonly", false, "a=sendonly"),
        ("10.0.0.1", "sendrecv", false, "a=sendrecv"),
    ] {
        for session_level in [true, false] {
            let (before, after) = match session_level {
                true => (format!("a={attribute}\n"), String::new()),
                false => (String::new(), format!("a={attribute}\n")),
            };
            let sdp = format!("v=0\n{before}m=audio 4000 RTP/AVP 8\nc=IN IP4 {address}\n{after}");
            let got = read_offer(sdp.as_bytes()).unwrap();
            assert_eq!(got.negotiated.held, held, "{sdp}");
            let answer = String::from_utf8(answer(&got, &local())).unwrap();
            assert!(answer.contains(mirrored), "{sdp}\n{answer}");
        }
    }
}

#[test]
fn an_answer_repeats_every_media_line_and_refuses_the_others() {
    let sdp = "v=0\nc=IN IP4 10.0.0.1\nm=video 5000 RTP/AVP 99\na=rtpmap:99 H264/90000\nm=audio 4000 RTP/AVP 0 8 100\n\
               a=rtpmap:100 telephone-event/8000\nm=image 5002 udptl t38\n";
    let offer = read_offer(sdp.as_bytes()).unwrap();
    let text = String::from_utf8(answer(&offer, &local())).unwrap();
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("m=")).collect();
    assert_eq!(
        lines,
        [
            "m=video 0 RTP/AVP 99",
            "m=audio 20000 RTP/AVP 0 100",
            "m=image 0 udptl t38"
        ]
    );
    assert!(text.contains("a=rtpmap:100 telephone-event/8000"));
}

#[test]
fn what_is_missing_is_said() {
    let said = |sdp: &str| read_answer(sdp.as_bytes()).unwrap_err().to_string();
    assert!(said("v=0\n").contains("no m=audio"));
    assert!(said("c=IN IP4 1.2.3.4\nm=audio 0 RTP/AVP 8\n").contains("refused"));
    assert!(said("m=audio 4000 RTP/AVP 8\n").contains("no c= line"));
    assert!(said("c=IN IP4 1.2.3.4\nm=audio 4000 RTP/AVP 18 9\n").contains("18 9"));
    assert!(said("c=IN IP4 host.example\nm=audio 1 RTP/AVP 8\n").contains("line 1"));
    assert!(said("m=audio 99999 RTP/AVP 8\n").contains("line 1"));
    assert!(said("c=IN IP4 1.2.3.4\nm=image 4000 udptl t38\n").contains("no m=audio"));
    assert!(said(&"a=x\n".repeat(10_000)).contains("longer"));
}

#[test]
fn random_bytes_never_panic() {
    let seed = b"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nc=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";
    let mut random = crate::media::rtp::Random::new(5);
    for _ in 0..20_000 {
        let mut sdp = seed.to_vec();
        for _ in 0..=random.next() % 6 {
            let at = random.next() as usize % sdp.len();
            match random.next() % 3 {
                0 => sdp[at] = random.next() as u8,
                1 => drop(sdp.remove(at)),
                _ => sdp.insert(at, random.next() as u8),
            }
        }
        if let Ok(offer) = read_offer(&sdp) {
            let _ = answer(&offer, &local());
        }
    }
}
