//! A host at work on a clock that the tests move: it jumps on when everybody waits.

use super::*;
use crate::air::Medium;
use crate::host::ReportFrame;
use domain::runs::{Health, Parameters, Position, RunClock};
use jiff::Timestamp;
use protocol::http::runs::{RunControl, RunNodes, TakeNodes};
use protocol::nodes::ReportView;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{advance, sleep};

/// A server with one run: answers from memory, as the test wants.
struct Desk {
    began: Instant,
    known: Mutex<Known>,
}

struct Known {
    clock: RunClock,
    parameters: Parameters,
    /// By how much its answers are late.
    late: Duration,
    waiting: RunNodes,
    offers: Vec<u32>,
    /// What it answers instead, if anything.
    control: Option<Refusal>,
    reports: Option<Refusal>,
    /// What reached the log; the first so many answers get lost.
    log: Vec<ReportFrame>,
    n_answers_lost: usize,
}

type Refusal = fn() -> Unanswered;

const AWAY: Refusal = || Unanswered::Away("the test says so".into());

fn timestamp(since: Duration) -> Timestamp {
    Timestamp::from_microsecond(since.as_micros() as i64).unwrap()
}

impl Desk {
    fn new(parameters: Parameters) -> Self {
        let known = Known {
            clock: RunClock::start(Duration::from_secs(1), timestamp(Duration::ZERO)),
            parameters,
            late: Duration::ZERO,
            waiting: RunNodes::default(),
            offers: Vec::new(),
            control: None,
            reports: None,
            log: Vec::new(),
            n_answers_lost: 0,
        };
        Self { began: Instant::now(), known: Mutex::new(known) }
    }

    fn know<T>(&self, change: impl FnOnce(&mut Known, Timestamp) -> T) -> T {
        change(&mut self.known.lock().unwrap(), timestamp(self.began.elapsed()))
    }

    /// All seconds that the log tells of, in order, those told twice twice.
    fn seconds(&self) -> Vec<u32> {
        let told = |known: &mut Known, _| {
            let frames = known.log.iter();
            let of = |frame: &ReportFrame| {
                ReportView::read(&frame.bytes).unwrap().states().map(|(second, _)| second).collect::<Vec<_>>()
            };
            frames.flat_map(of).collect::<Vec<_>>()
        };
        let mut seconds = self.know(told);
        seconds.sort_unstable();
        seconds
    }
}

impl Control for Desk {
    async fn read(&self) -> Result<RunControl, Unanswered> {
        self.know(|known, now| match known.control {
            Some(error) => Err(error()),
            None => Ok(RunControl {
                run_id: Uuid::from_u128(7),
                state: known.clock.state.as_str().to_owned(),
                parameters: known.parameters,
                second_us: known.clock.second.as_micros() as u64,
                seconds_before: known.clock.seconds_before,
                running_for_us: known.clock.running_since.map(|since| {
                    let ran = now.duration_since(since).unsigned_abs();
                    ran.saturating_sub(known.late).as_micros() as u64
                }),
                hosting: "server".to_owned(),
                waiting: known.waiting,
            }),
        })
    }

    async fn take(&self, offer: TakeNodes) -> Result<RunNodes, Unanswered> {
        self.know(|known, _| {
            known.offers.push(offer.at_most);
            let safe = known.waiting.safe.min(offer.at_most);
            let infected = known.waiting.infected.min(offer.at_most - safe);
            known.waiting.safe -= safe;
            known.waiting.infected -= infected;
            Ok(RunNodes { safe, infected })
        })
    }
}

impl Reports for Desk {
    async fn send(&self, reports: &[ReportFrame]) -> Result<(), Unanswered> {
        self.know(|known, _| {
            if let Some(error) = known.reports {
                return Err(error());
            }
            known.log.extend_from_slice(reports);
            if known.n_answers_lost > 0 {
                known.n_answers_lost -= 1;
                return Err(AWAY());
            }
            Ok(())
        })
    }
}

fn short(lifetime_s: u32) -> Parameters {
    Parameters { lifetime_s, ..Parameters::default() }
}

fn setting(n_own: u128, room: u32) -> Setting {
    let own = |n| Newcomer {
        node: Uuid::from_u128(n),
        boot: 3,
        health: Health::Susceptible,
        position: Some(Position { x: 50, y: 50 }),
    };
    let mut next = 1_000;
    Setting {
        host_id: Uuid::from_u128(99),
        own: (0..n_own).map(own).collect(),
        room,
        key: None,
        draw: Box::new(move || {
            next += 1;
            (Uuid::from_u128(next), 5)
        }),
        wall: Box::new(|| jiff::civil::date(2020, 12, 2).at(16, 19, 27, 0)),
    }
}

async fn lived(
    setting: Setting,
    desk: &Desk,
    air: Option<&Air>,
    stop: impl Future<Output = ()> + Send,
) -> Result<Ended, CannotBegin> {
    work(setting, desk, desk, air, &watch::Sender::new(Status::default()), stop).await
}

