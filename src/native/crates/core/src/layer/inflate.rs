//! From the bytes that come in to the tar: digest, compression by its magic bytes, blocks for the other thread.

use std::io::{self, BufRead, Read};

use super::error::{Kind, LayerError};

const BLOCK: usize = 256 << 10;
const STEP: &str = "layer.inflate";

/// A piece of the tar on its way between the threads; its memory is used again.
#[derive(Default)]
pub struct Block {
    bytes: Vec<u8>,
    length: usize,
}

impl Block {
    pub fn filled(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A reader of the uncompressed tar.
pub enum Inflate<R: BufRead> {
    Gzip(Box<flate2::bufread::MultiGzDecoder<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, R>>),
    Plain(R),
}

impl<R: BufRead> Inflate<R> {
    /// Looks at the first bytes: gzip, zstd (a frame or a skippable frame) or a tar as it is. The media type has no say.
    pub fn open(mut input: R) -> Result<Self, LayerError> {
        let head: [u8; 4] = {
            let start = input.fill_buf().map_err(|error| translate(&error))?;
            let mut head = [0; 4];
            let length = start.len().min(4);
            head[..length].copy_from_slice(&start[..length]);
            head
        };
        match head {
            [0x1f, 0x8b, ..] => Ok(Self::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(
                input,
            )))),
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
                let decoder = zstd::stream::read::Decoder::with_buffer(input)
                    .map_err(|error| translate(&error))?;
                Ok(Self::Zstd(Box::new(decoder)))
            }
            _ => Ok(Self::Plain(input)),
        }
    }

    /// Fills a block as far as there is something; empty at the end.
    pub fn fill(&mut self, block: &mut Block) -> Result<(), LayerError> {
        block.bytes.resize(BLOCK, 0);
        block.length = 0;
        while block.length < BLOCK {
            match self.read(&mut block.bytes[block.length..]) {
                Ok(0) => break,
                Ok(length) => block.length += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(translate(&error)),
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
            Self::Plain(input) => input.read(buffer),
        }
    }
}

fn translate(error: &io::Error) -> LayerError {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<LayerError>())
    {
        Some(inner) => inner.clone(),
        None => LayerError::new(
            Kind::Format,
            STEP,
            format!("the compressed stream is broken: {error}"),
        ),
    }
}
