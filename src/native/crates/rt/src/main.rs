//! `tsdock-rt`: zygote, network process, one supervisor an instance, and the OCI command line. See `src/native/README.md`.
#![forbid(unsafe_code)]

mod child;
mod context;
mod credentials;
mod exec;
mod launch;
mod net;
mod oci;
mod program;
mod reaper;
mod report;
mod seal;
mod sup;
mod terminal;
mod zygote;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("zygote") => {}
        Some("oci") => return oci::main(&arguments[1..]),
        _ => {
            eprintln!("tsdock-rt is started by tsdock");
            return ExitCode::from(64);
        }
    }
    match zygote::main(&arguments[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tsdock-rt: {failure}");
            ExitCode::FAILURE
        }
    }
}
