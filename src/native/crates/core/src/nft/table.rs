//! What the engine does with the table: rows of networks, published ports of owners.

use std::fmt;

use super::element::{Content, Elements, Endpoint, Key, MAX_OWNER, Network, key_name};
use super::kernel::{Change, Kernel, Reading};
use super::ruleset::Set;
use crate::netlink::NetError;

/// The errno of a transaction that was computed from an older generation; the kernel's own number, not in libc.
const ERESTART: i32 = 85;

/// Why the table could not be changed.
#[derive(Debug)]
pub enum FirewallError {
    /// The element belongs to another owner (none: to nobody we know).
    Taken {
        what: String,
        owner: Option<String>,
    },
    /// A request that makes no sense, e.g. two targets for one port.
    Invalid(String),
    Net(NetError),
}

impl From<NetError> for FirewallError {
    fn from(error: NetError) -> Self {
        Self::Net(error)
    }
}

impl fmt::Display for FirewallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken {
                what,
                owner: Some(owner),
            } => write!(f, "{what} is taken by {owner}"),
            Self::Taken { what, owner: None } => {
                write!(f, "{what} is taken by an element of somebody else")
            }
            Self::Invalid(message) => f.write_str(message),
            Self::Net(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FirewallError {}

/// What `publish` changed, for conntrack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub added: Vec<Endpoint>,
    pub removed: Vec<Endpoint>,
}

/// What the kernel has of ours.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub exists: bool,
    /// Table, chains, sets and rules are exactly the static ones.
    pub intact: bool,
    pub elements: Elements,
}

impl Snapshot {
    pub fn published(&self) -> impl Iterator<Item = (Endpoint, Option<&str>)> {
        self.elements.iter().filter_map(|(key, content)| {
            Some((
                Endpoint::from_element(key, content)?,
                content.owner.as_deref(),
            ))
        })
    }

    /// Names of the bridges that have a row.
    pub fn bridges(&self) -> impl Iterator<Item = &str> {
        self.elements
            .keys()
            .filter(|(set, _)| *set == Set::Brs)
            .filter_map(|(_, key)| key_name(key))
    }
}

/// The table of one engine in the network namespace of the thread that opened it.
pub struct Firewall {
    kernel: Kernel,
    /// The last complete reading with what we have done since; valid while the rule set is of its generation.
    known: Option<Reading>,
    /// It was read before a transaction that failed.
    is_stale: bool,
    keeping: Keeping,
}

/// Whether the table is ours to keep.
enum Keeping {
    /// What is there counts, whoever made it.
    No,
    /// What our own transactions have made of it counts; with those since it was last asked.
    Yes(Vec<Change>),
}

impl Firewall {
    pub fn open(table: &str) -> Result<Self, NetError> {
        Ok(Self {
            kernel: Kernel::open(table)?,
            known: None,
            is_stale: true,
            keeping: Keeping::No,
        })
    }

    /// From here on the table is what our transactions make of `elements`: what somebody else changes is put back, at the latest by the next of them.
    pub fn keep(&mut self, elements: Elements) {
        self.known = Some(whole(elements));
        self.is_stale = true;
        self.keeping = Keeping::Yes(Vec::new());
    }

    /// All elements of a table that is ours to keep.
    pub fn kept(&self) -> Option<&Elements> {
        let known = self.known.as_ref()?;
        matches!(self.keeping, Keeping::Yes(_)).then_some(&known.elements)
    }

    /// What our transactions have changed in a table that is ours to keep since this was last asked.
    pub fn take_changes(&mut self) -> Vec<Change> {
        match &mut self.keeping {
            Keeping::Yes(changes) => std::mem::take(changes),
            Keeping::No => Vec::new(),
        }
    }

    /// Puts back what somebody else changed in a table that is ours to keep. True: there was something.
    pub fn restore(&mut self) -> Result<bool, NetError> {
        const TRIES: u32 = 20;
        for _ in 0..TRIES {
            let Some(known) = &mut self.known else {
                return Ok(false);
            };
            if !self.is_stale && self.kernel.generation()? == known.generation {
                return Ok(false);
            }
            let found = self.kernel.read()?;
            let changes = restoration(&found, &known.elements);
            known.generation = found.generation;
            self.is_stale = false;
            if changes.is_empty() {
                return Ok(false);
            }
            self.is_stale = true;
            match self.kernel.commit(found.generation, &changes) {
                Ok(()) => {
                    known.generation = next(found.generation);
                    self.is_stale = false;
                    return Ok(true);
                }
                Err(error) if error.errno == ERESTART => {}
                Err(error) => return Err(error),
            }
        }
        Err(contended())
    }

