//! `tsdock-rt zygote|oci`: see `src/native/README.md`.
#![forbid(unsafe_code)]

fn main() {}
