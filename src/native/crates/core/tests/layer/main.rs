//! Layers as a hostile image would write them, unpacked by the whole sink. Every directory has a canary beside it that must stay as it was. Needs root
//! (owners, devices, trusted attributes).

mod archive;

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use archive::{Header, Tar};
use tsdock_core::layer::{
    Kind, LayerError, LayerOptions, LayerResult, Sink, compare, inherit, tree,
};

const CANARY: &str = "do not touch";

/// A directory for one test: `layer` is unpacked into it, `canary` and `secret/` are outside of it.
struct Ground {
    path: PathBuf,
    before: Vec<(u32, i64, u64)>,
}

impl Ground {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!(
            "tsdock-layer-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir(&path).expect("ground");
        fs::write(path.join("canary"), CANARY).expect("canary");
        fs::create_dir(path.join("secret")).expect("secret");
        fs::set_permissions(path.join("secret"), fs::Permissions::from_mode(0o700)).expect("mode");
        let mut ground = Self {
            path,
            before: Vec::new(),
        };
        ground.before = ground.outside();
        ground
    }

    fn outside(&self) -> Vec<(u32, i64, u64)> {
        ["canary", "secret"]
            .map(|name| fs::symlink_metadata(self.path.join(name)).expect("there"))
            .map(|m| (m.mode(), m.mtime_nsec(), m.nlink()))
            .to_vec()
    }

    fn layer(&self) -> PathBuf {
        self.path.join("layer")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.layer().join(name)
    }

    fn options(&self) -> LayerOptions {
        LayerOptions {
            directory: self.layer(),
            digest: None,
            diff_id: None,
            max_bytes: 1 << 20,
            max_entries: 1000,
        }
    }

    fn unpack(&self, bytes: &[u8]) -> Result<LayerResult, LayerError> {
        let result = unpack(self.options(), bytes);
        assert_eq!(
            self.outside(),
            self.before,
            "something outside of the layer was touched"
        );
        assert_eq!(
            fs::read_to_string(self.path.join("canary")).expect("canary"),
            CANARY
        );
        assert_eq!(
            fs::read_dir(self.path.join("secret"))
                .expect("secret")
                .count(),
            0
        );
        assert_eq!(
            result.is_ok(),
            self.layer().exists(),
            "a failed layer leaves nothing"
        );
        result
    }

    fn refused(&self, bytes: &[u8]) -> Kind {
        self.unpack(bytes).expect_err("refused").kind
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = tree::remove(&self.path);
    }
}

/// One chunk, and then the wait for room.
fn write(sink: &Sink, chunk: Vec<u8>) -> Result<(), LayerError> {
    if sink.push(chunk)? {
        return Ok(());
    }
    let (sender, receiver) = channel();
    sink.on_room(Box::new(move |result| sender.send(result).expect("told")));
    receiver
        .recv_timeout(Duration::from_secs(20))
        .expect("an answer")
}

/// Feeds the sink in chunks, holding back as it asks for.
fn unpack(options: LayerOptions, bytes: &[u8]) -> Result<LayerResult, LayerError> {
    let sink = Sink::begin(options)?;
    for chunk in bytes.chunks(10_000) {
        if write(&sink, chunk.to_vec()).is_err() {
            break;
        }
    }
    let (sender, receiver) = channel();
    sink.end(Box::new(move |result| sender.send(result).expect("told")));
    receiver
        .recv_timeout(Duration::from_secs(60))
        .expect("an end")
}

fn xattr(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 256];
    let length = rustix::fs::lgetxattr(path, name, &mut buffer[..]).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

fn is_whiteout(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|meta| meta.file_type().is_char_device() && meta.rdev() == 0)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(bytes);
    hash.iter().fold(String::from("sha256:"), |text, byte| {
        text + &format!("{byte:02x}")
    })
}

// ----------------------------------------------------------------------------------------------------------- the ordinary layer

#[test]
fn a_layer_has_the_owners_modes_times_and_attributes_of_its_archive() {
    let ground = Ground::new();
    let tar = Tar::default()
        .entry(Header::new(b'5', b"./").mode(0o751), b"")
        .entry(
            Header::new(b'5', b"etc/")
                .mode(0o2750)
                .octal(108, 8, 10)
                .octal(116, 8, 20)
                .octal(136, 12, 1000),
            b"",
        )
        .pax(&[
            ("SCHILY.xattr.user.note", b"a=b"),
            ("mtime", b"1234.5"),
            ("uid", b"70000"),
        ])
        .entry(
            Header::new(b'0', b"etc/passwd").mode(0o4755).size(4),
            b"root",
        )
        .symlink("etc/link", "/somewhere/else")
        .hard_link("etc/same", "etc/passwd")
        .entry(Header::new(b'6', b"pipe").mode(0o622), b"")
        .entry(
            Header::new(b'3', b"null")
                .mode(0o666)
                .octal(329, 8, 1)
                .octal(337, 8, 3),
            b"",
        )
        .pax(&[(
            "SCHILY.xattr.security.capability",
            b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        )])
        .file("usr/bin/ping", b"#!")
        .end();
    let result = ground.unpack(&gzip(&tar)).expect("unpacked");
    assert_eq!(result.diff_id, sha256(&tar));
    assert_eq!((result.unpacked.entries, result.unpacked.bytes), (8, 6));
    assert_eq!(
        result.unpacked.implied_directories,
        [b"usr".to_vec(), b"usr/bin".to_vec()]
    );
    let meta = |name: &str| fs::symlink_metadata(ground.at(name)).expect(name);
    assert_eq!(
        fs::metadata(ground.layer()).expect("root").mode() & 0o7777,
        0o751
    );
    assert_eq!(
        (
            meta("etc").mode() & 0o7777,
            meta("etc").uid(),
            meta("etc").gid(),
            meta("etc").mtime()
        ),
        (0o2750, 10, 20, 1000)
    );
    assert_eq!(
        (
            meta("etc/passwd").mode() & 0o7777,
            meta("etc/passwd").uid(),
            meta("etc/passwd").nlink()
        ),
        (0o4755, 70000, 2)
    );
    assert_eq!(
        (meta("etc/passwd").mtime(), meta("etc/passwd").mtime_nsec()),
        (1234, 500_000_000)
    );
    assert_eq!(
        xattr(&ground.at("etc/passwd"), "user.note").as_deref(),
        Some(&b"a=b"[..])
    );
    assert_eq!(
        fs::read_link(ground.at("etc/link")).expect("link"),
        Path::new("/somewhere/else")
    );
    assert_eq!(meta("etc/link").mtime(), 1_700_000_000);
    assert!(meta("pipe").file_type().is_fifo() && meta("pipe").mode() & 0o7777 == 0o622);
    assert_eq!(
        (meta("null").rdev(), meta("null").mode() & 0o7777),
        (rustix::fs::makedev(1, 3), 0o666)
    );
    assert!(xattr(&ground.at("usr/bin/ping"), "security.capability").is_some());
    assert_eq!(
        (meta("usr/bin").mode() & 0o7777, meta("usr/bin").uid()),
        (0o755, 0)
    );
}

