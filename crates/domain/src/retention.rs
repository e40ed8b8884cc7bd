//! How long each kind of data is kept. The one table of periods; the book prints it from here.
//!
//! Everything that can hold a person has a period. Each counts from its reference date and has a cap
//! counted from creation, so that a case that nobody ever concludes still ends. What belongs to a case, a
//! person or a file goes in the same transaction as these, and says so. Every other table stands in
//! [`HOLD_NO_PERSON`] with the reason; a test of the storage fails for a table that is in neither.

/// What a period counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsFrom {
    /// The row was made.
    Creation,
    /// Its last day.
    End,
    /// The conclusion of the case.
    Conclusion,
    /// The last day of quarantine or isolation; the conclusion where there was none.
    FollowUp,
    /// The follow-up of the case that was opened of it; the meeting where none was.
    FollowUpOfContact,
    /// The day on which another authority had everything.
    HandOver,
    /// It was sent.
    Sending,
    /// The end of what it belongs to, by the table where that stands: both go in one transaction.
    EndOf(&'static str),
    /// The end of the last case of the person; where there is none, of the last fact that names them.
    LastCase,
}

impl std::fmt::Display for CountsFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Creation => "creation",
            Self::End => "its end",
            Self::Conclusion => "conclusion",
            Self::FollowUp => "the last day of its follow-up",
            Self::FollowUpOfContact => "the follow-up of the contact, else the meeting",
            Self::HandOver => "the other authority had everything",
            Self::Sending => "it was sent",
            Self::EndOf("outbreak_case") => "the end of its case",
            Self::EndOf("person") => "the end of its person",
            Self::EndOf("visit") => "the end of its visit",
            Self::EndOf("import_file") => "the end of its file",
            Self::EndOf("bulk_action") => "the end of its bulk action",
            Self::EndOf("message") => "the end of its message",
            Self::EndOf("occasion_visitor") => "the end of its visitors",
            Self::EndOf("export_file") => "the end of its workbook",
            Self::EndOf("audit_record") => "the end of its record",
            Self::EndOf(table) => table,
            Self::LastCase => "the end of their last case",
        })
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The table whose rows end.
    pub table: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// Days it is kept.
    pub days: i32,
    /// From when they count.
    pub counts_from: CountsFrom,
    /// Days after creation at which it ends in any case. Who ends with the last case is counted from the
    /// creation of that one.
    pub cap_days: i32,
    /// What happens to it: who ends it, and why so long.
    pub how: &'static str,
}

/// A table whose rows go together with what they belong to.
const fn goes_with(
    owner: &'static str,
    cap_days: i32,
    table: &'static str,
    what: &'static str,
    how: &'static str,
) -> Period {
    Period { table, what, days: 0, counts_from: CountsFrom::EndOf(owner), cap_days, how }
}

/// Cases of infected persons.
pub const INDEX_CASES: Period = Period {
    table: "outbreak_case",
    what: "index cases",
    days: 180,
    counts_from: CountsFrom::Conclusion,
    cap_days: 730,
    how: ANONYMISED,
};

/// Cases of contacts who are not known to be infected.
pub const CONTACT_CASES: Period = Period {
    table: "outbreak_case",
    what: "contact cases",
    days: 16,
    counts_from: CountsFrom::FollowUp,
    cap_days: 60,
    how: ANONYMISED,
};

/// What is left of cases that another authority took over.
pub const HANDED_OVER: Period = Period {
    table: "outbreak_case",
    what: "copies of cases that were handed over, read only",
    days: 16,
    counts_from: CountsFrom::HandOver,
    cap_days: 730,
    how: "anonymised: what is left names nobody, and is counted where the case is now",
};

/// What cases said of whom they met.
pub const DECLARED_COPIES: Period = Period {
    table: "declared_contact",
    what: "what cases said of whom they met, sealed",
    days: 16,
    counts_from: CountsFrom::FollowUpOfContact,
    cap_days: 60,
    how: "deleted, or earlier with the case that said it",
};

const ANONYMISED: &str = "anonymised: what is left names nobody, and is kept for counting";
const WITH_CASE: &str = "deleted when the case is anonymised, in the same transaction";
const WITH_PERSON: &str = "deleted when the person is anonymised, in the same transaction";

