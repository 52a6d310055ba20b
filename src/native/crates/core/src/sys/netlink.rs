//! Options of netlink sockets that rustix has no names for.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Switches one integer option of `SOL_NETLINK` (netlink(7)) on or joins a group: `NETLINK_EXT_ACK`, `NETLINK_CAP_ACK`, `NETLINK_ADD_MEMBERSHIP`.
pub fn set_netlink_option(socket: BorrowedFd<'_>, option: i32, value: i32) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of::<i32>()).map_err(io::Error::other)?;
    // SAFETY: the descriptor is borrowed and open; the pointer and the length name one live i32 that the kernel only reads.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_NETLINK,
            option,
            std::ptr::from_ref(&value).cast(),
            length,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
