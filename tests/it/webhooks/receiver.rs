//! A receiver of webhooks on a loopback port.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender as Tell, channel};

/// What a receiver does with a request, after it has read it.
#[derive(Clone)]
pub enum Does {
    Status(u16),
    /// Goes away without a word: nobody knows whether it understood.
    Dies,
    Redirects(String),
    /// Ten megabytes of answer.
    Floods,
}

pub struct Got {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        let mut all = self.headers.iter();
        all.find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A receiver on a loopback port; the last thing it does it does for ever.
pub fn receiver(does: Vec<Does>) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, got) = channel();
    let does = Mutex::new(does);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let next = {
                let mut does = does.lock().expect("a list");
                if does.len() > 1 {
                    does.remove(0)
                } else {
                    does[0].clone()
                }
            };
            if serve(stream, &next, &tell).is_err() {
                break;
            }
        }
    });
    (port, got)
}

fn serve(mut stream: std::net::TcpStream, does: &Does, tell: &Tell<Got>) -> Result<(), ()> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    let (head, body) = loop {
        let n = stream.read(&mut piece).unwrap_or(0);
        if n == 0 {
            return Ok(());
        }
        text.extend_from_slice(&piece[..n]);
        let whole = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = whole.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|l| {
            let (name, value) = l.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            break (head.to_string(), body.to_string());
        }
    };
    let headers = head.lines().skip(1).filter_map(|l| {
        let (name, value) = l.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_string()))
    });
    let got = Got {
        headers: headers.collect(),
        body,
    };
    tell.send(got).map_err(|_| ())?;
    let answer =
        |status: &str, more: &str| format!("HTTP/1.1 {status}\r\n{more}connection: close\r\n\r\n");
    match does {
        Does::Status(code) => {
            let _ =
                stream.write_all(answer(&format!("{code} X"), "content-length: 0\r\n").as_bytes());
        }
        Does::Dies => {}
        Does::Redirects(to) => {
            let more = format!("location: {to}\r\ncontent-length: 0\r\n");
            let _ = stream.write_all(answer("302 Found", &more).as_bytes());
        }
        Does::Floods => {
            let _ = stream.write_all(answer("200 OK", "content-length: 10485760\r\n").as_bytes());
            for _ in 0..160 {
                if stream.write_all(&[b'x'; 65_536]).is_err() {
                    break;
                }
            }
        }
    }
    Ok(())
}
