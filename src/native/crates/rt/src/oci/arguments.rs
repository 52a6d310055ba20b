//! The command line, in the form other OCI runtimes have.

use std::path::PathBuf;

use tsdock_core::failure::Failure;

pub const HELP: &str = "\
tsdock-rt oci [--root DIR] [--prefix NAME] COMMAND

  create --bundle DIR [--pid-file FILE] ID
  start ID
  state ID
  kill ID [SIGNAL] [--all]
  delete [--force] ID

For conformance suites, without any promise of stability. Output of a container is in <root>/logs/ID until it is deleted, not on the caller's
stdout; what it writes is in <root>/upper/ID, the bundle's rootfs is never changed. Until start the pid of state and pid file is that of the
container's supervisor, for the process does not exist yet.
";

const ROOT: &str = "/run/tsdock-oci";
const PREFIX: &str = "tsoci";

#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    pub root: PathBuf,
    /// Name of the cgroups.
    pub prefix: String,
    pub id: String,
    pub action: Action,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    Create {
        bundle: PathBuf,
        pid_file: Option<PathBuf>,
    },
    Start,
    State,
    Kill {
        signal: i32,
        all: bool,
    },
    Delete {
        force: bool,
    },
}

/// Options of all commands; each command takes those it knows.
#[derive(Default)]
struct Options {
    root: Option<String>,
    prefix: Option<String>,
    bundle: Option<String>,
    pid_file: Option<String>,
    all: bool,
    force: bool,
    words: Vec<String>,
}

impl Arguments {
    /// Options may stand before and after the command; `--name value` and `--name=value` are the same.
    pub fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let options = Options::read(arguments)?;
        let mut words = options.words.into_iter();
        let command = words.next().unwrap_or_default();
        let wrong = |option: &str| usage(&format!("{command} does not take {option}"));
        let is = |name: &str| command == name;
        if options.all && !is("kill") {
            return wrong("--all");
        }
        if options.force && !is("delete") {
            return wrong("--force");
        }
        if (options.bundle.is_some() || options.pid_file.is_some()) && !is("create") {
            return wrong("--bundle and --pid-file");
        }
        let Some(id) = words.next() else {
            return usage("a command and the id of a container are needed");
        };
        if id.is_empty()
            || id.len() > 40
            || !id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return usage(&format!(
                "{id:?} is no id: 1 to 40 letters, digits and hyphens"
            ));
        }
        let action = match command.as_str() {
            "create" => Action::Create {
                bundle: options.bundle.unwrap_or_else(|| ".".into()).into(),
                pid_file: options.pid_file.map(PathBuf::from),
            },
            "start" => Action::Start,
            "state" => Action::State,
            "kill" => Action::Kill {
                signal: match words.next() {
                    None => libc::SIGTERM,
                    Some(name) => signal(&name)?,
                },
                all: options.all,
            },
            "delete" => Action::Delete {
                force: options.force,
            },
            other => return usage(&format!("{other:?} is no command")),
        };
        if let Some(word) = words.next() {
            return usage(&format!("{word:?} is too much"));
        }
        Ok(Self {
            root: options.root.unwrap_or_else(|| ROOT.into()).into(),
            prefix: options.prefix.unwrap_or_else(|| PREFIX.into()),
            id,
            action,
        })
    }
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, joined) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let field = match name {
                "--root" => &mut options.root,
                "--prefix" => &mut options.prefix,
                "--bundle" | "-b" => &mut options.bundle,
                "--pid-file" => &mut options.pid_file,
                "--all" | "-a" if joined.is_none() => {
                    options.all = true;
                    continue;
                }
                "--force" | "-f" if joined.is_none() => {
                    options.force = true;
                    continue;
                }
                option if option.starts_with('-') => {
                    return usage(&format!("option {option} is unknown"));
                }
                word => {
                    options.words.push(word.into());
                    continue;
                }
            };
            let Some(value) = joined.or_else(|| rest.next().cloned()) else {
                return usage(&format!("{name} wants a value"));
            };
            *field = Some(value);
        }
        Ok(options)
    }
}

/// A number, or a name with or without `SIG`.
fn signal(name: &str) -> Result<i32, Failure> {
    const NAMES: [(&str, i32); 31] = [
        ("HUP", libc::SIGHUP),
        ("INT", libc::SIGINT),
        ("QUIT", libc::SIGQUIT),
        ("ILL", libc::SIGILL),
        ("TRAP", libc::SIGTRAP),
        ("ABRT", libc::SIGABRT),
        ("BUS", libc::SIGBUS),
        ("FPE", libc::SIGFPE),
        ("KILL", libc::SIGKILL),
        ("USR1", libc::SIGUSR1),
        ("SEGV", libc::SIGSEGV),
        ("USR2", libc::SIGUSR2),
        ("PIPE", libc::SIGPIPE),
        ("ALRM", libc::SIGALRM),
        ("TERM", libc::SIGTERM),
        ("STKFLT", libc::SIGSTKFLT),
        ("CHLD", libc::SIGCHLD),
        ("CONT", libc::SIGCONT),
        ("STOP", libc::SIGSTOP),
        ("TSTP", libc::SIGTSTP),
        ("TTIN", libc::SIGTTIN),
        ("TTOU", libc::SIGTTOU),
        ("URG", libc::SIGURG),
        ("XCPU", libc::SIGXCPU),
        ("XFSZ", libc::SIGXFSZ),
        ("VTALRM", libc::SIGVTALRM),
        ("PROF", libc::SIGPROF),
        ("WINCH", libc::SIGWINCH),
        ("IO", libc::SIGIO),
        ("PWR", libc::SIGPWR),
        ("SYS", libc::SIGSYS),
    ];
    let upper = name.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    let named = NAMES
        .iter()
        .find(|(known, _)| *known == short)
        .map(|(_, number)| *number);
    match named.or_else(|| name.parse().ok().filter(|number| (1..=64).contains(number))) {
        Some(number) => Ok(number),
        None => usage(&format!("{name:?} is no signal")),
    }
}

fn usage<T>(message: &str) -> Result<T, Failure> {
    Err(Failure::plain("E_USAGE", "arguments", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, Failure> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        Arguments::parse(&words)
    }

    #[test]
    fn options_stand_before_and_after_the_command() {
        let parsed = parse("--root=/r create one -b /b --pid-file /p").unwrap();
        assert_eq!(
            parsed,
            Arguments {
                root: "/r".into(),
                prefix: PREFIX.into(),
                id: "one".into(),
                action: Action::Create {
                    bundle: "/b".into(),
                    pid_file: Some("/p".into())
                }
            }
        );
    }

    #[test]
    fn a_signal_is_a_name_or_a_number() {
        for (word, number) in [
            ("", 15),
            ("KILL", 9),
            ("SIGUSR1", 10),
            ("sigint", 2),
            ("34", 34),
        ] {
            assert_eq!(
                parse(&format!("kill one {word}")).unwrap().action,
                Action::Kill {
                    signal: number,
                    all: false
                }
            );
        }
        assert!(parse("kill one NOTHING").is_err());
        assert!(parse("kill one 65").is_err());
    }

    #[test]
    fn what_a_command_does_not_take_is_refused() {
        for line in [
            "",
            "state",
            "run one",
            "state ../one",
            "state one two",
            "state --all one",
            "start --force one",
            "delete --bundle /b one",
            "create --console-socket /s one",
            "create one --bundle",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