#[test]
fn the_compression_is_found_by_its_bytes() {
    let tar = Tar::default().file("a", &vec![b'x'; 100_000]).end();
    let (first, second) = tar.split_at(30_000);
    let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let zstd = |bytes: &[u8]| zstd::stream::encode_all(bytes, 1).expect("memory");
    let forms = [
        tar.clone(),
        gzip(&tar),
        [gzip(first), gzip(b""), gzip(second)].concat(),
        zstd(&tar),
        [zstd(first), skippable.clone(), zstd(second)].concat(),
        [skippable, zstd(&tar)].concat(),
    ];
    for (number, form) in forms.iter().enumerate() {
        let ground = Ground::new();
        let result = ground
            .unpack(form)
            .unwrap_or_else(|error| panic!("form {number}: {error}"));
        assert_eq!(
            (result.digest, result.diff_id, result.compressed_bytes),
            (sha256(form), sha256(&tar), form.len() as u64)
        );
    }
}

#[test]
fn an_empty_layer_is_a_layer() {
    let ground = Ground::new();
    assert_eq!(
        ground
            .unpack(&Tar::default().end())
            .expect("unpacked")
            .unpacked
            .entries,
        0
    );
    assert_eq!(
        fs::metadata(ground.layer()).expect("root").mode() & 0o7777,
        0o755
    );
}

// -------------------------------------------------------------------------------------------------------------------- digests

#[test]
fn a_wrong_digest_leaves_nothing_and_is_named_before_what_is_broken_inside() {
    let tar = gzip(&Tar::default().file("a", b"data").end());
    let wrong = sha256(b"something else");
    let with = |digest: Option<&str>, diff_id: Option<&str>, bytes: &[u8]| {
        let ground = Ground::new();
        let options = LayerOptions {
            digest: digest.map(str::to_owned),
            diff_id: diff_id.map(str::to_owned),
            ..ground.options()
        };
        let result = unpack(options, bytes)
            .map(|_| ())
            .map_err(|error| error.kind);
        assert_eq!(result.is_ok(), ground.layer().exists());
        result
    };
    assert_eq!(with(Some(&sha256(&tar)), None, &tar), Ok(()));
    assert_eq!(with(Some(&wrong), None, &tar), Err(Kind::Digest));
    assert_eq!(
        with(Some(&sha256(&tar)), Some(&wrong), &tar),
        Err(Kind::DiffId)
    );
    let mut broken = tar.clone();
    broken[30] ^= 0xff;
    assert_eq!(
        with(Some(&sha256(&tar)), None, &broken),
        Err(Kind::Digest),
        "changed on the way"
    );
    assert_eq!(
        with(Some(&sha256(&broken)), None, &broken),
        Err(Kind::Format),
        "broken at the source"
    );
    assert_eq!(
        with(Some(&sha256(&tar)), None, &tar[..tar.len() / 2]),
        Err(Kind::Digest),
        "cut on the way"
    );
    for bad in [
        "sha256:",
        "md5:00",
        "sha256:../../etc",
        &sha256(b"").to_uppercase(),
        &format!("{wrong}0"),
    ] {
        assert_eq!(with(Some(bad), None, &tar), Err(Kind::Format), "{bad}");
    }
}

#[test]
fn a_directory_that_exists_is_neither_used_nor_removed() {
    let ground = Ground::new();
    fs::create_dir(ground.layer()).expect("made");
    fs::write(ground.at("kept"), "x").expect("written");
    let error =
        unpack(ground.options(), &Tar::default().file("kept", b"y").end()).expect_err("refused");
    assert_eq!(error.kind, Kind::System(libc::EEXIST));
    assert_eq!(fs::read_to_string(ground.at("kept")).expect("kept"), "x");
}

#[test]
fn an_aborted_layer_is_gone_when_abort_is_through() {
    let ground = Ground::new();
    let sink = Sink::begin(ground.options()).expect("begun");
    let (sender, receiver) = channel();
    write(&sink, Tar::default().file("a", &[1; 5000]).0).expect("room");
    let tell = sender.clone();
    sink.abort(Box::new(move |result| tell.send(result).expect("told")));
    receiver
        .recv_timeout(Duration::from_secs(5))
        .expect("told")
        .expect("aborted");
    assert!(!ground.layer().exists());
    assert_eq!(
        write(&sink, vec![0; 10]).expect_err("over").kind,
        Kind::Aborted
    );
    sink.end(Box::new(move |result| {
        sender.send(result.map(|_| ())).expect("told");
    }));
    assert_eq!(
        receiver
            .recv_timeout(Duration::from_secs(5))
            .expect("told")
            .expect_err("over")
            .kind,
        Kind::Aborted
    );
}

#[test]
fn a_sink_that_is_dropped_leaves_nothing() {
    let ground = Ground::new();
    let sink = Sink::begin(ground.options()).expect("begun");
    write(&sink, Tar::default().file("a", b"x").0).expect("room");
    for _ in 0..500 {
        if ground.layer().exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(sink);
    let gone = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(2));
        !ground.layer().exists()
    });
    assert!(gone);
}

