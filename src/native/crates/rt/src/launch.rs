//! The supervisor's side of a start: clone, network, go, and the child's reports.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{WaitId, WaitIdOptions, waitid};
use tsdock_core::cgroup::Cgroup;
use tsdock_core::channel;
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::netlink::{Cidr, Inside, InsideInterface, Netlink, Veth};
use tsdock_core::plan::{Interface, Network, Plan};
use tsdock_core::rootfs::staging::Staging;
use tsdock_core::sys::pidfd;
use tsdock_core::sys::process::{CloneFlags, Forked, clone3};

use crate::child::{self, Start, network_failure};
use crate::report::{self, Outcome, Reporter};

/// What a start needs from the supervisor.
pub struct Launch<'a> {
    pub plan: &'a Plan,
    pub staging: &'a Staging,
    /// Everything is staged already; else `meanwhile` does it.
    pub staged: bool,
    pub hierarchies: &'a [String],
    pub cgroup: &'a Cgroup,
    /// Of an earlier run.
    pub network: Option<BorrowedFd<'a>>,
    /// Made before and empty, for a first run; else the child makes one.
    pub new_network: Option<BorrowedFd<'a>>,
    pub stdin: Option<BorrowedFd<'a>>,
    pub stdout: BorrowedFd<'a>,
    pub stderr: BorrowedFd<'a>,
}

pub struct Launched {
    pub pidfd: OwnedFd,
    /// Kept for restarts; `None` with the host's network.
    pub network: Option<OwnedFd>,
    pub warnings: Vec<String>,
    pub terminal: Option<OwnedFd>,
}

/// Starts the process of the plan and returns when it has executed its program. `meanwhile` is called with its pid and its socket while it prepares its
/// namespaces; it does not go on without that. On a failure the child is gone.
pub fn launch(
    launch: &Launch<'_>,
    meanwhile: impl FnOnce(i32, BorrowedFd<'_>) -> Result<(), Failure>,
) -> Result<Launched, Failure> {
    let (ours, theirs) = channel::pair().at("start", "socketpair", "")?;
    let groups = launch.cgroup.entry().at("cgroup.entry", "open", "tasks")?;
    let own_network = launch.plan.network != Network::Host && launch.network.is_none();
    let inside = if own_network {
        Some(inside(&launch.plan.network)?)
    } else {
        None
    };
    let mut flags = CloneFlags::PID
        .and(CloneFlags::MOUNT)
        .and(CloneFlags::IPC)
        .and(CloneFlags::UTS);
    if own_network && launch.new_network.is_none() {
        flags = flags.and(CloneFlags::NETWORK);
    }
    let network = launch
        .network
        .or(launch.new_network.filter(|_| own_network));
    match clone3(flags, groups.into.as_ref().map(AsFd::as_fd)).at("start", "clone3", "")? {
        Forked::Child => {
            drop(ours);
            let start = Start {
                plan: launch.plan,
                staging: launch.staging,
                staged: launch.staged,
                hierarchies: launch.hierarchies,
                groups: Some(&groups),
                network,
                inside: inside.as_ref(),
                stdin: launch.stdin,
                stdout: launch.stdout,
                stderr: launch.stderr,
            };
            child::run(&start, &Reporter::new(theirs))
        }
        Forked::Parent { pid, pidfd } => {
            drop(theirs);
            match meanwhile(pid, ours.as_fd())
                .and_then(|()| accompany(launch, pid, own_network, ours.as_fd()))
            {
                Ok((outcome, network)) => Ok(Launched {
                    pidfd,
                    network,
                    warnings: outcome.warnings,
                    terminal: outcome.terminal,
                }),
                Err(failure) => {
                    let _ = pidfd::send_signal(pidfd.as_fd(), libc::SIGKILL);
                    let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
                    // A child that gave up makes our own part fail too (its namespaces are gone); what it said is the reason.
                    Err(report::said(ours.as_fd()).unwrap_or(failure))
                }
            }
        }
    }
}

fn accompany(
    launch: &Launch<'_>,
    pid: i32,
    own_network: bool,
    child: BorrowedFd<'_>,
) -> Result<(Outcome, Option<OwnedFd>), Failure> {
    let network = connect(launch, pid, own_network, child)?;
    let outcome = report::follow(child)?;
    Ok((outcome, network))
}

/// Our part of a start, while the child mounts.
fn connect(
    launch: &Launch<'_>,
    pid: i32,
    own_network: bool,
    child: BorrowedFd<'_>,
) -> Result<Option<OwnedFd>, Failure> {
    const STEP: &str = "network.namespace";
    if !own_network {
        return report::go(child).map(|()| None);
    }
    let namespace = if let Some(made) = launch.new_network {
        rustix::io::fcntl_dupfd_cloexec(made, 0).at(STEP, "fcntl", "")?
    } else {
        let path = format!("/proc/{pid}/ns/net");
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        openat(CWD, path.as_str(), flags, Mode::empty()).at(STEP, "open", &path)?
    };
    if let Network::Bridge(interfaces) = &launch.plan.network {
        plug_in(interfaces, namespace.as_fd())?;
    }
    report::go(child).map(|()| Some(namespace))
}

fn plug_in(interfaces: &[Interface], namespace: BorrowedFd<'_>) -> Result<(), Failure> {
    let mut netlink = Netlink::open().map_err(|error| network_failure(&error))?;
    for interface in interfaces {
        let veth = Veth {
            host_name: interface.host_name.clone(),
            alias: interface.alias.clone(),
            bridge: interface.bridge.clone(),
            inner_name: interface.name.clone(),
            mac: interface.mac,
            mtu: interface.mtu,
        };
        netlink
            .create_veth(&veth, namespace)
            .map_err(|error| network_failure(&error))?;
    }
    Ok(())
}

fn inside(network: &Network) -> Result<Inside, Failure> {
    let Network::Bridge(interfaces) = network else {
        return Ok(Inside {
            interfaces: Vec::new(),
        });
    };
    let interfaces = interfaces
        .iter()
        .map(inside_interface)
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok(Inside { interfaces })
}

fn inside_interface(interface: &Interface) -> Result<InsideInterface, Failure> {
    let bad = |text: &str| {
        Failure::plain(
            "E_ADDRESS",
            "network.address",
            format!("network.address: {text:?} is no address"),
        )
    };
    let addresses = interface
        .addresses
        .iter()
        .map(|text| cidr(text).ok_or_else(|| bad(text)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let gateway = interface
        .gateway
        .as_ref()
        .map(|text| text.parse().map_err(|_| bad(text)))
        .transpose()?;
    Ok(InsideInterface {
        name: interface.name.clone(),
        addresses,
        gateway,
    })
}

fn cidr(text: &str) -> Option<Cidr> {
    let (address, prefix) = text.split_once('/')?;
    let cidr = Cidr {
        address: address.parse().ok()?,
        prefix: prefix.parse().ok()?,
    };
    (cidr.prefix <= if cidr.address.is_ipv4() { 32 } else { 128 }).then_some(cidr)
}
