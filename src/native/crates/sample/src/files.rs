//! Files below the root, and nothing else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A file that may be served.
pub struct Found {
    pub file: File,
    pub length: u64,
    pub content_type: &'static str,
}

/// The file a request path names; a directory is its `index.html`. None: there is no such file, or it lies outside of the root.
pub fn find(root: &Path, request_path: &str) -> Option<Found> {
    let relative = relative_path(request_path)?;
    let root = fs::canonicalize(root).ok()?;
    let mut path = fs::canonicalize(root.join(relative)).ok()?;
    if path.is_dir() {
        path = fs::canonicalize(path.join("index.html")).ok()?;
    }
    if !path.starts_with(&root) {
        return None;
    }
    let content_type = content_type(&path);
    let file = File::open(path).ok()?;
    let meta = file.metadata().ok()?;
    meta.is_file().then(|| Found {
        length: meta.len(),
        file,
        content_type,
    })
}

/// Percent-decoded, without `.`, `..` and NUL.
fn relative_path(request_path: &str) -> Option<PathBuf> {
    let decoded = decode(request_path)?;
    let parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    let is_plain = parts
        .iter()
        .all(|part| *part != "." && *part != ".." && !part.contains('\0'));
    is_plain.then(|| parts.iter().collect())
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?)
                .ok()
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_below_the_root_or_nowhere() {
        assert_eq!(
            relative_path("/a/b%20c.txt"),
            Some(PathBuf::from("a/b c.txt"))
        );
        assert_eq!(relative_path("//a//"), Some(PathBuf::from("a")));
        for path in [
            "/../etc/passwd",
            "/a/%2e%2e/b",
            "/%00",
            "/%zz",
            "/%2",
            "/%ff",
            "/./a",
            "/%+1",
        ] {
            assert_eq!(relative_path(path), None, "{path}");
        }
    }
}
