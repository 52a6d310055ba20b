//! Codec edge and resolver on bytes alone. Sockets are tested with real containers, in `test/e2e/names.test.ts`.

use std::net::{IpAddr, Ipv4Addr};

use domain::base::iana::{Class, OptRcode, Rcode, Rtype};
use domain::base::{Message, MessageBuilder, Name, Ttl};
use domain::rdata::{A, AllRecordData};

use super::message::{self, Answer, Incoming, Query};
use super::names::Names;

const WEB_1: Ipv4Addr = Ipv4Addr::new(10, 88, 7, 2);
const WEB_2: Ipv4Addr = Ipv4Addr::new(10, 88, 7, 3);
const BLOG_WEB: Ipv4Addr = Ipv4Addr::new(10, 88, 7, 4);
const DB: Ipv4Addr = Ipv4Addr::new(10, 88, 7, 5);

const FILE: &str = r#"{
    "gateway": "10.88.7.1/24", "domain": "corp.test", "forwarders": ["192.0.2.53"], "later": {},
    "members": [
        {"address": "10.88.7.2", "namespace": "shop", "names": ["web-1", "web"], "ready": true, "forwarders": []},
        {"address": "10.88.7.3", "namespace": "shop", "names": ["web-2", "web"], "ready": false, "forwarders": ["192.0.2.99"]},
        {"address": "10.88.7.4", "namespace": "blog", "names": ["web-1", "web", "www.blog.example"], "ready": true, "forwarders": []},
        {"address": "10.88.7.5", "namespace": "shop", "names": ["db-1", "db", "Postgres"], "ready": false, "forwarders": []}
    ]
}"#;

fn names() -> Names {
    Names::parse(FILE.as_bytes()).expect("a names file")
}

/// A query on the wire: recursion wanted, EDNS with this size.
fn asked(name: &str, kind: Rtype, edns: Option<u16>) -> Vec<u8> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_id(0x1234);
    message.header_mut().set_rd(true);
    let mut message = message.question();
    let name: Name<Vec<u8>> = name.parse().expect("a name");
    message.push((&name, kind)).expect("room");
    let mut message = message.additional();
    if let Some(size) = edns {
        let opt = message.opt(|opt| {
            opt.set_udp_payload_size(size);
            Ok(())
        });
        opt.expect("room");
    }
    message.finish()
}

fn query(bytes: &[u8]) -> Query {
    match message::read(bytes) {
        Incoming::Query(query) => query,
        other => panic!("{other:?}"),
    }
}

fn refused(bytes: &[u8]) -> Message<Vec<u8>> {
    match message::read(bytes) {
        Incoming::Refused(answer) => Message::from_octets(answer).expect("a message"),
        other => panic!("{other:?}"),
    }
}

macro_rules! addresses {
    ($list:expr) => {
        Some(Answer::Addresses($list.to_vec()))
    };
}

fn zone(text: &str) -> String {
    text.to_owned()
}

// ------------------------------------------------------------------------------------------------- names

#[test]
fn a_bare_name_means_the_one_of_the_clients_namespace_and_else_whoever_has_it() {
    let names = names();
    let find = |client, name| names.find(client, name, Rtype::A);
    assert_eq!(find(DB, "web"), addresses!([WEB_1]));
    assert_eq!(find(BLOG_WEB, "web"), addresses!([BLOG_WEB]));
    assert_eq!(find(BLOG_WEB, "db"), addresses!([DB]));
    assert_eq!(find(BLOG_WEB, "postgres"), addresses!([DB]));
    assert_eq!(find(DB, "web-2"), addresses!([WEB_2]));
    let host = names.gateway;
    assert_eq!(find(host, "web"), addresses!([WEB_1, BLOG_WEB]));
    assert_eq!(find(host, "www.blog.example"), addresses!([BLOG_WEB]));
}

#[test]
fn a_name_with_a_namespace_means_just_that_and_a_domain_every_namespace() {
    let names = names();
    let find = |client, name| names.find(client, name, Rtype::A);
    assert_eq!(find(DB, "web.blog"), addresses!([BLOG_WEB]));
    assert_eq!(find(BLOG_WEB, "web.shop"), addresses!([WEB_1]));
    assert_eq!(find(BLOG_WEB, "web-1.shop"), addresses!([WEB_1]));
    assert_eq!(find(BLOG_WEB, "db.corp.test"), addresses!([DB]));
    assert_eq!(find(DB, "web.corp.test"), addresses!([WEB_1]));
}

#[test]
fn of_a_replica_set_the_ready_ones_are_given_and_all_when_none_is() {
    let file = FILE.replace("\"ready\": true", "\"ready\": false");
    let none_ready = Names::parse(file.as_bytes()).expect("a names file");
    assert_eq!(
        none_ready.find(DB, "web", Rtype::A),
        addresses!([WEB_1, WEB_2])
    );
    let file = FILE.replace("\"ready\": false", "\"ready\": true");
    let all_ready = Names::parse(file.as_bytes()).expect("a names file");
    assert_eq!(
        all_ready.find(DB, "web.shop", Rtype::A),
        addresses!([WEB_1, WEB_2])
    );
}

