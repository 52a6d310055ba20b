//! The bytes of release 1. A later release appends tags and kinds and keeps these decoding to the same values: it drives supervisors that were started
//! by this one.

use tsdock_core::cgroup::{Limits, Stats};
use tsdock_core::failure::Failure;
use tsdock_core::plan::{
    Interface, Log, Mount, Network, Plan, Process, Rlimit, Rootfs, Security, StopPolicy, Sysctl,
};
use tsdock_core::proto::network::{
    Element, EnsureNetwork, Entry, NetworkState, Publish, PublishedPort, RemoveNetwork, Serving,
};
use tsdock_core::proto::{
    Create, Created, Exec, ExecExited, ExecSignal, Executed, Exited, Frame, Keep, Kind, Oom,
    Orphan, Remove, Restarting, Signal, Spawn, Started, Stop, Stopped, Update, Warning, parse,
};
use tsdock_core::restart::{RestartPolicy, When};
use tsdock_core::status::{Exit, Identity, Phase, Removal, Status, StoppedBy};
use tsdock_core::wire::{Body, Writer};

const GOLDEN: &str = include_str!("golden/v1.txt");

/// The stored bytes of a message and whether they are what we would write today.
fn golden<B: Body + PartialEq + std::fmt::Debug>(name: &str, value: &B) {
    let written = hex(&value.to_bytes());
    let stored = GOLDEN
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("golden/v1.txt lacks: {name} {written}"));
    assert_eq!(stored, written, "{name}");
    assert_eq!(B::from_bytes(&unhex(stored)).as_ref(), Ok(value), "{name}");
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn exit() -> Exit {
    Exit {
        code: None,
        signal: Some(9),
        oom: true,
        at_ms: 1_700_000_000_123,
    }
}

fn process() -> Identity {
    Identity {
        pid: 4711,
        start_time: 987_654_321,
    }
}

fn limits() -> Limits {
    Limits {
        memory_bytes: Some(64 << 20),
        swap_bytes: None,
        cpu_millis: Some(1500),
        pids: Some(100),
    }
}

fn restart() -> RestartPolicy {
    RestartPolicy {
        when: When::OnFailure,
        initial_ms: 500,
        max_ms: 60_000,
        reset_ms: 600_000,
        max_restarts: Some(5),
    }
}

fn plan() -> Plan {
    Plan {
        id: "0123456789ab".into(),
        identity: "{}".into(),
        hostname: "web".into(),
        domainname: Some("example.test".into()),
        rootfs: Rootfs {
            layers: vec!["/l/1".into(), "/l/2".into()],
            upper: "/u".into(),
            read_only: true,
        },
        mounts: vec![
            Mount::Bind {
                source: "/s".into(),
                target: "/t".into(),
                read_only: true,
                create: true,
            },
            Mount::Tmpfs {
                target: "/tmp".into(),
                size_bytes: Some(4096),
                mode: 0o1777,
                read_only: false,
            },
        ],
        process: Process {
            argv: vec!["/bin/sh".into(), String::new()],
            env: vec!["A=b".into()],
            cwd: "/".into(),
            user: "web:web".into(),
            groups: vec!["tape".into()],
            terminal: true,
            stdin: true,
        },
        init: true,
        security: Security {
            capabilities: 0x8004_05fb,
            no_new_privileges: true,
            seccomp: vec![6, 0, 0, 0, 0, 0, 0xff, 0x7f],
            masked: vec!["/proc/kcore".into()],
            readonly: vec!["/proc/sys".into()],
            privileged: true,
        },
        limits: limits(),
        rlimits: vec![Rlimit {
            resource: 7,
            soft: 1024,
            hard: u64::MAX,
        }],
        sysctls: vec![Sysctl {
            key: "net.core.somaxconn".into(),
            value: "512".into(),
        }],
        oom_score_adj: -500,
        shm_bytes: 1 << 26,
        network: Network::Bridge(vec![Interface {
            bridge: "br".into(),
            host_name: "v1".into(),
            name: "eth0".into(),
            mac: [2, 0, 0, 0, 0, 1],
            mtu: 1500,
            addresses: vec!["10.0.0.2/24".into()],
            gateway: Some("10.0.0.1".into()),
            alias: "tsdock:x".into(),
        }]),
        restart: restart(),
        stop: StopPolicy {
            signal: 15,
            grace_ms: 10_000,
        },
        log: Log {
            directory: "/logs".into(),
            max_bytes: 10 << 20,
            max_files: 3,
        },
    }
}

