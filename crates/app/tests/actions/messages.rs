//! Mails and letters on their way, with a mail server that does what the test says.

use super::*;
use app::messages::{Delivered, MailTransport, MessageQuery, NewMessage, OutgoingMail, Recipient};
use app::outbox::About;
use domain::authorities::Role;
use domain::ids::MessageId;
use domain::languages::Language;
use domain::messages::{Failure, MailAddress, MessageKind, MessageStatus, MessageValue, Obstacle, Values, Variable};
use domain::persons::Personal;
use jiff::SignedDuration;
use jiff::civil::date;
use std::collections::BTreeMap;
use std::sync::Mutex;
use storage::message_templates::Texts;
use testkit::contract;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
const UNKNOWN: Failure = Failure { obstacle: Obstacle::RecipientRefused, reply: Some(550) };
const AWAY: Failure = Failure { obstacle: Obstacle::Unreachable, reply: None };

/// A mail server that takes what it isn't told to refuse.
#[derive(Default)]
struct Post {
    taken: Vec<OutgoingMail>,
    /// What it says to a recipient.
    says: BTreeMap<&'static str, Failure>,
}

impl MailTransport for Post {
    async fn send(&mut self, mail: &OutgoingMail) -> Result<(), Failure> {
        // Others get their turn, as while one waits for a mail server.
        tokio::task::yield_now().await;
        match self.says.get(mail.to.expose()) {
            Some(failure) => Err(*failure),
            None => {
                self.taken.push(mail.clone());
                Ok(())
            }
        }
    }
}

/// A platform with a clock that the test moves.
struct Office {
    bench: Bench,
    app: App,
    clock: Arc<Mutex<Timestamp>>,
}

impl Office {
    async fn on(kit: Kit) -> Self {
        let bench = Bench::on(kit).await;
        let clock = Arc::new(Mutex::new(now()));
        let time = Arc::clone(&clock);
        let jobs = bench.kit.database.open_for_jobs().await;
        let clock_of_app: Clock = Arc::new(move || *time.lock().unwrap());
        let app = Bench::app_with_clock(&bench.kit, bench.kit.store.clone(), jobs, clock_of_app);
        Self { bench, app, clock }
    }

