//! The end of the last segment: cut where it was torn, refused where it was damaged.

use crate::kit::{fill, open, options, segments, value};
use event_log::EventLogError;
use event_log::embedded::{Cut, Log, check};
use event_log::{EventLog, Most, Polled};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A log of one segment, closed.
async fn closed(batches: &[u64]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (log, opened) = Log::open(folder.path(), large()).unwrap();
    assert!(opened.is_new);
    fill(&log, batches).await;
    folder
}

fn large() -> event_log::embedded::Options {
    event_log::embedded::Options { segment_bytes: 1 << 20, ..options() }
}

fn last(folder: &Path) -> PathBuf {
    segments(folder).pop().unwrap()
}

/// The file as it would be had nobody noted what was acknowledged: as after a loss of power during the sync.
fn forget_the_mark(folder: &Path) {
    std::fs::remove_file(folder.join("synced")).unwrap();
}

fn damage(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

/// All values of an embedded log.
async fn values(log: &Log) -> Vec<u64> {
    let end = log.end_offset();
    let mut consumer = EventLog::Embedded(log.clone()).consumer();
    consumer.poll(Most { records: 1, bytes: 1 }).await.unwrap();
    consumer.seek(0, log.first_offset()).await.unwrap();
    let mut found = Vec::new();
    while (found.len() as u64) < end - log.first_offset() {
        match consumer.poll(Most { records: 10_000, bytes: 1 << 20 }).await.unwrap() {
            Polled::Records { records, .. } => found.extend(records.iter().map(value)),
            other => panic!("{other:?}"),
        }
    }
    found
}

/// The bytes of a record in these logs.
const RECORD_BYTES: u64 = 31 + 11 + 3 + 8;

#[tokio::test]
async fn a_batch_torn_at_any_byte_is_cut_at_its_last_whole_record_and_the_log_goes_on() {
    let folder = closed(&[3, 4]).await;
    let whole = std::fs::read(last(folder.path())).unwrap();
    let begin = 56 + 3 * RECORD_BYTES;
    assert_eq!(whole.len() as u64, begin + 4 * RECORD_BYTES);
    for n_bytes in begin..whole.len() as u64 {
        std::fs::write(last(folder.path()), &whole[..n_bytes as usize]).unwrap();
        let n_whole = (n_bytes - 56) / RECORD_BYTES;
        let (log, opened) = Log::open(folder.path(), large()).unwrap();
        let torn = (n_bytes - 56) % RECORD_BYTES;
        assert_eq!((log.end_offset(), opened.cut.map_or(0, |cut| cut.n_bytes)), (n_whole, torn), "{n_bytes} bytes");
        fill(&log, &[2]).await;
        assert_eq!(values(&log).await, (0..n_whole + 2).collect::<Vec<_>>());
        drop(log);
        assert_eq!(check(folder.path()).unwrap().faults.len(), 0);
    }
}

#[tokio::test]
async fn what_was_acknowledged_and_is_cut_is_counted_once() {
    let folder = closed(&[3, 4]).await;
    let file = OpenOptions::new().write(true).open(last(folder.path())).unwrap();
    file.set_len(56 + 5 * RECORD_BYTES - 1).unwrap();
    let cut = Cut { from: 4, n_bytes: RECORD_BYTES - 1, n_acknowledged: 3 };
    assert_eq!(check(folder.path()).unwrap().tail, Some(cut), "looking changes nothing");
    assert_eq!(Log::open(folder.path(), large()).unwrap().1.cut, Some(cut));
    assert_eq!(Log::open(folder.path(), large()).unwrap().1.cut, None);
    file.set_len(56 + 2 * RECORD_BYTES).unwrap();
    let cut = Cut { from: 2, n_bytes: 0, n_acknowledged: 2 };
    assert_eq!(Log::open(folder.path(), large()).unwrap().1.cut, Some(cut), "also where whole records are gone");
}

#[tokio::test]
async fn garbage_and_zeros_after_the_last_record_are_cut() {
    for garbage in
        [vec![0; 5_000], vec![0xff; 40], (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()]
    {
        let folder = closed(&[3]).await;
        let path = last(folder.path());
        let bytes = [std::fs::read(&path).unwrap(), garbage.clone()].concat();
        std::fs::write(&path, bytes).unwrap();
        let (log, opened) = Log::open(folder.path(), large()).unwrap();
        assert_eq!(opened.cut, Some(Cut { from: 3, n_bytes: garbage.len() as u64, n_acknowledged: 0 }));
        assert_eq!(values(&log).await, [0, 1, 2]);
    }
}

/// Opening is refused at this record, and nothing is changed.
fn check_refused(folder: &Path, offset: u64) {
    let before = std::fs::read(last(folder)).unwrap();
    let refused = Log::open(folder, large()).unwrap_err();
    let expected = 56 + offset * RECORD_BYTES;
    assert!(
        matches!(&refused, EventLogError::Corrupt { at, offset: o, .. } if *at == expected && *o == offset),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(last(folder)).unwrap(), before);
    let faults = check(folder).unwrap().faults;
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [refused.to_string()], "and told");
}

#[tokio::test]
async fn a_damaged_record_with_a_later_batch_behind_it_is_refused() {
    for at in [0, 5, 9, 20, 25, 40, RECORD_BYTES - 1] {
        let folder = closed(&[3, 4, 1]).await;
        damage(&last(folder.path()), 56 + 4 * RECORD_BYTES + at);
        check_refused(folder.path(), 4);
        forget_the_mark(folder.path());
        check_refused(folder.path(), 4);
    }
}

#[tokio::test]
async fn a_record_that_is_missing_from_the_midst_is_refused() {
    let folder = closed(&[3, 4, 1]).await;
    let mut bytes = std::fs::read(last(folder.path())).unwrap();
    let from = 56 + 2 * RECORD_BYTES as usize;
    bytes.drain(from..from + RECORD_BYTES as usize);
    std::fs::write(last(folder.path()), bytes).unwrap();
    check_refused(folder.path(), 2);
}

#[tokio::test]
async fn damage_in_the_midst_of_the_last_batch_is_refused_if_that_was_acknowledged() {
    let folder = closed(&[3, 4]).await;
    damage(&last(folder.path()), 56 + 4 * RECORD_BYTES + 40);
    check_refused(folder.path(), 4);
}

/// A loss of power keeps any pages of what was being written: also the end of a batch without its midst.
#[tokio::test]
async fn the_midst_of_a_batch_that_nobody_was_told_of_may_be_missing() {
    let folder = closed(&[3, 4]).await;
    damage(&last(folder.path()), 56 + 4 * RECORD_BYTES + 40);
    forget_the_mark(folder.path());
    let (log, opened) = Log::open(folder.path(), large()).unwrap();
    assert_eq!(opened.cut, Some(Cut { from: 4, n_bytes: 3 * RECORD_BYTES, n_acknowledged: 0 }));
    assert_eq!(values(&log).await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn damage_in_an_earlier_segment_is_found_when_it_is_read_and_by_whoever_checks() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    fill(&log, &[30; 10]).await;
    drop(log);
    let first = segments(folder.path()).remove(0);
    damage(&first, 56 + 10 * RECORD_BYTES + 45);
    let (log, opened) = open(folder.path());
    assert_eq!(opened.cut, None, "open reads the last segment only");
    let mut reader = log.reader();
    let most = Most { records: 1_000, bytes: 1 << 20 };
    reader.poll(most).await.unwrap();
    reader.seek(0).unwrap();
    let before = reader.poll(most).await.unwrap();
    assert!(
        matches!(before, Polled::Records { records, .. } if records.len() == 10),
        "what is right before it comes first"
    );
    let refused = reader.poll(most).await.unwrap_err();
    assert!(matches!(&refused, EventLogError::Corrupt { offset: 10, .. }), "{refused:?}");
    let checked = check(folder.path()).unwrap();
    assert_eq!(checked.faults.iter().map(ToString::to_string).collect::<Vec<_>>()[0], refused.to_string());
    reader.seek(11).unwrap_or_else(|error| panic!("{error}"));
    assert!(reader.poll(most).await.is_err(), "what lies behind it in its segment can't be told apart from it");
}

#[tokio::test]
async fn a_segment_that_was_being_made_is_made_anew() {
    let folder = closed(&[3]).await;
    let unfinished = folder.path().join("00000000000000000003.new");
    File::create(&unfinished).unwrap().write_all_at(b"epit", 0).unwrap();
    let (log, _) = Log::open(folder.path(), large()).unwrap();
    assert!(!unfinished.exists());
    assert_eq!(values(&log).await, [0, 1, 2]);
}

#[tokio::test]
async fn a_file_that_is_no_segment_or_of_another_log_is_refused() {
    let folder = closed(&[3]).await;
    std::fs::write(
        folder.path().join("00000000000000000003.log"),
        b"something else, and long enough to be a header of it",
    )
    .unwrap();
    let refused = Log::open(folder.path(), large()).unwrap_err();
    assert!(matches!(refused, EventLogError::Foreign { .. }), "{refused:?}");
    let other = tempfile::tempdir().unwrap();
    let (log, _) =
        Log::open(other.path(), event_log::embedded::Options { fresh_id: uuid::Uuid::from_u128(9), ..options() })
            .unwrap();
    fill(&log, &[100]).await;
    fill(&log, &[1]).await;
    let theirs = segments(other.path()).pop().unwrap();
    std::fs::remove_file(folder.path().join("00000000000000000003.log")).unwrap();
    std::fs::copy(&theirs, folder.path().join(theirs.file_name().unwrap())).unwrap();
    let refused = Log::open(folder.path(), large()).unwrap_err();
    assert!(refused.to_string().ends_with("it belongs to another log"), "{refused}");
}

#[tokio::test]
async fn one_process_has_a_log() {
    let folder = closed(&[1]).await;
    let (log, _) = Log::open(folder.path(), large()).unwrap();
    assert!(matches!(Log::open(folder.path(), large()), Err(EventLogError::InUse { .. })));
    let reader = log.reader();
    drop(log);
    assert!(Log::open(folder.path(), large()).is_ok(), "a reader doesn't hold it");
    drop(reader);
}
