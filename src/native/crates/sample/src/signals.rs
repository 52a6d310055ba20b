//! Process 1 of a pid namespace ignores every signal without a handler (`pid_namespaces(7)`); a container without an init would not stop.
#![expect(
    unsafe_code,
    reason = "the standard library has no signals and the server has no dependencies"
)]

const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(status: i32) -> !;
}

/// Ends at once: there is nothing to write back.
extern "C" fn end(_number: i32) {
    // SAFETY: _exit is async-signal-safe (signal-safety(7)) and has no preconditions.
    unsafe { _exit(0) }
}

/// SIGTERM and SIGINT end the process with status 0.
pub fn end_on_sigterm() {
    for number in [SIGINT, SIGTERM] {
        // SAFETY: `end` has the type of a handler, lives as long as the process and calls async-signal-safe functions only.
        unsafe { signal(number, end) };
    }
}
