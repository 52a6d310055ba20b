//! The directories of a layer while it is unpacked: where an entry goes, which ones were only implied, what each gets at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use rustix::fs::{Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::io::Errno;

use super::attributes::{finish_directory, reopen, set_opaque, set_times};
use super::error::{Kind, LayerError, STEP, failed, printable};
use super::path::LayerPath;
use super::tar::Entry;
use super::tree;

/// Parents that are kept open; entries of one directory stand together in practice.
const OPEN_PARENTS: usize = 64;
/// As the kernel, `MAXSYMLINKS`.
const MAX_SYMLINKS: usize = 40;
/// Time of a directory nobody gave one: the same on every host.
const NO_TIME: (i64, u32) = (0, 0);

/// What a directory gets at the end, when nothing is written below it any more.
struct Meta {
    inode: u64,
    /// None: implied by what lies below it.
    entry: Option<Entry>,
}

pub struct Directories {
    root: OwnedFd,
    open: HashMap<LayerPath, Rc<OwnedFd>>,
    known: BTreeMap<LayerPath, Meta>,
    /// Whiteouts that this layer made, by (parent inode, name).
    whiteouts: BTreeSet<(u64, Vec<u8>)>,
}

impl Directories {
    pub fn new(root: OwnedFd) -> Result<Self, LayerError> {
        let inode = inode(&root)?;
        let known = BTreeMap::from([(LayerPath::root(), Meta { inode, entry: None })]);
        Ok(Self {
            root,
            open: HashMap::new(),
            known,
            whiteouts: BTreeSet::new(),
        })
    }

    /// The directory that entries of this path go into, made if it is missing.
    pub fn parent(&mut self, path: &LayerPath) -> Result<Rc<OwnedFd>, LayerError> {
        if let Some(known) = self.open.get(path) {
            return Ok(Rc::clone(known));
        }
        let fd = match self.resolve(path) {
            Ok(fd) => Rc::new(fd),
            Err(Errno::NOENT | Errno::NOTDIR) => Rc::new(self.make_parents(path)?),
            Err(Errno::LOOP) => return Err(too_many_links()),
            Err(error) => return Err(failed("openat2", path.bytes(), error)),
        };
        self.keep_open(path.clone(), Rc::clone(&fd));
        Ok(fd)
    }

    fn keep_open(&mut self, path: LayerPath, fd: Rc<OwnedFd>) {
        if self.open.len() >= OPEN_PARENTS {
            self.open.clear();
        }
        self.open.insert(path, fd);
    }

    /// A directory of the layer, links followed as if the layer were `/`.
    pub fn resolve(&self, path: &LayerPath) -> rustix::io::Result<OwnedFd> {
        rustix::fs::openat2(
            &self.root,
            OsStr::from_bytes(path.bytes()),
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
        )
    }

