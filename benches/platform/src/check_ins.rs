//! `check-ins`: guests come in over HTTP, sealed, each answered after the sync; beside an endpoint that only parses.
//!
//! Both sides and the telephones share the machine. A telephone has one request under way; many telephones are served by a
//! thread, which writes to all and then reads from all, so a request's time includes waiting for its neighbours.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::place::{Database, Server, Stand};
use app::doctor::MailSetting;
use axum::routing::post;
use axum::{Json, Router};
use domain::check_ins::{Guest, ListOfDay, Marks, Stay, VenueDay};
use domain::ids::{VenueId, VisitId};
use domain::persons::Personal;
use domain::venues::{AsksAddress, Confirms, OpeningHours, VenueAddress, VenueDetails, VenueKind};
use jiff::{SignedDuration, Timestamp};
use protocol::http::check_ins::{CheckIns, CheckedIn, NamedPlace};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use storage::check_ins::intake::{Arrival, Intake, NewVisit};
use storage::check_ins::shelf::Shelf;
use storage::check_ins::{plain, receipt_of};
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;
use storage::sealing::{DayKeys, Opening, PublicKey};
use uuid::Uuid;

/// Threads with telephones, and telephones of each.
const N_THREADS: usize = 2;
const N_TELEPHONES: usize = 64;
/// Turns of both sides.
const N_ROUNDS: usize = 5;

const RATE: &str = "2 threads with 64 telephones each, keep-alive, one request under way each, on the same two cores; in turns, \
    median. The peer parses the same body into the same types and answers at once. Ratio: our rate divided by the peer's";
const SUSTAINED: &str = "the same, without a pause";
const LATENCY: &str =
    "from writing a request to having read its answer; each thread reads its 64 answers one after the other";
const INTAKE: &str = "blocks of 1,000 visits of 400 authorities' size, all of one authority here, from the queue to the commit, \
    4 lanes; the peer inserts rows of the same sealed size by unnest, 1,000 a synchronous transaction, one after the other. \
    Ratio: our rate divided by the peer's";
const LISTS: &str = "read, data keys opened by the keyring (logged and synced), 1,000 guests opened; the day is packed. Warm: \
    the same list again";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("check-ins", scale);
    for database in Database::BOTH {
        over_http(server, &mut figures, database, scale).await;
    }
    intake(server, &mut figures, scale).await;
    lists(server, &mut figures, scale).await;
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
    let venues = make_venues(&stand, scale.of(20_000)).await;
    let shelf = server.shelf(&stand).await;
    stand.app.open_door(shelf.clone()).await.unwrap();
    let ours = serve(&stand);
    let peer = serve_parsing().await;
    let now = stand.app.now();
    let (seconds, long) = if scale == Scale::Full { (4.0, 60.0) } else { (0.5, 2.0) };
    let load = Load { venues: Arc::new(venues), now, n_visits: 1, next: Arc::new(AtomicU32::new(0)) };
    // Every venue is known at the door before it is measured.
    load.run(ours, seconds);
    let (mut theirs, mut own) = (Vec::new(), Vec::new());
    for _ in 0..N_ROUNDS {
        theirs.push(load.run(peer, seconds).rate);
        own.push(load.run(ours, seconds).rate);
    }
    let base = Figure {
        figure: format!("check-ins over HTTP, {}", database.name()),
        value: median(&own),
        unit: "visits/s",
        peer: "an endpoint that only parses the same body",
        ratio: Some(median(&own) / median(&theirs)),
        goal: if database == Database::Sqlite { Goal::Ratio(0.5) } else { Goal::None },
        n: json!({"rounds": N_ROUNDS, "seconds": seconds, "telephones": N_THREADS * N_TELEPHONES}),
        method: RATE,
    };
    figures.add(base.clone());
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
        n: n.clone(),
        method: LATENCY,
    });
    let tens = Load { n_visits: 10, ..load };
    let ten = tens.run(ours, seconds * 2.0);
    figures.add(Figure {
        figure: format!("in bodies of ten, {}", database.name()),
        value: ten.rate * 10.0,
        peer: peer_name,
        ratio,
        goal: if database == Database::Sqlite { Goal::AtLeast(150_000.0) } else { Goal::None },
        n,
        method: SUSTAINED,
        ..base
    });
    shelf.close().await;
    stand.remove().await;
}

/// Serves the platform on a port of its own.
fn serve(stand: &Stand) -> SocketAddr {
    let folder = DataFolder::take(stand.folder(), Use::Shared).unwrap();
    let keyring = stand.folder().join("keyring");
    let options = server::Options {
        folder,
        ledger: Ledger::beside(&keyring),
        keyring,
        demo: None,
        behind_proxy: false,
        most_import_bytes: 1 << 20,
        mail: MailSetting::Missing,
    };
    let platform = server::Platform::new(stand.app.clone(), options);
    let listener = server::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(platform, listener, None, None, std::future::pending()));
    address
}

