//! napi surface of `net`: one thread that works requests off in order, one that listens to the kernel's notifications. The first looks itself and has the
//! network process change things. Requests and answers are JSON texts; `net.ts` gives them types.
#![expect(clippy::needless_pass_by_value, reason = "napi functions take values")]

use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use napi::bindgen_prelude::{Function, Object};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Env, JsDeferred};
use napi_derive::napi;
use rustix::event::{EventfdFlags, eventfd};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tsdock_core::failure::{Context, Failure};
use tsdock_core::netlink::{Cidr, monitor::Monitor};
use tsdock_core::network::{HostNetwork, Seen, Spec, State};
use tsdock_core::network_client::NetworkClient;
use tsdock_core::nft::{Endpoint, Protocol};
use tsdock_core::ports::{HostPort, RESERVATION};
use tsdock_core::proto::Kind;
use tsdock_core::proto::network::{EnsureNetwork, Publish, PublishedPort, RemoveNetwork};
use tsdock_core::wire::Body;

use crate::failure::{fields, thrown};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    run_dir: PathBuf,
    prefix: String,
    helper: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Request {
    EnsureNetwork {
        network: NetworkSpec,
    },
    RemoveNetwork {
        name: String,
    },
    Publish {
        owner: String,
        endpoints: Vec<Published>,
    },
    Reserve {
        owner: String,
        endpoints: Vec<Published>,
    },
    Dump,
    Routes,
}

#[derive(Deserialize, Serialize)]
struct NetworkSpec {
    name: String,
    alias: String,
    gateway: String,
    subnet: String,
    mtu: u32,
    masquerade: bool,
    isolated: bool,
    internal: bool,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Transport {
    Tcp,
    Udp,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    protocol: Transport,
    #[serde(rename = "hostIP")]
    host_ip: Option<String>,
    host_port: u16,
    address: String,
    container_port: u16,
}

type Resolver = Box<dyn FnOnce(Env) -> napi::Result<String> + Send>;
type Work = (Request, JsDeferred<String, Resolver>);

/// The two threads. Dropped or closed: bridges, table and network process stay.
#[napi]
pub struct RawNet {
    work: Option<Sender<Work>>,
    stop: OwnedFd,
}

#[napi]
impl RawNet {
    /// `options`: JSON of `{runDir, prefix, helper}`. `on_event` gets JSON texts of `link` and `table` events and does not keep the process alive.
    #[napi(constructor)]
    pub fn new(options: String, on_event: Function<'_, String, ()>) -> napi::Result<Self> {
        let options: Options = serde_json::from_str(&options).map_err(|error| {
            thrown(&Failure::plain("E_INVALID", "net", format!("net: {error}")))
        })?;
        let function = on_event
            .build_threadsafe_function::<String>()
            .weak::<true>()
            .build()?;
        let emit = move |event: Value| {
            function.call(event.to_string(), ThreadsafeFunctionCallMode::NonBlocking);
        };
        Self::start(options, emit).map_err(|failure| thrown(&failure))
    }

    fn start(options: Options, emit: impl Fn(Value) + Send + 'static) -> Result<Self, Failure> {
        const STEP: &str = "net";
        let stop = eventfd(0, EventfdFlags::CLOEXEC).at(STEP, "eventfd", "")?;
        let stopped = stop.try_clone().at(STEP, "dup", "")?;
        let (sender, receiver) = channel();
        let mut monitor = Monitor::open(&options.prefix)?;
        let worker = Worker {
            prefix: options.prefix.clone(),
            host: None,
            client: NetworkClient::new(options.run_dir, options.prefix, options.helper),
            reserved: Vec::new(),
        };
        // What the network process does to the table, we had it do.
        let author = worker.client.server();
        thread::Builder::new()
            .name(String::from("tsdock-net"))
            .spawn(move || worker.serve(&receiver))
            .at(STEP, "clone", "")?;
        let watch = move || {
            monitor.run(
                &stopped,
                || author.load(Ordering::Acquire),
                |change| emit(event(change)),
            )
        };
        thread::Builder::new()
            .name(String::from("tsdock-netmon"))
            .spawn(watch)
            .at(STEP, "clone", "")?;
        Ok(Self {
            work: Some(sender),
            stop,
        })
    }

