//! The only module with `unsafe`: one file a family of calls, one operation a block, a SAFETY comment each.
#![allow(unsafe_code)]

pub mod lock;
pub mod mount;
pub mod pidfd;
pub mod process;
pub mod rlimit;
pub mod signal;
