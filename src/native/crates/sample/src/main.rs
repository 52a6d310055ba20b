//! The web server of the quick start: serves files below `/srv`, a page of its own at `/` when there is none, and `ok` at `/healthz`.
//! Static, without dependencies. `PORT` (80) and `ROOT` (`/srv`) change what it serves, `GREETING` what its page says; `--version` says its version.

mod files;
mod page;
mod request;
mod server;
mod signals;

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    if env::args().nth(1).as_deref() == Some("--version") {
        println!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    signals::end_on_sigterm();
    let port = env::var("PORT").unwrap_or_else(|_| String::from("80"));
    let Ok(port) = port.parse::<u16>() else {
        eprintln!("PORT={port:?} is no port number");
        return ExitCode::from(64);
    };
    let listener = match TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("port {port} cannot be served: {error}");
            return ExitCode::FAILURE;
        }
    };
    let root = env::var_os("ROOT").map_or_else(|| PathBuf::from("/srv"), PathBuf::from);
    let greeting = env::var("GREETING").unwrap_or_else(|_| String::from("It works"));
    println!(
        "serving {} on port {}",
        root.display(),
        listener.local_addr().map_or(port, |address| address.port())
    );
    server::serve(
        &listener,
        &server::Site {
            root,
            page: page::render(&greeting),
        },
    );
    ExitCode::SUCCESS
}
