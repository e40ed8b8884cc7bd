//! Merges the persons `A` and `B`, parts them, or anonymises `A`, until it is killed.
//!
//! usage: merging-writer PLACE merge|undo|both|anonymise
//!
//! PLACE is the path of a SQLite file or the URL of a PostgreSQL database with one authority. `merge`, `undo` and
//! `anonymise` print `moved` when every row is moved and nothing is committed, and wait there until standard input ends; then they commit
//! and print `done`. `both` merges and parts again and again and prints `done` after each commit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use domain::ids::{AccountId, AuthorityId, MergeId, PersonId};
use jiff::Timestamp;
use std::io::{Read, Write};
use storage::merges::{self, Merge, Told};
use storage::store::{Durability, Place};
use storage::{Freshness, Store, StoreOptions, Tx};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, place, what] = args.as_slice() else { panic!("two arguments are needed") };
    let place = if place.starts_with("postgres:") { Place::Postgres(place.clone()) } else { Place::File(place.into()) };
    let options = StoreOptions { place, durability: Durability::Synced, n_connections: 1 };
    let store = Store::open(&options).await.unwrap();
    let mut tx = store.installation().await.unwrap();
    let authority_id = storage::authorities::list(&mut tx).await.unwrap()[0].authority_id;
    drop(tx);
    match what.as_str() {
        "merge" => merge(&store, authority_id, 0, wait).await,
        "undo" => part(&store, authority_id, wait).await,
        "anonymise" => anonymise(&store, authority_id).await,
        _ => {
            for n in 1.. {
                merge(&store, authority_id, n, || ()).await;
                part(&store, authority_id, || ()).await;
            }
        }
    }
}

fn say(word: &str) {
    println!("{word}");
    std::io::stdout().flush().unwrap();
}

/// Says that rows are moved, and waits until nobody writes to it any more.
fn wait() {
    say("moved");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

async fn persons(store: &Store, authority_id: AuthorityId) -> (PersonId, PersonId) {
    let mut tx = store.read(authority_id, Freshness::Fresh).await.unwrap();
    let found = storage::persons::by_reference(&mut tx, &["A", "B"]).await.unwrap();
    (found["A"], found["B"])
}

async fn commit(tx: Tx) {
    if tx.commit().await.is_err() {
        // The database may be killed on purpose; what was not acknowledged is not claimed.
        std::process::exit(1);
    }
    say("done");
}

async fn merge(store: &Store, authority_id: AuthorityId, n: u8, wait: impl Fn()) {
    let (person_id, gone_id) = persons(store, authority_id).await;
    let merged_at = Timestamp::from_second(1_767_225_600 + i64::from(n)).unwrap();
    let mut random = [n; 10];
    random[..4].copy_from_slice(&std::process::id().to_be_bytes());
    let merge = Merge {
        merge_id: MergeId::mint(merged_at, random),
        person_id,
        gone_id,
        account_id: AccountId(uuid::Uuid::nil()),
        merged_at,
        undone_at: None,
        told: Told::default(),
    };
    let mut tx = store.write(authority_id).await.unwrap();
    merges::one_at_a_time(&mut tx).await.unwrap();
    let begun = merges::begin(&mut tx, merge, &[], &[]).await.unwrap();
    merges::end(&mut tx, begun).await.unwrap();
    wait();
    commit(tx).await;
}

async fn part(store: &Store, authority_id: AuthorityId, wait: impl Fn()) {
    let (person_id, _) = persons(store, authority_id).await;
    let mut tx = store.write(authority_id).await.unwrap();
    merges::one_at_a_time(&mut tx).await.unwrap();
    let merges = merges::of_person(&mut tx, person_id).await.unwrap();
    let last = merges.into_iter().find(|merge| merge.undone_at.is_none()).unwrap();
    merges::undo(&mut tx, None, &last, last.merged_at).await.unwrap().unwrap();
    wait();
    commit(tx).await;
}

async fn anonymise(store: &Store, authority_id: AuthorityId) {
    let (person_id, _) = persons(store, authority_id).await;
    let now = Timestamp::from_second(1_767_225_600).unwrap();
    let mut tx = store.write(authority_id).await.unwrap();
    for case in storage::cases::briefly_of_persons(&mut tx, &[person_id]).await.unwrap() {
        storage::anonymising::anonymise_case(&mut tx, case.case_id, now).await.unwrap();
    }
    storage::anonymising::anonymise_person(&mut tx, person_id, now).await.unwrap();
    wait();
    commit(tx).await;
}
