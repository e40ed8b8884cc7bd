//! Statements that are put together: fixed pieces of SQL, and values that are always bound.
//!
//! A filter of many fields would make one statement with all of them a scan; so only the fields that are asked for are
//! written. Each text begins with its name, as every statement does.

use crate::dialect::{At, Day, ids_as_json};
use crate::error::Result;
use crate::store::{Inner, Tx};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};
use std::fmt::Write;
use uuid::Uuid;

/// A value to bind.
pub(super) enum Value {
    Text(String),
    Id(Uuid),
    Day(Day),
    At(At),
    Number(i32),
    /// Many ids: JSON for SQLite, an array for PostgreSQL.
    Ids(Vec<Uuid>),
}

/// A statement under way. `$1` is always the authority.
pub(super) struct Written {
    text: String,
    values: Vec<Value>,
}

impl Written {
    /// Begins with a name and the statement's first pieces.
    pub(super) fn begin(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds a fixed piece.
    pub(super) fn piece(&mut self, piece: &str) -> &mut Self {
        self.text.push_str(piece);
        self
    }

    /// Adds a fixed piece, in which `?` stands for the value.
    pub(super) fn with(&mut self, piece: &str, value: Value) -> &mut Self {
        self.values.push(value);
        let number = self.values.len() + 1;
        self.text.push_str(&piece.replace('?', &format!("${number}")));
        self
    }

    /// Adds a number of rows. It is written, not bound: plans hang on it.
    pub(super) fn rows(&mut self, word: &str, n: u64) -> &mut Self {
        // A String never fails to be written to.
        let _ = write!(self.text, " {word} {n}");
        self
    }

    /// Returns its text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Reads all rows. PostgreSQL plans each anew, with the values: which index serves hangs on them.
    pub(super) async fn fetch<R>(self, tx: &mut Tx) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let authority_id = tx.authority().0;
        let text = AssertSqlSafe(self.text);
        Ok(match &mut tx.inner {
            Inner::Sqlite(conn) => {
                let mut query = sqlx::query_as::<sqlx::Sqlite, R>(text).bind(authority_id);
                for value in self.values {
                    query = match value {
                        Value::Text(text) => query.bind(text),
                        Value::Id(id) => query.bind(id),
                        Value::Day(day) => query.bind(day),
                        Value::At(at) => query.bind(at),
                        Value::Number(number) => query.bind(number),
                        Value::Ids(ids) => query.bind(ids_as_json(ids.iter())),
                    };
                }
                query.fetch_all(&mut **conn).await?
            }
            Inner::Postgres(conn) => {
                let mut query = sqlx::query_as::<sqlx::Postgres, R>(text).persistent(false).bind(authority_id);
                for value in self.values {
                    query = match value {
                        Value::Text(text) => query.bind(text),
                        Value::Id(id) => query.bind(id),
                        Value::Day(day) => query.bind(day),
                        Value::At(at) => query.bind(at),
                        Value::Number(number) => query.bind(number),
                        Value::Ids(ids) => query.bind(ids),
                    };
                }
                query.fetch_all(&mut **conn).await?
            }
        })
    }
}

/// For which database a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(super) fn of(tx: &Tx) -> Self {
        match tx.inner {
            Inner::Sqlite(_) => Self::Sqlite,
            Inner::Postgres(_) => Self::Postgres,
        }
    }
}
