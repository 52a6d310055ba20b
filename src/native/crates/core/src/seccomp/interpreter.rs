//! Runs a filter as the kernel does (Documentation/networking/filter.rst), for the tests: by another road than the compiler, so that both have to agree.

use super::compiler::{AND, JUMP, JUMP_EQUAL, JUMP_GREATER_EQUAL, LOAD, RETURN};

/// `struct seccomp_data`.
pub(super) struct Entered {
    pub(super) number: u32,
    pub(super) architecture: u32,
    pub(super) arguments: [u64; 6],
}

impl Entered {
    fn word(&self, offset: u32) -> u32 {
        let mut bytes = Vec::new();
        bytes.extend(self.number.to_ne_bytes());
        bytes.extend(self.architecture.to_ne_bytes());
        bytes.extend(0u64.to_ne_bytes());
        bytes.extend(
            self.arguments
                .iter()
                .flat_map(|argument| argument.to_ne_bytes()),
        );
        let at = offset as usize;
        assert!(at.is_multiple_of(4), "the kernel takes aligned words only");
        u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("a word"))
    }
}

/// The filter's answer and the number of instructions it took.
pub(super) fn run(program: &[u8], entered: &Entered) -> (u32, usize) {
    let (mut accumulator, mut at) = (0u32, 0usize);
    for steps in 1.. {
        let bytes = &program[at * 8..at * 8 + 8];
        let code = u16::from_ne_bytes([bytes[0], bytes[1]]);
        let k = u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        at += 1;
        let jump = |holds: bool| usize::from(if holds { bytes[2] } else { bytes[3] });
        match code {
            LOAD => accumulator = entered.word(k),
            AND => accumulator &= k,
            JUMP => at += k as usize,
            JUMP_EQUAL => at += jump(accumulator == k),
            JUMP_GREATER_EQUAL => at += jump(accumulator >= k),
            RETURN => return (k, steps),
            other => panic!("instruction {other:#x} is not allowed"),
        }
    }
    unreachable!("a filter ends")
}
