//! UDP flows that the kernel remembers: without a connection to close they would go on to the endpoint that was there before, or past a new one.

use std::net::Ipv4Addr;

use rustix::net::netlink::NETFILTER;

use super::element::{Endpoint, Protocol};
use super::table::Published;
use crate::netlink::NetError;
use crate::netlink::socket::Socket;
use crate::netlink::wire::{Attributes, NLM_F_ACK, NLM_F_REQUEST, Writer};

const SUBSYSTEM: u16 = 1 << 8;
const GET: u16 = SUBSYSTEM | 1;
const DELETE: u16 = SUBSYSTEM | 2;
const TUPLE_ORIGINAL: u16 = 1;
const TUPLE_REPLY: u16 = 2;
const ID: u16 = 12;
const TUPLE_IP: u16 = 1;
const TUPLE_PROTO: u16 = 2;
const IP_V4_SRC: u16 = 1;
const IP_V4_DST: u16 = 2;
const PROTO_NUMBER: u16 = 1;
const PROTO_SRC_PORT: u16 = 2;
const PROTO_DST_PORT: u16 = 3;
/// `struct nfgenmsg` of `AF_INET`.
const IPV4: [u8; 4] = [2, 0, 0, 0];
const HEAD: usize = 4;

/// One direction of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tuple {
    protocol: u8,
    source: Ipv4Addr,
    source_port: u16,
    destination: Ipv4Addr,
    destination_port: u16,
}

/// Forgets the UDP flows that a change of published ports made wrong: those to a removed port that go to its endpoint, and those to an added port of
/// this host (`local`: its addresses) that go elsewhere. Flows through this host to the same port of others are left alone.
pub fn forget(change: &Published, local: &[Ipv4Addr]) -> Result<usize, NetError> {
    let is_udp = |endpoint: &&Endpoint| endpoint.protocol == Protocol::Udp;
    let removed: Vec<_> = change.removed.iter().filter(is_udp).collect();
    let added: Vec<_> = change.added.iter().filter(is_udp).collect();
    if removed.is_empty() && added.is_empty() {
        return Ok(0);
    }
    let is_local = |address: Ipv4Addr| address.is_loopback() || local.contains(&address);
    let at_port = |flow: &Tuple, endpoint: &Endpoint| {
        flow.destination_port == endpoint.host_port
            && endpoint
                .host_ip
                .is_none_or(|address| address == flow.destination)
    };
    let is_wrong = |original: &Tuple, reply: &Tuple| {
        removed
            .iter()
            .any(|endpoint| at_port(original, endpoint) && reply.source == endpoint.address)
            || added.iter().any(|endpoint| {
                at_port(original, endpoint)
                    && is_local(original.destination)
                    && reply.source != endpoint.address
            })
    };
    let mut socket = Socket::open(Some(NETFILTER))?;
    let mut forgotten = 0;
    for (_, payload) in socket.dump("conntrack.dump", GET, &IPV4, |_| {})? {
        let attributes = Attributes::after(&payload, HEAD);
        let (Some(original), Some(reply)) = (
            read_tuple(&attributes.inside(TUPLE_ORIGINAL)),
            read_tuple(&attributes.inside(TUPLE_REPLY)),
        ) else {
            continue;
        };
        if original.protocol == Protocol::Udp as u8 && is_wrong(&original, &reply) {
            forgotten += usize::from(delete(&mut socket, &original, attributes.get(ID))?);
        }
    }
    Ok(forgotten)
}

fn delete(socket: &mut Socket, flow: &Tuple, id: Option<&[u8]>) -> Result<bool, NetError> {
    let mut writer = Writer::new();
    writer.message(DELETE, NLM_F_REQUEST | NLM_F_ACK, &IPV4, |m| {
        m.nested(TUPLE_ORIGINAL, |tuple| write_tuple(tuple, flow));
        if let Some(id) = id {
            m.attribute(ID, id);
        }
    });
    match socket.request("conntrack.delete", writer) {
        Ok(()) => Ok(true),
        Err(failed) if failed.error.errno == libc::ENOENT => Ok(false), // it ended by itself
        Err(failed) => Err(failed.error),
    }
}

fn write_tuple(writer: &mut Writer, flow: &Tuple) {
    writer.nested(TUPLE_IP, |ip| {
        ip.attribute(IP_V4_SRC, &flow.source.octets());
        ip.attribute(IP_V4_DST, &flow.destination.octets());
    });
    writer.nested(TUPLE_PROTO, |proto| {
        proto.attribute(PROTO_NUMBER, &[flow.protocol]);
        proto.attribute(PROTO_SRC_PORT, &flow.source_port.to_be_bytes());
        proto.attribute(PROTO_DST_PORT, &flow.destination_port.to_be_bytes());
    });
}

fn read_tuple(attributes: &Attributes<'_>) -> Option<Tuple> {
    let (ip, proto) = (attributes.inside(TUPLE_IP), attributes.inside(TUPLE_PROTO));
    let address = |kind| Some(Ipv4Addr::from(<[u8; 4]>::try_from(ip.get(kind)?).ok()?));
    let port = |kind| Some(u16::from_be_bytes(proto.get(kind)?.try_into().ok()?));
    Some(Tuple {
        protocol: *proto.get(PROTO_NUMBER)?.first()?,
        source: address(IP_V4_SRC)?,
        source_port: port(PROTO_SRC_PORT)?,
        destination: address(IP_V4_DST)?,
        destination_port: port(PROTO_DST_PORT)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_is_read_as_it_was_written() {
        let flow = Tuple {
            protocol: 17,
            source: Ipv4Addr::new(10, 0, 0, 1),
            source_port: 4000,
            destination: Ipv4Addr::LOCALHOST,
            destination_port: 53,
        };
        let mut writer = Writer::new();
        write_tuple(&mut writer, &flow);
        assert_eq!(read_tuple(&Attributes(writer.bytes())), Some(flow));
        for length in 0..writer.len() {
            assert_eq!(
                read_tuple(&Attributes(&writer.bytes()[..length])),
                None,
                "{length}"
            );
        }
    }
}