    /// Walks from the root, follows links as if the root were `/`, and makes what is missing.
    fn make_parents(&mut self, path: &LayerPath) -> Result<OwnedFd, LayerError> {
        let mut waiting: Vec<Vec<u8>> = path.components().rev().map(<[u8]>::to_vec).collect();
        let mut here: Vec<(Vec<u8>, OwnedFd)> = Vec::new();
        let mut links = 0;
        while let Some(component) = waiting.pop() {
            if component == b".." {
                here.pop();
                continue;
            }
            let directory = here.last().map_or(self.root.as_fd(), |(_, fd)| fd.as_fd());
            match open_directory(directory, &component) {
                Ok(fd) => here.push((component, fd)),
                Err(Errno::NOENT) => {
                    let fd = make_implied(directory, &component)?;
                    here.push((component, fd));
                    self.remember_implied(&here)?;
                }
                Err(Errno::LOOP | Errno::NOTDIR)
                    if self
                        .whiteouts
                        .contains(&(inode(directory)?, component.clone())) =>
                {
                    remove(directory, &component)?;
                    let fd = make_implied(directory, &component)?;
                    set_opaque(&fd)?;
                    here.push((component, fd));
                    self.remember_implied(&here)?;
                }
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    links += 1;
                    if links > MAX_SYMLINKS {
                        return Err(too_many_links());
                    }
                    let target = link_target(directory, &component)?;
                    if target.starts_with(b"/") {
                        here.clear();
                    }
                    let parts = target
                        .split(|byte| *byte == b'/')
                        .filter(|part| !part.is_empty() && *part != b".");
                    waiting.extend(parts.rev().map(<[u8]>::to_vec));
                }
                Err(error) => return Err(failed("openat", &component, error)),
            }
        }
        match here.pop() {
            Some((_, fd)) => Ok(fd),
            None => self
                .root
                .try_clone()
                .map_err(|error| LayerError::system(STEP, "a descriptor", &error)),
        }
    }

    /// Remembers the last one of `walked`, which was made for want of an entry.
    fn remember_implied(&mut self, walked: &[(Vec<u8>, OwnedFd)]) -> Result<(), LayerError> {
        let Some((_, fd)) = walked.last() else {
            return Ok(());
        };
        let names: Vec<&[u8]> = walked.iter().map(|(name, _)| name.as_slice()).collect();
        let path = LayerPath::parse(&names.join(&b'/'))?;
        let inode = inode(fd)?;
        self.known.insert(path, Meta { inode, entry: None });
        Ok(())
    }

    /// Makes the directory of an entry, or takes the one that is there. Its owner, mode and times wait for the end.
    pub fn make(
        &mut self,
        parent: &OwnedFd,
        path: LayerPath,
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), LayerError> {
        let fd = match make_private(parent.as_fd(), name) {
            Ok(fd) => fd,
            Err(Errno::EXIST) => match open_directory(parent.as_fd(), name) {
                Ok(fd) => fd,
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    let hid_the_lower_one = self.whiteouts.remove(&(inode(parent)?, name.to_vec()));
                    self.clear(parent, &path, name)?;
                    let fd = make_private(parent.as_fd(), name)
                        .map_err(|error| failed("mkdirat", name, error))?;
                    if hid_the_lower_one {
                        set_opaque(&fd)?;
                    }
                    fd
                }
                Err(error) => return Err(failed("openat", name, error)),
            },
            Err(error) => return Err(failed("mkdirat", name, error)),
        };
        let entry = Some(entry.clone());
        let inode = inode(&fd)?;
        self.keep_open(path.clone(), Rc::new(fd));
        self.known.insert(path, Meta { inode, entry });
        Ok(())
    }

    /// The root of the layer has an entry of its own.
    pub fn set_root(&mut self, entry: &Entry) -> Result<(), LayerError> {
        let inode = inode(&self.root)?;
        let entry = Some(entry.clone());
        self.known.insert(LayerPath::root(), Meta { inode, entry });
        Ok(())
    }

    /// Remembers a whiteout, which is to become an opaque directory should a directory of this layer take its place.
    pub fn remember_whiteout(&mut self, parent: &OwnedFd, name: &[u8]) -> Result<(), LayerError> {
        self.whiteouts.insert((inode(parent)?, name.to_vec()));
        Ok(())
    }

    /// Makes room for an entry where something is already. Nothing below it is remembered any more.
    pub fn clear(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
    ) -> Result<(), LayerError> {
        remove(parent.as_fd(), name)?;
        self.open.clear();
        self.known.remove(path);
        let gone: Vec<LayerPath> = self
            .known
            .range(path.below())
            .map(|(below, _)| below.clone())
            .collect();
        for below in gone {
            self.known.remove(&below);
        }
        Ok(())
    }

    /// Owners, modes and times, deepest first, so that writing below does not spoil the times. Returns the directories that were only implied.
    pub fn finish(mut self) -> Result<Vec<Vec<u8>>, LayerError> {
        self.open.clear();
        let mut all: Vec<_> = std::mem::take(&mut self.known).into_iter().collect();
        all.sort_by_key(|(path, _)| std::cmp::Reverse(path.depth()));
        let mut implied = Vec::new();
        for (path, meta) in all {
            let Ok(fd) = self.resolve(&path) else {
                continue;
            };
            // Another directory may be reached by this path now, through a link that came later.
            if inode(&fd)? != meta.inode {
                continue;
            }
            let fd = reopen(&fd)?;
            match meta.entry {
                Some(entry) => finish_directory(&fd, &entry, path.bytes())?,
                None => {
                    set_times(&fd, NO_TIME, path.bytes())?;
                    if path != LayerPath::root() {
                        implied.push(path.bytes().to_vec());
                    }
                }
            }
        }
        implied.sort();
        Ok(implied)
    }
}

/// The directory of this name itself; ELOOP or ENOTDIR for a link.
pub fn open_directory(parent: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, OsStr::from_bytes(name), flags, Mode::empty())
}

fn inode(fd: impl AsFd) -> Result<u64, LayerError> {
    rustix::fs::fstat(fd)
        .map(|stat| stat.st_ino)
        .map_err(|error| failed("fstat", b"", error))
}

fn too_many_links() -> LayerError {
    LayerError::new(Kind::Escape, STEP, "a chain of more than 40 symbolic links")
}

fn remove(parent: BorrowedFd<'_>, name: &[u8]) -> Result<(), LayerError> {
    tree::remove_at(parent, name)
        .map_err(|error| LayerError::system(STEP, &printable(name), &error))
}

/// A new directory for us alone; EEXIST when something is there.
fn make_private(parent: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    rustix::fs::mkdirat(parent, OsStr::from_bytes(name), Mode::from_raw_mode(0o700))?;
    open_directory(parent, name)
}

/// A directory 0755 of 0:0, whatever the process's umask.
fn make_implied(parent: BorrowedFd<'_>, name: &[u8]) -> Result<OwnedFd, LayerError> {
    let fd = make_private(parent, name).map_err(|error| failed("mkdirat", name, error))?;
    rustix::fs::fchown(&fd, Some(Uid::ROOT), Some(Gid::ROOT))
        .map_err(|error| failed("fchown", name, error))?;
    rustix::fs::fchmod(&fd, Mode::from_raw_mode(0o755))
        .map_err(|error| failed("fchmod", name, error))?;
    Ok(fd)
}

fn link_target(parent: BorrowedFd<'_>, name: &[u8]) -> Result<Vec<u8>, LayerError> {
    match rustix::fs::readlinkat(parent, OsStr::from_bytes(name), Vec::new()) {
        Ok(target) => Ok(target.into_bytes()),
        Err(Errno::INVAL) => Err(LayerError::new(
            Kind::Format,
            STEP,
            format!("{} is no directory", printable(name)),
        )),
        Err(error) => Err(failed("readlinkat", name, error)),
    }
}
