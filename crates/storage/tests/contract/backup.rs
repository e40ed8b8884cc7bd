use domain::ids::PersonId;
use domain::persons::{Personal, PersonalField};
use storage::backup::{back_up, read_manifest, restore_file, restore_postgres};
use storage::credentials::{self, Credential};
use storage::store::Place;
use storage::{Freshness, StorageError, persons};
use testkit::kit::{nobody, now};
use testkit::{Database, Kind, Kit, contract};

/// Restores a backup into a database of its own.
pub async fn restored_database(kit: &Kit, folder: &std::path::Path) -> Database {
    let target = match kit.database.kind {
        Kind::Sqlite => Database::empty(Kind::Sqlite).await,
        Kind::Postgres => Database::migrated(Kind::Postgres).await,
    };
    match &target.app {
        Place::File(path) => restore_file(folder, path).map(|_| ()).unwrap(),
        Place::Postgres(_) => {
            let owner = target.open_as_migrator().await;
            restore_postgres(folder, &owner).await.unwrap();
        }
    }
    target
}

async fn restored(kit: &Kit, folder: &std::path::Path) -> storage::Store {
    let target = restored_database(kit, folder).await;
    let store = target.open().await;
    std::mem::forget(target.folder);
    store
}

contract! {
    async fn a_backup_comes_back_with_everything_and_opens_with_the_same_keys(kit) {
        let mut person = nobody(PersonId::mint(now(), kit.random()));
        let name = Personal::new("Zyx\tw\\arrendell\n".to_owned());
        person.personal.insert(PersonalField::LastName, name);
        let mut tx = kit.write().await;
        persons::insert(&mut tx, &kit.sealer, std::slice::from_ref(&person), now()).await.unwrap();
        tx.commit().await.unwrap();
        let folder = kit.database.folder.path().join("backup");
        back_up(&kit.store, &folder, now()).await.unwrap();
        let store = restored(&kit, &folder).await;
        let mut tx = store.read(kit.authority_id, Freshness::Fresh).await.unwrap();
        let opened = persons::by_id(&mut tx, &kit.sealer, &[person.person_id]).await.unwrap();
        assert_eq!(opened[&person.person_id], person);
    }

    async fn passwords_and_second_factors_come_back_too(kit) {
        let credential = Credential {
            account_id: kit.account_id,
            password_hash: Some("$argon2id$x".to_owned()),
            totp: Some(Personal::new("GEZDGNBV".to_owned())),
            totp_step: 7,
            disabled: true,
        };
        let mut tx = kit.write().await;
        credentials::set(&mut tx, &kit.sealer, &credential, now()).await.unwrap();
        credentials::replace_codes(&mut tx, kit.account_id, &["abc".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        let folder = kit.database.folder.path().join("backup");
        back_up(&kit.store, &folder, now()).await.unwrap();
        let store = restored(&kit, &folder).await;
        let mut tx = store.installation().await.unwrap();
        assert_eq!(credentials::find(&mut tx, &kit.sealer, kit.account_id).await.unwrap(), Some(credential));
        assert!(credentials::use_code(&mut tx, kit.account_id, "abc").await.unwrap());
    }

    async fn neither_a_backup_nor_a_restore_writes_over_anything(kit) {
        let folder = kit.database.folder.path().join("backup");
        back_up(&kit.store, &folder, now()).await.unwrap();
        assert!(matches!(back_up(&kit.store, &folder, now()).await, Err(StorageError::NotEmpty(_))));
        let refused = match &kit.database.app {
            Place::File(path) => restore_file(&folder, path),
            Place::Postgres(_) => restore_postgres(&folder, &kit.database.open_as_migrator().await).await,
        };
        assert!(matches!(refused, Err(StorageError::NotEmpty(_))));
    }

    async fn a_folder_without_manifest_is_no_backup(kit) {
        let folder = kit.database.folder.path().join("backup");
        back_up(&kit.store, &folder, now()).await.unwrap();
        std::fs::remove_file(folder.join("manifest.json")).unwrap();
        assert!(matches!(read_manifest(&folder), Err(StorageError::NotABackup(_))));
    }
}

/// Columns are added behind the others, so an older backup has fewer values in a line.
#[tokio::test]
async fn a_backup_from_before_a_column_came_into_being_comes_back() {
    let kit = Kit::new(Kind::Postgres).await;
    let folder = kit.database.folder.path().join("backup");
    back_up(&kit.store, &folder, now()).await.unwrap();
    let authority = folder.join("authority.copy");
    let line = std::fs::read_to_string(&authority).unwrap();
    let values: Vec<&str> = line.trim_end().split('\t').collect();
    std::fs::write(&authority, values[..values.len() - 3].join("\t") + "\n").unwrap();
    for table in ["territory_version", "territory_office", "territory_postcode"] {
        std::fs::remove_file(folder.join(format!("{table}.copy"))).unwrap();
    }
    let manifest = folder.join("manifest.json");
    let newest = format!("\"schema\": {}", storage::Store::newest_schema());
    let text = std::fs::read_to_string(&manifest).unwrap();
    assert!(text.contains(&newest), "{text}");
    std::fs::write(&manifest, text.replace(&newest, "\"schema\": 6")).unwrap();
    let store = restored(&kit, &folder).await;
    let mut tx = store.read_installation().await.unwrap();
    let here = storage::territory::whereabouts(&mut tx, kit.authority_id).await.unwrap();
    assert_eq!((here.country.as_str(), here.territory_code), ("DE", None));
}
