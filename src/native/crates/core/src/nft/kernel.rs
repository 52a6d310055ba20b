//! The kernel's side of the table: transactions and complete readings.

use rustix::net::netlink::NETFILTER;

use super::element::{self, Content, Elements, Key};
use super::expression;
use super::ruleset::{CHAINS, SETS, Set, rules};
use crate::netlink::NetError;
use crate::netlink::socket::{Dumped, Socket};
use crate::netlink::wire::{
    Attributes, NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, Writer,
};

const STEP: &str = "nft";
const SUBSYSTEM: u16 = 10 << 8;
const BATCH_BEGIN: u16 = 16;
const BATCH_END: u16 = 17;
const BATCH_GENID: u16 = 1;
const NEWTABLE: u16 = SUBSYSTEM;
const GETTABLE: u16 = SUBSYSTEM | 1;
const DELTABLE: u16 = SUBSYSTEM | 2;
const NEWCHAIN: u16 = SUBSYSTEM | 3;
const GETCHAIN: u16 = SUBSYSTEM | 4;
const NEWRULE: u16 = SUBSYSTEM | 6;
const GETRULE: u16 = SUBSYSTEM | 7;
const NEWSET: u16 = SUBSYSTEM | 9;
const GETSET: u16 = SUBSYSTEM | 0x0a;
const NEWSETELEM: u16 = SUBSYSTEM | 0x0c;
const GETSETELEM: u16 = SUBSYSTEM | 0x0d;
const DELSETELEM: u16 = SUBSYSTEM | 0x0e;
const GETGEN: u16 = SUBSYSTEM | 0x10;
const GEN_ID: u16 = 1;

const TABLE_NAME: u16 = 1;
const TABLE_FLAGS: u16 = 2;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const CHAIN_TYPE: u16 = 7;
const HOOK_NUMBER: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const POLICY_ACCEPT: u32 = 1;
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
const RULE_EXPRESSIONS: u16 = 4;
const SET_TABLE: u16 = 1;
const SET_NAME: u16 = 2;
const SET_FLAGS: u16 = 3;
const SET_KEY_TYPE: u16 = 4;
const SET_KEY_LENGTH: u16 = 5;
const SET_DATA_TYPE: u16 = 6;
const SET_DATA_LENGTH: u16 = 7;
const SET_ID: u16 = 10;
const SET_USERDATA: u16 = 13;
const LIST_TABLE: u16 = 1;
const LIST_SET: u16 = 2;
const LIST_ELEMENTS: u16 = 3;

/// `struct nfgenmsg`: family (`NFPROTO_INET`), version, resource id.
const INET: [u8; 4] = [1, 0, 0, 0];
const HEAD: usize = 4;
/// An element takes at most 320 bytes and the list at most 64 KiB.
const ELEMENTS_PER_MESSAGE: usize = 150;

/// A table as it was read, and the generation of the rule set it was read from.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub generation: u32,
    pub exists: bool,
    /// Chains, sets and rules are exactly ours and every element is one that we would write.
    pub intact: bool,
    /// All elements that can be understood.
    pub elements: Elements,
}

/// A change of the table.
#[derive(Clone, Debug)]
pub enum Change {
    RemoveTable,
    /// Table, sets, chains and rules, without elements.
    Install,
    Remove(Key),
    Add(Key, Content),
}

pub struct Kernel {
    socket: Socket,
    table: String,
}

impl Kernel {
    pub fn open(table: &str) -> Result<Self, NetError> {
        Ok(Self {
            socket: Socket::open(Some(NETFILTER))?,
            table: table.to_owned(),
        })
    }