    /// Resolves with `{"ok"}` or `{"error"}`. Requests are worked off in order.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn request<'env>(&self, env: &'env Env, request: String) -> napi::Result<Object<'env>> {
        let (deferred, promise): (JsDeferred<String, Resolver>, Object<'_>) =
            env.create_deferred()?;
        let parsed = serde_json::from_str(&request)
            .map_err(|error| Failure::plain("E_INVALID", "net", format!("net: {error}")));
        let closed = || Failure::plain("E_CLOSED", "close", "close: the native module was closed");
        match (parsed, &self.work) {
            (Ok(request), Some(work)) => {
                if let Err(lost) = work.send((request, deferred)) {
                    answer(lost.0.1, Err(closed()));
                }
            }
            (Ok(_), None) => answer(deferred, Err(closed())),
            (Err(failure), _) => answer(deferred, Err(failure)),
        }
        Ok(promise)
    }

    /// Ends the threads after the requests that wait.
    #[napi]
    pub fn close(&mut self) {
        self.work = None;
        let _ = rustix::io::write(&self.stop, &1_u64.to_ne_bytes());
    }
}

impl Drop for RawNet {
    fn drop(&mut self) {
        self.close();
    }
}

/// Ports an owner is about to publish, and until when they are kept for it.
type Reserved = (String, Vec<Endpoint>, Instant);

/// The thread that works requests off.
struct Worker {
    prefix: String,
    /// Opened by the first look.
    host: Option<HostNetwork>,
    client: NetworkClient,
    /// What was reserved and not published yet, by owner, until it is given up.
    reserved: Vec<Reserved>,
}

impl Worker {
    fn serve(mut self, work: &Receiver<Work>) {
        while let Ok((request, deferred)) = work.recv() {
            answer(deferred, self.handle(request));
        }
    }

    fn host(&mut self) -> Result<&mut HostNetwork, Failure> {
        match &mut self.host {
            Some(host) => Ok(host),
            closed => Ok(closed.insert(HostNetwork::open(&self.prefix)?)),
        }
    }

    fn handle(&mut self, request: Request) -> Result<Value, Failure> {
        match request {
            Request::EnsureNetwork { network: spec } => {
                let spec = parse_spec(spec)?;
                self.ask(Kind::EnsureNetwork, &EnsureNetwork::from(&spec))
            }
            Request::RemoveNetwork { name } => {
                self.ask(Kind::RemoveNetwork, &RemoveNetwork { name })
            }
            Request::Publish { owner, endpoints } => {
                let endpoints: Vec<Endpoint> =
                    endpoints.iter().map(parse_port).collect::<Result<_, _>>()?;
                let ports = endpoints.iter().map(PublishedPort::from).collect();
                let result = self.ask(Kind::Publish, &Publish { owner, ports })?;
                for (_, reserved, _) in &mut self.reserved {
                    reserved.retain(|kept| {
                        !endpoints
                            .iter()
                            .any(|port| HostPort::from(port) == HostPort::from(kept))
                    });
                }
                Ok(result)
            }
            Request::Reserve { owner, endpoints } => {
                let endpoints: Vec<Endpoint> =
                    endpoints.iter().map(parse_port).collect::<Result<_, _>>()?;
                let ports = endpoints.iter().map(PublishedPort::from).collect();
                let request = Publish { owner, ports };
                let result = self.ask(Kind::Reserve, &request)?;
                self.reserved.retain(|(other, ..)| *other != request.owner);
                let until = Instant::now() + RESERVATION;
                self.reserved.push((request.owner, endpoints, until));
                Ok(result)
            }
            Request::Dump => {
                let state = self.host()?.dump()?;
                self.reserved.retain(|(.., until)| *until > Instant::now());
                Ok(state_value(&state, &self.reserved))
            }
            Request::Routes => {
                let routes = self.host()?.routes()?;
                Ok(routes.iter().map(|(destination, device)| json!({ "destination": destination.to_string(), "device": device })).collect())
            }
        }
    }

