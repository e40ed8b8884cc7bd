//! What a patient does with a case of theirs: tells who they are, answers, names contacts, finishes.
//!
//! Each is the action of the staff on a case that was taken, behind another door: the account must have enrolled the
//! case. A case of somebody else is not found, as if it weren't there.

use super::seen::Opened;
use super::words::lives_elsewhere;
use crate::case_work::taken::Taken;
use crate::case_work::{Answers, CaseChanges, Changes, NewContact, SeenQuestionnaire};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::patients::Patient;
use crate::territory::Responsible;
use domain::action_items::{ItemKind, Need};
use domain::authorities::Action;
use domain::cases::CaseStatus;
use domain::contacts::{ContactKind, Said};
use domain::enrolment::{NothingToDo, OWN_DETAILS};
use domain::hand_overs::AskedBecause;
use domain::ids::{CaseId, ContactId, HandOverId};
use domain::languages::Language;
use domain::letters::language_of;
use domain::persons::Personal;
use domain::territory::Office;
use domain::time::DayRange;
use storage::declared_contacts::DeclaredContact;
use storage::enrolments::Enrolment;
use storage::{Freshness, Tx};

/// A contact as who declared it sees it: what they said, and nothing that was learnt since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnContact {
    /// Its id.
    pub contact_id: ContactId,
    /// How they met.
    pub kind: ContactKind,
    /// On which days.
    pub days: DayRange,
    /// As it was said.
    pub said: Personal<Said>,
}

/// Who is responsible where a patient says that they live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeCheck {
    /// There is no list to check by, or it can't say.
    Unchecked,
    /// This authority.
    Ours,
    /// Others, by their public addresses.
    Others(Vec<Office>),
    /// The list doesn't know the postcode.
    Unknown,
}

/// A patient's own details.
#[derive(Clone, Debug)]
pub struct SeenDetails {
    /// Those that have a value.
    pub details: Changes,
    /// Who is responsible for the postcode among them.
    pub postcode: PostcodeCheck,
}

impl App {
    /// Shows a patient's own details.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the case isn't theirs.
    pub async fn own_details(&self, patient: &Patient, case_id: CaseId) -> Result<SeenDetails> {
        let opened = self.see_own(patient, case_id, "patients.details").await?;
        self.with_check(patient, opened.details).await
    }

    /// Changes a patient's own details. A postcode elsewhere is kept as it is typed, and told.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule, or is none of theirs.
    pub async fn change_own_details(
        &self,
        patient: &Patient,
        case_id: CaseId,
        changes: Changes,
    ) -> Result<SeenDetails> {
        if changes.keys().any(|name| !OWN_DETAILS.contains(&name.as_str())) {
            return Err(AppError::Invalid { field: "changes", reason: "there is no such detail".to_owned() });
        }
        let language = changes.get("language").cloned().flatten().and_then(|tag| language_of(&tag));
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        self.change_taken(&mut tx, &worker, &mut taken, &CaseChanges { changes, seen: None }).await?;
        if let Some(language) = language {
            storage::patients::set_language(&mut tx, patient.patient_id, language).await?;
        }
        self.settle(tx, &worker, taken, "patients.change_details").await?;
        let opened = self.see_own(patient, case_id, "patients.details").await?;
        self.with_check(patient, opened.details).await
    }

    async fn with_check(&self, patient: &Patient, details: Changes) -> Result<SeenDetails> {
        let postcode = details.get("postcode").cloned().flatten();
        let postcode = self.check_postcode(patient, postcode.as_deref()).await?;
        Ok(SeenDetails { details, postcode })
    }

    async fn check_postcode(&self, patient: &Patient, postcode: Option<&str>) -> Result<PostcodeCheck> {
        let Some(postcode) = postcode else { return Ok(PostcodeCheck::Unchecked) };
        match self.offices_of_postcode(patient.authority.authority_id, postcode).await {
            Ok(None) => Ok(PostcodeCheck::Unchecked),
            Ok(Some(found)) => Ok(match found.responsible {
                Responsible::Us => PostcodeCheck::Ours,
                Responsible::Others => PostcodeCheck::Others(found.offices),
                Responsible::Nobody => PostcodeCheck::Unknown,
                Responsible::Unknown => PostcodeCheck::Unchecked,
            }),
            Err(AppError::Invalid { .. }) => Ok(PostcodeCheck::Unknown),
            Err(error) => Err(error),
        }
    }

