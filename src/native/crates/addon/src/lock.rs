//! The engine's lock on its state directory.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use napi_derive::napi;
use tsdock_core::failure::{Context, Failure};
use tsdock_core::procfs;
use tsdock_core::sys::lock::try_exclusive;

use crate::failure::thrown;

/// An OFD lock: it goes with the process, whatever ends it.
#[napi]
pub struct FileLock {
    file: Option<File>,
}

#[napi]
impl FileLock {
    #[napi]
    pub fn release(&mut self) {
        self.file = None;
    }
}

/// Takes the lock on `path`, made 0600 if absent; `null` when another process holds it. The file then says `pid startTime` of this process.
#[napi]
pub fn lock_file(path: String) -> napi::Result<Option<FileLock>> {
    take(&path).map_err(|failure| thrown(&failure))
}

fn take(path: &str) -> Result<Option<FileLock>, Failure> {
    const STEP: &str = "lock";
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .at(STEP, "open", path)?;
    if !try_exclusive(file.as_fd()).at(STEP, "fcntl", path)? {
        return Ok(None);
    }
    let pid = std::process::id();
    let started = procfs::start_time(i32::try_from(pid).unwrap_or_default()).unwrap_or_default();
    let text = format!("{pid} {started}\n");
    file.set_len(0).at(STEP, "ftruncate", path)?;
    file.write_all_at(text.as_bytes(), 0)
        .at(STEP, "write", path)?;
    Ok(Some(FileLock { file: Some(file) }))
}
