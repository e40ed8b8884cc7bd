//! The consumer: what nodes reported is stored once, in order, however often it is killed, and what can't be stored is put
//! aside.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use bytes::Bytes;
use domain::ids::RunId;
use domain::runs::{
    Health, Hosting, LastReport, NodeState, Parameters, Position, Run, RunClock, Statistics, Visibility,
};
use event_log::{EventLog, Record, embedded};
use pipeline::consumer::{Limits, Progress, Work};
use protocol::frames::Picture;
use protocol::nodes::{LivedSecond, PeerTag, Quarters, SLOT_S, Sender, United, UnitedContact, pack};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::runs::{self, Encounter, FrameAt};
use storage::store::RunStore;
use testkit::database::options;
use testkit::kit::now;
use testkit::{Kit, contract};
use tokio::sync::watch;
use uuid::Uuid;

/// Seconds of the little world below; beyond the first key frame.
const SECONDS: u32 = 70;
const NODES: u32 = 12;

/// A run with a log and a store.
struct Bench {
    log: EventLog,
    store: RunStore,
    run_id: RunId,
}

fn open(folder: &Path) -> EventLog {
    let options = embedded::Options {
        topic: "coronaz".to_owned(),
        fresh_id: Uuid::from_u128(77),
        segment_bytes: embedded::SEGMENT_BYTES,
    };
    EventLog::Embedded(embedded::Log::open(folder, options).unwrap().0)
}

impl Bench {
    async fn on(kit: &Kit) -> Self {
        let store = RunStore::beside(&kit.store, &options(&kit.database.app)).await.unwrap();
        let run_id = RunId::mint(now(), kit.random());
        let run = Run {
            run_id,
            name: "Field".to_owned(),
            owner: Some(kit.account_id),
            visibility: Visibility::Staff,
            is_rehearsal: false,
            parameters: Parameters::default(),
            hosting: Hosting::Server,
            created_at: now(),
            ended_at: None,
            clock: RunClock::start(Duration::from_secs(1), now()),
            n_safe: NODES,
            n_infected: 0,
        };
        let mut tx = store.write().await.unwrap();
        runs::insert(&mut tx, &run).await.unwrap();
        tx.commit().await.unwrap();
        Self { log: open(&kit.database.folder.path().join("log")), store, run_id }
    }

    fn record(&self, value: Vec<u8>) -> Record {
        Record::of_run(Bytes::from(self.run_id.to_string()), None, Bytes::from(value), now())
    }

    fn work(&self, records: usize) -> (Work, watch::Receiver<Progress>) {
        let (progress, told) = watch::channel(Progress::default());
        let limits = Limits { records, time: Duration::ZERO, between: Duration::ZERO, ..Limits::default() };
        let work = Work { log: self.log.clone(), store: self.store.clone(), limits, clock: Arc::new(now), progress };
        (work, told)
    }

    /// Consumes up to the end of the log.
    async fn consume(&self, records: usize) -> Progress {
        let end = self.log.end_offset(0).await.unwrap();
        let (work, mut told) = self.work(records);
        let mut seen = told.clone();
        work.run(async move { _ = told.wait_for(|progress| progress.next.get(&0) == Some(&end)).await }).await.unwrap();
        seen.borrow_and_update().clone()
    }

    async fn picture(&self, second: u32) -> Picture {
        let mut tx = self.store.read().await.unwrap();
        let key = runs::last_key_before(&mut tx, self.run_id, second).await.unwrap().unwrap_or(0);
        let mut picture = Picture::default();
        for frame in runs::frames_after(&mut tx, self.run_id, FrameAt::before(key), second, 100_000).await.unwrap() {
            picture.apply(&runs::unpacked(&frame.packed).unwrap()).unwrap();
        }
        picture
    }

