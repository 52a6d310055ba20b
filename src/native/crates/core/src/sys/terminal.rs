//! Terminals that belong to somebody else in this process, known by number only.

use std::io;

/// `TIOCSWINSZ` on a descriptor a stream of Node owns. A number that is closed or no terminal is an error of the call.
pub fn resize_by_number(descriptor: i32, cols: u16, rows: u16) -> io::Result<()> {
    let size = libc::winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the request reads `size`, which outlives the call; the descriptor is only looked up.
    let result = unsafe { libc::ioctl(descriptor, libc::TIOCSWINSZ, &raw const size) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
