//! Messages on the wire (RFC 1035, RFC 6891): what a client asks, what it is told, what goes to a server and what may come back.

use std::net::Ipv4Addr;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::message_builder::{AdditionalBuilder, PushError};
use domain::base::name::{Name, ToLabelIter as _, ToName as _};
use domain::base::opt::Opt;
use domain::base::{Header, HeaderSection, Message, MessageBuilder, Serial, StaticCompressor, Ttl};
use domain::rdata::{A, Ptr, Soa};

/// Datagrams up to this pass every usual path in one piece (DNS flag day 2020); neither we nor a server sends a longer one.
pub const MAX_DATAGRAM: u16 = 1232;
/// What a client takes in a datagram that does not say (RFC 1035 2.3.4).
const PLAIN_DATAGRAM: u16 = 512;
/// What a message on a stream may have (RFC 1035 4.2.2).
pub const MAX_STREAM: usize = 65_535;
/// The longest query that is read: a name, a type and room for options of EDNS.
pub const MAX_QUERY: usize = 4096;
const HEADER: usize = 12;
/// An OPT record without options.
const OPT: usize = 11;
/// Answers of ours are asked for again each time: they change with the containers.
const TTL: Ttl = Ttl::ZERO;

/// One question a client asks.
#[derive(Clone, Debug)]
pub struct Query {
    pub id: u16,
    /// Lower case, dots between labels, none at the end. None: it has characters that no host name has.
    pub text: Option<String>,
    pub kind: Rtype,
    pub wants_recursion: bool,
    name: Name<Vec<u8>>,
    checking_disabled: bool,
    authentic: bool,
    edns: Option<Edns>,
}

#[derive(Clone, Copy, Debug)]
struct Edns {
    size: u16,
    dnssec: bool,
}

/// What came from a client.
#[derive(Debug)]
pub enum Incoming {
    Query(Query),
    /// Not to be worked on; this is said.
    Refused(Vec<u8>),
    /// Nothing is said: no message, or an answer, which two servers would throw at each other for ever.
    Ignored,
}

/// What we know ourselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Addresses(Vec<Ipv4Addr>),
    Host(String),
    /// The name exists, with other types. The text: the zone it is in.
    NoData(String),
    /// The name does not exist in the zone.
    NoName(String),
}

/// Reads what a client sent. Total: whatever the bytes are.
pub fn read(bytes: &[u8]) -> Incoming {
    let Ok(message) = Message::from_slice(bytes) else {
        return Incoming::Ignored;
    };
    let header = message.header();
    if header.qr() {
        return Incoming::Ignored;
    }
    if header.opcode() != Opcode::QUERY {
        return Incoming::Refused(refusal(header, Rcode::NOTIMP));
    }
    let Some((query, class)) = parsed(message) else {
        return Incoming::Refused(refusal(header, Rcode::FORMERR));
    };
    if query.edns.is_some_and(|_| has_other_version(message)) {
        return Incoming::Refused(bad_version(&query));
    }
    let is_transfer = matches!(query.kind, Rtype::AXFR | Rtype::IXFR);
    if class != Class::IN || is_transfer {
        return Incoming::Refused(failure(&query, Rcode::REFUSED));
    }
    Incoming::Query(query)
}

/// None: malformed.
fn parsed(message: &Message<[u8]>) -> Option<(Query, Class)> {
    let header = message.header();
    let counts = message.header_counts();
    if counts.ancount() > 0 || counts.nscount() > 0 {
        return None;
    }
    let question = message.sole_question().ok()?;
    let mut edns = None;
    for record in message.additional().ok()? {
        let record = record.ok()?;
        if record.rtype() != Rtype::OPT {
            continue;
        }
        // One at most, and of the root (RFC 6891 6.1.1).
        if edns.is_some() || !record.owner().is_root() {
            return None;
        }
        record.to_record::<Opt<_>>().ok()??;
        edns = Some(Edns {
            size: record.class().to_int(),
            dnssec: record.ttl().as_secs() & 0x8000 != 0,
        });
    }
    let name: Name<Vec<u8>> = question.qname().to_name();
    let query = Query {
        id: header.id(),
        text: text_of(&name),
        kind: question.qtype(),
        wants_recursion: header.rd(),
        name,
        checking_disabled: header.cd(),
        authentic: header.ad(),
        edns,
    };
    Some((query, question.qclass()))
}

