//! Enrolment: what a patient is asked before tracking begins, what of it is missing, and who may sign in.
//!
//! How far somebody is follows from what is known of them, not from pages that they have seen: what staff took down by
//! telephone counts, and what somebody empties again is missing again.

use crate::action_items::{ItemKind, Need};
use crate::activation::CodeState;
use crate::authorities::words;
use crate::cases::{CaseStatus, CaseType};
use crate::questionnaire::Questionnaire;
use jiff::{SignedDuration, Timestamp};

/// Longest message of a patient to the authority, in characters.
pub const LONGEST_MESSAGE: usize = 1_000;

/// Hours after registration within which enrolment is expected to be complete; then somebody looks. Quarano, action item
/// `INITIAL_CALL_OPEN_REGISTRATION`: a day.
pub const COMPLETE_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// A step of enrolment, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnrolmentStep {
    /// Who they are and how to reach them.
    Details,
    /// Symptoms and risks.
    Questionnaire,
    /// Whom they met on the infectious days.
    Contacts,
}
words!(EnrolmentStep { Details = "details", Questionnaire = "questionnaire", Contacts = "contacts" });

/// The details that a patient sees and changes: their own, and nothing that staff wrote about the case.
pub const OWN_DETAILS: &[&str] = &[
    "first_name",
    "last_name",
    "born",
    "sex",
    "street",
    "house_number",
    "postcode",
    "city",
    "email",
    "says_no_email",
    "phone",
    "mobile",
    "language",
];

/// What is known of somebody who enrols.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The names of the details that have a value.
    pub details: &'k [&'k str],
    /// What they answered.
    pub answers: &'k Questionnaire,
    /// Contacts are asked for.
    pub asks_contacts: bool,
    /// Contacts that they named.
    pub n_contacts: usize,
    /// They said that they met nobody.
    pub says_no_contacts: bool,
}

/// Says whether somebody is asked whom they met: an index case; a contact only where the authority wants that.
#[must_use]
pub fn asks_contacts(case_type: CaseType, of_contacts_too: bool) -> bool {
    !case_type.is_contact() || of_contacts_too
}

/// Lists what is missing, in the order in which it is asked.
#[must_use]
pub fn missing(known: &Known<'_>) -> Vec<(EnrolmentStep, &'static str)> {
    let has = |name: &str| known.details.contains(&name);
    let details = [
        ("first_name", has("first_name")),
        ("last_name", has("last_name")),
        ("born", has("born")),
        ("sex", has("sex")),
        ("street", has("street")),
        ("house_number", has("house_number")),
        ("postcode", has("postcode")),
        ("city", has("city")),
        ("phone", has("phone") || has("mobile")),
        ("email", has("email") || has("says_no_email")),
        ("language", has("language")),
    ];
    let answers = known.answers;
    let answered = [
        ("has_symptoms", answers.has_symptoms.is_some()),
        ("condition", answers.told.condition.is_so.is_some()),
        ("medical_staff", answers.told.medical_staff.is_so.is_some()),
        ("vulnerable_contact", answers.told.vulnerable_contact.is_so.is_some()),
    ];
    let named = [("contacts", !known.asks_contacts || known.n_contacts > 0 || known.says_no_contacts)];
    let steps = [
        (EnrolmentStep::Details, &details[..]),
        (EnrolmentStep::Questionnaire, &answered[..]),
        (EnrolmentStep::Contacts, &named[..]),
    ];
    let lacking = |(step, asked): (EnrolmentStep, &[(&'static str, bool)])| {
        asked.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| (step, *name)).collect::<Vec<_>>()
    };
    steps.into_iter().flat_map(lacking).collect()
}

/// The newest code of a case, as far as it makes work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCode {
    /// Its id, as the cause of an item.
    pub cause: String,
    /// Where it stands.
    pub state: CodeState,
    /// Until when it works; `None` where that isn't known yet.
    pub valid_until: Option<Timestamp>,
}

