use sqlx::Row;
use std::collections::BTreeSet;
use storage::catalogue::TENANT_TABLES;
use storage::{StorageError, Store};
use testkit::database::options;
use testkit::{Database, Kind, contract};

contract! {
    async fn every_table_of_an_authority_is_in_the_catalogue(kit) {
        let known: BTreeSet<String> = TENANT_TABLES.iter().map(|table| table.name.to_owned()).collect();
        let mut found = kit.database.tables_with_authority().await;
        for registry in ["authority", "authority_key"] {
            assert!(found.remove(registry), "the registry itself, and what others verify with");
        }
        assert_eq!(found, known);
    }

    async fn migrating_again_changes_nothing(kit) {
        Store::migrate(&options(&kit.database.migrator)).await.unwrap();
        drop(kit.write().await);
    }
}

#[tokio::test]
async fn every_column_has_its_comment_in_postgresql() {
    let database = Database::migrated(Kind::Postgres).await;
    let rows = database
        .ask(
            "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
                 AND NOT a.attisdropped AND c.relname <> '_sqlx_migrations'
                 AND col_description(c.oid, a.attnum) IS NULL",
        )
        .await;
    let without: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(without, [""; 0]);
}

/// A server and a command on the same new folder: each would begin the same step.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_at_once_bring_a_new_file_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = options(&storage::store::Place::File(folder.path().join("epitrace.sqlite")));
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let file = file.clone();
            tokio::spawn(async move {
                let store = Store::open(&file).await?;
                storage::store::RunStore::beside(&store, &file).await
            })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_database_without_schema_is_refused_with_what_to_do() {
    let database = Database::empty(Kind::Postgres).await;
    let refused = Store::open(&options(&database.app)).await;
    assert!(matches!(refused, Err(StorageError::OldSchema)));
    assert!(StorageError::OldSchema.to_string().contains("epitrace migrate"));
}

/// Every column of every tenant table stands in the book, so that a new one is seen in review.
#[test]
fn the_book_prints_the_catalogue_of_data() {
    let catalogue = storage::schema::data_catalogue();
    let book = include_str!("../../../../docs/book/data-catalogue.md");
    assert!(book.ends_with(&catalogue), "docs/book/data-catalogue.md must end with this:\n{catalogue}<end>");
}

#[test]
fn the_catalogue_of_data_has_every_column() {
    let in_schema = storage::schema::columns();
    for (table, column) in
        [("person", "mobile"), ("person", "anonymised_on"), ("outbreak_case", "priority"), ("visit", "person_id")]
    {
        assert!(in_schema.iter().any(|known| known.table == table && known.name == column), "{table}.{column}");
    }
}
