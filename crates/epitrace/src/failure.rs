//! How a command that failed ends: one sentence, a hint where there is one, and an exit code that a
//! script can act on. 1 failed, 2 misused, 75 try again later.

use app::AppError;
use event_log::EventLogError;
use keyring::KeyringError;
use std::process::ExitCode;
use storage::StorageError;
use storage::sealing::SealingError;

/// Failed.
pub const FAILED: u8 = 1;
/// Typed wrongly.
pub const MISUSED: u8 = 2;
/// Try again later.
pub const TRY_AGAIN: u8 = 75;

/// Something typed that can't be meant; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// Something typed that can't be meant, with what to type instead; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Mistyped {
    /// What was typed.
    pub sentence: String,
    /// What to type instead.
    pub hint: &'static str,
}

/// A failure that only the command line can explain, with what to do about it; exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Hinted {
    /// What happened.
    pub sentence: String,
    /// What to do.
    pub hint: &'static str,
}

/// Prints why a command failed; returns its exit code.
#[allow(clippy::print_stderr)] // This is where the command line speaks.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let server_said = match storage(error) {
        Some(StorageError::CannotConnect { said, .. }) => Some(said.as_str()),
        _ => None,
    };
    let mut sentence = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let repeats_server = server_said.is_some_and(|said| text.contains(said) && sentence.ends_with(said));
        if !sentence.is_empty() && (sentence.ends_with(&text) || repeats_server) {
            continue;
        }
        if !sentence.is_empty() {
            sentence.push_str(": ");
        }
        sentence.push_str(&text);
    }
    eprintln!("epitrace: {sentence}");
    if let Some(hint) = hint(error) {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(code(error))
}

fn code(error: &anyhow::Error) -> u8 {
    if error.downcast_ref::<Misuse>().is_some() || error.downcast_ref::<Mistyped>().is_some() {
        return MISUSED;
    }
    let storage = error.downcast_ref::<StorageError>();
    match error.downcast_ref::<AppError>() {
        Some(error) if error.is_misuse() => MISUSED,
        Some(error) if error.may_pass() => TRY_AGAIN,
        Some(_) => FAILED,
        None if storage.is_some_and(StorageError::may_pass) => TRY_AGAIN,
        None => match sealing(error) {
            Some(SealingError::Locked | SealingError::Away(_)) => TRY_AGAIN,
            _ => FAILED,
        },
    }
}

fn sealing(error: &anyhow::Error) -> Option<&SealingError> {
    match error.downcast_ref::<KeyringError>() {
        Some(KeyringError::Sealing(error)) => Some(error),
        _ => error.downcast_ref::<SealingError>(),
    }
}

fn storage(error: &anyhow::Error) -> Option<&StorageError> {
    match error.downcast_ref::<AppError>() {
        Some(AppError::Storage(storage)) => Some(storage),
        _ => error.downcast_ref::<StorageError>(),
    }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    if let Some(hinted) = error.downcast_ref::<Hinted>() {
        return Some(hinted.hint);
    }
    if let Some(mistyped) = error.downcast_ref::<Mistyped>() {
        return Some(mistyped.hint);
    }
    if let Some(EventLogError::Corrupt { .. } | EventLogError::Foreign { .. }) = error.downcast_ref::<EventLogError>() {
        return Some("`epitrace doctor` says what else is damaged, and what to do");
    }
    match (error.downcast_ref::<AppError>(), storage(error)) {
        (Some(AppError::NoPerson(_)), _) => Some("references are those of the imported files; they are case-sensitive"),
        (Some(AppError::ClockOff { .. }), _) => {
            Some("see which of the two hosts has the wrong time, and that chrony or ntpd runs on both")
        }
        (Some(AppError::Column(_)), _) => Some("the mapping is field=column, the column being the file's own"),
        (Some(AppError::NotAReference), _) => Some("name the person by the reference of the imported file"),
        (Some(AppError::NoAuthority(_) | AppError::NoAuthorityYet), _) => {
            Some("`epitrace admin create-authority` makes one")
        }
        (_, Some(StorageError::NotEmpty(_))) => Some(
            "a backup goes into a new folder; restore into a new data folder, or one whose epitrace.sqlite and runs.db \
             you have moved away, or into a migrated database without authorities",
        ),
        (_, Some(StorageError::CannotConnect { .. })) => Some(
            "check host, database, role and password in \
             `[storage] url` of the configuration (or jobs_url, migrator_url)",
        ),
        (_, Some(StorageError::RoleMayNot { .. })) => Some(
            "`migrate`, `admin`, `territory` and `restore` need the role that owns the schema: \
             `[storage] migrator_url`; `migrate` grants the others what they need",
        ),
        (_, Some(StorageError::Unsure)) => Some("look whether it was done before you do the same again"),
        (_, Some(StorageError::NotReplayed)) => Some(
            "put the keyring in its place, with its newest `erasures.ledger`, and run: epitrace restore --replay \
             (as the role that owns the schema)",
        ),
        (_, Some(StorageError::NotActive(_))) => {
            Some("after a restore an operator looks first and then says: epitrace admin activate CODE")
        }
        (_, Some(StorageError::InUse)) => Some("wait for it to end, or stop the server first"),
        (_, Some(StorageError::Away(_))) => Some(
            "the same again a little later may do, nothing was half-written; \
             on PostgreSQL, check that the server in `[storage] url` runs and can be reached",
        ),
        _ => None,
    }
}
