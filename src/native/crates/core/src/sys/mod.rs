//! The only module with `unsafe`: one file a family of calls, one operation a block, a SAFETY comment each.
#![allow(unsafe_code)]

pub mod bpf;
pub mod lock;
pub mod mount;
pub mod netlink;
pub mod pidfd;
pub mod process;
#[cfg(test)]
pub mod raw;
pub mod rlimit;
pub mod signal;
pub mod terminal;