    /// Asks for the case to be handed over to the authority that is responsible where the patient lives. The case stays at
    /// work here until that accepts; where it isn't of this installation, a comment has its address, and an item tells that
    /// it is there.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if this authority is responsible, or nobody knows who is.
    pub async fn ask_to_hand_over(&self, patient: &Patient, case_id: CaseId) -> Result<()> {
        let seen = self.own_details(patient, case_id).await?;
        let (PostcodeCheck::Others(offices), Some(postcode)) =
            (seen.postcode, seen.details.get("postcode").cloned().flatten())
        else {
            return Err(AppError::Conflict("no other authority is known to be responsible".to_owned()));
        };
        let Some(office) = offices.first() else { return Ok(()) };
        let other = self.authority_of_office(patient.authority.authority_id, &office.code).await?;
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        match other {
            Some(other) => {
                let asked = storage::hand_overs::of_case(&mut tx, None, taken.work.case_id).await?;
                if !asked.iter().any(|it| it.other == other.authority_id && it.state.is_open()) {
                    let id = HandOverId::mint(taken.now, self.random());
                    let new = (id, &other, AskedBecause::LivesThere);
                    self.begin_hand_over(&mut tx, &worker, &mut taken, new).await?;
                }
            }
            None => self.note_elsewhere(&mut tx, &worker, &mut taken, (&postcode, office)).await?,
        }
        self.settle(tx, &worker, taken, "patients.elsewhere").await?;
        Ok(())
    }

    /// Lets staff know whose case it should be: that authority isn't of this installation.
    async fn note_elsewhere(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (postcode, office): (&str, &Office),
    ) -> Result<()> {
        let need = Need { kind: ItemKind::MessageFromPatient, cause: format!("elsewhere {}", office.code) };
        if taken.items.iter().any(|item| item.kind == need.kind && item.cause == need.cause) {
            return Ok(());
        }
        let language = Language::of_authority(&worker.authority.languages);
        let text = Personal::new(lives_elsewhere(language, postcode, office));
        self.add_comment(tx, worker, taken, text).await?;
        self.raise(tx, taken, need, None).await
    }

    /// Shows what a patient answered.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the case isn't theirs.
    pub async fn own_questionnaire(&self, patient: &Patient, case_id: CaseId) -> Result<SeenQuestionnaire> {
        Ok(self.see_own(patient, case_id, "patients.questionnaire").await?.answers)
    }

