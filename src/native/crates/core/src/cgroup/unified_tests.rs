//! The v2 driver on a directory of ordinary files with the contents a kernel shows: what is read is understood, what is written is what the kernel takes.

use std::fs;
use std::path::PathBuf;

use super::*;

const ALL: [Controller; 3] = [Controller::Cpu, Controller::Memory, Controller::Pids];

/// Files of a group of a 6.x kernel.
const FILES: [(&str, &str); 14] = [
    ("cgroup.procs", "12\n4711\n"),
    ("cgroup.kill", ""),
    ("cgroup.freeze", "0\n"),
    ("cgroup.events", "populated 1\nfrozen 0\n"),
    ("cpu.max", "max 100000\n"),
    (
        "cpu.stat",
        "usage_usec 123456\nuser_usec 100000\nsystem_usec 23456\nnr_periods 0\n",
    ),
    ("memory.max", "max\n"),
    ("memory.swap.max", "max\n"),
    ("memory.current", "8388608\n"),
    ("memory.peak", "9437184\n"),
    (
        "memory.stat",
        "anon 4096\nfile 8192\ninactive_anon 1\nactive_anon 2\ninactive_file 2048\nactive_file 4096\n",
    ),
    (
        "memory.events",
        "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n",
    ),
    ("pids.max", "max\n"),
    ("pids.current", "7\n"),
];

struct Fake {
    path: PathBuf,
    group: Cgroup,
}

impl Fake {
    fn new(test: &str, controllers: &[Controller], absent: &[&str]) -> Self {
        let path =
            std::env::temp_dir().join(format!("tsdock-cgroup-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).expect("directory");
        for (name, content) in FILES.iter().filter(|(name, _)| !absent.contains(name)) {
            fs::write(path.join(name), content).expect(name);
        }
        let member = Member {
            version: Version::V2,
            controllers: controllers.to_vec(),
            dir: open_path(&path).expect("open"),
            fresh: false,
        };
        let group = Cgroup {
            id: String::from("a"),
            members: vec![member],
            known_kills: Cell::new(0),
            devices_parent: None,
        };
        Self { path, group }
    }

    /// What was written last; a control file takes the bytes of one write.
    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name))
            .expect(name)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    fn clear(&self, name: &str) {
        fs::write(self.path.join(name), "").expect(name);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[test]
fn limits_are_written_as_the_kernel_takes_them() {
    let fake = Fake::new("limits", &ALL, &[]);
    for name in ["memory.max", "memory.swap.max", "cpu.max", "pids.max"] {
        fake.clear(name);
    }
    let limits = Limits {
        memory_bytes: Some(64 << 20),
        swap_bytes: Some(96 << 20),
        cpu_millis: Some(2500),
        pids: Some(50),
    };
    fake.group.limit(&limits).expect("limits");
    let written =
        ["memory.max", "memory.swap.max", "cpu.max", "pids.max"].map(|name| fake.written(name));
    assert_eq!(written, ["67108864", "33554432", "250000 100000", "50"]);
}

#[test]
fn absent_swap_accounting_matters_only_where_swap_was_asked_for() {
    let fake = Fake::new("swap", &ALL, &["memory.swap.max"]);
    fake.group
        .limit(&Limits {
            memory_bytes: Some(1 << 20),
            ..Limits::default()
        })
        .expect("no swap is the default");
    let asked = Limits {
        memory_bytes: Some(1 << 20),
        swap_bytes: Some(2 << 20),
        ..Limits::default()
    };
    let error = fake.group.limit(&asked).expect_err("cannot be honoured");
    assert_eq!(
        failure(&error).map(|failure| failure.object.as_str()),
        Some("memory.swap.max")
    );
}

#[test]
fn a_controller_that_was_not_delegated_is_named() {
    let fake = Fake::new("delegated", &[Controller::Pids], &[]);
    let error = fake
        .group
        .limit(&Limits {
            cpu_millis: Some(100),
            ..Limits::default()
        })
        .expect_err("no cpu controller");
    assert_eq!(
        failure(&error).map(|failure| failure.object.as_str()),
        Some("cpu")
    );
    assert_eq!(errno(&error), None);
}

#[test]
fn use_and_kills_are_read() {
    let fake = Fake::new("stats", &ALL, &[]);
    let expected = Stats {
        memory_bytes: 8 << 20,
        memory_inactive_file_bytes: 2048,
        memory_peak_bytes: Some(9 << 20),
        cpu_micros: 123_456,
        pids: 7,
        oom_kills: 2,
    };
    assert_eq!(fake.group.stats().expect("stats"), expected);
    assert_eq!(fake.group.pids().expect("pids"), [12, 4711]);
    let old_kernel = Fake::new("stats-5.15", &ALL, &["memory.peak"]);
    assert_eq!(
        old_kernel.group.stats().expect("stats").memory_peak_bytes,
        None
    );
}

#[test]
fn kills_are_told_once_each() {
    let fake = Fake::new("oom", &ALL, &[]);
    let events = fake.group.oom_events().expect("events");
    assert_eq!(
        fake.group.acknowledge_oom(&events).expect("count"),
        0,
        "what was before counts no more"
    );
    fs::write(
        fake.path.join("memory.events"),
        "low 0\noom 4\noom_kill 5\n",
    )
    .expect("events");
    assert_eq!(fake.group.acknowledge_oom(&events).expect("count"), 3);
    assert_eq!(fake.group.acknowledge_oom(&events).expect("count"), 0);
}

#[test]
fn killing_is_one_write() {
    let fake = Fake::new("kill", &ALL, &[]);
    fake.group.kill().expect("kill");
    assert_eq!(fake.written("cgroup.kill"), "1");
}

#[test]
fn what_does_not_freeze_is_thawed_again_and_an_error() {
    // The events of this group never change, as with a task that is stuck in the kernel.
    let fake = Fake::new("freeze", &ALL, &[]);
    let error = fake.group.freeze(true).expect_err("stuck");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(fake.written("cgroup.freeze"), "0");
}