#[test]
fn writers_are_held_back_and_hear_of_a_refusal_while_they_write() {
    let ground = Ground::new();
    let sink = Sink::begin(LayerOptions {
        max_bytes: 1 << 30,
        ..ground.options()
    })
    .expect("begun");
    let start = Tar::default()
        .entry(Header::new(b'0', b"../x").size(1 << 29), b"")
        .0;
    let mut told = 0;
    let mut chunk = start;
    let refused = (0..2000).find_map(|_| {
        told += 1;
        write(&sink, std::mem::replace(&mut chunk, vec![0; 64 << 10])).err()
    });
    assert_eq!(refused.expect("refused").kind, Kind::Escape);
    assert!(told < 2000);
}

// ---------------------------------------------------------------------------------------------------------- T1, T2, T3, T4: paths

#[test]
fn t1_an_absolute_path_lies_in_the_layer() {
    let ground = Ground::new();
    ground
        .unpack(&Tar::default().file("/canary", b"mine").end())
        .expect("unpacked");
    assert_eq!(
        fs::read_to_string(ground.at("canary")).expect("inside"),
        "mine"
    );
}

#[test]
fn t2_dot_dot_is_refused_in_every_place_and_the_entry_is_named() {
    for name in [
        "../canary",
        "a/../../canary",
        "a/..",
        "..",
        "/../canary",
        "a/../b",
    ] {
        let ground = Ground::new();
        let error = ground
            .unpack(&Tar::default().file("ok", b"").file(name, b"x").end())
            .expect_err("refused");
        assert_eq!(error.kind, Kind::Escape, "{name}");
        assert!(
            error.message.starts_with(&format!("entry 2 \"{name}\": ")),
            "{}",
            error.message
        );
    }
}

#[test]
fn t3_a_write_through_a_link_stays_in_the_layer() {
    let up = "../../../../../../../..";
    let ground = Ground::new();
    let outside = ground.path.to_string_lossy().into_owned();
    for target in [
        outside.clone(),
        format!("{up}{outside}"),
        String::from(".."),
        String::from("/proc/self/root"),
        String::from("/proc/self/cwd"),
    ] {
        let ground = Ground::new();
        // The link leads to where the canary is outside; inside, that path is made anew.
        let tar = Tar::default()
            .symlink("out", &target)
            .file("out/canary", b"mine")
            .file("out/secret/x", b"mine");
        match ground.unpack(&tar.end()) {
            Ok(_) => assert!(
                fs::symlink_metadata(ground.at("out"))
                    .expect("link")
                    .is_symlink()
            ),
            Err(error) => assert_eq!(error.kind, Kind::Escape, "{target}: {error}"),
        }
    }
    let ground = Ground::new();
    let tar = Tar::default()
        .symlink("file", &format!("{outside}/canary"))
        .file("file", b"replaced");
    ground.unpack(&tar.end()).expect("unpacked");
    assert_eq!(
        fs::read_to_string(ground.at("file")).expect("a file of its own"),
        "replaced"
    );
}

#[test]
fn t3_a_link_to_a_directory_of_the_layer_is_followed() {
    let ground = Ground::new();
    let tar = Tar::default()
        .directory("usr/lib/")
        .symlink("lib", "/usr/lib")
        .file("lib/x", b"1")
        .symlink("run", "var/run")
        .file("run/pid", b"2");
    let result = ground.unpack(&tar.end()).expect("unpacked");
    assert_eq!(fs::read_to_string(ground.at("usr/lib/x")).expect("x"), "1");
    assert_eq!(
        fs::read_to_string(ground.at("var/run/pid")).expect("pid"),
        "2",
        "a target that is missing is made inside"
    );
    assert_eq!(
        result.unpacked.implied_directories,
        [&b"usr"[..], b"var", b"var/run"]
    );
}

#[test]
fn t4_chains_and_loops_end() {
    let ground = Ground::new();
    let loops = Tar::default()
        .symlink("a", "b")
        .symlink("b", "a")
        .file("a/x", b"");
    assert!(matches!(
        ground.refused(&loops.end()),
        Kind::Escape | Kind::System(libc::ELOOP)
    ));
    let chain = (0..60).fold(Tar::default(), |tar, at| {
        tar.symlink(&format!("l{at}"), &format!("l{}", at + 1))
    });
    assert!(matches!(
        Ground::new().refused(&chain.file("l0/x", b"").end()),
        Kind::Escape | Kind::System(libc::ELOOP)
    ));
}

// ---------------------------------------------------------------------------------------------------------- T5, T6, T7, T8: replacing

#[test]
fn t5_a_hard_link_reaches_files_of_the_layer_only() {
    let ground = Ground::new();
    let outside = ground.path.join("canary").to_string_lossy().into_owned();
    assert_eq!(
        ground.refused(&Tar::default().hard_link("x", &outside).end()),
        Kind::Format,
        "absolute: below the layer, not there"
    );
    assert_eq!(
        ground.refused(&Tar::default().hard_link("x", "../canary").end()),
        Kind::Escape
    );
    assert_eq!(
        ground.refused(
            &Tar::default()
                .hard_link("x", "later")
                .file("later", b"")
                .end()
        ),
        Kind::Format
    );
    assert_eq!(
        ground.refused(&Tar::default().directory("d/").hard_link("x", "d").end()),
        Kind::Escape
    );
    assert_eq!(
        ground.refused(
            &Tar::default()
                .file(".wh.gone", b"")
                .hard_link("x", "gone")
                .end()
        ),
        Kind::Escape
    );
    let linked = Tar::default()
        .symlink("s", &outside)
        .entry(Header::new(b'1', b"x").link(b"s").mode(0o777), b"")
        .file("x", b"mine");
    ground
        .unpack(&linked.end())
        .expect("a link to the link itself, then a file in its place");
    assert!(
        fs::symlink_metadata(ground.at("s"))
            .expect("s")
            .is_symlink()
    );
    let ground = Ground::new();
    let through = Tar::default()
        .symlink("d", ground.path.to_str().expect("text"))
        .hard_link("x", "d/canary");
    assert_eq!(ground.refused(&through.end()), Kind::Format);
    let ground = Ground::new();
    let chmod = Tar::default()
        .file("a", b"1")
        .entry(Header::new(b'1', b"b").link(b"a").mode(0o6777), b"")
        .hard_link("b", "a")
        .hard_link("a", "a");
    ground.unpack(&chmod.end()).expect("unpacked");
    assert_eq!(
        fs::metadata(ground.at("a")).expect("a").mode() & 0o7777,
        0o644,
        "a link changes nothing of its target"
    );
    assert_eq!(fs::metadata(ground.at("a")).expect("a").nlink(), 2);
}

