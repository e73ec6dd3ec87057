//! Ways to the robot: a UDP socket or a TCP connection (RFC 3261 §18).

use super::FarError;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

/// A SIP message larger than this is not read from a stream.
const MAX_MESSAGE: usize = 65_535;

/// Where answers go.
#[derive(Clone, Debug)]
pub(super) enum Pipe {
    Udp(Arc<UdpSocket>, SocketAddr),
    Tcp(mpsc::Sender<Vec<u8>>, SocketAddr),
}

impl Pipe {
    pub(super) fn peer(&self) -> SocketAddr {
        match self {
            Pipe::Udp(_, peer) | Pipe::Tcp(_, peer) => *peer,
        }
    }

    pub(super) fn transport(&self) -> &'static str {
        match self {
            Pipe::Udp(..) => "UDP",
            Pipe::Tcp(..) => "TCP",
        }
    }

    /// Never waits: what a full buffer refuses is lost, as on a wire.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        match self {
            Pipe::Udp(socket, peer) => drop(socket.try_send_to(&bytes, *peer)),
            Pipe::Tcp(queue, _) => drop(queue.try_send(bytes)),
        }
    }
}

/// A message that came in.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) bytes: Vec<u8>,
    pub(super) pipe: Pipe,
    pub(super) local: SocketAddr,
}

/// A UDP and a TCP socket on one port, not yet in a runtime.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) local: SocketAddr,
    udp: std::net::UdpSocket,
    tcp: std::net::TcpListener,
}

impl Sockets {
    pub(super) fn bind(addr: SocketAddr) -> Result<Self, FarError> {
        let wrong = |source| FarError::Bind { addr, source };
        let mut tries = if addr.port() == 0 { 50 } else { 1 };
        loop {
            tries -= 1;
            let udp = std::net::UdpSocket::bind(addr).map_err(wrong)?;
            let local = udp.local_addr().map_err(wrong)?;
            match std::net::TcpListener::bind(local) {
                Ok(tcp) => {
                    udp.set_nonblocking(true).map_err(wrong)?;
                    tcp.set_nonblocking(true).map_err(wrong)?;
                    return Ok(Sockets { local, udp, tcp });
                }
                Err(error) if tries == 0 => return Err(wrong(error)),
                Err(_) => {}
            }
        }
    }

    /// Starts reading; needs a runtime.
    pub(super) fn listen(self, into: mpsc::Sender<Incoming>) -> std::io::Result<()> {
        let udp = Arc::new(UdpSocket::from_std(self.udp)?);
        let tcp = TcpListener::from_std(self.tcp)?;
        tokio::spawn(read_udp(udp, self.local, into.clone()));
        tokio::spawn(accept(tcp, self.local, into));
        Ok(())
    }
}

async fn read_udp(socket: Arc<UdpSocket>, local: SocketAddr, into: mpsc::Sender<Incoming>) {
    let mut buffer = vec![0; MAX_MESSAGE];
    loop {
        // An error here is about one datagram (ICMP), not about the socket.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let pipe = Pipe::Udp(Arc::clone(&socket), peer);
        let bytes = buffer[..length].to_vec();
        if into.send(Incoming { bytes, pipe, local }).await.is_err() {
            return;
        }
    }
}

async fn accept(listener: TcpListener, local: SocketAddr, into: mpsc::Sender<Incoming>) {
    while let Ok((stream, peer)) = listener.accept().await {
        tokio::spawn(read_tcp(stream, peer, local, into.clone()));
    }
}

async fn read_tcp(
    stream: TcpStream,
    peer: SocketAddr,
    local: SocketAddr,
    into: mpsc::Sender<Incoming>,
) {
    let (mut reader, mut writer) = stream.into_split();
    let (queue, mut waiting) = mpsc::channel::<Vec<u8>>(64);
    tokio::spawn(async move {
        while let Some(bytes) = waiting.recv().await {
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut held = Vec::new();
    let mut buffer = vec![0; 4096];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => held.extend_from_slice(&buffer[..length]),
        }
        while let Some(bytes) = take_message(&mut held) {
            let pipe = Pipe::Tcp(queue.clone(), peer);
            if into.send(Incoming { bytes, pipe, local }).await.is_err() {
                return;
            }
        }
        if held.len() > MAX_MESSAGE {
            return;
        }
    }
}

/// Cuts one message off a stream (RFC 3261 §18.3).
fn take_message(held: &mut Vec<u8>) -> Option<Vec<u8>> {
    let blank = held
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    held.drain(..blank);
    let head = held.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&held[..head]).to_ascii_lowercase();
    let length: usize = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| matches!(key.trim(), "content-length" | "l"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let end = head.checked_add(length)?;
    (held.len() >= end).then(|| held.drain(..end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_where_their_length_says() {
        let mut held =
            b"\r\n\r\nA x SIP/2.0\r\nl: 3\r\n\r\nabcB y SIP/2.0\r\nContent-Length: 2\r\n\r\nz"
                .to_vec();
        assert_eq!(
            take_message(&mut held),
            Some(b"A x SIP/2.0\r\nl: 3\r\n\r\nabc".to_vec())
        );
        assert_eq!(take_message(&mut held), None);
        held.push(b'z');
        assert!(take_message(&mut held).is_some_and(|m| m.ends_with(b"zz")));
    }
}
