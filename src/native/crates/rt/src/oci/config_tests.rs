use super::*;
use serde_json::json;
use tsdock_core::plan::{Mount, Network};

fn sample() -> Value {
    json!({
        "ociVersion": "1.1.0",
        "hostname": "box",
        "root": { "path": "rootfs", "readonly": true },
        "process": {
            "terminal": false,
            "user": { "uid": 1000, "gid": 100, "additionalGids": [5] },
            "args": ["sh", "-c", "true"],
            "env": ["PATH=/bin"],
            "cwd": "/work",
            "capabilities": { "bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL"], "inheritable": [] },
            "noNewPrivileges": true,
            "oomScoreAdj": 100,
            "rlimits": [{ "type": "RLIMIT_NOFILE", "soft": 1024, "hard": 2048 }]
        },
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=2m"] },
            { "destination": "/data", "type": "bind", "source": "data", "options": ["rbind", "ro"] },
            { "destination": "/scratch", "type": "tmpfs", "source": "tmpfs", "options": ["mode=700", "size=4k"] }
        ],
        "linux": {
            "namespaces": [{ "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }],
            "resources": {
                "devices": [{ "allow": false, "access": "rwm" }],
                "memory": { "limit": 1_048_576, "swap": 2_097_152 },
                "cpu": { "quota": 50_000, "period": 100_000 },
                "pids": { "limit": 10 }
            },
            "sysctl": { "kernel.shmmax": "1" },
            "maskedPaths": ["/proc/kcore"],
            "readonlyPaths": ["/proc/sys"]
        },
        "unknownProperty": 1
    })
}

fn read(config: &Value) -> Result<Plan, Failure> {
    plan(
        config,
        &Place {
            id: "one",
            bundle: Path::new("/b"),
            root: Path::new("/r"),
            hostname: "host",
            identity: String::from("{}"),
        },
    )
}

#[test]
fn a_configuration_becomes_a_plan() {
    let expected = Plan {
        id: "one".into(),
        identity: "{}".into(),
        hostname: "box".into(),
        rootfs: plan::Rootfs {
            layers: vec!["/b/rootfs".into()],
            upper: "/r/upper/one".into(),
            read_only: true,
        },
        mounts: vec![
            Mount::Bind {
                source: "/b/data".into(),
                target: "/data".into(),
                read_only: true,
                create: false,
            },
            Mount::Tmpfs {
                target: "/scratch".into(),
                size_bytes: Some(4096),
                mode: 0o700,
                read_only: false,
            },
        ],
        process: plan::Process {
            argv: vec!["sh".into(), "-c".into(), "true".into()],
            env: vec!["PATH=/bin".into()],
            cwd: "/work".into(),
            user: "1000:100".into(),
            groups: vec!["5".into()],
            ..plan::Process::default()
        },
        security: plan::Security {
            capabilities: 1 << 5 | 1,
            no_new_privileges: true,
            masked: vec!["/proc/kcore".into()],
            readonly: vec!["/proc/sys".into()],
            ..plan::Security::default()
        },
        limits: Limits {
            memory_bytes: Some(1 << 20),
            swap_bytes: Some(2 << 20),
            cpu_millis: Some(500),
            pids: Some(10),
        },
        rlimits: vec![plan::Rlimit {
            resource: 7,
            soft: 1024,
            hard: 2048,
        }],
        sysctls: vec![plan::Sysctl {
            key: "kernel.shmmax".into(),
            value: "1".into(),
        }],
        oom_score_adj: 100,
        shm_bytes: 2 << 20,
        network: Network::None,
        stop: plan::StopPolicy {
            signal: 15,
            grace_ms: 10_000,
        },
        log: plan::Log {
            directory: "/r/logs/one".into(),
            max_bytes: LOG_BYTES,
            max_files: LOG_FILES,
        },
        ..Plan::default()
    };
    assert_eq!(read(&sample()).unwrap(), expected);
}

