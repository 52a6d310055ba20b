//! Pid 1 for containers that ask for `init`: passes signals on, reaps what is left behind, ends as its child does.

use rustix::process::{WaitOptions, wait};
use tsdock_core::sys::{process, signal};

/// Never returns. Every signal is blocked, so none is lost and none of the defaults of pid 1 applies. The container ends with this process: the kernel kills
/// the rest of the pid namespace.
pub fn run(child: i32) -> ! {
    let _ = process::close_from(3);
    let _ = rustix::thread::set_name(c"tsdock-init");
    loop {
        let number = signal::wait_any();
        if number == libc::SIGCHLD {
            if let Some(code) = reap(child) {
                process::exit_now(code);
            }
        } else if number > 0 {
            signal::kill(child, number);
        }
    }
}

/// Reaps all that have ended; the exit code if the child is among them, 128 + n for signal n as shells do.
fn reap(child: i32) -> Option<i32> {
    let mut ended = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid.as_raw_nonzero().get() == child {
            ended = status
                .exit_status()
                .or_else(|| status.terminating_signal().map(|number| 128 + number));
        }
    }
    ended
}
