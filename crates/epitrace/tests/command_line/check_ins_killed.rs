//! `kill -9` of a server while guests of many authorities check in: what was acknowledged is there, and nothing twice.
#![allow(clippy::disallowed_methods, reason = "the server under test has the clock of the machine")]

use super::serve::Server;
use super::*;
use domain::authorities::ShortCode;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::diseases::Disease;
use domain::ids::{AccountId, AuthorityId, VenueId};
use domain::venues::{AsksAddress, Confirms, OpeningHours, VenueAddress, VenueDetails, VenueKind};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use storage::authorities::NewAuthority;
use storage::check_ins::shelf::{Shelf, Tables};
use storage::check_ins::{DayFiles, folder_beside};
use storage::sealing::{DayKeys, Keyring, Opener, Opening};
use storage::store::{Durability, Place, StoreOptions};
use storage::{Freshness, Store};
use testkit::{Database, Kind};

const N_AUTHORITIES: usize = 400;
const N_PHONES: usize = 8;
/// Acknowledged between two kills.
const BETWEEN: u32 = 800;

/// How often it is killed: three times in the tests, as often as it is told in a drill.
fn n_kills() -> usize {
    std::env::var("EPITRACE_DRILL_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

/// Letters for a number: short codes have no digits.
fn code(number: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    [letter(number / 676), letter(number / 26), letter(number), 'x'].iter().collect()
}

/// Makes authorities with a venue each.
pub async fn venues(owner: &Store, app: &Store, n: usize) -> Vec<(String, AuthorityId, VenueId)> {
    let now = Timestamp::now();
    let mut tx = owner.installation().await.unwrap();
    let mut made = Vec::new();
    for number in 0..n {
        let new = NewAuthority {
            short_code: ShortCode::new(&code(number)).unwrap(),
            name: format!("Authority {number}"),
            region: String::new(),
            time_zone: "Europe/Berlin".to_owned(),
            languages: "de en".to_owned(),
            default_disease: Disease::Covid19,
        };
        made.push(storage::authorities::insert(&mut tx, &new, now).await.unwrap().unwrap());
    }
    tx.commit().await.unwrap();
    let mut venues = Vec::new();
    for (number, authority_id) in made.into_iter().enumerate() {
        let venue_id = VenueId::of_bits(1_000 + number as u64);
        let text = |text: &str| text.to_owned();
        let address =
            VenueAddress { street: text("Weg"), house_number: text("1"), postcode: text("68161"), city: text("Ort") };
        let details = VenueDetails {
            name: format!("Venue {number}"),
            kind: VenueKind::Bar,
            address,
            hours: OpeningHours::new(Vec::new()).unwrap(),
            capacity: None,
            usual_stay_min: 60,
            confirms: Confirms::Nobody,
            asks_address: AsksAddress::No,
        };
        let mut tx = app.write(authority_id).await.unwrap();
        storage::venues::insert(&mut tx, venue_id, &details, now).await.unwrap();
        tx.commit().await.unwrap();
        venues.push((code(number), authority_id, venue_id));
    }
    venues
}

/// What the telephones know.
struct Street {
    /// Where the server is; nobody while it is down.
    server: Mutex<Option<String>>,
    acknowledged: AtomicU32,
    is_over: AtomicBool,
}

/// A check-in of now.
pub fn body(code: &str, venue_id: VenueId, name: u32) -> String {
    format!(
        r#"{{"authority":"{code}","venue_id":"{venue_id}","area_id":null,"visits":[{{"visit_id":"01980000-0000-7000-8000-{name:012}","secret":"{name:A>21}A","arrived_at":"{}","leaves_at":null,"name":"Guest {name}","phone":"+49 621 12345","email":null,"address":null,"household":0}}]}}"#,
        Timestamp::now()
    )
}

/// A telephone: sends one guest after the other, each again and again until it is acknowledged. Returns those that were.
fn phone(street: &Street, venues: &[(String, AuthorityId, VenueId)], number: usize) -> Vec<(usize, u32)> {
    let mut acknowledged = Vec::new();
    let mut line: Option<BufReader<TcpStream>> = None;
    for guest in 0u32.. {
        let at = (guest as usize * 7 + number * 53) % venues.len();
        let (code, _, venue_id) = &venues[at];
        let name = number as u32 * 10_000_000 + guest;
        let body = body(code, *venue_id, name);
        loop {
            if street.is_over.load(Ordering::SeqCst) {
                return acknowledged;
            }
            if line.is_none() {
                let server = street.server.lock().unwrap().clone();
                line = server.and_then(|server| TcpStream::connect(server).ok()).map(BufReader::new);
            }
            match line.as_mut().and_then(|line| send(line, &body)) {
                Some(201) => break,
                Some(503 | 429) => {}
                Some(status) => panic!("answered {status}"),
                None => line = None,
            }
            std::thread::yield_now();
        }
        acknowledged.push((at, name));
        street.acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    acknowledged
}

/// Sends a check-in and returns the status of the answer; nothing if none came.
pub fn send(line: &mut BufReader<TcpStream>, body: &str) -> Option<u16> {
    let head = format!(
        "POST /api/v1/check-ins HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    line.get_mut().write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).ok()?;
    let (mut first, mut length) = (String::new(), 0);
    line.read_line(&mut first).ok()?;
    let status = first.split(' ').nth(1)?.parse().ok()?;
    loop {
        let mut header = String::new();
        line.read_line(&mut header).ok().filter(|n| *n > 0)?;
        if header == "\r\n" {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut rest = vec![0; length];
    line.read_exact(&mut rest).ok()?;
    Some(status)
}

/// Reads all lists, and counts how often each guest is there.
async fn found(
    shelf: &Shelf,
    keyring: &Keyring,
    venues: &[(String, AuthorityId, VenueId)],
) -> HashMap<(usize, u32), u32> {
    let mut keys = DayKeys::beside(keyring);
    let now = Timestamp::now();
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let today = domain::time::local_day(now, &zone);
    let mut found = HashMap::new();
    for (at, (_, authority_id, venue_id)) in venues.iter().enumerate() {
        // Midnight may pass while it runs.
        for day in [today, domain::time::plus_days(today, -1)] {
            let list = ListOfDay { of: VenueDay { authority_id: *authority_id, day }, venue_id: *venue_id };
            let sealed = shelf.read(list, Freshness::Fresh).await.unwrap();
            let opening = Opening { list, account_id: AccountId(uuid::Uuid::nil()), why: "test", at: now };
            let opened = keys.open(&opening, &sealed.keys().unwrap()).unwrap();
            for visit in sealed.open(&opened, |_| true).unwrap().visits {
                let name: u32 = visit.guest.name.expose().strip_prefix("Guest ").unwrap().parse().unwrap();
                *found.entry((at, name)).or_insert(0) += 1;
            }
        }
    }
    found
}

async fn kill_again_and_again(desk: &Desk, venues: &[(String, AuthorityId, VenueId)]) -> Vec<(usize, u32)> {
    let street =
        Arc::new(Street { server: Mutex::new(None), acknowledged: AtomicU32::new(0), is_over: AtomicBool::new(false) });
    std::thread::scope(|scope| {
        let phones: Vec<_> = (0..N_PHONES)
            .map(|n| {
                scope.spawn({
                    let street = &street;
                    move || phone(street, venues, n)
                })
            })
            .collect();
        for _ in 0..n_kills() {
            let server = Server::on(desk, &[]);
            let goal = street.acknowledged.load(Ordering::SeqCst) + BETWEEN;
            let address = server.base.trim_start_matches("http://").to_owned();
            *street.server.lock().unwrap() = Some(address);
            while street.acknowledged.load(Ordering::SeqCst) < goal {
                assert!(!phones.iter().any(|phone| phone.is_finished()), "a telephone was turned away");
                std::thread::yield_now();
            }
            *street.server.lock().unwrap() = None;
            server.kill();
        }
        // One more start, in which all that was unanswered is sent again.
        let server = Server::on(desk, &[]);
        let goal = street.acknowledged.load(Ordering::SeqCst) + N_PHONES as u32 * 2;
        *street.server.lock().unwrap() = Some(server.base.trim_start_matches("http://").to_owned());
        while street.acknowledged.load(Ordering::SeqCst) < goal {
            std::thread::yield_now();
        }
        street.is_over.store(true, Ordering::SeqCst);
        let all = phones.into_iter().flat_map(|phone| phone.join().unwrap()).collect();
        server.kill();
        all
    })
}

#[allow(clippy::print_stdout, reason = "the drill reads the figures from this line")]
async fn check(desk: &Desk, shelf: &Shelf, venues: &[(String, AuthorityId, VenueId)], acknowledged: &[(usize, u32)]) {
    let keyring = Keyring::open(&desk.data().join("keyring"), Opener::Auto).unwrap();
    let found = found(shelf, &keyring, venues).await;
    let lost: Vec<_> = acknowledged.iter().filter(|guest| !found.contains_key(guest)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged are lost", lost.len(), acknowledged.len());
    assert_eq!(found.values().filter(|n| **n > 1).count(), 0, "nobody is there twice");
    assert!(acknowledged.len() as u32 >= BETWEEN * n_kills() as u32);
    println!("{} acknowledged, {} found, {} kills", acknowledged.len(), found.len(), n_kills());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_by_kills_with_sqlite() {
    let desk = Desk::new();
    Server::on(&desk, &[]).kill();
    let place = Place::File(desk.data().join("epitrace.sqlite"));
    let options = StoreOptions { place, durability: Durability::Synced, n_connections: 2 };
    let store = Store::open(&options).await.unwrap();
    let venues = venues(&store, &store, N_AUTHORITIES).await;
    let acknowledged = kill_again_and_again(&desk, &venues).await;
    let folder = folder_beside(&desk.data().join("epitrace.sqlite"));
    let shelf = Shelf::Files(DayFiles::open(&folder, Durability::Synced).unwrap(), store);
    check(&desk, &shelf, &venues, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_by_kills_with_postgresql() {
    let database = Database::migrated(Kind::Postgres).await;
    let mut desk = Desk::new();
    let url = |role: &str| database.url().replacen("epitrace_app@", &format!("{role}@"), 1);
    let config = format!(
        "[storage]\nurl = \"{}\"\njobs_url = \"{}\"\nmigrator_url = \"{}\"\nintake_url = \"{}\"\n",
        url("epitrace_app"),
        url("epitrace_jobs"),
        url("epitrace_migrator"),
        database.intake_url()
    );
    let config = desk.write("config.toml", &config);
    desk.options.extend(["--config".to_owned(), config]);
    // The first authority brings the keyring.
    desk.ok(&[
        "admin",
        "create-authority",
        "zzz",
        "--name",
        "First",
        "--time-zone",
        "Europe/Berlin",
        "--disease",
        "mers",
    ]);
    let (owner, app) = (database.open_as_migrator().await, database.open().await);
    let venues = venues(&owner, &app, N_AUTHORITIES).await;
    let acknowledged = kill_again_and_again(&desk, &venues).await;
    let tables = Tables::connect(app.clone(), database.open_for_jobs().await, &database.intake_url()).await.unwrap();
    drop(app.read(venues[0].1, Freshness::Fresh).await.unwrap());
    check(&desk, &Shelf::Tables(tables), &venues, &acknowledged).await;
}
