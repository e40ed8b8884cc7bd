//! Two dialects, one way to say a statement.
//!
//! A statement is a constant whose first line is its name (`-- encounters::insert`), so that slow logs,
//! plans and traces say which it is. Both databases share its text until they must differ. Instants and
//! days have one Rust type each; SQLite keeps them as numbers, PostgreSQL as `timestamptz` and `date`.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};

/// A statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl Statement {
    /// The same text for both.
    pub(crate) const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// A text for each.
    pub(crate) const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

// Each statement stands within its transaction in traces; where nothing is traced that costs next to nothing.

/// Runs a statement; gives the number of rows it touched. The word `mine` binds the transaction's authority.
macro_rules! run {
    ($tx:expr, $statement:expr, mine $(, $bind:expr)* $(,)?) => {{
        let authority_id = $tx.authority().0;
        run!($tx, $statement, authority_id $(, $bind)*)
    }};
    ($tx:expr, $statement:expr $(, $bind:expr)* $(,)?) => {{
        use tracing::Instrument as _;
        match &mut $tx.inner {
            $crate::store::Inner::Sqlite(conn) => sqlx::query($statement.sqlite)$(.bind($bind))*
                .execute(&mut **conn).instrument($tx.span.clone()).await.map(|done| done.rows_affected()),
            $crate::store::Inner::Postgres(conn) => sqlx::query($statement.postgres)$(.bind($bind))*
                .execute(&mut **conn).instrument($tx.span.clone()).await.map(|done| done.rows_affected()),
        }.map_err($crate::error::StorageError::from)
    }};
}

/// Reads all rows of a statement as a row type.
macro_rules! all {
    ($tx:expr, $row:ty, $statement:expr, mine $(, $bind:expr)* $(,)?) => {{
        let authority_id = $tx.authority().0;
        all!($tx, $row, $statement, authority_id $(, $bind)*)
    }};
    ($tx:expr, $row:ty, $statement:expr $(, $bind:expr)* $(,)?) => {{
        use tracing::Instrument as _;
        match &mut $tx.inner {
            $crate::store::Inner::Sqlite(conn) => sqlx::query_as::<sqlx::Sqlite, $row>($statement.sqlite)$(.bind($bind))*
                .fetch_all(&mut **conn).instrument($tx.span.clone()).await,
            $crate::store::Inner::Postgres(conn) => sqlx::query_as::<sqlx::Postgres, $row>($statement.postgres)$(.bind($bind))*
                .fetch_all(&mut **conn).instrument($tx.span.clone()).await,
        }.map_err($crate::error::StorageError::from)
    }};
}

/// Reads one row of a statement, or none.
macro_rules! optional {
    ($tx:expr, $row:ty, $statement:expr, mine $(, $bind:expr)* $(,)?) => {{
        let authority_id = $tx.authority().0;
        optional!($tx, $row, $statement, authority_id $(, $bind)*)
    }};
    ($tx:expr, $row:ty, $statement:expr $(, $bind:expr)* $(,)?) => {{
        use tracing::Instrument as _;
        match &mut $tx.inner {
            $crate::store::Inner::Sqlite(conn) => sqlx::query_as::<sqlx::Sqlite, $row>($statement.sqlite)$(.bind($bind))*
                .fetch_optional(&mut **conn).instrument($tx.span.clone()).await,
            $crate::store::Inner::Postgres(conn) => sqlx::query_as::<sqlx::Postgres, $row>($statement.postgres)$(.bind($bind))*
                .fetch_optional(&mut **conn).instrument($tx.span.clone()).await,
        }.map_err($crate::error::StorageError::from)
    }};
}

