//! Index case or contact case, and which kind of contact.

use crate::authorities::words;

/// What a case is followed up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseType {
    /// Has, or may have, the infection.
    Index,
    /// Met an index case.
    Contact,
    /// Met one, and works in health care: may infect the vulnerable.
    ContactMedical,
    /// Met one, and is old or has a pre-existing condition.
    ContactVulnerable,
}
words!(CaseType {
    Index = "index",
    Contact = "contact",
    ContactMedical = "contact_medical",
    ContactVulnerable = "contact_vulnerable",
});

/// What a contact said, or others said of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactTraits {
    /// Works in health care.
    pub is_health_staff: bool,
    /// Of an age at which the disease is grave.
    pub is_senior: bool,
    /// Has a pre-existing condition.
    pub has_condition: bool,
}

impl CaseType {
    /// Says whether it is a contact, of any kind.
    #[must_use]
    pub fn is_contact(self) -> bool {
        self != Self::Index
    }

    /// Returns the type of a contact. Health staff comes before vulnerable.
    #[must_use]
    pub fn of_contact(traits: ContactTraits) -> Self {
        match traits {
            ContactTraits { is_health_staff: true, .. } => Self::ContactMedical,
            ContactTraits { is_senior: true, .. } | ContactTraits { has_condition: true, .. } => {
                Self::ContactVulnerable
            }
            _ => Self::Contact,
        }
    }

    /// Says whether a case of this type may be given that one: once index, always index.
    #[must_use]
    pub fn may_become(self, other: Self) -> bool {
        self == other || self.is_contact()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_index_always_index() {
        for kind in CaseType::ALL {
            assert_eq!(CaseType::Index.may_become(*kind), *kind == CaseType::Index, "{kind}");
            assert!(CaseType::Contact.may_become(*kind));
        }
    }

    #[test]
    fn health_staff_wins_over_vulnerable() {
        let both = ContactTraits { is_health_staff: true, is_senior: true, has_condition: true };
        assert_eq!(CaseType::of_contact(both), CaseType::ContactMedical);
        let old = ContactTraits { is_senior: true, ..ContactTraits::default() };
        assert_eq!(CaseType::of_contact(old), CaseType::ContactVulnerable);
        assert_eq!(CaseType::of_contact(ContactTraits::default()), CaseType::Contact);
    }
}