/// Returns the item that an unfinished registration makes: a code that nobody redeemed in time or that is locked, an
/// invited case whose code was cancelled, or an enrolment that isn't complete a day after it began.
#[must_use]
pub fn registration_need(
    (status, since): (CaseStatus, Timestamp),
    code: Option<&SeenCode>,
    now: Timestamp,
) -> Option<Need> {
    let need = |cause: String| Some(Need { kind: ItemKind::RegistrationUnfinished, cause });
    let waits_for_code = matches!(status, CaseStatus::InRegistration | CaseStatus::Registered | CaseStatus::Tracking);
    if let Some(code) = code.filter(|_| waits_for_code) {
        let is_over = code.valid_until.is_some_and(|until| now >= until);
        match code.state {
            CodeState::Open if is_over => return need(format!("expired {}", code.cause)),
            CodeState::Expired => return need(format!("expired {}", code.cause)),
            CodeState::Locked => return need(format!("locked {}", code.cause)),
            // A case that was over and is invited again: the code went with its conclusion.
            CodeState::Cancelled if status == CaseStatus::InRegistration => {
                return need(format!("cancelled {}", code.cause));
            }
            CodeState::Open | CodeState::Redeemed | CodeState::Cancelled => {}
        }
    }
    let is_late = now.duration_since(since) >= COMPLETE_WITHIN;
    if status == CaseStatus::Registered && is_late {
        // Databases keep instants to the microsecond, so that finer ones would come back as another cause.
        let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
        return need(format!("registered {since}"));
    }
    None
}

/// Why somebody with the right password can't sign in.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NothingToDo {
    /// All their cases are over.
    #[error("your case is closed; there is nothing more for you to do here")]
    Over,
    /// Another authority is responsible.
    #[error("another health authority is responsible for you; please turn to that one")]
    Elsewhere,
    /// Another account acts for them.
    #[error("you have two accounts, and the other one is used now; please sign in with that one")]
    OtherAccount,
    /// The account came along with a case from another authority, whose code here was not redeemed yet.
    #[error("first open the link that this health authority has sent you, with the same user name")]
    NotYet,
}

/// Says whether somebody may sign in: one of their cases is at work here.
///
/// # Errors
///
/// [`NothingToDo`] says why not.
pub fn may_sign_in(statuses: &[CaseStatus]) -> Result<(), NothingToDo> {
    let is_elsewhere = |status: &CaseStatus| matches!(status, CaseStatus::External | CaseStatus::HandedOver);
    if statuses.is_empty() {
        return Err(NothingToDo::NotYet);
    }
    if statuses.iter().any(|status| !status.is_ended() && !is_elsewhere(status)) {
        return Ok(());
    }
    Err(if statuses.iter().any(is_elsewhere) { NothingToDo::Elsewhere } else { NothingToDo::Over })
}

/// Fewest and most characters of a patient's user name.
pub const USER_NAME: (usize, usize) = (3, 60);

