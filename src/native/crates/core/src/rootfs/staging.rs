//! The supervisor's part: one tmpfs in its private mount namespace, with the overlay at `root` and each bind source at a number. A clone with
//! `CLONE_NEWNS` copies it, or the child of a first start gets a copy while it prepares the rest; the child moves the copies into place. So a source is resolved
//! once in the life of an instance.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, fstat};
use rustix::mount::MountAttrFlags;

use super::mounts::{attach, clone_tree, detached};
use super::{overlay, tree};
use crate::failure::{Context, Failure};
use crate::plan::{Mount, Plan};
use crate::sys::mount::{Change, NODEV, NOSUID, set_attributes};

const STEP: &str = "rootfs.staging";

/// Places below the staging directory.
#[derive(Clone, Debug)]
pub struct Staging {
    pub directory: PathBuf,
}

/// A source as `dev:inode`, to recognise it after the supervisor was replaced.
pub type SourceName = String;

impl Staging {
    pub fn root(&self) -> PathBuf {
        self.directory.join("root")
    }

    pub fn bind(&self, index: usize) -> PathBuf {
        self.directory.join(index.to_string())
    }

    /// Mounts overlay and bind sources. `root`: an overlay that is mounted already (that of a running process). `known`: the sources of an earlier
    /// supervisor; another thing at the same path is refused then. Call in a private mount namespace.
    pub fn mount(
        &self,
        plan: &Plan,
        root: Option<OwnedFd>,
        known: &[SourceName],
    ) -> Result<Vec<SourceName>, Failure> {
        let place = self.directory.display().to_string();
        fs::create_dir_all(&self.directory).at(STEP, "mkdir", &place)?;
        let tmpfs = detached(
            STEP,
            "tmpfs",
            &[("mode", Some("700"))],
            MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID,
        )?;
        let directory = self.open()?;
        attach(STEP, tmpfs.as_fd(), directory.as_fd(), &place)?;
        let root = match root {
            Some(root) => root,
            None => overlay::mount(&plan.rootfs, plan.security.privileged)?,
        };
        put(&self.root(), root.as_fd(), tree::Kind::Directory)?;
        let mut names = Vec::new();
        for (index, mount) in plan.mounts.iter().enumerate() {
            if let Mount::Bind { source, create, .. } = mount {
                names.push(self.stage_bind(
                    index,
                    source,
                    *create,
                    known.get(names.len()),
                    plan.security.privileged,
                )?);
            }
        }
        Ok(names)
    }

    /// A detached copy of all that is staged, for a child whose namespace was made before.
    pub fn copy(&self) -> Result<OwnedFd, Failure> {
        let directory = self.open()?;
        clone_tree(STEP, directory.as_fd(), true, "staging")
    }

    /// Puts a copy in place in the namespace of the caller.
    pub fn put_copy(&self, copy: BorrowedFd<'_>) -> Result<(), Failure> {
        let directory = self.open()?;
        attach(STEP, copy, directory.as_fd(), "staging")
    }

    fn open(&self) -> Result<OwnedFd, Failure> {
        rustix::fs::openat(
            CWD,
            &self.directory,
            OFlags::PATH | OFlags::CLOEXEC,
            rustix::fs::Mode::empty(),
        )
        .at(STEP, "open", self.directory.display().to_string())
    }

    fn stage_bind(
        &self,
        index: usize,
        source: &str,
        create: bool,
        known: Option<&SourceName>,
        devices: bool,
    ) -> Result<SourceName, Failure> {
        const STEP: &str = "mounts.source";
        if create && !Path::new(source).exists() {
            fs::create_dir_all(source).at(STEP, "mkdir", source)?;
        }
        let opened = tree::open_host(source, OFlags::PATH).at(STEP, "openat2", source)?;
        let stat = fstat(&opened).at(STEP, "fstat", source)?;
        let name = format!("{}:{}", stat.st_dev, stat.st_ino);
        if known.is_some_and(|known| *known != name) {
            return Err(Failure::plain(
                "E_SOURCE_CHANGED",
                STEP,
                format!("{STEP}: {source} is not the file it was when the instance was created"),
            ));
        }
        let kind = tree::kind_of(opened.as_fd()).at(STEP, "fstat", source)?;
        let copy = clone_tree(STEP, opened.as_fd(), true, source)?;
        let set = if devices { 0 } else { NODEV | NOSUID };
        set_attributes(
            copy.as_fd(),
            Change {
                set,
                private: true,
                recursive: true,
                ..Change::default()
            },
        )
        .at(STEP, "mount_setattr", source)?;
        put(&self.bind(index), copy.as_fd(), kind)?;
        Ok(name)
    }
}

fn put(path: &Path, mount: BorrowedFd<'_>, kind: tree::Kind) -> Result<(), Failure> {
    let object = path.display().to_string();
    match kind {
        tree::Kind::Directory => fs::create_dir(path),
        tree::Kind::File => fs::write(path, b""),
    }
    .at(STEP, "create", &object)?;
    let place = rustix::fs::openat(
        CWD,
        path,
        OFlags::PATH | OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )
    .at(STEP, "open", &object)?;
    attach(STEP, mount, place.as_fd(), &object)
}