    fn ask<B: Body>(&mut self, kind: Kind, body: &B) -> Result<Value, Failure> {
        self.client.ask(kind, body).map(|_| Value::Null)
    }
}

fn answer(deferred: JsDeferred<String, Resolver>, result: Result<Value, Failure>) {
    let text = match result {
        Ok(value) => json!({ "ok": value }),
        Err(failure) => json!({ "error": fields(&failure) }),
    };
    deferred.resolve(Box::new(move |_| Ok(text.to_string())));
}

fn invalid(what: &str, value: &str) -> Failure {
    Failure::plain("EINVAL", "net", format!("net: {value:?} is no {what}"))
}

fn parse_spec(spec: NetworkSpec) -> Result<Spec, Failure> {
    let cidr = |text: &str| Cidr::parse(text).ok_or_else(|| invalid("CIDR", text));
    let (gateway, subnet) = (cidr(&spec.gateway)?, cidr(&spec.subnet)?);
    let NetworkSpec {
        name,
        alias,
        mtu,
        masquerade,
        isolated,
        internal,
        ..
    } = spec;
    Ok(Spec {
        name,
        alias,
        gateway,
        subnet,
        mtu,
        masquerade,
        isolated,
        internal,
    })
}

fn parse_port(port: &Published) -> Result<Endpoint, Failure> {
    let address = |text: &str| {
        text.parse::<Ipv4Addr>()
            .map_err(|_| invalid("IPv4 address", text))
    };
    let host_ip = port
        .host_ip
        .as_deref()
        .map(address)
        .transpose()?
        .filter(|found| !found.is_unspecified());
    let protocol = match port.protocol {
        Transport::Tcp => Protocol::Tcp,
        Transport::Udp => Protocol::Udp,
    };
    Ok(Endpoint {
        protocol,
        host_ip,
        host_port: port.host_port,
        address: address(&port.address)?,
        port: port.container_port,
    })
}

fn state_value(state: &State, reserved: &[Reserved]) -> Value {
    let row = |endpoint: &Endpoint, owner: &str| {
        let port = Published {
            protocol: match endpoint.protocol {
                Protocol::Tcp => Transport::Tcp,
                Protocol::Udp => Transport::Udp,
            },
            host_ip: endpoint.host_ip.map(|address| address.to_string()),
            host_port: endpoint.host_port,
            address: endpoint.address.to_string(),
            container_port: endpoint.port,
        };
        let mut value = json!(port);
        value["owner"] = owner.into();
        value
    };
    let published = state
        .published
        .iter()
        .map(|(endpoint, owner)| row(endpoint, owner));
    let reserved = reserved
        .iter()
        .flat_map(|(owner, endpoints, _)| endpoints.iter().map(|endpoint| row(endpoint, owner)));
    json!({
        "networks": state.networks.iter().map(network_value).collect::<Vec<_>>(),
        "published": published.collect::<Vec<_>>(),
        "reserved": reserved.collect::<Vec<_>>(),
        "tableIntact": state.table_intact,
    })
}

/// A network without rows passes nothing: internal, isolated, not masqueraded.
fn network_value(seen: &Seen) -> Value {
    let rows = seen.rows.as_ref();
    let spec = NetworkSpec {
        name: seen.name.clone(),
        alias: seen.alias.clone(),
        gateway: seen
            .gateway
            .map(|gateway| gateway.to_string())
            .unwrap_or_default(),
        subnet: seen
            .gateway
            .map(|gateway| gateway.network().to_string())
            .unwrap_or_default(),
        mtu: seen.mtu,
        masquerade: rows.is_some_and(|rows| rows.masquerade),
        isolated: rows.is_none_or(|rows| rows.isolated),
        internal: rows.is_none_or(|rows| rows.internal),
    };
    let mut value = json!(spec);
    value["up"] = seen.up.into();
    value["members"] = seen.members.as_slice().into();
    value
}

fn event(change: tsdock_core::netlink::monitor::Change) -> Value {
    use tsdock_core::netlink::monitor::Change;
    match change {
        Change::Link(name) => json!({ "type": "link", "name": name }),
        Change::Table => json!({ "type": "table" }),
    }
}
