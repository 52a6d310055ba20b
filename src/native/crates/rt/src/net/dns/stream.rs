//! Messages on a connection, each behind its length (RFC 1035 4.2.2), without waiting.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use super::message::MAX_STREAM;

const PREFIX: usize = 2;
/// Read at once.
const CHUNK: usize = 4096;

#[derive(Debug)]
pub struct Stream {
    socket: TcpStream,
    /// Came and was not taken yet.
    input: Vec<u8>,
    /// To be sent; `sent` bytes of it are.
    output: Vec<u8>,
    sent: usize,
    /// Longer messages end the connection.
    longest: usize,
}

impl Stream {
    /// Around a socket that does not block.
    pub fn new(socket: TcpStream, longest: usize) -> Self {
        Self {
            socket,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            longest,
        }
    }

    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Takes in what is there, once. Its end is an error.
    pub fn receive(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        match self.socket.read(&mut chunk) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.input.extend_from_slice(&chunk[..count]);
                Ok(())
            }
            Err(error) if is_passing(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The next message that is there whole. One that is too long is an error.
    pub fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(prefix) = self.input.first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes(*prefix));
        if length > self.longest {
            return Err(ErrorKind::InvalidData.into());
        }
        if self.input.len() < PREFIX + length {
            return Ok(None);
        }
        let rest = self.input.split_off(PREFIX + length);
        let whole = std::mem::replace(&mut self.input, rest);
        Ok(Some(whole[PREFIX..].to_vec()))
    }

    /// Puts a message behind what is still to be sent.
    pub fn push(&mut self, message: &[u8]) {
        let length = message.len().min(MAX_STREAM);
        let prefix = u16::try_from(length).unwrap_or(u16::MAX);
        self.output.extend_from_slice(&prefix.to_be_bytes());
        self.output.extend_from_slice(&message[..length]);
    }

    /// Sends what the other side takes.
    pub fn send(&mut self) -> io::Result<()> {
        while self.sent < self.output.len() {
            match self.socket.write(&self.output[self.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.output = Vec::new();
        self.sent = 0;
        Ok(())
    }

    pub fn is_sending(&self) -> bool {
        !self.output.is_empty()
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
