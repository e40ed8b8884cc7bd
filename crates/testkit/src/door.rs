//! A door for tests: check-ins come in, lists are opened, on either database.

use crate::database::Kind;
use crate::kit::Kit;
use domain::check_ins::{Guest, ListOfDay, Marks, Stay, VenueDay};
use domain::ids::{AuthorityId, VenueId, VisitId};
use domain::persons::Personal;
use domain::venues::{AsksAddress, Confirms, OpeningHours, VenueAddress, VenueDetails, VenueKind};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use storage::check_ins::intake::{Arrival, Change, Happened, Intake, NewVisit, NotTaken};
use storage::check_ins::shelf::{OpenedVisit, Shelf, Tables};
use storage::check_ins::{DayFiles, Receipt, plain};
use storage::sealing::{DayKeys, Keyring, Opener, Opening, PublicKey, SealingError};
use storage::store::Durability;

/// A door, its days and its keys.
pub struct Door {
    /// The door.
    pub intake: Intake,
    keys: Mutex<DayKeys>,
    public: Mutex<HashMap<VenueDay, PublicKey>>,
}

/// Long after every test.
const ENDS_AT: &str = "2026-03-31T00:00:00Z";

/// Where the files of check-ins are, with SQLite.
#[must_use]
pub fn folder(kit: &Kit) -> PathBuf {
    kit.database.folder.path().join("check-ins")
}

/// Opens what check-ins lie on.
pub async fn shelf(kit: &Kit) -> Shelf {
    match kit.database.kind {
        Kind::Sqlite => Shelf::Files(DayFiles::open(&folder(kit), Durability::Synced).unwrap(), kit.store.clone()),
        Kind::Postgres => {
            let (app, jobs) = (kit.store.clone(), kit.database.open_for_jobs().await);
            Shelf::Tables(Tables::connect(app, jobs, &kit.database.intake_url()).await.unwrap())
        }
    }
}

impl Door {
    /// Opens one that knows the visits of some days.
    pub async fn open(kit: &Kit, open_days: &[Date], authorities: &[AuthorityId]) -> Self {
        let shelf = shelf(kit).await;
        for day in open_days {
            shelf.make_day(*day).await.unwrap();
        }
        let number = Mutex::new(0u128);
        let mint = move || {
            let mut number = number.lock().unwrap();
            *number += 1;
            uuid::Uuid::from_u128(*number << 64 | u128::from(uuid::Uuid::new_v4().as_u64_pair().0))
        };
        let intake = Intake::open(shelf, open_days, authorities, Arc::new(mint)).await.unwrap();
        let keyring = Keyring::open(&kit.keyring(), Opener::Auto).unwrap();
        Self { intake, keys: Mutex::new(DayKeys::beside(&keyring)), public: Mutex::default() }
    }

    /// Returns the public half of a day's key, and makes it where there is none.
    pub fn day_key(&self, of: VenueDay) -> PublicKey {
        let mut public = self.public.lock().unwrap();
        *public
            .entry(of)
            .or_insert_with(|| self.keys.lock().unwrap().make(&[(of, ENDS_AT.parse().unwrap())]).unwrap()[0])
    }

    /// Checks a guest in.
    pub async fn check_in(&self, list: ListOfDay, visit: &TestVisit) -> Result<Vec<Marks>, NotTaken> {
        self.check_in_all(list, &[visit]).await
    }

    /// Checks several guests in, with one body.
    pub async fn check_in_all(&self, list: ListOfDay, visits: &[&TestVisit]) -> Result<Vec<Marks>, NotTaken> {
        let day_key = self.day_key(list.of);
        let visits = visits.iter().map(|visit| visit.as_new(list.of.day, day_key)).collect();
        let arrival = Arrival { authority_id: list.of.authority_id, venue_id: list.venue_id, visits };
        self.intake.arrive(arrival).await
    }

