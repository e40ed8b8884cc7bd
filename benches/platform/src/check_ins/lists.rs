//! Lists out of very many visits, and a day that is deleted while guests come in.

use super::load::{Load, N_TELEPHONES, serve};
use super::stock::{day, fill, open_door};
use super::{N_VENUES, make_venues};
use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::place::{Database, Server, Stand};
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::VenueId;
use jiff::Timestamp;
use serde_json::json;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Instant;
use storage::check_ins::shelf::Shelf;
use storage::sealing::{DayKeys, Opening};
use uuid::Uuid;

/// Days over which very many visits lie, as they do in a country.
const N_DAYS: usize = 14;
/// Visits of a day and venue.
const OF_VENUE: usize = 1_000;

const LISTS: &str = "read, data keys opened by the keyring (logged and synced), 1,000 guests opened; days are packed, one file \
    a day. Cold: the file's pages are dropped from the system's cache before each list. Warm: the same list again";
const TIMES: &str = "a warm list of either, in turns, 300 of each; medians";
/// Warm lists.
const N_WARM: usize = 300;
const DELETION: &str = "telephones as above for 4 s in turns with and without a day of that size deleted meanwhile; medians of \
    the turns. Ratio: p99 meanwhile divided by p99 without";

/// Measures.
pub async fn run(server: &Server, figures: &mut Figures, scale: Scale) {
    let small = Stock::make(server, scale, "few_check_ins", (1, scale.of(1_000_000))).await;
    small.read(figures).await;
    let large = Stock::make(server, scale, "many_check_ins", (N_DAYS, scale.of(100_000_000))).await;
    large.read(figures).await;
    let (few, many) = in_turns(&small, &large).await;
    small.remove().await;
    figures.add(Figure {
        figure: "the same list out of a hundred times as many".to_owned(),
        value: many / few,
        unit: "times",
        peer: "",
        ratio: None,
        goal: Goal::Below(1.5),
        n: json!({"visits": large.n, "lists": N_WARM}),
        method: TIMES,
    });
    let days: Vec<VenueDay> = large.days.clone();
    deletion(figures, &large.stand, &large.shelf, &days[N_DAYS - 3..], large.n / N_DAYS, scale).await;
    large.remove().await;
    on_postgres(server, figures, scale).await;
}

async fn on_postgres(server: &Server, figures: &mut Figures, scale: Scale) {
    let stand = server.stand(Database::Postgres, "check_ins").await;
    let shelf = server.shelf(&stand).await;
    let n = scale.of(7_000_000);
    let mut keys = DayKeys::beside(&stand.keyring());
    let old = day(&stand, &mut keys, 14);
    fill(&open_door(&shelf, old.of).await, &venues(n), n as u32, &old).await;
    shelf.pack(old.of.day, &[old.of.authority_id]).await.unwrap();
    deletion(figures, &stand, &shelf, &[old.of], n, scale).await;
    shelf.close().await;
    stand.remove().await;
}

fn venues(n: usize) -> Vec<VenueId> {
    (0..(n / OF_VENUE).max(1) as u64).map(|n| VenueId::of_bits(n * 7_919)).collect()
}

/// Packed days.
struct Stock {
    stand: Stand,
    shelf: Shelf,
    days: Vec<VenueDay>,
    venues: Vec<VenueId>,
    n: usize,
}

impl Stock {
    async fn make(server: &Server, scale: Scale, name: &str, (n_days, n): (usize, usize)) -> Self {
        let stand = server.stand(Database::Sqlite, name).await;
        let shelf = server.shelf(&stand).await;
        let mut keys = DayKeys::beside(&stand.keyring());
        let (of_day, venues) = (n / n_days, venues(n / n_days));
        let mut days = Vec::new();
        for n_days_ago in 0..n_days as i64 {
            let one = day(&stand, &mut keys, n_days_ago + 1);
            fill(&open_door(&shelf, one.of).await, &venues, of_day as u32, &one).await;
            shelf.pack(one.of.day, &[one.of.authority_id]).await.unwrap();
            days.push(one.of);
            if scale == Scale::Full {
                println!("  {} of {n} visits are there", of_day * days.len());
            }
        }
        Self { stand, shelf, days, venues, n }
    }

