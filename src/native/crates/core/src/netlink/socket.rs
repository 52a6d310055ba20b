//! One netlink socket: requests that are acknowledged, dumps that are complete or an error.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, sockopt,
};

use super::NetError;
use super::wire::{
    Attributes, HEADER, Messages, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, Writer, read_u32,
};
use crate::sys;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLMSG_MIN_TYPE: u16 = 0x10;
const NLM_F_CAPPED: u16 = 0x100;
const NLM_F_ACK_TLVS: u16 = 0x200;
const NLMSGERR_ATTR_MSG: u16 = 1;
const NETLINK_ADD_MEMBERSHIP: i32 = 1;
const NETLINK_CAP_ACK: i32 = 10;
const NETLINK_EXT_ACK: i32 = 11;
/// A dump is read in datagrams of at most 32 KiB (`NLMSG_GOODSIZE` and what the reader offers, `af_netlink.c`).
const RECEIVE: usize = 64 << 10;
/// What the kernel queues for us at most: acknowledgements of a batch of some thousand messages.
const BUFFER: usize = 4 << 20;
/// The kernel answers while it handles `sendmsg`; silence for this long is a bug, not load.
const PATIENCE: Duration = Duration::from_secs(10);
/// A dump that changes while it is read starts again this often.
const DUMP_TRIES: u32 = 8;

/// One message of a dump: its type and what follows `nlmsghdr`.
pub type Dumped = (u16, Vec<u8>);

