//! Names of entries: what may be a path inside a layer.

use super::error::{Kind, LayerError, printable};

const STEP: &str = "layer.name";
/// `PATH_MAX` and `NAME_MAX`, linux/limits.h.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;
/// Directories above an entry. Real images stay below 40.
const MAX_DEPTH: usize = 256;

/// A checked relative path: no empty, `.` or `..` component, no NUL, one `/` between two components. Empty: the root of the layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath(Vec<u8>);

impl LayerPath {
    pub fn root() -> Self {
        Self(Vec::new())
    }

    /// Reads a name from an archive. A leading `/` means the layer's root; `..` is refused wherever it stands.
    pub fn parse(name: &[u8]) -> Result<Self, LayerError> {
        let refuse = |kind, why: &str| {
            Err(LayerError::new(
                kind,
                STEP,
                format!("{} {why}", printable(name)),
            ))
        };
        if name.is_empty() {
            return refuse(Kind::Format, "is no name");
        }
        if name.contains(&0) {
            return refuse(Kind::Format, "contains a NUL byte");
        }
        if name.len() >= MAX_PATH {
            return refuse(Kind::Limit, "is longer than 4,095 bytes");
        }
        let mut path = Vec::with_capacity(name.len());
        let mut depth = 0;
        let parts = name.split(|byte| *byte == b'/');
        for part in parts.filter(|part| !part.is_empty() && *part != b".") {
            if part == b".." {
                return refuse(Kind::Escape, "leads out of the layer");
            }
            if part.len() > MAX_NAME {
                return refuse(Kind::Limit, "has a component of more than 255 bytes");
            }
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(part);
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return refuse(Kind::Limit, "is deeper than 256 directories");
        }
        Ok(Self(path))
    }

    /// Parent and last component; none for the root.
    pub fn split(&self) -> Option<(Self, &[u8])> {
        if self.0.is_empty() {
            return None;
        }
        Some(match self.0.iter().rposition(|byte| *byte == b'/') {
            Some(at) => (Self(self.0[..at].to_vec()), &self.0[at + 1..]),
            None => (Self::root(), &self.0),
        })
    }

    pub fn depth(&self) -> usize {
        self.components().count()
    }

    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
    }

    /// `.` for the root.
    pub fn bytes(&self) -> &[u8] {
        if self.0.is_empty() { b"." } else { &self.0 }
    }

    /// Everything below this path stands between these two in the order of paths.
    pub fn below(&self) -> std::ops::Range<Self> {
        // The byte behind `/` is `0`.
        Self([&self.0, b"/".as_slice()].concat())..Self([&self.0, b"0".as_slice()].concat())
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &[u8]) -> Result<String, Kind> {
        LayerPath::parse(name)
            .map(|path| String::from_utf8_lossy(path.bytes()).into_owned())
            .map_err(|error| error.kind)
    }

    #[test]
    fn names_lead_into_the_layer_or_are_refused() {
        for (name, expected) in [
            ("a/b", "a/b"),
            ("./a//b/", "a/b"),
            ("/etc/x", "etc/x"),
            ("./", "."),
            ("/", "."),
            (".", "."),
            ("...", "..."),
        ] {
            assert_eq!(parsed(name.as_bytes()).as_deref(), Ok(expected), "{name}");
        }
        for name in ["..", "../x", "a/../b", "a/..", "/../../etc/passwd", "./.."] {
            assert_eq!(parsed(name.as_bytes()), Err(Kind::Escape), "{name}");
        }
        assert_eq!(parsed(b""), Err(Kind::Format));
        assert_eq!(parsed(b"a\0b"), Err(Kind::Format));
        assert!(parsed(&[b'x'; 255]).is_ok());
        assert_eq!(parsed(&[b'x'; 256]), Err(Kind::Limit));
        assert_eq!(parsed("y/".repeat(2048).as_bytes()), Err(Kind::Limit));
        assert_eq!(parsed("y/".repeat(257).as_bytes()), Err(Kind::Limit));
        assert!(parsed(b"\xff\xfe").is_ok(), "names are bytes");
    }
}
