//! What can go wrong for somebody who does something here.

use domain::authorities::{Action, Role};
use domain::venues::{VenueAction, VenueRole};
use jiff::civil::Date;
use storage::StorageError;

/// Why something wasn't done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The role doesn't allow it.
    #[error("the role {} may not {}", .role.in_words(), .action.in_words())]
    NotAllowed {
        /// The role.
        role: Role,
        /// What was wanted.
        action: Action,
    },
    /// What somebody is in a venue doesn't allow it.
    #[error("the {} of this venue may not {}", .role.in_words(), .action.in_words())]
    NotAllowedInVenue {
        /// What they are there.
        role: VenueRole,
        /// What was wanted.
        action: VenueAction,
    },
    /// The account is not a member of the authority.
    #[error("this account is not a member of the authority")]
    NotAMember,
    /// Name, password or code is wrong. Which of them isn't said, also not whether there is such an account.
    #[error("name, password or code is wrong")]
    WrongCredentials,
    /// A code that doesn't work any more.
    #[error(transparent)]
    CodeOver(#[from] domain::activation::CodeOver),
    /// None of a patient's cases is at work here.
    #[error(transparent)]
    NothingToDo(#[from] domain::enrolment::NothingToDo),
    /// What is asked for isn't here, or isn't theirs.
    #[error("there is no such {0} here")]
    NotFound(&'static str),
    /// It can't be done as things stand.
    #[error("{0}")]
    Conflict(String),
    /// This host's clock is too far from the database's for anything to be ended by it.
    #[error(
        "this clock is {} s {} the database's: nothing is deleted before both are right",
        .ahead_s.unsigned_abs(),
        if *.ahead_s < 0 { "behind" } else { "ahead of" }
    )]
    ClockOff {
        /// Seconds that it is ahead; negative if it is behind.
        ahead_s: i64,
    },
    /// What guests left on a day was destroyed at the end of its period.
    #[error("what guests left on {0} is deleted for good, as promised to them; nobody can open it any more")]
    DayGone(Date),
    /// Somebody stopped it.
    #[error("this was cancelled")]
    Cancelled,
    /// There is no such authority.
    #[error("there is no authority {0} here")]
    NoAuthority(String),
    /// There is no authority at all: a database that was only migrated.
    #[error("there is no authority here yet")]
    NoAuthorityYet,
    /// There are several authorities, and none was named.
    #[error("there are several authorities here; say which with --authority: {0}")]
    WhichAuthority(String),
    /// Nobody is known by this reference or id.
    #[error("nobody here is known as {0}")]
    NoPerson(String),
    /// What was given can't be a reference, and may be a name; so it is not said again.
    #[error("this is no reference: a reference has letters A to Z, digits and . _ / - only, 40 at most")]
    NotAReference,
    /// A name is taken.
    #[error("{0} is taken")]
    Taken(String),
    /// A value breaks a rule.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// Which rule.
        reason: String,
    },
    /// Several values break rules.
    #[error("{}", .0.iter().map(|(field, reason)| format!("{field}: {reason}")).collect::<Vec<_>>().join("; "))]
    InvalidFields(Vec<(&'static str, String)>),
    /// The columns can't be understood.
    #[error(transparent)]
    Mapping(#[from] documents::columns::MappingError),
    /// The columns don't fit the file.
    #[error(transparent)]
    Column(#[from] documents::columns::ColumnError),
    /// The file is no table.
    #[error(transparent)]
    Table(#[from] documents::table::TableError),
    /// The list of offices and postcodes can't be read.
    #[error(transparent)]
    List(#[from] documents::territory::ListError),
    /// The refused rows can't be written.
    #[error(transparent)]
    RefusedRows(#[from] documents::refused::WriteError),
    /// A table can't be written.
    #[error(transparent)]
    Csv(#[from] documents::csv_out::CsvError),
    /// A workbook can't be written.
    #[error(transparent)]
    Sheet(#[from] documents::xlsx_out::SheetError),
    /// A letter can't be set.
    #[error(transparent)]
    Letter(#[from] domain::letters::CannotSet),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppError {
    /// Says whether the same again, a little later, may go through.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Storage(StorageError::Sealing(storage::sealing::SealingError::Locked)) => true,
            Self::Storage(error) => error.may_pass(),
            Self::ClockOff { .. } => true,
            _ => false,
        }
    }

    /// Says whether it failed because the process that holds the keyring is away.
    #[must_use]
    pub fn is_keyring_away(&self) -> bool {
        matches!(self, Self::Storage(StorageError::Sealing(storage::sealing::SealingError::Away(_))))
    }

    /// Says whether the request was wrong in itself, so that it can never go through.
    #[must_use]
    pub fn is_misuse(&self) -> bool {
        matches!(
            self,
            Self::Mapping(_)
                | Self::Column(_)
                | Self::Invalid { .. }
                | Self::InvalidFields(_)
                | Self::WhichAuthority(_)
        )
    }
}

/// What actions return.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl From<storage::sealing::SealingError> for AppError {
    fn from(error: storage::sealing::SealingError) -> Self {
        Self::Storage(StorageError::Sealing(error))
    }
}
