//! Links, addresses and routes over our own rtnetlink writer; no library, no process. Message layouts: rtnetlink(7), linux/rtnetlink.h.

mod bridge;
mod dump;
mod listeners;
pub mod monitor;
pub mod socket;
pub mod wire;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

pub use bridge::{Bridge, BridgeError};
pub use dump::{Address, Link, Route};
pub use listeners::{Listener, listeners};
use socket::Socket;
use wire::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST, Writer};

const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const RTM_SETLINK: u16 = 19;
const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
const RTM_GETADDR: u16 = 22;
const RTM_NEWROUTE: u16 = 24;
const RTM_GETROUTE: u16 = 26;

const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_IFALIAS: u16 = 20;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_INFO_SLAVE_KIND: u16 = 4;
const IFLA_INFO_SLAVE_DATA: u16 = 5;
const IFLA_BRPORT_MODE: u16 = 4;
const VETH_INFO_PEER: u16 = 1;
const IFF_UP: u32 = 1;

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_BROADCAST: u16 = 4;
const IFA_FLAGS: u16 = 8;
const IFA_F_NODAD: u32 = 2;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RT_TABLE_MAIN: u8 = 254;
const RTPROT_STATIC: u8 = 4;
const RTN_UNICAST: u8 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// The loopback device is the first one of every network namespace (`LOOPBACK_IFINDEX`, `linux/net_namespace.h`).
const LOOPBACK: u32 = 1;
/// `IFALIASZ` less the NUL, linux/if.h.
const MAX_ALIAS: usize = 255;
/// `IFNAMSIZ` less the NUL.
const MAX_NAME: usize = 15;

/// A failed netlink request: what was asked, the errno and the kernel's extended text.
#[derive(Debug)]
pub struct NetError {
    pub step: &'static str,
    pub errno: i32,
    pub message: String,
}

impl NetError {
    pub(crate) fn io(step: &'static str, error: &io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        Self {
            step,
            errno,
            message: error.to_string(),
        }
    }

    pub(crate) fn invalid(step: &'static str, message: String) -> Self {
        Self {
            step,
            errno: libc::EINVAL,
            message,
        }
    }

    fn protocol(step: &'static str) -> Self {
        Self {
            step,
            errno: libc::EPROTO,
            message: String::from("the kernel's answer is not understood"),
        }
    }

    /// The same failure with the object it happened on in front.
    pub(crate) fn on(mut self, object: &str) -> Self {
        self.message = format!("{object}: {}", self.message);
        self
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.message)
    }
}

impl std::error::Error for NetError {}

/// A CIDR: address and prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    pub address: IpAddr,
    pub prefix: u8,
}