    /// Writes down what a patient answers.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every answer that breaks a rule.
    pub async fn answer_own_questionnaire(
        &self,
        patient: &Patient,
        case_id: CaseId,
        answers: Answers,
    ) -> Result<SeenQuestionnaire> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let answered = self.answer_taken(&mut tx, &worker, &mut taken, answers).await?;
        self.settle(tx, &worker, taken, "patients.answer").await?;
        Ok(answered)
    }

    /// Lists the contacts that a patient named, as they named them. Also says whether they said that there are none.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the case isn't theirs.
    pub async fn own_contacts(&self, patient: &Patient, case_id: CaseId) -> Result<(Vec<OwnContact>, bool)> {
        let opened = self.see_own(patient, case_id, "patients.contacts").await?;
        let sealer = self.sealer(&patient.worker())?;
        let mut tx = self.store.read(patient.authority.authority_id, Freshness::Fresh).await?;
        let declared = storage::declared_contacts::of_case(&mut tx, Some(&sealer), opened.work.case_id).await?;
        let says_none = opened.answers.answered.is_some_and(|answered| answered.says_no_contacts);
        Ok((declared.into_iter().filter_map(own_contact).collect(), says_none))
    }

    /// Takes a contact down that a patient names. The same contact twice is one.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule.
    pub async fn name_contact(&self, patient: &Patient, case_id: CaseId, new: NewContact) -> Result<OwnContact> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let declared = self.declare_taken(&mut tx, &worker, &mut taken, new).await?;
        self.settle(tx, &worker, taken, "patients.name_contact").await?;
        own_contact(declared).ok_or(AppError::NotFound("contact"))
    }

    /// Takes back a contact that a patient named by mistake. A case that was opened of it stays.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it isn't there.
    pub async fn unname_contact(&self, patient: &Patient, case_id: CaseId, contact_id: ContactId) -> Result<()> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        self.delete_taken(&mut tx, &worker, &mut taken, contact_id).await?;
        self.settle(tx, &worker, taken, "patients.unname_contact").await?;
        Ok(())
    }

    /// Notes that a patient met nobody in the infectious days, or takes that back.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if contacts are named.
    pub async fn say_own_none(&self, patient: &Patient, case_id: CaseId, says_so: bool) -> Result<()> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        self.say_none_taken(&mut tx, &worker, &mut taken, says_so).await?;
        self.settle(tx, &worker, taken, "patients.no_contacts").await?;
        Ok(())
    }

    /// Completes an enrolment: the case is in tracking from now on. Twice is as good as once.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names what is missing.
    pub async fn complete_enrolment(&self, patient: &Patient, case_id: CaseId) -> Result<()> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let opened = self.open_own(&mut tx, patient, &taken.sealer.clone(), taken.work.case_id).await?;
        let missing = opened.missing();
        if !missing.is_empty() {
            let lacking = missing.into_iter().map(|(_, name)| (name, "this is missing".to_owned()));
            return Err(AppError::InvalidFields(lacking.collect()));
        }
        for enrolment in storage::enrolments::of_case(&mut tx, taken.work.case_id).await? {
            let completed_at = enrolment.completed_at.or(Some(taken.now));
            storage::enrolments::write(&mut tx, &Enrolment { due_at: None, completed_at, ..enrolment }).await?;
        }
        if taken.work.status == CaseStatus::Registered {
            self.move_to(&worker, &mut taken, CaseStatus::Tracking);
        }
        self.settle(tx, &worker, taken, "patients.complete").await?;
        Ok(())
    }

    /// Lets staff know that a patient deletes their account: what they would have told online, somebody asks by telephone.
    pub(crate) async fn note_account_deleted(&self, patient: &Patient) -> Result<()> {
        let worker = patient.worker();
        for enrolled in self.enrolled_at_work(patient).await? {
            let sealer = self.sealer(&worker)?;
            let mut tx = self.store.write(worker.authority.authority_id).await?;
            let mut taken = self.take(&mut tx, sealer, enrolled).await?;
            let cause = format!("account deleted {}", patient.patient_id);
            if !taken.items.iter().any(|item| item.cause == cause) {
                self.note_change(&worker, &mut taken, ("account", "by hand"), None, Some("deleted".to_owned()));
                self.raise(&mut tx, &mut taken, Need { kind: ItemKind::MessageFromPatient, cause }, None).await?;
            }
            self.settle(tx, &worker, taken, "patients.delete").await?;
        }
        Ok(())
    }

    /// Lists the cases of a patient that are registered or in tracking.
    async fn enrolled_at_work(&self, patient: &Patient) -> Result<Vec<CaseId>> {
        let mut tx = self.store.read(patient.authority.authority_id, Freshness::Fresh).await?;
        let enrolled = storage::enrolments::of_patient(&mut tx, patient.patient_id).await?;
        let mut cases: Vec<CaseId> = enrolled.iter().map(|enrolment| enrolment.case_id).collect();
        cases.dedup();
        let works = storage::cases::work_of(&mut tx, &cases).await?;
        let is_at_work = |status| matches!(status, CaseStatus::Registered | CaseStatus::Tracking);
        Ok(works.into_iter().filter(|work| is_at_work(work.status)).map(|work| work.case_id).collect())
    }

    /// Opens a case of a patient, and records that it was shown.
    pub(super) async fn see_own(&self, patient: &Patient, case_id: CaseId, operation: &'static str) -> Result<Opened> {
        let worker = patient.worker();
        worker.require(Action::ActForOneself)?;
        let sealer = self.sealer(&worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = own_case(&mut tx, patient, case_id).await?;
        let opened = self.open_own(&mut tx, patient, &sealer, case_id).await?;
        drop(tx);
        self.record_alone(&worker, shown(operation, [opened.work.person_id])).await?;
        Ok(opened)
    }

    /// Takes a case of a patient to change it.
    pub(super) async fn take_own(&self, patient: &Patient, case_id: CaseId) -> Result<(Tx, Worker, Taken)> {
        let worker = patient.worker();
        worker.require(Action::ActForOneself)?;
        let sealer = self.sealer(&worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let case_id = own_case(&mut tx, patient, case_id).await?;
        let taken = self.take(&mut tx, sealer, case_id).await?;
        match taken.work.status {
            CaseStatus::Registered | CaseStatus::Tracking => Ok((tx, worker, taken)),
            CaseStatus::External | CaseStatus::HandedOver => Err(NothingToDo::Elsewhere.into()),
            CaseStatus::Concluded | CaseStatus::Anonymised => Err(NothingToDo::Over.into()),
            CaseStatus::Open | CaseStatus::TrackedManually | CaseStatus::InRegistration => {
                let reason = "your health authority goes on with you by telephone; call if something has changed";
                Err(AppError::Conflict(reason.to_owned()))
            }
        }
    }
}

/// Returns the case under its present id, if the patient's account enrolled it.
pub(super) async fn own_case(tx: &mut Tx, patient: &Patient, case_id: CaseId) -> Result<CaseId> {
    let case_id = storage::merges::case_now(tx, case_id).await?;
    let enrolled = storage::enrolments::of_patient(tx, patient.patient_id).await?;
    let is_theirs = enrolled.iter().any(|enrolment| enrolment.case_id == case_id);
    if is_theirs { Ok(case_id) } else { Err(AppError::NotFound("case")) }
}

fn own_contact(declared: DeclaredContact) -> Option<OwnContact> {
    let DeclaredContact { contact_id, kind, days, said, .. } = declared;
    Some(OwnContact { contact_id, kind, days, said: said? })
}
