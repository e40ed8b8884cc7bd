//! What an infected person or a contact is asked once: symptoms, where it may have come from, who is at risk.
//!
//! Each "yes" has its text; a "no" clears it. The first day with symptoms is the onset of the case and stands there.

use crate::cases::{CaseType, ContactTraits};
use crate::persons::LONGEST_TEXT;
use crate::symptoms::Symptom;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A question that is answered with yes or no, and what the yes is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The answer; `None` where it wasn't asked or nobody knows.
    pub is_so: Option<bool>,
    /// What they told of it.
    pub text: Option<String>,
}

impl Answer {
    fn settled(self) -> Self {
        let text = self.text.filter(|_| self.is_so == Some(true));
        Self { is_so: self.is_so, text }
    }
}

/// What was told in words, and what of it is no column: it is sealed as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Who their doctor is.
    pub family_doctor: Option<String>,
    /// Where they think they were infected.
    pub infected_at: Option<String>,
    /// Pre-existing conditions.
    pub condition: Answer,
    /// Whether they are medical staff, and where.
    pub medical_staff: Answer,
    /// Whether they have to do with vulnerable people, and with whom.
    pub vulnerable_contact: Answer,
}

/// The answers of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questionnaire {
    /// Whether they have or had symptoms.
    pub has_symptoms: Option<bool>,
    /// Which, of those that the disease asks for.
    pub symptoms: Vec<Symptom>,
    /// On which day they think they were infected.
    pub infected_on: Option<Date>,
    /// What was told in words.
    pub told: Told,
}

impl Questionnaire {
    /// Returns the answers as they are kept: what a "no" says is cleared, a symptom stands once.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.symptoms.sort_unstable();
        self.symptoms.dedup();
        if self.has_symptoms != Some(true) {
            self.symptoms.clear();
        }
        let told = self.told;
        self.told = Told {
            condition: told.condition.settled(),
            medical_staff: told.medical_staff.settled(),
            vulnerable_contact: told.vulnerable_contact.settled(),
            ..told
        };
        self
    }

    /// Returns every field that breaks a rule, with its reason. `onset` is the first day with symptoms.
    #[must_use]
    pub fn wrong(&self, onset: Option<Date>, asked_for: &[Symptom], today: Date) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.symptoms.iter().any(|symptom| !asked_for.contains(symptom)) {
            wrong.push(("symptoms", "the disease doesn't ask for this symptom".to_owned()));
        }
        match self.infected_on {
            Some(day) if day > today => wrong.push(("infected_on", "lies in the future".to_owned())),
            Some(day) if onset.is_some_and(|onset| day > onset) => {
                wrong.push(("infected_on", "lies after the first day with symptoms".to_owned()));
            }
            _ => {}
        }
        let texts = [
            ("family_doctor", &self.told.family_doctor),
            ("infected_at", &self.told.infected_at),
            ("condition", &self.told.condition.text),
            ("medical_staff", &self.told.medical_staff.text),
            ("vulnerable_contact", &self.told.vulnerable_contact.text),
        ];
        let is_too_long =
            |text: &&Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT);
        let too_long = texts.into_iter().filter(|(_, text)| is_too_long(text));
        wrong.extend(too_long.map(|(field, _)| (field, format!("at most {LONGEST_TEXT} characters"))));
        wrong
    }

    /// Returns the type that a contact's case has after these answers. They only raise it: an age at risk that was known
    /// before is still one.
    #[must_use]
    pub fn type_after(&self, case_type: CaseType) -> CaseType {
        if !case_type.is_contact() {
            return case_type;
        }
        let traits = ContactTraits {
            is_health_staff: self.told.medical_staff.is_so == Some(true) || case_type == CaseType::ContactMedical,
            is_senior: case_type == CaseType::ContactVulnerable,
            has_condition: self.told.condition.is_so == Some(true),
        };
        CaseType::of_contact(traits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 20);

    fn yes(text: &str) -> Answer {
        Answer { is_so: Some(true), text: Some(text.to_owned()) }
    }

    #[test]
    fn a_no_clears_what_a_yes_had_said() {
        let told = Told {
            condition: Answer { is_so: Some(false), text: Some("asthma".to_owned()) },
            medical_staff: yes("ward 3"),
            vulnerable_contact: Answer { is_so: None, text: Some("grandmother".to_owned()) },
            ..Told::default()
        };
        let answers = Questionnaire {
            has_symptoms: Some(false),
            symptoms: vec![Symptom::Cough],
            told,
            ..Questionnaire::default()
        };
        let kept = answers.settled();
        assert!(kept.symptoms.is_empty());
        assert_eq!((kept.told.condition.text, kept.told.vulnerable_contact.text), (None, None));
        assert_eq!(kept.told.medical_staff, yes("ward 3"));
    }

    #[test]
    fn the_infection_came_before_the_symptoms_and_not_tomorrow() {
        let on = |infected_on| Questionnaire { infected_on: Some(infected_on), ..Questionnaire::default() };
        let wrong = |infected_on, onset| on(infected_on).wrong(onset, &[], TODAY).len();
        assert_eq!(wrong(date(2026, 11, 10), Some(date(2026, 11, 10))), 0);
        assert_eq!(wrong(date(2026, 11, 11), Some(date(2026, 11, 10))), 1);
        assert_eq!(wrong(date(2026, 11, 21), None), 1);
    }

    #[test]
    fn a_symptom_that_the_disease_does_not_ask_for_is_refused() {
        let answers = Questionnaire { symptoms: vec![Symptom::Cough], ..Questionnaire::default() };
        assert!(answers.wrong(None, &[Symptom::Cough], TODAY).is_empty());
        assert_eq!(answers.wrong(None, &[Symptom::Fever], TODAY)[0].0, "symptoms");
    }

    #[test]
    fn answers_only_raise_the_type_of_a_contact_and_staff_wins() {
        let with = |condition, staff| {
            let answer = |is_so| Answer { is_so: Some(is_so), text: None };
            let told = Told { condition: answer(condition), medical_staff: answer(staff), ..Told::default() };
            Questionnaire { told, ..Questionnaire::default() }
        };
        use CaseType::{Contact, ContactMedical, ContactVulnerable, Index};
        assert_eq!(with(true, false).type_after(Contact), ContactVulnerable);
        assert_eq!(with(true, true).type_after(Contact), ContactMedical);
        assert_eq!(with(false, false).type_after(ContactVulnerable), ContactVulnerable);
        assert_eq!(with(false, true).type_after(ContactVulnerable), ContactMedical);
        assert_eq!(with(true, true).type_after(Index), Index);
    }
}
