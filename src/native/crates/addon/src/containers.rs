//! napi surface of `containers`.