    /// Checks all that is stored against the world.
    async fn check(&self, world: &World) {
        for second in 0..SECONDS {
            let counted = self.picture(second).await.statistics(second);
            assert_eq!(counted, world.statistics(second), "second {second}");
        }
        let mut tx = self.store.read().await.unwrap();
        let nos: BTreeMap<Uuid, u32> = runs::nodes_of(&mut tx, self.run_id, None, 99)
            .await
            .unwrap()
            .iter()
            .filter_map(|node| Some((node.node_id?.0, node.no)))
            .collect();
        assert_eq!(nos.len(), NODES as usize);
        let stored = runs::encounters_of(&mut tx, self.run_id, None, 10_000).await.unwrap();
        assert_eq!(stored, world.encounters(&nos));
        let infections = runs::infections_of(&mut tx, self.run_id, SECONDS).await.unwrap();
        let mut told: Vec<(u32, u32, u32)> =
            world.infections().map(|(of, second, by)| (second, nos[&id(of)], nos[&id(by)])).collect();
        told.sort_unstable();
        let found: Vec<_> = infections.iter().map(|one| (one.second, one.no, one.infector)).collect();
        assert_eq!(found, told);
        let dead = runs::nodes_of(&mut tx, self.run_id, None, 99).await.unwrap();
        let dead = dead.iter().filter(|node| node.died_at.is_some()).count() as u64;
        assert_eq!(dead, world.statistics(SECONDS).deaths);
    }
}

fn id(no: u32) -> Uuid {
    Uuid::from_u128(u128::from(no) + 1)
}

fn tag(no: u32) -> PeerTag {
    PeerTag::of(id(no))
}

/// Nodes that go round, meet, infect each other and die: made by rule, so that it can be counted by hand.
struct World(Vec<Vec<LivedSecond>>);

impl World {
    fn new() -> Self {
        Self((0..NODES).map(Self::life).collect())
    }

    fn life(no: u32) -> Vec<LivedSecond> {
        let last = if no % 4 == 3 { 40 + no } else { SECONDS - 1 };
        let lived = |second: u32| {
            let position = Position { x: (100 + no * 2 + second) as u16, y: (100 + second % (no + 3)) as u16 };
            let health = match (second + no) / 15 % 3 {
                1 => Health::Infected,
                2 => Health::Immune,
                _ => Health::Susceptible,
            };
            let will_be_ill = health == Health::Susceptible && (second + 1 + no) / 15 % 3 == 1;
            let alive = second < last || last == SECONDS - 1;
            let meets = alive && second.is_multiple_of(no + 2);
            LivedSecond {
                second,
                state: NodeState { position, health, alive },
                contacts: if meets { vec![(tag((no + 1) % NODES), Quarters((second % 8) as u8))] } else { Vec::new() },
                infected_by: (will_be_ill && alive).then(|| tag((no + 5) % NODES)),
            }
        };
        (0..=last).map(lived).collect()
    }

    fn statistics(&self, second: u32) -> Statistics {
        let last = |life: &Vec<LivedSecond>| {
            let last = life.iter().rfind(|lived| lived.second <= second)?;
            Some(LastReport { covered_until: last.second, state: last.state })
        };
        Statistics::count(second, self.0.iter().filter_map(last))
    }

