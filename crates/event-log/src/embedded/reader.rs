//! Reading beside the writer, up to what is synced.

use super::Shown;
use super::folder::{Folder, read_at};
use super::format::{Format, Found, HEADER_BYTES};
use crate::consumer::{Most, Polled};
use crate::record::Fetched;
use crate::{EventLogError, Result};
use bytes::Bytes;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use uuid::Uuid;

/// What is read from a file at once: at least, and at most unless a single record is longer.
const CHUNK_BYTES: std::ops::RangeInclusive<usize> = 4 * 1024..=1024 * 1024;

/// Bytes that a record is expected to take.
const EXPECTED_BYTES: usize = 128;

/// Reads records from where it is told to.
#[derive(Debug)]
pub struct Reader {
    folder: Folder,
    id: Uuid,
    shown: watch::Receiver<Shown>,
    consumed: Arc<AtomicU64>,
    is_assigned: bool,
    position: Option<Position>,
}

/// Where a reader stands.
#[derive(Clone, Debug)]
struct Position {
    /// The offset that it gives next.
    next: u64,
    /// The segment that it reads, once it has looked for it.
    open: Option<Open>,
}

/// A segment that is read.
#[derive(Clone, Debug)]
struct Open {
    file: Arc<File>,
    first: u64,
    /// Where in the file the next record begins.
    at: u64,
    /// Its offset.
    offset: u64,
}

impl Reader {
    pub(super) fn new(folder: Folder, id: Uuid, shown: watch::Receiver<Shown>, consumed: Arc<AtomicU64>) -> Self {
        Self { folder, id, shown, consumed, is_assigned: false, position: None }
    }

    /// As [`crate::Consumer::poll`].
    ///
    /// # Errors
    ///
    /// As there; [`EventLogError::Closed`] when all is read and the last handle of the log is gone;
    /// [`EventLogError::Stopped`] when a sync failed.
    pub async fn poll(&mut self, most: Most) -> Result<Polled> {
        if !self.is_assigned {
            self.is_assigned = true;
            return Ok(Polled::Assigned(vec![0]));
        }
        loop {
            let position = self.position.clone().ok_or(EventLogError::NoPosition(0))?;
            let next = position.next;
            let shown = self.shown.wait_for(|shown| shown.has_failed || shown.end > next).await;
            let shown = shown.map_err(|_| EventLogError::Closed)?.clone();
            if shown.has_failed {
                return Err(EventLogError::Stopped);
            }
            let (folder, format) = (self.folder.clone(), Format::of(self.id));
            let reading = Reading { folder, format, shown, most, records: Vec::new(), n_bytes: 0 };
            let reading = move || reading.read(position);
            // It fails only if the runtime ends.
            let read = tokio::task::spawn_blocking(reading).await.map_err(|_| EventLogError::Closed)?;
            let (position, records) = read?;
            self.position = Some(position);
            // None, if the log went on at a later offset and nothing has come yet.
            if !records.is_empty() {
                return Ok(Polled::Records { partition: 0, records });
            }
        }
    }

    /// As [`crate::Consumer::seek`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn seek(&mut self, offset: u64) -> Result<()> {
        let (first, end) = {
            let shown = self.shown.borrow();
            (shown.segments[0], shown.end)
        };
        if offset < first {
            return Err(EventLogError::Gone { partition: 0, wanted: offset, first });
        }
        if offset > end {
            return Err(EventLogError::PastEnd { wanted: offset, end });
        }
        self.position = Some(Position { next: offset, open: None });
        Ok(())
    }

    /// As [`crate::Consumer::commit`].
    pub fn commit(&mut self, next: u64) {
        self.consumed.fetch_max(next, Ordering::Relaxed);
    }
}

/// One reading.
struct Reading {
    folder: Folder,
    format: Format,
    shown: Shown,
    most: Most,
    records: Vec<Fetched>,
    n_bytes: usize,
}

/// Why a reading stopped in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// What was read of the file at once is used up.
    Chunk,
    /// The segment ends here.
    End,
    /// There is nothing more to read, or it is as much as was asked for.
    Enough,
}

impl Reading {
    /// Reads from a position; returns where the next reading begins.
    fn read(mut self, mut position: Position) -> Result<(Position, Vec<Fetched>)> {
        let read = self.read_on(&mut position);
        match read {
            // What was read before is given first; the next reading fails by itself.
            Err(error) if self.records.is_empty() => Err(error),
            _ => Ok((position, self.records)),
        }
    }

