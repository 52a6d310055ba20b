//! Processes: clone, execution, what a child does to itself before it runs somebody else's program.

use std::ffi::{CString, c_char};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use rustix::thread::UnshareFlags;

/// Namespaces and options of a new process; see clone(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloneFlags(pub u64);

impl CloneFlags {
    pub const NONE: Self = Self(0);
    pub const PID: Self = Self(libc::CLONE_NEWPID as u64);
    pub const MOUNT: Self = Self(libc::CLONE_NEWNS as u64);
    pub const IPC: Self = Self(libc::CLONE_NEWIPC as u64);
    pub const UTS: Self = Self(libc::CLONE_NEWUTS as u64);
    pub const NETWORK: Self = Self(libc::CLONE_NEWNET as u64);

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Which side of a fork this is.
pub enum Forked {
    Child,
    Parent { pid: i32, pidfd: OwnedFd },
}

/// `struct clone_args` of clone3(2), version 2 (88 bytes).
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// `CLONE_INTO_CGROUP` (linux/sched.h), since 5.7.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// A fork with namespaces, a pidfd and, where given, directly in a v2 cgroup. For single-threaded programs only (checked by the zygote, which never makes
/// a thread): a copy of a threaded process inherits locks that nobody will release.
pub fn clone3(flags: CloneFlags, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Forked> {
    let mut pidfd: i32 = -1;
    let mut args = CloneArgs {
        flags: flags.0 | libc::CLONE_PIDFD as u64,
        pidfd: (&raw mut pidfd) as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArgs::default()
    };
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::try_from(cgroup.as_raw_fd()).unwrap_or_default();
    }
    // SAFETY: `args` outlives the call and has the size that is passed; without a stack the child continues on a copy of this one, as after fork.
    let result =
        unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<CloneArgs>()) };
    match result {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        pid => {
            // SAFETY: the kernel stored a new descriptor there, which nobody else owns.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Forked::Parent {
                pid: raw_pid(pid),
                pidfd,
            })
        }
    }
}

/// A plain fork by clone(2), which the default filter of containers allows (clone3 is refused there); 0 in the child. Single-threaded programs only.
pub fn fork() -> io::Result<i32> {
    // SAFETY: no flag but the exit signal and no stack: the child continues on a copy of this one.
    let result = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(raw_pid(result))
    }
}

/// unshare(2) of the single thread of this program.
pub fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: unsafe because of CLONE_FILES, which would break the ownership of descriptors between threads; there is one thread only.
    unsafe { rustix::thread::unshare_unsafe(flags) }.map_err(Into::into)
}

/// Strings in the form execve(2) wants.
pub struct StringArray {
    _owned: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl StringArray {
    /// Fails on a NUL inside a string.
    pub fn new<S: AsRef<str>>(strings: &[S]) -> io::Result<Self> {
        let owned = strings
            .iter()
            .map(|text| CString::new(text.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let pointers = owned
            .iter()
            .map(|text| text.as_ptr())
            .chain([ptr::null()])
            .collect();
        Ok(Self {
            _owned: owned,
            pointers,
        })
    }
}

/// Executes `program`, an absolute path or one relative to the working directory. Returns only on failure.
pub fn execve(program: &str, argv: &StringArray, env: &StringArray) -> io::Error {
    let Ok(program) = CString::new(program) else {
        return io::ErrorKind::InvalidInput.into();
    };
    // SAFETY: the arrays end with a null pointer and their strings live in the `StringArray`s.
    unsafe {
        libc::execve(
            program.as_ptr(),
            argv.pointers.as_ptr(),
            env.pointers.as_ptr(),
        )
    };
    io::Error::last_os_error()
}

/// Executes the file behind a descriptor (execveat(2) with `AT_EMPTY_PATH`). Returns only on failure.
pub fn execute_descriptor(
    file: BorrowedFd<'_>,
    argv: &StringArray,
    env: &StringArray,
) -> io::Error {
    // SAFETY: as for `execve`; the path is an empty C string.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            file.as_raw_fd(),
            c"".as_ptr(),
            argv.pointers.as_ptr(),
            env.pointers.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    };
    io::Error::last_os_error()
}

/// Ends the process at once, without destructors or handlers.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(code) }
}

/// Marks every descriptor from `first` on close-on-exec.
pub fn close_on_exec_from(first: u32) -> io::Result<()> {
    check(close_range(first, libc::CLOSE_RANGE_CLOEXEC))
}

/// Closes every descriptor from `first` on. For a process that owns none of them any more by value: a fresh program or a child that will only execute.
pub fn close_from(first: u32) -> io::Result<()> {
    check(close_range(first, 0))
}

fn close_range(first: u32, flags: libc::c_uint) -> i64 {
    // SAFETY: closes or marks descriptors; the callers' contract says that nothing refers to closed ones.
    unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, flags) }
}

/// `seccomp(SECCOMP_SET_MODE_FILTER)` with a program of eight bytes an instruction. Wants `no_new_privs` or `CAP_SYS_ADMIN`.
pub fn load_seccomp(program: &[u8]) -> io::Result<()> {
    let instructions: Vec<libc::sock_filter> = program
        .chunks_exact(8)
        .map(|bytes| libc::sock_filter {
            code: u16::from_ne_bytes([bytes[0], bytes[1]]),
            jt: bytes[2],
            jf: bytes[3],
            k: u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        })
        .collect();
    let length = u16::try_from(instructions.len())
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let filter = libc::sock_fprog {
        len: length,
        filter: instructions.as_ptr().cast_mut(),
    };
    // SAFETY: `filter` points at `length` instructions that outlive the call; the kernel copies and checks them.
    check(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const filter,
        )
    })
}

/// Gives this process an empty session keyring of its own, so that it cannot read its starter's keys.
pub fn join_session_keyring() -> io::Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: libc::c_int = 1;
    // SAFETY: a null name asks for an anonymous keyring.
    check(unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            KEYCTL_JOIN_SESSION_KEYRING,
            ptr::null::<c_char>(),
            0,
            0,
            0,
        )
    })
}

/// `prctl(PR_SET_PDEATHSIG)`: SIGKILL to this process when its parent thread ends; 0 takes it back.
pub fn set_parent_death_signal(signal: i32) -> io::Result<()> {
    // SAFETY: takes a number.
    check(unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_PDEATHSIG, signal, 0, 0, 0) })
}

/// Gives back what the allocator does not need, before many copies of this process are made.
pub fn trim_heap() {
    // SAFETY: no preconditions.
    unsafe { libc::malloc_trim(0) };
}

/// Pids stay below 2^22 (`PID_MAX_LIMIT`).
fn raw_pid(result: i64) -> i32 {
    i32::try_from(result).unwrap_or(i32::MAX)
}

fn check(result: i64) -> io::Result<()> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
