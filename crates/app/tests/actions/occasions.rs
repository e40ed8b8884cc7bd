//! Visitors of occasions end: the key of the day of upload first, then the rows; and the occasion after half a year.

use crate::Bench;
use app::App;
use app::doctor::{MailSetting, Surroundings, Verdict};
use app::occasions::{NewOccasion, WantedOpening};
use domain::authorities::ShortCode;
use domain::check_ins::VenueDay;
use domain::guest_lists::Reason;
use domain::ids::{OccasionId, VisitorId};
use domain::occasions::{Visitor, VisitorFilter};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use storage::ledger::Ledger;
use storage::sealing::{DayKeys, Keyring, OccasionOpening, Opener, SealingError};
use testkit::kit::now;
use testkit::{Kit, contract};

const CANARY: &str = "Canary-Warrendell";

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

/// An occasion of yesterday with a visitor who is handed in now. Returns its id and code.
async fn party(app: &App) -> (OccasionId, String) {
    let worker = app.sign_in_as("test", None).await.unwrap();
    let new = NewOccasion {
        occasion_id: OccasionId::mint(now(), [9; 10]),
        title: "Abiball".to_owned(),
        place: "Rosengarten".to_owned(),
        contact: String::new(),
        from: Some(now() - SignedDuration::from_hours(20)),
        until: Some(now() - SignedDuration::from_hours(14)),
        case_id: None,
    };
    let code = app.make_occasion(&worker, &new).await.unwrap().occasion.code.unwrap().expose().to_owned();
    assert_eq!(hand_in(app, &code, 1).await, date(2026, 3, 18));
    (new.occasion_id, code)
}

async fn hand_in(app: &App, code: &str, n: u8) -> jiff::civil::Date {
    let visitor = Visitor {
        last_name: Some(CANARY.to_owned()),
        phone: Some("0621 12345".to_owned()),
        ..Visitor::nobody(VisitorId::mint(now(), [n; 10]))
    };
    let handed = app.hand_in_by_form(&ShortCode::local(), code, vec![visitor]).await.unwrap();
    assert_eq!((handed.n_taken, handed.refused.len()), (1, 0));
    handed.deleted_on
}

async fn n_readable(app: &App, occasion_id: OccasionId) -> usize {
    let worker = app.sign_in_as("test", None).await.unwrap();
    let wanted = WantedOpening { reason: Reason::InfectionReported, note: String::new() };
    let opened = app.open_visitors(&worker, occasion_id, &wanted).await.unwrap();
    let all = (occasion_id, opened.opening.opening_id);
    let again = app.visitors_again(&worker, all, &VisitorFilter::default(), "occasions.read").await.unwrap();
    assert_eq!(again.visitors.len(), opened.visitors.len());
    assert!(again.visitors.iter().all(|one| one.visitor.last_name.as_deref() == Some(CANARY)));
    again.visitors.len()
}