    /// Reads on until it is enough; moves the position behind what was read.
    fn read_on(&mut self, position: &mut Position) -> Result<()> {
        let mut stop = Stop::Chunk;
        while stop != Stop::Enough {
            let mut open = match position.open.take() {
                Some(open) => open,
                None => self.open(position.next)?,
            };
            let took = self.take(&mut open, position.next);
            position.next = open.offset.max(position.next);
            stop = match took {
                Ok(Stop::End) => {
                    *position = self.after(&open, position.next)?;
                    if position.next < self.shown.end { Stop::Chunk } else { Stop::Enough }
                }
                took => {
                    position.open = Some(open);
                    took?
                }
            };
        }
        Ok(())
    }

    /// Opens the segment that holds an offset.
    fn open(&self, offset: u64) -> Result<Open> {
        let at = self.shown.segments.partition_point(|first| *first <= offset);
        let first = self.shown.segments[0];
        let holds = at.checked_sub(1).and_then(|at| self.shown.segments.get(at));
        let segment = *holds.ok_or(EventLogError::Gone { partition: 0, wanted: offset, first })?;
        match self.folder.open(segment, false) {
            Ok((file, _)) => {
                Ok(Open { file: Arc::new(file), first: segment, at: HEADER_BYTES as u64, offset: segment })
            }
            // It was deleted meanwhile; the next one is the first, or one after it.
            Err(EventLogError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let first = self.shown.segments.get(at).copied().unwrap_or(self.shown.end);
                Err(EventLogError::Gone { partition: 0, wanted: offset, first })
            }
            Err(error) => Err(error),
        }
    }

    /// Takes records of a segment, those from `wanted` on.
    fn take(&mut self, open: &mut Open, wanted: u64) -> Result<Stop> {
        let bytes = self.chunk(open, wanted)?;
        if bytes.is_empty() {
            return Ok(Stop::End);
        }
        let begin = open.at;
        while open.offset < self.shown.end {
            let rest = bytes.slice((open.at - begin) as usize..);
            let n = match self.format.find(&rest) {
                Found::Record { n_bytes, offset, .. } if offset == open.offset => n_bytes,
                Found::Record { .. } => return Err(self.corrupt(open, "another offset than the next one")),
                Found::Short(_) if open.at > begin => return Ok(Stop::Chunk),
                Found::Short(_) => return Err(self.corrupt(open, "it ends too early")),
                Found::Bad(what) => return Err(self.corrupt(open, what)),
            };
            if open.offset >= wanted {
                let is_first = self.records.is_empty();
                if !is_first && (self.records.len() >= self.most.records || self.n_bytes + n > self.most.bytes) {
                    return Ok(Stop::Enough);
                }
                let record = Format::open(&rest.slice(..n));
                self.records.push(record.ok_or_else(|| self.corrupt(open, "its fields can't be read"))?);
                self.n_bytes += n;
            }
            open.at += n as u64;
            open.offset += 1;
        }
        Ok(Stop::Enough)
    }

    /// Reads some of a segment: about as much as is still asked for, and one record at least.
    fn chunk(&self, open: &Open, wanted: u64) -> Result<Bytes> {
        let expected = self.most.records.saturating_sub(self.records.len()).saturating_mul(EXPECTED_BYTES);
        let asked_for = expected.min(self.most.bytes.saturating_sub(self.n_bytes));
        // Whoever begins in the midst of a segment reads all before it.
        let n = if open.offset < wanted { *CHUNK_BYTES.end() } else { asked_for };
        let n = n.clamp(*CHUNK_BYTES.start(), *CHUNK_BYTES.end());
        let bytes = self.bytes(open, n)?;
        match self.format.find(&bytes) {
            Found::Short(needed) if needed > n => self.bytes(open, needed),
            _ => Ok(bytes),
        }
    }

    fn bytes(&self, open: &Open, n: usize) -> Result<Bytes> {
        let mut bytes = vec![0; n];
        let path = self.folder.segment(open.first);
        let n = read_at(&open.file, &mut bytes, open.at).map_err(EventLogError::file("read", &path))?;
        bytes.truncate(n);
        Ok(Bytes::from(bytes))
    }

    /// Returns where reading goes on after the end of a segment.
    fn after(&self, open: &Open, next: u64) -> Result<Position> {
        let Some(&first) = self.shown.segments.iter().find(|first| **first > open.first) else {
            return Err(self.corrupt(open, "it ends before what was synced"));
        };
        // The log may have gone on at a later offset; or what came between was deleted while this segment was read.
        if first > next && self.folder.open(first, false)?.1.before_first != open.first {
            return Err(EventLogError::Gone { partition: 0, wanted: next, first });
        }
        Ok(Position { next: first.max(next), open: None })
    }

    fn corrupt(&self, open: &Open, what: &'static str) -> EventLogError {
        EventLogError::Corrupt { segment: self.folder.segment(open.first), at: open.at, offset: open.offset, what }
    }
}