async fn serve_parsing() -> SocketAddr {
    async fn parse(Json(body): Json<CheckIns>) -> (axum::http::StatusCode, Json<CheckedIn>) {
        std::hint::black_box(&body);
        let venue = NamedPlace { name: "Café".to_owned(), area: None };
        (axum::http::StatusCode::CREATED, Json(CheckedIn { visits: Vec::new(), venue }))
    }
    let listener = tokio::net::TcpListener::from_std({
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    })
    .unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/v1/check-ins", post(parse))).await });
    address
}

/// What the telephones send.
#[derive(Clone)]
struct Load {
    venues: Arc<Vec<VenueId>>,
    now: Timestamp,
    n_visits: usize,
    next: Arc<AtomicU32>,
}

/// What they saw.
struct Seen {
    /// Requests a second.
    rate: f64,
    n: usize,
    ms: Vec<f64>,
}

impl Load {
    /// Sends for so many seconds.
    fn run(&self, to: SocketAddr, seconds: f64) -> Seen {
        let started = Instant::now();
        let until = started + Duration::from_secs_f64(seconds);
        let ms: Vec<f64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(|| self.telephones(to, until))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        Seen { rate: ms.len() as f64 / started.elapsed().as_secs_f64(), n: ms.len(), ms }
    }

    fn telephones(&self, to: SocketAddr, until: Instant) -> Vec<f64> {
        let mut lines: Vec<TcpStream> = (0..N_TELEPHONES).map(|_| TcpStream::connect(to).unwrap()).collect();
        lines.iter().for_each(|line| line.set_nodelay(true).unwrap());
        let (mut ms, mut request, mut answer) = (Vec::new(), String::new(), vec![0; 16_384]);
        let mut sent = vec![Instant::now(); N_TELEPHONES];
        while Instant::now() < until {
            for (line, sent) in lines.iter_mut().zip(&mut sent) {
                self.write(&mut request);
                *sent = Instant::now();
                line.write_all(request.as_bytes()).unwrap();
            }
            for (line, sent) in lines.iter_mut().zip(&sent) {
                read_answer(line, &mut answer);
                ms.push(sent.elapsed().as_secs_f64() * 1e3);
            }
        }
        ms
    }

    fn write(&self, request: &mut String) {
        use std::fmt::Write;
        let first = self.next.fetch_add(self.n_visits as u32, Ordering::Relaxed);
        let venue = self.venues[first as usize / self.n_visits % self.venues.len()];
        let mut body = format!(r#"{{"authority":"local","venue_id":"{venue}","area_id":null,"visits":["#);
        for n in first..first + self.n_visits as u32 {
            let comma = if n > first { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"visit_id":"01980000-0000-7000-8000-{n:012}","secret":"{n:A>21}A","arrived_at":"{}","leaves_at":null,"name":"Rosa Warrendell {n}","phone":"+49 621 12345678","email":null,"address":null,"household":0}}"#,
                self.now
            );
        }
        request.clear();
        let _ = write!(
            request,
            "POST /api/v1/check-ins HTTP/1.1\r\nhost: epitrace\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
    }
}

/// Reads one answer, which must be 201.
fn read_answer(line: &mut TcpStream, answer: &mut [u8]) {
    let mut length = 0;
    loop {
        let n = line.read(&mut answer[length..]).unwrap();
        assert!(n > 0, "the server hung up");
        length += n;
        let text = &answer[..length];
        let Some(head) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let lines = std::str::from_utf8(&text[..head]).unwrap();
        assert!(lines.starts_with("HTTP/1.1 201"), "{lines} {}", String::from_utf8_lossy(&text[head..]));
        let content = lines.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
        if length >= head + 4 + content.unwrap().trim().parse::<usize>().unwrap() {
            return;
        }
    }
}

