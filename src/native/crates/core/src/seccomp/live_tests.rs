//! The filter in the kernel of this machine, on a thread of its own.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use super::compile_default;
use super::table::{ENOSYS, EPERM};
use crate::sys::raw::{call, confine};

/// What `ask` finds on a thread under the default filter.
fn confined<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    let program = compile_default(&[]);
    let thread = std::thread::spawn(move || {
        confine(&program);
        ask()
    });
    thread
        .join()
        .expect("the filter lets a thread live and end")
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).expect("numbers are small")
}

#[test]
fn dangerous_calls_are_denied_by_the_kernel() {
    let denied = [
        ("mount", libc::SYS_mount, [0; 6]),
        ("keyctl", libc::SYS_keyctl, [0; 6]),
        ("bpf", libc::SYS_bpf, [0; 6]),
        (
            "unshare(NEWUSER)",
            libc::SYS_unshare,
            [0x1000_0000, 0, 0, 0, 0, 0],
        ),
        (
            "clone(NEWUSER)",
            libc::SYS_clone,
            [0x1000_0011, 0, 0, 0, 0, 0],
        ),
        ("setns", libc::SYS_setns, [0; 6]),
        ("userfaultfd", libc::SYS_userfaultfd, [0; 6]),
        (
            "io_uring_setup",
            libc::SYS_io_uring_setup,
            [1, 0, 0, 0, 0, 0],
        ),
        ("perf_event_open", libc::SYS_perf_event_open, [0; 6]),
        ("open_by_handle_at", libc::SYS_open_by_handle_at, [0; 6]),
        ("kexec_load", libc::SYS_kexec_load, [0; 6]),
        (
            "personality(READ_IMPLIES_EXEC)",
            libc::SYS_personality,
            [0x0040_0000, 0, 0, 0, 0, 0],
        ),
        ("socket(AF_ALG)", libc::SYS_socket, [38, 5, 0, 0, 0, 0]),
        ("socket(AF_VSOCK)", libc::SYS_socket, [40, 1, 0, 0, 0, 0]),
        (
            "ioctl(TIOCSTI)",
            libc::SYS_ioctl,
            [0, 0x5412 | 1 << 32, 0, 0, 0, 0],
        ),
        ("chroot", libc::SYS_chroot, [0; 6]),
    ];
    for (name, system_call, arguments) in denied {
        assert_eq!(
            confined(move || call(number(system_call), arguments)),
            -i64::from(EPERM),
            "{name}"
        );
        // The denial is the filter's: without it, arguments this wrong fail in another way or not at all.
        if !["clone(NEWUSER)", "unshare(NEWUSER)", "kexec_load"].contains(&name)
            && rustix::process::geteuid().is_root()
        {
            assert_ne!(
                call(number(system_call), without_effect(arguments)),
                -i64::from(EPERM),
                "{name} without a filter"
            );
        }
    }
    for unknown in [
        number(libc::SYS_clone3),
        400,
        468,
        900,
        0x4000_0000 + 900,
        0x7fff_ffff,
    ] {
        assert_eq!(
            confined(move || call(unknown, [0; 6])),
            -i64::from(ENOSYS),
            "{unknown}"
        );
    }
}

/// Descriptors and addresses that exist nowhere instead of zeros.
fn without_effect(mut arguments: [u64; 6]) -> [u64; 6] {
    for argument in &mut arguments {
        if *argument == 0 {
            *argument = u64::MAX;
        }
    }
    arguments
}

#[test]
fn ordinary_work_goes_on() {
    let answer = confined(|| {
        let directory = std::env::temp_dir().join(format!("tsdock-seccomp-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("a"), b"text")?;
        let text = std::fs::read(directory.join("a"))?;
        std::fs::remove_dir_all(&directory)?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let output = Command::new("sh")
            .args(["-c", "echo $(id -u; uname -s) | wc -l"])
            .output()?;
        std::thread::spawn(|| 5)
            .join()
            .map_err(|_| std::io::Error::other("thread"))?;
        Ok::<_, std::io::Error>((text, output.stdout))
    });
    assert_eq!(
        answer.expect("all of it works"),
        (b"text".to_vec(), b"1\n".to_vec())
    );
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_entry_of_32_bit_programs_is_no_way_around() {
    let own = std::env::current_exe().expect("path");
    let inside = "seccomp::live_tests::inside_the_32_bit_entry";
    let output = Command::new(own)
        .args(["--ignored", "--exact", inside, "--nocapture"])
        .output()
        .expect("runs");
    if output.status.signal() == Some(libc::SIGSEGV) {
        assert!(
            std::env::var_os("CI").is_none(),
            "the kernel of the tests has 32-bit calls"
        );
        eprintln!("skipped: this kernel has no 32-bit calls");
        return;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[cfg(target_arch = "x86_64")]
#[ignore = "run by the test above in a process of its own: without 32-bit calls in the kernel it dies"]
#[test]
fn inside_the_32_bit_entry() {
    use crate::sys::raw::call_32;

    // Numbers of arch/x86/entry/syscalls/syscall_32.tbl.
    let (getpid, keyctl, mount, bpf, socket, socketcall, clone3) =
        (20, 288, 21, 357, 359, 102, 435);
    let pid = i32::try_from(std::process::id()).expect("pid");
    assert_eq!(confined(move || call_32(getpid, 0, 0)), pid);
    for (name, number, first) in [
        ("keyctl", keyctl, 0),
        ("mount", mount, 0),
        ("bpf", bpf, 0),
        ("AF_ALG", socket, 38),
        ("AF_VSOCK", socket, 40),
    ] {
        assert_eq!(
            confined(move || call_32(number, first, 5)),
            -i32::from(EPERM),
            "{name}"
        );
    }
    for (name, number, first) in [
        ("socketcall(SOCKET)", socketcall, 1),
        ("clone3", clone3, 0),
        ("unknown", 999, 0),
    ] {
        assert_eq!(
            confined(move || call_32(number, first, 0)),
            -i32::from(ENOSYS),
            "{name}"
        );
    }
    assert!(
        confined(move || call_32(socket, 1, 1)) > 2,
        "an ordinary socket"
    );
}
