//! How many of the acknowledged check-ins are on the lists of their venues, as the platform reads them.

use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::VenueId;
use domain::time::plus_days;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use std::path::PathBuf;
use storage::check_ins::shelf::{Shelf, Tables};
use storage::store::{Durability, Place, StoreOptions};
use storage::{Freshness, Store};
use uuid::Uuid;

/// Where to look, and for whom.
#[derive(Deserialize)]
pub struct Job {
    /// The database, as the role of the platform.
    url: String,
    /// As the role of jobs.
    jobs_url: String,
    /// As the role that takes check-ins.
    intake_url: String,
    /// Short code of the authority.
    short_code: String,
    /// The venues.
    venues: Vec<String>,
    /// File with the ids that were acknowledged, 16 bytes each.
    ids: PathBuf,
}

/// Looks, and prints what it found.
///
/// The blocks of all days are packed first, which the platform does when a day is over: then each list is read at once, where else
/// each would be looked for in every block. It can be done once only, and nobody may check in meanwhile.
pub async fn run(job: Job) {
    let store = |url: String| async {
        let options = StoreOptions { place: Place::Postgres(url), durability: Durability::Synced, n_connections: 2 };
        Store::open(&options).await.unwrap()
    };
    let (app, jobs) = (store(job.url).await, store(job.jobs_url).await);
    let mut tx = app.read_installation().await.unwrap();
    let all = storage::authorities::list(&mut tx).await.unwrap();
    drop(tx);
    let authority = all.into_iter().find(|one| one.short_code.as_str().eq_ignore_ascii_case(&job.short_code)).unwrap();
    let authority_id = authority.authority_id;
    let shelf = Shelf::Tables(Tables::connect(app, jobs, &job.intake_url).await.unwrap());
    let today = domain::time::local_day(jiff::Timestamp::now(), &authority.time_zone);
    // Midnight may have passed.
    let days = [plus_days(today, -1), today];
    for day in days {
        shelf.pack(day, &[authority_id]).await.unwrap();
    }
    let mut found: HashMap<Uuid, u32> = HashMap::new();
    for venue in &job.venues {
        let venue_id: VenueId = venue.parse().unwrap();
        for day in days {
            let list = ListOfDay { of: VenueDay { authority_id, day }, venue_id };
            let stays = shelf.read(list, Freshness::Fresh).await.unwrap().stays().unwrap();
            stays.iter().for_each(|(stay, _)| *found.entry(stay.visit_id.0).or_default() += 1);
        }
    }
    let ids = std::fs::read(&job.ids).unwrap();
    let acknowledged: Vec<Uuid> = ids.chunks_exact(16).map(|id| Uuid::from_slice(id).unwrap()).collect();
    let missing = acknowledged.iter().filter(|id| !found.contains_key(id)).count();
    let doubled = found.values().filter(|n| **n > 1).count();
    println!(
        "{}",
        json!({"acknowledged": acknowledged.len(), "found": found.len(), "missing": missing, "doubled": doubled})
    );
}
