//! Rule expressions as trees of attributes: written to the kernel, and compared with what the kernel gives back. Numbers and names as in
//! `linux/netfilter/nf_tables.h`; registers in the form in which the kernel dumps them (1-4 for 16 bytes, 9, 10, 11 for 4 bytes behind register 1).

use crate::netlink::wire::{Attributes, Writer, read_text};

const EXPR_NAME: u16 = 1;
const EXPR_DATA: u16 = 2;
const DATA_VALUE: u16 = 1;
const DATA_VERDICT: u16 = 2;
const VERDICT_CODE: u16 = 1;
const LIST_ELEM: u16 = 1;

/// The first 16-byte register; as a 4-byte register the same place.
pub const REG_1: u32 = 1;
pub const REG_2: u32 = 2;
/// The second and third 4-byte parts of register 1.
pub const REG_1_1: u32 = 9;
pub const REG_1_2: u32 = 10;

/// `enum nft_meta_keys`.
#[derive(Clone, Copy)]
pub enum Meta {
    InputName = 6,
    OutputName = 7,
    NetworkProtocol = 15,
    TransportProtocol = 16,
}

/// `enum nft_payload_bases`.
#[derive(Clone, Copy)]
pub enum Base {
    Network = 1,
    Transport = 2,
}

/// `enum nft_ct_keys`.
#[derive(Clone, Copy)]
pub enum Conntrack {
    State = 0,
    Status = 2,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Equal = 0,
    Unequal = 1,
}

/// `NF_DROP`, `NF_ACCEPT`.
#[derive(Clone, Copy)]
pub enum Verdict {
    Drop = 0,
    Accept = 1,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Bytes(Vec<u8>),
    Nested(Vec<(u16, Value)>),
}

/// One expression: its kernel name and its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    name: &'static str,
    attributes: Vec<(u16, Value)>,
}

fn number(kind: u16, value: u32) -> (u16, Value) {
    (kind, Value::Bytes(value.to_be_bytes().to_vec()))
}

fn data(kind: u16, bytes: &[u8]) -> (u16, Value) {
    (
        kind,
        Value::Nested(vec![(DATA_VALUE, Value::Bytes(bytes.to_vec()))]),
    )
}

pub fn meta(key: Meta, register: u32) -> Expression {
    Expression {
        name: "meta",
        attributes: vec![number(1, register), number(2, key as u32)],
    }
}

pub fn payload(base: Base, offset: u32, length: u32, register: u32) -> Expression {
    let attributes = vec![
        number(1, register),
        number(2, base as u32),
        number(3, offset),
        number(4, length),
    ];
    Expression {
        name: "payload",
        attributes,
    }
}

pub fn compare(how: Match, register: u32, bytes: &[u8]) -> Expression {
    Expression {
        name: "cmp",
        attributes: vec![number(1, register), number(2, how as u32), data(3, bytes)],
    }
}

/// True when one of the bits is set; goes with `compare(Unequal, register, 0)`.
pub fn mask(register: u32, bits: u32) -> Expression {
    let attributes = vec![
        number(1, register),
        number(2, register),
        number(3, 4),
        data(4, &bits.to_ne_bytes()),
        data(5, &[0; 4]),
    ];
    Expression {
        name: "bitwise",
        attributes,
    }
}

pub fn conntrack(key: Conntrack, register: u32) -> Expression {
    Expression {
        name: "ct",
        attributes: vec![number(1, register), number(2, key as u32)],
    }
}

/// Whether the key in `register` is (not) in the set.
pub fn lookup(set: &str, register: u32, how: Match) -> Expression {
    let mut attributes = vec![(1, text(set)), number(2, register)];
    if how == Match::Unequal {
        attributes.push(number(5, 1));
    }
    Expression {
        name: "lookup",
        attributes,
    }
}

/// Loads what the map holds for the key in `register` into the same register; no match ends the rule.
pub fn map(set: &str, register: u32) -> Expression {
    Expression {
        name: "lookup",
        attributes: vec![(1, text(set)), number(2, register), number(3, register)],
    }
}

/// Type of the destination address as the routing table sees it (`RTN_*`), 4 bytes.
pub fn destination_type(register: u32) -> Expression {
    const DADDR: u32 = 2;
    address_type(DADDR, register)
}

/// The same of the source address.
pub fn source_type(register: u32) -> Expression {
    const SADDR: u32 = 1;
    address_type(SADDR, register)
}

fn address_type(which: u32, register: u32) -> Expression {
    const ADDRTYPE: u32 = 3;
    Expression {
        name: "fib",
        attributes: vec![number(1, register), number(2, ADDRTYPE), number(3, which)],
    }
}

