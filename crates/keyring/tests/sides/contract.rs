//! What holds wherever the keys are: in a folder, with a process, with two.

use super::*;
use domain::ids::OccasionId;
use storage::ledger::{Erasure, LedgerFile};
use storage::pulse::RememberedFile;
use storage::sealing::{CellPlace, OccasionOpening};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Keys, and in which folders they lie.
struct Place {
    keys: Keys,
    folders: Vec<PathBuf>,
    hosts: Hosts,
}

impl Place {
    async fn all() -> [Self; 3] {
        let (folder, one, two) = (Hosts::new(1), Hosts::new(1), Hosts::pair().await);
        one.start(0).await;
        let here = Keys::Here(Arc::new(open_folder(&folder.keyring(0))));
        let (asked, asked_two) = (one.keys().await, two.keys().await);
        let folders = |hosts: &Hosts| (0..hosts.names.len()).map(|host| hosts.keyring(host)).collect();
        [
            Self { keys: here, folders: folders(&folder), hosts: folder },
            Self { keys: asked, folders: folders(&one), hosts: one },
            Self { keys: asked_two, folders: folders(&two), hosts: two },
        ]
    }

    /// All lines of logs of openings that lie in a folder.
    fn logged(folder: &Path) -> String {
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let logs = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("openings"));
        logs.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

#[tokio::test]
async fn an_authority_has_one_key_and_all_who_ask_have_the_same() {
    for place in Place::all().await {
        let keys = &place.keys;
        assert!(keys.sealer(AuthorityId(7)).is_err());
        keys.add_authority(AuthorityId(7), now()).await.unwrap();
        keys.add_authority(AuthorityId(7), in_days(1)).await.unwrap();
        assert_eq!(keys.list().len(), 1);
        assert_eq!(keys.list()[0].created_at, now());
        let at = CellPlace { table: "person", column: "city", row: Uuid::nil() };
        let cell = keys.sealer(AuthorityId(7)).unwrap().seal(at, "Mannheim").unwrap();
        if place.hosts.standing(0).await.is_some() {
            let elsewhere = place.hosts.keys_of(place.hosts.names.len() - 1).await;
            assert_eq!(elsewhere.sealer(AuthorityId(7)).unwrap().open(at, &cell.0).unwrap(), "Mannheim");
        }
    }
}

#[tokio::test]
async fn a_server_that_lacks_a_key_asks_for_it_and_says_meanwhile_that_it_may_come() {
    let hosts = Hosts::pair().await;
    let (one, other) = (hosts.keys().await, hosts.keys().await);
    one.add_authority(AuthorityId(7), now()).await.unwrap();
    assert!(matches!(other.sealer(AuthorityId(7)), Err(SealingError::Away(_))));
    until("the key", || async { other.sealer(AuthorityId(7)).is_ok() }).await;
    until("that there is none", || async { matches!(other.sealer(AuthorityId(8)), Err(SealingError::NoKey)) }).await;
}

#[tokio::test]
async fn a_data_key_opens_for_its_venue_and_day_and_each_opening_is_logged_wherever_keys_lie() {
    for place in Place::all().await {
        let keys = &place.keys;
        let public = keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(9)), (of(1, 25), in_days(10))]).await.unwrap();
        let (sealed, key) = seal(of(1, 24), &public[0]);
        let opened = keys.open(&opening(of(1, 24), venue()), &sealed).await.unwrap();
        assert_eq!(opened[0].1[..], key[..]);
        assert!(keys.open(&opening(of(1, 24), VenueId::of_bits(6)), &sealed).await.is_err(), "another venue");
        assert!(keys.open(&opening(of(1, 25), venue()), &sealed).await.is_err(), "another day");
        let wrong = Opening { why: "no word\n1 forged", ..opening(of(1, 24), venue()) };
        let refused = keys.open(&wrong, &sealed).await;
        assert!(matches!(keys, Keys::Here(_)) || refused.is_err(), "what is logged has a fixed shape");
        for folder in &place.folders {
            let log = Place::logged(folder);
            assert!(log.contains("venue 0000000005 day 2026-11-24 why infection_reported"), "{log}");
            assert_eq!(log.lines().filter(|line| line.contains("why infection_reported")).count(), 3, "{log}");
        }
    }
}

