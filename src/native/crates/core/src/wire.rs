//! Tag, length, value: the one encoding of plans, messages and status files.
//!
//! `u16 tag (0x8000: must be understood) | u16 0 | u32 length | value | padding to 4`, little endian. Tags are append-only; an unknown
//! optional tag is skipped, an unknown required one is an error, so that old supervisors refuse what they cannot honour.

use std::fmt;

/// Set on a tag whose value changes the meaning of the whole.
pub const REQUIRED: u16 = 0x8000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// A length points past the end.
    Truncated,
    /// A value has another size or encoding than its tag wants.
    Malformed(u16),
    /// A tag with [`REQUIRED`] that this release does not know.
    Unknown(u16),
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => write!(f, "a value ends after the message"),
            Self::Malformed(tag) => write!(f, "the value of tag {tag} is malformed"),
            Self::Unknown(tag) => write!(f, "tag {tag} is required but unknown to this release"),
        }
    }
}

impl std::error::Error for WireError {}

/// Something with a body of tagged values.
pub trait Body: Sized {
    fn encode(&self, out: &mut Writer);
    /// Unknown optional tags are skipped, missing ones keep their default.
    fn decode(body: Reader<'_>) -> Result<Self, WireError>;

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.encode(&mut out);
        out.into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        Self::decode(Reader::new(bytes))
    }
}

#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn bytes(&mut self, tag: u16, value: &[u8]) {
        let start = self.open(tag);
        self.bytes.extend_from_slice(value);
        self.close(start);
    }

    pub fn text(&mut self, tag: u16, value: &str) {
        self.bytes(tag, value.as_bytes());
    }

    pub fn texts<S: AsRef<str>>(&mut self, tag: u16, values: &[S]) {
        for value in values {
            self.text(tag, value.as_ref());
        }
    }

    pub fn number(&mut self, tag: u16, value: u64) {
        self.bytes(tag, &value.to_le_bytes());
    }

    pub fn signed(&mut self, tag: u16, value: i64) {
        self.bytes(tag, &value.to_le_bytes());
    }

    /// A flag is present or absent.
    pub fn flag(&mut self, tag: u16, value: bool) {
        if value {
            self.bytes(tag, &[]);
        }
    }

    pub fn maybe_text(&mut self, tag: u16, value: Option<&str>) {
        if let Some(value) = value {
            self.text(tag, value);
        }
    }

    pub fn maybe_number(&mut self, tag: u16, value: Option<u64>) {
        if let Some(value) = value {
            self.number(tag, value);
        }
    }

    pub fn group<B: Body>(&mut self, tag: u16, value: &B) {
        let start = self.open(tag);
        value.encode(self);
        self.close(start);
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn open(&mut self, tag: u16) -> usize {
        self.bytes.extend_from_slice(&tag.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 6]);
        self.bytes.len()
    }

    fn close(&mut self, start: usize) {
        let length = u32::try_from(self.bytes.len() - start)
            .expect("values are far below 4 GiB: plans are capped at 16 MiB");
        self.bytes[start - 4..start].copy_from_slice(&length.to_le_bytes());
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }
}

/// Walks the values of one body. Yields tags without the [`REQUIRED`] bit.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn next_value(&mut self) -> Result<Option<Value<'a>>, WireError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (head, rest) = self
            .rest
            .split_first_chunk::<8>()
            .ok_or(WireError::Truncated)?;
        let tag = u16::from_le_bytes([head[0], head[1]]);
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let padded = length
            .checked_next_multiple_of(4)
            .ok_or(WireError::Truncated)?;
        let bytes = rest.get(..length).ok_or(WireError::Truncated)?;
        self.rest = rest.get(padded..).ok_or(WireError::Truncated)?;
        Ok(Some(Value {
            tag: tag & !REQUIRED,
            required: tag & REQUIRED != 0,
            bytes,
        }))
    }
}

#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub tag: u16,
    required: bool,
    bytes: &'a [u8],
}

impl<'a> Value<'a> {
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn text(&self) -> Result<String, WireError> {
        std::str::from_utf8(self.bytes)
            .map(String::from)
            .map_err(|_| WireError::Malformed(self.tag))
    }

    pub fn number(&self) -> Result<u64, WireError> {
        let bytes = self
            .bytes
            .try_into()
            .map_err(|_| WireError::Malformed(self.tag))?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub fn signed(&self) -> Result<i64, WireError> {
        let bytes = self
            .bytes
            .try_into()
            .map_err(|_| WireError::Malformed(self.tag))?;
        Ok(i64::from_le_bytes(bytes))
    }

    /// A number that fits a smaller type.
    pub fn small<T: TryFrom<i64>>(&self) -> Result<T, WireError> {
        T::try_from(self.signed()?).map_err(|_| WireError::Malformed(self.tag))
    }

    pub fn group<B: Body>(&self) -> Result<B, WireError> {
        B::decode(Reader::new(self.bytes))
    }

    /// For tags nobody knows here: fine unless required.
    pub fn skip(&self) -> Result<(), WireError> {
        if self.required {
            Err(WireError::Unknown(self.tag))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Result<Option<Value<'_>>, WireError> {
        Reader::new(bytes).next_value()
    }

    #[test]
    fn values_are_padded_to_four_bytes() {
        let mut out = Writer::default();
        out.text(3, "abcde");
        assert_eq!(
            out.into_bytes(),
            [
                3, 0, 0, 0, 5, 0, 0, 0, b'a', b'b', b'c', b'd', b'e', 0, 0, 0
            ]
        );
    }

    #[test]
    fn a_length_past_the_end_is_refused() {
        assert_eq!(
            first(&[1, 0, 0, 0, 9, 0, 0, 0, 1]).err(),
            Some(WireError::Truncated)
        );
        assert_eq!(
            first(&[1, 0, 0, 0, 255, 255, 255, 255]).err(),
            Some(WireError::Truncated)
        );
        assert_eq!(first(&[1, 0, 0]).err(), Some(WireError::Truncated));
    }

    #[test]
    fn an_unknown_tag_is_skipped_unless_required() {
        let mut out = Writer::default();
        out.flag(7, true);
        out.flag(8 | REQUIRED, true);
        let bytes = out.into_bytes();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.next_value().unwrap().unwrap().skip(), Ok(()));
        assert_eq!(
            reader.next_value().unwrap().unwrap().skip(),
            Err(WireError::Unknown(8))
        );
    }

    #[test]
    fn a_number_of_another_size_is_malformed() {
        let mut out = Writer::default();
        out.text(5, "abc");
        let bytes = out.into_bytes();
        assert_eq!(
            first(&bytes).unwrap().unwrap().number(),
            Err(WireError::Malformed(5))
        );
    }
}
