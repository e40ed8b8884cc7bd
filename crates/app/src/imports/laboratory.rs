//! What laboratories found: one row a sample.
//!
//! A positive result of somebody unknown opens an index case. Who is the same beyond doubt (both names and the birth
//! date) gets it into their own case: a contact becomes an index case, a case that was over within 90 days is opened
//! again, later it is another infection. Whoever is only alike is a person of their own, and proposed as a duplicate:
//! nothing merges by itself. Negative results of people without a case aren't kept.

mod row;

use super::begun::BegunCases;
use super::{Fate, Importer, Setting};
use crate::case_work::Lab;
use crate::duplicates::{rules_of, the_same_persons, write_tokens};
use crate::error::{AppError, Result};
use documents::cell::Row;
use documents::columns::Columns;
use domain::diseases::Disease;
use domain::ids::{CaseId, HistoryId, PersonId, ResultId};
use domain::laboratory::TestOutcome;
use domain::persons::Personal;
use row::{LabRow, Reader};
use std::collections::{BTreeSet, HashMap, HashSet};
use storage::Tx;
use storage::cases::Case;
use storage::history::Change;
use storage::laboratory::LaboratoryResult;
use storage::persons::Person;

pub(crate) use row::FIELDS;

pub(crate) struct Laboratory {
    reader: Reader,
    rows_of_samples: HashMap<(String, String), u64>,
    parsed: Vec<LabRow>,
}

impl Laboratory {
    pub(crate) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self { reader: Reader::new(setting, columns), rows_of_samples: HashMap::new(), parsed: Vec::new() }
    }
}

