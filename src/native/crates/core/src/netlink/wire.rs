//! The netlink wire format: a writer of messages with nested attributes and bounded readers. Native byte order, 4-byte alignment (netlink(7)).
//! Readers never trust a length: what does not fit ends the iteration.

/// Length of `struct nlmsghdr`.
pub const HEADER: usize = 16;
const NESTED: u16 = 1 << 15;
const KIND: u16 = 0x3fff;

pub const NLM_F_REQUEST: u16 = 0x1;
pub const NLM_F_ACK: u16 = 0x4;
pub const NLM_F_DUMP_INTR: u16 = 0x10;
pub const NLM_F_DUMP: u16 = 0x300;
pub const NLM_F_REPLACE: u16 = 0x100;
pub const NLM_F_EXCL: u16 = 0x200;
pub const NLM_F_CREATE: u16 = 0x400;
pub const NLM_F_APPEND: u16 = 0x800;

/// Writes messages one after the other into one buffer. A payload that no length field can hold marks the writer as spoiled, and the socket
/// refuses to send it; nothing is ever truncated silently.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
    messages: u32,
    spoiled: bool,
}

impl Writer {
    pub fn new() -> Self {
        Self::default()
    }

    /// One message: `head` is the family's fixed header, `body` writes the attributes. The sequence number is its index here; the socket adds its base.
    pub fn message(&mut self, kind: u16, flags: u16, head: &[u8], body: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(&flags.to_ne_bytes());
        self.bytes.extend_from_slice(&self.messages.to_ne_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(head);
        self.pad();
        body(self);
        match u32::try_from(self.bytes.len() - start) {
            Ok(length) => self.bytes[start..start + 4].copy_from_slice(&length.to_ne_bytes()),
            Err(_) => self.spoiled = true,
        }
        self.messages += 1;
    }

    pub fn attribute(&mut self, kind: u16, payload: &[u8]) {
        let Ok(length) = u16::try_from(payload.len() + 4) else {
            self.spoiled = true;
            return;
        };
        self.bytes.extend_from_slice(&length.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(payload);
        self.pad();
    }

    /// A string with its closing NUL.
    pub fn text(&mut self, kind: u16, value: &str) {
        let mut payload = Vec::with_capacity(value.len() + 1);
        payload.extend_from_slice(value.as_bytes());
        payload.push(0);
        self.attribute(kind, &payload);
    }

    pub fn u32(&mut self, kind: u16, value: u32) {
        self.attribute(kind, &value.to_ne_bytes());
    }

    pub fn u32_be(&mut self, kind: u16, value: u32) {
        self.attribute(kind, &value.to_be_bytes());
    }

    pub fn nested(&mut self, kind: u16, body: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        body(self);
        match u16::try_from(self.bytes.len() - start) {
            Ok(length) => {
                self.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
                self.bytes[start + 2..start + 4].copy_from_slice(&(kind | NESTED).to_ne_bytes());
            }
            Err(_) => self.spoiled = true,
        }
    }

    /// Fixed bytes in the middle of an attribute, e.g. the `ifinfomsg` inside `VETH_INFO_PEER`.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.pad();
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many messages were written.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The finished bytes with sequence numbers from `base` on, or none when a length did not fit.
    pub fn finish(mut self, base: u32) -> Option<Vec<u8>> {
        let mut at = 0;
        while let Some(length) = read_u32(&self.bytes, at) {
            let sequence = read_u32(&self.bytes, at + 8)?.wrapping_add(base);
            self.bytes[at + 8..at + 12].copy_from_slice(&sequence.to_ne_bytes());
            at += align(length as usize);
        }
        (!self.spoiled).then_some(self.bytes)
    }

    fn pad(&mut self) {
        self.bytes.resize(align(self.bytes.len()), 0);
    }
}

fn align(length: usize) -> usize {
    length.div_ceil(4) * 4
}

pub fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

pub fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

pub fn read_u32_be(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// A string attribute without its NUL; none when it is not UTF-8.
pub fn read_text(bytes: &[u8]) -> Option<&str> {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok()
}

/// One received message.
pub struct Message<'a> {
    pub kind: u16,
    pub flags: u16,
    pub sequence: u32,
    pub payload: &'a [u8],
}

/// The messages of one datagram.
pub struct Messages<'a>(pub &'a [u8]);

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let length = read_u32(self.0, 0)? as usize;
        let payload = self.0.get(HEADER..length)?;
        let message = Message {
            kind: read_u16(self.0, 4)?,
            flags: read_u16(self.0, 6)?,
            sequence: read_u32(self.0, 8)?,
            payload,
        };
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some(message)
    }
}

