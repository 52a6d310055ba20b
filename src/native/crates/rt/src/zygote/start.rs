//! How a zygote comes to be: sealed copy, no ties to its starter, own mount namespace, sockets, instances of an earlier zygote.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{DumpableBehavior, set_child_subreaper, set_dumpable_behavior};
use rustix::thread::UnshareFlags;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::sys::lock::try_exclusive;
use tsdock_core::sys::{process, signal};

use super::{Zygote, serve};
use crate::context::Context;
use crate::seal::execute_sealed_copy;

const SEALED: &str = "--sealed";

/// `zygote --run-dir DIR --prefix NAME`, with the starter's socket as stdin: one byte there means ready. Returns in the starter's child at once and in the
/// zygote at its end.
pub fn main(arguments: &[String]) -> Result<(), Failure> {
    if arguments.last().map(String::as_str) != Some(SEALED) {
        process::close_from(3).at("zygote", "close_range", "3")?;
        let again: Vec<String> = std::iter::once("zygote")
            .chain(arguments.iter().map(String::as_str))
            .chain([SEALED])
            .map(String::from)
            .collect();
        return execute_sealed_copy(&again);
    }
    signal::reset();
    // The starter waits for its child; this one's parent is then the reaper of the system.
    if process::fork().at("zygote", "fork", "")? != 0 {
        return Ok(());
    }
    let context = Context::from_arguments(arguments)?;
    rustix::process::umask(Mode::from_raw_mode(0o077));
    make_directories(&context)?;
    let ready = detach(&context)?;
    let Some(lock) = take_lock(&context)? else {
        return say_ready(&ready);
    };
    let mut zygote = isolate(context, lock)?;
    if let Some(child) = zygote.recover() {
        drop((zygote, ready));
        return child.run();
    }
    say_ready(&ready)?;
    drop(ready);
    process::trim_heap();
    serve(zygote)
}

/// Run directory passable for its socket's users, ours inside closed.
fn make_directories(context: &Context) -> Result<(), Failure> {
    for (path, mode) in [
        (&context.run, 0o711),
        (&context.runtime_directory(), 0o700),
        (&context.instances(), 0o700),
    ] {
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .at("zygote", "mkdir", path.display().to_string())?;
    }
    Ok(())
}

/// A session of its own, nothing of the starter's but the returned socket; messages of a crash go to `rt/zygote.log`.
fn detach(context: &Context) -> Result<OwnedFd, Failure> {
    const STEP: &str = "zygote";
    rustix::process::setsid().at(STEP, "setsid", "")?;
    rustix::process::chdir("/").at(STEP, "chdir", "/")?;
    let ready =
        rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).at(STEP, "fcntl", "stdin")?;
    let null = openat(
        CWD,
        "/dev/null",
        OFlags::RDWR | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at(STEP, "open", "/dev/null")?;
    let log: File = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(context.runtime_directory().join("zygote.log"))
        .at(STEP, "open", "zygote.log")?;
    rustix::stdio::dup2_stdin(&null).at(STEP, "dup2", "0")?;
    rustix::stdio::dup2_stdout(&null).at(STEP, "dup2", "1")?;
    rustix::stdio::dup2_stderr(&log).at(STEP, "dup2", "2")?;
    Ok(ready)
}

/// `None`: another zygote of this engine runs, which is as good.
fn take_lock(context: &Context) -> Result<Option<OwnedFd>, Failure> {
    let path = context.runtime_directory().join("zygote.lock");
    let file: OwnedFd = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .at("zygote", "open", "zygote.lock")?
        .into();
    Ok(
        if try_exclusive(file.as_fd()).at("zygote", "fcntl", "zygote.lock")? {
            Some(file)
        } else {
            None
        },
    )
}

/// Reaper of everything below, invisible to debuggers, in cgroups and a mount namespace of its own into which the host's mounts still propagate.
fn isolate(context: Context, lock: OwnedFd) -> Result<Zygote, Failure> {
    const STEP: &str = "zygote";
    set_child_subreaper(Some(rustix::process::getpid())).at(STEP, "prctl", "subreaper")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).at(STEP, "prctl", "dumpable")?;
    let _ = rustix::thread::set_name(c"tsdock-zygote");
    context
        .layout
        .prepare(&context.prefix)
        .at("cgroup.prepare", "mkdir", &context.prefix)?;
    context.layout.enter_supervisors(&context.prefix).at(
        "cgroup.enter",
        "write",
        &context.prefix,
    )?;
    process::unshare(UnshareFlags::NEWNS).at(STEP, "unshare", "mnt")?;
    mount_change(
        "/",
        MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC,
    )
    .at(STEP, "mount", "slave")?;
    // Supervisors last: the host should lose containers before their bookkeepers. Wants CAP_SYS_RESOURCE.
    let _ = std::fs::write("/proc/self/oom_score_adj", "-999");
    Zygote::open(context, lock)
}

fn say_ready(ready: &OwnedFd) -> Result<(), Failure> {
    rustix::io::write(ready, b"r")
        .at("zygote", "write", "ready")
        .map(drop)
}
