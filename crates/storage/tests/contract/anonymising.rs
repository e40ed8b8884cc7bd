//! Of an anonymised case and person nothing is left that names anybody, and what is counted stays.

use super::backup::restored_database;
use super::messages::new as new_message;
use super::periods::store_everything;
use super::retention::{after_days, run_at};
use domain::cases::CaseStatus;
use domain::messages::Channel;
use domain::persons::{Personal, PersonalField};
use jiff::civil::date;
use std::collections::BTreeMap;
use storage::anonymising::{anonymise_case, anonymise_person};
use storage::backup::back_up;
use storage::catalogue::{AtAnonymising, TENANT_TABLES};
use storage::ledger::Ledger;
use storage::messages::NewMessage;
use storage::persons::Person;
use storage::retention::replay;
use storage::schema::columns;
use storage::{cases, person_file, persons};
use testkit::kit::now;
use testkit::{Database, Kit, contract};

/// Gives a person a value in every field.
async fn fill(kit: &Kit, reference: &str) -> Person {
    let mut tx = kit.write().await;
    let person_id = persons::by_reference(&mut tx, &[reference]).await.unwrap()[reference];
    let mut person = persons::by_id(&mut tx, &kit.sealer, &[person_id]).await.unwrap().remove(&person_id).unwrap();
    let text = |field: &PersonalField| (*field, Personal::new("Zyxlinger".to_owned()));
    person.personal = PersonalField::ALL.iter().filter(|field| **field != PersonalField::Note).map(text).collect();
    person.postcode = Some("68161".to_owned());
    person.sex = Some("female".to_owned());
    persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
    tx.commit().await.unwrap();
    person
}

/// Counts the sealed cells in every row that names a person.
async fn sealed_cells(database: &Database) -> BTreeMap<(&'static str, &'static str), i64> {
    let mut found = BTreeMap::new();
    for column in columns().into_iter().filter(|column| column.kind == "SEALED") {
        let (table, column) = (column.table, column.name);
        let persons =
            TENANT_TABLES.iter().find(|known| known.name == table).map_or(&[][..], |known| known.person_columns);
        let names_somebody: Vec<String> = persons.iter().map(|person| format!("{person} IS NOT NULL")).collect();
        if !names_somebody.is_empty() {
            let which = format!("{table} WHERE {column} IS NOT NULL AND ({})", names_somebody.join(" OR "));
            found.insert((table, column), database.count_rows(&which).await);
        }
    }
    found.retain(|_, n| *n > 0);
    found
}

contract! {
    async fn no_sealed_cell_is_left_in_any_table_that_can_hold_a_person(kit) {
        let (index, contact) = store_everything(&kit, date(2026, 3, 1), None).await;
        let people = [fill(&kit, "A").await, fill(&kit, "B").await, fill(&kit, "C").await];
        assert!(sealed_cells(&kit.database).await.len() > 12, "the search finds what is there: {:?}", sealed_cells(&kit.database).await);
        let mut tx = kit.write().await;
        assert!(anonymise_case(&mut tx, index, now()).await.unwrap());
        assert!(anonymise_case(&mut tx, contact, now()).await.unwrap());
        for person in &people {
            assert!(anonymise_person(&mut tx, person.person_id, now()).await.unwrap());
        }
        assert!(!anonymise_case(&mut tx, index, now()).await.unwrap(), "once is enough");
        tx.commit().await.unwrap();
        assert_eq!(sealed_cells(&kit.database).await, BTreeMap::new());
        for table in TENANT_TABLES.iter().filter(|table| table.at_anonymising == AtAnonymising::Deleted) {
            if !table.person_columns.is_empty() {
                let mine = format!("{} WHERE {} IS NOT NULL", table.name, table.person_columns[0]);
                assert_eq!(kit.database.count_rows(&mine).await, 0, "{}", table.name);
            }
        }
    }

    async fn what_is_counted_stays(kit) {
        let (index, _) = store_everything(&kit, date(2026, 3, 1), None).await;
        let person = fill(&kit, "A").await;
        let mut tx = kit.write().await;
        let before = cases::by_id(&mut tx, Some(&kit.sealer), index).await.unwrap().unwrap();
        anonymise_case(&mut tx, index, now()).await.unwrap();
        anonymise_person(&mut tx, person.person_id, now()).await.unwrap();
        let after = cases::by_id(&mut tx, Some(&kit.sealer), index).await.unwrap().unwrap();
        assert_eq!((after.dates, after.classification, after.disease), (before.dates, before.classification, before.disease));
        assert_eq!((after.age_band, after.note, after.facility_id), (before.age_band, None, None));
        let left = persons::by_id(&mut tx, &kit.sealer, &[person.person_id]).await.unwrap().remove(&person.person_id).unwrap();
        assert_eq!((left.postcode.as_deref(), left.sex.as_deref()), (Some("68161"), Some("female")));
        assert!(left.personal.is_empty());
    }

    async fn another_case_of_the_person_keeps_all_that_is_its_own(kit) {
        let (index, contact) = store_everything(&kit, date(2026, 3, 1), None).await;
        let mut tx = kit.write().await;
        anonymise_case(&mut tx, contact, now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kit.database.count_rows("case_comment").await, 1);
        assert_eq!(kit.database.count_rows("declared_contact").await, 1);
        let work = cases::work_of(&mut kit.read().await, &[index]).await.unwrap().pop().unwrap();
        assert_eq!(work.status, CaseStatus::Open);
    }

    /// A contact whose case is over loses name and number, also where the index case that named them goes on.
    async fn sixteen_days_after_the_follow_up_a_contact_is_nobody(kit) {
        let quarantine = domain::time::DayRange { first: date(2026, 3, 1), last: date(2026, 3, 11) };
        store_everything(&kit, date(2026, 3, 1), Some(quarantine)).await;
        fill(&kit, "C").await;
        run_at(&kit, after_days(26)).await;
        assert_eq!(kit.database.count_rows("declared_contact").await, 1, "the last day");
        let ended = run_at(&kit, after_days(27)).await;
        assert_eq!((ended.n_cases, ended.n_anonymised, ended.n_facts), (1, 1, 1));
        assert_eq!(kit.database.count_rows("declared_contact").await, 0);
        let found = persons::by_reference(&mut kit.read().await, &["A", "C"]).await.unwrap();
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["A"]);
    }
}