    fn wait(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    async fn try_queue(&self, new: &NewMessage) -> Result<MessageId, AppError> {
        let mut tx = self.bench.kit.write().await;
        let queued = self.app.queue_message(&mut tx, &self.bench.worker.authority, new).await?;
        tx.commit().await.unwrap();
        Ok(queued)
    }

    async fn queue(&self, to: &str) -> MessageId {
        self.try_queue(&release(to)).await.unwrap()
    }

    async fn deliver(&self, post: &mut Post) -> Delivered {
        self.app.deliver_due(self.bench.kit.authority_id, ONE, post, || true).await.unwrap()
    }

    async fn status(&self, id: MessageId) -> (MessageStatus, Option<String>) {
        let found = self.app.message(&self.bench.worker, id).await.unwrap().message;
        (found.status, found.failure)
    }
}

/// A mail that somebody may leave home again.
fn release(to: &str) -> NewMessage {
    NewMessage {
        kind: MessageKind::Release,
        recipient: Recipient::Mail(MailAddress::new(to).unwrap()),
        case_id: None,
        person_id: None,
        language: Some(Language::Tr),
        values: Values::default()
            .text(Variable::Name, "Kim O'Neill")
            .text(Variable::Phone, "0621 1")
            .with(Variable::LastDay, MessageValue::Day(date(2026, 3, 15))),
        reply_to: None,
        by: None,
    }
}

fn sent(n_sent: usize) -> Delivered {
    Delivered { n_sent, ..Delivered::default() }
}

/// A mail that says nothing, about a case.
pub fn test_mail(case_id: Option<domain::ids::CaseId>) -> NewMessage {
    NewMessage { kind: MessageKind::Test, case_id, values: Values::default(), ..release("a@example.org") }
}

fn all(query_limit: usize) -> MessageQuery {
    MessageQuery { filter: Default::default(), before: None, limit: query_limit }
}

contract! {
    async fn a_mail_goes_ten_seconds_after_its_change_in_both_languages_and_once(kit) {
        let office = Office::on(kit).await;
        let id = office.queue("kim@example.org").await;
        let mut post = Post::default();
        office.wait(9);
        assert_eq!(office.deliver(&mut post).await, sent(0), "what it tells of can still be undone");
        office.wait(1);
        assert_eq!(office.deliver(&mut post).await, sent(1));
        assert_eq!(office.deliver(&mut post).await, sent(0));
        let mail = &post.taken[0];
        assert_eq!((mail.message_id, mail.subject.expose()), (id, "Karantinanız sona eriyor"));
        let (turkish, german) = mail.text.expose().split_once("\n\n----------\n\n").unwrap();
        assert!(turkish.contains("15.03.2026") && german.contains("mit dem Ablauf des 15.03.2026"), "{turkish}\n{german}");
        assert_eq!(mail.sender_name.as_ref().map(|name| name.as_str()), Some("Authority local"));
        let shown = office.app.message(&office.bench.worker, id).await.unwrap();
        assert_eq!(shown.content.unwrap().recipient.expose(), "kim@example.org");
        assert_eq!(shown.log.iter().map(|entry| entry.step.as_str()).collect::<Vec<_>>(), ["queued", "sending", "sent"]);
    }

    async fn what_was_undone_or_taken_back_never_goes(kit) {
        let office = Office::on(kit).await;
        let mut tx = office.bench.kit.write().await;
        office.app.queue_message(&mut tx, &office.bench.worker.authority, &release("a@example.org")).await.unwrap();
        drop(tx);
        let (undone, cancelled) = (office.queue("b@example.org").await, office.queue("c@example.org").await);
        let mut tx = office.bench.kit.write().await;
        assert!(office.app.take_message_back(&mut tx, undone, None).await.unwrap());
        tx.commit().await.unwrap();
        office.app.cancel_message(&office.bench.worker, cancelled).await.unwrap();
        office.wait(60);
        let mut post = Post::default();
        assert_eq!(office.deliver(&mut post).await, sent(0));
        assert!(office.app.message(&office.bench.worker, cancelled).await.unwrap().content.is_none(), "erased at once");
        let again = office.app.retry_message(&office.bench.worker, cancelled).await;
        assert!(matches!(again, Err(AppError::Conflict(_))));
    }

    async fn a_mail_server_that_is_away_gets_it_later_and_is_not_asked_for_each(kit) {
        let office = Office::on(kit).await;
        let first = office.queue("a@example.org").await;
        office.queue("b@example.org").await;
        office.wait(10);
        let mut away = Post { says: BTreeMap::from([("a@example.org", AWAY)]), ..Post::default() };
        let delivered = office.deliver(&mut away).await;
        assert_eq!(delivered, Delivered { n_put_off: 1, obstacle: Some(AWAY), ..Delivered::default() });
        assert_eq!(office.status(first).await, (MessageStatus::Waiting, Some("unreachable".to_owned())));
        office.wait(59);
        let mut post = Post::default();
        assert_eq!(office.deliver(&mut post).await, sent(1), "the other one");
        office.wait(1);
        assert_eq!(office.deliver(&mut post).await, sent(1), "a minute after the first try");
        assert_eq!(office.status(first).await, (MessageStatus::Sent, None));
    }

    async fn a_refusal_for_good_fails_at_once_and_the_others_go(kit) {
        let office = Office::on(kit).await;
        let refused = office.queue("unknown@example.org").await;
        office.queue("kim@example.org").await;
        office.wait(10);
        let mut post = Post { says: BTreeMap::from([("unknown@example.org", UNKNOWN)]), ..Post::default() };
        let delivered = office.deliver(&mut post).await;
        assert_eq!(delivered, Delivered { n_sent: 1, n_failed: 1, ..Delivered::default() });
        assert_eq!(office.status(refused).await, (MessageStatus::Failed, Some("recipient_refused 550".to_owned())));
        office.wait(86_400);
        assert_eq!(office.deliver(&mut post).await, sent(0));
        post.says.clear();
        office.app.retry_message(&office.bench.worker, refused).await.unwrap();
        assert_eq!(office.deliver(&mut post).await, sent(1), "after somebody had it tried again");
        let log = office.app.message(&office.bench.worker, refused).await.unwrap().log;
        let steps: Vec<&str> = log.iter().map(|entry| entry.step.as_str()).collect();
        assert_eq!(steps, ["queued", "sending", "failed", "retried", "sending", "sent"]);
        assert_eq!(log[3].account.as_deref(), Some("test"));
    }

    async fn after_six_hours_nobody_tries_a_reminder_any_more(kit) {
        let office = Office::on(kit).await;
        let slot = MessageValue::Morning(date(2026, 3, 1));
        let values = release("x@example.org").values.with(Variable::Slot, slot).text(Variable::Link, "https://example.org");
        let reminder = NewMessage { kind: MessageKind::Reminder, values, ..release("full@example.org") };
        let id = office.try_queue(&reminder).await.unwrap();
        let busy = Failure { obstacle: Obstacle::RecipientRefused, reply: Some(452) };
        let mut post = Post { says: BTreeMap::from([("full@example.org", busy)]), ..Post::default() };
        office.wait(10);
        let mut n_tries = 0;
        for _ in 0..(7 * 60) {
            let delivered = office.deliver(&mut post).await;
            n_tries += delivered.n_put_off + delivered.n_failed;
            office.wait(60);
        }
        assert_eq!((n_tries, office.status(id).await.0), (10, MessageStatus::Failed));
    }

    /// What is needed later too is tried each hour until it goes; that it is late is told once.
    async fn a_mail_that_is_late_is_told_once_and_tried_until_it_goes(kit) {
        let office = Office::on(kit).await;
        let case_id = Some(domain::ids::CaseId(Uuid::from_u128(7)));
        let id = office.try_queue(&NewMessage { case_id, ..release("full@example.org") }).await.unwrap();
        let busy = Failure { obstacle: Obstacle::RecipientRefused, reply: Some(452) };
        let mut post = Post { says: BTreeMap::from([("full@example.org", busy)]), ..Post::default() };
        office.wait(10);
        for _ in 0..(30 * 60) {
            office.deliver(&mut post).await;
            office.wait(60);
        }
        assert_eq!(office.status(id).await.0, MessageStatus::Waiting);
        post.says.clear();
        office.wait(3600);
        assert_eq!(office.deliver(&mut post).await, sent(1));
        let heard = Mutex::new(Vec::new());
        let listen = |event: storage::outbox::Event| {
            heard.lock().unwrap().push(event.kind);
            async { Ok(()) }
        };
        office.app.act_on_events(office.bench.kit.authority_id, listen).await.unwrap();
        assert_eq!(*heard.lock().unwrap(), ["message.late", "message.sent"]);
    }

    /// A server that dies between the mail server's word and its own note leaves a mail that another sends again, under
    /// the same id.
    async fn a_mail_whose_server_died_goes_again_when_its_time_is_over(kit) {
        let office = Office::on(kit).await;
        let id = office.queue("kim@example.org").await;
        office.wait(10);
        let mut tx = office.bench.kit.write().await;
        let until = office.app.now().checked_add(SignedDuration::from_mins(2)).unwrap();
        assert!(storage::messages::take(&mut tx, id, TWO, office.app.now(), until).await.unwrap().is_some());
        tx.commit().await.unwrap();
        let mut post = Post::default();
        office.wait(119);
        assert_eq!(office.deliver(&mut post).await, sent(0));
        office.wait(1);
        assert_eq!(office.deliver(&mut post).await, sent(1));
        assert_eq!(post.taken[0].message_id, id);
    }

    async fn two_servers_at_once_send_each_mail_once(kit) {
        let office = Office::on(kit).await;
        for n in 0..30 {
            office.queue(&format!("p{n}@example.org")).await;
        }
        office.wait(10);
        let (mut one, mut two) = (Post::default(), Post::default());
        let authority_id = office.bench.kit.authority_id;
        let (by_one, by_two) = tokio::join!(
            office.app.deliver_due(authority_id, ONE, &mut one, || true),
            office.app.deliver_due(authority_id, TWO, &mut two, || true),
        );
        assert_eq!(by_one.unwrap().n_sent + by_two.unwrap().n_sent, 30);
        let mut all: Vec<String> =
            one.taken.iter().chain(&two.taken).map(|mail| mail.to.expose().to_owned()).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 30);
    }

