//! Reading all of a log, for whoever wants to know whether it is whole.

use super::folder::Folder;
use super::format::{Format, SegmentHeader};
use super::{Cut, scan, tail};
use crate::{EventLogError, Result};
use std::path::Path;
use uuid::Uuid;

/// What was found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The id of the log; `None` if there is no segment.
    pub id: Option<Uuid>,
    /// Segments.
    pub n_segments: usize,
    /// Records that are as they were written.
    pub n_records: u64,
    /// Bytes of all segments.
    pub n_bytes: u64,
    /// The first offset.
    pub first: u64,
    /// The offset that comes next.
    pub end: u64,
    /// What is torn at the end. Beside a process that writes it is what is being written; else it is cut at the next open.
    pub tail: Option<Cut>,
    /// What is damaged or missing, in the order of offsets.
    pub faults: Vec<EventLogError>,
}

/// Reads every record of the log in a folder. Changes nothing, and may run beside the process that has the log.
///
/// # Errors
///
/// [`EventLogError::File`] if the folder or a file can't be read. What is wrong with the log isn't an error of this, but a
/// fault in what it returns.
pub fn check(path: &Path) -> Result<Checked> {
    let folder = Folder(path.to_owned());
    let segments = folder.list()?;
    let mut checked = Checked {
        id: None,
        n_segments: 0,
        n_records: 0,
        n_bytes: 0,
        first: segments.first().copied().unwrap_or_default(),
        end: 0,
        tail: None,
        faults: Vec::new(),
    };
    let mut before: Option<SegmentHeader> = None;
    for first in &segments {
        let header = match folder.open(*first, false) {
            Ok((_, header)) => header,
            Err(error) if is_missing(&error) => continue,
            Err(error @ EventLogError::Foreign { .. }) => {
                checked.faults.push(error);
                before = None;
                continue;
            }
            Err(error) => return Err(error),
        };
        let ends_elsewhere = before.is_some() && header.before_end != checked.end;
        match follows(&folder, before.as_ref(), &header) {
            Err(error) => checked.faults.push(error),
            Ok(()) if ends_elsewhere => {
                checked.faults.push(foreign(&folder, &header, "the segment before it ends elsewhere"));
            }
            Ok(()) => {}
        }
        before = Some(header);
        read(&folder, &header, segments.last() == Some(first), &mut checked)?;
    }
    Ok(checked)
}

/// Reads a segment into what was found.
fn read(folder: &Folder, header: &SegmentHeader, is_last: bool, checked: &mut Checked) -> Result<()> {
    let path = folder.segment(header.first);
    // Before the records: whoever writes meanwhile may sync more than is read here, and that isn't missing.
    let synced_until = folder.synced_until(header.log);
    let bytes = match std::fs::read(&path).map_err(EventLogError::file("read", &path)) {
        // Deleted meanwhile, because it was old.
        Err(error) if is_missing(&error) => return Ok(()),
        read => read?,
    };
    let format = Format::of(header.log);
    let scan = scan::scan(format, &bytes, header.first);
    checked.id = checked.id.or(Some(header.log));
    checked.n_segments += 1;
    checked.n_records += scan.n_records;
    checked.n_bytes += bytes.len() as u64;
    checked.end = scan.end;
    match scan.bad {
        Some(what) if !is_last => {
            let (segment, at, offset) = (path, scan.n_bytes as u64, scan.end);
            checked.faults.push(EventLogError::Corrupt { segment, at, offset, what });
        }
        _ if !is_last => {}
        _ => match tail(folder, format, &bytes, &scan, (header.first, synced_until)) {
            Ok(tail) => checked.tail = tail,
            Err(error) => checked.faults.push(error),
        },
    }
    Ok(())
}

/// Sees that a segment is the next one after the one before.
pub(super) fn follows(folder: &Folder, before: Option<&SegmentHeader>, header: &SegmentHeader) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    if header.log != before.log {
        return Err(foreign(folder, header, "it belongs to another log"));
    }
    if header.before_first != before.first {
        return Err(foreign(folder, header, "the segment before it is missing"));
    }
    Ok(())
}

fn foreign(folder: &Folder, header: &SegmentHeader, what: &'static str) -> EventLogError {
    EventLogError::Foreign { path: folder.segment(header.first), what }
}

fn is_missing(error: &EventLogError) -> bool {
    matches!(error, EventLogError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
}
