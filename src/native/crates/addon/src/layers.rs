//! napi surface of `layers`.
