//! The engine's networks on this host: bridges and the table together. What carries neither our alias nor our table's name is not touched.

use std::net::{IpAddr, Ipv4Addr};

use crate::errno;
use crate::failure::Failure;
use crate::netlink::{Bridge, BridgeError, Cidr, Link, NetError, Netlink};
use crate::nft::{
    Change, Elements, Endpoint, Firewall, FirewallError, Network, Protocol, Published, conntrack,
};
use crate::ports::HostPort;
use crate::procfs;

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        let message = format!(
            "{}: {}: {}",
            error.step,
            errno::name(error.errno),
            error.message
        );
        Self {
            call: String::from("netlink"),
            ..Self::plain(errno::name(error.errno), error.step, message)
        }
    }
}

impl From<BridgeError> for Failure {
    fn from(error: BridgeError) -> Self {
        match error {
            BridgeError::NotOurs { .. } => Self::plain(
                "E_NOT_OURS",
                "netlink.bridge",
                format!("netlink.bridge: {error}"),
            ),
            BridgeError::Net(error) => error.into(),
        }
    }
}

impl From<FirewallError> for Failure {
    fn from(error: FirewallError) -> Self {
        match error {
            FirewallError::Taken { .. } => Self::plain("EEXIST", "nft", format!("nft: {error}")),
            FirewallError::Invalid(_) => Self::plain("EINVAL", "nft", format!("nft: {error}")),
            FirewallError::Net(error) => error.into(),
        }
    }
}

/// What a network shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Name of the bridge.
    pub name: String,
    /// Begins with the engine's mark, `<prefix>:`.
    pub alias: String,
    /// The bridge's own address.
    pub gateway: Cidr,
    pub subnet: Cidr,
    pub mtu: u32,
    pub masquerade: bool,
    pub isolated: bool,
    pub internal: bool,
}

/// What the kernel has of a network: a bridge with our mark, and its rows in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub alias: String,
    /// None: the bridge has lost its IPv4 address.
    pub gateway: Option<Cidr>,
    pub mtu: u32,
    pub up: bool,
    /// Names of the bridge's ports.
    pub members: Vec<String>,
    /// None: it has no rows.
    pub rows: Option<Network>,
}

/// Everything of ours.
#[derive(Clone, Debug)]
pub struct State {
    pub networks: Vec<Seen>,
    /// Published ports and their owners; elements without an owner are not ours.
    pub published: Vec<(Endpoint, String)>,
    /// The table is exactly the static one and every network has its rows.
    pub table_intact: bool,
}

/// Our part of the network namespace of the thread that opened it.
pub struct HostNetwork {
    mark: String,
    netlink: Netlink,
    firewall: Firewall,
}

impl HostNetwork {
    /// `prefix` names the table and begins every alias.
    pub fn open(prefix: &str) -> Result<Self, Failure> {
        Ok(Self {
            mark: format!("{prefix}:"),
            netlink: Netlink::open()?,
            firewall: Firewall::open(prefix)?,
        })
    }

    /// Bridge, forwarding, table and rows. Repeatable; what drifted is put back.
    pub fn ensure(&mut self, spec: &Spec) -> Result<(), Failure> {
        self.check(spec)?;
        let bridge = Bridge {
            name: spec.name.clone(),
            alias: spec.alias.clone(),
            gateway: spec.gateway,
            mtu: spec.mtu,
        };
        let index = self.netlink.ensure_bridge(&bridge)?;
        // The alias of a veth begins with our mark and ends with the bridge it belongs to.
        let (mark, place) = (&self.mark, format!(" {}", spec.name));
        self.netlink.adopt_ports(index, |alias| {
            alias.starts_with(mark) && alias.ends_with(&place)
        })?;
        self.netlink.enable_forwarding()?;
        let Spec {
            masquerade,
            isolated,
            internal,
            ..
        } = *spec;
        self.firewall.ensure_network(&Network {
            bridge: spec.name.clone(),
            subnet: spec.subnet,
            masquerade,
            isolated,
            internal,
        })?;
        Ok(())
    }

    fn check(&self, spec: &Spec) -> Result<(), Failure> {
        let refuse = |why: String| {
            Err(Failure::plain(
                "EINVAL",
                "network",
                format!("network {}: {why}", spec.name),
            ))
        };
        if !spec.alias.starts_with(&self.mark) {
            return refuse(format!("its alias does not begin with {}", self.mark));
        }
        if !spec.gateway.address.is_ipv4() || !spec.subnet.address.is_ipv4() {
            return refuse(String::from("only IPv4 subnets are supported"));
        }
        if spec.subnet != spec.gateway.network()
            || spec.subnet.prefix > 30
            || spec.gateway.address == spec.subnet.address
        {
            return refuse(format!(
                "{} is no address of a host in {}",
                spec.gateway, spec.subnet
            ));
        }
        Ok(())
    }

    /// Removes rows and bridge, and rows of bridges that are gone; with the last network the table. Absent: success.
    pub fn remove(&mut self, name: &str) -> Result<(), Failure> {
        self.firewall.remove_network(name)?;
        let mark = self.mark.clone();
        self.netlink
            .remove_bridge(name, |alias| alias.starts_with(&mark))?;
        let links = self.netlink.links()?;
        let snapshot = self.firewall.snapshot()?;
        for bridge in snapshot
            .bridges()
            .filter(|bridge| !links.iter().any(|link| link.name == *bridge))
        {
            self.firewall.remove_network(bridge)?;
        }
        Ok(())
    }