    fn infections(&self) -> impl Iterator<Item = (u32, u32, u32)> + '_ {
        self.0.iter().zip(0..).flat_map(|(life, no)| {
            life.iter()
                .filter(|lived| lived.infected_by.is_some())
                .map(move |lived| (no, lived.second, (no + 5) % NODES))
        })
    }

    fn encounters(&self, nos: &BTreeMap<Uuid, u32>) -> Vec<Encounter> {
        let mut all: BTreeMap<(u32, u32, u32), Encounter> = BTreeMap::new();
        for (life, no) in self.0.iter().zip(0..) {
            for (second, quarters) in life.iter().filter_map(|lived| Some((lived.second, lived.contacts.first()?.1))) {
                let (one, other) = (nos[&id(no)], nos[&id((no + 1) % NODES)]);
                let (lower, higher, slot) = (one.min(other), one.max(other), second / SLOT_S);
                let first = Encounter {
                    lower,
                    higher,
                    slot,
                    first_second: second,
                    last_second: second,
                    n_heard: 0,
                    nearest_quarters: Some(quarters.0),
                };
                let met = all.entry((lower, higher, slot)).or_insert(first);
                met.first_second = met.first_second.min(second);
                met.last_second = met.last_second.max(second);
                met.n_heard += 1;
                met.nearest_quarters = met.nearest_quarters.min(Some(quarters.0));
            }
        }
        all.into_values().collect()
    }

    /// The reports of all nodes in the order in which they are sent: each node says what it has every few seconds.
    fn reports(&self) -> Vec<Vec<u8>> {
        let mut sent = vec![0; self.0.len()];
        let mut seqs = vec![0u32; self.0.len()];
        let mut reports = Vec::new();
        for second in 0..SECONDS {
            for (no, life) in self.0.iter().enumerate() {
                let is_turn = second.is_multiple_of(1 + no as u32 % 3) || second + 1 >= life.len() as u32;
                let until = life.len().min(second as usize + 1);
                if !is_turn || sent[no] >= until {
                    continue;
                }
                let sender = Sender { node: id(no as u32), boot: 9 };
                for report in pack(sender, seqs[no], &life[sent[no]..until]) {
                    seqs[no] = report.seq + 1;
                    reports.push(report.write().unwrap());
                }
                sent[no] = until;
            }
        }
        reports
    }
}

