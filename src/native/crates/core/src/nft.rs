//! Our nftables table: own nfnetlink encoder, one static rule set, map elements that change.
