//! The audit chain: each record's hash covers the one before it, so that a missing or changed record shows.
//!
//! A record holds ids only, never names. The hash is SHA-256 over a canonical text of the record, so that
//! an auditor can recompute it with standard tools; it is computed where the keys are, in storage. Here
//! stands what is hashed, and how a chain is judged.

use crate::ids::{AccountId, AuditId, AuthorityId};
use jiff::Timestamp;

/// One request that showed or changed persons, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Whose log it stands in.
    pub authority_id: AuthorityId,
    /// Its id.
    pub audit_id: AuditId,
    /// When.
    pub recorded_at: Timestamp,
    /// Who acted.
    pub account_id: AccountId,
    /// In which role.
    pub role: String,
    /// What was done, such as `exposures.list`.
    pub operation: String,
    /// Ids that were shown or changed, separated by spaces; never names.
    pub subjects: String,
    /// How many persons or rows it was about.
    pub n_subjects: i64,
    /// Why, where a reason is asked for.
    pub reason: String,
    /// Where from: `command_line`, `loopback`, `network`.
    pub source: String,
}

/// Returns the text that is hashed for a record that follows `previous` (hex) as number `seq`.
///
/// Fields are separated by a line feed, which no field holds: line feeds within are written `\n`.
#[must_use]
pub fn canonical_text(previous: &str, seq: i64, record: &AuditRecord) -> String {
    let fields = [
        previous.to_owned(),
        seq.to_string(),
        record.authority_id.0.to_string(),
        record.audit_id.to_string(),
        record.recorded_at.as_microsecond().to_string(),
        record.account_id.to_string(),
        record.role.clone(),
        record.operation.clone(),
        record.subjects.clone(),
        record.n_subjects.to_string(),
        record.reason.clone(),
        record.source.clone(),
    ];
    fields.map(|field| field.replace('\\', "\\\\").replace('\n', "\\n")).join("\n")
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainBreak {
    /// This number is not there.
    Missing(i64),
    /// The record with this number isn't what was written.
    Changed(i64),
    /// The chain ends at the first number, though the second was once written.
    CutOff {
        /// Last number found.
        found: i64,
        /// Last number that was chained.
        expected: i64,
    },
}

impl std::fmt::Display for ChainBreak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(seq) => write!(f, "record {seq} is missing"),
            Self::Changed(seq) => write!(f, "record {seq} was changed"),
            Self::CutOff { found, expected } => write!(f, "the chain ends at record {found}, not at {expected}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_word_from_one_field_to_the_next_changes_the_text() {
        let record = |operation: &str, subjects: &str| AuditRecord {
            authority_id: AuthorityId(1),
            audit_id: AuditId::mint(Timestamp::UNIX_EPOCH, [1; 10]),
            recorded_at: Timestamp::UNIX_EPOCH,
            account_id: AccountId::mint(Timestamp::UNIX_EPOCH, [2; 10]),
            role: "administrator".to_owned(),
            operation: operation.to_owned(),
            subjects: subjects.to_owned(),
            n_subjects: 1,
            reason: String::new(),
            source: "command_line".to_owned(),
        };
        let text = |operation, subjects| canonical_text("00", 1, &record(operation, subjects));
        assert_ne!(text("a\nb", ""), text("a", "b\n"));
        assert_ne!(text("a\\nb", ""), text("a\nb", ""));
        assert_eq!(text("a", "b").lines().count(), 12);
    }
}
