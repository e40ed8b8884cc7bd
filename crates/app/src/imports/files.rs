//! Files that people bring in through the page: kept sealed for a week, previewed, checked, imported by a job, their bad
//! rows corrected in place.

use super::guess;
pub use super::guess::Guess as ColumnGuess;
use super::{ImportOptions, ImportSummary, Kept, Kind, Outlets, RefusedRow};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use documents::csv_out::CsvWriter;
use documents::refused::RefusedWriter;
use documents::table::{Header, Table, TableOptions};
use documents::values::DateOrder;
use domain::authorities::Action;
use domain::diseases::Disease;
use domain::ids::{ImportId, JobId};
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use storage::Freshness;
use storage::import_files::{self, Content, ImportFile};
use storage::jobs::Job;
use tokio::sync::Semaphore;

/// Days for which a file is kept: time to correct its bad rows.
pub const KEPT_DAYS: i32 = 7;
/// Rows of a preview.
const PREVIEW_ROWS: usize = 20;
/// Rows that may be corrected at once.
const MOST_CORRECTIONS: usize = 1_000;

/// How to read a file, as it is kept: columns by number, so that no header is kept in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSettings {
    /// Which column is which field; columns count from 0.
    pub columns: Vec<(String, usize)>,
    /// Disease of rows that name none.
    pub disease: Option<String>,
    /// Seconds that each encounter with a `time` lasts.
    pub interval_s: Option<i64>,
    /// `iso`, `dmy`, `mdy`.
    pub date_order: String,
    /// Take other values for what is there already.
    pub update: bool,
    /// Store nothing if one row is refused.
    pub strict: bool,
    /// Store nothing at all.
    pub dry_run: bool,
}

/// The beginning of a file.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Names of the columns.
    pub header: Option<Vec<String>>,
    /// How many columns.
    pub n_columns: usize,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
    /// Character encoding, or the sheet of a workbook.
    pub encoding: String,
    /// Character between cells, in words.
    pub delimiter: Option<String>,
    /// What the columns seem to be.
    pub guess: Vec<ColumnGuess>,
}

/// Lists the fields of a kind of file: name, whether it must be there, what it is.
#[must_use]
pub fn fields(kind: Kind) -> Vec<(&'static str, bool, &'static str)> {
    let required = kind.required();
    guess::fields(kind).iter().map(|words| (words.field, required.contains(&words.field), words.what)).collect()
}

fn kind_of(file: &ImportFile) -> Result<Kind> {
    Kind::find(&file.kind).ok_or(AppError::NotFound("import"))
}

fn refuse_while_at_work(file: Option<&ImportFile>) -> Result<()> {
    if file.is_some_and(|file| matches!(file.state.as_str(), "checking" | "running")) {
        return Err(AppError::Conflict("a job works on this file; wait for it, or cancel it".to_owned()));
    }
    Ok(())
}

/// Reads a file as a table; whether it has a header is seen from its first row.
fn table(bytes: Vec<u8>) -> Result<Table> {
    let with = |bytes, header| Table::open(Cursor::new(bytes), TableOptions { delimiter: None, header });
    let mut without_header = with(bytes.clone(), Header::None)?;
    let first = without_header.next_row()?.map(|row| cells(&row)).unwrap_or_default();
    if guess::is_header(&first) { Ok(with(bytes, Header::FirstRow)?) } else { Ok(with(bytes, Header::None)?) }
}

fn preview(kind: Kind, bytes: Vec<u8>) -> Result<Preview> {
    let mut table = table(bytes)?;
    let mut rows = Vec::with_capacity(PREVIEW_ROWS);
    while rows.len() < PREVIEW_ROWS {
        let Some(row) = table.next_row()? else { break };
        rows.push(cells(&row));
    }
    let header = table.header().map(<[String]>::to_vec);
    let n_columns = table.n_columns();
    Ok(Preview {
        guess: guess::guess(kind, header.as_deref(), n_columns),
        header,
        n_columns,
        encoding: super::described(&table),
        delimiter: table.delimiter().map(documents::table::delimiter_name),
        rows,
    })
}