#[test]
fn t6_t7_t8_the_later_entry_wins() {
    let ground = Ground::new();
    let outside = ground.path.to_string_lossy().into_owned();
    let tar = Tar::default()
        .symlink("was-link", &outside)
        .entry(Header::new(b'5', b"was-link/").mode(0o700), b"")
        .file("was-link/x", b"inside")
        .directory("was-dir/")
        .file("was-dir/sub/file", b"")
        .symlink("was-dir", "elsewhere")
        .file("was-full/a/b/c", b"")
        .file("was-full", b"now a file")
        .file("twice", b"one")
        .entry(Header::new(b'0', b"twice").mode(0o600).size(3), b"two")
        .entry(Header::new(b'6', b"twice-pipe"), b"")
        .directory("twice-pipe/")
        .directory("again/")
        .file("again/kept", b"")
        .entry(Header::new(b'5', b"again").mode(0o500), b"");
    let result = ground.unpack(&tar.end()).expect("unpacked");
    assert!(
        fs::symlink_metadata(ground.at("was-link"))
            .expect("there")
            .is_dir()
    );
    assert_eq!(
        fs::read_to_string(ground.at("was-link/x")).expect("x"),
        "inside"
    );
    assert_eq!(
        fs::read_link(ground.at("was-dir")).expect("link"),
        Path::new("elsewhere")
    );
    assert_eq!(
        fs::read_to_string(ground.at("was-full")).expect("file"),
        "now a file"
    );
    assert_eq!(fs::read_to_string(ground.at("twice")).expect("file"), "two");
    assert_eq!(
        fs::metadata(ground.at("twice")).expect("file").mode() & 0o7777,
        0o600
    );
    assert!(
        fs::metadata(ground.at("twice-pipe"))
            .expect("there")
            .is_dir()
    );
    assert!(ground.at("again/kept").exists());
    assert_eq!(
        fs::metadata(ground.at("again")).expect("there").mode() & 0o7777,
        0o500
    );
    assert_eq!(
        result.unpacked.implied_directories,
        Vec::<Vec<u8>>::new(),
        "what was replaced is no directory any more"
    );
}

#[test]
fn t6_a_directory_whose_path_became_another_one_keeps_its_hands_off() {
    let ground = Ground::new();
    let tar = Tar::default()
        .entry(Header::new(b'5', b"victim/").mode(0o700), b"")
        .entry(Header::new(b'5', b"d/").mode(0o777), b"")
        .entry(Header::new(b'5', b"d/e/").mode(0o777), b"")
        .symlink("d", "victim-parent")
        .entry(Header::new(b'5', b"victim-parent/e/").mode(0o711), b"");
    ground.unpack(&tar.end()).expect("unpacked");
    assert_eq!(
        fs::metadata(ground.at("victim-parent/e"))
            .expect("there")
            .mode()
            & 0o7777,
        0o711
    );
}

// ------------------------------------------------------------------------------------------------------------ T9, T10, T16: nodes, modes

#[test]
fn t9_t16_devices_are_taken_but_never_what_overlayfs_reads_as_its_own() {
    let ground = Ground::new();
    assert_eq!(
        ground.refused(&Tar::default().entry(Header::new(b'3', b"x"), b"").end()),
        Kind::Escape,
        "char 0:0"
    );
    assert_eq!(
        ground.refused(
            &Tar::default()
                .entry(Header::new(b'4', b"x").octal(329, 8, 5000), b"")
                .end()
        ),
        Kind::Format
    );
    ground
        .unpack(
            &Tar::default()
                .entry(Header::new(b'4', b"sda").octal(329, 8, 8), b"")
                .end(),
        )
        .expect("a block device");
    assert!(
        fs::symlink_metadata(ground.at("sda"))
            .expect("there")
            .file_type()
            .is_block_device()
    );
    assert_eq!(
        Ground::new().refused(&Tar::default().entry(Header::new(b'V', b"label"), b"").end()),
        Kind::Format,
        "unknown type"
    );
}

#[test]
fn t10_t17_modes_are_twelve_bits_and_times_and_owners_are_in_range() {
    let ground = Ground::new();
    let tar = Tar::default()
        .directory("d/")
        .entry(Header::new(b'5', b"d/").mode(0o7777), b"")
        .entry(Header::new(b'0', b"big").mode(0o107_644), b"")
        .entry(Header::new(b'0', b"old").with(136, &[0xff; 12]), b"")
        .pax(&[("mtime", b"9223372036854775808")])
        .file("far", b"")
        .pax(&[("mtime", b"-2147483649")])
        .file("too-old", b"")
        .pax(&[("mtime", b"-5.25")])
        .file("before", b"")
        .pax(&[("mtime", b"1700000000.123456789012")])
        .file("fine", b"")
        .entry(Header::new(b'5', b"./").mode(0o1777), b"");
    ground.unpack(&tar.end()).expect("unpacked");
    let meta = |name: &str| fs::metadata(ground.at(name)).expect(name);
    assert_eq!(meta("d").mode() & 0o7777, 0o7777);
    assert_eq!(meta(".").mode() & 0o7777, 0o1777);
    assert_eq!(meta("big").mode() & 0o7777, 0o7644);
    let time = |name: &str| (meta(name).mtime(), meta(name).mtime_nsec());
    assert_eq!(
        ["old", "far", "too-old", "before", "fine"].map(time),
        [
            (-1, 0),
            (0, 0),
            (0, 0),
            (-6, 750_000_000),
            (1_700_000_000, 123_456_789)
        ]
    );
    for uid in ["4294967296", "4294967295", "-1", "x"] {
        assert_eq!(
            Ground::new().refused(
                &Tar::default()
                    .pax(&[("uid", uid.as_bytes())])
                    .file("a", b"")
                    .end()
            ),
            Kind::Format,
            "{uid}"
        );
    }
}

