//! Our table against the kernel: compared with what `nft` prints, and with traffic between namespaces: the host (the test's own), a neighbour outside,
//! and containers.

mod support;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use support::{Peer, in_namespace, ip, role, role_here, run, stdout};
use tsdock_core::netlink::{Bridge, Cidr, Inside, InsideInterface, Netlink, Veth};
use tsdock_core::nft::{Endpoint, Firewall, FirewallError, Network, Protocol, conntrack};

const PREFIX: &str = "tsx";
const PATIENCE: Duration = Duration::from_millis(700);

/// Not a test of its own: what the processes in the namespaces do.
#[test]
fn play_role() {
    let Some(words) = role() else { return };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["configure", address, gateway] => {
            let interface = InsideInterface {
                name: String::from("eth0"),
                addresses: vec![Cidr::parse(address).expect("cidr")],
                gateway: gateway.parse().ok(),
            };
            Netlink::open()
                .expect("socket")
                .configure_inside(&Inside {
                    interfaces: vec![interface],
                })
                .expect("configured");
            println!("answer: done");
        }
        ["serve", tag, port] => serve(tag, port.parse().expect("port")),
        ["ask", "tcp", address] => {
            let mut stream =
                TcpStream::connect_timeout(&address.parse().expect("address"), PATIENCE)
                    .expect("connected");
            stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("an answer");
            println!("answer: {text}");
        }
        ["ask", "udp", address] => println!(
            "answer: {}",
            ask_udp(&UdpSocket::bind("0.0.0.0:0").expect("bound"), address).expect("an answer")
        ),
        _ => panic!("no such role: {words:?}"),
    }
}

/// Answers each TCP connection and UDP datagram with its tag and the address it came from.
fn serve(tag: &str, port: u16) {
    let tcp = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).expect("tcp");
    let udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).expect("udp");
    println!("ready");
    let name = tag.to_owned();
    std::thread::spawn(move || {
        let mut buffer = [0; 16];
        while let Ok((_, peer)) = udp.recv_from(&mut buffer) {
            let _ = udp.send_to(format!("{name} {}", peer.ip()).as_bytes(), peer);
        }
    });
    for mut stream in tcp.incoming().flatten() {
        let peer = stream.peer_addr().expect("peer").ip();
        let _ = stream.write_all(format!("{tag} {peer}").as_bytes());
    }
}

