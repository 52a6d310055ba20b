//! A header block: fixed fields, octal and base-256 numbers.

use super::super::error::LayerError;
use super::pax::bounded_time;
use super::{BLOCK, EntryKind, format_error};

/// A header block whose checksum is right.
pub(super) struct Header([u8; BLOCK]);

impl Header {
    pub(super) fn new(block: [u8; BLOCK]) -> Result<Self, LayerError> {
        let header = Self(block);
        header.check_sum()?;
        Ok(header)
    }

    pub(super) fn bytes(&self) -> &[u8; BLOCK] {
        &self.0
    }

    /// Permission bits with setuid, setgid and sticky; the type of the file, which some writers add, is left out.
    pub(super) fn mode(&self) -> Result<u32, LayerError> {
        Ok(u32::try_from(self.number(100..108)? & 0o7777).unwrap_or(0))
    }

    pub(super) fn uid(&self) -> Result<u32, LayerError> {
        self.id(108..116)
    }

    pub(super) fn gid(&self) -> Result<u32, LayerError> {
        self.id(116..124)
    }

    pub(super) fn mtime(&self) -> Result<(i64, u32), LayerError> {
        Ok(bounded_time(self.number(136..148)?, 0))
    }

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

    pub(super) fn kind(&self) -> u8 {
        self.0[156]
    }

    fn is_ustar(&self) -> bool {
        &self.0[257..263] == b"ustar\0"
    }

    pub(super) fn entry_kind(&self, path: &[u8]) -> Result<EntryKind, LayerError> {
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

    pub(super) fn path(&self) -> Vec<u8> {
        let name = until_nul(self.0[..100].to_vec());
        let prefix = until_nul(self.0[345..500].to_vec());
        if self.is_ustar() && !prefix.is_empty() {
            [prefix.as_slice(), b"/", &name].concat()
        } else {
            name
        }
    }

    pub(super) fn link(&self) -> Vec<u8> {
        until_nul(self.0[157..257].to_vec())
    }

    fn number(&self, field: std::ops::Range<usize>) -> Result<i64, LayerError> {
        number(&self.0[field])
    }

    pub(super) fn positive(&self, field: std::ops::Range<usize>) -> Result<u64, LayerError> {
        positive(&self.0[field])
    }

    pub(super) fn size(&self) -> Result<u64, LayerError> {
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
pub(super) fn owner_id(value: i64) -> Result<u32, LayerError> {
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

pub(super) fn positive(field: &[u8]) -> Result<u64, LayerError> {
    u64::try_from(number(field)?).map_err(|_| format_error("a negative size"))
}

pub(super) fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    bytes
}
