//! The peer of an import: the rows that it left, read back and put into another database of the same schema, as fast
//! as statements of many rows go. It parses, asks, seals and decides nothing.
//!
//! SQLite gets statements of many rows, as many parameters as the platform's; PostgreSQL gets an array a column.
//! Rows come in the order of their keys, which is the cheapest there is.

use crate::place::Plain;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgPool, PgRow, PgTypeInfo};
use sqlx::query::Query;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Encode, Postgres, QueryBuilder, Row, Sqlite, Type, TypeInfo, ValueRef};
use std::collections::BTreeMap;
use storage::catalogue::TENANT_TABLES;
use uuid::Uuid;

/// Parameters of one statement on SQLite, the same as in the platform.
const MOST_PARAMETERS: usize = 8_000;

/// Rows of one statement on PostgreSQL, the same as in the platform.
const CHUNK: usize = 20_000;

/// The rows of a table.
pub struct Rows {
    table: &'static str,
    columns: Vec<String>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<Cell>>,
}

enum Cell {
    Null,
    Number(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Types of columns on PostgreSQL; SQLite's cells bring their own.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Any,
    Integer,
    Bigint,
    Real,
    Text,
    Bytes,
    Uuid,
    Instant,
    Day,
}

/// Tables in which a fresh database has rows already.
const ALREADY_THERE: [&str; 1] = ["membership"];

/// Counts the rows of every table.
pub async fn counts(plain: &Plain) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for table in TENANT_TABLES {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {}", table.name));
        let count = match plain {
            Plain::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Plain::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        };
        counts.insert(table.name, count);
    }
    counts
}

/// Reads all rows of all tables that an import writes, in the order of their keys.
pub async fn read(plain: &Plain) -> Vec<Rows> {
    let mut all = Vec::new();
    for table in TENANT_TABLES.iter().filter(|table| !ALREADY_THERE.contains(&table.name)) {
        let rows = match plain {
            Plain::Sqlite(pool) => read_sqlite(pool, table.name).await,
            Plain::Postgres(pool) => read_postgres(pool, table.name).await,
        };
        all.extend((!rows.rows.is_empty()).then_some(rows));
    }
    all
}

/// Counts the rows of some tables.
pub fn n_rows(tables: &[Rows]) -> usize {
    tables.iter().map(|table| table.rows.len()).sum()
}

/// Inserts rows in so many transactions of the same size.
pub async fn insert(plain: &Plain, tables: &[Rows], n_transactions: usize) {
    for at in 0..n_transactions {
        match plain {
            Plain::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
                for table in tables {
                    for rows in table.part(at, n_transactions).chunks(MOST_PARAMETERS / table.columns.len()) {
                        insert_sqlite(&mut transaction, table, rows).await;
                    }
                }
                transaction.commit().await.unwrap();
            }
            Plain::Postgres(pool) => {
                let mut transaction = pool.begin().await.unwrap();
                for table in tables {
                    for rows in table.part(at, n_transactions).chunks(CHUNK) {
                        insert_postgres(&mut transaction, table, rows).await;
                    }
                }
                transaction.commit().await.unwrap();
            }
        }
    }
}

impl Rows {
    fn part(&self, at: usize, of: usize) -> &[Vec<Cell>] {
        let end = |at: usize| at * self.rows.len() / of;
        &self.rows[end(at)..end(at + 1)]
    }

    fn insert_clause(&self) -> String {
        format!("INSERT INTO {} ({}) ", self.table, self.columns.join(", "))
    }
}

async fn read_sqlite(pool: &SqlitePool, table: &'static str) -> Rows {
    // Tables without row numbers are read in the order of their keys.
    let rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table}"))).fetch_all(pool).await.unwrap();
    let columns = rows.first().map(|row| names(row.columns())).unwrap_or_default();
    let cell = |row: &SqliteRow, at: usize| {
        let raw = row.try_get_raw(at).unwrap();
        match raw.type_info().name() {
            _ if raw.is_null() => Cell::Null,
            "INTEGER" => Cell::Number(row.get_unchecked(at)),
            "REAL" => Cell::Real(row.get_unchecked(at)),
            "TEXT" => Cell::Text(row.get_unchecked(at)),
            "BLOB" => Cell::Bytes(row.get_unchecked(at)),
            other => panic!("{table}: what is {other}?"),
        }
    };
    let rows: Vec<_> = rows.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect()).collect();
    Rows { table, kinds: vec![Kind::Any; columns.len()], columns, rows }
}

async fn insert_sqlite(conn: &mut sqlx::SqliteConnection, table: &Rows, rows: &[Vec<Cell>]) {
    let mut query = QueryBuilder::<Sqlite>::new(table.insert_clause());
    query.push_values(rows, |mut values, row| {
        for cell in row {
            match cell {
                Cell::Null => values.push_bind(None::<i64>),
                Cell::Number(number) => values.push_bind(*number),
                Cell::Real(number) => values.push_bind(*number),
                Cell::Text(text) => values.push_bind(text.as_str()),
                Cell::Bytes(bytes) => values.push_bind(bytes.as_slice()),
            };
        }
    });
    query.build().execute(conn).await.unwrap();
}

