//! Frames with descriptors over one `SOCK_SEQPACKET` socket.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags,
    SocketType, bind, connect, listen, recvmsg, sendmsg, socket_with, socketpair,
};

use crate::proto::{self, FLAG_SEALED, Frame, FrameError, HEADER_BYTES, MAX_BODY_BYTES, MAX_SEALED_BYTES};

/// Descriptors a message may carry.
const MAX_DESCRIPTORS: usize = 8;

const SEALS: SealFlags = SealFlags::SEAL.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::WRITE);

#[derive(Debug)]
pub struct Message {
    pub frame: Frame,
    pub descriptors: Vec<OwnedFd>,
}

/// What one receive brought.
#[derive(Debug)]
pub enum Received {
    Message(Message),
    /// A frame of a kind this release does not know: to be answered with a failure.
    Unknown { kind: u16, request: u32 },
    /// The other side is gone, or spoke something else.
    Closed,
}

/// Both ends of a private channel.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// A listening socket at `path`; a stale one is replaced. Paths above 107 bytes are refused (`sun_path`).
pub fn listen_at(path: &Path) -> io::Result<OwnedFd> {
    let address = SocketAddrUnix::new(path)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    bind(&socket, &address)?;
    rustix::fs::chmod(path, rustix::fs::Mode::from_raw_mode(0o600))?;
    listen(&socket, 128)?;
    Ok(socket)
}

/// Connects without waiting: the kernel completes it at once or refuses. The socket stays in non-blocking mode.
pub fn connect_to(path: &Path) -> io::Result<OwnedFd> {
    let address = SocketAddrUnix::new(path)?;
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    connect(&socket, &address)?;
    Ok(socket)
}

/// Accepts one connection of root or of our own user (`SO_PEERCRED`); others are closed at once. `None`: nobody waits any more.
pub fn accept_trusted(listener: BorrowedFd<'_>) -> Option<OwnedFd> {
    loop {
        let socket = rustix::net::accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK).ok()?;
        let Ok(peer) = rustix::net::sockopt::socket_peercred(&socket) else { continue };
        if peer.uid.is_root() || peer.uid == rustix::process::getuid() {
            return Some(socket);
        }
    }
}

/// Sends a frame as one datagram; a body above 64 KiB goes into a sealed memfd in front of `descriptors`.
pub fn send(socket: BorrowedFd<'_>, frame: &Frame, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    if frame.body.len() <= MAX_BODY_BYTES {
        return send_parts(socket, &frame.header(0, frame.body.len()), &frame.body, descriptors);
    }
    let sealed = seal(&frame.body)?;
    let all: Vec<BorrowedFd<'_>> = std::iter::once(sealed.as_fd()).chain(descriptors.iter().copied()).collect();
    send_parts(socket, &frame.header(FLAG_SEALED, frame.body.len()), &[], &all)
}

