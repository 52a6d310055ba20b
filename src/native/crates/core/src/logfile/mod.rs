//! Log files of one instance: CRI text, rotation by size, no allocation on the steady path.
//!
//! ```text
//! 2026-03-01T12:00:00.000000001Z stdout F a whole line, or the end of one
//! 2026-03-01T12:00:00.000000002Z stderr P a part, the same line goes on in the next entry of its stream
//! ```
//!
//! A cut entry (crash, full disk) is ended by a newline before the next one, so a reader may meet an entry that is too short to have a tag: it is no entry.

mod clock;
mod sink;

#[cfg(test)]
mod tests;

use std::io::{self, IoSlice};
use std::path::Path;

use clock::{STAMP_BYTES, Stamp};
use sink::Sink;

/// Longest text of one entry; what is longer continues in further entries.
const MAX_TEXT: usize = 16 << 10;

/// Entries of one `writev`; four slices each, the kernel takes 1,024.
const BATCH: usize = 64;
const SLICES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Writes `<rfc3339nano> <stdout|stderr> <F|P> <bytes>` lines to `<directory>/current.log`, rotates to `current.log.1` … `.N`.
#[derive(Debug)]
pub struct LogFile {
    sink: Sink,
    /// Text of each stream behind its last newline.
    pending: [Vec<u8>; 2],
    /// What a `flush` wrote of a line that nobody will finish: the next text of the stream is another line.
    unfinished: [bool; 2],
    now: fn() -> Stamp,
}

impl LogFile {
    /// Makes the directory 0700. Appends to what is there; a line cut by a crash is ended first. `max_files` counts the current file, so at most
    /// `max_bytes * max_files` are kept (and one batch); zero bytes: never rotate.
    pub fn open(directory: &Path, max_bytes: u64, max_files: u32) -> io::Result<Self> {
        Self::with_clock(directory, max_bytes, max_files, Stamp::now)
    }

    /// Keeps `text` as the file `identity` beside the log, so that it can be told whose output this is when nothing else is left of the instance. Repeatable.
    pub fn keep_identity(&self, text: &str) -> io::Result<()> {
        self.sink.keep_identity(text)
    }

    fn with_clock(
        directory: &Path,
        max_bytes: u64,
        max_files: u32,
        now: fn() -> Stamp,
    ) -> io::Result<Self> {
        let pending = [Vec::with_capacity(MAX_TEXT), Vec::with_capacity(MAX_TEXT)];
        Ok(Self {
            sink: Sink::open(directory, max_bytes, max_files)?,
            pending,
            unfinished: [false; 2],
            now,
        })
    }

    /// Splits at newlines; an unfinished line is kept up to 16 KiB and then written as `P`. One time stamp and one write a batch. ENOSPC drops with a
    /// counted marker line later, never an error. After any other error the batch is dropped and counted as well; it is fine to go on.
    pub fn append(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let stamp = (self.now)();
        if std::mem::take(&mut self.unfinished[stream as usize]) {
            self.end_line(stream, stamp)?;
        }
        let pending = &mut self.pending[stream as usize];
        let mut entries = Entries {
            head: pending,
            rest: bytes,
        };
        let headers = Headers::new(stamp, stream);
        let mut result = Ok(());
        loop {
            let mut batch = Batch::new(&headers);
            while batch.entries < BATCH {
                let Some(entry) = entries.next() else { break };
                batch.push(entry);
            }
            if batch.entries == 0 {
                break;
            }
            result = result.and(self.sink.write(
                &batch.slices[..batch.entries * SLICES],
                batch.bytes,
                stamp,
            ));
        }
        let (taken, left) = (entries.head.is_empty(), entries.rest.len());
        if taken {
            pending.clear();
        }
        pending.extend_from_slice(&bytes[bytes.len() - left..]);
        result
    }

