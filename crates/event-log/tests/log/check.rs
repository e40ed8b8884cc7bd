//! What is told of a log to whoever looks.

use crate::kit::{fill, open, segments};
use event_log::EventLogError;
use event_log::embedded::check;
use uuid::Uuid;

#[tokio::test]
async fn a_whole_log_is_told_with_its_numbers_also_beside_who_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    fill(&log, &[20; 9]).await;
    let checked = check(folder.path()).unwrap();
    assert_eq!((checked.id, checked.first, checked.end, checked.n_records), (Some(Uuid::from_u128(42)), 0, 180, 180));
    let n_bytes: u64 = segments(folder.path()).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!((checked.n_segments, checked.n_bytes), (segments(folder.path()).len(), n_bytes));
    assert_eq!((checked.tail, checked.faults.len()), (None, 0));
}

#[tokio::test]
async fn a_missing_segment_is_told_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    fill(&log, &[20; 9]).await;
    drop(log);
    let all = segments(folder.path());
    std::fs::remove_file(&all[1]).unwrap();
    let refused = event_log::embedded::Log::open(folder.path(), crate::kit::options()).unwrap_err();
    assert!(matches!(&refused, EventLogError::Foreign { path, .. } if *path == all[2]), "{refused:?}");
    let faults = check(folder.path()).unwrap().faults;
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [refused.to_string()]);
}

#[tokio::test]
async fn a_segment_that_ends_elsewhere_than_the_next_one_says_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    fill(&log, &[20; 9]).await;
    drop(log);
    let first = segments(folder.path()).remove(0);
    let file = std::fs::OpenOptions::new().write(true).open(&first).unwrap();
    let n_bytes = first.metadata().unwrap().len();
    file.set_len(n_bytes - 53).unwrap();
    let faults = check(folder.path()).unwrap().faults;
    assert_eq!(faults.len(), 1);
    assert!(faults[0].to_string().ends_with("the segment before it ends elsewhere"), "{}", faults[0]);
}

#[test]
fn a_folder_without_a_log_has_none_and_no_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let checked = check(folder.path()).unwrap();
    assert_eq!((checked.id, checked.n_segments), (None, 0));
    assert!(matches!(check(&folder.path().join("none")), Err(EventLogError::File { .. })));
}
