//! Notice of processes killed by the OOM killer. An eventfd (v1) or the file itself (v2): no inotify, of which a user has 128 by default.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::event::EventfdFlags;
use rustix::fs::OFlags;

use super::Member;
use super::failure::failed;
use super::files;
use super::layout::Version;

pub(super) fn subscribe(memory: &Member) -> io::Result<OwnedFd> {
    match memory.version {
        Version::V1 => {
            let events = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                .map_err(|error| failed("eventfd", "", error))?;
            let control = files::open_for(memory.fd(), "memory.oom_control", OFlags::RDONLY)?;
            let registration = format!("{} {}", events.as_raw_fd(), control.as_raw_fd());
            files::write(memory.fd(), "cgroup.event_control", &registration)?;
            Ok(events)
        }
        Version::V2 => {
            let events = files::open_for(memory.fd(), "memory.events", OFlags::RDONLY)?;
            // Until its first read the file is always pending.
            files::read_from(&events, "memory.events")?;
            Ok(events)
        }
    }
}

/// `known`: kills when the last notice was acknowledged.
pub(super) fn acknowledge(memory: &Member, events: &OwnedFd, known: u64) -> io::Result<u64> {
    match memory.version {
        Version::V1 => {
            let mut count = [0u8; 8];
            match rustix::io::read(events, &mut count) {
                Ok(_) => kills_after_notice(memory, known),
                Err(rustix::io::Errno::AGAIN) => kills(memory),
                Err(error) => Err(failed("read", "eventfd", error)),
            }
        }
        Version::V2 => Ok(files::keyed(
            &files::read_from(events, "memory.events")?,
            "oom_kill",
        )),
    }
}

/// The v1 notice comes before the kill it is about; the counter moves within microseconds, or never if memory was found after all.
fn kills_after_notice(memory: &Member, known: u64) -> io::Result<u64> {
    for _ in 0..20 {
        let now = kills(memory)?;
        if now > known {
            return Ok(now);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    kills(memory)
}

pub(super) fn kills(memory: &Member) -> io::Result<u64> {
    let file = match memory.version {
        Version::V1 => "memory.oom_control",
        Version::V2 => "memory.events",
    };
    Ok(files::keyed(&files::read(memory.fd(), file)?, "oom_kill"))
}
