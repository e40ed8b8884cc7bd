//! What people feel, as coded terms: one word for each symptom, in every language that people are written to.
//!
//! The terms are those of WHO's case report forms, in words that people use of themselves; the ids are Epitrace's own.
//! Which of them a diary asks for, and what they mean there, is said by the profile of the disease: a list of
//! [`ListedSymptom`]s. A symptom is never taken away, because entries that were written name it.

use crate::cases::CaseType;
use crate::languages::Language;

/// Where the terms come from.
pub const SOURCE: &str = "WHO 2020, Global COVID-19 Clinical Platform, rapid case report form \
     (WHO/2019-nCoV/Clinical_CRF/2020.4), signs and symptoms; for fevers with rash or bleeding the lists of the sources \
     named by the disease; translated by Epitrace";

macro_rules! symptoms {
    ($($variant:ident = $word:literal, $de:literal, $en:literal, $tr:literal;)*) => {
        /// A symptom.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Symptom {
            $(#[doc = $en] $variant,)*
        }
        crate::authorities::words!(Symptom { $($variant = $word),* });

        impl Symptom {
            /// Returns its name.
            #[must_use]
            pub fn name(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::De) => $de,
                      (Self::$variant, Language::En) => $en,
                      (Self::$variant, Language::Tr) => $tr,)*
                }
            }
        }
    };
}

symptoms! {
    Fever = "fever", "Fieber", "Fever", "Ateş";
    Chills = "chills", "Schüttelfrost", "Chills", "Titreme";
    Cough = "cough", "Husten", "Cough", "Öksürük";
    CoughWithSputum = "cough_with_sputum", "Husten mit Auswurf", "Cough with sputum", "Balgamlı öksürük";
    CoughingUpBlood = "coughing_up_blood", "Bluthusten", "Coughing up blood", "Kan tükürme";
    SoreThroat = "sore_throat", "Halsschmerzen", "Sore throat", "Boğaz ağrısı";
    RunnyNose = "runny_nose", "Schnupfen", "Runny or blocked nose", "Burun akıntısı veya tıkanıklığı";
    LossOfSmell = "loss_of_smell", "Verlust des Geruchssinns", "Loss of smell", "Koku alma kaybı";
    LossOfTaste = "loss_of_taste", "Verlust des Geschmackssinns", "Loss of taste", "Tat alma kaybı";
    ShortnessOfBreath = "shortness_of_breath", "Atemnot", "Shortness of breath", "Nefes darlığı";
    PainWhenBreathing = "pain_when_breathing", "Schmerzen beim Atmen", "Pain when breathing", "Nefes alırken ağrı";
    Wheezing = "wheezing", "Pfeifender Atem", "Wheezing", "Hırıltılı solunum";
    ChestPain = "chest_pain", "Schmerz oder Druck in der Brust", "Pain or pressure in the chest", "Göğüste ağrı veya baskı";
    BlueLips = "blue_lips", "Blaue Lippen oder blaues Gesicht", "Blue lips or face", "Dudaklarda veya yüzde morarma";
    Weakness = "weakness", "Schwäche oder Erschöpfung", "Weakness or exhaustion", "Halsizlik veya bitkinlik";
    Headache = "headache", "Kopfschmerzen", "Headache", "Baş ağrısı";
    MusclePain = "muscle_pain", "Muskelschmerzen", "Muscle pain", "Kas ağrısı";
    JointPain = "joint_pain", "Gelenkschmerzen", "Joint pain", "Eklem ağrısı";
    BackPain = "back_pain", "Rückenschmerzen", "Back pain", "Sırt ağrısı";
    LossOfAppetite = "loss_of_appetite", "Appetitlosigkeit", "Loss of appetite", "İştahsızlık";
    Nausea = "nausea", "Übelkeit", "Nausea", "Mide bulantısı";
    Vomiting = "vomiting", "Erbrechen", "Vomiting", "Kusma";
    Diarrhoea = "diarrhoea", "Durchfall", "Diarrhoea", "İshal";
    AbdominalPain = "abdominal_pain", "Bauchschmerzen", "Abdominal pain", "Karın ağrısı";
    Confusion = "confusion", "Verwirrt oder kaum zu wecken", "Confused or hard to wake", "Bilinç bulanıklığı veya zor uyanma";
    Seizure = "seizure", "Krampfanfall", "Seizure", "Nöbet";
    Dizziness = "dizziness", "Schwindel", "Dizziness", "Baş dönmesi";
    RedEyes = "red_eyes", "Rote, entzündete Augen", "Red, sore eyes", "Kızarık, iltihaplı gözler";
    LightHurts = "light_hurts", "Lichtempfindlich", "Light hurts the eyes", "Işığa duyarlılık";
    EyePain = "eye_pain", "Augenschmerzen oder unscharfes Sehen", "Eye pain or blurred vision", "Göz ağrısı veya bulanık görme";
    EarPain = "ear_pain", "Ohrenschmerzen", "Ear pain", "Kulak ağrısı";
    Rash = "rash", "Hautausschlag", "Skin rash", "Deri döküntüsü";
    Blisters = "blisters", "Bläschen oder Pusteln", "Blisters or pustules", "Su toplayan veya irinli kabarcıklar";
    MouthSores = "mouth_sores", "Wunde Stellen im Mund", "Sores in the mouth", "Ağız içinde yaralar";
    GenitalSores = "genital_sores", "Wunde Stellen an Genitalien oder After", "Sores on genitals or anus", "Genital bölgede veya makatta yaralar";
    RectalPain = "rectal_pain", "Schmerzen im After", "Rectal pain", "Makatta ağrı";
    PainWhenUrinating = "pain_when_urinating", "Schmerzen beim Wasserlassen", "Pain when urinating", "İdrar yaparken ağrı";
    SwollenLymphNodes = "swollen_lymph_nodes", "Geschwollene Lymphknoten", "Swollen lymph nodes", "Şişmiş lenf bezleri";
    KoplikSpots = "koplik_spots", "Weiße Flecken innen an der Wange", "White spots inside the cheeks", "Yanak içinde beyaz noktalar";
    DifficultySwallowing = "difficulty_swallowing", "Schluckbeschwerden", "Difficulty swallowing", "Yutma güçlüğü";
    Hiccups = "hiccups", "Schluckauf", "Hiccups", "Hıçkırık";
    Bleeding = "bleeding", "Unerklärliche Blutung", "Unexplained bleeding", "Nedeni belirsiz kanama";
    BloodInStool = "blood_in_stool", "Blut im Stuhl oder Erbrochenen", "Blood in stool or vomit", "Dışkıda veya kusmukta kan";
}