fn send_parts(socket: BorrowedFd<'_>, header: &[u8; HEADER_BYTES], body: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    if descriptors.len() > MAX_DESCRIPTORS {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    sendmsg(socket, &[IoSlice::new(header), IoSlice::new(body)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives one frame. Descriptors arrive close-on-exec and belong to the caller. EAGAIN on a non-blocking socket with nothing to read.
pub fn receive(socket: BorrowedFd<'_>) -> io::Result<Received> {
    let mut bytes = vec![0; HEADER_BYTES + MAX_BODY_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut receive_once = || recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC);
    // A peer that closed with something of ours unread makes the next call fail once, in front of what it had sent before (unix(7) sockets).
    let got = match receive_once().or_else(|error| if error == rustix::io::Errno::CONNRESET { receive_once() } else { Err(error) }) {
        Err(rustix::io::Errno::CONNRESET | rustix::io::Errno::PIPE) => return Ok(Received::Closed),
        other => other?,
    };
    let mut descriptors: Vec<OwnedFd> = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    if got.bytes == 0 || got.flags.contains(ReturnFlags::TRUNC) || got.flags.contains(ReturnFlags::CTRUNC) {
        return Ok(Received::Closed);
    }
    let envelope = match proto::parse(&bytes[..got.bytes]) {
        Ok(envelope) => envelope,
        Err(FrameError::UnknownKind { kind, request }) => return Ok(Received::Unknown { kind, request }),
        Err(FrameError::NotAFrame | FrameError::Version(_)) => return Ok(Received::Closed),
    };
    let body = if envelope.sealed {
        if descriptors.is_empty() {
            return Ok(Received::Closed);
        }
        read_sealed(descriptors.remove(0).as_fd(), MAX_SEALED_BYTES)?
    } else {
        envelope.body.to_vec()
    };
    Ok(Received::Message(Message { frame: Frame::new(envelope.kind, envelope.request, body), descriptors }))
}

/// A memfd with these bytes that nobody can change any more.
pub fn seal(bytes: &[u8]) -> io::Result<OwnedFd> {
    let file = File::from(rustix::fs::memfd_create("tsdock", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    (&file).write_all(bytes)?;
    rustix::fs::fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// The bytes of a memfd, refused unless it carries all seals and is at most `limit` long.
pub fn read_sealed(file: BorrowedFd<'_>, limit: usize) -> io::Result<Vec<u8>> {
    let seals = rustix::fs::fcntl_get_seals(file)?;
    let length = usize::try_from(rustix::fs::fstat(file)?.st_size).unwrap_or(usize::MAX);
    if !seals.contains(SEALS) || length > limit {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    File::from(file.try_clone_to_owned()?).read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Kind;

    fn round_trip(body: Vec<u8>) -> Message {
        let (left, right) = pair().unwrap();
        let pipe = rustix::pipe::pipe().unwrap();
        send(left.as_fd(), &Frame::new(Kind::Exec, 7, body), &[pipe.0.as_fd()]).unwrap();
        match receive(right.as_fd()).unwrap() {
            Received::Message(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_frame_and_its_descriptor_arrive() {
        let message = round_trip(vec![1, 2, 3]);
        assert_eq!((message.frame.kind, message.frame.request, message.frame.body.as_slice()), (Kind::Exec, 7, [1, 2, 3].as_slice()));
        assert_eq!(message.descriptors.len(), 1);
    }

    #[test]
    fn a_large_body_travels_sealed_and_arrives_whole() {
        let body: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let message = round_trip(body.clone());
        assert_eq!(message.frame.body, body);
        assert_eq!(message.descriptors.len(), 1);
    }

    #[test]
    fn a_memfd_without_seals_is_refused() {
        let open = rustix::fs::memfd_create("open", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        assert!(read_sealed(open.as_fd(), 100).is_err());
        assert!(read_sealed(seal(b"0123456789").unwrap().as_fd(), 9).is_err());
        assert_eq!(read_sealed(seal(b"0123456789").unwrap().as_fd(), 10).unwrap(), b"0123456789");
    }

    #[test]
    fn what_a_peer_said_before_it_closed_arrives_even_if_it_left_something_unread() {
        let (left, right) = pair().unwrap();
        send(left.as_fd(), &Frame::new(Kind::Go, 0, Vec::new()), &[]).unwrap();
        send(right.as_fd(), &Frame::new(Kind::Executing, 0, Vec::new()), &[]).unwrap();
        drop(right);
        assert!(matches!(receive(left.as_fd()).unwrap(), Received::Message(message) if message.frame.kind == Kind::Executing));
        assert!(matches!(receive(left.as_fd()).unwrap(), Received::Closed));
    }

    #[test]
    fn bytes_that_are_no_frame_close_the_connection() {
        let (left, right) = pair().unwrap();
        rustix::net::send(&left, b"GET / HTTP/1.1", SendFlags::empty()).unwrap();
        assert!(matches!(receive(right.as_fd()).unwrap(), Received::Closed));
    }
}