/// A bound netlink socket in the network namespace of the thread that opened it.
pub struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    /// None: `NETLINK_ROUTE`, whose number is zero.
    pub fn open(protocol: Option<Protocol>) -> Result<Self, NetError> {
        Self::connect(protocol).map_err(|error| NetError::io("netlink.open", &error))
    }

    fn connect(protocol: Option<Protocol>) -> io::Result<Self> {
        let fd = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            protocol,
        )?;
        rustix::net::bind(&fd, &netlink::SocketAddrNetlink::new(0, 0))?;
        sys::netlink::set_netlink_option(fd.as_fd(), NETLINK_CAP_ACK, 1)?;
        sys::netlink::set_netlink_option(fd.as_fd(), NETLINK_EXT_ACK, 1)?;
        sockopt::set_socket_timeout(&fd, sockopt::Timeout::Recv, Some(PATIENCE))?;
        // Without CAP_NET_ADMIN over the initial namespace the limits stay as they are: only very large batches need more.
        let _ = sockopt::set_socket_recv_buffer_size_force(&fd, BUFFER);
        let _ = sockopt::set_socket_send_buffer_size_force(&fd, BUFFER);
        Ok(Self {
            fd,
            sequence: 1,
            buffer: vec![0; RECEIVE],
        })
    }

    /// Joins a multicast group, for notifications.
    pub fn join(&self, group: i32) -> Result<(), NetError> {
        sys::netlink::set_netlink_option(self.fd.as_fd(), NETLINK_ADD_MEMBERSHIP, group)
            .map_err(|error| NetError::io("netlink.join", &error))
    }

    pub fn descriptor(&self) -> &OwnedFd {
        &self.fd
    }

    /// Sends messages that each carry `NLM_F_ACK` in one `sendmsg`; all are answered before this returns. The kernel handles every message even when
    /// an earlier one failed; the first failure is returned with its index.
    pub fn request(&mut self, step: &'static str, writer: Writer) -> Result<(), RequestError> {
        let count = writer.messages();
        let base = self.send(step, writer)?;
        self.acknowledgements(step, base, count, count)
    }

    /// Sends a transaction (nfnetlink): messages without `NLM_F_ACK` are answered on failure only, so the last message's acknowledgement ends the
    /// reading. When the whole batch fails, the kernel reports each offending message; the first one is returned.
    pub fn transaction(
        &mut self,
        step: &'static str,
        writer: Writer,
        acknowledged: u32,
    ) -> Result<(), RequestError> {
        let count = writer.messages();
        let base = self.send(step, writer)?;
        self.acknowledgements(step, base, count, acknowledged)
    }

    /// Sends one acknowledged request and returns the messages that came before the acknowledgement.
    pub fn query(&mut self, step: &'static str, writer: Writer) -> Result<Vec<Dumped>, NetError> {
        let base = self.send(step, writer)?;
        let mut messages = Vec::new();
        loop {
            let length = self.receive(step)?;
            for message in
                Messages(&self.buffer[..length]).filter(|message| message.sequence == base)
            {
                if message.kind == NLMSG_ERROR {
                    let (errno, text) = parse_error(message.payload, message.flags)
                        .ok_or_else(|| NetError::protocol(step))?;
                    return if errno == 0 {
                        Ok(messages)
                    } else {
                        Err(NetError {
                            step,
                            errno,
                            message: text,
                        })
                    };
                }
                messages.push((message.kind, message.payload.to_vec()));
            }
        }
    }

    /// Asks for a dump and returns all its messages. A dump that was disturbed by a change is read again.
    pub fn dump(
        &mut self,
        step: &'static str,
        kind: u16,
        head: &[u8],
        body: impl Fn(&mut Writer),
    ) -> Result<Vec<Dumped>, NetError> {
        for _ in 0..DUMP_TRIES {
            let mut writer = Writer::new();
            writer.message(kind, NLM_F_REQUEST | NLM_F_DUMP, head, &body);
            let base = self.send(step, writer)?;
            if let Some(messages) = self.read_dump(step, base)? {
                return Ok(messages);
            }
        }
        Err(NetError {
            step,
            errno: libc::EINTR,
            message: String::from("the kernel's list changed during each of eight readings"),
        })
    }

    /// The next datagram of a group that was joined. An error may mean that notifications were lost (ENOBUFS).
    pub fn notifications(&mut self, step: &'static str) -> Result<Vec<u8>, NetError> {
        let length = self.receive(step)?;
        Ok(self.buffer[..length].to_vec())
    }

    fn send(&mut self, step: &'static str, writer: Writer) -> Result<u32, NetError> {
        let base = self.sequence;
        self.sequence = self.sequence.wrapping_add(writer.messages());
        let bytes = writer.finish(base).ok_or_else(|| NetError {
            step,
            errno: libc::EMSGSIZE,
            message: String::from("a value is longer than a netlink attribute can be"),
        })?;
        let sent = retry(|| rustix::net::send(&self.fd, &bytes, SendFlags::empty()))
            .map_err(|e| NetError::io(step, &e))?;
        if sent == bytes.len() {
            Ok(base)
        } else {
            Err(NetError::protocol(step))
        }
    }

    fn receive(&mut self, step: &'static str) -> Result<usize, NetError> {
        let (fd, buffer) = (&self.fd, &mut self.buffer);
        let (_, length) = retry(|| rustix::net::recv(fd, buffer.as_mut_slice(), RecvFlags::TRUNC))
            .map_err(|e| NetError::io(step, &e))?;
        if length > buffer.len() {
            Err(NetError {
                step,
                errno: libc::EMSGSIZE,
                message: String::from("answer longer than 64 KiB"),
            })
        } else {
            Ok(length)
        }
    }

    fn acknowledgements(
        &mut self,
        step: &'static str,
        base: u32,
        count: u32,
        expected: u32,
    ) -> Result<(), RequestError> {
        let mut seen = 0;
        let mut first: Option<RequestError> = None;
        while seen < expected {
            let length = match self.receive(step) {
                // A failed transaction acknowledges nothing but its failures; they are all queued before sendmsg returns.
                Err(_) if first.is_some() => break,
                other => other?,
            };
            for message in Messages(&self.buffer[..length]) {
                let index = message.sequence.wrapping_sub(base);
                if message.kind != NLMSG_ERROR || index >= count {
                    continue; // an answer to an earlier request that was given up
                }
                let (errno, text) = parse_error(message.payload, message.flags)
                    .ok_or_else(|| NetError::protocol(step))?;
                seen += 1;
                if errno != 0 && first.as_ref().is_none_or(|known| known.index > index) {
                    first = Some(RequestError {
                        index,
                        error: NetError {
                            step,
                            errno,
                            message: text,
                        },
                    });
                }
            }
            if first.is_some() && expected < count {
                self.drain();
                break;
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// Throws away what is queued already.
    fn drain(&mut self) {
        let mut scratch = [MaybeUninit::<u8>::uninit(); 64];
        while rustix::net::recv(
            &self.fd,
            &mut scratch[..],
            RecvFlags::DONTWAIT | RecvFlags::TRUNC,
        )
        .is_ok()
        {}
    }

    /// None: the dump was interrupted by a change.
    fn read_dump(
        &mut self,
        step: &'static str,
        base: u32,
    ) -> Result<Option<Vec<Dumped>>, NetError> {
        let mut messages = Vec::new();
        let mut interrupted = false;
        loop {
            let length = self.receive(step)?;
            for message in Messages(&self.buffer[..length]) {
                if message.sequence != base {
                    continue;
                }
                interrupted |= message.flags & NLM_F_DUMP_INTR != 0;
                match message.kind {
                    NLMSG_ERROR => {
                        let (errno, text) = parse_error(message.payload, message.flags)
                            .ok_or_else(|| NetError::protocol(step))?;
                        return if errno == libc::EINTR {
                            Ok(None)
                        } else {
                            Err(NetError {
                                step,
                                errno,
                                message: text,
                            })
                        };
                    }
                    NLMSG_DONE => {
                        let errno = read_u32(message.payload, 0).map_or(0, errno_of);
                        return match errno {
                            0 if !interrupted => Ok(Some(messages)),
                            0 | libc::EINTR => Ok(None),
                            _ => Err(NetError {
                                step,
                                errno,
                                message: describe(errno),
                            }),
                        };
                    }
                    kind if kind >= NLMSG_MIN_TYPE => {
                        messages.push((kind, message.payload.to_vec()));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A failed message of a batch.
#[derive(Debug)]
pub struct RequestError {
    /// Index of the message in the batch.
    pub index: u32,
    pub error: NetError,
}

impl From<NetError> for RequestError {
    fn from(error: NetError) -> Self {
        Self { index: 0, error }
    }
}

impl From<RequestError> for NetError {
    fn from(failed: RequestError) -> Self {
        failed.error
    }
}

/// Payload of `NLMSG_ERROR`: errno (0: acknowledged) and the kernel's own words where it has some.
fn parse_error(payload: &[u8], flags: u16) -> Option<(i32, String)> {
    let errno = errno_of(read_u32(payload, 0)?);
    if errno == 0 {
        return Some((0, String::new()));
    }
    let echoed = if flags & NLM_F_CAPPED != 0 {
        HEADER
    } else {
        (read_u32(payload, 4)? as usize).max(HEADER)
    };
    let extended = if flags & NLM_F_ACK_TLVS != 0 {
        Attributes::after(payload, 4 + echoed).text(NLMSGERR_ATTR_MSG)
    } else {
        None
    };
    Some((
        errno,
        extended.map_or_else(
            || describe(errno),
            |text| format!("{} ({text})", describe(errno)),
        ),
    ))
}

fn errno_of(raw: u32) -> i32 {
    raw.cast_signed().checked_neg().unwrap_or(libc::EPROTO)
}

pub(super) fn describe(errno: i32) -> String {
    io::Error::from_raw_os_error(errno).to_string()
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map_err(io::Error::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_reach_the_error() {
        let mut payload = (-17_i32).to_ne_bytes().to_vec();
        payload.extend_from_slice(&[0; HEADER]);
        payload.extend_from_slice(&[12, 0, 1, 0]);
        payload.extend_from_slice(b"in use\0\0");
        let (errno, text) =
            parse_error(&payload, NLM_F_CAPPED | NLM_F_ACK_TLVS).expect("well formed");
        assert_eq!(errno, 17);
        assert!(text.ends_with("(in use)"), "{text}");
        assert!(parse_error(&payload[..3], 0).is_none());
    }
}
