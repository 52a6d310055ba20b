//! Connections: a bounded number of threads, a bounded time each.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::files::{self, Found};
use crate::request::{Reader, Refusal, Request};

const MAX_CONNECTIONS: usize = 128;
const MAX_REQUESTS_PER_CONNECTION: usize = 1000;
/// Also the time a connection may rest between two requests.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is served.
pub struct Site {
    pub root: PathBuf,
    /// The page at `/` when the root has none.
    pub page: String,
}

/// Serves until the process ends.
pub fn serve(listener: &TcpListener, site: &Site) {
    let open = AtomicUsize::new(0);
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else {
                thread::sleep(Duration::from_millis(50)); // no descriptors left: others must end first
                continue;
            };
            if open.fetch_add(1, Ordering::AcqRel) >= MAX_CONNECTIONS {
                open.fetch_sub(1, Ordering::AcqRel);
                let _ = stream.write_all(&head(503, "text/plain", 0, false));
                continue;
            }
            let open = &open;
            let started =
                thread::Builder::new()
                    .stack_size(256 << 10)
                    .spawn_scoped(scope, move || {
                        let _ = connection(&stream, site);
                        open.fetch_sub(1, Ordering::AcqRel);
                    });
            if started.is_err() {
                open.fetch_sub(1, Ordering::AcqRel);
            }
        }
    });
}

fn connection(stream: &TcpStream, site: &Site) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let peer = stream
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let mut reader = Reader::new(stream);
    for _ in 0..MAX_REQUESTS_PER_CONNECTION {
        match reader.next() {
            Ok(request) => {
                let status = answer(stream, site, &request)?;
                log(peer, &request.method, &request.path, status);
                if !request.keep_alive {
                    return Ok(());
                }
            }
            Err(Refusal::Gone) => return Ok(()),
            Err(Refusal::Status(status)) => {
                log(peer, "-", "-", status);
                return text(
                    stream,
                    status,
                    reason(status),
                    Answer {
                        body: true,
                        keep_alive: false,
                    },
                );
            }
        }
    }
    Ok(())
}

/// How to answer: with the body, and whether the connection stays.
#[derive(Clone, Copy)]
struct Answer {
    body: bool,
    keep_alive: bool,
}

fn answer(stream: &TcpStream, site: &Site, request: &Request) -> io::Result<u16> {
    let how = Answer {
        body: request.method != "HEAD",
        keep_alive: request.keep_alive,
    };
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        text(stream, 405, reason(405), how)?;
        return Ok(405);
    }
    if request.path == "/healthz" {
        text(stream, 200, "ok", how)?;
        return Ok(200);
    }
    match files::find(&site.root, &request.path) {
        Some(found) => send_file(stream, found, how).map(|()| 200),
        None if request.path == "/" => send(
            stream,
            200,
            "text/html; charset=utf-8",
            site.page.as_bytes(),
            how,
        )
        .map(|()| 200),
        None => text(stream, 404, reason(404), how).map(|()| 404),
    }
}

fn send_file(mut stream: &TcpStream, found: Found, how: Answer) -> io::Result<()> {
    stream.write_all(&head(200, found.content_type, found.length, how.keep_alive))?;
    if !how.body {
        return Ok(());
    }
    let sent = io::copy(&mut found.file.take(found.length), &mut stream)?;
    // A file that shrank meanwhile: only the end of the connection tells the client.
    if sent == found.length {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn text(stream: &TcpStream, status: u16, body: &str, how: Answer) -> io::Result<()> {
    send(
        stream,
        status,
        "text/plain; charset=utf-8",
        format!("{body}\n").as_bytes(),
        how,
    )
}

fn send(
    mut stream: &TcpStream,
    status: u16,
    content_type: &str,
    body: &[u8],
    how: Answer,
) -> io::Result<()> {
    let mut bytes = head(status, content_type, body.len() as u64, how.keep_alive);
    if how.body {
        bytes.extend_from_slice(body);
    }
    stream.write_all(&bytes)
}

fn head(status: u16, content_type: &str, length: u64, keep_alive: bool) -> Vec<u8> {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    format!("HTTP/1.1 {status} {}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: {connection}\r\n\r\n", reason(status)).into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "HTTP Version Not Supported",
    }
}

/// One line; what the client sent is escaped and cut.
fn log(peer: IpAddr, method: &str, path: &str, status: u16) {
    let shown: String = path.escape_default().take(200).collect();
    let method: String = method.escape_default().take(20).collect();
    let mut out = io::stdout().lock();
    // A reader of the log that went away is no reason to stop serving.
    let _ = writeln!(out, "{peer} {method} {shown} {status}");
}
