//! What others do to our bridges and our table, from the kernel's notifications.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::netlink::NETFILTER;

use super::dump::parse_link;
use super::socket::Socket;
use super::wire::{Attributes, Messages, read_u32};
use super::{Link, NetError, Netlink, RTM_DELADDR, RTM_DELLINK, RTM_NEWADDR, RTM_NEWLINK};

const STEP: &str = "netlink.monitor";
/// `enum rtnetlink_groups` and `enum nfnetlink_groups`.
const RTNLGRP_LINK: i32 = 1;
const RTNLGRP_IPV4_IFADDR: i32 = 5;
const NFNLGRP_NFTABLES: i32 = 7;
const NFT_NEWGEN: u16 = 10 << 8 | 15;
const GEN_PROC_PID: u16 = 2;
/// Attribute 1 is the table's name in every nftables message but the one of the generation.
const TABLE_NAME: u16 = 1;

/// Something of ours is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A bridge of ours changed its state, MTU or addresses, or vanished.
    Link(String),
    /// Somebody else changed our table.
    Table,
}

/// Hears of changes of one table.
pub struct TableWatch {
    socket: Socket,
    table: String,
    /// The transaction whose messages are read has touched the table.
    touched: bool,
}

impl TableWatch {
    pub fn open(table: &str) -> Result<Self, NetError> {
        let socket = Socket::open(Some(NETFILTER))?;
        socket.join(NFNLGRP_NFTABLES)?;
        Ok(Self {
            socket,
            table: table.to_owned(),
            touched: false,
        })
    }

    /// Readable when there is something to hear.
    pub fn descriptor(&self) -> &OwnedFd {
        self.socket.descriptor()
    }

    /// Reads what waits. True: somebody else than the thread `author` changed the table, or may have.
    pub fn hear(&mut self, author: u32) -> bool {
        // Some were lost.
        let Ok(bytes) = self.socket.notifications(STEP) else {
            return true;
        };
        let mut is_changed = false;
        for message in Messages(&bytes) {
            let attributes = Attributes::after(message.payload, 4);
            if message.kind != NFT_NEWGEN {
                self.touched |= attributes.text(TABLE_NAME) == Some(&self.table);
            } else if std::mem::take(&mut self.touched) {
                is_changed |= attributes.u32_be(GEN_PROC_PID) != Some(author);
            }
        }
        is_changed
    }
}

/// Links and table, in the namespace of the thread that opened it.
pub struct Monitor {
    links: Socket,
    rules: TableWatch,
    bridges: Bridges,
}

impl Monitor {
    pub fn open(prefix: &str) -> Result<Self, NetError> {
        let links = Socket::open(None)?;
        links.join(RTNLGRP_LINK)?;
        links.join(RTNLGRP_IPV4_IFADDR)?;
        let rules = TableWatch::open(prefix)?;
        let mut bridges = Bridges {
            mark: format!("{prefix}:"),
            known: HashMap::new(),
        };
        for link in Netlink::open()?.links()? {
            bridges.see(link);
        }
        Ok(Self {
            links,
            rules,
            bridges,
        })
    }

    /// Tells changes until `stop` becomes readable. `author` is the thread whose changes of the table are our own.
    pub fn run(&mut self, stop: impl AsFd, author: impl Fn() -> u32, tell: impl Fn(Change)) {
        while let Some([links, rules]) = self.wait(stop.as_fd()) {
            if links {
                match self.links.notifications(STEP) {
                    Ok(bytes) => Messages(&bytes)
                        .filter_map(|message| self.bridges.change(message.kind, message.payload))
                        .for_each(|name| tell(Change::Link(name))),
                    // Some were lost: whoever hears of one looks at all of them.
                    Err(_) => self
                        .bridges
                        .known
                        .values()
                        .for_each(|(name, ..)| tell(Change::Link(name.clone()))),
                }
            }
            if rules && self.rules.hear(author()) {
                tell(Change::Table);
            }
        }
    }

    /// Which sockets have something; none: to stop.
    fn wait(&self, stop: BorrowedFd<'_>) -> Option<[bool; 2]> {
        let mut sources = [
            PollFd::new(&stop, PollFlags::IN),
            PollFd::new(self.links.descriptor(), PollFlags::IN),
            PollFd::new(self.rules.descriptor(), PollFlags::IN),
        ];
        match poll(&mut sources, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
        let [stopped, links, rules] = [0, 1, 2].map(|at| !sources[at].revents().is_empty());
        (!stopped).then_some([links, rules])
    }
}

/// Our bridges by index, with what counts of them.
struct Bridges {
    mark: String,
    known: HashMap<u32, (String, bool, u32)>,
}

impl Bridges {
    /// Remembers a bridge of ours; true when it is new or another one than before.
    fn see(&mut self, link: Link) -> bool {
        let is_ours = link.kind.as_deref() == Some("bridge")
            && link
                .alias
                .as_deref()
                .is_some_and(|alias| alias.starts_with(&self.mark));
        if !is_ours {
            return self.known.remove(&link.index).is_some();
        }
        let state = (link.name, link.up, link.mtu);
        self.known.insert(link.index, state.clone()) != Some(state)
    }

    /// The bridge that a notification is about, when it says something new.
    fn change(&mut self, kind: u16, payload: &[u8]) -> Option<String> {
        match kind {
            RTM_NEWLINK => {
                let link = parse_link(payload)?;
                // Messages of family AF_BRIDGE are about ports.
                let name = link.name.clone();
                (*payload.first()? == 0 && self.see(link)).then_some(name)
            }
            RTM_DELLINK if *payload.first()? == 0 => self
                .known
                .remove(&read_u32(payload, 4)?)
                .map(|(name, ..)| name),
            RTM_NEWADDR | RTM_DELADDR => self
                .known
                .get(&read_u32(payload, 4)?)
                .map(|(name, ..)| name.clone()),
            _ => None,
        }
    }
}
