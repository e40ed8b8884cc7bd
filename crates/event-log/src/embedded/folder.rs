//! The folder of a log: its lock, its segments in order, and the mark of what was acknowledged.

use super::format::{HEADER_BYTES, SegmentHeader};
use crate::{EventLogError, Result};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const SUFFIX: &str = ".log";
const UNFINISHED: &str = ".new";

/// The folder of a log.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub PathBuf);

impl Folder {
    /// Makes it where there is none: its owner's alone.
    pub fn make(&self) -> Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.0).map_err(EventLogError::file("make the folder", &self.0))
    }

    /// Takes it for this process, until the file is closed, however the process ends.
    pub fn lock(&self) -> Result<File> {
        let path = self.0.join("lock");
        let file = open(&path, true)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(EventLogError::InUse { path: self.0.clone() }),
            Err(std::fs::TryLockError::Error(error)) => Err(EventLogError::file("lock", &path)(error)),
        }
    }

    /// Returns where a segment lies: its first offset in 20 digits, so that names sort like offsets.
    pub fn segment(&self, first: u64) -> PathBuf {
        self.0.join(format!("{first:020}{SUFFIX}"))
    }

    /// Lists the first offsets of all segments, the earliest first. Whatever was begun and not finished is left out.
    pub fn list(&self) -> Result<Vec<u64>> {
        let failed = || EventLogError::file("list", &self.0);
        let mut firsts = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            let first = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            firsts.extend(first.and_then(|first| first.parse::<u64>().ok()));
        }
        firsts.sort_unstable();
        Ok(firsts)
    }

    /// Removes what was begun and not finished when a process ended.
    pub fn tidy(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.0).map_err(EventLogError::file("list", &self.0))? {
            let path = entry.map_err(EventLogError::file("list", &self.0))?.path();
            if path.to_string_lossy().ends_with(UNFINISHED) {
                std::fs::remove_file(&path).map_err(EventLogError::file("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Makes a segment. It has its name only when its header is on the disk, so a segment always has one.
    pub fn create(&self, header: &SegmentHeader) -> Result<File> {
        let path = self.segment(header.first);
        let unfinished = path.with_extension(&UNFINISHED[1..]);
        let mut file = open(&unfinished, true)?;
        let mut write = || {
            file.set_len(0)?;
            file.write_all(&header.write())
        };
        write().map_err(EventLogError::file("write", &unfinished))?;
        file.sync_all().map_err(EventLogError::sync(&unfinished))?;
        std::fs::rename(&unfinished, &path).map_err(EventLogError::file("name", &path))?;
        self.sync()?;
        Ok(file)
    }

    /// Opens a segment and reads its header.
    pub fn open(&self, first: u64, to_write: bool) -> Result<(File, SegmentHeader)> {
        let path = self.segment(first);
        let file = open(&path, to_write)?;
        let mut bytes = [0; HEADER_BYTES];
        let n = read_at(&file, &mut bytes, 0).map_err(EventLogError::file("read", &path))?;
        let header = SegmentHeader::read(&bytes[..n])
            .and_then(|header| if header.first == first { Ok(header) } else { Err("its name is another offset's") });
        Ok((file, header.map_err(|what| EventLogError::Foreign { path, what })?))
    }

    /// Deletes a segment.
    pub fn delete(&self, first: u64) -> Result<()> {
        let path = self.segment(first);
        std::fs::remove_file(&path).map_err(EventLogError::file("remove", &path))?;
        self.sync()
    }

    /// Syncs the names in it.
    fn sync(&self) -> Result<()> {
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(EventLogError::sync(&self.0))
    }
}

/// Where it is noted up to which offset the log was synced.
///
/// The mark itself isn't synced: after a loss of power it may say less than was, never more. It is needed only where the
/// last batch is damaged in its midst: the mark then tells whether it had been acknowledged.
#[derive(Debug)]
pub(super) struct Mark(File);

const MARK_BYTES: usize = 28;

impl Mark {
    /// Opens the mark of a folder, to write it.
    pub fn open(folder: &Folder) -> Result<Self> {
        open(&folder.mark(), true).map(Self)
    }

    /// Notes that all before `end` is synced. Best effort: what it tells of is on the disk already.
    pub fn note(&self, log: Uuid, end: u64) {
        let mut bytes = [0; MARK_BYTES];
        bytes[..16].copy_from_slice(log.as_bytes());
        bytes[16..24].copy_from_slice(&end.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..24]);
        bytes[24..].copy_from_slice(&crc.to_le_bytes());
        let _ = self.0.write_all_at(&bytes, 0);
    }
}

impl Folder {
    /// Returns up to which offset a log is known to have been synced; 0 if nothing says so.
    pub fn synced_until(&self, log: Uuid) -> u64 {
        let mut bytes = [0; MARK_BYTES];
        let n = open(&self.mark(), false).ok().and_then(|file| read_at(&file, &mut bytes, 0).ok());
        let (said, crc) = bytes.split_at(24);
        let holds = n == Some(MARK_BYTES) && crc32c::crc32c(said).to_le_bytes() == crc && said[..16] == *log.as_bytes();
        let end = said[16..].try_into().map_or(0, u64::from_le_bytes);
        if holds { end } else { 0 }
    }

    fn mark(&self) -> PathBuf {
        self.0.join("synced")
    }
}

/// Opens a file to read it; to write it too, made where there is none.
fn open(path: &Path, to_write: bool) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(to_write).create(to_write).truncate(false);
    options.open(path).map_err(EventLogError::file("open", path))
}

/// Reads as much as there is, at most the buffer full.
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read_at(&mut buffer[n..], at + n as u64) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}
