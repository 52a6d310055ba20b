//! The state file: each change is appended before it is answered, and the whole is read by the successor. It goes with the last network.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::proto::network::{Entry, NetworkState};
use tsdock_core::wire::Writer;

use super::STEP;
use crate::context::{Context, replace_file};

/// A file that has grown by this much, and to several times what it need be, is written anew.
const SLACK: usize = 256 << 10;

/// While it exists there is a network process, or there has to be one.
pub fn state_path(context: &Context) -> PathBuf {
    context.runtime_directory().join("net.state")
}

pub struct StateFile {
    path: PathBuf,
    open: Option<File>,
    /// Bytes that were appended since it was written anew, and bytes it had then.
    appended: usize,
    whole: usize,
}

impl StateFile {
    /// With what a predecessor of this boot left; none: there was none.
    pub fn load(context: &Context) -> Result<(Self, Option<NetworkState>), Failure> {
        let path = state_path(context);
        let state = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            other => Some(NetworkState::read(&other.at(STEP, "read", "net.state")?)),
        };
        let file = Self {
            path,
            open: None,
            appended: 0,
            whole: 0,
        };
        Ok((file, state))
    }

    /// Adds what has changed.
    pub fn append(&mut self, entries: impl Iterator<Item = Entry>) -> Result<(), Failure> {
        let bytes = encoded(entries);
        if bytes.is_empty() {
            return Ok(());
        }
        if self.open.is_none() {
            let file = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&self.path);
            self.open = Some(file.at(STEP, "open", "net.state")?);
        }
        if let Some(file) = &mut self.open {
            file.write_all(&bytes).at(STEP, "write", "net.state")?;
        }
        self.appended += bytes.len();
        Ok(())
    }

    pub fn is_long(&self) -> bool {
        self.appended > SLACK + 3 * self.whole
    }

    /// Writes it anew, as short as it can be.
    pub fn rewrite(&mut self, entries: impl Iterator<Item = Entry>) -> Result<(), Failure> {
        let bytes = encoded(entries);
        self.open = None;
        replace_file(&self.path, &bytes).at(STEP, "write", "net.state")?;
        (self.appended, self.whole) = (0, bytes.len());
        Ok(())
    }

    pub fn remove(&mut self) {
        self.open = None;
        let _ = std::fs::remove_file(&self.path);
    }
}

fn encoded(entries: impl Iterator<Item = Entry>) -> Vec<u8> {
    let mut out = Writer::default();
    entries.for_each(|entry| entry.write(&mut out));
    out.into_bytes()
}
