//! What one client may take of the server, so that the others get their share.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// Questions a second, in the long run and at once.
const RATE: u32 = 1000;
const BURST: u32 = 2000;
/// Questions that wait for a server.
const WAITING_EACH: usize = 64;
const WAITING_ALL: usize = 384;
/// Connections, each a descriptor.
const STREAMS_EACH: usize = 16;
const STREAMS_ALL: usize = 192;
/// Clients that are remembered; a new one beyond them is not heard until one of them is quiet.
const CLIENTS: usize = 4096;
const SWEEP: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Clients {
    known: BTreeMap<Ipv4Addr, Client>,
    waiting: usize,
    streams: usize,
    /// When quiet ones were last looked for: going through all of them for each new one would be what a flood wants.
    swept: Option<Instant>,
}

#[derive(Debug)]
struct Client {
    /// Questions it may ask now, as of `at`.
    left: u32,
    at: Instant,
    waiting: usize,
    streams: usize,
}

impl Client {
    fn refill(&mut self, now: Instant) {
        let millis = now.saturating_duration_since(self.at).as_millis();
        let gained = u32::try_from(millis.saturating_mul(u128::from(RATE)) / 1000);
        let gained = gained.unwrap_or(BURST).min(BURST);
        if gained > 0 {
            self.left = self.left.saturating_add(gained).min(BURST);
            self.at = now;
        }
    }

    fn is_quiet(&self, now: Instant) -> bool {
        let full = Duration::from_secs(u64::from(BURST.div_ceil(RATE)));
        self.waiting == 0 && self.streams == 0 && now.saturating_duration_since(self.at) > full
    }
}

impl Clients {
    /// Counts one question. False: too many.
    pub fn may_ask(&mut self, address: Ipv4Addr, now: Instant) -> bool {
        let Some(client) = self.client(address, now) else {
            return false;
        };
        client.refill(now);
        let is_allowed = client.left > 0;
        client.left = client.left.saturating_sub(1);
        is_allowed
    }

    /// Takes the place of a question that waits for a server; given back by [`Self::has_waited`].
    pub fn may_wait(&mut self, address: Ipv4Addr, now: Instant) -> bool {
        if self.waiting >= WAITING_ALL {
            return false;
        }
        match self.client(address, now) {
            Some(client) if client.waiting < WAITING_EACH => client.waiting += 1,
            _ => return false,
        }
        self.waiting += 1;
        true
    }

    pub fn has_waited(&mut self, address: Ipv4Addr) {
        if let Some(client) = self.known.get_mut(&address) {
            client.waiting = client.waiting.saturating_sub(1);
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    /// Takes the place of a connection; given back by [`Self::has_closed`].
    pub fn may_connect(&mut self, address: Ipv4Addr, now: Instant) -> bool {
        if self.streams >= STREAMS_ALL {
            return false;
        }
        match self.client(address, now) {
            Some(client) if client.streams < STREAMS_EACH => client.streams += 1,
            _ => return false,
        }
        self.streams += 1;
        true
    }

    pub fn has_closed(&mut self, address: Ipv4Addr) {
        if let Some(client) = self.known.get_mut(&address) {
            client.streams = client.streams.saturating_sub(1);
            self.streams = self.streams.saturating_sub(1);
        }
    }

    fn client(&mut self, address: Ipv4Addr, now: Instant) -> Option<&mut Client> {
        if !self.known.contains_key(&address) {
            let is_swept = self.swept.is_some_and(|at| now < at + SWEEP);
            if self.known.len() >= CLIENTS && !is_swept {
                self.swept = Some(now);
                self.known.retain(|_, client| !client.is_quiet(now));
            }
            if self.known.len() >= CLIENTS {
                return None;
            }
            let client = Client {
                left: BURST,
                at: now,
                waiting: 0,
                streams: 0,
            };
            self.known.insert(address, client);
        }
        self.known.get_mut(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Ipv4Addr = Ipv4Addr::new(10, 88, 0, 2);
    const OTHER: Ipv4Addr = Ipv4Addr::new(10, 88, 0, 3);

    fn asked(clients: &mut Clients, address: Ipv4Addr, times: u32, now: Instant) -> u32 {
        let allowed = (0..times).filter(|_| clients.may_ask(address, now));
        u32::try_from(allowed.count()).expect("few")
    }

    #[test]
    fn a_client_that_asks_too_much_is_held_back_and_no_other() {
        let mut clients = Clients::default();
        let now = Instant::now();
        assert_eq!(asked(&mut clients, ONE, 2 * BURST, now), BURST);
        assert_eq!(asked(&mut clients, OTHER, 10, now), 10);
        let later = now + Duration::from_millis(100);
        assert_eq!(asked(&mut clients, ONE, BURST, later), RATE / 10);
        let rested = later + Duration::from_secs(3600);
        assert_eq!(asked(&mut clients, ONE, 2 * BURST, rested), BURST);
    }

    #[test]
    fn places_are_limited_for_each_and_for_all_and_are_given_back() {
        let mut clients = Clients::default();
        let now = Instant::now();
        let client = |number: usize| Ipv4Addr::from(0x0a58_0000 + u32::try_from(number).unwrap());
        let taken = (0..1000).filter(|_| clients.may_wait(ONE, now)).count();
        assert_eq!(taken, WAITING_EACH);
        clients.has_waited(ONE);
        assert!(clients.may_wait(ONE, now) && !clients.may_wait(ONE, now));
        let rest = (100..1000).filter(|number| clients.may_wait(client(*number), now));
        assert_eq!(rest.count(), WAITING_ALL - WAITING_EACH);

        let streams = (0..1000).filter(|_| clients.may_connect(ONE, now)).count();
        assert_eq!(streams, STREAMS_EACH);
        clients.has_closed(ONE);
        assert!(clients.may_connect(ONE, now) && !clients.may_connect(ONE, now));
        let rest = (100..1000).filter(|number| clients.may_connect(client(*number), now));
        assert_eq!(rest.count(), STREAMS_ALL - STREAMS_EACH);
    }

    #[test]
    fn forged_addresses_take_a_bounded_room() {
        let mut clients = Clients::default();
        let now = Instant::now();
        for number in 0..100_000_u32 {
            clients.may_ask(Ipv4Addr::from(0x0a58_0000 + number), now);
        }
        assert_eq!(clients.known.len(), CLIENTS);
        let later = now + Duration::from_secs(10);
        assert!(clients.may_ask(Ipv4Addr::new(10, 99, 0, 1), later));
    }
}
