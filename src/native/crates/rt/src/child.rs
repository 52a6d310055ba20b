//! From the clone to `execve`: what the first process of a container does to itself. One thread, a copy of the supervisor's memory, no code of the image.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Gid, Mode, OFlags, Uid, fchown, openat};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
use tsdock_core::cgroup::Entry;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::netlink::{Inside, Netlink};
use tsdock_core::plan::{Network, Plan, Rlimit, Sysctl};
use tsdock_core::rootfs::inside::{self, Root};
use tsdock_core::rootfs::staging::Staging;
use tsdock_core::sys::{process, rlimit, signal};
use tsdock_core::userdb::{self, Credentials};

use crate::report::Reporter;
use crate::terminal::Terminal;
use crate::{credentials, program, reaper, terminal};

/// All a child needs; descriptors are the supervisor's, copied by the clone.
pub struct Start<'a> {
    pub plan: &'a Plan,
    pub staging: &'a Staging,
    /// What is staged came with the copy of the supervisor's namespace; else it comes through the reporter.
    pub staged: bool,
    pub hierarchies: &'a [String],
    pub groups: Option<&'a Entry>,
    /// The network namespace of an earlier run, or one made for this.
    pub network: Option<BorrowedFd<'a>>,
    /// What to set up inside a new network namespace.
    pub inside: Option<&'a Inside>,
    /// Read end for the process, if it wants a stdin; write ends of the log pipes. Unused with a terminal.
    pub stdin: Option<BorrowedFd<'a>>,
    pub stdout: BorrowedFd<'a>,
    pub stderr: BorrowedFd<'a>,
}

/// Never returns: the program of the plan runs, or the failure is reported and the process ends.
pub fn run(start: &Start<'_>, reporter: &Reporter) -> ! {
    let failure = match prepare(start, reporter) {
        Ok(env) => execute(start.plan, &env, reporter),
        Err(failure) => failure,
    };
    reporter.failed(&failure);
    process::exit_now(127)
}

/// Everything before `execve`; returns the environment of the process.
fn prepare(start: &Start<'_>, reporter: &Reporter) -> Result<Vec<String>, Failure> {
    let plan = start.plan;
    process::set_parent_death_signal(libc::SIGKILL).at("start", "prctl", "pdeathsig")?;
    signal::unblock_all();
    rustix::process::umask(Mode::empty());
    if let Some(groups) = start.groups {
        join_groups(groups)?;
    }
    process::unshare(UnshareFlags::NEWCGROUP).at("cgroup.namespace", "unshare", "cgroup")?;
    if let Some(network) = start.network {
        move_into_link_name_space(network, Some(LinkNameSpaceType::Network)).at(
            "network.join",
            "setns",
            "net",
        )?;
    }
    let prepared = inside::prepare(plan, start.hierarchies)?;
    apply_rlimits(&plan.rlimits, reporter)?;
    set_oom_score(prepared.proc(), plan.oom_score_adj, reporter);
    if !start.staged {
        let Some(copy) = reporter.wait_for_staged() else {
            process::exit_now(127)
        };
        start.staging.put_copy(copy.as_fd())?;
    }
    let root = prepared.mount(plan, start.staging)?;
    let terminal = if plan.process.terminal {
        Some(terminal::create(&root.devices)?)
    } else {
        None
    };
    if let Some(terminal) = &terminal {
        terminal::resize(terminal.slave.as_fd(), 80, 24)?;
        reporter.terminal(terminal.master.as_fd());
    }
    if !reporter.wait_for_go() {
        process::exit_now(127);
    }
    set_up_network(start, &root, reporter)?;
    root.mask(&plan.security.masked, &plan.security.readonly)?;
    root.ensure_directory(&plan.process.cwd);
    let null = root.devices.null()?;
    root.enter(plan.rootfs.read_only)?;
    name_host(plan)?;
    // Kernels without CONFIG_KEYS have nothing to hide.
    let _ = process::join_session_keyring();
    rustix::process::setsid().at("session", "setsid", "")?;
    let user = userdb::resolve(root.root.as_fd(), &plan.process.user, &plan.process.groups)
        .map_err(|error| credentials::unknown_user(&error))?;
    connect_stdio(start, terminal.as_ref(), null.as_fd(), &user)?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    process::close_on_exec_from(3).at("descriptors", "close_range", "3")?;
    credentials::apply(&plan.security, &user, &plan.process.cwd)?;
    Ok(with_home(&plan.process.env, &user))
}

fn execute(plan: &Plan, env: &[String], reporter: &Reporter) -> Failure {
    if plan.init {
        signal::block_all();
        match process::fork() {
            Ok(0) => signal::unblock_all(),
            Ok(child) => {
                // The reaper lives on without the supervisor; only the first steps may not.
                let _ = process::set_parent_death_signal(0);
                reporter.executing();
                reaper::run(child);
            }
            Err(error) => return Failure::new("init", "fork", "", &error),
        }
    }
    let _ = process::set_parent_death_signal(0);
    reporter.executing();
    program::execute(&plan.process.argv, env)
}

/// `0` means the writer itself. `tasks`, because `cgroup.procs` waits for an RCU grace period (native README).
pub fn join_groups(groups: &Entry) -> Result<(), Failure> {
    for tasks in &groups.tasks {
        rustix::io::write(tasks, b"0").at("cgroup.join", "write", "tasks")?;
    }
    Ok(())
}