/// Files that are read at once: each is in memory, more than once.
static READING: Semaphore = Semaphore::const_new(2);

/// Reads a file away from those who answer, when it is its turn.
async fn reading<T: Send + 'static>(what: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let stopping = |_| AppError::Conflict("the server is stopping".to_owned());
    let _turn = READING.acquire().await.map_err(stopping)?;
    crate::names::work(what).await
}

fn cells(row: &documents::cell::Row<'_>) -> Vec<String> {
    (0..row.n_cells().min(super::MOST_CELLS)).map(|column| row.raw(column).into_owned()).collect()
}

impl FileSettings {
    /// Returns them as options of an import.
    fn options(&self, kind: Kind, has_header: bool, delimiter: Option<u8>) -> Result<ImportOptions> {
        let invalid = |field, reason: &str| AppError::Invalid { field, reason: reason.to_owned() };
        // `#3` is the third column of any file; a plain number that of one without header.
        let sign = if has_header { "#" } else { "" };
        let columns: Vec<String> =
            self.columns.iter().map(|(field, column)| format!("{field}={sign}{}", column.saturating_add(1))).collect();
        let disease = match self.disease.as_deref() {
            Some(word) => {
                Some(Disease::find(word).ok_or_else(|| invalid("disease", "this disease is not known here"))?)
            }
            None => None,
        };
        let interval = match self.interval_s {
            Some(seconds @ 1..=86_400) => Some(SignedDuration::from_secs(seconds)),
            Some(_) => return Err(invalid("interval_s", "choose 1 second to one day")),
            None => None,
        };
        let date_order = match self.date_order.as_str() {
            "iso" => DateOrder::Iso,
            "dmy" => DateOrder::DayFirst,
            "mdy" => DateOrder::MonthFirst,
            _ => return Err(invalid("date_order", "choose iso, dmy or mdy")),
        };
        Ok(ImportOptions {
            delimiter,
            date_order,
            interval,
            disease,
            dry_run: self.dry_run,
            strict: self.strict,
            update: self.update,
            ..ImportOptions::new(kind, &columns.join(","))
        })
    }
}