#[test]
fn without_its_namespace_the_network_is_the_hosts_and_with_a_filter_it_is_ours() {
    let mut config = sample();
    config["linux"]["namespaces"] = json!([{ "type": "pid" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }, { "type": "cgroup" }]);
    config["linux"]["seccomp"] = json!({ "defaultAction": "SCMP_ACT_ERRNO" });
    config["hostname"] = Value::Null;
    let plan = read(&config).unwrap();
    assert_eq!(plan.network, Network::Host);
    assert_eq!(plan.hostname, "host");
    let names = ["KILL".to_owned(), "CHOWN".to_owned()];
    assert_eq!(plan.security.seccomp, compile_default(&names));
}

#[test]
fn every_property_that_is_never_supported_is_refused_by_its_name() {
    for path in NEVER {
        let mut config = sample();
        let pointer = format!("/{}", path.replace('.', "/"));
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if config.pointer(parent).is_none() {
            let (above, missing) = parent.rsplit_once('/').unwrap();
            config.pointer_mut(above).unwrap()[missing] = json!({});
        }
        config.pointer_mut(parent).unwrap()[name] = json!([1]);
        let message = read(&config).unwrap_err().message;
        assert!(
            message.starts_with(&format!("config.json: {path}: ")),
            "{message}"
        );
    }
}

#[test]
fn values_that_cannot_be_honoured_are_refused_by_name() {
    let all = ["pid", "ipc", "uts", "mount"].map(|kind| json!({ "type": kind }));
    let mut by_path = all.to_vec();
    by_path.push(json!({ "type": "network", "path": "/proc/1/ns/net" }));
    let mut user = all.to_vec();
    user.push(json!({ "type": "user" }));
    let cases = [
        ("/ociVersion", json!("2.0.0"), "ociVersion"),
        ("/linux/namespaces", json!(by_path), "linux.namespaces"),
        ("/linux/namespaces", json!(user), "linux.namespaces"),
        (
            "/linux/namespaces",
            json!([{ "type": "pid" }]),
            "linux.namespaces",
        ),
        (
            "/linux/resources/devices",
            json!([{ "allow": true, "type": "c", "access": "r" }]),
            "linux.resources.devices",
        ),
        (
            "/linux/resources/memory/swap",
            json!(-1),
            "linux.resources.memory.swap",
        ),
        (
            "/linux/rootfsPropagation",
            json!("shared"),
            "linux.rootfsPropagation",
        ),
        ("/mounts/3/options", json!(["rbind", "noexec"]), "mounts"),
        ("/mounts/3/source", Value::Null, "mounts"),
        ("/mounts/4/options", json!(["size=50%"]), "mounts"),
        ("/mounts/4/type", json!("ext4"), "mounts"),
        ("/mounts/4/destination", json!("relative"), "mounts"),
        ("/process/args", json!([]), "process.args"),
        ("/process/args", json!(["a\u{0}b"]), "process.args"),
        ("/process/cwd", json!("work"), "process.cwd"),
        ("/process/user/umask", json!(0), "process.user.umask"),
        ("/process/user/uid", json!(-1), "process.user.uid"),
        (
            "/process/capabilities/bounding",
            json!(["CAP_NONE"]),
            "process.capabilities.bounding",
        ),
        (
            "/process/rlimits/0/type",
            json!("RLIMIT_NONE"),
            "process.rlimits",
        ),
        (
            "/process/rlimits",
            json!([{ "type": "RLIMIT_CPU", "soft": 1, "hard": 1 }, { "type": "RLIMIT_CPU", "soft": 1, "hard": 1 }]),
            "process.rlimits",
        ),
        ("/root/path", Value::Null, "root.path"),
    ];
    for (pointer, value, name) in cases {
        let mut config = sample();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match config.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => config.pointer_mut(parent).unwrap()[last] = value,
        }
        let message = read(&config).unwrap_err().message;
        assert!(
            message.starts_with(&format!("config.json: {name}: ")),
            "{pointer}: {message}"
        );
    }
}
