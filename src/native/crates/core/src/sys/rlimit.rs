//! Resource limits by their kernel number, so that ones newer than our libraries pass through.

use std::io;
use std::ptr;

/// Names as manifests have them; the index is the number (asm-generic/resource.h).
const NAMES: [&str; 16] = [
    "cpu",
    "fsize",
    "data",
    "stack",
    "core",
    "rss",
    "nproc",
    "nofile",
    "memlock",
    "as",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

pub fn name(resource: u32) -> &'static str {
    NAMES.get(resource as usize).copied().unwrap_or("unknown")
}

pub fn number(name: &str) -> Option<u32> {
    NAMES
        .iter()
        .position(|known| *known == name)
        .and_then(|index| u32::try_from(index).ok())
}

/// prlimit64(2) on this process. EPERM: above the hard limit, without `CAP_SYS_RESOURCE`.
pub fn set(resource: u32, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit64 {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: `limit` outlives the call; the old value is not asked for.
    let result = unsafe { libc::prlimit64(0, resource, &raw const limit, ptr::null_mut()) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// The present hard limit.
pub fn hard(resource: u32) -> io::Result<u64> {
    let mut limit = libc::rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` outlives the call; nothing is set.
    let result = unsafe { libc::prlimit64(0, resource, ptr::null(), &raw mut limit) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(limit.rlim_max)
    }
}
