//! Who may be stored twice: proposed while somebody types, for a person who is stored, and for many at once.
//!
//! Whoever shares a token with the one asked for is opened and scored; the best are proposed, with what speaks for and
//! against it. Nothing merges by itself. Rules and numbers are those of [`domain::duplicates`].
//!
//! Tokens are written in the transaction that stores or changes a person. Who was stored before there were tokens is
//! caught up with in the background.

mod missing;
mod newcomers;

pub use newcomers::{Distinct, Newcomer, Newcomers};

use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::names::work;
use domain::authorities::Action;
use domain::duplicates::score::{Reason, likeness};
use domain::duplicates::{Details, Rules, Token, Traits};
use domain::ids::PersonId;
use domain::persons::{Personal, PersonalField};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use storage::authorities::Authority;
use storage::cases::CaseInBrief;
use storage::duplicates::PersonTokens;
use storage::persons::Person;
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// Persons that are proposed at once, the best: nobody compares more.
const MOST_PROPOSED: usize = 20;
/// Persons that are looked up at once; their candidates are in memory together.
const BATCH: usize = 1_000;
/// The longest text of a field, in characters.
const LONGEST_TEXT: usize = 200;
/// Telephones, or e-mail addresses, of one person, at most.
const MOST_ADDRESSES: usize = 10;

/// What somebody has typed of a person so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonDraft {
    /// Given names.
    pub first_name: Option<Personal<String>>,
    /// Family names.
    pub last_name: Option<Personal<String>>,
    /// Date of birth.
    pub born: Option<Personal<Date>>,
    /// Telephones, mobile or not.
    pub phones: Vec<Personal<String>>,
    /// E-mail addresses.
    pub emails: Vec<Personal<String>>,
    /// Postcode.
    pub postcode: Option<String>,
}

/// Somebody who may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// What is stored of them.
    pub person: Person,
    /// What imported files call them; the first reference.
    pub reference: Option<String>,
    /// Their newest case, if they have one.
    pub case: Option<CaseInBrief>,
    /// How alike they are, 0 to 1.
    pub score: f64,
    /// What speaks for it and against it.
    pub reasons: Vec<Reason>,
}

/// Whoever may be the same person, the most alike first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duplicates {
    /// At most twenty.
    pub found: Vec<Duplicate>,
    /// Whether so many share a telephone, or something else, that not all of them were compared.
    pub is_capped: bool,
}

impl PersonDraft {
    fn check(&self) -> Result<()> {
        let invalid = |field, reason: String| Err(AppError::Invalid { field, reason });
        for (field, addresses) in [("phones", &self.phones), ("emails", &self.emails)] {
            if addresses.len() > MOST_ADDRESSES {
                return invalid(field, format!("give {MOST_ADDRESSES} at most"));
            }
        }
        let names = [("first_name", &self.first_name), ("last_name", &self.last_name)];
        let names = names.into_iter().filter_map(|(field, name)| Some((field, name.as_ref()?.expose())));
        let phones = self.phones.iter().map(|text| ("phones", text.expose()));
        let emails = self.emails.iter().map(|text| ("emails", text.expose()));
        let postcode = self.postcode.iter().map(|text| ("postcode", text));
        let mut all = names.chain(phones).chain(emails).chain(postcode);
        match all.find(|(_, text)| text.chars().count() > LONGEST_TEXT) {
            Some((field, _)) => invalid(field, format!("it is longer than {LONGEST_TEXT} characters")),
            None => Ok(()),
        }
    }

    fn traits(&self, rules: Rules) -> Traits {
        let born = self.born.as_ref().map(|born| born.expose().to_string());
        let details = Details {
            first_name: self.first_name.as_ref().map(|text| text.expose().as_str()),
            last_name: self.last_name.as_ref().map(|text| text.expose().as_str()),
            born: born.as_deref(),
            phones: self.phones.iter().map(|text| text.expose().as_str()).collect(),
            emails: self.emails.iter().map(|text| text.expose().as_str()).collect(),
            postcode: self.postcode.as_deref(),
        };
        Traits::of(&details, rules)
    }
}

/// Returns by which rules an authority compares.
pub(crate) fn rules_of(authority: &Authority) -> Rules {
    Rules::of(&authority.languages, authority.time_zone.iana_name())
}