    async fn a_server_that_is_told_to_end_takes_no_further_mail(kit) {
        let office = Office::on(kit).await;
        office.queue("a@example.org").await;
        office.queue("b@example.org").await;
        office.wait(10);
        let mut post = Post::default();
        let turns = Mutex::new(1);
        let goes_on = || std::mem::replace(&mut *turns.lock().unwrap(), 0) > 0;
        let delivered = office.app.deliver_due(office.bench.kit.authority_id, ONE, &mut post, goes_on).await.unwrap();
        assert_eq!((delivered, post.taken.len()), (sent(1), 1));
    }

    async fn without_keys_mails_wait_and_none_fails(kit) {
        let office = Office::on(kit).await;
        let id = office.queue("kim@example.org").await;
        office.wait(10);
        let jobs = office.bench.kit.database.open_for_jobs().await;
        let at = office.app.now();
        let random = Arc::new(|bytes: &mut [u8]| bytes.fill(8));
        let locked = App::new(office.bench.kit.store.clone(), jobs, None, Arc::new(move || at), random);
        let mut post = Post::default();
        assert!(locked.deliver_due(office.bench.kit.authority_id, TWO, &mut post, || true).await.is_err());
        assert_eq!(office.status(id).await, (MessageStatus::Waiting, None));
        assert_eq!(office.deliver(&mut post).await, sent(1));
    }

