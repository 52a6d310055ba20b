//! Mounts as descriptors: made detached, changed, then attached to a descriptor of their place.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};

use crate::failure::{Context, Failure};

/// A parameter of a filesystem: `key=value` or a flag.
pub type Parameter<'a> = (&'a str, Option<&'a str>);

/// A new mount of filesystem type `kind`, not yet in the tree.
pub fn detached(
    step: &str,
    kind: &str,
    parameters: &[Parameter<'_>],
    attributes: MountAttrFlags,
) -> Result<OwnedFd, Failure> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC).at(step, "fsopen", kind)?;
    for (key, value) in parameters {
        match value {
            Some(value) => fsconfig_set_string(&context, *key, *value)
                .map_err(|error| explained(step, key, error, &context))?,
            None => fsconfig_set_flag(&context, *key)
                .map_err(|error| explained(step, key, error, &context))?,
        }
    }
    fsconfig_create(&context).map_err(|error| explained(step, "create", error, &context))?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes).at(step, "fsmount", kind)
}

/// A failed fsconfig(2) with what the kernel wrote about it into the context.
pub fn explained(step: &str, key: &str, error: rustix::io::Errno, context: &OwnedFd) -> Failure {
    let mut failure = Failure::new(step, "fsconfig", key, &io::Error::from(error));
    let mut text = [0; 512];
    while let Ok(length) = rustix::io::read(context, &mut text) {
        failure.message.push_str("; ");
        failure
            .message
            .push_str(String::from_utf8_lossy(&text[..length]).trim_end());
    }
    failure
}

/// Puts a detached mount onto the directory or file behind `place`.
pub fn attach(
    step: &str,
    mount: BorrowedFd<'_>,
    place: BorrowedFd<'_>,
    object: &str,
) -> Result<(), Failure> {
    move_mount(
        mount,
        "",
        place,
        "",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
    )
    .at(step, "move_mount", object)
}

/// A detached copy of the mount at `place`, cut off at the directory or file it points to.
pub fn clone_tree(
    step: &str,
    place: BorrowedFd<'_>,
    recursive: bool,
    object: &str,
) -> Result<OwnedFd, Failure> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH;
    flags.set(OpenTreeFlags::AT_RECURSIVE, recursive);
    open_tree(place.as_fd(), "", flags).at(step, "open_tree", object)
}
