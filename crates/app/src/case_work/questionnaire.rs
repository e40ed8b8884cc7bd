//! The questions that everybody is asked once, answered by staff on the telephone.

use super::details::{Changes, Subject, put};
use super::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::CaseId;
use domain::persons::Personal;
use domain::questionnaire::{Questionnaire, Told};
use domain::symptoms::Symptom;
use domain::time::local_day;
use jiff::civil::Date;
use storage::questionnaires::AnsweredQuestionnaire;
use storage::{Freshness, Tx};

/// What a case answered, and the first day with symptoms, which stands in the case.
#[derive(Clone, Debug)]
pub struct SeenQuestionnaire {
    /// The answers; `None` where nothing was answered yet.
    pub answered: Option<AnsweredQuestionnaire>,
    /// First day with symptoms.
    pub onset: Option<Date>,
    /// The questions were answered, and not only the one about contacts.
    pub is_answered: bool,
    /// Words are missing because the authority's key isn't here.
    pub names_locked: bool,
}

/// Answers, with the first day with symptoms.
#[derive(Clone, Debug)]
pub struct Answers {
    /// First day with symptoms, as it was typed.
    pub onset: Option<String>,
    /// The rest.
    pub questionnaire: Questionnaire,
}

impl App {
    /// Reads what a case answered.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn questionnaire(&self, worker: &Worker, case_id: CaseId) -> Result<SeenQuestionnaire> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let answered = storage::questionnaires::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        drop(tx);
        self.record_alone(worker, shown("questionnaires.show", [case.person_id])).await?;
        Ok(seen(answered, case.dates.symptom_onset, sealer.is_none()))
    }

    /// Writes down what a case answered. The onset of the case and the type of a contact follow.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every answer that breaks a rule; [`AppError::Conflict`] if the case is over.
    pub async fn answer_questionnaire(
        &self,
        worker: &Worker,
        case_id: CaseId,
        answers: Answers,
    ) -> Result<SeenQuestionnaire> {
        let (mut tx, mut taken) = self.take_open(worker, case_id).await?;
        let answered = self.answer_taken(&mut tx, worker, &mut taken, answers).await?;
        self.settle(tx, worker, taken, "questionnaires.answer").await?;
        Ok(answered)
    }

    /// Writes answers into a case that is taken, whoever took it.
    pub(super) async fn answer_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        answers: Answers,
    ) -> Result<SeenQuestionnaire> {
        let before = storage::questionnaires::of_case(tx, Some(&taken.sealer), taken.work.case_id).await?;
        let new = answers.questionnaire.settled();
        let onset = answers.onset.filter(|_| new.has_symptoms != Some(false));
        let onset = self.put_onset(tx, worker, taken, onset, &new).await?;
        let type_before = taken.work.case_type;
        taken.work.case_type = new.type_after(type_before);
        let type_after = taken.work.case_type;
        let types = (Some(type_before.to_string()), Some(type_after.to_string()));
        self.note_change(worker, taken, ("case_type", "questionnaire"), types.0, types.1);
        let old = before.as_ref().map(|before| before.answers.expose().clone()).unwrap_or_default();
        let changed = changed_questions(&old, &new);
        if !changed.is_empty() {
            self.note_change(worker, taken, ("questionnaire", "by hand"), None, Some(changed.join(", ")));
        }
        let answered = AnsweredQuestionnaire {
            says_no_contacts: before.as_ref().is_some_and(|before| before.says_no_contacts),
            ..blank(worker, taken, new)
        };
        storage::questionnaires::put(tx, &taken.sealer, &answered).await?;
        Ok(seen(Some(answered), onset, false))
    }

    /// Notes that a case says they met nobody in the infectious days, or takes that back.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if contacts are named, or the case is over.
    pub async fn say_no_contacts(&self, worker: &Worker, case_id: CaseId, says_so: bool) -> Result<()> {
        let (mut tx, mut taken) = self.take_open(worker, case_id).await?;
        self.say_none_taken(&mut tx, worker, &mut taken, says_so).await?;
        self.settle(tx, worker, taken, "contacts.none").await?;
        Ok(())
    }

    /// Notes it in a case that is taken, whoever took it.
    pub(super) async fn say_none_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        says_so: bool,
    ) -> Result<()> {
        let case_id = taken.work.case_id;
        let named = storage::declared_contacts::of_case(tx, None, case_id).await?;
        if says_so && !named.is_empty() {
            return Err(AppError::Conflict("contacts are named already; delete them first".to_owned()));
        }
        let known = storage::questionnaires::of_case(tx, Some(&taken.sealer), case_id).await?;
        let said = |yes: bool| yes.then(|| "yes".to_owned());
        let before = known.as_ref().is_some_and(|known| known.says_no_contacts);
        self.note_change(worker, taken, ("says_no_contacts", "by hand"), said(before), said(says_so));
        let answers = known.map(|known| known.answers.expose().clone()).unwrap_or_default();
        let answered = AnsweredQuestionnaire { says_no_contacts: says_so, ..blank(worker, taken, answers) };
        storage::questionnaires::put(tx, &taken.sealer, &answered).await?;
        let now = taken.now;
        if says_so {
            taken.work.clock.contacts_named_at.get_or_insert(now);
        } else if named.is_empty() {
            taken.work.clock.contacts_named_at = None;
        }
        Ok(())
    }

    /// Whoever names somebody did meet somebody.
    pub(super) async fn take_back_no_contacts(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        let known = storage::questionnaires::of_case(tx, Some(&taken.sealer), taken.work.case_id).await?;
        if let Some(known) = known.filter(|known| known.says_no_contacts) {
            let yes = Some("yes".to_owned());
            self.note_change(worker, taken, ("says_no_contacts", "contact named"), yes, None);
            let changed = AnsweredQuestionnaire { says_no_contacts: false, ..known };
            storage::questionnaires::put(tx, &taken.sealer, &changed).await?;
        }
        Ok(())
    }

    async fn take_open(&self, worker: &Worker, case_id: CaseId) -> Result<(Tx, Taken)> {
        let (tx, taken) = self.take_case(worker, case_id).await?;
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to write answers down".to_owned()));
        }
        Ok((tx, taken))
    }

    /// Puts the first day with symptoms into the case, and checks the answers against it. Contacts follow the day.
    async fn put_onset(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        onset: Option<String>,
        new: &Questionnaire,
    ) -> Result<Option<Date>> {
        let case_id = taken.work.case_id;
        let mut case =
            storage::cases::by_id(tx, Some(&taken.sealer), case_id).await?.ok_or(AppError::NotFound("case"))?;
        let before = case.dates.symptom_onset;
        let today = local_day(taken.now, &worker.authority.time_zone);
        // A day that was not asked stays; "no symptoms" takes it out.
        let changes: Changes = match (&onset, new.has_symptoms) {
            (None, None) => Changes::new(),
            _ => Changes::from([("onset".to_owned(), onset)]),
        };
        let facility_id = case.facility_id;
        let mut subject = Subject { person: &mut taken.person, case: &mut case, work: &mut taken.work, facility_id };
        let differences = put(&mut subject, &changes, today)?;
        let asked_for: Vec<Symptom> =
            case.disease.profile().symptoms.value.iter().map(|listed| listed.symptom).collect();
        let wrong = new.wrong(case.dates.symptom_onset, &asked_for, today);
        if !wrong.is_empty() {
            return Err(AppError::InvalidFields(wrong));
        }
        for (field, before, after) in differences {
            self.note_change(worker, taken, (field, "questionnaire"), before, after);
        }
        if before != case.dates.symptom_onset {
            storage::cases::replace(tx, &taken.sealer, &case).await?;
            self.follow_window(tx, worker, taken, &case).await?;
        }
        Ok(case.dates.symptom_onset)
    }
}

