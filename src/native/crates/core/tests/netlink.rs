//! Our rtnetlink against the kernel, read back with `ip`.

mod support;

use support::{Peer, in_namespace, ip, role, stdout};
use tsdock_core::netlink::{Bridge, BridgeError, Cidr, Inside, InsideInterface, Netlink, Veth};

fn bridge(name: &str) -> Bridge {
    Bridge {
        name: name.to_owned(),
        alias: String::from("tsdock:Network/default/web"),
        gateway: Cidr::parse("10.88.7.1/24").expect("cidr"),
        mtu: 1400,
    }
}

fn veth(host_name: &str) -> Veth {
    Veth {
        host_name: host_name.to_owned(),
        alias: String::from("tsdock:Container/default/web:1"),
        bridge: String::from("tsb0"),
        inner_name: String::from("eth0"),
        mac: [0x02, 0, 0, 0, 0, 9],
        mtu: 1400,
    }
}

/// Not a test of its own: the inner half of those below.
#[test]
fn play_role() {
    let Some(words) = role() else { return };
    if words[0] == "connect" {
        std::net::TcpStream::connect(&words[1]).expect("connects");
        println!("answer: connected");
        return;
    }
    let inside = Inside {
        interfaces: vec![InsideInterface {
            name: words[0].clone(),
            addresses: vec![
                Cidr::parse(&words[1]).expect("cidr"),
                Cidr::parse("fd00:88::9/64").expect("cidr"),
            ],
            gateway: Some(words[2].parse().expect("address")),
        }],
    };
    let mut netlink = Netlink::open().expect("socket");
    netlink.configure_inside(&inside).expect("configure");
    netlink.configure_inside(&inside).expect("twice is once");
    println!("answer: done");
}

#[test]
fn a_bridge_is_made_exactly_and_twice_is_once() {
    in_namespace("a_bridge_is_made_exactly_and_twice_is_once", || {
        let mut netlink = Netlink::open().expect("socket");
        let index = netlink.ensure_bridge(&bridge("tsb0")).expect("made");
        assert_eq!(
            netlink.ensure_bridge(&bridge("tsb0")).expect("again"),
            index
        );
        let shown = stdout(&ip(&["-d", "-j", "addr", "show", "tsb0"]));
        for part in [
            "\"info_kind\":\"bridge\"",
            "\"mtu\":1400",
            "\"ifalias\":\"tsdock:Network/default/web\"",
            "\"local\":\"10.88.7.1\"",
            "\"prefixlen\":24",
            "\"broadcast\":\"10.88.7.255\"",
            "\"UP\"",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("inet6"), "{shown}");
        assert_eq!(
            std::fs::read_to_string("/proc/sys/net/ipv4/conf/tsb0/route_localnet").expect("sysctl"),
            "1\n"
        );
    });
}

#[test]
fn what_drifted_is_put_back() {
    in_namespace("what_drifted_is_put_back", || {
        let mut netlink = Netlink::open().expect("socket");
        netlink.ensure_bridge(&bridge("tsb0")).expect("made");
        ip(&["addr", "flush", "dev", "tsb0"]);
        ip(&["addr", "add", "10.9.9.1/24", "dev", "tsb0"]);
        ip(&["link", "set", "tsb0", "mtu", "1300", "down"]);
        netlink.ensure_bridge(&bridge("tsb0")).expect("again");
        let addresses: Vec<_> = netlink
            .addresses()
            .expect("dump")
            .iter()
            .map(|a| a.cidr.to_string())
            .filter(|a| a.starts_with("10."))
            .collect();
        assert_eq!(addresses, ["10.88.7.1/24"]);
        let link = netlink.link_by_name("tsb0").expect("look").expect("there");
        assert!(link.up);
        assert_eq!(link.mtu, 1400);
    });
}

