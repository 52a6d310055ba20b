//! A bounded tar reader: ustar, V7, PAX, GNU long names, all four sparse forms, base-256 numbers. One notion of an entry's size: what has two meanings
//! is refused. Where formats leave room it reads as Go's archive/tar does, because that is what made the image.

use std::io::{self, BufRead};

use super::error::{Kind, LayerError};
use header::{Header, until_nul};
use pax::{Extended, check_global, parse_pax, set_once};
pub use sparse::Extent;

mod header;
mod pax;
mod sparse;

const STEP: &str = "layer.tar";
const BLOCK: usize = 512;
/// Go's `maxSpecialFileSize`: PAX headers and GNU long names.
const MAX_SPECIAL: u64 = 1 << 20;

/// What an entry makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Directory,
    Symlink,
    HardLink,
    Character { major: u32, minor: u32 },
    Block { major: u32, minor: u32 },
    Fifo,
}

/// One entry with everything that extended headers say of it. Its data follows in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1, without extended headers.
    pub index: u64,
    pub kind: EntryKind,
    pub path: Vec<u8>,
    /// Target of a link; empty for everything else.
    pub link: Vec<u8>,
    /// Permission bits with setuid, setgid and sticky, nothing else.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since 1970, and nanoseconds after them; zero for what no filesystem can hold.
    pub mtime: (i64, u32),
    /// Size of the finished file.
    pub size: u64,
    /// The parts of the file that the data consists of; none: all of it.
    pub extents: Option<Vec<Extent>>,
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Reads entries one after the other.
pub struct Archive<R> {
    reader: R,
    index: u64,
    /// Data of the present entry that was not read yet, and the zeros behind it.
    remaining: u64,
    padding: u64,
}

fn format_error(message: impl Into<String>) -> LayerError {
    LayerError::new(Kind::Format, STEP, message)
}

fn limit_error(message: impl Into<String>) -> LayerError {
    LayerError::new(Kind::Limit, STEP, message)
}

/// Failures of the reader below: it wraps a `LayerError` when it has one.
fn read_error(error: &io::Error) -> LayerError {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<LayerError>())
    {
        Some(inner) => inner.clone(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format_error("the archive ends in the middle of an entry")
        }
        None => LayerError::system(STEP, "reading the archive", error),
    }
}

