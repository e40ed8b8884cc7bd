//! Workbooks: made by a job, kept sealed for some days, fetched by whoever may export.

use super::columns::columns_of;
use super::{Export, ExportQuery};
use crate::cases::CaseConditions;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use documents::xlsx_out::{MOST_ROWS, SheetWriter};
use domain::authorities::Action;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::exports::ExportKind;
use domain::ids::{AccountId, CaseId, ExportId, FacilityId, JobId};
use domain::languages::Language;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use storage::Freshness;
use storage::cases::{AssignedTo, CaseSort, Days, Order, Postcodes};
use storage::export_files::ExportFile;
use storage::jobs::Job;

/// Days for which a workbook is kept: time to fetch it.
pub const KEPT_DAYS: i32 = 3;

/// Files that a list shows, newest first.
const MOST_LISTED: i64 = 100;

/// What a workbook is to hold, as it is kept with its job: clear columns and ids only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportSettings {
    /// Disease.
    pub disease: Option<String>,
    /// How sure.
    pub classification: Option<String>,
    /// At which place.
    pub place: Option<uuid::Uuid>,
    /// Kind of place.
    pub setting: Option<String>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Sex.
    pub sex: Option<String>,
    /// First and last day of onset, report, decision.
    pub days: [Option<Date>; 6],
    /// Sorted by.
    pub sort: Option<(CaseSort, Order)>,
    /// These cases alone.
    pub selected: Option<Vec<uuid::Uuid>>,
    /// Language of headers.
    pub language: Option<String>,
    /// Index case, or which kind of contact.
    #[serde(default)]
    pub case_type: Option<String>,
    /// Where they stand.
    #[serde(default)]
    pub statuses: Vec<String>,
    /// `nobody`, `somebody`, or whose they are.
    #[serde(default)]
    pub assigned: Option<String>,
    /// In quarantine on this day.
    #[serde(default)]
    pub quarantined_on: Option<Date>,
    /// First and last day of the end of quarantine, of the test.
    #[serde(default)]
    pub more_days: [Option<Date>; 4],
    /// A postcode, or with `*` behind it how postcodes begin.
    #[serde(default)]
    pub postcode: Option<String>,
}

impl ExportSettings {
    fn of(query: &ExportQuery) -> Self {
        let asked = query.conditions.clone();
        let CaseConditions { classification, place, setting, outcome, sex, onset, reported, .. } = asked;
        let (ends, tested, decided) = (asked.quarantine_ends, asked.tested, query.decided);
        Self {
            disease: query.disease.map(|disease| disease.to_string()),
            classification: classification.map(|one| one.to_string()),
            place: place.map(|place| place.0),
            setting,
            outcome,
            sex,
            days: [onset.first, onset.last, reported.first, reported.last, decided.first, decided.last],
            sort: Some(query.order),
            selected: query.selected.as_ref().map(|cases| cases.iter().map(|case| case.0).collect()),
            language: query.language.map(|language| language.to_string()),
            case_type: asked.case_type.map(|one| one.to_string()),
            statuses: asked.statuses.iter().map(ToString::to_string).collect(),
            assigned: asked.assigned.map(|assigned| assigned.to_string()),
            quarantined_on: asked.quarantined_on,
            more_days: [ends.first, ends.last, tested.first, tested.last],
            postcode: asked.postcodes.map(|postcodes| postcodes.to_string()),
        }
    }

    fn query(self, kind: ExportKind) -> ExportQuery {
        let [onset_first, onset_last, reported_first, reported_last, decided_first, decided_last] = self.days;
        let [ends_first, ends_last, tested_first, tested_last] = self.more_days;
        let days = |first, last| Days { first, last };
        ExportQuery {
            kind,
            disease: self.disease.as_deref().and_then(Disease::find),
            conditions: CaseConditions {
                classification: self.classification.as_deref().and_then(CaseClassification::find),
                place: self.place.map(FacilityId),
                setting: self.setting,
                outcome: self.outcome,
                sex: self.sex,
                onset: days(onset_first, onset_last),
                reported: days(reported_first, reported_last),
                case_type: self.case_type.as_deref().and_then(CaseType::find),
                statuses: self.statuses.iter().filter_map(|status| CaseStatus::find(status)).collect(),
                assigned: self.assigned.as_deref().and_then(AssignedTo::find),
                quarantined_on: self.quarantined_on,
                quarantine_ends: days(ends_first, ends_last),
                postcodes: self.postcode.as_deref().and_then(Postcodes::find),
                tested: days(tested_first, tested_last),
            },
            order: self.sort.unwrap_or((CaseSort::Created, Order::Asc)),
            decided: days(decided_first, decided_last),
            selected: self.selected.map(|cases| cases.into_iter().map(CaseId).collect()),
            language: self.language.as_deref().and_then(Language::find),
            delimiter: None,
        }
    }
}

/// Returns when a workbook that was asked for at an instant is deleted.
#[must_use]
pub fn ends_at(created_at: Timestamp) -> Timestamp {
    created_at.checked_add(SignedDuration::from_hours(24 * i64::from(KEPT_DAYS))).unwrap_or(Timestamp::MAX)
}