fn has_other_version(message: &Message<[u8]>) -> bool {
    message.opt().is_some_and(|opt| opt.version() != 0)
}

/// A dot within a label must not pass for one between labels.
fn text_of(name: &Name<Vec<u8>>) -> Option<String> {
    let mut text = String::new();
    for label in name.iter_labels().filter(|label| !label.is_root()) {
        if !text.is_empty() {
            text.push('.');
        }
        for byte in label.as_slice() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                    text.push(char::from(byte.to_ascii_lowercase()));
                }
                _ => return None,
            }
        }
    }
    Some(text)
}

impl Query {
    /// How long an answer in a datagram may be.
    pub fn datagram_limit(&self) -> usize {
        let size = self.edns.map_or(PLAIN_DATAGRAM, |edns| {
            edns.size.clamp(PLAIN_DATAGRAM, MAX_DATAGRAM)
        });
        usize::from(size)
    }

    /// Whether it asks for the same, as a client does that has not heard yet.
    pub fn repeats(&self, other: &Self) -> bool {
        self.id == other.id && self.kind == other.kind && self.name == other.name
    }

    /// For a server, under an id of its own: what counts of the question. Options of the client stay here: they are between it and us (RFC 6891 6.2.6).
    pub fn forwarded(&self, id: u16) -> Vec<u8> {
        let build = || -> Result<Vec<u8>, PushError> {
            let mut message = started(id, Header::new(), &self.name, self.kind)?;
            let header = message.header_mut();
            header.set_rd(true);
            header.set_cd(self.checking_disabled);
            header.set_ad(self.authentic);
            self.with_edns(&mut message, MAX_DATAGRAM)?;
            Ok(message.finish().into_target())
        };
        build().unwrap_or_default()
    }

    /// Says that we speak EDNS to who does; nothing to others (RFC 6891 7).
    fn with_edns(
        &self,
        message: &mut AdditionalBuilder<StaticCompressor<Vec<u8>>>,
        size: u16,
    ) -> Result<(), PushError> {
        let Some(edns) = self.edns else { return Ok(()) };
        message.clear_push_limit();
        message.opt(|opt| {
            opt.set_udp_payload_size(size);
            opt.set_dnssec_ok(edns.dnssec);
            Ok(())
        })
    }

    /// Whether bytes from a server are its answer to what we sent under this id. Some servers repeat no question when they fail.
    pub fn is_answered_by(&self, bytes: &[u8], id: u16) -> bool {
        let Ok(message) = Message::from_slice(bytes) else {
            return false;
        };
        let header = message.header();
        if !header.qr() || header.id() != id || header.opcode() != Opcode::QUERY {
            return false;
        }
        match message.sole_question() {
            Ok(question) => {
                question.qtype() == self.kind
                    && question.qclass() == Class::IN
                    && question.qname().name_eq(&self.name)
            }
            Err(_) => message.header_counts().qdcount() == 0 && header.rcode() != Rcode::NOERROR,
        }
    }

    /// A server's answer as the client gets it; what is longer than `limit` becomes one that says so (RFC 2181 9).
    pub fn relayed(&self, mut bytes: Vec<u8>, limit: usize) -> Vec<u8> {
        if bytes.len() > limit {
            return self.cut_off();
        }
        if bytes.len() >= HEADER {
            let header = Header::for_message_slice_mut(&mut bytes);
            header.set_id(self.id);
            header.set_rd(self.wants_recursion);
            header.set_ra(true);
        }
        bytes
    }

    fn cut_off(&self) -> Vec<u8> {
        let build = || -> Result<Vec<u8>, PushError> {
            let mut message = self.reply(Rcode::NOERROR)?;
            message.header_mut().set_tc(true);
            self.with_edns(&mut message, MAX_DATAGRAM)?;
            Ok(message.finish().into_target())
        };
        build().unwrap_or_default()
    }

    fn reply(
        &self,
        rcode: Rcode,
    ) -> Result<AdditionalBuilder<StaticCompressor<Vec<u8>>>, PushError> {
        let mut header = Header::new();
        header.set_qr(true);
        header.set_ra(true);
        header.set_rd(self.wants_recursion);
        header.set_cd(self.checking_disabled);
        header.set_rcode(rcode);
        started(self.id, header, &self.name, self.kind)
    }
}

