//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for the day it is lost.

use super::secrets::random;
use crate::error::{AppError, Result};
use domain::persons::Personal;
use jiff::Timestamp;
use storage::sealing::fingerprint;
use totp_rs::{Algorithm, Builder, Secret as TotpSecret, Totp};

/// Codes of the step before and after are taken too: telephones' clocks are off by some seconds (RFC 6238, 5.2).
const SKEW_STEPS: u16 = 1;
const STEP_SECONDS: u64 = 30;
const ISSUER: &str = "Epitrace";

/// How many recovery codes there are at first.
pub const N_RECOVERY_CODES: usize = 10;
/// Letters and digits that nobody confuses, 32 of them: 5 bits each.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const GROUP: usize = 5;

/// Makes a secret, in base32 as authenticator apps take it.
pub(crate) fn new_secret() -> Result<Personal<String>> {
    let bytes: [u8; 20] = random()?;
    Ok(Personal::new(TotpSecret::from(bytes.to_vec()).to_base32()))
}

fn totp(secret: &Personal<String>, account: &str) -> Result<Totp> {
    let broken =
        || AppError::Conflict("the second factor of this account is not usable; ask for a new link".to_owned());
    let secret = TotpSecret::try_from_base32(secret.expose()).map_err(|_| broken())?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(SKEW_STEPS)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret)
        .with_account_name(account.replace(':', "."))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|_| broken())
}

/// Returns the time step of a code that is right now; `None` if it isn't. Spaces don't matter.
pub(crate) fn step_of(secret: &Personal<String>, code: &str, now: Timestamp) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let step = totp(secret, "account")?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Returns the address that an authenticator app reads, and a picture of it.
pub(crate) fn shown(secret: &Personal<String>, account: &str) -> Result<(String, String)> {
    let uri = totp(secret, account)?
        .to_url()
        .map_err(|_| AppError::Conflict("this user name can't stand in a code".to_owned()))?;
    let code = fast_qr::QRBuilder::new(uri.as_str())
        .build()
        .map_err(|_| AppError::Conflict("the code of the second factor is too long to draw".to_owned()))?;
    let svg = fast_qr::convert::svg::SvgBuilder::default().to_str(&code);
    Ok((uri, svg))
}

/// Makes recovery codes, to be shown once.
pub(crate) fn new_recovery_codes() -> Result<Vec<String>> {
    let code = |_| {
        let bytes: [u8; 2 * GROUP] = random()?;
        let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        Ok(format!("{}-{}", &letters[..GROUP], &letters[GROUP..]))
    };
    (0..N_RECOVERY_CODES).map(code).collect()
}

/// Returns what is stored of a recovery code; `None` if it can't be one. Small letters and a missing dash don't matter.
pub(crate) fn recovery_fingerprint(code: &str) -> Option<String> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    (letters.len() == 2 * GROUP && letters.bytes().any(|c| c.is_ascii_alphabetic())).then(|| fingerprint(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B: SHA-1, secret "12345678901234567890"; the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Personal::new(TotpSecret::from(b"12345678901234567890".to_vec()).to_base32());
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(step_of(&secret, code, at(second)).unwrap(), Some(second / 30), "{code}");
        }
        assert_eq!(step_of(&secret, "287 082", at(89)).unwrap(), Some(1), "one step later, with a space");
        assert_eq!(step_of(&secret, "287082", at(120)).unwrap(), None, "two steps later");
        assert_eq!(step_of(&secret, "28708", at(59)).unwrap(), None);
    }

    #[test]
    fn recovery_codes_differ_and_are_read_as_people_type_them() {
        let codes = new_recovery_codes().unwrap();
        let all: std::collections::BTreeSet<_> = codes.iter().map(|code| recovery_fingerprint(code)).collect();
        assert_eq!(all.len(), N_RECOVERY_CODES);
        let typed = codes[0].to_lowercase().replace('-', " ");
        assert_eq!(recovery_fingerprint(&typed), recovery_fingerprint(&codes[0]));
        assert_eq!(recovery_fingerprint("123456"), None);
    }

    #[test]
    fn the_picture_is_drawn() {
        let (uri, svg) = shown(&new_secret().unwrap(), "kim").unwrap();
        assert!(uri.starts_with("otpauth://totp/Epitrace:kim?secret="), "{uri}");
        assert!(svg.starts_with("<svg"), "{svg}");
    }
}
