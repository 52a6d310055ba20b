//! napi surface of `layers`: sinks with threads of their own, and work on trees on a thread each. Answers are JSON texts; `layers.ts` gives them types.
#![expect(clippy::needless_pass_by_value, reason = "napi functions take values")]

use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::thread;

use napi::bindgen_prelude::{Object, Uint8Array};
use napi::{Env, JsDeferred};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use tsdock_core::errno;
use tsdock_core::failure::{Context, Failure};
use tsdock_core::layer::{
    Kind, LayerError, LayerOptions, LayerResult, Sink, compare, inherit, tree,
};

use crate::failure::{fields, thrown};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    directory: PathBuf,
    digest: Option<String>,
    diff_id: Option<String>,
    max_bytes: u64,
    max_entries: u64,
}

type Resolver = Box<dyn FnOnce(Env) -> napi::Result<String> + Send>;
type Deferred = JsDeferred<String, Resolver>;

fn failure(error: &LayerError) -> Failure {
    let code = match error.kind {
        Kind::System(number) => errno::name(number),
        _ => error.code().unwrap_or("E_LAYER_FORMAT"),
    };
    Failure::plain(
        code,
        error.step,
        format!("{}: {}", error.step, error.message),
    )
}

fn answer(deferred: Deferred, result: Result<Value, Failure>) {
    let text = match result {
        Ok(value) => json!({ "ok": value }),
        Err(failure) => json!({ "error": fields(&failure) }),
    };
    deferred.resolve(Box::new(move |_| Ok(text.to_string())));
}

/// One layer. Collected by JavaScript without `end`: aborted.
#[napi]
pub struct RawSink {
    sink: Sink,
}

#[napi]
impl RawSink {
    /// `options`: JSON of `LayerOptions`.
    #[napi(constructor)]
    pub fn new(options: String) -> napi::Result<Self> {
        let parsed: Result<Options, _> = serde_json::from_str(&options);
        let options = parsed.map_err(|error| {
            thrown(&Failure::plain(
                "E_INVALID",
                "layer.sink",
                format!("layer.sink: {error}"),
            ))
        })?;
        let Options {
            directory,
            digest,
            diff_id,
            max_bytes,
            max_entries,
        } = options;
        let sink = Sink::begin(LayerOptions {
            directory,
            digest,
            diff_id,
            max_bytes,
            max_entries,
        })
        .map_err(|error| thrown(&failure(&error)))?;
        Ok(Self { sink })
    }

    /// Copies the chunk. True: there is room for another one; false: `room` tells when.
    #[napi]
    pub fn push(&self, chunk: Uint8Array) -> napi::Result<bool> {
        self.sink
            .push(chunk.to_vec())
            .map_err(|error| thrown(&failure(&error)))
    }

    #[napi(ts_return_type = "Promise<string>")]
    pub fn room<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (deferred, promise): (Deferred, Object<'_>) = env.create_deferred()?;
        self.sink.on_room(Box::new(move |result| {
            answer(
                deferred,
                result
                    .map(|()| Value::Null)
                    .map_err(|error| failure(&error)),
            )
        }));
        Ok(promise)
    }

    #[napi(ts_return_type = "Promise<string>")]
    pub fn end<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (deferred, promise): (Deferred, Object<'_>) = env.create_deferred()?;
        self.sink.end(Box::new(move |result| {
            answer(
                deferred,
                result
                    .map(|result| result_value(&result))
                    .map_err(|error| failure(&error)),
            )
        }));
        Ok(promise)
    }

    #[napi(ts_return_type = "Promise<string>")]
    pub fn abort<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (deferred, promise): (Deferred, Object<'_>) = env.create_deferred()?;
        self.sink.abort(Box::new(move |result| {
            answer(
                deferred,
                result
                    .map(|()| Value::Null)
                    .map_err(|error| failure(&error)),
            )
        }));
        Ok(promise)
    }
}