/// The default periods; an authority may shorten them.
pub const PERIODS: &[Period] = &[
    INDEX_CASES,
    CONTACT_CASES,
    HANDED_OVER,
    goes_with("outbreak_case", 730, "action_item", "what had to be looked at in a case, with sealed notes", WITH_CASE),
    goes_with("outbreak_case", 730, "phone_call", "calls, with sealed notes", WITH_CASE),
    goes_with("outbreak_case", 730, "case_comment", "comments on cases, sealed", WITH_CASE),
    goes_with(
        "outbreak_case",
        730,
        "laboratory_result",
        "laboratories' results, with the numbers of samples",
        WITH_CASE,
    ),
    goes_with(
        "outbreak_case",
        730,
        "diary_entry",
        "diaries: sealed notes, and whom they met",
        "erased when the case is anonymised; temperatures and symptoms stay with it, and are kept for counting",
    ),
    goes_with(
        "outbreak_case",
        730,
        "questionnaire",
        "answers to the questions that everybody is asked once; words sealed",
        "erased when the case is anonymised; whether there were symptoms, and which, stays with it",
    ),
    goes_with(
        "outbreak_case",
        730,
        "quarantine_decision",
        "decisions on quarantine and isolation, with sealed notes",
        WITH_CASE,
    ),
    goes_with("outbreak_case", 730, "case_stay", "stays of cases at venues", WITH_CASE),
    goes_with(
        "outbreak_case",
        730,
        "share_code",
        "codes by which guests show their stays, hashed; they work for 24 hours",
        "deleted when another is made, or when the case is anonymised, in the same transaction",
    ),
    goes_with("outbreak_case", 730, "list_request", "requests for guest lists (ids only)", WITH_CASE),
    goes_with(
        "outbreak_case",
        730,
        "released_visit",
        "guests of lists that were released because of a case, sealed",
        "deleted when the request is withdrawn and no contact case rests on it, or when the case is anonymised, in the \
         same transaction",
    ),
    goes_with(
        "outbreak_case",
        730,
        "occasion_contact",
        "which visitors of occasions were chosen because of a case, and what became of each (ids only)",
        WITH_CASE,
    ),
    goes_with(
        "outbreak_case",
        730,
        "request_elsewhere",
        "requests for guest lists that go through another authority; what is known of the venue, sealed",
        WITH_CASE,
    ),
    goes_with("outbreak_case", 730, "letter", "orders and release letters, as they were sent, sealed", WITH_CASE),
    goes_with(
        "outbreak_case",
        730,
        "activation_code",
        "invitations: codes, hashed, and sealed until they end",
        WITH_CASE,
    ),
    goes_with(
        "outbreak_case",
        730,
        "enrolment",
        "which account enrolled a case, and which data protection text was accepted (ids only)",
        WITH_CASE,
    ),
    goes_with("outbreak_case", 730, "case_redirect", "where the ids of merged cases lead (ids only)", WITH_CASE),
    DECLARED_COPIES,
    Period {
        table: "infection_link",
        what: "known infections",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "refused_link",
        what: "refused infection links (references only)",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "contact",
        what: "declared contacts",
        days: 180,
        counts_from: CountsFrom::End,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "encounter",
        what: "imported encounters",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted",
    },
    Period {
        table: "visit",
        what: "imported visits",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted",
    },
    goes_with("visit", 180, "visit_day", "days that an imported visit touches", "deleted in the same run as the visit"),
    Period {
        table: "person",
        what: "persons, their sealed details",
        days: 0,
        counts_from: CountsFrom::LastCase,
        cap_days: 730,
        how: "anonymised with their last case; who never had one 16 days after their last meeting; deleted when no case \
              and no fact is left; written to the ledger of erasures",
    },
    goes_with("person", 730, "person_reference", "what imported files call a person", WITH_PERSON),
    goes_with("person", 730, "person_change", "marks that a person's details changed (ids only)", WITH_PERSON),
    goes_with(
        "person",
        730,
        "person_token",
        "keyed hashes by which duplicates are found",
        "deleted when the person is anonymised, in the same transaction; written anew when their details change",
    ),
    goes_with(
        "person",
        730,
        "patient_account",
        "patients' accounts: user names, sealed, and passwords, hashed",
        "deleted when the last person for whom it acts is anonymised, in the same transaction; its user name is free again",
    ),
    goes_with("person", 730, "person_redirect", "where the ids of merged persons lead (ids only)", WITH_PERSON),
    goes_with("person", 730, "distinct_person", "who was found not to be the same person (ids only)", WITH_PERSON),
    Period {
        table: "person_merge",
        what: "what a merge of two persons moved, to undo it",
        days: crate::merges::UNDO_DAYS,
        counts_from: CountsFrom::Creation,
        cap_days: crate::merges::UNDO_DAYS,
        how: "deleted, or earlier with either person or a case that took part; then the merge is final",
    },
    Period {
        table: "history",
        what: "changes of persons and cases",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "when its subject is anonymised, deleted but for dates of status; the rest at the cap",
    },
    Period {
        table: "import_file",
        what: "files brought in through the page, by their sealed names",
        days: 7,
        counts_from: CountsFrom::Creation,
        cap_days: 7,
        how: "deleted; what was imported from them follows its own period",
    },
    goes_with(
        "import_file",
        7,
        "import_part",
        "what stands in such files, and their refused rows, sealed",
        "deleted with the file, in the same transaction",
    ),
    Period {
        table: "export_file",
        what: "workbooks that somebody asked for (settings and counts only)",
        days: 3,
        counts_from: CountsFrom::Creation,
        cap_days: 3,
        how: "deleted: time to fetch it",
    },
    goes_with(
        "export_file",
        3,
        "export_part",
        "what stands in such workbooks, sealed",
        "deleted with the file, in the same transaction",
    ),
    Period {
        table: "saved_view",
        what: "views of the list that staff saved (their names sealed, the rest clear columns)",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "job",
        what: "jobs (counts only)",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted",
    },
    Period {
        table: "bulk_action",
        what: "things done to many cases at once, and their sealed comment",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted; until then they can be undone",
    },
    goes_with(
        "bulk_action",
        30,
        "bulk_row",
        "what became of each case of them (ids and words of a list)",
        "deleted with the bulk action",
    ),
    Period {
        table: "message_content",
        what: "recipients, subjects and texts of mails and letters",
        days: 7,
        counts_from: CountsFrom::Sending,
        cap_days: 30,
        how: "erased, at once if the message is cancelled; what was not sent by the cap is cancelled",
    },
    Period {
        table: "message",
        what: "mails and letters without their content, and their log",
        days: 180,
        counts_from: CountsFrom::Creation,
        cap_days: 180,
        how: "deleted, or earlier with their person or case",
    },
    goes_with(
        "message",
        180,
        "message_log",
        "what became of mails and letters, step by step",
        "deleted with the message",
    ),
    Period {
        table: "outbox",
        what: "events on their way (ids only)",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted",
    },
    Period {
        table: "inbox",
        what: "which events of other authorities were acted on (ids only)",
        days: 60,
        counts_from: CountsFrom::Creation,
        cap_days: 60,
        how: "deleted: longer than any event is on its way",
    },
    Period {
        table: "hand_over",
        what: "hand-overs: who asked whom, type, age band, postcode and days; what a refusal says, sealed",
        days: 60,
        counts_from: CountsFrom::Creation,
        cap_days: 60,
        how: "deleted, or earlier with the case",
    },
    Period {
        table: "authority_message",
        what: "messages to other authorities, sealed to them: requests for guest lists, and the lists",
        days: 30,
        counts_from: CountsFrom::Creation,
        cap_days: 30,
        how: "deleted, or earlier as soon as they were taken in there",
    },
    Period {
        table: "request_from_other",
        what: "requests of other authorities for guest lists: which authority, disease, time; words of theirs, sealed",
        days: 60,
        counts_from: CountsFrom::Creation,
        cap_days: 60,
        how: "deleted",
    },
    Period {
        table: "venue_link",
        what: "links mailed to who registers a venue or is invited to one: e-mail address, name, sealed",
        days: 7,
        counts_from: CountsFrom::Creation,
        cap_days: 7,
        how: "deleted, or earlier when the link is used",
    },
    Period {
        table: "guest_list_opening",
        what: "guest lists that were opened: who, venue, window, reason; the note, sealed; no guest",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted, with the audit records of the same openings",
    },
    Period {
        table: "occasion",
        what: "occasions: title, place, whom to ask, sealed; their times",
        days: 180,
        counts_from: CountsFrom::End,
        cap_days: 730,
        how: "deleted",
    },
    Period {
        table: "occasion_visitor",
        what: "visitors of occasions, sealed to the day on which they were handed in",
        days: 16,
        counts_from: CountsFrom::Creation,
        cap_days: 16,
        how: "the key of the day is destroyed first, then the rows are deleted",
    },
    goes_with(
        "occasion_visitor",
        16,
        "occasion_block",
        "the keys of visitors, sealed to the day",
        "deleted with the visitors, in the same transaction",
    ),
    Period {
        table: "occasion_opening",
        what: "lists of visitors that were opened: who, occasion, reason; the note, sealed; no visitor",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted, with the audit records of the same openings",
    },
    Period {
        table: "audit_record",
        what: "audit records (ids only)",
        days: 730,
        counts_from: CountsFrom::Creation,
        cap_days: 730,
        how: "deleted; the hash of the last one stays as an anchor",
    },
    goes_with(
        "audit_record",
        730,
        "audit_block",
        "ids of the cases that went with a file (ids only)",
        "deleted with the record, in the same transaction",
    ),
];

