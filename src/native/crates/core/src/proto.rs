//! Frames between addon, zygote, supervisors and network process over `SOCK_SEQPACKET`.
//!
//! `u16 magic | u8 version | u8 flags | u16 kind | u16 0 | u32 request | u32 length`, little endian, then a body of tagged values. Kinds and tags are
//! append-only: a new daemon drives old supervisors for ever.

use crate::cgroup::{Limits, Stats};
use crate::failure::Failure;
use crate::plan::StopPolicy;
use crate::restart::RestartPolicy;
use crate::status::{Exit, Identity, StoppedBy};
use crate::wire::{Body, Reader, WireError, Writer};

pub const MAGIC: u16 = 0x6474;
pub const VERSION: u8 = 1;
pub const HEADER_BYTES: usize = 16;
/// Larger bodies travel as a sealed memfd.
pub const MAX_BODY_BYTES: usize = 64 << 10;
/// Upper bound for a body in a memfd.
pub const MAX_SEALED_BYTES: usize = 16 << 20;

/// The body is in the sealed memfd that is the first descriptor.
pub const FLAG_SEALED: u8 = 1;

macro_rules! kinds {
    ($($name:ident = $number:literal),* $(,)?) => {
        /// What a frame is about. Below 16: answers; below 32: to the zygote; below 64: to a supervisor; from 64: from a supervisor; from 96: from a starting child;
        /// from 128: to the network process.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($name = $number),* }
        impl Kind {
            fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    Ok = 1, Failed = 2,
    Hello = 16, Spawn = 17, Keep = 18, Network = 19,
    Create = 32, Start = 33, Signal = 34, Stop = 35, Exec = 36, Update = 37, Stats = 38, Status = 39, Remove = 40, ExecSignal = 41, Handover = 42,
    Started = 64, Exited = 65, Restarting = 66, Oom = 67, ExecExited = 68,
    Warning = 96, Terminal = 97, Executing = 98, Go = 99, Orphan = 100, Staged = 101,
    EnsureNetwork = 128, RemoveNetwork = 129, Publish = 130, Reserve = 131, NetworkHandover = 132,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    /// Chosen by the asker, repeated in the answer; 0 in events.
    pub request: u32,
    pub body: Vec<u8>,
}

impl Frame {
    pub fn new(kind: Kind, request: u32, body: Vec<u8>) -> Self {
        Self {
            kind,
            request,
            body,
        }
    }

    pub fn event<B: Body>(kind: Kind, body: &B) -> Self {
        Self::new(kind, 0, body.to_bytes())
    }

    pub fn ok<B: Body>(request: u32, body: &B) -> Self {
        Self::new(Kind::Ok, request, body.to_bytes())
    }

    pub fn failed(request: u32, failure: &Failure) -> Self {
        Self::new(Kind::Failed, request, failure.to_bytes())
    }

    /// The bytes of a frame whose body is `body`, or is elsewhere with [`FLAG_SEALED`].
    pub fn header(&self, flags: u8, length: usize) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..2].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[2] = VERSION;
        bytes[3] = flags;
        bytes[4..6].copy_from_slice(&(self.kind as u16).to_le_bytes());
        bytes[8..12].copy_from_slice(&self.request.to_le_bytes());
        bytes[12..16].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        bytes
    }
}

/// Header of a received frame and what follows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    pub kind: Kind,
    pub request: u32,
    pub sealed: bool,
    pub body: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    NotAFrame,
    Version(u8),
    /// A kind this release does not know; the request number allows an answer.
    UnknownKind {
        kind: u16,
        request: u32,
    },
}

/// Splits a datagram. The length must agree with what arrived.
pub fn parse(bytes: &[u8]) -> Result<Envelope<'_>, FrameError> {
    let (head, body) = bytes
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(FrameError::NotAFrame)?;
    if u16::from_le_bytes([head[0], head[1]]) != MAGIC {
        return Err(FrameError::NotAFrame);
    }
    if head[2] != VERSION {
        return Err(FrameError::Version(head[2]));
    }
    let length = u32::from_le_bytes([head[12], head[13], head[14], head[15]]) as usize;
    let sealed = head[3] & FLAG_SEALED != 0;
    if (sealed && !body.is_empty()) || (!sealed && body.len() != length) {
        return Err(FrameError::NotAFrame);
    }
    let request = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
    let number = u16::from_le_bytes([head[4], head[5]]);
    let kind = Kind::from_number(number).ok_or(FrameError::UnknownKind {
        kind: number,
        request,
    })?;
    Ok(Envelope {
        kind,
        request,
        sealed,
        body,
    })
}

