//! To which run a message of a published node belongs: these nodes know of none.
//!
//! To the newest that somebody made for their JSON and that wasn't over when the log took the message. Where there is none, to
//! one that nobody made: those of a day, in UTC, follow each other, and a message belongs to the first that wasn't over then.

use super::super::ConsumerError;
use domain::ids::RunId;
use domain::runs::{Hosting, Parameters, Run, RunClock, Visibility, Wire};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use storage::runs::{self, HistoricDay};
use storage::store::RunTx;

/// How often it is looked again because another consumer, or an operator, was faster.
const MOST_LOOKS: usize = 8;

/// How long before its first message a run begins that nobody made: others may be on their way that were sent earlier.
const BEGINS_BEFORE: SignedDuration = SignedDuration::from_mins(1);

type Known = Vec<(Run, Option<HistoricDay>)>;

/// Finds the run of each instant, in their order, and keeps all of these from being changed until the commit. Makes what is
/// missing.
pub(super) async fn find(tx: &mut RunTx, times: &[Timestamp]) -> Result<Vec<Run>, ConsumerError> {
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return Ok(Vec::new()) };
    for _ in 0..MOST_LOOKS {
        let known = runs::historic_between(tx, (*first, *last), (day_of(*first), day_of(*last))).await?;
        let missing = missing(&known, times);
        for (day, earliest) in &missing {
            let no = 1 + known
                .iter()
                .filter_map(|(_, of)| of.filter(|of| of.day == *day))
                .map(|of| of.no)
                .max()
                .unwrap_or(0);
            // Another consumer may have made it, which is as good.
            runs::insert_historic(tx, &nobodys(*day, no, *earliest), HistoricDay { day: *day, no }).await?;
        }
        if missing.is_empty() && hold(tx, &known, times).await? {
            return Ok(times.iter().filter_map(|at| whose(&known, *at)).cloned().collect());
        }
    }
    Err(ConsumerError::Unsettled)
}

/// Keeps the runs of these instants as they are. Returns whether they are still as they were listed.
async fn hold(tx: &mut RunTx, known: &Known, times: &[Timestamp]) -> Result<bool, ConsumerError> {
    let used: BTreeMap<RunId, &Run> =
        times.iter().filter_map(|at| whose(known, *at)).map(|run| (run.run_id, run)).collect();
    let mut is_same = true;
    for (run_id, listed) in used {
        is_same &= runs::find_to_change(tx, run_id).await?.as_ref() == Some(listed);
    }
    Ok(is_same)
}

fn whose(known: &Known, at: Timestamp) -> Option<&Run> {
    let day = day_of(at);
    let made = known.iter().filter(|(run, of)| of.is_none() && run.spans(at)).map(|(run, _)| run);
    let nobodys = known.iter().filter_map(|(run, of)| Some((of.filter(|of| of.day == day)?.no, run)));
    let nobodys = nobodys.filter(|(_, run)| run.ended_at.is_none_or(|ended| at <= ended));
    made.max_by_key(|run| (run.created_at, run.run_id))
        .or_else(|| nobodys.min_by_key(|(no, _)| *no).map(|(_, run)| run))
}

/// Returns the days of which a run is missing, each with the earliest instant that belongs to it.
fn missing(known: &Known, times: &[Timestamp]) -> BTreeMap<Date, Timestamp> {
    let missing: BTreeSet<Timestamp> = times.iter().copied().filter(|at| whose(known, *at).is_none()).collect();
    let mut earliest = BTreeMap::new();
    for at in missing {
        earliest.entry(day_of(at)).or_insert(at);
    }
    earliest
}