fn blank(worker: &Worker, taken: &Taken, answers: Questionnaire) -> AnsweredQuestionnaire {
    AnsweredQuestionnaire {
        case_id: taken.work.case_id,
        person_id: taken.work.person_id,
        answers: Personal::new(answers),
        says_no_contacts: false,
        account_id: worker.account_id,
        answered_at: taken.now,
    }
}

pub(super) fn seen(
    answered: Option<AnsweredQuestionnaire>,
    onset: Option<Date>,
    names_locked: bool,
) -> SeenQuestionnaire {
    let is_answered = answered.as_ref().is_some_and(|answered| *answered.answers.expose() != Questionnaire::default());
    SeenQuestionnaire { answered, onset, is_answered, names_locked }
}

/// Which questions have another answer now, by their names alone: the answers stay sealed.
fn changed_questions(old: &Questionnaire, new: &Questionnaire) -> Vec<&'static str> {
    let (was, is): (&Told, &Told) = (&old.told, &new.told);
    let questions = [
        ("has_symptoms", old.has_symptoms != new.has_symptoms || old.symptoms != new.symptoms),
        ("infected_on", old.infected_on != new.infected_on),
        ("infected_at", was.infected_at != is.infected_at),
        ("family_doctor", was.family_doctor != is.family_doctor),
        ("condition", was.condition != is.condition),
        ("medical_staff", was.medical_staff != is.medical_staff),
        ("vulnerable_contact", was.vulnerable_contact != is.vulnerable_contact),
    ];
    questions.into_iter().filter(|(_, differs)| *differs).map(|(question, _)| question).collect()
}
