//! Signal dispositions and masks, and waiting for signals without handlers.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;

/// Highest signal number of Linux.
const LAST: i32 = 64;

/// Default disposition for every signal and an empty mask: what a program expects to be started with. Not by the C library, which keeps 32 and 33 for itself: a
/// starter that used its posix_spawn(3) had them ignored.
pub fn reset() {
    // `struct sigaction` of the kernel: handler (SIG_DFL is 0), flags, restorer, mask.
    let default = [0_u64; 4];
    for signal in 1..=LAST {
        // SAFETY: SIG_DFL runs no code of ours; SIGKILL and SIGSTOP are refused, which does not matter. The mask has 8 bytes.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                ptr::null_mut::<u64>(),
                size_of::<u64>(),
            )
        };
    }
    unblock_all();
}

/// An empty mask. Enough for a fork of a process that was `reset` and changed no disposition since.
pub fn unblock_all() {
    let empty = set_of(&[]);
    // SAFETY: `empty` is an initialised set.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const empty, ptr::null_mut()) };
}

/// Blocks every signal that can be blocked.
pub fn block_all() {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises the set.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: initialised just above.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, all.as_ptr(), ptr::null_mut()) };
}

/// Waits for any blocked signal; returns its number.
pub fn wait_any() -> i32 {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises the set.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: the set is initialised, no details are asked for.
    unsafe { libc::sigwaitinfo(all.as_ptr(), ptr::null_mut()) }
}

/// Blocks SIGCHLD and returns a descriptor that is readable when one is pending.
pub fn child_events() -> io::Result<OwnedFd> {
    let set = set_of(&[libc::SIGCHLD]);
    // SAFETY: `set` is initialised.
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) };
    // SAFETY: `set` is initialised; -1 asks for a new descriptor.
    let raw = unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    if raw == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// kill(2) for pid 1 of a container that passes signals on.
pub fn kill(pid: i32, signal: i32) {
    // SAFETY: takes two numbers.
    unsafe { libc::kill(pid, signal) };
}

fn set_of(signals: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for &signal in signals {
        // SAFETY: initialised above; a bad number is refused.
        unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    }
    // SAFETY: initialised above.
    unsafe { set.assume_init() }
}
