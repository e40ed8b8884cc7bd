//! The one thread that writes: whatever waits is written at once, synced once, and then answered.

use super::folder::{Folder, Mark, read_at};
use super::format::{Format, HEADER_BYTES, RECORD_BYTES, SegmentHeader, time_ms};
use super::{MOST_KEPT, Shown};
use crate::record::{MAX_BATCH_BYTES, Record};
use crate::{EventLogError, Result};
use jiff::{SignedDuration, Timestamp};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

/// A segment takes records for a day: so at most a day of them is deleted with its first.
const MOST_OPEN: SignedDuration = SignedDuration::from_hours(24);

/// Who waits for an answer.
type Answer<T> = oneshot::Sender<Result<T>>;

/// What the writer can be asked to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Append these.
    Append { records: Vec<Record>, n_bytes: usize, answer: Answer<Range<u64>> },
    /// Go on at an offset.
    ContinueAt { next: u64, answer: Answer<bool> },
    /// Delete what is old.
    Sweep { now: Timestamp, keep_consumed: SignedDuration, answer: Answer<usize> },
}

/// Where bytes become lasting; tests have one that fails.
pub(super) trait Disk: Send + 'static {
    /// Writes bytes at a place of a file.
    fn write(&mut self, file: &File, bytes: &[u8], at: u64) -> std::io::Result<()> {
        file.write_all_at(bytes, at)
    }

    /// Waits until what was written can't be lost.
    fn sync(&mut self, file: &File) -> std::io::Result<()> {
        file.sync_data()
    }
}

/// The disk.
#[derive(Debug)]
pub(super) struct RealDisk;

impl Disk for RealDisk {}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Active {
    pub file: File,
    /// Offset of its first record.
    pub first: u64,
    /// The offset that comes next.
    pub end: u64,
    /// Where in the file it goes.
    pub n_bytes: u64,
    /// Time of its first record, milliseconds since 1970.
    pub first_ms: Option<i64>,
}

impl Active {
    /// A segment that was just made.
    pub fn empty(file: File, first: u64) -> Self {
        Self { file, first, end: first, n_bytes: HEADER_BYTES as u64, first_ms: None }
    }
}

/// Writes a log.
#[derive(Debug)]
pub(super) struct Writer<D> {
    pub folder: Folder,
    pub id: Uuid,
    pub format: Format,
    pub segment_bytes: u64,
    pub segments: Vec<u64>,
    pub active: Active,
    pub mark: Mark,
    pub disk: D,
    pub show: watch::Sender<Shown>,
    pub consumed: Arc<AtomicU64>,
    pub buffer: Vec<u8>,
}

