//! Network namespaces for tests: each test runs in one of its own, which is its host, and makes peers beside it. Needs root and util-linux.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const MARK: &str = "TSDOCK_TEST_NAMESPACE";
const ROLE: &str = "TSDOCK_TEST_ROLE";

/// Runs `body` in a process of its own with an empty network namespace and private mounts; the calling test only waits for it.
pub fn in_namespace(test: &str, body: impl FnOnce()) {
    if std::env::var_os(MARK).is_some() {
        assert!(ip(&["link", "set", "lo", "up"]).status.success());
        body();
        return;
    }
    let output = Command::new("unshare")
        .args(["--net", "--mount", "--"])
        .arg(std::env::current_exe().expect("own path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .output()
        .expect("unshare of util-linux");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The role and its words, when this process was started by `Peer::role` or `role_here`.
pub fn role() -> Option<Vec<String>> {
    Some(
        std::env::var(ROLE)
            .ok()?
            .split('|')
            .map(str::to_owned)
            .collect(),
    )
}

fn role_command(words: &[&str], namespace: Option<u32>) -> Command {
    let own = std::env::current_exe().expect("own path");
    let mut command = match namespace {
        None => Command::new(own),
        Some(pid) => {
            let mut command = Command::new("nsenter");
            command
                .arg(format!("--net=/proc/{pid}/ns/net"))
                .arg("--")
                .arg(own);
            command
        }
    };
    command.args(["--exact", "play_role", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, words.join("|"));
    command
}

/// What a role printed after `answer: `, or why it has none.
pub fn answer(output: &Output) -> Result<String, String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match text.lines().find_map(|line| line.split_once("answer: ")) {
        Some((_, answer)) if output.status.success() => Ok(answer.to_owned()),
        _ => Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Plays a role in the namespace of the test.
pub fn role_here(words: &[&str]) -> Result<String, String> {
    answer(&role_command(words, None).output().expect("own binary"))
}

/// A network namespace kept by a sleeping process.
pub struct Peer {
    keeper: Child,
    namespace: File,
    servers: Vec<Child>,
}

impl Peer {
    pub fn new() -> Self {
        let keeper = Command::new("unshare")
            .args(["--net", "sleep", "600"])
            .spawn()
            .expect("unshare");
        let path = format!("/proc/{}/ns/net", keeper.id());
        let own = std::fs::read_link("/proc/self/ns/net").expect("own namespace");
        eventually("the peer has a namespace", || {
            std::fs::read_link(&path).is_ok_and(|found| found != own)
        });
        let namespace = File::open(&path).expect("namespace");
        Self {
            keeper,
            namespace,
            servers: Vec::new(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.keeper.id()
    }

    pub fn namespace(&self) -> BorrowedFd<'_> {
        self.namespace.as_fd()
    }

    pub fn role(&self, words: &[&str]) -> Result<String, String> {
        answer(
            &role_command(words, Some(self.keeper.id()))
                .output()
                .expect("nsenter of util-linux"),
        )
    }

    /// Plays a role in the background until the peer goes; returns when it printed a line.
    pub fn serve(&mut self, words: &[&str]) {
        let mut command = role_command(words, Some(self.keeper.id()));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("nsenter");
        let stdout = child.stdout.take().expect("piped");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in
                std::io::BufRead::lines(std::io::BufReader::new(stdout)).map_while(Result::ok)
            {
                if line.contains("ready") {
                    let _ = sender.send(());
                }
            }
        });
        self.servers.push(child);
        receiver
            .recv_timeout(Duration::from_secs(10))
            .expect("the server is ready");
    }

    pub fn run(&self, program: &str, words: &[&str]) -> Output {
        let output = Command::new("nsenter")
            .arg(format!("--net=/proc/{}/ns/net", self.keeper.id()))
            .arg("--")
            .arg(program)
            .args(words)
            .output()
            .expect("nsenter");
        assert!(
            output.status.success(),
            "{program} {words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for child in self.servers.iter_mut().chain([&mut self.keeper]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn ip(words: &[&str]) -> Output {
    run("ip", words)
}

pub fn run(program: &str, words: &[&str]) -> Output {
    let output = Command::new(program).args(words).output().expect(program);
    assert!(
        output.status.success(),
        "{program} {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until `holds`, at most five seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < end, "not within five seconds: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