#[test]
fn a_bridge_that_was_removed_gets_its_own_ports_back() {
    in_namespace("a_bridge_that_was_removed_gets_its_own_ports_back", || {
        let mut netlink = Netlink::open().expect("socket");
        netlink.ensure_bridge(&bridge("tsb0")).expect("made");
        for (name, alias) in [
            ("ours", "tsdock:c tsb0"),
            ("other", "tsdock:c tsb1"),
            ("foreign", "lxd tsb0"),
        ] {
            ip(&["link", "add", name, "type", "veth"]);
            ip(&["link", "set", name, "alias", alias]);
        }
        ip(&["link", "add", "tsb1", "type", "bridge"]);
        ip(&["link", "add", "taken", "type", "veth"]);
        ip(&[
            "link",
            "set",
            "taken",
            "alias",
            "tsdock:c tsb0",
            "master",
            "tsb1",
        ]);
        let ours = |alias: &str| alias.starts_with("tsdock:") && alias.ends_with(" tsb0");
        ip(&["link", "del", "tsb0"]);
        for _ in 0..2 {
            let index = netlink.ensure_bridge(&bridge("tsb0")).expect("made anew");
            netlink.adopt_ports(index, ours).expect("attached");
            let links = netlink.links().expect("dump");
            let ports: Vec<_> = links
                .iter()
                .filter(|link| link.master == Some(index))
                .map(|link| link.name.as_str())
                .collect();
            assert_eq!(ports, ["ours"]);
        }
    });
}

#[test]
fn a_bridge_of_somebody_else_is_never_touched() {
    in_namespace("a_bridge_of_somebody_else_is_never_touched", || {
        ip(&["link", "add", "tsb0", "type", "bridge"]);
        ip(&["link", "set", "tsb0", "alias", "lxd", "up"]);
        let before = stdout(&ip(&["-j", "-4", "addr", "show", "tsb0"]));
        let mut netlink = Netlink::open().expect("socket");
        let error = netlink.ensure_bridge(&bridge("tsb0")).expect_err("refused");
        assert!(
            matches!(&error, BridgeError::NotOurs { alias: Some(alias), .. } if alias == "lxd"),
            "{error}"
        );
        assert!(matches!(
            netlink.remove_bridge("tsb0", |alias| alias.starts_with("tsdock:")),
            Err(BridgeError::NotOurs { .. })
        ));
        assert_eq!(stdout(&ip(&["-j", "-4", "addr", "show", "tsb0"])), before);

        ip(&["link", "add", "tsd0", "type", "veth"]);
        ip(&["link", "set", "tsd0", "alias", &bridge("tsd0").alias]);
        assert!(
            matches!(
                netlink.ensure_bridge(&bridge("tsd0")),
                Err(BridgeError::NotOurs { .. })
            ),
            "no bridge"
        );
    });
}

#[test]
fn a_bridge_that_was_made_but_not_marked_is_taken_over_only_while_it_is_bare() {
    in_namespace(
        "a_bridge_that_was_made_but_not_marked_is_taken_over_only_while_it_is_bare",
        || {
            let mut netlink = Netlink::open().expect("socket");
            ip(&["link", "add", "tsb0", "type", "bridge"]);
            netlink.ensure_bridge(&bridge("tsb0")).expect("taken over");
            netlink
                .remove_bridge("tsb0", |alias| alias.starts_with("tsdock:"))
                .expect("removed");
            netlink
                .remove_bridge("tsb0", |_| false)
                .expect("absent is success");
            ip(&["link", "add", "tsb0", "type", "bridge"]);
            ip(&["addr", "add", "10.1.1.1/24", "dev", "tsb0"]);
            assert!(netlink.ensure_bridge(&bridge("tsb0")).is_err());
        },
    );
}

#[test]
fn a_veth_starts_in_its_bridge_and_in_its_namespace() {
    in_namespace("a_veth_starts_in_its_bridge_and_in_its_namespace", || {
        let mut netlink = Netlink::open().expect("socket");
        let index = netlink.ensure_bridge(&bridge("tsb0")).expect("bridge");
        let peer = Peer::new();
        netlink
            .create_veth(&veth("tsv0"), peer.namespace())
            .expect("veth");
        let host = netlink.link_by_name("tsv0").expect("look").expect("there");
        assert_eq!(
            (host.master, host.alias.as_deref(), host.mtu, host.up),
            (
                Some(index),
                Some("tsdock:Container/default/web:1"),
                1400,
                true
            )
        );

        assert_eq!(
            peer.role(&["eth0", "10.88.7.9/24", "10.88.7.1"]).as_deref(),
            Ok("done")
        );
        let inside = stdout(&peer.run("ip", &["-j", "addr"]));
        for part in [
            "\"ifname\":\"eth0\"",
            "\"address\":\"02:00:00:00:00:09\"",
            "\"local\":\"10.88.7.9\"",
            "\"broadcast\":\"10.88.7.255\"",
            "fd00:88::9",
            "\"mtu\":1400",
        ] {
            assert!(inside.contains(part), "{part} in {inside}");
        }
        let usable = stdout(&peer.run(
            "ip",
            &["-6", "addr", "show", "scope", "global", "-tentative"],
        ));
        assert!(
            usable.contains("fd00:88::9"),
            "usable at once, without duplicate detection: {usable}"
        );
        assert!(stdout(&peer.run("ip", &["route"])).contains("default via 10.88.7.1 dev eth0"));
        let listener = std::net::TcpListener::bind("10.88.7.1:0").expect("bound");
        let address = listener.local_addr().expect("address").to_string();
        assert_eq!(
            peer.role(&["connect", &address]).as_deref(),
            Ok("connected")
        );
    });
}

