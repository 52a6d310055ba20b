//! What the kernel wants to hear. Knows nothing of Node; `unsafe` lives in `sys` alone.
#![deny(unsafe_code)]

pub mod capabilities;
pub mod cgroup;
pub mod channel;
pub mod errno;
pub mod failure;
#[cfg(feature = "layer")]
pub mod layer;
pub mod logfile;
pub mod netlink;
pub mod network;
pub mod network_client;
pub mod nft;
pub mod plan;
pub mod ports;
pub mod procfs;
pub mod proto;
pub mod restart;
pub mod rootfs;
pub mod seccomp;
pub mod status;
pub mod sys;
pub mod userdb;
pub mod wire;
pub mod zygote;
