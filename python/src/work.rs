//! Work on a thread of its own, so that Ctrl-C ends the call at once.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How long a signal may wait.
const BLINK: Duration = Duration::from_millis(50);

thread_local! {
    static CANCEL: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Returns whether nobody waits for the work of this thread any more.
pub(crate) fn is_cancelled() -> bool {
    CANCEL.with_borrow(|cancel| cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)))
}

/// Ends work that nobody waits for when it is dropped.
pub(crate) struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Begins work on another thread.
pub(crate) fn begin(work: impl FnOnce() + Send + 'static) -> std::io::Result<Cancel> {
    let cancel = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&cancel);
    thread::Builder::new().name("loginrec".to_owned()).spawn(move || {
        CANCEL.set(Some(own));
        work();
    })?;
    Ok(Cancel(cancel))
}

/// Does work without the interpreter lock, until it is done or a signal raises an exception.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let (send, mut receive) = sync_channel(1);
    // Nobody may wait any more.
    let _cancel = begin(move || drop(send.send(work())))?;
    loop {
        let (next, again) = py.detach(move || (receive.recv_timeout(BLINK), receive));
        receive = again;
        match next {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the work ended early"));
            }
        }
    }
}

/// Returns what comes next, and calls `wait` from time to time until then. `None` if nothing comes.
pub(crate) fn next<T, E>(
    receive: &Receiver<T>,
    mut wait: impl FnMut() -> Result<(), E>,
) -> Result<Option<T>, E> {
    loop {
        match receive.recv_timeout(BLINK) {
            Ok(item) => return Ok(Some(item)),
            Err(RecvTimeoutError::Timeout) => wait()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}