    /// The rule set's generation: it grows with each transaction of anybody in this namespace.
    pub fn generation(&mut self) -> Result<u32, NetError> {
        let mut writer = Writer::new();
        writer.message(GETGEN, NLM_F_REQUEST | NLM_F_ACK, &INET, |_| {});
        let messages = self.socket.query("nft.generation", writer)?;
        let generation = messages
            .iter()
            .find_map(|(_, payload)| Attributes::after(payload, HEAD).u32_be(GEN_ID));
        generation.ok_or_else(|| NetError {
            step: "nft.generation",
            errno: libc::EPROTO,
            message: String::from("no generation in the answer"),
        })
    }

    pub fn table(&self) -> &str {
        &self.table
    }

    /// Names of all tables of this family in this namespace, whoever's they are.
    pub fn tables(&mut self) -> Result<Vec<String>, NetError> {
        let tables = self.socket.dump("nft.read", GETTABLE, &INET, |_| {})?;
        Ok(tables
            .iter()
            .filter_map(|dumped| attributes(dumped).text(TABLE_NAME).map(str::to_owned))
            .collect())
    }

    /// Reads everything of the table from one generation.
    pub fn read(&mut self) -> Result<Reading, NetError> {
        const TRIES: u32 = 10;
        for _ in 0..TRIES {
            let generation = self.generation()?;
            match self.read_parts(generation) {
                Ok(reading) if self.generation()? == generation => return Ok(reading),
                Err(error) if self.generation()? == generation => return Err(error),
                _ => {}
            }
        }
        Err(NetError {
            step: "nft.read",
            errno: libc::EAGAIN,
            message: String::from("the rule set changed during each of ten readings"),
        })
    }

    fn read_parts(&mut self, generation: u32) -> Result<Reading, NetError> {
        let tables = self.socket.dump("nft.read", GETTABLE, &INET, |_| {})?;
        if !tables
            .iter()
            .any(|dumped| attributes(dumped).text(TABLE_NAME) == Some(&self.table))
        {
            return Ok(Reading {
                generation,
                ..Reading::default()
            });
        }
        let chains = self.dump_of_table(GETCHAIN)?;
        let sets = self.dump_of_table(GETSET)?;
        let found_rules = self.dump_of_table(GETRULE)?;
        let mut intact =
            same_chains(&chains) && same_rules(&found_rules) && sets.len() == SETS.len();
        let mut elements = Elements::new();
        for set in SETS {
            if !sets.iter().any(|dumped| same_set(set, &attributes(dumped))) {
                intact = false;
                continue;
            }
            match self.read_elements(set)? {
                Some(found) => elements.extend(found),
                None => intact = false,
            }
        }
        Ok(Reading {
            generation,
            exists: true,
            intact,
            elements,
        })
    }

    fn dump_of_table(&mut self, kind: u16) -> Result<Vec<Dumped>, NetError> {
        let table = self.table.clone();
        let messages = self
            .socket
            .dump("nft.read", kind, &INET, |m| m.text(TABLE_NAME, &table))?;
        // Older kernels do not filter chains; the table's name is the first attribute of all of them.
        Ok(messages
            .into_iter()
            .filter(|dumped| attributes(dumped).text(TABLE_NAME) == Some(table.as_str()))
            .collect())
    }

    fn read_elements(&mut self, set: Set) -> Result<Option<Elements>, NetError> {
        let table = self.table.clone();
        let messages = self.socket.dump("nft.elements", GETSETELEM, &INET, |m| {
            m.text(LIST_TABLE, &table);
            m.text(LIST_SET, set.shape().name);
        })?;
        let items: Vec<_> = messages
            .iter()
            .flat_map(|dumped| attributes(dumped).inside(LIST_ELEMENTS))
            .map(|(_, payload)| Attributes(payload))
            .collect();
        Ok(element::read(set, &items))
    }

