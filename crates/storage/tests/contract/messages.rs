//! Mails and letters: each is taken by one, goes at least once, and leaves nothing behind.

use super::retention::{after_days, run_at, store_case};
use domain::diseases::Disease;
use domain::ids::MessageId;
use domain::languages::Language;
use domain::messages::{Channel, Failure, MessageKind, MessageStatus, MessageStep, Obstacle, UNDO};
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use storage::message_templates::{self, TemplateVersion, Texts};
use storage::messages::{self, Counts, MessageContent, MessageFilter, NewMessage};
use storage::{StorageError, cases};
use testkit::kit::now;
use testkit::{Kit, contract};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
const AWAY: Failure = Failure { obstacle: Obstacle::Unreachable, reply: None };

fn later(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

pub fn new(kit: &Kit, channel: Channel) -> NewMessage {
    let personal = |text: &str| Personal::new(text.to_owned());
    NewMessage {
        message_id: MessageId::mint(now(), kit.random()),
        case_id: None,
        person_id: None,
        kind: MessageKind::Reminder,
        channel,
        language: Language::Tr,
        content: MessageContent {
            recipient: personal("kim@example.org"),
            subject: personal("Günlük"),
            text: personal("Merhaba"),
            html: personal("<p>Merhaba</p>"),
            sender_name: Some("Mannheim".to_owned()),
            reply_to: None,
        },
        not_before: now().checked_add(UNDO).unwrap(),
        account_id: Some(kit.account_id),
    }
}

fn of_status(status: MessageStatus) -> MessageFilter {
    MessageFilter { status: Some(status), ..MessageFilter::default() }
}

async fn queue(kit: &Kit, message: &NewMessage) -> MessageId {
    let mut tx = kit.write().await;
    messages::insert(&mut tx, &kit.sealer, message, now()).await.unwrap();
    tx.commit().await.unwrap();
    message.message_id
}

async fn queued(kit: &Kit) -> MessageId {
    queue(kit, &new(kit, Channel::Mail)).await
}

async fn status(kit: &Kit, id: MessageId) -> MessageStatus {
    messages::find(&mut kit.read().await, id).await.unwrap().unwrap().status
}

async fn steps(kit: &Kit, id: MessageId) -> Vec<MessageStep> {
    messages::log(&mut kit.read().await, id).await.unwrap().into_iter().map(|entry| entry.step).collect()
}

contract! {
    async fn a_message_comes_back_as_queued_and_is_due_when_it_cannot_be_undone_any_more(kit) {
        let message = new(&kit, Channel::Mail);
        let id = queue(&kit, &message).await;
        let mut tx = kit.read().await;
        let found = messages::find(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((found.kind, found.channel, found.language), (message.kind, message.channel, message.language));
        assert_eq!((found.status, found.due_at, found.n_tries), (MessageStatus::Waiting, Some(message.not_before), 0));
        let content = messages::content(&mut tx, &kit.sealer, id).await.unwrap();
        assert_eq!(content, Some(message.content.clone()));
        assert_eq!(messages::next_due(&mut tx, now()).await.unwrap(), None);
        assert_eq!(messages::next_due(&mut tx, later(1)).await.unwrap(), Some(id));
        let log = messages::log(&mut tx, id).await.unwrap();
        assert_eq!((log[0].step, log[0].account.as_deref()), (MessageStep::Queued, Some("test")));
        let letter = queue(&kit, &new(&kit, Channel::Letter)).await;
        let mut tx = kit.read().await;
        assert_eq!(messages::find(&mut tx, letter).await.unwrap().unwrap().due_at, None, "a person prints it");
        assert_eq!(messages::next_due(&mut tx, later(1)).await.unwrap(), Some(id));
    }

    async fn of_two_servers_one_takes_a_mail_until_it_gives_no_sign_of_life(kit) {
        let id = queued(&kit).await;
        let mut tx = kit.write().await;
        let taken = messages::take(&mut tx, id, ONE, later(1), later(3)).await.unwrap().unwrap();
        assert_eq!((taken.status, taken.n_tries, taken.first_tried_at), (MessageStatus::Sending, 1, Some(later(1))));
        assert_eq!(messages::take(&mut tx, id, TWO, later(2), later(4)).await.unwrap(), None);
        assert_eq!(messages::next_due(&mut tx, later(2)).await.unwrap(), None);
        assert!(!messages::cancel(&mut tx, id, None, later(2)).await.unwrap(), "somebody may be reading it");
        assert_eq!(messages::next_due(&mut tx, later(3)).await.unwrap(), Some(id));
        assert!(messages::take(&mut tx, id, TWO, later(3), later(5)).await.unwrap().is_some());
        assert!(!messages::put_off(&mut tx, id, ONE, AWAY, later(9), later(3)).await.unwrap(), "it is no longer theirs");
        assert!(!messages::fail(&mut tx, id, ONE, AWAY, later(3)).await.unwrap());
        assert!(messages::sent(&mut tx, id, None, later(3)).await.unwrap(), "that it went holds, whoever says so");
        assert!(!messages::sent(&mut tx, id, None, later(3)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(status(&kit, id).await, MessageStatus::Sent);
        use MessageStep::{Queued, Sending, Sent};
        assert_eq!(steps(&kit, id).await, [Queued, Sending, Sending, Sent]);
    }

    async fn a_mail_that_did_not_go_is_due_later_and_one_that_failed_when_somebody_asks(kit) {
        let id = queued(&kit).await;
        let mut tx = kit.write().await;
        messages::take(&mut tx, id, ONE, later(1), later(3)).await.unwrap().unwrap();
        assert!(messages::put_off(&mut tx, id, ONE, AWAY, later(7), later(1)).await.unwrap());
        assert_eq!(messages::next_due(&mut tx, later(6)).await.unwrap(), None);
        let taken = messages::take(&mut tx, id, TWO, later(7), later(9)).await.unwrap().unwrap();
        assert_eq!((taken.n_tries, taken.first_tried_at), (2, Some(later(1))));
        let refused = Failure { obstacle: Obstacle::RecipientRefused, reply: Some(550) };
        assert!(messages::fail(&mut tx, id, TWO, refused, later(7)).await.unwrap());
        let failed = messages::find(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((failed.status, failed.failure.as_deref()), (MessageStatus::Failed, Some("recipient_refused 550")));
        assert_eq!(messages::counts(&mut tx).await.unwrap(), Counts { waiting: 0, held: 0, failed: 1 });
        assert!(messages::retry(&mut tx, id, kit.account_id, later(8)).await.unwrap());
        let again = messages::take(&mut tx, id, ONE, later(8), later(9)).await.unwrap().unwrap();
        assert_eq!((again.n_tries, again.first_tried_at), (1, Some(later(8))), "as if it had never been tried");
        assert!(!messages::retry(&mut tx, id, kit.account_id, later(8)).await.unwrap(), "it is being sent");
        let log = messages::log(&mut tx, id).await.unwrap();
        assert_eq!(log.iter().filter_map(|entry| entry.failure.as_deref()).collect::<Vec<_>>(), ["unreachable", "recipient_refused 550"]);
    }

    async fn what_is_taken_back_is_erased_at_once(kit) {
        let id = queued(&kit).await;
        let mut tx = kit.write().await;
        assert!(messages::cancel(&mut tx, id, Some(kit.account_id), now()).await.unwrap());
        assert!(!messages::cancel(&mut tx, id, Some(kit.account_id), now()).await.unwrap());
        assert_eq!(messages::content(&mut tx, &kit.sealer, id).await.unwrap(), None);
        assert!(!messages::retry(&mut tx, id, kit.account_id, now()).await.unwrap());
        assert_eq!(messages::next_due(&mut tx, later(60)).await.unwrap(), None);
    }

    async fn what_a_server_was_sending_that_is_gone_is_due_at_once(kit) {
        let id = queued(&kit).await;
        let mut tx = kit.write().await;
        messages::take(&mut tx, id, ONE, later(1), later(3)).await.unwrap().unwrap();
        assert_eq!(messages::take_over(&mut tx, later(1)).await.unwrap(), 1);
        assert_eq!(messages::next_due(&mut tx, later(1)).await.unwrap(), Some(id));
    }

    async fn a_restore_keeps_mail_back_until_somebody_lets_go_of_it(kit) {
        let (waiting, sending, sent) = (queued(&kit).await, queued(&kit).await, queued(&kit).await);
        let letter = queue(&kit, &new(&kit, Channel::Letter)).await;
        let mut tx = kit.write().await;
        messages::take(&mut tx, sending, ONE, later(1), later(3)).await.unwrap().unwrap();
        messages::sent(&mut tx, sent, None, later(1)).await.unwrap();
        assert_eq!(messages::hold_all(&mut tx, later(2)).await.unwrap(), 2);
        assert_eq!(messages::next_due(&mut tx, later(60)).await.unwrap(), None);
        assert_eq!(messages::counts(&mut tx).await.unwrap(), Counts { waiting: 0, held: 2, failed: 0 });
        tx.commit().await.unwrap();
        assert_eq!(status(&kit, letter).await, MessageStatus::Waiting);
        let mut tx = kit.write().await;
        assert_eq!(messages::release_all(&mut tx, kit.account_id, later(4)).await.unwrap(), 2);
        assert_eq!(messages::next_due(&mut tx, later(4)).await.unwrap(), Some(waiting));
        tx.commit().await.unwrap();
        use MessageStep::{Held, Queued, Released, Sending};
        assert_eq!(steps(&kit, sending).await, [Queued, Sending, Held, Released]);
        assert_eq!(status(&kit, sent).await, MessageStatus::Sent);
    }

    async fn lists_show_the_newest_first_and_one_status_alone(kit) {
        let ids = [queued(&kit).await, queued(&kit).await, queued(&kit).await];
        let mut tx = kit.write().await;
        messages::cancel(&mut tx, ids[1], None, now()).await.unwrap();
        let listed = |list: Vec<messages::Message>| list.into_iter().map(|one| one.message_id).collect::<Vec<_>>();
        let all = messages::list(&mut tx, MessageFilter::default(), None, 2).await.unwrap();
        assert_eq!(listed(all), [ids[2], ids[1]]);
        let rest = messages::list(&mut tx, MessageFilter::default(), Some(ids[1]), 2).await.unwrap();
        assert_eq!(listed(rest), [ids[0]]);
        let waiting = messages::list(&mut tx, of_status(MessageStatus::Waiting), None, 9).await.unwrap();
        assert_eq!(listed(waiting), [ids[2], ids[0]]);
    }

    async fn lists_show_one_kind_or_one_case_alone(kit) {
        let case_id = domain::ids::CaseId(Uuid::from_u128(7));
        let about = NewMessage { case_id: Some(case_id), kind: MessageKind::Order, ..new(&kit, Channel::Mail) };
        let (reminder, order) = (queued(&kit).await, queue(&kit, &about).await);
        let mut tx = kit.write().await;
        messages::cancel(&mut tx, order, None, now()).await.unwrap();
        let listed = async |tx: &mut storage::Tx, filter| {
            let list = messages::list(tx, filter, None, 9).await.unwrap();
            list.into_iter().map(|one| one.message_id).collect::<Vec<_>>()
        };
        let any = MessageFilter::default();
        let kind = |kind| MessageFilter { kind: Some(kind), ..any };
        assert_eq!(listed(&mut tx, kind(MessageKind::Reminder)).await, [reminder]);
        assert_eq!(listed(&mut tx, kind(MessageKind::Order)).await, [order]);
        let both = MessageFilter { status: Some(MessageStatus::Waiting), ..kind(MessageKind::Order) };
        assert_eq!(listed(&mut tx, both).await, []);
        let of_case = MessageFilter { case_id: Some(case_id), ..any };
        assert_eq!(listed(&mut tx, of_case).await, [order]);
        assert_eq!(listed(&mut tx, MessageFilter { status: Some(MessageStatus::Waiting), ..of_case }).await, []);
        assert_eq!(listed(&mut tx, MessageFilter { kind: Some(MessageKind::Reminder), ..of_case }).await, []);
    }

    async fn a_neighbour_sees_and_sends_nothing_of_ours(kit) {
        let neighbour = kit.neighbour().await;
        let id = queued(&kit).await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        assert_eq!(messages::find(&mut tx, id).await.unwrap(), None);
        assert_eq!(messages::next_due(&mut tx, later(60)).await.unwrap(), None);
        assert_eq!(messages::take(&mut tx, id, ONE, later(60), later(61)).await.unwrap(), None);
        assert!(!messages::cancel(&mut tx, id, None, now()).await.unwrap());
    }

    async fn what_a_mail_says_is_erased_seven_days_after_it_went_and_the_rest_after_180(kit) {
        let (sent, waiting) = (queued(&kit).await, queued(&kit).await);
        let mut tx = kit.write().await;
        messages::sent(&mut tx, sent, None, now()).await.unwrap();
        tx.commit().await.unwrap();
        let content = |id| {
            let kit = &kit;
            async move { messages::content(&mut kit.read().await, &kit.sealer, id).await.unwrap() }
        };
        run_at(&kit, after_days(7)).await;
        assert!(content(sent).await.is_some(), "the last day");
        assert_eq!(run_at(&kit, after_days(8)).await.n_facts, 1);
        assert_eq!(content(sent).await, None);
        assert!(content(waiting).await.is_some());
        run_at(&kit, after_days(31)).await;
        assert_eq!((content(waiting).await, status(&kit, waiting).await), (None, MessageStatus::Cancelled));
        let log = messages::log(&mut kit.read().await, waiting).await.unwrap();
        assert_eq!(log.last().unwrap().failure.as_deref(), Some("too_old"));
        run_at(&kit, after_days(181)).await;
        let mut tx = kit.read().await;
        assert_eq!(messages::list(&mut tx, MessageFilter::default(), None, 9).await.unwrap(), []);
        assert_eq!(messages::log(&mut tx, waiting).await.unwrap(), []);
    }

    async fn messages_go_with_their_person_and_with_their_case(kit) {
        let person = kit.person("A").await;
        store_case(&kit, person).await;
        let mut tx = kit.write().await;
        let case_id = Some(cases::outlines(&mut tx, Disease::Mers).await.unwrap()[0].case_id);
        let late = NewMessage { case_id, ..new(&kit, Channel::Letter) };
        messages::insert(&mut tx, &kit.sealer, &late, after_days(720)).await.unwrap();
        tx.commit().await.unwrap();
        run_at(&kit, after_days(729)).await;
        assert!(messages::find(&mut kit.read().await, late.message_id).await.unwrap().is_some());
        let recent = NewMessage { person_id: Some(person), ..new(&kit, Channel::Mail) };
        let mut tx = kit.write().await;
        messages::insert(&mut tx, &kit.sealer, &recent, after_days(720)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(run_at(&kit, after_days(731)).await.n_anonymised, 1);
        let mut tx = kit.read().await;
        for id in [late.message_id, recent.message_id] {
            assert_eq!(messages::find(&mut tx, id).await.unwrap(), None);
            assert_eq!(messages::log(&mut tx, id).await.unwrap(), []);
        }
    }

    async fn texts_of_an_authority_come_in_versions(kit) {
        let version = |version, subject: Option<&str>| TemplateVersion {
            kind: MessageKind::Invitation,
            language: Language::De,
            version,
            texts: subject.map(|subject| Texts {
                subject: subject.to_owned(),
                text: "Text".to_owned(),
                html: "<p>Text</p>".to_owned(),
            }),
            account_id: kit.account_id,
            created_at: now(),
        };
        let mut tx = kit.write().await;
        assert_eq!(message_templates::in_force(&mut tx, MessageKind::Invitation, Language::De).await.unwrap(), None);
        assert!(message_templates::insert(&mut tx, &version(1, Some("Eins"))).await.unwrap());
        assert!(!message_templates::insert(&mut tx, &version(1, Some("Zwei"))).await.unwrap(), "somebody was faster");
        assert!(message_templates::insert(&mut tx, &version(2, None)).await.unwrap());
        let found = message_templates::in_force(&mut tx, MessageKind::Invitation, Language::De).await.unwrap();
        assert_eq!(found, Some(version(2, None)), "back to what the program has");
        let other = TemplateVersion { language: Language::Tr, ..version(1, Some("Bir")) };
        assert!(message_templates::insert(&mut tx, &other).await.unwrap());
        assert_eq!(message_templates::list(&mut tx).await.unwrap(), [version(2, None), other]);
    }

    async fn a_step_of_a_message_that_is_not_there_is_refused(kit) {
        let mut tx = kit.write().await;
        let nobody = MessageId(Uuid::from_u128(99));
        assert!(!messages::sent(&mut tx, nobody, None, now()).await.unwrap());
        let twice = new(&kit, Channel::Mail);
        messages::insert(&mut tx, &kit.sealer, &twice, now()).await.unwrap();
        assert!(matches!(messages::insert(&mut tx, &kit.sealer, &twice, now()).await, Err(StorageError::Refused(_) | StorageError::Conflict(_))));
    }
}
