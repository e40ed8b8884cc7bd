//! The rules of an authority: which hold, which held, and how an administrator makes new ones.
//!
//! Nothing is updated. A new version is a row, ending one early is a row, and what was decided stays
//! explained by the version that it used.

use crate::context::{App, Audited, Worker};
use crate::days::infectious_days;
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::diseases::Disease;
use domain::rules::{InvalidSettings, rule_set_on};
use domain::rules::{Past, RuleSet, RuleSettings, Setting, change_settings, check_days, differences, ended_early};
use domain::time::{DayRange, local_day, plus_days};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use storage::rule_sets::MadeRules;
use storage::{Freshness, Tx};

/// Cases that a preview reads at most, of those with an onset and of those without.
const MOST_CASES: u64 = 100_000;

/// A setting in which two rule sets differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub setting: Setting,
    /// Its value in the older.
    pub before: String,
    /// Its value in the newer.
    pub after: String,
}

/// A version, with who made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The rules.
    pub rules: RuleSet,
    /// User name; `None` for the built-in one.
    pub made_by: Option<String>,
    /// When; `None` for the built-in one.
    pub made_at: Option<Timestamp>,
    /// How it differs from the version before it.
    pub changes: Vec<Difference>,
}

/// All versions for a disease.
#[derive(Clone, Debug, PartialEq)]
pub struct Versions {
    /// Which disease.
    pub disease: Disease,
    /// The day of the authority.
    pub today: Date,
    /// The version that holds today.
    pub holds_today: i32,
    /// Newest first; the last one is the built-in one, version 0.
    pub versions: Vec<Version>,
}

/// A version that somebody wants.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// For which disease.
    pub disease: Disease,
    /// The version whose settings it takes over.
    pub based_on: i32,
    /// The newest version that they saw; `None` if they don't mind others.
    pub newest_seen: Option<i32>,
    /// First day; `None` since ever.
    pub first: Option<Date>,
    /// Last day; `None` until further notice.
    pub last: Option<Date>,
    /// What is to be other than in the version it is based on, by the words of [`Setting`].
    pub settings: BTreeMap<String, String>,
    /// Whether the word for the past was given.
    pub past: Past,
}

/// A version that somebody wants to be over.
#[derive(Clone, Copy, Debug)]
pub struct EarlyEnd {
    /// For which disease.
    pub disease: Disease,
    /// Which.
    pub version: i32,
    /// The newest version that they saw; `None` if they don't mind others.
    pub newest_seen: Option<i32>,
    /// Its last day.
    pub last: Date,
    /// Whether the word for the past was given.
    pub past: Past,
}

/// What a new version would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// As it would be made.
    pub rules: RuleSet,
    /// How it differs from the version it is based on.
    pub changes: Vec<Difference>,
    /// Cases at work whose infectious days would be others.
    pub n_changed: u64,
    /// Cases at work that were looked at: with their onset, or else their test, in its days.
    pub n_at_work: u64,
    /// Whether all cases were looked at, not only the newest 100,000.
    pub is_complete: bool,
}

/// Returns the rules that hold on a day.
pub(crate) async fn rules_on(tx: &mut Tx, disease: Disease, day: Date) -> Result<RuleSet> {
    let own = storage::rule_sets::list(tx, disease).await?;
    Ok(rule_set_on(&own, disease, day))
}