impl<D: Disk> Writer<D> {
    /// Works until nobody can ask for more, or a sync failed.
    pub fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut held = None;
        while let Some(job) = held.take().or_else(|| jobs.blocking_recv()) {
            let done = match job {
                Job::Append { records, n_bytes, answer } => {
                    let mut group = vec![(records, answer)];
                    held = gather(&mut jobs, &mut group, n_bytes);
                    self.append(group)
                }
                Job::ContinueAt { next, answer } => tell(answer, self.continue_at(next)),
                Job::Sweep { now, keep_consumed, answer } => tell(answer, self.sweep(now, keep_consumed)),
            };
            // Whoever still waits to write is told by the end of the queue.
            if done.is_err() {
                return self.show.send_modify(|shown| shown.has_failed = true);
            }
        }
    }

    /// Appends a group of batches and answers each. Fails only if nothing may be written any more.
    fn append(&mut self, group: Vec<(Vec<Record>, Answer<Range<u64>>)>) -> Result<()> {
        let written = self.write(&group);
        let mut fatal = Ok(());
        let mut next = written.as_ref().copied().unwrap_or_default();
        for (records, answer) in group {
            let offsets = next..next + records.len() as u64;
            next = offsets.end;
            fatal = tell(answer, written.clone().map(|_| offsets));
        }
        fatal
    }

    /// Writes a group, syncs it, shows it, and returns its first offset.
    fn write(&mut self, group: &[(Vec<Record>, Answer<Range<u64>>)]) -> Result<u64> {
        let first = self.active.end;
        let records = || group.iter().flat_map(|(records, _)| records);
        let first_ms = records().next().map(|record| record.at.as_millisecond());
        self.buffer.clear();
        let mut in_batch = 0;
        for record in records() {
            self.format.write(&mut self.buffer, record, first + u64::from(in_batch), in_batch);
            in_batch += 1;
        }
        if self.is_full(first_ms) {
            self.roll(first)?;
        }
        let Active { file, n_bytes, .. } = &self.active;
        let path = self.folder.segment(self.active.first);
        if let Err(error) = self.disk.write(file, &self.buffer, *n_bytes) {
            let failed = EventLogError::file("write", &path)(error);
            // What is half there is taken back: the next batch begins where this one did.
            file.set_len(*n_bytes).map_err(EventLogError::sync(&path))?;
            return Err(failed);
        }
        self.disk.sync(file).map_err(EventLogError::sync(&path))?;
        self.active.n_bytes += self.buffer.len() as u64;
        self.active.end += u64::from(in_batch);
        self.active.first_ms = self.active.first_ms.or(first_ms);
        self.mark.note(self.id, self.active.end);
        self.show();
        Ok(first)
    }

    /// Whether the segment can't take what is in the buffer, or has taken records for a day.
    fn is_full(&self, at_ms: Option<i64>) -> bool {
        let Active { n_bytes, first_ms, .. } = self.active;
        let old = first_ms.zip(at_ms).is_some_and(|(first, at)| at - first >= MOST_OPEN.as_millis() as i64);
        first_ms.is_some() && (old || n_bytes + self.buffer.len() as u64 > self.segment_bytes)
    }

    /// Goes on in a new segment.
    fn roll(&mut self, first: u64) -> Result<()> {
        let (before_first, before_end) = (self.active.first, self.active.end);
        let file = self.folder.create(&SegmentHeader { log: self.id, first, before_first, before_end })?;
        self.active = Active::empty(file, first);
        self.segments.push(first);
        self.show();
        Ok(())
    }

    fn show(&self) {
        let (segments, end) = (self.segments.as_slice().into(), self.active.end);
        self.show.send_replace(Shown { segments, end, has_failed: false });
    }

    fn continue_at(&mut self, next: u64) -> Result<bool> {
        let is_behind = next > self.active.end;
        if is_behind {
            self.roll(next)?;
        }
        Ok(is_behind)
    }

    fn sweep(&mut self, now: Timestamp, keep_consumed: SignedDuration) -> Result<usize> {
        let is_older = |first_ms: i64, than: SignedDuration| {
            i128::from(now.as_millisecond()) - i128::from(first_ms) >= than.as_millis()
        };
        let mut n_deleted = 0;
        while let Some(&first) = self.segments.first() {
            let Some(first_ms) = self.first_ms(first)? else { break };
            let end = self.segments.get(1).copied().unwrap_or(self.active.end);
            let is_consumed = self.consumed.load(Ordering::Relaxed) >= end;
            let keep = if is_consumed { keep_consumed.min(MOST_KEPT) } else { MOST_KEPT };
            if !is_older(first_ms, keep) {
                break;
            }
            if first == self.active.first {
                self.roll(self.active.end)?;
            }
            // Shown before it is deleted: a reader that comes too late finds that it is gone.
            self.segments.remove(0);
            self.show();
            self.folder.delete(first)?;
            n_deleted += 1;
        }
        Ok(n_deleted)
    }

    /// Returns the time of the first record of a segment; `None` if it has none.
    fn first_ms(&self, first: u64) -> Result<Option<i64>> {
        if first == self.active.first {
            return Ok(self.active.first_ms);
        }
        let (file, header) = self.folder.open(first, false)?;
        let mut record = [0; RECORD_BYTES];
        let path = self.folder.segment(first);
        let n = read_at(&file, &mut record, HEADER_BYTES as u64).map_err(EventLogError::file("read", &path))?;
        // An empty segment is as old as the one after it: it was left when the log went on later.
        if n == 0 && header.first == first {
            let next = self.segments.iter().copied().find(|next| *next > first);
            return next.map_or(Ok(None), |next| self.first_ms(next));
        }
        Ok(time_ms(&record[..n]))
    }
}

/// Takes the batches that wait, as many as are written at once; returns another job if one comes first.
fn gather(
    jobs: &mut mpsc::Receiver<Job>,
    group: &mut Vec<(Vec<Record>, Answer<Range<u64>>)>,
    mut n_bytes: usize,
) -> Option<Job> {
    while n_bytes < MAX_BATCH_BYTES {
        match jobs.try_recv().ok()? {
            Job::Append { records, n_bytes: more, answer } => {
                n_bytes += more;
                group.push((records, answer));
            }
            other => return Some(other),
        }
    }
    None
}

