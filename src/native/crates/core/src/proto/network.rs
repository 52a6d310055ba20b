//! Bodies of what the network process is asked, and what it keeps on disk. Addresses are texts, so that both families fit.

use std::net::Ipv4Addr;

use crate::failure::Failure;
use crate::netlink::Cidr;
use crate::network::Spec;
use crate::nft::{Change, Content, Elements, Endpoint, Protocol, Set};
use crate::wire::{Body, Reader, WireError, Writer};

body!(
    /// Body of `EnsureNetwork`.
    EnsureNetwork {
        name: String = 1 text,
        alias: String = 2 text,
        gateway: String = 3 text,
        subnet: String = 4 text,
        mtu: u64 = 5 number,
        masquerade: bool = 6 flag,
        isolated: bool = 7 must,
        internal: bool = 8 must,
    }
);
body!(RemoveNetwork { name: String = 1 text });
body!(
    /// `protocol`: the IP protocol's number. `host_ip` absent: all addresses of the host.
    PublishedPort {
        protocol: u64 = 1 number,
        host_ip: Option<String> = 2 maybe_text,
        host_port: u64 = 3 number,
        address: String = 4 text,
        port: u64 = 5 number,
    }
);
body!(
    /// Body of `Publish` and `Reserve`.
    Publish { owner: String = 1 text, ports: Vec<PublishedPort> = 2 groups }
);
body!(
    /// Answer of the network process to `Hello`, and to `NetworkHandover`, where its listening socket is the descriptor.
    Serving { pid: i32 = 1 small }
);
body!(
    /// An element of the table, in the bytes the kernel has of it.
    Element { set: String = 1 text, key: Vec<u8> = 2 bytes, data: Vec<u8> = 3 bytes, owner: Option<String> = 4 maybe_text }
);

fn malformed(what: &str, text: &str) -> Failure {
    Failure::plain(
        "E_PROTOCOL",
        "protocol",
        format!("protocol: {text:?} is no {what}"),
    )
}

fn number<T: TryFrom<u64>>(what: &str, value: u64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| malformed(what, &value.to_string()))
}

impl From<&Spec> for EnsureNetwork {
    fn from(spec: &Spec) -> Self {
        Self {
            name: spec.name.clone(),
            alias: spec.alias.clone(),
            gateway: spec.gateway.to_string(),
            subnet: spec.subnet.to_string(),
            mtu: u64::from(spec.mtu),
            masquerade: spec.masquerade,
            isolated: spec.isolated,
            internal: spec.internal,
        }
    }
}

impl TryFrom<EnsureNetwork> for Spec {
    type Error = Failure;

    fn try_from(message: EnsureNetwork) -> Result<Self, Failure> {
        let cidr = |text: &str| Cidr::parse(text).ok_or_else(|| malformed("CIDR", text));
        Ok(Self {
            gateway: cidr(&message.gateway)?,
            subnet: cidr(&message.subnet)?,
            mtu: number("MTU", message.mtu)?,
            name: message.name,
            alias: message.alias,
            masquerade: message.masquerade,
            isolated: message.isolated,
            internal: message.internal,
        })
    }
}

impl From<&Endpoint> for PublishedPort {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            protocol: endpoint.protocol as u64,
            host_ip: endpoint.host_ip.map(|address| address.to_string()),
            host_port: u64::from(endpoint.host_port),
            address: endpoint.address.to_string(),
            port: u64::from(endpoint.port),
        }
    }
}

impl TryFrom<&PublishedPort> for Endpoint {
    type Error = Failure;

    fn try_from(message: &PublishedPort) -> Result<Self, Failure> {
        let address = |text: &str| {
            text.parse::<Ipv4Addr>()
                .map_err(|_| malformed("IPv4 address", text))
        };
        let protocol = match message.protocol {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            other => return Err(malformed("protocol", &other.to_string())),
        };
        Ok(Self {
            protocol,
            host_ip: message.host_ip.as_deref().map(address).transpose()?,
            host_port: number("port", message.host_port)?,
            address: address(&message.address)?,
            port: number("port", message.port)?,
        })
    }
}

/// One line of the state file, which is all of them one after the other: what is to be done to get from nothing to what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Add(Element),
    /// Set and key of the element; the rest says nothing.
    Remove(Element),
    Clear,
}

const ADD: u16 = 1;
const REMOVE: u16 = 2;
const CLEAR: u16 = 3;

impl Entry {
    pub fn write(&self, out: &mut Writer) {
        match self {
            Self::Add(element) => out.group(ADD, element),
            Self::Remove(element) => out.group(REMOVE, element),
            Self::Clear => out.flag(CLEAR, true),
        }
    }

    /// What a change of the table means for the file; none: nothing.
    pub fn of_change(change: &Change) -> Option<Self> {
        match change {
            Change::Add(key, content) => Some(Self::Add(element(key, content))),
            Change::Remove(key) => Some(Self::Remove(element(key, &Content::default()))),
            Change::RemoveTable => Some(Self::Clear),
            Change::Install => None,
        }
    }
}

/// Everything a successor of the network process needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NetworkState {
    pub elements: Elements,
}

impl NetworkState {
    /// The shortest file that leads here.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.elements
            .iter()
            .map(|(key, content)| Entry::Add(element(key, content)))
    }

    /// Reads a file to its end or to where a write was cut off. What this release does not know is passed over.
    pub fn read(bytes: &[u8]) -> Self {
        let mut state = Self::default();
        let mut reader = Reader::new(bytes);
        while let Ok(Some(value)) = reader.next_value() {
            let known = value.group::<Element>().ok().and_then(from_element);
            match (value.tag, known) {
                (ADD, Some((key, content))) => drop(state.elements.insert(key, content)),
                (REMOVE, Some((key, _))) => drop(state.elements.remove(&key)),
                (CLEAR, _) => state.elements.clear(),
                _ => {}
            }
        }
        state
    }
}

fn element((set, key): &(Set, Vec<u8>), content: &Content) -> Element {
    Element {
        set: set.shape().name.to_owned(),
        key: key.clone(),
        data: content.data.clone(),
        owner: content.owner.clone(),
    }
}

fn from_element(element: Element) -> Option<((Set, Vec<u8>), Content)> {
    let content = Content {
        data: element.data,
        owner: element.owner,
    };
    Some(((Set::from_name(&element.set)?, element.key), content))
}