fn day_of(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn nobodys(day: Date, no: i32, earliest: Timestamp) -> Run {
    let minute = earliest.as_second().div_euclid(60) * 60;
    let whole = Timestamp::from_second(minute).unwrap_or(Timestamp::MIN);
    let start = whole.checked_sub(BEGINS_BEFORE).unwrap_or(Timestamp::MIN);
    let name = if no == 1 { format!("historic {day}") } else { format!("historic {day} ({no})") };
    Run {
        run_id: id_of(start, day, no),
        name,
        owner: None,
        visibility: Visibility::Staff,
        is_rehearsal: false,
        parameters: Parameters { wire: Wire::Json, ..Parameters::default() },
        hosting: Hosting::Processes,
        created_at: start,
        ended_at: None,
        clock: RunClock::start(Duration::from_secs(1), start),
        n_safe: 0,
        n_infected: 0,
    }
}

/// The id of a run that nobody made: no two days, and no two runs of a day, have the same, whenever they begin.
fn id_of(start: Timestamp, day: Date, no: i32) -> RunId {
    let days = i32::try_from(day.duration_since(Date::ZERO).as_hours() / 24).unwrap_or(0);
    let ([a, b, c, d], [e, f, g, h]) = (days.to_be_bytes(), no.to_be_bytes());
    RunId::mint(start, [b'h', b'i', a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-27T{text}Z").parse().unwrap()
    }

    fn day() -> Date {
        Date::constant(2026, 11, 27)
    }

    fn over(run: Run, ended: &str) -> Run {
        Run { clock: run.clock.stopped(at(ended)), ended_at: Some(at(ended)), ..run }
    }

    fn of_day(no: i32, earliest: &str) -> (Run, Option<HistoricDay>) {
        (nobodys(day(), no, at(earliest)), Some(HistoricDay { day: day(), no }))
    }

    fn made(n: u8, created: &str) -> (Run, Option<HistoricDay>) {
        let run = nobodys(day(), 1, at(created));
        let (run_id, created_at) = (RunId::mint(at(created), [n; 10]), at(created));
        (
            Run {
                run_id,
                name: format!("made {n}"),
                created_at,
                clock: RunClock::start(Duration::from_secs(1), created_at),
                ..run
            },
            None,
        )
    }

    fn name(known: &Known, text: &str) -> Option<String> {
        whose(known, at(text)).map(|run| run.name.clone())
    }

    #[test]
    fn it_begins_a_minute_before_the_minute_of_its_first_message() {
        let run = nobodys(day(), 1, at("09:43:21.144"));
        assert_eq!((run.name.as_str(), run.created_at), ("historic 2026-11-27", at("09:42:00")));
        assert_eq!(run.second_of(at("09:43:21.144")), 81);
        assert_eq!(nobodys(day(), 2, at("09:43:21")).name, "historic 2026-11-27 (2)");
    }

    #[test]
    fn the_newest_run_that_somebody_made_takes_what_came_while_it_lasted() {
        let ended = made(2, "10:00:00");
        let known = vec![of_day(1, "08:00:00"), made(1, "09:00:00"), (over(ended.0, "10:30:00"), None)];
        assert_eq!(name(&known, "10:10:00").as_deref(), Some("made 2"), "also when it is over by now");
        assert_eq!(name(&known, "10:30:00").as_deref(), Some("made 2"), "its end included");
        assert_eq!(name(&known, "10:30:01").as_deref(), Some("made 1"));
        assert_eq!(name(&known, "08:59:59").as_deref(), Some("historic 2026-11-27"));
    }

    #[test]
    fn no_two_days_have_a_run_of_one_id() {
        // What is before 1970 has no time of its own in an id.
        let days = [Date::constant(1969, 12, 31), Date::constant(1970, 1, 1), Date::constant(-9, 1, 1), day()];
        let ids = days.iter().flat_map(|day| [1, 2].map(|no| id_of(Timestamp::UNIX_EPOCH, *day, no)));
        assert_eq!(ids.collect::<BTreeSet<_>>().len(), 8);
    }

    #[test]
    fn runs_of_a_day_follow_each_other() {
        let first = of_day(1, "08:00:00");
        let known = vec![(over(first.0, "09:00:00"), first.1), of_day(2, "09:30:00")];
        assert_eq!(name(&known, "00:00:00").as_deref(), Some("historic 2026-11-27"), "what is earlier is its second 0");
        assert_eq!(name(&known, "09:00:00").as_deref(), Some("historic 2026-11-27"));
        assert_eq!(name(&known, "09:00:01").as_deref(), Some("historic 2026-11-27 (2)"));
        assert_eq!(whose(&known, "2026-11-28T00:00:00Z".parse().unwrap()), None, "another day");
        let tomorrow: Timestamp = "2026-11-28T00:00:07Z".parse().unwrap();
        let times = [tomorrow, at("09:10:00"), "2026-11-28T00:00:01Z".parse().unwrap()];
        assert_eq!(missing(&known, &times), BTreeMap::from([(Date::constant(2026, 11, 28), times[2])]));
    }
}
