//! Nobody sees what belongs to another authority, whatever the code above forgets.

use sqlx::Row;
use storage::catalogue::TENANT_TABLES;
use storage::persons;
use testkit::{Kind, Kit, contract};

contract! {
    async fn a_neighbour_finds_neither_references_nor_persons(kit) {
        let neighbour = kit.neighbour().await;
        let person = kit.person("A").await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        assert!(persons::by_reference(&mut tx, &["A"]).await.unwrap().is_empty());
        assert!(!persons::exists(&mut tx, person).await.unwrap());
        assert!(persons::references_of(&mut tx, &[person]).await.unwrap().is_empty());
    }
}

/// Proves the policies without removing anything: the app role sees no row until it says whose.
#[tokio::test]
async fn without_its_authority_the_app_role_sees_no_row_in_any_tenant_table() {
    let kit = Kit::new(Kind::Postgres).await;
    kit.person("A").await;
    for table in TENANT_TABLES {
        let rows = kit.database.ask_as_app(&format!("SELECT count(*) FROM {}", table.name), None).await;
        assert_eq!(rows[0].get::<i64, _>(0), 0, "{}", table.name);
    }
    let own = kit.database.ask_as_app("SELECT count(*) FROM person", Some(kit.authority_id)).await;
    assert_eq!(own[0].get::<i64, _>(0), 1);
}

#[tokio::test]
async fn every_tenant_table_forces_its_policy_and_no_role_at_work_owns_one() {
    let kit = Kit::new(Kind::Postgres).await;
    let rows = kit
        .database
        .ask("SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY 1")
        .await;
    let mut forced: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut known: Vec<String> = TENANT_TABLES.iter().map(|table| table.name.to_owned()).collect();
    forced.sort();
    known.extend(["block", "list"].map(str::to_owned));
    known.sort();
    assert_eq!(forced, known);
    let owned = kit
        .database
        .ask(
            "SELECT relname::text FROM pg_class WHERE relowner IN ('epitrace_app'::regrole, 'epitrace_intake'::regrole)
                OR relowner = 'epitrace_jobs'::regrole AND relnamespace = 'public'::regnamespace",
        )
        .await;
    assert!(owned.is_empty());
}
