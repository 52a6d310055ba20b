//! Writes archives field by field, so that tests can write wrong ones.

/// A header block under construction.
#[derive(Clone)]
pub struct Header(pub [u8; 512]);

impl Header {
    pub fn new(kind: u8, name: &[u8]) -> Self {
        let mut header = Self([0; 512]);
        header.put(0, &name[..name.len().min(100)]);
        header.put(257, b"ustar\x0000");
        header.put(156, &[kind]);
        header
            .mode(if kind == b'5' { 0o755 } else { 0o644 })
            .octal(108, 8, 0)
            .octal(116, 8, 0)
            .size(0)
            .octal(136, 12, 1_700_000_000)
    }

    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.put(at, bytes);
        self
    }

    pub fn octal(self, at: usize, width: usize, value: u64) -> Self {
        let text = format!("{value:0width$o}\0", width = width - 1);
        self.with(at, &text.as_bytes()[text.len() - width..])
    }

    pub fn size(self, size: u64) -> Self {
        self.octal(124, 12, size)
    }

    pub fn mode(self, mode: u64) -> Self {
        self.octal(100, 8, mode)
    }

    pub fn link(self, target: &[u8]) -> Self {
        self.with(157, target)
    }

    /// With the right checksum.
    pub fn sealed(mut self) -> [u8; 512] {
        self.put(148, b"        ");
        let sum: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        self.put(148, format!("{sum:06o}\0 ").as_bytes());
        self.0
    }
}

/// An archive under construction.
#[derive(Clone, Default)]
pub struct Tar(pub Vec<u8>);

impl Tar {
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A header as it stands, and data padded to blocks.
    pub fn entry(mut self, header: Header, data: &[u8]) -> Self {
        self.0.extend_from_slice(&header.sealed());
        self.0.extend_from_slice(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn file(self, name: &str, data: &[u8]) -> Self {
        self.entry(
            Header::new(b'0', name.as_bytes()).size(data.len() as u64),
            data,
        )
    }

    pub fn directory(self, name: &str) -> Self {
        self.entry(Header::new(b'5', name.as_bytes()), b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(
            Header::new(b'2', name.as_bytes()).link(target.as_bytes()),
            b"",
        )
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(
            Header::new(b'1', name.as_bytes()).link(target.as_bytes()),
            b"",
        )
    }

    pub fn pax(self, records: &[(&str, &[u8])]) -> Self {
        self.extended(b'x', records)
    }

    pub fn extended(self, kind: u8, records: &[(&str, &[u8])]) -> Self {
        let data: Vec<u8> = records
            .iter()
            .flat_map(|(key, value)| record(key, value))
            .collect();
        self.entry(
            Header::new(kind, b"PaxHeaders/x").size(data.len() as u64),
            &data,
        )
    }

    pub fn gnu_long(self, kind: u8, value: &[u8]) -> Self {
        let data = [value, b"\0"].concat();
        self.entry(
            Header::new(kind, b"././@LongLink").size(data.len() as u64),
            &data,
        )
    }

    pub fn end(self) -> Vec<u8> {
        self.raw(&[0; 1024]).0
    }
}

/// `length key=value\n`, the length counting itself.
pub fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}
