//! Everything that is stored about one person, opened: every row of every tenant table that names them.
//!
//! It is read by the catalogue and the schema, not by the columns of today, so that a new table is in it from its first
//! day. Who else is named stays unnamed: what others said is the person's to know, who said it is not.

use crate::catalogue::{TENANT_TABLES, TenantTable};
use crate::error::{Result, StorageError};
use crate::schema::{Column, columns};
use crate::sealing::{CellPlace, Sealer};
use crate::store::{Inner, Tx};
use domain::ids::PersonId;
use domain::persons::Personal;
use domain::time::plus_days;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// What a table holds about the person.
#[derive(Clone, Debug)]
pub struct FileTable {
    /// The table.
    pub name: &'static str,
    /// Its columns that are in the file, each with what stands in it.
    pub columns: Vec<(&'static str, &'static str)>,
    /// Its rows, by column; what isn't known is not in a row.
    pub rows: Vec<Personal<Map<String, Value>>>,
}

/// Columns that are not in the file.
const HIDDEN: [&str; 8] = ["token", "record", "told", "code_hash", "code", "name_token", "password_hash", "reset_hash"];

/// What stands where somebody else is named.
const SOMEBODY_ELSE: &str = "somebody else";

/// Reads everything about a person. Tables without a row are not in it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read or a cell doesn't open.
pub async fn read(tx: &mut Tx, sealer: &Sealer, person: PersonId) -> Result<Vec<FileTable>> {
    let schema = columns();
    let mut tables = Vec::new();
    for table in TENANT_TABLES.iter().filter(|table| !table.person_columns.is_empty()) {
        let columns: Vec<Column> = schema
            .iter()
            .filter(|column| column.table == table.name && column.name != "authority_id")
            .copied()
            .collect();
        let mut rows = Vec::new();
        for text in read_rows(tx, table, &columns, person).await? {
            rows.push(Personal::new(open_row(sealer, table, &columns, person, &text)?));
        }
        if !rows.is_empty() {
            let shown = columns.iter().filter(|column| is_shown(table, column));
            let columns = shown.map(|column| (column.name, column.what)).collect();
            tables.push(FileTable { name: table.name, columns, rows });
        }
    }
    Ok(tables)
}

/// Ids of other things, and hashes, tell the person nothing; what an undo needs are copies of rows that the file has. A
/// code that still works is for the person alone, and staff make the file.
fn is_shown(table: &TenantTable, column: &Column) -> bool {
    let is_id = column.kind == "UUID" && !table.person_columns.contains(&column.name);
    !is_id && !HIDDEN.contains(&column.name)
}

/// Reads the rows that name a person, each as JSON; bytes in hexadecimal, days and instants as numbers.
async fn read_rows(tx: &mut Tx, table: &TenantTable, columns: &[Column], person: PersonId) -> Result<Vec<String>> {
    let is_sqlite = matches!(tx.inner, Inner::Sqlite(_));
    let value = |column: &Column| {
        let name = column.name;
        let value = match (column.kind, is_sqlite) {
            ("UUID" | "SEALED", true) => format!("CASE WHEN {name} IS NOT NULL THEN hex({name}) END"),
            ("UUID", false) => format!("replace({name}::text, '-', '')"),
            ("SEALED", false) => format!("encode({name}, 'hex')"),
            ("INSTANT", false) => format!("(extract(epoch from {name}) * 1000000)::bigint"),
            ("DAY", false) => format!("{name} - DATE '1970-01-01'"),
            _ => name.to_owned(),
        };
        format!("'{name}', {value}")
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let object = if is_sqlite { "json_object" } else { "json_build_object" };
    let text = if is_sqlite { "" } else { "::text" };
    let named: Vec<String> = table.person_columns.iter().map(|column| format!("{column} = $2")).collect();
    let sql = format!(
        "-- person_file::read\nSELECT {object}({}){text} FROM {} WHERE authority_id = $1 AND ({})",
        values.join(", "),
        table.name,
        named.join(" OR ")
    );
    let authority_id = tx.authority().0;
    Ok(match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let rows = sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(person.0);
            rows.fetch_all(&mut **conn).await?
        }
        Inner::Postgres(conn) => {
            let rows = sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(person.0);
            rows.fetch_all(&mut **conn).await?
        }
    })
}

fn open_row(
    sealer: &Sealer,
    table: &TenantTable,
    columns: &[Column],
    person: PersonId,
    text: &str,
) -> Result<Map<String, Value>> {
    let unreadable = || StorageError::Unreadable("row of a person");
    let mut row: Map<String, Value> = serde_json::from_str(text).map_err(|_| unreadable())?;
    let id = |value: &Value| Uuid::try_parse(value.as_str()?).ok();
    let ids: Vec<Uuid> =
        columns.iter().filter(|column| column.kind == "UUID").filter_map(|column| id(row.get(column.name)?)).collect();
    let mut opened = Map::new();
    for column in columns.iter().filter(|column| is_shown(table, column)) {
        let Some(value) = row.remove(column.name).filter(|value| !value.is_null()) else { continue };
        let value = match column.kind {
            "UUID" if id(&value) == Some(person.0) => Value::String(person.to_string()),
            "UUID" => Value::String(SOMEBODY_ELSE.to_owned()),
            "SEALED" => Value::String(open_cell(sealer, column, &ids, &value)?),
            "INSTANT" => {
                let at = value.as_i64().and_then(|micros| Timestamp::from_microsecond(micros).ok());
                Value::String(at.ok_or_else(unreadable)?.to_string())
            }
            "DAY" => {
                let day = value.as_i64().and_then(|days| i32::try_from(days).ok());
                Value::String(plus_days(Date::constant(1970, 1, 1), day.ok_or_else(unreadable)?).to_string())
            }
            _ => value,
        };
        opened.insert(column.name.to_owned(), value);
    }
    Ok(opened)
}

/// Opens a cell. It is bound to one of the ids of its row: whichever opens it is the right one.
fn open_cell(sealer: &Sealer, column: &Column, ids: &[Uuid], value: &Value) -> Result<String> {
    let cell = value.as_str().and_then(bytes).ok_or(StorageError::Unreadable("sealed cell"))?;
    let open = |row: &Uuid| sealer.open(CellPlace { table: column.table, column: column.name, row: *row }, &cell);
    let mut refused = StorageError::Unreadable("sealed cell");
    for row in ids {
        match open(row) {
            Ok(text) => return Ok(text),
            Err(error) => refused = error.into(),
        }
    }
    Err(refused)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