    /// Notes what happened to a visit, with a receipt.
    pub async fn change(
        &self,
        list: ListOfDay,
        visit_id: VisitId,
        receipt: Receipt,
        happened: Happened,
    ) -> Result<(), NotTaken> {
        let day_key = self.day_key(list.of);
        self.intake.change(Change { list, day_key, visit_id, receipt: Some(receipt), happened }).await
    }

    /// Opens a list.
    pub async fn list(&self, kit: &Kit, list: ListOfDay) -> Result<Vec<OpenedVisit>, storage::StorageError> {
        let sealed = self.intake.shelf().read(list, storage::Freshness::Fresh).await?;
        let opening = Opening { list, account_id: kit.account_id, why: "test", at: Timestamp::UNIX_EPOCH };
        let keys = self.keys.lock().unwrap().open(&opening, &sealed.keys()?)?;
        Ok(sealed.open(&keys, |_| true)?.visits)
    }

    /// Destroys the key of a day.
    pub fn destroy(&self, of: VenueDay) -> Result<(), SealingError> {
        self.keys.lock().unwrap().destroy(&[of])
    }
}

/// A guest who comes.
#[derive(Clone, Debug)]
pub struct TestVisit {
    /// The stay.
    pub stay: Stay,
    /// Name.
    pub name: String,
    /// The receipt.
    pub receipt: Receipt,
}

/// A guest of that number and name, at an instant, for an hour.
#[must_use]
pub fn visit(number: u32, name: &str, arrived_at: &str) -> TestVisit {
    let arrived_at: Timestamp = arrived_at.parse().unwrap();
    let leaves_at = arrived_at.checked_add(SignedDuration::from_hours(1)).unwrap();
    let [a, b, c, d] = number.to_be_bytes();
    let visit_id = VisitId::mint(arrived_at, [a, b, c, d, d, c, b, a, 7, 7]);
    let stay = Stay { visit_id, arrived_at, leaves_at, area_id: None, household: 0, marks: Marks::NONE };
    let mut receipt = *b"a receipt that lies nowhere else";
    receipt[..4].copy_from_slice(&number.to_be_bytes());
    TestVisit { stay, name: name.to_owned(), receipt }
}

impl TestVisit {
    fn as_new(&self, day: Date, day_key: PublicKey) -> NewVisit {
        let text = |text: &str| Personal::new(text.to_owned());
        let guest = Guest { name: text(&self.name), phone: Some(text("+49 621 1")), email: None, address: None };
        // As different as names are in tests.
        let print = self.name.bytes().fold(7u32, |print, byte| print.wrapping_mul(31).wrapping_add(byte.into()));
        NewVisit { day, day_key, stay: self.stay, receipt: self.receipt, print, guest: plain(&guest) }
    }
}

/// A venue of an authority, on a day.
#[must_use]
pub fn venue(authority_id: AuthorityId, venue: u64, day: Date) -> ListOfDay {
    ListOfDay { of: VenueDay { authority_id, day }, venue_id: VenueId::of_bits(venue) }
}

/// Makes a venue without hours; returns its id.
pub async fn make_venue(kit: &Kit, name: &str) -> VenueId {
    let venue_id = VenueId::mint(kit.random());
    let address = VenueAddress {
        street: "Gänseweg".to_owned(),
        house_number: "1".to_owned(),
        postcode: "68161".to_owned(),
        city: "Mannheim".to_owned(),
    };
    let details = VenueDetails {
        name: name.to_owned(),
        kind: VenueKind::Cafe,
        address,
        hours: OpeningHours::new(Vec::new()).unwrap(),
        capacity: None,
        usual_stay_min: 120,
        confirms: Confirms::Nobody,
        asks_address: AsksAddress::No,
    };
    let mut tx = kit.write().await;
    assert!(storage::venues::insert(&mut tx, venue_id, &details, crate::kit::now()).await.unwrap());
    tx.commit().await.unwrap();
    venue_id
}
