use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::*;

/// A root directory of its own, removed at the end.
struct Root(PathBuf);

impl Root {
    fn new(test: &str, passwd: &str, group: &str) -> Self {
        let root = Self::bare(test);
        fs::write(root.0.join("etc/passwd"), passwd).expect("passwd");
        fs::write(root.0.join("etc/group"), group).expect("group");
        root
    }

    fn bare(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("tsdock-userdb-{}-{test}", std::process::id()));
        fs::create_dir_all(path.join("etc")).expect("root");
        Self(path)
    }

    fn resolve(&self, user: &str, extra: &[&str]) -> Result<Credentials, UserError> {
        let root = fs::File::open(&self.0).expect("root");
        let extra: Vec<_> = extra.iter().map(|text| (*text).to_owned()).collect();
        resolve(root.as_fd(), user, &extra)
    }

    fn ids(&self, user: &str) -> (u32, u32, Vec<u32>) {
        let found = self.resolve(user, &[]).expect(user);
        (found.uid, found.gid, found.groups)
    }

    fn etc(&self, name: &str) -> PathBuf {
        self.0.join("etc").join(name)
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PASSWD: &str = "\
# comment:x:1:1::/:
root:x:0:0:root:/root:/bin/sh
+nis:x:7:7::/:
bin:x:1:1:bin:/bin:/sbin/nologin
web:x:1000:2000:Web, User:/home/web:/bin/sh
1001:x:5555:5555::/home/number:
nohome:x:1002:1002
odd:x:1003:1003::relative:
huge:x:4294967296:0::/:
minus:x:-1:0::/:
last:x:4294967294:4294967294::/l:";

const GROUP: &str = "\
root:x:0:root
wheel:x:10:root,web
web:x:2000:
www-data:x:33:bin,web,webby
twice:x:10:web
out:x:99999999999:web
nothing:x:77
";

#[test]
fn users_and_groups_resolve_as_written() {
    let root = Root::new("table", PASSWD, GROUP);
    for (user, expected) in [
        ("", (0, 0, vec![0])),
        ("root", (0, 0, vec![0])),
        ("0", (0, 0, vec![0])),
        ("web", (1000, 2000, vec![2000, 10, 33])),
        ("1000", (1000, 2000, vec![2000, 10, 33])),
        ("web:33", (1000, 33, vec![33])),
        ("web:www-data", (1000, 33, vec![33])),
        ("1000:0", (1000, 0, vec![0])),
        ("4711", (4711, 0, vec![0])),
        ("4711:4712", (4711, 4712, vec![4712])),
        // Digits are a number although somebody is called so.
        ("1001", (1001, 0, vec![0])),
        ("nohome", (1002, 1002, vec![1002])),
        (
            "4294967294",
            (4_294_967_294, 4_294_967_294, vec![4_294_967_294]),
        ),
        ("bin:nothing", (1, 77, vec![77])),
    ] {
        let found = root.ids(user);
        // Root is listed in wheel; everything else is exactly the expected list.
        let expected = if found.0 == 0 {
            (0, 0, vec![0, 10])
        } else {
            expected
        };
        assert_eq!(found, expected, "{user:?}");
    }
}

#[test]
fn home_is_absolute_or_the_root() {
    let root = Root::new("home", PASSWD, GROUP);
    for (user, home) in [
        ("", "/root"),
        ("web", "/home/web"),
        ("1000:5", "/home/web"),
        ("nohome", "/"),
        ("odd", "/"),
        ("4711", "/"),
        ("last", "/l"),
    ] {
        assert_eq!(root.resolve(user, &[]).expect(user).home, home, "{user:?}");
    }
}

#[test]
fn extra_groups_are_added_once() {
    let root = Root::new("extra", PASSWD, GROUP);
    let found = root
        .resolve("web", &["33", "www-data", "5000", "root"])
        .expect("web");
    assert_eq!(found.groups, [2000, 10, 33, 5000, 0]);
    assert_eq!(
        root.resolve("web", &["nobody-has-it"]),
        Err(UserError::UnknownGroup("nobody-has-it".into()))
    );
    assert_eq!(
        root.resolve("web", &["-5"]),
        Err(UserError::Invalid("-5".into()))
    );
}

#[test]
fn what_is_no_user_is_never_root() {
    let root = Root::new("invalid", PASSWD, GROUP);
    let long = "n".repeat(257);
    for bad in [
        "4294967296",
        "4294967295",
        "18446744073709551616",
        "-1",
        "+1",
        "-0",
        "0x0",
        "0X1f",
        "1000:",
        ":",
        ":0",
        "1:2:3",
        " root",
        "root ",
        "a\nb",
        "a\0b",
        "\u{1b}[31m",
        "a/b",
        "a,b",
        "root:-1",
        "root:4294967295",
        "root:0x0",
        "root: 0",
        "1e3 ",
        "\u{a0}root",
        &long,
    ] {
        assert!(
            matches!(root.resolve(bad, &[]), Err(UserError::Invalid(_))),
            "{bad:?}: {:?}",
            root.resolve(bad, &[])
        );
    }
    for unknown in [
        "nobody-has-it",
        "huge",
        "minus",
        "1.5",
        "1_000",
        "٣",
        "ROOT",
        "#",
        "0b1",
    ] {
        assert_eq!(
            root.resolve(unknown, &[]),
            Err(UserError::UnknownUser(unknown.into())),
            "{unknown:?}"
        );
    }
    assert_eq!(
        root.resolve("web:out", &[]),
        Err(UserError::UnknownGroup("out".into()))
    );
}

#[test]
fn missing_files_leave_numbers() {
    let root = Root::bare("missing");
    assert_eq!(root.ids(""), (0, 0, vec![0]));
    assert_eq!(root.ids("5:6"), (5, 6, vec![6]));
    assert_eq!(
        root.resolve("root", &[]),
        Err(UserError::UnknownUser("root".into()))
    );
    fs::remove_dir(root.0.join("etc")).expect("rmdir");
    assert_eq!(root.ids("5"), (5, 0, vec![0]));
}

/// Everything that is not a regular file of the image counts as absent and blocks nobody.
#[test]
fn odd_files_are_absent() {
    let fifo = |path: &Path| {
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o644),
            0,
        );
        made.expect("fifo");
    };
    let secret = std::env::temp_dir().join(format!("tsdock-userdb-{}-secret", std::process::id()));
    fs::write(&secret, "host:x:4242:4242::/:\n").expect("secret");
    let climbing = format!("../../../../../../../..{}", secret.display());
    let link = |to: &Path, path: &Path| symlink(to, path).expect("link");
    let make = |kind: &str, path: &Path| match kind {
        "fifo" => fifo(path),
        "directory" => fs::create_dir(path).expect("directory"),
        "loop" => link(Path::new("passwd"), path),
        "dangling" => link(Path::new("/nowhere"), path),
        "outside" => link(&secret, path),
        _ => link(Path::new(&climbing), path),
    };
    for name in [
        "fifo",
        "directory",
        "loop",
        "dangling",
        "outside",
        "climbing",
    ] {
        let root = Root::bare(name);
        make(name, &root.etc("passwd"));
        fifo(&root.etc("group"));
        assert_eq!(
            root.resolve("host", &[]),
            Err(UserError::UnknownUser("host".into())),
            "{name}"
        );
        assert_eq!(root.ids("7"), (7, 0, vec![0]), "{name}");
    }
    let _ = fs::remove_file(&secret);
}

