//! Elements of our sets: what they mean, how they are written, how the kernel's are read. The owner of an element stands in its comment, in the form
//! in which the `nft` command shows it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::ruleset::{INTERVAL, Set};
use crate::netlink::wire::{Attributes, Writer, read_u32_be};
use crate::netlink::{Cidr, mask_v4};

const ELEM_KEY: u16 = 1;
const ELEM_DATA: u16 = 2;
const ELEM_FLAGS: u16 = 3;
const ELEM_USERDATA: u16 = 6;
const DATA_VALUE: u16 = 1;
const LIST_ELEM: u16 = 1;
const INTERVAL_END: u32 = 1;
/// User data of an element is a list of (type u8, length u8, value); type 0 is the comment, with its NUL (libnftnl `udata.h`). At most 256 bytes in all.
const UDATA_COMMENT: u8 = 0;
pub const MAX_OWNER: usize = 250;

/// The set and the key bytes. Keys of an interval are start and end (exclusive; zero: to the last address).
pub type Key = (Set, Vec<u8>);

/// What an element holds beside its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub data: Vec<u8>,
    pub owner: Option<String>,
}

pub type Elements = BTreeMap<Key, Content>;

/// Transport protocols that can be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    Tcp = 6,
    Udp = 17,
}

/// A published port: `host_port` of all addresses of this host, or of one, leads to an endpoint in a network of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub protocol: Protocol,
    pub host_ip: Option<Ipv4Addr>,
    pub host_port: u16,
    pub address: Ipv4Addr,
    pub port: u16,
}

/// The rows of a network: its bridge and what its members may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub bridge: String,
    pub subnet: Cidr,
    pub masquerade: bool,
    pub isolated: bool,
    pub internal: bool,
}

/// Concatenated fields lie in 4-byte registers each.
fn socket_key(protocol: Protocol, port: u16) -> [u8; 8] {
    let [high, low] = port.to_be_bytes();
    [protocol as u8, 0, 0, 0, high, low, 0, 0]
}

fn address_and_port(address: Ipv4Addr, port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    [address.octets(), [high, low, 0, 0]].concat()
}

fn with_address(address: Ipv4Addr, protocol: Protocol, port: u16) -> Vec<u8> {
    [address.octets().as_slice(), &socket_key(protocol, port)].concat()
}

impl Endpoint {
    /// The map element and the element that lets its traffic pass.
    pub fn elements(&self, owner: &str) -> [(Key, Content); 2] {
        let owner = Some(owner.to_owned());
        let published = match self.host_ip {
            None => (
                Set::Pub4,
                socket_key(self.protocol, self.host_port).to_vec(),
            ),
            Some(address) => (
                Set::Pub4h,
                with_address(address, self.protocol, self.host_port),
            ),
        };
        let allowed = (
            Set::Allow4,
            with_address(self.address, self.protocol, self.port),
        );
        let target = Content {
            data: address_and_port(self.address, self.port),
            owner: owner.clone(),
        };
        [
            (published, target),
            (
                allowed,
                Content {
                    data: Vec::new(),
                    owner,
                },
            ),
        ]
    }

    /// The published side, e.g. `port 127.0.0.1:53/udp`.
    pub fn host_side(&self) -> String {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        match self.host_ip {
            Some(address) => format!("port {address}:{}/{protocol}", self.host_port),
            None => format!("port {}/{protocol}", self.host_port),
        }
    }

    /// The published side that the key of a map element stands for; none for keys of other sets and for bytes we would not write.
    pub fn host_side_of(key: &Key) -> Option<(Protocol, Option<Ipv4Addr>, u16)> {
        let (host_ip, rest) = match key.0 {
            Set::Pub4 => (None, key.1.as_slice()),
            Set::Pub4h => (Some(read_address(&key.1)?), key.1.get(4..)?),
            _ => return None,
        };
        let protocol = match rest.first()? {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            _ => return None,
        };
        Some((protocol, host_ip, read_port(rest)?))
    }

    /// Reads a map element back.
    pub fn from_element(key: &Key, content: &Content) -> Option<Self> {
        let (protocol, host_ip, host_port) = Self::host_side_of(key)?;
        Some(Self {
            protocol,
            host_ip,
            host_port,
            address: read_address(&content.data)?,
            port: read_port(&content.data)?,
        })
    }
}

