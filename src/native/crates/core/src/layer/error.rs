//! Why a layer was refused or could not be unpacked.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// The step of everything that happens while entries are written.
pub(super) const STEP: &str = "layer.unpack";

/// The kind of a failure; the part of the contract that callers decide on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The bytes do not have the digest they were announced with.
    Digest,
    /// The uncompressed tar does not have the digest that the image's configuration names.
    DiffId,
    /// An entry that would reach outside the layer or forge overlay metadata.
    Escape,
    /// A longer name, header or map than any tool writes.
    Limit,
    /// More bytes than the layer may unpack to.
    TooManyBytes,
    /// More entries than the layer may have.
    TooManyEntries,
    /// Not a gzip, zstd or tar stream, cut, or with two meanings.
    Format,
    /// `abort` was called.
    Aborted,
    /// A system call failed; its errno.
    System(i32),
}

/// A failure with the entry it happened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerError {
    pub kind: Kind,
    pub step: &'static str,
    pub message: String,
}

impl LayerError {
    pub fn new(kind: Kind, step: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            step,
            message: message.into(),
        }
    }

    /// A failed system call; `object` says what it was done to.
    pub fn system(step: &'static str, object: &str, error: &io::Error) -> Self {
        Self::new(
            Kind::System(error.raw_os_error().unwrap_or(libc::EIO)),
            step,
            format!("{object}: {error}"),
        )
    }

    /// `E_DIGEST`, `E_DIFFID`, `E_LAYER_ESCAPE`, `E_LAYER_LIMIT`, `E_LAYER_BYTES`, `E_LAYER_ENTRIES`, `E_LAYER_FORMAT`, `E_ABORTED`; none for an errno.
    pub fn code(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Digest => Some("E_DIGEST"),
            Kind::DiffId => Some("E_DIFFID"),
            Kind::Escape => Some("E_LAYER_ESCAPE"),
            Kind::Limit => Some("E_LAYER_LIMIT"),
            Kind::TooManyBytes => Some("E_LAYER_BYTES"),
            Kind::TooManyEntries => Some("E_LAYER_ENTRIES"),
            Kind::Format => Some("E_LAYER_FORMAT"),
            Kind::Aborted => Some("E_ABORTED"),
            Kind::System(_) => None,
        }
    }
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.message)
    }
}

impl std::error::Error for LayerError {}

/// A name from an archive for a message: escaped, and cut at 200 bytes.
pub fn printable(name: &[u8]) -> String {
    let cut = &name[..name.len().min(200)];
    let dots = if cut.len() < name.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_ascii())
}

/// A failed system call on an entry's name.
pub(super) fn failed(call: &str, name: &[u8], error: Errno) -> LayerError {
    LayerError::system(
        STEP,
        &format!("{call} {}", printable(name)),
        &io::Error::from(error),
    )
}
