//! A caller made of datagrams and string formatting, so that the far end is not tested with its own code.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Phone {
    sip: UdpSocket,
    pub(super) rtp: UdpSocket,
    pub(super) far: SocketAddr,
    call_id: String,
    cseq: u32,
    /// To with the tag of the answer.
    to: String,
    number: String,
    /// Where its audio goes, from the answer's SDP.
    pub(super) far_rtp: Option<SocketAddr>,
    seq: u16,
    beat: Interval,
}

/// A packet as the caller sees it.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) pt: u8,
    pub(super) payload: Vec<u8>,
}

impl Phone {
    pub(super) async fn new(far: SocketAddr, number: &str) -> Self {
        let socket = || UdpSocket::bind("127.0.0.1:0");
        let (sip, rtp) = tokio::try_join!(socket(), socket()).expect("loopback sockets");
        let port = sip.local_addr().expect("a bound socket").port();
        Phone {
            sip,
            rtp,
            far,
            call_id: format!("call-{number}-{port}"),
            cseq: 1,
            to: format!("<sip:{number}@{far}>"),
            number: number.to_owned(),
            far_rtp: None,
            seq: 0,
            beat: beat(),
        }
    }

    pub(super) async fn raw(&self, text: &str) {
        self.sip
            .send_to(text.as_bytes(), self.far)
            .await
            .expect("loopback");
    }

    pub(super) async fn send(&self, method: &str, cseq: u32, headers: &str, body: &str) {
        let here = self.sip.local_addr().expect("a bound socket");
        let sdp = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        self.raw(&format!(
            "{method} sip:{number}@{far};transport=udp SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{method}{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:robot@{here}>;tag=r1\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq} {of}\r\n\
             Contact: <sip:robot@{here}>\r\n{headers}{sdp}Content-Length: {length}\r\n\r\n{body}",
            number = self.number,
            far = self.far,
            to = self.to,
            id = self.call_id,
            of = method,
            length = body.len(),
        ))
        .await;
    }

    pub(super) fn offer(&self, direction: &str) -> String {
        let port = self.rtp.local_addr().expect("a bound socket").port();
        format!(
            "v=0\r\no=r 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
        )
    }

    pub(super) async fn invite(&mut self, headers: &str) {
        let offer = self.offer("sendrecv");
        self.send("INVITE", self.cseq, headers, &offer).await;
    }

    /// The INVITE again, with credentials.
    pub(super) async fn invite_again(&mut self, headers: &str) {
        self.cseq += 1;
        self.to = format!("<sip:{}@{}>", self.number, self.far);
        self.invite(headers).await;
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> String {
        let mut buffer = vec![0; 8192];
        let read = timeout(PATIENCE, self.sip.recv(&mut buffer)).await;
        let length = read.expect("an answer in time").expect("loopback");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    /// Skips to the message that starts like this.
    pub(super) async fn until(&mut self, start: &str) -> String {
        loop {
            let message = self.next().await;
            if message.starts_with(start) {
                if let Some(to) = header(&message, "To")
                    .filter(|to| to.contains("tag=") && message.starts_with("SIP"))
                {
                    self.to = to;
                }
                if let Some(rtp) = rtp_of(&message) {
                    self.far_rtp = Some(rtp);
                }
                return message;
            }
        }
    }

    pub(super) async fn ack(&self) {
        self.send("ACK", self.cseq, "", "").await;
    }

    /// INVITE to ACK; returns the 200.
    pub(super) async fn call(&mut self) -> String {
        self.invite("").await;
        let answer = self.until("SIP/2.0 200").await;
        self.ack().await;
        answer
    }

    pub(super) async fn bye(&mut self) {
        self.cseq += 1;
        self.send(
            "BYE",
            self.cseq,
            "Reason: SIP;cause=200;text=\"done\"\r\n",
            "",
        )
        .await;
        self.until("SIP/2.0 200").await;
    }

    /// Answers a request of the far end.
    pub(super) async fn answer(&self, request: &str, status: &str, body: &str) {
        let copied: String = ["Via", "From", "To", "Call-ID", "CSeq"]
            .iter()
            .filter_map(|name| Some(format!("{name}: {}\r\n", header(request, name)?)))
            .collect();
        let here = self.sip.local_addr().expect("a bound socket");
        self.raw(&format!(
            "SIP/2.0 {status}\r\n{copied}Contact: <sip:robot@{here}>\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    }

    /// Sends 20 ms of a sine, or of silence, when they are due.
    pub(super) async fn frame(&mut self, hz: Option<f64>) {
        self.beat.tick().await;
        let payload: Vec<u8> = (0..160u16)
            .map(|n| {
                let at = f64::from(n) + f64::from(self.seq) * 160.0;
                let wave = hz.map_or(0.0, |hz| {
                    (2.0 * std::f64::consts::PI * hz * at / 8000.0).sin()
                });
                a_law(wave * 6000.0)
            })
            .collect();
        self.packet(8, u32::from(self.seq) * 160, &payload).await;
    }

    pub(super) async fn packet(&mut self, pt: u8, stamp: u32, payload: &[u8]) {
        let mut bytes = vec![0x80, pt];
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(stamp.to_be_bytes());
        bytes.extend([0, 0, 0, 9]);
        bytes.extend(payload);
        self.seq += 1;
        let to = self.far_rtp.expect("an answer with SDP");
        self.rtp.send_to(&bytes, to).await.expect("loopback");
    }

    /// The next RTP packet.
    pub(super) async fn hear(&mut self) -> Heard {
        let mut buffer = [0; 2048];
        let read = timeout(PATIENCE, self.rtp.recv(&mut buffer)).await;
        let length = read.expect("audio in time").expect("loopback");
        assert!(length >= 12 && buffer[0] == 0x80, "an RTP header");
        Heard {
            pt: buffer[1] & 0x7f,
            payload: buffer[12..length].to_vec(),
        }
    }

    /// Waits until the far end's audio is loud, or is not.
    pub(super) async fn until_loud(&mut self, loud: bool) {
        while self.hear().await.is_loud() != loud {}
    }
}

impl Heard {
    /// A-law codes of a segment above the lowest three are above a thousand.
    pub(super) fn is_loud(&self) -> bool {
        let strong = self
            .payload
            .iter()
            .filter(|byte| (((**byte ^ 0x55) >> 4) & 7) >= 4);
        strong.count() > 60
    }
}

/// 20 ms at least: frames missed while listening are not sent in a burst.
fn beat() -> Interval {
    let mut beat = interval(Duration::from_millis(20));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

/// The value of a header.
pub(super) fn header(message: &str, name: &str) -> Option<String> {
    let start = format!("{name}: ");
    message
        .lines()
        .find_map(|line| line.strip_prefix(&start))
        .map(str::to_owned)
}

fn rtp_of(message: &str) -> Option<SocketAddr> {
    let media = message
        .lines()
        .find_map(|line| line.strip_prefix("m=audio "))?;
    let port: u16 = media.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::from(([127, 0, 0, 1], port)))
}

/// A-law by the standard's segment search.
fn a_law(sample: f64) -> u8 {
    let sign = if sample >= 0.0 { 0x80 } else { 0 };
    let magnitude = (sample.abs() as u16).min(32_767) >> 4;
    let segment = magnitude
        .checked_ilog2()
        .map_or(0, |bit| bit.saturating_sub(3));
    let step = if segment < 2 {
        magnitude
    } else {
        magnitude >> (segment - 1)
    } & 15;
    (sign | ((segment as u8) << 4) | step as u8) ^ 0x55
}