contract! {
    async fn a_visitor_is_read_for_sixteen_days_after_the_upload_and_by_nobody_afterwards(kit) {
        let (app, hand) = app(&kit).await;
        let (occasion_id, code) = party(&app).await;
        hand.to(1, "12:00:00");
        hand_in(&app, &code, 2).await;
        // Berlin is an hour ahead of UTC: 18 March begins there at 23:00.
        hand.to(16, "22:59:59");
        assert_eq!(app.end_upload_days().await.unwrap(), 0);
        assert_eq!(n_readable(&app, occasion_id).await, 2);
        hand.to(16, "23:00:00");
        assert_eq!(n_readable(&app, occasion_id).await, 1, "also before anybody has tidied up");
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        let sealed = storage::occasions::sealed_of(&mut kit.read().await, occasion_id).await.unwrap();
        let keys = sealed.days().find(|(day, ..)| *day == of.day).unwrap().2.to_vec();
        assert_eq!(app.end_upload_days().await.unwrap(), 1);
        assert_eq!(app.end_upload_days().await.unwrap(), 0, "once");
        let opening = OccasionOpening { of, occasion_id, account_id: kit.account_id, why: "test", at: now() };
        let mut ring = DayKeys::of_uploads(&Keyring::open(&kit.keyring(), Opener::Auto).unwrap());
        assert!(matches!(ring.open_occasion(&opening, &keys), Err(SealingError::NoKey)), "not by whoever kept the rows");
        assert_eq!(kit.database.count_rows("occasion_visitor").await, 1);
        assert_eq!(n_readable(&app, occasion_id).await, 1, "of the day after");
        let day = storage::occasions::find_day(&mut kit.read().await, of.day).await.unwrap().unwrap();
        assert!(day.destroyed_at.is_some() && day.dropped_at.is_some());
        let worker = app.sign_in_as("test", None).await.unwrap();
        let told = app.list_audited_operations(&worker).await.unwrap();
        for operation in ["occasions.end_day", "occasions.open", "occasions.read", "occasions.hand_in", "occasions.make"] {
            assert!(told.iter().any(|known| known == operation), "{operation} is written down: {told:?}");
        }
        let log = std::fs::read_to_string(kit.keyring().join("openings.log")).unwrap();
        assert!(log.contains(&format!("occasion {occasion_id} day 2026-03-01 why infection_reported")));
        assert!(!log.contains(CANARY));
    }

    async fn days_whose_keys_were_lost_are_told_of(kit) {
        let (lively, _) = app(&kit).await;
        party(&lively).await;
        let path = kit.database.folder.path().join("data");
        let folder = storage::folder::DataFolder::take(&path, storage::folder::Use::Shared).unwrap();
        let visitors = async |app: &App| {
            let worker = app.sign_in_as("test", None).await.unwrap();
            let keyring = kit.keyring();
            let around =
                Surroundings { folder: &folder, keyring: &keyring, mail: MailSetting::Missing, takes_check_ins: true };
            let findings = app.doctor(&worker, around).await.unwrap();
            findings.into_iter().find(|finding| finding.check == "visitors").unwrap()
        };
        assert_eq!(visitors(&lively).await.verdict, Verdict::Fine);
        std::fs::remove_file(kit.keyring().join("upload-keys.json")).unwrap();
        let (later, hand) = app(&kit).await;
        let told = visitors(&later).await;
        assert_eq!(told.verdict, Verdict::Broken);
        assert!(told.found.starts_with("of 1 day the keys are missing, the first 2026-03-01"), "{}", told.found);
        assert!(told.advice.unwrap().contains("upload-keys.json"));
        hand.to(16, "23:00:00");
        assert_eq!(visitors(&later).await.verdict, Verdict::Fine, "nobody may read them any more");
    }

    async fn rows_whose_key_is_gone_are_dropped_at_the_next_turn(kit) {
        let (app, hand) = app(&kit).await;
        party(&app).await;
        hand.to(17, "12:00:00");
        // Stopped between key and rows.
        let of = VenueDay { authority_id: kit.authority_id, day: date(2026, 3, 1) };
        DayKeys::of_uploads(&Keyring::open(&kit.keyring(), Opener::Auto).unwrap()).destroy(&[of]).unwrap();
        assert_eq!(kit.database.count_rows("occasion_visitor").await, 1);
        app.end_upload_days().await.unwrap();
        assert_eq!(kit.database.count_rows("occasion_visitor").await, 0);
        assert_eq!(kit.database.count_rows("occasion_block").await, 0);
    }

    async fn an_occasion_is_gone_half_a_year_after_its_end(kit) {
        let (app, hand) = app(&kit).await;
        let (occasion_id, _) = party(&app).await;
        let worker = app.sign_in_as("test", None).await.unwrap();
        let ledger = Ledger::beside(&kit.keyring());
        hand.to(179, "12:00:00");
        app.run_retention(&worker, &ledger).await.unwrap();
        assert_eq!(app.occasion(&worker, occasion_id).await.unwrap().n_kept, 0);
        hand.to(180, "12:00:00");
        app.run_retention(&worker, &ledger).await.unwrap();
        assert_eq!(kit.database.count_rows("occasion").await, 0);
    }
}