    /// An empty end for the parts before it, so that readers do not join them with what comes.
    fn end_line(&mut self, stream: Stream, stamp: Stamp) -> io::Result<()> {
        let headers = Headers::new(stamp, stream);
        let mut batch = Batch::new(&headers);
        batch.push(Entry {
            tag: Tag::Full,
            head: &[],
            tail: &[],
        });
        self.sink.write(&batch.slices[..SLICES], batch.bytes, stamp)
    }

    /// Writes what is pending as an unfinished line, for the end of a process. Text that comes later is a line of its own.
    pub fn flush(&mut self) -> io::Result<()> {
        let stamp = (self.now)();
        let mut result = Ok(());
        for stream in [Stream::Stdout, Stream::Stderr] {
            let pending = &mut self.pending[stream as usize];
            if pending.is_empty() {
                continue;
            }
            let headers = Headers::new(stamp, stream);
            let mut batch = Batch::new(&headers);
            batch.push(Entry {
                tag: Tag::Part,
                head: pending,
                tail: &[],
            });
            result = result.and(self.sink.write(&batch.slices[..SLICES], batch.bytes, stamp));
            pending.clear();
            self.unfinished[stream as usize] = true;
        }
        result
    }

    /// Starts a new `current.log` now.
    pub fn rotate(&mut self) -> io::Result<()> {
        self.sink.rotate()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Full,
    Part,
}

/// The text of one entry, in up to two pieces.
#[derive(Clone, Copy)]
struct Entry<'a> {
    tag: Tag,
    head: &'a [u8],
    tail: &'a [u8],
}

/// Cuts `head` (pending from before, without a newline) and `rest` into entries. What stays at the end is less than an entry: in `rest`, behind `head` if that
/// was not taken.
struct Entries<'a> {
    head: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let room = MAX_TEXT - self.head.len();
        // A newline right behind a full text still ends that text.
        let window = &self.rest[..self.rest.len().min(room + 1)];
        let (tag, length, skip) = match memchr::memchr(b'\n', window) {
            Some(at) => (Tag::Full, at, 1),
            None if window.len() > room => (Tag::Part, room, 0),
            None => return None,
        };
        let entry = Entry {
            tag,
            head: std::mem::take(&mut self.head),
            tail: &self.rest[..length],
        };
        self.rest = &self.rest[length + skip..];
        Some(entry)
    }
}

const LONGEST_HEADER: usize = STAMP_BYTES + " stdout F ".len();

/// The beginnings of all entries of a batch, made once.
struct Headers {
    full: [u8; LONGEST_HEADER],
    part: [u8; LONGEST_HEADER],
}

impl Headers {
    fn new(stamp: Stamp, stream: Stream) -> Self {
        let mut full = [0; LONGEST_HEADER];
        full[..STAMP_BYTES].copy_from_slice(&stamp.text());
        full[STAMP_BYTES..].copy_from_slice(if stream == Stream::Stdout {
            b" stdout F "
        } else {
            b" stderr F "
        });
        let mut part = full;
        part[LONGEST_HEADER - 2] = b'P';
        Self { full, part }
    }
}

/// The slices of one `writev`.
struct Batch<'a> {
    headers: &'a Headers,
    slices: [IoSlice<'a>; BATCH * SLICES],
    entries: usize,
    bytes: u64,
}

impl<'a> Batch<'a> {
    fn new(headers: &'a Headers) -> Self {
        Self {
            headers,
            slices: [IoSlice::new(&[]); BATCH * SLICES],
            entries: 0,
            bytes: 0,
        }
    }

    fn push(&mut self, entry: Entry<'a>) {
        let header = if entry.tag == Tag::Full {
            &self.headers.full
        } else {
            &self.headers.part
        };
        let parts: [&[u8]; SLICES] = [header, entry.head, entry.tail, b"\n"];
        for (slot, part) in self.slices[self.entries * SLICES..].iter_mut().zip(parts) {
            *slot = IoSlice::new(part);
            self.bytes += part.len() as u64;
        }
        self.entries += 1;
    }
}