/// A symptom in the list of a disease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedSymptom {
    /// Which.
    pub symptom: Symptom,
    /// Whether people with the disease usually have it: the first one of a contact is looked at.
    pub characteristic: bool,
    /// Whether an index case who has it may be in danger.
    pub suspicious_for_index: bool,
    /// Whether a contact who has it may be in danger, or has most likely fallen ill.
    pub suspicious_for_contacts: bool,
}

impl ListedSymptom {
    /// A symptom that is asked for, and means nothing by itself.
    pub(crate) const fn other(symptom: Symptom) -> Self {
        Self { symptom, characteristic: false, suspicious_for_index: false, suspicious_for_contacts: false }
    }

    /// A characteristic one.
    pub(crate) const fn characteristic(symptom: Symptom) -> Self {
        Self { characteristic: true, ..Self::other(symptom) }
    }

    /// The same, suspicious for everybody.
    pub(crate) const fn alarming(self) -> Self {
        Self { suspicious_for_index: true, suspicious_for_contacts: true, ..self }
    }

    /// The same, suspicious for contacts only: cases are known to have it.
    pub(crate) const fn telling_of_contacts(self) -> Self {
        Self { suspicious_for_contacts: true, ..self }
    }

    /// Says whether it is suspicious for a case of a type.
    #[must_use]
    pub fn is_suspicious_for(&self, case_type: CaseType) -> bool {
        if case_type.is_contact() { self.suspicious_for_contacts } else { self.suspicious_for_index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diseases::Disease;
    use std::collections::BTreeSet;

    #[test]
    fn every_symptom_has_a_name_of_its_own_in_every_language() {
        for language in Language::ALL {
            let names: BTreeSet<&str> = Symptom::ALL.iter().map(|symptom| symptom.name(*language)).collect();
            assert_eq!(names.len(), Symptom::ALL.len(), "{language}");
            assert!(names.iter().all(|name| !name.trim().is_empty()), "{language}");
        }
    }

    #[test]
    fn every_symptom_is_asked_for_by_some_disease() {
        let listed: BTreeSet<Symptom> =
            Disease::ALL.iter().flat_map(|disease| disease.profile().symptoms.value).map(|one| one.symptom).collect();
        assert_eq!(listed.len(), Symptom::ALL.len());
    }

    #[test]
    fn each_disease_asks_for_each_symptom_once_and_knows_what_is_characteristic_and_what_is_dangerous() {
        for disease in Disease::ALL {
            let list = disease.profile().symptoms;
            let once: BTreeSet<Symptom> = list.value.iter().map(|one| one.symptom).collect();
            assert_eq!(once.len(), list.value.len(), "{disease}");
            assert!(list.value.iter().any(|one| one.characteristic), "{disease}");
            for case_type in [CaseType::Index, CaseType::Contact] {
                assert!(list.value.iter().any(|one| one.is_suspicious_for(case_type)), "{disease}, {case_type}");
            }
            for one in list.value {
                assert!(one.suspicious_for_contacts || !one.suspicious_for_index, "{disease}: {}", one.symptom);
            }
        }
    }

    #[test]
    fn loss_of_smell_is_suspicious_in_contacts_and_expected_in_cases() {
        let list = Disease::Covid19.profile().symptoms.value;
        let smell = list.iter().find(|one| one.symptom == Symptom::LossOfSmell);
        let is = |case_type| smell.is_some_and(|one| one.is_suspicious_for(case_type));
        assert!(is(CaseType::ContactMedical) && !is(CaseType::Index));
    }
}
