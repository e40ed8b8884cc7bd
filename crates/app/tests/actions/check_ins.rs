//! Days of check-ins end: the key first, then the rows, whatever stood still meanwhile.

use crate::Bench;
use app::App;
use app::check_ins::{CheckInBody, GuestSent};
use domain::authorities::ShortCode;
use domain::check_ins::{Guest, ListOfDay, VenueDay};
use domain::ids::{VenueId, VisitId};
use domain::persons::Personal;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use std::sync::{Arc, Mutex};
use storage::check_ins::shelf::{Shelf, Tables};
use storage::check_ins::{DayFiles, folder_beside, receipt_of};
use storage::sealing::{DayKeys, Keyring, Opener, Opening, SealingError};
use storage::store::{Durability, Place};
use storage::{Freshness, StorageError};
use testkit::door::{make_venue, shelf};
use testkit::kit::now;
use testkit::{Database, Kit, contract};

const CANARY: &str = "Canary Warrendell";
const SECRET: [u8; 16] = *b"a secret canary!";

/// A clock that a test moves.
#[derive(Clone)]
struct Hand(Arc<Mutex<Timestamp>>);

impl Hand {
    fn to(&self, day: i64, time: &str) {
        let at: Timestamp = format!("2026-03-01T{time}Z").parse().unwrap();
        *self.0.lock().unwrap() = at.checked_add(SignedDuration::from_hours(24 * day)).unwrap();
    }
}

async fn app(kit: &Kit) -> (App, Hand) {
    let hand = Hand(Arc::new(Mutex::new(now())));
    let clock = hand.clone();
    let jobs = kit.database.open_for_jobs().await;
    let app = Bench::app_with_clock(kit, kit.store.clone(), jobs, Arc::new(move || *clock.0.lock().unwrap()));
    app.prepare_installation_key().await.unwrap();
    (app, hand)
}

fn canary(number: u8, at: Timestamp) -> GuestSent {
    GuestSent {
        visit_id: VisitId::mint(at, [number; 10]),
        secret: SECRET,
        arrived_at: at,
        leaves_at: None,
        household: 0,
        guest: Guest {
            name: Personal::new(CANARY.to_owned()),
            phone: Some(Personal::new("+49 621 1".to_owned())),
            email: None,
            address: None,
        },
    }
}

async fn check_in(app: &App, venue_id: VenueId, number: u8) {
    let visits = vec![canary(number, app.now())];
    let body = CheckInBody { authority: ShortCode::local(), venue_id, area_id: None, visits };
    app.check_in(body).await.unwrap();
}

/// Opens a list with the live keyring, as it lies on a shelf.
async fn opened(
    kit: &Kit,
    keyring: &Path,
    opener: Opener,
    shelf: &Shelf,
    list: ListOfDay,
) -> Result<usize, StorageError> {
    let keyring = Keyring::open(keyring, opener).unwrap();
    let sealed = shelf.read(list, Freshness::Fresh).await?;
    let opening = Opening { list, account_id: kit.account_id, why: "test", at: now() };
    let keys = DayKeys::beside(&keyring).open(&opening, &sealed.keys()?)?;
    let visits = sealed.open(&keys, |_| true)?.visits;
    assert!(visits.iter().all(|visit| visit.guest.name.expose() == CANARY));
    Ok(visits.len())
}

/// Puts a backup back somewhere else, as a thief would.
async fn put_back(kit: &Kit, backup: &Path) -> (Database, Shelf) {
    let target = match &kit.database.app {
        Place::File(_) => Database::empty(kit.database.kind).await,
        Place::Postgres(_) => Database::migrated(kit.database.kind).await,
    };
    let shelf = match &target.app {
        Place::File(path) => {
            storage::backup::restore_file(backup, path).unwrap();
            Shelf::Files(DayFiles::open(&folder_beside(path), Durability::Synced).unwrap(), target.open().await)
        }
        Place::Postgres(_) => {
            let owner = target.open_as_migrator().await;
            storage::backup::restore_postgres(backup, &owner).await.unwrap();
            let (app, jobs) = (target.open().await, target.open_for_jobs().await);
            Shelf::Tables(Tables::connect(app, jobs, &target.intake_url()).await.unwrap())
        }
    };
    (target, shelf)
}