/// What a batch will write for people who weren't there.
#[derive(Default)]
struct Writes {
    persons: Vec<Person>,
    cases: Vec<Case>,
    begun: BegunCases,
    changes: Vec<Change>,
    results: Vec<LaboratoryResult>,
    /// The cases of people who are new in this file, by who they are.
    new: HashMap<(Personal<String>, &'static str), CaseId>,
    /// The cases that this file opens for people who were stored.
    opened: HashMap<(PersonId, Disease), CaseId>,
}

/// People of the file who are stored, and of which diseases they have a case.
struct Stored {
    persons: HashMap<PersonId, Person>,
    with_case: HashSet<(PersonId, Disease)>,
}

impl Stored {
    async fn of(tx: &mut Tx, setting: &Setting<'_>, ids: &[PersonId]) -> Result<Self> {
        let cases = storage::cases::briefly_of_persons(tx, ids).await?;
        Ok(Self {
            persons: storage::persons::by_id(tx, &setting.sealer, ids).await?,
            with_case: cases.into_iter().map(|case| (case.person_id, case.disease)).collect(),
        })
    }
}

impl Importer for Laboratory {
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String> {
        let parsed = self.reader.read(row)?;
        if let Some(first) = self.rows_of_samples.get(&parsed.key()) {
            return Err(format!("sample {} stands in row {first} already", parsed.sample));
        }
        self.rows_of_samples.insert(parsed.key(), row.number);
        self.parsed.push(parsed);
        Ok(())
    }

    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>> {
        let rows = std::mem::take(&mut self.parsed);
        let keys: Vec<(String, String)> = rows.iter().map(LabRow::key).collect();
        let known = storage::laboratory::of_samples(tx, &keys).await?;
        let drafts: Vec<_> = rows.iter().map(LabRow::draft).collect();
        let rules = rules_of(&setting.worker.authority);
        let owners = the_same_persons(tx, &setting.sealer, rules, &drafts).await?;
        let ids: BTreeSet<PersonId> = owners.iter().flatten().copied().collect();
        let stored = Stored::of(tx, setting, &ids.into_iter().collect::<Vec<_>>()).await?;
        let mut writes = Writes::default();
        let mut fates = Vec::with_capacity(rows.len());
        for (row, owner) in rows.iter().zip(owners) {
            let fate = match (known.get(&row.key()), owner) {
                (Some(known), _) if known.outcome == row.outcome => Fate::AlreadyThere,
                (Some(_), _) => Fate::Refused(format!("sample {} exists with another result", row.sample)),
                (None, Some(person_id)) => match stored.persons.get(&person_id) {
                    Some(person) if !stored.with_case.contains(&(person_id, disease_of(setting, row))) => {
                        add_to_caseless(setting, row, person, &mut writes)
                    }
                    _ => add_to_case(tx, setting, row, person_id, &mut writes).await?,
                },
                (None, None) => add_new(setting, row, &mut writes)?,
            };
            fates.push(fate);
        }
        let n_persons = writes.persons.len();
        let ids: Vec<PersonId> = writes.persons.iter().map(|person| person.person_id).collect();
        storage::persons::insert(tx, &setting.sealer, &writes.persons, setting.now).await?;
        storage::persons::note_changes(tx, &ids).await?;
        write_tokens(tx, &setting.sealer, rules, (&writes.persons, &[]), n_persons).await?;
        storage::cases::insert(tx, &setting.sealer, &writes.cases, setting.now).await?;
        writes.begun.store(tx).await?;
        storage::history::insert(tx, &setting.sealer, &writes.changes).await?;
        storage::laboratory::insert(tx, &writes.results, setting.now).await?;
        Ok(fates)
    }
}

fn disease_of(setting: &Setting<'_>, row: &LabRow) -> Disease {
    row.disease.unwrap_or(setting.disease)
}

/// A result of somebody with a case of the disease: into that case, whatever it makes of it.
async fn add_to_case(
    tx: &mut Tx,
    setting: &Setting<'_>,
    row: &LabRow,
    person_id: PersonId,
    writes: &mut Writes,
) -> Result<Fate> {
    let disease = disease_of(setting, row);
    let lab = Lab {
        person_id,
        disease,
        is_positive: row.outcome == TestOutcome::Positive,
        tested_on: row.specimen_on.unwrap_or(row.reported_on),
        reported_at: row.reported_at,
    };
    let new_case_id = CaseId::mint(setting.now, setting.app.random());
    match setting.app.take_result(tx, setting.worker, &lab, new_case_id).await? {
        Some(case_id) => {
            writes.results.push(result(setting, row, person_id, case_id, disease));
            Ok(Fate::Stored)
        }
        None => Ok(not_kept()),
    }
}

/// A result of somebody who is stored, and has no case of the disease yet.
fn add_to_caseless(setting: &Setting<'_>, row: &LabRow, person: &Person, writes: &mut Writes) -> Fate {
    let (person_id, disease) = (person.person_id, disease_of(setting, row));
    if let Some(case_id) = writes.opened.get(&(person_id, disease)).copied() {
        writes.results.push(result(setting, row, person_id, case_id, disease));
        return Fate::Stored;
    }
    if row.outcome != TestOutcome::Positive {
        return not_kept();
    }
    let case_id = CaseId::mint(setting.now, setting.app.random());
    let days = (row.specimen_on.unwrap_or(row.reported_on), row.reported_on);
    let case = crate::case_work::tested_case(person, case_id, disease, days);
    writes.opened.insert((person_id, disease), case_id);
    writes.open(setting, row, person, case);
    Fate::Stored
}

impl Writes {
    /// Adds a case with what belongs to it.
    fn open(&mut self, setting: &Setting<'_>, row: &LabRow, person: &Person, case: Case) {
        self.begun.add(&case, person, setting);
        self.changes.push(Change {
            history_id: HistoryId::mint(setting.now, setting.app.random()),
            person_id: person.person_id,
            case_id: Some(case.case_id),
            changed_at: setting.now,
            account_id: setting.worker.account_id,
            field: "created".to_owned(),
            before: None,
            after: None,
            why: "laboratory".to_owned(),
        });
        self.results.push(result(setting, row, person.person_id, case.case_id, case.disease));
        self.cases.push(case);
    }
}

fn not_kept() -> Fate {
    Fate::Refused("not positive, and nobody here has a case that it belongs to: it is not kept".to_owned())
}

/// A result of somebody who isn't stored: a new person with an index case.
fn add_new(setting: &Setting<'_>, row: &LabRow, writes: &mut Writes) -> Result<Fate> {
    let disease = disease_of(setting, row);
    let identity = row.identity().map(|identity| (identity, disease.as_str()));
    if let Some(case_id) = identity.as_ref().and_then(|identity| writes.new.get(identity)).copied() {
        let person_id = writes.cases.iter().find(|case| case.case_id == case_id).map(|case| case.person_id);
        let person_id = person_id.ok_or(AppError::NotFound("case"))?;
        writes.results.push(result(setting, row, person_id, case_id, disease));
        return Ok(Fate::Stored);
    }
    if row.outcome != TestOutcome::Positive {
        return Ok(not_kept());
    }
    let person_id = PersonId::mint(setting.now, setting.app.random());
    let case_id = CaseId::mint(setting.now, setting.app.random());
    let made = crate::case_work::index_case(person_id, case_id, disease, &row.details, setting.now, setting.worker);
    let (person, case) = match made {
        Ok(made) => made,
        Err(AppError::InvalidFields(fields)) => {
            let said: Vec<String> = fields.into_iter().map(|(field, reason)| format!("{field}: {reason}")).collect();
            return Ok(Fate::Refused(said.join("; ")));
        }
        Err(error) => return Err(error),
    };
    writes.open(setting, row, &person, case);
    writes.persons.push(person);
    writes.new.extend(identity.map(|identity| (identity, case_id)));
    Ok(Fate::Stored)
}

fn result(
    setting: &Setting<'_>,
    row: &LabRow,
    person_id: PersonId,
    case_id: CaseId,
    disease: Disease,
) -> LaboratoryResult {
    LaboratoryResult {
        result_id: ResultId::mint(setting.now, setting.app.random()),
        laboratory: row.laboratory.clone(),
        sample: row.sample.clone(),
        person_id,
        case_id,
        disease,
        outcome: row.outcome,
        method: row.method.clone(),
        specimen_on: row.specimen_on,
        reported_at: row.reported_at,
    }
}