impl Cidr {
    /// `10.88.0.1/24` or `fd00::1/64`; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        if prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self { address, prefix })
    }

    /// The network this address lies in: host bits cleared.
    #[must_use]
    pub fn network(self) -> Self {
        let address = match self.address {
            IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & mask_v4(self.prefix)).into()),
            IpAddr::V6(v6) => {
                let mask = u128::MAX
                    .checked_shl(u32::from(128 - self.prefix.min(128)))
                    .unwrap_or(0);
                IpAddr::V6((v6.to_bits() & mask).into())
            }
        };
        Self {
            address,
            prefix: self.prefix,
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

pub(crate) fn mask_v4(prefix: u8) -> u32 {
    u32::MAX
        .checked_shl(u32::from(32 - prefix.min(32)))
        .unwrap_or(0)
}

/// A veth pair made in place: one end on the host and in a bridge, the other inside the container's namespace from the start.
#[derive(Clone, Debug)]
pub struct Veth {
    pub host_name: String,
    pub alias: String,
    pub bridge: String,
    pub inner_name: String,
    pub mac: [u8; 6],
    pub mtu: u32,
}

/// What the process inside a new network namespace sets up for itself.
#[derive(Clone, Debug)]
pub struct Inside {
    pub interfaces: Vec<InsideInterface>,
}

#[derive(Clone, Debug)]
pub struct InsideInterface {
    pub name: String,
    pub addresses: Vec<Cidr>,
    pub gateway: Option<IpAddr>,
}

/// A socket of family `NETLINK_ROUTE` in the namespace of its creator.
pub struct Netlink {
    socket: Socket,
}

impl Netlink {
    pub fn open() -> Result<Self, NetError> {
        Ok(Self {
            socket: Socket::open(None)?,
        })
    }

    /// One `RTM_NEWLINK`: name, MTU, master, up, and the peer with name, MAC and `IFLA_NET_NS_FD`. An existing host end with our alias is replaced.
    /// The alias follows in a message of its own, because the kernel takes none at creation and must not put it on somebody else's link; so does
    /// hairpin mode, by which a container reaches itself through a published port on hosts with `bridge-nf-call-iptables`.
    pub fn create_veth(
        &mut self,
        veth: &Veth,
        inner_namespace: BorrowedFd<'_>,
    ) -> Result<(), NetError> {
        const STEP: &str = "netlink.veth";
        check_names(STEP, &[&veth.host_name, &veth.inner_name], &veth.alias)?;
        let bridge = self.link_by_name(&veth.bridge)?.ok_or_else(|| NetError {
            step: STEP,
            errno: libc::ENODEV,
            message: format!("there is no bridge {}", veth.bridge),
        })?;
        if let Err(error) = self
            .socket
            .request(STEP, veth_message(veth, bridge.index, inner_namespace))
        {
            if error.error.errno != libc::EEXIST {
                return Err(error.error.on(&veth.host_name));
            }
            self.remove_own_veth(veth)?;
            self.socket
                .request(STEP, veth_message(veth, bridge.index, inner_namespace))
                .map_err(|e| e.error.on(&veth.host_name))?;
        }
        let mut writer = Writer::new();
        writer.message(
            RTM_NEWLINK,
            NLM_F_REQUEST | NLM_F_ACK,
            &link_head(0, 0, 0),
            |m| {
                m.text(IFLA_IFNAME, &veth.host_name);
                m.attribute(IFLA_IFALIAS, veth.alias.as_bytes());
                m.nested(IFLA_LINKINFO, |info| {
                    info.text(IFLA_INFO_SLAVE_KIND, "bridge");
                    info.nested(IFLA_INFO_SLAVE_DATA, |port| {
                        port.attribute(IFLA_BRPORT_MODE, &[1]);
                    });
                });
            },
        );
        self.socket
            .request(STEP, writer)
            .map_err(|error| error.error.on(&veth.host_name))
    }

    fn remove_own_veth(&mut self, veth: &Veth) -> Result<(), NetError> {
        match self.link_by_name(&veth.host_name)? {
            Some(link) if link.alias.as_deref() == Some(veth.alias.as_str()) => {
                self.delete_link(link.index)
            }
            Some(link) => Err(NetError {
                step: "netlink.veth",
                errno: libc::EEXIST,
                message: format!(
                    "{} exists and is not ours: its alias is {:?}",
                    veth.host_name,
                    link.alias.unwrap_or_default()
                ),
            }),
            None => Ok(()),
        }
    }

    /// Brings up `lo` and the interfaces, adds addresses and default routes: one `sendmsg` after one look at the links, called inside the namespace
    /// from its single-threaded child. Repeatable. Further interfaces get their default route at a higher metric.
    pub fn configure_inside(&mut self, inside: &Inside) -> Result<(), NetError> {
        const STEP: &str = "netlink.inside";
        let links = if inside.interfaces.is_empty() {
            Vec::new()
        } else {
            self.links()?
        };
        let mut writer = Writer::new();
        set_up(&mut writer, LOOPBACK);
        for (position, interface) in (0_u32..).zip(&inside.interfaces) {
            let link = links
                .iter()
                .find(|link| link.name == interface.name)
                .ok_or_else(|| NetError {
                    step: STEP,
                    errno: libc::ENODEV,
                    message: format!("there is no {} in the namespace", interface.name),
                })?;
            set_up(&mut writer, link.index);
            for address in &interface.addresses {
                add_address(&mut writer, link.index, *address);
            }
            if let Some(gateway) = interface.gateway {
                add_default_route(&mut writer, link.index, gateway, position);
            }
        }
        self.socket.request(STEP, writer).map_err(NetError::from)
    }

    /// Removes a link. Already gone: success.
    pub fn delete_link(&mut self, index: u32) -> Result<(), NetError> {
        let mut writer = Writer::new();
        writer.message(
            RTM_DELLINK,
            NLM_F_REQUEST | NLM_F_ACK,
            &link_head(index, 0, 0),
            |_| {},
        );
        match self.socket.request("netlink.delete", writer) {
            Err(failed) if failed.error.errno != libc::ENODEV => Err(failed.error),
            _ => Ok(()),
        }
    }
}

fn check_names(step: &'static str, names: &[&str], alias: &str) -> Result<(), NetError> {
    for name in names {
        let bad =
            |byte: u8| byte <= b' ' || byte == b'/' || byte == b':' || byte == b'%' || byte == 0x7f;
        if name.is_empty()
            || name.len() > MAX_NAME
            || *name == "."
            || *name == ".."
            || name.bytes().any(bad)
        {
            return Err(NetError::invalid(
                step,
                format!("{name:?} cannot be the name of a link"),
            ));
        }
    }
    if alias.is_empty() || alias.len() > MAX_ALIAS || alias.contains('\0') {
        return Err(NetError::invalid(
            step,
            format!("{alias:?} cannot be the alias of a link: 1 to {MAX_ALIAS} bytes"),
        ));
    }
    Ok(())
}

/// `struct ifinfomsg`: family, type, index, flags, change mask.
fn link_head(index: u32, flags: u32, change: u32) -> [u8; 16] {
    let mut head = [0; 16];
    head[4..8].copy_from_slice(&index.to_ne_bytes());
    head[8..12].copy_from_slice(&flags.to_ne_bytes());
    head[12..16].copy_from_slice(&change.to_ne_bytes());
    head
}

fn veth_message(veth: &Veth, bridge: u32, inner_namespace: BorrowedFd<'_>) -> Writer {
    let mut writer = Writer::new();
    let flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    writer.message(RTM_NEWLINK, flags, &link_head(0, IFF_UP, IFF_UP), |m| {
        m.text(IFLA_IFNAME, &veth.host_name);
        m.u32(IFLA_MTU, veth.mtu);
        m.u32(IFLA_MASTER, bridge);
        m.nested(IFLA_LINKINFO, |info| {
            info.text(IFLA_INFO_KIND, "veth");
            info.nested(IFLA_INFO_DATA, |data| {
                data.nested(VETH_INFO_PEER, |peer| {
                    peer.raw(&link_head(0, 0, 0));
                    peer.text(IFLA_IFNAME, &veth.inner_name);
                    peer.attribute(IFLA_ADDRESS, &veth.mac);
                    peer.u32(IFLA_MTU, veth.mtu);
                    peer.u32(IFLA_NET_NS_FD, inner_namespace.as_raw_fd().cast_unsigned());
                });
            });
        });
    });
    writer
}

fn set_up(writer: &mut Writer, index: u32) {
    writer.message(
        RTM_SETLINK,
        NLM_F_REQUEST | NLM_F_ACK,
        &link_head(index, IFF_UP, IFF_UP),
        |_| {},
    );
}

fn address_bytes(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn family(address: IpAddr) -> u8 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// `struct ifaddrmsg`: family, prefix length, flags, scope, index.
fn address_head(index: u32, cidr: Cidr) -> [u8; 8] {
    let mut head = [family(cidr.address), cidr.prefix, 0, 0, 0, 0, 0, 0];
    head[4..8].copy_from_slice(&index.to_ne_bytes());
    head
}

fn add_address(writer: &mut Writer, index: u32, cidr: Cidr) {
    let flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
    writer.message(RTM_NEWADDR, flags, &address_head(index, cidr), |m| {
        let bytes = address_bytes(cidr.address);
        m.attribute(IFA_LOCAL, &bytes);
        m.attribute(IFA_ADDRESS, &bytes);
        match cidr.address {
            IpAddr::V4(v4) if cidr.prefix < 31 => {
                m.attribute(
                    IFA_BROADCAST,
                    &(v4.to_bits() | !mask_v4(cidr.prefix)).to_be_bytes(),
                );
            }
            IpAddr::V4(_) => {}
            IpAddr::V6(_) => m.u32(IFA_FLAGS, IFA_F_NODAD),
        }
    });
}

fn add_default_route(writer: &mut Writer, index: u32, gateway: IpAddr, metric: u32) {
    // struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope (universe), type, flags
    let head = [
        family(gateway),
        0,
        0,
        0,
        RT_TABLE_MAIN,
        RTPROT_STATIC,
        0,
        RTN_UNICAST,
        0,
        0,
        0,
        0,
    ];
    let flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
    writer.message(RTM_NEWROUTE, flags, &head, |m| {
        m.attribute(RTA_GATEWAY, &address_bytes(gateway));
        m.u32(RTA_OIF, index);
        if metric > 0 {
            m.u32(RTA_PRIORITY, metric);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cidr_is_read_or_refused() {
        for good in [
            "10.88.0.1/24",
            "0.0.0.0/0",
            "fd00::1/64",
            "255.255.255.255/32",
        ] {
            assert_eq!(
                Cidr::parse(good).map(|cidr| cidr.to_string()).as_deref(),
                Some(good)
            );
        }
        for bad in [
            "10.88.0.1",
            "10.88.0.1/33",
            "fd00::1/129",
            "10.88.0/24",
            "/24",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "1.2.3.4/1000",
        ] {
            assert_eq!(Cidr::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn host_bits_are_cleared() {
        let network = |text: &str| Cidr::parse(text).expect("cidr").network().to_string();
        assert_eq!(network("10.88.7.9/24"), "10.88.7.0/24");
        assert_eq!(network("10.88.7.9/32"), "10.88.7.9/32");
        assert_eq!(network("10.88.7.9/0"), "0.0.0.0/0");
        assert_eq!(network("fd00:1:2:3:4::5/64"), "fd00:1:2:3::/64");
        assert_eq!(network("fd00::5/0"), "::/0");
    }

    #[test]
    fn names_the_kernel_would_refuse_never_reach_it() {
        assert!(check_names("t", &["ts0"], "tsdock:x").is_ok());
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a b",
            "a:b",
            "sixteen-bytes-xx",
            "t%d",
        ] {
            assert!(check_names("t", &[bad], "a").is_err(), "{bad}");
        }
        assert!(check_names("t", &["ts0"], "").is_err());
    }

    /// Golden bytes (little endian); `tests/netlink.rs` shows that the kernel takes them.
    #[test]
    fn the_veth_message_is_stable() {
        let veth = Veth {
            host_name: String::from("tsv0"),
            alias: String::from("tsdock:x"),
            bridge: String::from("tsb0"),
            inner_name: String::from("eth0"),
            mac: [2, 0, 0, 0, 0, 9],
            mtu: 1500,
        };
        let stdin = std::io::stdin();
        let bytes = veth_message(&veth, 7, std::os::fd::AsFd::as_fd(&stdin))
            .finish(1)
            .expect("fits");
        let words: Vec<String> = bytes
            .chunks(4)
            .map(|word| {
                word.iter()
                    .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
            })
            .collect();
        assert_eq!(
            words.join(" "),
            "8c000000 10000506 01000000 00000000 00000000 00000000 01000000 01000000 09000300 \
             74737630 00000000 08000400 dc050000 08000a00 07000000 50001280 09000100 76657468 \
             00000000 40000280 3c000180 00000000 00000000 00000000 00000000 09000300 65746830 \
             00000000 0a000100 02000000 00090000 08000400 dc050000 08001c00 00000000"
        );
    }
}