    /// Applies all changes or none. ERESTART: the rule set is no longer of that generation.
    pub fn commit(&mut self, generation: u32, changes: &[Change]) -> Result<(), NetError> {
        let mut writer = Writer::new();
        let batch_head = [0, 0, 0, 10]; // AF_UNSPEC, version 0, subsystem nftables in network order
        writer.message(BATCH_BEGIN, NLM_F_REQUEST, &batch_head, |m| {
            m.u32_be(BATCH_GENID, generation);
        });
        for change in group(changes) {
            self.write(&mut writer, &change);
        }
        // The last message before the end asks for the acknowledgement: kernels before 6.10 send none for the end itself.
        writer.message(NEWTABLE, NLM_F_REQUEST | NLM_F_ACK, &INET, |m| {
            m.text(TABLE_NAME, &self.table);
        });
        if matches!(changes.last(), Some(Change::RemoveTable)) {
            writer.message(DELTABLE, NLM_F_REQUEST, &INET, |m| {
                m.text(TABLE_NAME, &self.table);
            });
        }
        writer.message(BATCH_END, NLM_F_REQUEST, &batch_head, |_| {});
        self.socket
            .transaction(STEP, writer, 1)
            .map_err(|failed| failed.error)
    }

    fn write(&self, writer: &mut Writer, change: &Group<'_>) {
        let create = NLM_F_REQUEST | NLM_F_CREATE;
        match change {
            Group::RemoveTable => writer.message(DELTABLE, NLM_F_REQUEST, &INET, |m| {
                m.text(TABLE_NAME, &self.table);
            }),
            Group::Install => self.write_table(writer),
            Group::Remove(set, elements) => writer.message(DELSETELEM, NLM_F_REQUEST, &INET, |m| {
                self.write_elements(m, *set, elements);
            }),
            Group::Add(set, elements) => {
                writer.message(NEWSETELEM, create | NLM_F_EXCL, &INET, |m| {
                    self.write_elements(m, *set, elements);
                });
            }
        }
    }

    fn write_elements(&self, writer: &mut Writer, set: Set, elements: &[(&Key, &Content)]) {
        writer.text(LIST_TABLE, &self.table);
        writer.text(LIST_SET, set.shape().name);
        writer.nested(LIST_ELEMENTS, |list| {
            for (key, content) in elements {
                element::write(list, key, content);
            }
        });
    }

    fn write_table(&self, writer: &mut Writer) {
        let create = NLM_F_REQUEST | NLM_F_CREATE;
        writer.message(NEWTABLE, create, &INET, |m| {
            m.text(TABLE_NAME, &self.table);
            m.u32_be(TABLE_FLAGS, 0);
        });
        for (id, set) in (1..).zip(SETS) {
            let shape = set.shape();
            writer.message(NEWSET, create, &INET, |m| {
                m.text(SET_TABLE, &self.table);
                m.text(SET_NAME, shape.name);
                m.u32_be(SET_FLAGS, shape.flags);
                m.u32_be(SET_KEY_TYPE, shape.key_type);
                m.u32_be(SET_KEY_LENGTH, shape.key_length);
                if let Some((kind, length)) = shape.data {
                    m.u32_be(SET_DATA_TYPE, kind);
                    m.u32_be(SET_DATA_LENGTH, length);
                }
                m.u32_be(SET_ID, id);
                m.attribute(
                    SET_USERDATA,
                    &byte_order(shape.byte_order, shape.data.is_some()),
                );
            });
        }
        for chain in &CHAINS {
            writer.message(NEWCHAIN, create, &INET, |m| {
                m.text(CHAIN_TABLE, &self.table);
                m.text(CHAIN_NAME, chain.name);
                m.nested(CHAIN_HOOK, |hook| {
                    hook.u32_be(HOOK_NUMBER, chain.hook);
                    hook.u32_be(HOOK_PRIORITY, chain.priority.cast_unsigned());
                });
                m.u32_be(CHAIN_POLICY, POLICY_ACCEPT);
                m.text(CHAIN_TYPE, chain.kind);
            });
        }
        for (chain, expressions) in rules() {
            writer.message(NEWRULE, create | NLM_F_APPEND, &INET, |m| {
                m.text(RULE_TABLE, &self.table);
                m.text(RULE_CHAIN, chain);
                m.nested(RULE_EXPRESSIONS, |list| {
                    expression::write(list, &expressions);
                });
            });
        }
    }
}

