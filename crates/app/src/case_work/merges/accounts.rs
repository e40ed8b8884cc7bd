//! Accounts of two persons who are one: which of them acts from then on.
//!
//! A worker chooses. The other account is kept beside it: it acts for nobody any more, or for others alone, and parting the
//! two gives it back what it had.

use super::Pair;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::{EnrolmentId, PatientId, PersonId};
use domain::persons::Personal;
use jiff::Timestamp;
use std::collections::BTreeSet;
use storage::Tx;
use storage::enrolments::Enrolment;
use storage::history::Change;
use storage::sealing::Sealer;

/// An account that acts for one of two persons, or for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingAccount {
    /// Its id.
    pub patient_id: PatientId,
    /// User name.
    pub user_name: Personal<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Whether it acts for the one who stays.
    pub acts_for_kept: bool,
    /// Whether it acts for the other one.
    pub acts_for_other: bool,
    /// Whether it acts for somebody else too, and goes on doing so.
    pub acts_for_others: bool,
}

/// Lists the accounts that act for two persons: those of the one who stays first, the newest before older ones.
pub(super) async fn of_both(
    tx: &mut Tx,
    sealer: &Sealer,
    kept: PersonId,
    other: PersonId,
) -> Result<Vec<ActingAccount>> {
    let (of_kept, of_other) =
        (storage::enrolments::of_person(tx, kept).await?, storage::enrolments::of_person(tx, other).await?);
    let acts = |all: &[Enrolment], patient_id| all.iter().any(|one| one.patient_id == patient_id);
    let mut seen = BTreeSet::new();
    let mut accounts = Vec::new();
    for enrolment in of_kept.iter().chain(&of_other) {
        let patient_id = enrolment.patient_id;
        if !seen.insert(patient_id) {
            continue;
        }
        let Some(account) = storage::patients::by_id(tx, sealer, patient_id).await? else { continue };
        let all = storage::enrolments::of_patient(tx, patient_id).await?;
        accounts.push(ActingAccount {
            patient_id,
            user_name: account.user_name,
            created_at: account.created_at,
            acts_for_kept: acts(&of_kept, patient_id),
            acts_for_other: acts(&of_other, patient_id),
            acts_for_others: all.iter().any(|one| ![kept, other].contains(&one.person_id)),
        });
    }
    Ok(accounts)
}

/// Lists the accounts between which somebody must choose: none where one of the two has no account, or both have the same.
pub(super) fn to_choose(pair: &Pair) -> &[ActingAccount] {
    let both = pair.accounts.iter().any(|one| one.acts_for_kept) && pair.accounts.iter().any(|one| one.acts_for_other);
    if both && pair.accounts.len() > 1 { &pair.accounts } else { &[] }
}

/// Returns the account that is to act: the one that was chosen, else the newest of the person who stays.
///
/// # Errors
///
/// [`AppError::Invalid`] if there is no such account to choose.
pub(super) fn chosen(pair: &Pair, wanted: Option<PatientId>) -> Result<Option<PatientId>> {
    let all = to_choose(pair);
    match wanted {
        None => Ok(all.first().map(|account| account.patient_id)),
        Some(wanted) if all.iter().any(|account| account.patient_id == wanted) => Ok(Some(wanted)),
        Some(_) => Err(AppError::Invalid { field: "account", reason: "there is no such account to choose".to_owned() }),
    }
}

impl App {
    /// Lets one account act for a person whose rows are all theirs by now. Returns what that changes.
    pub(super) async fn let_one_account_act(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        (pair, acts): (&Pair, PatientId),
        person_id: PersonId,
    ) -> Result<Vec<Change>> {
        let enrolled = storage::enrolments::of_person(tx, person_id).await?;
        let mut covered: BTreeSet<_> =
            enrolled.iter().filter(|one| one.patient_id == acts).map(|one| one.case_id).collect();
        let mut changes = Vec::new();
        for account in to_choose(pair).iter().filter(|account| account.patient_id != acts) {
            let gone = account.patient_id;
            for lost in enrolled.iter().filter(|one| one.patient_id == gone) {
                // Whoever accepted it is the same person.
                if covered.insert(lost.case_id) {
                    let enrolment_id = EnrolmentId::mint(self.now(), self.random());
                    let new = Enrolment { enrolment_id, patient_id: acts, ..lost.clone() };
                    storage::enrolments::insert(tx, &new).await?;
                }
            }
            storage::enrolments::supersede(tx, person_id, gone, acts).await?;
            if storage::enrolments::of_patient(tx, gone).await?.is_empty() {
                storage::patients::end_sessions(tx, gone, None).await?;
            }
            let superseded = (None, Some("superseded".to_owned()));
            changes.push(self.line(worker, (person_id, None), "acting_account", superseded));
        }
        Ok(changes)
    }
}