#[test]
fn what_is_not_known_below_our_zones_does_not_exist_and_everything_else_is_not_ours() {
    let names = names();
    let find = |name, kind| names.find(DB, name, kind);
    assert_eq!(
        find("nobody.shop", Rtype::A),
        Some(Answer::NoName(zone("shop")))
    );
    assert_eq!(
        find("db.blog", Rtype::A),
        Some(Answer::NoName(zone("blog")))
    );
    assert_eq!(
        find("x.corp.test", Rtype::A),
        Some(Answer::NoName(zone("corp.test")))
    );
    for known in ["web", "shop", "corp.test"] {
        assert_eq!(
            find(known, Rtype::AAAA),
            Some(Answer::NoData(zone(known))),
            "{known}"
        );
    }
    assert_eq!(
        find("web.shop", Rtype::AAAA),
        Some(Answer::NoData(zone("shop")))
    );
    assert_eq!(
        find("web.shop", Rtype::MX),
        Some(Answer::NoData(zone("shop")))
    );
    for foreign in [
        "example.com",
        "nobody",
        "test",
        "shop.example.com",
        "",
        "xshop",
    ] {
        assert_eq!(find(foreign, Rtype::A), None, "{foreign}");
    }
}

#[test]
fn addresses_of_the_network_lead_back_to_their_instance() {
    let names = names();
    let find = |name, kind| names.find(DB, name, kind);
    assert_eq!(
        find("4.7.88.10.in-addr.arpa", Rtype::PTR),
        Some(Answer::Host(zone("web-1.blog")))
    );
    let unknown = "9.7.88.10.in-addr.arpa";
    assert_eq!(
        find(unknown, Rtype::PTR),
        Some(Answer::NoName(zone(unknown)))
    );
    let other_type = "4.7.88.10.in-addr.arpa";
    assert_eq!(
        find(other_type, Rtype::A),
        Some(Answer::NoData(zone(other_type)))
    );
    for foreign in [
        "4.8.88.10.in-addr.arpa",
        "7.88.10.in-addr.arpa",
        "1.4.7.88.10.in-addr.arpa",
        "x.7.88.10.in-addr.arpa",
        "256.7.88.10.in-addr.arpa",
        "in-addr.arpa",
    ] {
        assert_eq!(find(foreign, Rtype::PTR), None, "{foreign}");
    }
}