fn traits_of(person: &Person, rules: Rules) -> Traits {
    let field = |field| person.personal.get(&field).map(|text| text.expose().as_str());
    let details = Details {
        first_name: field(PersonalField::FirstName),
        last_name: field(PersonalField::LastName),
        born: field(PersonalField::Born),
        phones: [PersonalField::Phone, PersonalField::Mobile].into_iter().filter_map(field).collect(),
        emails: field(PersonalField::Email).into_iter().collect(),
        postcode: person.postcode.as_deref(),
    };
    Traits::of(&details, rules)
}

/// Returns the tokens by which a person is found from now on.
pub(crate) fn tokens_of(person: &Person, rules: Rules) -> PersonTokens {
    PersonTokens { person_id: person.person_id, tokens: traits_of(person, rules).tokens(rules) }
}

/// Writes the tokens of persons that this transaction stored or changed, after it noted their `n_changes` changes.
pub(crate) async fn write_tokens(
    tx: &mut Tx,
    sealer: &Sealer,
    rules: Rules,
    (new, changed): (&[Person], &[Person]),
    n_changes: usize,
) -> Result<()> {
    let tokens = |persons: &[Person]| persons.iter().map(|person| tokens_of(person, rules)).collect::<Vec<_>>();
    storage::duplicates::insert(tx, sealer, &tokens(new)).await?;
    if !changed.is_empty() {
        storage::duplicates::replace(tx, sealer, &tokens(changed)).await?;
    }
    Ok(storage::duplicates::follow_own(tx, rules.number(), n_changes).await?)
}

impl App {
    /// Proposes who may be the person that somebody is typing.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a key, [`AppError::Invalid`] for too long a text.
    pub async fn duplicates_of(&self, worker: &Worker, draft: &PersonDraft) -> Result<Duplicates> {
        Ok(self.duplicates_of_many(worker, std::slice::from_ref(draft)).await?.pop().unwrap_or_default())
    }

    /// Proposes who may be the same as each of many, in their order: for files that are brought in.
    ///
    /// # Errors
    ///
    /// As [`duplicates_of`](Self::duplicates_of).
    pub async fn duplicates_of_many(&self, worker: &Worker, drafts: &[PersonDraft]) -> Result<Vec<Duplicates>> {
        worker.require(Action::SeeCases)?;
        drafts.iter().try_for_each(PersonDraft::check)?;
        let (sealer, rules) = (self.sealer(worker)?, rules_of(&worker.authority));
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut all = Vec::with_capacity(drafts.len());
        for batch in drafts.chunks(BATCH) {
            let asked = batch.iter().map(|draft| Asked { traits: draft.traits(rules), itself: None }).collect();
            all.extend(propose(&mut tx, &sealer, rules, asked).await?);
        }
        drop(tx);
        let found = all.iter().flat_map(|duplicates| &duplicates.found).map(|one| one.person.person_id);
        self.record_alone(worker, shown("persons.duplicates", found)).await?;
        Ok(all)
    }

    /// Proposes who may be the same as a person who is stored, without those of whom somebody said that they aren't.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such person here, else as [`duplicates_of`](Self::duplicates_of).
    pub async fn duplicates_of_person(&self, worker: &Worker, person_id: PersonId) -> Result<Duplicates> {
        worker.require(Action::SeeCases)?;
        let (sealer, rules) = (self.sealer(worker)?, rules_of(&worker.authority));
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let person_id = storage::merges::person_now(&mut tx, person_id).await?;
        let mut persons = storage::persons::by_id(&mut tx, &sealer, &[person_id]).await?;
        let person = persons.remove(&person_id).ok_or(AppError::NotFound("person"))?;
        let asked = Asked { traits: traits_of(&person, rules), itself: Some(person_id) };
        let mut duplicates = propose(&mut tx, &sealer, rules, vec![asked]).await?.pop().unwrap_or_default();
        newcomers::leave_out_distinct(&mut tx, person_id, &mut duplicates.found).await?;
        drop(tx);
        let found = duplicates.found.iter().map(|one| one.person.person_id).chain([person_id]);
        self.record_alone(worker, shown("persons.duplicates", found)).await?;
        Ok(duplicates)
    }
}

