//! Failures on their way to JavaScript: the message of a napi error is JSON with the four fields, which `error.ts` turns into a `NativeError`.

use serde_json::{Value, json};
use tsdock_core::failure::Failure;

/// The fields of a `NativeError`.
pub fn fields(failure: &Failure) -> Value {
    let syscall = if failure.call.is_empty() {
        Value::Null
    } else {
        failure.call.as_str().into()
    };
    let step = if failure.step.is_empty() {
        Value::Null
    } else {
        failure.step.as_str().into()
    };
    json!({ "code": failure.code, "syscall": syscall, "step": step, "message": failure.message })
}

/// For functions that throw.
pub fn thrown(failure: &Failure) -> napi::Error {
    napi::Error::from_reason(fields(failure).to_string())
}
