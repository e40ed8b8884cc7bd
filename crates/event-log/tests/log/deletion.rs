//! What is old is deleted: after 14 days at the latest, earlier what was stored.

use crate::kit::{open, options, record, segments};
use event_log::embedded::{Log, check};
use event_log::{EventLogError, Most, Polled, Record};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MANY: Most = Most { records: 1_000, bytes: 1 << 20 };

fn at(hour: i64) -> Timestamp {
    record(0, hour).at
}

fn batch(n: u64, hour: i64) -> Vec<Record> {
    (0..n).map(|value| record(value, hour)).collect()
}

/// Ten records every six hours, for so many days.
async fn filled(folder: &std::path::Path, n_days: i64) -> Log {
    let options = event_log::embedded::Options { segment_bytes: 1 << 20, ..options() };
    let (log, _) = Log::open(folder, options).unwrap();
    for quarter in 0..4 * n_days {
        log.append(batch(10, 6 * quarter)).await.unwrap();
    }
    log
}

#[tokio::test]
async fn a_segment_takes_records_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 3).await;
    let names: Vec<String> =
        segments(folder.path()).iter().map(|path| path.file_stem().unwrap().display().to_string()).collect();
    assert_eq!(names, ["00000000000000000000", "00000000000000000040", "00000000000000000080"]);
}

#[tokio::test]
async fn a_segment_is_closed_when_it_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    for _ in 0..40 {
        log.append(batch(3, 0)).await.unwrap();
    }
    let sizes: Vec<u64> = segments(folder.path()).iter().map(|path| path.metadata().unwrap().len()).collect();
    assert!(sizes.len() > 2 && sizes.iter().all(|size| *size <= 2_000), "{sizes:?}");
    log.append(batch(100, 0)).await.unwrap();
    assert_eq!(log.end_offset(), 220, "a batch that is larger than a segment has one of its own");
}

#[tokio::test]
async fn nothing_is_kept_for_more_than_14_days_consumed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 3).await;
    let ms = SignedDuration::from_millis(1);
    assert_eq!(log.sweep(at(14 * 24) - ms, DAY).await.unwrap(), 0);
    assert_eq!(log.sweep(at(14 * 24), DAY).await.unwrap(), 1);
    assert_eq!(log.first_offset(), 40);
    let mut reader = log.reader();
    reader.poll(MANY).await.unwrap();
    let gone = reader.seek(39).unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 39, first: 40, .. }));
    reader.seek(40).unwrap();
    assert_eq!(log.sweep(at(400 * 24), DAY).await.unwrap(), 2, "the last one too");
    assert_eq!((log.first_offset(), log.end_offset()), (120, 120));
    let gone = reader.poll(MANY).await.unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 40, first: 120, .. }), "{gone:?}");
    assert_eq!(log.append(batch(1, 10_000)).await.unwrap(), 120..121);
    drop(log);
    let (log, _) = open(folder.path());
    assert_eq!((log.first_offset(), log.end_offset()), (120, 121));
    assert_eq!(check(folder.path()).unwrap().faults.len(), 0);
}

#[tokio::test]
async fn a_reader_whose_records_were_deleted_is_told_of_the_gap() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 3).await;
    let mut reader = log.reader();
    reader.poll(MANY).await.unwrap();
    reader.seek(5).unwrap();
    log.sweep(at(15 * 24), DAY).await.unwrap();
    let gone = reader.poll(MANY).await.unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 5, first: 80, .. }), "{gone:?}");
}

/// It reads a file that has no name any more, comes to its end, and the next one is gone too.
#[tokio::test]
async fn a_reader_in_the_midst_of_a_deleted_segment_reads_it_and_is_told_of_the_gap_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 3).await;
    let mut reader = log.reader();
    reader.poll(MANY).await.unwrap();
    reader.seek(0).unwrap();
    let few = Most { records: 15, ..MANY };
    let first = |polled: Polled| match polled {
        Polled::Records { records, .. } => (records[0].offset, records.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(first(reader.poll(few).await.unwrap()), (0, 15));
    log.sweep(at(15 * 24), DAY).await.unwrap();
    assert_eq!(log.first_offset(), 80);
    assert_eq!(first(reader.poll(MANY).await.unwrap()), (15, 25));
    let gone = reader.poll(MANY).await.unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 40, first: 80, .. }), "{gone:?}");
}

#[tokio::test]
async fn what_is_stored_goes_as_soon_as_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 3).await;
    let mut reader = log.reader();
    assert_eq!(log.sweep(at(100), DAY).await.unwrap(), 0, "nobody stored anything");
    reader.commit(79);
    assert_eq!(log.sweep(at(100), DAY).await.unwrap(), 1, "the second isn't all stored");
    reader.commit(80);
    reader.commit(3);
    assert_eq!(log.consumed_until(), 80, "it never goes back");
    assert_eq!(log.sweep(at(47), DAY).await.unwrap(), 0, "the second isn't old");
    assert_eq!(log.sweep(at(48), DAY).await.unwrap(), 1);
    assert_eq!(log.first_offset(), 80);
}

#[tokio::test]
async fn an_empty_log_has_nothing_to_delete() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    log.reader().commit(0);
    assert_eq!(log.sweep(at(1_000_000), DAY).await.unwrap(), 0);
    log.continue_at(50).await.unwrap();
    log.append(batch(1, 0)).await.unwrap();
    assert_eq!(log.sweep(at(14 * 24), DAY).await.unwrap(), 2, "what was left empty goes with what follows it");
    assert_eq!(log.append(batch(1, 400)).await.unwrap(), 51..52);
}
