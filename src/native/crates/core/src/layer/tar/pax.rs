//! Extended headers: PAX records and GNU long names.

use super::super::error::{LayerError, printable};
use super::header::owner_id;
use super::sparse::Sparse;
use super::{format_error, limit_error};

const MAX_XATTRS: usize = 256;
/// `XATTR_SIZE_MAX`, linux/limits.h.
const MAX_XATTR_VALUE: usize = 64 << 10;

pub(super) fn set_once<T>(slot: &mut Option<T>, value: T) -> Result<(), LayerError> {
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
pub(super) struct Extended {
    pub(super) pax: Pax,
    has_pax: bool,
    pub(super) long_name: Option<Vec<u8>>,
    pub(super) long_link: Option<Vec<u8>>,
}

impl Extended {
    pub(super) fn is_empty(&self) -> bool {
        !self.has_pax && self.long_name.is_none() && self.long_link.is_none()
    }

    pub(super) fn set_pax(&mut self, pax: Pax) -> Result<(), LayerError> {
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
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) mtime: Option<(i64, u32)>,
    pub(super) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) sparse: Option<Sparse>,
}

/// Records `length key=value\n`, the length in decimal and of the whole record.
pub(super) fn parse_pax(mut bytes: &[u8]) -> Result<Pax, LayerError> {
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
                printable(key)
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

/// Global headers carry comments (git archive). What would change the meaning of later entries is read differently by different tools.
pub(super) fn check_global(pax: &Pax) -> Result<(), LayerError> {
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

pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `[-]seconds[.fraction]`, the sign for the whole: `-5.25` is a quarter of a second before `-5`.
fn pax_time(value: &[u8]) -> Option<(i64, u32)> {
    let text = std::str::from_utf8(value).ok()?;
    let (is_before, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || !all_digits(seconds) || !all_digits(fraction) {
        return None;
    }
    let nanos = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let seconds: i64 = seconds.parse().unwrap_or(i64::MAX);
    Some(match (is_before, nanos) {
        (false, _) => bounded_time(seconds, nanos),
        (true, 0) => bounded_time(-seconds, 0),
        (true, _) => bounded_time((-seconds).saturating_sub(1), 1_000_000_000 - nanos),
    })
}

/// What ext4 can hold: 1901 to 2446 (34 bits of seconds from -2^31 on). Times beyond become 1970, as containerd makes those of another range.
pub(super) fn bounded_time(seconds: i64, nanos: u32) -> (i64, u32) {
    const EARLIEST: i64 = -(1 << 31);
    if (EARLIEST..EARLIEST + (1 << 34)).contains(&seconds) {
        (seconds, nanos)
    } else {
        (0, 0)
    }
}
