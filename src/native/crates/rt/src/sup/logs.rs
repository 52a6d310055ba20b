//! From the pipes of the instance to its log files.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::logfile::{LogFile, Stream};
use tsdock_core::plan::Plan;

use super::token;

/// One read of a pipe; a pipe holds 64 KiB by default.
const BATCH: usize = 64 << 10;

pub struct Logs {
    stdout: OwnedFd,
    stderr: OwnedFd,
    /// Write ends for the next process. A pipe without any would be readable for ever.
    writers: (OwnedFd, OwnedFd),
    pub terminal: Option<OwnedFd>,
    /// Opened before the first process runs.
    pub file: Option<LogFile>,
    buffer: Vec<u8>,
}

impl Logs {
    pub fn new(stdout: OwnedFd, stderr: OwnedFd) -> Result<Self, Failure> {
        let writers = (write_end(stdout.as_fd())?, write_end(stderr.as_fd())?);
        Ok(Self {
            stdout,
            stderr,
            writers,
            terminal: None,
            file: None,
            buffer: vec![0; BATCH],
        })
    }

    pub fn stdout(&self) -> BorrowedFd<'_> {
        self.stdout.as_fd()
    }

    pub fn stderr(&self) -> BorrowedFd<'_> {
        self.stderr.as_fd()
    }

    /// What the next process writes to; the pipes live as long as the instance.
    pub fn writers(&self) -> (BorrowedFd<'_>, BorrowedFd<'_>) {
        (self.writers.0.as_fd(), self.writers.1.as_fd())
    }

    /// Moves one batch of the stream of `token`.
    pub fn read(&mut self, token: u64) {
        self.read_batch(token);
    }

    /// Everything that is in the pipes now, then what was left without a newline. For the moment after the process ended: bounded by what the pipes hold.
    pub fn drain(&mut self) {
        for token in [token::STDOUT, token::STDERR, token::TERMINAL] {
            while self.read_batch(token) {}
        }
        if let Some(file) = &mut self.file {
            let _ = file.flush();
        }
        self.terminal = None;
    }

    /// False when there is nothing to read.
    fn read_batch(&mut self, token: u64) -> bool {
        let (source, stream) = match (token, &self.terminal) {
            (token::STDOUT, _) => (self.stdout.as_fd(), Stream::Stdout),
            (token::STDERR, _) => (self.stderr.as_fd(), Stream::Stderr),
            (_, Some(terminal)) => (terminal.as_fd(), Stream::Stdout),
            (_, None) => return false,
        };
        match rustix::io::read(source, &mut self.buffer) {
            Ok(0) => false,
            Ok(length) => {
                // Losing the log must not stop the instance; the log file counts what it drops.
                if let Some(file) = &mut self.file {
                    let _ = file.append(stream, &self.buffer[..length]);
                }
                true
            }
            // The last slave of a terminal was closed: EIO for ever, so it is forgotten.
            Err(rustix::io::Errno::IO) => {
                self.terminal = None;
                false
            }
            Err(_) => false,
        }
    }
}

/// The log files of the plan's instance, made if absent.
pub fn open_file(plan: &Plan) -> Result<LogFile, Failure> {
    let file = LogFile::open(
        Path::new(&plan.log.directory),
        plan.log.max_bytes,
        plan.log.max_files,
    )
    .at("log", "open", &plan.log.directory)?;
    file.keep_identity(&plan.identity)
        .at("log", "write", &plan.log.directory)?;
    Ok(file)
}

/// A pipe can be opened again by its other side; so the zygote needs to keep read ends only.
fn write_end(pipe: BorrowedFd<'_>) -> Result<OwnedFd, Failure> {
    let path = format!("/proc/self/fd/{}", pipe.as_raw_fd());
    openat(
        CWD,
        path.as_str(),
        OFlags::WRONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .at("stdio", "open", &path)
}