    /// Makes `endpoints` the published ports of `owner` and forgets UDP flows that now go astray. A port of another owner is EEXIST and nothing is changed.
    /// Whether processes of this host serve the ports is not asked here: see [`crate::ports`].
    pub fn publish(&mut self, owner: &str, endpoints: &[Endpoint]) -> Result<(), Failure> {
        let change = self.firewall.publish(owner, endpoints)?;
        self.forget_flows(&change)
    }

    /// `E_PUBLISHED` when another engine publishes one of these ports, with who that is: two tables that translate one port answer to chance.
    pub fn refuse_published_elsewhere(&mut self, ports: &[HostPort]) -> Result<(), Failure> {
        for (endpoint, owner, table) in self.firewall.published_elsewhere()? {
            let taken = HostPort::from(&endpoint);
            let Some(port) = ports.iter().find(|port| port.meets(&taken)) else {
                continue;
            };
            let owner = owner.unwrap_or_else(|| String::from("a port"));
            let who = procfs::engine_of(&table).map_or_else(
                || format!("nft table {table}"),
                |(pid, run_dir)| format!("pid {pid}, run directory {run_dir}"),
            );
            return Err(Failure::plain(
                "E_PUBLISHED",
                "ports",
                format!("{port} is in use by {owner} of another tsdock ({who})"),
            ));
        }
        Ok(())
    }

    /// From here on the table is ours to keep: it holds `elements`, none: what is there, and what our changes make of it.
    pub fn keep(&mut self, elements: Option<Elements>) -> Result<(), Failure> {
        let elements = match elements {
            Some(elements) => elements,
            None => self.firewall.snapshot()?.elements,
        };
        self.firewall.keep(elements);
        Ok(())
    }

    /// All elements of a table that is ours to keep.
    pub fn kept(&self) -> Option<&Elements> {
        self.firewall.kept()
    }

    /// What our changes have made of it since this was last asked.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.firewall.take_changes()
    }

    /// Puts back what somebody else changed of the table. Datagrams that came meanwhile have made flows that lead nowhere: they are forgotten.
    pub fn restore(&mut self) -> Result<(), Failure> {
        self.firewall.restore()?;
        let added = self.published();
        self.forget_flows(&Published {
            added,
            removed: Vec::new(),
        })
    }

    /// Endpoints in a table that is ours to keep.
    pub fn published(&self) -> Vec<Endpoint> {
        self.kept()
            .into_iter()
            .flatten()
            .filter_map(|(key, content)| Endpoint::from_element(key, content))
            .collect()
    }

    fn forget_flows(&mut self, change: &Published) -> Result<(), Failure> {
        let has_udp = change
            .added
            .iter()
            .chain(&change.removed)
            .any(|endpoint| endpoint.protocol == Protocol::Udp);
        if has_udp {
            let local = self.host_addresses()?;
            conntrack::forget(change, &local)?;
        }
        Ok(())
    }

    fn host_addresses(&mut self) -> Result<Vec<Ipv4Addr>, Failure> {
        let v4 = |address: IpAddr| match address {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(_) => None,
        };
        Ok(self
            .netlink
            .addresses()?
            .iter()
            .filter_map(|address| v4(address.cidr.address))
            .collect())
    }

    pub fn dump(&mut self) -> Result<State, Failure> {
        let links = self.netlink.links()?;
        let addresses = self.netlink.addresses()?;
        let snapshot = self.firewall.snapshot()?;
        let seen = |link: &Link| {
            let gateway = addresses
                .iter()
                .find(|address| address.index == link.index && address.cidr.address.is_ipv4())
                .map(|address| address.cidr);
            Seen {
                name: link.name.clone(),
                alias: link.alias.clone().unwrap_or_default(),
                gateway,
                mtu: link.mtu,
                up: link.up,
                members: links
                    .iter()
                    .filter(|port| port.master == Some(link.index))
                    .map(|port| port.name.clone())
                    .collect(),
                rows: gateway.and_then(|gateway| {
                    Network::from_elements(&snapshot.elements, &link.name, gateway.network())
                }),
            }
        };
        let networks: Vec<Seen> = links
            .iter()
            .filter(|link| self.is_our_bridge(link))
            .map(seen)
            .collect();
        let has_rows = networks.iter().all(|network| network.rows.is_some());
        let published = snapshot
            .published()
            .filter_map(|(endpoint, owner)| Some((endpoint, owner?.to_owned())))
            .collect();
        Ok(State {
            networks,
            published,
            table_intact: snapshot.intact && has_rows,
        })
    }

    fn is_our_bridge(&self, link: &Link) -> bool {
        link.kind.as_deref() == Some("bridge")
            && link
                .alias
                .as_deref()
                .is_some_and(|alias| alias.starts_with(&self.mark))
    }

    /// Destinations of unicast routes and their devices, without those over our own bridges.
    pub fn routes(&mut self) -> Result<Vec<(Cidr, String)>, Failure> {
        let links = self.netlink.links()?;
        let routes = self.netlink.routes()?;
        let device = |index: Option<u32>| links.iter().find(|link| Some(link.index) == index);
        let others = routes
            .iter()
            .filter(|route| !device(route.device).is_some_and(|link| self.is_our_bridge(link)));
        Ok(others
            .map(|route| {
                (
                    route.destination,
                    device(route.device)
                        .map(|link| link.name.clone())
                        .unwrap_or_default(),
                )
            })
            .collect())
    }
}
