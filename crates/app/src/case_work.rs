//! Work on cases: what a case worker does from the first positive test to the conclusion.
//!
//! Every change takes the case first, so that two people at one case come one after the other; then the items follow the
//! new situation, and the priority follows the items, in the same transaction. The audit record is in it too.

mod assignment;
mod bulk;
mod calls;
mod comments;
mod contacts;
mod create;
mod details;
mod diary;
mod diary_items;
mod enrolment;
mod hand_overs;
mod items;
mod laboratory;
mod letters;
mod list_requests;
mod mails;
mod merges;
mod occasion_contacts;
mod positive_test;
mod quarantine;
mod questionnaire;
mod requests_between;
mod sharing;
mod sheet;
mod status;
mod stays;
mod taken;
mod worklist;

pub use assignment::Assignee;
pub(crate) use assignment::can_work;
pub use bulk::{BulkLine, BulkNow, Chosen, InvitationPreview, NewBulk};
pub use calls::NewCall;
pub use comments::NewComment;
pub use contacts::{NewContact, SeenContact, SeenContacts};
pub use create::{NewCase, OpenedCase, WhosePerson};
pub use details::{CaseChanges, Changes, DETAILS};
pub use diary::{ChangedEntry, DiaryPage, DiarySlot, NewEntry, Told};
pub(crate) use enrolment::worker_of;
pub use enrolment::{
    Activation, NewAccount, NewWords, OpenCode, OwnCase, OwnContact, OwnDiary, OwnDiarySlot, PostcodeCheck, Redemption,
    SeenDetails, Wish,
};
pub use hand_overs::{Candidate, HandOversOfCase, NewHandOver, Refusal, SeenHandOver};
pub use items::Wait;
pub(crate) use laboratory::{Lab, index_case, tested_case};
pub use letters::NewLetter;
pub use list_requests::{
    AskedList, ChosenGuest, GuestsOfCase, MOST_CHOSEN, RequestToVenue, SeenGuest, SeenRequest, SeenRequests,
};
pub use merges::{
    ActingAccount, CaseComparison, FieldComparison, MergeLine, MergePreview, MergeWish, Seen, UndoneMerge, undo_until,
};
pub use occasion_contacts::{ChosenVisitors, ContactStep, WantedContacts};
pub use positive_test::Tested;
pub use quarantine::{NewQuarantine, ProposalAnswer, QuarantineSheet};
pub use questionnaire::{Answers, SeenQuestionnaire};
pub use requests_between::{
    AskedElsewhere, Decline, MessageRefused, Received, SeenElsewhere, SeenFromOther, SeenRequestsElsewhere,
};
pub use sharing::SharedVisits;
pub use sheet::{CaseWorkSheet, CommentLine, PhoneCallLine};
pub use status::{ConclusionOf, StatusChange};
pub use stays::{NamedVenue, NotedStay, SeenStays};
pub(crate) use taken::details_of;
pub use worklist::{WorkCount, WorkLine, WorkPage, WorkQuery};
