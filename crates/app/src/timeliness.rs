//! Time is the measure: how many cases of a period reached each step within 24 and 48 hours, where their index cases
//! came from, and what each worker has.
//!
//! The shape of the answer is stable: every key is always there, and what the data can't carry is `null` with a reason
//! beside it.

use crate::case_work::can_work;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{
    CONTACTS_PER_CASE, INTERVIEWED_IN_24_H, LATE_HOURS, Milestone, NOTIFIED_IN_24_H, ON_TIME_HOURS, TARGET_HOURS,
};
use domain::cited::Cited;
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::time::{DayRange, local_day, plus_days};
use jiff::civil::Date;
use protocol::http::timeliness as shape;
use std::collections::HashMap;
use storage::accounts::Member;
use storage::cases::{Load, OriginCounts, StepCounts, TimedCases};

pub use shape::{Timeliness, Workload};

/// Days that a report is about where none are asked for: four weeks, so that each day of the week counts alike.
pub const PERIOD_DAYS: i32 = 28;

/// What is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimelinessQuery {
    /// Which disease; `None` for all.
    pub disease: Option<Disease>,
    /// First day of report.
    pub first: Option<Date>,
    /// Last day, included; `None` for today.
    pub last: Option<Date>,
}

impl App {
    /// Counts how fast the cases were taken up that were reported in a period, and where they came from.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the period ends before it begins.
    pub async fn timeliness(&self, worker: &Worker, query: &TimelinessQuery) -> Result<Timeliness> {
        worker.require(Action::SeeOutbreak)?;
        let now = self.now();
        let days = period(query, local_day(now, &worker.authority.time_zone))?;
        let mut tx = self.look_at_numbers(worker).await?;
        let diseases = match query.disease {
            Some(disease) => vec![disease],
            None => storage::cases::diseases(&mut tx, None).await?,
        };
        let (mut index, mut contacts, mut origins) = (nothing(true), nothing(false), OriginCounts::default());
        for disease in diseases {
            for counted in storage::cases::steps_between(&mut tx, disease, days, now).await? {
                add(if counted.is_index { &mut index } else { &mut contacts }, &counted);
            }
            add_origins(&mut origins, &storage::cases::origins_between(&mut tx, disease, days).await?);
        }
        drop(tx);
        let audited = Audited {
            operation: "reports.timeliness",
            subjects: query.disease.map(|disease| disease.to_string()).unwrap_or_default(),
            n_subjects: usize::try_from(index.n_cases + contacts.n_cases).unwrap_or(usize::MAX),
        };
        self.record_numbers(worker, audited).await?;
        Ok(Timeliness {
            disease: query.disease.map(|disease| disease.to_string()),
            first: days.first.to_string(),
            last: days.last.to_string(),
            on_time_hours: ON_TIME_HOURS,
            late_hours: LATE_HOURS,
            index_cases: kind(&index),
            contact_cases: kind(&contacts),
            origins: origin_shape(&origins),
            elsewhere: shape::Elsewhere {
                target_hours: TARGET_HOURS.value,
                target_source: TARGET_HOURS.source,
                interviewed_in_24_h: found(INTERVIEWED_IN_24_H),
                notified_in_24_h: found(NOTIFIED_IN_24_H),
                contacts_per_case: found(CONTACTS_PER_CASE),
            },
        })
    }

    /// Lists what each of the staff has, the most urgent first, and what is nobody's.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn workload(&self, worker: &Worker) -> Result<Workload> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.look(worker).await?;
        let mut loads = storage::cases::workload(&mut tx).await?;
        let members = storage::accounts::members(&mut tx).await?;
        let nothing = |account_id| Load { account_id, n_open: 0, n_waiting: 0, priority_tenths: 0 };
        // Accounts of the command line have cases only where somebody worked there.
        let signs_in = |member: &&Member| can_work(member) && !member.account.name.starts_with("cli:");
        let idle = members.iter().filter(signs_in).map(|member| Some(member.account.account_id)).chain([None]);
        for account_id in idle {
            if !loads.iter().any(|load| load.account_id == account_id) {
                loads.push(nothing(account_id));
            }
        }
        let ids: Vec<AccountId> = loads.iter().filter_map(|load| load.account_id).collect();
        let names = storage::history::names_of_accounts(&mut tx, &ids).await?;
        drop(tx);
        let n_open = loads.iter().map(|load| usize::try_from(load.n_open).unwrap_or(usize::MAX)).sum();
        let audited = Audited { operation: "reports.workload", subjects: String::new(), n_subjects: n_open };
        self.record_alone(worker, audited).await?;
        Ok(Workload { items: lines(&loads, &names) })
    }
}