impl<R: BufRead> Archive<R> {
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            index: 0,
            remaining: 0,
            padding: 0,
        }
    }

    /// The next entry, or none at the end of the archive. Data of the present entry that was not read is skipped.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, LayerError> {
        let mut extended = Extended::default();
        loop {
            self.skip_rest()?;
            let Some(header) = self.header()? else {
                return if extended.is_empty() {
                    Ok(None)
                } else {
                    Err(format_error("an extended header without its entry"))
                };
            };
            let size = header.size()?;
            match header.kind() {
                b'x' => extended.set_pax(parse_pax(&self.special(size)?)?)?,
                b'g' => check_global(&parse_pax(&self.special(size)?)?)?,
                b'L' => set_once(&mut extended.long_name, until_nul(self.special(size)?))?,
                b'K' => set_once(&mut extended.long_link, until_nul(self.special(size)?))?,
                _ => {
                    self.index += 1;
                    return self.entry(&header, extended).map(Some);
                }
            }
        }
    }

    /// Data of the present entry as far as it is in the buffer; empty at its end. `consume` takes it.
    pub fn data(&mut self) -> Result<&[u8], LayerError> {
        if self.remaining == 0 {
            return Ok(&[]);
        }
        let buffer = self.reader.fill_buf().map_err(|error| read_error(&error))?;
        if buffer.is_empty() {
            return Err(read_error(&io::ErrorKind::UnexpectedEof.into()));
        }
        let length = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        Ok(&buffer[..length])
    }

    /// Takes `length` bytes of what `data` showed.
    pub fn consume(&mut self, length: usize) {
        self.reader.consume(length);
        self.remaining -= length as u64;
    }

    /// Reads what follows the end of the archive, for the sake of the digest.
    pub fn drain(&mut self) -> Result<(), LayerError> {
        loop {
            let length = self
                .reader
                .fill_buf()
                .map_err(|error| read_error(&error))?
                .len();
            if length == 0 {
                return Ok(());
            }
            self.reader.consume(length);
        }
    }

    /// The reader, behind what was read.
    pub fn into_reader(self) -> R {
        self.reader
    }

    fn skip_rest(&mut self) -> Result<(), LayerError> {
        self.remaining += std::mem::take(&mut self.padding);
        loop {
            let length = self.data()?.len();
            if length == 0 {
                return Ok(());
            }
            self.consume(length);
        }
    }

    /// Announces that data of this size follows.
    fn expect_data(&mut self, size: u64) -> Result<(), LayerError> {
        let padded = size
            .checked_next_multiple_of(BLOCK as u64)
            .ok_or_else(|| format_error("a size beyond 64 bits"))?;
        (self.remaining, self.padding) = (size, padded - size);
        Ok(())
    }

    /// The whole data of an extended header.
    fn special(&mut self, size: u64) -> Result<Vec<u8>, LayerError> {
        if size > MAX_SPECIAL {
            return Err(limit_error(format!(
                "an extended header of {size} bytes; at most {MAX_SPECIAL} are taken"
            )));
        }
        self.expect_data(size)?;
        let mut bytes = Vec::new();
        loop {
            let part = self.data()?;
            if part.is_empty() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(part);
            let length = part.len();
            self.consume(length);
        }
    }

    /// None: end of file at a block's border.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, LayerError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            let buffer = self.reader.fill_buf().map_err(|error| read_error(&error))?;
            if buffer.is_empty() {
                return if filled == 0 {
                    Ok(None)
                } else {
                    Err(format_error("the archive ends in the middle of a header"))
                };
            }
            let length = buffer.len().min(BLOCK - filled);
            block[filled..filled + length].copy_from_slice(&buffer[..length]);
            self.reader.consume(length);
            filled += length;
        }
        Ok(Some(block))
    }

    /// None: two zero blocks, or the end of the file.
    fn header(&mut self) -> Result<Option<Header>, LayerError> {
        let Some(block) = self.block()? else {
            return Ok(None);
        };
        if block.iter().all(|byte| *byte == 0) {
            return match self.block()? {
                Some(second) if second.iter().any(|byte| *byte != 0) => {
                    Err(format_error("data behind a single end block"))
                }
                _ => Ok(None),
            };
        }
        Header::new(block).map(Some)
    }

    fn entry(&mut self, header: &Header, extended: Extended) -> Result<Entry, LayerError> {
        let pax = &extended.pax;
        if extended.long_name.is_some() && pax.path.is_some()
            || extended.long_link.is_some() && pax.link.is_some()
        {
            return Err(format_error("a GNU long name and a PAX name for one entry"));
        }
        let path = extended
            .long_name
            .or_else(|| pax.path.clone())
            .unwrap_or_else(|| header.path());
        let link = extended
            .long_link
            .or_else(|| pax.link.clone())
            .unwrap_or_else(|| header.link());
        let kind = header.entry_kind(&path)?;
        let stored = pax.size.map_or_else(|| header.size(), Ok)?;
        let has_data = kind == EntryKind::File;
        self.expect_data(if has_data { stored } else { 0 })?;
        let mut entry = Entry {
            index: self.index,
            path,
            link: if matches!(kind, EntryKind::Symlink | EntryKind::HardLink) {
                link
            } else {
                Vec::new()
            },
            mode: header.mode()?,
            uid: pax.uid.map_or_else(|| header.uid(), Ok)?,
            gid: pax.gid.map_or_else(|| header.gid(), Ok)?,
            mtime: pax.mtime.map_or_else(|| header.mtime(), Ok)?,
            size: if has_data { stored } else { 0 },
            extents: None,
            kind,
            xattrs: extended.pax.xattrs,
        };
        let sparse = extended.pax.sparse;
        if header.kind() == b'S' {
            if sparse.is_some() {
                return Err(format_error("an entry that is sparse in two ways"));
            }
            let (size, extents) = self.old_gnu_sparse(header)?;
            self.make_sparse(&mut entry, size, extents)?;
        } else if let Some(sparse) = sparse {
            if !has_data {
                return Err(format_error("a sparse entry that is no file"));
            }
            if let Some(name) = sparse.name {
                entry.path = name;
            }
            let extents = if sparse.in_data {
                self.sparse_map_in_data()?
            } else {
                sparse.extents
            };
            let size = sparse
                .size
                .ok_or_else(|| format_error("a sparse entry without a size"))?;
            self.make_sparse(&mut entry, size, extents)?;
        }
        Ok(entry)
    }
}
