//! Writes the entries of one layer below a directory of its own. Acts on descriptors; a path is resolved inside the layer's root, as if that were `/`,
//! and only up to the parent: the last component is never followed. Later entries win.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::BufRead;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::attributes::{self, Defaults, set_opaque};
use super::directories::{Directories, open_directory};
use super::error::{Kind, LayerError, STEP, failed, printable};
use super::path::LayerPath;
use super::tar::{Archive, Entry, EntryKind};

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Names that AUFS kept its own data under.
const AUFS: &[u8] = b".wh..wh.";
/// Different things that are told to be left out.
const MAX_WARNINGS: usize = 16;

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
    /// Directories that had no entry of their own; they were made 0755, owner 0:0, of 1970.
    pub implied_directories: Vec<Vec<u8>>,
    /// What was left out on purpose, one line for each kind of thing.
    pub warnings: Vec<String>,
}

/// An unpacking under way. Nobody else may write below its root.
pub struct Extractor {
    limits: Limits,
    defaults: Defaults,
    directories: Directories,
    done: Unpacked,
    /// What was left out: how often, and where first.
    left_out: BTreeMap<String, (u64, String)>,
}

impl Extractor {
    /// `root`: a directory that was just made and is empty; it becomes 0755 of 0:0.
    pub fn new(root: OwnedFd, limits: Limits) -> Result<Self, LayerError> {
        Ok(Self {
            limits,
            defaults: Defaults::below(&root)?,
            directories: Directories::new(root)?,
            done: Unpacked::default(),
            left_out: BTreeMap::new(),
        })
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
        let describe = |(what, (count, first)): (String, (u64, String))| match count {
            1 => format!("{what} is left out ({first})"),
            _ => format!("{what} is left out ({count} times, first {first})"),
        };
        self.done.warnings = self.left_out.into_iter().map(describe).collect();
        self.done.implied_directories = self.directories.finish()?;
        Ok(self.done)
    }

    fn one<R: BufRead>(
        &mut self,
        archive: &mut Archive<R>,
        entry: &Entry,
    ) -> Result<(), LayerError> {
        self.count(entry)?;
        attributes::check(entry)?;
        let path = LayerPath::parse(&entry.path)?;
        let Some((parent_path, name)) = path.split() else {
            return self.root_entry(entry);
        };
        if path
            .components()
            .any(|part| part.starts_with(AUFS) && part != OPAQUE)
        {
            self.leave_out("data of AUFS".to_owned(), &entry.path);
            return Ok(());
        }
        if name == OPAQUE {
            let parent = self.directories.parent(&parent_path)?;
            return set_opaque(&parent);
        }
        let parent = self.directories.parent(&parent_path)?;
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            return self.whiteout(&parent, hidden);
        }
        for (key, _) in entry
            .xattrs
            .iter()
            .filter(|(key, _)| !attributes::is_kept(key))
        {
            self.leave_out(
                format!("extended attribute {}", printable(key)),
                &entry.path,
            );
        }
        match &entry.kind {
            EntryKind::Directory => self.directories.make(&parent, path.clone(), name, entry),
            EntryKind::File => self.file(archive, &parent, &path, name, entry),
            EntryKind::Symlink => self.symlink(&parent, &path, name, entry),
            EntryKind::HardLink => self.hard_link(&parent, &path, name, entry),
            EntryKind::Character { major, minor } => {
                let device = (FileType::CharacterDevice, *major, *minor);
                self.node(&parent, &path, name, entry, device)
            }
            EntryKind::Block { major, minor } => {
                let device = (FileType::BlockDevice, *major, *minor);
                self.node(&parent, &path, name, entry, device)
            }
            EntryKind::Fifo => self.node(&parent, &path, name, entry, (FileType::Fifo, 0, 0)),
        }
    }

    fn count(&mut self, entry: &Entry) -> Result<(), LayerError> {
        self.done.entries += 1;
        if self.done.entries > self.limits.entries {
            return Err(LayerError::new(
                Kind::TooManyEntries,
                STEP,
                format!("more than {} entries", self.limits.entries),
            ));
        }
        self.done.bytes = self.done.bytes.saturating_add(entry.size);
        if self.done.bytes > self.limits.bytes {
            return Err(LayerError::new(
                Kind::TooManyBytes,
                STEP,
                format!("more than {} bytes of files", self.limits.bytes),
            ));
        }
        Ok(())
    }

    fn leave_out(&mut self, what: String, path: &[u8]) {
        if self.left_out.len() < MAX_WARNINGS || self.left_out.contains_key(&what) {
            let seen = self
                .left_out
                .entry(what)
                .or_insert_with(|| (0, printable(path)));
            seen.0 += 1;
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
        self.directories.set_root(entry)
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
                self.directories.clear(parent, path, name)?;
                make()
            }
            other => other,
        }
        .map_err(|error| failed("create", name, error))
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
        let mode = Mode::from_raw_mode(entry.mode & 0o777);
        let open = || rustix::fs::openat(parent, OsStr::from_bytes(name), flags, mode);
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
        self.defaults.finish_new_file(&file, entry, name)
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
        self.defaults.finish_unopened(parent, entry, name)
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
        let directory = self.directories.resolve(&target_parent).map_err(missing)?;
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
        (kind, major, minor): (FileType, u32, u32),
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
        self.defaults.finish_unopened(parent, entry, name)?;
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
        let text = OsStr::from_bytes(hidden);
        let device = rustix::fs::makedev(0, 0);
        match rustix::fs::mknodat(
            parent,
            text,
            FileType::CharacterDevice,
            Mode::empty(),
            device,
        ) {
            Ok(()) => self.directories.remember_whiteout(parent, hidden),
            Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(failed("mknodat", hidden, error)),
        }
    }
}

fn existing_inode(parent: &OwnedFd, name: &[u8]) -> Option<u64> {
    rustix::fs::statat(parent, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW)
        .ok()
        .map(|stat| stat.st_ino)
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
