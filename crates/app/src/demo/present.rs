//! People of this week for a demonstration, so that somebody waits on the worklist.
//!
//! Who they are and what happened is a story, told in the hours before now. Each line of it goes through the action that
//! the page calls, at its own time. Nobody here exists: telephone numbers are those that the Bundesnetzagentur (2018) and
//! Ofcom keep free for films.

mod story;

use crate::case_work::{CaseChanges, Changes, NewCall, NewCase, NewComment, NewContact, NewQuarantine, WhosePerson};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Role;
use domain::calls::CallOutcome;
use domain::cases::CaseType;
use domain::contacts::{ContactKind, Said};
use domain::diseases::Disease;
use domain::ids::{CallId, CaseId, CommentId, ContactId, PersonId};
use domain::letters::Letterhead;
use domain::persons::Personal;
use domain::time::{DayRange, local_day, plus_days};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use story::{PEOPLE, STORY};

/// The disease of these people: another one than that of the outbreak which the demonstration shows.
pub const PRESENT_DISEASE: Disease = Disease::Covid19;

/// Somebody in the story.
struct Someone {
    name: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    sex: &'static str,
    born: &'static str,
    mobile: &'static str,
    /// Street, house number, postcode, city.
    address: Option<[&'static str; 4]>,
    is_health_staff: bool,
    is_senior: bool,
}

/// A line of the story.
struct Line {
    hours_ago: i64,
    who: &'static str,
    what: What,
}

/// What happened.
enum What {
    /// A laboratory wrote. Days since onset and since the test.
    Reported { onset: Option<i32>, tested: i32 },
    /// Less than all was written down.
    ReportedInPart { tested: i32 },
    /// They telephoned: somebody had told them that they are a contact.
    CameForward,
    /// One of the staff took the case on; nobody is whoever looks at the demonstration.
    Taken(Option<&'static str>),
    /// One of the staff telephoned.
    Called(&'static str, CallOutcome),
    /// They want to be called again, so many hours later.
    AskedToBeCalled(&'static str, i64),
    /// They named somebody whom they met so many days ago.
    Named(&'static str, ContactKind, i32),
    /// One of the staff ordered the days of quarantine or isolation that the rules offer.
    Ordered(&'static str),
    /// What was missing of them is known now.
    Completed,
    /// They were tested positive.
    TestedPositive,
    /// Somebody wrote a comment.
    Commented(&'static str, &'static str),
}

/// Who is known already while the story is told.
struct Telling<'a> {
    app: &'a App,
    viewer: &'a Worker,
    staff: HashMap<&'static str, Worker>,
    cases: HashMap<&'static str, CaseId>,
}

impl App {
    /// Fills an authority with people of this week. `viewer` is whoever looks at them.
    ///
    /// # Errors
    ///
    /// [`AppError`] if the database can't be written.
    pub async fn make_present_people(&self, viewer: &Worker) -> Result<()> {
        let now = self.now();
        let mut staff = HashMap::new();
        for name in ["mira", "jonas"] {
            let account_id = self.create_account(viewer, name, Role::CaseWorker).await?;
            let (authority, role) = (viewer.authority.clone(), Role::CaseWorker);
            let worker = Worker { account_id, authority, role, operator: false, ..viewer.clone() };
            staff.insert(name, worker);
        }
        let mut telling = Telling { app: self, viewer, staff, cases: HashMap::new() };
        for line in STORY {
            telling.tell(line, now).await?;
        }
        // So that a letter can be made from the first look on.
        let (version, _) = self.letterhead(viewer).await?;
        self.change_letterhead(viewer, version, letterhead()).await?;
        // Whoever was to be called again by now waits from the first look on.
        self.wake_items(viewer).await?;
        Ok(())
    }
}

/// An address that is nobody's, with telephones that the regulator keeps for stories.
fn letterhead() -> Letterhead {
    Letterhead {
        street: "Example Street 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        phone_index: "030 23125 100".to_owned(),
        phone_contacts: "030 23125 200".to_owned(),
        email: "health@example.org".to_owned(),
        email_contacts: String::new(),
        legal_note: String::new(),
    }
}

impl Telling<'_> {
    async fn tell(&mut self, line: &Line, now: Timestamp) -> Result<()> {
        let at = now.checked_sub(SignedDuration::from_hours(line.hours_ago)).unwrap_or(now);
        let app = self.app.at(at);
        let today = local_day(at, &self.viewer.authority.time_zone);
        match line.what {
            What::Reported { onset, tested } => {
                let mut details = known_of(someone(line.who)?);
                put_days(&mut details, today, onset, tested);
                self.open(&app, line.who, CaseType::Index, details).await
            }
            What::ReportedInPart { tested } => {
                let mut details = names_of(someone(line.who)?);
                put_days(&mut details, today, None, tested);
                self.open(&app, line.who, CaseType::Index, details).await
            }
            What::CameForward => {
                let who = someone(line.who)?;
                let case_type = if who.is_senior { CaseType::ContactVulnerable } else { CaseType::Contact };
                self.open(&app, line.who, case_type, known_of(who)).await
            }
            What::Taken(by) => {
                let by = by.map_or(Ok(self.viewer), |by| self.worker(by))?.account_id;
                app.assign_case(self.viewer, self.case(line.who)?, Some(by)).await.map(drop)
            }
            What::Called(by, outcome) => self.call(&app, line.who, by, outcome, None).await,
            What::AskedToBeCalled(by, hours) => {
                let back = at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(at);
                self.call(&app, line.who, by, CallOutcome::CallBack, Some(back)).await
            }
            What::Named(met, kind, days_ago) => {
                let day = plus_days(today, -days_ago);
                self.declare(&app, line.who, met, kind, DayRange { first: day, last: day }).await
            }
            What::Ordered(by) => {
                let (worker, case_id) = (self.worker(by)?, self.case(line.who)?);
                let offered = app.quarantine_of_case(worker, case_id).await?.offered;
                let days = offered.ok_or(AppError::NotFound("quarantine that the rules offer"))?;
                let new = NewQuarantine { first: Some(days.first), last: Some(days.last), why: None, seen: None };
                app.set_quarantine(worker, case_id, new).await
            }
            What::Completed => {
                let changes = CaseChanges { changes: known_of(someone(line.who)?), seen: None };
                app.change_details(self.viewer, self.case(line.who)?, &changes).await.map(drop)
            }
            What::TestedPositive => {
                let new_case_id = CaseId::mint(at, app.random());
                app.note_positive_test(self.viewer, self.case(line.who)?, today, new_case_id).await.map(drop)
            }
            What::Commented(by, text) => {
                let comment_id = CommentId::mint(at, app.random());
                let new = NewComment { comment_id, text: Personal::new(text.to_owned()) };
                app.write_comment(self.worker(by)?, self.case(line.who)?, new).await.map(drop)
            }
        }
    }

    async fn open(&mut self, app: &App, name: &'static str, case_type: CaseType, details: Changes) -> Result<()> {
        let new = NewCase {
            case_id: CaseId::mint(app.now(), app.random()),
            person: WhosePerson::New(PersonId::mint(app.now(), app.random())),
            disease: Some(PRESENT_DISEASE),
            case_type,
            details,
        };
        let opened = app.open_case(self.viewer, &new).await?;
        self.cases.insert(name, opened.case_id);
        Ok(())
    }

    async fn call(
        &self,
        app: &App,
        name: &str,
        by: &str,
        outcome: CallOutcome,
        call_back_at: Option<Timestamp>,
    ) -> Result<()> {
        let call_id = CallId::mint(app.now(), app.random());
        let new = NewCall { call_id, called_at: None, outcome, call_back_at, note: None };
        app.note_call(self.worker(by)?, self.case(name)?, new).await.map(drop)
    }

    async fn declare(
        &mut self,
        app: &App,
        name: &str,
        met: &'static str,
        kind: ContactKind,
        days: DayRange,
    ) -> Result<()> {
        let new = NewContact {
            contact_id: ContactId::mint(app.now(), app.random()),
            met: WhosePerson::New(PersonId::mint(app.now(), app.random())),
            case_id: CaseId::mint(app.now(), app.random()),
            kind,
            days,
            said: said_of(someone(met)?),
        };
        let seen = app.declare_contact(self.viewer, self.case(name)?, new).await?;
        self.cases.extend(seen.contact.contact_case.map(|case_id| (met, case_id)));
        Ok(())
    }

    fn case(&self, name: &str) -> Result<CaseId> {
        self.cases.get(name).copied().ok_or(AppError::NotFound("case"))
    }

    fn worker(&self, name: &str) -> Result<&Worker> {
        self.staff.get(name).ok_or(AppError::NotFound("account"))
    }
}

fn someone(name: &str) -> Result<&'static Someone> {
    PEOPLE.iter().find(|one| one.name == name).ok_or(AppError::NotFound("person"))
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn names_of(who: &Someone) -> Changes {
    let fields = [("first_name", who.first_name), ("last_name", who.last_name), ("mobile", who.mobile)];
    fields.into_iter().map(|(field, text)| (field.to_owned(), filled(text))).collect()
}

fn known_of(who: &Someone) -> Changes {
    let mut details = names_of(who);
    let more = [("born", who.born), ("sex", who.sex), ("says_no_email", "yes")];
    let address = ["street", "house_number", "postcode", "city"].into_iter().zip(who.address.into_iter().flatten());
    details.extend(more.into_iter().chain(address).map(|(field, text)| (field.to_owned(), filled(text))));
    details
}

fn put_days(details: &mut Changes, today: Date, onset: Option<i32>, tested: i32) {
    let day = |days_ago: i32| Some(plus_days(today, -days_ago).to_string());
    details.insert("tested".to_owned(), day(tested));
    if let Some(onset) = onset {
        details.insert("onset".to_owned(), day(onset));
    }
}

fn said_of(who: &Someone) -> Said {
    Said {
        first_name: filled(who.first_name),
        last_name: filled(who.last_name),
        mobile: filled(who.mobile),
        hint: who.last_name.is_empty().then(|| who.name.to_owned()),
        is_health_staff: who.is_health_staff.then_some(true),
        is_senior: who.is_senior.then_some(true),
        ..Said::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_story_is_told_from_the_beginning_and_everybody_of_it_has_a_part() {
        assert!(
            STORY.windows(2).all(|two| two[0].hours_ago >= two[1].hours_ago),
            "no line stands before an earlier one"
        );
        let met = STORY.iter().filter_map(|line| match line.what {
            What::Named(met, ..) => Some(met),
            _ => None,
        });
        let told: HashSet<&str> = STORY.iter().map(|line| line.who).chain(met).collect();
        assert_eq!(told, PEOPLE.iter().map(|one| one.name).collect());
    }

    /// Numbers of the Bundesnetzagentur's list for media (2018) and of Ofcom's, of which none is ever given to anybody.
    #[test]
    fn no_number_is_anybodys() {
        let free = ["0171 39200 ", "0176 04069 0", "030 23125 ", "040 66969 ", "+44 7700 900"];
        for who in PEOPLE {
            let is_free = who.mobile.is_empty() || free.iter().any(|range| who.mobile.starts_with(range));
            assert!(is_free, "{}: {}", who.name, who.mobile);
        }
    }
}