    /// Published ports in tables of other engines, with their owners and the names of the tables.
    pub fn published_elsewhere(
        &mut self,
    ) -> Result<Vec<(Endpoint, Option<String>, String)>, NetError> {
        let mut found = Vec::new();
        for table in self.kernel.tables()? {
            if table == self.kernel.table() {
                continue;
            }
            let snapshot = Self::open(&table)?.snapshot()?;
            found.extend(
                snapshot
                    .published()
                    .map(|(endpoint, owner)| (endpoint, owner.map(str::to_owned), table.clone())),
            );
        }
        Ok(found)
    }

    pub fn snapshot(&mut self) -> Result<Snapshot, NetError> {
        let reading = self.reading()?;
        Ok(Snapshot {
            exists: reading.exists,
            intact: reading.intact,
            elements: reading.elements.clone(),
        })
    }

    /// Makes the table exist and gives the network exactly these rows.
    pub fn ensure_network(&mut self, network: &Network) -> Result<(), FirewallError> {
        let wanted = network.elements();
        self.update(|reading| {
            let mut changes = repair(reading);
            changes.extend(exchange(
                &reading.elements,
                &wanted,
                &network.bridge,
                is_network_set,
            )?);
            Ok((changes, ()))
        })
    }

    /// Removes the network's rows; with the last network the table goes. Absent: success.
    pub fn remove_network(&mut self, bridge: &str) -> Result<(), FirewallError> {
        self.update(|reading| {
            let others = reading
                .elements
                .iter()
                .any(|((set, key), _)| *set == Set::Brs && key_name(key) != Some(bridge));
            if !reading.exists {
                return Ok((Vec::new(), ()));
            }
            if !others {
                return Ok((vec![Change::RemoveTable], ()));
            }
            let mut changes = repair(reading);
            changes.extend(exchange(
                &reading.elements,
                &Elements::new(),
                bridge,
                is_network_set,
            )?);
            Ok((changes, ()))
        })
    }

    /// Makes `endpoints` the published ports of `owner`, in one transaction. A port of another owner is an error and nothing is changed.
    pub fn publish(
        &mut self,
        owner: &str,
        endpoints: &[Endpoint],
    ) -> Result<Published, FirewallError> {
        if owner.is_empty() || owner.len() > MAX_OWNER || owner.contains('\0') {
            return Err(FirewallError::Invalid(format!(
                "{owner:?} cannot own a port: 1 to {MAX_OWNER} bytes"
            )));
        }
        let wanted = wanted_elements(owner, endpoints)?;
        self.update(|reading| {
            let changes = exchange(&reading.elements, &wanted, owner, is_port_set)?;
            if changes.is_empty() {
                return Ok((Vec::new(), Published::default()));
            }
            let published = effect(&reading.elements, &changes);
            Ok(([repair(reading), changes].concat(), published))
        })
    }

    fn reading(&mut self) -> Result<&Reading, NetError> {
        if matches!(self.keeping, Keeping::Yes(_)) {
            self.restore()?;
        } else {
            let current = match &self.known {
                Some(known) => !self.is_stale && self.kernel.generation()? == known.generation,
                None => false,
            };
            if !current {
                self.known = Some(self.kernel.read()?);
                self.is_stale = false;
            }
        }
        Ok(self.known.get_or_insert_default())
    }

    /// Decides on what the table holds and commits; decides anew when somebody was faster.
    fn update<T>(
        &mut self,
        decide: impl Fn(&Reading) -> Result<(Vec<Change>, T), FirewallError>,
    ) -> Result<T, FirewallError> {
        const TRIES: u32 = 20;
        for _ in 0..TRIES {
            let reading = self.reading()?;
            let generation = reading.generation;
            let (changes, result) = decide(reading)?;
            if changes.is_empty() {
                return Ok(result);
            }
            match self.kernel.commit(generation, &changes) {
                Ok(()) => {
                    self.remember(changes);
                    return Ok(result);
                }
                Err(error) => {
                    self.is_stale = true;
                    if error.errno != ERESTART {
                        return Err(error.into());
                    }
                }
            }
        }
        Err(contended().into())
    }

    /// Our own transaction is the next generation; if another one came between, the number tells and everything is read again.
    fn remember(&mut self, changes: Vec<Change>) {
        let Some(known) = &mut self.known else { return };
        known.generation = next(known.generation);
        for change in &changes {
            match change {
                Change::RemoveTable => {
                    *known = Reading {
                        generation: known.generation,
                        ..Reading::default()
                    }
                }
                Change::Install => (known.exists, known.intact) = (true, true),
                Change::Remove(key) => drop(known.elements.remove(key)),
                Change::Add(key, content) => {
                    drop(known.elements.insert(key.clone(), content.clone()));
                }
            }
        }
        if let Keeping::Yes(made) = &mut self.keeping {
            made.extend(changes);
        }
    }
}

fn next(generation: u32) -> u32 {
    generation.checked_add(1).unwrap_or(1)
}

fn contended() -> NetError {
    NetError {
        step: "nft",
        errno: libc::EAGAIN,
        message: String::from("the rule set changed before each of twenty transactions"),
    }
}

