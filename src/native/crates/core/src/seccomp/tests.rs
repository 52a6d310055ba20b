use std::collections::{BTreeMap, HashSet};

use super::compiler::{
    ALLOW, AUDIT_ARCH_AARCH64, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, Action, ERRNO, KILL_PROCESS,
    Masked, Range, Test,
};
use super::interpreter::{Entered, run};
use super::table::{Call, ENOSYS, EPERM, calls};
use super::*;

const BASELINE: [&str; 11] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn caps(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn denied(errno: u16) -> u32 {
    ERRNO | u32::from(errno)
}

fn ask(program: &[u8], architecture: u32, number: u32, arguments: [u64; 6]) -> u32 {
    run(
        program,
        &Entered {
            number,
            architecture,
            arguments,
        },
    )
    .0
}

fn number(name: &str, abi: Abi) -> u32 {
    let call = calls().find(|call| call.name == name).expect(name);
    call.number(abi).expect(name)
}

#[test]
fn the_table_is_well_formed() {
    let lines = include_str!("syscalls.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count();
    assert_eq!(calls().count(), lines, "each line is a call");
    let names: Vec<_> = calls().map(|call| call.name).collect();
    assert!(
        names.is_sorted_by(|one, other| one < other),
        "sorted, each once"
    );
    let rules = [
        "allow",
        "deny",
        "nosys",
        "clone",
        "personality",
        "socket",
        "socketcall",
        "ioctl",
    ];
    for line in include_str!("syscalls.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let fields: Vec<_> = line.split_ascii_whitespace().collect();
        assert_eq!(fields.len(), 6, "{line}");
        assert!(
            fields[1..5]
                .iter()
                .all(|field| *field == "-" || field.parse::<u16>().is_ok()),
            "{line}"
        );
        let (keys, rule) = fields[5].split_once(':').unwrap_or(("ANY", fields[5]));
        assert!(rules.contains(&rule), "{line}");
        assert!(
            keys.split('|').all(|key| key
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')),
            "{line}"
        );
    }
    for abi in [Abi::X86_64, Abi::I386, Abi::X32, Abi::Aarch64] {
        let numbers: Vec<_> = calls().filter_map(|call| call.number(abi)).collect();
        assert_eq!(
            numbers.iter().collect::<HashSet<_>>().len(),
            numbers.len(),
            "{abi:?}: each number once"
        );
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn numbers_are_those_of_the_c_library() {
    for (name, expected) in [
        ("read", libc::SYS_read),
        ("openat", libc::SYS_openat),
        ("clone3", libc::SYS_clone3),
        ("bpf", libc::SYS_bpf),
        ("mount_setattr", libc::SYS_mount_setattr),
        ("statx", libc::SYS_statx),
        ("fchmodat2", libc::SYS_fchmodat2),
        ("mseal", libc::SYS_mseal),
    ] {
        assert_eq!(
            libc::c_long::from(number(name, Abi::X86_64)),
            expected,
            "{name}"
        );
    }
}

/// Arguments for which the tests of the profile say no, if they have one.
fn expected(call: &Call<'_>, capabilities: &[String], arguments: [u64; 6]) -> u32 {
    match call.action(capabilities) {
        Action::Allow => ALLOW,
        Action::Errno(errno) => denied(errno),
        Action::When(test) => {
            let hit = test.any_of.iter().any(|masked| {
                arguments[usize::from(masked.argument)] & masked.mask == masked.value
            });
            (if hit { test.then } else { test.otherwise }).map_or(ALLOW, denied)
        }
    }
}

#[test]
fn every_number_of_every_architecture_gets_what_the_table_says() {
    let argument_sets: [[u64; 6]; 8] = [
        [0; 6],
        [u64::MAX; 6],
        [0x0002_0000, 0, 0, 0, 0, 0],
        [0x1000_0011, 0x5412, 0, 0, 0, 0],
        [38, 0, 0, 0, 0, 0],
        [0xdead_0000_0000_0028, 0xdead_0000_0000_5412, 0, 0, 0, 0],
        [1, 0x5413, 0, 0, 0, 0],
        [0x2_0008, 0x5401, 0, 0, 0, 0],
    ];
    for capabilities in [
        caps(&[]),
        caps(&BASELINE),
        caps(&["SYS_ADMIN"]),
        caps(&["BPF", "SYS_NICE", "SYS_PTRACE"]),
    ] {
        for sections in [INTEL, ARM] {
            let program = compile(sections, &capabilities);
            for (architecture, abis) in sections {
                let mut known = BTreeMap::new();
                for call in calls() {
                    known.extend(
                        abis.iter()
                            .filter_map(|abi| Some((call.number(*abi)?, call.name))),
                    );
                }
                let by_name: BTreeMap<_, _> = calls().map(|call| (call.name, call)).collect();
                let all = (0..1200).chain(0x4000_0000 - 2..0x4000_0000 + 1200).chain([
                    u32::MAX,
                    u32::MAX - 1,
                    0x8000_0000,
                ]);
                for number in all {
                    for arguments in argument_sets {
                        let wanted = known.get(&number).map_or(denied(ENOSYS), |name| {
                            expected(&by_name[name], &capabilities, arguments)
                        });
                        let found = ask(&program, *architecture, number, arguments);
                        assert_eq!(
                            found,
                            wanted,
                            "{architecture:#x} {number} {:?} {arguments:x?} {capabilities:?}",
                            known.get(&number)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_foreign_architecture_is_killed_whatever_it_calls() {
    let (intel, arm) = (compile(INTEL, &[]), compile(ARM, &[]));
    for number in [0, 1, 59, 102, 0x4000_0000, u32::MAX] {
        // arm, ppc64le, s390x, and the neighbours.
        for architecture in [0x4000_0028, 0xc000_0015, 0x8000_0016, 0, u32::MAX] {
            assert_eq!(ask(&intel, architecture, number, [0; 6]), KILL_PROCESS);
            assert_eq!(ask(&arm, architecture, number, [0; 6]), KILL_PROCESS);
        }
        assert_eq!(
            ask(&intel, AUDIT_ARCH_AARCH64, number, [0; 6]),
            KILL_PROCESS
        );
        assert_eq!(ask(&arm, AUDIT_ARCH_X86_64, number, [0; 6]), KILL_PROCESS);
        assert_eq!(ask(&arm, AUDIT_ARCH_I386, number, [0; 6]), KILL_PROCESS);
    }
}

/// The list of reliability.md S17, in each numbering, for a container with the baseline capabilities.
#[expect(clippy::too_many_lines, reason = "a list of calls, one a line")]
#[test]
fn the_dangerous_calls_are_denied_in_every_numbering() {
    let program = compile(INTEL, &caps(&BASELINE));
    let numberings = [
        (AUDIT_ARCH_X86_64, Abi::X86_64),
        (AUDIT_ARCH_X86_64, Abi::X32),
        (AUDIT_ARCH_I386, Abi::I386),
    ];
    for (architecture, abi) in numberings {
        let answer = |name: &str, arguments: [u64; 6]| {
            ask(&program, architecture, number(name, abi), arguments)
        };
        for name in [
            "keyctl",
            "add_key",
            "request_key",
            "bpf",
            "userfaultfd",
            "io_uring_setup",
            "io_uring_enter",
            "io_uring_register",
            "perf_event_open",
            "open_by_handle_at",
            "mount",
            "umount2",
            "fsopen",
            "open_tree",
            "move_mount",
            "mount_setattr",
            "unshare",
            "setns",
            "pivot_root",
            "kexec_load",
            "init_module",
            "finit_module",
            "swapon",
            "reboot",
            "iopl",
            "ioperm",
            "settimeofday",
            "sethostname",
            "syslog",
            "acct",
            "quotactl",
        ] {
            assert_eq!(answer(name, [0; 6]), denied(EPERM), "{abi:?} {name}");
        }
        assert_eq!(answer("clone3", [0; 6]), denied(ENOSYS));
        assert_eq!(
            answer("clone", [0x1000_0011, 0, 0, 0, 0, 0]),
            denied(EPERM),
            "{abi:?} clone(NEWUSER)"
        );
        assert_eq!(
            answer("clone", [0x0100_1200 | 0x11, 0, 0, 0, 0, 0]),
            ALLOW,
            "{abi:?} fork"
        );
        assert_eq!(
            answer("personality", [0x0040_0000, 0, 0, 0, 0, 0]),
            denied(EPERM),
            "{abi:?} READ_IMPLIES_EXEC"
        );
        assert_eq!(answer("personality", [0xffff_ffff, 0, 0, 0, 0, 0]), ALLOW);
        for family in [38, 40] {
            assert_eq!(
                answer("socket", [family, 3, 0, 0, 0, 0]),
                denied(EPERM),
                "{abi:?} family {family}"
            );
            assert_eq!(
                answer("socket", [family | 7 << 40, 3, 0, 0, 0, 0]),
                denied(EPERM),
                "the kernel drops the high half, and so do we"
            );
        }
        for family in [1, 2, 10, 16, 17] {
            assert_eq!(answer("socket", [family, 3, 0, 0, 0, 0]), ALLOW);
        }
        assert_eq!(
            answer("ioctl", [0, 0x5412, 0, 0, 0, 0]),
            denied(EPERM),
            "TIOCSTI"
        );
        assert_eq!(
            answer("ioctl", [0, 0x5412 | 1 << 32, 0, 0, 0, 0]),
            denied(EPERM),
            "TIOCSTI, CVE-2019-10063"
        );
        assert_eq!(
            answer("ioctl", [0, 0x5413, 0, 0, 0, 0]),
            ALLOW,
            "TIOCGWINSZ"
        );
        assert_eq!(
            answer("chroot", [0; 6]),
            ALLOW,
            "SYS_CHROOT is in the baseline"
        );
        for name in [
            "read",
            "openat",
            "execve",
            "futex",
            "exit_group",
            "clone",
            "wait4",
            "seccomp",
            "prctl",
            "statx",
            "fchmodat2",
        ] {
            assert_eq!(answer(name, [0; 6]), ALLOW, "{abi:?} {name}");
        }
    }
    let multiplexer = number("socketcall", Abi::I386);
    assert_eq!(
        ask(&program, AUDIT_ARCH_I386, multiplexer, [1, 0, 0, 0, 0, 0]),
        denied(ENOSYS),
        "no way around the rule of socket"
    );
    assert_eq!(
        ask(&program, AUDIT_ARCH_I386, multiplexer, [3, 0, 0, 0, 0, 0]),
        ALLOW
    );
}

#[test]
fn capabilities_unlock_their_calls_and_no_others() {
    let answers = |names: &[&str]| {
        let program = compile(INTEL, &caps(names));
        let allowed = |number| ask(&program, AUDIT_ARCH_X86_64, number, [0x1000_0000; 6]) == ALLOW;
        calls()
            .filter(|call| call.number(Abi::X86_64).is_some_and(allowed))
            .map(|call| call.name)
            .collect::<Vec<_>>()
    };
    let nothing = answers(&[]);
    let unlocked = |names: &[&str]| {
        answers(names)
            .into_iter()
            .filter(|name| !nothing.contains(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(unlocked(&["SYS_CHROOT"]), ["chroot"]);
    assert_eq!(unlocked(&["BPF"]), ["bpf"]);
    assert_eq!(unlocked(&["SYS_TIME"]), ["clock_settime", "settimeofday"]);
    assert_eq!(
        unlocked(&["SYS_PTRACE"]),
        ["kcmp", "pidfd_getfd", "process_madvise"]
    );
    assert_eq!(
        unlocked(&["NET_ADMIN", "CHOWN", "cap_bpf", "CAP_BPF", ""]),
        Vec::<&str>::new()
    );
    let admin = unlocked(&["SYS_ADMIN"]);
    assert!(
        ["mount", "unshare", "clone", "clone3", "setns", "bpf"]
            .iter()
            .all(|name| admin.contains(name)),
        "{admin:?}"
    );
    assert!(
        [
            "keyctl",
            "kexec_load",
            "reboot",
            "io_uring_setup",
            "init_module"
        ]
        .iter()
        .all(|name| !admin.contains(name)),
        "{admin:?}"
    );
}

/// How the three classes of actions share the calls; a changed line of the table changes these numbers, on purpose.
#[test]
fn the_profile_counts_as_reviewed() {
    let count = |names: &[&str], abi: Abi| {
        let capabilities = caps(names);
        let mut counts = [0; 3];
        for call in calls().filter(|call| call.number(abi).is_some()) {
            counts[match call.action(&capabilities) {
                Action::Allow => 0,
                Action::When(_) => 1,
                Action::Errno(_) => 2,
            }] += 1;
        }
        counts
    };
    assert_eq!(count(&BASELINE, Abi::X86_64), [305, 4, 71]);
    assert_eq!(count(&BASELINE, Abi::I386), [355, 5, 97]);
    assert_eq!(count(&BASELINE, Abi::X32), [300, 4, 64]);
    assert_eq!(count(&BASELINE, Abi::Aarch64), [263, 4, 56]);
}

/// Length and depth; the kernel takes 4,096 instructions and interprets them for each number when it loads the filter.
#[test]
fn programs_are_as_long_and_as_deep_as_before() {
    let measure = |sections: &[(u32, &[Abi])], names: &[&str]| {
        let program = compile(sections, &caps(names));
        let deepest = |(audit, _): &(u32, &[Abi])| {
            (0..1200)
                .chain(0x4000_0000..0x4000_0400)
                .map(|number| {
                    run(
                        &program,
                        &Entered {
                            number,
                            architecture: *audit,
                            arguments: [u64::MAX; 6],
                        },
                    )
                    .1
                })
                .max()
        };
        (
            program.len() / 8,
            sections.iter().filter_map(deepest).max().unwrap_or(0),
        )
    };
    assert_eq!(measure(INTEL, &BASELINE), (784, 31));
    assert_eq!(measure(INTEL, &[]), (792, 31));
    assert_eq!(measure(INTEL, &["SYS_ADMIN"]), (685, 31));
    assert_eq!(measure(ARM, &BASELINE), (202, 28));
}

#[test]
fn jumps_reach_over_any_distance_and_halves_are_compared_apart() {
    static WIDE: Test = Test {
        any_of: &[
            Masked {
                argument: 2,
                mask: u64::MAX,
                value: 0x0000_0001_0000_0002,
            },
            Masked {
                argument: 5,
                mask: 0xff00_0000_0000_00ff,
                value: 0x1100_0000_0000_0022,
            },
            Masked {
                argument: 0,
                mask: 0xffff_ffff_0000_0000,
                value: 0x7_0000_0000,
            },
        ],
        then: Some(7),
        otherwise: None,
    };
    // Two thousand ranges: more than 255 instructions on either side of the upper comparisons.
    let ranges: Vec<_> = (0..2000)
        .map(|first| Range {
            first,
            action: if first == 1500 {
                Action::When(&WIDE)
            } else {
                Action::Errno((first % 4000) as u16)
            },
        })
        .collect();
    let program: Vec<_> = compiler::program(&[Section { audit: 9, ranges }])
        .iter()
        .flat_map(|instruction| instruction.bytes())
        .collect();
    for number in (0..2000).filter(|number| *number != 1500) {
        assert_eq!(ask(&program, 9, number, [0; 6]), ERRNO | number);
    }
    assert_eq!(ask(&program, 9, 5000, [0; 6]), ERRNO | 0x7cf);
    let wide = |at: usize, value: u64| {
        let mut arguments = [0; 6];
        arguments[at] = value;
        ask(&program, 9, 1500, arguments) == ERRNO | 7
    };
    assert!(wide(2, 0x0000_0001_0000_0002));
    assert!(
        !wide(2, 0x0000_0002) && !wide(2, 0x0000_0001_0000_0000) && !wide(2, 0x0000_0002_0000_0001)
    );
    assert!(wide(5, 0x11aa_bbcc_ddee_ff22));
    assert!(!wide(5, 0x10aa_bbcc_ddee_ff22) && !wide(5, 0x11aa_bbcc_ddee_ff23));
    assert!(wide(0, 0x7_1234_5678));
    assert!(!wide(0, 0x8_0000_0000));
}