/// The tables that hold no person of case work, each with the reason.
pub const HOLD_NO_PERSON: &[(&str, &str)] = &[
    ("installation", "one row with a number"),
    ("authority", "authorities, by name"),
    ("venue", "public places that keep a list of their guests, by name and address"),
    ("venue_area", "rooms and tables of such places"),
    ("venue_elsewhere", "such places in the area of another authority, by name"),
    ("authority_key", "public halves of the keys with which authorities sign and seal what they tell each other"),
    (
        "venue_account",
        "staff of venues: e-mail address, name and telephone number, sealed; deleted when they leave their last venue",
    ),
    ("venue_member", "which staff may do what in which venue; ends when they leave"),
    ("facility", "places, by name; a private address goes into a person's sealed fields"),
    ("rule_set", "numbers, days, and the account that set them"),
    ("guest_list_setting", "who opens guest lists, how long guests' data is kept, and the account that set it"),
    ("counter", "numbers"),
    ("check_in_day", "public keys of days, and when their other halves were destroyed"),
    ("upload_day", "public keys of days on which visitors were handed in, and when their other halves were destroyed"),
    ("case_tally", "how many cases there are of each kind"),
    ("audit_chain", "numbers and hashes"),
    ("lease", "names of jobs"),
    ("pulse", "numbers"),
    ("server_beat", "servers: their hosts, and when they were last there"),
    ("last_done", "when chores of the installation were last done"),
    ("message_template", "texts that an authority wrote for everybody"),
    ("public_text", "texts that an authority shows to everybody"),
    ("letterhead", "an authority's own public address and telephone"),
    ("territory_version", "lists of offices, by file and day"),
    ("territory_office", "offices, with their public addresses"),
    ("territory_postcode", "postcodes and whose they are"),
    ("account", "staff, by user name: what they did stays signed for as long as the audit log and histories say it"),
    ("membership", "which staff may act where; ends when they leave"),
    ("credential", "staff: what they prove themselves with, hashed or sealed"),
    ("recovery_code", "staff: hashes; each goes when it is used"),
    ("session", "staff who are signed in; deleted after 30 minutes without a word, 12 hours at most"),
    ("patient_session", "patients who are signed in (ids and hashes only); deleted after 30 minutes without a word"),
    ("invitation", "staff who are invited; deleted when used or run out, after 7 days at most"),
    ("api_token", "keys of programs, hashed; deleted when they run out, after 365 days at most"),
];