/// A message body whose fields are listed once: name, tag and how it is written and read.
macro_rules! body {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $tag:literal $how:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),* }
        impl Body for $name {
            fn encode(&self, out: &mut Writer) { let _ = &out; $(body!(@write out, self.$field, $tag, $how);)* }
            fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
                #[allow(unused_mut)]
                let mut message = Self::default();
                while let Some(value) = body.next_value()? {
                    match value.tag {
                        $($tag => body!(@read value, message.$field, $how),)*
                        _ => value.skip()?,
                    }
                }
                Ok(message)
            }
        }
    };
    (@write $out:ident, $value:expr, $tag:literal, text) => { $out.text($tag, &$value) };
    (@write $out:ident, $value:expr, $tag:literal, texts) => { $out.texts($tag, &$value) };
    (@write $out:ident, $value:expr, $tag:literal, bytes) => { $out.bytes($tag, &$value) };
    (@write $out:ident, $value:expr, $tag:literal, groups) => { for value in &$value { $out.group($tag, value) } };
    (@write $out:ident, $value:expr, $tag:literal, flag) => { $out.flag($tag, $value) };
    (@write $out:ident, $value:expr, $tag:literal, must) => { $out.flag($tag | $crate::wire::REQUIRED, $value) };
    (@write $out:ident, $value:expr, $tag:literal, number) => { $out.number($tag, $value) };
    (@write $out:ident, $value:expr, $tag:literal, small) => { $out.signed($tag, i64::from($value)) };
    (@write $out:ident, $value:expr, $tag:literal, maybe_text) => { $out.maybe_text($tag, $value.as_deref()) };
    (@write $out:ident, $value:expr, $tag:literal, group) => { $out.group($tag, &$value) };
    (@write $out:ident, $value:expr, $tag:literal, maybe_group) => { if let Some(value) = &$value { $out.group($tag, value) } };
    (@read $value:ident, $field:expr, text) => { $field = $value.text()? };
    (@read $value:ident, $field:expr, texts) => { $field.push($value.text()?) };
    (@read $value:ident, $field:expr, bytes) => { $field = $value.bytes().to_vec() };
    (@read $value:ident, $field:expr, groups) => { $field.push($value.group()?) };
    (@read $value:ident, $field:expr, flag) => { $field = true };
    (@read $value:ident, $field:expr, must) => { $field = true };
    (@read $value:ident, $field:expr, number) => { $field = $value.number()? };
    (@read $value:ident, $field:expr, small) => { $field = $value.small()? };
    (@read $value:ident, $field:expr, maybe_text) => { $field = Some($value.text()?) };
    (@read $value:ident, $field:expr, group) => { $field = $value.group()? };
    (@read $value:ident, $field:expr, maybe_group) => { $field = Some($value.group()?) };
}

pub mod network;

body!(
    /// An answer without content.
    Empty {}
);
body!(
    /// To the zygote, with the plan as a sealed memfd.
    Spawn {
        id: String = 1 text,
        /// A new instance is made and started without being asked again; the first `Create` gets what came of it. An older zygote waits for that.
        start: bool = 2 flag,
    }
);
body!(
    /// From a supervisor to the zygote, with the master of a new terminal to keep.
    Keep { id: String = 1 text }
);
body!(Create { start: bool = 1 flag });
body!(
    /// Answer to `Create` and `Start`.
    Created { supervisor: Identity = 1 group, process: Option<Identity> = 2 maybe_group, warnings: Vec<String> = 3 texts }
);
body!(
    /// `only`: another process of the instance, or none, gets nothing. An older supervisor does not look.
    Signal { signal: i32 = 1 small, all: bool = 2 must, only: Option<Identity> = 3 maybe_group }
);
body!(
    /// `by`: number of a [`StoppedBy`].
    Stop { signal: i32 = 1 small, grace_ms: u64 = 2 number, by: u64 = 3 number }
);
body!(
    /// Answer to `Stop`.
    Stopped { exit: Option<Exit> = 1 maybe_group }
);
body!(
    /// Descriptors: stdin (if `stdin`), stdout, stderr, unless there is a terminal. `env` comes on top of the container's environment. Field 2 is not used again.
    Exec {
        argv: Vec<String> = 1 texts,
        env: Vec<String> = 3 texts,
        cwd: Option<String> = 4 maybe_text,
        user: Option<String> = 5 maybe_text,
        terminal: bool = 6 must,
        cols: i32 = 7 small,
        rows: i32 = 8 small,
        stdin: bool = 9 flag,
    }
);
body!(
    /// Answer to `Exec`; with a terminal its master is the descriptor.
    Executed { exec: u64 = 1 number, pid: i32 = 2 small }
);
body!(ExecExited { exec: u64 = 1 number, exit: Exit = 2 group });
body!(ExecSignal { exec: u64 = 1 number, signal: i32 = 2 small });
body!(Update { limits: Option<Limits> = 1 maybe_group, restart: Option<RestartPolicy> = 2 maybe_group, stop: Option<StopPolicy> = 3 maybe_group });
body!(Remove { logs: bool = 1 flag });
body!(
    /// Event.
    Started { id: String = 1 text, process: Identity = 2 group }
);
body!(
    /// Event.
    Exited { id: String = 1 text, exit: Exit = 2 group }
);
body!(
    /// Event.
    Restarting { id: String = 1 text, attempts: u64 = 2 number, at_ms: u64 = 3 number }
);
body!(
    /// Event.
    Oom { id: String = 1 text }
);
body!(
    /// From a starting child: a degradation that does not stop the start.
    Warning { text: String = 1 text }
);
body!(
    /// From the zygote to a replaced supervisor: a process it reaped that is no supervisor. `status` as waitid reports it.
    Orphan { pid: i32 = 1 small, exit: Exit = 2 group }
);

impl Body for Stats {
    fn encode(&self, out: &mut Writer) {
        out.number(1, self.memory_bytes);
        out.number(2, self.cpu_micros);
        out.number(3, self.pids);
        out.number(4, self.oom_kills);
        out.number(5, self.memory_inactive_file_bytes);
        out.maybe_number(6, self.memory_peak_bytes);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut stats = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => stats.memory_bytes = value.number()?,
                2 => stats.cpu_micros = value.number()?,
                3 => stats.pids = value.number()?,
                4 => stats.oom_kills = value.number()?,
                5 => stats.memory_inactive_file_bytes = value.number()?,
                6 => stats.memory_peak_bytes = Some(value.number()?),
                _ => value.skip()?,
            }
        }
        Ok(stats)
    }
}

impl Stop {
    pub fn stopped_by(&self) -> StoppedBy {
        StoppedBy::from_number(self.by).unwrap_or(StoppedBy::Engine)
    }
}