    async fn a_letter_waits_for_a_person_and_no_server_sends_it(kit) {
        let office = Office::on(kit).await;
        let lines = Personal::new("Kim O'Neill\nAm Markt 1\n99001 Ahausen".to_owned());
        let letter = NewMessage { recipient: Recipient::Letter(lines), ..release("x@example.org") };
        let id = office.try_queue(&letter).await.unwrap();
        office.wait(86_400);
        let mut post = Post::default();
        assert_eq!(office.deliver(&mut post).await, sent(0));
        assert!(matches!(office.app.retry_message(&office.bench.worker, id).await, Err(AppError::Conflict(_))));
        let mut tx = office.bench.kit.write().await;
        assert!(office.app.letter_printed(&mut tx, id, Some(office.bench.kit.account_id)).await.unwrap());
        assert!(!office.app.letter_printed(&mut tx, id, None).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(office.status(id).await.0, MessageStatus::Sent);
    }

    async fn a_message_with_a_gap_is_refused_and_its_change_with_it(kit) {
        let office = Office::on(kit).await;
        let refused = office.try_queue(&NewMessage { values: Values::default(), ..release("x@example.org") }).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "name", .. })));
        assert_eq!(office.app.list_messages(&office.bench.worker, &all(9)).await.unwrap().len(), 0);
    }

    async fn who_saw_which_messages_is_recorded_without_an_address(kit) {
        let office = Office::on(kit).await;
        let person = office.bench.kit.person("A").await;
        let id = office.try_queue(&NewMessage { person_id: Some(person), ..release("kim@example.org") }).await.unwrap();
        office.app.list_messages(&office.bench.worker, &all(9)).await.unwrap();
        office.app.message(&office.bench.worker, id).await.unwrap();
        let query = app::audit::AuditQuery { limit: 2, ..app::audit::AuditQuery::default() };
        let page = office.app.list_audit(&office.bench.worker, &query).await.unwrap();
        let said: Vec<String> = page
            .records
            .iter()
            .map(|record| format!("{} {}", record.record.operation, record.record.subjects))
            .collect();
        assert_eq!(said, [format!("messages.show {person} {id}"), format!("messages.list {person}")]);
        assert_eq!(page.references[&person], "A");
    }

    async fn an_authoritys_own_texts_are_used_until_they_are_put_back(kit) {
        let office = Office::on(kit).await;
        let (app, worker) = (&office.app, &office.bench.worker);
        let own = |subject: &str| {
            let text = "Nur {{ last_day }}".to_owned();
            Some(Texts { subject: subject.to_owned(), html: format!("<p>{text}</p>"), text })
        };
        let change = |version, texts| app.change_message_template(worker, MessageKind::Release, Language::Tr, version, texts);
        let changed = change(0, own("Eins")).await.unwrap();
        assert_eq!((changed.version, changed.is_own), (1, true));
        assert!(matches!(change(0, own("Zwei")).await, Err(AppError::Conflict(_))), "somebody was faster");
        assert!(matches!(change(1, own("{{ password }}")).await, Err(AppError::Invalid { field: "subject", .. })));
        office.queue("a@example.org").await;
        assert!(!change(1, None).await.unwrap().is_own);
        office.queue("b@example.org").await;
        office.wait(10);
        let mut post = Post::default();
        office.deliver(&mut post).await;
        let subjects: Vec<&str> = post.taken.iter().map(|mail| mail.subject.expose()).collect();
        assert_eq!(subjects, ["Eins", "Karantinanız sona eriyor"], "what was queued keeps its text");
        let all = app.message_templates(worker).await.unwrap();
        assert_eq!(all.len(), MessageKind::ALL.len() * Language::ALL.len());
        let own: Vec<i32> = all.iter().map(|template| template.version).filter(|version| *version > 0).collect();
        assert_eq!(own, [2]);
    }

    async fn a_case_worker_handles_messages_and_changes_no_text(kit) {
        let office = Office::on(kit).await;
        let id = office.queue("kim@example.org").await;
        let worker = Worker { role: Role::CaseWorker, operator: false, ..office.bench.worker.clone() };
        office.app.list_messages(&worker, &all(9)).await.unwrap();
        office.app.cancel_message(&worker, id).await.unwrap();
        let refused = office.app.change_message_template(&worker, MessageKind::Reset, Language::De, 0, None).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })));
        assert!(matches!(office.app.release_messages(&worker).await, Err(AppError::NotAllowed { .. })));
    }

    async fn what_became_of_a_mail_about_a_case_leaves_as_an_event(kit) {
        let office = Office::on(kit).await;
        let case_id = Some(domain::ids::CaseId(Uuid::from_u128(7)));
        let mut ids = Vec::new();
        for to in ["kim@example.org", "unknown@example.org"] {
            ids.push(office.try_queue(&NewMessage { case_id, ..release(to) }).await.unwrap());
        }
        office.queue("nobody@example.org").await;
        office.wait(10);
        let mut post = Post { says: BTreeMap::from([("unknown@example.org", UNKNOWN)]), ..Post::default() };
        office.deliver(&mut post).await;
        let heard = Mutex::new(Vec::new());
        let listen = |event: storage::outbox::Event| {
            heard.lock().unwrap().push((event.kind, event.case_id, event.subject_id));
            async { Ok(()) }
        };
        assert_eq!(office.app.act_on_events(office.bench.kit.authority_id, listen).await.unwrap(), 2);
        let expected = [("message.sent", ids[0]), ("message.failed", ids[1])];
        assert_eq!(*heard.lock().unwrap(), expected.map(|(kind, id)| (kind.to_owned(), case_id, Some(id.0))));
    }

    async fn an_event_is_acted_on_until_it_is_done(kit) {
        let office = Office::on(kit).await;
        let mut tx = office.bench.kit.write().await;
        let id = office.app.emit(&mut tx, "case.opened", About::default()).await.unwrap();
        tx.commit().await.unwrap();
        let authority_id = office.bench.kit.authority_id;
        let failing = office.app.act_on_events(authority_id, |_| async { Err(AppError::Cancelled) }).await;
        assert_eq!(failing.unwrap(), 0);
        office.wait(299);
        let done = |event: storage::outbox::Event| async move {
            assert_eq!((event.outbox_id, event.attempts), (id, 2));
            Ok(())
        };
        assert_eq!(office.app.act_on_events(authority_id, done).await.unwrap(), 0, "not yet");
        office.wait(1);
        assert_eq!(office.app.act_on_events(authority_id, done).await.unwrap(), 1);
        assert_eq!(office.app.act_on_events(authority_id, done).await.unwrap(), 0);
    }
}
