//! A bounded tar reader: ustar, V7, PAX, GNU long names, all four sparse forms, base-256 numbers. One notion of an entry's size: what has two meanings
//! is refused. Where formats leave room it reads as Go's archive/tar does, because that is what made the image.

use std::io::{self, BufRead};

use super::error::{Kind, LayerError};

const STEP: &str = "layer.tar";
const BLOCK: usize = 512;
/// Go's `maxSpecialFileSize`: PAX headers and GNU long names.
const MAX_SPECIAL: u64 = 1 << 20;
/// Extents of one sparse file.
const MAX_EXTENTS: usize = 1 << 16;
/// Digits and line ends of a sparse map in the data of a PAX 1.0 entry.
const MAX_MAP_BYTES: usize = 4 << 20;
const MAX_XATTRS: usize = 256;
/// `XATTR_SIZE_MAX`, linux/limits.h.
const MAX_XATTR_VALUE: usize = 64 << 10;

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

/// Bytes of the file's content that are in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub offset: u64,
    pub length: u64,
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
    /// Seconds and nanoseconds since 1970; zero for times before that and far beyond.
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
        let header = Header(block);
        header.check_sum()?;
        Ok(Some(header))
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
            mode: u32::try_from(header.number(100..108)? & 0o7777).unwrap_or(0),
            uid: pax.uid.map_or_else(|| header.id(108..116), Ok)?,
            gid: pax.gid.map_or_else(|| header.id(116..124), Ok)?,
            mtime: pax.mtime.map_or_else(
                || Ok::<_, LayerError>(bounded_time(header.number(136..148)?, 0)),
                Ok,
            )?,
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

    /// Checks that the extents ascend, lie inside the file and need exactly the data that is there.
    fn make_sparse(
        &self,
        entry: &mut Entry,
        size: u64,
        extents: Vec<Extent>,
    ) -> Result<(), LayerError> {
        let mut end = 0;
        let mut stored = 0;
        for extent in &extents {
            let next = extent
                .offset
                .checked_add(extent.length)
                .filter(|next| *next <= size && extent.offset >= end);
            end =
                next.ok_or_else(|| format_error("a sparse map that overlaps or exceeds its file"))?;
            stored += extent.length;
        }
        if stored != self.remaining {
            return Err(format_error("a sparse map that does not fit its data"));
        }
        entry.size = size;
        entry.extents = Some(extents);
        Ok(())
    }

    /// GNU format 'S': four extents in the header, 21 in each block behind it. Those blocks are not part of the entry's size.
    fn old_gnu_sparse(&mut self, header: &Header) -> Result<(u64, Vec<Extent>), LayerError> {
        let size = header.positive(483..495)?;
        let mut extents = Vec::new();
        read_extents(&header.0[386..482], &mut extents)?;
        let mut more = header.0[482] != 0;
        while more {
            let block = self
                .block()?
                .ok_or_else(|| read_error(&io::ErrorKind::UnexpectedEof.into()))?;
            read_extents(&block[..504], &mut extents)?;
            more = block[504] != 0;
        }
        Ok((size, extents))
    }

    /// PAX 1.0: the data begins with decimal lines (count, then offset and length of each extent), padded to a block.
    fn sparse_map_in_data(&mut self) -> Result<Vec<Extent>, LayerError> {
        let mut lines = MapLines {
            archive: self,
            bytes: Vec::new(),
            at: 0,
        };
        let count = lines.number()?;
        if count > MAX_EXTENTS as u64 {
            return Err(limit_error(format!(
                "a sparse map of {count} extents; at most {MAX_EXTENTS} are taken"
            )));
        }
        (0..count)
            .map(|_| {
                Ok(Extent {
                    offset: lines.number()?,
                    length: lines.number()?,
                })
            })
            .collect()
    }
}

/// Lines of a sparse map, taken from the data block by block.
struct MapLines<'a, R> {
    archive: &'a mut Archive<R>,
    bytes: Vec<u8>,
    at: usize,
}

