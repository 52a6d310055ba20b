//! The only module with `unsafe`: one file a family of calls, one operation a block, a SAFETY comment each.
#![allow(unsafe_code)]

pub mod bpf;
pub mod netlink;
#[cfg(test)]
pub mod raw;
