//! Writes the entries of one layer below a directory of its own. Acts on descriptors; a path is resolved inside the layer's root, as if that were `/`,
//! and only up to the parent: the last component is never followed. Later entries win.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io::{self, BufRead};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Timespec, Timestamps, Uid, XattrFlags,
};
use rustix::io::Errno;

use super::error::{Kind, LayerError, printable};
use super::path::LayerPath;
use super::tar::{Archive, Entry, EntryKind};
use super::tree;

const STEP: &str = "layer.unpack";
const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Names that AUFS kept its own data under.
const AUFS: &[u8] = b".wh..wh.";
const OPAQUE_XATTR: &str = "trusted.overlay.opaque";
/// Parents that are kept open; entries of one directory stand together in practice.
const OPEN_PARENTS: usize = 32;
/// As the kernel, `MAXSYMLINKS`.
const MAX_SYMLINKS: usize = 40;

/// What unpacking a layer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sizes of all files together, holes included.
    pub bytes: u64,
    pub entries: u64,
}

/// What was unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    pub bytes: u64,
    pub entries: u64,
    /// Directories that had no entry of their own; they were made 0755, owner 0:0.
    pub implied_directories: Vec<Vec<u8>>,
}

/// What a directory gets at the end, when nothing is written below it any more.
struct DirectoryMeta {
    inode: u64,
    entry: Option<Entry>,
}

/// An unpacking under way. Nobody else may write below `root`.
pub struct Extractor {
    root: OwnedFd,
    limits: Limits,
    done: Unpacked,
    parents: HashMap<LayerPath, Rc<OwnedFd>>,
    directories: BTreeMap<LayerPath, DirectoryMeta>,
    implied: BTreeSet<LayerPath>,
    /// Whiteouts that this layer made, by (parent inode, name).
    whiteouts: BTreeSet<(u64, Vec<u8>)>,
}

impl Extractor {
    pub fn new(root: OwnedFd, limits: Limits) -> Self {
        Self {
            root,
            limits,
            done: Unpacked::default(),
            parents: HashMap::new(),
            directories: BTreeMap::new(),
            implied: BTreeSet::new(),
            whiteouts: BTreeSet::new(),
        }
    }

    /// Unpacks everything. After a failure the directory holds a part and is worth nothing.
    pub fn run<R: BufRead>(mut self, archive: &mut Archive<R>) -> Result<Unpacked, LayerError> {
        while let Some(entry) = archive.next_entry()? {
            self.one(archive, &entry).map_err(|error| LayerError {
                message: format!(
                    "entry {} {}: {}",
                    entry.index,
                    printable(&entry.path),
                    error.message
                ),
                ..error
            })?;
        }
        self.finish_directories()?;
        self.done.implied_directories = self.implied.iter().map(LayerPath::bytes).collect();
        Ok(self.done)
    }

