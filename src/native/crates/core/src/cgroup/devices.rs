//! Which devices an instance may use: rules, their BPF program for the v2 tree and their lines for the v1 hierarchy.

use std::fmt::Write;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::failure::failed;
use super::files;
use crate::sys::bpf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    Char,
    Block,
}

/// Opens something that is closed by default. `None` for a number: all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRule {
    pub kind: DeviceKind,
    pub major: Option<u32>,
    pub minor: Option<u32>,
    pub read: bool,
    pub write: bool,
    pub mknod: bool,
}

impl DeviceRule {
    const fn all_access(major: u32, minor: Option<u32>) -> Self {
        Self {
            kind: DeviceKind::Char,
            major: Some(major),
            minor,
            read: true,
            write: true,
            mknod: true,
        }
    }

    const fn nodes_only(kind: DeviceKind) -> Self {
        Self {
            kind,
            major: None,
            minor: None,
            read: false,
            write: false,
            mknod: true,
        }
    }
}

/// What each container may use. A node of any device may be made (packages bring some) but not opened. The console of a container is one of its own
/// ptys, so the host's console (5:1) is not here. Numbers: Documentation/admin-guide/devices.txt.
const DEFAULT: [DeviceRule; 10] = [
    DeviceRule::nodes_only(DeviceKind::Char),
    DeviceRule::nodes_only(DeviceKind::Block),
    DeviceRule::all_access(1, Some(3)), // null
    DeviceRule::all_access(1, Some(5)), // zero
    DeviceRule::all_access(1, Some(7)), // full
    DeviceRule::all_access(1, Some(8)), // random
    DeviceRule::all_access(1, Some(9)), // urandom
    DeviceRule::all_access(5, Some(0)), // tty
    DeviceRule::all_access(5, Some(2)), // ptmx
    DeviceRule::all_access(136, None),  // pts
];

/// A device filter in the kernel; can be attached to any number of groups and lives as long as one of them or this descriptor.
#[derive(Debug)]
pub struct DeviceFilter {
    program: OwnedFd,
}

impl DeviceFilter {
    /// The default devices and `extra`.
    pub fn load(extra: &[DeviceRule]) -> io::Result<Self> {
        let rules: Vec<_> = DEFAULT.iter().chain(extra).copied().collect();
        let program = bpf::load_device_program(&compile(&rules), "tsdock_devices")
            .map_err(|error| failed("bpf", "load of the device filter", error))?;
        Ok(Self { program })
    }

    /// Replaces what is attached to the group itself; filters of groups above go on to apply. There is no moment without a filter.
    pub(super) fn attach(&self, group: BorrowedFd<'_>) -> io::Result<()> {
        let mut before = bpf::device_programs(group)
            .map_err(|error| failed("bpf", "query of device filters", error))?;
        let own = bpf::program_id(self.program.as_fd())
            .map_err(|error| failed("bpf", "id of the device filter", error))?;
        if before.contains(&own) {
            // Attaching a program a second time is EINVAL.
            before.retain(|id| *id != own);
        } else {
            bpf::attach_device_program(group, self.program.as_fd())
                .map_err(|error| failed("bpf", "attach of the device filter", error))?;
        }
        for id in before {
            let old = bpf::program_by_id(id);
            old.and_then(|old| bpf::detach_device_program(group, old.as_fd()))
                .map_err(|error| failed("bpf", "detach of the previous device filter", error))?;
        }
        Ok(())
    }
}

// linux/bpf.h: class, size, mode, operation and source of an instruction; context and access bits of `struct bpf_cgroup_dev_ctx`.
const LOAD_WORD: u8 = 0x61;
const MOVE: u8 = 0xb7;
const MOVE_REGISTER: u8 = 0xbf;
const AND: u8 = 0x57;
const SHIFT_RIGHT: u8 = 0x77;
const JUMP_UNLESS_EQUAL: u8 = 0x55;
const EXIT: u8 = 0x95;
const ACCESS_MKNOD: i32 = 1;
const ACCESS_READ: i32 = 2;
const ACCESS_WRITE: i32 = 4;
const ACCESS_ALL: i32 = 7;
const TYPE_BLOCK: i32 = 1;
const TYPE_CHAR: i32 = 2;

