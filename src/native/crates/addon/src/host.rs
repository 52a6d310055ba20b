//! What this host can do. Each feature is tried with harmless arguments, never deduced from a version.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};

use napi_derive::napi;
use rustix::fs::{CWD, MemfdFlags, Mode, OFlags, ResolveFlags, memfd_create, openat2};
use rustix::mount::{FsOpenFlags, OpenTreeFlags, fsconfig_set_fd, fsopen, open_tree};
use rustix::process::{PidfdFlags, pidfd_open};
use rustix::thread::capabilities;
use serde_json::{Value, json};
use tsdock_core::cgroup::{DeviceFilter, Layout, Mode as CgroupMode};
use tsdock_core::failure::{Context, Failure};
use tsdock_core::procfs;

use crate::failure::thrown;
use tsdock_core::capabilities::CAPABILITIES;

/// `HostInfo` as JSON.
#[napi]
pub fn probe_host() -> napi::Result<String> {
    probe()
        .map(|host| host.to_string())
        .map_err(|failure| thrown(&failure))
}

fn probe() -> Result<Value, Failure> {
    let layout = Layout::detect().at("host", "read", "/proc/self/mountinfo")?;
    let cgroup = match layout.mode {
        CgroupMode::Unified => "unified",
        CgroupMode::Hybrid => "hybrid",
        CgroupMode::Legacy => "legacy",
    };
    let effective = capabilities(None)
        .at("host", "capget", "")?
        .effective
        .bits();
    let names: Vec<&str> = CAPABILITIES
        .iter()
        .enumerate()
        .filter(|(number, _)| effective & (1 << number) != 0)
        .map(|(_, name)| *name)
        .collect();
    let system = rustix::system::sysinfo();
    Ok(json!({
        "kernel": rustix::system::uname().release().to_string_lossy(),
        "cgroup": cgroup,
        "controllers": layout.controllers(),
        "capabilities": names,
        "bootId": procfs::boot_id(),
        "cpus": std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        "memoryBytes": system.totalram.saturating_mul(u64::from(system.mem_unit)),
        "features": features(effective),
    }))
}

fn features(effective: u64) -> Vec<Value> {
    let has = |name: &str| {
        CAPABILITIES
            .iter()
            .position(|known| *known == name)
            .is_some_and(|number| effective & (1 << number) != 0)
    };
    let feature = |name: &str, available: bool, consequence: &str| json!({ "name": name, "available": available, "consequence": consequence });
    vec![
        feature(
            "openat2",
            openat2(
                CWD,
                "/",
                OFlags::PATH | OFlags::CLOEXEC,
                Mode::empty(),
                ResolveFlags::IN_ROOT,
            )
            .is_ok(),
            "containers cannot start",
        ),
        feature(
            "mount-by-descriptor",
            open_tree(CWD, "/", OpenTreeFlags::OPEN_TREE_CLOEXEC).is_ok(),
            "containers cannot start",
        ),
        feature("overlay", overlay().is_some(), "containers cannot start"),
        feature(
            "overlay-layers-by-descriptor",
            overlay_by_descriptor(),
            "layers are named by path",
        ),
        feature(
            "pidfd",
            pidfd_open(rustix::process::getpid(), PidfdFlags::empty()).is_ok(),
            "containers cannot start",
        ),
        feature(
            "facts-by-pidfd",
            tells_facts_by_pidfd(),
            "the exit code of a container that lost all of its supervisors stays unknown",
        ),
        feature(
            "seccomp",
            fs::metadata("/proc/sys/kernel/seccomp/actions_avail").is_ok(),
            "containers cannot start with the default filter",
        ),
        feature(
            "device-filter",
            DeviceFilter::load(&[]).is_ok(),
            "devices are limited by the v1 hierarchy or, without one, not at all",
        ),
        feature(
            "executable-memfd",
            memfd_create("probe", MemfdFlags::CLOEXEC | MemfdFlags::EXEC).is_ok(),
            "the runtime's copy is made without the flag",
        ),
        feature(
            "raise-rlimits",
            has("SYS_RESOURCE"),
            "limits above the daemon's own are clamped",
        ),
        feature(
            "lower-oom-score",
            has("SYS_RESOURCE"),
            "oomScoreAdj below the daemon's own is ignored",
        ),
        feature(
            "nf-tables",
            fs::metadata("/proc/sys/net/netfilter").is_ok(),
            "no published ports, no isolation of networks",
        ),
    ]
}

fn overlay() -> Option<OwnedFd> {
    fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC).ok()
}

/// `lowerdir+` as a descriptor, since 6.13; before, the key or the type is EINVAL.
fn overlay_by_descriptor() -> bool {
    let layer = openat2(
        CWD,
        "/",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::empty(),
    );
    match (overlay(), layer) {
        (Some(context), Ok(layer)) => fsconfig_set_fd(&context, "lowerdir+", layer.as_fd()).is_ok(),
        _ => false,
    }
}

/// `PIDFD_GET_INFO` on ourselves.
fn tells_facts_by_pidfd() -> bool {
    pidfd_open(rustix::process::getpid(), PidfdFlags::empty())
        .is_ok_and(|own| tsdock_core::sys::pidfd::tells_facts(own.as_fd()))
}
