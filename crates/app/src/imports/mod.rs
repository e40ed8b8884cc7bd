//! Bringing files in: line lists, infection links, encounters, visits.
//!
//! An import never half-succeeds in silence. Every row is read, stored, already there, or refused with a
//! reason; refused rows go back in the file's own layout. Rows are stored in batches, each in a
//! transaction with its audit record, so that an import that was killed is simply run again. `--strict`
//! and `--dry-run` use a single transaction, which is thrown away.

mod begun;
mod cases;
mod encounters;
pub mod files;
mod guess;
mod infections;
mod laboratory;
mod persons;
mod visits;

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use documents::cell::Row;
use documents::columns::{Columns, Mapping};
use documents::refused::RefusedWriter;
use documents::table::{Table, TableOptions};
use documents::values::DateOrder;
use domain::authorities::Action;
use domain::diseases::Disease;
use jiff::{SignedDuration, Timestamp};
use std::io::{Read, Write};
use std::ops::ControlFlow;
use storage::Tx;
use storage::sealing::Sealer;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line list.
    Cases,
    /// Who infected whom.
    Infections,
    /// Who was in range of whom.
    Encounters,
    /// Who was where.
    Visits,
    /// What laboratories found.
    Laboratory,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Cases, Self::Infections, Self::Encounters, Self::Visits, Self::Laboratory];

    /// Returns its word in addresses and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Infections => "infections",
            Self::Encounters => "encounters",
            Self::Visits => "visits",
            Self::Laboratory => "laboratory",
        }
    }

    /// Returns the one with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Lists the fields that a file must have, whatever else.
    #[must_use]
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Self::Cases => &["id"],
            Self::Infections => &["from", "to"],
            Self::Encounters => &["a", "b"],
            Self::Visits => &["person", "venue", "from", "until"],
            Self::Laboratory => &["sample", "result"],
        }
    }

    /// Lists the fields that its columns can be mapped to.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Cases => cases::FIELDS,
            Self::Infections => infections::FIELDS,
            Self::Encounters => encounters::FIELDS,
            Self::Visits => visits::FIELDS,
            Self::Laboratory => laboratory::FIELDS,
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Cases => "imports.cases",
            Self::Infections => "imports.infections",
            Self::Encounters => "imports.encounters",
            Self::Visits => "imports.visits",
            Self::Laboratory => "imports.laboratory",
        }
    }

    /// Rows in one transaction: enough to share the cost of a commit, few enough to keep others waiting
    /// for moments only.
    fn batch(self) -> usize {
        match self {
            Self::Encounters => 50_000,
            _ => 2_000,
        }
    }
}

/// How to read a file.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// What it holds.
    pub kind: Kind,
    /// Which column is which field: `id=nr,onset=dt_onset`.
    pub columns: String,
    /// The character between cells; recognised if not given.
    pub delimiter: Option<u8>,
    /// Day, month and year of dates such as 03/04/2020.
    pub date_order: DateOrder,
    /// How long each encounter with a `time` lasts.
    pub interval: Option<SignedDuration>,
    /// Disease of rows that name none; else the authority's.
    pub disease: Option<Disease>,
    /// Store nothing, only say what would happen.
    pub dry_run: bool,
    /// Store nothing if one row is refused.
    pub strict: bool,
    /// Take other values for what is there already.
    pub update: bool,
}

impl ImportOptions {
    /// Reads a file as it is: what can be recognised is, what is there already stays.
    #[must_use]
    pub fn new(kind: Kind, columns: &str) -> Self {
        Self {
            kind,
            columns: columns.to_owned(),
            delimiter: None,
            date_order: DateOrder::Iso,
            interval: None,
            disease: None,
            dry_run: false,
            strict: false,
            update: false,
        }
    }
}

