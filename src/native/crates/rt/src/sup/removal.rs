//! The end of an instance: nothing of it stays but its logs.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::status::{Removal, StoppedBy};

use super::Supervisor;
use super::life::{STUCK_AFTER, Timer};

/// From a removal that failed to the next try.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Supervisor {
    /// Removes as it was asked to, be it of a predecessor. What cannot be removed now is tried again: nobody else may come for it.
    pub(super) fn go_on_removing(&mut self) {
        let Some(removal) = self.status.removing else {
            return;
        };
        match self.remove(removal) {
            Ok(()) => self.finished = true,
            Err(failure) => self.remove_later(failure),
        }
    }

    pub(super) fn remove_later(&mut self, failure: Failure) {
        self.status.error = Some(failure);
        self.save();
        self.arm(Timer::Removal, AGAIN_AFTER);
    }

    /// Ends and removes everything of the instance, its logs if asked to. Goes on after a failure and reports the first one. Repeatable, also by a supervisor that takes
    /// this one's place: what was begun is on file first, and the plan goes last.
    pub(super) fn remove(&mut self, removal: Removal) -> Result<(), Failure> {
        self.status.stopped_by.get_or_insert(StoppedBy::Engine);
        self.status.removing = Some(removal);
        self.save();
        self.kill_all();
        if let Some(init) = &self.init {
            if !ends_within(init.pidfd.as_fd(), STUCK_AFTER) {
                self.report_stuck();
                return Err(self.status.error.clone().unwrap_or_default());
            }
            self.init_ended();
        }
        self.network = None;
        let mut first = Ok(());
        let mut note = |result: Result<(), Failure>| {
            if first.is_ok() {
                first = result;
            }
        };
        if let Some(cgroup) = self.take_cgroup() {
            note(cgroup.remove().at("cgroup.remove", "rmdir", &self.plan.id));
        }
        note(unmount(&self.staging.directory));
        note(remove_tree(&self.plan.rootfs.upper));
        if removal == Removal::WithLogs {
            note(remove_tree(&self.plan.log.directory));
        }
        if first.is_ok() {
            first = remove_tree(&self.instance.directory);
        }
        first
    }
}

/// Whether the process behind a pidfd ends in time.
pub(super) fn ends_within(pidfd: BorrowedFd<'_>, limit: Duration) -> bool {
    let timeout = Timespec {
        tv_sec: i64::try_from(limit.as_secs()).unwrap_or(0),
        tv_nsec: 0,
    };
    poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&timeout)).is_ok_and(|ready| ready > 0)
}

fn unmount(directory: &Path) -> Result<(), Failure> {
    match rustix::mount::unmount(
        directory,
        rustix::mount::UnmountFlags::DETACH | rustix::mount::UnmountFlags::NOFOLLOW,
    ) {
        // Not a mount point, or never made.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOENT) => Ok(()),
        other => other.at("rootfs.unmount", "umount2", directory.display().to_string()),
    }
}

/// Without following links; absent is fine.
fn remove_tree(path: impl AsRef<Path>) -> Result<(), Failure> {
    match fs::remove_dir_all(path.as_ref()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).at("remove", "unlinkat", path.as_ref().display().to_string())
        }
        _ => Ok(()),
    }
}