#[tokio::test]
async fn a_destroyed_key_opens_nothing_and_others_stay() {
    for place in Place::all().await {
        let keys = &place.keys;
        let (one, other) = (day(keys, of(1, 24)).await, day(keys, of(2, 24)).await);
        keys.destroy(DayKind::Arrivals, &[of(1, 24)]).await.unwrap();
        is_gone(keys, of(1, 24), &one).await;
        opens(keys, of(2, 24), &other).await;
        assert_eq!(keys.days(DayKind::Arrivals).await.unwrap(), [(of(2, 24), in_days(9))]);
        keys.destroy(DayKind::Arrivals, &[of(1, 24)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_period_is_fixed_when_the_key_is_made_and_only_gets_shorter() {
    for place in Place::all().await {
        let keys = &place.keys;
        let first = keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(9))]).await.unwrap();
        assert_eq!(keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(20))]).await.unwrap(), first, "the same key");
        assert_eq!(keys.days(DayKind::Arrivals).await.unwrap(), [(of(1, 24), in_days(9))]);
        assert_eq!(keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(2))]).await.unwrap(), first);
        assert_eq!(keys.days(DayKind::Arrivals).await.unwrap(), [(of(1, 24), in_days(2))]);
    }
}

#[tokio::test]
async fn visitors_open_for_their_occasion_and_a_retry_is_known_by_its_print() {
    for place in Place::all().await {
        let keys = &place.keys;
        let public = keys.make(DayKind::Uploads, &[(of(1, 24), in_days(9))]).await.unwrap();
        let sender = Sender::to(of(1, 24), &public[0]).unwrap();
        let (party, other) = (OccasionId(Uuid::from_u128(5)), OccasionId(Uuid::from_u128(6)));
        let (key, sealed) = sender.occasion_key(party).unwrap();
        let sealed = [(sender.number(), sealed)];
        let opening = |occasion_id| OccasionOpening {
            of: of(1, 24),
            occasion_id,
            account_id: AccountId(Uuid::nil()),
            why: "infection_reported",
            at: now(),
        };
        assert_eq!(keys.open_occasion(&opening(party), &sealed).await.unwrap()[0].1[..], key[..]);
        assert!(keys.open_occasion(&opening(other), &sealed).await.is_err());
        assert!(keys.days(DayKind::Arrivals).await.unwrap().is_empty(), "other days");
        let print = keys.print_keys(AuthorityId(1)).await.unwrap()[&of(1, 24).day].print(b"Ada");
        assert_eq!(keys.print_keys(AuthorityId(1)).await.unwrap()[&of(1, 24).day].print(b"Ada"), print);
        assert!(keys.print_keys(AuthorityId(2)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn erasures_are_listed_by_all_and_go_with_an_export_that_holds_no_day() {
    for place in Place::all().await {
        let keys = &place.keys;
        keys.add_authority(AuthorityId(1), now()).await.unwrap();
        day(keys, of(1, 24)).await;
        let erasure = |id| Erasure {
            erased_at: now(),
            authority_id: AuthorityId(1),
            table: "person".to_owned(),
            id: Uuid::from_u128(id),
        };
        let noted = keys.ledger().append(&[erasure(1)]).await.unwrap();
        assert!(noted.is_some_and(|bytes| bytes > 0));
        assert_eq!(keys.ledger().append(&[]).await.unwrap(), None);
        let noted = keys.ledger().append(&[erasure(2)]).await.unwrap();
        assert_eq!(keys.ledger().bytes().await.unwrap(), noted.unwrap());
        keys.remembered().raise(7).await.unwrap();
        assert_eq!(keys.ledger().list().await.unwrap(), [erasure(1), erasure(2)]);
        let copy = place.folders[0].with_extension("copy");
        let secret = || Zeroizing::new("correct horse".to_owned());
        assert_eq!(keys.export(&copy, secret()).await.unwrap(), 1);
        assert!(keys.export(&copy, secret()).await.is_err(), "never over a keyring");
        let opened = Keyring::open(&copy, Opener::Secret(secret())).unwrap();
        assert_eq!(opened.list().count(), 1);
        assert_eq!(LedgerFile::beside(&copy).list().unwrap(), [erasure(1), erasure(2)]);
        let mut names: Vec<_> = std::fs::read_dir(&copy).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["database.pulse", "erasures.ledger", "keyring.json"]);
        assert_eq!(RememberedFile::beside(&copy).beats().unwrap(), Some(7));
    }
}

#[tokio::test]
async fn what_is_remembered_of_the_database_only_grows_on_each_side() {
    for place in Place::all().await {
        let remembered = place.keys.remembered();
        assert_eq!(remembered.beats().await.unwrap(), None);
        for (raised, then) in [(9, 9), (10, 10), (3, 10)] {
            remembered.raise(raised).await.unwrap();
            assert_eq!(remembered.beats().await.unwrap(), Some(then), "{raised}");
        }
        for folder in &place.folders {
            assert_eq!(RememberedFile::beside(folder).beats().unwrap(), Some(10));
        }
    }
}