    /// Reads lists cold, and one again and again.
    async fn read(&self, figures: &mut Figures) {
        let mut keys = DayKeys::beside(&self.stand.keyring());
        let mut cold = Vec::new();
        for (at, venue_id) in self.venues.iter().step_by((self.venues.len() / 100).max(1)).take(100).enumerate() {
            let of = self.days[at % self.days.len()];
            self.cool(of);
            cold.push(open_list(&self.shelf, &mut keys, ListOfDay { of, venue_id: *venue_id }).await);
        }
        let mut warm = Vec::new();
        for _ in 0..N_WARM {
            warm.push(open_list(&self.shelf, &mut keys, self.warm_list()).await);
        }
        let base = Figure {
            figure: format!("list of 1,000 guests out of {}: cold, p95", self.n),
            value: quantile(&cold, 0.95),
            unit: "ms",
            peer: "",
            ratio: None,
            goal: Goal::Below(20.0),
            n: json!({"visits": self.n, "days": self.days.len(), "lists": cold.len()}),
            method: LISTS,
        };
        figures.add(base.clone());
        let figure = format!("list of 1,000 guests out of {}: warm, median", self.n);
        figures.add(Figure { figure, value: median(&warm), goal: Goal::Below(3.0), ..base });
    }

    fn warm_list(&self) -> ListOfDay {
        ListOfDay { of: self.days[0], venue_id: self.venues[self.venues.len() / 2] }
    }

    /// Drops a day's file from the system's cache; `dd` asks for that.
    fn cool(&self, of: VenueDay) {
        let folder = storage::check_ins::folder_beside(&self.stand.folder().join("epitrace.sqlite"));
        let file = format!("if={}", folder.join(format!("{}.packed", of.day)).display());
        let done = Command::new("dd").args([&file, "iflag=nocache", "count=0", "status=none"]).status();
        assert!(done.unwrap().success());
    }

    async fn remove(self) {
        self.shelf.close().await;
        self.stand.remove().await;
    }
}

/// Returns the medians, in milliseconds: a machine's speed changes from one minute to the next, so neither is read alone.
async fn in_turns(small: &Stock, large: &Stock) -> (f64, f64) {
    let of = |stock: &Stock| DayKeys::beside(&stock.stand.keyring());
    let (mut keys_of_small, mut keys_of_large) = (of(small), of(large));
    let (mut few, mut many) = (Vec::new(), Vec::new());
    for _ in 0..N_WARM {
        few.push(open_list(&small.shelf, &mut keys_of_small, small.warm_list()).await);
        many.push(open_list(&large.shelf, &mut keys_of_large, large.warm_list()).await);
    }
    (median(&few), median(&many))
}

async fn open_list(shelf: &Shelf, keys: &mut DayKeys, list: ListOfDay) -> f64 {
    let started = Instant::now();
    let sealed = shelf.read(list, storage::Freshness::Fresh).await.unwrap();
    let opening =
        Opening { list, account_id: domain::ids::AccountId(Uuid::nil()), why: "benchmark", at: Timestamp::UNIX_EPOCH };
    let keys = keys.open(&opening, &sealed.keys().unwrap()).unwrap();
    let visits = sealed.open(&keys, |_| true).unwrap().visits;
    assert!(visits.len() >= OF_VENUE * 99 / 100, "{} visits", visits.len());
    started.elapsed().as_secs_f64() * 1e3
}

async fn deletion(figures: &mut Figures, stand: &Stand, shelf: &Shelf, days: &[VenueDay], n: usize, scale: Scale) {
    let seconds = if scale == Scale::Full { 4.0 } else { 0.5 };
    let venues = make_venues(stand, N_VENUES).await;
    stand.app.open_door(shelf.clone()).await.unwrap();
    let to = serve(stand);
    let next = Arc::new(AtomicU32::new(0));
    let load = Load { venues: Arc::new(venues), now: stand.app.now(), n_visits: 1, n_lines: N_TELEPHONES, next };
    load.run(to, seconds);
    let (mut without, mut meanwhile, mut deleted_s) = (Vec::new(), Vec::new(), Vec::new());
    for of in days {
        without.push(quantile(&load.run(to, seconds).ms, 0.99));
        let (shelf, of) = (shelf.clone(), *of);
        let deleting = tokio::spawn(async move {
            let started = Instant::now();
            shelf.drop_day(of.day).await.unwrap();
            started.elapsed().as_secs_f64()
        });
        meanwhile.push(quantile(&load.run(to, seconds).ms, 0.99));
        deleted_s.push(deleting.await.unwrap());
    }
    let base = Figure {
        figure: format!("a check-in while a day of {n} visits is deleted, {}: p99", stand.database.name()),
        value: median(&meanwhile),
        unit: "ms",
        peer: "the same without",
        ratio: Some(median(&meanwhile) / median(&without)),
        goal: Goal::RatioBelow(2.0),
        n: json!({"visits": n, "turns": days.len()}),
        method: DELETION,
    };
    figures.add(base.clone());
    figures.add(Figure {
        figure: format!("deleting that day, {}", stand.database.name()),
        value: median(&deleted_s),
        unit: "s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        ..base
    });
}