/// Reads a user name; gives it as typed, and as it is compared: capitals don't tell two names apart.
///
/// # Errors
///
/// What is wrong with it.
pub fn user_name(typed: &str) -> Result<(String, String), String> {
    let name = typed.trim();
    let n_characters = name.chars().count();
    if !(USER_NAME.0..=USER_NAME.1).contains(&n_characters) {
        return Err(format!("use {} to {} characters", USER_NAME.0, USER_NAME.1));
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("no spaces in a user name".to_owned());
    }
    Ok((name.to_owned(), name.to_lowercase()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::questionnaire::{Answer, Told};
    use proptest::prelude::*;

    const ALL: &[&str] = &[
        "first_name",
        "last_name",
        "born",
        "sex",
        "street",
        "house_number",
        "postcode",
        "city",
        "email",
        "mobile",
        "language",
    ];

    fn answered() -> Questionnaire {
        let no = Answer { is_so: Some(false), text: None };
        let told = Told { condition: no.clone(), medical_staff: no.clone(), vulnerable_contact: no, ..Told::default() };
        Questionnaire { has_symptoms: Some(false), told, ..Questionnaire::default() }
    }

    fn known<'k>(details: &'k [&'k str], answers: &'k Questionnaire) -> Known<'k> {
        Known { details, answers, asks_contacts: true, n_contacts: 0, says_no_contacts: false }
    }

    #[test]
    fn a_new_patient_is_asked_everything_in_order() {
        let nothing = Questionnaire::default();
        let asked = missing(&known(&[], &nothing));
        assert!(asked.is_sorted_by_key(|(step, _)| *step));
        assert_eq!(asked.len(), 11 + 4 + 1);
    }

    #[test]
    fn one_telephone_is_enough_and_no_email_is_an_answer() {
        let answers = answered();
        let with = Known { n_contacts: 1, ..known(ALL, &answers) };
        assert_eq!(missing(&with), []);
        let details: Vec<&str> =
            ALL.iter().map(|name| if *name == "email" { "says_no_email" } else { *name }).collect();
        assert_eq!(missing(&Known { details: &details, ..with }), []);
        let without = &ALL[..9];
        let lacking: Vec<&str> =
            missing(&Known { details: without, ..with }).into_iter().map(|(_, name)| name).collect();
        assert_eq!(lacking, ["phone", "language"]);
    }

    #[test]
    fn nobody_is_finished_without_contacts_unless_they_say_so_or_are_not_asked() {
        let answers = answered();
        let none = known(ALL, &answers);
        assert_eq!(missing(&none), [(EnrolmentStep::Contacts, "contacts")]);
        assert_eq!(missing(&Known { says_no_contacts: true, ..none }), []);
        assert_eq!(missing(&Known { asks_contacts: false, ..none }), []);
        assert!(asks_contacts(CaseType::Index, false) && !asks_contacts(CaseType::ContactMedical, false));
        assert!(asks_contacts(CaseType::Contact, true));
    }

    #[test]
    fn a_code_that_ran_out_or_is_locked_and_a_slow_enrolment_make_an_item() {
        let at = |hours: i64| Timestamp::from_second(1_000_000 + hours * 3600).unwrap();
        let code = |state, until| SeenCode { cause: "c".to_owned(), state, valid_until: until };
        let need = |status, code: Option<SeenCode>, hours| {
            registration_need((status, at(0)), code.as_ref(), at(hours)).map(|need| need.cause)
        };
        let invited = CaseStatus::InRegistration;
        assert_eq!(need(invited, Some(code(CodeState::Open, Some(at(24)))), 23), None);
        assert_eq!(need(invited, Some(code(CodeState::Open, Some(at(24)))), 24), Some("expired c".to_owned()));
        assert_eq!(need(invited, Some(code(CodeState::Open, None)), 48), None, "it isn't sent yet");
        assert_eq!(need(invited, Some(code(CodeState::Locked, None)), 1), Some("locked c".to_owned()));
        assert_eq!(need(CaseStatus::TrackedManually, Some(code(CodeState::Expired, None)), 48), None);
        let redeemed = Some(code(CodeState::Redeemed, Some(at(24))));
        assert_eq!(need(CaseStatus::Registered, redeemed.clone(), 23), None);
        let late = need(CaseStatus::Registered, redeemed.clone(), 24);
        assert_eq!(late, Some(format!("registered {}", at(0))));
        assert_eq!(need(CaseStatus::Tracking, redeemed, 240), None);
    }

    #[test]
    fn one_case_at_work_lets_in() {
        use CaseStatus::{Concluded, External, Open, Tracking};
        assert_eq!(may_sign_in(&[Concluded, Tracking]), Ok(()));
        assert_eq!(may_sign_in(&[Open]), Ok(()));
        assert_eq!(may_sign_in(&[Concluded]), Err(NothingToDo::Over));
        assert_eq!(may_sign_in(&[]), Err(NothingToDo::NotYet));
        assert_eq!(may_sign_in(&[Concluded, External]), Err(NothingToDo::Elsewhere));
    }

    #[test]
    fn user_names_are_compared_without_capitals() {
        assert_eq!(user_name(" Mia.Ö "), Ok(("Mia.Ö".to_owned(), "mia.ö".to_owned())));
        for wrong in ["ab", "a b c", &"x".repeat(61)] {
            assert!(user_name(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn knowing_more_never_makes_more_missing(
            have in prop::collection::vec(prop::sample::select(OWN_DETAILS.to_vec()), 0..14),
            more in prop::sample::select(OWN_DETAILS.to_vec()), n_contacts in 0usize..3, no in any::<bool>(),
        ) {
            let answers = answered();
            let before = Known { n_contacts, says_no_contacts: no, ..known(&have, &answers) };
            let mut with = have.clone();
            with.push(more);
            let after = missing(&Known { details: &with, ..before });
            prop_assert!(after.iter().all(|one| missing(&before).contains(one)));
        }
    }
}
