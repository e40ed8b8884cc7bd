//! Never an unsure yes: a PostgreSQL that must have each commit on a standby, and no standby is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::encounters::Spell;
use domain::ids::PersonId;
use domain::time::Window;
use jiff::Timestamp;
use storage::encounters::{self, Encounter};
use storage::store::CommitNotices;
use storage::{Freshness, StorageError, Store};
use testkit::cluster::Cluster;
use testkit::{Database, Kit};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

const ONE: PersonId = PersonId(Uuid::from_u128(1));

async fn write(store: Store, kit: &Kit, minute: i64) -> Result<(), StorageError> {
    let at = |seconds| Timestamp::from_second(1_767_225_600 + minute * 60 + seconds).unwrap();
    let spell = Spell { window: Window::new(at(0), at(30)).unwrap(), distance_m: None };
    let encounter = Encounter { person: ONE, other: PersonId(Uuid::from_u128(2)), spell };
    let mut tx = store.write(kit.authority_id).await?;
    encounters::insert(&mut tx, &[encounter], jiff::civil::date(2026, 1, 1)).await?;
    tx.commit().await
}

async fn n_stored(kit: &Kit) -> usize {
    let mut tx = kit.store.read(kit.authority_id, Freshness::Fresh).await.unwrap();
    encounters::of_persons(&mut tx, &[(ONE, Window::ALWAYS)]).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_no_standby_has_is_never_said_to_be_done() {
    tracing_subscriber::registry().with(CommitNotices::layer()).init();
    let server = Cluster::start().unwrap();
    let kit = Kit::on(Database::migrated_on(&server.url()).await).await;
    write(kit.store.clone(), &kit, 0).await.unwrap();
    kit.database.require_standbys("nobody").await;

    // Nobody ends the wait: it is given up.
    let unsure = write(kit.store.clone(), &kit, 1).await.unwrap_err();
    assert!(matches!(unsure, StorageError::Unsure) && unsure.may_pass(), "{unsure}");
    kit.database.cancel_the_wait().await;

    // It is seen all the same, and nobody may be told yes for that.
    assert_eq!(n_stored(&kit).await, 2);
    assert!(matches!(kit.store.confirm().await, Err(StorageError::Unsure)));
    kit.database.cancel_the_wait().await;

    // Somebody cancels it: PostgreSQL says that it is done, and warns.
    let store = kit.database.open().await;
    let (written, ()) = tokio::join!(write(store, &kit, 2), kit.database.cancel_the_wait());
    assert!(matches!(written, Err(StorageError::Unsure)), "{written:?}");
    assert_eq!(n_stored(&kit).await, 3, "both are there, and no standby has them");

    // With a standby, or where none must have it, all is as before: also who was dropped in the middle leaves nothing.
    kit.database.require_standbys("").await;
    kit.store.confirm().await.unwrap();
    let tx = kit.store.write(kit.authority_id).await.unwrap();
    drop(tx);
    write(kit.store.clone(), &kit, 3).await.unwrap();
    assert_eq!(n_stored(&kit).await, 4);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    while kit.database.count(open).await > 0 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_is_sure_once_something_that_was_written_later_is() {
    let kit = Kit::new(testkit::Kind::Postgres).await;
    let (written, is_sure) = storage::store::noting_commits(write(kit.store.clone(), &kit, 0)).await;
    assert!(written.is_ok() && is_sure);
    let looked = async {
        let tx = kit.store.write(kit.authority_id).await.unwrap();
        drop(tx);
    };
    assert!(!storage::store::noting_commits(looked).await.1, "nothing was written");
    let committed = async { kit.store.write(kit.authority_id).await.unwrap().commit().await.unwrap() };
    assert!(!storage::store::noting_commits(committed).await.1, "committed, but nothing was written");
    let both = async {
        write(kit.store.clone(), &kit, 1).await.unwrap();
        drop(kit.store.write(kit.authority_id).await.unwrap());
    };
    assert!(
        !storage::store::noting_commits(both).await.1,
        "what was looked at last may be newer than what was written"
    );
    kit.store.confirm().await.unwrap();
}
