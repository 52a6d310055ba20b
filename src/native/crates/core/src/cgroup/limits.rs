//! What is written to which file for a set of limits, in which order. Pure; `Cgroup::limit` walks the list.

use std::io;

use super::failure::failed;
use super::layout::{Controller, Version};

/// What an instance may use. `None` is "no limit".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub memory_bytes: Option<u64>,
    /// Memory plus swap; `None`: equal to memory.
    pub swap_bytes: Option<u64>,
    pub cpu_millis: Option<u64>,
    pub pids: Option<u64>,
}

/// A write to a control file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Write {
    pub(super) file: &'static str,
    pub(super) value: String,
    /// Absent file: pass over it instead of failing (swap accounting may be compiled out or switched off).
    pub(super) optional: bool,
}

fn must(file: &'static str, value: impl Into<String>) -> Write {
    Write {
        file,
        value: value.into(),
        optional: false,
    }
}

impl Limits {
    /// Refused before anything is written: zero, swap below memory or without it.
    pub(super) fn check(&self) -> io::Result<()> {
        let refuse = |what: &str| {
            Err(failed(
                "check",
                what,
                io::Error::from(io::ErrorKind::InvalidInput),
            ))
        };
        match (self.memory_bytes, self.swap_bytes) {
            (Some(0), _) => return refuse("memory = 0"),
            (None, Some(_)) => return refuse("swap without a memory limit"),
            (Some(memory), Some(total)) if total < memory => {
                return refuse("memory and swap together below memory");
            }
            _ => {}
        }
        if self.cpu_millis == Some(0) {
            return refuse("cpu = 0");
        }
        if self.pids == Some(0) {
            refuse("pids = 0")
        } else {
            Ok(())
        }
    }

    /// Whether anything has to be written for `controller` in a fresh group.
    pub(super) fn wants(&self, controller: Controller) -> bool {
        match controller {
            Controller::Memory => self.memory_bytes.is_some(),
            Controller::Cpu => self.cpu_millis.is_some(),
            Controller::Pids => self.pids.is_some(),
            _ => false,
        }
    }

    /// Memory plus swap is a limit of its own only where it differs from memory; else it is the default and best effort.
    fn swap_is_optional(&self) -> bool {
        self.swap_bytes.is_none() || self.swap_bytes == self.memory_bytes
    }

    /// Writes for one controller. `memsw` is the present v1 limit of memory plus swap, which decides the order: it may never be below memory.
    pub(super) fn writes(
        &self,
        version: Version,
        controller: Controller,
        memsw: Option<u64>,
    ) -> Vec<Write> {
        match (version, controller) {
            (Version::V1, Controller::Memory) => self.memory_v1(memsw),
            (Version::V2, Controller::Memory) => self.memory_v2(),
            (Version::V1, Controller::Cpu) => self.cpu_v1(),
            (Version::V2, Controller::Cpu) => {
                let quota = self.cpu_millis.map(quota_and_period);
                vec![must(
                    "cpu.max",
                    quota.map_or_else(
                        || String::from("max 100000"),
                        |(quota, period)| format!("{quota} {period}"),
                    ),
                )]
            }
            (_, Controller::Pids) => vec![must(
                "pids.max",
                self.pids
                    .map_or_else(|| String::from("max"), |pids| pids.to_string()),
            )],
            _ => Vec::new(),
        }
    }

    fn memory_v1(&self, memsw: Option<u64>) -> Vec<Write> {
        let text = |limit: Option<u64>| {
            limit.map_or_else(|| String::from("-1"), |bytes| bytes.to_string())
        };
        let total = self.swap_bytes.or(self.memory_bytes);
        let memory = must("memory.limit_in_bytes", text(self.memory_bytes));
        let both = Write {
            file: "memory.memsw.limit_in_bytes",
            value: text(total),
            optional: self.swap_is_optional(),
        };
        let grows = memsw.is_some_and(|present| total.unwrap_or(u64::MAX) > present);
        if grows {
            vec![both, memory]
        } else {
            vec![memory, both]
        }
    }

    fn memory_v2(&self) -> Vec<Write> {
        let Some(memory) = self.memory_bytes else {
            let unlimited = Write {
                file: "memory.swap.max",
                value: String::from("max"),
                optional: true,
            };
            return vec![must("memory.max", "max"), unlimited];
        };
        // v2 counts swap apart from memory.
        let swap = self.swap_bytes.unwrap_or(memory) - memory;
        vec![
            must("memory.max", memory.to_string()),
            Write {
                file: "memory.swap.max",
                value: swap.to_string(),
                optional: self.swap_is_optional(),
            },
        ]
    }

