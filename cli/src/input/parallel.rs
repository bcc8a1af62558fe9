//! Work shared by several threads, with results in order.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, available_parallelism};

/// More threads are useless for the amount that one thread can read and write.
const MOST: usize = 8;

/// The source of work and the receiver of results, on the calling thread.
pub(crate) trait OrderedJob {
    type Work: Send;
    type Done: Send;

    fn next(&mut self) -> Option<Self::Work>;
    /// Takes a result, in the order of [`OrderedJob::next`]. An error ends the job.
    fn take(&mut self, done: Self::Done) -> io::Result<()>;
}

/// Returns the number of threads: that of the user, else one for each processor.
pub(crate) fn threads(asked: Option<u8>) -> usize {
    match asked {
        Some(threads) => threads.into(),
        None => available_parallelism().map_or(1, NonZero::get).min(MOST),
    }
}

/// Does all the work on this many threads, including this one. Each has a worker of its own.
pub(crate) fn run_ordered<F: OrderedJob, W: FnMut(F::Work) -> F::Done>(
    threads: usize,
    flow: &mut F,
    worker: impl Fn() -> W + Sync,
) -> io::Result<()> {
    let mut here = worker();
    if threads < 2 {
        while let Some(work) = flow.next() {
            flow.take(here(work))?;
        }
        return Ok(());
    }
    let (to_do, work) = channel::<(u64, F::Work)>();
    let work = Mutex::new(work);
    let (finished, results) = channel::<(u64, F::Done)>();
    thread::scope(|scope| {
        for _ in 1..threads {
            let (worker, work, finished) = (&worker, &work, finished.clone());
            scope.spawn(move || work_loop(worker(), work, &finished));
        }
        drop(finished);
        // Dropped on every way out, because the workers wait for it.
        let to_do = to_do;
        let (mut given, mut taken) = (0, 0);
        let mut early: BTreeMap<u64, F::Done> = BTreeMap::new();
        loop {
            // Enough to keep the workers busy while this thread works, within the limits of memory.
            while given - taken < 2 * threads as u64 {
                let Some(work) = flow.next() else { break };
                if to_do.send((given, work)).is_err() {
                    break;
                }
                given += 1;
            }
            if given == taken {
                return Ok(());
            }
            // Finished work is passed on first, because others may wait for it.
            let (number, done) = if let Ok(done) = results.try_recv() {
                done
            } else if let Some((number, work)) = unclaimed(&work) {
                (number, here(work))
            } else if let Ok(done) = results.recv() {
                done
            } else {
                return Ok(());
            };
            early.insert(number, done);
            while let Some(done) = early.remove(&taken) {
                taken += 1;
                flow.take(done)?;
            }
        }
    })
}

/// Work that no thread has begun. Empty while a thread waits for work.
fn unclaimed<T>(work: &Mutex<Receiver<T>>) -> Option<T> {
    work.try_lock().ok()?.try_recv().ok()
}

fn work_loop<T, D>(
    mut worker: impl FnMut(T) -> D,
    work: &Mutex<Receiver<(u64, T)>>,
    finished: &Sender<(u64, D)>,
) {
    loop {
        let next = work.lock().map(|work| work.recv());
        let Ok(Ok((number, next))) = next else { return };
        if finished.send((number, worker(next))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use super::*;

    struct Numbers {
        next: u64,
        taken: Vec<u64>,
        ahead: u64,
        fails_at: u64,
    }

    impl OrderedJob for Numbers {
        type Work = u64;
        type Done = u64;

        fn next(&mut self) -> Option<u64> {
            let number = Some(self.next).filter(|&number| number < 500)?;
            self.ahead = self.ahead.max(number - self.taken.len() as u64);
            self.next += 1;
            Some(number)
        }

        fn take(&mut self, done: u64) -> io::Result<()> {
            self.taken.push(done);
            match done == self.fails_at * 3 {
                true => Err(ErrorKind::BrokenPipe.into()),
                false => Ok(()),
            }
        }
    }

    /// Threads of different speed overtake each other, but the results stay in order.
    fn run(threads: usize, fails_at: u64) -> (Numbers, io::Result<()>) {
        let mut flow = Numbers { next: 0, taken: Vec::new(), ahead: 0, fails_at };
        let ended = run_ordered(threads, &mut flow, || {
            |number| {
                if number % 7 == 0 {
                    thread::sleep(Duration::from_micros(200));
                }
                number * 3
            }
        });
        (flow, ended)
    }

    #[test]
    fn results_come_in_order_and_work_is_not_piled_up() {
        for threads in [1, 2, 3, 8] {
            let (flow, ended) = run(threads, u64::MAX / 3);
            assert!(ended.is_ok());
            assert!(flow.taken.iter().copied().eq((0..500).map(|number| number * 3)), "{threads}");
            assert!(flow.ahead <= threads as u64 * 2, "{threads}: {}", flow.ahead);
        }
    }

    #[test]
    fn an_error_ends_it() {
        for threads in [1, 2, 8] {
            let (flow, ended) = run(threads, 100);
            assert_eq!(ended.unwrap_err().kind(), ErrorKind::BrokenPipe);
            assert_eq!(flow.taken.len(), 101, "{threads}");
        }
    }
}