fn ask_udp(socket: &UdpSocket, address: &str) -> Option<String> {
    socket.set_read_timeout(Some(PATIENCE)).expect("timeout");
    socket.send_to(b"?", address).ok()?;
    let mut buffer = [0; 64];
    let (length, _) = socket.recv_from(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

struct Host {
    netlink: Netlink,
    firewall: Firewall,
}

struct Net {
    bridge: &'static str,
    subnet: &'static str,
    gateway: &'static str,
}

const RED: Net = Net {
    bridge: "tsx-red",
    subnet: "10.88.1.0/24",
    gateway: "10.88.1.1",
};
const BLUE: Net = Net {
    bridge: "tsx-blue",
    subnet: "10.88.2.0/24",
    gateway: "10.88.2.1",
};

fn rows(net: &Net) -> Network {
    let subnet = Cidr::parse(net.subnet).expect("cidr");
    Network {
        bridge: net.bridge.to_owned(),
        subnet,
        masquerade: true,
        isolated: true,
        internal: false,
    }
}

impl Host {
    fn new() -> Self {
        let mut netlink = Netlink::open().expect("socket");
        netlink.enable_forwarding().expect("sysctl");
        Self {
            netlink,
            firewall: Firewall::open(PREFIX).expect("socket"),
        }
    }

    fn network(&mut self, net: &Net, rows: &Network) {
        let gateway = Cidr::parse(&format!("{}/24", net.gateway)).expect("cidr");
        let bridge = Bridge {
            name: net.bridge.to_owned(),
            alias: format!("{PREFIX}:{}", net.bridge),
            gateway,
            mtu: 1500,
        };
        self.netlink.ensure_bridge(&bridge).expect("bridge");
        self.firewall.ensure_network(rows).expect("rows");
    }

    /// A container at .`last` that serves ports 80 (TCP and UDP).
    fn container(&mut self, net: &Net, last: u8) -> Peer {
        let mut peer = Peer::new();
        let veth = Veth {
            host_name: format!("tsx{}{last}", &net.bridge[4..5]),
            alias: String::from("tsx:c"),
            bridge: net.bridge.to_owned(),
            inner_name: String::from("eth0"),
            mac: [2, 0, 0, net.bridge.as_bytes()[4], 0, last],
            mtu: 1500,
        };
        self.netlink
            .create_veth(&veth, peer.namespace())
            .expect("veth");
        let address = net
            .gateway
            .replace(".1.1", &format!(".1.{last}"))
            .replace(".2.1", &format!(".2.{last}"));
        assert_eq!(
            peer.role(&["configure", &format!("{address}/24"), net.gateway])
                .as_deref(),
            Ok("done")
        );
        peer.serve(&["serve", &format!("{}{last}", &net.bridge[4..]), "80"]);
        peer
    }

    /// A machine on the host's other link: 192.0.2.2, the host being 192.0.2.1; it routes all of 10/8 and 127.0.0.2 to the host, as an attacker would.
    fn outside() -> Peer {
        let mut peer = Peer::new();
        ip(&[
            "link",
            "add",
            "up0",
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            &peer.pid().to_string(),
        ]);
        ip(&["addr", "add", "192.0.2.1/24", "dev", "up0"]);
        ip(&["link", "set", "up0", "up"]);
        assert_eq!(
            peer.role(&["configure", "192.0.2.2/24", "192.0.2.1"])
                .as_deref(),
            Ok("done")
        );
        peer.run(
            "sh",
            &["-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"],
        );
        peer.run(
            "ip",
            &[
                "route",
                "add",
                "127.0.0.2/32",
                "via",
                "192.0.2.1",
                "src",
                "192.0.2.2",
            ],
        );
        peer.run(
            "ip",
            &[
                "rule",
                "add",
                "pref",
                "0",
                "to",
                "127.0.0.2",
                "lookup",
                "main",
            ],
        );
        peer.run("ip", &["rule", "del", "pref", "0", "lookup", "local"]);
        peer.run("ip", &["rule", "add", "pref", "1", "lookup", "local"]);
        peer.serve(&["serve", "outside", "80"]);
        peer
    }

    fn publish(&mut self, owner: &str, endpoints: &[Endpoint]) -> Result<(), FirewallError> {
        let change = self.firewall.publish(owner, endpoints)?;
        let local: Vec<Ipv4Addr> = self
            .netlink
            .addresses()
            .expect("dump")
            .iter()
            .filter_map(|a| match a.cidr.address {
                std::net::IpAddr::V4(v4) => Some(v4),
                std::net::IpAddr::V6(_) => None,
            })
            .collect();
        conntrack::forget(&change, &local).expect("conntrack");
        Ok(())
    }
}

fn endpoint(protocol: Protocol, host_port: u16, address: &str) -> Endpoint {
    let target: SocketAddr = address.parse().expect("address");
    let std::net::IpAddr::V4(v4) = target.ip() else {
        panic!("IPv4")
    };
    Endpoint {
        protocol,
        host_ip: None,
        host_port,
        address: v4,
        port: target.port(),
    }
}

fn both(host_port: u16, address: &str) -> [Endpoint; 2] {
    [
        endpoint(Protocol::Tcp, host_port, address),
        endpoint(Protocol::Udp, host_port, address),
    ]
}

fn nft() -> String {
    stdout(&run("nft", &["list", "ruleset"]))
}

/// Rules and sets without handles and elements, as `nft` prints them.
const GOLDEN: &str = include_str!("firewall.nft");

#[test]
fn nft_prints_exactly_the_table_that_the_design_names() {
    in_namespace("nft_prints_exactly_the_table_that_the_design_names", || {
        let mut host = Host::new();
        let open = Network {
            isolated: false,
            ..rows(&RED)
        };
        host.network(&RED, &open);
        let all = endpoint(Protocol::Tcp, 8080, "10.88.1.2:80");
        let local = Endpoint {
            host_ip: Some(Ipv4Addr::LOCALHOST),
            host_port: 53,
            ..all.clone()
        };
        host.publish("shop/web", &[all, local]).expect("published");
        assert_eq!(nft(), GOLDEN);
        let snapshot = Firewall::open(PREFIX)
            .expect("socket")
            .snapshot()
            .expect("read");
        assert!(snapshot.intact);
        assert_eq!(snapshot.bridges().collect::<Vec<_>>(), [RED.bridge]);
        assert_eq!(
            Network::from_elements(&snapshot.elements, RED.bridge, rows(&RED).subnet),
            Some(open)
        );
        assert!(
            snapshot
                .published()
                .all(|(_, owner)| owner == Some("shop/web"))
        );
    });
}

#[test]
fn a_port_belongs_to_one_owner_and_a_refused_change_changes_nothing() {
    in_namespace(
        "a_port_belongs_to_one_owner_and_a_refused_change_changes_nothing",
        || {
            let mut host = Host::new();
            host.network(&RED, &rows(&RED));
            host.publish("shop/web", &both(8080, "10.88.1.2:80"))
                .expect("published");
            let before = nft();
            let error = host.publish(
                "shop/api",
                &[
                    endpoint(Protocol::Tcp, 9090, "10.88.1.3:80"),
                    endpoint(Protocol::Tcp, 8080, "10.88.1.3:80"),
                ],
            );
            assert_eq!(
                error.expect_err("refused").to_string(),
                "port 8080/tcp is taken by shop/web"
            );
            let error = host.publish(
                "shop/api",
                &[
                    endpoint(Protocol::Tcp, 1, "10.88.1.3:80"),
                    endpoint(Protocol::Tcp, 1, "10.88.1.4:80"),
                ],
            );
            assert!(matches!(error, Err(FirewallError::Invalid(_))));
            assert!(matches!(
                host.publish(&"x".repeat(251), &[]),
                Err(FirewallError::Invalid(_))
            ));
            assert_eq!(nft(), before);
            // The same port leads elsewhere in one transaction, and goes with an empty list.
            host.publish("shop/web", &both(8080, "10.88.1.9:81"))
                .expect("moved");
            assert!(
                nft().contains("tcp . 8080 comment \"shop/web\" : 10.88.1.9 . 81"),
                "{}",
                nft()
            );
            assert!(!nft().contains("10.88.1.2"));
            host.publish("shop/web", &[]).expect("unpublished");
            assert!(!nft().contains("shop/web"));
            host.publish("shop/api", &both(8080, "10.88.1.3:80"))
                .expect("free again");
        },
    );
}

#[test]
fn damage_is_seen_and_repaired_with_all_elements() {
    in_namespace("damage_is_seen_and_repaired_with_all_elements", || {
        let mut host = Host::new();
        host.network(&RED, &rows(&RED));
        host.publish("shop/web", &both(8080, "10.88.1.2:80"))
            .expect("published");
        let good = nft();
        let damages: [&[&str]; 7] = [
            &["flush", "chain", "inet", PREFIX, "forward"],
            &["add", "rule", "inet", PREFIX, "pre", "counter"],
            &["insert", "rule", "inet", PREFIX, "raw", "accept"],
            &["delete", "chain", "inet", PREFIX, "out"],
            &["add", "chain", "inet", PREFIX, "more"],
            &["chain", "inet", PREFIX, "forward", "{ policy drop; }"],
            &["add", "set", "inet", PREFIX, "more", "{ type ipv4_addr; }"],
        ];
        for damage in damages {
            if damage[0] == "delete" {
                run("nft", &["flush", "chain", "inet", PREFIX, "out"]);
            }
            run("nft", damage);
            assert!(
                !host.firewall.snapshot().expect("read").intact,
                "{damage:?}"
            );
            host.firewall.ensure_network(&rows(&RED)).expect("repaired");
            assert_eq!(nft(), good, "{damage:?}");
            assert!(host.firewall.snapshot().expect("read").intact);
        }
        run("nft", &["flush", "ruleset"]);
        let snapshot = host.firewall.snapshot().expect("read");
        assert!(!snapshot.exists && !snapshot.intact && snapshot.elements.is_empty());
        host.firewall.ensure_network(&rows(&RED)).expect("again");
        host.publish("shop/web", &both(8080, "10.88.1.2:80"))
            .expect("again");
        assert_eq!(nft(), good);
    });
}

#[test]
fn two_engines_live_side_by_side_and_the_last_network_takes_the_table_along() {
    in_namespace(
        "two_engines_live_side_by_side_and_the_last_network_takes_the_table_along",
        || {
            let mut host = Host::new();
            run("nft", &["add", "table", "inet", "mine"]);
            let mut other = Firewall::open("tsy").expect("socket");
            host.network(&RED, &rows(&RED));
            other
                .ensure_network(&Network {
                    bridge: String::from("tsy0"),
                    ..rows(&BLUE)
                })
                .expect("rows");
            host.network(&BLUE, &rows(&BLUE));
            host.publish("a", &both(1, "10.88.1.2:1"))
                .expect("published");
            other
                .publish("b", &both(1, "10.88.2.2:1"))
                .expect("the other's port is not seen here");
            assert!(
                host.firewall.snapshot().expect("read").intact
                    && other.snapshot().expect("read").intact
            );
            host.firewall.remove_network(RED.bridge).expect("removed");
            assert!(!nft().contains("tsx-red"));
            assert!(nft().contains("tsx-blue"));
            host.firewall.remove_network(BLUE.bridge).expect("removed");
            host.firewall
                .remove_network(BLUE.bridge)
                .expect("absent is success");
            assert!(!nft().contains("table inet tsx"));
            assert!(nft().contains("table inet tsy") && nft().contains("table inet mine"));
            assert!(other.snapshot().expect("read").intact);
        },
    );
}

#[test]
fn a_thousand_published_ports_are_one_transaction() {
    in_namespace("a_thousand_published_ports_are_one_transaction", || {
        let mut host = Host::new();
        host.network(&RED, &rows(&RED));
        let many: Vec<_> = (1..=1000)
            .map(|port| endpoint(Protocol::Tcp, port, &format!("10.88.1.2:{port}")))
            .collect();
        host.publish(&"o".repeat(250), &many).expect("published");
        let mut fresh = Firewall::open(PREFIX).expect("socket");
        assert_eq!(fresh.snapshot().expect("read").published().count(), 1000);
        fresh
            .publish(&"o".repeat(250), &many[..1])
            .expect("reduced");
        assert_eq!(
            host.firewall.snapshot().expect("read").published().count(),
            1,
            "what another process changed is seen"
        );
    });
}

#[test]
fn a_published_port_is_reached_from_everywhere_over_tcp_and_udp() {
    in_namespace(
        "a_published_port_is_reached_from_everywhere_over_tcp_and_udp",
        || reach_from_everywhere("0"),
    );
}

#[test]
fn a_published_port_is_reached_from_everywhere_when_bridged_frames_pass_the_firewall_too() {
    in_namespace(
        "a_published_port_is_reached_from_everywhere_when_bridged_frames_pass_the_firewall_too",
        || reach_from_everywhere("1"),
    );
}

fn reach_from_everywhere(bridge_nf_call_iptables: &str) {
    let sysctl = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    if std::path::Path::new(sysctl).exists() {
        std::fs::write(sysctl, bridge_nf_call_iptables).expect("sysctl");
    }
    let mut host = Host::new();
    host.network(&RED, &rows(&RED));
    host.network(&BLUE, &rows(&BLUE));
    let (red2, red3, blue2) = (
        host.container(&RED, 2),
        host.container(&RED, 3),
        host.container(&BLUE, 2),
    );
    let outside = Host::outside();
    host.publish("shop/web", &both(8080, "10.88.1.2:80"))
        .expect("published");
    for protocol in ["tcp", "udp"] {
        let ask = |address: &str| ["ask", protocol, address].map(str::to_owned);
        let here =
            |address: &str| role_here(&ask(address).iter().map(String::as_str).collect::<Vec<_>>());
        let from = |peer: &Peer, address: &str| {
            peer.role(&ask(address).iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(
            from(&outside, "192.0.2.1:8080").as_deref(),
            Ok("red2 192.0.2.2"),
            "the source address is kept"
        );
        assert_eq!(
            here("192.0.2.1:8080").as_deref(),
            Ok("red2 192.0.2.1"),
            "the host by its own address"
        );
        assert_eq!(
            here("127.0.0.1:8080").as_deref(),
            Ok("red2 10.88.1.1"),
            "the host by 127.0.0.1"
        );
        assert_eq!(
            from(&red3, "192.0.2.1:8080").as_deref(),
            Ok("red2 10.88.1.1"),
            "a neighbour in the network by the host"
        );
        assert_eq!(
            from(&red2, "10.88.1.1:8080").as_deref(),
            Ok("red2 10.88.1.1"),
            "the container itself"
        );
        assert_eq!(
            from(&blue2, "192.0.2.1:8080").as_deref(),
            Ok("red2 10.88.2.2"),
            "another network by the host"
        );
        assert_eq!(
            from(&red3, "10.88.1.2:80").as_deref(),
            Ok("red2 10.88.1.3"),
            "inside the network"
        );
        assert_eq!(
            here("10.88.1.2:80").as_deref(),
            Ok("red2 10.88.1.1"),
            "the host directly"
        );
    }
}

#[test]
fn what_is_not_published_is_not_reached() {
    in_namespace("what_is_not_published_is_not_reached", || {
        let mut host = Host::new();
        host.network(&RED, &rows(&RED));
        host.network(&BLUE, &rows(&BLUE));
        let (red2, blue2) = (host.container(&RED, 2), host.container(&BLUE, 2));
        let outside = Host::outside();
        let local = Endpoint {
            host_ip: Some(Ipv4Addr::LOCALHOST),
            ..endpoint(Protocol::Tcp, 8081, "10.88.1.2:80")
        };
        host.publish(
            "shop/web",
            &[endpoint(Protocol::Tcp, 8080, "10.88.1.2:80"), local],
        )
        .expect("published");
        let listener = TcpListener::bind("127.0.0.2:7").expect("a service of the host's own");
        std::thread::spawn(move || {
            listener
                .incoming()
                .flatten()
                .for_each(|mut stream| drop(stream.write_all(b"secret")));
        });

        assert_eq!(
            role_here(&["ask", "tcp", "127.0.0.1:8081"]).as_deref(),
            Ok("red2 10.88.1.1")
        );
        assert_eq!(
            role_here(&["ask", "tcp", "127.0.0.2:7"]).as_deref(),
            Ok("secret")
        );
        assert!(
            outside.role(&["ask", "tcp", "192.0.2.1:8081"]).is_err(),
            "bound to 127.0.0.1"
        );
        assert!(
            outside.role(&["ask", "tcp", "10.88.1.2:80"]).is_err(),
            "the container's address, published or not"
        );
        assert!(outside.role(&["ask", "tcp", "10.88.2.2:80"]).is_err());
        assert!(outside.role(&["ask", "udp", "10.88.2.2:80"]).is_err());
        assert!(
            outside.role(&["ask", "tcp", "127.0.0.2:7"]).is_err(),
            "forged loopback address"
        );
        assert!(
            red2.role(&["ask", "tcp", "10.88.2.2:80"]).is_err(),
            "another network"
        );
        assert!(
            blue2.role(&["ask", "udp", "10.88.1.2:80"]).is_err(),
            "another network"
        );
        assert_eq!(
            red2.role(&["ask", "tcp", "192.0.2.2:80"]).as_deref(),
            Ok("outside 192.0.2.1"),
            "masqueraded"
        );
        assert_eq!(
            blue2.role(&["ask", "udp", "192.0.2.2:80"]).as_deref(),
            Ok("outside 192.0.2.1")
        );
        // Without our rules the forged address arrives: the test above does test something.
        run("nft", &["flush", "chain", "inet", PREFIX, "raw"]);
        std::fs::write("/proc/sys/net/ipv4/conf/up0/route_localnet", "1").expect("sysctl");
        assert_eq!(
            outside.role(&["ask", "tcp", "127.0.0.2:7"]).as_deref(),
            Ok("secret")
        );
    });
}

#[test]
fn a_published_port_takes_no_traffic_that_is_meant_for_others() {
    in_namespace(
        "a_published_port_takes_no_traffic_that_is_meant_for_others",
        || {
            let mut host = Host::new();
            host.network(&RED, &rows(&RED));
            let (_red2, red3) = (host.container(&RED, 2), host.container(&RED, 3));
            let outside = Host::outside();
            host.publish("shop/web", &both(80, "10.88.1.2:80"))
                .expect("published");
            for protocol in ["tcp", "udp"] {
                assert_eq!(
                    outside.role(&["ask", protocol, "192.0.2.1:80"]).as_deref(),
                    Ok("red2 192.0.2.2")
                );
                assert_eq!(
                    red3.role(&["ask", protocol, "192.0.2.2:80"]).as_deref(),
                    Ok("outside 192.0.2.1"),
                    "through the host"
                );
                assert_eq!(
                    role_here(&["ask", protocol, "192.0.2.2:80"]).as_deref(),
                    Ok("outside 192.0.2.1"),
                    "from the host"
                );
                assert_eq!(
                    red3.role(&["ask", protocol, "10.88.1.3:80"]).as_deref(),
                    Ok("red3 10.88.1.3"),
                    "to itself"
                );
            }
        },
    );
}

#[test]
fn a_network_without_masquerade_keeps_its_addresses_outside_and_lets_only_answers_in() {
    in_namespace(
        "a_network_without_masquerade_keeps_its_addresses_outside_and_lets_only_answers_in",
        || {
            let mut host = Host::new();
            host.network(
                &RED,
                &Network {
                    masquerade: false,
                    ..rows(&RED)
                },
            );
            let red2 = host.container(&RED, 2);
            let outside = Host::outside();
            assert_eq!(
                red2.role(&["ask", "tcp", "192.0.2.2:80"]).as_deref(),
                Ok("outside 10.88.1.2")
            );
            assert_eq!(
                red2.role(&["ask", "udp", "192.0.2.2:80"]).as_deref(),
                Ok("outside 10.88.1.2")
            );
            assert!(outside.role(&["ask", "tcp", "10.88.1.2:80"]).is_err());
            host.publish("shop/web", &both(8080, "10.88.1.2:80"))
                .expect("published");
            assert_eq!(
                outside.role(&["ask", "tcp", "192.0.2.1:8080"]).as_deref(),
                Ok("red2 192.0.2.2")
            );
            assert_eq!(
                red2.role(&["ask", "tcp", "10.88.1.1:8080"]).as_deref(),
                Ok("red2 10.88.1.1"),
                "the container itself"
            );
        },
    );
}

#[test]
fn networks_are_open_to_each_other_only_when_both_say_so() {
    in_namespace(
        "networks_are_open_to_each_other_only_when_both_say_so",
        || {
            let mut host = Host::new();
            let open = |net: &Net| Network {
                isolated: false,
                ..rows(net)
            };
            host.network(&RED, &open(&RED));
            host.network(&BLUE, &rows(&BLUE));
            let (red2, blue2) = (host.container(&RED, 2), host.container(&BLUE, 2));
            assert!(red2.role(&["ask", "tcp", "10.88.2.2:80"]).is_err());
            host.firewall.ensure_network(&open(&BLUE)).expect("opened");
            assert_eq!(
                red2.role(&["ask", "tcp", "10.88.2.2:80"]).as_deref(),
                Ok("blue2 10.88.1.2"),
                "and the address is kept"
            );
            assert_eq!(
                blue2.role(&["ask", "udp", "10.88.1.2:80"]).as_deref(),
                Ok("red2 10.88.2.2")
            );
            host.firewall
                .ensure_network(&rows(&RED))
                .expect("isolated again");
            assert!(blue2.role(&["ask", "tcp", "10.88.1.2:80"]).is_err());
        },
    );
}

#[test]
fn nothing_leaves_or_enters_an_internal_network() {
    in_namespace("nothing_leaves_or_enters_an_internal_network", || {
        let mut host = Host::new();
        host.network(
            &RED,
            &Network {
                internal: true,
                ..rows(&RED)
            },
        );
        host.network(&BLUE, &rows(&BLUE));
        let (red2, red3, blue2) = (
            host.container(&RED, 2),
            host.container(&RED, 3),
            host.container(&BLUE, 2),
        );
        let outside = Host::outside();
        host.publish("in", &both(8080, "10.88.1.2:80"))
            .expect("published");
        host.publish("out", &both(9090, "10.88.2.2:80"))
            .expect("published");
        assert_eq!(
            red3.role(&["ask", "tcp", "10.88.1.2:80"]).as_deref(),
            Ok("red2 10.88.1.3")
        );
        assert!(red2.role(&["ask", "tcp", "192.0.2.2:80"]).is_err());
        assert!(red2.role(&["ask", "udp", "192.0.2.2:80"]).is_err());
        assert!(
            red2.role(&["ask", "tcp", "10.88.1.1:9090"]).is_err(),
            "not even by a published port of another network"
        );
        assert!(outside.role(&["ask", "tcp", "192.0.2.1:8080"]).is_err());
        assert!(blue2.role(&["ask", "tcp", "192.0.2.1:8080"]).is_err());
        assert_eq!(
            role_here(&["ask", "tcp", "127.0.0.1:8080"]).as_deref(),
            Ok("red2 10.88.1.1"),
            "the host itself"
        );
        assert_eq!(
            outside.role(&["ask", "tcp", "192.0.2.1:9090"]).as_deref(),
            Ok("blue2 192.0.2.2")
        );
    });
}

#[test]
fn a_udp_flow_follows_its_port_and_traffic_through_the_host_is_left_alone() {
    in_namespace(
        "a_udp_flow_follows_its_port_and_traffic_through_the_host_is_left_alone",
        || {
            let mut host = Host::new();
            host.network(&RED, &rows(&RED));
            let (_red2, red3) = (host.container(&RED, 2), host.container(&RED, 3));
            let _outside = Host::outside();
            let client = UdpSocket::bind("0.0.0.0:0").expect("bound");
            assert_eq!(
                ask_udp(&client, "127.0.0.1:53"),
                None,
                "nobody there yet, but the flow is remembered"
            );
            host.publish("dns", &[endpoint(Protocol::Udp, 53, "10.88.1.2:80")])
                .expect("published");
            assert_eq!(
                ask_udp(&client, "127.0.0.1:53").as_deref(),
                Some("red2 10.88.1.1")
            );
            host.publish("dns", &[endpoint(Protocol::Udp, 53, "10.88.1.3:80")])
                .expect("moved");
            assert_eq!(
                ask_udp(&client, "127.0.0.1:53").as_deref(),
                Some("red3 10.88.1.1")
            );

            let flows = || std::fs::read_to_string("/proc/self/net/nf_conntrack").expect("flows");
            assert_eq!(
                red3.role(&["ask", "udp", "192.0.2.2:80"]).as_deref(),
                Ok("outside 192.0.2.1")
            );
            assert!(flows().contains("dport=80"), "{}", flows());
            host.publish("other", &[endpoint(Protocol::Udp, 80, "10.88.1.2:80")])
                .expect("published");
            assert!(
                flows().contains("dst=192.0.2.2 sport="),
                "a flow through the host to the same port of another machine: {}",
                flows()
            );
            host.publish("dns", &[]).expect("unpublished");
            assert!(!flows().contains("dport=53 "), "{}", flows());
        },
    );
}
