//! Line lists: one row a case.
//!
//! The reference decides. The same values again are already there; other values for the same reference
//! are refused, naming the field, unless `--update` says to take them. What a file leaves open says
//! nothing and changes nothing. The second row with a reference is refused, naming the first.

mod fields;

use super::begun::BegunCases;
use super::visits::find_or_make_facilities;
use super::{Fate, Importer, Setting};
use crate::duplicates::{rules_of, write_tokens};
use crate::error::Result;
use documents::cell::Row;
use documents::columns::Columns;
use domain::ids::{CaseId, HistoryId, PersonId};
use domain::persons::Personal;
use fields::{CaseFields, Reader};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use storage::cases::{self, Case};
use storage::history::{self, Change};
use storage::persons::{self, Person};
use storage::{Tx, persons as stored_persons};

pub(crate) use fields::FIELDS;

pub(crate) struct Cases {
    reader: Reader,
    rows_of_references: HashMap<String, u64>,
    parsed: Vec<CaseFields>,
}

impl Cases {
    pub(crate) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self { reader: Reader::new(setting, columns), rows_of_references: HashMap::new(), parsed: Vec::new() }
    }
}

/// What a batch will write.
#[derive(Default)]
struct Writes {
    references: Vec<(domain::references::Reference, PersonId)>,
    persons: Vec<Person>,
    cases: Vec<Case>,
    begun: BegunCases,
    changes: Vec<Change>,
    /// Persons that were there, with what the file says now.
    replaced: Vec<Person>,
    changed_persons: BTreeSet<PersonId>,
}

impl Importer for Cases {
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String> {
        let fields = self.reader.read(row)?;
        if let Some(first) = self.rows_of_references.get(fields.reference.as_str()) {
            return Err(format!("{} stands in row {first} already", fields.reference));
        }
        self.rows_of_references.insert(fields.reference.to_string(), row.number);
        self.parsed.push(fields);
        Ok(())
    }

    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>> {
        let rows = std::mem::take(&mut self.parsed);
        let texts: Vec<&str> = rows.iter().map(|row| row.reference.as_str()).collect();
        let known = stored_persons::by_reference(tx, &texts).await?;
        let ids: Vec<PersonId> = known.values().copied().collect();
        let mut people = persons::by_id(tx, &setting.sealer, &ids).await?;
        let names: BTreeSet<&str> = rows.iter().filter_map(|row| row.place.as_deref()).collect();
        let facilities = find_or_make_facilities(tx, setting, &names).await?;
        let mut stored_cases = stored_cases(tx, setting, &rows, &ids).await?;

        let mut writes = Writes::default();
        let mut fates = Vec::with_capacity(rows.len());
        for row in &rows {
            let person_id = known.get(row.reference.as_str()).copied();
            let old_person = person_id.and_then(|id| people.remove(&id));
            let disease = row.disease.unwrap_or(setting.disease);
            let old_case = person_id.and_then(|id| stored_cases.remove(&(id, disease.as_str())));
            let row = Merging { row, setting, facilities: &facilities };
            fates.push(row.merge(tx, old_person, old_case, &mut writes).await?);
        }
        persons::insert_references(tx, &writes.references).await?;
        persons::insert(tx, &setting.sealer, &writes.persons, setting.now).await?;
        cases::insert(tx, &setting.sealer, &writes.cases, setting.now).await?;
        writes.begun.store(tx).await?;
        history::insert(tx, &setting.sealer, &writes.changes).await?;
        let changed: Vec<PersonId> = writes.changed_persons.into_iter().collect();
        persons::note_changes(tx, &changed).await?;
        let rules = rules_of(&setting.worker.authority);
        write_tokens(tx, &setting.sealer, rules, (&writes.persons, &writes.replaced), changed.len()).await?;
        Ok(fates)
    }
}

async fn stored_cases(
    tx: &mut Tx,
    setting: &Setting<'_>,
    rows: &[CaseFields],
    persons: &[PersonId],
) -> Result<HashMap<(PersonId, &'static str), Case>> {
    let diseases: BTreeSet<_> = rows.iter().map(|row| row.disease.unwrap_or(setting.disease)).collect();
    let mut found = HashMap::new();
    for disease in diseases {
        for case in cases::of_persons(tx, &setting.sealer, disease, persons).await? {
            found.insert((case.person_id, disease.as_str()), case);
        }
    }
    Ok(found)
}