contract! {
    async fn what_nodes_reported_is_what_is_stored(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let records: Vec<Record> = world.reports().into_iter().map(|value| bench.record(value)).collect();
        let n = records.len();
        bench.log.produce(records).await.unwrap();
        let progress = bench.consume(37).await;
        assert_eq!((progress.stored.n_stored, progress.stored.n_again, progress.stored.n_put_aside), (n, 0, 0));
        bench.check(&world).await;
    }

    async fn sent_again_is_stored_once(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let reports = world.reports();
        let n = reports.len();
        for value in reports {
            // Whoever doesn't hear that it was taken sends it again.
            bench.log.produce(vec![bench.record(value.clone()), bench.record(value)]).await.unwrap();
        }
        let progress = bench.consume(50).await;
        assert_eq!((progress.stored.n_stored, progress.stored.n_again), (n, n));
        bench.check(&world).await;
    }

    async fn killed_at_any_moment_it_goes_on_as_if_it_had_not_been(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let records: Vec<Record> = world.reports().into_iter().map(|value| bench.record(value)).collect();
        bench.log.produce(records).await.unwrap();
        let end = bench.log.end_offset(0).await.unwrap();
        let mut stopped_at = Vec::new();
        while stopped_at.last() != Some(&end) {
            let (work, mut told) = bench.work(5);
            let at = stopped_at.last().copied().unwrap_or(0);
            let working = tokio::spawn(work.run(std::future::pending()));
            // It is dropped right after it told of a batch, or in the middle of the next one.
            let next = told.wait_for(|progress| progress.next.get(&0).is_some_and(|next| *next > at + 20 || *next == end));
            let next = next.await.unwrap().next[&0];
            working.abort();
            let _ = working.await;
            stopped_at.push(next);
        }
        assert!(stopped_at.len() > 5, "{stopped_at:?}");
        bench.check(&world).await;
    }

    async fn two_consumers_of_one_partition_store_each_batch_once(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let records: Vec<Record> = world.reports().into_iter().map(|value| bench.record(value)).collect();
        bench.log.produce(records).await.unwrap();
        tokio::join!(bench.consume(7), bench.consume(11));
        bench.check(&world).await;
    }

    async fn what_cannot_be_stored_is_put_aside_with_its_reason(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let mut records: Vec<Record> = world.reports().into_iter().map(|value| bench.record(value)).collect();
        let good = records[0].value.clone();
        let run = |text: &'static str| Record::of_run(Bytes::from_static(text.as_bytes()), None, good.clone(), now());
        let nobody = Record::of_run(Bytes::from(RunId::mint(now(), kit.random()).to_string()), None, good.clone(), now());
        let poison = [
            bench.record(vec![]),
            bench.record(vec![0xB4, 1, 2]),
            bench.record(b"{\"uuid\": \"x\"}".to_vec()),
            run("no id"),
            Record { headers: Vec::new(), ..run("") },
            nobody,
        ];
        for (n, poison) in poison.iter().enumerate() {
            records.insert(n * 17, poison.clone());
        }
        bench.log.produce(records).await.unwrap();
        let progress = bench.consume(23).await;
        assert_eq!(progress.stored.n_put_aside, poison.len());
        bench.check(&world).await;
        let mut letters = runs::dead_letters(&mut bench.store.read().await.unwrap(), 99).await.unwrap();
        letters.sort_unstable_by_key(|letter| letter.offset);
        let offsets: Vec<u64> = letters.iter().map(|letter| letter.offset).collect();
        assert_eq!(offsets, [0, 17, 34, 51, 68, 85]);
        assert!(letters.iter().all(|letter| !letter.reason.is_empty()));
        assert_eq!(letters[3].reason, "its run is no id");
        assert_eq!(letters[5].reason, "there is no such run");
        assert_eq!(letters[1].bytes, [0xB4, 1, 2]);
    }

    async fn a_log_that_was_lost_goes_on_where_the_database_is(kit) {
        let (bench, world) = (Bench::on(&kit).await, World::new());
        let reports = world.reports();
        let half = reports.len() / 2;
        let records = |part: &[Vec<u8>]| part.iter().map(|value| bench.record(value.clone())).collect::<Vec<_>>();
        bench.log.produce(records(&reports[..half])).await.unwrap();
        bench.consume(100).await;
        // The same id with nothing in it, as after a restore of an old copy.
        let restored = Bench {
            log: open(&kit.database.folder.path().join("restored")),
            store: bench.store.clone(),
            run_id: bench.run_id,
        };
        let (work, mut told) = restored.work(100);
        let working = tokio::spawn(work.run(std::future::pending()));
        told.wait_for(|progress| progress.next.get(&0) == Some(&(half as u64))).await.unwrap();
        let places = restored.log.produce(records(&reports[half..])).await.unwrap();
        assert_eq!(places[0].offset, half as u64, "no offset is given twice");
        told.wait_for(|progress| progress.next.get(&0) == Some(&(reports.len() as u64))).await.unwrap();
        working.abort();
        let _ = working.await;
        restored.check(&world).await;
    }

    async fn contacts_that_a_node_united_are_encounters_too(kit) {
        let bench = Bench::on(&kit).await;
        let contact = UnitedContact { peer: tag(1), first: 4, last: 90, n_contacts: 80, nearest: Quarters(3) };
        let united = United { node: id(0), boot: 1, seq: 0, slot: 2, contacts: vec![contact] };
        let value = united.write().unwrap();
        bench.log.produce(vec![bench.record(value.clone()), bench.record(value)]).await.unwrap();
        let progress = bench.consume(10).await;
        assert_eq!((progress.stored.n_stored, progress.stored.n_again), (1, 1));
        // Sent once more, it comes to a consumer that has never heard of it; what follows it is new.
        let next = United { seq: 1, slot: 3, ..united.clone() }.write().unwrap();
        bench.log.produce(vec![bench.record(united.write().unwrap()), bench.record(next)]).await.unwrap();
        let progress = bench.consume(10).await;
        assert_eq!((progress.stored.n_stored, progress.stored.n_again), (1, 1));
        let met = runs::encounters_of(&mut bench.store.read().await.unwrap(), bench.run_id, None, 9).await.unwrap();
        assert_eq!(met.len(), 2);
        let met = met[0];
        assert_eq!((met.slot, met.first_second, met.last_second), (2, 604, 690));
        assert_eq!((met.n_heard, met.nearest_quarters), (80, Some(3)));
    }
}
