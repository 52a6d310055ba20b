//! Failures as facts: code, call, step and object, from the place where they happened to the message a person reads.

use std::fmt;
use std::io;

use crate::errno;
use crate::wire::{Body, Reader, WireError, Writer};

/// A failed operation. `code` is an errno name or `E_…`; `step` names the part of the operation, e.g. `rootfs.overlay`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    pub code: String,
    pub call: String,
    pub step: String,
    pub message: String,
}

impl Failure {
    /// `object` is what the call was about: a path, a key, a number.
    pub fn new(step: &str, call: &str, object: &str, error: &io::Error) -> Self {
        let code = number(error).map_or("E_INVALID", errno::name);
        Self {
            code: code.into(),
            call: call.into(),
            step: step.into(),
            message: format!("{step}: {call}({object}): {code} ({error})"),
        }
    }

    /// One that no system call reported.
    pub fn plain(code: &str, step: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            call: String::new(),
            step: step.into(),
            message: message.into(),
        }
    }
}

/// The error number, also of an error that wraps the kernel's.
fn number(error: &io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| {
        error
            .get_ref()?
            .source()?
            .downcast_ref::<io::Error>()
            .and_then(number)
    })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Names step, call and object of a failed call.
pub trait Context<T> {
    fn at(self, step: &str, call: &str, object: impl AsRef<str>) -> Result<T, Failure>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn at(self, step: &str, call: &str, object: impl AsRef<str>) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(step, call, object.as_ref(), &error.into()))
    }
}

impl Body for Failure {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.code);
        out.text(2, &self.call);
        out.text(3, &self.step);
        out.text(4, &self.message);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut failure = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => failure.code = value.text()?,
                2 => failure.call = value.text()?,
                3 => failure.step = value.text()?,
                4 => failure.message = value.text()?,
                _ => value.skip()?,
            }
        }
        Ok(failure)
    }
}
