use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use super::*;

const NOON: &str = "2026-03-01T12:00:00.000000001Z";

fn noon() -> Stamp {
    Stamp {
        seconds: 1_772_366_400,
        nanos: 1,
    }
}

struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("tsdock-logfile-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).expect("directory");
        Self(path)
    }

    fn open(&self, max_bytes: u64, max_files: u32) -> LogFile {
        LogFile::with_clock(&self.0.join("logs"), max_bytes, max_files, noon).expect("log")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join("logs").join(name)
    }

    /// Text without the time stamps, which are all the same.
    fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).expect(name);
        String::from_utf8_lossy(&bytes).replace(&format!("{NOON} "), "")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.join("logs")).expect("logs");
        let mut names: Vec<_> = entries
            .map(|entry| {
                entry
                    .expect("entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn lines_are_entries_of_their_stream() {
    let directory = Directory::new("lines");
    let mut log = directory.open(0, 1);
    log.append(Stream::Stdout, b"one\ntwo\r\n\n")
        .expect("append");
    log.append(Stream::Stderr, b"\xff\x00\x1b[0m\n")
        .expect("append");
    let text = fs::read(directory.path("current.log")).expect("log");
    let expected = [
        format!("{NOON} stdout F one\n{NOON} stdout F two\r\n{NOON} stdout F \n{NOON} stderr F ")
            .into_bytes(),
        b"\xff\x00\x1b[0m\n".to_vec(),
    ];
    assert_eq!(text, expected.concat());
}

#[test]
fn a_line_in_pieces_is_one_entry_and_streams_do_not_mix() {
    let directory = Directory::new("pieces");
    let mut log = directory.open(0, 1);
    for (stream, bytes) in [
        (Stream::Stdout, "hel"),
        (Stream::Stderr, "oo"),
        (Stream::Stdout, "lo"),
        (Stream::Stderr, "ps\nx"),
        (Stream::Stdout, "\nrest"),
    ] {
        log.append(stream, bytes.as_bytes()).expect("append");
    }
    assert_eq!(
        directory.read("current.log"),
        "stderr F oops\nstdout F hello\n"
    );
    log.flush().expect("flush");
    log.flush().expect("nothing is pending now");
    assert_eq!(
        directory.read("current.log"),
        "stderr F oops\nstdout F hello\nstdout P rest\nstderr P x\n"
    );
}

#[test]
fn the_last_words_of_one_process_are_not_joined_with_the_first_of_the_next() {
    let directory = Directory::new("restart");
    let mut log = directory.open(0, 1);
    log.append(Stream::Stdout, b"first run").expect("append");
    log.flush().expect("flush");
    log.append(Stream::Stderr, b"warned\n").expect("append");
    log.append(Stream::Stdout, b"second run\nmore\n")
        .expect("append");
    assert_eq!(
        directory.read("current.log"),
        "stdout P first run\nstderr F warned\nstdout F \nstdout F second run\nstdout F more\n"
    );
}

/// Joins the entries of a file back into the bytes of one stream.
fn joined(text: &[u8], stream: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let rest = &line[STAMP_BYTES + 1..];
        assert!(rest.len() <= LONGEST_HEADER - STAMP_BYTES - 1 + MAX_TEXT);
        if rest.starts_with(stream.as_bytes()) {
            bytes.extend_from_slice(&rest[9..]);
            if rest[7] == b'F' {
                bytes.push(b'\n');
            }
        }
    }
    bytes
}

#[test]
fn long_lines_are_cut_into_parts_and_nothing_is_lost() {
    for length in [
        0,
        1,
        MAX_TEXT - 1,
        MAX_TEXT,
        MAX_TEXT + 1,
        2 * MAX_TEXT,
        5 * MAX_TEXT + 7,
    ] {
        for step in [1024, MAX_TEXT, 65_536] {
            let directory = Directory::new("long");
            let mut log = directory.open(0, 1);
            let line = [vec![b'x'; length], b"\nnext\n".to_vec()].concat();
            for piece in line.chunks(step) {
                log.append(Stream::Stdout, piece).expect("append");
            }
            let text = fs::read(directory.path("current.log")).expect("log");
            assert_eq!(
                joined(&text, "stdout"),
                line,
                "{length} bytes in steps of {step}"
            );
            let parts = text
                .split(|byte| *byte == b'\n')
                .filter(|entry| entry.get(STAMP_BYTES + 8) == Some(&b'P'))
                .count();
            assert_eq!(parts, length.div_ceil(MAX_TEXT).saturating_sub(1));
        }
    }
}

#[test]
fn more_lines_than_a_batch_holds_arrive_in_order() {
    let directory = Directory::new("batch");
    let mut log = directory.open(0, 1);
    let lines: Vec<_> = (0..1000).map(|number| format!("line {number}\n")).collect();
    log.append(Stream::Stdout, lines.concat().as_bytes())
        .expect("append");
    let text = fs::read(directory.path("current.log")).expect("log");
    assert_eq!(joined(&text, "stdout"), lines.concat().into_bytes());
}

#[test]
fn rotation_keeps_the_newest_files_within_their_size() {
    let directory = Directory::new("rotation");
    let mut log = directory.open(200, 3);
    for number in 0..50 {
        log.append(Stream::Stdout, format!("line {number:04}\n").as_bytes())
            .expect("append");
    }
    assert_eq!(
        directory.names(),
        ["current.log", "current.log.1", "current.log.2"]
    );
    let all = ["current.log.2", "current.log.1", "current.log"].map(|name| directory.read(name));
    assert!(all.iter().all(|text| !text.is_empty() && text.len() <= 200));
    let kept: Vec<_> = all
        .concat()
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned())
        .collect();
    let newest: Vec<_> = (50 - kept.len()..50)
        .map(|number| format!("{number:04}"))
        .collect();
    assert_eq!(kept, newest, "an unbroken end of the output");
}

