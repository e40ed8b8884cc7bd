use domain::territory::{Country, ListFormat, Office, PhoneCountryCode, Postcode, Territory, TerritoryCode};
use storage::territory::{self, Whereabouts};
use storage::{StorageError, Store};
use testkit::kit::now;
use testkit::{Kit, contract};

fn code(text: &str) -> TerritoryCode {
    TerritoryCode::new(text).unwrap()
}

/// A list in which office `1` serves the first postcode, and `2` both.
fn list(country: &Country, postcodes: [&str; 2], name: &str) -> Territory {
    let mut list = Territory::of(country.clone());
    for text in ["1", "2"] {
        let office = Office {
            code: code(text),
            name: format!("{name} {text}"),
            address: "Am Markt 1".to_owned(),
            phone: "123".to_owned(),
            email: String::new(),
        };
        list.add_office(office).unwrap();
        for postcode in &postcodes[..text.parse().unwrap()] {
            list.add_postcode(Postcode::new(postcode, country).unwrap(), code(text));
        }
    }
    list.complete().unwrap()
}

async fn import(kit: &Kit, owner: &Store, list: &Territory, digest: &str) -> i32 {
    let mut tx = owner.installation().await.unwrap();
    let account = kit.account_id;
    let version = territory::insert(&mut tx, list, ListFormat::Csv, digest, account, now()).await.unwrap();
    tx.commit().await.unwrap();
    version
}

async fn names(kit: &Kit, country: &Country, version: i32, postcode: &str) -> Vec<String> {
    let mut tx = kit.store.read_installation().await.unwrap();
    let postcode = Postcode::new(postcode, country).unwrap();
    let offices = territory::offices_of_postcode(&mut tx, country, version, &postcode).await.unwrap();
    offices.into_iter().map(|office| office.name).collect()
}

contract! {
    async fn the_newest_list_of_a_country_is_in_force_and_another_country_has_its_own(kit) {
        let owner = kit.database.open_as_migrator().await;
        let (de, at) = (Country::germany(), Country::new("AT").unwrap());
        assert_eq!(territory::in_force(&mut kit.store.read_installation().await.unwrap(), &de).await.unwrap(), None);
        assert_eq!(import(&kit, &owner, &list(&de, ["99001", "99002"], "Old"), "a").await, 1);
        assert_eq!(import(&kit, &owner, &list(&de, ["99001", "99003"], "New"), "b").await, 2);
        assert_eq!(import(&kit, &owner, &list(&at, ["1010", "1020"], "Bezirk"), "c").await, 1);
        let mut tx = kit.store.read_installation().await.unwrap();
        assert_eq!(territory::in_force(&mut tx, &de).await.unwrap(), Some(2));
        drop(tx);
        assert_eq!(names(&kit, &de, 2, "99001").await, ["New 1", "New 2"]);
        assert_eq!(names(&kit, &de, 2, "99002").await, [""; 0], "it is in the older list alone");
        assert_eq!(names(&kit, &de, 1, "99002").await, ["Old 2"], "which still explains what was decided by it");
        assert_eq!(names(&kit, &at, 1, "1020").await, ["Bezirk 2"]);
        let mut tx = kit.store.read_installation().await.unwrap();
        let all = territory::versions(&mut tx).await.unwrap();
        let kept: Vec<(&str, i32)> = all.iter().map(|list| (list.country.as_str(), list.version)).collect();
        assert_eq!(kept, [("AT", 1), ("DE", 2), ("DE", 1)]);
        assert_eq!((all[0].n_offices, all[0].n_postcodes, all[0].digest.as_str()), (2, 2, "c"));
        let office = territory::office(&mut tx, &at, 1, &code("2")).await.unwrap();
        assert_eq!(office.map(|office| office.name).as_deref(), Some("Bezirk 2"));
    }

    async fn five_lists_of_a_country_are_kept(kit) {
        let owner = kit.database.open_as_migrator().await;
        let de = Country::germany();
        for n in 1..=7 {
            assert_eq!(import(&kit, &owner, &list(&de, ["99001", "99002"], &format!("N{n}")), "x").await, n);
        }
        let mut tx = kit.store.read_installation().await.unwrap();
        let all = territory::versions(&mut tx).await.unwrap();
        assert_eq!(all.iter().map(|list| list.version).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
        drop(tx);
        assert_eq!(names(&kit, &de, 2, "99001").await, [""; 0]);
        assert_eq!(names(&kit, &de, 3, "99001").await, ["N3 1", "N3 2"]);
    }

    async fn an_authority_says_where_it_is(kit) {
        let owner = kit.database.open_as_migrator().await;
        let mut tx = owner.installation().await.unwrap();
        let before = territory::whereabouts(&mut tx, kit.authority_id).await.unwrap();
        let phone_country_code = PhoneCountryCode::germany();
        assert_eq!(before, Whereabouts { territory_code: None, country: Country::germany(), phone_country_code });
        let there = Whereabouts {
            territory_code: Some(code("1.08.2.22.")),
            country: Country::new("AT").unwrap(),
            phone_country_code: PhoneCountryCode::new("43").unwrap(),
        };
        territory::set_whereabouts(&mut tx, kit.authority_id, &there).await.unwrap();
        assert_eq!(territory::whereabouts(&mut tx, kit.authority_id).await.unwrap(), there);
        let nobody = domain::ids::AuthorityId(99);
        assert!(matches!(territory::set_whereabouts(&mut tx, nobody, &there).await, Err(StorageError::NoAuthority)));
        assert!(matches!(territory::whereabouts(&mut tx, nobody).await, Err(StorageError::NoAuthority)));
    }
}