/// Visits as the door has them after parsing.
fn arrival(venue: VenueId, first: u32, n: u32, of: VenueDay, day_key: PublicKey, now: Timestamp) -> Arrival {
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

/// A day and its public key.
fn day(stand: &Stand, keys: &mut DayKeys) -> (VenueDay, PublicKey) {
    let authority = &stand.worker.authority;
    let day = domain::time::local_day(stand.app.now(), &authority.time_zone);
    let of = VenueDay { authority_id: authority.authority_id, day };
    let ends_at = stand.app.now().checked_add(SignedDuration::from_hours(24 * 15)).unwrap();
    (of, keys.make(&[(of, ends_at)]).unwrap()[0])
}

fn mint() -> Arc<dyn Fn() -> Uuid + Send + Sync> {
    Arc::new(|| domain::ids::mint(Timestamp::now(), *Uuid::new_v4().as_bytes().first_chunk().unwrap()))
}

/// Sends visits through the door, many under way.
async fn fill(intake: &Intake, venues: &[VenueId], n: u32, of: VenueDay, day_key: PublicKey, now: Timestamp) {
    let mut under_way = futures_util::stream::FuturesUnordered::new();
    for (at, first) in (0..n).step_by(10).enumerate() {
        under_way.push(intake.arrive(arrival(venues[at % venues.len()], first, 10, of, day_key, now)));
        if under_way.len() == 1_000 {
            futures_util::StreamExt::next(&mut under_way).await.unwrap().unwrap();
        }
    }
    while let Some(taken) = futures_util::StreamExt::next(&mut under_way).await {
        taken.unwrap();
    }
}

/// PostgreSQL: the door without HTTP, beside plain rows of the same size.
async fn intake(server: &Server, figures: &mut Figures, scale: Scale) {
    let stand = server.stand(Database::Postgres, "check_ins").await;
    let shelf = server.shelf(&stand).await;
    let mut keys = DayKeys::beside(&stand.keyring());
    let (of, day_key) = day(&stand, &mut keys);
    shelf.make_day(of.day).await.unwrap();
    let intake = Intake::open(shelf.clone(), &[of.day], &[of.authority_id], mint()).await.unwrap();
    let venues: Vec<VenueId> = (0..20_000).map(VenueId::of_bits).collect();
    let n = scale.of(400_000) as u32;
    let started = Instant::now();
    fill(&intake, &venues, n, of, day_key, stand.app.now()).await;
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

/// SQLite: the list of a venue with 1,000 guests, among few and among many.
async fn lists(server: &Server, figures: &mut Figures, scale: Scale) {
    let mut warm_of = Vec::new();
    for n in [scale.of(1_000_000), scale.of(5_000_000)] {
        let stand = server.stand(Database::Sqlite, "check_ins").await;
        let shelf = server.shelf(&stand).await;
        let mut keys = DayKeys::beside(&stand.keyring());
        let (of, day_key) = day(&stand, &mut keys);
        let intake = Intake::open(shelf.clone(), &[of.day], &[of.authority_id], mint()).await.unwrap();
        let venues: Vec<VenueId> = (0..(n as u64 / 1_000).max(1)).map(|n| VenueId::of_bits(n * 7_919)).collect();
        fill(&intake, &venues, n as u32, of, day_key, stand.app.now()).await;
        shelf.pack(of.day, &[of.authority_id]).await.unwrap();
        let mut once = Vec::new();
        for venue_id in venues.iter().step_by((venues.len() / 100).max(1)).take(100) {
            once.push(open_list(&shelf, &mut keys, ListOfDay { of, venue_id: *venue_id }).await);
        }
        let mut again = Vec::new();
        for _ in 0..200 {
            again.push(open_list(&shelf, &mut keys, ListOfDay { of, venue_id: venues[venues.len() / 2] }).await);
        }
        warm_of.push(median(&again));
        let base = Figure {
            figure: format!("list of 1,000 guests out of {n}: first time, p95"),
            value: quantile(&once, 0.95),
            unit: "ms",
            peer: "",
            ratio: None,
            goal: Goal::Below(20.0),
            n: json!({"visits": n, "lists": once.len()}),
            method: LISTS,
        };
        figures.add(base.clone());
        let figure = format!("list of 1,000 guests out of {n}: warm, median");
        figures.add(Figure { figure, value: median(&again), goal: Goal::Below(3.0), ..base });
        shelf.close().await;
        stand.remove().await;
    }
    let n = json!({});
    figures.add(Figure {
        figure: "the same list out of five times as many".to_owned(),
        value: warm_of[1] / warm_of[0],
        unit: "times",
        peer: "",
        ratio: None,
        goal: Goal::Below(1.5),
        n,
        method: LISTS,
    });
}

async fn open_list(shelf: &Shelf, keys: &mut DayKeys, list: ListOfDay) -> f64 {
    let started = Instant::now();
    let sealed = shelf.read(list).await.unwrap();
    let opening =
        Opening { list, account_id: domain::ids::AccountId(Uuid::nil()), why: "benchmark", at: Timestamp::UNIX_EPOCH };
    let keys = keys.open(&opening, &sealed.keys().unwrap()).unwrap();
    let visits = sealed.open(&keys, |_| true).unwrap();
    assert!(visits.len() >= 990, "{} visits", visits.len());
    started.elapsed().as_secs_f64() * 1e3
}
