//! The authority, tenant of all case work, and what its people may do.

use serde::{Deserialize, Serialize};

/// Two to eight letters that stand for an authority where nobody has signed in yet. Kept lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ShortCode(String);

/// A text that is no short code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a short code has two to eight letters a to z")]
pub struct NotAShortCode;

impl ShortCode {
    /// The authority that a fresh data folder gets.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// Returns the short code that `text` is, in lower case.
    ///
    /// # Errors
    ///
    /// [`NotAShortCode`] unless it has two to eight letters.
    pub fn new(text: &str) -> Result<Self, NotAShortCode> {
        let fits = (2..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphabetic());
        if fits { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAShortCode) }
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ShortCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives each variant its word in tables, URLs and screens, and reads it back.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns its word, as it stands in tables, URLs and files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Returns the one with this word.
            #[must_use]
            pub fn find(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// Whether an authority's rows may be written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityState {
    /// At work.
    Active,
    /// Moving to another cell: reads only, writes are refused for a moment.
    Frozen,
    /// Lives elsewhere now.
    Moved,
}
words!(AuthorityState { Active = "active", Frozen = "frozen", Moved = "moved" });

/// What an account may do in an authority, or, for the operator, in the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Accounts, settings, rule sets, exports, and everything a case worker may.
    Administrator,
    /// Cases, contacts, exposures of the own authority.
    CaseWorker,
    /// Dashboards, chains, reports without names.
    Analyst,
    /// The installation: authorities, keys, backups. Sees no person.
    Operator,
    /// Somebody who is followed up: their own cases, and those of persons for whom they act. Never of the staff.
    Patient,
    /// Somebody who works in venues: their own ones, and no person of the authority. Never of the staff.
    Venue,
}
words!(Role {
    Administrator = "administrator",
    CaseWorker = "case_worker",
    Analyst = "analyst",
    Operator = "operator",
    Patient = "patient",
    Venue = "venue",
});

impl Role {
    /// Returns it as a sentence says it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::CaseWorker => "case worker",
            Self::Administrator | Self::Analyst | Self::Operator | Self::Patient | Self::Venue => self.as_str(),
        }
    }

    /// Says whether an account of the staff can have it.
    #[must_use]
    pub fn is_of_staff(self) -> bool {
        !matches!(self, Self::Patient | Self::Venue)
    }
}

