//! The program as a container runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Server {
    child: Child,
    log: BufReader<ChildStdout>,
    port: u16,
    root: PathBuf,
}

impl Server {
    fn start(name: &str) -> Self {
        let root =
            std::env::temp_dir().join(format!("tsdock-sample-{name}-{}", std::process::id()));
        std::fs::create_dir_all(root.join("sub")).expect("root");
        std::fs::write(root.join("about.txt"), "about").expect("file");
        std::fs::write(root.join("sub/index.html"), "<p>sub").expect("file");
        let _ = std::os::unix::fs::symlink("/etc/passwd", root.join("leak"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_tsdock-sample"))
            .env("PORT", "0")
            .env("ROOT", &root)
            .env("GREETING", "Hello from a test")
            .env("SECRET", "never shown")
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut log = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        log.read_line(&mut line).expect("ready");
        let port = line
            .trim()
            .rsplit(' ')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("a port");
        Self {
            child,
            log,
            port,
            root,
        }
    }

    fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        stream.write_all(request).expect("sent");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn get(&self, path: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n").as_bytes())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).expect("a line");
        line
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[test]
fn pages_files_and_health_are_served_and_logged() {
    let mut server = Server::start("pages");
    let page = server.get("/");
    assert!(
        page.starts_with("HTTP/1.1 200 OK\r\n")
            && page.contains("<h1>Hello from a test</h1>")
            && !page.contains("never shown")
    );
    assert_eq!(server.line(), "127.0.0.1 GET / 200\n");
    assert!(server.get("/about.txt").ends_with("\r\n\r\nabout"));
    assert!(server.get("/sub/").ends_with("<p>sub"));
    assert!(server.get("/healthz").ends_with("\r\n\r\nok\n"));
    assert!(server.get("/env").starts_with("HTTP/1.1 404 "));
    assert!(
        server.get("/leak").starts_with("HTTP/1.1 404 "),
        "a link out of the root"
    );
    assert!(server.get("/../../etc/passwd").starts_with("HTTP/1.1 404 "));
    assert!(
        server
            .raw(b"HEAD /about.txt HTTP/1.0\r\n\r\n")
            .ends_with("Content-Length: 5\r\nConnection: close\r\n\r\n")
    );
    assert!(
        server
            .raw(b"DELETE / HTTP/1.0\r\n\r\n")
            .starts_with("HTTP/1.1 405 ")
    );
    assert!(server.raw(&[b'x'; 9000]).starts_with("HTTP/1.1 431 "));
    let two = server
        .raw(b"GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(two.matches("200 OK").count(), 2);
    for _ in 0..6 {
        server.line();
    }
    server.get("/\x1b[31mred");
    let escaped = (0..6)
        .map(|_| server.line())
        .find(|line| line.contains("red"))
        .expect("logged");
    assert!(
        escaped.contains("\\u{1b}") && !escaped.contains('\x1b'),
        "{escaped}"
    );
}

#[test]
fn sigterm_ends_it_with_status_zero() {
    let mut server = Server::start("signal");
    let killed = Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status()
        .expect("kill");
    assert!(killed.success());
    assert_eq!(server.child.wait().expect("ended").code(), Some(0));
}

#[test]
fn many_connections_are_served_side_by_side() {
    let server = Server::start("many");
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..60)
            .map(|_| scope.spawn(|| server.get("/healthz")))
            .collect();
        asking
            .into_iter()
            .map(|thread| thread.join().expect("answered"))
            .collect()
    });
    assert!(answers.iter().all(|answer| answer.ends_with("ok\n")));
}