/// Says whether bytes lie in any file below a folder.
fn lies_in(folder: &Path, bytes: &[u8]) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = lies_in(&path, bytes) {
                return Some(found);
            }
        } else if std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            return Some(path);
        }
    }
    None
}

contract! {
    /// The promise: no copy that the platform made can be opened after the period.
    async fn a_guest_is_opened_on_day_thirteen_from_a_backup_and_on_day_sixteen_from_nothing(kit) {
        let (app, hand) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venue_id = make_venue(&kit, "Rosa").await;
        check_in(&app, venue_id, 1).await;
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        let list = ListOfDay { of, venue_id };
        // In the open day, and later packed, it is there and opens.
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list).await.unwrap(), 1);
        hand.to(4, "12:00:00");
        app.keep_days().await.unwrap();
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list).await.unwrap(), 1);

        hand.to(13, "12:00:00");
        app.keep_days().await.unwrap();
        let folder = kit.database.folder.path().to_owned();
        let (backup, export) = (folder.join("backup"), folder.join("export"));
        storage::backup::back_up(&kit.store, &backup, app.now()).await.unwrap();
        Keyring::open(&kit.keyring(), Opener::Auto).unwrap().export(&export, "a secret".to_owned().into()).unwrap();
        let (_thief, stolen) = put_back(&kit, &backup).await;
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &stolen, list).await.unwrap(), 1, "day 13, from a backup");
        let by_export = opened(&kit, &export, Opener::Secret("a secret".to_owned().into()), &stolen, list).await;
        assert!(matches!(by_export, Err(StorageError::Sealing(SealingError::NoKey))), "an export holds no days");

        // Nothing runs for three days.
        lies_on.close().await;
        hand.to(16, "00:30:00");
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        for (where_it_lies, opener) in [(&kit.keyring(), Opener::Auto), (&export, Opener::Secret("a secret".to_owned().into()))] {
            let refused = opened(&kit, where_it_lies, opener, &stolen, list).await;
            assert!(matches!(refused, Err(StorageError::Sealing(SealingError::NoKey))), "day 16, {where_it_lies:?}");
        }
        assert!(lies_on.read(list, Freshness::Fresh).await.unwrap().stays().unwrap().is_empty());
        let receipt = receipt_of(&SECRET);
        assert_eq!(lies_in(&folder, CANARY.as_bytes()), None, "in clear it lay nowhere, ever");
        std::fs::remove_dir_all(&backup).unwrap();
        assert_eq!(lies_in(&folder, &receipt), None, "and what is live has no trace of it");
        let mut tx = kit.read().await;
        let day = storage::check_ins::days::find(&mut tx, of.day).await.unwrap().unwrap();
        assert!(day.destroyed_at.is_some() && day.dropped_at.is_some());
    }

    async fn a_day_ends_at_its_midnight_and_not_before(kit) {
        let (app, hand) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venue_id = make_venue(&kit, "Rosa").await;
        check_in(&app, venue_id, 1).await;
        hand.to(1, "12:00:00");
        check_in(&app, venue_id, 2).await;
        let list = |day| ListOfDay { of: VenueDay { authority_id: kit.authority_id, day: date(2026, 3, day) }, venue_id };
        // Berlin is an hour ahead of UTC: 16 March begins there at 23:00.
        hand.to(14, "22:59:59");
        app.keep_days().await.unwrap();
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list(1)).await.unwrap(), 1);
        hand.to(14, "23:00:00");
        assert_eq!(app.keep_days().await.unwrap(), 1);
        assert!(lies_on.read(list(1), Freshness::Fresh).await.unwrap().stays().unwrap().is_empty());
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list(2)).await.unwrap(), 1);
        assert_eq!(app.keep_days().await.unwrap(), 0, "once");
        let worker = app.sign_in_as("test", None).await.unwrap();
        let told = app.list_audited_operations(&worker).await.unwrap();
        assert!(told.iter().any(|operation| operation == "check_ins.end_day"), "it is written down: {told:?}");
    }

    async fn a_key_that_is_gone_and_rows_that_are_not_is_ended_at_the_next_turn(kit) {
        let (app, hand) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venue_id = make_venue(&kit, "Rosa").await;
        check_in(&app, venue_id, 1).await;
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        hand.to(15, "12:00:00");
        // Stopped between key and rows.
        DayKeys::beside(&Keyring::open(&kit.keyring(), Opener::Auto).unwrap()).destroy(&[of]).unwrap();
        assert_eq!(lies_on.read(ListOfDay { of, venue_id }, Freshness::Fresh).await.unwrap().stays().unwrap().len(), 1);
        app.keep_days().await.unwrap();
        assert!(lies_on.read(ListOfDay { of, venue_id }, Freshness::Fresh).await.unwrap().stays().unwrap().is_empty());
    }

    async fn after_the_keys_of_days_were_lost_new_guests_can_be_read_again(kit) {
        let (app, _) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venue_id = make_venue(&kit, "Rosa").await;
        check_in(&app, venue_id, 1).await;
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        let list = ListOfDay { of, venue_id };
        // As after a restore with `keys export`, which holds no days.
        std::fs::remove_file(kit.keyring().join("day-keys.json")).unwrap();
        let refused = opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list).await;
        assert!(matches!(refused, Err(StorageError::Sealing(SealingError::NoKey))));
        app.keep_days().await.unwrap();
        check_in(&app, venue_id, 2).await;
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list).await.unwrap(), 1, "the second");
        app.keep_days().await.unwrap();
        check_in(&app, venue_id, 3).await;
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &lies_on, list).await.unwrap(), 2, "and it is renewed once");
        let sealed = lies_on.read(list, Freshness::Fresh).await.unwrap();
        assert_eq!(sealed.stays().unwrap().len(), 3, "that somebody else was there is known");
    }

    async fn what_another_server_changed_of_venues_is_seen_half_a_minute_later(kit) {
        let (app, hand) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venues = [make_venue(&kit, "Rosa").await, make_venue(&kit, "Linde").await, make_venue(&kit, "Krone").await];
        let is_open = async |venue_id| app.guest_view(&ShortCode::local(), venue_id).await.unwrap().door.open;
        for venue_id in venues {
            assert!(is_open(venue_id).await);
        }
        let mut tx = kit.write().await;
        for venue_id in &venues[..2] {
            storage::venues::close(&mut tx, *venue_id, now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        hand.to(0, "12:00:29");
        assert!(is_open(venues[0]).await, "it was read a moment ago");
        hand.to(0, "12:00:30");
        let seen = [is_open(venues[0]).await, is_open(venues[1]).await, is_open(venues[2]).await];
        assert_eq!(seen, [false, false, true]);
        let unknown = VenueId::mint([9; 10]);
        assert!(app.guest_view(&ShortCode::local(), unknown).await.is_err());
        lies_on.close().await;
    }

    async fn check_ins_go_on_while_the_keyring_is_away(kit) {
        let (app, hand) = app(&kit).await;
        let lies_on = shelf(&kit).await;
        app.open_door(lies_on.clone()).await.unwrap();
        let venue_id = make_venue(&kit, "Rosa").await;
        lies_on.close().await;
        // The next start, without it.
        let jobs = kit.database.open_for_jobs().await;
        let clock = hand.clone();
        let random = Arc::new(|bytes: &mut [u8]| bytes.fill(7));
        let locked = App::new(kit.store.clone(), jobs, None, Arc::new(move || *clock.0.lock().unwrap()), random);
        let again = shelf(&kit).await;
        locked.open_door(again.clone()).await.unwrap();
        check_in(&locked, venue_id, 1).await;
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        assert_eq!(opened(&kit, &kit.keyring(), Opener::Auto, &again, ListOfDay { of, venue_id }).await.unwrap(), 1);
    }
}