/// Something that somebody wants to do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Bring in line lists, infection links, encounters and visits.
    ImportFacts,
    /// See, search and list cases and persons, with their history.
    SeeCases,
    /// Open cases, change them, call, resolve items, assign, conclude.
    WorkOnCases,
    /// See who was exposed to a person, or may have infected them.
    SeeExposures,
    /// See the outbreak report, which names references but no person.
    SeeOutbreak,
    /// Make accounts of the authority, change and disable them.
    ManageAccounts,
    /// See the rules of the authority, with their sources and versions.
    SeeRules,
    /// Make new versions of the rules.
    ManageRules,
    /// Make authorities.
    ManageAuthorities,
    /// Import lists of offices and postcodes, and say where an authority is.
    ManageTerritory,
    /// Read the audit log.
    SeeAudit,
    /// Check the audit chain.
    VerifyAudit,
    /// See whether everything is in order.
    SeeDoctor,
    /// List and export keys.
    ManageKeys,
    /// Back up and restore.
    BackUp,
    /// End what has reached the end of its period.
    RunRetention,
    /// Have everything that is stored about a person as a file.
    SeePersonFiles,
    /// Erase a person for good, with a certificate.
    ErasePersons,
    /// See mails and letters, with their log.
    SeeMessages,
    /// Take mails back, and have them tried again.
    ManageMessages,
    /// Change the texts of mails and letters.
    ManageTexts,
    /// Let go of mails that a restore keeps back, and send one to see whether mail arrives.
    ReleaseMessages,
    /// See and tell what one's own case is about.
    ActForOneself,
    /// Have cases with their persons as a file.
    ExportCases,
    /// Have cases without names as a file.
    ExportLineList,
    /// Read the cases of those who keep a diary: for programs of other services.
    ReadEnrolledCases,
    /// Show everybody of the authority a view of the list of cases, and take such views away.
    ShareViews,
    /// See the venues of the authority, with their addresses and hours.
    SeeVenues,
    /// Hand in who was at an occasion, and read nothing: for programs of organisers.
    HandInVisitors,
    /// Run one's own venues; what exactly, says what somebody is there.
    ActForVenue,
    /// Make runs of the proximity network, which hold no person, and see those of others.
    MakeRuns,
    /// Change runs of others.
    ManageRuns,
}
words!(Action {
    ImportFacts = "import_facts",
    SeeCases = "see_cases",
    WorkOnCases = "work_on_cases",
    SeeExposures = "see_exposures",
    SeeOutbreak = "see_outbreak",
    ManageAccounts = "manage_accounts",
    SeeRules = "see_rules",
    ManageRules = "manage_rules",
    ManageAuthorities = "manage_authorities",
    ManageTerritory = "manage_territory",
    SeeAudit = "see_audit",
    VerifyAudit = "verify_audit",
    SeeDoctor = "see_doctor",
    ManageKeys = "manage_keys",
    BackUp = "back_up",
    RunRetention = "run_retention",
    SeePersonFiles = "see_person_files",
    ErasePersons = "erase_persons",
    SeeMessages = "see_messages",
    ManageMessages = "manage_messages",
    ManageTexts = "manage_texts",
    ReleaseMessages = "release_messages",
    ActForOneself = "act_for_oneself",
    ExportCases = "export_cases",
    ExportLineList = "export_line_list",
    ReadEnrolledCases = "read_enrolled_cases",
    ShareViews = "share_views",
    SeeVenues = "see_venues",
    HandInVisitors = "hand_in_visitors",
    ActForVenue = "act_for_venue",
    MakeRuns = "make_runs",
    ManageRuns = "manage_runs",
});

impl Action {
    /// Returns what is done, as a sentence says it: "the role analyst may not see exposures".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::ImportFacts => "import files",
            Self::SeeCases => "see cases",
            Self::WorkOnCases => "work on cases",
            Self::SeeExposures => "see exposures",
            Self::SeeOutbreak => "see the outbreak report",
            Self::ManageAccounts => "manage accounts",
            Self::SeeRules => "see the rules",
            Self::ManageRules => "change the rules",
            Self::ManageAuthorities => "make authorities",
            Self::ManageTerritory => "change which authority serves which postcode",
            Self::SeeAudit => "read the audit log",
            Self::VerifyAudit => "check the audit log",
            Self::SeeDoctor => "see whether everything is in order",
            Self::ManageKeys => "manage keys",
            Self::BackUp => "back up or restore",
            Self::RunRetention => "end what is over",
            Self::SeePersonFiles => "have everything about a person as a file",
            Self::ErasePersons => "erase persons",
            Self::SeeMessages => "see mails and letters",
            Self::ManageMessages => "take mails back or have them tried again",
            Self::ManageTexts => "change the texts of mails and letters",
            Self::ReleaseMessages => "let go of mails that a restore keeps back",
            Self::ActForOneself => "act as a patient",
            Self::ExportCases => "export cases with names",
            Self::ExportLineList => "export a line list without names",
            Self::ReadEnrolledCases => "read enrolled cases",
            Self::ShareViews => "share views of the list of cases",
            Self::SeeVenues => "see venues",
            Self::HandInVisitors => "hand in visitors of an occasion",
            Self::ActForVenue => "act for a venue",
            Self::MakeRuns => "make runs",
            Self::ManageRuns => "change runs of others",
        }
    }
}

