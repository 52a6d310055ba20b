//! The few facts we read from the host's `/proc`.

use std::fs;
use std::io::Read as _;

/// `/proc/<pid>/stat` field 22; `None` when the process is gone.
pub fn start_time(pid: i32) -> Option<u64> {
    // The line has 52 numbers of at most 20 digits. In one piece: the kernel makes it anew for each read from the start, and a start waits for it.
    let mut line = [0; 2048];
    let length = fs::File::open(format!("/proc/{pid}/stat"))
        .and_then(|mut file| file.read(&mut line))
        .ok()?;
    start_time_of(&line[..length])
}

/// The fields of a stat line from the state (field 3) on.
fn stat_fields(stat: &[u8]) -> Option<std::str::SplitAsciiWhitespace<'_>> {
    // The command is in parentheses and may contain any byte, parentheses included: the last one ends it.
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let text = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
    Some(text.split_ascii_whitespace())
}

/// `/proc/<pid>/stat` fields 4 and 6; `None` when the process is gone.
pub fn parent_and_session(pid: i32) -> Option<(i32, i32)> {
    parent_and_session_of(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

fn parent_and_session_of(stat: &[u8]) -> Option<(i32, i32)> {
    let mut fields = stat_fields(stat)?;
    let parent = fields.nth(1)?.parse().ok()?;
    Some((parent, fields.nth(1)?.parse().ok()?))
}

/// A process that has exited but was not reaped yet still has a stat line; state `Z` or `X` counts as gone.
fn start_time_of(stat: &[u8]) -> Option<u64> {
    let mut fields = stat_fields(stat)?;
    match fields.next()? {
        "Z" | "X" => None,
        _ => fields.nth(18)?.parse().ok(),
    }
}

/// Whether a process has ended, is ending or has been sent SIGKILL. A process that is gone is one of them.
pub fn is_dying(pid: i32) -> bool {
    let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    is_ending(&read("stat")) || waits_for_kill(&read("status"))
}

/// Flags (field 9) say that it exits, or that a signal ends it; since 5.17 the exit code (field 52) is there as soon as the signal is sent.
fn is_ending(stat: &[u8]) -> bool {
    /// `PF_EXITING` and `PF_SIGNALED` (linux/sched.h).
    const ENDING: u64 = 0x4 | 0x400;
    /// Low seven bits: the signal (wait(2)).
    const SIGKILL: u64 = 9;
    let Some(mut fields) = stat_fields(stat) else {
        return true;
    };
    let flags: Option<u64> = fields.nth(6).and_then(|field| field.parse().ok());
    let code: u64 = fields
        .nth(42)
        .and_then(|field| field.parse().ok())
        .unwrap_or(0);
    flags.is_none_or(|flags| flags & ENDING != 0) || code & 0x7f == SIGKILL
}

/// SIGKILL among the pending signals of the first thread: the kernel adds it to each thread.
fn waits_for_kill(status: &[u8]) -> bool {
    const KILL_BIT: u64 = 1 << 8;
    String::from_utf8_lossy(status)
        .lines()
        .find_map(|line| line.strip_prefix("SigPnd:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_none_or(|mask| mask & KILL_BIT != 0)
}

/// The oldest child that is left; `None` without one, and where the kernel does not tell (`CONFIG_PROC_CHILDREN`).
pub fn first_child(pid: i32) -> Option<i32> {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .ok()?
        .split_ascii_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Pid and run directory of a helper of the engine that has this prefix in our network namespace, by its command line; none: none runs, or it may not be looked at.
pub fn engine_of(prefix: &str) -> Option<(i32, String)> {
    let namespace = |of: &str| std::fs::read_link(format!("/proc/{of}/ns/net")).ok();
    let own = namespace("self")?;
    let mut pids: Vec<i32> = std::fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    pids.into_iter().find_map(|pid| {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let found = run_directory(&bytes, prefix)?;
        (namespace(&pid.to_string())? == own).then_some((pid, found))
    })
}

/// `tsdock-rt zygote --run-dir DIR --prefix PREFIX …`, each word with a zero at its end.
fn run_directory(command_line: &[u8], prefix: &str) -> Option<String> {
    let words: Vec<&str> = std::str::from_utf8(command_line)
        .ok()?
        .split('\0')
        .collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| *word == flag)?;
        words.get(at + 1).copied()
    };
    let is_helper = words.first()?.ends_with("tsdock-rt");
    (is_helper && after("--prefix") == Some(prefix))
        .then(|| after("--run-dir").map(str::to_owned))?
}

/// Identifies this boot; empty if the kernel does not tell.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|text| text.trim_end().to_owned())
        .unwrap_or_default()
}

/// The file mode creation mask of this process; it can only be read here without being changed. `None` when the kernel does not tell.
pub fn umask() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_umask_is_told_in_octal() {
        let mask = umask().unwrap();
        assert!(mask <= 0o777, "{mask:o}");
    }

    const TAIL: &str = " 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1000 2000";

    #[test]
    fn a_command_with_parentheses_and_spaces_does_not_shift_the_fields() {
        assert_eq!(
            start_time_of(format!("12 (a) S (b)) S{TAIL}").as_bytes()),
            Some(4711)
        );
    }

    #[test]
    fn parent_and_session_are_told_apart_from_the_group_between_them() {
        assert_eq!(
            parent_and_session_of(b"12 (a) S (b)) S 7 8 9 0 -1"),
            Some((7, 9))
        );
    }

    #[test]
    fn a_zombie_is_gone() {
        assert_eq!(start_time_of(format!("12 (sh) Z{TAIL}").as_bytes()), None);
    }

    #[test]
    fn a_process_is_dying_from_the_signal_on_and_when_it_is_gone() {
        let stat = |flags: u64, code: i32| {
            let between = "1 ".repeat(42);
            format!("12 (sh) S 1 1 1 0 -1 {flags} {between}{code}\n").into_bytes()
        };
        assert!(!is_ending(&stat(0x40_0000, 0)));
        assert!(!is_ending(&stat(0x40_0000, 19)), "stopped");
        assert!(is_ending(&stat(0x40_0000, 9)));
        assert!(is_ending(&stat(0x40_0404, 0)));
        assert!(is_ending(b""));
        assert!(waits_for_kill(b"Name:\tsh\nSigPnd:\t0000000000000100\n"));
        assert!(!waits_for_kill(
            b"SigPnd:\t0000000000004000\nShdPnd:\t0000000000000100\n"
        ));
        assert!(waits_for_kill(b""));
        assert!(!is_dying(i32::try_from(std::process::id()).unwrap()));
        assert!(is_dying(i32::MAX));
    }

    #[test]
    fn the_oldest_child_comes_first() {
        use std::io::{BufRead as _, BufReader};
        use std::process::{Command, Stdio};
        let mut shell = Command::new("sh")
            .args([
                "-c",
                "sleep 61 & first=$!; sleep 62 & echo $first; read end; kill $first $!",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let found = first_child(i32::try_from(shell.id()).unwrap());
        shell.wait().unwrap();
        assert_eq!(found, line.trim().parse().ok());
        assert_eq!(first_child(i32::MAX), None);
    }

    #[test]
    fn our_own_process_has_a_start_time() {
        assert!(start_time(i32::try_from(std::process::id()).unwrap()).is_some());
    }

    #[test]
    fn an_engine_is_known_by_its_command_line() {
        let line = b"tsdock-rt\0zygote\0--run-dir\0/run/other\0--prefix\0other\0--sealed\0";
        assert_eq!(run_directory(line, "other").as_deref(), Some("/run/other"));
        assert_eq!(run_directory(line, "othe"), None);
        assert_eq!(run_directory(b"sh\0--prefix\0other\0", "other"), None);
        assert_eq!(run_directory(b"", "other"), None);
    }
}
