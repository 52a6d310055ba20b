//! Unpacks image layers: digest, inflate, tar, safe extraction.