/// Answers. Gives the error back if it is one after which nothing may be written.
fn tell<T>(answer: Answer<T>, said: Result<T>) -> Result<()> {
    let fatal = said.as_ref().err().filter(|error| error.is_fatal()).cloned();
    // Whoever stopped waiting doesn't hear it.
    let _ = answer.send(said);
    fatal.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::{Log, Options};
    use bytes::Bytes;
    use std::sync::Mutex;
    use std::sync::mpsc as std_mpsc;

    /// A disk that does what the test says: each sync waits for a word and then does as told.
    struct Told {
        syncs: std_mpsc::Sender<()>,
        words: std_mpsc::Receiver<Word>,
        refuses: Arc<Mutex<usize>>,
    }

    #[derive(PartialEq, Eq)]
    enum Word {
        Sync,
        Fail,
    }

    impl Disk for Told {
        fn write(&mut self, file: &File, bytes: &[u8], at: u64) -> std::io::Result<()> {
            let mut refuses = self.refuses.lock().unwrap();
            if *refuses == 0 {
                return file.write_all_at(bytes, at);
            }
            *refuses -= 1;
            file.write_all_at(&bytes[..bytes.len() / 2], at)?;
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn sync(&mut self, file: &File) -> std::io::Result<()> {
            self.syncs.send(()).unwrap();
            match self.words.recv().unwrap() {
                Word::Sync => file.sync_data(),
                Word::Fail => Err(std::io::Error::other("the disk is broken")),
            }
        }
    }

    struct Bench {
        log: Log,
        syncs: std_mpsc::Receiver<()>,
        words: std_mpsc::Sender<Word>,
        refuses: Arc<Mutex<usize>>,
        folder: tempfile::TempDir,
    }

    fn options() -> Options {
        Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(1), segment_bytes: 1 << 20 }
    }

    fn bench() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let (begun, syncs) = std_mpsc::channel();
        let (words, told) = std_mpsc::channel();
        let refuses = Arc::new(Mutex::new(0));
        let disk = Told { syncs: begun, words: told, refuses: Arc::clone(&refuses) };
        let (log, _) = Log::open_on(folder.path(), options(), disk).unwrap();
        Bench { log, syncs, words, refuses, folder }
    }

    fn one() -> Vec<Record> {
        let value = Bytes::from_static(b"value");
        vec![Record { key: None, headers: Vec::new(), value, at: Timestamp::UNIX_EPOCH }]
    }

    fn append(log: &Log) -> tokio::task::JoinHandle<Result<Range<u64>>> {
        let log = log.clone();
        tokio::spawn(async move { log.append(one()).await })
    }

    /// Lets tasks run until so many batches wait for the writer.
    async fn wait_for(log: &Log, n_waiting: usize) {
        let jobs = log.inner.jobs.as_ref().unwrap();
        while jobs.max_capacity() - jobs.capacity() < n_waiting {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn nobody_is_told_before_the_sync_and_what_waits_meanwhile_shares_the_next_one() {
        let bench = bench();
        let first = append(&bench.log);
        wait_for_sync(&bench.syncs).await;
        assert!(!first.is_finished(), "not synced");
        assert_eq!(bench.log.end_offset(), 0, "and not shown");
        let others: Vec<_> = (0..50).map(|_| append(&bench.log)).collect();
        wait_for(&bench.log, 50).await;
        bench.words.send(Word::Sync).unwrap();
        assert_eq!(first.await.unwrap().unwrap(), 0..1);
        wait_for_sync(&bench.syncs).await;
        bench.words.send(Word::Sync).unwrap();
        for (n, other) in (1..).zip(others) {
            assert_eq!(other.await.unwrap().unwrap(), n..n + 1);
        }
        assert!(bench.syncs.try_recv().is_err(), "50 batches, one sync");
    }

    async fn wait_for_sync(syncs: &std_mpsc::Receiver<()>) {
        while syncs.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_sync_that_fails_stops_the_log_for_good() {
        let bench = bench();
        let first = append(&bench.log);
        wait_for_sync(&bench.syncs).await;
        let others: Vec<_> = (0..3).map(|_| append(&bench.log)).collect();
        wait_for(&bench.log, 3).await;
        bench.words.send(Word::Fail).unwrap();
        let failed = first.await.unwrap().unwrap_err();
        assert!(matches!(failed, EventLogError::SyncFailed { .. }) && failed.is_fatal(), "{failed:?}");
        for other in others {
            let stopped = other.await.unwrap().unwrap_err();
            assert!(matches!(stopped, EventLogError::Stopped) && stopped.is_fatal(), "{stopped:?}");
        }
        assert!(matches!(bench.log.append(one()).await, Err(EventLogError::Stopped)));
        assert!(bench.syncs.try_recv().is_err(), "it isn't tried again");
        let mut reader = bench.log.reader();
        let most = crate::Most { records: 1, bytes: 1 };
        reader.poll(most).await.unwrap();
        reader.seek(0).unwrap();
        assert!(matches!(reader.poll(most).await, Err(EventLogError::Stopped)));
        assert_eq!(bench.log.end_offset(), 0);
    }

    #[tokio::test]
    async fn a_write_that_fails_is_taken_back_and_the_next_one_takes_its_place() {
        let bench = bench();
        let Bench { log, words, refuses, folder, .. } = bench;
        words.send(Word::Sync).unwrap();
        assert_eq!(log.append(one()).await.unwrap(), 0..1);
        *refuses.lock().unwrap() = 1;
        let refused = log.append(one()).await.unwrap_err();
        assert!(matches!(refused, EventLogError::File { .. }) && !refused.is_fatal(), "{refused:?}");
        words.send(Word::Sync).unwrap();
        assert_eq!(log.append(one()).await.unwrap(), 1..2);
        drop(log);
        let checked = crate::embedded::check(folder.path()).unwrap();
        assert_eq!((checked.n_records, checked.tail, checked.faults.len()), (2, None, 0));
    }
}
