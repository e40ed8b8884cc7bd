//! `check-ins`: guests come in over HTTP, sealed, each answered after the sync; beside an endpoint that only parses.
//!
//! Both sides and the telephones share the machine. A telephone has one request under way; many telephones are served by a
//! thread, which writes to all and then reads from all, so a request's time includes waiting for its neighbours.

mod lists;
mod load;
mod stock;

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::place::{Database, Server, Stand};
use domain::check_ins::ListOfDay;
use domain::ids::VenueId;
use domain::venues::{AsksAddress, Confirms, OpeningHours, VenueAddress, VenueDetails, VenueKind};
use load::{Load, N_TELEPHONES, N_THREADS, N_TILLS, Seen, serve, serve_parsing};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Instant;
use stock::{arrival, day, fill, open_door};
use storage::check_ins::VenueKey;
use storage::check_ins::intake::NewVisit;
use storage::sealing::{DayKeys, Sender};
use uuid::Uuid;

/// Venues at which guests come in: so many that none refuses a flood, at a hundredth too.
const N_VENUES: usize = 20_000;
/// Turns of both sides over HTTP: many short ones, since a machine's speed changes from one second to the next.
const N_TURNS: usize = 21;
/// Rounds of what is sealed in memory.
const N_ROUNDS: usize = 5;

const RATE: &str = "2 threads with 256 telephones each, keep-alive, one request under way each, on the same two cores; in turns, \
    median. The peer parses the same body into the same types and answers at once. Ratio: our rate divided by the peer's of \
    the turn beside it, median";
const PROCESSORS: &str = "the same turns: time of both processors divided by answers, server and telephones together. Ratio: the \
    peer's divided by ours, median";
const SUSTAINED: &str = "the same, without a pause";
const IN_TENS: &str = "2 threads with 64 tills each, ten guests in each request; for four times as long as a turn";
const LATENCY: &str =
    "from writing a request to having read its answer; each thread reads its 256 answers one after the other";
const INTAKE: &str = "blocks of 1,000 visits of 400 authorities' size, all of one authority here, from the queue to the commit, \
    4 lanes; the peer inserts rows of the same sealed size by unnest, 1,000 a synchronous transaction, one after the other. \
    Ratio: our rate divided by the peer's";
const SEALING: &str = "100,000 guests with name and telephone, copied and sealed in memory on one thread, wall time";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("check-ins", scale);
    for database in Database::BOTH {
        over_http(server, &mut figures, database, scale).await;
    }
    intake(server, &mut figures, scale).await;
    let stand = server.stand(Database::Sqlite, "check_ins").await;
    sealing(&mut figures, &stand);
    stand.remove().await;
    // What follows takes a quarter of an hour.
    figures.write();
    lists::run(server, &mut figures, scale).await;
    figures.write();
}