#[test]
fn a_veth_of_ours_is_replaced_and_another_is_not() {
    in_namespace("a_veth_of_ours_is_replaced_and_another_is_not", || {
        let mut netlink = Netlink::open().expect("socket");
        netlink.ensure_bridge(&bridge("tsb0")).expect("bridge");
        let (first, second) = (Peer::new(), Peer::new());
        netlink
            .create_veth(&veth("tsv0"), first.namespace())
            .expect("veth");
        netlink
            .create_veth(&veth("tsv0"), second.namespace())
            .expect("replaced");
        assert!(!stdout(&first.run("ip", &["-j", "link"])).contains("eth0"));
        assert!(stdout(&second.run("ip", &["-j", "link"])).contains("eth0"));

        ip(&["link", "add", "tsv1", "type", "bridge"]);
        let error = netlink
            .create_veth(&veth("tsv1"), first.namespace())
            .expect_err("refused");
        assert_eq!(error.errno, libc::EEXIST);
        assert!(error.message.contains("not ours"), "{error}");
        let alias = netlink
            .link_by_name("tsv1")
            .expect("look")
            .expect("there")
            .alias;
        assert_eq!(alias, None, "a foreign link never gets our alias");
    });
}

#[test]
fn errors_name_the_step_the_object_and_the_kernels_reason() {
    in_namespace(
        "errors_name_the_step_the_object_and_the_kernels_reason",
        || {
            let mut netlink = Netlink::open().expect("socket");
            let peer = Peer::new();
            let error = netlink
                .create_veth(&veth("tsv0"), peer.namespace())
                .expect_err("no bridge");
            assert_eq!(
                (error.step, error.errno, error.message.as_str()),
                ("netlink.veth", libc::ENODEV, "there is no bridge tsb0")
            );
            netlink.ensure_bridge(&bridge("tsb0")).expect("bridge");
            let error = netlink
                .create_veth(
                    &Veth {
                        mtu: 70_000,
                        ..veth("tsv0")
                    },
                    peer.namespace(),
                )
                .expect_err("mtu");
            assert!(
                error.errno == libc::EINVAL && error.message.starts_with("tsv0: "),
                "{error}"
            );
            assert_eq!(netlink.link_by_name("tsv0").expect("look"), None);
            let error = netlink
                .ensure_bridge(&Bridge {
                    mtu: 70_000,
                    ..bridge("tsb0")
                })
                .expect_err("mtu")
                .to_string();
            assert!(
                error.starts_with("netlink.bridge: tsb0: ")
                    && error.ends_with("(mtu greater than device maximum)"),
                "{error}"
            );
        },
    );
}

#[test]
fn routes_are_those_of_ip_route() {
    in_namespace("routes_are_those_of_ip_route", || {
        let mut netlink = Netlink::open().expect("socket");
        netlink.ensure_bridge(&bridge("tsb0")).expect("bridge");
        ip(&["route", "add", "default", "via", "10.88.7.2"]);
        ip(&["route", "add", "172.20.0.0/14", "via", "10.88.7.2"]);
        let routes: Vec<_> = netlink
            .routes()
            .expect("dump")
            .iter()
            .map(|r| r.destination.to_string())
            .collect();
        for expected in ["0.0.0.0/0", "172.20.0.0/14", "10.88.7.0/24"] {
            assert!(
                routes.iter().any(|found| found == expected),
                "{expected} in {routes:?}"
            );
        }
        assert!(
            !routes.iter().any(|found| found == "10.88.7.255/32"),
            "broadcast is no route of ours: {routes:?}"
        );
    });
}
