//! The facts, and what they mean for a set of capabilities.

use super::compiler::{Action, Masked, Range, Test};

const TABLE: &str = include_str!("syscalls.txt");

/// A numbering of system calls; the value is its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abi {
    X86_64 = 0,
    I386 = 1,
    X32 = 2,
    Aarch64 = 3,
}

impl Abi {
    /// What is added to the numbers of the table.
    fn bit(self) -> u32 {
        // __X32_SYSCALL_BIT
        if self == Self::X32 { 0x4000_0000 } else { 0 }
    }
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Call<'a> {
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the compiler needs numbers alone, tests speak of names"
        )
    )]
    pub(super) name: &'a str,
    numbers: [Option<u32>; 4],
    rule: &'a str,
}

impl Call<'_> {
    pub(super) fn number(&self, abi: Abi) -> Option<u32> {
        self.numbers[abi as usize].map(|number| number + abi.bit())
    }

    /// What happens to the call in a container that has `capabilities`.
    pub(super) fn action(&self, capabilities: &[String]) -> Action {
        match self.rule.split_once(':') {
            Some((keys, _))
                if keys
                    .split('|')
                    .any(|key| capabilities.iter().any(|held| held == key)) =>
            {
                Action::Allow
            }
            Some((_, rule)) => action_named(rule),
            None => action_named(self.rule),
        }
    }
}

pub(super) fn calls() -> impl Iterator<Item = Call<'static>> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
}

fn parse(line: &str) -> Option<Call<'_>> {
    let mut fields = line.split_ascii_whitespace();
    let name = fields.next()?;
    let mut numbers = [None; 4];
    for number in &mut numbers {
        // `-`: the architecture has no such call.
        *number = fields.next()?.parse().ok();
    }
    Some(Call {
        name,
        numbers,
        rule: fields.next()?,
    })
}

pub(super) const EPERM: u16 = 1;
pub(super) const ENOSYS: u16 = 38;

fn action_named(rule: &str) -> Action {
    match rule {
        "allow" => Action::Allow,
        "nosys" => Action::Errno(ENOSYS),
        "clone" => Action::When(&CLONE),
        "personality" => Action::When(&PERSONALITY),
        "socket" => Action::When(&SOCKET),
        "socketcall" => Action::When(&SOCKETCALL),
        "ioctl" => Action::When(&IOCTL),
        // `deny`; a test makes sure that nothing else ends here.
        _ => Action::Errno(EPERM),
    }
}

/// Arguments that are `int` or `unsigned int` to the kernel are compared in their low half only: it ignores the rest, and so must the filter
/// (CVE-2019-10063).
const fn int(argument: u8, value: u32) -> Masked {
    Masked {
        argument,
        mask: 0xffff_ffff,
        value: value as u64,
    }
}

/// No new namespace: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h).
static CLONE: Test = Test {
    any_of: &[Masked {
        argument: 0,
        mask: 0x7e02_0000,
        value: 0,
    }],
    then: None,
    otherwise: Some(EPERM),
};

/// `PER_LINUX`, `PER_LINUX32`, both with `UNAME26`, and the question what it is (linux/personality.h).
static PERSONALITY: Test = Test {
    any_of: &[
        int(0, 0),
        int(0, 8),
        int(0, 0x2_0000),
        int(0, 0x2_0008),
        int(0, 0xffff_ffff),
    ],
    then: None,
    otherwise: Some(EPERM),
};

/// Families that reach the kernel's crypto (ALG, CVE-2026-31431) or the hypervisor (VSOCK), and those nobody maintains: `DECnet`, Econet, ATM SVC, `IrDA`,
/// WANPIPE, IUCV, CAIF (linux/socket.h).
static SOCKET: Test = Test {
    any_of: &[
        int(0, 38),
        int(0, 40),
        int(0, 12),
        int(0, 19),
        int(0, 20),
        int(0, 23),
        int(0, 25),
        int(0, 34),
        int(0, 37),
    ],
    then: Some(EPERM),
    otherwise: None,
};

/// `SYS_SOCKET` (linux/net.h). musl goes on to the direct call, which exists since 4.3; glibc for i386 does not and is without sockets.
static SOCKETCALL: Test = Test {
    any_of: &[int(0, 1)],
    then: Some(ENOSYS),
    otherwise: None,
};

/// `TIOCSTI`, `TIOCLINUX` (asm-generic/ioctls.h).
static IOCTL: Test = Test {
    any_of: &[int(1, 0x5412), int(1, 0x541c)],
    then: Some(EPERM),
    otherwise: None,
};

/// All numbers there are, cut where the action changes: what the table does not name is ENOSYS.
pub(super) fn ranges(abis: &[Abi], capabilities: &[String]) -> Vec<Range> {
    let mut known: Vec<(u32, Action)> = calls()
        .flat_map(|call| {
            let action = call.action(capabilities);
            abis.iter()
                .filter_map(move |abi| Some((call.number(*abi)?, action)))
                .collect::<Vec<_>>()
        })
        .collect();
    known.sort_unstable_by_key(|(number, _)| *number);

    let mut ranges = vec![Range {
        first: 0,
        action: Action::Errno(ENOSYS),
    }];
    let mut next = 0;
    let mut push = |first: u32, action: Action| match ranges.last_mut() {
        Some(last) if last.action == action => {}
        Some(last) if last.first == first => last.action = action,
        _ => ranges.push(Range { first, action }),
    };
    for (number, action) in known {
        if number > next {
            push(next, Action::Errno(ENOSYS));
        }
        push(number, action);
        next = number + 1;
    }
    push(next, Action::Errno(ENOSYS));
    ranges
}
