//! The few facts we read from the host's `/proc`.

use std::fs;

/// `/proc/<pid>/stat` field 22; `None` when the process is gone.
pub fn start_time(pid: i32) -> Option<u64> {
    start_time_of(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// A process that has exited but was not reaped yet still has a stat line; state `Z` or `X` counts as gone.
fn start_time_of(stat: &[u8]) -> Option<u64> {
    // The command is in parentheses and may contain any byte, parentheses included: the last one ends it.
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let text = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
    let mut fields = text.split(' ');
    match fields.next()? {
        "Z" | "X" => None,
        _ => fields.nth(18)?.parse().ok(),
    }
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
    fn a_zombie_is_gone() {
        assert_eq!(start_time_of(format!("12 (sh) Z{TAIL}").as_bytes()), None);
    }

    #[test]
    fn our_own_process_has_a_start_time() {
        assert!(start_time(i32::try_from(std::process::id()).unwrap()).is_some());
    }
}
