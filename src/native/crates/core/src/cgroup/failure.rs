//! What went wrong with which file of which controller, carried inside `io::Error`.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// The payload of every `io::Error` of this module; `failure` gets it back.
#[derive(Debug)]
pub struct Failure {
    /// `mkdir`, `open`, `read`, `write`, `rmdir`, `find`, `bpf`, …
    pub call: &'static str,
    /// File or controller the call was about, with the value for a write: `memory.max = 65536`.
    pub object: String,
    pub source: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cgroup: {}({}): {}", self.call, self.object, self.source)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The details of an error of this module; `None` for any other error.
pub fn failure(error: &io::Error) -> Option<&Failure> {
    error.get_ref()?.downcast_ref()
}

/// The error number behind an error of this module or a plain one.
pub fn errno(error: &io::Error) -> Option<i32> {
    error
        .raw_os_error()
        .or_else(|| failure(error)?.source.raw_os_error())
}

pub(super) fn failed(
    call: &'static str,
    object: impl Into<String>,
    source: impl Into<io::Error>,
) -> io::Error {
    let source = source.into();
    io::Error::new(
        source.kind(),
        Failure {
            call,
            object: object.into(),
            source,
        },
    )
}

/// A limit was asked for and no hierarchy of this host serves its controller.
pub(super) fn no_controller(name: &str) -> io::Error {
    let reason = format!("no usable \"{name}\" controller on this host");
    failed(
        "find",
        name,
        io::Error::new(io::ErrorKind::Unsupported, reason),
    )
}

pub(super) fn is(error: &io::Error, wanted: Errno) -> bool {
    errno(error) == Some(wanted.raw_os_error())
}