/// What became of a file's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImportSummary {
    /// Rows read.
    pub rows: u64,
    /// Rows stored anew.
    pub stored: u64,
    /// Rows that changed what was there.
    pub updated: u64,
    /// Rows that were there already.
    pub already_there: u64,
    /// Rows refused.
    pub refused: u64,
    /// The first refusals: row number and reason.
    pub first_refusals: Vec<(u64, String)>,
    /// Whether anything was stored: not after a dry run, nor after a refusal with `--strict`.
    pub committed: bool,
    /// Character between cells, in words; `null` for a workbook.
    pub delimiter: Option<String>,
    /// Character encoding, or the sheet of a workbook.
    pub encoding: String,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefusedRow {
    /// Its number in the file, as a person counts: header, blank rows and all.
    pub number: u64,
    /// Its place among the rows that were read, from 0.
    pub place: u64,
    /// Why.
    pub reason: String,
    /// Its cells as they were written.
    pub cells: Vec<String>,
}

/// Refused rows that are kept to be corrected in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    /// Names of the columns.
    pub header: Option<Vec<String>>,
    /// The character between cells, for a file in the same layout.
    pub delimiter: Option<u8>,
    /// The rows, in the order of the file.
    pub rows: Vec<RefusedRow>,
}

/// Most refused rows that are kept: who has more has mapped a wrong column.
pub const MOST_KEPT: usize = 10_000;

/// Where an import speaks to while it works.
pub struct Outlets<'a> {
    /// Gets the refused rows in the file's own layout.
    pub errors: Option<&'a mut (dyn Write + Send)>,
    /// Keeps the first refused rows.
    pub kept: Option<&'a mut Kept>,
    /// Hears how many rows are done, and may stop it between two batches.
    pub progress: &'a mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
}

/// Refusals kept for the summary.
const FIRST_REFUSALS: usize = 10;

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stored,
    Updated,
    AlreadyThere,
    Refused(String),
}

/// A row that waits for its batch: its number, its cells as they were written, and why it was refused if
/// that was clear from reading it.
struct RawRow {
    number: u64,
    place: u64,
    cells: Vec<String>,
    refused: Option<String>,
}

/// What the importers need of their surroundings.
pub(crate) struct Setting<'a> {
    pub(crate) app: &'a App,
    pub(crate) worker: &'a Worker,
    pub(crate) options: &'a ImportOptions,
    pub(crate) disease: Disease,
    pub(crate) now: Timestamp,
    pub(crate) sealer: Sealer,
}

/// One kind of file.
pub(crate) trait Importer {
    /// Reads a row; an error is the reason why it is refused.
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String>;

    /// Stores what was parsed since the last call. One fate for each row, in order.
    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>>;
}

