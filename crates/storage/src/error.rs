//! What can go wrong with facts at rest, by what a caller would do about it.

/// An error of the storage.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database can't be reached, or is busy; trying again may help.
    #[error("the database is away or busy")]
    Away(#[source] sqlx::Error),
    /// A commit lasted, or its connection broke, or no standby has it: nobody knows whether it lasts. The same again, under the
    /// same id, finds out.
    #[error("whether this was kept isn't known")]
    Unsure,
    /// Two transactions stood in each other's way; the same again will do.
    #[error("another transaction came first")]
    Conflict(#[source] sqlx::Error),
    /// A statement failed.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
    /// The schema is not what this version needs.
    #[error("the schema can't be brought up to date")]
    Schema(#[source] sqlx::migrate::MigrateError),
    /// The schema is older than this program, and this role may not change it.
    #[error("the schema of the database is older than this program; run: epitrace migrate")]
    OldSchema,
    /// A write touched another number of rows than it must.
    #[error("{statement} touched {touched} rows, not {expected}")]
    WrongCount {
        /// Name of the statement.
        statement: &'static str,
        /// Rows touched.
        touched: u64,
        /// Rows that it must touch.
        expected: u64,
    },
    /// The authority moves or has moved; nothing may be written here now.
    #[error("the authority is {0} and takes no writes here")]
    NotActive(String),
    /// No such authority.
    #[error("there is no such authority here")]
    NoAuthority,
    /// A value in the database isn't one of those that can be.
    #[error("a stored {0} can't be read")]
    Unreadable(&'static str),
    /// Sealing or unsealing failed.
    #[error(transparent)]
    Sealing(#[from] crate::sealing::SealingError),
    /// A file can't be read or written.
    #[error("cannot {doing} {path}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Somebody else uses the data folder, and this needs it alone.
    #[error("another epitrace is using this data folder")]
    InUse,
    /// A restore began and didn't end; what it brought back may hold what was deleted since.
    #[error("a restore into this data folder was interrupted; run the same restore again")]
    RestoreUnfinished,
    /// The database is older than what is remembered of it beside the keyring.
    #[error("this database was put back to an earlier moment, and what was deleted since is in it again")]
    NotReplayed,
    /// The database can't be connected to with what was given.
    #[error("cannot connect to the database: {said}")]
    CannotConnect {
        /// What the server said.
        said: String,
        /// The whole.
        #[source]
        source: sqlx::Error,
    },
    /// The role may not do this.
    #[error("the role of the database may not do this: {said}")]
    RoleMayNot {
        /// What the server said.
        said: String,
    },
    /// The keyring is another installation's: its key doesn't open what is sealed here.
    #[error("this keyring belongs to another installation: its key does not open what is sealed here")]
    ForeignKeyring,
    /// A backup can't be used.
    #[error("this is not a usable backup: {0}")]
    NotABackup(String),
    /// The target of a backup or restore is not empty.
    #[error("{0} is not empty")]
    NotEmpty(String),
    /// A day of check-ins is packed: it takes none any more.
    #[error("this day is closed; it takes no check-ins any more")]
    DayIsClosed,
}

impl StorageError {
    /// Says whether the same again, a little later, may go through.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        use crate::sealing::SealingError;
        let keyring_is_away = matches!(self, Self::Sealing(SealingError::Away(_)));
        let passes =
            matches!(self, Self::Away(_) | Self::Unsure | Self::Conflict(_) | Self::NotActive(_) | Self::InUse);
        keyring_is_away || passes
    }

    pub(crate) fn file(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { doing, path, source }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let error = Self::of(error);
        crate::store::failed(&error);
        error
    }
}

impl StorageError {
    fn of(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some("40001" | "40P01") => Self::Conflict(error),
                Some("23505") if database.constraint().is_some_and(is_of_two_at_once) => Self::Conflict(error),
                Some("28P01" | "28000" | "3D000") => {
                    Self::CannotConnect { said: database.message().to_owned(), source: error }
                }
                Some("42501") => Self::RoleMayNot { said: database.message().to_owned() },
                // SQLite: busy (5) and its kinds; PostgreSQL: shutting down, starting up, too many clients.
                Some("5" | "261" | "517" | "57P01" | "57P02" | "57P03" | "53300") => Self::Away(error),
                // The disk is full, on either; PostgreSQL: the disk failed. Nothing of it is kept, and there may be room again.
                Some("13" | "53100" | "58030") => Self::Away(error),
                // An administrator ended the statement.
                Some("57014") => Self::Away(error),
                // Whoever writes was led to a standby.
                Some("25006") => Self::Away(error),
                // Of many kinds of state that isn't right, the one of a database that lets nobody in just now.
                Some("55000") if database.message().contains("accepting connections") => Self::Away(error),
                _ => Self::Refused(error),
            },
            // What isn't PostgreSQL's language comes from a balancer that has nobody to pass on to.
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_) => Self::Away(error),
            _ => Self::Refused(error),
        }
    }
}

/// Whether a row can be there although it was looked for just before: one with the same id, or file number, came in between. Whoever
/// sends the same again finds it.
fn is_of_two_at_once(constraint: &str) -> bool {
    constraint.ends_with("_pkey") || constraint == "case_by_file_number"
}

/// What storage functions return.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sqlx::{Connection, Executor, SqliteConnection};

    #[tokio::test]
    async fn a_file_that_has_no_room_to_grow_may_have_some_later() {
        let mut file = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        file.execute("CREATE TABLE t (a BLOB); PRAGMA max_page_count = 2").await.unwrap();
        let refused = file.execute("INSERT INTO t VALUES (zeroblob(1000000))").await.unwrap_err();
        let error = StorageError::from(refused);
        assert!(matches!(error, StorageError::Away(_)) && error.may_pass(), "{error:?}");
    }
}