impl<R: BufRead> MapLines<'_, R> {
    fn number(&mut self) -> Result<u64, LayerError> {
        let start = self.at;
        loop {
            while let Some(byte) = self.bytes.get(self.at) {
                self.at += 1;
                if *byte == b'\n' {
                    return decimal(&self.bytes[start..self.at - 1])
                        .ok_or_else(|| format_error("a sparse map with a broken number"));
                }
            }
            if self.bytes.len() >= MAX_MAP_BYTES || self.at - start > 32 {
                return Err(format_error("a sparse map that does not end"));
            }
            self.take_block()?;
        }
    }

    fn take_block(&mut self) -> Result<(), LayerError> {
        let wanted = self.bytes.len() + BLOCK;
        while self.bytes.len() < wanted {
            let part = self.archive.data()?;
            if part.is_empty() {
                return Err(format_error("a sparse map longer than its entry"));
            }
            let length = part.len().min(wanted - self.bytes.len());
            self.bytes.extend_from_slice(&part[..length]);
            self.archive.consume(length);
        }
        Ok(())
    }
}

fn read_extents(fields: &[u8], extents: &mut Vec<Extent>) -> Result<(), LayerError> {
    for field in fields.chunks_exact(24) {
        if field[0] == 0 {
            return Ok(());
        }
        if extents.len() == MAX_EXTENTS {
            return Err(limit_error(format!(
                "a sparse map of more than {MAX_EXTENTS} extents"
            )));
        }
        extents.push(Extent {
            offset: positive(&field[..12])?,
            length: positive(&field[12..])?,
        });
    }
    Ok(())
}

/// A header block whose checksum is right.
struct Header([u8; BLOCK]);

