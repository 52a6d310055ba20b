//! A layer under way: takes chunks, keeps the two threads, tells the end.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::error::{Kind, LayerError};
use super::extract::Unpacked;
use super::pipeline;

const STEP: &str = "layer.sink";
/// Compressed bytes that may wait before the caller is held back, until half of them are left.
const MAX_WAITING: usize = 1 << 20;

/// What a layer shall be.
#[derive(Clone, Debug)]
pub struct LayerOptions {
    /// Made by the sink; must not exist.
    pub directory: PathBuf,
    /// `sha256:` and 64 lower-case hex digits; none: computed only.
    pub digest: Option<String>,
    pub diff_id: Option<String>,
    pub max_bytes: u64,
    pub max_entries: u64,
}

/// What a layer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerResult {
    pub digest: String,
    pub diff_id: String,
    pub compressed_bytes: u64,
    pub unpacked: Unpacked,
}

/// Called once, on any thread.
pub type Done<T> = Box<dyn FnOnce(Result<T, LayerError>) + Send>;

/// A layer that is being unpacked. Dropping it without `end` aborts.
pub struct Sink {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    ended: bool,
    /// Known before the threads are through; writers hear of it at once.
    failure: Option<LayerError>,
    outcome: Option<Result<LayerResult, LayerError>>,
    on_room: Vec<Done<()>>,
    on_end: Option<Done<LayerResult>>,
    on_abort: Vec<Done<()>>,
}

/// What the sink and its threads have in common.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every writer fail, now and later.
    pub(super) fn fail(&self, error: &LayerError) {
        let waiting = {
            let mut state = self.lock();
            state.failure.get_or_insert_with(|| error.clone());
            state.waiting.clear();
            state.waiting_bytes = 0;
            std::mem::take(&mut state.on_room)
        };
        self.changed.notify_all();
        tell(waiting, &Err(error.clone()));
    }

    /// The next chunk that is not empty; none at the end.
    pub(super) fn next_chunk(&self) -> Result<Option<Vec<u8>>, LayerError> {
        let mut state = self.lock();
        loop {
            if let Some(error) = &state.failure {
                return Err(error.clone());
            }
            if let Some(chunk) = state.waiting.pop_front() {
                state.waiting_bytes -= chunk.len();
                let room = if state.waiting_bytes <= MAX_WAITING / 2 {
                    std::mem::take(&mut state.on_room)
                } else {
                    Vec::new()
                };
                drop(state);
                tell(room, &Ok(()));
                if chunk.is_empty() {
                    state = self.lock();
                    continue;
                }
                return Ok(Some(chunk));
            }
            if state.ended {
                return Ok(None);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, outcome: Result<LayerResult, LayerError>) {
        if let Err(error) = &outcome {
            self.fail(error);
        }
        let (on_end, on_abort, on_room) = {
            let mut state = self.lock();
            state.outcome = Some(outcome.clone());
            (
                state.on_end.take(),
                std::mem::take(&mut state.on_abort),
                std::mem::take(&mut state.on_room),
            )
        };
        tell(on_room, &Ok(()));
        tell(on_abort, &Ok(()));
        if let Some(done) = on_end {
            done(outcome);
        }
    }
}

fn tell(callers: Vec<Done<()>>, result: &Result<(), LayerError>) {
    for done in callers {
        done(result.clone());
    }
}

fn aborted() -> LayerError {
    LayerError::new(Kind::Aborted, STEP, "the layer was given up")
}

impl Sink {
    /// Starts the threads. A digest that is none is refused here; everything else is told by `write` and `end`.
    pub fn begin(options: LayerOptions) -> Result<Self, LayerError> {
        for digest in [&options.digest, &options.diff_id].into_iter().flatten() {
            let hex = digest.strip_prefix("sha256:").unwrap_or_default();
            if hex.len() != 64
                || !hex
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            {
                return Err(LayerError::new(
                    Kind::Format,
                    STEP,
                    format!("{digest:?} is no sha256 digest"),
                ));
            }
        }
        let shared = Arc::new(Shared::default());
        let inner = Arc::clone(&shared);
        thread::Builder::new()
            .name(String::from("tsdock-unpack"))
            .spawn(move || {
                // A bug must not leave the caller waiting for ever.
                let outcome = catch_unwind(AssertUnwindSafe(|| pipeline::unpack(&inner, &options)));
                inner.finish(outcome.unwrap_or_else(|_| {
                    Err(LayerError::new(Kind::Format, STEP, "unpacking panicked"))
                }));
            })
            .map_err(|error| LayerError::system(STEP, "a thread", &error))?;
        Ok(Self { shared })
    }

    /// Takes a chunk; true: there is room for another one, false: wait for `on_room` first. Fails as soon as the layer is known to be bad.
    pub fn push(&self, chunk: Vec<u8>) -> Result<bool, LayerError> {
        let mut state = self.shared.lock();
        if let Some(error) = &state.failure {
            return Err(error.clone());
        }
        if state.ended || state.outcome.is_some() {
            return Err(LayerError::new(
                Kind::Format,
                STEP,
                "the layer was ended before",
            ));
        }
        state.waiting_bytes += chunk.len();
        state.waiting.push_back(chunk);
        let has_room = state.waiting_bytes <= MAX_WAITING;
        drop(state);
        self.shared.changed.notify_all();
        Ok(has_room)
    }

    /// Calls `done` when there is room, or with the failure.
    pub fn on_room(&self, done: Done<()>) {
        let mut state = self.shared.lock();
        let verdict = match &state.failure {
            Some(error) => Err(error.clone()),
            None if state.waiting_bytes > MAX_WAITING => {
                state.on_room.push(done);
                return;
            }
            None => Ok(()),
        };
        drop(state);
        done(verdict);
    }

    /// No more chunks. `done` is called when everything is on disk and both digests agree; otherwise the directory is gone.
    pub fn end(&self, done: Done<LayerResult>) {
        let mut state = self.shared.lock();
        state.ended = true;
        let outcome = state.outcome.clone();
        let Some(outcome) = outcome else {
            state.on_end = Some(done);
            drop(state);
            self.shared.changed.notify_all();
            return;
        };
        drop(state);
        done(outcome);
    }

    /// Gives the layer up; `done` is called when the directory is gone. After a successful `end` nothing happens.
    pub fn abort(&self, done: Done<()>) {
        let mut state = self.shared.lock();
        if state.outcome.is_some() {
            drop(state);
            done(Ok(()));
            return;
        }
        state.on_abort.push(done);
        drop(state);
        self.shared.fail(&aborted());
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let is_pending = {
            let state = self.shared.lock();
            !state.ended && state.outcome.is_none()
        };
        if is_pending {
            self.abort(Box::new(|_| {}));
        }
    }
}