#[test]
fn members_only_are_clients_and_each_has_its_own_servers() {
    let names = names();
    assert!(names.contains(DB) && names.contains(names.gateway));
    assert!(!names.contains(Ipv4Addr::new(10, 88, 8, 2)));
    assert!(!names.contains(Ipv4Addr::new(10, 88, 7, 255)));
    let server = |text: &str| text.parse::<IpAddr>().expect("an address");
    assert_eq!(names.forwarders(DB), [server("192.0.2.53")]);
    assert_eq!(names.forwarders(WEB_2), [server("192.0.2.99")]);
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_no_names_file() {
    for end in 0..FILE.len() {
        assert!(Names::parse(&FILE.as_bytes()[..end]).is_none(), "{end}");
    }
}

// ------------------------------------------------------------------------------------------------- what clients send

#[test]
fn the_question_is_repeated_as_it_was_asked() {
    let bytes = asked("WeB.Shop", Rtype::A, None);
    let query = query(&bytes);
    assert_eq!(query.text.as_deref(), Some("web.shop"));
    let answer = Answer::Addresses(vec![WEB_1, WEB_2]);
    let answer = message::answered(&query, &answer, 512);
    assert_eq!(answer[12..26], bytes[12..26], "the case too");
    let message = Message::from_octets(answer).expect("a message");
    let header = message.header();
    assert_eq!((header.id(), header.rcode()), (0x1234, Rcode::NOERROR));
    assert!(header.qr() && header.aa() && header.ra() && header.rd() && !header.tc());
    let section = message.answer().expect("a section");
    let found: Vec<_> = section
        .limit_to::<A>()
        .map(|record| record.expect("a record"))
        .map(|record| (record.data().addr(), record.ttl()))
        .collect();
    assert_eq!(found, [(WEB_1, Ttl::ZERO), (WEB_2, Ttl::ZERO)]);
    assert!(message.opt().is_none(), "who speaks no EDNS hears none");
}

#[test]
fn what_is_not_there_is_said_with_the_authority_of_its_zone() {
    let query = query(&asked("nobody.shop", Rtype::A, Some(4096)));
    for (answer, rcode) in [
        (Answer::NoName(zone("shop")), Rcode::NXDOMAIN),
        (Answer::NoData(zone("shop")), Rcode::NOERROR),
    ] {
        let bytes = message::answered(&query, &answer, 512);
        let message = Message::from_octets(bytes).expect("a message");
        assert_eq!(message.header().rcode(), rcode);
        assert!(message.header().aa());
        assert_eq!(message.header_counts().ancount(), 0);
        let section = message.authority().expect("a section");
        let records: Vec<_> = section
            .limit_to::<AllRecordData<_, _>>()
            .map(|record| record.expect("a record"))
            .collect();
        let [record] = &records[..] else {
            panic!("{records:?}")
        };
        assert_eq!(record.owner().to_string(), "shop");
        assert!(matches!(record.data(), AllRecordData::Soa(soa) if soa.minimum() == Ttl::ZERO));
        assert_eq!(message.opt().map(|opt| opt.udp_payload_size()), Some(1232));
    }
}

#[test]
fn an_answer_is_as_long_as_the_client_takes_it() {
    let many = Answer::Addresses(
        (0..1000)
            .map(|low| Ipv4Addr::from(0x0a58_0000 + low))
            .collect(),
    );
    for (edns, limit) in [
        (None, 512),
        (Some(100), 512),
        (Some(900), 900),
        (Some(65_535), 1232),
    ] {
        let query = query(&asked("web", Rtype::A, edns));
        assert_eq!(query.datagram_limit(), limit);
        let bytes = message::answered(&query, &many, limit);
        assert!(
            bytes.len() <= limit && bytes.len() > limit - 30,
            "{}",
            bytes.len()
        );
        let message = Message::from_octets(bytes).expect("a message");
        assert!(message.header().tc());
        assert_eq!(message.opt().is_some(), edns.is_some());
        let whole = message::answered(&query, &many, 65_535);
        let whole = Message::from_octets(whole).expect("a message");
        assert!(!whole.header().tc());
        assert_eq!(whole.header_counts().ancount(), 1000);
    }
}

#[test]
fn what_is_no_proper_query_is_refused_or_ignored() {
    let good = asked("web.shop", Rtype::A, Some(1232));
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    assert!(matches!(message::read(&good[..11]), Incoming::Ignored));
    assert!(matches!(message::read(&[]), Incoming::Ignored));
    let answer = changed(&|bytes| bytes[2] |= 0x80);
    assert!(matches!(message::read(&answer), Incoming::Ignored));

    let two_questions = changed(&|bytes| bytes[5] = 2);
    let no_question = changed(&|bytes| bytes[5] = 0);
    let an_answer = changed(&|bytes| bytes[7] = 1);
    let cut = good[..good.len() - 1].to_vec();
    let to_itself = changed(&|bytes| bytes.splice(12..13, [0xc0, 12]).for_each(drop));
    let forward = changed(&|bytes| bytes.splice(12..13, [0xc0, 200]).for_each(drop));
    let odd_label = changed(&|bytes| bytes[12] = 0x80);
    let two_opts = changed(&|bytes| {
        let opt = bytes[bytes.len() - 11..].to_vec();
        bytes.extend(opt);
        bytes[11] = 2;
    });
    let long = changed(&|bytes| {
        let labels = [[63_u8; 64]; 5].concat();
        bytes.splice(12..12, labels).for_each(drop);
    });
    for bytes in [
        two_questions,
        no_question,
        an_answer,
        cut,
        to_itself,
        forward,
        odd_label,
        two_opts,
        long,
    ] {
        let message = refused(&bytes);
        assert_eq!(message.header().rcode(), Rcode::FORMERR, "{bytes:?}");
        assert_eq!(message.header().id(), 0x1234);
        assert!(message.header().qr());
    }
    let status = changed(&|bytes| bytes[2] |= 2 << 3);
    assert_eq!(refused(&status).header().rcode(), Rcode::NOTIMP);
    let chaos = changed(&|bytes| bytes[12 + 10 + 3] = 3);
    assert_eq!(refused(&chaos).header().rcode(), Rcode::REFUSED);
    for kind in [Rtype::AXFR, Rtype::IXFR] {
        let message = refused(&asked("shop", kind, None));
        assert_eq!(message.header().rcode(), Rcode::REFUSED);
    }
    let version = changed(&|bytes| {
        let at = bytes.len() - 5;
        bytes[at] = 1;
    });
    assert_eq!(refused(&version).opt_rcode(), OptRcode::BADVERS);
}

#[test]
fn a_dot_within_a_label_is_not_one_between_labels() {
    let mut bytes = asked("webxshop", Rtype::A, None);
    bytes[12 + 4] = b'.';
    assert_eq!(query(&bytes).text, None);
}

// ------------------------------------------------------------------------------------------------- what goes on

#[test]
fn what_goes_to_a_server_is_the_question_under_another_id() {
    let asked = query(&asked("Example.COM", Rtype::MX, Some(4096)));
    let bytes = asked.forwarded(0xbeef);
    let sent = query(&bytes);
    assert_eq!((sent.id, sent.kind), (0xbeef, Rtype::MX));
    assert_eq!(sent.text.as_deref(), Some("example.com"));
    assert!(bytes.windows(7).any(|part| part == b"Example"));
    assert!(sent.wants_recursion);
    assert_eq!(sent.datagram_limit(), 1232);
}

#[test]
fn only_an_answer_to_what_was_sent_counts() {
    let asked_one = query(&asked("example.com", Rtype::A, None));
    let sent = asked_one.forwarded(7);
    let mut answer = sent.clone();
    answer[2] |= 0x80;
    assert!(asked_one.is_answered_by(&answer, 7));
    assert!(!asked_one.is_answered_by(&answer, 8), "another id");
    assert!(!asked_one.is_answered_by(&sent, 7), "a question");
    let mut other = query(&asked("example.org", Rtype::A, None)).forwarded(7);
    other[2] |= 0x80;
    assert!(!asked_one.is_answered_by(&other, 7), "another name");
    let mut other = query(&asked("example.com", Rtype::AAAA, None)).forwarded(7);
    other[2] |= 0x80;
    assert!(!asked_one.is_answered_by(&other, 7), "another type");
    let mut bare = answer[..12].to_vec();
    bare[5] = 0;
    assert!(
        !asked_one.is_answered_by(&bare, 7),
        "success without a question"
    );
    bare[3] |= 2;
    assert!(asked_one.is_answered_by(&bare, 7), "a failure without one");
    assert!(message::is_failure(&bare) && !message::is_failure(&answer));
}

#[test]
fn a_servers_answer_is_passed_on_under_the_clients_id_or_cut_off() {
    let asked = query(&asked("example.com", Rtype::A, None));
    let mut answer = asked.forwarded(7);
    answer[2] |= 0x80;
    answer.extend([0; 600]);
    let passed = asked.relayed(answer.clone(), 65_535);
    assert_eq!(passed[..2], [0x12, 0x34]);
    assert_eq!(passed.len(), answer.len());
    let cut = Message::from_octets(asked.relayed(answer, 512)).expect("a message");
    assert!(cut.header().tc() && cut.header().qr());
    assert_eq!(cut.header().id(), 0x1234);
    assert_eq!(cut.sole_question().expect("it").qclass(), Class::IN);
}

// ------------------------------------------------------------------------------------------------- any bytes

/// xorshift64: what it gives is the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("small")
    }
}