// -------------------------------------------------------------------------------------------------------------- T11, T12, T13: names

#[test]
fn t11_names_are_bytes_within_bounds() {
    let ground = Ground::new();
    let long = "n".repeat(255);
    let deep = "d/".repeat(200);
    let tar = Tar::default()
        .file("./", b"")
        .pax(&[("path", long.as_bytes())])
        .file("x", b"1")
        .pax(&[("path", b"line\nbreak")])
        .file("x", b"2")
        .entry(Header::new(b'0', b"\xff\xfe"), b"")
        .gnu_long(b'L', deep.as_bytes())
        .directory("x/");
    assert_eq!(
        ground.refused(&tar.clone().end()),
        Kind::Escape,
        "the root as a file"
    );
    let tar = Tar(tar.0[512..].to_vec())
        .entry(Header::new(b'0', b"slash/"), b"")
        .entry(Header::new(0, b"old-directory/"), b"");
    ground.unpack(&tar.end()).expect("unpacked");
    assert!(
        ground.at(&long).exists() && ground.at("line\nbreak").exists() && ground.at(&deep).is_dir()
    );
    assert!(
        ground
            .layer()
            .join(std::ffi::OsStr::from_bytes(b"\xff\xfe"))
            .exists()
    );
    assert!(ground.at("slash").is_file() && ground.at("old-directory").is_dir());
    for (name, kind) in [
        ("m".repeat(256), Kind::Limit),
        ("p/".repeat(2048), Kind::Limit),
        ("q/".repeat(300), Kind::Limit),
    ] {
        assert_eq!(
            Ground::new().refused(
                &Tar::default()
                    .gnu_long(b'L', name.as_bytes())
                    .file("x", b"")
                    .end()
            ),
            kind
        );
    }
    assert_eq!(
        Ground::new().refused(&Tar::default().file("", b"").end()),
        Kind::Format
    );
    assert_eq!(
        Ground::new().refused(
            &Tar::default()
                .pax(&[("path", b"a\0b")])
                .file("x", b"")
                .end()
        ),
        Kind::Format
    );
}

#[test]
fn t12_pax_overrides_the_header_and_two_meanings_are_refused() {
    let ground = Ground::new();
    let tar = Tar::default()
        .pax(&[("path", b"real"), ("size", b"4"), ("comment", b"")])
        .entry(Header::new(b'0', b"header").size(0), b"data")
        .pax(&[("linkpath", b"real"), ("path", b"")])
        .symlink("link", "header")
        .extended(b'g', &[("comment", b"0123abcd")])
        .file("after", b"x");
    ground.unpack(&tar.end()).expect("unpacked");
    assert_eq!(fs::read_to_string(ground.at("real")).expect("real"), "data");
    assert_eq!(
        fs::read_link(ground.at("link")).expect("link"),
        Path::new("real")
    );
    let refused = |tar: Tar| assert_eq!(Ground::new().refused(&tar.end()), Kind::Format);
    refused(
        Tar::default()
            .pax(&[("path", b"a")])
            .pax(&[("path", b"b")])
            .file("x", b""),
    );
    refused(
        Tar::default()
            .gnu_long(b'L', b"a")
            .pax(&[("path", b"b")])
            .file("x", b""),
    );
    refused(
        Tar::default()
            .extended(b'g', &[("path", b"all")])
            .file("x", b""),
    );
    refused(
        Tar::default()
            .pax(&[("size", b"99999999999999999999999")])
            .file("x", b""),
    );
    refused(Tar::default().pax(&[("size", b"-1")]).file("x", b""));
    refused(Tar::default().pax(&[("size", b"1025")]).file("x", b""));
    refused(Tar::default().pax(&[("path", b"a")]));
    for broken in [
        &b"5 a=b\n"[..],
        b"9999 a=b\n",
        b"x a=b\n",
        b"6 a=bc",
        b"4 =\n",
        b"6 abc\n",
        b"0 a=b\n",
    ] {
        refused(
            Tar::default()
                .entry(Header::new(b'x', b"p").size(broken.len() as u64), broken)
                .file("x", b""),
        );
    }
}

#[test]
fn t13_headers_beyond_a_megabyte_are_refused_before_they_are_read() {
    for kind in [b'x', b'g', b'L', b'K'] {
        assert_eq!(
            Ground::new().refused(
                &Tar::default()
                    .entry(Header::new(kind, b"h").size(1 << 30), b"")
                    .end()
            ),
            Kind::Limit
        );
    }
    let many: Vec<(&str, &[u8])> = vec![("comment", b"x"); 60_000];
    Ground::new()
        .unpack(&Tar::default().pax(&many).file("x", b"").end())
        .expect("many small ones are only slow");
}

// ----------------------------------------------------------------------------------------------------------- T14, T15: overlay metadata

#[test]
fn t14_attributes_of_overlayfs_are_refused_and_foreign_labels_left_out() {
    for name in [
        "trusted.overlay.opaque",
        "trusted.overlay.redirect",
        "trusted.x",
        "user.overlay.opaque",
    ] {
        let tar = Tar::default()
            .pax(&[(&format!("SCHILY.xattr.{name}"), b"y")])
            .directory("d/")
            .end();
        assert_eq!(Ground::new().refused(&tar), Kind::Escape, "{name}");
    }
    let ground = Ground::new();
    let tar = Tar::default()
        .pax(&[
            ("SCHILY.xattr.security.selinux", b"x"),
            ("SCHILY.xattr.system.posix_acl_access", b"x"),
        ])
        .file("a", b"");
    ground.unpack(&tar.end()).expect("unpacked");
    assert_eq!(xattr(&ground.at("a"), "security.selinux"), None);
    let many: Vec<(String, Vec<u8>)> = (0..300)
        .map(|at| (format!("SCHILY.xattr.user.a{at}"), vec![b'v']))
        .collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_slice()))
        .collect();
    assert_eq!(
        Ground::new().refused(&Tar::default().pax(&many).file("a", b"").end()),
        Kind::Limit
    );
}

