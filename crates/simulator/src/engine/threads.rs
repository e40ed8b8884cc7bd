//! Work on columns, chunk by chunk, on one thread or on several. What comes out doesn't depend on how many there are.

use rayon::prelude::*;

/// Agents of a chunk.
pub(super) const CHUNK: usize = 16_384;

/// Who does the work.
#[derive(Debug)]
pub(super) enum Threads {
    /// The thread that asks.
    Own,
    /// A pool of several.
    Pool(rayon::ThreadPool),
}

impl Threads {
    /// Starts threads; none for one.
    pub fn start(n_threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        if n_threads <= 1 {
            return Ok(Self::Own);
        }
        let builder = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        builder.thread_name(|n| format!("simulator-{n}")).build().map(Self::Pool)
    }

    /// Does something with each chunk of a column.
    pub fn each_chunk<T: Send>(&self, column: &mut [T], work: impl Fn(usize, &mut [T]) + Send + Sync) {
        match self {
            Self::Pool(pool) if column.len() > CHUNK => pool.install(|| {
                column.par_chunks_mut(CHUNK).enumerate().for_each(|(at, chunk)| work(at, chunk));
            }),
            _ => column.chunks_mut(CHUNK).enumerate().for_each(|(at, chunk)| work(at, chunk)),
        }
    }

    /// Does something with each part of a list, where a part is work enough by itself.
    pub fn each<T: Send>(&self, parts: &mut [T], work: impl Fn(usize, &mut T) + Send + Sync) {
        match self {
            Self::Pool(pool) if parts.len() > 1 => pool.install(|| {
                parts.par_iter_mut().enumerate().for_each(|(at, part)| work(at, part));
            }),
            _ => parts.iter_mut().enumerate().for_each(|(at, part)| work(at, part)),
        }
    }
}