/// The tables of runs, each with the reason why it holds no person. On SQLite they lie in a file of their own.
pub const OF_RUNS: &[(&str, &str)] = &[
    ("run", "runs of the simulator, and the account that made each; nobody made those of published nodes"),
    ("run_node", "nodes of runs"),
    ("run_frame", "where nodes of runs were"),
    ("run_encounter", "which nodes of runs met"),
    ("run_infection", "which nodes of runs infected which"),
    ("run_message", "when published nodes of runs said something"),
    ("run_view", "how staff look at runs"),
    ("log_offset", "numbers"),
    ("dead_letter", "reports of nodes that could not be stored"),
];

/// Returns the table of periods as the book prints it.
#[must_use]
pub fn table_of_periods() -> String {
    let head = "| what | days kept | at most, after creation | how it ends |\n| --- | --- | --- | --- |\n";
    let line = |period: &Period| {
        let Period { what, days, counts_from, cap_days, how, .. } = period;
        format!("| {what} | {days} after {counts_from} | {cap_days} | {how} |\n")
    };
    PERIODS.iter().map(line).fold(head.to_owned(), |table, line| table + &line)
}

/// Returns the table of what holds no person, as the book prints it.
#[must_use]
pub fn table_without_persons() -> String {
    let head = "| table | why it needs no period |\n| --- | --- |\n";
    HOLD_NO_PERSON
        .iter()
        .chain(OF_RUNS)
        .fold(head.to_owned(), |table, (name, why)| table + &format!("| `{name}` | {why} |\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_period_outlasts_its_cap() {
        for period in PERIODS {
            assert!(period.days <= period.cap_days, "{}", period.table);
        }
    }

    #[test]
    fn what_goes_with_something_ends_when_that_does() {
        for period in PERIODS {
            let CountsFrom::EndOf(owner) = period.counts_from else { continue };
            let owner = PERIODS.iter().find(|other| other.table == owner);
            assert_eq!(owner.map(|owner| owner.cap_days), Some(period.cap_days), "{}", period.table);
            assert!(period.counts_from.to_string().contains(' '), "{}: say it in words", period.table);
        }
    }

    #[test]
    fn no_table_stands_twice() {
        let again = [CONTACT_CASES.what, HANDED_OVER.what];
        let others = PERIODS.iter().filter(|period| !again.contains(&period.what));
        let mut names: Vec<&str> = others.map(|period| period.table).collect();
        names.extend(HOLD_NO_PERSON.iter().map(|(name, _)| *name));
        let n_lines = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_lines);
    }
}
