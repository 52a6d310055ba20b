//! The `mounts` of a bundle: binds and tmpfs. The standard file systems are mounted in every container anyway, with options of our own.

use std::path::Path;

use serde_json::Value;
use tsdock_core::failure::Failure;
use tsdock_core::plan::Mount;

use super::config::{array, refuse, text, texts};

/// Destination and types of what every container has.
const STANDARD: [(&str, &[&str]); 7] = [
    ("/proc", &["proc"]),
    ("/sys", &["sysfs"]),
    ("/sys/fs/cgroup", &["cgroup", "cgroup2"]),
    ("/dev", &["tmpfs"]),
    ("/dev/pts", &["devpts"]),
    ("/dev/shm", &["tmpfs"]),
    ("/dev/mqueue", &["mqueue"]),
];

/// The mounts of the plan, and the size of `/dev/shm` if one is given.
pub fn read(config: &Value, bundle: &Path) -> Result<(Vec<Mount>, Option<u64>), Failure> {
    let (mut mounts, mut shm) = (Vec::new(), None);
    for entry in array(config, "mounts")? {
        let target = text(entry, "destination")?.unwrap_or_default();
        if !target.starts_with('/') {
            return refuse("mounts", &format!("{target:?} is not an absolute path"));
        }
        for unsupported in ["uidMappings", "gidMappings"] {
            if !array(entry, unsupported)?.is_empty() {
                return refuse("mounts", &format!("{target}: {unsupported} is unsupported"));
            }
        }
        let options = texts(entry, "options")?;
        let bound = options
            .iter()
            .any(|option| option == "bind" || option == "rbind");
        let kind = text(entry, "type")?.unwrap_or_default();
        let standard = !bound
            && STANDARD
                .iter()
                .any(|(path, kinds)| *path == target && kinds.contains(&kind.as_str()));
        if standard {
            if target == "/dev/shm" {
                shm = size(&target, &options)?;
            }
        } else if bound || kind == "bind" {
            mounts.push(bind(target, entry, &options, bundle)?);
        } else if kind == "tmpfs" {
            mounts.push(tmpfs(target, &options)?);
        } else {
            return refuse("mounts", &format!("{target}: type {kind:?} is unsupported"));
        }
    }
    Ok((mounts, shm))
}

fn bind(
    target: String,
    entry: &Value,
    options: &[String],
    bundle: &Path,
) -> Result<Mount, Failure> {
    let Some(source) = text(entry, "source")? else {
        return refuse("mounts", &format!("{target}: source is missing"));
    };
    let mut read_only = false;
    for option in options {
        match option.as_str() {
            "ro" => read_only = true,
            "rw" => read_only = false,
            "bind" | "rbind" | "private" | "rprivate" | "nosuid" | "nodev" | "exec"
            | "relatime" => {}
            other => return refuse_option(&target, other),
        }
    }
    Ok(Mount::Bind {
        source: bundle.join(source).display().to_string(),
        target,
        read_only,
        create: false,
    })
}

fn tmpfs(target: String, options: &[String]) -> Result<Mount, Failure> {
    let (mut read_only, mut mode) = (false, 0o1777);
    for option in options {
        match option.as_str() {
            "ro" => read_only = true,
            "rw" => read_only = false,
            "private" | "rprivate" | "nosuid" | "nodev" | "exec" | "relatime" => {}
            other => match other.split_once('=') {
                Some(("mode", value)) => {
                    mode = u32::from_str_radix(value, 8)
                        .ok()
                        .filter(|mode| *mode <= 0o7777)
                        .map_or_else(|| refuse_option(&target, other), Ok)?;
                }
                Some(("size", _)) => {}
                _ => return refuse_option(&target, other),
            },
        }
    }
    Ok(Mount::Tmpfs {
        size_bytes: size(&target, options)?,
        target,
        mode,
        read_only,
    })
}

/// `size=` of tmpfs(5) in bytes or with k, m, g; a share of the memory is refused.
fn size(target: &str, options: &[String]) -> Result<Option<u64>, Failure> {
    let Some(value) = options
        .iter()
        .rev()
        .find_map(|option| option.strip_prefix("size="))
    else {
        return Ok(None);
    };
    let (digits, shift) = match value.as_bytes().last() {
        Some(b'k' | b'K') => (&value[..value.len() - 1], 10),
        Some(b'm' | b'M') => (&value[..value.len() - 1], 20),
        Some(b'g' | b'G') => (&value[..value.len() - 1], 30),
        _ => (value, 0),
    };
    match digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
    {
        Some(bytes) => Ok(Some(bytes)),
        None => refuse_option(target, &format!("size={value}")),
    }
}

fn refuse_option<T>(target: &str, option: &str) -> Result<T, Failure> {
    refuse(
        "mounts",
        &format!("{target}: option {option:?} is unsupported"),
    )
}
