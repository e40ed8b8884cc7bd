//! Codes, patients' accounts and enrolments: found by what their holders bring, and gone with whom they name.

use super::cases::case;
use domain::activation::{ActivationCode, CodeState};
use domain::diseases::Disease;
use domain::ids::{CaseId, CodeId, EnrolmentId, MessageId, PatientId, PersonId, SessionId};
use domain::languages::Language;
use domain::messages::Channel;
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use storage::activation_codes::{self, StoredCode};
use storage::enrolments::{self, Enrolment};
use storage::patients::{self, PatientAccount, PatientSession, Reset};
use storage::{Tx, cases};
use testkit::kit::now;
use testkit::{Kit, contract};

fn later(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

pub fn code(kit: &Kit, (case_id, person_id): (CaseId, PersonId)) -> StoredCode {
    StoredCode {
        code_id: CodeId::mint(now(), kit.random()),
        case_id,
        person_id,
        channel: Channel::Letter,
        state: CodeState::Open,
        message_id: MessageId::mint(now(), kit.random()),
        n_wrong: 0,
        valid_until: Some(later(60)),
        due_at: Some(later(60)),
        account_id: kit.account_id,
        created_at: now(),
        ended_at: None,
    }
}

pub fn account(kit: &Kit, person_id: PersonId) -> PatientAccount {
    PatientAccount {
        patient_id: PatientId::mint(now(), kit.random()),
        person_id,
        user_name: Personal::new("Mia.H".to_owned()),
        password_hash: "$argon2id$".to_owned(),
        language: Language::Tr,
        created_at: now(),
        changed_at: now(),
        no_reminders_at: None,
    }
}

pub fn enrolment(kit: &Kit, (case_id, person_id): (CaseId, PersonId), patient_id: PatientId) -> Enrolment {
    Enrolment {
        enrolment_id: EnrolmentId::mint(now(), kit.random()),
        case_id,
        person_id,
        patient_id,
        privacy: (Language::Tr, 3),
        accepted_at: now(),
        due_at: Some(later(1440)),
        completed_at: None,
        superseded_by: None,
    }
}

fn drawn(n: u8) -> ActivationCode {
    ActivationCode::draw(&[n; 16]).unwrap()
}

async fn a_case(kit: &Kit, n: u8, reference: &str) -> (CaseId, PersonId) {
    let person = kit.person(reference).await;
    let case = case(n, person, Disease::Covid19);
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    tx.commit().await.unwrap();
    (case.case_id, person)
}

async fn sign_in(tx: &mut Tx, kit: &Kit, patient_id: PatientId, token: &str) -> SessionId {
    let session_id = SessionId::mint(now(), kit.random());
    let csrf_token = "c".to_owned();
    let session = PatientSession { session_id, csrf_token, patient_id, created_at: now(), seen_at: now() };
    patients::begin_session(tx, &session, token).await.unwrap();
    session_id
}

contract! {
    async fn a_code_is_found_by_what_its_holder_types_and_its_copy_goes_when_it_ends(kit) {
        let whose = a_case(&kit, 1, "A").await;
        let stored = code(&kit, whose);
        let mut tx = kit.write().await;
        activation_codes::insert(&mut tx, &kit.sealer, &stored, &drawn(1)).await.unwrap();
        assert_eq!(activation_codes::find(&mut tx, &drawn(1)).await.unwrap(), Some(stored.clone()));
        assert_eq!(activation_codes::find(&mut tx, &drawn(2)).await.unwrap(), None);
        assert_eq!(activation_codes::of_message(&mut tx, stored.message_id).await.unwrap(), Some(stored.clone()));
        assert_eq!(activation_codes::open(&mut tx, &kit.sealer, &stored).await.unwrap(), Some(drawn(1)));
        let used = StoredCode { state: CodeState::Redeemed, due_at: None, ended_at: Some(now()), ..stored.clone() };
        activation_codes::write(&mut tx, &used).await.unwrap();
        assert_eq!(activation_codes::of_case(&mut tx, whose.0).await.unwrap(), [used]);
        assert_eq!(activation_codes::open(&mut tx, &kit.sealer, &stored).await.unwrap(), None);
    }

    async fn codes_and_enrolments_are_due_when_their_time_is_over(kit) {
        let whose = a_case(&kit, 1, "A").await;
        let mut tx = kit.write().await;
        activation_codes::insert(&mut tx, &kit.sealer, &code(&kit, whose), &drawn(1)).await.unwrap();
        let patient = PatientId::mint(now(), kit.random());
        let enrolled = enrolment(&kit, whose, patient);
        enrolments::insert(&mut tx, &enrolled).await.unwrap();
        assert_eq!(activation_codes::due(&mut tx, later(59), 9).await.unwrap(), []);
        assert_eq!(activation_codes::due(&mut tx, later(60), 9).await.unwrap(), [whose.0]);
        assert_eq!(enrolments::due(&mut tx, later(1439), 9).await.unwrap(), []);
        assert_eq!(enrolments::due(&mut tx, later(1440), 9).await.unwrap(), [whose.0]);
        let done = Enrolment { due_at: None, completed_at: Some(now()), ..enrolled };
        enrolments::write(&mut tx, &done).await.unwrap();
        assert_eq!(enrolments::due(&mut tx, later(9999), 9).await.unwrap(), []);
        assert_eq!(enrolments::of_patient(&mut tx, patient).await.unwrap(), [done]);
    }

    async fn a_user_name_is_one_account_whatever_its_capitals_and_no_clear_text(kit) {
        let (_, person) = a_case(&kit, 1, "A").await;
        let mia = account(&kit, person);
        let mut tx = kit.write().await;
        assert!(patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap());
        let other = PatientAccount { patient_id: PatientId::mint(now(), kit.random()), ..mia.clone() };
        assert!(!patients::insert(&mut tx, &kit.sealer, &other, "mia.h").await.unwrap(), "somebody has it");
        assert_eq!(patients::find(&mut tx, &kit.sealer, "mia.h").await.unwrap(), Some(mia.clone()));
        assert_eq!(patients::find(&mut tx, &kit.sealer, "mia").await.unwrap(), None);
        patients::set_language(&mut tx, mia.patient_id, Language::De).await.unwrap();
        let found = patients::by_id(&mut tx, &kit.sealer, mia.patient_id).await.unwrap().unwrap();
        assert_eq!(found.language, Language::De);
        patients::delete(&mut tx, mia.patient_id).await.unwrap();
        assert!(patients::insert(&mut tx, &kit.sealer, &other, "mia.h").await.unwrap(), "its name is free again");
    }

    async fn a_link_for_a_new_password_works_until_a_password_is_set(kit) {
        let (_, person) = a_case(&kit, 1, "A").await;
        let mia = account(&kit, person);
        let reset = Reset { hash: "h".to_owned(), until: later(60), n_wrong: 2 };
        let mut tx = kit.write().await;
        patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap();
        patients::set_reset(&mut tx, mia.patient_id, Some(&reset)).await.unwrap();
        let found = patients::by_reset(&mut tx, &kit.sealer, "h").await.unwrap().unwrap();
        assert_eq!((found.0.patient_id, found.1), (mia.patient_id, reset));
        patients::set_password(&mut tx, mia.patient_id, "new", later(1)).await.unwrap();
        assert_eq!(patients::by_reset(&mut tx, &kit.sealer, "h").await.unwrap(), None);
    }

    async fn sessions_end_when_idle_all_but_one_or_all(kit) {
        let (_, person) = a_case(&kit, 1, "A").await;
        let mia = account(&kit, person);
        let mut tx = kit.write().await;
        patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap();
        let kept = sign_in(&mut tx, &kit, mia.patient_id, "one").await;
        sign_in(&mut tx, &kit, mia.patient_id, "two").await;
        assert_eq!(patients::end_sessions(&mut tx, mia.patient_id, Some(kept)).await.unwrap(), 1);
        patients::touch_session(&mut tx, kept, later(20)).await.unwrap();
        assert_eq!(patients::end_idle_sessions(&mut tx, later(20), now()).await.unwrap(), 0);
        assert_eq!(patients::session(&mut tx, "one").await.unwrap().unwrap().seen_at, later(20));
        assert_eq!(patients::end_idle_sessions(&mut tx, later(21), now()).await.unwrap(), 1);
        sign_in(&mut tx, &kit, mia.patient_id, "three").await;
        let session = patients::session(&mut tx, "three").await.unwrap().unwrap();
        patients::end_session(&mut tx, session.session_id).await.unwrap();
        assert_eq!(patients::session(&mut tx, "three").await.unwrap(), None);
    }

    async fn after_a_restore_no_code_link_or_session_works_and_each_code_is_looked_at(kit) {
        let whose = a_case(&kit, 1, "A").await;
        let mia = account(&kit, whose.1);
        let stored = code(&kit, whose);
        let mut tx = kit.write().await;
        activation_codes::insert(&mut tx, &kit.sealer, &stored, &drawn(1)).await.unwrap();
        patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap();
        let reset = Reset { hash: "h".to_owned(), until: later(60), n_wrong: 0 };
        patients::set_reset(&mut tx, mia.patient_id, Some(&reset)).await.unwrap();
        sign_in(&mut tx, &kit, mia.patient_id, "one").await;
        assert_eq!(activation_codes::end_all(&mut tx, now()).await.unwrap(), 1);
        patients::end_all(&mut tx).await.unwrap();
        assert_eq!(activation_codes::find(&mut tx, &drawn(1)).await.unwrap().unwrap().state, CodeState::Expired);
        assert_eq!(activation_codes::open(&mut tx, &kit.sealer, &stored).await.unwrap(), None);
        assert_eq!(activation_codes::due(&mut tx, now(), 9).await.unwrap(), [whose.0]);
        assert_eq!(patients::by_reset(&mut tx, &kit.sealer, "h").await.unwrap(), None);
        assert_eq!(patients::session(&mut tx, "one").await.unwrap(), None);
        assert!(patients::find(&mut tx, &kit.sealer, "mia.h").await.unwrap().is_some(), "the account stays");
    }

    /// A mother's account that also acts for her child lives as long as one of them.
    async fn an_account_goes_with_the_last_person_for_whom_it_acts(kit) {
        let (mother, child) = (a_case(&kit, 1, "A").await, a_case(&kit, 2, "B").await);
        let mia = account(&kit, mother.1);
        let mut tx = kit.write().await;
        patients::insert(&mut tx, &kit.sealer, &mia, "mia.h").await.unwrap();
        for whose in [mother, child] {
            enrolments::insert(&mut tx, &enrolment(&kit, whose, mia.patient_id)).await.unwrap();
        }
        assert_eq!(enrolments::account_of_case(&mut tx, child.0).await.unwrap(), Some(mia.patient_id));
        storage::anonymising::anonymise_case(&mut tx, mother.0, now()).await.unwrap();
        storage::anonymising::anonymise_person(&mut tx, mother.1, now()).await.unwrap();
        let left = patients::by_id(&mut tx, &kit.sealer, mia.patient_id).await.unwrap().unwrap();
        assert_eq!(left.person_id, child.1);
        assert_eq!(enrolments::of_case(&mut tx, mother.0).await.unwrap(), []);
        sign_in(&mut tx, &kit, mia.patient_id, "one").await;
        storage::retention::erase_person(&mut tx, child.1).await.unwrap();
        assert_eq!(patients::find(&mut tx, &kit.sealer, "mia.h").await.unwrap(), None);
        assert_eq!(patients::session(&mut tx, "one").await.unwrap(), None);
        assert_eq!(enrolments::account_of_case(&mut tx, child.0).await.unwrap(), None);
    }

    async fn an_account_in_whose_place_another_acts_is_kept_and_acts_for_others_alone(kit) {
        let (mother, child) = (a_case(&kit, 1, "A").await, a_case(&kit, 2, "B").await);
        let (mia, ana) = (account(&kit, mother.1), account(&kit, mother.1));
        let mut tx = kit.write().await;
        for (one, key) in [(&mia, "mia.h"), (&ana, "ana.h")] {
            patients::insert(&mut tx, &kit.sealer, one, key).await.unwrap();
            enrolments::insert(&mut tx, &enrolment(&kit, mother, one.patient_id)).await.unwrap();
        }
        enrolments::insert(&mut tx, &enrolment(&kit, child, ana.patient_id)).await.unwrap();
        assert_eq!(enrolments::of_person(&mut tx, mother.1).await.unwrap().len(), 2);
        assert!(!enrolments::is_superseded(&mut tx, ana.patient_id).await.unwrap());
        assert_eq!(enrolments::supersede(&mut tx, mother.1, ana.patient_id, mia.patient_id).await.unwrap(), 1);
        assert!(enrolments::is_superseded(&mut tx, ana.patient_id).await.unwrap());
        let acting = enrolments::of_person(&mut tx, mother.1).await.unwrap();
        assert_eq!(acting.iter().map(|one| one.patient_id).collect::<Vec<_>>(), [mia.patient_id]);
        let of_ana = enrolments::of_patient(&mut tx, ana.patient_id).await.unwrap();
        assert_eq!(of_ana.iter().map(|one| one.case_id).collect::<Vec<_>>(), [child.0]);
        assert_eq!(enrolments::account_of_case(&mut tx, mother.0).await.unwrap(), Some(mia.patient_id));
        let kept = enrolments::of_case(&mut tx, mother.0).await.unwrap();
        assert!(kept.iter().any(|one| one.superseded_by == Some(mia.patient_id)), "{kept:?}");
        patients::delete(&mut tx, mia.patient_id).await.unwrap();
        assert_eq!(enrolments::account_of_case(&mut tx, mother.0).await.unwrap(), None);
    }
}
