//! Classic BPF from ranges of numbers: a balanced tree of comparisons, for a number is found in log2 steps and the kernel, which emulates the filter for each
//! number when it is loaded, is done sooner.

// linux/audit.h
pub(super) const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
pub(super) const AUDIT_ARCH_I386: u32 = 0x4000_0003;
pub(super) const AUDIT_ARCH_AARCH64: u32 = 0xc000_00b7;

/// Calls of one value of `seccomp_data.arch`. Ranges begin at 0 and each ends where the next begins.
pub(super) struct Section {
    pub(super) audit: u32,
    pub(super) ranges: Vec<Range>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u32,
    pub(super) action: Action,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Allow,
    Errno(u16),
    When(&'static Test),
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Allow, Self::Allow) => true,
            (Self::Errno(one), Self::Errno(other)) => one == other,
            (Self::When(one), Self::When(other)) => std::ptr::eq(*one, *other),
            _ => false,
        }
    }
}

impl Eq for Action {}

/// A decision by arguments. `None` is "allowed", else an errno.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) any_of: &'static [Masked],
    pub(super) then: Option<u16>,
    pub(super) otherwise: Option<u16>,
}

/// `args[argument] & mask == value`, in 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masked {
    pub(super) argument: u8,
    pub(super) mask: u64,
    pub(super) value: u64,
}

/// `struct sock_filter` (linux/filter.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) jump_true: u8,
    pub(super) jump_false: u8,
    pub(super) k: u32,
}

impl Instruction {
    pub(super) fn bytes(self) -> [u8; 8] {
        let [c0, c1] = self.code.to_ne_bytes();
        let [k0, k1, k2, k3] = self.k.to_ne_bytes();
        [c0, c1, self.jump_true, self.jump_false, k0, k1, k2, k3]
    }
}

// linux/bpf_common.h: class, size, mode, operation; linux/seccomp.h: actions.
pub(super) const LOAD: u16 = 0x20;
pub(super) const AND: u16 = 0x54;
pub(super) const JUMP: u16 = 0x05;
pub(super) const JUMP_EQUAL: u16 = 0x15;
pub(super) const JUMP_GREATER_EQUAL: u16 = 0x35;
pub(super) const RETURN: u16 = 0x06;
pub(super) const ALLOW: u32 = 0x7fff_0000;
pub(super) const ERRNO: u32 = 0x0005_0000;
pub(super) const KILL_PROCESS: u32 = 0x8000_0000;

/// Offsets in `struct seccomp_data`.
pub(super) const NUMBER: u32 = 0;
pub(super) const ARCHITECTURE: u32 = 4;
pub(super) const ARGUMENTS: u32 = 16;

const fn plain(code: u16, k: u32) -> Instruction {
    Instruction {
        code,
        jump_true: 0,
        jump_false: 0,
        k,
    }
}

pub(super) fn program(sections: &[Section]) -> Vec<Instruction> {
    let mut code = vec![plain(LOAD, ARCHITECTURE)];
    for section in sections {
        let mut body = vec![plain(LOAD, NUMBER)];
        body.extend(tree(&section.ranges));
        // Equal: pass over the jump to the next section.
        code.push(Instruction {
            code: JUMP_EQUAL,
            jump_true: 1,
            jump_false: 0,
            k: section.audit,
        });
        code.push(plain(JUMP, distance(body.len())));
        code.extend(body);
    }
    code.push(plain(RETURN, KILL_PROCESS));
    code
}

/// `if number >= middle { right } else { left }`, down to single ranges.
fn tree(ranges: &[Range]) -> Vec<Instruction> {
    let [one] = ranges else {
        let (left, right) = ranges.split_at(ranges.len() / 2);
        let middle = right[0].first;
        let (left, right) = (tree(left), tree(right));
        let mut code = match u8::try_from(left.len()) {
            Ok(near) => vec![Instruction {
                code: JUMP_GREATER_EQUAL,
                jump_true: near,
                jump_false: 0,
                k: middle,
            }],
            // Conditional jumps reach 255 instructions, unconditional ones anywhere.
            Err(_) => vec![
                Instruction {
                    code: JUMP_GREATER_EQUAL,
                    jump_true: 0,
                    jump_false: 1,
                    k: middle,
                },
                plain(JUMP, distance(left.len())),
            ],
        };
        code.extend(left);
        code.extend(right);
        return code;
    };
    match one.action {
        Action::Allow => vec![plain(RETURN, ALLOW)],
        Action::Errno(errno) => vec![plain(RETURN, ERRNO | u32::from(errno))],
        Action::When(test) => decision(test),
    }
}

fn distance(instructions: usize) -> u32 {
    u32::try_from(instructions).expect("a filter has 4,096 instructions at most")
}

fn outcome(errno: Option<u16>) -> Instruction {
    plain(
        RETURN,
        errno.map_or(ALLOW, |errno| ERRNO | u32::from(errno)),
    )
}

/// Comparisons one after the other; each that does not hold goes on to the next.
fn decision(test: &Test) -> Vec<Instruction> {
    let mut code = Vec::new();
    for masked in test.any_of {
        code.extend(comparison(masked, outcome(test.then)));
    }
    code.push(outcome(test.otherwise));
    code
}

/// Runs `hit` if the argument fits, else falls through. A half that the mask leaves out is not looked at.
fn comparison(masked: &Masked, hit: Instruction) -> Vec<Instruction> {
    let low = ARGUMENTS + 8 * u32::from(masked.argument);
    let halves = [
        (low, low_half(masked.mask), low_half(masked.value)),
        (
            low + 4,
            low_half(masked.mask >> 32),
            low_half(masked.value >> 32),
        ),
    ];
    // From the back, so that the length of what a failed half has to pass over is known. Little endian: the low half comes first.
    let mut code = vec![hit];
    for (offset, mask, value) in halves.into_iter().rev().filter(|(_, mask, _)| *mask != 0) {
        let behind = u8::try_from(code.len()).expect("two halves have eight instructions");
        let mut half = vec![plain(LOAD, offset)];
        if mask != u32::MAX {
            half.push(plain(AND, mask));
        }
        half.push(Instruction {
            code: JUMP_EQUAL,
            jump_true: 0,
            jump_false: behind,
            k: value,
        });
        half.extend(code);
        code = half;
    }
    code
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & 0xffff_ffff).expect("32 bits")
}
