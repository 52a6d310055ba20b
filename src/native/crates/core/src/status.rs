//! What a supervisor knows about its instance: the answer to `Status` and the bytes of `<run>/containers/<id>/status`.

use crate::failure::Failure;
use crate::wire::{Body, Reader, WireError, Writer};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Creating,
    Created,
    Running,
    /// Waits for `next_try_ms`.
    Backoff,
    Stopping,
    Exited,
    /// The last start failed; see `error`.
    Broken,
}

impl Phase {
    const ALL: [Self; 7] = [
        Self::Creating,
        Self::Created,
        Self::Running,
        Self::Backoff,
        Self::Stopping,
        Self::Exited,
        Self::Broken,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Created => "created",
            Self::Running => "running",
            Self::Backoff => "backoff",
            Self::Stopping => "stopping",
            Self::Exited => "exited",
            Self::Broken => "broken",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedBy {
    User,
    Engine,
    /// It ended on its own and the policy does not start it again.
    Itself,
}

impl StoppedBy {
    const ALL: [Self; 3] = [Self::User, Self::Engine, Self::Itself];

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Engine => "engine",
            Self::Itself => "self",
        }
    }

    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// A process by the two facts that name it for as long as the machine is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub pid: i32,
    /// `/proc/<pid>/stat` field 22, clock ticks since boot.
    pub start_time: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub oom: bool,
    pub at_ms: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub id: String,
    pub identity: String,
    pub phase: Phase,
    pub process: Option<Identity>,
    pub supervisor: Option<Identity>,
    pub restarts: u64,
    pub attempts: u64,
    pub next_try_ms: Option<u64>,
    pub exit: Option<Exit>,
    pub stopped_by: Option<StoppedBy>,
    pub since_ms: u64,
    pub started_ms: Option<u64>,
    pub error: Option<Failure>,
    pub warnings: Vec<String>,
    /// Boot in which all of this was true; pids of another boot mean nothing.
    pub boot_id: String,
    /// A child exists but has not executed the program yet; a replaced supervisor must end it.
    pub starting: bool,
    /// `dev:inode` of each bind source, so that a restart by a replaced supervisor mounts the same thing or refuses.
    pub sources: Vec<String>,
    /// Its removal has begun, with its logs or without: whoever supervises it now carries that to its end and starts nothing.
    pub removing: Option<Removal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    KeepLogs,
    WithLogs,
}

impl Removal {
    const ALL: [Self; 2] = [Self::KeepLogs, Self::WithLogs];

    fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

impl Body for Identity {
    fn encode(&self, out: &mut Writer) {
        out.signed(1, i64::from(self.pid));
        out.number(2, self.start_time);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut identity = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => identity.pid = value.small()?,
                2 => identity.start_time = value.number()?,
                _ => value.skip()?,
            }
        }
        Ok(identity)
    }
}

impl Body for Exit {
    fn encode(&self, out: &mut Writer) {
        if let Some(code) = self.code {
            out.signed(1, i64::from(code));
        }
        if let Some(signal) = self.signal {
            out.signed(2, i64::from(signal));
        }
        out.flag(3, self.oom);
        out.number(4, self.at_ms);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut exit = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => exit.code = Some(value.small()?),
                2 => exit.signal = Some(value.small()?),
                3 => exit.oom = true,
                4 => exit.at_ms = value.number()?,
                _ => value.skip()?,
            }
        }
        Ok(exit)
    }
}

impl Body for Status {
    fn encode(&self, out: &mut Writer) {
        out.text(1, &self.id);
        out.text(2, &self.identity);
        out.number(3, self.phase as u64);
        if let Some(process) = &self.process {
            out.group(4, process);
        }
        if let Some(supervisor) = &self.supervisor {
            out.group(5, supervisor);
        }
        out.number(6, self.restarts);
        out.number(7, self.attempts);
        out.maybe_number(8, self.next_try_ms);
        if let Some(exit) = &self.exit {
            out.group(9, exit);
        }
        out.maybe_number(10, self.stopped_by.map(|by| by as u64));
        out.number(11, self.since_ms);
        out.maybe_number(12, self.started_ms);
        if let Some(error) = &self.error {
            out.group(13, error);
        }
        out.texts(14, &self.warnings);
        out.text(15, &self.boot_id);
        out.flag(16, self.starting);
        out.texts(17, &self.sources);
        out.maybe_number(18, self.removing.map(|removal| removal as u64));
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut status = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => status.id = value.text()?,
                2 => status.identity = value.text()?,
                3 => {
                    status.phase = usize::try_from(value.number()?)
                        .ok()
                        .and_then(|n| Phase::ALL.get(n).copied())
                        .ok_or(WireError::Malformed(3))?;
                }
                4 => status.process = Some(value.group()?),
                5 => status.supervisor = Some(value.group()?),
                6 => status.restarts = value.number()?,
                7 => status.attempts = value.number()?,
                8 => status.next_try_ms = Some(value.number()?),
                9 => status.exit = Some(value.group()?),
                10 => status.stopped_by = StoppedBy::from_number(value.number()?),
                11 => status.since_ms = value.number()?,
                12 => status.started_ms = Some(value.number()?),
                13 => status.error = Some(value.group()?),
                14 => status.warnings.push(value.text()?),
                15 => status.boot_id = value.text()?,
                16 => status.starting = true,
                17 => status.sources.push(value.text()?),
                18 => status.removing = Removal::from_number(value.number()?),
                _ => value.skip()?,
            }
        }
        Ok(status)
    }
}
