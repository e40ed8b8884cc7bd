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
    /// As there, and [`EventLogError::Stopped`] when all is read and the log is closed.
    pub async fn poll(&mut self, most: Most) -> Result<Polled> {
        if !self.is_assigned {
            self.is_assigned = true;
            return Ok(Polled::Assigned(vec![0]));
        }
        loop {
            let position = self.position.clone().ok_or(EventLogError::NoPosition(0))?;
            let next = position.next;
            // What is shown is taken only when something is there to read, so that nothing that comes between is missed.
            let shown = self.shown.wait_for(|shown| shown.end > next).await;
            let shown = shown.map_err(|_| EventLogError::Stopped)?.clone();
            let (folder, format) = (self.folder.clone(), Format::of(self.id));
            let reading = move || Reading { folder, format, shown, most }.read(position);
            let read = tokio::task::spawn_blocking(reading).await.map_err(|_| EventLogError::Stopped)?;
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
            return Err(EventLogError::Gone { wanted: offset, first });
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
}

impl Reading {
    /// Reads from a position; returns where the next reading begins.
    fn read(self, mut position: Position) -> Result<(Position, Vec<Fetched>)> {
        let mut records = Vec::new();
        let mut n_bytes = 0;
        while position.next < self.shown.end && records.len() < self.most.records.max(1) && n_bytes < self.most.bytes {
            let mut open = match position.open.take() {
                Some(open) if open.offset <= position.next => open,
                _ => self.open(position.next)?,
            };
            let before = open.at;
            let is_end = self.take(&mut open, position.next, &mut records, n_bytes)?;
            n_bytes += (open.at - before) as usize;
            position.next = open.offset.max(position.next);
            position.open = Some(open);
            if is_end {
                position = self.after(position)?;
            }
        }
        Ok((position, records))
    }

    /// Opens the segment that holds an offset.
    fn open(&self, offset: u64) -> Result<Open> {
        let at = self.shown.segments.partition_point(|first| *first <= offset);
        let first = self.shown.segments[0];
        let holds = at.checked_sub(1).and_then(|at| self.shown.segments.get(at));
        let segment = *holds.ok_or(EventLogError::Gone { wanted: offset, first })?;
        match self.folder.open(segment, false) {
            Ok((file, _)) => {
                Ok(Open { file: Arc::new(file), first: segment, at: HEADER_BYTES as u64, offset: segment })
            }
            // It was deleted meanwhile; the next one is the first, or one after it.
            Err(EventLogError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let first = self.shown.segments.get(at).copied().unwrap_or(self.shown.end);
                Err(EventLogError::Gone { wanted: offset, first })
            }
            Err(error) => Err(error),
        }
    }

    /// Takes records of a segment, those from `wanted` on; says whether its end is reached.
    fn take(&self, open: &mut Open, wanted: u64, records: &mut Vec<Fetched>, n_bytes: usize) -> Result<bool> {
        let skipped = wanted - open.offset;
        let expected = (self.most.records - records.len()).saturating_mul(EXPECTED_BYTES);
        let chunk = expected.min(self.most.bytes - n_bytes);
        // Whoever begins in the midst of a segment reads all before it.
        let chunk =
            if skipped > 0 { *CHUNK_BYTES.end() } else { chunk.clamp(*CHUNK_BYTES.start(), *CHUNK_BYTES.end()) };
        let mut bytes = self.bytes(open, chunk)?;
        if let Found::Short(needed) = self.format.find(&bytes)
            && needed > chunk
        {
            bytes = self.bytes(open, needed)?;
        }
        if bytes.is_empty() {
            return Ok(true);
        }
        let begin = open.at;
        let most_at = begin + (self.most.bytes - n_bytes) as u64;
        while open.offset < self.shown.end && records.len() < self.most.records.max(1) {
            let rest = bytes.slice((open.at - begin) as usize..);
            let n = match self.format.find(&rest) {
                Found::Record { n_bytes, offset, .. } if offset == open.offset => n_bytes,
                Found::Record { .. } => return Err(self.corrupt(open, "another offset than the next one")),
                Found::Short(_) if open.at > begin => break,
                Found::Short(_) => return Err(self.corrupt(open, "it ends too early")),
                Found::Bad(what) => return Err(self.corrupt(open, what)),
            };
            if open.offset >= wanted {
                if !records.is_empty() && open.at + n as u64 > most_at {
                    break;
                }
                let record = Format::open(&rest.slice(..n));
                records.push(record.ok_or_else(|| self.corrupt(open, "its fields can't be read"))?);
            }
            open.at += n as u64;
            open.offset += 1;
        }
        Ok(false)
    }

    fn bytes(&self, open: &Open, n: usize) -> Result<Bytes> {
        let mut bytes = vec![0; n];
        let path = self.folder.segment(open.first);
        let n = read_at(&open.file, &mut bytes, open.at).map_err(EventLogError::file("read", &path))?;
        bytes.truncate(n);
        Ok(Bytes::from(bytes))
    }

    /// Goes on in the segment after the one whose end was reached.
    fn after(&self, position: Position) -> Result<Position> {
        let Some(open) = position.open else { return Ok(position) };
        match self.shown.segments.iter().find(|first| **first > open.first) {
            Some(next) => Ok(Position { next: (*next).max(position.next), open: None }),
            None => Err(self.corrupt(&open, "it ends before what was synced")),
        }
    }

    fn corrupt(&self, open: &Open, what: &'static str) -> EventLogError {
        EventLogError::Corrupt { segment: self.folder.segment(open.first), at: open.at, offset: open.offset, what }
    }
}
