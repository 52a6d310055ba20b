//! What follows an exit. Pure: the supervisor gives it the facts and does what it says.

use crate::status::Exit;
use crate::wire::{Body, Reader, WireError, Writer};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    Always,
    OnFailure,
    #[default]
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    pub when: When,
    pub initial_ms: u64,
    pub max_ms: u64,
    /// A run at least this long makes the next restart the first one again.
    pub reset_ms: u64,
    /// Restarts in a row, without a quiet period between them.
    pub max_restarts: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Start again after `delay_ms`; `attempts` counts the restarts in a row including this one.
    Restart {
        delay_ms: u64,
        attempts: u64,
    },
    Finished,
}

impl RestartPolicy {
    /// `attempts`: restarts in a row before this exit; `ran_ms`: how long the process lived. The first restart after a quiet period is immediate, the
    /// second waits `initial_ms`, each further one twice as long up to `max_ms`.
    pub fn after(&self, exit: &Exit, attempts: u64, ran_ms: u64) -> Verdict {
        let wanted = match self.when {
            When::Always => true,
            When::OnFailure => exit.code != Some(0),
            When::Never => false,
        };
        let attempts = if ran_ms >= self.reset_ms { 0 } else { attempts };
        if !wanted || self.max_restarts.is_some_and(|max| attempts >= max) {
            return Verdict::Finished;
        }
        let delay_ms = match attempts {
            0 => 0,
            again => self
                .initial_ms
                .saturating_mul(
                    1_u64
                        .checked_shl(u32::try_from(again - 1).unwrap_or(u32::MAX))
                        .unwrap_or(u64::MAX),
                )
                .min(self.max_ms),
        };
        Verdict::Restart {
            delay_ms,
            attempts: attempts + 1,
        }
    }
}

impl Body for RestartPolicy {
    fn encode(&self, out: &mut Writer) {
        let when = match self.when {
            When::Never => 0,
            When::OnFailure => 1,
            When::Always => 2,
        };
        out.number(1, when);
        out.number(2, self.initial_ms);
        out.number(3, self.max_ms);
        out.number(4, self.reset_ms);
        out.maybe_number(5, self.max_restarts);
    }

    fn decode(mut body: Reader<'_>) -> Result<Self, WireError> {
        let mut policy = Self::default();
        while let Some(value) = body.next_value()? {
            match value.tag {
                1 => {
                    policy.when = match value.number()? {
                        0 => When::Never,
                        1 => When::OnFailure,
                        2 => When::Always,
                        _ => return Err(WireError::Malformed(1)),
                    }
                }
                2 => policy.initial_ms = value.number()?,
                3 => policy.max_ms = value.number()?,
                4 => policy.reset_ms = value.number()?,
                5 => policy.max_restarts = Some(value.number()?),
                _ => value.skip()?,
            }
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RestartPolicy = RestartPolicy {
        when: When::Always,
        initial_ms: 500,
        max_ms: 60_000,
        reset_ms: 600_000,
        max_restarts: None,
    };
    const FAILED: Exit = Exit {
        code: Some(1),
        signal: None,
        oom: false,
        at_ms: 0,
    };
    const ENDED: Exit = Exit {
        code: Some(0),
        signal: None,
        oom: false,
        at_ms: 0,
    };
    const KILLED: Exit = Exit {
        code: None,
        signal: Some(9),
        oom: false,
        at_ms: 0,
    };

    #[test]
    fn the_first_restart_is_immediate_and_the_delay_doubles_up_to_the_cap() {
        let mut attempts = 0;
        let mut delays = Vec::new();
        for _ in 0..10 {
            let Verdict::Restart {
                delay_ms,
                attempts: next,
            } = POLICY.after(&FAILED, attempts, 10)
            else {
                panic!("always restarts")
            };
            delays.push(delay_ms);
            attempts = next;
        }
        assert_eq!(
            delays,
            [
                0, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000
            ]
        );
    }

    #[test]
    fn a_huge_number_of_attempts_stays_at_the_cap() {
        assert_eq!(
            POLICY.after(&FAILED, 5_000_000_000, 10),
            Verdict::Restart {
                delay_ms: 60_000,
                attempts: 5_000_000_001
            }
        );
    }

    #[test]
    fn a_quiet_period_makes_the_next_restart_immediate() {
        assert_eq!(
            POLICY.after(&FAILED, 7, 600_000),
            Verdict::Restart {
                delay_ms: 0,
                attempts: 1
            }
        );
    }

    #[test]
    fn on_failure_ends_with_success_and_not_with_a_signal() {
        let policy = RestartPolicy {
            when: When::OnFailure,
            ..POLICY
        };
        assert_eq!(policy.after(&ENDED, 0, 10), Verdict::Finished);
        assert!(matches!(
            policy.after(&KILLED, 0, 10),
            Verdict::Restart { .. }
        ));
    }

    #[test]
    fn the_maximum_counts_restarts_in_a_row() {
        let policy = RestartPolicy {
            max_restarts: Some(2),
            ..POLICY
        };
        assert!(matches!(
            policy.after(&FAILED, 1, 10),
            Verdict::Restart { .. }
        ));
        assert_eq!(policy.after(&FAILED, 2, 10), Verdict::Finished);
    }
}
