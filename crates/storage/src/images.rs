//! Rows as they stand, whatever their table: read whole, written back whole or in part.
//!
//! An image holds each column as its database writes it, sealed cells too, which stay sealed. It is only ever compared
//! with, and written back into, the database that it came from. Names of tables and columns in a statement are those of
//! the program, or were read from the schema.

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::sealing::{hex, unhex};
use crate::store::{Inner, Tx};
use serde_json::{Map, Value};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Row, Sqlite, TypeInfo, ValueRef};
use uuid::Uuid;

/// A row, or some columns of it.
pub(crate) type Image = Map<String, Value>;

const UTC: Statement = Statement::both(
    "-- images::in_utc
SELECT set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true)",
);

/// Sees to it that PostgreSQL writes one value always in one way, until the transaction ends.
pub(crate) async fn fix_form(tx: &mut Tx) -> Result<()> {
    if let Inner::Postgres(conn) = &mut tx.inner {
        sqlx::query(UTC.postgres).execute(&mut **conn).await?;
    }
    Ok(())
}

/// Lists the rows of a table in which a column has this id.
pub(crate) async fn with_id(tx: &mut Tx, table: &str, column: &str, id: Uuid) -> Result<Vec<Image>> {
    let authority_id = tx.authority().0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let sql =
                format!("-- images::images_with_id\nSELECT * FROM {table} WHERE authority_id = $1 AND {column} = $2");
            let query = sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(id);
            query.fetch_all(&mut **conn).await?.iter().map(from_sqlite).collect()
        }
        Inner::Postgres(conn) => {
            let sql = format!(
                "-- images::images_with_id\nSELECT to_jsonb(t)::text FROM {table} AS t WHERE authority_id = $1 AND {column} = $2"
            );
            let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(id);
            let texts: Vec<String> = query.fetch_all(&mut **conn).await?;
            texts.iter().map(|text| read(text)).collect()
        }
    }
}

/// Lists the rows of a table that have one of these keys; those that aren't there are left out.
pub(crate) async fn with_keys(tx: &mut Tx, table: &str, key: &[&str], keys: &[Image]) -> Result<Vec<Image>> {
    let authority_id = tx.authority().0;
    let mut found = Vec::with_capacity(keys.len());
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let sql = format!(
                "-- images::images_with_keys\nSELECT * FROM {table} WHERE authority_id = ? AND {}",
                is_key(key)
            );
            for row in keys {
                let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(authority_id);
                let query = bind_all(query, key.iter().copied(), row)?;
                found.extend(query.fetch_optional(&mut **conn).await?.as_ref().map(from_sqlite).transpose()?);
            }
        }
        Inner::Postgres(conn) => {
            let sql = format!(
                "-- images::images_with_keys\nSELECT to_jsonb(t)::text FROM jsonb_populate_recordset(NULL::{table}, $2::jsonb) AS k \
                 JOIN {table} AS t ON t.authority_id = $1 AND {}",
                same_key(key)
            );
            let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(write(keys)?);
            let texts: Vec<String> = query.fetch_all(&mut **conn).await?;
            for text in &texts {
                found.push(read(text)?);
            }
        }
    }
    Ok(found)
}

/// Puts rows into a table. None of them may be there.
pub(crate) async fn insert(tx: &mut Tx, table: &str, rows: &[Image]) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let columns = first.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let marks = vec!["?"; first.len()].join(", ");
            let sql = format!("-- images::insert_images\nINSERT INTO {table} ({columns}) VALUES ({marks})");
            for row in rows {
                let query = bind_all(sqlx::query(AssertSqlSafe(sql.clone())), first.keys().map(String::as_str), row)?;
                query.execute(&mut **conn).await?;
            }
        }
        Inner::Postgres(conn) => {
            let sql = format!(
                "-- images::insert_images\nINSERT INTO {table} ({columns}) \
                 SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(write(rows)?).execute(&mut **conn).await?;
        }
    }
    Ok(())
}

