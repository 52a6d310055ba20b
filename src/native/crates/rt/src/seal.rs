//! The program runs from a sealed copy of itself, so that no container can reach the file on disk through `/proc/<pid>/exe`.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::sys::process::{StringArray, execute_descriptor};

/// Executes a sealed copy of this program with `arguments`; returns only on failure.
pub fn execute_sealed_copy(arguments: &[String]) -> Result<(), Failure> {
    const STEP: &str = "seal";
    let mut source = File::open("/proc/self/exe").at(STEP, "open", "/proc/self/exe")?;
    // MFD_EXEC is demanded where vm.memfd_noexec is set and unknown before 6.3.
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let copy = memfd_create("tsdock-rt", flags | MemfdFlags::EXEC)
        .or_else(|_| memfd_create("tsdock-rt", flags))
        .at(STEP, "memfd_create", "tsdock-rt")?;
    let mut copy = File::from(copy);
    io::copy(&mut source, &mut copy).at(STEP, "write", "tsdock-rt")?;
    fcntl_add_seals(
        &copy,
        SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
    )
    .at(STEP, "fcntl", "F_ADD_SEALS")?;
    let argv: Vec<&str> = std::iter::once("tsdock-rt")
        .chain(arguments.iter().map(String::as_str))
        .collect();
    let argv = StringArray::new(&argv).at(STEP, "execveat", "argv")?;
    let env = StringArray::new::<&str>(&[]).at(STEP, "execveat", "env")?;
    Err(execute_descriptor(copy.as_fd(), &argv, &env)).at(STEP, "execveat", "tsdock-rt")
}