    fn one<R: BufRead>(
        &mut self,
        archive: &mut Archive<R>,
        entry: &Entry,
    ) -> Result<(), LayerError> {
        self.done.entries += 1;
        if self.done.entries > self.limits.entries {
            return Err(LayerError::new(
                Kind::Limit,
                STEP,
                format!("more than {} entries", self.limits.entries),
            ));
        }
        self.done.bytes = self.done.bytes.saturating_add(entry.size);
        if self.done.bytes > self.limits.bytes {
            return Err(LayerError::new(
                Kind::Limit,
                STEP,
                format!("more than {} bytes of files", self.limits.bytes),
            ));
        }
        check_attributes(entry)?;
        let path = LayerPath::parse(&entry.path)?;
        let Some((parent_path, name)) = path.split() else {
            return self.root_entry(entry);
        };
        if name == OPAQUE {
            let parent = self.parent(&parent_path)?;
            return set_opaque(&parent);
        }
        if name.starts_with(AUFS) {
            return Ok(());
        }
        let parent = self.parent(&parent_path)?;
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            return self.whiteout(&parent, hidden);
        }
        match &entry.kind {
            EntryKind::Directory => self.directory(&parent, &path, name, entry),
            EntryKind::File => self.file(archive, &parent, &path, name, entry),
            EntryKind::Symlink => self.symlink(&parent, &path, name, entry),
            EntryKind::HardLink => self.hard_link(&parent, &path, name, entry),
            EntryKind::Character { major, minor } => self.node(
                &parent,
                &path,
                name,
                entry,
                FileType::CharacterDevice,
                (*major, *minor),
            ),
            EntryKind::Block { major, minor } => self.node(
                &parent,
                &path,
                name,
                entry,
                FileType::BlockDevice,
                (*major, *minor),
            ),
            EntryKind::Fifo => self.node(&parent, &path, name, entry, FileType::Fifo, (0, 0)),
        }
    }

    fn root_entry(&mut self, entry: &Entry) -> Result<(), LayerError> {
        if entry.kind != EntryKind::Directory {
            return Err(LayerError::new(
                Kind::Escape,
                STEP,
                "the root of a layer can only be a directory",
            ));
        }
        let root = LayerPath::parse(b".")?;
        let inode = inode(&self.root)?;
        self.directories.insert(
            root,
            DirectoryMeta {
                inode,
                entry: Some(entry.clone()),
            },
        );
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------------------ parents

    /// The directory that entries of this path go into, made if it is missing.
    fn parent(&mut self, path: &LayerPath) -> Result<Rc<OwnedFd>, LayerError> {
        if let Some(known) = self.parents.get(path) {
            return Ok(Rc::clone(known));
        }
        let fd = match open_in_root(&self.root, path) {
            Ok(fd) => Rc::new(fd),
            Err(Errno::NOENT | Errno::NOTDIR) => Rc::new(self.make_parents(path)?),
            Err(error) => return Err(failed("openat2", &path.bytes(), error)),
        };
        if self.parents.len() >= OPEN_PARENTS {
            self.parents.clear();
        }
        self.parents.insert(path.clone(), Rc::clone(&fd));
        Ok(fd)
    }

    /// Walks from the root, follows links as if the root were `/`, and makes what is missing.
    fn make_parents(&mut self, path: &LayerPath) -> Result<OwnedFd, LayerError> {
        let mut waiting: Vec<Vec<u8>> = path.components().iter().rev().cloned().collect();
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
                    let fd = make_directory(directory, &component)?;
                    here.push((component, fd));
                    self.imply(&here)?;
                }
                Err(Errno::LOOP | Errno::NOTDIR)
                    if self
                        .whiteouts
                        .contains(&(inode(directory)?, component.clone())) =>
                {
                    tree::remove_at(directory, &component).map_err(|error| {
                        LayerError::system(STEP, &printable(&component), &error)
                    })?;
                    let fd = make_directory(directory, &component)?;
                    set_opaque(&fd)?;
                    here.push((component, fd));
                    self.imply(&here)?;
                }
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    links += 1;
                    if links > MAX_SYMLINKS {
                        return Err(LayerError::new(
                            Kind::Escape,
                            STEP,
                            "a chain of more than 40 symbolic links",
                        ));
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

    /// Remembers a directory that was made for want of an entry: the last one of `walked`.
    fn imply(&mut self, walked: &[(Vec<u8>, OwnedFd)]) -> Result<(), LayerError> {
        let Some((_, fd)) = walked.last() else {
            return Ok(());
        };
        let names: Vec<&[u8]> = walked.iter().map(|(name, _)| name.as_slice()).collect();
        let path = LayerPath::parse(&names.join(&b'/'))?;
        self.directories.insert(
            path.clone(),
            DirectoryMeta {
                inode: inode(fd)?,
                entry: None,
            },
        );
        self.implied.insert(path);
        Ok(())
    }

    /// Makes room for an entry that exists already. Nothing below it is remembered any more.
    fn clear(&mut self, parent: &OwnedFd, path: &LayerPath, name: &[u8]) -> Result<(), LayerError> {
        tree::remove_at(parent.as_fd(), name)
            .map_err(|error| LayerError::system(STEP, &printable(name), &error))?;
        self.parents.clear();
        // What lies below a path follows it in the order of the maps.
        let gone: Vec<LayerPath> = self
            .directories
            .range(path..)
            .map(|(known, _)| known)
            .take_while(|known| known.is_at_or_below(path))
            .cloned()
            .collect();
        for known in gone {
            self.directories.remove(&known);
            self.implied.remove(&known);
        }
        Ok(())
    }

    /// Runs `make`; when something is there already, removes it and runs it again.
    fn replacing<T>(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        make: impl Fn() -> rustix::io::Result<T>,
    ) -> Result<T, LayerError> {
        match make() {
            Err(Errno::EXIST) => {
                self.clear(parent, path, name)?;
                make()
            }
            other => other,
        }
        .map_err(|error| failed("create", name, error))
    }

    // ------------------------------------------------------------------------------------------------------------ entries

    fn directory(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), LayerError> {
        let make =
            || rustix::fs::mkdirat(parent, OsStr::from_bytes(name), Mode::from_raw_mode(0o700));
        let fd = match open_directory(parent.as_fd(), name) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => {
                make().map_err(|error| failed("mkdirat", name, error))?;
                open_directory(parent.as_fd(), name)
                    .map_err(|error| failed("openat", name, error))?
            }
            Err(Errno::LOOP | Errno::NOTDIR) => {
                let hid_the_lower_one = self.whiteouts.remove(&(inode(parent)?, name.to_vec()));
                self.clear(parent, path, name)?;
                make().map_err(|error| failed("mkdirat", name, error))?;
                let fd = open_directory(parent.as_fd(), name)
                    .map_err(|error| failed("openat", name, error))?;
                if hid_the_lower_one {
                    set_opaque(&fd)?;
                }
                fd
            }
            Err(error) => return Err(failed("openat", name, error)),
        };
        self.implied.remove(path);
        self.directories.insert(
            path.clone(),
            DirectoryMeta {
                inode: inode(&fd)?,
                entry: Some(entry.clone()),
            },
        );
        Ok(())
    }

    fn file<R: BufRead>(
        &mut self,
        archive: &mut Archive<R>,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), LayerError> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || {
            rustix::fs::openat(
                parent,
                OsStr::from_bytes(name),
                flags,
                Mode::from_raw_mode(0o600),
            )
        };
        let file = self.replacing(parent, path, name, open)?;
        match &entry.extents {
            None => copy(archive, &file, 0, entry.size, name)?,
            Some(extents) => {
                rustix::fs::ftruncate(&file, entry.size)
                    .map_err(|error| failed("ftruncate", name, error))?;
                for extent in extents {
                    copy(archive, &file, extent.offset, extent.length, name)?;
                }
            }
        }
        finish(&file, entry, name)
    }

    fn symlink(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), LayerError> {
        if entry.link.is_empty() || entry.link.len() >= 4096 || entry.link.contains(&0) {
            return Err(LayerError::new(
                Kind::Format,
                STEP,
                "a symbolic link without a target, or with one of more than 4,095 bytes",
            ));
        }
        let (target, name_text) = (OsStr::from_bytes(&entry.link), OsStr::from_bytes(name));
        self.replacing(parent, path, name, || {
            rustix::fs::symlinkat(target, parent, name_text)
        })?;
        own_and_date(parent, entry, name)
    }

    /// The target must be in this layer already: each layer is unpacked on its own. The link gets nothing of its entry but the name.
    fn hard_link(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        entry: &Entry,
    ) -> Result<(), LayerError> {
        let target = LayerPath::parse(&entry.link)?;
        let describe = || printable(&entry.link);
        let Some((target_parent, target_name)) = target.split() else {
            return Err(LayerError::new(
                Kind::Escape,
                STEP,
                "a hard link to the root of the layer",
            ));
        };
        let missing = |_| {
            LayerError::new(
                Kind::Format,
                STEP,
                format!(
                    "a hard link to {}, which is not in this layer before it",
                    describe()
                ),
            )
        };
        let directory = open_in_root(&self.root, &target_parent).map_err(missing)?;
        let target_text = OsStr::from_bytes(target_name);
        let found = rustix::fs::statat(&directory, target_text, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(missing)?;
        let kind = FileType::from_raw_mode(found.st_mode);
        if kind == FileType::Directory || kind == FileType::CharacterDevice && found.st_rdev == 0 {
            return Err(LayerError::new(
                Kind::Escape,
                STEP,
                format!("a hard link to {}, which is no file", describe()),
            ));
        }
        if found.st_ino == existing_inode(parent, name).unwrap_or(0) {
            return Ok(()); // to itself, or twice
        }
        let link = || {
            rustix::fs::linkat(
                &directory,
                target_text,
                parent,
                OsStr::from_bytes(name),
                AtFlags::empty(),
            )
        };
        self.replacing(parent, path, name, link)
    }

    fn node(
        &mut self,
        parent: &OwnedFd,
        path: &LayerPath,
        name: &[u8],
        entry: &Entry,
        kind: FileType,
        (major, minor): (u32, u32),
    ) -> Result<(), LayerError> {
        if kind == FileType::CharacterDevice && (major, minor) == (0, 0) {
            return Err(LayerError::new(
                Kind::Escape,
                STEP,
                "character device 0:0, which overlayfs takes for a whiteout",
            ));
        }
        // 12 and 20 bits in the kernel's dev_t (linux/kdev_t.h).
        if major >= 1 << 12 || minor >= 1 << 20 {
            return Err(LayerError::new(
                Kind::Format,
                STEP,
                "a device number out of range",
            ));
        }
        let device = rustix::fs::makedev(major, minor);
        let text = OsStr::from_bytes(name);
        self.replacing(parent, path, name, || {
            rustix::fs::mknodat(parent, text, kind, Mode::from_raw_mode(0o600), device)
        })?;
        own_and_date(parent, entry, name)?;
        // What was just made under this name is no link, and nobody else writes here.
        rustix::fs::chmodat(
            parent,
            text,
            Mode::from_raw_mode(entry.mode),
            AtFlags::empty(),
        )
        .map_err(|error| failed("chmod", name, error))
    }

    /// Hides `hidden` of the layers below. What this layer itself has under that name stays; of a directory only its own content is left to see.
    fn whiteout(&mut self, parent: &OwnedFd, hidden: &[u8]) -> Result<(), LayerError> {
        if hidden.is_empty() || hidden == b"." || hidden == b".." {
            return Err(LayerError::new(
                Kind::Escape,
                STEP,
                "a whiteout of nothing, of `.` or of `..`",
            ));
        }
        if let Ok(directory) = open_directory(parent.as_fd(), hidden) {
            return set_opaque(&directory);
        }
        let mode = Mode::empty();
        match rustix::fs::mknodat(
            parent,
            OsStr::from_bytes(hidden),
            FileType::CharacterDevice,
            mode,
            rustix::fs::makedev(0, 0),
        ) {
            Ok(()) => {
                self.whiteouts.insert((inode(parent)?, hidden.to_vec()));
                Ok(())
            }
            Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(failed("mknodat", hidden, error)),
        }
    }

    /// Deepest first, so that writing below does not spoil the times.
    fn finish_directories(&mut self) -> Result<(), LayerError> {
        let mut all: Vec<_> = std::mem::take(&mut self.directories).into_iter().collect();
        all.sort_by_key(|(path, _)| std::cmp::Reverse(path.depth()));
        for (path, meta) in all {
            let Some(entry) = meta.entry else { continue };
            let Ok(fd) = open_in_root(&self.root, &path) else {
                continue;
            };
            // Another directory may be reached by this path now, through a link that came later.
            if inode(&fd)? == meta.inode {
                let fd = rustix::fs::openat(
                    &fd,
                    ".",
                    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
                    Mode::empty(),
                )
                .map_err(|error| failed("openat", &path.bytes(), error))?;
                finish(&fd, &entry, &path.bytes())?;
            }
        }
        Ok(())
    }
}

