//! The servers that know what we do not.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::stamp::Stamp;

/// Where the host says whom it asks.
const HOST_FILE: &str = "/etc/resolv.conf";
/// `MAXNS` of resolv.conf(5).
pub const MAX_SERVERS: usize = 3;
/// One that did not answer is asked after the others this long.
const AVOIDED: Duration = Duration::from_secs(15);
/// Servers whose silence is remembered.
const REMEMBERED: usize = 64;

/// The host's servers, read again when their file changes.
#[derive(Debug)]
pub struct HostServers {
    path: PathBuf,
    stamp: Option<Stamp>,
    servers: Vec<IpAddr>,
}

impl Default for HostServers {
    fn default() -> Self {
        Self {
            path: PathBuf::from(HOST_FILE),
            stamp: None,
            servers: Vec::new(),
        }
    }
}

impl HostServers {
    pub fn now(&mut self) -> &[IpAddr] {
        let stamp = Stamp::of(&self.path);
        if stamp.is_none() || stamp != self.stamp {
            let text = std::fs::read(&self.path).unwrap_or_default();
            self.servers = nameservers(&String::from_utf8_lossy(&text));
            self.stamp = stamp;
        }
        &self.servers
    }
}

/// The `nameserver` lines of a resolv.conf, as many as count. A link-local one with the name of its link is left out: it would need the number of that link.
fn nameservers(text: &str) -> Vec<IpAddr> {
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next())?
    });
    servers
        .filter_map(|address| address.parse().ok())
        .take(MAX_SERVERS)
        .collect()
}

/// Servers that kept silent lately.
#[derive(Debug, Default)]
pub struct Silence(BTreeMap<IpAddr, Instant>);

impl Silence {
    pub fn note(&mut self, server: IpAddr, now: Instant) {
        self.0.retain(|_, until| *until > now);
        if self.0.len() < REMEMBERED {
            self.0.insert(server, now + AVOIDED);
        }
    }

    pub fn forget(&mut self, server: IpAddr) {
        self.0.remove(&server);
    }

    /// In the order they are to be asked: the silent ones last.
    pub fn order(&self, servers: &mut [IpAddr], now: Instant) {
        servers.sort_by_key(|server| self.0.get(server).is_some_and(|until| *until > now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_resolv_conf_are_read_as_the_manual_says() {
        let text = "# nameserver 1.1.1.1\nsearch corp\n nameserver  192.0.2.1 # first\nnameserver fe80::1%eth0\n\
                    nameserver\nnameserver nonsense\nnameserver 2001:db8::1\nnameserver\t127.0.0.53\nnameserver 192.0.2.4\n";
        let expected: Vec<IpAddr> = ["192.0.2.1", "2001:db8::1", "127.0.0.53"]
            .map(|address| address.parse().expect("an address"))
            .into();
        assert_eq!(nameservers(text), expected);
    }

    #[test]
    fn a_file_that_changed_counts_at_once_and_one_that_is_gone_leaves_none() {
        let path = std::env::temp_dir().join(format!("tsdock-resolv-{}", std::process::id()));
        let mut host = HostServers {
            path: path.clone(),
            ..HostServers::default()
        };
        assert!(host.now().is_empty());
        for address in ["192.0.2.1", "192.0.2.2"] {
            let text = format!("nameserver {address}\n");
            let fresh = path.with_extension("new");
            std::fs::write(&fresh, text).expect("written");
            std::fs::rename(&fresh, &path).expect("replaced");
            assert_eq!(host.now(), [address.parse::<IpAddr>().expect("address")]);
        }
        std::fs::remove_file(&path).expect("removed");
        assert!(host.now().is_empty());
    }

    #[test]
    fn a_silent_server_is_asked_last_for_a_while() {
        let [one, two]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let now = Instant::now();
        let mut silence = Silence::default();
        silence.note(one, now);
        let mut servers = [one, two];
        silence.order(&mut servers, now);
        assert_eq!(servers, [two, one]);
        let mut servers = [one, two];
        silence.order(&mut servers, now + AVOIDED);
        assert_eq!(servers, [one, two]);
    }
}
