//! How a command that failed ends: one sentence, a hint where there is one, and an exit code that a
//! script can act on. 1 failed, 2 misused, 75 try again later.

use app::AppError;
use std::process::ExitCode;
use storage::StorageError;

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

/// Prints why a command failed; returns its exit code.
#[allow(clippy::print_stderr)] // This is where the command line speaks.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let mut sentence = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !sentence.is_empty() && sentence.ends_with(&text) {
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
    if error.downcast_ref::<Misuse>().is_some() {
        return MISUSED;
    }
    let storage = error.downcast_ref::<StorageError>();
    match error.downcast_ref::<AppError>() {
        Some(error) if error.is_misuse() => MISUSED,
        Some(error) if error.may_pass() => TRY_AGAIN,
        Some(_) => FAILED,
        None if storage.is_some_and(StorageError::may_pass) => TRY_AGAIN,
        None => match error.downcast_ref::<storage::sealing::SealingError>() {
            Some(storage::sealing::SealingError::Locked) => TRY_AGAIN,
            _ => FAILED,
        },
    }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let app = error.downcast_ref::<AppError>();
    let storage = match app {
        Some(AppError::Storage(storage)) => Some(storage),
        _ => error.downcast_ref::<StorageError>(),
    };
    match (app, storage) {
        (Some(AppError::NoPerson(_)), _) => Some("references are those of the imported files; they are case-sensitive"),
        (Some(AppError::Column(_)), _) => Some("the mapping is field=column, the column being the file's own"),
        (Some(AppError::NoAuthority(_)), _) => Some("`epitrace admin create-authority` makes one"),
        (_, Some(StorageError::NotEmpty(_))) => Some("name a folder that doesn't exist yet"),
        (_, Some(StorageError::InUse)) => Some("wait for it to end, or stop the server first"),
        (_, Some(StorageError::Away(_))) => Some("the same again a little later may do; nothing was half-written"),
        _ => None,
    }
}