/// Destination NAT of IPv4 to the address in one register and the port in another.
pub fn dnat(address: u32, port: u32) -> Expression {
    const DNAT: u32 = 1;
    const IPV4: u32 = 2;
    const MAP_IPS_AND_PROTO: u32 = 3;
    let attributes = vec![
        number(1, DNAT),
        number(2, IPV4),
        number(3, address),
        number(4, address),
        number(5, port),
        number(6, port),
        number(7, MAP_IPS_AND_PROTO),
    ];
    Expression {
        name: "nat",
        attributes,
    }
}

pub fn masquerade() -> Expression {
    Expression {
        name: "masq",
        attributes: Vec::new(),
    }
}

pub fn verdict(code: Verdict) -> Expression {
    let verdict = Value::Nested(vec![number(VERDICT_CODE, code as u32)]);
    Expression {
        name: "immediate",
        attributes: vec![
            number(1, 0),
            (2, Value::Nested(vec![(DATA_VERDICT, verdict)])),
        ],
    }
}

fn text(value: &str) -> Value {
    Value::Bytes(value.bytes().chain([0]).collect())
}

/// Writes the list as the content of `NFTA_RULE_EXPRESSIONS`.
pub fn write(writer: &mut Writer, expressions: &[Expression]) {
    for expression in expressions {
        writer.nested(LIST_ELEM, |element| {
            element.text(EXPR_NAME, expression.name);
            element.nested(EXPR_DATA, |inner| {
                write_values(inner, &expression.attributes);
            });
        });
    }
}

fn write_values(writer: &mut Writer, values: &[(u16, Value)]) {
    for (kind, value) in values {
        match value {
            Value::Bytes(bytes) => writer.attribute(*kind, bytes),
            Value::Nested(inner) => writer.nested(*kind, |w| write_values(w, inner)),
        }
    }
}

/// Whether the kernel's `NFTA_RULE_EXPRESSIONS` say the same. Attributes that the kernel adds may only be zero.
pub fn same(expected: &[Expression], found: Attributes<'_>) -> bool {
    let found: Vec<_> = found
        .filter(|(kind, _)| *kind == LIST_ELEM)
        .map(|(_, payload)| Attributes(payload))
        .collect();
    expected.len() == found.len()
        && expected.iter().zip(found).all(|(expected, found)| {
            found.get(EXPR_NAME).and_then(read_text) == Some(expected.name)
                && same_values(&expected.attributes, &found.inside(EXPR_DATA))
        })
}

fn same_values(expected: &[(u16, Value)], found: &Attributes<'_>) -> bool {
    let all_there = expected
        .iter()
        .all(|(kind, value)| match (value, found.get(*kind)) {
            (Value::Bytes(bytes), Some(payload)) => bytes == payload,
            (Value::Nested(inner), Some(payload)) => same_values(inner, &Attributes(payload)),
            (_, None) => false,
        });
    let nothing_else = |(kind, payload): (u16, &[u8])| {
        expected.iter().any(|(known, _)| *known == kind) || payload.iter().all(|byte| *byte == 0)
    };
    all_there && found.clone().all(nothing_else)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(expressions: &[Expression]) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer, expressions);
        writer.bytes().to_vec()
    }

    #[test]
    fn a_list_is_the_same_as_itself_only() {
        let list = [
            meta(Meta::InputName, REG_1),
            lookup("brs", REG_1, Match::Equal),
            verdict(Verdict::Accept),
        ];
        let bytes = written(&list);
        assert!(same(&list, Attributes(&bytes)));
        assert!(!same(&list[..2], Attributes(&bytes)), "one more");
        let inverted = [
            list[0].clone(),
            lookup("brs", REG_1, Match::Unequal),
            list[2].clone(),
        ];
        assert!(!same(&inverted, Attributes(&bytes)), "a flag less");
        assert!(!same(&list, Attributes(&written(&inverted))), "a flag more");
        let other = [list[0].clone(), list[1].clone(), verdict(Verdict::Drop)];
        assert!(!same(&other, Attributes(&bytes)), "another verdict");
    }

    #[test]
    fn every_cut_of_the_kernels_bytes_is_read_without_panic() {
        let list = [
            dnat(REG_1, REG_1_1),
            masquerade(),
            map("pub4", REG_1),
            mask(REG_1, 6),
            conntrack(Conntrack::State, REG_1),
        ];
        let bytes = written(&list);
        for length in 0..bytes.len() {
            assert!(!same(&list, Attributes(&bytes[..length])), "{length}");
        }
    }
}