#[test]
fn t15_whiteouts_hide_the_layers_below_and_nothing_of_their_own() {
    let ground = Ground::new();
    let tar = Tar::default()
        .file("etc/.wh.gone", b"")
        .file("opaque/.wh..wh..opq", b"")
        .file("opaque/new", b"")
        .file("kept", b"mine")
        .file(".wh.kept", b"")
        .file(".wh.back", b"")
        .file("back", b"again")
        .file(".wh.dir", b"")
        .file("dir/inside", b"")
        .directory("first/")
        .file("first/x", b"")
        .file(".wh.first", b"")
        .symlink("link", "etc")
        .file(".wh.link", b"")
        .directory("replaced/")
        .file(".wh..wh.plnk", b"")
        .file(".wh..wh.aufs", b"")
        .file(".wh....", b"");
    let tar = tar.file(".wh.explicit", b"").directory("explicit/");
    ground.unpack(&tar.end()).expect("unpacked");
    assert!(is_whiteout(&ground.at("etc/gone")));
    assert_eq!(
        xattr(&ground.at("opaque"), "trusted.overlay.opaque").as_deref(),
        Some(&b"y"[..])
    );
    assert_eq!(fs::read_to_string(ground.at("kept")).expect("kept"), "mine");
    assert_eq!(
        fs::read_to_string(ground.at("back")).expect("back"),
        "again"
    );
    assert_eq!(
        xattr(&ground.at("first"), "trusted.overlay.opaque").as_deref(),
        Some(&b"y"[..])
    );
    assert!(
        fs::symlink_metadata(ground.at("link"))
            .expect("link")
            .is_symlink()
            && ground.at("etc").is_dir()
    );
    assert_eq!(
        xattr(&ground.at("replaced"), "trusted.overlay.opaque"),
        None
    );
    assert_eq!(
        xattr(&ground.at("explicit"), "trusted.overlay.opaque").as_deref(),
        Some(&b"y"[..])
    );
    assert!(is_whiteout(&ground.at("...")));
    assert!(!ground.at(".wh..wh.plnk").exists() && !ground.at(".wh..wh..opq").exists());
    for name in [".wh.", ".wh..", ".wh...", "a/.wh..", "../.wh.canary"] {
        assert_eq!(
            Ground::new().refused(&Tar::default().file(name, b"").end()),
            Kind::Escape,
            "{name}"
        );
    }
}

// -------------------------------------------------------------------------------------------------------------------- T18: sparse

#[test]
fn t18_all_sparse_forms_give_the_same_file() {
    let mut expected = vec![0; 3000];
    expected[512..517].copy_from_slice(b"hello");
    expected[2000..2003].copy_from_slice(b"end");
    let data = b"helloend";
    let size = data.len() as u64;
    let old = Header::new(b'S', b"sparse")
        .with(257, b"ustar  \0")
        .size(size)
        .octal(386, 12, 512)
        .octal(398, 12, 5)
        .octal(410, 12, 2000)
        .octal(422, 12, 3);
    let old = old.octal(483, 12, 3000);
    let mut extended = Header::new(b'S', b"sparse")
        .with(257, b"ustar  \0")
        .size(size)
        .octal(386, 12, 512)
        .octal(398, 12, 5)
        .octal(483, 12, 3000);
    extended.put(482, &[1]);
    let mut block = [0; 512];
    block[..12].copy_from_slice(b"00000003720\0");
    block[12..24].copy_from_slice(b"00000000003\0");
    let map = b"2\n512\n5\n2000\n3\n";
    let mut in_data = [0; 512].to_vec();
    in_data[..map.len()].copy_from_slice(map);
    in_data.extend_from_slice(data);
    let forms = [
        Tar::default().entry(old, data),
        Tar::default()
            .raw(&extended.sealed())
            .raw(&block)
            .raw(data)
            .raw(&[0; 504]),
        Tar::default()
            .pax(&[
                ("GNU.sparse.size", b"3000"),
                ("GNU.sparse.numblocks", b"2"),
                ("GNU.sparse.offset", b"512"),
                ("GNU.sparse.numbytes", b"5"),
                ("GNU.sparse.offset", b"2000"),
                ("GNU.sparse.numbytes", b"3"),
            ])
            .file("sparse", data),
        Tar::default()
            .pax(&[
                ("GNU.sparse.size", b"3000"),
                ("GNU.sparse.map", b"512,5,2000,3"),
                ("GNU.sparse.name", b"sparse"),
            ])
            .file("GNUSparseFile.0/x", data),
        Tar::default()
            .pax(&[
                ("GNU.sparse.major", b"1"),
                ("GNU.sparse.minor", b"0"),
                ("GNU.sparse.realsize", b"3000"),
                ("GNU.sparse.name", b"sparse"),
            ])
            .file("GNUSparseFile.0/x", &in_data),
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let ground = Ground::new();
        let result = ground
            .unpack(&form.file("after", b"x").end())
            .unwrap_or_else(|error| panic!("form {number}: {error}"));
        assert_eq!(
            fs::read(ground.at("sparse")).expect("file"),
            expected,
            "form {number}"
        );
        assert_eq!(fs::read_to_string(ground.at("after")).expect("after"), "x");
        assert_eq!(result.unpacked.bytes, 3001, "holes count");
    }
}

#[test]
fn t18_sparse_maps_that_do_not_fit_are_refused() {
    let with = |map: &str, size: &str, data: &[u8]| {
        Ground::new()
            .unpack(
                &Tar::default()
                    .pax(&[
                        ("GNU.sparse.map", map.as_bytes()),
                        ("GNU.sparse.size", size.as_bytes()),
                    ])
                    .file("s", data)
                    .end(),
            )
            .map_err(|e| e.kind)
    };
    assert!(with("0,4", "4", b"data").is_ok());
    for (map, size) in [
        ("0,3", "4"),
        ("0,5", "9"),
        ("2,4", "4"),
        ("0,2,1,2", "9"),
        ("18446744073709551615,4", "9"),
        ("0,4,", "4"),
        ("0", "4"),
        ("0,x", "4"),
    ] {
        assert_eq!(
            with(map, size, b"data").map(|_| ()),
            Err(Kind::Format),
            "{map} of {size}"
        );
    }
    assert_eq!(
        with("0,4", "99999999999", b"data").map(|_| ()),
        Err(Kind::TooManyBytes),
        "a huge hole"
    );
    let many = format!("0,0{}", ",0,0".repeat(70_000));
    assert_eq!(with(&many, "4", b"").map(|_| ()), Err(Kind::Limit));
}