fn read_address(bytes: &[u8]) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?))
}

/// In the register after the first one.
fn read_port(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(4..6)?.try_into().ok()?))
}

/// `ifname` keys: 16 bytes, filled with zeros.
pub fn name_key(name: &str) -> Vec<u8> {
    let mut key: Vec<u8> = name.bytes().take(15).collect();
    key.resize(16, 0);
    key
}

/// The name in an `ifname` key.
pub fn key_name(key: &[u8]) -> Option<&str> {
    crate::netlink::wire::read_text(key)
}

fn interval_key(subnet: Cidr) -> Option<Vec<u8>> {
    let std::net::IpAddr::V4(address) = subnet.address else {
        return None;
    };
    let start = address.to_bits() & mask_v4(subnet.prefix);
    let end = (start | !mask_v4(subnet.prefix)).wrapping_add(1);
    Some([start.to_be_bytes(), end.to_be_bytes()].concat())
}

impl Network {
    pub fn elements(&self) -> Elements {
        let name = name_key(&self.bridge);
        let mut keys = vec![
            (Set::Brs, name.clone()),
            (Set::Same, [name.clone(), name.clone()].concat()),
        ];
        if !self.internal {
            keys.push((Set::Ext, name.clone()));
        }
        if !self.isolated {
            keys.push((Set::Open, name));
        }
        if self.masquerade {
            keys.extend(interval_key(self.subnet).map(|key| (Set::Nets4, key)));
        }
        let content = || Content {
            data: Vec::new(),
            owner: Some(self.bridge.clone()),
        };
        keys.into_iter().map(|key| (key, content())).collect()
    }

    /// What the elements say of a bridge with this subnet; none when it has no row.
    pub fn from_elements(elements: &Elements, bridge: &str, subnet: Cidr) -> Option<Self> {
        let name = name_key(bridge);
        let has = |set: Set, key: Vec<u8>| elements.contains_key(&(set, key));
        if !has(Set::Brs, name.clone()) || !has(Set::Same, [name.clone(), name.clone()].concat()) {
            return None;
        }
        Some(Self {
            bridge: bridge.to_owned(),
            subnet,
            masquerade: interval_key(subnet).is_some_and(|key| has(Set::Nets4, key)),
            isolated: !has(Set::Open, name.clone()),
            internal: !has(Set::Ext, name),
        })
    }
}

/// Writes one element as list items of `NFTA_SET_ELEM_LIST_ELEMENTS`; an interval is two of them.
pub fn write(writer: &mut Writer, key: &Key, content: &Content) {
    if key.0.shape().flags & INTERVAL == 0 {
        write_item(writer, &key.1, content, 0);
        return;
    }
    let (start, end) = key.1.split_at(4.min(key.1.len()));
    write_item(writer, start, content, 0);
    if end.iter().any(|byte| *byte != 0) {
        write_item(
            writer,
            end,
            &Content {
                data: Vec::new(),
                owner: None,
            },
            INTERVAL_END,
        );
    }
}

fn write_item(writer: &mut Writer, key: &[u8], content: &Content, flags: u32) {
    writer.nested(LIST_ELEM, |element| {
        if flags != 0 {
            element.u32_be(ELEM_FLAGS, flags);
        }
        element.nested(ELEM_KEY, |inner| inner.attribute(DATA_VALUE, key));
        if !content.data.is_empty() {
            element.nested(ELEM_DATA, |inner| {
                inner.attribute(DATA_VALUE, &content.data);
            });
        }
        if let Some(owner) = &content.owner {
            let length = u8::try_from(owner.len() + 1).unwrap_or(u8::MAX);
            let comment: Vec<u8> = [UDATA_COMMENT, length]
                .into_iter()
                .chain(owner.bytes())
                .chain([0])
                .collect();
            element.attribute(ELEM_USERDATA, &comment);
        }
    });
}