impl Header {
    /// Sum of all bytes with the field itself as spaces; some old writers summed signed bytes.
    fn check_sum(&self) -> Result<(), LayerError> {
        let bytes = || {
            self.0.iter().enumerate().map(|(at, byte)| {
                if (148..156).contains(&at) {
                    b' '
                } else {
                    *byte
                }
            })
        };
        let unsigned: i64 = bytes().map(i64::from).sum();
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        let stated = self.number(148..156)?;
        if stated == unsigned || stated == signed {
            Ok(())
        } else {
            Err(format_error("a header with a wrong checksum"))
        }
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn is_ustar(&self) -> bool {
        &self.0[257..263] == b"ustar\0"
    }

    fn entry_kind(&self, path: &[u8]) -> Result<EntryKind, LayerError> {
        Ok(match self.kind() {
            b'\0' if path.ends_with(b"/") => EntryKind::Directory,
            b'0' | b'\0' | b'7' | b'S' => EntryKind::File,
            b'1' => EntryKind::HardLink,
            b'2' => EntryKind::Symlink,
            b'3' => EntryKind::Character {
                major: self.device(329..337)?,
                minor: self.device(337..345)?,
            },
            b'4' => EntryKind::Block {
                major: self.device(329..337)?,
                minor: self.device(337..345)?,
            },
            b'5' => EntryKind::Directory,
            b'6' => EntryKind::Fifo,
            other => {
                return Err(format_error(format!(
                    "an entry of unknown type '{}'",
                    other.escape_ascii()
                )));
            }
        })
    }

    fn path(&self) -> Vec<u8> {
        let name = until_nul(self.0[..100].to_vec());
        let prefix = until_nul(self.0[345..500].to_vec());
        if self.is_ustar() && !prefix.is_empty() {
            [prefix.as_slice(), b"/", &name].concat()
        } else {
            name
        }
    }

    fn link(&self) -> Vec<u8> {
        until_nul(self.0[157..257].to_vec())
    }

    fn number(&self, field: std::ops::Range<usize>) -> Result<i64, LayerError> {
        number(&self.0[field])
    }

    fn positive(&self, field: std::ops::Range<usize>) -> Result<u64, LayerError> {
        positive(&self.0[field])
    }

    fn size(&self) -> Result<u64, LayerError> {
        self.positive(124..136)
    }

    fn id(&self, field: std::ops::Range<usize>) -> Result<u32, LayerError> {
        owner_id(self.number(field)?)
    }

    fn device(&self, field: std::ops::Range<usize>) -> Result<u32, LayerError> {
        u32::try_from(self.number(field)?).map_err(|_| format_error("a device number out of range"))
    }
}

/// Ids are 32 bits, and the highest one means "do not change" to chown.
fn owner_id(value: i64) -> Result<u32, LayerError> {
    u32::try_from(value)
        .ok()
        .filter(|id| *id != u32::MAX)
        .ok_or_else(|| format_error(format!("owner id {value} is out of range")))
}

/// Octal with leading spaces and trailing NULs or spaces, or base-256 when the first bit is set (two's complement).
fn number(field: &[u8]) -> Result<i64, LayerError> {
    let broken = || format_error("a header with a broken number");
    if field[0] & 0x80 != 0 {
        let negative = field[0] & 0x40 != 0;
        let mut value: i128 = if negative { -1 } else { 0 };
        for (at, byte) in field.iter().enumerate() {
            let byte = if at == 0 && !negative {
                byte & 0x7f
            } else {
                *byte
            };
            value = (value << 8 | i128::from(byte)).clamp(-(1 << 100), 1 << 100);
        }
        return i64::try_from(value).map_err(|_| broken());
    }
    let start = field
        .iter()
        .position(|byte| *byte != b' ' && *byte != 0)
        .unwrap_or(field.len());
    let digits = &field[start..];
    let end = digits
        .iter()
        .position(|byte| *byte == b' ' || *byte == 0)
        .unwrap_or(digits.len());
    if digits[end..].iter().any(|byte| *byte != b' ' && *byte != 0) {
        return Err(broken());
    }
    digits[..end]
        .iter()
        .try_fold(0_i64, |value, byte| match byte {
            b'0'..=b'7' => Ok(value << 3 | i64::from(byte - b'0')),
            _ => Err(broken()),
        })
}

fn positive(field: &[u8]) -> Result<u64, LayerError> {
    u64::try_from(number(field)?).map_err(|_| format_error("a negative size"))
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    bytes
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> Result<(), LayerError> {
    if slot.replace(value).is_some() {
        Err(format_error(
            "two extended headers of one kind for one entry",
        ))
    } else {
        Ok(())
    }
}

/// What extended headers say of the entry behind them.
#[derive(Default)]
struct Extended {
    pax: Pax,
    has_pax: bool,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

impl Extended {
    fn is_empty(&self) -> bool {
        !self.has_pax && self.long_name.is_none() && self.long_link.is_none()
    }

    fn set_pax(&mut self, pax: Pax) -> Result<(), LayerError> {
        if std::mem::replace(&mut self.has_pax, true) {
            return Err(format_error(
                "two extended headers of one kind for one entry",
            ));
        }
        self.pax = pax;
        Ok(())
    }
}

#[derive(Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u32>,
    gid: Option<u32>,
    mtime: Option<(i64, u32)>,
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    sparse: Option<Sparse>,
}

/// PAX sparse 0.0 (one record a number), 0.1 (one map) and 1.0 (map in the data).
#[derive(Default)]
struct Sparse {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    extents: Vec<Extent>,
    open_offset: Option<u64>,
    major: Option<u64>,
    in_data: bool,
}

/// Records `length key=value\n`, the length in decimal and of the whole record.
fn parse_pax(mut bytes: &[u8]) -> Result<Pax, LayerError> {
    let broken = || format_error("a PAX header with a broken record");
    let mut pax = Pax::default();
    while !bytes.is_empty() {
        let space = bytes
            .iter()
            .take(8)
            .position(|byte| *byte == b' ')
            .ok_or_else(broken)?;
        let length = decimal(&bytes[..space])
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(broken)?;
        let record = bytes
            .get(space + 1..length)
            .and_then(|record| record.strip_suffix(b"\n"))
            .ok_or_else(broken)?;
        let equals = record
            .iter()
            .position(|byte| *byte == b'=')
            .filter(|at| *at > 0)
            .ok_or_else(broken)?;
        pax.set(&record[..equals], &record[equals + 1..])?;
        bytes = &bytes[length..];
    }
    if let Some(sparse) = &pax.sparse
        && (sparse.open_offset.is_some() || sparse.major.is_some_and(|major| major > 1))
    {
        return Err(format_error("a sparse form that is not known"));
    }
    Ok(pax)
}

impl Pax {
    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), LayerError> {
        let broken = || {
            format_error(format!(
                "a PAX record {} with a broken value",
                super::error::printable(key)
            ))
        };
        let number = || decimal(value).ok_or_else(broken);
        let id = || {
            i64::try_from(number()?)
                .map_err(|_| broken())
                .and_then(owner_id)
        };
        let is_name = matches!(key, b"path" | b"linkpath" | b"GNU.sparse.name");
        if is_name && value.contains(&0) {
            return Err(broken());
        }
        if value.is_empty() && !key.starts_with(b"SCHILY.xattr.") {
            return Ok(()); // takes back what an earlier header said; the header's own field counts
        }
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = Some(number()?),
            b"uid" => self.uid = Some(id()?),
            b"gid" => self.gid = Some(id()?),
            b"mtime" => self.mtime = Some(pax_time(value).ok_or_else(broken)?),
            _ => {
                if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                    self.set_xattr(name, value)?;
                } else if let Some(name) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.get_or_insert_default().set(name, value)?;
                }
            }
        }
        Ok(())
    }

    fn set_xattr(&mut self, name: &[u8], value: &[u8]) -> Result<(), LayerError> {
        if self.xattrs.len() == MAX_XATTRS || value.len() > MAX_XATTR_VALUE || name.len() > 255 {
            return Err(limit_error(format!(
                "more than {MAX_XATTRS} extended attributes, or one of more than 64 KiB"
            )));
        }
        if name.is_empty() || name.contains(&0) {
            return Err(format_error("an extended attribute without a name"));
        }
        self.xattrs.retain(|(known, _)| known != name);
        self.xattrs.push((name.to_vec(), value.to_vec()));
        Ok(())
    }
}

