//! What can go wrong with facts at rest, by what a caller would do about it.

/// An error of the storage.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database can't be reached, or is busy; trying again may help.
    #[error("the database is away or busy")]
    Away(#[source] sqlx::Error),
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
        matches!(self, Self::Away(_) | Self::Conflict(_) | Self::NotActive(_) | Self::InUse)
    }

    pub(crate) fn file(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { doing, path, source }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some("40001" | "40P01") => Self::Conflict(error),
                Some("23505") if database.constraint() == Some("case_by_file_number") => Self::Conflict(error),
                Some("28P01" | "28000" | "3D000") => {
                    Self::CannotConnect { said: database.message().to_owned(), source: error }
                }
                Some("42501") => Self::RoleMayNot { said: database.message().to_owned() },
                // SQLite: busy (5) and its kinds; PostgreSQL: shutting down, starting up, too many clients.
                Some("5" | "261" | "517" | "57P01" | "57P02" | "57P03" | "53300") => Self::Away(error),
                _ => Self::Refused(error),
            },
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Away(error)
            }
            _ => Self::Refused(error),
        }
    }
}

/// What storage functions return.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;
