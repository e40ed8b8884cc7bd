//! What invitations hang on, of many cases in one statement.

use crate::dialect::{Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::bulk::{Account, Email, Invitee};
use domain::cases::CaseStatus;
use domain::ids::CaseId;
use domain::messages::MessageStatus;
use uuid::Uuid;

/// A code whose mail the queue has forgotten went long ago.
pub(crate) const INVITEES: Statement = Statement::each(
    "-- bulk::invitees
SELECT c.case_id, c.status, CASE WHEN p.email IS NULL THEN 0 ELSE 1 END AS has_email,
       CASE WHEN EXISTS (SELECT 1 FROM enrolment AS e JOIN patient_account AS a
                             ON a.authority_id = e.authority_id AND a.patient_id = e.patient_id
                          WHERE e.authority_id = $1 AND e.case_id = c.case_id) THEN 1 ELSE 0 END AS has_account,
       (SELECT coalesce((SELECT m.status FROM message AS m
                          WHERE m.authority_id = $1 AND m.message_id = k.message_id), 'sent')
          FROM activation_code AS k WHERE k.authority_id = $1 AND k.case_id = c.case_id AND k.state = 'open'
         ORDER BY k.code_id DESC LIMIT 1) AS under_way
  FROM json_each($2) AS id
 CROSS JOIN outbreak_case AS c ON c.authority_id = $1 AND c.case_id = unhex(id.value)
 CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id",
    "-- bulk::invitees
SELECT c.case_id, c.status, CASE WHEN p.email IS NULL THEN 0 ELSE 1 END AS has_email,
       CASE WHEN EXISTS (SELECT 1 FROM enrolment AS e JOIN patient_account AS a
                             ON a.authority_id = e.authority_id AND a.patient_id = e.patient_id
                          WHERE e.authority_id = $1 AND e.case_id = c.case_id) THEN 1 ELSE 0 END AS has_account,
       (SELECT coalesce((SELECT m.status FROM message AS m
                          WHERE m.authority_id = $1 AND m.message_id = k.message_id), 'sent')
          FROM activation_code AS k WHERE k.authority_id = $1 AND k.case_id = c.case_id AND k.state = 'open'
         ORDER BY k.code_id DESC LIMIT 1) AS under_way
  FROM outbreak_case AS c JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
 WHERE c.authority_id = $1 AND c.case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))",
);

#[derive(sqlx::FromRow)]
struct InviteeRow {
    case_id: Uuid,
    status: String,
    has_email: i32,
    has_account: i32,
    under_way: Option<String>,
}

impl TryFrom<InviteeRow> for (CaseId, Invitee) {
    type Error = StorageError;
    fn try_from(row: InviteeRow) -> Result<Self> {
        let out = row.under_way.map(|word| MessageStatus::find(&word).ok_or(StorageError::Unreadable("status")));
        let invitee = Invitee {
            status: CaseStatus::find(&row.status).ok_or(StorageError::Unreadable("status of a case"))?,
            email: if row.has_email == 1 { Email::Known } else { Email::Missing },
            account: if row.has_account == 1 { Account::There } else { Account::None },
            out: out.transpose()?,
        };
        Ok((CaseId(row.case_id), invitee))
    }
}

/// Reads what the invitations of cases hang on, in no order. Those that aren't there are left out. Cost follows the number
/// of cases.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn invitees(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<(CaseId, Invitee)>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    all!(tx, InviteeRow, INVITEES, mine, json)?.into_iter().map(TryInto::try_into).collect()
}