#[test]
fn a_follower_finds_the_rest_of_a_rotated_file_at_its_inode() {
    let directory = Directory::new("inode");
    let mut log = directory.open(0, 2);
    log.append(Stream::Stdout, b"before\n").expect("append");
    let inode = fs::metadata(directory.path("current.log"))
        .expect("current")
        .ino();
    log.rotate().expect("rotate");
    log.append(Stream::Stdout, b"after\n").expect("append");
    assert_eq!(
        fs::metadata(directory.path("current.log.1"))
            .expect("rotated")
            .ino(),
        inode
    );
    assert_eq!(
        (
            directory.read("current.log.1"),
            directory.read("current.log")
        ),
        ("stdout F before\n".into(), "stdout F after\n".into())
    );
}

#[test]
fn one_file_is_replaced_and_fewer_files_than_before_are_cleaned() {
    let directory = Directory::new("single");
    let mut log = directory.open(0, 4);
    for _ in 0..5 {
        log.append(Stream::Stdout, b"x\n").expect("append");
        log.rotate().expect("rotate");
    }
    assert_eq!(
        directory.names(),
        [
            "current.log",
            "current.log.1",
            "current.log.2",
            "current.log.3"
        ]
    );
    let mut log = directory.open(0, 1);
    log.append(Stream::Stdout, b"y\n").expect("append");
    log.rotate().expect("rotate");
    assert_eq!(directory.names(), ["current.log"]);
    assert_eq!(directory.read("current.log"), "");
}

#[test]
fn a_line_cut_by_a_crash_is_ended_first() {
    let directory = Directory::new("crash");
    directory
        .open(0, 1)
        .append(Stream::Stdout, b"whole\n")
        .expect("append");
    let cut = format!("{NOON} stdout F whole\n{NOON} stdo");
    fs::write(directory.path("current.log"), &cut).expect("cut");
    let mut log = directory.open(0, 1);
    log.append(Stream::Stdout, b"after\n").expect("append");
    assert_eq!(
        directory.read("current.log"),
        "stdout F whole\nstdo\nstdout F after\n"
    );
    drop(log);
    directory
        .open(0, 1)
        .append(Stream::Stdout, b"again\n")
        .expect("append");
    assert_eq!(
        directory.read("current.log"),
        "stdout F whole\nstdo\nstdout F after\nstdout F again\n"
    );
}

