//! Reads on a standby: only with what is needed, never older than is said. A real one, whose replay the tests hold up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::encounters::Spell;
use domain::ids::PersonId;
use domain::time::Window;
use jiff::{SignedDuration, Timestamp};
use storage::encounters::{self, Encounter};
use storage::store::{Place, Position};
use storage::{Freshness, StorageError, Store, Tx};
use testkit::kit::now;
use testkit::pair::Pair;
use testkit::{Database, Kind, Kit};
use uuid::Uuid;

const ONE: PersonId = PersonId(Uuid::from_u128(1));

struct Bench {
    pair: Pair,
    kit: Kit,
    /// Knows the standby.
    store: Store,
}

impl Bench {
    async fn new() -> Self {
        let (pair, kit) = Pair::start().await;
        let store = pair.open(&kit.database).await;
        Self { pair, kit, store }
    }

    /// Writes something, and returns how far the primary then is.
    async fn write(&self, minute: i64) -> Position {
        let at = |seconds| Timestamp::from_second(1_767_225_600 + minute * 60 + seconds).unwrap();
        let spell = Spell { window: Window::new(at(0), at(30)).unwrap(), distance_m: None };
        let encounter = Encounter { person: ONE, other: PersonId(Uuid::from_u128(2)), spell };
        let mut tx = self.store.write(self.kit.authority_id).await.unwrap();
        encounters::insert(&mut tx, &[encounter], jiff::civil::date(2026, 1, 1)).await.unwrap();
        tx.commit().await.unwrap();
        self.store.position().await.unwrap().unwrap()
    }

    async fn read(&self, freshness: Freshness) -> Tx {
        self.store.read(self.kit.authority_id, freshness).await.unwrap()
    }

    async fn catch_up(&self) {
        self.pair.catch_up(&self.kit.database).await;
    }

    /// The database as it is on the standby.
    fn there(self) -> (Pair, Database) {
        let app = Place::Postgres(self.pair.url(&self.kit.database));
        (self.pair, Database { app, ..self.kit.database })
    }
}

async fn n_in(mut tx: Tx) -> usize {
    encounters::of_persons(&mut tx, &[(ONE, Window::ALWAYS)]).await.unwrap().len()
}

fn at(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_s_own_writes_are_seen_and_what_may_be_old_is_not_older_than_asked() {
    let bench = Bench::new().await;
    let first = bench.write(0).await;
    bench.catch_up().await;
    assert_eq!(bench.read(Freshness::AtLeast(first)).await.as_of(), None, "nobody knows how old its picture is");
    assert!(!bench.store.can_compare(first));

    bench.store.note_position(at(0)).await.unwrap();
    assert!(bench.store.can_compare(first));
    bench.catch_up().await;
    let seen = bench.read(Freshness::AtLeast(first)).await;
    assert_eq!((seen.as_of(), n_in(seen).await), (Some(at(0)), 1), "from the standby");
    assert_eq!(bench.read(Freshness::Fresh).await.as_of(), None);

    // The standby stays behind: who wrote is shown the primary's picture; who may see what is old gets that, and is told.
    bench.pair.hold().await;
    let second = bench.write(1).await;
    bench.store.note_position(at(1)).await.unwrap();
    let seen = bench.read(Freshness::AtLeast(second)).await;
    assert_eq!((seen.as_of(), n_in(seen).await), (None, 2));
    let old = bench.read(Freshness::Stale(at(0))).await;
    assert_eq!((old.as_of(), n_in(old).await), (Some(at(0)), 1));
    let newer = bench.read(Freshness::Stale(at(1))).await;
    assert_eq!((newer.as_of(), n_in(newer).await), (None, 2));
    let unknown = bench.read(Freshness::Stale(at(2))).await;
    assert_eq!(unknown.as_of(), None, "nothing is noted of so late");

    bench.pair.go_on().await;
    bench.catch_up().await;
    let seen = bench.read(Freshness::AtLeast(second)).await;
    assert_eq!((seen.as_of(), n_in(seen).await), (Some(at(1)), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_primary_what_is_old_is_still_read_and_nothing_else() {
    let bench = Bench::new().await;
    let seen = bench.write(0).await;
    bench.store.note_position(at(0)).await.unwrap();
    bench.catch_up().await;
    let Bench { mut pair, kit, store } = bench;
    pair.lose_primary();
    let away = |read: Result<Tx, StorageError>| matches!(read, Err(StorageError::Away(_)));
    assert!(away(store.read(kit.authority_id, Freshness::Fresh).await));
    assert!(matches!(store.position().await, Err(StorageError::Away(_))));
    assert!(store.note_position(at(1)).await.is_err());
    let own = store.read(kit.authority_id, Freshness::AtLeast(seen)).await.unwrap();
    assert_eq!((own.as_of(), n_in(own).await), (Some(at(0)), 1));
    assert!(store.read_installation_on_standby(Freshness::Stale(at(0))).await.is_some());
    assert!(store.read_standby(kit.authority_id, Freshness::Stale(at(1))).await.is_none());
    assert!(store.read_standby(kit.authority_id, Freshness::Fresh).await.is_none());

    // The standby goes too: nobody waits for it, and all is away.
    drop(pair);
    assert!(away(store.read(kit.authority_id, Freshness::AtLeast(seen)).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_became_a_primary_is_no_standby() {
    let bench = Bench::new().await;
    let seen = bench.write(0).await;
    bench.store.note_position(at(0)).await.unwrap();
    bench.catch_up().await;
    bench.pair.tell("SELECT pg_promote()").await;
    assert_eq!(bench.read(Freshness::AtLeast(seen)).await.as_of(), None);
    // Who was led to it as to the primary: another count of primaries, so positions from before are not compared.
    let (_pair, there) = bench.there();
    let store = there.open().await.with_standbys(&there.url(), 1).unwrap();
    store.note_position(at(1)).await.unwrap();
    assert!(!store.can_compare(seen));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_on_a_standby_is_told_that_the_database_is_away() {
    let bench = Bench::new().await;
    bench.catch_up().await;
    let (_pair, there) = bench.there();
    let store = there.open().await.with_standbys(&there.url(), 1).unwrap();
    assert!(matches!(store.position().await, Err(StorageError::Away(_))));
    let mut tx = store.installation().await.unwrap();
    let number = storage::authorities::insert(&mut tx, &testkit::kit::new_authority("more"), now()).await;
    assert!(matches!(number, Err(StorageError::Away(_))), "{number:?}");
}

/// One server that is its own standby: what is asked of it is in order, and it is never taken for one.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_is_not_taken_for_a_standby() {
    let kit = Kit::new(Kind::Postgres).await;
    let store = kit.store.clone().with_standbys(&kit.database.url(), 1).unwrap();
    store.note_position(at(0)).await.unwrap();
    let seen = store.position().await.unwrap().unwrap();
    assert_eq!(store.read(kit.authority_id, Freshness::AtLeast(seen)).await.unwrap().as_of(), None);
    assert!(store.read_standby(kit.authority_id, Freshness::Stale(at(0))).await.is_none());
}

#[tokio::test]
async fn a_file_has_no_standbys_and_needs_none() {
    let kit = Kit::new(Kind::Sqlite).await;
    let store = kit.store.clone().with_standbys("postgres://localhost/none", 1).unwrap();
    store.note_position(at(0)).await.unwrap();
    assert!(!store.has_standbys() && store.position().await.unwrap().is_none());
    assert_eq!(store.read(kit.authority_id, Freshness::Stale(at(0))).await.unwrap().as_of(), None);
}