/// A limit above what this process may set is clamped to the present hard limit, with a warning (no `CAP_SYS_RESOURCE`).
pub fn apply_rlimits(rlimits: &[Rlimit], reporter: &Reporter) -> Result<(), Failure> {
    for wanted in rlimits {
        match rlimit::set(wanted.resource, wanted.soft, wanted.hard) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let hard = rlimit::hard(wanted.resource).at(
                    "rlimit",
                    "prlimit64",
                    wanted.resource.to_string(),
                )?;
                rlimit::set(
                    wanted.resource,
                    wanted.soft.min(hard),
                    hard.min(wanted.hard),
                )
                .at("rlimit", "prlimit64", wanted.resource.to_string())?;
                reporter.warning(format!(
                    "RlimitClamped: {} {} to {hard}",
                    rlimit::name(wanted.resource),
                    wanted.hard
                ));
            }
            Err(error) => return Err(error).at("rlimit", "prlimit64", wanted.resource.to_string()),
        }
    }
    Ok(())
}

/// Lowering the value wants `CAP_SYS_RESOURCE`; without it the container keeps its starter's. `proc`: a procfs that knows this process.
pub fn set_oom_score(proc: BorrowedFd<'_>, value: i32, reporter: &Reporter) {
    let path = "self/oom_score_adj";
    let mut present = [0; 8];
    let found =
        openat(proc, path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).and_then(|file| {
            let length = rustix::io::read(&file, &mut present)?;
            Ok((file, length))
        });
    let wanted = value.to_string();
    let result = found.and_then(|(file, length)| {
        if present[..length].trim_ascii() == wanted.as_bytes() {
            Ok(0)
        } else {
            rustix::io::write(&file, wanted.as_bytes())
        }
    });
    if let Err(error) = result {
        reporter.warning(format!("OomScoreIgnored: {value}: {error}"));
    }
}

fn set_up_network(start: &Start<'_>, root: &Root, reporter: &Reporter) -> Result<(), Failure> {
    let own = start.plan.network != Network::Host;
    if let Some(inside) = start.inside {
        let mut netlink = Netlink::open().map_err(|error| network_failure(&error))?;
        netlink
            .configure_inside(inside)
            .map_err(|error| network_failure(&error))?;
    }
    if own {
        // Low ports and ping without capabilities: the namespace is the container's alone.
        for (key, value) in [
            ("net.ipv4.ip_unprivileged_port_start", "0"),
            ("net.ipv4.ping_group_range", "0 2147483647"),
        ] {
            if let Err(failure) = root.write_sysctl(
                &Sysctl {
                    key: key.into(),
                    value: value.into(),
                },
                true,
            ) {
                reporter.warning(format!("SysctlIgnored: {failure}"));
            }
        }
    }
    start
        .plan
        .sysctls
        .iter()
        .try_for_each(|sysctl| root.write_sysctl(sysctl, own))
}

/// A failure of the netlink module in our form.
pub fn network_failure(error: &tsdock_core::netlink::NetError) -> Failure {
    Failure {
        code: tsdock_core::errno::name(error.errno).into(),
        call: String::from("sendmsg"),
        step: error.step.into(),
        message: format!(
            "{}: {}: {}",
            error.step,
            tsdock_core::errno::name(error.errno),
            error.message
        ),
    }
}

fn name_host(plan: &Plan) -> Result<(), Failure> {
    rustix::system::sethostname(plan.hostname.as_bytes()).at(
        "hostname",
        "sethostname",
        &plan.hostname,
    )?;
    match &plan.domainname {
        Some(name) => {
            rustix::system::setdomainname(name.as_bytes()).at("hostname", "setdomainname", name)
        }
        None => Ok(()),
    }
}

fn connect_stdio(
    start: &Start<'_>,
    terminal: Option<&Terminal>,
    null: BorrowedFd<'_>,
    user: &Credentials,
) -> Result<(), Failure> {
    if let Some(terminal) = terminal {
        terminal::control(terminal.slave.as_fd())?;
        return connect_three(
            terminal.slave.as_fd(),
            terminal.slave.as_fd(),
            terminal.slave.as_fd(),
            user,
        );
    }
    connect_three(
        start.stdin.unwrap_or(null),
        start.stdout,
        start.stderr,
        user,
    )
}

/// Puts three descriptors at 0, 1, 2 and gives pipes and terminals to the user, who could not open `/dev/stdout` otherwise.
pub fn connect_three(
    stdin: BorrowedFd<'_>,
    stdout: BorrowedFd<'_>,
    stderr: BorrowedFd<'_>,
    user: &Credentials,
) -> Result<(), Failure> {
    const STEP: &str = "stdio";
    rustix::stdio::dup2_stdin(stdin).at(STEP, "dup2", "0")?;
    rustix::stdio::dup2_stdout(stdout).at(STEP, "dup2", "1")?;
    rustix::stdio::dup2_stderr(stderr).at(STEP, "dup2", "2")?;
    if user.uid != 0 {
        for descriptor in [stdin, stdout, stderr] {
            let null = rustix::fs::fstat(descriptor)
                .is_ok_and(|stat| rustix::fs::major(stat.st_rdev) == 1);
            if !null {
                fchown(descriptor, Some(Uid::from_raw(user.uid)), None::<Gid>).at(
                    STEP,
                    "fchown",
                    user.uid.to_string(),
                )?;
            }
        }
    }
    Ok(())
}

/// Only the container's own passwd knows the home directory, so it is added here unless the plan names one.
pub fn with_home(env: &[String], user: &Credentials) -> Vec<String> {
    let mut env = env.to_vec();
    if !env.iter().any(|entry| entry.starts_with("HOME=")) {
        env.push(format!("HOME={}", user.home));
    }
    env
}
