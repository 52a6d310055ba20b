//! The part of the mount interface that rustix lacks: `mount_setattr`(2), since 5.12.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `struct mount_attr` (linux/mount.h).
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns: u64,
}

/// Attributes as in linux/mount.h.
pub const RDONLY: u64 = 1;
pub const NOSUID: u64 = 2;
pub const NODEV: u64 = 4;
pub const NOEXEC: u64 = 8;

/// A change of the attributes of a mount.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    pub set: u64,
    pub clear: u64,
    /// Also makes it (and with `recursive` all below) private: nothing propagates in or out.
    pub private: bool,
    pub recursive: bool,
}

/// Changes the mount whose root `mount` is.
pub fn set_attributes(mount: BorrowedFd<'_>, change: Change) -> io::Result<()> {
    let propagation = if change.private { libc::MS_PRIVATE } else { 0 };
    let attr = MountAttr {
        set: change.set,
        clear: change.clear,
        propagation,
        userns: 0,
    };
    let flags = libc::AT_EMPTY_PATH
        | if change.recursive {
            libc::AT_RECURSIVE
        } else {
            0
        };
    // SAFETY: `attr` outlives the call and has the size that is passed; the path is an empty C string.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
