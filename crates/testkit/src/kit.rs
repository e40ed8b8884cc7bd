//! What nearly every test needs: a database, an authority, a sealer, a clock, an account.

use crate::database::{Database, Kind};
use domain::authorities::{Role, ShortCode};
use domain::diseases::Disease;
use domain::ids::{AccountId, AuthorityId, PersonId};
use domain::references::Reference;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use storage::accounts::Account;
use storage::authorities::NewAuthority;
use storage::persons::Person;
use storage::sealing::{Keyring, Opener, Sealer};
use storage::{Freshness, Store, Tx};

/// A database with an authority `local` and an administrator in it.
pub struct Kit {
    /// The database.
    pub database: Database,
    /// As the app role.
    pub store: Store,
    /// The authority.
    pub authority_id: AuthorityId,
    /// Its sealer.
    pub sealer: Sealer,
    /// Its administrator.
    pub account_id: AccountId,
    counter: Mutex<u64>,
}

/// The day on which tests take place.
pub const NOW: &str = "2026-03-01T12:00:00Z";

impl Kit {
    /// Makes one.
    pub async fn new(kind: Kind) -> Self {
        Self::on(Database::migrated(kind).await).await
    }

    /// Makes one on a migrated database.
    pub async fn on(database: Database) -> Self {
        let owner = database.open_as_migrator().await;
        let folder = database.folder.path().join("keyring");
        let mut keyring = Keyring::create(&folder, Opener::Auto).unwrap();
        let mut tx = owner.installation().await.unwrap();
        let authority_id =
            storage::authorities::insert(&mut tx, &new_authority("local"), now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        keyring.add_authority(authority_id, now()).unwrap();
        let sealer = Sealer::of(&keyring, authority_id).unwrap();
        let store = database.open().await;
        let counter = Mutex::new(0);
        let account_id = AccountId::mint(now(), [9; 10]);
        let kit = Self { database, store, authority_id, sealer, account_id, counter };
        let mut tx = kit.write().await;
        let account = Account { account_id, name: "test".to_owned(), operator: true };
        storage::accounts::insert(&mut tx, &account, now()).await.unwrap();
        storage::accounts::join(&mut tx, account_id, Role::Administrator, now()).await.unwrap();
        tx.commit().await.unwrap();
        kit
    }

    /// Makes a second authority; returns its number.
    pub async fn neighbour(&self) -> AuthorityId {
        let owner = self.database.open_as_migrator().await;
        let mut tx = owner.installation().await.unwrap();
        let id = storage::authorities::insert(&mut tx, &new_authority("next"), now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Where the keyring is.
    #[must_use]
    pub fn keyring(&self) -> PathBuf {
        self.database.folder.path().join("keyring")
    }

    /// Ten bytes that were not given out before.
    #[must_use]
    pub fn random(&self) -> [u8; 10] {
        let mut counter = self.counter.lock().unwrap();
        *counter += 1;
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&counter.to_be_bytes());
        bytes
    }

    /// Begins a write transaction.
    pub async fn write(&self) -> Tx {
        self.store.write(self.authority_id).await.unwrap()
    }

    /// Begins a read transaction.
    pub async fn read(&self) -> Tx {
        self.store.read(self.authority_id, Freshness::Fresh).await.unwrap()
    }

    /// Makes a person with a reference, and nothing known of them.
    pub async fn person(&self, reference: &str) -> PersonId {
        let person_id = PersonId::mint(now(), self.random());
        let mut tx = self.write().await;
        let reference = Reference::new(reference).unwrap();
        storage::persons::insert_references(&mut tx, &[(reference, person_id)]).await.unwrap();
        storage::persons::insert(&mut tx, &self.sealer, &[nobody(person_id)], now()).await.unwrap();
        tx.commit().await.unwrap();
        person_id
    }
}

/// A person of whom nothing is known.
#[must_use]
pub fn nobody(person_id: PersonId) -> Person {
    let (sex, postcode, language) = (None, None, None);
    Person { person_id, sex, postcode, language, says_no_email: false, personal: BTreeMap::new() }
}

/// The time in tests.
#[must_use]
pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What is needed to make an authority.
#[must_use]
pub fn new_authority(code: &str) -> NewAuthority {
    NewAuthority {
        short_code: ShortCode::new(code).unwrap(),
        name: format!("Authority {code}"),
        region: "north".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        languages: "de,en".to_owned(),
        default_disease: Disease::Covid19,
    }
}
