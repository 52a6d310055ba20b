//! Paths inside a root that belongs to somebody else: symlinks are followed as the container would see them, never out of it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, mkdirat, openat2};
use rustix::io::Errno;

/// What stands, or is to stand, at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Directory,
    File,
}

const LOOKUP: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// A path descriptor of `path` inside `root`.
pub fn lookup(root: BorrowedFd<'_>, path: &str) -> io::Result<OwnedFd> {
    open(root, path, LOOKUP)
}

/// Opens `path` inside `root`; magic links of procfs are never followed.
pub fn open(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    Ok(openat2(
        root,
        path,
        flags | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?)
}

/// Opens a path as this process sees it; symlinks are followed, magic links never.
pub fn open_host(path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    Ok(openat2(
        CWD,
        path,
        flags | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::NO_MAGICLINKS,
    )?)
}

pub fn kind_of(file: BorrowedFd<'_>) -> io::Result<Kind> {
    let mode = fstat(file)?.st_mode;
    Ok(if FileType::from_raw_mode(mode) == FileType::Directory {
        Kind::Directory
    } else {
        Kind::File
    })
}

/// Symlinks that are followed at most, as the kernel does (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;

/// `path` inside `root`, made if missing: directories 0755, a file 0644 and empty, owned by root. What exists is kept. Symlinks are followed inside the root,
/// dangling ones too: images link `/etc/resolv.conf` to places that only a booted system has. A directory where a file is wanted is an error.
pub fn ensure(root: BorrowedFd<'_>, path: &str, kind: Kind) -> io::Result<OwnedFd> {
    match lookup(root, path) {
        Ok(found) => return check_kind(found, kind),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let mut rest: Vec<String> = parts(path).rev().collect();
    if rest.iter().any(|part| part == "..") {
        return Err(Errno::INVAL.into());
    }
    let (mut walked, mut links) = (Vec::new(), 0);
    let mut here = lookup(root, "/")?;
    while let Some(part) = rest.pop() {
        if part == ".." {
            walked.pop();
            here = lookup(root, &joined(&walked))?;
            continue;
        }
        let wanted = if rest.is_empty() {
            kind
        } else {
            Kind::Directory
        };
        let next = match rustix::fs::openat(
            &here,
            part.as_str(),
            LOOKUP | OFlags::NOFOLLOW,
            Mode::empty(),
        ) {
            Ok(next) => next,
            Err(Errno::NOENT) => make(here.as_fd(), &part, wanted)?,
            Err(error) => return Err(error.into()),
        };
        if FileType::from_raw_mode(fstat(&next)?.st_mode) == FileType::Symlink {
            links += 1;
            if links > MAX_LINKS {
                return Err(Errno::LOOP.into());
            }
            let target = rustix::fs::readlinkat(&next, "", Vec::new())?;
            let target = target.to_str().map_err(|_| Errno::ILSEQ)?;
            if target.starts_with('/') {
                walked.clear();
            }
            rest.extend(parts(target).rev());
        } else {
            walked.push(part);
        }
        // From the root each time: never above it, and a mount on the way is entered.
        here = lookup(root, &joined(&walked))?;
    }
    check_kind(here, kind)
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = String> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
}

fn joined(parts: &[String]) -> String {
    format!("/{}", parts.join("/"))
}

/// Makes one entry below a verified directory and opens exactly it. One that appeared meanwhile is EEXIST.
fn make(parent: BorrowedFd<'_>, name: &str, kind: Kind) -> io::Result<OwnedFd> {
    match kind {
        Kind::Directory => mkdirat(parent, name, Mode::from_raw_mode(0o755))?,
        Kind::File => {
            let flags =
                OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
            rustix::fs::openat(parent, name, flags, Mode::from_raw_mode(0o644))?;
        }
    }
    Ok(rustix::fs::openat(
        parent,
        name,
        LOOKUP | OFlags::NOFOLLOW,
        Mode::empty(),
    )?)
}

fn check_kind(found: OwnedFd, kind: Kind) -> io::Result<OwnedFd> {
    match (kind_of(found.as_fd())?, kind) {
        (Kind::Directory, Kind::File) => Err(Errno::ISDIR.into()),
        (Kind::File, Kind::Directory) => Err(Errno::NOTDIR.into()),
        _ => Ok(found),
    }
}

/// A directory directly below the root that must really be one: an image that ships `/dev`, `/proc` or `/sys` as a symlink does not start.
pub fn own_directory(root: BorrowedFd<'_>, name: &str) -> io::Result<OwnedFd> {
    match mkdirat(root, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(rustix::fs::openat(
        root,
        name,
        LOOKUP | OFlags::NOFOLLOW | OFlags::DIRECTORY,
        Mode::empty(),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    fn root(name: &str) -> (PathBuf, OwnedFd) {
        let path = std::env::temp_dir().join(format!("tsdock-tree-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("root")).unwrap();
        let descriptor = fs::File::open(path.join("root")).unwrap().into();
        (path, descriptor)
    }

    #[test]
    fn missing_parents_are_made_inside_the_root() {
        let (path, root) = root("parents");
        ensure(root.as_fd(), "/a/b/c", Kind::File).unwrap();
        assert!(path.join("root/a/b/c").is_file());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn an_absolute_symlink_leads_to_the_root_and_never_out_of_it() {
        let (path, root) = root("absolute");
        symlink(path.join("outside"), path.join("root/link")).unwrap();
        fs::create_dir(path.join("outside")).unwrap();
        ensure(root.as_fd(), "/link/made", Kind::Directory).unwrap();
        assert_eq!(fs::read_dir(path.join("outside")).unwrap().count(), 0);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_dangling_symlink_is_completed_inside_the_root() {
        let (path, root) = root("dangling");
        fs::create_dir_all(path.join("root/etc")).unwrap();
        symlink(
            "../run/resolve/stub.conf",
            path.join("root/etc/resolv.conf"),
        )
        .unwrap();
        symlink(path.join("outside/made"), path.join("root/link")).unwrap();
        symlink("../../../../up", path.join("root/etc/up")).unwrap();
        ensure(root.as_fd(), "/etc/resolv.conf", Kind::File).unwrap();
        assert!(path.join("root/run/resolve/stub.conf").is_file());
        ensure(root.as_fd(), "/link/below", Kind::Directory).unwrap();
        assert!(!path.join("outside").exists());
        assert!(
            path.join("root")
                .join(path.strip_prefix("/").unwrap())
                .join("outside/made/below")
                .is_dir()
        );
        ensure(root.as_fd(), "/etc/up", Kind::Directory).unwrap();
        assert!(path.join("root/up").is_dir());
        symlink("b", path.join("root/a")).unwrap();
        symlink("a", path.join("root/b")).unwrap();
        assert!(ensure(root.as_fd(), "/a/x", Kind::Directory).is_err());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_chain_of_dots_stays_inside() {
        let (path, root) = root("dots");
        symlink("../../../../..", path.join("root/up")).unwrap();
        ensure(root.as_fd(), "/up/here", Kind::Directory).unwrap();
        assert!(path.join("root/here").is_dir());
        assert!(ensure(root.as_fd(), "/../x", Kind::Directory).is_err());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_symlink_for_dev_is_refused() {
        let (path, root) = root("dev");
        symlink("/tmp", path.join("root/dev")).unwrap();
        assert!(own_directory(root.as_fd(), "dev").is_err());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_directory_is_no_place_for_a_file() {
        let (path, root) = root("kind");
        fs::create_dir(path.join("root/d")).unwrap();
        assert!(ensure(root.as_fd(), "/d", Kind::File).is_err());
        fs::remove_dir_all(path).unwrap();
    }
}
