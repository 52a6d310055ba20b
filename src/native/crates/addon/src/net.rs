//! napi surface of `net`.