impl App {
    /// Lists the versions for a disease, the authority's if none is named.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn rule_sets(&self, worker: &Worker, disease: Option<Disease>) -> Result<Versions> {
        worker.require(Action::SeeRules)?;
        let disease = disease.unwrap_or(worker.authority.default_disease);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.versions(&mut tx, worker, disease).await
    }

    /// Finds a version, or the one that holds on a day.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn rule_set_on(&self, worker: &Worker, disease: Option<Disease>, day: Option<Date>) -> Result<Version> {
        let all = self.rule_sets(worker, disease).await?;
        let day = day.unwrap_or(all.today);
        let own: Vec<RuleSet> = all.versions.iter().map(|version| version.rules.clone()).collect();
        let holds = rule_set_on(&own, all.disease, day).version;
        let found = all.versions.into_iter().find(|version| version.rules.version == holds);
        found.ok_or(AppError::NotFound("version"))
    }

    /// Compares two versions, setting by setting.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such version.
    pub async fn compare_rule_sets(
        &self,
        worker: &Worker,
        disease: Option<Disease>,
        one: i32,
        other: i32,
    ) -> Result<Vec<Difference>> {
        let all = self.rule_sets(worker, disease).await?;
        let settings = |version| {
            let found = all.versions.iter().find(|known| known.rules.version == version);
            found.map(|known| &known.rules.settings).ok_or(AppError::NotFound("version"))
        };
        Ok(compared(settings(one)?, settings(other)?))
    }

    /// Says what a new version would change today, and changes nothing.
    ///
    /// # Errors
    ///
    /// As [`create_rule_set`](Self::create_rule_set).
    pub async fn preview_rule_set(&self, worker: &Worker, new: &NewVersion) -> Result<Preview> {
        worker.require(Action::ManageRules)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut own = storage::rule_sets::list(&mut tx, new.disease).await?;
        let (rules, base) = self.decide(worker, &own, new)?;
        let days =
            DayRange { first: rules.first.unwrap_or(date(1800, 1, 1)), last: rules.last.unwrap_or(date(9999, 12, 31)) };
        let most = i64::try_from(MOST_CASES).unwrap_or(i64::MAX);
        let found = storage::rule_sets::dated_cases(&mut tx, new.disease, days, most).await?;
        let old = own.clone();
        own.push(rules.clone());
        let (mut n_changed, mut n_at_work, mut read) = (0, 0, [0, 0]);
        for cases in found {
            read[usize::from(cases.dates.symptom_onset.is_none())] += cases.n_cases;
            let day_zero = cases.dates.symptom_onset.or(cases.dates.tested_on);
            if cases.status.is_ended() || !day_zero.is_some_and(|day| days.contains(day)) {
                continue;
            }
            n_at_work += cases.n_cases;
            let days_by = |rules: &[RuleSet]| infectious_days(rules, new.disease, &cases.dates);
            n_changed += if days_by(&old) == days_by(&own) { 0 } else { cases.n_cases };
        }
        let is_complete = read.iter().all(|n_read| *n_read < MOST_CASES);
        let changes = compared(&base, &rules.settings);
        Ok(Preview { rules, changes, n_changed, n_at_work, is_complete })
    }

    /// Makes a new version.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every setting and day that breaks a rule; [`AppError::Conflict`] if somebody made
    /// another version meanwhile; [`AppError::NotFound`] if it is based on none.
    pub async fn create_rule_set(&self, worker: &Worker, new: &NewVersion) -> Result<Version> {
        worker.require(Action::ManageRules)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        tx.one_administrator_at_a_time().await?;
        let own = storage::rule_sets::list(&mut tx, new.disease).await?;
        let (rules, _) = self.decide(worker, &own, new)?;
        self.store_versions(&mut tx, worker, "rule_sets.create", std::slice::from_ref(&rules)).await?;
        let all = self.versions(&mut tx, worker, new.disease).await?;
        tx.commit().await?;
        let made = all.versions.into_iter().find(|version| version.rules.version == rules.version);
        made.ok_or(AppError::NotFound("version"))
    }

    /// Ends a version early: newer versions hold instead, each as it would be without this one. Returns their numbers.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it doesn't hold after that day anyway, or somebody made another version meanwhile.
    pub async fn end_rule_set(&self, worker: &Worker, end: &EarlyEnd) -> Result<Vec<i32>> {
        worker.require(Action::ManageRules)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        tx.one_administrator_at_a_time().await?;
        let own = storage::rule_sets::list(&mut tx, end.disease).await?;
        unchanged_since(&own, end.newest_seen)?;
        if !own.iter().any(|rules| rules.version == end.version) {
            return Err(AppError::NotFound("version"));
        }
        let today = local_day(self.now(), &worker.authority.time_zone);
        check_days(Some(plus_days(end.last, 1)), None, today, end.past)
            .map_err(|(_, reason)| AppError::Invalid { field: "last", reason })?;
        let made = ended_early(&own, end.version, end.last);
        if made.is_empty() {
            return Err(AppError::Conflict("this version doesn't hold after that day anyway".to_owned()));
        }
        self.store_versions(&mut tx, worker, "rule_sets.end", &made).await?;
        tx.commit().await?;
        Ok(made.iter().map(|rules| rules.version).collect())
    }

    /// Decides what the new version is. Returns it with the settings that it is based on.
    fn decide(&self, worker: &Worker, own: &[RuleSet], new: &NewVersion) -> Result<(RuleSet, RuleSettings)> {
        unchanged_since(own, new.newest_seen)?;
        let base = match new.based_on {
            0 => RuleSettings::built_in(new.disease),
            version => {
                let found = own.iter().find(|rules| rules.version == version);
                found.ok_or(AppError::NotFound("version"))?.settings.clone()
            }
        };
        let today = local_day(self.now(), &worker.authority.time_zone);
        let days = check_days(new.first, new.last, today, new.past);
        let mut wrong: InvalidSettings = days.err().into_iter().collect();
        let settings = change_settings(&base, &new.settings).unwrap_or_else(|found| {
            wrong.extend(found);
            base.clone()
        });
        if !wrong.is_empty() {
            return Err(AppError::InvalidFields(wrong));
        }
        let version = newest(own) + 1;
        let rules = RuleSet { version, disease: new.disease, first: new.first, last: new.last, settings };
        Ok((rules, base))
    }

    async fn store_versions(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        operation: &'static str,
        made: &[RuleSet],
    ) -> Result<()> {
        for rules in made {
            storage::rule_sets::insert(tx, rules, worker.account_id, self.now()).await?;
        }
        let subjects: Vec<String> = made.iter().map(|rules| format!("{}/{}", rules.disease, rules.version)).collect();
        let audited = Audited { operation, n_subjects: subjects.len(), subjects: subjects.join(" ") };
        self.record(tx, worker, audited).await
    }

    async fn versions(&self, tx: &mut Tx, worker: &Worker, disease: Disease) -> Result<Versions> {
        let made = storage::rule_sets::list_made(tx, disease).await?;
        let makers: Vec<_> = made.iter().map(|made| made.account_id).collect();
        let names = storage::history::names_of_accounts(tx, &makers).await?;
        let mut before = RuleSettings::built_in(disease);
        let built_in = Version { rules: RuleSet::built_in(disease), made_by: None, made_at: None, changes: Vec::new() };
        let mut versions = vec![built_in];
        for MadeRules { rules, account_id, made_at } in made {
            let changes = compared(&before, &rules.settings);
            before = rules.settings.clone();
            let made_by = names.get(&account_id).cloned();
            versions.push(Version { rules, made_by, made_at: Some(made_at), changes });
        }
        let today = local_day(self.now(), &worker.authority.time_zone);
        let own: Vec<RuleSet> = versions.iter().map(|version| version.rules.clone()).collect();
        let holds_today = rule_set_on(&own, disease, today).version;
        versions.reverse();
        Ok(Versions { disease, today, holds_today, versions })
    }
}

fn newest(own: &[RuleSet]) -> i32 {
    own.iter().map(|rules| rules.version).max().unwrap_or(0)
}

/// Checks that nobody made another version since.
fn unchanged_since(own: &[RuleSet], newest_seen: Option<i32>) -> Result<()> {
    if newest_seen.is_none_or(|seen| seen == newest(own)) {
        return Ok(());
    }
    Err(AppError::Conflict("somebody has made another version meanwhile; look at it first".to_owned()))
}

fn compared(one: &RuleSettings, other: &RuleSettings) -> Vec<Difference> {
    let differ = differences(one, other).into_iter();
    differ.map(|(setting, before, after)| Difference { setting, before, after }).collect()
}
