//! Reads the head of an HTTP/1.1 request within bounds.

use std::io::{self, Read};

/// Request line and headers together.
pub const MAX_HEAD: usize = 8 << 10;

/// What counts of a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path without query, still percent-encoded.
    pub path: String,
    pub keep_alive: bool,
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The connection ended or timed out; nothing is answered.
    Gone,
    /// A status to answer with, then the end.
    Status(u16),
}

/// Bytes of a connection; what follows a request's head stays for the next one.
pub struct Reader<R> {
    stream: R,
    buffer: Vec<u8>,
}

impl<R: Read> Reader<R> {
    pub fn new(stream: R) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub fn next(&mut self) -> Result<Request, Refusal> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return parse(&head[..end]);
            }
            if self.buffer.len() >= MAX_HEAD {
                return Err(Refusal::Status(431));
            }
            let mut chunk = [0; 2048];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(Refusal::Gone),
                Ok(length) => self.buffer.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Refusal::Gone),
            }
        }
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}

fn parse(head: &[u8]) -> Result<Request, Refusal> {
    let head = std::str::from_utf8(head).map_err(|_| Refusal::Status(400))?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::Status(400));
    };
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
        return Err(Refusal::Status(505));
    }
    let mut keep_alive = version == "HTTP/1.1";
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Refusal::Status(400))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "connection" if value.eq_ignore_ascii_case("close") => keep_alive = false,
            "content-length" if value != "0" => return Err(Refusal::Status(413)),
            "transfer-encoding" => return Err(Refusal::Status(413)),
            _ => {}
        }
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') {
        return Err(Refusal::Status(400));
    }
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        keep_alive,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Result<Request, Refusal> {
        Reader::new(bytes).next()
    }

    #[test]
    fn requests_follow_each_other_on_one_connection() {
        let mut reader =
            Reader::new(&b"GET /a?x=1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /b HTTP/1.0\r\n\r\n"[..]);
        let request = |method: &str, path: &str, keep_alive| {
            Ok(Request {
                method: method.to_owned(),
                path: path.to_owned(),
                keep_alive,
            })
        };
        assert_eq!(reader.next(), request("GET", "/a", true));
        assert_eq!(reader.next(), request("HEAD", "/b", false));
        assert_eq!(reader.next(), Err(Refusal::Gone));
    }

    #[test]
    fn what_is_no_request_or_too_much_is_refused() {
        assert_eq!(first(b"GET /\r\n\r\n"), Err(Refusal::Status(400)));
        assert_eq!(first(b"GET x HTTP/1.1\r\n\r\n"), Err(Refusal::Status(400)));
        assert_eq!(
            first(b"GET /\xff HTTP/1.1\r\n\r\n"),
            Err(Refusal::Status(400))
        );
        assert_eq!(
            first(b"GET / HTTP/1.1\r\nbroken\r\n\r\n"),
            Err(Refusal::Status(400))
        );
        assert_eq!(first(b"GET / HTTP/2\r\n\r\n"), Err(Refusal::Status(505)));
        assert_eq!(
            first(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
            Err(Refusal::Status(413))
        );
        assert_eq!(first(&vec![b'x'; 20_000]), Err(Refusal::Status(431)));
        assert_eq!(first(b"GET / HTTP/1.1\r\n"), Err(Refusal::Gone));
    }
}