impl App {
    /// Brings a file in. `errors` gets the refused rows; `progress` hears how many rows are done.
    ///
    /// # Errors
    ///
    /// [`AppError::Mapping`], [`AppError::Column`] or [`AppError::Table`] before anything is stored;
    /// [`AppError::Storage`] in between: what was stored stays, and the same import again completes it.
    pub async fn import(
        &self,
        worker: &Worker,
        source: impl Read + Send + 'static,
        options: &ImportOptions,
        errors: Option<&mut (dyn Write + Send)>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<ImportSummary> {
        let mut on = |rows| {
            progress(rows);
            ControlFlow::Continue(())
        };
        // The cast shortens the life of the writer to that of this call.
        let errors = errors.map(|out| out as &mut (dyn Write + Send));
        self.import_to(worker, source, options, Outlets { errors, kept: None, progress: &mut on }).await
    }

    /// Brings a file in, with more to say on the way.
    ///
    /// # Errors
    ///
    /// As [`import`](Self::import), and [`AppError::Cancelled`] if it was stopped: what was stored stays.
    pub async fn import_to(
        &self,
        worker: &Worker,
        source: impl Read + Send + 'static,
        options: &ImportOptions,
        outlets: Outlets<'_>,
    ) -> Result<ImportSummary> {
        worker.require(Action::ImportFacts)?;
        let mapping = Mapping::parse(&options.columns, options.kind.fields())?;
        check_required(options, &mapping)?;
        let header = mapping.wants_header();
        let table = Table::open(source, TableOptions { delimiter: options.delimiter, header })?;
        let columns = mapping.resolve(table.header(), table.n_columns())?;
        let setting = Setting {
            app: self,
            worker,
            options,
            disease: options.disease.unwrap_or(worker.authority.default_disease),
            now: self.now(),
            sealer: self.sealer(worker)?,
        };
        match options.kind {
            Kind::Cases => run(cases::Cases::new(&setting, &columns), table, &setting, outlets).await,
            Kind::Infections => run(infections::Infections::new(&setting, &columns), table, &setting, outlets).await,
            Kind::Encounters => run(encounters::Encounters::new(&setting, &columns), table, &setting, outlets).await,
            Kind::Visits => run(visits::Visits::new(&setting, &columns), table, &setting, outlets).await,
            Kind::Laboratory => run(laboratory::Laboratory::new(&setting, &columns), table, &setting, outlets).await,
        }
    }
}

/// Checks before anything is stored that a mapping says what is needed, and fits the file.
pub(crate) fn check_mapping(options: &ImportOptions, table: &Table) -> Result<()> {
    let mapping = Mapping::parse(&options.columns, options.kind.fields())?;
    check_required(options, &mapping)?;
    mapping.resolve(table.header(), table.n_columns())?;
    Ok(())
}

fn check_required(options: &ImportOptions, mapping: &Mapping) -> Result<()> {
    let has = |field: &str| mapping.fields().any(|mapped| mapped == field);
    let missing = |reason: String| Err(AppError::Invalid { field: "--columns", reason });
    if let Some(field) = options.kind.required().iter().find(|field| !has(field)) {
        return missing(format!("the field {field} needs a column; add {field}=…"));
    }
    if options.kind != Kind::Encounters {
        return Ok(());
    }
    match (has("time"), has("from") && has("until"), options.interval) {
        (true, false, Some(_)) | (false, true, _) => Ok(()),
        (true, false, None) => Err(AppError::Invalid {
            field: "--interval",
            reason: "say how long each row lasts, such as 20s".to_owned(),
        }),
        _ => missing("an encounter needs time (with --interval), or from and until".to_owned()),
    }
}

/// Where the file's rows go: into the summary, and the refused ones back.
struct Books<'e> {
    summary: ImportSummary,
    errors: Option<RefusedWriter<&'e mut (dyn Write + Send)>>,
    kept: Option<&'e mut Kept>,
}