fn instruction(code: u8, destination: u8, source: u8, offset: i16, immediate: i32) -> u64 {
    let offset = u64::from(offset.cast_unsigned());
    u64::from(code)
        | u64::from(destination | source << 4) << 8
        | offset << 16
        | u64::from(immediate.cast_unsigned()) << 32
}

/// Registers: r2 type, r3 access, r4 major, r5 minor. A rule that does not fit jumps to the next one; after the last, 0 denies.
fn compile(rules: &[DeviceRule]) -> Vec<u64> {
    let mut program = vec![
        instruction(LOAD_WORD, 2, 1, 0, 0),
        instruction(MOVE_REGISTER, 3, 2, 0, 0),
        instruction(AND, 2, 0, 0, 0xffff),
        instruction(SHIFT_RIGHT, 3, 0, 0, 16),
        instruction(LOAD_WORD, 4, 1, 4, 0),
        instruction(LOAD_WORD, 5, 1, 8, 0),
    ];
    for rule in rules {
        program.extend(compile_rule(*rule));
    }
    program.extend([instruction(MOVE, 0, 0, 0, 0), instruction(EXIT, 0, 0, 0, 0)]);
    program
}

fn compile_rule(rule: DeviceRule) -> Vec<u64> {
    let granted = [
        (rule.mknod, ACCESS_MKNOD),
        (rule.read, ACCESS_READ),
        (rule.write, ACCESS_WRITE),
    ];
    let access = granted
        .into_iter()
        .filter(|(granted, _)| *granted)
        .fold(0, |sum, (_, bit)| sum | bit);
    let kind = if rule.kind == DeviceKind::Char {
        TYPE_CHAR
    } else {
        TYPE_BLOCK
    };

    // (register, value) pairs that must be equal; r1 holds what was asked beyond the granted access.
    let mut checks = vec![(2, kind)];
    if access != ACCESS_ALL {
        checks.push((1, 0));
    }
    checks.extend(rule.major.map(|major| (4, major.cast_signed())));
    checks.extend(rule.minor.map(|minor| (5, minor.cast_signed())));

    let beyond = [
        instruction(MOVE_REGISTER, 1, 3, 0, 0),
        instruction(AND, 1, 0, 0, ACCESS_ALL & !access),
    ];
    let allow = [instruction(MOVE, 0, 0, 0, 1), instruction(EXIT, 0, 0, 0, 0)];
    let mut code = if access == ACCESS_ALL {
        Vec::new()
    } else {
        beyond.to_vec()
    };
    let count = checks.len();
    for (index, (register, value)) in checks.into_iter().enumerate() {
        let behind =
            i16::try_from(count - index - 1 + allow.len()).expect("a rule has four checks at most");
        code.push(instruction(JUMP_UNLESS_EQUAL, register, 0, behind, value));
    }
    code.extend(allow);
    code
}

/// The line of `devices.allow` (cgroup-v1/devices.rst).
fn v1_line(rule: DeviceRule) -> String {
    let number =
        |number: Option<u32>| number.map_or_else(|| String::from("*"), |number| number.to_string());
    let kind = if rule.kind == DeviceKind::Char {
        'c'
    } else {
        'b'
    };
    let mut line = format!("{kind} {}:{} ", number(rule.major), number(rule.minor));
    for (granted, letter) in [(rule.read, 'r'), (rule.write, 'w'), (rule.mknod, 'm')] {
        if granted {
            // Writing to a string cannot fail.
            let _ = line.write_char(letter);
        }
    }
    line
}

pub(super) fn restrict_v1(group: BorrowedFd<'_>, extra: &[DeviceRule]) -> io::Result<()> {
    files::write(group, "devices.deny", "a")?;
    for rule in DEFAULT.iter().chain(extra) {
        files::write(group, "devices.allow", &v1_line(*rule))?;
    }
    Ok(())
}
