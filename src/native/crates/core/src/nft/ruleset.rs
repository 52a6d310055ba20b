//! The static rule set: sets, chains and rules that are installed once. Only elements of the sets change afterwards.
//!
//! ```text
//! table inet <prefix> {
//!   map pub4   inet_proto . inet_service : ipv4_addr . inet_service               published on all addresses
//!   map pub4h  ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service   published on one address of the host
//!   set allow4 ipv4_addr . inet_proto . inet_service                              endpoints that may be reached through a published port
//!   set nets4  ipv4_addr, interval                                                subnets that are masqueraded and hidden from outside
//!   set brs    ifname            all our bridges
//!   set ext    ifname            those that are not internal
//!   set open   ifname            those that are not isolated from each other
//!   set same   ifname . ifname   pairs that are one network
//!
//!   raw      prerouting -300  not from lo or a bridge of ours, to a hidden subnet: drop; not from lo, to 127/8: drop
//!   pre      prerouting -100  to an address of this host: dnat by pub4h, then by pub4
//!   out      output     -100  the same
//!   post     postrouting 100  dnat within one network, bridged or routed: masquerade (else the answer bypasses us); 127/8 to a bridge:
//!                             masquerade; from a hidden subnet of ours to anywhere else: masquerade
//!   forward  forward       0  not ours: accept; same network: accept; into or out of an internal network: drop; known connections: accept;
//!                             invalid: drop; published: accept; between open networks: accept; into a network of ours: drop
//! }
//! ```
//!
//! An accept ends our chain only and a drop is final, so other tables keep their say, and traffic that does not touch a bridge of ours passes.

use super::expression::{
    Base, Conntrack, Expression, Match, Meta, REG_1, REG_1_1, REG_1_2, REG_2, Verdict, compare,
    conntrack, destination_type, dnat, lookup, map, mask, masquerade, meta, payload, source_type,
    verdict,
};

/// The sets and maps of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    Pub4,
    Pub4h,
    Allow4,
    Nets4,
    Brs,
    Ext,
    Open,
    Same,
}

pub const SETS: [Set; 8] = [
    Set::Pub4,
    Set::Pub4h,
    Set::Allow4,
    Set::Nets4,
    Set::Brs,
    Set::Ext,
    Set::Open,
    Set::Same,
];

/// What `NFT_MSG_NEWSET` says of a set. Types are those of the `nft` command (its `datatype.h`; 6 bits each in a concatenation), opaque to the kernel.
pub struct SetShape {
    pub name: &'static str,
    pub flags: u32,
    pub key_type: u32,
    pub key_length: u32,
    pub data: Option<(u32, u32)>,
    /// Byte order for the `nft` command: 0 none, 1 host, 2 network.
    pub byte_order: u32,
}

pub const INTERVAL: u32 = 0x4;
pub const MAP: u32 = 0x8;
const IPV4_ADDR: u32 = 7;
const INET_PROTO: u32 = 12;
const INET_SERVICE: u32 = 13;
const IFNAME: u32 = 41;

const fn join(first: u32, second: u32) -> u32 {
    first << 6 | second
}

impl Set {
    /// The set of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        SETS.into_iter().find(|set| set.shape().name == name)
    }

    pub fn shape(self) -> SetShape {
        let plain = |name, key_type, key_length, byte_order| SetShape {
            name,
            flags: 0,
            key_type,
            key_length,
            data: None,
            byte_order,
        };
        match self {
            Self::Pub4 => SetShape {
                flags: MAP,
                data: Some((join(IPV4_ADDR, INET_SERVICE), 8)),
                ..plain("pub4", join(INET_PROTO, INET_SERVICE), 8, 0)
            },
            Self::Pub4h => SetShape {
                flags: MAP,
                data: Some((join(IPV4_ADDR, INET_SERVICE), 8)),
                ..plain(
                    "pub4h",
                    join(join(IPV4_ADDR, INET_PROTO), INET_SERVICE),
                    12,
                    0,
                )
            },
            Self::Allow4 => plain(
                "allow4",
                join(join(IPV4_ADDR, INET_PROTO), INET_SERVICE),
                12,
                0,
            ),
            Self::Nets4 => SetShape {
                flags: INTERVAL,
                ..plain("nets4", IPV4_ADDR, 4, 2)
            },
            Self::Brs => plain("brs", IFNAME, 16, 1),
            Self::Ext => plain("ext", IFNAME, 16, 1),
            Self::Open => plain("open", IFNAME, 16, 1),
            Self::Same => plain("same", join(IFNAME, IFNAME), 32, 0),
        }
    }
}

