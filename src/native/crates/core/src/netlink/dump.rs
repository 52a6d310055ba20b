//! What the kernel has: links, addresses, routes.

use std::net::IpAddr;

use super::wire::{Attributes, NLM_F_ACK, NLM_F_REQUEST, Writer, read_u32};
use super::{
    Cidr, IFA_ADDRESS, IFA_LOCAL, IFF_UP, IFLA_ADDRESS, IFLA_IFALIAS, IFLA_IFNAME, IFLA_INFO_KIND,
    IFLA_LINKINFO, IFLA_MASTER, IFLA_MTU, NetError, Netlink, RTA_DST, RTA_OIF, RTM_GETADDR,
    RTM_GETLINK, RTM_GETROUTE, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE, RTN_UNICAST, link_head,
};

/// A link of this namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub index: u32,
    pub name: String,
    /// `ifalias`; none when there is none or it is not UTF-8.
    pub alias: Option<String>,
    /// `IFLA_INFO_KIND`: `bridge`, `veth`; none for plain devices.
    pub kind: Option<String>,
    pub up: bool,
    pub mtu: u32,
    /// Index of the bridge it is a port of.
    pub master: Option<u32>,
    pub mac: Option<[u8; 6]>,
}

/// An address of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub index: u32,
    pub cidr: Cidr,
}

/// A unicast route of any table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub destination: Cidr,
    pub device: Option<u32>,
}

impl Netlink {
    pub fn links(&mut self) -> Result<Vec<Link>, NetError> {
        let messages =
            self.socket
                .dump("netlink.links", RTM_GETLINK, &link_head(0, 0, 0), |_| {})?;
        Ok(messages
            .iter()
            .filter(|(kind, _)| *kind == RTM_NEWLINK)
            .filter_map(|(_, payload)| parse_link(payload))
            .collect())
    }

    /// None: there is no such link.
    pub fn link_by_name(&mut self, name: &str) -> Result<Option<Link>, NetError> {
        let mut writer = Writer::new();
        // With an acknowledgement the answer is complete when that arrives, and an absent link is an error in its place.
        writer.message(
            RTM_GETLINK,
            NLM_F_REQUEST | NLM_F_ACK,
            &link_head(0, 0, 0),
            |m| m.text(IFLA_IFNAME, name),
        );
        match self.socket.query("netlink.link", writer) {
            Ok(messages) => Ok(messages.iter().find_map(|(_, payload)| parse_link(payload))),
            Err(error) if error.errno == libc::ENODEV => Ok(None),
            Err(error) => Err(error.on(name)),
        }
    }

    pub fn addresses(&mut self) -> Result<Vec<Address>, NetError> {
        let messages = self
            .socket
            .dump("netlink.addresses", RTM_GETADDR, &[0; 8], |_| {})?;
        Ok(messages
            .iter()
            .filter(|(kind, _)| *kind == RTM_NEWADDR)
            .filter_map(|(_, payload)| parse_address(payload))
            .collect())
    }

    /// Unicast routes of IPv4 and IPv6 in all tables, cached clones left out.
    pub fn routes(&mut self) -> Result<Vec<Route>, NetError> {
        let messages = self
            .socket
            .dump("netlink.routes", RTM_GETROUTE, &[0; 12], |_| {})?;
        Ok(messages
            .iter()
            .filter(|(kind, _)| *kind == RTM_NEWROUTE)
            .filter_map(|(_, payload)| parse_route(payload))
            .collect())
    }
}

pub(super) fn parse_link(payload: &[u8]) -> Option<Link> {
    let attributes = Attributes::after(payload, 16);
    Some(Link {
        index: read_u32(payload, 4)?,
        name: attributes.text(IFLA_IFNAME)?.to_owned(),
        alias: attributes.text(IFLA_IFALIAS).map(str::to_owned),
        kind: attributes
            .inside(IFLA_LINKINFO)
            .text(IFLA_INFO_KIND)
            .map(str::to_owned),
        up: read_u32(payload, 8)? & IFF_UP != 0,
        mtu: attributes.u32(IFLA_MTU).unwrap_or(0),
        master: attributes.u32(IFLA_MASTER),
        mac: attributes
            .get(IFLA_ADDRESS)
            .and_then(|bytes| bytes.try_into().ok()),
    })
}

fn parse_address(payload: &[u8]) -> Option<Address> {
    let attributes = Attributes::after(payload, 8);
    let (family, prefix) = (*payload.first()?, *payload.get(1)?);
    // On point-to-point links IFA_ADDRESS is the other side; IPv6 has no IFA_LOCAL there.
    let bytes = attributes
        .get(IFA_LOCAL)
        .or_else(|| attributes.get(IFA_ADDRESS))?;
    Some(Address {
        index: read_u32(payload, 4)?,
        cidr: Cidr {
            address: read_address(family, bytes)?,
            prefix,
        },
    })
}

fn parse_route(payload: &[u8]) -> Option<Route> {
    const CLONED: u32 = 0x200;
    let attributes = Attributes::after(payload, 12);
    let (family, prefix, kind) = (*payload.first()?, *payload.get(1)?, *payload.get(7)?);
    if kind != RTN_UNICAST || read_u32(payload, 8)? & CLONED != 0 {
        return None;
    }
    let address = match attributes.get(RTA_DST) {
        Some(bytes) => read_address(family, bytes)?,
        None => read_address(family, &[0; 16])?,
    };
    Some(Route {
        destination: Cidr { address, prefix },
        device: attributes.u32(RTA_OIF),
    })
}

fn read_address(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        super::AF_INET => Some(IpAddr::from(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?)),
        super::AF_INET6 => Some(IpAddr::from(<[u8; 16]>::try_from(bytes.get(..16)?).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_route_has_no_destination_attribute() {
        let mut payload = vec![2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0];
        payload.extend_from_slice(&[8, 0, 4, 0, 3, 0, 0, 0]);
        let route = parse_route(&payload).expect("route");
        assert_eq!(
            (route.destination.to_string().as_str(), route.device),
            ("0.0.0.0/0", Some(3))
        );
        payload[7] = 3; // broadcast
        assert_eq!(parse_route(&payload), None);
        assert_eq!(parse_route(&payload[..7]), None);
    }
}