// --------------------------------------------------------------------------------------------------------------------- T19, T20

#[test]
fn t19_broken_archives_are_refused_and_endings_are_read_as_go_does() {
    let refused = |bytes: &[u8]| assert_eq!(Ground::new().refused(bytes), Kind::Format);
    let good = Tar::default().file("a", b"data").0;
    let mut wrong = good.clone();
    wrong[0] = b'b';
    refused(&wrong);
    refused(&good[..300]);
    refused(&good[..600]);
    refused(&[&good[..], &[0; 512], &good].concat());
    refused(b"this is no archive at all");
    refused(&gzip(&good)[..30]);
    refused(&[gzip(&Tar(good.clone()).end()), b"trailing garbage".to_vec()].concat());
    Ground::new().unpack(&good).expect("no end blocks");
    Ground::new()
        .unpack(&[&good[..], &[0; 512]].concat())
        .expect("one end block");
    let ground = Ground::new();
    let two = [Tar(good).end(), Tar::default().file("second", b"").end()].concat();
    let result = ground
        .unpack(&two)
        .expect("what follows the end is hashed and not read");
    assert_eq!(result.diff_id, sha256(&two));
    assert!(!ground.at("second").exists());
}

#[test]
fn t20_a_zstd_dictionary_and_bombs_are_refused() {
    let tar = Tar::default().file("a", b"data").end();
    let mut form = zstd_with_dictionary(&tar);
    assert_eq!(Ground::new().refused(&form), Kind::Format);
    form[4] = 0x60;
    form.remove(5);
    Ground::new()
        .unpack(&form)
        .expect("the same frame without the dictionary's number");
    let bomb = gzip(
        &Tar::default()
            .entry(
                Header::new(b'0', b"zeros").size(12 << 20),
                &vec![0; 12 << 20],
            )
            .end(),
    );
    assert!(bomb.len() < 1 << 20);
    assert_eq!(Ground::new().refused(&bomb), Kind::TooManyBytes);
    let tail = gzip(&[Tar::default().end(), vec![0; 12 << 20]].concat());
    assert_eq!(
        Ground::new().refused(&tail),
        Kind::TooManyBytes,
        "zeros behind the end"
    );
    let crowd = (0..1001).fold(Tar::default(), |tar, at| tar.file(&format!("f{at}"), b""));
    assert_eq!(Ground::new().refused(&crowd.end()), Kind::TooManyEntries);
    let members: Vec<u8> = gzip(b"").repeat(20_000);
    Ground::new()
        .unpack(&[gzip(&tar), members].concat())
        .expect("empty members are only slow");
}

/// A frame of one raw block that names dictionary 42 (RFC 8878, 3.1.1).
fn zstd_with_dictionary(content: &[u8]) -> Vec<u8> {
    let size = u16::try_from(content.len()).expect("small") - 256;
    let block = u32::try_from(content.len()).expect("small") << 3 | 1;
    [
        &[0x28, 0xb5, 0x2f, 0xfd, 0x61, 42][..],
        &size.to_le_bytes(),
        &block.to_le_bytes()[..3],
        content,
    ]
    .concat()
}

// ------------------------------------------------------------------------------------------------------------------------ random

/// Archives of random entries with random damage: never a panic, never a touch outside, never a leftover.
#[test]
fn random_archives_stay_inside() {
    let names = [
        "a",
        "a/b",
        "a/b/c",
        "./a",
        "l",
        "l/x",
        "l/a/b",
        ".wh.a",
        "a/.wh..wh..opq",
        "../canary",
        "d",
        "d/l",
        "/etc",
        ".",
    ];
    let mut random = Random(0x5eed);
    let outside = Ground::new();
    let targets = [
        "a",
        "..",
        "../..",
        "/",
        outside.path.to_str().expect("text"),
        "../canary",
        "l",
        "/proc/self/cwd",
    ];
    let mut succeeded = 0;
    for round in 0..400 {
        let mut tar = Tar::default();
        for _ in 0..random.below(12) {
            let name = names[random.below(names.len())];
            let target = targets[random.below(targets.len())];
            tar = match random.below(7) {
                0 | 1 => tar.file(name, &vec![b'x'; random.below(1500)]),
                2 | 3 => tar.directory(name),
                4 => tar.symlink(name, target),
                5 => tar.hard_link(name, names[random.below(names.len())]),
                _ => tar
                    .pax(&[("path", names[random.below(names.len())].as_bytes())])
                    .file(name, b"p"),
            };
        }
        let mut bytes = tar.end();
        if round % 3 == 0 {
            for _ in 0..4 {
                let at = random.below(bytes.len());
                bytes[at] = u8::try_from(random.below(256)).expect("a byte");
            }
        }
        succeeded += u32::from(Ground::new().unpack(&bytes).is_ok());
    }
    assert!(
        succeeded > 40,
        "only {succeeded} of 400 were unpacked at all"
    );
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

// -------------------------------------------------------------------------------------------------------------------------- trees

#[test]
fn a_tree_is_removed_without_following_links_and_measured_once() {
    let ground = Ground::new();
    let root = ground.path.join("tree");
    let mut deep = root.clone();
    for _ in 0..300 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).expect("deep");
    fs::write(root.join("file"), vec![1; 100_000]).expect("file");
    fs::hard_link(root.join("file"), root.join("again")).expect("link");
    std::os::unix::fs::symlink(ground.path.join("secret"), root.join("link")).expect("symlink");
    let usage = tree::usage(&root).expect("measured");
    assert_eq!(usage.inodes, 303);
    assert!((100_000..3_000_000).contains(&usage.bytes), "{usage:?}");
    tree::sync(&root).expect("synced");
    tree::remove(&root).expect("removed");
    assert!(!root.exists());
    tree::remove(&root).expect("absent is success");
    tree::remove(&ground.path.join("no/such/parent")).expect("absent is success");
    assert!(ground.path.join("secret").exists() && tree::usage(&root).is_err());
}