/// The attributes of a message or of a nested attribute, as (kind without flags, payload).
#[derive(Clone)]
pub struct Attributes<'a>(pub &'a [u8]);

impl<'a> Attributes<'a> {
    /// The attributes behind a fixed header of `skip` bytes.
    pub fn after(payload: &'a [u8], skip: usize) -> Self {
        Self(payload.get(align(skip)..).unwrap_or_default())
    }

    /// The payload of the first attribute of this kind.
    pub fn get(&self, kind: u16) -> Option<&'a [u8]> {
        self.clone()
            .find(|(found, _)| *found == kind)
            .map(|(_, payload)| payload)
    }

    /// The attributes inside attribute `kind`; empty when it is absent.
    #[must_use]
    pub fn inside(&self, kind: u16) -> Self {
        Self(self.get(kind).unwrap_or_default())
    }

    pub fn text(&self, kind: u16) -> Option<&'a str> {
        self.get(kind).and_then(read_text)
    }

    pub fn u32(&self, kind: u16) -> Option<u32> {
        self.get(kind).and_then(|payload| read_u32(payload, 0))
    }

    pub fn u32_be(&self, kind: u16) -> Option<u32> {
        self.get(kind).and_then(read_u32_be)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(read_u16(self.0, 0)?);
        let kind = read_u16(self.0, 2)? & KIND;
        let payload = self.0.get(4..length)?;
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some((kind, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = Writer::new();
        writer.message(16, NLM_F_REQUEST, &[1, 2, 3, 4, 5], |m| {
            m.text(3, "eth0");
            m.nested(18, |n| n.u32(1, 7));
        });
        writer.message(17, NLM_F_ACK, &[], |_| {});
        let bytes = writer.finish(100).expect("fits");
        let messages: Vec<_> = Messages(&bytes).collect();
        assert_eq!(
            messages
                .iter()
                .map(|m| (m.kind, m.flags, m.sequence))
                .collect::<Vec<_>>(),
            [(16, 1, 100), (17, 4, 101)]
        );
        let attributes = Attributes::after(messages[0].payload, 5);
        assert_eq!(attributes.text(3), Some("eth0"));
        assert_eq!(attributes.inside(18).u32(1), Some(7));
        assert!(messages[1].payload.is_empty());
    }

    #[test]
    fn a_payload_longer_than_its_length_field_is_never_sent() {
        let mut writer = Writer::new();
        writer.message(1, 0, &[], |m| m.attribute(1, &vec![0; 70_000]));
        assert!(writer.finish(0).is_none());
        let mut writer = Writer::new();
        writer.message(1, 0, &[], |m| {
            m.nested(1, |n| (0..20).for_each(|_| n.attribute(1, &[0; 4000])));
        });
        assert!(writer.finish(0).is_none());
    }

    #[test]
    fn lying_lengths_end_the_reading_and_never_panic() {
        let mut writer = Writer::new();
        writer.message(16, 0, &[0; 16], |m| m.nested(18, |n| n.text(1, "bridge")));
        let good = writer.finish(1).expect("fits");
        let mut state = 0x9e37_79b9_u32;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % bytes.len();
                bytes[at] = state.to_ne_bytes()[1];
            }
            bytes.truncate((state >> 5) as usize % (good.len() + 1));
            for message in Messages(&bytes) {
                for (_, payload) in Attributes::after(message.payload, 16) {
                    assert!(Attributes(payload).count() <= payload.len());
                }
            }
        }
    }
}