/// Inserts many rows in as few statements as parameters allow: `HEAD` names table and columns, `TAIL`
/// says what a conflict means. Gives the number of rows inserted.
macro_rules! insert_all {
    ($tx:expr, $head:expr, $tail:expr, $rows:expr, |$row:ident| $($value:expr),+ $(,)?) => {{
        use tracing::Instrument as _;
        let columns = [$(stringify!($value)),+].len();
        let chunk = $crate::dialect::MOST_PARAMETERS / columns;
        let mut inserted = 0u64;
        for rows in $rows.chunks(chunk) {
            inserted += match &mut $tx.inner {
                $crate::store::Inner::Sqlite(conn) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($head);
                    query.push_values(rows, |mut values, $row| { $(values.push_bind($value);)+ });
                    query.push($tail);
                    query.build().execute(&mut **conn).instrument($tx.span.clone()).await.map(|done| done.rows_affected())
                }
                $crate::store::Inner::Postgres(conn) => {
                    let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new($head);
                    query.push_values(rows, |mut values, $row| { $(values.push_bind($value);)+ });
                    query.push($tail);
                    query.build().execute(&mut **conn).instrument($tx.span.clone()).await.map(|done| done.rows_affected())
                }
            }.map_err($crate::error::StorageError::from)?;
        }
        Ok::<u64, $crate::error::StorageError>(inserted)
    }};
}

/// Parameters of one statement: SQLite allows 32,766; fewer keep statements of one size in the cache.
pub(crate) const MOST_PARAMETERS: usize = 8_000;

/// An instant in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(pub(crate) Timestamp);

/// A day in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) Date);

/// PostgreSQL counts from 2000-01-01.
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
const POSTGRES_EPOCH_DAYS: i32 = 10_957;

/// Instants beyond these years stand for "always"; PostgreSQL can hold them.
fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

fn days_since_1970(day: Date) -> i32 {
    domain::time::days_between(Date::constant(1970, 1, 1), day)
}

fn day_from_1970(days: i32) -> Date {
    domain::time::plus_days(Date::constant(1970, 1, 1), days)
}

impl Type<Sqlite> for At {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for At {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode_by_ref(&micros(self.0), buffer)
    }
}

impl Decode<'_, Sqlite> for At {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(Timestamp::from_microsecond(<i64 as Decode<'_, Sqlite>>::decode(value)?)?))
    }
}

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_timestamptz")
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Postgres>>::encode_by_ref(&micros(self.0).saturating_sub(POSTGRES_EPOCH_US), buffer)
    }
}

impl Decode<'_, Postgres> for At {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let since_2000 = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Self(Timestamp::from_microsecond(since_2000.saturating_add(POSTGRES_EPOCH_US))?))
    }
}

impl Type<Sqlite> for Day {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for Day {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i32 as Encode<'_, Sqlite>>::encode_by_ref(&days_since_1970(self.0), buffer)
    }
}

impl Decode<'_, Sqlite> for Day {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(day_from_1970(i32::try_from(<i64 as Decode<'_, Sqlite>>::decode(value)?)?)))
    }
}

impl Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("date")
    }
}

impl PgHasArrayType for Day {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_date")
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i32 as Encode<'_, Postgres>>::encode_by_ref(&(days_since_1970(self.0) - POSTGRES_EPOCH_DAYS), buffer)
    }
}

impl Decode<'_, Postgres> for Day {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let since_2000 = i32::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Self(day_from_1970(since_2000 + POSTGRES_EPOCH_DAYS)))
    }
}

/// Ids as JSON text, for `json_each` in SQLite: `["0189…", …]` in hexadecimal without dashes.
///
/// Statements join it with CROSS JOIN, which SQLite takes as the order of the loops, and name the index by INDEXED BY
/// where it isn't the primary key: without statistics SQLite takes the authority for the rarest thing there is, and reads
/// the whole table once for each id.
///
/// PostgreSQL makes an array of them first: under row-level security a join on a text that is cast to an id may not use
/// the index, because the cast could tell what it saw.
pub(crate) fn ids_as_json<'i>(ids: impl Iterator<Item = &'i uuid::Uuid>) -> String {
    let mut text = String::from("[");
    for id in ids {
        if text.len() > 1 {
            text.push(',');
        }
        text.push('"');
        text.push_str(&id.simple().to_string());
        text.push('"');
    }
    text.push(']');
    text
}
