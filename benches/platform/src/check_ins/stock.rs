//! Visits by the million, through the door without HTTP.

use crate::place::Stand;
use domain::check_ins::{Guest, Marks, Stay, VenueDay};
use domain::ids::{VenueId, VisitId};
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use storage::check_ins::intake::{Arrival, Intake, NewVisit};
use storage::check_ins::shelf::Shelf;
use storage::check_ins::{plain, receipt_of};
use storage::sealing::{DayKeys, PublicKey};
use uuid::Uuid;

/// Visits as the door has them after parsing.
pub fn arrival(venue: VenueId, first: u32, n: u32, day: &OneDay) -> Arrival {
    let (of, day_key, now) = (day.of, day.day_key, day.at);
    let visit = |number: u32| {
        let [a, b, c, d] = number.to_be_bytes();
        let visit_id = VisitId::mint(now, [a, b, c, d, d, c, b, a, 1, 1]);
        let leaves_at = now.checked_add(SignedDuration::from_hours(2)).unwrap();
        let stay = Stay { visit_id, arrived_at: now, leaves_at, area_id: None, household: 0, marks: Marks::NONE };
        let guest = Guest {
            name: Personal::new(format!("Rosa Warrendell {number}")),
            phone: Some(Personal::new("+49 621 12345678".to_owned())),
            email: None,
            address: None,
        };
        let mut secret = [0; 16];
        secret[..4].copy_from_slice(&number.to_be_bytes());
        NewVisit { day: of.day, day_key, stay, receipt: receipt_of(&secret), print: number, guest: plain(&guest) }
    };
    Arrival { authority_id: of.authority_id, venue_id: venue, visits: (first..first + n).map(visit).collect() }
}

/// A day, its public key, and an instant in it.
pub struct OneDay {
    pub of: VenueDay,
    pub day_key: PublicKey,
    pub at: Timestamp,
}

/// Makes the key of the day that was so many days ago.
pub fn day(stand: &Stand, keys: &mut DayKeys, n_days_ago: i64) -> OneDay {
    let authority = &stand.worker.authority;
    let at = stand.app.now().checked_sub(SignedDuration::from_hours(24 * n_days_ago)).unwrap();
    let of = VenueDay { authority_id: authority.authority_id, day: domain::time::local_day(at, &authority.time_zone) };
    let ends_at = at.checked_add(SignedDuration::from_hours(24 * 15)).unwrap();
    OneDay { of, day_key: keys.make(&[(of, ends_at)]).unwrap()[0], at }
}

/// Opens the door for one day.
pub async fn open_door(shelf: &Shelf, of: VenueDay) -> Intake {
    let mint = || domain::ids::mint(Timestamp::now(), *Uuid::new_v4().as_bytes().first_chunk().unwrap());
    shelf.make_day(of.day).await.unwrap();
    Intake::open(shelf.clone(), &[of.day], &[of.authority_id], Arc::new(mint)).await.unwrap()
}

/// Sends visits through the door, many under way.
pub async fn fill(intake: &Intake, venues: &[VenueId], n: u32, day: &OneDay) {
    let mut under_way = futures_util::stream::FuturesUnordered::new();
    for (at, first) in (0..n).step_by(10).enumerate() {
        under_way.push(intake.arrive(arrival(venues[at % venues.len()], first, 10, day)));
        if under_way.len() == 1_000 {
            futures_util::StreamExt::next(&mut under_way).await.unwrap().unwrap();
        }
    }
    while let Some(taken) = futures_util::StreamExt::next(&mut under_way).await {
        taken.unwrap();
    }
}