/// Reads the items of a dumped set. None when the set holds something that we would never write.
pub fn read(set: Set, items: &[Attributes<'_>]) -> Option<Elements> {
    let shape = set.shape();
    let mut elements = Elements::new();
    let mut ends = Vec::new();
    for item in items {
        let key = item.inside(ELEM_KEY).get(DATA_VALUE)?;
        let data = item.inside(ELEM_DATA).get(DATA_VALUE).unwrap_or_default();
        if key.len() != shape.key_length as usize
            || data.len() != shape.data.map_or(0, |(_, length)| length as usize)
                && item.u32_be(ELEM_FLAGS).unwrap_or(0) == 0
        {
            return None;
        }
        if item.u32_be(ELEM_FLAGS).unwrap_or(0) & INTERVAL_END != 0 {
            ends.push(read_u32_be(key)?);
            continue;
        }
        let owner = item.get(ELEM_USERDATA).and_then(comment);
        elements.insert(
            (set, key.to_vec()),
            Content {
                data: data.to_vec(),
                owner,
            },
        );
    }
    if shape.flags & INTERVAL == 0 {
        return Some(elements);
    }
    ends.sort_unstable();
    let close = |((set, start), content): (Key, Content)| {
        let from = read_u32_be(&start)?;
        let end = ends.iter().find(|end| **end > from).copied().unwrap_or(0);
        Some(((set, [start, end.to_be_bytes().to_vec()].concat()), content))
    };
    elements.into_iter().map(close).collect()
}

fn comment(mut userdata: &[u8]) -> Option<String> {
    while let [kind, length, rest @ ..] = userdata {
        let value = rest.get(..usize::from(*length))?;
        if *kind == UDATA_COMMENT {
            return std::str::from_utf8(value.strip_suffix(&[0])?)
                .ok()
                .map(str::to_owned);
        }
        userdata = &rest[usize::from(*length)..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(bytes: &[u8]) -> Vec<Attributes<'_>> {
        Attributes(bytes)
            .map(|(_, payload)| Attributes(payload))
            .collect()
    }

    fn round_trip(set: Set, elements: &Elements) -> Option<Elements> {
        let mut writer = Writer::new();
        elements
            .iter()
            .rev()
            .for_each(|(key, content)| write(&mut writer, key, content));
        read(set, &items(writer.bytes()))
    }

    #[test]
    fn elements_are_read_as_they_were_written() {
        let endpoint = Endpoint {
            protocol: Protocol::Udp,
            host_ip: Some(Ipv4Addr::LOCALHOST),
            host_port: 5353,
            address: Ipv4Addr::new(10, 88, 0, 2),
            port: 53,
        };
        let [(key, content), _] = endpoint.elements("shop/web");
        let back = round_trip(Set::Pub4h, &Elements::from([(key, content)])).expect("read");
        let (key, content) = back.first_key_value().expect("one");
        assert_eq!(Endpoint::from_element(key, content), Some(endpoint));
        assert_eq!(content.owner.as_deref(), Some("shop/web"));
    }

    #[test]
    fn intervals_find_their_ends_when_neighbours_touch() {
        let network = |bridge: &str, subnet: &str| Network {
            bridge: bridge.to_owned(),
            subnet: Cidr::parse(subnet).expect("cidr"),
            masquerade: true,
            isolated: true,
            internal: false,
        };
        let networks = [
            network("a", "10.88.0.0/24"),
            network("b", "10.88.1.0/24"),
            network("c", "10.88.4.0/22"),
            network("d", "255.255.255.0/24"),
        ];
        let only = |network: &Network| {
            network
                .elements()
                .into_iter()
                .filter(|((set, _), _)| *set == Set::Nets4)
                .collect::<Elements>()
        };
        let all: Elements = networks.iter().flat_map(only).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(round_trip(Set::Nets4, &all), Some(all));
        let elements = networks[0].elements();
        assert_eq!(
            Network::from_elements(&elements, "a", networks[0].subnet).as_ref(),
            Some(&networks[0])
        );
        assert_eq!(
            Network::from_elements(&elements, "b", networks[0].subnet),
            None
        );
    }

    #[test]
    fn comments_of_others_and_broken_ones_are_no_owner() {
        assert_eq!(
            comment(&[0, 4, b'w', b'e', b'b', 0]).as_deref(),
            Some("web")
        );
        assert_eq!(
            comment(&[7, 1, 9, 0, 4, b'w', b'e', b'b', 0]).as_deref(),
            Some("web")
        );
        for broken in [
            &[0, 9, b'w'][..],
            &[0, 3, b'w', b'e', b'b'],
            &[0],
            &[],
            &[0, 2, 0xff, 0],
        ] {
            assert_eq!(comment(broken), None, "{broken:?}");
        }
    }
}
