//! The default filter: a table of facts compiled to classic BPF. Bytes out, loaded by `sys`.

/// Program for `seccomp(SECCOMP_SET_MODE_FILTER)`: eight bytes an instruction, native endian. `capabilities` are names without `CAP_`; some
/// unlock system calls.
pub fn compile_default(_capabilities: &[String]) -> Vec<u8> {
    Vec::new()
}
