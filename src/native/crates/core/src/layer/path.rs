//! Names of entries: what may be a path inside a layer.

use super::error::{Kind, LayerError, printable};

const STEP: &str = "layer.name";
/// `PATH_MAX` and `NAME_MAX`, linux/limits.h.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;
/// Directories above an entry. Real images stay below 40.
const MAX_DEPTH: usize = 256;

/// A checked relative path: no empty, `.` or `..` component, no NUL. Without components it is the root of the layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath(Vec<Vec<u8>>);

impl LayerPath {
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
        let components: Vec<Vec<u8>> = name
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty() && *part != b".")
            .map(<[u8]>::to_vec)
            .collect();
        if components.iter().any(|part| part == b"..") {
            return refuse(Kind::Escape, "leads out of the layer");
        }
        if components.iter().any(|part| part.len() > MAX_NAME) {
            return refuse(Kind::Limit, "has a component of more than 255 bytes");
        }
        if components.len() > MAX_DEPTH {
            return refuse(Kind::Limit, "is deeper than 256 directories");
        }
        Ok(Self(components))
    }

    /// Parent and last component; none for the root.
    pub fn split(&self) -> Option<(Self, &[u8])> {
        let (last, parent) = self.0.split_last()?;
        Some((Self(parent.to_vec()), last))
    }

    pub fn depth(&self) -> usize {
        self.0.len()
    }

    pub fn components(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// With `/` between the components; `.` for the root.
    pub fn bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            b".".to_vec()
        } else {
            self.0.join(&b'/')
        }
    }

    /// This path or one below it.
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &[u8]) -> Result<String, Kind> {
        LayerPath::parse(name)
            .map(|path| String::from_utf8_lossy(&path.bytes()).into_owned())
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
