//! What a merge would do, before anybody does it.

use super::super::NewCase;
use super::super::create::{WhosePerson, beginning, empty_case};
use super::super::details::{Changes, Subject};
use super::accounts::ActingAccount;
use super::{Pair, accounts, fields, told};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, HistoryId, PersonId};
use domain::merges::{Takes, merged_classification, merged_status, merged_type, wider_quarantine};
use domain::persons::Personal;
use domain::time::{DayRange, Window};
use std::collections::{BTreeMap, HashMap};
use storage::cases::{Case, CaseWork};
use storage::persons::Person;
use storage::{Freshness, Tx};

/// A field of which at least one record has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldComparison {
    /// Which. Half days of a diary that both have are `diary/2026-03-01/morning`.
    pub field: String,
    /// Value of the record that stays.
    pub kept: Option<Personal<String>>,
    /// Value of the other one.
    pub other: Option<Personal<String>>,
    /// Whose value holds if nobody chooses.
    pub takes: Takes,
}

/// Two cases that would become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseComparison {
    /// Of which disease.
    pub disease: Disease,
    /// The case that goes on: the earliest.
    pub kept: CaseId,
    /// Whose it is.
    pub kept_of: PersonId,
    /// The case that becomes part of it.
    pub folded: CaseId,
    /// Its fields.
    pub fields: Vec<FieldComparison>,
    /// Its type, afterwards.
    pub case_type: CaseType,
    /// How sure it is, afterwards.
    pub classification: CaseClassification,
    /// Where it stands, afterwards.
    pub status: CaseStatus,
    /// Quarantine of the case that goes on.
    pub quarantine: Option<DayRange>,
    /// A longer one that follows from both. It is proposed, and nobody but a person orders it.
    pub proposed_quarantine: Option<DayRange>,
}

/// The last change of each record that somebody has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Of the record that stays.
    pub kept: Option<HistoryId>,
    /// Of the other one.
    pub other: Option<HistoryId>,
}

/// What a merge would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergePreview {
    /// Who stays.
    pub person_id: PersonId,
    /// Who would be merged into them.
    pub other_id: PersonId,
    /// The person's fields.
    pub fields: Vec<FieldComparison>,
    /// Cases that would become one.
    pub cases: Vec<CaseComparison>,
    /// The accounts of which one is to act from then on; empty where there is nothing to choose.
    pub accounts: Vec<ActingAccount>,
    /// Rows that would move, by table.
    pub moves: BTreeMap<String, u64>,
    /// Meetings of the two with each other, which would count no more.
    pub n_between: u64,
    /// What was seen; a merge asks for it.
    pub seen: Seen,
}

impl App {
    /// Shows what a merge of two persons would do.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if one of them isn't here, [`AppError::Invalid`] if both are one,
    /// [`AppError::Conflict`] if one was merged into somebody meanwhile.
    pub async fn preview_merge(&self, worker: &Worker, person_id: PersonId, other: PersonId) -> Result<MergePreview> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        require_two(&mut tx, person_id, other).await?;
        let pair = Pair::read(&mut tx, &sealer, person_id, other).await?;
        let places = storage::facilities::names(&mut tx).await?;
        let preview = MergePreview {
            person_id,
            other_id: other,
            fields: persons_fields(&pair),
            cases: pair.folds().iter().filter_map(|fold| compare_cases(&pair, fold, &places)).collect(),
            accounts: accounts::to_choose(&pair).to_vec(),
            moves: storage::merges::moving(&mut tx, other).await?,
            n_between: between(&mut tx, person_id, other).await?,
            seen: pair.seen,
        };
        drop(tx);
        self.record_alone(worker, shown("persons.preview_merge", [person_id, other])).await?;
        Ok(preview)
    }
}

/// Refuses a person and themselves, and whoever is part of somebody else by now.
pub(super) async fn require_two(tx: &mut Tx, person_id: PersonId, other: PersonId) -> Result<()> {
    if person_id == other {
        return Err(AppError::Invalid { field: "other_id", reason: "this is the same person".to_owned() });
    }
    for one in [person_id, other] {
        if storage::merges::person_now(tx, one).await? != one {
            return Err(AppError::Conflict("one of the two was merged meanwhile; look at both again".to_owned()));
        }
        if storage::merges::is_anonymised(tx, one).await? {
            return Err(AppError::Conflict("one of the two is anonymised, and nobody may name them again".to_owned()));
        }
    }
    Ok(())
}

