//! Reading a segment from its beginning to where it ends, or to where it is no longer as it was written.
//!
//! What ends early was torn while it was written: nobody was told that it is there, so the tail is cut. What is wrong and
//! has right records behind it was once whole: then cutting would lose what was acknowledged, and a person must look.
//!
//! One case lies between. A batch is written at once and synced once, and when the power fails meanwhile, the disk may keep
//! its end and lose its midst. So right records of the *same* batch prove nothing by themselves: the mark does, which says
//! that the batch had been synced. Right records of a *later* batch always prove it, because a batch is written only when
//! the one before is on the disk.

use super::format::{Format, Found, HEADER_BYTES, RECORD_BYTES, time_ms};

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// The offset after its last right record; what isn't right should begin with it.
    pub end: u64,
    /// Where in the file that is.
    pub n_bytes: usize,
    /// Right records.
    pub n_records: u64,
    /// Time of the first one, milliseconds since 1970.
    pub first_ms: Option<i64>,
    /// What is wrong with what comes next, if anything comes next.
    pub bad: Option<&'static str>,
}

/// Reads a segment, all of whose bytes are given, from its first record on.
pub(super) fn scan(format: Format, segment: &[u8], first: u64) -> Scan {
    let mut scan = Scan { end: first, n_bytes: HEADER_BYTES, n_records: 0, first_ms: None, bad: None };
    while scan.bad.is_none() && scan.n_bytes < segment.len() {
        let rest = &segment[scan.n_bytes..];
        match format.find(rest) {
            Found::Record { n_bytes, offset, .. } if offset == scan.end => {
                scan.first_ms = scan.first_ms.or(time_ms(rest));
                scan.n_bytes += n_bytes;
                scan.n_records += 1;
                scan.end += 1;
            }
            Found::Record { .. } => scan.bad = Some("another offset than the next one"),
            Found::Short(_) => scan.bad = Some("it ends too early"),
            Found::Bad(what) => scan.bad = Some(what),
        }
    }
    scan
}

/// Whether what isn't right in a segment was whole once, because it was synced up to `synced_until`, or because of what
/// follows.
pub(super) fn was_whole(format: Format, segment: &[u8], scan: &Scan, synced_until: u64) -> bool {
    let rest = segment.get(scan.n_bytes..).unwrap_or_default();
    // More records than this don't fit; an offset outside is no record's, and needs no checksum.
    let offsets = scan.end..=scan.end + (rest.len() / RECORD_BYTES) as u64;
    (0..rest.len().saturating_sub(RECORD_BYTES - 1)).any(|at| {
        let Some(offset) = rest[at + 8..].first_chunk().map(|bytes| u64::from_le_bytes(*bytes)) else { return false };
        if !offsets.contains(&offset) {
            return false;
        }
        let Found::Record { offset, in_batch, .. } = format.find(&rest[at..]) else { return false };
        let batch = offset.saturating_sub(u64::from(in_batch));
        batch > scan.end || synced_until > scan.end
    })
}
