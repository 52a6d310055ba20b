//! What the kernel wants to hear. Knows nothing of Node; `unsafe` lives in `sys` alone.
#![deny(unsafe_code)]

pub mod cgroup;
#[cfg(feature = "layer")]
pub mod layer;
pub mod logfile;
pub mod netlink;
pub mod nft;
pub mod plan;
pub mod proto;
pub mod rootfs;
pub mod seccomp;
pub mod sys;
pub mod userdb;