impl Role {
    /// Says whether this role allows an action. What is not listed is refused.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        use Action::{
            ActForOneself, ActForVenue, BackUp, ErasePersons, ExportCases, ExportLineList, HandInVisitors, ImportFacts,
            MakeRuns, ManageAccounts, ManageAuthorities, ManageKeys, ManageMessages, ManageRules, ManageRuns,
            ManageTerritory, ManageTexts, ReadEnrolledCases, ReleaseMessages, RunRetention, SeeAudit, SeeCases,
            SeeDoctor, SeeExposures, SeeMessages, SeeOutbreak, SeePersonFiles, SeeRules, SeeVenues, ShareViews,
            VerifyAudit, WorkOnCases,
        };
        match self {
            Self::Administrator => matches!(
                action,
                ImportFacts
                    | SeeCases
                    | WorkOnCases
                    | SeeExposures
                    | SeeOutbreak
                    | ManageAccounts
                    | SeeRules
                    | ManageRules
                    | SeeAudit
                    | VerifyAudit
                    | SeeDoctor
                    | RunRetention
                    | SeePersonFiles
                    | ErasePersons
                    | SeeMessages
                    | ManageMessages
                    | ManageTexts
                    | ExportCases
                    | ExportLineList
                    | ReadEnrolledCases
                    | ShareViews
                    | SeeVenues
                    | HandInVisitors
                    | MakeRuns
            ),
            Self::CaseWorker => {
                matches!(
                    action,
                    ImportFacts
                        | SeeCases
                        | WorkOnCases
                        | SeeExposures
                        | SeeOutbreak
                        | SeeRules
                        | SeeMessages
                        | ManageMessages
                        | ExportCases
                        | ExportLineList
                        | ReadEnrolledCases
                        | SeeVenues
                        | HandInVisitors
                        | MakeRuns
                )
            }
            Self::Analyst => matches!(action, SeeOutbreak | SeeRules | ExportLineList | MakeRuns),
            Self::Operator => matches!(
                action,
                ManageAuthorities
                    | ManageTerritory
                    | ManageAccounts
                    | ManageKeys
                    | BackUp
                    | VerifyAudit
                    | SeeDoctor
                    | RunRetention
                    | ReleaseMessages
                    | MakeRuns
                    | ManageRuns
            ),
            Self::Patient => action == ActForOneself,
            Self::Venue => action == ActForVenue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_sees_no_person_and_an_analyst_no_name() {
        for action in [
            Action::SeeCases,
            Action::WorkOnCases,
            Action::SeeExposures,
            Action::ImportFacts,
            Action::SeeMessages,
            Action::ExportCases,
            Action::ReadEnrolledCases,
        ] {
            assert!(!Role::Operator.may(action), "{action}");
            assert!(!Role::Analyst.may(action), "{action}");
        }
    }

    #[test]
    fn a_patient_acts_for_themselves_and_nobody_of_the_staff_acts_as_one() {
        for action in Action::ALL {
            assert_eq!(Role::Patient.may(*action), *action == Action::ActForOneself, "{action}");
        }
        for role in Role::ALL.iter().filter(|role| role.is_of_staff()) {
            assert!(!role.may(Action::ActForOneself), "{role}");
        }
    }

    #[test]
    fn who_works_in_a_venue_acts_for_it_alone_and_nobody_of_the_staff_does() {
        for action in Action::ALL {
            assert_eq!(Role::Venue.may(*action), *action == Action::ActForVenue, "{action}");
        }
        for role in Role::ALL.iter().filter(|role| role.is_of_staff()) {
            assert!(!role.may(Action::ActForVenue), "{role}");
        }
    }

    #[test]
    fn what_somebody_may_not_is_said_in_words() {
        for action in Action::ALL {
            assert!(!action.in_words().contains('_'), "{action}");
        }
        for role in Role::ALL {
            assert!(!role.in_words().contains('_'), "{role}");
        }
    }

    #[test]
    fn short_codes_are_two_to_eight_letters() {
        assert_eq!(ShortCode::new("MA").map(|c| c.to_string()), Ok("ma".to_owned()));
        for wrong in ["", "a", "abcdefghi", "a1", "ä-"] {
            assert_eq!(ShortCode::new(wrong), Err(NotAShortCode), "{wrong}");
        }
    }
}
