//! Bridges of the engine. Ownership is the alias: a link without it is never changed.

use std::fmt;
use std::fs;

use super::wire::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, Writer};
use super::{
    Cidr, IFF_UP, IFLA_ADDRESS, IFLA_IFALIAS, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO,
    IFLA_MASTER, IFLA_MTU, Link, NetError, Netlink, RTM_DELADDR, RTM_NEWLINK, RTM_SETLINK,
    add_address, address_bytes, address_head, check_names, link_head,
};

const STEP: &str = "netlink.bridge";
const IFA_LOCAL: u16 = super::IFA_LOCAL;

/// What a bridge shall be.
#[derive(Clone, Debug)]
pub struct Bridge {
    pub name: String,
    pub alias: String,
    /// The bridge's own address; the gateway of its members.
    pub gateway: Cidr,
    pub mtu: u32,
}

/// Why a bridge could not be made or removed.
#[derive(Debug)]
pub enum BridgeError {
    /// A link of that name exists and does not carry the alias that was expected.
    NotOurs {
        name: String,
        alias: Option<String>,
    },
    Net(NetError),
}

impl From<NetError> for BridgeError {
    fn from(error: NetError) -> Self {
        Self::Net(error)
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs {
                name,
                alias: Some(alias),
            } => write!(
                f,
                "link {name} exists and is not ours: its alias is {alias:?}"
            ),
            Self::NotOurs { name, alias: None } => {
                write!(f, "link {name} exists and is not ours: it has no alias")
            }
            Self::Net(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BridgeError {}

impl Netlink {
    /// Makes the bridge exist with exactly these settings and returns its index. Repeatable; never touches a link without our alias, but for a bridge of
    /// that name that is down, without alias, address and member: what a process that died between making and marking leaves.
    pub fn ensure_bridge(&mut self, want: &Bridge) -> Result<u32, BridgeError> {
        check_names(STEP, &[&want.name], &want.alias)?;
        let link = match self.link_by_name(&want.name)? {
            Some(link) => link,
            None => self.new_bridge(want)?,
        };
        if link.alias.as_deref() != Some(want.alias.as_str())
            && !self.is_unmarked_leftover(&link)?
        {
            return Err(BridgeError::NotOurs {
                name: link.name,
                alias: link.alias,
            });
        }
        if link.kind.as_deref() != Some("bridge") {
            return Err(BridgeError::NotOurs {
                name: link.name,
                alias: link.alias,
            });
        }
        let mut writer = Writer::new();
        if link.alias.is_none()
            || link.mtu != want.mtu
            || !link.up
            || link.mac != Some(stable_mac(want))
        {
            writer.message(
                RTM_SETLINK,
                NLM_F_REQUEST | NLM_F_ACK,
                &link_head(link.index, 0, 0),
                |m| {
                    m.attribute(IFLA_IFALIAS, want.alias.as_bytes());
                    m.u32(IFLA_MTU, want.mtu);
                    m.attribute(IFLA_ADDRESS, &stable_mac(want));
                },
            );
        }
        self.correct_addresses(&mut writer, link.index, want.gateway)?;
        if writer.messages() > 0 {
            self.socket
                .request(STEP, writer)
                .map_err(|failed| failed.error.on(&want.name))?;
        }
        set_sysctls(&want.name)?;
        if !link.up {
            let mut writer = Writer::new();
            super::set_up(&mut writer, link.index);
            self.socket
                .request(STEP, writer)
                .map_err(|failed| failed.error.on(&want.name))?;
        }
        Ok(link.index)
    }

    /// Makes veths that have no master and whose alias satisfies `ours` ports of the bridge: a bridge that somebody removed takes none of them along.
    pub fn adopt_ports(
        &mut self,
        bridge: u32,
        ours: impl Fn(&str) -> bool,
    ) -> Result<(), BridgeError> {
        let mut writer = Writer::new();
        for link in self.links()? {
            let is_lost = link.kind.as_deref() == Some("veth") && link.master.is_none();
            if is_lost && link.alias.as_deref().is_some_and(&ours) {
                writer.message(
                    RTM_SETLINK,
                    NLM_F_REQUEST | NLM_F_ACK,
                    &link_head(link.index, 0, 0),
                    |m| m.u32(IFLA_MASTER, bridge),
                );
            }
        }
        if writer.messages() > 0 {
            self.socket
                .request(STEP, writer)
                .map_err(|failed| failed.error)?;
        }
        Ok(())
    }

    /// Removes a bridge whose alias satisfies `ours`. Absent: success. Its ports lose their master and stay.
    pub fn remove_bridge(
        &mut self,
        name: &str,
        ours: impl Fn(&str) -> bool,
    ) -> Result<(), BridgeError> {
        match self.link_by_name(name)? {
            None => Ok(()),
            Some(link)
                if link.kind.as_deref() == Some("bridge")
                    && link.alias.as_deref().is_some_and(ours) =>
            {
                Ok(self.delete_link(link.index)?)
            }
            Some(link) if self.is_unmarked_leftover(&link)? => Ok(self.delete_link(link.index)?),
            Some(link) => Err(BridgeError::NotOurs {
                name: link.name,
                alias: link.alias,
            }),
        }
    }

    fn new_bridge(&mut self, want: &Bridge) -> Result<Link, BridgeError> {
        let mut writer = Writer::new();
        writer.message(
            RTM_NEWLINK,
            NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
            &link_head(0, 0, IFF_UP),
            |m| {
                m.text(IFLA_IFNAME, &want.name);
                // An address of its own: else it takes the lowest of its ports', and changes with them.
                m.attribute(IFLA_ADDRESS, &stable_mac(want));
                m.nested(IFLA_LINKINFO, |info| info.text(IFLA_INFO_KIND, "bridge"));
            },
        );
        self.socket
            .request(STEP, writer)
            .map_err(|failed| failed.error.on(&want.name))?;
        let missing = || NetError {
            step: STEP,
            errno: libc::ENODEV,
            message: format!("{} vanished while it was made", want.name),
        };
        Ok(self.link_by_name(&want.name)?.ok_or_else(missing)?)
    }

    fn is_unmarked_leftover(&mut self, link: &Link) -> Result<bool, NetError> {
        if link.alias.is_some() || link.up || link.kind.as_deref() != Some("bridge") {
            return Ok(false);
        }
        let has_member = self
            .links()?
            .iter()
            .any(|other| other.master == Some(link.index));
        let has_address = self
            .addresses()?
            .iter()
            .any(|address| address.index == link.index);
        Ok(!has_member && !has_address)
    }

    fn correct_addresses(
        &mut self,
        writer: &mut Writer,
        index: u32,
        gateway: Cidr,
    ) -> Result<(), NetError> {
        let mut present = false;
        for address in self
            .addresses()?
            .iter()
            .filter(|address| address.index == index)
        {
            if address.cidr == gateway {
                present = true;
            } else if address.cidr.address.is_ipv4() == gateway.address.is_ipv4() {
                writer.message(
                    RTM_DELADDR,
                    NLM_F_REQUEST | NLM_F_ACK,
                    &address_head(index, address.cidr),
                    |m| {
                        m.attribute(IFA_LOCAL, &address_bytes(address.cidr.address));
                    },
                );
            }
        }
        if !present {
            add_address(writer, index, gateway);
        }
        Ok(())
    }
}

/// A locally administered address that depends on alias and name alone, so that it outlives the bridge (FNV-1a).
fn stable_mac(bridge: &Bridge) -> [u8; 6] {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bridge.alias.bytes().chain([0]).chain(bridge.name.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let mut mac = [0x02; 6];
    mac[1..].copy_from_slice(&hash.to_be_bytes()[3..]);
    mac
}

/// `route_localnet`: replies to connections that the host made to 127.0.0.1. IPv6 is off: a network without an IPv6 subnet takes no
/// router's word (Documentation/networking/ip-sysctl.rst).
fn set_sysctls(name: &str) -> Result<(), NetError> {
    write_sysctl(
        &format!("/proc/sys/net/ipv4/conf/{name}/route_localnet"),
        "1",
        Presence::Required,
    )?;
    write_sysctl(
        &format!("/proc/sys/net/ipv6/conf/{name}/accept_ra"),
        "0",
        Presence::Optional,
    )?;
    write_sysctl(
        &format!("/proc/sys/net/ipv6/conf/{name}/disable_ipv6"),
        "1",
        Presence::Optional,
    )
}

impl Netlink {
    /// Lets this namespace route IPv4, if it does not yet: without it nothing passes from a bridge to another link.
    pub fn enable_forwarding(&mut self) -> Result<(), NetError> {
        write_sysctl("/proc/sys/net/ipv4/ip_forward", "1", Presence::Required)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    /// A kernel without IPv6 has no such file, and needs none.
    Optional,
}

fn write_sysctl(path: &str, value: &str, presence: Presence) -> Result<(), NetError> {
    const STEP: &str = "netlink.sysctl";
    match fs::read_to_string(path) {
        Ok(found) if found.trim_end() == value => Ok(()),
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && presence == Presence::Optional =>
        {
            Ok(())
        }
        _ => fs::write(path, value).map_err(|error| NetError::io(STEP, &error).on(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_bridge_is_local_unicast_and_depends_on_its_alias() {
        let bridge = |alias: &str| Bridge {
            name: String::from("ts0"),
            alias: alias.to_owned(),
            gateway: Cidr::parse("10.0.0.1/24").expect("cidr"),
            mtu: 1500,
        };
        assert_eq!(stable_mac(&bridge("a"))[0], 2);
        assert_eq!(stable_mac(&bridge("a")), stable_mac(&bridge("a")));
        assert_ne!(stable_mac(&bridge("a")), stable_mac(&bridge("b")));
    }
}