/// Writes the same values into the rows with these keys. Returns how many there were.
pub(crate) async fn put(tx: &mut Tx, table: &str, key: &[&str], keys: &[Image], values: &Image) -> Result<u64> {
    if values.is_empty() || keys.is_empty() {
        return Ok(0);
    }
    let authority_id = tx.authority().0;
    let mut touched = 0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let set = values.keys().map(|column| format!("{column} = ?")).collect::<Vec<_>>().join(", ");
            let is_key = is_key(key);
            let sql = format!("-- images::put_values\nUPDATE {table} SET {set} WHERE authority_id = ? AND {is_key}");
            for row in keys {
                let query = sqlx::query(AssertSqlSafe(sql.clone()));
                let query = bind_all(query, values.keys().map(String::as_str), values)?.bind(authority_id);
                let query = bind_all(query, key.iter().copied(), row)?;
                touched += query.execute(&mut **conn).await?.rows_affected();
            }
        }
        Inner::Postgres(conn) => {
            let set = values.keys().map(|column| format!("{column} = v.{column}")).collect::<Vec<_>>().join(", ");
            let is_key = same_key(key);
            let sql = format!(
                "-- images::put_values\nUPDATE {table} AS t SET {set} \
                 FROM jsonb_populate_record(NULL::{table}, $2::jsonb) AS v, \
                      jsonb_populate_recordset(NULL::{table}, $3::jsonb) AS k \
                 WHERE t.authority_id = $1 AND {is_key}"
            );
            let values = serde_json::to_string(values).map_err(|_| StorageError::Unreadable("row"))?;
            let query = sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(values).bind(write(keys)?);
            touched += query.execute(&mut **conn).await?.rows_affected();
        }
    }
    Ok(touched)
}

/// Deletes the rows with these keys.
pub(crate) async fn delete(tx: &mut Tx, table: &str, key: &[&str], keys: &[Image]) -> Result<u64> {
    let authority_id = tx.authority().0;
    let mut touched = 0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let is_key = is_key(key);
            let sql = format!("-- images::delete_images\nDELETE FROM {table} WHERE authority_id = ? AND {is_key}");
            for row in keys {
                let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(authority_id);
                touched += bind_all(query, key.iter().copied(), row)?.execute(&mut **conn).await?.rows_affected();
            }
        }
        Inner::Postgres(conn) => {
            let is_key = same_key(key);
            let sql = format!(
                "-- images::delete_images\nDELETE FROM {table} AS t \
                 USING jsonb_populate_recordset(NULL::{table}, $2::jsonb) AS k WHERE t.authority_id = $1 AND {is_key}"
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(write(keys)?);
            touched += query.execute(&mut **conn).await?.rows_affected();
        }
    }
    Ok(touched)
}

/// Gives every row in which a column has one id another. Returns how many.
pub(crate) async fn repoint(tx: &mut Tx, table: &str, column: &str, (from, to): (Uuid, Uuid)) -> Result<u64> {
    let authority_id = tx.authority().0;
    let sql = format!("-- images::repoint\nUPDATE {table} SET {column} = $3 WHERE authority_id = $1 AND {column} = $2");
    Ok(match &mut tx.inner {
        Inner::Sqlite(conn) => {
            let query = sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(from).bind(to);
            query.execute(&mut **conn).await?.rows_affected()
        }
        Inner::Postgres(conn) => {
            let query = sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(from).bind(to);
            query.execute(&mut **conn).await?.rows_affected()
        }
    })
}

/// Counts the rows of a table in which a column has this id.
pub(crate) async fn count(tx: &mut Tx, table: &str, column: &str, id: Uuid) -> Result<u64> {
    let authority_id = tx.authority().0;
    let sql = format!("-- images::count_rows\nSELECT count(*) FROM {table} WHERE authority_id = $1 AND {column} = $2");
    let n_rows: i64 = match &mut tx.inner {
        Inner::Sqlite(conn) => {
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(id).fetch_one(&mut **conn).await?
        }
        Inner::Postgres(conn) => {
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(authority_id).bind(id).fetch_one(&mut **conn).await?
        }
    };
    Ok(u64::try_from(n_rows).unwrap_or(0))
}

/// Returns an id as a column of an image has it.
pub(crate) fn id(tx: &Tx, id: Uuid) -> Value {
    match &tx.inner {
        Inner::Sqlite(_) => Value::String(format!("x:{}", hex(id.as_bytes()))),
        Inner::Postgres(_) => Value::String(id.to_string()),
    }
}