/// Whoever hosts nodes beside other work moves it to another thread.
fn movable<T: Send>(work: T) -> T {
    work
}

/// What happens half a second after a second of the test has begun.
type Step<'s> = (u64, &'s dyn Fn(&mut Known, Timestamp));

/// Does something at certain seconds of the test, then never ends.
async fn script(desk: &Desk, steps: &[Step<'_>]) {
    for (at, change) in steps {
        tokio::time::sleep_until(desk.began + Duration::from_secs(*at) + Duration::from_millis(500)).await;
        desk.know(|known, now| change(known, now));
    }
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_node_lives_its_life_reports_each_second_and_then_the_work_is_over() {
    let desk = Desk::new(short(5));
    let work = movable(lived(setting(2, 0), &desk, None, std::future::pending()));
    let ended = work.await.unwrap();
    assert_eq!((ended.end, desk.began.elapsed().as_secs()), (End::Died, 6));
    assert_eq!(desk.seconds(), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    assert_eq!((desk.know(|known, _| known.log.len()), ended.status.host.n_unreported), (12, 0), "a report a second");
    assert!(desk.know(|known, _| known.offers.is_empty()), "nobody asked for nodes");
}

#[tokio::test(start_paused = true)]
async fn paused_seconds_do_not_count() {
    let desk = Desk::new(short(10));
    let steps: [Step<'_>; 2] = [
        (3, &|known, now| known.clock = known.clock.paused(now)),
        (500, &|known, now| known.clock = known.clock.resumed(now)),
    ];
    let ended = tokio::select! {
        ended = lived(setting(1, 0), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!(ended.end, End::Died);
    assert_eq!(desk.seconds(), (0..=10).collect::<Vec<_>>());
    // It stood still in second 3 and began that anew at 500.5 s; it had gone on into second 4 before it knew.
    assert_eq!(desk.began.elapsed().as_secs(), 508);
}

#[tokio::test(start_paused = true)]
async fn while_the_control_is_away_nodes_go_on_and_while_reports_are_away_they_keep_all() {
    let desk = Desk::new(short(300));
    let steps: [Step<'_>; 2] = [
        (2, &|known, _| (known.control, known.reports) = (Some(AWAY), Some(AWAY))),
        (200, &|known, _| (known.control, known.reports) = (None, None)),
    ];
    let ended = tokio::select! {
        ended = lived(setting(4, 0), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!((ended.end, ended.status.host.n_unreported), (End::Died, 0));
    assert_eq!(desk.seconds(), (0..=300).flat_map(|second| [second; 4]).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_report_whose_answer_was_lost_is_sent_again_to_the_byte() {
    let desk = Desk::new(short(4));
    desk.know(|known, _| known.n_answers_lost = 2);
    lived(setting(1, 0), &desk, None, std::future::pending()).await.unwrap();
    let log = desk.know(|known, _| known.log.clone());
    assert_eq!((&log[0], &log[1]), (&log[1], &log[2]));
    assert_eq!(desk.seconds(), [0, 0, 0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn missed_seconds_are_lived_through_one_after_the_other_and_are_not_beaconed_late() {
    let desk = Desk::new(short(30));
    let air = Air::open(Medium::Broadcast, 0).unwrap();
    let sleeper = async {
        sleep(Duration::from_millis(2_500)).await;
        // The machine sleeps from within second 2 until within second 20.
        advance(Duration::from_millis(18_000)).await;
        std::future::pending().await
    };
    let ended = tokio::select! {
        ended = lived(setting(1, 0), &desk, Some(&air), std::future::pending()) => ended.unwrap(),
        () = sleeper => unreachable!(),
    };
    assert_eq!(desk.seconds(), (0..=30).collect::<Vec<_>>());
    assert_eq!((ended.status.n_sent, ended.status.n_unsent), (3 + 11, 0), "seconds 0 to 2, and 20 to 30");
}

#[tokio::test(start_paused = true)]
async fn nodes_that_were_asked_for_are_taken_while_there_is_room() {
    let desk = Desk::new(short(1_000));
    desk.know(|known, _| known.waiting = RunNodes { safe: 3, infected: 4 });
    let steps: [Step<'_>; 2] =
        [(3, &|known, _| known.waiting.safe += 10), (9, &|known, now| known.clock = known.clock.stopped(now))];
    let ended = tokio::select! {
        ended = lived(setting(1, 5), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!((ended.end, ended.status.host.n_ever, ended.status.host.n_alive), (End::Stopped, 6, 6));
    assert_eq!(desk.know(|known, _| known.offers.clone()), [5], "full from then on");
    assert_eq!(desk.know(|known, _| known.waiting), RunNodes { safe: 10, infected: 2 });
    assert_eq!(desk.seconds().into_iter().filter(|second| *second == 8).count(), 6, "all are told of to the end");
    assert!(desk.seconds().iter().all(|second| *second <= 9));
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_end_reports_what_there_is_and_waits_no_longer_than_five_seconds() {
    let desk = Desk::new(short(1_000));
    let after = |seconds: u64| sleep(Duration::from_millis(seconds * 1_000 + 500));
    let ended = lived(setting(1, 0), &desk, None, after(7)).await.unwrap();
    assert_eq!((ended.end, desk.seconds()), (End::Told, (0..7).collect::<Vec<_>>()));
    let desk = Desk::new(short(1_000));
    desk.know(|known, _| known.reports = Some(AWAY));
    let ended = lived(setting(2, 0), &desk, None, after(7)).await.unwrap();
    assert_eq!(ended.end, End::Told);
    assert!(ended.status.host.n_contacts > 0);
    assert_eq!(ended.status.host.n_unreported, ended.status.host.n_contacts, "what is lost is said");
    assert_eq!(desk.began.elapsed(), Duration::from_millis(12_500));
}

#[tokio::test(start_paused = true)]
async fn of_a_run_that_was_stopped_each_whole_second_is_told_also_by_a_host_whose_clock_is_behind() {
    let desk = Desk::new(short(1_000));
    desk.know(|known, _| (known.clock.second, known.late) = (Duration::from_secs(10), Duration::from_secs(8)));
    let steps: [Step<'_>; 1] = [(95, &|known, now| known.clock = known.clock.stopped(now))];
    let ended = tokio::select! {
        ended = lived(setting(1, 0), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!((ended.end, desk.seconds()), (End::Stopped, (0..9).collect::<Vec<_>>()));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_over_takes_no_reports_and_the_work_ends() {
    let desk = Desk::new(short(1_000));
    let steps: [Step<'_>; 1] = [(4, &|known, now| {
        known.clock = known.clock.stopped(now);
        known.reports = Some(|| Unanswered::Over);
    })];
    let ended = tokio::select! {
        ended = lived(setting(1, 0), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!((ended.end, desk.began.elapsed().as_secs()), (End::Stopped, 5));
}

#[tokio::test(start_paused = true)]
async fn at_first_it_waits_for_an_answer_and_a_refusal_ends_it() {
    let desk = Desk::new(short(3));
    desk.know(|known, _| known.control = Some(AWAY));
    let steps: [Step<'_>; 1] = [(60, &|known, _| known.control = None)];
    let ended = tokio::select! {
        ended = lived(setting(1, 0), &desk, None, std::future::pending()) => ended.unwrap(),
        () = script(&desk, &steps) => unreachable!(),
    };
    assert_eq!((ended.end, ended.status.host.n_ever), (End::Died, 1));
    assert!(desk.seconds()[0] > 60, "it begins when it knows the time");
    let refusals: [Refusal; 3] = [|| Unanswered::WrongKey, || Unanswered::NoRun, || Unanswered::Over];
    for refusal in refusals {
        let desk = Desk::new(short(3));
        desk.know(|known, _| known.control = Some(refusal));
        let refused = lived(setting(1, 0), &desk, None, std::future::pending()).await.unwrap_err();
        assert!(matches!(refused, CannotBegin::Refused(error) if error.to_string() == refusal().to_string()));
    }
    let desk = Desk::new(short(3));
    desk.know(|known, now| known.clock = known.clock.stopped(now));
    assert!(lived(setting(1, 0), &desk, None, std::future::pending()).await.is_err(), "it was over before");
}

#[tokio::test(start_paused = true)]
async fn two_hosts_of_one_run_hear_each_other_by_air() {
    let run = Uuid::from_u128(4);
    // A field of two places: whoever is on it is in reach.
    let parameters = Parameters { width: 1, height: 1, lifetime_s: 20, ..Parameters::default() };
    let air =
        Air::open(Medium::Multicast { group: Ipv4Addr::new(239, 77, 4, 1), interface: Some(Ipv4Addr::LOCALHOST) }, 0);
    let air = air.unwrap();
    let other = Medium::Multicast { group: Ipv4Addr::new(239, 77, 4, 1), interface: Some(Ipv4Addr::LOCALHOST) };
    let other = Air::open(other, air.port()).unwrap();
    let alone = Alone::begin(run, parameters, Duration::from_secs(1));
    let [one, two] = [1, 2].map(|n| {
        let mut setting = setting(1, 0);
        setting.own[0].node = Uuid::from_u128(n);
        setting
    });
    let [one_now, two_now] = [(); 2].map(|()| watch::Sender::new(Status::default()));
    let never = std::future::pending::<()>;
    let (one, two) = tokio::join!(
        work(one, &alone, &alone, Some(&air), &one_now, never()),
        work(two, &alone, &alone, Some(&other), &two_now, never()),
    );
    for ended in [one.unwrap(), two.unwrap()] {
        let host = ended.status.host;
        assert_eq!((ended.status.n_sent, ended.status.n_unsent), (21, 0));
        assert!(host.n_contacts > 0, "{host:?}");
        assert_eq!(host.counts.refused().count(), 0);
    }
}
