//! Cases as files: read page by page while they are sent, so that no transaction stays open and memory doesn't grow.
//!
//! Before the bytes of a page leave, an audit record is committed whose block holds the ids of its cases. Whoever stops a
//! download halfway has had what the log says, and nothing more.

mod columns;
mod enrolled;
mod files;
mod source;
mod words;

pub use columns::columns_of;
pub use enrolled::{EnrolledCase, EnrolledPage};
pub use files::{ExportSettings, KEPT_DAYS, ends_at};

use crate::cases::CaseConditions;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use columns::{Column, columns_of as table_of};
use documents::csv_out::CsvWriter;
use documents::{fhir, sormas};
use domain::audit::AuditRecord;
use domain::diseases::Disease;
use domain::exports::{Delimiter, ExportKind};
use domain::ids::{AuditId, CaseId};
use domain::languages::Language;
use source::{ExportedCase, Plan};
use storage::audit::IdBlock;
use storage::cases::{CaseSort, Days, Order};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ExportQuery {
    /// What the file holds.
    pub kind: ExportKind,
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<Disease>,
    /// Which of its cases. Quarantines, contacts without quarantine and external cases are of all diseases unless disease or
    /// conditions are given.
    pub conditions: CaseConditions,
    /// In which order.
    pub order: (CaseSort, Order),
    /// Quarantines: decided on these days.
    pub decided: Days,
    /// These cases alone; the conditions don't matter then. Of a kind with an order of its own those of them that it has,
    /// else all of them in this order.
    pub selected: Option<Vec<CaseId>>,
    /// Language of headers; else the authority's, where that is German, or English.
    pub language: Option<Language>,
    /// What stands between cells; else what the language's spreadsheets read.
    pub delimiter: Option<Delimiter>,
}

impl ExportQuery {
    /// Asks for all cases of a disease, oldest first.
    #[must_use]
    pub fn all(kind: ExportKind, disease: Option<Disease>) -> Self {
        Self {
            kind,
            disease,
            conditions: CaseConditions::default(),
            order: (CaseSort::Created, Order::Asc),
            decided: Days::ANY,
            selected: None,
            language: None,
            delimiter: None,
        }
    }
}

/// Cases of the first page, so that the first bytes leave early, and of those after it.
const PAGES: (u64, u64) = (200, 1_000);

/// A file that is being read.
pub struct Export {
    app: App,
    worker: Worker,
    kind: ExportKind,
    language: Language,
    delimiter: Delimiter,
    plan: Plan,
    n_rows: u64,
    is_begun: bool,
    is_ended: bool,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("kind", &self.kind).field("n_rows", &self.n_rows).finish_non_exhaustive()
    }
}

impl App {
    /// Begins a file: checks who asks and says which cases it will hold. Nothing was read of them yet.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow this kind of file.
    pub async fn begin_export(&self, worker: &Worker, query: ExportQuery) -> Result<Export> {
        worker.require(query.kind.action())?;
        self.sealer(worker)?;
        let language = query.language.unwrap_or(Language::of_authority(&worker.authority.languages));
        let usual = if language == Language::De { Delimiter::Semicolon } else { Delimiter::Comma };
        let delimiter = query.delimiter.unwrap_or(usual);
        let kind = query.kind;
        let plan = self.plan_export(worker, query).await?;
        Ok(Export {
            app: self.clone(),
            worker: worker.clone(),
            kind,
            language,
            delimiter,
            plan,
            n_rows: 0,
            is_begun: false,
            is_ended: false,
        })
    }
}

impl Export {
    /// Cases that were written so far.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// What the file is called: it names nobody.
    #[must_use]
    pub fn file_name(&self) -> String {
        let today = domain::time::local_day(self.app.now(), &self.worker.authority.time_zone);
        format!("{}_{}_{today}.{}", self.worker.authority.short_code, self.kind, self.kind.extension())
    }

