//! Passwords: at least 12 characters, not easy to guess, stored as Argon2id.

use crate::error::{AppError, Result};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Fewest characters. NIST SP 800-63B (rev. 4, 2025) asks for 15 without and 8 with a second factor; we ask for 12 with one.
pub const LEAST_CHARACTERS: usize = 12;
/// Fewest characters of a patient's: theirs opens their own case alone, and many type it on a telephone.
pub const LEAST_OF_PATIENTS: usize = 8;
/// Most characters, so that nobody keeps the machine busy with a novel.
const MOST_CHARACTERS: usize = 256;

/// OWASP Password Storage Cheat Sheet (2025), first choice for Argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at once: each takes a core and 19 MiB, and others want to work too.
static HASHING: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

/// A hash that no password has: for accounts that don't exist, so that they take as long as others.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

fn argon2() -> Argon2<'static> {
    // Never falls back: the parameters are constants that Argon2 accepts; a test hashes with them.
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String> {
    let hash: PasswordHash =
        argon2().hash_password(password.as_bytes()).map_err(|_| storage::sealing::SealingError::NoRandomness)?;
    Ok(hash.to_string())
}

/// Checks that a new password is one that others won't guess. `about` are words of the person, such as the user name.
///
/// # Errors
///
/// [`AppError::Invalid`] with what to do instead.
pub fn check_strength(field: &'static str, password: &str, about: &[&str]) -> Result<()> {
    let n_characters = password.chars().count();
    if n_characters < LEAST_CHARACTERS {
        return Err(AppError::Invalid { field, reason: format!("use at least {LEAST_CHARACTERS} characters") });
    }
    if n_characters > MOST_CHARACTERS {
        return Err(AppError::Invalid { field, reason: format!("use at most {MOST_CHARACTERS} characters") });
    }
    // Known passwords, names, keyboard rows, repeated words: its dictionaries hold what leaked most often.
    if zxcvbn::zxcvbn(password, about).score() < zxcvbn::Score::Three {
        let reason = "this is easy to guess; use four or more words that have nothing to do with each other";
        return Err(AppError::Invalid { field, reason: reason.to_owned() });
    }
    Ok(())
}

/// Checks a patient's new password: not short, not the user name, not one that leaked.
///
/// # Errors
///
/// [`AppError::Invalid`] with what to do instead.
pub fn check_patients(field: &'static str, password: &str, user_name: &str) -> Result<()> {
    let invalid = |reason: String| Err(AppError::Invalid { field, reason });
    let n_characters = password.chars().count();
    if n_characters < LEAST_OF_PATIENTS {
        return invalid(format!("use at least {LEAST_OF_PATIENTS} characters"));
    }
    if n_characters > MOST_CHARACTERS {
        return invalid(format!("use at most {MOST_CHARACTERS} characters"));
    }
    if password.to_lowercase().contains(&user_name.to_lowercase()) {
        return invalid("it must not contain the user name".to_owned());
    }
    if zxcvbn::zxcvbn(password, &[user_name]).score() < zxcvbn::Score::Two {
        return invalid("many people use this password; choose another one".to_owned());
    }
    Ok(())
}

/// Returns the hash of a password.
///
/// # Errors
///
/// [`SealingError::NoRandomness`](storage::sealing::SealingError::NoRandomness) if the system gives no random numbers.
pub async fn hash(password: Zeroizing<String>) -> Result<String> {
    hashing(move || hash_now(&password)).await?
}

/// Says whether a password has this hash. Without a hash it says no, after the same work.
///
/// # Errors
///
/// [`AppError::Conflict`] if the server is stopping.
pub async fn verify(password: Zeroizing<String>, hash: Option<String>) -> Result<bool> {
    hashing(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        argon2().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    })
    .await
}

async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let stopping = || AppError::Conflict("the server is stopping".to_owned());
    let turn = Arc::clone(&HASHING).acquire_owned().await.map_err(|_| stopping())?;
    // The turn goes along: whoever hangs up doesn't free it while the hash is still computed.
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| stopping())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> bool {
        check_strength("password", password, &["kim.example"]).is_err()
    }

    #[test]
    fn short_known_and_personal_passwords_are_refused() {
        for weak in ["short", "password1234", "qwertyuiop12", "kim.example1", "111111111111", "iloveyou2024"] {
            assert!(refused(weak), "{weak}");
        }
        assert!(refused(&"x7".repeat(200)), "too long");
        assert!(!refused("ladder violet uncle brisk"));
    }

    #[test]
    fn a_patients_password_is_not_short_not_the_name_and_not_one_of_many() {
        let refused = |password: &str| check_patients("password", password, "mia.h").is_err();
        for weak in ["blau7!x", "password", "12345678", "xx-Mia.H-xx", "qwertzui", "sommer2020"] {
            assert!(refused(weak), "{weak}");
        }
        for good in ["blauer Hund", "k4ffee-tasse", "yağmurlu gün"] {
            assert!(!refused(good), "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let hash = hash(Zeroizing::new("ladder violet uncle brisk".to_owned())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let right = verify(Zeroizing::new("ladder violet uncle brisk".to_owned()), Some(hash.clone())).await;
        assert!(right.unwrap());
        assert!(!verify(Zeroizing::new("ladder violet uncle brisK".to_owned()), Some(hash)).await.unwrap());
        let nobody = verify(Zeroizing::new("nobody has this password".to_owned()), None).await;
        assert!(!nobody.unwrap(), "an unknown account has no password at all");
    }
}