#[test]
fn the_plan_keeps_its_bytes() {
    golden("plan", &plan());
    golden("plan-empty", &Plan::default());
    golden(
        "plan-host-network",
        &Plan {
            network: Network::Host,
            ..Plan::default()
        },
    );
}

#[test]
fn requests_keep_their_bytes() {
    let id = || String::from("0123456789ab");
    golden(
        "spawn",
        &Spawn {
            id: id(),
            start: false,
        },
    );
    golden(
        "spawn_start",
        &Spawn {
            id: id(),
            start: true,
        },
    );
    golden("keep", &Keep { id: id() });
    golden("create", &Create { start: true });
    golden(
        "signal",
        &Signal {
            signal: 15,
            all: true,
            only: None,
        },
    );
    golden(
        "signal_only",
        &Signal {
            signal: 9,
            all: true,
            only: Some(Identity {
                pid: 4242,
                start_time: 123_456,
            }),
        },
    );
    golden(
        "stop",
        &Stop {
            signal: 15,
            grace_ms: 10_000,
            by: StoppedBy::User as u64,
        },
    );
    golden(
        "exec",
        &Exec {
            argv: vec!["sh".into()],
            env: vec!["A=b".into()],
            cwd: Some("/tmp".into()),
            user: Some("web".into()),
            terminal: true,
            cols: 80,
            rows: 24,
            stdin: true,
        },
    );
    golden("exec-signal", &ExecSignal { exec: 3, signal: 2 });
    golden(
        "update",
        &Update {
            limits: Some(limits()),
            restart: Some(restart()),
            stop: Some(StopPolicy {
                signal: 2,
                grace_ms: 1,
            }),
        },
    );
    golden("remove", &Remove { logs: true });
}

#[test]
fn answers_and_events_keep_their_bytes() {
    let id = || String::from("0123456789ab");
    let warnings = vec![String::from("RlimitClamped: nofile 1048576 to 20000")];
    golden(
        "created",
        &Created {
            supervisor: process(),
            process: Some(process()),
            warnings,
        },
    );
    golden("stopped", &Stopped { exit: Some(exit()) });
    let stats = Stats {
        memory_bytes: 3 << 20,
        cpu_micros: 5_000,
        pids: 4,
        oom_kills: 1,
        memory_inactive_file_bytes: 1 << 20,
        memory_peak_bytes: Some(4 << 20),
    };
    golden("stats", &stats);
    golden("executed", &Executed { exec: 3, pid: 4712 });
    golden(
        "exec-exited",
        &ExecExited {
            exec: 3,
            exit: exit(),
        },
    );
    golden(
        "started",
        &Started {
            id: id(),
            process: process(),
        },
    );
    golden(
        "exited",
        &Exited {
            id: id(),
            exit: exit(),
        },
    );
    golden(
        "restarting",
        &Restarting {
            id: id(),
            attempts: 2,
            at_ms: 1_700_000_000_123,
        },
    );
    golden("oom", &Oom { id: id() });
    golden("warning", &Warning { text: "w".into() });
    golden(
        "orphan",
        &Orphan {
            pid: 4711,
            exit: exit(),
        },
    );
    golden(
        "failure",
        &Failure {
            code: "ENOENT".into(),
            call: "execve".into(),
            step: "exec".into(),
            message: "exec: execve(x): ENOENT".into(),
        },
    );
}

#[test]
fn the_status_file_keeps_its_bytes() {
    golden(
        "status",
        &Status {
            id: "0123456789ab".into(),
            identity: "{}".into(),
            phase: Phase::Backoff,
            process: Some(process()),
            supervisor: Some(process()),
            restarts: 3,
            attempts: 2,
            next_try_ms: Some(1_700_000_000_500),
            exit: Some(exit()),
            stopped_by: Some(StoppedBy::Itself),
            since_ms: 1_700_000_000_000,
            started_ms: Some(1_699_999_999_000),
            error: Some(Failure::plain("E_STUCK", "stop", "stop: stuck")),
            warnings: vec!["w".into()],
            boot_id: "b".into(),
            starting: true,
            sources: vec!["2049:12".into()],
            removing: None,
        },
    );
    golden(
        "status.removing",
        &Status {
            id: "0123456789ab".into(),
            removing: Some(Removal::WithLogs),
            ..Status::default()
        },
    );
}

