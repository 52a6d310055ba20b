//! Files with holes: old GNU, PAX 0.0, 0.1 and 1.0.

use std::io::{self, BufRead};

use super::super::error::LayerError;
use super::header::{Header, positive};
use super::pax::{decimal, set_once};
use super::{Archive, BLOCK, Entry, format_error, limit_error, read_error};

/// Extents of one sparse file.
const MAX_EXTENTS: usize = 1 << 16;
/// Digits and line ends of a sparse map in the data of a PAX 1.0 entry.
const MAX_MAP_BYTES: usize = 4 << 20;

/// Bytes of the file's content that are in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub offset: u64,
    pub length: u64,
}

impl<R: BufRead> Archive<R> {
    /// Checks that the extents ascend, lie inside the file and need exactly the data that is there.
    pub(super) fn make_sparse(
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
    pub(super) fn old_gnu_sparse(
        &mut self,
        header: &Header,
    ) -> Result<(u64, Vec<Extent>), LayerError> {
        let size = header.positive(483..495)?;
        let mut extents = Vec::new();
        read_extents(&header.bytes()[386..482], &mut extents)?;
        let mut more = header.bytes()[482] != 0;
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
    pub(super) fn sparse_map_in_data(&mut self) -> Result<Vec<Extent>, LayerError> {
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

/// PAX sparse 0.0 (one record a number), 0.1 (one map) and 1.0 (map in the data).
#[derive(Default)]
pub(super) struct Sparse {
    pub(super) name: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) extents: Vec<Extent>,
    pub(super) open_offset: Option<u64>,
    pub(super) major: Option<u64>,
    pub(super) in_data: bool,
}

impl Sparse {
    pub(super) fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), LayerError> {
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
