//! What was decided on quarantine and isolation, with what the rules had reckoned then. What is set stands with the case.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, DecisionId, PersonId};
use domain::persons::Personal;
use domain::quarantines::{Basis, DecisionKind, ProposalReason, Quarantine, QuarantineKind, Reckoning};
use domain::time::DayRange;
use jiff::Timestamp;
use uuid::Uuid;

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub decision_id: DecisionId,
    /// The case.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
    /// What.
    pub what: DecisionKind,
    /// What was set before.
    pub before: Option<Quarantine>,
    /// What is set after it; of a dismissed proposal what was proposed.
    pub after: Option<Quarantine>,
    /// Why the rules proposed it; `None` where a person set it.
    pub reason: Option<ProposalReason>,
    /// What the rules reckoned then; `None` where they could reckon nothing.
    pub reckoning: Option<Reckoning>,
    /// Why, in words; `None` where nobody said, or where personal fields are locked.
    pub note: Option<Personal<String>>,
    /// Who.
    pub account_id: AccountId,
    /// When.
    pub decided_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    decision_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    what: String,
    kind_before: Option<String>,
    first_before: Option<Day>,
    last_before: Option<Day>,
    kind_after: Option<String>,
    first_after: Option<Day>,
    last_after: Option<Day>,
    reason: Option<String>,
    rule_kind: Option<String>,
    rule_basis: Option<String>,
    rule_basis_on: Option<Day>,
    rule_days: Option<i32>,
    rule_last: Option<Day>,
    rule_version: Option<i32>,
    note: Option<Vec<u8>>,
    account_id: Uuid,
    decided_at: At,
}

const INSERT: Statement = Statement::both(
    "-- quarantines::insert
INSERT INTO quarantine_decision (authority_id, case_id, decision_id, person_id, what, kind_before, first_before,
                                 last_before, kind_after, first_after, last_after, reason, rule_kind, rule_basis,
                                 rule_basis_on, rule_days, rule_last, rule_version, note, account_id, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
);

const OF_CASE: Statement = Statement::both(
    "-- quarantines::of_case
SELECT decision_id, case_id, person_id, what, kind_before, first_before, last_before, kind_after, first_after, last_after,
       reason, rule_kind, rule_basis, rule_basis_on, rule_days, rule_last, rule_version, note, account_id, decided_at
  FROM quarantine_decision WHERE authority_id = $1 AND case_id = $2 ORDER BY decision_id DESC",
);

fn place(decision_id: Uuid) -> CellPlace {
    CellPlace { table: "quarantine_decision", column: "note", row: decision_id }
}

fn quarantine(kind: Option<String>, first: Option<Day>, last: Option<Day>) -> Result<Option<Quarantine>> {
    let (Some(kind), Some(first), Some(last)) = (kind, first, last) else { return Ok(None) };
    let kind = QuarantineKind::find(&kind).ok_or(StorageError::Unreadable("kind of quarantine"))?;
    let days = DayRange::new(first.0, last.0).map_err(|_| StorageError::Unreadable("days of quarantine"))?;
    Ok(Some(Quarantine { kind, days }))
}

fn reckoning(row: &DecisionRow) -> Result<Option<Reckoning>> {
    let unreadable = || StorageError::Unreadable("what rules reckoned");
    let words = row.rule_kind.as_deref().zip(row.rule_basis.as_deref());
    let days = row.rule_basis_on.zip(row.rule_last);
    let numbers = row.rule_days.zip(row.rule_version);
    let (Some((kind, basis)), Some((basis_on, last)), Some((n_days, rule_version))) = (words, days, numbers) else {
        return Ok(None);
    };
    Ok(Some(Reckoning {
        kind: QuarantineKind::find(kind).ok_or_else(unreadable)?,
        basis: Basis::find(basis).ok_or_else(unreadable)?,
        basis_on: basis_on.0,
        n_days: u8::try_from(n_days).map_err(|_| unreadable())?,
        last: last.0,
        rule_version,
    }))
}

fn open(sealer: Option<&Sealer>, row: DecisionRow) -> Result<Decision> {
    let reason = |word: &String| ProposalReason::find(word).ok_or(StorageError::Unreadable("reason of a proposal"));
    let note = sealer.zip(row.note.as_ref()).map(|(sealer, cell)| sealer.open(place(row.decision_id), cell));
    Ok(Decision {
        decision_id: DecisionId(row.decision_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        what: DecisionKind::find(&row.what).ok_or(StorageError::Unreadable("decision on quarantine"))?,
        reason: row.reason.as_ref().map(reason).transpose()?,
        reckoning: reckoning(&row)?,
        note: note.transpose()?.map(Personal::new),
        before: quarantine(row.kind_before, row.first_before, row.last_before)?,
        after: quarantine(row.kind_after, row.first_after, row.last_after)?,
        account_id: AccountId(row.account_id),
        decided_at: row.decided_at.0,
    })
}

/// Appends a decision.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, decision: &Decision) -> Result<()> {
    let note = decision.note.as_ref().map(|note| sealer.seal(place(decision.decision_id.0), note.expose()));
    let note = note.transpose()?.map(|cell| cell.0);
    let (before, after, rules) = (decision.before, decision.after, decision.reckoning);
    run!(
        tx,
        INSERT,
        mine,
        decision.case_id.0,
        decision.decision_id.0,
        decision.person_id.0,
        decision.what.as_str(),
        before.map(|set| set.kind.as_str()),
        before.map(|set| Day(set.days.first)),
        before.map(|set| Day(set.days.last)),
        after.map(|set| set.kind.as_str()),
        after.map(|set| Day(set.days.first)),
        after.map(|set| Day(set.days.last)),
        decision.reason.map(ProposalReason::as_str),
        rules.map(|rules| rules.kind.as_str()),
        rules.map(|rules| rules.basis.as_str()),
        rules.map(|rules| Day(rules.basis_on)),
        rules.map(|rules| i32::from(rules.n_days)),
        rules.map(|rules| Day(rules.last)),
        rules.map(|rules| rules.rule_version),
        note.as_deref(),
        decision.account_id.0,
        At(decision.decided_at),
    )?;
    Ok(())
}

/// Lists what was decided on a case, newest first. Without a sealer notes stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<Decision>> {
    all!(tx, DecisionRow, OF_CASE, mine, case_id.0)?.into_iter().map(|row| open(sealer, row)).collect()
}
