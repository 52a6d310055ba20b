//! A further process in a running container.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{WaitId, WaitIdOptions, waitid};
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
};
use tsdock_core::cgroup::{Cgroup, Entry};
use tsdock_core::channel;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::Plan;
use tsdock_core::proto::Exec;
use tsdock_core::sys::process::{self, CloneFlags, Forked, clone3};
use tsdock_core::sys::{pidfd, signal};
use tsdock_core::userdb;

use crate::child::{apply_rlimits, connect_three, join_groups, set_oom_score, with_home};
use crate::report::{self, Reporter};
use crate::{credentials, program, terminal};

pub struct Started {
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub terminal: Option<OwnedFd>,
}

/// Runs `request` beside the process behind `init`. `stdio`: stdin if wanted, then stdout and stderr, unless there is a terminal. Returns when the program runs.
pub fn start(
    plan: &Plan,
    request: &Exec,
    init: BorrowedFd<'_>,
    cgroup: &Cgroup,
    stdio: &[OwnedFd],
) -> Result<Started, Failure> {
    const STEP: &str = "exec.namespaces";
    if !request.terminal && stdio.len() != 2 + usize::from(request.stdin) {
        return Err(Failure::plain(
            "E_INVALID",
            "exec.stdio",
            "exec.stdio: the descriptors do not match the request",
        ));
    }
    let (ours, theirs) = channel::pair().at("exec", "socketpair", "")?;
    let groups = cgroup.entry().at("cgroup.entry", "open", "tasks")?;
    // Entering a pid namespace counts for children only; the supervisor goes back at once.
    let own = openat(
        CWD,
        "/proc/self/ns/pid",
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at(STEP, "open", "/proc/self/ns/pid")?;
    move_into_thread_name_spaces(init, ThreadNameSpaceType::PROCESS_ID).at(STEP, "setns", "pid")?;
    let forked = clone3(CloneFlags::NONE, groups.into.as_ref().map(AsFd::as_fd));
    if let Ok(Forked::Child) = forked {
        drop(ours);
        run(plan, request, init, &groups, stdio, &Reporter::new(theirs));
    }
    move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::ProcessID))
        .at(STEP, "setns", "own pid")?;
    let Forked::Parent { pid, pidfd } = forked.at("exec", "clone3", "")? else {
        unreachable!("the child never returns")
    };
    drop(theirs);
    match report::follow(ours.as_fd()) {
        Ok(outcome) => Ok(Started {
            pid,
            pidfd,
            terminal: outcome.terminal,
        }),
        Err(failure) => {
            let _ = pidfd::send_signal(pidfd.as_fd(), libc::SIGKILL);
            let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
            Err(failure)
        }
    }
}

fn run(
    plan: &Plan,
    request: &Exec,
    init: BorrowedFd<'_>,
    groups: &Entry,
    stdio: &[OwnedFd],
    reporter: &Reporter,
) -> ! {
    let failure = match prepare(plan, request, init, groups, stdio, reporter) {
        Ok(env) => {
            reporter.executing();
            program::execute(&request.argv, &env)
        }
        Err(failure) => failure,
    };
    reporter.failed(&failure);
    process::exit_now(127)
}

fn prepare(
    plan: &Plan,
    request: &Exec,
    init: BorrowedFd<'_>,
    groups: &Entry,
    stdio: &[OwnedFd],
    reporter: &Reporter,
) -> Result<Vec<String>, Failure> {
    const NAMESPACES: ThreadNameSpaceType = ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        .union(ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME)
        .union(ThreadNameSpaceType::NETWORK)
        .union(ThreadNameSpaceType::CONTROL_GROUP)
        .union(ThreadNameSpaceType::MOUNT);
    signal::unblock_all();
    join_groups(groups)?;
    apply_rlimits(&plan.rlimits, reporter)?;
    // Else it would keep that of the supervisor, which the kernel kills last.
    let proc = openat(
        CWD,
        "/proc",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at("exec.oom", "open", "/proc")?;
    set_oom_score(proc.as_fd(), plan.oom_score_adj, reporter);
    drop(proc);
    move_into_thread_name_spaces(init, NAMESPACES).at("exec.namespaces", "setns", "container")?;
    let root = openat(
        CWD,
        "/",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at("exec.root", "open", "/")?;
    let _ = process::join_session_keyring();
    rustix::process::setsid().at("session", "setsid", "")?;
    let (user, supplementary): (&str, &[String]) = match &request.user {
        Some(user) => (user, &[]),
        None => (&plan.process.user, &plan.process.groups),
    };
    let user = userdb::resolve(root.as_fd(), user, supplementary)
        .map_err(|error| credentials::unknown_user(&error))?;
    if request.terminal {
        let terminal = terminal::open_in_container()?;
        terminal::resize(terminal.slave.as_fd(), request.cols, request.rows)?;
        terminal::control(terminal.slave.as_fd())?;
        reporter.terminal(terminal.master.as_fd());
        connect_three(
            terminal.slave.as_fd(),
            terminal.slave.as_fd(),
            terminal.slave.as_fd(),
            &user,
        )?;
    } else {
        let null = openat(
            CWD,
            "/dev/null",
            OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .at("exec.stdio", "open", "/dev/null")?;
        let (input, outputs) = if request.stdin {
            (stdio[0].as_fd(), &stdio[1..])
        } else {
            (null.as_fd(), stdio)
        };
        connect_three(input, outputs[0].as_fd(), outputs[1].as_fd(), &user)?;
    }
    rustix::process::umask(Mode::from_raw_mode(0o022));
    process::close_on_exec_from(3).at("descriptors", "close_range", "3")?;
    credentials::apply(
        &plan.security,
        &user,
        request.cwd.as_deref().unwrap_or(&plan.process.cwd),
    )?;
    Ok(with_home(
        &with_variables(&plan.process.env, &request.env),
        &user,
    ))
}

/// The container's environment with variables of the exec in place of, or after, its own.
fn with_variables(base: &[String], added: &[String]) -> Vec<String> {
    let name = |entry: &String| entry.split('=').next().map(str::to_owned);
    let replaced: Vec<_> = added.iter().map(name).collect();
    let kept = base.iter().filter(|entry| !replaced.contains(&name(entry)));
    kept.chain(added).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::with_variables;

    #[test]
    fn variables_of_an_exec_come_on_top_of_the_containers() {
        let texts = |entries: &[&str]| entries.iter().map(ToString::to_string).collect::<Vec<_>>();
        let base = texts(&["PATH=/bin", "A=1", "AB=2"]);
        assert_eq!(with_variables(&base, &[]), base);
        assert_eq!(
            with_variables(&base, &texts(&["A=9", "NEW=x=y"])),
            texts(&["PATH=/bin", "AB=2", "A=9", "NEW=x=y"])
        );
    }
}
