//! Root file system of an instance: overlay and binds staged by the supervisor, everything else mounted by the child in its own namespace.
//!
//! Every path below the root is resolved once, to a descriptor, by `openat2(RESOLVE_IN_ROOT)`; what follows acts on the descriptor.

pub mod devices;
pub mod inside;
pub mod mounts;
pub mod overlay;
pub mod staging;
pub mod tree;