/// Venues enough that none is flooded.
async fn make_venues(stand: &Stand, n: usize) -> Vec<VenueId> {
    let text = |text: &str| text.to_owned();
    let address = VenueAddress { street: text("Weg"), house_number: text("1"), postcode: text("1"), city: text("Ort") };
    let details = VenueDetails {
        name: text("Café"),
        kind: VenueKind::Cafe,
        address,
        hours: OpeningHours::new(Vec::new()).unwrap(),
        capacity: None,
        usual_stay_min: 90,
        confirms: Confirms::Nobody,
        asks_address: AsksAddress::No,
    };
    let mut tx = stand.app.store.write(stand.worker.authority.authority_id).await.unwrap();
    let venues: Vec<VenueId> = (0..n as u64).map(|n| VenueId::of_bits(n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
    for venue_id in &venues {
        storage::venues::insert(&mut tx, *venue_id, &details, stand.app.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    venues
}

async fn over_http(server: &Server, figures: &mut Figures, database: Database, scale: Scale) {
    let stand = server.stand(database, "check_ins").await;
    let venues = make_venues(&stand, N_VENUES).await;
    let shelf = server.shelf(&stand).await;
    stand.app.open_door(shelf.clone()).await.unwrap();
    let ours = serve(&stand);
    let peer = serve_parsing().await;
    let now = stand.app.now();
    let (seconds, long) = if scale == Scale::Full { (2.0, 60.0) } else { (0.2, 2.0) };
    let next = Arc::new(AtomicU32::new(0));
    let load = Load { venues: Arc::new(venues), now, n_visits: 1, n_lines: N_TELEPHONES, next };
    // Every venue is known at the door before it is measured.
    load.run(ours, seconds);
    let turns: Vec<(Seen, Seen)> = (0..N_TURNS).map(|_| (load.run(peer, seconds), load.run(ours, seconds))).collect();
    let of_turns = |of: &dyn Fn(&(Seen, Seen)) -> f64| median(&turns.iter().map(of).collect::<Vec<f64>>());
    let base = Figure {
        figure: format!("check-ins over HTTP, {}", database.name()),
        value: of_turns(&|(_, own)| own.rate),
        unit: "visits/s",
        peer: "an endpoint that only parses the same body",
        ratio: Some(of_turns(&|(theirs, own)| own.rate / theirs.rate)),
        goal: if database == Database::Sqlite { Goal::Ratio(0.5) } else { Goal::None },
        n: json!({"turns": N_TURNS, "seconds": seconds, "telephones": N_THREADS * N_TELEPHONES}),
        method: RATE,
    };
    figures.add(base.clone());
    figures.add(Figure {
        figure: format!("processors for a check-in, {}", database.name()),
        value: of_turns(&|(_, own)| own.cpu_us),
        unit: "µs",
        ratio: Some(of_turns(&|(theirs, own)| theirs.cpu_us / own.cpu_us)),
        goal: Goal::None,
        method: PROCESSORS,
        ..base.clone()
    });
    let long_run = load.run(ours, long);
    let n = json!({"seconds": long, "visits": long_run.n});
    let goal = if database == Database::Sqlite { Goal::AtLeast(30_000.0) } else { Goal::None };
    let (peer_name, ratio) = ("", None);
    figures.add(Figure {
        figure: format!("sustained, {}", database.name()),
        value: long_run.rate,
        peer: peer_name,
        ratio,
        goal,
        n: n.clone(),
        method: SUSTAINED,
        ..base.clone()
    });
    figures.add(Figure {
        figure: format!("a check-in meanwhile, {}: p99", database.name()),
        value: quantile(&long_run.ms, 0.99),
        unit: "ms",
        peer: peer_name,
        ratio,
        goal: if database == Database::Sqlite { Goal::Below(100.0) } else { Goal::None },
        n,
        method: LATENCY,
    });
    let tens = Load { n_visits: 10, n_lines: N_TILLS, ..load };
    let ten = tens.run(ours, seconds * 4.0);
    figures.add(Figure {
        figure: format!("in bodies of ten, {}", database.name()),
        value: ten.rate * 10.0,
        peer: peer_name,
        ratio,
        goal: if database == Database::Sqlite { Goal::AtLeast(150_000.0) } else { Goal::None },
        n: json!({"requests": ten.n, "lines": N_THREADS * N_TILLS}),
        method: IN_TENS,
        ..base
    });
    shelf.close().await;
    stand.remove().await;
}

/// PostgreSQL: the door without HTTP, beside plain rows of the same size.
async fn intake(server: &Server, figures: &mut Figures, scale: Scale) {
    let stand = server.stand(Database::Postgres, "check_ins").await;
    let shelf = server.shelf(&stand).await;
    let mut keys = DayKeys::beside(&stand.keyring());
    let today = day(&stand, &mut keys, 0);
    let intake = open_door(&shelf, today.of).await;
    let venues: Vec<VenueId> = (0..20_000).map(VenueId::of_bits).collect();
    let n = scale.of(400_000) as u32;
    let started = Instant::now();
    fill(&intake, &venues, n, &today).await;
    let own_s = started.elapsed().as_secs_f64();
    let superuser = server.superuser(&stand).await;
    let table = "CREATE TABLE plain_visit (visit_id uuid PRIMARY KEY, venue_id bigint, body bytea)";
    sqlx::query(table).execute(&superuser).await.unwrap();
    let started = Instant::now();
    for first in (0..n).step_by(1_000) {
        let rows = first..(first + 1_000).min(n);
        let ids: Vec<Uuid> = rows.clone().map(|number| Uuid::from_u128(u128::from(number))).collect();
        let venues: Vec<i64> = rows.clone().map(|number| i64::from(number % 20_000)).collect();
        let bodies: Vec<Vec<u8>> = rows.map(|number| vec![number as u8; 140]).collect();
        let insert = "INSERT INTO plain_visit SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[])";
        sqlx::query(insert).bind(ids).bind(venues).bind(bodies).execute(&superuser).await.unwrap();
    }
    let theirs_s = started.elapsed().as_secs_f64();
    figures.add(Figure {
        figure: "taken at the door, PostgreSQL".to_owned(),
        value: f64::from(n) / own_s,
        unit: "visits/s",
        peer: "plain rows of that size, 1,000 a transaction",
        ratio: Some(theirs_s / own_s),
        goal: Goal::Ratio(0.5),
        n: json!({"visits": n}),
        method: INTAKE,
    });
    superuser.close().await;
    shelf.close().await;
    stand.remove().await;
}

/// What sealing one guest costs, with the key of their venue at hand and with one made for them.
fn sealing(figures: &mut Figures, stand: &Stand) {
    let mut keys = DayKeys::beside(&stand.keyring());
    let today = day(stand, &mut keys, 0);
    let venue_id = VenueId::of_bits(7);
    let list = ListOfDay { of: today.of, venue_id };
    let visits = arrival(venue_id, 0, 100_000, &today).visits;
    let sender = Sender::to(today.of, &today.day_key).unwrap();
    let (data_key, _) = sender.data_key(venue_id).unwrap();
    let cached = VenueKey::new(&data_key).unwrap();
    let mut measure = |figure: &str, goal: Goal, seal: &mut dyn FnMut(u32, &NewVisit, &mut Vec<u8>)| {
        let mut guest = Vec::with_capacity(256);
        let rounds: Vec<f64> = (0..N_ROUNDS as u32)
            .map(|round| {
                let started = Instant::now();
                for (number, visit) in visits.iter().enumerate() {
                    guest.clear();
                    guest.extend_from_slice(&visit.guest);
                    seal(round * 100_000 + number as u32, visit, &mut guest);
                }
                started.elapsed().as_secs_f64() * 1e9 / visits.len() as f64
            })
            .collect();
        figures.add(Figure {
            figure: figure.to_owned(),
            value: median(&rounds),
            unit: "ns",
            peer: "",
            ratio: None,
            goal,
            n: json!({"guests": visits.len(), "rounds": N_ROUNDS}),
            method: SEALING,
        });
    };
    measure("sealing a guest, the venue's key at hand", Goal::Below(500.0), &mut |number, visit, guest| {
        cached.seal(list, visit.stay.visit_id, number, guest).unwrap();
    });
    measure("sealing a guest, a new key for each", Goal::None, &mut |number, visit, guest| {
        let (data_key, _) = sender.data_key(venue_id).unwrap();
        VenueKey::new(&data_key).unwrap().seal(list, visit.stay.visit_id, number, guest).unwrap();
    });
}