/// What the catalogue knows of a person, opened, as the text of a file.
async fn file_of(kit: &Kit, reference: &str) -> (Vec<&'static str>, String) {
    let mut tx = kit.read().await;
    let person = persons::by_reference(&mut tx, &[reference]).await.unwrap()[reference];
    let tables = person_file::read(&mut tx, &kit.sealer, person).await.unwrap();
    let text: Vec<String> =
        tables.iter().flat_map(|table| &table.rows).map(|row| serde_json::to_string(row.expose()).unwrap()).collect();
    (tables.iter().map(|table| table.name).collect(), text.join("\n"))
}

contract! {
    /// Neither in the database, nor in its index of names, tokens and mails, nor in a backup; and a backup from before
    /// forgets it again as soon as it is restored.
    async fn a_name_is_nowhere_after_it_was_anonymised(kit) {
        let (index, _) = store_everything(&kit, date(2026, 3, 1), None).await;
        let person = fill(&kit, "A").await;
        let mut tx = kit.write().await;
        let mail = new_message(&kit, Channel::Mail);
        let mail = NewMessage { person_id: Some(person.person_id), case_id: Some(index), ..mail };
        storage::messages::insert(&mut tx, &kit.sealer, &mail, now()).await.unwrap();
        tx.commit().await.unwrap();
        let folder = |name| kit.database.folder.path().join(name);
        back_up(&kit.store, &folder("before"), now()).await.unwrap();

        run_at(&kit, after_days(731)).await;
        assert_eq!(sealed_cells(&kit.database).await, BTreeMap::new());
        let names = persons::names_of(&mut kit.read().await, &[person.person_id]).await.unwrap().pop().unwrap();
        let name = names.open(&kit.sealer).unwrap();
        assert_eq!((name.first_name, name.last_name, name.born), (None, None, None), "the index reads this");
        for table in ["person_token", "person_reference", "message", "message_log"] {
            assert_eq!(kit.database.count_rows(table).await, 0, "{table}");
        }
        back_up(&kit.store, &folder("after"), now()).await.unwrap();
        assert_eq!(sealed_cells(&restored_database(&kit, &folder("after")).await).await, BTreeMap::new());

        let old = restored_database(&kit, &folder("before")).await;
        assert!(!sealed_cells(&old).await.is_empty());
        let store = old.open_for_jobs().await;
        let mut tx = store.write(kit.authority_id).await.unwrap();
        replay(&mut tx, &Ledger::beside(&kit.keyring()).list().await.unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sealed_cells(&old).await, BTreeMap::new());
        assert_eq!(old.count_rows("message WHERE person_id IS NOT NULL").await, 0);
    }

    async fn the_file_of_a_person_has_every_table_that_names_them_opened(kit) {
        store_everything(&kit, date(2026, 3, 1), None).await;
        fill(&kit, "A").await;
        let (tables, text) = file_of(&kit, "A").await;
        let named: Vec<&str> = TENANT_TABLES
            .iter()
            .filter(|table| !table.person_columns.is_empty())
            .map(|table| table.name)
            // Nobody of this store is linked, the mail and the event are about nobody, and no guest became a case.
            .filter(|name| {
                !["infection_link", "released_visit", "occasion_contact", "message", "message_log", "outbox"].contains(name)
            })
            .collect();
        assert_eq!(tables, named);
        for there in ["Zyxlinger", "speaks slowly", "68161", "2026-03-01", "household", "somebody else"] {
            assert!(text.contains(there), "{there} is not in {text}");
        }
    }

    async fn the_file_of_a_person_names_nobody_else(kit) {
        store_everything(&kit, date(2026, 3, 1), None).await;
        let (a, b, c) = (fill(&kit, "A").await, fill(&kit, "B").await, fill(&kit, "C").await);
        let (_, text) = file_of(&kit, "C").await;
        assert!(text.contains(&c.person_id.to_string()));
        assert!(text.contains("\"said\""), "what was said about them is theirs to know");
        for other in [a.person_id, b.person_id] {
            assert!(!text.contains(&other.to_string()) && !text.contains(&other.0.simple().to_string()));
        }
    }
}