// ------------------------------------------------------------------------------------------------- what directories inherit, two trees

#[test]
fn a_directory_that_is_implied_takes_what_the_nearest_layer_below_shows() {
    let (upper, middle, lowest) = (Ground::new(), Ground::new(), Ground::new());
    let hidden: &[&str] = &["opaque/x", "link/x", "gone/x", "file/x"];
    let private = |name: &[u8]| Header::new(b'5', name).mode(0o2750).octal(108, 8, 7);
    let mut below = Tar::default()
        .pax(&[("SCHILY.xattr.user.note", b"kept"), ("mtime", b"1.5")])
        .entry(private(b"shared/"), b"")
        .entry(private(b"nearer/"), b"")
        .entry(private(b"\xff/"), b"");
    for name in hidden {
        below = below.entry(private(name.as_bytes()), b"");
    }
    lowest.unpack(&below.end()).expect("lowest");
    middle
        .unpack(
            &Tar::default()
                .entry(private(b"nearer/").mode(0o711), b"")
                .file("opaque/.wh..wh..opq", b"")
                .symlink("link", "shared")
                .file(".wh.gone", b"")
                .file("file", b"")
                .end(),
        )
        .expect("middle");
    let mut above = Tar::default()
        .file("shared/a", b"")
        .file("nearer/a", b"")
        .entry(Header::new(b'0', b"\xff/a"), b"")
        .file("nowhere/a", b"");
    for name in hidden {
        above = above.file(&format!("{name}/a"), b"");
    }
    let implied = upper
        .unpack(&above.end())
        .expect("upper")
        .unpacked
        .implied_directories;
    let lower = [middle.layer(), lowest.layer()];
    for _ in 0..2 {
        inherit::inherit(&upper.layer(), &lower, &implied).expect("inherited");
        let facts = |path: PathBuf| {
            let meta = fs::symlink_metadata(path).expect("there");
            (
                meta.mode() & 0o7777,
                meta.uid(),
                meta.mtime(),
                meta.mtime_nsec(),
            )
        };
        let non_utf8 = upper.layer().join(std::ffi::OsStr::from_bytes(b"\xff"));
        assert_eq!(facts(upper.at("shared")), (0o2750, 7, 1, 500_000_000));
        assert_eq!(
            xattr(&upper.at("shared"), "user.note").as_deref(),
            Some(&b"kept"[..])
        );
        assert_eq!(facts(non_utf8), (0o2750, 7, 1_700_000_000, 0));
        assert_eq!(facts(upper.at("nearer")), (0o711, 7, 1_700_000_000, 0));
        assert_eq!(facts(upper.at("nowhere")), (0o755, 0, 0, 0));
        for name in hidden {
            assert_eq!(facts(upper.at(name)), (0o755, 0, 0, 0), "{name}");
        }
    }
}

#[test]
fn two_trees_of_one_layer_do_not_differ_and_every_change_is_told() {
    let tar = Tar::default()
        .directory("d/")
        .file("d/f", b"content")
        .file("e/f", b"content")
        .hard_link("twin", "d/f")
        .symlink("s", "d/f")
        .file(".wh.gone", b"")
        .end();
    let ground = Ground::new();
    ground.unpack(&tar).expect("unpacked");
    let told_after = |change: &dyn Fn(&Ground)| {
        let other = Ground::new();
        other.unpack(&tar).expect("unpacked");
        change(&other);
        compare::differences(&ground.layer(), &other.layer()).expect("compared")
    };
    assert_eq!(told_after(&|_| {}), Vec::<String>::new());
    let old = |path: PathBuf| {
        let time = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        fs::File::open(path)
            .and_then(|file| file.set_times(time))
            .expect("time");
    };
    type Change<'a> = &'a dyn Fn(&Ground);
    let changes: [(&str, Change<'_>); 8] = [
        ("\"d/f\" has another content", &|g| {
            let before = fs::metadata(g.at("d/f"))
                .expect("there")
                .modified()
                .expect("time");
            fs::write(g.at("d/f"), b"Content").expect("written");
            let times = fs::FileTimes::new().set_modified(before);
            fs::File::options()
                .write(true)
                .open(g.at("d/f"))
                .and_then(|file| file.set_times(times))
                .expect("time");
        }),
        ("\"e/f\" has mode 0600 instead of 0644", &|g| {
            fs::set_permissions(g.at("e/f"), fs::Permissions::from_mode(0o600)).expect("mode");
        }),
        ("\"e/f\" has another modification time", &|g| {
            old(g.at("e/f"))
        }),
        ("\"e/f\" has other extended attributes", &|g| {
            rustix::fs::setxattr(g.at("e/f"), "user.x", b"1", rustix::fs::XattrFlags::empty())
                .expect("attribute");
        }),
        ("\"gone\" is missing", &|g| {
            fs::remove_file(g.at("gone")).expect("removed");
        }),
        ("\"more\" is not of the layer", &|g| {
            fs::write(g.at("more"), b"").expect("written");
        }),
        ("\"s\" leads elsewhere", &|g| {
            fs::remove_file(g.at("s")).expect("removed");
            std::os::unix::fs::symlink("d/x", g.at("s")).expect("link");
            let time = rustix::fs::Timespec {
                tv_sec: 1_700_000_000,
                tv_nsec: 0,
            };
            let times = rustix::fs::Timestamps {
                last_access: time,
                last_modification: time,
            };
            rustix::fs::utimensat(
                rustix::fs::CWD,
                g.at("s"),
                &times,
                rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
            )
            .expect("time");
        }),
        ("\"d/f\" has other hard links", &|g| {
            fs::remove_file(g.at("twin")).expect("removed");
        }),
    ];
    for (told, change) in changes {
        let found = told_after(change);
        assert!(found.iter().any(|line| line == told), "{told}: {found:?}");
    }
}