/// A table without damage that holds these.
fn whole(elements: Elements) -> Reading {
    Reading {
        generation: 0,
        exists: !elements.is_empty(),
        intact: !elements.is_empty(),
        elements,
    }
}

/// The changes that make the table hold exactly `wanted`; without any element it goes. A damaged one is made anew, in one that is whole elements are exchanged.
fn restoration(found: &Reading, wanted: &Elements) -> Vec<Change> {
    if wanted.is_empty() {
        let is_there = found.exists.then_some(Change::RemoveTable);
        return is_there.into_iter().collect();
    }
    let add = |(key, content): (&Key, &Content)| Change::Add(key.clone(), content.clone());
    if !found.intact {
        let removal = found.exists.then_some(Change::RemoveTable);
        let installation = removal.into_iter().chain([Change::Install]);
        return installation.chain(wanted.iter().map(add)).collect();
    }
    let present = &found.elements;
    let removals = present
        .iter()
        .filter(|(key, content)| wanted.get(*key) != Some(*content))
        .map(|(key, _)| Change::Remove(key.clone()));
    let additions = wanted
        .iter()
        .filter(|(key, content)| present.get(*key) != Some(*content))
        .map(add);
    removals.chain(additions).collect()
}

/// Installs the table where it is missing. A damaged one is made anew with all elements that it had.
fn repair(reading: &Reading) -> Vec<Change> {
    if reading.intact {
        return Vec::new();
    }
    let mut changes = Vec::new();
    if reading.exists {
        changes.push(Change::RemoveTable);
    }
    changes.push(Change::Install);
    changes.extend(
        reading
            .elements
            .iter()
            .map(|(key, content)| Change::Add(key.clone(), content.clone())),
    );
    changes
}

fn is_network_set(set: Set) -> bool {
    matches!(
        set,
        Set::Nets4 | Set::Brs | Set::Ext | Set::Open | Set::Same
    )
}

fn is_port_set(set: Set) -> bool {
    matches!(set, Set::Pub4 | Set::Pub4h | Set::Allow4)
}

/// The changes that make `wanted` the elements of `owner` in the sets it lives in: removals first.
fn exchange(
    present: &Elements,
    wanted: &Elements,
    owner: &str,
    sets: fn(Set) -> bool,
) -> Result<Vec<Change>, FirewallError> {
    let is_ours = |content: &Content| content.owner.as_deref() == Some(owner);
    let mut changes: Vec<Change> = present
        .iter()
        .filter(|(key, content)| {
            sets(key.0) && is_ours(content) && wanted.get(*key) != Some(*content)
        })
        .map(|(key, _)| Change::Remove(key.clone()))
        .collect();
    for (key, content) in wanted {
        match present.get(key) {
            Some(found) if !is_ours(found) => {
                return Err(FirewallError::Taken {
                    what: describe(key, content),
                    owner: found.owner.clone(),
                });
            }
            Some(found) if found == content => {}
            _ => changes.push(Change::Add(key.clone(), content.clone())),
        }
    }
    Ok(changes)
}

fn wanted_elements(owner: &str, endpoints: &[Endpoint]) -> Result<Elements, FirewallError> {
    let mut wanted = Elements::new();
    for endpoint in endpoints {
        if endpoint.host_port == 0 || endpoint.port == 0 {
            return Err(FirewallError::Invalid(String::from(
                "port 0 cannot be published",
            )));
        }
        for (key, content) in endpoint.elements(owner) {
            let text = describe(&key, &content);
            if wanted
                .insert(key, content.clone())
                .is_some_and(|before| before != content)
            {
                return Err(FirewallError::Invalid(format!(
                    "{text} cannot lead to two endpoints"
                )));
            }
        }
    }
    Ok(wanted)
}

fn describe(key: &Key, content: &Content) -> String {
    if let Some(endpoint) = Endpoint::from_element(key, content) {
        return endpoint.host_side();
    }
    let bytes = |at: usize| key.1.get(at).copied().unwrap_or(0);
    match key.0 {
        Set::Nets4 => format!("subnet {}.{}.{}.{}", bytes(0), bytes(1), bytes(2), bytes(3)),
        Set::Allow4 => {
            let port = u16::from_be_bytes([bytes(8), bytes(9)]);
            format!(
                "endpoint {}.{}.{}.{}:{port}",
                bytes(0),
                bytes(1),
                bytes(2),
                bytes(3)
            )
        }
        _ => format!("bridge {}", key_name(&key.1).unwrap_or("?")),
    }
}

fn effect(present: &Elements, changes: &[Change]) -> Published {
    let mut published = Published::default();
    for change in changes {
        match change {
            Change::Add(key, content) => {
                published.added.extend(Endpoint::from_element(key, content));
            }
            Change::Remove(key) => published.removed.extend(
                present
                    .get(key)
                    .and_then(|content| Endpoint::from_element(key, content)),
            ),
            Change::Install | Change::RemoveTable => {}
        }
    }
    published
}
