//! Anonymising: of a case and a person what names somebody ends, what is counted stays.
//!
//! Kept are type, classification, dates of the case and of its status, postcode, age band, sex, setting and outcome. What
//! becomes of each table's rows stands in the catalogue; here are the rows that need more than that.

use crate::catalogue::{AtAnonymising, TENANT_TABLES, TenantTable};
use crate::dialect::{At, Day, Statement};
use crate::error::Result;
use crate::store::{Inner, Tx};
use domain::ids::{CaseId, PersonId};
use domain::time::local_day;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

const CASE: Statement = Statement::both(
    "-- anonymising::case
UPDATE outbreak_case
   SET status = 'anonymised', status_since = $3, status_before = NULL,
       conclusion = coalesce(conclusion, CASE WHEN handed_over_to IS NULL THEN 'lost_to_follow_up' ELSE 'moved' END),
       concluded_on = coalesce(concluded_on, $4),
       file_number = NULL, age = NULL, note = NULL, facility_id = NULL,
       assigned_to = NULL, priority = 0, waiting_since = NULL
 WHERE authority_id = $1 AND case_id = $2 AND status <> 'anonymised'",
);

const PERSON: Statement = Statement::both(
    "-- anonymising::person
UPDATE person
   SET first_name = NULL, last_name = NULL, born = NULL, phone = NULL, mobile = NULL, email = NULL, street = NULL,
       house_number = NULL, city = NULL, language = NULL, says_no_email = 0, anonymised_on = $3
 WHERE authority_id = $1 AND person_id = $2 AND anonymised_on IS NULL",
);

const HISTORY_OF_CASE: Statement = Statement::both(
    "-- anonymising::history_of_case
DELETE FROM history WHERE authority_id = $1 AND case_id = $2
   AND field NOT IN ('created', 'status', 'case_type', 'conclusion', 'classification')",
);

const WORDS_OF_HISTORY: Statement = Statement::both(
    "-- anonymising::words_of_history
UPDATE history SET before_sealed = NULL, after_sealed = NULL, why = '', why_sealed = NULL
 WHERE authority_id = $1 AND case_id = $2",
);

const HISTORY_OF_PERSON: Statement = Statement::both(
    "-- anonymising::history_of_person
DELETE FROM history WHERE authority_id = $1 AND person_id = $2 AND case_id IS NULL",
);

/// Anonymises a case. The ledger must know it already. Returns whether it was not anonymous before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn anonymise_case(tx: &mut Tx, case_id: CaseId, now: Timestamp) -> Result<bool> {
    // The case's row comes first: whoever works on the case waits for it, and then finds it closed.
    let today = local_day(now, &TimeZone::UTC);
    let n_cases = run!(tx, CASE, mine, case_id.0, At(now), Day(today))?;
    crate::merges::forget_of_case(tx, case_id).await?;
    run!(tx, HISTORY_OF_CASE, mine, case_id.0)?;
    run!(tx, WORDS_OF_HISTORY, mine, case_id.0)?;
    crate::stays::end_visits_of_case(tx, case_id).await?;
    for table in TENANT_TABLES.iter().filter(|table| table.goes_with_case) {
        end_rows(tx, table, "case_id", case_id.0).await?;
    }
    crate::messages::delete_of_case(tx, case_id).await?;
    crate::outbox::delete_of_case(tx, case_id).await?;
    Ok(n_cases > 0)
}

/// Anonymises a person, with whoever was merged into them. The ledger must know it already. Facts stay until their own periods end, and so do anonymised
/// cases. Returns whether they were not anonymous before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn anonymise_person(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<bool> {
    let today = local_day(now, &TimeZone::UTC);
    let n_persons = run!(tx, PERSON, mine, person.0, Day(today))?;
    // The index of names reads anew, as after a deletion.
    crate::persons::count_removed(tx).await?;
    run!(tx, HISTORY_OF_PERSON, mine, person.0)?;
    for id in crate::merges::with_gone(tx, person).await? {
        crate::patients::pass_on(tx, id).await?;
        for table in TENANT_TABLES {
            for column in table.person_columns {
                end_rows(tx, table, column, id).await?;
            }
        }
    }
    Ok(n_persons > 0)
}

/// Does to the rows of a table what its catalogue says.
async fn end_rows(tx: &mut Tx, table: &TenantTable, column: &str, id: Uuid) -> Result<()> {
    let name = table.name;
    let which = format!("WHERE authority_id = $1 AND {column} = $2");
    let sql = match table.at_anonymising {
        AtAnonymising::Kept => return Ok(()),
        AtAnonymising::Deleted => format!("-- anonymising::delete\nDELETE FROM {name} {which}"),
        AtAnonymising::Stripped(columns) => {
            let empty: Vec<String> = columns.iter().map(|column| format!("{column} = NULL")).collect();
            format!("-- anonymising::strip\nUPDATE {name} SET {} {which}", empty.join(", "))
        }
    };
    let authority_id = tx.authority().0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(id).execute(&mut **conn).await?;
        }
        Inner::Postgres(conn) => {
            sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(id).execute(&mut **conn).await?;
        }
    }
    Ok(())
}