fn period(query: &TimelinessQuery, today: Date) -> Result<DayRange> {
    let last = query.last.unwrap_or(today);
    let first = query.first.unwrap_or_else(|| plus_days(last, 1 - PERIOD_DAYS));
    DayRange::new(first, last)
        .map_err(|_| AppError::Invalid { field: "last", reason: "the period ends before it begins".to_owned() })
}

fn nothing(is_index: bool) -> TimedCases {
    TimedCases { is_index, n_cases: 0, n_timed: 0, steps: [StepCounts::default(); Milestone::STEPS.len()] }
}

fn add(to: &mut TimedCases, more: &TimedCases) {
    to.n_cases += more.n_cases;
    to.n_timed += more.n_timed;
    for (to, more) in to.steps.iter_mut().zip(&more.steps) {
        to.on_time += more.on_time;
        to.late += more.late;
        to.too_late += more.too_late;
        to.running += more.running;
        to.overdue += more.overdue;
    }
}

fn add_origins(to: &mut OriginCounts, more: &OriginCounts) {
    to.n_index += more.n_index;
    to.n_anonymised += more.n_anonymised;
    to.n_unlinked += more.n_unlinked;
    to.n_without_contacts += more.n_without_contacts;
    to.n_known_contacts += more.n_known_contacts;
    to.n_contacts += more.n_contacts;
}

#[allow(clippy::cast_precision_loss)] // Nobody counts 2^53 cases.
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

fn kind(counted: &TimedCases) -> shape::KindOfCases {
    let steps = Milestone::STEPS.iter().zip(&counted.steps).map(|(milestone, counts)| step(*milestone, counts));
    let reason = match (counted.n_cases, counted.n_timed) {
        (0, _) => Some("no case of this kind was reported on these days"),
        (_, 0) => Some("of no case is it known when the authority was told"),
        _ => None,
    };
    shape::KindOfCases {
        cases: counted.n_cases,
        timed: counted.n_timed,
        steps: steps.collect(),
        reason: reason.map(str::to_owned),
    }
}

/// A step that still runs may yet be on time, so that it is in no share.
fn step(milestone: Milestone, counts: &StepCounts) -> shape::Step {
    let reached = counts.on_time + counts.late + counts.too_late;
    let due = reached + counts.overdue;
    let reason = match (due, counts.running) {
        (0, 0) => Some("there is no case to count"),
        (0, _) => Some("24 h are over in no case yet"),
        _ => None,
    };
    shape::Step {
        name: milestone.to_string(),
        due,
        reached,
        within_24_h: counts.on_time,
        within_48_h: counts.on_time + counts.late,
        running: counts.running,
        overdue: counts.overdue,
        share_24_h: share(counts.on_time, due),
        share_48_h: share(counts.on_time + counts.late, due),
        reason: reason.map(str::to_owned),
    }
}

fn origin_shape(counts: &OriginCounts) -> shape::Origins {
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let counted = number(counts.n_index - counts.n_anonymised);
    let part = |n: i64| shape::Part { cases: number(n), share: share(number(n), counted) };
    let reason = match (counts.n_index, counted) {
        (0, _) => Some("no index case was reported on these days"),
        (_, 0) => Some("all index cases of these days are anonymised, and whom they named is erased"),
        _ => None,
    };
    shape::Origins {
        index_cases: counted,
        anonymised: number(counts.n_anonymised),
        unlinked: part(counts.n_unlinked),
        without_contacts: part(counts.n_without_contacts),
        among_known_contacts: part(counts.n_known_contacts),
        contacts: number(counts.n_contacts),
        contacts_per_case: share(number(counts.n_contacts), counted),
        reason: reason.map(str::to_owned),
    }
}

fn found(cited: Cited<f64>) -> shape::Found {
    shape::Found { value: cited.value, source: cited.source, caution: cited.caution }
}

fn lines(loads: &[Load], names: &HashMap<AccountId, String>) -> Vec<shape::WorkerLoad> {
    let line = |load: &Load| shape::WorkerLoad {
        account_id: load.account_id.map(|account| account.0),
        user_name: load.account_id.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string())),
        open: load.n_open,
        waiting: load.n_waiting,
        #[allow(clippy::cast_precision_loss)] // Nobody waits 2^53 times.
        priority: load.priority_tenths as f64 / 10.0,
    };
    let mut lines: Vec<shape::WorkerLoad> = loads.iter().map(line).collect();
    // Equal loads stand by name, so that the list doesn't jump from call to call.
    lines.sort_by(|one, other| {
        other
            .priority
            .total_cmp(&one.priority)
            .then(other.open.cmp(&one.open))
            .then(one.user_name.cmp(&other.user_name))
    });
    lines
}