    /// Returns the next bytes of the file; `None` at its end. That their cases leave is committed to the audit log before.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read, or the record can't be written.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.is_ended {
            return Ok(None);
        }
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let Some(cases) = self.next_page(is_first).await? else {
            self.is_ended = true;
            let tail = if self.kind == ExportKind::Fhir { fhir::TAIL } else { "" };
            return Ok((!tail.is_empty()).then(|| tail.as_bytes().to_vec()));
        };
        let bytes = self.written(&cases, is_first)?;
        self.n_rows += cases.len() as u64;
        Ok(Some(bytes))
    }

    /// Reads the next cases and records that they leave. The first page may be empty: then the head goes alone.
    async fn next_page(&mut self, is_first: bool) -> Result<Option<Vec<ExportedCase>>> {
        let limit = if is_first { PAGES.0 } else { PAGES.1 };
        let cases = self.app.next_cases(&self.worker, &mut self.plan, self.kind, limit).await?;
        if cases.is_empty() && !is_first {
            return Ok(None);
        }
        self.record(&cases).await?;
        Ok(Some(cases))
    }

    async fn record(&self, cases: &[ExportedCase]) -> Result<()> {
        let block = IdBlock::pack(cases.iter().map(|case| case.work.case_id.0))?;
        let now = self.app.now();
        let audit_id = AuditId::mint(now, self.app.random());
        let mut tx = self.app.store.write(self.worker.authority.authority_id).await?;
        let record = AuditRecord {
            authority_id: tx.authority(),
            audit_id,
            recorded_at: now,
            account_id: self.worker.account_id,
            role: self.worker.role.to_string(),
            operation: self.kind.operation().to_owned(),
            subjects: if cases.is_empty() { String::new() } else { block.subjects() },
            n_subjects: i64::try_from(cases.len()).unwrap_or(i64::MAX),
            reason: String::new(),
            source: self.worker.source.to_owned(),
        };
        storage::audit::insert(&mut tx, &record).await?;
        if !cases.is_empty() {
            storage::audit::insert_block(&mut tx, audit_id, &block).await?;
        }
        Ok(tx.commit().await?)
    }

    fn written(&self, cases: &[ExportedCase], is_first: bool) -> Result<Vec<u8>> {
        match self.kind {
            ExportKind::Fhir => self.as_fhir(cases, is_first),
            ExportKind::Sormas => self.as_sormas(cases, is_first),
            ExportKind::SormasContacts => self.as_sormas_contacts(cases, is_first),
            _ => self.as_table(cases, is_first),
        }
    }

    fn as_table(&self, cases: &[ExportedCase], is_first: bool) -> Result<Vec<u8>> {
        let columns: &[Column] = table_of(self.kind);
        let mut out = self.csv(is_first);
        if is_first {
            out.write_row(columns.iter().map(|column| column.header(self.language)))?;
        }
        if self.kind == ExportKind::Template {
            out.write_row(columns.iter().map(|column| column.sample))?;
        }
        for case in cases {
            out.write_row(columns.iter().map(|column| (column.value)(case)))?;
        }
        Ok(out.finish()?)
    }

    fn as_sormas(&self, cases: &[ExportedCase], is_first: bool) -> Result<Vec<u8>> {
        let mut out = self.csv(false);
        if is_first {
            sormas::write_head(&mut out)?;
        }
        for case in cases {
            sormas::write_case(&mut out, &words::sormas_case(case, &self.worker.authority))?;
        }
        Ok(out.finish()?)
    }

    fn as_sormas_contacts(&self, cases: &[ExportedCase], is_first: bool) -> Result<Vec<u8>> {
        let mut out = self.csv(false);
        if is_first {
            sormas::write_contact_head(&mut out)?;
        }
        for case in cases {
            for contact in words::sormas_contacts(case, &self.worker.authority) {
                sormas::write_contact(&mut out, &contact)?;
            }
        }
        Ok(out.finish()?)
    }

    fn as_fhir(&self, cases: &[ExportedCase], is_first: bool) -> Result<Vec<u8>> {
        let mut out = if is_first { fhir::HEAD.to_owned() } else { String::new() };
        for (i, case) in cases.iter().enumerate() {
            if i > 0 || self.n_rows > 0 {
                out.push(',');
            }
            let case = words::fhir_case(case, &self.worker.authority.time_zone);
            out.push_str(&fhir::entries(&case).map_err(|_| AppError::NotFound("case"))?);
        }
        Ok(out.into_bytes())
    }

    /// Begins a piece of a table. With semicolons it is for a German spreadsheet, which takes text for UTF-8 only where a
    /// mark says so.
    fn csv(&self, is_first: bool) -> CsvWriter<Vec<u8>> {
        let mark = is_first && self.delimiter == Delimiter::Semicolon;
        let out = if mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
        CsvWriter::with_delimiter(out, self.delimiter.byte())
    }
}
