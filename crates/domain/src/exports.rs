//! What leaves as a file: which kinds there are, and which of them name people.

use crate::authorities::{Action, words};
use crate::cases::CaseType;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExportKind {
    /// Cases with their persons.
    Cases,
    /// Cases without names: a line list for counting.
    LineList,
    /// Cases whose quarantine or isolation was decided on in a period, by that day.
    Quarantines,
    /// Contacts whose case is open and who have no days of quarantine yet.
    ContactsWithoutQuarantine,
    /// Cases for which another authority is responsible, by that authority.
    External,
    /// Index cases as SORMAS reads them.
    Sormas,
    /// Contacts as SORMAS reads them, a row for each case that named one.
    SormasContacts,
    /// Cases as HL7 FHIR R4: a bundle of patients, conditions and observations.
    Fhir,
    /// An empty line list with a made-up row, to be filled in and imported.
    Template,
}
words!(ExportKind {
    Cases = "cases",
    LineList = "line_list",
    Quarantines = "quarantines",
    ContactsWithoutQuarantine = "contacts_without_quarantine",
    External = "external",
    Sormas = "sormas",
    SormasContacts = "sormas_contacts",
    Fhir = "fhir",
    Template = "template",
});

impl ExportKind {
    /// Returns what somebody must be allowed to have it.
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::LineList => Action::ExportLineList,
            _ => Action::ExportCases,
        }
    }

    /// Returns its name in the audit log.
    #[must_use]
    pub fn operation(self) -> &'static str {
        match self {
            Self::Cases => "exports.cases",
            Self::LineList => "exports.line_list",
            Self::Quarantines => "exports.quarantines",
            Self::ContactsWithoutQuarantine => "exports.contacts_without_quarantine",
            Self::External => "exports.external",
            Self::Sormas => "exports.sormas",
            Self::SormasContacts => "exports.sormas_contacts",
            Self::Fhir => "exports.fhir",
            Self::Template => "exports.template",
        }
    }

    /// Says whether it is a table that can be had as a workbook too.
    #[must_use]
    pub fn is_table(self) -> bool {
        !matches!(self, Self::Sormas | Self::SormasContacts | Self::Fhir)
    }

    /// Says whether it has cases of this type.
    #[must_use]
    pub fn holds(self, case_type: CaseType) -> bool {
        match self {
            Self::Sormas => case_type == CaseType::Index,
            Self::SormasContacts => case_type.is_contact(),
            _ => true,
        }
    }

    /// Returns how its file's name ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        if self == Self::Fhir { "json" } else { "csv" }
    }
}

/// What stands between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// What German spreadsheets read.
    Semicolon,
    /// What others read.
    Comma,
}
words!(Delimiter { Semicolon = "semicolon", Comma = "comma" });

impl Delimiter {
    /// Returns the character.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Semicolon => b';',
            Self::Comma => b',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorities::Role;

    #[test]
    fn an_analyst_has_the_line_list_without_names_and_nothing_else() {
        let may: Vec<_> = ExportKind::ALL.iter().filter(|kind| Role::Analyst.may(kind.action())).collect();
        assert_eq!(may, [&ExportKind::LineList]);
        assert!(ExportKind::ALL.iter().all(|kind| Role::CaseWorker.may(kind.action())));
        assert!(!ExportKind::ALL.iter().any(|kind| Role::Operator.may(kind.action())));
    }
}
