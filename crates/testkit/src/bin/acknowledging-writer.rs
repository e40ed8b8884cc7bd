//! Writes encounters one by one and says so after each commit, until it is killed or has written enough.
//!
//! usage: acknowledging-writer PLACE FIRST N synced|unsynced
//!
//! PLACE is the path of a SQLite file or the URL of a PostgreSQL database with one authority. Prints `ack I`
//! once encounter I is committed. The tests of faults kill it and compare.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use domain::encounters::Spell;
use domain::ids::{AuthorityId, PersonId};
use domain::time::Window;
use jiff::Timestamp;
use std::io::Write;
use storage::encounters::{self, Encounter};
use storage::store::{Durability, Place};
use storage::{StorageError, Store, StoreOptions};
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, place, first, n, durability] = args.as_slice() else { panic!("four arguments are needed") };
    let place = if place.starts_with("postgres:") { Place::Postgres(place.clone()) } else { Place::File(place.into()) };
    let durability = if durability == "unsynced" { Durability::Unsynced } else { Durability::Synced };
    let store = Store::open(&StoreOptions { place, durability, n_connections: 1 }).await.unwrap();
    let mut tx = store.installation().await.unwrap();
    let authority_id = storage::authorities::list(&mut tx).await.unwrap()[0].authority_id;
    drop(tx);
    let first: i64 = first.parse().unwrap();
    let n: i64 = n.parse().unwrap();
    for i in first..first + n {
        let at = |seconds| Timestamp::from_second(1_767_225_600 + i * 60 + seconds).unwrap();
        let window = Window::new(at(0), at(30)).unwrap();
        let (person, other) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let encounter = Encounter { person, other, spell: Spell { window, distance_m: None } };
        if let Err(error) = write(&store, authority_id, encounter).await {
            // The database may be killed on purpose; what was not acknowledged is not claimed.
            eprintln!("the writer stops: {error}");
            std::process::exit(1);
        }
        println!("ack {i}");
        std::io::stdout().flush().unwrap();
    }
}

async fn write(store: &Store, authority_id: AuthorityId, encounter: Encounter) -> Result<(), StorageError> {
    let mut tx = store.write(authority_id).await?;
    encounters::insert(&mut tx, &[encounter], jiff::civil::date(2026, 1, 1)).await?;
    tx.commit().await
}
