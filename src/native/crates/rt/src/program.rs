//! The last call: `execve` with a search of PATH inside the container.

use rustix::io::Errno;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::sys::process::{StringArray, execve};

const STEP: &str = "exec";

/// Executes `argv` with `env`; returns only on failure. A name without a slash is searched in PATH of `env`: the first entry that can be executed wins,
/// EACCES is remembered, as execvp(3) does.
pub fn execute(argv: &[String], env: &[String]) -> Failure {
    match try_execute(argv, env) {
        Ok(never) => never,
        Err(failure) => failure,
    }
}

fn try_execute(argv: &[String], env: &[String]) -> Result<Failure, Failure> {
    let Some(program) = argv.first().filter(|program| !program.is_empty()) else {
        return Err(Failure::plain("ENOENT", STEP, "exec: the command is empty"));
    };
    let arguments = StringArray::new(argv).at(STEP, "execve", "argv")?;
    let environment = StringArray::new(env).at(STEP, "execve", "env")?;
    if program.contains('/') {
        return Err(execve(program, &arguments, &environment)).at(STEP, "execve", program);
    }
    let mut kept = Errno::NOENT;
    for directory in search_path(env) {
        let candidate = if directory.is_empty() {
            format!("./{program}")
        } else {
            format!("{directory}/{program}")
        };
        let error = execve(&candidate, &arguments, &environment);
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOENT | Errno::NOTDIR) => {}
            Some(Errno::ACCESS) => kept = Errno::ACCESS,
            _ => return Err(error).at(STEP, "execve", candidate),
        }
    }
    Err(kept).at(STEP, "execve", program)
}

/// Directories of PATH; those of a usual image when there is none.
fn search_path(env: &[String]) -> impl Iterator<Item = &str> {
    const USUAL: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    env.iter()
        .rev()
        .find_map(|entry| entry.strip_prefix("PATH="))
        .unwrap_or(USUAL)
        .split(':')
}
