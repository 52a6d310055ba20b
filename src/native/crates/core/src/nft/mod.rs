//! Our nftables table: own nfnetlink encoder, one static rule set, elements that change. Every change is one transaction that names the rule set's
//! generation it was computed from, so that nothing is decided on old knowledge.

pub mod conntrack;
mod element;
mod expression;
mod kernel;
mod ruleset;
mod table;

pub use element::{Content, Elements, Endpoint, Key, Network, Protocol};
pub use kernel::Change;
pub use ruleset::Set;
pub use table::{Firewall, FirewallError, Published, Snapshot};