impl Books<'_> {
    fn refuse(&mut self, row: &RawRow, reason: &str) -> Result<()> {
        self.summary.refused += 1;
        if self.summary.first_refusals.len() < FIRST_REFUSALS {
            self.summary.first_refusals.push((row.number, reason.to_owned()));
        }
        if let Some(errors) = &mut self.errors {
            errors.write_raw(&row.cells, reason)?;
        }
        if let Some(kept) = &mut self.kept
            && kept.rows.len() < MOST_KEPT
        {
            let (number, reason, cells) = (row.number, reason.to_owned(), row.cells.clone());
            kept.rows.push(RefusedRow { number, place: row.place, reason, cells });
        }
        Ok(())
    }

    fn wants_refused_rows(&self) -> bool {
        self.errors.is_some() || self.kept.is_some()
    }

    /// Takes in a batch in the order of the file; `fates` are those of the rows that were understood.
    fn settle(&mut self, batch: &mut [RawRow], fates: Vec<Fate>) -> Result<()> {
        let mut fates = fates.into_iter();
        for row in batch {
            let fate = row.refused.take().map(Fate::Refused).or_else(|| fates.next());
            match fate {
                Some(Fate::Stored) => self.summary.stored += 1,
                Some(Fate::Updated) => self.summary.updated += 1,
                Some(Fate::AlreadyThere) => self.summary.already_there += 1,
                Some(Fate::Refused(reason)) => self.refuse(row, &reason)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Cells that are kept of a refused row: a workbook with one mark far to the right has 16,384.
const MOST_CELLS: usize = 500;

/// Keeps what a refused row needs. Rows of sensors are only refused while being read, so nothing is kept
/// of those that were understood.
fn raw(row: &Row<'_>, place: u64, with_cells: bool) -> RawRow {
    let n_cells = if with_cells { row.n_cells().min(MOST_CELLS) } else { 0 };
    let cells = (0..n_cells).map(|i| row.raw(i).into_owned()).collect();
    RawRow { number: row.number, place, cells, refused: None }
}

async fn run(
    mut importer: impl Importer,
    mut table: Table,
    setting: &Setting<'_>,
    outlets: Outlets<'_>,
) -> Result<ImportSummary> {
    let Outlets { errors, mut kept, progress } = outlets;
    let options = setting.options;
    if let Some(kept) = &mut kept {
        kept.header = table.header().map(<[String]>::to_vec);
        kept.delimiter = table.delimiter();
    }
    let mut books = Books {
        summary: ImportSummary {
            delimiter: table.delimiter().map(documents::table::delimiter_name),
            encoding: described(&table),
            ..ImportSummary::default()
        },
        errors: errors.map(|out| RefusedWriter::like(out, &table)).transpose()?,
        kept,
    };
    let one_transaction = options.dry_run || options.strict;
    let mut open: Option<Tx> = None;
    loop {
        let (mut batch, is_last) =
            read_batch(&mut importer, &mut table, options.kind, (books.summary.rows, books.wants_refused_rows()))?;
        books.summary.rows += batch.len() as u64;
        let n_understood = batch.iter().filter(|row| row.refused.is_none()).count();
        let mut fates = Vec::new();
        let mut stored_in = None;
        if n_understood > 0 {
            let mut tx = match open.take() {
                Some(tx) => tx,
                None => setting.app.store.write(setting.worker.authority.authority_id).await?,
            };
            tx.one_import_at_a_time().await?;
            fates = importer.store(&mut tx, setting).await?;
            let audited =
                Audited { operation: options.kind.operation(), subjects: String::new(), n_subjects: n_understood };
            setting.app.record(&mut tx, setting.worker, audited).await?;
            stored_in = Some(tx);
        }
        books.settle(&mut batch, fates)?;
        match stored_in {
            Some(tx) if one_transaction => open = Some(tx),
            Some(tx) => tx.commit().await?,
            None => {}
        }
        if progress(books.summary.rows).is_break() {
            return Err(AppError::Cancelled);
        }
        if is_last {
            break;
        }
    }
    if let Some(errors) = books.errors.take() {
        errors.finish()?;
    }
    let mut summary = books.summary;
    summary.committed = !options.dry_run && (!options.strict || summary.refused == 0);
    match open {
        Some(tx) if summary.committed => tx.commit().await?,
        _ => {}
    }
    Ok(summary)
}

/// Reads rows until a batch is full; says whether the file is over. Refused rows count: they wait in the
/// batch too, so that all come back in the order of the file.
fn read_batch(
    importer: &mut impl Importer,
    table: &mut Table,
    kind: Kind,
    (n_before, wants_refused_rows): (u64, bool),
) -> Result<(Vec<RawRow>, bool)> {
    let keep_cells = wants_refused_rows && kind != Kind::Encounters;
    let mut batch = Vec::new();
    while batch.len() < kind.batch() {
        let Some(row) = table.next_row()? else { return Ok((batch, true)) };
        let parsed = match row.fault() {
            Some(fault) => Err(format!("the row {fault}")),
            None => importer.parse(&row),
        };
        let place = n_before + batch.len() as u64;
        batch.push(match parsed {
            Ok(()) => raw(&row, place, keep_cells),
            Err(reason) => RawRow { refused: Some(reason), ..raw(&row, place, wants_refused_rows) },
        });
    }
    Ok((batch, false))
}

fn described(table: &Table) -> String {
    match (table.sheet(), table.encoding()) {
        (Some(sheet), _) => format!("workbook, sheet {sheet}"),
        (None, Some(encoding)) => encoding.to_string(),
        (None, None) => "text".to_owned(),
    }
}

/// Finds a field's column once, for rows by the million.
pub(crate) fn column(columns: &Columns, field: &str) -> Option<usize> {
    columns.position(field)
}