/// Returns the id that a column of an image has.
pub(crate) fn id_of(value: Option<&Value>) -> Option<Uuid> {
    let text = value?.as_str()?;
    Uuid::try_parse(text.strip_prefix("x:").unwrap_or(text)).ok()
}

/// Returns the sealed cell that a column of an image has.
pub(crate) fn cell_of(value: Option<&Value>) -> Option<Vec<u8>> {
    let text = value?.as_str()?;
    unhex(text.strip_prefix("x:").or_else(|| text.strip_prefix("\\x"))?)
}

/// Returns a sealed cell as a column of an image has it.
pub(crate) fn cell(tx: &Tx, cell: &[u8]) -> Value {
    let sign = match &tx.inner {
        Inner::Sqlite(_) => "x:",
        Inner::Postgres(_) => "\\x",
    };
    Value::String(format!("{sign}{}", hex(cell)))
}

/// Returns the columns of a key.
pub(crate) fn key_of(row: &Image, key: &[&str]) -> Image {
    key.iter().filter_map(|column| Some(((*column).to_owned(), row.get(*column)?.clone()))).collect()
}

fn is_key(key: &[&str]) -> String {
    key.iter().map(|column| format!("{column} = ?")).collect::<Vec<_>>().join(" AND ")
}

fn same_key(key: &[&str]) -> String {
    key.iter().map(|column| format!("t.{column} = k.{column}")).collect::<Vec<_>>().join(" AND ")
}

fn read(text: &str) -> Result<Image> {
    serde_json::from_str(text).map_err(|_| StorageError::Unreadable("row"))
}

fn write(rows: &[Image]) -> Result<String> {
    serde_json::to_string(rows).map_err(|_| StorageError::Unreadable("row"))
}

/// Whole numbers as they are; texts, bytes and other numbers with a sign before them that says which.
fn from_sqlite(row: &SqliteRow) -> Result<Image> {
    let mut image = Image::new();
    for (i, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(i)?;
        let kind = if raw.is_null() { "NULL".to_owned() } else { raw.type_info().name().to_owned() };
        let value = match kind.as_str() {
            "NULL" => Value::Null,
            "INTEGER" => row.try_get::<i64, _>(i)?.into(),
            "TEXT" => Value::String(format!("t:{}", row.try_get::<String, _>(i)?)),
            "BLOB" => Value::String(format!("x:{}", hex(&row.try_get::<Vec<u8>, _>(i)?))),
            _ => Value::String(format!("r:{}", row.try_get::<f64, _>(i)?.to_bits())),
        };
        image.insert(column.name().to_owned(), value);
    }
    Ok(image)
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

fn bind_all<'q, 'c>(query: Query<'q>, columns: impl Iterator<Item = &'c str>, row: &Image) -> Result<Query<'q>> {
    let mut columns = columns;
    columns.try_fold(query, |query, column| bind(query, row.get(column).unwrap_or(&Value::Null)))
}

fn bind<'q>(query: Query<'q>, value: &Value) -> Result<Query<'q>> {
    let unreadable = || StorageError::Unreadable("row");
    Ok(match value {
        Value::Null => query.bind(None::<Vec<u8>>),
        Value::Number(number) => query.bind(number.as_i64().ok_or_else(unreadable)?),
        Value::String(text) => match text.split_at_checked(2).ok_or_else(unreadable)? {
            ("t:", text) => query.bind(text.to_owned()),
            ("x:", text) => query.bind(unhex(text).ok_or_else(unreadable)?),
            ("r:", bits) => query.bind(f64::from_bits(bits.parse().map_err(|_| unreadable())?)),
            _ => return Err(unreadable()),
        },
        _ => return Err(unreadable()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_and_a_cell_are_read_in_the_form_of_either_database() {
        let known = Uuid::from_u128(0x0123_4567_89ab_7def_8000_0000_0000_00ff);
        for text in ["x:0123456789ab7def80000000000000ff", "01234567-89ab-7def-8000-0000000000ff"] {
            assert_eq!(id_of(Some(&Value::String(text.to_owned()))), Some(known));
        }
        for text in ["x:01ff", "\\x01ff"] {
            assert_eq!(cell_of(Some(&Value::String(text.to_owned()))), Some(vec![1, 255]));
        }
        assert_eq!((id_of(Some(&Value::Null)), cell_of(None)), (None, None));
    }
}