impl App {
    /// Keeps a file, sealed, until it is imported or a week is over. What can't be read as a table is refused at once.
    ///
    /// # Errors
    ///
    /// [`AppError::Table`] if it is no table.
    pub async fn keep_import(&self, worker: &Worker, kind: Kind, name: &str, bytes: Vec<u8>) -> Result<ImportFile> {
        worker.require(Action::ImportFacts)?;
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let bytes = reading(move || table(bytes.clone()).map(|_| bytes)).await?;
        let sealer = self.sealer(worker)?;
        let now = self.now();
        let file = ImportFile {
            import_id: ImportId::mint(now, self.random()),
            account_id: worker.account_id,
            account: String::new(),
            kind: kind.as_str().to_owned(),
            file_name: Personal::new(if name.is_empty() { "file".to_owned() } else { name }),
            n_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            state: "uploaded".to_owned(),
            settings: None,
            summary: None,
            n_refused: 0,
            job_id: None,
            created_at: now,
        };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        import_files::insert(&mut tx, &sealer, &file, &bytes).await?;
        let audited = Audited { operation: "imports.keep", subjects: file.import_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.import_file(worker, file.import_id).await
    }

    /// Finds a file.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id, or its week is over.
    pub async fn import_file(&self, worker: &Worker, import_id: ImportId) -> Result<ImportFile> {
        worker.require(Action::ImportFacts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = import_files::find(&mut tx, &self.sealer(worker)?, import_id).await?;
        found.ok_or(AppError::NotFound("import"))
    }

    /// Lists files, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_import_files(
        &self,
        worker: &Worker,
        before: Option<ImportId>,
        limit: usize,
    ) -> Result<Vec<ImportFile>> {
        worker.require(Action::ImportFacts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(import_files::list(&mut tx, &self.sealer(worker)?, before, limit).await?)
    }

    /// Deletes a file with its refused rows. What was imported from it stays.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn delete_import_file(&self, worker: &Worker, import_id: ImportId) -> Result<()> {
        worker.require(Action::ImportFacts)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = import_files::find(&mut tx, &self.sealer(worker)?, import_id).await?;
        refuse_while_at_work(found.as_ref())?;
        if !import_files::delete(&mut tx, import_id).await? {
            return Err(AppError::NotFound("import"));
        }
        let audited = Audited { operation: "imports.delete", subjects: import_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        Ok(tx.commit().await?)
    }

    /// Shows the beginning of a file, and what its columns seem to be.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn preview_import(&self, worker: &Worker, import_id: ImportId) -> Result<(Kind, Preview)> {
        let file = self.import_file(worker, import_id).await?;
        let kind = kind_of(&file)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let bytes = import_files::content(&mut tx, &self.sealer(worker)?, import_id, Content::File).await?;
        drop(tx);
        let preview = reading(move || preview(kind, bytes)).await?;
        let audited = Audited { operation: "imports.preview", subjects: import_id.to_string(), n_subjects: 1 };
        self.record_alone(worker, audited).await?;
        Ok((kind, preview))
    }

    /// Asks for a file to be checked, or imported, by a job.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] or [`AppError::Mapping`] if the settings can't be meant, [`AppError::Conflict`] while another
    /// job works on it.
    pub async fn ask_for_import(&self, worker: &Worker, import_id: ImportId, settings: &FileSettings) -> Result<Job> {
        let file = self.import_file(worker, import_id).await?;
        let kind = kind_of(&file)?;
        refuse_while_at_work(Some(&file))?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let bytes = import_files::content(&mut tx, &sealer, import_id, Content::File).await?;
        drop(tx);
        let n_lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        let is_text = !bytes.starts_with(b"PK") && !bytes.starts_with(&[0x1f, 0x8b]);
        let table = table(bytes)?;
        let options = settings.options(kind, table.header().is_some(), table.delimiter())?;
        super::check_mapping(&options, &table)?;
        let now = self.now();
        let as_json = serde_json::to_string(settings).map_err(|_| AppError::NotFound("import"))?;
        let job = Job {
            job_id: JobId::mint(now, self.random()),
            kind: if settings.dry_run { "import.check" } else { "import.run" }.to_owned(),
            subject_id: import_id.0,
            account_id: worker.account_id,
            account: String::new(),
            role: worker.role,
            state: "waiting".to_owned(),
            settings: as_json.clone(),
            done: 0,
            total: is_text
                .then(|| i64::try_from(n_lines.saturating_sub(usize::from(table.header().is_some()))).unwrap_or(0)),
            problem: None,
            created_at: now,
            finished_at: None,
        };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        // Looked at again where nobody else can ask at the same time.
        tx.one_import_at_a_time().await?;
        let found = import_files::find(&mut tx, &sealer, import_id).await?;
        refuse_while_at_work(found.as_ref())?;
        let mut file = found.ok_or(AppError::NotFound("import"))?;
        file.state = if settings.dry_run { "checking" } else { "running" }.to_owned();
        file.settings = Some(as_json);
        file.job_id = Some(job.job_id);
        storage::jobs::insert(&mut tx, &job).await?;
        import_files::set_state(&mut tx, &file).await?;
        let audited = Audited { operation: "imports.ask", subjects: import_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.job(worker, job.job_id).await
    }

    /// Checks or imports a file: the work of a job. Run again after it was interrupted, it completes.
    ///
    /// # Errors
    ///
    /// As [`import`](App::import).
    pub(crate) async fn work_on_import(
        &self,
        worker: &Worker,
        job: &Job,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<u64> {
        let import_id = ImportId(job.subject_id);
        let file = self.import_file(worker, import_id).await?;
        let settings: FileSettings = serde_json::from_str(&job.settings).map_err(|_| AppError::NotFound("import"))?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let bytes = import_files::content(&mut tx, &sealer, import_id, Content::File).await?;
        drop(tx);
        let has_header = table(bytes.clone())?.header().is_some();
        let options = settings.options(kind_of(&file)?, has_header, None)?;
        let mut kept = Kept::default();
        let outlets = Outlets { errors: None, kept: Some(&mut kept), progress };
        let done = self.import_to(worker, Cursor::new(bytes), &options, outlets).await;
        let summary = done?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = import_files::find(&mut tx, &sealer, import_id).await?;
        // Cancelled and asked for again meanwhile: the file is another job's now.
        let mut file = found.filter(|file| file.job_id == Some(job.job_id)).ok_or(AppError::Cancelled)?;
        file.state = if settings.dry_run { "checked" } else { "done" }.to_owned();
        file.summary = Some(as_json(&ImportSummary { first_refusals: Vec::new(), ..summary.clone() })?);
        file.n_refused = i64::try_from(summary.refused).unwrap_or(i64::MAX);
        let rows = serde_json::to_vec(&kept).map_err(|_| AppError::NotFound("import"))?;
        import_files::replace_content(&mut tx, &sealer, import_id, Content::Refused, &rows).await?;
        import_files::set_state(&mut tx, &file).await?;
        tx.commit().await?;
        Ok(summary.rows)
    }

    /// Returns the refused rows of a file.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such file.
    pub async fn refused_rows(&self, worker: &Worker, import_id: ImportId) -> Result<Kept> {
        self.import_file(worker, import_id).await?;
        let kept = self.kept_rows(worker, import_id).await?;
        let n_subjects = kept.rows.len();
        let audited = Audited { operation: "imports.refused", subjects: import_id.to_string(), n_subjects };
        self.record_alone(worker, audited).await?;
        Ok(kept)
    }

    async fn kept_rows(&self, worker: &Worker, import_id: ImportId) -> Result<Kept> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let bytes = import_files::content(&mut tx, &self.sealer(worker)?, import_id, Content::Refused).await?;
        read_kept(&bytes)
    }

    /// Returns the refused rows as a file in the layout of the one that was brought in.
    ///
    /// # Errors
    ///
    /// As [`refused_rows`](Self::refused_rows).
    pub async fn refused_file(&self, worker: &Worker, import_id: ImportId) -> Result<Vec<u8>> {
        let kept = self.refused_rows(worker, import_id).await?;
        let mut writer = RefusedWriter::new(Vec::new(), kept.header.as_deref(), kept.delimiter.unwrap_or(b','))?;
        for row in &kept.rows {
            writer.write_raw(&row.cells, &row.reason)?;
        }
        Ok(writer.finish()?)
    }

    /// Imports rows that were corrected in place. Those that are refused again stay, with their new reason.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if the file was not imported yet, [`AppError::Invalid`] for rows that weren't refused.
    pub async fn correct_import(
        &self,
        worker: &Worker,
        import_id: ImportId,
        corrections: Vec<(u64, Vec<String>)>,
    ) -> Result<ImportFile> {
        let file = self.import_file(worker, import_id).await?;
        if file.state != "done" {
            return Err(AppError::Conflict("import the file first; its bad rows can be corrected then".to_owned()));
        }
        if corrections.is_empty() || corrections.len() > MOST_CORRECTIONS {
            return Err(AppError::Invalid { field: "rows", reason: format!("send 1 to {MOST_CORRECTIONS} rows") });
        }
        let settings = file.settings.as_deref().and_then(|text| serde_json::from_str::<FileSettings>(text).ok());
        let settings = settings.ok_or(AppError::NotFound("import"))?;
        let kept = self.kept_rows(worker, import_id).await?;
        let mut numbers = HashSet::new();
        for (number, cells) in &corrections {
            let is_blank = cells.iter().all(|cell| cell.trim().is_empty());
            if is_blank || !numbers.insert(*number) {
                let reason = if is_blank { "is blank" } else { "stands there twice" };
                return Err(AppError::Invalid { field: "rows", reason: format!("row {number} {reason}") });
            }
        }
        if let Some((number, _)) =
            corrections.iter().find(|(number, _)| !kept.rows.iter().any(|row| row.number == *number))
        {
            return Err(AppError::Invalid {
                field: "rows",
                reason: format!("row {number} was not refused, or is corrected"),
            });
        }
        let settings = FileSettings { dry_run: false, strict: false, ..settings };
        let options = settings.options(kind_of(&file)?, kept.header.is_some(), Some(b','))?;
        let text = as_csv(kept.header.as_deref(), &corrections)?;
        let mut again = Kept::default();
        let mut on = |_| ControlFlow::Continue(());
        let outlets = Outlets { errors: None, kept: Some(&mut again), progress: &mut on };
        let summary = self.import_to(worker, Cursor::new(text), &options, outlets).await?;

        // The place of a row among those that were read says which one it is: none is blank, so none was left out.
        let mut reasons: HashMap<u64, RefusedRow> = HashMap::new();
        for row in again.rows {
            let known = usize::try_from(row.place).ok().and_then(|place| corrections.get(place));
            if let Some((number, _)) = known {
                reasons.insert(*number, RefusedRow { number: *number, ..row });
            }
        }
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        // Read anew: somebody else may have corrected other rows meanwhile.
        let found = import_files::find(&mut tx, &sealer, import_id).await?;
        let mut file = found.filter(|file| file.state == "done").ok_or(AppError::NotFound("import"))?;
        let mut kept = read_kept(&import_files::content(&mut tx, &sealer, import_id, Content::Refused).await?)?;
        kept.rows = kept
            .rows
            .into_iter()
            .filter_map(|row| if numbers.contains(&row.number) { reasons.remove(&row.number) } else { Some(row) })
            .collect();
        let settled = summary.rows.saturating_sub(summary.refused);
        file.n_refused = file.n_refused.saturating_sub(i64::try_from(settled).unwrap_or(0)).max(0);
        if let Some(mut whole) =
            file.summary.as_deref().and_then(|text| serde_json::from_str::<ImportSummary>(text).ok())
        {
            whole.stored += summary.stored;
            whole.updated += summary.updated;
            whole.already_there += summary.already_there;
            whole.refused = whole.refused.saturating_sub(settled);
            file.summary = Some(as_json(&whole)?);
        }
        let rows = serde_json::to_vec(&kept).map_err(|_| AppError::NotFound("import"))?;
        import_files::replace_content(&mut tx, &sealer, import_id, Content::Refused, &rows).await?;
        import_files::set_state(&mut tx, &file).await?;
        let audited =
            Audited { operation: "imports.correct", subjects: import_id.to_string(), n_subjects: corrections.len() };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.import_file(worker, import_id).await
    }
}

fn read_kept(bytes: &[u8]) -> Result<Kept> {
    if bytes.is_empty() {
        return Ok(Kept::default());
    }
    serde_json::from_slice(bytes).map_err(|_| AppError::NotFound("import"))
}

fn as_json(summary: &ImportSummary) -> Result<String> {
    serde_json::to_string(summary).map_err(|_| AppError::NotFound("import"))
}

/// Writes corrected rows as a file with commas.
fn as_csv(header: Option<&[String]>, rows: &[(u64, Vec<String>)]) -> Result<Vec<u8>> {
    let broken = |_| AppError::NotFound("import");
    let mut writer = CsvWriter::ragged(Vec::new());
    if let Some(header) = header {
        writer.write_exactly(header).map_err(broken)?;
    }
    for (_, cells) in rows {
        writer.write_exactly(cells).map_err(broken)?;
    }
    writer.finish().map_err(broken)
}

/// Returns when a file's week is over.
#[must_use]
pub fn ends_at(created_at: Timestamp) -> Timestamp {
    created_at.checked_add(SignedDuration::from_hours(24 * i64::from(KEPT_DAYS))).unwrap_or(Timestamp::MAX)
}
