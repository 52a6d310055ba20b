//! The overlay of layers and upper directory, by the mount interface with descriptors: no page of options, no limit of layers but the kernel's 500.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_fd,
    fsconfig_set_string, fsmount, fsopen,
};

use super::mounts::explained;
use super::tree;
use crate::failure::{Context, Failure};
use crate::plan::Rootfs;

const STEP: &str = "rootfs.overlay";

/// A detached overlay of the plan's layers; makes `upper` and `work` if absent. Device nodes of an image have no effect in it unless `devices`.
pub fn mount(rootfs: &Rootfs, devices: bool) -> Result<OwnedFd, Failure> {
    let upper = format!("{}/upper", rootfs.upper);
    let work = format!("{}/work", rootfs.upper);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&rootfs.upper)
        .at(STEP, "mkdir", &rootfs.upper)?;
    for (path, mode) in [(&upper, 0o755), (&work, 0o700)] {
        match DirBuilder::new().mode(mode).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).at(STEP, "mkdir", path);
            }
            _ => {}
        }
    }
    copy_root_attributes(rootfs, &upper)?;
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC).at(STEP, "fsopen", "overlay")?;
    add_layers(rootfs, &context)?;
    for (key, path) in [("upperdir", &upper), ("workdir", &work)] {
        fsconfig_set_string(&context, key, path.as_str())
            .map_err(|error| explained(STEP, key, error, &context))?;
    }
    fsconfig_create(&context).map_err(|error| explained(STEP, "create", error, &context))?;
    let attributes = if devices {
        MountAttrFlags::empty()
    } else {
        MountAttrFlags::MOUNT_ATTR_NODEV
    };
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes).at(STEP, "fsmount", "overlay")
}

/// Top layer first. By descriptor since 6.13, by path since 6.8, in one colon-separated value before.
fn add_layers(rootfs: &Rootfs, context: &OwnedFd) -> Result<(), Failure> {
    if rootfs.layers.is_empty() {
        return Err(Failure::plain(
            "E_NO_LAYERS",
            STEP,
            "rootfs.overlay: an overlay needs at least one layer",
        ));
    }
    for (index, path) in rootfs.layers.iter().rev().enumerate() {
        let layer =
            tree::open_host(path, OFlags::PATH | OFlags::DIRECTORY).at(STEP, "openat2", path)?;
        match fsconfig_set_fd(context, "lowerdir+", layer.as_fd()) {
            Ok(()) => {}
            Err(Errno::INVAL) if index == 0 => return add_layers_by_path(rootfs, context),
            Err(error) => {
                return Err(explained(
                    STEP,
                    &format!("lowerdir+ {path}"),
                    error,
                    context,
                ));
            }
        }
    }
    Ok(())
}

fn add_layers_by_path(rootfs: &Rootfs, context: &OwnedFd) -> Result<(), Failure> {
    for (index, path) in rootfs.layers.iter().rev().enumerate() {
        match fsconfig_set_string(context, "lowerdir+", path.as_str()) {
            Ok(()) => {}
            Err(Errno::INVAL) if index == 0 => {
                let escaped: Vec<String> = rootfs
                    .layers
                    .iter()
                    .rev()
                    .map(|path| path.replace('\\', "\\\\").replace(':', "\\:"))
                    .collect();
                return fsconfig_set_string(context, "lowerdir", escaped.join(":"))
                    .map_err(|error| explained(STEP, "lowerdir", error, context));
            }
            Err(error) => {
                return Err(explained(
                    STEP,
                    &format!("lowerdir+ {path}"),
                    error,
                    context,
                ));
            }
        }
    }
    Ok(())
}

/// The root directory of an overlay shows the attributes of its upper directory, so that takes those of the top layer.
fn copy_root_attributes(rootfs: &Rootfs, upper: &str) -> Result<(), Failure> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let Some(top) = rootfs.layers.last() else {
        return Ok(());
    };
    let metadata = fs::metadata(top).at(STEP, "stat", top)?;
    chown(upper, Some(metadata.uid()), Some(metadata.gid())).at(STEP, "chown", upper)?;
    fs::set_permissions(upper, fs::Permissions::from_mode(metadata.mode() & 0o7777))
        .at(STEP, "chmod", upper)
}
