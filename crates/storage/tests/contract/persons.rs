use domain::ids::{HistoryId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::references::Reference;
use storage::history::{self, Change};
use storage::persons::{self, Person};
use storage::{StorageError, facilities};
use testkit::contract;
use testkit::kit::{nobody, now};

fn anna(person_id: PersonId) -> Person {
    let mut person = nobody(person_id);
    person.sex = Some("f".to_owned());
    person.personal.insert(PersonalField::FirstName, Personal::new("Qvistolina".to_owned()));
    person.personal.insert(PersonalField::City, Personal::new("Wumbelstadt".to_owned()));
    person
}

contract! {
    async fn a_person_comes_back_as_stored_and_is_found_by_reference(kit) {
        let person = anna(PersonId::mint(now(), kit.random()));
        let mut tx = kit.write().await;
        persons::insert(&mut tx, &kit.sealer, std::slice::from_ref(&person), now()).await.unwrap();
        let reference = Reference::new("SK_1").unwrap();
        assert_eq!(persons::insert_references(&mut tx, &[(reference.clone(), person.person_id)]).await.unwrap(), 1);
        let other = PersonId::mint(now(), kit.random());
        assert_eq!(persons::insert_references(&mut tx, &[(reference, other)]).await.unwrap(), 0, "it stays with its person");
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = persons::by_reference(&mut tx, &["SK_1", "SK_2"]).await.unwrap();
        assert_eq!(found, [("SK_1".to_owned(), person.person_id)].into());
        let opened = persons::by_id(&mut tx, &kit.sealer, &[person.person_id, other]).await.unwrap();
        assert_eq!(opened, [(person.person_id, person.clone())].into());
        assert_eq!(persons::references_of(&mut tx, &[person.person_id]).await.unwrap()[&person.person_id], "SK_1");
        assert!(persons::exists(&mut tx, person.person_id).await.unwrap());
        assert!(!persons::exists(&mut tx, other).await.unwrap());
    }

    async fn replacing_a_person_that_is_not_there_is_an_error(kit) {
        let mut person = anna(kit.person("A").await);
        let mut tx = kit.write().await;
        persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
        let opened = persons::by_id(&mut tx, &kit.sealer, &[person.person_id]).await.unwrap();
        assert_eq!(opened[&person.person_id], person);
        person.person_id = PersonId::mint(now(), kit.random());
        let refused = persons::replace(&mut tx, &kit.sealer, &person).await;
        assert!(matches!(refused, Err(StorageError::WrongCount { touched: 0, .. })));
    }

    /// Without gaps, so that whoever follows the changes can tell that none is missing.
    async fn changes_are_numbered_without_gaps_also_when_one_is_taken_back(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let mut tx = kit.write().await;
        persons::note_changes(&mut tx, &[a, b]).await.unwrap();
        persons::note_changes(&mut tx, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let mut taken_back = kit.write().await;
        persons::note_changes(&mut taken_back, &[a]).await.unwrap();
        drop(taken_back);
        let mut tx = kit.write().await;
        persons::note_changes(&mut tx, &[b]).await.unwrap();
        assert_eq!(persons::changes_since(&mut tx, 0).await.unwrap(), [(1, a), (2, b), (3, b)]);
        assert_eq!(persons::changes_since(&mut tx, 2).await.unwrap(), [(3, b)]);
    }

    async fn history_keeps_before_and_after_sealed_where_the_field_is(kit) {
        let person_id = kit.person("A").await;
        let change = |n: u8, field: &str, before: Option<&str>, after: &str| Change {
            history_id: HistoryId::mint(now(), [n; 10]),
            person_id,
            case_id: None,
            changed_at: now(),
            account_id: kit.account_id,
            field: field.to_owned(),
            before: before.map(|text| Personal::new(text.to_owned())),
            after: Some(Personal::new(after.to_owned())),
            why: "test".to_owned(),
        };
        let asked = Change { why: "asked for by her doctor".to_owned(), ..change(3, "quarantine_last", None, "2026-03-07") };
        let changes = [change(1, "city", Some("Wumbelstadt"), "Plonkhausen"), change(2, "sex", None, "f"), asked];
        let mut tx = kit.write().await;
        history::insert(&mut tx, &kit.sealer, &changes).await.unwrap();
        assert_eq!(history::of_person(&mut tx, &kit.sealer, person_id).await.unwrap(), changes);
        let locked = history::page(&mut tx, None, (person_id, None), None, 9).await.unwrap();
        let said: Vec<&str> = locked.iter().map(|change| change.why.as_str()).collect();
        assert_eq!(said, ["in words", "test", "test"], "a reason in words of one's own is sealed");
    }

    async fn a_facility_of_a_known_name_stays_as_it_is(kit) {
        let id = |n| domain::ids::FacilityId::mint(now(), [n; 10]);
        let mut tx = kit.write().await;
        facilities::insert(&mut tx, &[(id(1), "Café Süd".to_owned())], now()).await.unwrap();
        facilities::insert(&mut tx, &[(id(2), "Café Süd".to_owned())], now()).await.unwrap();
        let found = facilities::by_name(&mut tx, &["Café Süd", "Café Nord"]).await.unwrap();
        assert_eq!(found, [("Café Süd".to_owned(), id(1))].into());
        assert_eq!(facilities::names(&mut tx).await.unwrap(), [(id(1), "Café Süd".to_owned())].into());
    }
}