impl App {
    /// Asks for a workbook. A job makes it.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if this kind of file is no table.
    pub async fn ask_for_workbook(&self, worker: &Worker, query: &ExportQuery) -> Result<ExportFile> {
        worker.require(Action::ExportCases)?;
        if !query.kind.is_table() || query.kind == ExportKind::Template {
            let reason = "this can't be had as a workbook; fetch the file itself".to_owned();
            return Err(AppError::Invalid { field: "kind", reason });
        }
        let settings = serde_json::to_string(&ExportSettings::of(query)).map_err(|_| AppError::NotFound("export"))?;
        let now = self.now();
        let (export_id, job_id) = (ExportId::mint(now, self.random()), JobId::mint(now, self.random()));
        let file = ExportFile {
            export_id,
            account_id: worker.account_id,
            account: String::new(),
            kind: query.kind,
            settings,
            job_id,
            size: None,
            state: None,
            done: 0,
            created_at: now,
        };
        let job = Job {
            job_id,
            kind: "export.workbook".to_owned(),
            subject_id: export_id.0,
            account_id: AccountId(worker.account_id.0),
            account: String::new(),
            role: worker.role,
            state: String::new(),
            settings: String::new(),
            done: 0,
            total: None,
            problem: None,
            created_at: now,
            finished_at: None,
        };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::export_files::insert(&mut tx, &file).await?;
        storage::jobs::insert(&mut tx, &job).await?;
        let audited = Audited { operation: "exports.ask", subjects: export_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.workbook(worker, export_id).await
    }

    /// Finds a workbook.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id, or its days are over.
    pub async fn workbook(&self, worker: &Worker, export_id: ExportId) -> Result<ExportFile> {
        worker.require(Action::ExportCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::export_files::find(&mut tx, export_id).await?;
        found.map(|file| self.as_far_as(file)).ok_or(AppError::NotFound("export"))
    }

    /// Lists the newest workbooks.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_workbooks(&self, worker: &Worker) -> Result<Vec<ExportFile>> {
        worker.require(Action::ExportCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::export_files::list(&mut tx, MOST_LISTED).await?;
        Ok(found.into_iter().map(|file| self.as_far_as(file)).collect())
    }

    fn as_far_as(&self, file: ExportFile) -> ExportFile {
        match self.rows_done(file.job_id) {
            Some(done) if file.size.is_none() => ExportFile { done: i64::try_from(done).unwrap_or(i64::MAX), ..file },
            _ => file,
        }
    }

    /// Records that a workbook is fetched, and returns it. Its parts are read one by one.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it isn't ready.
    pub async fn fetch_workbook(&self, worker: &Worker, export_id: ExportId) -> Result<ExportFile> {
        let file = self.workbook(worker, export_id).await?;
        let Some((n_rows, _)) = file.size else {
            return Err(AppError::Conflict("this workbook isn't ready".to_owned()));
        };
        let n_subjects = usize::try_from(n_rows).unwrap_or(usize::MAX);
        let audited = Audited { operation: "exports.fetch", subjects: export_id.to_string(), n_subjects };
        self.record_alone(worker, audited).await?;
        Ok(file)
    }

    /// Reads a part of a workbook, counted from 0; `None` past the last one.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) if it doesn't open.
    pub async fn part_of_workbook(&self, worker: &Worker, export_id: ExportId, part: i32) -> Result<Option<Vec<u8>>> {
        worker.require(Action::ExportCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::export_files::part(&mut tx, &sealer, export_id, part).await?)
    }

    /// Deletes a workbook; whoever is making it stops.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn delete_workbook(&self, worker: &Worker, export_id: ExportId) -> Result<()> {
        let file = self.workbook(worker, export_id).await?;
        self.stop_job(file.job_id);
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::jobs::finish(&mut tx, file.job_id, "cancelled", None, file.done, self.now()).await?;
        if !storage::export_files::delete(&mut tx, export_id).await? {
            return Err(AppError::NotFound("export"));
        }
        let audited = Audited { operation: "exports.delete", subjects: export_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the workbook of a job. Returns its rows.
    pub(crate) async fn work_on_export(
        &self,
        worker: &Worker,
        job: &Job,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<u64> {
        let export_id = ExportId(job.subject_id);
        let file = self.workbook(worker, export_id).await?;
        let settings: ExportSettings =
            serde_json::from_str(&file.settings).map_err(|_| AppError::NotFound("export"))?;
        let mut export = self.begin_export(worker, settings.query(file.kind)).await?;
        let mut sheet = export.sheet()?;
        while export.next_rows(&mut sheet).await? {
            if export.n_rows() >= u64::from(MOST_ROWS) {
                let reason = format!("a sheet has at most {MOST_ROWS} rows; filter, or take CSV");
                return Err(AppError::Conflict(reason));
            }
            if progress(export.n_rows()).is_break() {
                return Err(AppError::Cancelled);
            }
        }
        let n_rows = export.n_rows();
        // Packing is work for a processor: others are answered meanwhile.
        let bytes = crate::names::work(move || Ok(sheet.finish()?)).await?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if storage::export_files::find(&mut tx, export_id).await?.is_none() {
            return Err(AppError::Cancelled);
        }
        let rows = i64::try_from(n_rows).unwrap_or(i64::MAX);
        storage::export_files::set_ready(&mut tx, &sealer, export_id, rows, &bytes).await?;
        tx.commit().await?;
        Ok(n_rows)
    }
}

impl Export {
    fn sheet(&self) -> Result<SheetWriter> {
        let headers = columns_of(self.kind).iter().map(|column| column.header(self.language));
        Ok(SheetWriter::new("Epitrace", headers)?)
    }

    /// Writes the next cases into a sheet; `false` at the end. That they leave is recorded before.
    async fn next_rows(&mut self, sheet: &mut SheetWriter) -> Result<bool> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let Some(cases) = self.next_page(is_first).await? else { return Ok(false) };
        for case in &cases {
            sheet.write_row(columns_of(self.kind).iter().map(|column| (column.value)(case)))?;
        }
        self.n_rows += cases.len() as u64;
        Ok(true)
    }
}