/// User data of a set, for the `nft` command alone: byte order of keys and data (types 0 and 1, 4 bytes in host order).
fn byte_order(keys: u32, map: bool) -> Vec<u8> {
    let mut bytes = [&[0, 4][..], &keys.to_ne_bytes()].concat();
    if map {
        bytes.extend([&[1, 4][..], &0_u32.to_ne_bytes()].concat());
    }
    bytes
}

/// Changes of one kind and set that follow each other, at most so many as fit into one message.
enum Group<'a> {
    RemoveTable,
    Install,
    Remove(Set, Vec<(&'a Key, &'a Content)>),
    Add(Set, Vec<(&'a Key, &'a Content)>),
}

static NOTHING: Content = Content {
    data: Vec::new(),
    owner: None,
};

fn group(changes: &[Change]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in changes {
        match (change, groups.last_mut()) {
            (Change::Remove(key), Some(Group::Remove(set, list)))
                if *set == key.0 && list.len() < ELEMENTS_PER_MESSAGE =>
            {
                list.push((key, &NOTHING));
            }
            (Change::Add(key, content), Some(Group::Add(set, list)))
                if *set == key.0 && list.len() < ELEMENTS_PER_MESSAGE =>
            {
                list.push((key, content));
            }
            (Change::Remove(key), _) => groups.push(Group::Remove(key.0, vec![(key, &NOTHING)])),
            (Change::Add(key, content), _) => groups.push(Group::Add(key.0, vec![(key, content)])),
            (Change::RemoveTable, _) => groups.push(Group::RemoveTable),
            (Change::Install, _) => groups.push(Group::Install),
        }
    }
    groups
}

fn attributes(dumped: &Dumped) -> Attributes<'_> {
    Attributes::after(&dumped.1, HEAD)
}

fn same_set(set: Set, found: &Attributes<'_>) -> bool {
    let shape = set.shape();
    found.text(SET_NAME) == Some(shape.name)
        && found.u32_be(SET_FLAGS).unwrap_or(0) == shape.flags
        && found.u32_be(SET_KEY_LENGTH) == Some(shape.key_length)
        && found.u32_be(SET_DATA_LENGTH) == shape.data.map(|(_, length)| length)
}

fn same_chains(found: &[Dumped]) -> bool {
    let same = |dumped: &Dumped| {
        let found = attributes(dumped);
        let hook = found.inside(CHAIN_HOOK);
        CHAINS.iter().any(|chain| {
            found.text(CHAIN_NAME) == Some(chain.name)
                && found.text(CHAIN_TYPE) == Some(chain.kind)
                && found.u32_be(CHAIN_POLICY) == Some(POLICY_ACCEPT)
                && hook.u32_be(HOOK_NUMBER) == Some(chain.hook)
                && hook.u32_be(HOOK_PRIORITY) == Some(chain.priority.cast_unsigned())
        })
    };
    found.len() == CHAINS.len() && found.iter().all(same)
}

fn same_rules(found: &[Dumped]) -> bool {
    let expected = rules();
    let of_chain = |name: &str| -> Vec<Attributes<'_>> {
        found
            .iter()
            .map(attributes)
            .filter(|rule| rule.text(RULE_CHAIN) == Some(name))
            .collect()
    };
    expected.len() == found.len()
        && CHAINS.iter().all(|chain| {
            let expected = expected.iter().filter(|(name, _)| *name == chain.name);
            let found = of_chain(chain.name);
            expected.clone().count() == found.len()
                && expected
                    .zip(found)
                    .all(|((_, want), have)| expression::same(want, have.inside(RULE_EXPRESSIONS)))
        })
}
