//! A case on its way: read with the key of one authority, stored with that of the other, under the same ids.
//!
//! Rows are read whole, by the schema, so that a new column is in it from its first day. In between their sealed cells are
//! open, in memory only.

use super::copied::tables;
use crate::declared_contacts::{self, DeclaredContact};
use crate::error::{Result, StorageError};
use crate::images::{self, Image};
use crate::patients::{self, PatientAccount};
use crate::schema::{Column, columns};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use crate::{cases, enrolments, merges};
use domain::cases::CaseStatus;
use domain::contacts::Said;
use domain::ids::{AuthorityId, CaseId, PersonId};
use domain::persons::Personal;
use serde_json::Value;
use uuid::Uuid;

/// A row whose sealed cells are open.
struct OpenRow {
    /// All columns; the sealed ones as they were.
    image: Image,
    /// What stands in those, with the id to which each is bound.
    cells: Vec<(&'static str, Uuid, Personal<String>)>,
}

/// Everything that goes with a case.
pub struct Package {
    /// From which authority.
    pub from: AuthorityId,
    /// The case.
    pub case_id: CaseId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Where it stood before it was handed over.
    pub status: CaseStatus,
    /// What the case declared of others.
    pub declared: Vec<DeclaredContact>,
    /// The account of the person, if the case was enrolled with it.
    pub account: Option<PatientAccount>,
    person: OpenRow,
    rows: Vec<(&'static str, Vec<OpenRow>)>,
    origins: Vec<DeclaredContact>,
}

/// What became of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// It is here.
    Stored,
    /// It had been here before it went away, and came back.
    CameBack,
    /// It had been taken in before: nothing was done.
    Known,
    /// Person or case were here before, and were erased or made anonymous since: nothing of them may come back.
    Ended,
}

/// Reads what goes with a case.
///
/// # Errors
///
/// [`StorageError`] if the case isn't there or a cell doesn't open.
pub async fn read(tx: &mut Tx, sealer: &Sealer, case_id: CaseId) -> Result<Package> {
    images::fix_form(tx).await?;
    let gone = || StorageError::Unreadable("case of a hand-over");
    let work = cases::work_of(tx, &[case_id]).await?.pop().ok_or_else(gone)?;
    let person_id = work.person_id;
    let person = images::with_id(tx, "person", "person_id", person_id.0).await?;
    let person = open_rows(sealer, "person", person)?.pop().ok_or_else(gone)?;
    let mut rows = Vec::new();
    for (table, _) in tables() {
        let found = images::with_id(tx, table, "case_id", case_id.0).await?;
        rows.push((table, open_rows(sealer, table, found)?));
    }
    let declared = declared_contacts::of_case(tx, Some(sealer), case_id).await?;
    let origins = declared_contacts::origins(tx, None, case_id).await?;
    let account = match enrolments::account_of_case(tx, case_id).await? {
        Some(patient_id) => patients::by_id(tx, sealer, patient_id).await?,
        None => None,
    };
    let account = account.filter(|account| account.person_id == person_id);
    let status = work.status_before.unwrap_or(work.status);
    Ok(Package { from: tx.authority(), case_id, person_id, status, declared, account, person, rows, origins })
}

/// Stores what goes with a case. Twice is as good as once.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written; then nothing is stored.
pub async fn take_in(tx: &mut Tx, sealer: &Sealer, package: &Package) -> Result<TakenIn> {
    images::fix_form(tx).await?;
    let known = cases::lock(tx, package.case_id).await?.map(|work| work.status);
    let outcome = match known {
        None => TakenIn::Stored,
        Some(CaseStatus::HandedOver) => TakenIn::CameBack,
        Some(CaseStatus::Anonymised) => return Ok(TakenIn::Ended),
        Some(_) => return Ok(TakenIn::Known),
    };
    if merges::is_anonymised(tx, package.person_id).await? {
        return Ok(TakenIn::Ended);
    }
    store_person(tx, sealer, package).await?;
    for (table, key) in tables() {
        if outcome == TakenIn::CameBack {
            let old = images::with_id(tx, table, "case_id", package.case_id.0).await?;
            let old: Vec<Image> = old.iter().map(|row| images::key_of(row, key)).collect();
            images::delete(tx, table, key, &old).await?;
        }
        let found = package.rows.iter().find(|(name, _)| *name == table);
        let rows = sealed_rows(tx, sealer, table, found.map_or(&[], |(_, rows)| rows.as_slice()))?;
        store_rows(tx, (table, key), rows).await?;
    }
    for declared in &package.declared {
        settle_other_end(tx, package.from, declared).await?;
    }
    for origin in &package.origins {
        store_origin(tx, sealer, package, origin).await?;
    }
    Ok(outcome)
}

/// Whoever has a case here stays as they are known here.
async fn store_person(tx: &mut Tx, sealer: &Sealer, package: &Package) -> Result<()> {
    let person = package.person_id;
    let cases = cases::briefly_of_persons(tx, &[person]).await?;
    if cases.iter().any(|case| case.case_id != package.case_id) {
        return Ok(());
    }
    let key: &[&str] = &["person_id"];
    let rows = sealed_rows(tx, sealer, "person", std::slice::from_ref(&package.person))?;
    let old: Vec<Image> = rows.iter().map(|row| images::key_of(row, key)).collect();
    images::delete(tx, "person", key, &old).await?;
    images::insert(tx, "person", &rows).await
}

/// What a case declared replaces what only told where it came from; of anything else what is here stays.
async fn store_rows(tx: &mut Tx, (table, key): (&str, &[&str]), mut rows: Vec<Image>) -> Result<()> {
    let keys: Vec<Image> = rows.iter().map(|row| images::key_of(row, key)).collect();
    let here = images::with_keys(tx, table, key, &keys).await?;
    let here: Vec<Image> = here.iter().map(|row| images::key_of(row, key)).collect();
    if table == "declared_contact" {
        images::delete(tx, table, key, &here).await?;
    } else {
        rows.retain(|row| !here.contains(&images::key_of(row, key)));
    }
    images::insert(tx, table, &rows).await
}

/// Says where the case of a contact is: here, if it came here too, else with whoever followed it up until now.
async fn settle_other_end(tx: &mut Tx, from: AuthorityId, declared: &DeclaredContact) -> Result<()> {
    let Some(contact_case) = declared.contact_case else { return Ok(()) };
    let is_here = !cases::work_of(tx, &[contact_case]).await?.is_empty();
    let elsewhere = if is_here { None } else { Some(declared.elsewhere.unwrap_or(from)) };
    declared_contacts::set_standing(tx, &DeclaredContact { elsewhere, ..declared.clone() }).await
}

/// Keeps from which case a contact's case comes: days and kind, nobody's name.
async fn store_origin(tx: &mut Tx, sealer: &Sealer, package: &Package, origin: &DeclaredContact) -> Result<()> {
    let here = declared_contacts::of_case(tx, Some(sealer), origin.case_id).await?;
    if let Some(known) = here.into_iter().find(|known| known.contact_id == origin.contact_id) {
        let contact_case = Some(package.case_id);
        return declared_contacts::set_standing(tx, &DeclaredContact { contact_case, elsewhere: None, ..known }).await;
    }
    let reference = DeclaredContact {
        person_id: package.person_id,
        said: Some(Personal::new(Said::default())),
        elsewhere: Some(origin.elsewhere.unwrap_or(package.from)),
        ..origin.clone()
    };
    declared_contacts::insert(tx, sealer, &reference).await
}

/// Opens the sealed cells of rows. A cell is bound to one of the ids of its row: whichever opens it is the right one.
fn open_rows(sealer: &Sealer, table: &'static str, rows: Vec<Image>) -> Result<Vec<OpenRow>> {
    let of_table: Vec<Column> = columns().into_iter().filter(|column| column.table == table).collect();
    let ids = of_table.iter().filter(|column| column.kind == "UUID");
    let ids: Vec<&str> = ids.map(|column| column.name).collect();
    let sealed: Vec<&'static str> =
        of_table.iter().filter(|column| column.kind == "SEALED").map(|column| column.name).collect();
    let open = |image: Image| {
        let bound: Vec<Uuid> = ids.iter().filter_map(|column| images::id_of(image.get(*column))).collect();
        let mut cells = Vec::new();
        for column in &sealed {
            let Some(cell) = images::cell_of(image.get(*column)) else { continue };
            let opened = bound.iter().find_map(|row| {
                let text = sealer.open(CellPlace { table, column, row: *row }, &cell).ok()?;
                Some((*column, *row, Personal::new(text)))
            });
            cells.push(opened.ok_or(StorageError::Unreadable("sealed cell"))?);
        }
        Ok(OpenRow { image, cells })
    };
    rows.into_iter().map(open).collect()
}

/// What an authority that takes a case over decides for itself.
const LEFT_BEHIND: &[(&str, &[&str])] = &[(
    "outbreak_case",
    &[
        "file_number",
        "facility_id",
        "assigned_to",
        "assigned_at",
        "waiting_since",
        "status_before",
        "handed_over_to",
        "handed_over_on",
    ],
)];

/// Seals rows for the authority of a transaction.
fn sealed_rows(tx: &Tx, sealer: &Sealer, table: &'static str, rows: &[OpenRow]) -> Result<Vec<Image>> {
    let left = LEFT_BEHIND.iter().find(|(name, _)| *name == table).map_or(&[] as &[&str], |(_, columns)| columns);
    let seal = |row: &OpenRow| {
        let mut image = row.image.clone();
        image.insert("authority_id".to_owned(), Value::from(tx.authority().0));
        for column in left {
            image.insert((*column).to_owned(), Value::Null);
        }
        for (column, bound, text) in &row.cells {
            let cell = sealer.seal(CellPlace { table, column, row: *bound }, text.expose())?;
            image.insert((*column).to_owned(), images::cell(tx, &cell.0));
        }
        Ok(image)
    };
    rows.iter().map(seal).collect()
}
