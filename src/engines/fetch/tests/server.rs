//! A web server of a few lines, on this machine, that misbehaves as asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the client asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

impl Request {
    /// The first byte of its range.
    pub fn from(&self) -> Option<usize> {
        let range = self.range.as_ref()?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    }
}

/// What the server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Hangs up after so many bytes of the body.
    pub cut: Option<usize>,
}

impl Reply {
    pub fn whole(body: &[u8]) -> Reply {
        Reply {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
            cut: None,
        }
    }

    pub fn status(status: u16) -> Reply {
        Reply {
            status,
            ..Reply::whole(b"")
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    pub fn cut(mut self, after: usize) -> Reply {
        self.cut = Some(after);
        self
    }

    /// Answers as a server that knows ranges does, for a file with this ETag.
    pub fn ranged(request: &Request, body: &[u8], etag: &str) -> Reply {
        let same = request.if_range.as_ref().is_none_or(|mark| mark == etag);
        let reply = match request.from() {
            Some(from) if from >= body.len() => {
                Reply::status(416).with("Content-Range", format!("bytes */{}", body.len()))
            }
            Some(from) if same => {
                let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                let mut part = Reply::whole(&body[from..]).with("Content-Range", range);
                part.status = 206;
                part
            }
            _ => Reply::whole(body),
        };
        reply.with("ETag", etag)
    }
}

/// Serves until the test ends, and remembers what it was asked.
pub struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `answer` gets the request and how many came before.
    pub fn new(answer: impl Fn(&Request, usize) -> Reply + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read(&stream);
                let before = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                write(stream, &answer(&request, before));
            }
        });
        Server { address, asked }
    }

    pub fn url(&self, file: &str) -> String {
        format!("{}/{file}", self.address)
    }

    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut request = Request::default();
    for (n, line) in BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .enumerate()
    {
        if line.is_empty() {
            break;
        }
        if n == 0 {
            request.path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        } else if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "range" => request.range = Some(value.to_owned()),
                "if-range" => request.if_range = Some(value.to_owned()),
                _ => {}
            }
        }
    }
    request
}

/// The client may be gone; that is its affair.
fn write(mut stream: TcpStream, reply: &Reply) {
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
    head += &format!("Content-Length: {}\r\n", reply.body.len());
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let end = reply.cut.unwrap_or(reply.body.len());
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(&reply.body[..end]);
}
