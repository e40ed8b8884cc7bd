//! The log in files of the server's own process: one partition, one process at a time.
//!
//! A folder holds segments of 64 MiB, named by the offset of their first record ([`format`]). One thread writes: it takes
//! all batches that wait, writes them at once, syncs once and then tells each producer. So the more producers wait, the
//! fewer syncs each of them costs. Consumers read the same files up to what was synced, beside the writer.
//!
//! - At open only the last segment is read: its tail is cut where it was torn, and refused where it was damaged
//!   ([`scan`]). Earlier segments are checked as they are read, and all of them by [`check`].
//! - A sync that fails ends the process ([`EventLogError::is_fatal`]): the kernel may call pages clean that it lost, so
//!   trying again would acknowledge what isn't there. A write that fails is taken back, and can be tried again.
//! - A segment is closed a day after its first record, and deleted 14 days after it at the latest, so nothing is kept
//!   longer. What a consumer has stored may go earlier ([`Log::sweep`]).

mod check;
mod folder;
mod format;
mod reader;
mod scan;
mod writer;

pub use check::{Checked, check};
pub use reader::Reader;

use crate::record::{MAX_BATCH_BYTES, Record};
use crate::{EventLogError, Result};
use folder::{Folder, Mark};
use format::{Format, SegmentHeader};
use jiff::{SignedDuration, Timestamp};
use scan::Scan;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;
use writer::{Active, Disk, Job, RealDisk, Writer};

/// The size of a segment.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// The longest that a record is kept.
pub const MOST_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Batches that may wait for the writer before producers wait to hand theirs over.
const MOST_WAITING: usize = 256;

/// How a log is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What the records are about. Each topic has a folder of its own.
    pub topic: String,
    /// The id that the log gets if there is none yet.
    pub fresh_id: Uuid,
    /// The size at which a segment is full: [`SEGMENT_BYTES`].
    pub segment_bytes: u64,
}

/// What was found when a log was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whether there was none before.
    pub is_new: bool,
    /// What was cut from its end.
    pub cut: Option<Cut>,
}

/// What was torn at the end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The offset that goes to the next record.
    pub from: u64,
    /// How many bytes.
    pub n_bytes: u64,
    /// How many records of it had been acknowledged: 0, unless a file was shortened from outside.
    pub n_acknowledged: u64,
}

/// What consumers may read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    /// First offsets of the segments, the earliest first; never empty.
    segments: Arc<[u64]>,
    /// The offset after the last one that is synced.
    end: u64,
    /// Whether a sync failed: then nothing more comes, and the process must end.
    has_failed: bool,
}

/// A log of one topic. Clones are handles of the same one; with the last of them it is closed.
#[derive(Clone, Debug)]
pub struct Log {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: Uuid,
    topic: String,
    folder: Folder,
    shown: watch::Receiver<Shown>,
    consumed: Arc<AtomicU64>,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    _lock: File,
}

impl Drop for Inner {
    /// Waits until what was begun is written, so that whoever opens the folder next finds it.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It only fails if the thread panicked; then nothing more is written, and there is nobody to tell.
            let _ = thread.join();
        }
    }
}