fn names<C: Column>(columns: &[C]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

async fn read_postgres(pool: &PgPool, table: &'static str) -> Rows {
    let sql = format!(
        "SELECT string_agg(a.attname, ', ' ORDER BY array_position(i.indkey::smallint[], a.attnum)) \
         FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) \
         WHERE i.indrelid = '{table}'::regclass AND i.indisprimary"
    );
    let key: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
    let sql = format!("SELECT * FROM {table} ORDER BY {key}");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
    let columns = rows.first().map(|row| names(row.columns())).unwrap_or_default();
    let kind = |column: &sqlx::postgres::PgColumn| match column.type_info().name() {
        "INT4" => Kind::Integer,
        "INT8" => Kind::Bigint,
        "FLOAT4" => Kind::Real,
        "TEXT" => Kind::Text,
        "BYTEA" => Kind::Bytes,
        "UUID" => Kind::Uuid,
        "TIMESTAMPTZ" => Kind::Instant,
        "DATE" => Kind::Day,
        other => panic!("{table}: what is {other}?"),
    };
    let kinds: Vec<Kind> = rows.first().map(|row| row.columns().iter().map(kind).collect()).unwrap_or_default();
    let cells = |row: &PgRow| kinds.iter().enumerate().map(|(at, kind)| cell(row, at, *kind)).collect();
    let rows = rows.iter().map(cells).collect();
    Rows { table, columns, kinds, rows }
}

fn cell(row: &PgRow, at: usize, kind: Kind) -> Cell {
    let raw = row.try_get_raw(at).unwrap();
    if raw.is_null() {
        return Cell::Null;
    }
    let bytes = raw.as_bytes().unwrap();
    match kind {
        Kind::Integer | Kind::Day => Cell::Number(i32::from_be_bytes(bytes.try_into().unwrap()).into()),
        Kind::Bigint | Kind::Instant => Cell::Number(i64::from_be_bytes(bytes.try_into().unwrap())),
        Kind::Real => Cell::Real(f32::from_be_bytes(bytes.try_into().unwrap()).into()),
        Kind::Text => Cell::Text(String::from_utf8(bytes.to_vec()).unwrap()),
        Kind::Bytes | Kind::Uuid | Kind::Any => Cell::Bytes(bytes.to_vec()),
    }
}

async fn insert_postgres(conn: &mut sqlx::PgConnection, table: &Rows, rows: &[Vec<Cell>]) {
    let arrays: Vec<String> =
        table.kinds.iter().enumerate().map(|(at, kind)| format!("${}::{}[]", at + 1, kind.in_sql())).collect();
    let sql = format!("{} SELECT * FROM unnest({})", table.insert_clause(), arrays.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (at, kind) in table.kinds.iter().enumerate() {
        query = bind_column(query, *kind, rows.iter().map(|row| &row[at]));
    }
    query.execute(conn).await.unwrap();
}

fn bind_column<'q, 'r>(
    query: Query<'q, Postgres, PgArguments>,
    kind: Kind,
    cells: impl Iterator<Item = &'r Cell>,
) -> Query<'q, Postgres, PgArguments> {
    fn numbers<'r, T>(cells: impl Iterator<Item = &'r Cell>, make: impl Fn(i64) -> T) -> Vec<Option<T>> {
        let number = |cell: &Cell| if let Cell::Number(number) = cell { Some(make(*number)) } else { None };
        cells.map(number).collect()
    }
    fn bytes<'r, T>(cells: impl Iterator<Item = &'r Cell>, make: impl Fn(&'r [u8]) -> T) -> Vec<Option<T>> {
        let of_cell = |cell: &'r Cell| if let Cell::Bytes(bytes) = cell { Some(make(bytes)) } else { None };
        cells.map(of_cell).collect()
    }
    match kind {
        Kind::Integer => query.bind(numbers(cells, |number| number as i32)),
        Kind::Bigint => query.bind(numbers(cells, |number| number)),
        Kind::Instant => query.bind(numbers(cells, PgInstant)),
        Kind::Day => query.bind(numbers(cells, |number| PgDay(number as i32))),
        Kind::Uuid => query.bind(bytes(cells, |bytes| Uuid::from_slice(bytes).unwrap())),
        Kind::Bytes | Kind::Any => query.bind(bytes(cells, <[u8]>::to_vec)),
        Kind::Real => {
            let real = |cell: &Cell| if let Cell::Real(number) = cell { Some(*number as f32) } else { None };
            query.bind(cells.map(real).collect::<Vec<_>>())
        }
        Kind::Text => {
            let text = |cell: &Cell| if let Cell::Text(text) = cell { Some(text.clone()) } else { None };
            query.bind(cells.map(text).collect::<Vec<_>>())
        }
    }
}

impl Kind {
    fn in_sql(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Real => "real",
            Self::Text => "text",
            Self::Bytes | Self::Any => "bytea",
            Self::Uuid => "uuid",
            Self::Instant => "timestamptz",
            Self::Day => "date",
        }
    }
}

/// An instant as PostgreSQL writes it: microseconds since 2000.
struct PgInstant(i64);

/// A day as PostgreSQL writes it: days since 2000.
struct PgDay(i32);

macro_rules! as_written {
    ($rust:ty, $number:ty, $name:literal, $array:literal) => {
        impl Type<Postgres> for $rust {
            fn type_info() -> PgTypeInfo {
                PgTypeInfo::with_name($name)
            }
        }
        impl PgHasArrayType for $rust {
            fn array_type_info() -> PgTypeInfo {
                PgTypeInfo::with_name($array)
            }
        }
        impl Encode<'_, Postgres> for $rust {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                <$number as Encode<'_, Postgres>>::encode_by_ref(&self.0, buffer)
            }
        }
    };
}
as_written!(PgInstant, i64, "timestamptz", "_timestamptz");
as_written!(PgDay, i32, "date", "_date");
