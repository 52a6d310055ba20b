//! From root with everything to the user of the plan with its rights; the same for start and exec.

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Gid, Uid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_keep_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::plan::Security;
use tsdock_core::rootfs::tree::open_host;
use tsdock_core::sys::process::load_seccomp;
use tsdock_core::userdb::{Credentials, UserError};

const STEP: &str = "credentials";

/// Takes the identity and rights of the container's process, goes to `cwd` as that user and loads the filter. Afterwards nothing but `execve` is left to do.
pub fn apply(security: &Security, user: &Credentials, cwd: &str) -> Result<(), Failure> {
    drop_bounding_set(security.capabilities)?;
    match clear_ambient_capability_set() {
        Ok(()) | Err(Errno::INVAL) => {}
        Err(error) => return Err(error).at(STEP, "prctl", "ambient"),
    }
    let groups: Vec<Gid> = user.groups.iter().map(|&gid| Gid::from_raw(gid)).collect();
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    set_thread_groups(&groups).at(STEP, "setgroups", "")?;
    set_thread_res_gid(gid, gid, gid).at(STEP, "setresgid", user.gid.to_string())?;
    set_keep_capabilities(true).at(STEP, "prctl", "keepcaps")?;
    set_thread_res_uid(uid, uid, uid).at(STEP, "setresuid", user.uid.to_string())?;
    let last = if user.uid == 0 {
        CapabilitySet::from_bits_retain(security.capabilities)
    } else {
        CapabilitySet::empty()
    };
    // Without no_new_privs only CAP_SYS_ADMIN may load a filter, so that one is given back after it.
    let loading = if security.seccomp.is_empty() || security.no_new_privileges {
        CapabilitySet::empty()
    } else {
        CapabilitySet::SYS_ADMIN
    };
    set_both(last | loading)?;
    enter_directory(cwd)?;
    if security.no_new_privileges {
        set_no_new_privs(true).at(STEP, "prctl", "no_new_privs")?;
    }
    if !security.seccomp.is_empty() {
        load_seccomp(&security.seccomp).at("seccomp", "seccomp", "filter")?;
    }
    if loading.is_empty() {
        Ok(())
    } else {
        set_both(last)
    }
}

/// Effective and permitted; inheritable stays empty, or files with inheritable capabilities would gain some.
fn set_both(capabilities: CapabilitySet) -> Result<(), Failure> {
    set_capabilities(
        None,
        CapabilitySets {
            effective: capabilities,
            permitted: capabilities,
            inheritable: CapabilitySet::empty(),
        },
    )
    .at(STEP, "capset", "")
}

/// The bounding set is all that later programs can ever gain, setuid ones included.
fn drop_bounding_set(keep: u64) -> Result<(), Failure> {
    for number in 0..64 {
        if keep & (1 << number) != 0 {
            continue;
        }
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number)) {
            Ok(()) => {}
            // Above the last capability of this kernel.
            Err(Errno::INVAL) => return Ok(()),
            Err(error) => return Err(error).at(STEP, "prctl", format!("bounding {number}")),
        }
    }
    Ok(())
}

/// Magic links are refused, and a directory that is not below the root has no absolute path (CVE-2024-21626).
fn enter_directory(cwd: &str) -> Result<(), Failure> {
    const STEP: &str = "cwd";
    let directory = open_host(cwd, OFlags::PATH | OFlags::DIRECTORY).at(STEP, "openat2", cwd)?;
    rustix::process::fchdir(&directory).at(STEP, "fchdir", cwd)?;
    let found = rustix::process::getcwd(Vec::new()).at(STEP, "getcwd", cwd)?;
    if found.to_bytes().starts_with(b"/") {
        return Ok(());
    }
    Err(Failure::plain(
        "E_CWD_OUTSIDE",
        STEP,
        format!("cwd: {cwd} is not below the container's root"),
    ))
}

/// A user or group that cannot be resolved, as a failure of the start.
pub fn unknown_user(error: &UserError) -> Failure {
    match error {
        UserError::UnknownUser(name) => Failure::plain(
            "E_USER",
            "user",
            format!("user: user {name:?} is not in /etc/passwd of the image"),
        ),
        UserError::UnknownGroup(name) => Failure::plain(
            "E_GROUP",
            "user",
            format!("user: group {name:?} is not in /etc/group of the image"),
        ),
        UserError::Invalid(text) => Failure::plain(
            "E_USER",
            "user",
            format!("user: {text:?} is no user or group"),
        ),
    }
}
