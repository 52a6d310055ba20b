//! The default filter: a table of facts compiled to classic BPF. Bytes out, loaded by `sys`.

mod compiler;
mod table;

#[cfg(test)]
mod interpreter;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod tests;

use compiler::Section;
use table::Abi;

/// Program for `seccomp(SECCOMP_SET_MODE_FILTER)`: eight bytes an instruction, native endian. `capabilities` are names without `CAP_`; some
/// unlock system calls.
///
/// The architecture is checked first, a foreign one kills the process. A denied call is EPERM, a call the table does not know is ENOSYS.
pub fn compile_default(capabilities: &[String]) -> Vec<u8> {
    let sections = if cfg!(target_arch = "aarch64") {
        ARM
    } else {
        INTEL
    };
    compile(sections, capabilities)
}

/// What a kernel for x86-64 takes: its own calls, those of x32 beside them, and those of i386 programs.
const INTEL: &[(u32, &[Abi])] = &[
    (compiler::AUDIT_ARCH_X86_64, &[Abi::X86_64, Abi::X32]),
    (compiler::AUDIT_ARCH_I386, &[Abi::I386]),
];

const ARM: &[(u32, &[Abi])] = &[(compiler::AUDIT_ARCH_AARCH64, &[Abi::Aarch64])];

fn compile(sections: &[(u32, &[Abi])], capabilities: &[String]) -> Vec<u8> {
    let sections: Vec<_> = sections
        .iter()
        .map(|(audit, abis)| Section {
            audit: *audit,
            ranges: table::ranges(abis, capabilities),
        })
        .collect();
    compiler::program(&sections)
        .iter()
        .flat_map(|instruction| instruction.bytes())
        .collect()
}