/// Refuses extended attributes by which an image could speak to overlayfs.
fn check_attributes(entry: &Entry) -> Result<(), LayerError> {
    let forged = |name: &[u8]| name.starts_with(b"trusted.") || name.starts_with(b"user.overlay.");
    match entry.xattrs.iter().find(|(name, _)| forged(name)) {
        Some((name, _)) => Err(LayerError::new(
            Kind::Escape,
            STEP,
            format!("extended attribute {}", printable(name)),
        )),
        None => Ok(()),
    }
}

fn open_in_root(root: &OwnedFd, path: &LayerPath) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let bytes = path.bytes();
    rustix::fs::openat2(
        root,
        OsStr::from_bytes(&bytes),
        flags,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )
}

/// The directory of this name itself; ELOOP or ENOTDIR for a link.
fn open_directory(parent: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, OsStr::from_bytes(name), flags, Mode::empty())
}

fn inode(fd: impl AsFd) -> Result<u64, LayerError> {
    rustix::fs::fstat(fd)
        .map(|stat| stat.st_ino)
        .map_err(|error| failed("fstat", b"", error))
}

fn existing_inode(parent: &OwnedFd, name: &[u8]) -> Option<u64> {
    rustix::fs::statat(parent, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW)
        .ok()
        .map(|stat| stat.st_ino)
}