fn result_value(result: &LayerResult) -> Value {
    let implied: Vec<String> = result
        .unpacked
        .implied_directories
        .iter()
        .map(|path| latin1(path))
        .collect();
    json!({
        "digest": result.digest,
        "diffId": result.diff_id,
        "compressedBytes": result.compressed_bytes,
        "unpackedBytes": result.unpacked.bytes,
        "entries": result.unpacked.entries,
        "impliedDirectories": implied,
        "warnings": result.unpacked.warnings,
    })
}

/// A name of any bytes as a text: one character a byte.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn from_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

/// Runs `work` on a thread of its own: it may take seconds, and libuv's four are not ours.
fn on_thread<'env>(
    env: &'env Env,
    name: &str,
    work: impl FnOnce() -> Result<Value, Failure> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (deferred, promise): (Deferred, Object<'_>) = env.create_deferred()?;
    let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(deferred)));
    let inner = std::sync::Arc::clone(&slot);
    let take = |slot: &std::sync::Mutex<Option<Deferred>>| {
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    };
    let started = thread::Builder::new().name(name.to_owned()).spawn(move || {
        if let Some(deferred) = take(&inner) {
            answer(deferred, work());
        }
    });
    if let Err(error) = started
        && let Some(deferred) = take(&slot)
    {
        answer(deferred, Err(Failure::new("layers", "clone", name, &error)));
    }
    Ok(promise)
}

/// Flushes the filesystem that holds `path`.
#[napi(ts_return_type = "Promise<string>")]
pub fn sync_tree(env: &Env, path: String) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-sync", move || {
        tree::sync(Path::new(&path))
            .at("layers.sync", "syncfs", &path)
            .map(|()| Value::Null)
    })
}

/// Removes a tree; absent: success.
#[napi(ts_return_type = "Promise<string>")]
pub fn remove_tree(env: &Env, path: String) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-remove", move || {
        tree::remove(Path::new(&path))
            .at("layers.remove", "unlinkat", &path)
            .map(|()| Value::Null)
    })
}

/// Two trees of one filesystem change places in one step.
#[napi(ts_return_type = "Promise<string>")]
pub fn exchange_trees(env: &Env, left: String, right: String) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-exchange", move || {
        tree::exchange(Path::new(&left), Path::new(&right))
            .at("layers.exchange", "renameat2", &right)
            .map(|()| Value::Null)
    })
}

/// `{bytes, inodes}` of a tree.
#[napi(ts_return_type = "Promise<string>")]
pub fn tree_usage(env: &Env, path: String) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-usage", move || {
        let usage = tree::usage(Path::new(&path)).at("layers.usage", "openat", &path)?;
        Ok(json!({ "bytes": usage.bytes, "inodes": usage.inodes }))
    })
}

/// `names`: directories that `path` implies, one character a byte; `lower`: trees, nearest first.
#[napi(ts_return_type = "Promise<string>")]
pub fn inherit_directories(
    env: &Env,
    path: String,
    lower: Vec<String>,
    names: Vec<String>,
) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-inherit", move || {
        let lower: Vec<PathBuf> = lower.iter().map(PathBuf::from).collect();
        let names: Option<Vec<Vec<u8>>> = names.iter().map(|name| from_latin1(name)).collect();
        let names = names.ok_or_else(|| {
            Failure::plain(
                "E_INVALID",
                "layers.inherit",
                "a name is not of bytes".to_owned(),
            )
        })?;
        inherit::inherit(Path::new(&path), &lower, &names)
            .at("layers.inherit", "openat2", &path)
            .map(|()| Value::Null)
    })
}

/// Lines that say where `found` is not as `expected`; none: the same tree.
#[napi(ts_return_type = "Promise<string>")]
pub fn tree_differences(env: &Env, expected: String, found: String) -> napi::Result<Object<'_>> {
    on_thread(env, "tsdock-compare", move || {
        let told = compare::differences(Path::new(&expected), Path::new(&found)).at(
            "layers.compare",
            "openat",
            &found,
        )?;
        Ok(json!(told))
    })
}