impl Log {
    /// Opens the log in a folder, or begins one. Reads the last segment, up to 64 MiB, and blocks meanwhile.
    ///
    /// # Errors
    ///
    /// [`EventLogError::InUse`] if another process has it, [`EventLogError::Corrupt`] if its last segment is damaged,
    /// [`EventLogError::Foreign`] if a segment is missing or isn't one, [`EventLogError::File`] if the disk refuses.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Opened)> {
        Self::open_on(folder, options, RealDisk)
    }

    fn open_on(path: &Path, options: Options, disk: impl Disk) -> Result<(Self, Opened)> {
        let folder = Folder(path.to_owned());
        folder.make()?;
        let lock = folder.lock()?;
        folder.tidy()?;
        let segments = folder.list()?;
        let (id, active, opened) = match segments.last() {
            None => begin(&folder, options.fresh_id)?,
            Some(last) => go_on(&folder, &segments, *last)?,
        };
        let segments = if segments.is_empty() { vec![active.first] } else { segments };
        let (show, shown) =
            watch::channel(Shown { segments: segments.as_slice().into(), end: active.end, has_failed: false });
        let (jobs, queue) = mpsc::channel(MOST_WAITING);
        let consumed = Arc::new(AtomicU64::new(0));
        let mark = Mark::open(&folder)?;
        let writer = Writer {
            folder: folder.clone(),
            id,
            format: Format::of(id),
            segment_bytes: options.segment_bytes,
            segments,
            active,
            mark,
            disk,
            show,
            consumed: Arc::clone(&consumed),
            buffer: Vec::new(),
        };
        let thread = std::thread::Builder::new().name("event-log".to_owned());
        let thread = thread.spawn(move || writer.run(queue)).map_err(EventLogError::file("start a writer of", path))?;
        let (jobs, thread) = (Some(jobs), Some(thread));
        let inner = Inner { id, topic: options.topic, folder, shown, consumed, jobs, thread, _lock: lock };
        Ok((Self { inner: Arc::new(inner) }, opened))
    }

    /// Returns its id, drawn when it was begun.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.inner.id
    }

    /// Returns its topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.inner.topic
    }

    /// Returns the first offset that isn't deleted; the end if none is left.
    #[must_use]
    pub fn first_offset(&self) -> u64 {
        self.inner.shown.borrow().segments[0]
    }

    /// Returns the offset that the next record gets.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        self.inner.shown.borrow().end
    }

    /// Appends records and returns their offsets, once they are synced.
    ///
    /// # Errors
    ///
    /// As [`crate::EventLog::produce`].
    pub async fn append(&self, records: Vec<Record>) -> Result<Range<u64>> {
        if records.is_empty() {
            let end = self.end_offset();
            return Ok(end..end);
        }
        records.iter().try_for_each(Record::check)?;
        let n_bytes = records.iter().map(Format::n_bytes).sum();
        if n_bytes > MAX_BATCH_BYTES {
            return Err(EventLogError::TooLarge { what: "a batch", is: n_bytes, most: MAX_BATCH_BYTES });
        }
        self.ask(|answer| Job::Append { records, n_bytes, answer }).await
    }

    /// Goes on at `next` if the log ends before; says whether it did.
    ///
    /// # Errors
    ///
    /// As [`crate::EventLog::continue_at`].
    pub async fn continue_at(&self, next: u64) -> Result<bool> {
        self.ask(|answer| Job::ContinueAt { next, answer }).await
    }

    /// Deletes segments, the earliest first: those whose first record is 14 days old, and those that a consumer has
    /// committed all of and whose first record is as old as `keep_consumed`. Returns how many.
    ///
    /// # Errors
    ///
    /// [`EventLogError::File`] if the disk refuses.
    pub async fn sweep(&self, now: Timestamp, keep_consumed: SignedDuration) -> Result<usize> {
        self.ask(|answer| Job::Sweep { now, keep_consumed, answer }).await
    }

    /// Returns a reader, which must be told where to begin.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let Inner { folder, id, shown, consumed, .. } = &*self.inner;
        Reader::new(folder.clone(), *id, shown.clone(), Arc::clone(consumed))
    }

    /// Returns up to which offset consumers have committed since the log was opened.
    #[must_use]
    pub fn consumed_until(&self) -> u64 {
        self.inner.consumed.load(Ordering::Relaxed)
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or(EventLogError::Stopped)?;
        jobs.send(job(answer)).await.map_err(|_| EventLogError::Stopped)?;
        answered.await.map_err(|_| EventLogError::Stopped)?
    }
}

/// Begins a log.
fn begin(folder: &Folder, id: Uuid) -> Result<(Uuid, Active, Opened)> {
    let file = folder.create(&SegmentHeader { log: id, first: 0, before_first: 0, before_end: 0 })?;
    Ok((id, Active::empty(file, 0), Opened { is_new: true, cut: None }))
}

/// Goes on with a log: sees that no segment is missing, and cuts the tail of the last.
fn go_on(folder: &Folder, segments: &[u64], last: u64) -> Result<(Uuid, Active, Opened)> {
    let mut before: Option<SegmentHeader> = None;
    for first in segments {
        let (_, header) = folder.open(*first, false)?;
        check::follows(folder, before.as_ref(), &header)?;
        before = Some(header);
    }
    let (file, header) = folder.open(last, true)?;
    let path = folder.segment(last);
    let bytes = std::fs::read(&path).map_err(EventLogError::file("read", &path))?;
    let format = Format::of(header.log);
    let synced_until = folder.synced_until(header.log);
    let scan = scan::scan(format, &bytes, last);
    let cut = tail(folder, format, &bytes, &scan, (last, synced_until))?;
    if cut.is_some() {
        file.set_len(scan.n_bytes as u64).map_err(EventLogError::file("cut the tail of", &path))?;
    }
    // What is found may have been written by a process that was killed before it synced; from now on it is read.
    file.sync_all().map_err(EventLogError::sync(&path))?;
    Mark::open(folder)?.note(header.log, scan.end);
    let active = Active { file, first: last, end: scan.end, n_bytes: scan.n_bytes as u64, first_ms: scan.first_ms };
    Ok((header.log, active, Opened { is_new: false, cut }))
}

/// Returns what is torn at the end of the last segment.
fn tail(
    folder: &Folder,
    format: Format,
    bytes: &[u8],
    scan: &Scan,
    (first, synced_until): (u64, u64),
) -> Result<Option<Cut>> {
    let n_acknowledged = synced_until.saturating_sub(scan.end);
    let n_bytes = (bytes.len() - scan.n_bytes) as u64;
    let Some(what) = scan.bad else {
        let shortened = n_acknowledged > 0;
        return Ok(shortened.then_some(Cut { from: scan.end, n_bytes, n_acknowledged }));
    };
    if scan::was_whole(format, bytes, scan, synced_until) {
        let (segment, at, offset) = (folder.segment(first), scan.n_bytes as u64, scan.end);
        return Err(EventLogError::Corrupt { segment, at, offset, what });
    }
    Ok(Some(Cut { from: scan.end, n_bytes, n_acknowledged }))
}
