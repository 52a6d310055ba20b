//! System calls by number, for tests of filters. Not sound for arbitrary arguments: those who call it pass numbers, or addresses of what they own.

/// The result, negative errno on failure.
pub fn call(number: u32, args: [u64; 6]) -> i64 {
    // SAFETY: tests pass calls that touch no memory of ours but what they own, see above.
    let result = unsafe {
        libc::syscall(
            i64::from(number),
            args[0],
            args[1],
            args[2],
            args[3],
            args[4],
            args[5],
        )
    };
    if result == -1 {
        -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    } else {
        result
    }
}

/// The same through the entry of 32-bit programs, which gives `seccomp` the architecture i386. A kernel without that entry sends SIGSEGV.
#[cfg(target_arch = "x86_64")]
pub fn call_32(number: u32, first: u32, second: u32) -> i32 {
    let result: i32;
    // SAFETY: `int 0x80` changes nothing but eax and, in older kernels, r8 to r11; rbx belongs to the compiler and is put back. As for `call` otherwise.
    unsafe {
        std::arch::asm!(
            "xchg {first}, rbx",
            "int 0x80",
            "xchg {first}, rbx",
            first = inout(reg) u64::from(first) => _,
            inlateout("eax") number.cast_signed() => result,
            in("ecx") second,
            in("edx") 0,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    result
}

/// Loads a filter into the calling thread, after `no_new_privs`; a test that cannot is over.
#[expect(clippy::missing_panics_doc, reason = "only tests call it")]
pub fn confine(program: &[u8]) {
    let instructions = u16::try_from(program.len() / 8).expect("4,096 at most");
    let header = libc::sock_fprog {
        len: instructions,
        filter: program.as_ptr().cast_mut().cast(),
    };
    let no_new_privs = u64::from(libc::PR_SET_NO_NEW_PRIVS.cast_unsigned());
    assert_eq!(
        call(
            u32::try_from(libc::SYS_prctl).expect("small"),
            [no_new_privs, 1, 0, 0, 0, 0]
        ),
        0
    );
    let mode = u64::from(libc::SECCOMP_SET_MODE_FILTER);
    let address = (&raw const header).expose_provenance() as u64;
    assert_eq!(
        call(
            u32::try_from(libc::SYS_seccomp).expect("small"),
            [mode, 0, address, 0, 0, 0]
        ),
        0,
        "the kernel takes the filter"
    );
}