/// A base chain: its type, `enum nf_inet_hooks` and priority.
pub struct Chain {
    pub name: &'static str,
    pub kind: &'static str,
    pub hook: u32,
    pub priority: i32,
}

pub const CHAINS: [Chain; 5] = [
    Chain {
        name: "raw",
        kind: "filter",
        hook: 0,
        priority: -300,
    },
    Chain {
        name: "pre",
        kind: "nat",
        hook: 0,
        priority: -100,
    },
    Chain {
        name: "out",
        kind: "nat",
        hook: 3,
        priority: -100,
    },
    Chain {
        name: "post",
        kind: "nat",
        hook: 4,
        priority: 100,
    },
    Chain {
        name: "forward",
        kind: "filter",
        hook: 2,
        priority: 0,
    },
];

/// A rule: its chain and its expressions.
pub type Rule = (&'static str, Vec<Expression>);

/// All rules, in the order in which they stand in their chains.
#[rustfmt::skip] // a table: one rule a line
pub fn rules() -> Vec<Rule> {
    use Match::{Equal, Unequal};
    use Set::{Allow4, Brs, Ext, Nets4, Open, Pub4, Pub4h, Same};
    let rule = |chain: &'static str, parts: &[Vec<Expression>]| (chain, parts.concat());
    let [drop, accept] = [Verdict::Drop, Verdict::Accept].map(|code| vec![verdict(code)]);
    let masquerade = || vec![masquerade()];
    vec![
        rule("raw", &[not_from_loopback(), input(Brs, Unequal), destination(), in_set(Nets4), drop.clone()]),
        rule("raw", &[not_from_loopback(), is_ipv4(), loopback_net(DESTINATION), drop.clone()]),
        rule("pre", &[to_this_host(), destination(), protocol_and_port(REG_1_1, REG_1_2), translate(Pub4h)]),
        rule("pre", &[to_this_host(), is_ipv4(), protocol_and_port(REG_1, REG_1_1), translate(Pub4)]),
        rule("out", &[to_this_host(), destination(), protocol_and_port(REG_1_1, REG_1_2), translate(Pub4h)]),
        rule("out", &[to_this_host(), is_ipv4(), protocol_and_port(REG_1, REG_1_1), translate(Pub4)]),
        rule("post", &[was_translated(), was_bridged(), not_from_this_host(), output(Brs, Equal), masquerade()]),
        rule("post", &[was_translated(), between(Same), masquerade()]),
        rule("post", &[is_ipv4(), loopback_net(SOURCE), output(Brs, Equal), masquerade()]),
        rule("post", &[input(Brs, Equal), source(), in_set(Nets4), output(Brs, Unequal), masquerade()]),
        rule("forward", &[input(Brs, Unequal), output(Brs, Unequal), accept.clone()]),
        rule("forward", &[between(Same), accept.clone()]),
        rule("forward", &[input(Brs, Equal), input(Ext, Unequal), drop.clone()]),
        rule("forward", &[output(Brs, Equal), output(Ext, Unequal), drop.clone()]),
        rule("forward", &[state(ESTABLISHED | RELATED), accept.clone()]),
        rule("forward", &[state(INVALID), drop.clone()]),
        rule("forward", &[was_translated(), destination(), protocol_and_port(REG_1_1, REG_1_2), in_set(Allow4), accept.clone()]),
        rule("forward", &[input(Open, Equal), output(Open, Equal), accept]),
        rule("forward", &[output(Brs, Equal), drop]),
    ]
}

/// Offsets in the IPv4 header.
const SOURCE: u32 = 12;
const DESTINATION: u32 = 16;
/// `nf_conntrack_common.h`: `NF_CT_STATE_BIT` and `IPS_DST_NAT`.
const INVALID: u32 = 1;
const ESTABLISHED: u32 = 2;
const RELATED: u32 = 4;
const DST_NAT: u32 = 0x20;
const NFPROTO_IPV4: u8 = 2;
const RTN_LOCAL: u32 = 2;

fn input(set: Set, how: Match) -> Vec<Expression> {
    vec![
        meta(Meta::InputName, REG_1),
        lookup(set.shape().name, REG_1, how),
    ]
}

fn output(set: Set, how: Match) -> Vec<Expression> {
    vec![
        meta(Meta::OutputName, REG_1),
        lookup(set.shape().name, REG_1, how),
    ]
}

fn between(pairs: Set) -> Vec<Expression> {
    vec![
        meta(Meta::InputName, REG_1),
        meta(Meta::OutputName, REG_2),
        lookup(pairs.shape().name, REG_1, Match::Equal),
    ]
}

fn not_from_loopback() -> Vec<Expression> {
    let mut name = [0; 16];
    name[..2].copy_from_slice(b"lo");
    vec![
        meta(Meta::InputName, REG_1),
        compare(Match::Unequal, REG_1, &name),
    ]
}

fn is_ipv4() -> Vec<Expression> {
    vec![
        meta(Meta::NetworkProtocol, REG_1),
        compare(Match::Equal, REG_1, &[NFPROTO_IPV4]),
    ]
}

fn loopback_net(offset: u32) -> Vec<Expression> {
    vec![
        payload(Base::Network, offset, 1, REG_1),
        compare(Match::Equal, REG_1, &[127]),
    ]
}

fn destination() -> Vec<Expression> {
    [
        is_ipv4(),
        vec![payload(Base::Network, DESTINATION, 4, REG_1)],
    ]
    .concat()
}

fn source() -> Vec<Expression> {
    [is_ipv4(), vec![payload(Base::Network, SOURCE, 4, REG_1)]].concat()
}

fn protocol_and_port(protocol: u32, port: u32) -> Vec<Expression> {
    vec![
        meta(Meta::TransportProtocol, protocol),
        payload(Base::Transport, 2, 2, port),
    ]
}

fn in_set(set: Set) -> Vec<Expression> {
    vec![lookup(set.shape().name, REG_1, Match::Equal)]
}

fn to_this_host() -> Vec<Expression> {
    vec![
        destination_type(REG_1),
        compare(Match::Equal, REG_1, &RTN_LOCAL.to_ne_bytes()),
    ]
}

fn translate(set: Set) -> Vec<Expression> {
    vec![map(set.shape().name, REG_1), dnat(REG_1, REG_1_1)]
}

/// A host with `bridge-nf-call-iptables` takes translated frames through this hook without an input device.
fn was_bridged() -> Vec<Expression> {
    vec![
        meta(Meta::InputName, REG_1),
        compare(Match::Equal, REG_1, &[0; 16]),
    ]
}

fn not_from_this_host() -> Vec<Expression> {
    vec![
        source_type(REG_1),
        compare(Match::Unequal, REG_1, &RTN_LOCAL.to_ne_bytes()),
    ]
}

fn state(bits: u32) -> Vec<Expression> {
    vec![
        conntrack(Conntrack::State, REG_1),
        mask(REG_1, bits),
        compare(Match::Unequal, REG_1, &[0; 4]),
    ]
}

fn was_translated() -> Vec<Expression> {
    vec![
        conntrack(Conntrack::Status, REG_1),
        mask(REG_1, DST_NAT),
        compare(Match::Unequal, REG_1, &[0; 4]),
    ]
}