/// A person without a case of theirs, for fields that ask for one.
pub(super) struct Alone {
    pub(super) person: Person,
    case: Case,
    work: CaseWork,
}

impl Alone {
    pub(super) fn of(person: &Person) -> Self {
        let new = NewCase {
            case_id: CaseId(person.person_id.0),
            person: WhosePerson::Known(person.person_id),
            disease: None,
            case_type: CaseType::Contact,
            details: Changes::new(),
        };
        let case = empty_case(&new, person.person_id, Disease::Covid19);
        let work = beginning(&new, &case, jiff::Timestamp::UNIX_EPOCH);
        Self { person: person.clone(), case, work }
    }

    pub(super) fn subject(&mut self) -> Subject<'_> {
        Subject { person: &mut self.person, case: &mut self.case, work: &mut self.work, facility_id: None }
    }
}

fn persons_fields(pair: &Pair) -> Vec<FieldComparison> {
    let (mut kept, mut other) = (Alone::of(&pair.kept), Alone::of(&pair.other));
    fields::compare(fields::OF_PERSON, &kept.subject(), &other.subject())
}

fn compare_cases(
    pair: &Pair,
    fold: &storage::merges::Fold,
    places: &HashMap<FacilityId, String>,
) -> Option<CaseComparison> {
    let ((mut case, mut work), (mut folded, mut folded_work)) =
        (pair.case(fold.kept)?.clone(), pair.case(fold.folded)?.clone());
    let (mut person, mut same) = (pair.kept.clone(), pair.kept.clone());
    let (quarantine, told) = (work.quarantine, told::compare(pair, fold));
    let proposed = quarantine.zip(folded_work.quarantine).and_then(|(own, other)| wider_quarantine(own, other));
    let becomes = (
        merged_type(work.case_type, folded_work.case_type),
        merged_classification(case.classification, folded.classification),
        merged_status(work.status, folded_work.status),
    );
    let kept_of = case.person_id;
    let one = Subject { person: &mut person, case: &mut case, work: &mut work, facility_id: None };
    let other = Subject { person: &mut same, case: &mut folded, work: &mut folded_work, facility_id: None };
    let mut compared = fields::compare(fields::OF_CASE, &one, &other);
    compared.extend(told);
    for field in compared.iter_mut().filter(|field| field.field == "place") {
        let name = |value: &Option<Personal<String>>| {
            let id = value.as_ref()?.expose().parse().ok().map(FacilityId)?;
            places.get(&id).cloned().map(Personal::new)
        };
        (field.kept, field.other) = (name(&field.kept), name(&field.other));
    }
    Some(CaseComparison {
        disease: one.case.disease,
        kept: fold.kept,
        kept_of,
        folded: fold.folded,
        fields: compared,
        case_type: becomes.0,
        classification: becomes.1,
        status: becomes.2,
        quarantine: quarantine.or(folded_quarantine(pair, fold)),
        proposed_quarantine: proposed,
    })
}

fn folded_quarantine(pair: &Pair, fold: &storage::merges::Fold) -> Option<DayRange> {
    pair.case(fold.folded)?.1.quarantine
}

/// Counts meetings of two with each other.
async fn between(tx: &mut Tx, one: PersonId, other: PersonId) -> Result<u64> {
    let contacts = storage::contacts::of_persons(tx, &[other]).await?;
    let n_contacts = contacts.iter().filter(|contact| [contact.declared_by, contact.met].contains(&one)).count();
    let infected = storage::infections::of_infectors(tx, &[other]).await?;
    let infectors = storage::infections::of_infected(tx, &[other]).await?;
    let n_links = infected.iter().filter(|link| link.infected == one).count()
        + infectors.iter().filter(|link| link.infector == one).count();
    let met = storage::encounters::of_persons(tx, &[(other, Window::ALWAYS)]).await?;
    let n_met = met.iter().filter(|encounter| encounter.other == one).count();
    Ok((n_contacts + n_links + n_met) as u64)
}
