//! The names of one network: what the engine wrote of its members, and what follows from it for a question.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use domain::base::iana::Rtype;
use serde_json::Value;
use tsdock_core::netlink::Cidr;

use super::message::Answer;

/// A file of the engine, `names.json`: `{gateway, domain, forwarders, members: [{address, namespace, names, ready, forwarders}]}`. The first of the names is the
/// instance's own. Fields that this release does not know are passed over.
#[derive(Debug)]
pub struct Names {
    /// Where it is asked.
    pub gateway: Ipv4Addr,
    subnet: Cidr,
    /// Under it all names stand, beside the namespaces.
    domain: Option<String>,
    forwarders: Vec<IpAddr>,
    members: Vec<Member>,
    by_name: BTreeMap<String, Vec<usize>>,
    by_address: BTreeMap<Ipv4Addr, usize>,
    namespaces: BTreeSet<String>,
}

#[derive(Debug)]
struct Member {
    address: Ipv4Addr,
    namespace: String,
    /// `instance.namespace`
    host: String,
    is_ready: bool,
    forwarders: Vec<IpAddr>,
}

impl Names {
    /// None: it is not such a file, or was cut off.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let file: Value = serde_json::from_slice(bytes).ok()?;
        let gateway = Cidr::parse(file["gateway"].as_str()?)?;
        let IpAddr::V4(address) = gateway.address else {
            return None;
        };
        let mut names = Self {
            gateway: address,
            subnet: gateway.network(),
            domain: file["domain"].as_str().map(str::to_ascii_lowercase),
            forwarders: addresses(&file["forwarders"]),
            members: Vec::new(),
            by_name: BTreeMap::new(),
            by_address: BTreeMap::new(),
            namespaces: BTreeSet::new(),
        };
        for member in file["members"].as_array()? {
            names.add(member)?;
        }
        Some(names)
    }

    fn add(&mut self, member: &Value) -> Option<()> {
        let address: Ipv4Addr = member["address"].as_str()?.parse().ok()?;
        let namespace = member["namespace"].as_str()?.to_ascii_lowercase();
        let names = member["names"].as_array()?;
        let own = names.first()?.as_str()?.to_ascii_lowercase();
        let index = self.members.len();
        for name in names {
            let known = self
                .by_name
                .entry(name.as_str()?.to_ascii_lowercase())
                .or_default();
            if known.last() != Some(&index) {
                known.push(index);
            }
        }
        self.by_address.insert(address, index);
        self.namespaces.insert(namespace.clone());
        self.members.push(Member {
            address,
            host: format!("{own}.{namespace}"),
            namespace,
            is_ready: member["ready"].as_bool()?,
            forwarders: addresses(&member["forwarders"]),
        });
        Some(())
    }

    /// Whether an address is one of the network's: nobody else is answered here.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.is_inside(address) && address != self.broadcast()
    }

    fn is_inside(&self, address: Ipv4Addr) -> bool {
        let host = Cidr {
            address: address.into(),
            prefix: self.subnet.prefix,
        };
        host.network() == self.subnet
    }

    fn broadcast(&self) -> Ipv4Addr {
        let IpAddr::V4(first) = self.subnet.address else {
            return Ipv4Addr::BROADCAST;
        };
        let hosts = u32::MAX.checked_shr(self.subnet.prefix.into()).unwrap_or(0);
        Ipv4Addr::from(u32::from(first) | hosts)
    }

    /// Servers for what is not known here: the member's own, else the network's, else none, which is the host's.
    pub fn forwarders(&self, client: Ipv4Addr) -> &[IpAddr] {
        match self.by_address.get(&client) {
            Some(index) if !self.members[*index].forwarders.is_empty() => {
                &self.members[*index].forwarders
            }
            _ => &self.forwarders,
        }
    }

    /// What a client is told; none: others are to be asked. A bare name means the one in the client's own namespace, and where that has none, whoever has it.
    /// `name.namespace` means just that. What is not known below a namespace of this network does not exist: nobody else can know.
    pub fn find(&self, client: Ipv4Addr, name: &str, kind: Rtype) -> Option<Answer> {
        if let Some(labels) = name.strip_suffix(".in-addr.arpa") {
            return self.reverse(labels, kind);
        }
        let bare = self.bare(client, name);
        if !bare.is_empty() {
            return Some(self.those(&bare, kind, name));
        }
        if self.is_zone(name) {
            return Some(Answer::NoData(name.to_owned()));
        }
        // An alias may have dots, so the zone is what is left after any of them.
        for (at, _) in name.match_indices('.').rev() {
            let (head, zone) = (&name[..at], &name[at + 1..]);
            if !self.is_zone(zone) {
                continue;
            }
            let mut found = self.within(zone, head);
            if found.is_empty() && self.domain.as_deref() == Some(zone) {
                found = self.bare(client, head);
            }
            return Some(if found.is_empty() {
                Answer::NoName(zone.to_owned())
            } else {
                self.those(&found, kind, zone)
            });
        }
        None
    }

    fn is_zone(&self, name: &str) -> bool {
        self.namespaces.contains(name) || self.domain.as_deref() == Some(name)
    }

    fn having(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    fn within(&self, namespace: &str, name: &str) -> Vec<usize> {
        self.having(name)
            .iter()
            .copied()
            .filter(|index| self.members[*index].namespace == namespace)
            .collect()
    }

    fn bare(&self, client: Ipv4Addr, name: &str) -> Vec<usize> {
        let own = self
            .by_address
            .get(&client)
            .map(|index| self.within(&self.members[*index].namespace, name))
            .unwrap_or_default();
        if own.is_empty() {
            self.having(name).to_vec()
        } else {
            own
        }
    }

    /// Addresses in rotation; of a name with none in rotation all: they are where it will be.
    fn those(&self, members: &[usize], kind: Rtype, zone: &str) -> Answer {
        if !matches!(kind, Rtype::A | Rtype::ANY) {
            return Answer::NoData(zone.to_owned());
        }
        let members = || members.iter().map(|index| &self.members[*index]);
        let is_any_ready = members().any(|member| member.is_ready);
        let given = members().filter(|member| member.is_ready || !is_any_ready);
        Answer::Addresses(given.map(|member| member.address).collect())
    }

    /// The zone of a reverse name is itself: what lies above need not be ours alone.
    fn reverse(&self, labels: &str, kind: Rtype) -> Option<Answer> {
        let mut octets = labels.split('.').rev().map(str::parse::<u8>);
        let mut next = || octets.next()?.ok();
        let address = Ipv4Addr::new(next()?, next()?, next()?, next()?);
        if octets.next().is_some() || !self.is_inside(address) {
            return None;
        }
        let zone = || format!("{labels}.in-addr.arpa");
        Some(match self.by_address.get(&address) {
            None => Answer::NoName(zone()),
            Some(index) if matches!(kind, Rtype::PTR | Rtype::ANY) => {
                Answer::Host(self.members[*index].host.clone())
            }
            Some(_) => Answer::NoData(zone()),
        })
    }
}

fn addresses(list: &Value) -> Vec<IpAddr> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|address| address.as_str()?.parse().ok())
        .collect()
}