/// Finds, for each of many, the one stored person who is the same beyond doubt: both names and the birth date are
/// equal, and nobody else's are. Whoever is only alike is proposed to people, and never taken.
pub(crate) async fn the_same_persons(
    tx: &mut Tx,
    sealer: &Sealer,
    rules: Rules,
    drafts: &[PersonDraft],
) -> Result<Vec<Option<PersonId>>> {
    const SURE: [Reason; 3] = [Reason::SameFirstName, Reason::SameLastName, Reason::SameBirthDate];
    let mut all = Vec::with_capacity(drafts.len());
    for batch in drafts.chunks(BATCH) {
        let asked = batch.iter().map(|draft| Asked { traits: draft.traits(rules), itself: None }).collect();
        for duplicates in propose(tx, sealer, rules, asked).await? {
            let is_sure = |one: &&Duplicate| SURE.iter().all(|reason| one.reasons.contains(reason));
            let mut sure = duplicates.found.iter().filter(is_sure);
            let only = sure.next().filter(|_| sure.next().is_none());
            all.push(only.map(|one| one.person.person_id));
        }
    }
    Ok(all)
}

/// Counts who may be the same as a person of another authority, at most as many as are proposed.
pub(crate) async fn count_alike(tx: &mut Tx, sealer: &Sealer, rules: Rules, person: &Person) -> Result<u32> {
    let asked = Asked { traits: traits_of(person, rules), itself: None };
    let found = propose(tx, sealer, rules, vec![asked]).await?.pop().unwrap_or_default().found;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// Somebody for whom duplicates are looked for.
struct Asked {
    traits: Traits,
    /// Who they are, if they are stored.
    itself: Option<PersonId>,
}

/// A candidate who is alike enough: who, how alike, and why.
type Scored = (PersonId, f64, Vec<Reason>);

async fn propose(tx: &mut Tx, sealer: &Sealer, rules: Rules, asked: Vec<Asked>) -> Result<Vec<Duplicates>> {
    let tokens: Vec<Vec<Token>> = asked.iter().map(|one| one.traits.tokens(rules)).collect();
    let candidates = storage::duplicates::candidates(tx, sealer, &tokens).await?;
    let ids: BTreeSet<PersonId> = candidates.of.iter().flatten().copied().collect();
    let persons = storage::persons::by_id(tx, sealer, &ids.into_iter().collect::<Vec<_>>()).await?;
    let persons = Arc::new(persons);
    let opened = Arc::clone(&persons);
    let of = candidates.of;
    let scored: Vec<Vec<Scored>> = work(move || Ok(score(&asked, &of, &opened, rules))).await?;
    let ids: BTreeSet<PersonId> = scored.iter().flatten().map(|(person, _, _)| *person).collect();
    let ids: Vec<PersonId> = ids.into_iter().collect();
    let references = storage::persons::references_of(tx, &ids).await?;
    let cases = storage::cases::briefly_of_persons(tx, &ids).await?;
    let newest: HashMap<PersonId, CaseInBrief> = cases.into_iter().map(|case| (case.person_id, case)).collect();
    let duplicate = |(person_id, score, reasons): Scored| {
        let person = persons.get(&person_id)?.clone();
        let (reference, case) = (references.get(&person_id).cloned(), newest.get(&person_id).cloned());
        Some(Duplicate { person, reference, case, score, reasons })
    };
    let all = scored.into_iter().zip(candidates.is_capped);
    Ok(all
        .map(|(scored, is_capped)| Duplicates { found: scored.into_iter().filter_map(duplicate).collect(), is_capped })
        .collect())
}

/// Scores candidates; keeps those that are proposed, the most alike first.
fn score(
    asked: &[Asked],
    candidates: &[BTreeSet<PersonId>],
    persons: &HashMap<PersonId, Person>,
    rules: Rules,
) -> Vec<Vec<Scored>> {
    let traits: HashMap<PersonId, Traits> =
        persons.iter().map(|(person_id, person)| (*person_id, traits_of(person, rules))).collect();
    let scored = |(asked, candidates): (&Asked, &BTreeSet<PersonId>)| {
        let others = candidates.iter().filter(|person| Some(**person) != asked.itself);
        let mut scored: Vec<Scored> = others
            .filter_map(|person| {
                let found = likeness(&asked.traits, traits.get(person)?);
                found.is_proposed().then_some((*person, found.score, found.reasons))
            })
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scored.truncate(MOST_PROPOSED);
        scored
    };
    asked.iter().zip(candidates).map(scored).collect()
}