impl Sparse {
    fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), LayerError> {
        let number =
            || decimal(value).ok_or_else(|| format_error("a sparse record with a broken number"));
        match name {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.size = Some(number()?),
            b"major" => {
                self.major = Some(number()?);
                self.in_data = self.major == Some(1);
            }
            b"offset" => set_once(&mut self.open_offset, number()?)?,
            b"numbytes" => {
                let offset = self
                    .open_offset
                    .take()
                    .ok_or_else(|| format_error("a sparse length without its offset"))?;
                self.push(Extent {
                    offset,
                    length: number()?,
                })?;
            }
            b"map" => {
                let numbers = value
                    .split(|byte| *byte == b',')
                    .map(|part| decimal(part).ok_or_else(|| format_error("a broken sparse map")));
                let numbers: Vec<u64> = numbers.collect::<Result<_, _>>()?;
                if !numbers.len().is_multiple_of(2) {
                    return Err(format_error("a sparse map with an odd count"));
                }
                for pair in numbers.chunks_exact(2) {
                    self.push(Extent {
                        offset: pair[0],
                        length: pair[1],
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, extent: Extent) -> Result<(), LayerError> {
        if self.extents.len() == MAX_EXTENTS {
            return Err(limit_error(format!(
                "a sparse map of more than {MAX_EXTENTS} extents"
            )));
        }
        self.extents.push(extent);
        Ok(())
    }
}

/// Global headers carry comments (git archive). What would change the meaning of later entries is read differently by different tools.
fn check_global(pax: &Pax) -> Result<(), LayerError> {
    let harmless = pax.path.is_none()
        && pax.link.is_none()
        && pax.size.is_none()
        && pax.sparse.is_none()
        && pax.xattrs.is_empty();
    if harmless {
        Ok(())
    } else {
        Err(format_error(
            "a global header that changes names, sizes or attributes",
        ))
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `[-]seconds[.fraction]`.
fn pax_time(value: &[u8]) -> Option<(i64, u32)> {
    let text = std::str::from_utf8(value).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = seconds.strip_prefix('-').unwrap_or(seconds);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some(bounded_time(seconds.parse().unwrap_or(-1), nanos))
}

/// As containerd: what is before 1970 or too far ahead for a filesystem becomes 1970.
fn bounded_time(seconds: i64, nanos: u32) -> (i64, u32) {
    if (0..1 << 34).contains(&seconds) {
        (seconds, nanos)
    } else {
        (0, 0)
    }
}
