//! Sockets of this host that already serve a port (`NETLINK_SOCK_DIAG`, `linux/inet_diag.h`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustix::net::netlink::SOCK_DIAG;

use super::socket::Socket;
use super::wire::Attributes;
use super::{AF_INET, AF_INET6, NetError};

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const SKV6ONLY: u16 = 11;
/// `linux/tcp_states.h`: a UDP socket that is bound and not connected counts as closed.
const TCP_CLOSE: u32 = 7;
const TCP_LISTEN: u32 = 10;
/// Length of `struct inet_diag_msg`.
const HEAD: usize = 72;

/// A socket that takes what arrives at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// 6 or 17.
    pub protocol: u8,
    /// What it is bound to; an unspecified IPv6 address takes IPv4 too unless `v6_only`.
    pub address: IpAddr,
    pub port: u16,
    pub v6_only: bool,
}

impl Listener {
    /// Whether it would get what is sent to this address and port; none: to any IPv4 address of the host.
    pub fn takes(&self, protocol: u8, address: Option<Ipv4Addr>, port: u16) -> bool {
        let meets = match self.address {
            IpAddr::V4(own) => {
                own.is_unspecified()
                    || address.is_none_or(|wanted| wanted.is_unspecified() || wanted == own)
            }
            IpAddr::V6(own) => match own.to_ipv4_mapped() {
                Some(mapped) => address.is_none_or(|wanted| wanted == mapped),
                None => own.is_unspecified() && !self.v6_only,
            },
        };
        self.protocol == protocol && self.port == port && meets
    }
}

/// All listening TCP sockets and unconnected UDP sockets of this namespace.
pub fn listeners() -> Result<Vec<Listener>, NetError> {
    let mut socket = Socket::open(Some(SOCK_DIAG))?;
    let mut found = Vec::new();
    for family in [AF_INET, AF_INET6] {
        for (protocol, state) in [(6_u8, TCP_LISTEN), (17, TCP_CLOSE)] {
            // struct inet_diag_req_v2: family, protocol, ext, pad, states, and an empty inet_diag_sockid
            let mut request = [0; 56];
            request[0] = family;
            request[1] = protocol;
            request[4..8].copy_from_slice(&(1_u32 << state).to_ne_bytes());
            for (_, payload) in
                socket.dump("netlink.listeners", SOCK_DIAG_BY_FAMILY, &request, |_| {})?
            {
                found.extend(parse(protocol, &payload));
            }
        }
    }
    Ok(found)
}

/// `struct inet_diag_msg`: family, state, timer, retrans, then the socket's id: source port, destination port, source address.
fn parse(protocol: u8, payload: &[u8]) -> Option<Listener> {
    let port = u16::from_be_bytes(payload.get(4..6)?.try_into().ok()?);
    let source: [u8; 16] = payload.get(8..24)?.try_into().ok()?;
    let address = match *payload.first()? {
        AF_INET => IpAddr::V4(Ipv4Addr::new(source[0], source[1], source[2], source[3])),
        AF_INET6 => IpAddr::V6(Ipv6Addr::from(source)),
        _ => return None,
    };
    let v6_only = Attributes::after(payload, HEAD)
        .get(SKV6ONLY)
        .is_some_and(|flag| flag.first() == Some(&1));
    Some(Listener {
        protocol,
        address,
        port,
        v6_only,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn sockets_of_this_host_are_found_by_what_they_take() {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("bound");
        let udp = UdpSocket::bind("0.0.0.0:0").expect("bound");
        let tcp_port = tcp.local_addr().expect("address").port();
        let udp_port = udp.local_addr().expect("address").port();
        let all = listeners().expect("dump");
        let taken = |protocol, address: Option<Ipv4Addr>, port| {
            all.iter()
                .any(|listener| listener.takes(protocol, address, port))
        };
        assert!(taken(6, None, tcp_port) && taken(6, Some(Ipv4Addr::LOCALHOST), tcp_port));
        assert!(
            !taken(6, Some(Ipv4Addr::new(192, 0, 2, 9)), tcp_port) && !taken(17, None, tcp_port)
        );
        assert!(taken(17, Some(Ipv4Addr::new(192, 0, 2, 9)), udp_port));
    }
}
