//! Pseudo terminals, opened inside the container's own devpts.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstatfs, openat, openat2};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::rootfs::devices::Devices;
use tsdock_core::rootfs::mounts::{attach, clone_tree};

const STEP: &str = "terminal";

pub struct Terminal {
    pub master: OwnedFd,
    pub slave: OwnedFd,
}

/// A terminal of the fresh devpts, bound to `/dev/console` by descriptor.
pub fn create(devices: &Devices) -> Result<Terminal, Failure> {
    let master = openat(
        &devices.pts,
        "ptmx",
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at(STEP, "open", "ptmx")?;
    let terminal = complete(master)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
    let place = openat(&devices.dev, "console", flags, Mode::from_raw_mode(0o600))
        .at(STEP, "open", "console")?;
    let copy = clone_tree(STEP, terminal.slave.as_fd(), false, "console")?;
    attach(STEP, copy.as_fd(), place.as_fd(), "/dev/console")?;
    Ok(terminal)
}

/// A terminal in the container this process has just entered. Its `/dev/pts` must be a devpts and no symlink may lead there.
pub fn open_in_container() -> Result<Terminal, Failure> {
    /// linux/magic.h
    const DEVPTS_SUPER_MAGIC: i64 = 0x1cd1;
    let master = openat2(
        CWD,
        "/dev/pts/ptmx",
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::NO_SYMLINKS,
    )
    .at(STEP, "openat2", "/dev/pts/ptmx")?;
    if fstatfs(&master)
        .at(STEP, "fstatfs", "/dev/pts/ptmx")?
        .f_type
        != DEVPTS_SUPER_MAGIC
    {
        return Err(Failure::plain(
            "E_NOT_DEVPTS",
            STEP,
            "terminal: /dev/pts of the container is not a devpts",
        ));
    }
    complete(master)
}

fn complete(master: OwnedFd) -> Result<Terminal, Failure> {
    unlockpt(&master).at(STEP, "ioctl", "TIOCSPTLCK")?;
    let slave = ioctl_tiocgptpeer(
        &master,
        OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC,
    )
    .at(STEP, "ioctl", "TIOCGPTPEER")?;
    Ok(Terminal { master, slave })
}

pub fn resize(terminal: BorrowedFd<'_>, cols: i32, rows: i32) -> Result<(), Failure> {
    let size = Winsize {
        ws_row: u16::try_from(rows).unwrap_or(24),
        ws_col: u16::try_from(cols).unwrap_or(80),
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).at(STEP, "ioctl", "TIOCSWINSZ")
}

/// Makes the slave the controlling terminal of the session this process leads.
pub fn control(slave: BorrowedFd<'_>) -> Result<(), Failure> {
    rustix::process::ioctl_tiocsctty(slave).at(STEP, "ioctl", "TIOCSCTTY")
}
