//! A UDP socket that never blocks and knows how long ago each datagram came (the kernel's own timestamp), so that
//! reading it every 20 ms does not look like 20 ms of jitter.

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

/// A bound socket.
#[derive(Debug)]
pub struct Socket(UdpSocket);

/// One datagram's size, source and age in milliseconds.
#[derive(Copy, Clone, Debug)]
pub struct Received {
    pub len: usize,
    pub from: SocketAddr,
    pub age_ms: u64,
}

impl Socket {
    /// Binds to exactly this address.
    ///
    /// # Errors
    /// When the port is taken or the address is not this machine's.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let on: libc::c_int = 1;
        // SAFETY: the option's value is an int that lives through the call. Refusal only costs precision.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_TIMESTAMPNS,
                (&raw const on).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            );
        }
        Ok(Socket(socket))
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// When the system does not know.
    pub fn local(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Sends if the kernel takes it now.
    ///
    /// # Errors
    /// When it does not, or the destination is refused.
    pub fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        self.0.send_to(datagram, to).map(drop)
    }

    /// The next datagram, or `None` when there is none. Errors of an earlier send (a port unreachable) are passed over.
    pub fn receive(&self, buffer: &mut [u8]) -> Option<Received> {
        for _ in 0..4 {
            match self.receive_once(buffer) {
                Ok(received) => return Some(received),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return None,
                Err(_) => {}
            }
        }
        None
    }

    fn receive_once(&self, buffer: &mut [u8]) -> io::Result<Received> {
        // SAFETY: all-zero bytes are valid for these plain C structures.
        let (mut name, mut message): (libc::sockaddr_storage, libc::msghdr) =
            unsafe { (zeroed(), zeroed()) };
        let mut part = libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        let mut control = [0u64; 16];
        message.msg_name = (&raw mut name).cast();
        message.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        // SAFETY: every pointer in the message refers to a local that outlives the call, with its true length.
        let n = unsafe { libc::recvmsg(self.0.as_raw_fd(), &raw mut message, libc::MSG_DONTWAIT) };
        if n < 0 {
            return Err(io::Error::last_os_error());
        }
        let from = source(&name).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Received {
            len: n as usize,
            from,
            age_ms: age_ms(&message),
        })
    }
}

fn source(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says what the storage holds, and the storage is large enough for every family.
            let a = unsafe { &*(&raw const *name).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr));
            Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(a.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let a = unsafe { &*(&raw const *name).cast::<libc::sockaddr_in6>() };
            let ip = IpAddr::V6(Ipv6Addr::from(a.sin6_addr.s6_addr)).to_canonical();
            Some(SocketAddr::new(ip, u16::from_be(a.sin6_port)))
        }
        _ => None,
    }
}

/// How long ago the kernel took the datagram; 0 when it does not say. Both stamps are of the same clock, and a clock
/// that was set in between cannot make it more than a second.
fn age_ms(message: &libc::msghdr) -> u64 {
    // SAFETY: the CMSG functions walk the control buffer that recvmsg just filled, within its stated length; the
    // timestamp is read unaligned.
    let stamp = unsafe {
        let mut header = libc::CMSG_FIRSTHDR(message);
        loop {
            if header.is_null() {
                return 0;
            }
            if (*header).cmsg_level == libc::SOL_SOCKET
                && (*header).cmsg_type == libc::SO_TIMESTAMPNS
            {
                break libc::CMSG_DATA(header)
                    .cast::<libc::timespec>()
                    .read_unaligned();
            }
            header = libc::CMSG_NXTHDR(message, header);
        }
    };
    // SAFETY: the pointer is to a local.
    let now = unsafe {
        let mut now: libc::timespec = zeroed();
        if libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) != 0 {
            return 0;
        }
        now
    };
    let ms = (now.tv_sec - stamp.tv_sec) * 1000 + (now.tv_nsec - stamp.tv_nsec) / 1_000_000;
    ms.clamp(0, 1000) as u64
}
