//! napi surface of the engine. One module a family; this file is their list.
#![expect(
    clippy::needless_pass_by_value,
    reason = "napi hands arguments over by value"
)]
#![cfg_attr(
    test,
    allow(
        dead_code,
        reason = "exported functions are registered by the macro, which is off in tests"
    )
)]

mod containers;
mod failure;
mod host;
mod layers;
mod lock;
mod net;
mod spec;
mod status;
mod worker;

use napi_derive::napi;

/// Changed with every incompatible change of this surface; `binding.ts` refuses another one.
pub const ABI_VERSION: u32 = 1;

#[napi]
pub fn abi_version() -> u32 {
    ABI_VERSION
}