fn failed(call: &str, name: &[u8], error: Errno) -> LayerError {
    LayerError::system(
        STEP,
        &format!("{call} {}", printable(name)),
        &io::Error::from(error),
    )
}

/// A directory 0755 of 0:0, whatever the process's umask.
fn make_directory(parent: BorrowedFd<'_>, name: &[u8]) -> Result<OwnedFd, LayerError> {
    rustix::fs::mkdirat(parent, OsStr::from_bytes(name), Mode::from_raw_mode(0o755))
        .map_err(|error| failed("mkdirat", name, error))?;
    let fd = open_directory(parent, name).map_err(|error| failed("openat", name, error))?;
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

fn set_opaque(directory: &OwnedFd) -> Result<(), LayerError> {
    // A descriptor opened with O_PATH takes no attributes.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(directory, ".", flags, Mode::empty())
        .map_err(|error| failed("openat", b".", error))?;
    rustix::fs::fsetxattr(&fd, OPAQUE_XATTR, b"y", XattrFlags::empty())
        .map_err(|error| failed("fsetxattr", OPAQUE_XATTR.as_bytes(), error))
}

fn times(entry: &Entry) -> Timestamps {
    let time = Timespec {
        tv_sec: entry.mtime.0,
        tv_nsec: entry.mtime.1.into(),
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}

/// Owner, mode (after the owner, for setuid), attributes and times of an open file or directory.
fn finish(fd: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    rustix::fs::fchown(
        fd,
        Some(Uid::from_raw(entry.uid)),
        Some(Gid::from_raw(entry.gid)),
    )
    .map_err(|error| failed("fchown", name, error))?;
    rustix::fs::fchmod(fd, Mode::from_raw_mode(entry.mode))
        .map_err(|error| failed("fchmod", name, error))?;
    for (key, value) in &entry.xattrs {
        // Labels of other hosts and ACLs are not carried over.
        if !key.starts_with(b"user.") && key != b"security.capability" {
            continue;
        }
        match rustix::fs::fsetxattr(fd, OsStr::from_bytes(key), value, XattrFlags::empty()) {
            Err(Errno::OPNOTSUPP) if key.starts_with(b"user.") => {}
            other => other
                .map_err(|error| failed(&format!("fsetxattr {}", printable(key)), name, error))?,
        }
    }
    rustix::fs::futimens(fd, &times(entry)).map_err(|error| failed("futimens", name, error))
}

/// Owner and times of something that cannot be opened: links, devices, pipes.
fn own_and_date(parent: &OwnedFd, entry: &Entry, name: &[u8]) -> Result<(), LayerError> {
    let (text, nofollow) = (OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW);
    rustix::fs::chownat(
        parent,
        text,
        Some(Uid::from_raw(entry.uid)),
        Some(Gid::from_raw(entry.gid)),
        nofollow,
    )
    .map_err(|error| failed("chown", name, error))?;
    rustix::fs::utimensat(parent, text, &times(entry), nofollow)
        .map_err(|error| failed("utimensat", name, error))
}

fn copy<R: BufRead>(
    archive: &mut Archive<R>,
    file: &OwnedFd,
    offset: u64,
    length: u64,
    name: &[u8],
) -> Result<(), LayerError> {
    let mut at = offset;
    let end = offset + length;
    while at < end {
        let data = archive.data()?;
        let wanted = usize::try_from(end - at)
            .unwrap_or(usize::MAX)
            .min(data.len());
        if wanted == 0 {
            return Err(LayerError::new(
                Kind::Format,
                STEP,
                "fewer data than the entry announced",
            ));
        }
        let written = match rustix::io::pwrite(file, &data[..wanted], at) {
            Ok(0) => return Err(failed("pwrite", name, Errno::IO)),
            Ok(written) => written,
            Err(Errno::INTR) => 0,
            Err(error) => return Err(failed("pwrite", name, error)),
        };
        archive.consume(written);
        at += written as u64;
    }
    Ok(())
}
