//! On the machine's own kernel. Everything stands below a prefix of the test's own and is gone afterwards.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

use super::*;

/// A host whose cgroups we may use, and a prefix of ours on it.
struct Host {
    layout: Layout,
    prefix: String,
}

impl Host {
    fn new(test: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            assert!(std::env::var_os("CI").is_none(), "cgroup tests need root");
            eprintln!("skipped: {test} needs root");
            return None;
        }
        let prefix = format!("tstest{}-{test}", std::process::id());
        Some(Self {
            layout: Layout::detect().expect("cgroups are mounted"),
            prefix,
        })
    }

    fn create(&self, id: &str, limits: &Limits) -> Cgroup {
        Cgroup::create(&self.layout, &self.prefix, id, limits).expect("group")
    }

    fn directories(&self) -> Vec<PathBuf> {
        let all = self
            .layout
            .hierarchies
            .iter()
            .map(|hierarchy| hierarchy.base(&self.prefix).join(&self.prefix));
        all.filter(|path| path.exists()).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.layout
            .remove_prefix(&self.prefix)
            .expect("nothing is left behind");
        assert_eq!(self.directories(), Vec::<PathBuf>::new());
    }
}

/// A shell that runs `script` once it is inside `group`.
fn run_in(group: &Cgroup, script: &str) -> Child {
    let child = Command::new("sh")
        .args(["-c", &format!("read go; {script}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("sh");
    let pid = child.id().to_string();
    for member in &group.members {
        files::write(member.fd(), "cgroup.procs", &pid).expect("join");
    }
    if let Some(devices) = group.open_devices().expect("devices") {
        files::write(devices.as_fd(), "cgroup.procs", &pid).expect("join");
    }
    drop(child.stdin.take());
    child
}

fn output_of(group: &Cgroup, script: &str) -> String {
    let output = run_in(group, script).wait_with_output().expect("wait");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn pollable(events: &OwnedFd, timeout: Duration) -> bool {
    let timeout = Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).expect("short"),
        tv_nsec: i64::from(timeout.subsec_nanos()),
    };
    rustix::event::poll(
        &mut [PollFd::new(events, PollFlags::IN | PollFlags::PRI)],
        Some(&timeout),
    )
    .expect("poll")
        > 0
}

#[test]
fn create_is_repeatable_and_remove_leaves_nothing() {
    let Some(host) = Host::new("create") else {
        return;
    };
    let limits = Limits {
        memory_bytes: Some(64 << 20),
        swap_bytes: None,
        cpu_millis: Some(250),
        pids: Some(100),
    };
    let group = host.create("web-1", &limits);
    let again = host.create(
        "web-1",
        &Limits {
            memory_bytes: Some(32 << 20),
            ..limits.clone()
        },
    );
    let stats = again.stats().expect("stats");
    assert_eq!((stats.pids, stats.oom_kills), (0, 0));
    let opened = Cgroup::open(&host.layout, &host.prefix, "web-1").expect("open");
    opened.limit(&Limits::default()).expect("lifted");
    opened.limit(&limits).expect("set again");
    group.remove().expect("removed");
    again.remove().expect("absent is success");
    let absent = Cgroup::open(&host.layout, &host.prefix, "web-1").expect_err("gone");
    assert_eq!(absent.kind(), io::ErrorKind::NotFound);
}

#[test]
fn limits_hold_inside() {
    let Some(host) = Host::new("limits") else {
        return;
    };
    let group = host.create(
        "a",
        &Limits {
            pids: Some(1),
            ..Limits::default()
        },
    );
    let forked = output_of(&group, "sleep 0 && echo forked");
    assert!(
        !forked.contains("forked\n"),
        "a second process started: {forked}"
    );
    group
        .limit(&Limits {
            pids: Some(2),
            ..Limits::default()
        })
        .expect("raised");
    assert_eq!(output_of(&group, "sleep 0 && echo forked"), "forked\n");
    group.remove().expect("removed");
}

#[test]
fn a_lone_process_can_enter_by_tasks() {
    let Some(host) = Host::new("tasks") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    let entry = group.entry().expect("entry");
    assert_eq!(entry.into.is_some(), host.layout.v2().is_some());
    let paths: Vec<_> = entry
        .tasks
        .iter()
        .map(|task| {
            fs::read_link(format!(
                "/proc/self/fd/{}",
                std::os::fd::AsRawFd::as_raw_fd(task)
            ))
            .expect("path")
        })
        .collect();
    let joins: Vec<_> = paths
        .iter()
        .map(|path| format!("echo 0 > '{}' &&", path.display()))
        .collect();
    let script = joins.join(" ") + " cat /proc/self/cgroup";
    let output = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("sh");
    let inside = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.ends_with(&format!("{}/c/a", host.prefix)))
        .count();
    assert_eq!(inside, paths.len());
    group.remove().expect("removed");
}

#[test]
fn kill_reaches_programs_that_fork_meanwhile() {
    let Some(host) = Host::new("kill") else {
        return;
    };
    let group = host.create(
        "a",
        &Limits {
            pids: Some(60),
            ..Limits::default()
        },
    );
    let mut child = run_in(&group, "f() { while :; do sleep 0; done; }; f & f & f & f");
    eventually("it forks", || group.pids().expect("pids").len() > 5);
    group.kill().expect("kill");
    assert_eq!(child.wait().expect("wait").signal(), Some(9));
    eventually("nobody is left", || group.pids().expect("pids").is_empty());
    group.remove().expect("removed");
}

#[test]
fn kill_without_the_v2_tree_reaches_all_too() {
    let Some(host) = Host::new("killv1") else {
        return;
    };
    let legacy = Layout {
        mode: Mode::Legacy,
        hierarchies: host
            .layout
            .hierarchies
            .iter()
            .filter(|h| h.version == Version::V1)
            .cloned()
            .collect(),
    };
    if legacy.serving(Controller::Freezer).is_none() {
        eprintln!("skipped: no v1 freezer here");
        return;
    }
    let group = Cgroup::create(
        &legacy,
        &host.prefix,
        "a",
        &Limits {
            pids: Some(60),
            ..Limits::default()
        },
    )
    .expect("group");
    let mut child = run_in(&group, "f() { while :; do sleep 0; done; }; f & f & f & f");
    eventually("it forks", || group.pids().expect("pids").len() > 5);
    group.freeze(true).expect("frozen");
    assert!(group.frozen().expect("state"));
    group.kill().expect("kill");
    assert_eq!(child.wait().expect("wait").signal(), Some(9));
    assert_eq!(group.pids().expect("pids"), Vec::<i32>::new());
    group.remove().expect("removed");
}

#[test]
fn freezing_stops_and_thawing_resumes() {
    let Some(host) = Host::new("freeze") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    let mut child = run_in(&group, "while :; do :; done");
    eventually("it runs", || {
        group.stats().expect("stats").cpu_micros > 1000
    });
    group.freeze(true).expect("frozen");
    let before = group.stats().expect("stats").cpu_micros;
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(group.stats().expect("stats").cpu_micros, before);
    group.freeze(false).expect("thawed");
    eventually("it runs again", || {
        group.stats().expect("stats").cpu_micros > before + 1000
    });
    group.freeze(true).expect("frozen");
    group.kill().expect("a frozen group can be killed");
    child.wait().expect("wait");
    group.remove().expect("removed");
}

#[test]
fn an_oom_kill_is_noticed_and_counted() {
    let Some(host) = Host::new("oom") else { return };
    let group = host.create(
        "a",
        &Limits {
            memory_bytes: Some(16 << 20),
            ..Limits::default()
        },
    );
    let events = group.oom_events().expect("events");
    assert!(!pollable(&events, Duration::ZERO), "quiet before");
    let survived = output_of(
        &group,
        "sh -c 'head -c 64m /dev/zero | tail' ; echo survived",
    );
    assert!(survived.contains("survived\n"), "{survived}");
    assert!(pollable(&events, Duration::from_secs(5)), "noticed");
    // One is enough for the limit, but the kernel may have picked another one before the first was gone.
    let kills = group.acknowledge_oom(&events).expect("count");
    assert!((1..=3).contains(&kills), "{kills}");
    assert!(!pollable(&events, Duration::ZERO), "quiet again");
    assert_eq!(
        group.acknowledge_oom(&events).expect("count"),
        0,
        "reported once"
    );
    let stats = group.stats().expect("stats");
    assert_eq!(stats.oom_kills, kills);
    assert!(
        stats
            .memory_peak_bytes
            .is_some_and(|peak| peak > 15 << 20 && peak <= 16 << 20),
        "{stats:?}"
    );
    group.remove().expect("removed");
}

#[test]
fn only_the_devices_of_a_container_can_be_used() {
    let Some(host) = Host::new("devices") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    let filter = DeviceFilter::load(&[]).expect("loads");
    if host.layout.v2().is_some() {
        group.attach_devices(&filter).expect("attaches");
        group.attach_devices(&filter).expect("repeatable");
    }
    group.restrict_devices(&[]).expect("restricted");
    let script = |node: &str| {
        format!(
            "d=$(mktemp -d); mknod $d/kmsg c 1 11 && echo made; (: < $d/kmsg) 2>/dev/null && echo read; head -c 3 /dev/zero | wc -c; rm -r $d; {node}"
        )
    };
    assert_eq!(output_of(&group, &script("")), "made\n3\n");
    let kmsg = DeviceRule {
        kind: DeviceKind::Char,
        major: Some(1),
        minor: Some(11),
        read: true,
        write: false,
        mknod: false,
    };
    group.restrict_devices(&[kmsg]).expect("replaced");
    assert_eq!(
        output_of(
            &group,
            &script("(echo x > /dev/kmsg) 2>/dev/null || echo unwritable")
        ),
        "made\nread\n3\nunwritable\n"
    );
    if let Some(v2) = group.v2() {
        assert_eq!(
            crate::sys::bpf::device_programs(v2.fd())
                .expect("query")
                .len(),
            1,
            "the previous filters are detached"
        );
    }
    group.remove().expect("removed");
}

#[test]
fn the_v1_hierarchy_serves_devices_where_bpf_cannot() {
    let Some(host) = Host::new("devicesv1") else {
        return;
    };
    let legacy = Layout {
        mode: Mode::Legacy,
        hierarchies: host
            .layout
            .hierarchies
            .iter()
            .filter(|h| h.version == Version::V1)
            .cloned()
            .collect(),
    };
    if legacy.serving(Controller::Devices).is_none() {
        eprintln!("skipped: no v1 devices here");
        return;
    }
    let group = Cgroup::create(&legacy, &host.prefix, "a", &Limits::default()).expect("group");
    let tasks = group.entry().expect("entry").tasks.len();
    group.restrict_devices(&[]).expect("restricted");
    assert_eq!(group.entry().expect("entry").tasks.len(), tasks + 1);
    let script = "(: < /dev/kmsg) 2>/dev/null && echo read; head -c 3 /dev/zero | wc -c";
    assert_eq!(output_of(&group, script), "3\n");
    group.remove().expect("removed");
}

#[test]
fn removal_kills_stragglers_and_nested_groups() {
    let Some(host) = Host::new("remove") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    let probe = group.below("probe-1").ok();
    for member in &group.members {
        make_at(member.fd(), "nested").expect("nested");
        let nested = files::open_directory(member.fd(), "nested").expect("open");
        make_at(nested.as_fd(), "deeper").expect("deeper");
    }
    let mut straggler = run_in(&group, "exec sleep 1000");
    if let Some(probe) = probe {
        files::write(
            probe.dir.as_fd(),
            "cgroup.procs",
            &straggler.id().to_string(),
        )
        .expect("moved");
    }
    // Reaped elsewhere, as the supervisor does; on v1 a zombie is not in the way, but its pid would be reported.
    let waiter = std::thread::spawn(move || straggler.wait().expect("wait").signal());
    group.remove().expect("removed");
    assert_eq!(waiter.join().expect("waiter"), Some(9));
    assert!(Cgroup::open(&host.layout, &host.prefix, "a").is_err());
}

#[test]
fn a_group_with_somebody_unkillable_inside_is_named() {
    let Some(host) = Host::new("busy") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    // The one process that is never killed: ourselves, here as a thread in one v1 hierarchy.
    let Some(member) = group
        .members
        .iter()
        .find(|member| member.version == Version::V1)
    else {
        return;
    };
    files::write(member.fd(), "tasks", "0").expect("joined");
    let error = Cgroup::open(&host.layout, &host.prefix, "a")
        .expect("open")
        .remove()
        .expect_err("busy");
    assert!(is(&error, Errno::BUSY));
    assert!(error.to_string().contains("inside"), "{error}");
    let controller = member.controllers[0];
    let own = host
        .layout
        .serving(controller)
        .expect("hierarchy")
        .own
        .clone();
    files::write(open_path(&own).expect("own").as_fd(), "tasks", "0").expect("left");
    group.remove().expect("removed");
}

#[test]
fn a_controller_is_handed_down_past_processes_in_the_way() {
    let Some(host) = Host::new("handdown") else {
        return;
    };
    let Some(v2) = host.layout.v2() else { return };
    // Whatever controller this tree has stands in for memory: the rule is the same for all domain controllers.
    let offered = fs::read_to_string(v2.mount.join("cgroup.controllers")).expect("controllers");
    let Some(name) = ["hugetlb", "memory", "io"]
        .into_iter()
        .find(|name| offered.split_whitespace().any(|word| word == *name))
    else {
        return;
    };
    let enabled = fs::read_to_string(v2.mount.join("cgroup.subtree_control")).expect("enabled");
    if !enabled.split_whitespace().any(|word| word == name) {
        eprintln!("skipped: {name} is not handed down from the top");
        return;
    }
    let base = v2.mount.join(&host.prefix);
    make(&base).expect("base");
    make(&base.join("sup")).expect("leaf");
    let mut child = Command::new("sleep").arg("1000").spawn().expect("sleep");
    fs::write(base.join("cgroup.procs"), child.id().to_string()).expect("joined");
    fs::write(base.join("cgroup.subtree_control"), format!("+{name}")).expect_err("in the way");
    evacuate(open_path(&base).expect("open").as_fd(), &base.join("sup")).expect("moved");
    fs::write(base.join("cgroup.subtree_control"), format!("+{name}")).expect("handed down");
    assert_eq!(
        fs::read_to_string(base.join("sup/cgroup.procs"))
            .expect("procs")
            .trim(),
        child.id().to_string()
    );
    child.kill().expect("kill");
    child.wait().expect("wait");
}

#[test]
fn the_last_supervisor_leaves_no_directory_and_spares_instances() {
    let Some(host) = Host::new("leave") else {
        return;
    };
    let group = host.create("a", &Limits::default());
    host.layout.leave_supervisors(&host.prefix);
    assert!(
        group.pids().is_ok_and(|pids| pids.is_empty()),
        "an instance without processes is still there"
    );
    assert_eq!(
        Cgroup::open(&host.layout, &host.prefix, "a")
            .expect("open")
            .members
            .len(),
        group.members.len()
    );
    group.remove().expect("removed");
    host.layout.leave_supervisors(&host.prefix);
    assert_eq!(host.directories(), Vec::<PathBuf>::new());
}

#[test]
fn names_that_are_no_single_directory_are_refused() {
    let Some(host) = Host::new("names") else {
        return;
    };
    for bad in [
        "",
        ".",
        "..",
        "a/b",
        "a\nb",
        "../x",
        "memory.max",
        "cgroup.procs",
        ".hidden",
        &"x".repeat(201),
    ] {
        let error =
            Cgroup::create(&host.layout, &host.prefix, bad, &Limits::default()).expect_err(bad);
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{bad}");
    }
    assert_eq!(host.directories(), Vec::<PathBuf>::new());
}

#[test]
fn a_limit_without_its_controller_is_an_error_that_names_it() {
    let Some(host) = Host::new("missing") else {
        return;
    };
    let mut layout = host.layout.clone();
    for hierarchy in &mut layout.hierarchies {
        hierarchy
            .controllers
            .retain(|controller| *controller != Controller::Memory);
    }
    let limits = Limits {
        memory_bytes: Some(1 << 20),
        ..Limits::default()
    };
    let error =
        Cgroup::create(&layout, &host.prefix, "a", &limits).expect_err("no memory controller");
    assert_eq!(
        failure(&error).map(|failure| failure.object.as_str()),
        Some("memory")
    );
}