    fn cpu_v1(&self) -> Vec<Write> {
        // Without a quota first: a new period beside the old quota could exceed the parent's share (EINVAL).
        let lift = must("cpu.cfs_quota_us", "-1");
        match self.cpu_millis.map(quota_and_period) {
            None => vec![lift],
            Some((quota, period)) => vec![
                lift,
                must("cpu.cfs_period_us", period.to_string()),
                must("cpu.cfs_quota_us", quota.to_string()),
            ],
        }
    }
}

/// Microseconds of CPU time per period. The kernel takes no quota below 1 ms, so very small shares get its longest period.
fn quota_and_period(millis: u64) -> (u64, u64) {
    if millis >= 10 {
        (millis.saturating_mul(100), 100_000)
    } else {
        (millis * 1000, 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(writes: &[Write]) -> String {
        writes
            .iter()
            .map(|write| {
                format!(
                    "{}{}={}",
                    write.file,
                    if write.optional { "?" } else { "" },
                    write.value
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn memory_and_swap_never_cross_on_v1() {
        let limits = Limits {
            memory_bytes: Some(64),
            swap_bytes: None,
            ..Limits::default()
        };
        let order = |memsw| shown(&limits.writes(Version::V1, Controller::Memory, memsw));
        assert_eq!(
            order(Some(1 << 62)),
            "memory.limit_in_bytes=64 memory.memsw.limit_in_bytes?=64",
            "lowered: memory first"
        );
        assert_eq!(
            order(Some(32)),
            "memory.memsw.limit_in_bytes?=64 memory.limit_in_bytes=64",
            "raised: the sum first"
        );
        assert_eq!(
            order(None),
            "memory.limit_in_bytes=64 memory.memsw.limit_in_bytes?=64"
        );
        let lifted = Limits::default().writes(Version::V1, Controller::Memory, Some(32));
        assert_eq!(
            shown(&lifted),
            "memory.memsw.limit_in_bytes?=-1 memory.limit_in_bytes=-1"
        );
    }

    #[test]
    fn swap_of_its_own_is_never_passed_over() {
        let limits = Limits {
            memory_bytes: Some(64),
            swap_bytes: Some(96),
            ..Limits::default()
        };
        assert_eq!(
            shown(&limits.writes(Version::V1, Controller::Memory, None)),
            "memory.limit_in_bytes=64 memory.memsw.limit_in_bytes=96"
        );
        assert_eq!(
            shown(&limits.writes(Version::V2, Controller::Memory, None)),
            "memory.max=64 memory.swap.max=32"
        );
    }

    #[test]
    fn cpu_quota_keeps_to_the_bounds_of_the_kernel() {
        let v2 = |millis| {
            shown(
                &Limits {
                    cpu_millis: millis,
                    ..Limits::default()
                }
                .writes(Version::V2, Controller::Cpu, None),
            )
        };
        assert_eq!(v2(Some(1500)), "cpu.max=150000 100000");
        assert_eq!(v2(Some(10)), "cpu.max=1000 100000");
        assert_eq!(v2(Some(1)), "cpu.max=1000 1000000");
        assert_eq!(v2(None), "cpu.max=max 100000");
        let v1 = Limits {
            cpu_millis: Some(250),
            ..Limits::default()
        };
        assert_eq!(
            shown(&v1.writes(Version::V1, Controller::Cpu, None)),
            "cpu.cfs_quota_us=-1 cpu.cfs_period_us=100000 cpu.cfs_quota_us=25000"
        );
    }

    #[test]
    fn nonsense_is_refused_before_a_write() {
        let with = |memory_bytes, swap_bytes, cpu_millis, pids| {
            Limits {
                memory_bytes,
                swap_bytes,
                cpu_millis,
                pids,
            }
            .check()
            .is_ok()
        };
        assert!(with(None, None, None, None));
        assert!(with(Some(1), Some(1), Some(1), Some(1)));
        assert!(!with(Some(0), None, None, None));
        assert!(!with(None, Some(9), None, None));
        assert!(!with(Some(9), Some(8), None, None));
        assert!(!with(None, None, Some(0), None));
        assert!(!with(None, None, None, Some(0)));
    }
}