/// A value of a field that differs: its name, before, after.
type Difference = (&'static str, Option<String>, Option<String>);

struct Merging<'a> {
    row: &'a CaseFields,
    setting: &'a Setting<'a>,
    facilities: &'a HashMap<String, domain::ids::FacilityId>,
}

impl Merging<'_> {
    async fn merge(
        &self,
        tx: &mut Tx,
        old_person: Option<Person>,
        old_case: Option<Case>,
        writes: &mut Writes,
    ) -> Result<Fate> {
        let is_new_person = old_person.is_none();
        let mut person = old_person.unwrap_or_else(|| Person {
            person_id: PersonId::mint(self.setting.app.now(), self.setting.app.random()),
            sex: None,
            postcode: None,
            language: None,
            says_no_email: false,
            personal: BTreeMap::new(),
        });
        let is_new_case = old_case.is_none();
        let mut case =
            old_case.unwrap_or_else(|| self.row.empty_case(self.new_case_id(), person.person_id, self.setting));

        let of_person = self.row.put_into_person(&mut person);
        let facility_id = self.row.place.as_ref().and_then(|name| self.facilities.get(name)).copied();
        let of_case = self.row.put_into_case(&mut case, facility_id, is_new_case);
        let clash = of_person
            .iter()
            .filter(|(_, before, _)| before.is_some() || !is_new_case)
            .chain(of_case.iter().filter(|_| !is_new_case))
            .next();
        if let Some((field, _, _)) = clash
            && !self.setting.options.update
            && !is_new_person
        {
            return Ok(Fate::Refused(format!("{} exists with another {field}", self.row.reference)));
        }
        if !is_new_case && of_person.is_empty() && of_case.is_empty() {
            return Ok(Fate::AlreadyThere);
        }
        if is_new_case {
            writes.begun.add(&case, &person, self.setting);
        }
        self.note(&person, &case, (is_new_person, is_new_case), (&of_person, &of_case), writes);
        if is_new_person {
            writes.references.push((self.row.reference.clone(), person.person_id));
            writes.persons.push(person);
        } else if !of_person.is_empty() {
            persons::replace(tx, &self.setting.sealer, &person).await?;
            writes.replaced.push(person);
        }
        if is_new_case {
            writes.cases.push(case);
            return Ok(Fate::Stored);
        }
        cases::replace(tx, &self.setting.sealer, &case).await?;
        Ok(Fate::Updated)
    }

    fn new_case_id(&self) -> CaseId {
        CaseId::mint(self.setting.app.now(), self.setting.app.random())
    }

    fn note(
        &self,
        person: &Person,
        case: &Case,
        (is_new_person, is_new_case): (bool, bool),
        (of_person, of_case): (&[Difference], &[Difference]),
        writes: &mut Writes,
    ) {
        let change = |case_id, field: &str, before: Option<&String>, after: Option<&String>| Change {
            history_id: HistoryId::mint(self.setting.app.now(), self.setting.app.random()),
            person_id: person.person_id,
            case_id,
            changed_at: self.setting.now,
            account_id: self.setting.worker.account_id,
            field: field.to_owned(),
            before: before.cloned().map(Personal::new),
            after: after.cloned().map(Personal::new),
            why: "import".to_owned(),
        };
        if is_new_case {
            writes.changes.push(change(Some(case.case_id), "created", None, None));
        } else {
            let changes = of_case.iter().map(|(field, b, a)| change(Some(case.case_id), field, b.as_ref(), a.as_ref()));
            writes.changes.extend(changes);
        }
        if is_new_person || !of_person.is_empty() {
            writes.changed_persons.insert(person.person_id);
        }
        if !is_new_person {
            let changes = of_person.iter().map(|(field, b, a)| change(None, field, b.as_ref(), a.as_ref()));
            writes.changes.extend(changes);
        }
    }
}
