//! Locks of open file descriptions: they belong to the descriptor, so that another thread closing some file never drops them.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Takes the write lock on the whole file without waiting; false when another holds it. It ends when the last copy of the descriptor is closed.
pub fn try_exclusive(file: BorrowedFd<'_>) -> io::Result<bool> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both constants are below four"
    )]
    let lock = libc::flock {
        l_type: libc::F_WRLCK as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    // SAFETY: `lock` outlives the call; F_OFD_SETLK reads it.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) };
    if result == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => Ok(false),
        _ => Err(error),
    }
}
