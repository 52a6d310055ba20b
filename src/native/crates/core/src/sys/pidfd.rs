//! Signals and exit facts by pidfd.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// Sends any signal number, real-time ones included; ESRCH when the process is gone.
pub fn send_signal(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    // SAFETY: a null siginfo makes the kernel fill it as kill(2) does.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// `struct pidfd_info`, first version (linux/pidfd.h).
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup: u64,
    pid: u32,
    tgid: u32,
    ppid: u32,
    ids: [u32; 8],
    exit_code: i32,
}

/// Since 6.15 (linux/pidfd.h).
const PIDFD_INFO_EXIT: u64 = 1 << 3;
/// The wait status of a process that was reaped by anybody; `None` while it is not reaped or on kernels before 6.15.
pub fn exit_status(pidfd: BorrowedFd<'_>) -> Option<i32> {
    let info = info(pidfd, PIDFD_INFO_EXIT).ok()?;
    (info.mask & PIDFD_INFO_EXIT != 0).then_some(info.exit_code)
}

/// Whether the kernel tells anything by pidfd (since 6.13; exit statuses since 6.15).
pub fn tells_facts(pidfd: BorrowedFd<'_>) -> bool {
    info(pidfd, 0).is_ok()
}

fn info(pidfd: BorrowedFd<'_>, mask: u64) -> io::Result<PidfdInfo> {
    /// `_IOWR(0xFF, 11, struct pidfd_info)` with the 64 bytes of the first version.
    const PIDFD_GET_INFO: libc::c_ulong = 0xC040_FF0B;
    let mut info = PidfdInfo {
        mask,
        ..PidfdInfo::default()
    };
    // SAFETY: `info` has the size that is encoded in the request.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO, &raw mut info) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(info)
    }
}

const _: () = assert!(size_of::<PidfdInfo>() == 64);