#[test]
fn files_of_procfs_are_not_read() {
    // Inside a root of `/`, as after a start where the container links its passwd to the kernel log or its own memory.
    let root = fs::File::open("/").expect("root");
    assert_eq!(
        file::read(root.as_fd(), "proc/self/status").unwrap_or_default(),
        b""
    );
    assert_eq!(file::read(root.as_fd(), "proc/self/exe"), None);
    assert_eq!(file::read(root.as_fd(), "dev/zero"), None);
}

#[test]
fn links_inside_the_root_are_followed() {
    let root = Root::bare("link");
    fs::create_dir_all(root.0.join("usr/share")).expect("directory");
    fs::write(root.0.join("usr/share/passwd"), PASSWD).expect("passwd");
    symlink("/usr/share/passwd", root.etc("passwd")).expect("link");
    assert_eq!(root.ids("web"), (1000, 2000, vec![2000]));
}

#[test]
fn a_huge_file_costs_a_megabyte_and_ends_at_a_line() {
    let root = Root::new("huge", "", "");
    let bound = usize::try_from(file::MAX_BYTES).expect("fits");
    let mut passwd = String::from("first:x:11:11::/:\n");
    passwd.push_str(&"filler:x:1:1::/:\n".repeat(bound / 17 - 2));
    // The bound cuts the gid of this line to `1`: the line must not count.
    passwd.push_str(&"#".repeat(bound - passwd.len() - 11));
    passwd.push('\n');
    passwd.push_str("cut:x:12:1");
    assert_eq!(passwd.len(), bound);
    passwd.push_str("2:::\nlast:x:13:13::/:\n");
    fs::write(root.etc("passwd"), &passwd).expect("passwd");
    let sparse = fs::OpenOptions::new()
        .write(true)
        .open(root.etc("passwd"))
        .expect("open");
    sparse.set_len(1 << 30).expect("a gigabyte");
    assert_eq!(root.ids("first"), (11, 11, vec![11]));
    for beyond in ["cut", "last"] {
        assert_eq!(
            root.resolve(beyond, &[]),
            Err(UserError::UnknownUser(beyond.into()))
        );
    }
}

#[test]
fn too_many_groups_are_refused_not_cut() {
    let line = |gid: u32| format!("g:x:{gid}:u\n");
    let groups = |count: u32| (0..count).map(line).collect::<Vec<_>>().concat();
    let root = Root::new("groups", "u:x:1:1::/:\n", &groups(60_000));
    assert_eq!(root.resolve("u", &[]).expect("many").groups.len(), 60_000);
    fs::write(root.etc("group"), groups(70_000)).expect("group");
    assert!(matches!(root.resolve("u", &[]), Err(UserError::Invalid(_))));
    assert_eq!(
        root.ids("u:1"),
        (1, 1, vec![1]),
        "an explicit group needs none of them"
    );
}

/// Lines of random bytes: no panic, nobody gets an identity that no line gives.
#[test]
fn random_files_give_away_nothing() {
    const ALPHABET: &[u8] = b"aw0149:::,,\n\n-+#x\r\xff ";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..20_000 {
        let text: Vec<u8> = (0..random() % 60)
            .map(|_| ALPHABET[usize::try_from(random()).unwrap_or(0) % ALPHABET.len()])
            .collect();
        for account in file::accounts(&text) {
            assert_ne!((account.uid, account.gid), (u32::MAX, u32::MAX));
            let line = [account.name, b":"].concat();
            assert!(
                text.windows(line.len()).any(|part| part == line),
                "{text:?}"
            );
            assert!(account.home().is_none_or(|home| home.starts_with('/')));
        }
        for group in file::groups(&text) {
            assert_ne!(group.gid, u32::MAX);
            assert!(!group.has_member(b"nobody wrote this"));
        }
    }
}