/// Whatever is said to any bytes is a message that answers under their id and fits.
fn survives(names: &Names, bytes: &[u8]) {
    let (answer, limit) = match message::read(bytes) {
        Incoming::Ignored => return,
        Incoming::Refused(answer) => (answer, 512),
        Incoming::Query(query) => {
            let limit = query.datagram_limit();
            let name = query.text.as_deref().unwrap_or("");
            let found = names.find(DB, name, query.kind);
            let _ = query.is_answered_by(bytes, query.id);
            let answer = match found {
                Some(found) => message::answered(&query, &found, limit),
                None => query.relayed(query.forwarded(query.id), limit),
            };
            (answer, limit)
        }
    };
    assert!(answer.len() <= limit, "{bytes:?}");
    assert_eq!(answer[..2], bytes[..2], "{bytes:?}");
}

#[test]
fn no_bytes_bring_it_down() {
    let names = names();
    let mut random = Random(0x5eed_1234_abcd_ef01);
    let samples = [
        asked("web.shop", Rtype::A, None),
        asked("WEB", Rtype::AAAA, Some(1232)),
        asked("4.7.88.10.in-addr.arpa", Rtype::PTR, Some(65_535)),
        asked("a.rather.long.name.of.some.example.com", Rtype::ANY, None),
    ];
    for round in 0..200_000 {
        let mut bytes: Vec<u8> = if round % 4 == 0 {
            let length = random.below(600);
            (0..length)
                .map(|_| random.next().to_le_bytes()[3])
                .collect()
        } else {
            samples[random.below(samples.len())].clone()
        };
        for _ in 0..random.below(6) {
            if bytes.is_empty() {
                break;
            }
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => bytes[at] = random.next().to_le_bytes()[0],
                1 => bytes[at] = 0xc0 | (random.next().to_le_bytes()[0] & 0x3f),
                2 => bytes.truncate(at),
                3 => {
                    let copy = bytes[at..].to_vec();
                    bytes.extend(copy);
                }
                _ => bytes[at] ^= 1 << random.below(8),
            }
        }
        bytes.truncate(message::MAX_QUERY);
        survives(&names, &bytes);
    }
}
