//! Files that people bring in.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What a new file holds.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportKind {
    /// `cases`, `infections`, `encounters` or `visits`.
    pub kind: String,
}

/// A file that was brought in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Import {
    /// Its id.
    pub import_id: Uuid,
    /// `cases`, `infections`, `encounters` or `visits`.
    pub kind: String,
    /// As its owner calls it.
    pub file_name: String,
    /// Its size.
    pub bytes: i64,
    /// `uploaded`, `checking`, `checked`, `running`, `done` or `failed`.
    pub state: String,
    /// How it was read last.
    pub settings: Option<ImportSettings>,
    /// What became of its rows.
    pub summary: Option<ImportSummary>,
    /// Whether that is of a check, which stored nothing.
    pub checked: bool,
    /// Rows that were refused and wait for correction.
    pub n_refused: i64,
    /// The last job that read it.
    pub job_id: Option<Uuid>,
    /// When it was brought in.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When the file is deleted.
    #[schema(format = DateTime)]
    pub ends_at: String,
    /// User name of who brought it in.
    pub account: String,
}

/// How to read a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSettings {
    /// Which column is which field.
    pub columns: Vec<ColumnOfField>,
    /// Disease of rows that name none; `null` for the authority's.
    pub disease: Option<String>,
    /// Seconds that each encounter with a `time` lasts.
    #[schema(minimum = 1, maximum = 86400)]
    pub interval_s: Option<i64>,
    /// Order of dates such as 03/04/2020: `iso` (refuse them), `dmy` or `mdy`.
    pub date_order: String,
    /// Take other values for what is there already.
    pub update: bool,
}

/// A field and its column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnOfField {
    /// The field.
    pub field: String,
    /// Number of the column, from 0.
    pub column: usize,
}

/// How to read a file, and whether one bad row stops it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunImport {
    /// Which column is which field.
    pub columns: Vec<ColumnOfField>,
    /// Disease of rows that name none; `null` for the authority's.
    pub disease: Option<String>,
    /// Seconds that each encounter with a `time` lasts.
    #[schema(minimum = 1, maximum = 86400)]
    pub interval_s: Option<i64>,
    /// Order of dates such as 03/04/2020: `iso` (refuse them), `dmy` or `mdy`.
    pub date_order: String,
    /// Take other values for what is there already.
    pub update: bool,
    /// Store nothing if one row is refused.
    pub strict: bool,
}

/// What became of a file's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Whether anything was stored.
    pub committed: bool,
    /// Character between cells, in words; `null` for a workbook.
    pub delimiter: Option<String>,
    /// Character encoding, or the sheet of a workbook.
    pub encoding: String,
}

/// The beginning of a file, and what its columns may be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportPreview {
    /// Names of the columns; `null` where the file has no header.
    pub header: Option<Vec<String>>,
    /// How many columns there are.
    pub n_columns: usize,
    /// The first twenty rows.
    pub rows: Vec<Vec<String>>,
    /// Character encoding, or the sheet of a workbook.
    pub encoding: String,
    /// Character between cells, in words; `null` for a workbook.
    pub delimiter: Option<String>,
    /// What columns can be.
    pub fields: Vec<ImportField>,
    /// What they seem to be.
    pub guess: Vec<ColumnGuess>,
}

/// A field that a column can be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportField {
    /// Its name.
    pub name: String,
    /// Whether a file must have it.
    pub required: bool,
    /// What it is.
    pub what: String,
}

/// What a column seems to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnGuess {
    /// The field.
    pub field: String,
    /// Number of the column, from 0.
    pub column: usize,
    /// Whether its name says so.
    pub sure: bool,
}

/// Rows that were refused.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RefusedPage {
    /// The rows, in the order of the file.
    pub items: Vec<RefusedRow>,
    /// Give it back as `cursor` to get the next page.
    pub next: Option<String>,
    /// Names of the columns.
    pub header: Option<Vec<String>>,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedRow {
    /// Its number in the file.
    pub number: u64,
    /// Why.
    pub reason: String,
    /// Its cells as they were written.
    pub cells: Vec<String>,
}

/// Corrected rows.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// The rows.
    pub rows: Vec<CorrectedRow>,
}

/// A corrected row.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedRow {
    /// Its number in the file.
    pub number: u64,
    /// Its cells, corrected.
    pub cells: Vec<String>,
}