#[test]
fn the_header_keeps_its_bytes() {
    let frame = Frame::new(Kind::Stop, 7, vec![1, 2]);
    let bytes = [frame.header(0, 2).as_slice(), &frame.body].concat();
    assert_eq!(
        hex(&bytes),
        "74640100230000000700000002000000 0102".replace(' ', "")
    );
    let envelope = parse(&bytes).unwrap();
    assert_eq!(
        (envelope.kind, envelope.request, envelope.body),
        (Kind::Stop, 7, &[1, 2][..])
    );
}

#[test]
fn the_network_process_keeps_its_bytes() {
    golden("serving", &Serving { pid: 4711 });
    golden(
        "ensure_network",
        &EnsureNetwork {
            name: "ts-red".into(),
            alias: "ts:Network/shop/red".into(),
            gateway: "10.88.1.1/24".into(),
            subnet: "10.88.1.0/24".into(),
            mtu: 1500,
            masquerade: true,
            isolated: true,
            internal: true,
        },
    );
    golden(
        "remove_network",
        &RemoveNetwork {
            name: "ts-red".into(),
        },
    );
    golden(
        "publish",
        &Publish {
            owner: "Container/shop/web".into(),
            ports: vec![PublishedPort {
                protocol: 17,
                host_ip: Some("127.0.0.1".into()),
                host_port: 53,
                address: "10.88.1.2".into(),
                port: 5353,
            }],
        },
    );
    golden(
        "element",
        &Element {
            set: "pub4".into(),
            key: vec![6, 0, 0, 0, 0, 80, 0, 0],
            data: vec![10, 88, 1, 2, 0, 80, 0, 0],
            owner: Some("Container/shop/web".into()),
        },
    );
}

#[test]
fn a_state_file_is_read_to_where_it_was_cut_off() {
    let element = |port: u8| Element {
        set: "pub4".into(),
        key: vec![6, 0, 0, 0, 0, port, 0, 0],
        ..Element::default()
    };
    let entries = [
        Entry::Add(element(1)),
        Entry::Clear,
        Entry::Add(element(2)),
        Entry::Add(element(3)),
        Entry::Remove(element(2)),
    ];
    let mut out = Writer::default();
    for entry in &entries {
        entry.write(&mut out);
    }
    let bytes = out.into_bytes();
    let ports = |bytes: &[u8]| -> Vec<u8> {
        let state = NetworkState::read(bytes);
        state.elements.keys().map(|(_, key)| key[5]).collect()
    };
    assert_eq!(ports(&bytes), [3]);
    assert_eq!(ports(&bytes[..bytes.len() - 1]), [2, 3]);
    for length in 0..bytes.len() {
        let _ = NetworkState::read(&bytes[..length]);
    }
    let state = NetworkState::read(&bytes);
    let mut again = Writer::default();
    for entry in state.entries() {
        entry.write(&mut again);
    }
    assert_eq!(NetworkState::read(&again.into_bytes()), state);
}

/// No input may panic, whatever is cut off or changed.
#[test]
fn damaged_plans_are_errors_or_plans() {
    let bytes = plan().to_bytes();
    for length in 0..bytes.len() {
        let _ = Plan::from_bytes(&bytes[..length]);
    }
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            let _ = Plan::from_bytes(&damaged);
        }
    }
}

#[test]
fn a_plan_of_a_later_release_that_must_be_understood_is_refused() {
    let mut bytes = Plan::default().to_bytes();
    bytes.extend_from_slice(&[99, 0x80, 0, 0, 0, 0, 0, 0]);
    assert!(Plan::from_bytes(&bytes).is_err());
    let at = bytes.len() - 7;
    bytes[at] = 0;
    assert_eq!(Plan::from_bytes(&bytes), Ok(Plan::default()));
}