fn started(
    id: u16,
    header: Header,
    name: &Name<Vec<u8>>,
    kind: Rtype,
) -> Result<AdditionalBuilder<StaticCompressor<Vec<u8>>>, PushError> {
    let target = StaticCompressor::new(Vec::with_capacity(usize::from(PLAIN_DATAGRAM)));
    let mut message = MessageBuilder::from_target(target).map_err(|_| PushError::ShortBuf)?;
    *message.header_mut() = header;
    message.header_mut().set_id(id);
    let mut message = message.question();
    message.push((name, kind))?;
    Ok(message.additional())
}

/// What we know, in at most `limit` bytes: of many addresses as many as fit, and then it says that there are more.
pub fn answered(query: &Query, answer: &Answer, limit: usize) -> Vec<u8> {
    let build = || -> Result<Vec<u8>, PushError> {
        let rcode = match answer {
            Answer::NoName(_) => Rcode::NXDOMAIN,
            _ => Rcode::NOERROR,
        };
        let mut message = query.reply(rcode)?;
        message.header_mut().set_aa(true);
        message.set_push_limit(limit.saturating_sub(OPT));
        let mut message = message.answer();
        match answer {
            Answer::Addresses(addresses) => {
                for address in addresses {
                    if message.push((&query.name, TTL, A::new(*address))).is_err() {
                        message.header_mut().set_tc(true);
                        break;
                    }
                }
            }
            Answer::Host(host) => message.push((&query.name, TTL, Ptr::new(name_of(host))))?,
            Answer::NoData(_) | Answer::NoName(_) => {}
        }
        let mut message = message.authority();
        if let Answer::NoData(zone) | Answer::NoName(zone) = answer {
            message.push((name_of(zone), TTL, authority_of(zone)))?;
        }
        let mut message = message.additional();
        query.with_edns(&mut message, MAX_DATAGRAM)?;
        Ok(message.finish().into_target())
    };
    build().unwrap_or_else(|_| failure(query, Rcode::SERVFAIL))
}

/// Its last number is how long a client may remember that something is not there (RFC 2308 5): not at all.
fn authority_of(zone: &str) -> Soa<Name<Vec<u8>>> {
    let (zone, mailbox) = (name_of(zone), name_of("nobody.invalid"));
    let usual = [3600, 600, 86_400].map(Ttl::from_secs);
    let [refresh, retry, expire] = usual;
    Soa::new(zone, mailbox, Serial(1), refresh, retry, expire, TTL)
}

/// Our own names are host names; one that is none would be the root.
fn name_of(text: &str) -> Name<Vec<u8>> {
    text.parse().unwrap_or_else(|_| Name::root_vec())
}

pub fn failure(query: &Query, rcode: Rcode) -> Vec<u8> {
    let build = || -> Result<Vec<u8>, PushError> {
        let mut message = query.reply(rcode)?;
        query.with_edns(&mut message, MAX_DATAGRAM)?;
        Ok(message.finish().into_target())
    };
    build().unwrap_or_default()
}

/// To a question in an EDNS that does not exist yet (RFC 6891 6.1.3).
fn bad_version(query: &Query) -> Vec<u8> {
    let build = || -> Result<Vec<u8>, PushError> {
        let mut message = query.reply(Rcode::NOERROR)?;
        message.opt(|opt| {
            opt.set_udp_payload_size(MAX_DATAGRAM);
            opt.set_rcode(domain::base::iana::OptRcode::BADVERS);
            Ok(())
        })?;
        Ok(message.finish().into_target())
    };
    build().unwrap_or_default()
}

/// To something whose question cannot be repeated.
fn refusal(asked: Header, rcode: Rcode) -> Vec<u8> {
    let mut section = HeaderSection::new();
    let header = section.header_mut();
    header.set_id(asked.id());
    header.set_qr(true);
    header.set_opcode(asked.opcode());
    header.set_rd(asked.rd());
    header.set_rcode(rcode);
    section.as_slice().to_vec()
}

/// Whether an answer says that its server could not, and another one may.
pub fn is_failure(bytes: &[u8]) -> bool {
    bytes.len() < HEADER
        || matches!(
            Header::for_message_slice(bytes).rcode(),
            Rcode::SERVFAIL | Rcode::REFUSED
        )
}