#[test]
fn files_removed_or_renamed_by_others_come_back() {
    let directory = Directory::new("others");
    let mut log = directory.open(0, 2);
    log.append(Stream::Stdout, b"one\n").expect("append");
    fs::rename(directory.path("current.log"), directory.path("taken")).expect("rename");
    // The look happens once a second; the clock of the tests stands still.
    log.sink.forget_look();
    log.append(Stream::Stdout, b"two\n").expect("append");
    assert_eq!(
        (directory.read("taken"), directory.read("current.log")),
        ("stdout F one\n".into(), "stdout F two\n".into())
    );
    fs::remove_file(directory.path("current.log")).expect("remove");
    log.sink.forget_look();
    log.append(Stream::Stdout, b"three\n").expect("append");
    assert_eq!(directory.read("current.log"), "stdout F three\n");
}

#[test]
fn nobody_else_may_read_whatever_the_umask() {
    let directory = Directory::new("modes");
    let log = directory.0.join("a/logs");
    fs::create_dir_all(&log).expect("directory");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o777)).expect("mode");
    LogFile::open(&log, 0, 1)
        .expect("log")
        .append(Stream::Stdout, b"x\n")
        .expect("append");
    assert_eq!(
        fs::metadata(&log).expect("directory").mode() & 0o7777,
        0o700
    );
    assert_eq!(
        fs::metadata(log.join("current.log")).expect("file").mode() & 0o7777,
        0o600
    );
}

/// On a file system of 64 KiB.
#[test]
fn a_full_disk_costs_entries_that_are_counted_and_nothing_else() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("CI").is_none(), "this test needs root");
        eprintln!("skipped: needs root");
        return;
    }
    let directory = Directory::new("full");
    fs::create_dir_all(directory.0.join("logs")).expect("directory");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tsdock-test"])
        .arg(directory.0.join("logs"))
        .status()
        .expect("mount");
    assert!(mounted.success());
    let unmount = || {
        assert!(
            Command::new("umount")
                .arg(directory.0.join("logs"))
                .status()
                .expect("umount")
                .success()
        );
    };
    let outcome = std::panic::catch_unwind(|| {
        let mut log = directory.open(0, 1);
        let line = [vec![b'x'; 999], b"\n".to_vec()].concat();
        let mut sent = 0;
        for _ in 0..40 {
            log.append(Stream::Stdout, &line.repeat(3))
                .expect("a full disk is no error");
            sent += 3;
        }
        let whole = directory
            .read("current.log")
            .lines()
            .filter(|entry| entry.len() == 999 + "stdout F ".len())
            .count();
        assert!(whole > 50 && whole < 66, "{whole} fit");
        fs::OpenOptions::new()
            .write(true)
            .open(directory.path("current.log"))
            .expect("open")
            .set_len(0)
            .expect("room again");
        log.append(Stream::Stdout, b"after\n").expect("append");
        let lost = sent - whole;
        // Each lost entry is its text, its header and its newline.
        let bytes = lost * (999 + LONGEST_HEADER + 1);
        let text = directory.read("current.log");
        let expected = format!(
            "stderr F [tsdock: {lost} log entries ({bytes} bytes) could not be written]\nstdout F after\n"
        );
        assert_eq!(text.trim_start_matches('\n'), expected);
    });
    unmount();
    outcome.expect("as above");
}

#[test]
fn the_identity_is_kept_whole_and_once() {
    let directory = Directory::new("identity");
    directory
        .open(0, 1)
        .keep_identity("whose log this is")
        .expect("written");
    let written = fs::metadata(directory.path("identity")).expect("file");
    assert_eq!(written.permissions().mode() & 0o777, 0o600);
    directory
        .open(0, 1)
        .keep_identity("whose log this is")
        .expect("left alone");
    let again = fs::metadata(directory.path("identity")).expect("file");
    assert_eq!(written.mtime_nsec(), again.mtime_nsec());
    fs::write(directory.path("identity"), "whose").expect("cut off by a crash");
    directory
        .open(0, 1)
        .keep_identity("whose log this is")
        .expect("written again");
    assert_eq!(
        fs::read_to_string(directory.path("identity")).expect("text"),
        "whose log this is"
    );
}
