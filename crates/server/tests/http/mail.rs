//! Mail as a real mail server gets it: encrypted, once, later if it was away, never if it refuses for good.

use crate::site::Site;
use app::messages::Delivered;
use domain::ids::MessageId;
use domain::messages::{DisplayName, Failure, MailAddress, MessageStatus, Obstacle};
use server::mail::{MailOptions, Mailer, Security};
use testkit::smtp::{SmtpOptions, SmtpServer};
use testkit::{Kind, Kit, contract};
use uuid::Uuid;
use zeroize::Zeroizing;

pub const STARTTLS: SmtpOptions = SmtpOptions { starttls: true, password: None, slow_ms: 0 };

pub fn options(post: &SmtpServer) -> MailOptions {
    MailOptions {
        host: "localhost".to_owned(),
        port: post.port(),
        security: Security::StartTls,
        credentials: None,
        ca_file: Some(post.certificate()),
        from: MailAddress::new("epitrace@example.org").unwrap(),
        from_name: Some(DisplayName::new("Epitrace").unwrap()),
        all_to: None,
    }
}

pub async fn deliver(site: &Site, options: &MailOptions) -> Delivered {
    let mut mailer = Mailer::new(options.clone()).unwrap();
    let authority_id = site.kit.authority_id;
    let delivered = site.app.deliver_due(authority_id, Uuid::from_u128(1), &mut mailer, || true).await.unwrap();
    mailer.hang_up().await;
    delivered
}

/// Queues a mail to each, and waits until they are due.
async fn queue<const N: usize>(site: &Site, names: [&str; N]) -> [MessageId; N] {
    let mut ids = Vec::new();
    for name in names {
        ids.push(site.mail_about(name).await);
    }
    site.wait_min(1);
    ids.try_into().unwrap()
}

async fn state(site: &Site, id: MessageId) -> (MessageStatus, Option<String>) {
    let worker = site.app.sign_in_as("test", None).await.unwrap();
    let found = site.app.message(&worker, id).await.unwrap().message;
    (found.status, found.failure)
}

fn obstacle(obstacle: Obstacle, reply: Option<u16>) -> Option<Failure> {
    Some(Failure { obstacle, reply })
}

contract! {
    async fn a_mail_arrives_encrypted_with_its_head_and_every_letter(kit) {
        let site = Site::on(kit).await;
        let post = SmtpServer::start(STARTTLS);
        let [id] = queue(&site, ["mia"]).await;
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1);
        let received = post.received();
        let [mail] = &received[..] else { panic!("{received:?}") };
        assert!(mail.is_encrypted);
        assert_eq!((mail.from.as_str(), &mail.to[..]), ("epitrace@example.org", &["mia@example.org".to_owned()][..]));
        assert_eq!(mail.head("Message-ID"), format!("<{id}@example.org>"));
        assert_eq!(mail.head("From"), "Authority local <epitrace@example.org>");
        assert_eq!(mail.head("To"), "mia@example.org");
        assert_eq!(mail.head("Subject"), "You met a person who is infected");
        assert_eq!(mail.head("Auto-Submitted"), "auto-generated");
        assert_eq!(mail.head("Date"), "Sun, 01 Mar 2026 12:00:00 +0000");
        assert!(mail.text.contains("Dear mia") && mail.text.contains("für Sie bedeutet"), "{}", mail.text);
        assert!(mail.html.contains("<div lang=\"de\">") && mail.html.contains("für Sie bedeutet"), "{}", mail.html);
        assert_eq!(state(&site, id).await, (MessageStatus::Sent, None));
    }

    async fn a_mail_server_that_is_away_gets_it_when_it_is_back(kit) {
        let site = Site::on(kit).await;
        let mut post = SmtpServer::start(STARTTLS);
        let options = options(&post);
        post.go_away();
        let ids = queue(&site, ["mia", "kim"]).await;
        let delivered = deliver(&site, &options).await;
        assert_eq!((delivered.n_put_off, delivered.obstacle), (1, obstacle(Obstacle::Unreachable, None)));
        assert_eq!(state(&site, ids[0]).await, (MessageStatus::Waiting, Some("unreachable".to_owned())));
        post.come_back();
        site.wait_min(1);
        assert_eq!(deliver(&site, &options).await.n_sent, 2);
        let to: Vec<String> = post.received().into_iter().flat_map(|mail| mail.to).collect();
        assert_eq!(to.len(), 2, "{to:?}");
    }

    async fn what_is_refused_for_good_fails_at_once_with_a_line_in_its_log(kit) {
        let site = Site::on(kit).await;
        let post = SmtpServer::start(STARTTLS);
        let ids = queue(&site, ["unknown", "full", "mia"]).await;
        let delivered = deliver(&site, &options(&post)).await;
        assert_eq!((delivered.n_failed, delivered.n_put_off, delivered.n_sent), (1, 1, 1));
        assert_eq!(state(&site, ids[0]).await, (MessageStatus::Failed, Some("recipient_refused 550".to_owned())));
        assert_eq!(state(&site, ids[1]).await, (MessageStatus::Waiting, Some("recipient_refused 452".to_owned())));
        let worker = site.app.sign_in_as("test", None).await.unwrap();
        let log = site.app.message(&worker, ids[0]).await.unwrap().log;
        let last = log.last().unwrap();
        assert_eq!((last.step.as_str(), last.failure.as_deref()), ("failed", Some("recipient_refused 550")));
        assert!(!format!("{log:?}").contains('@'), "what the mail server said holds the address, the log doesn't");
    }
}

#[tokio::test]
async fn all_mail_of_a_test_installation_goes_to_one_address() {
    let site = Site::on(Kit::new(Kind::Sqlite).await).await;
    let post = SmtpServer::start(STARTTLS);
    queue(&site, ["mia", "kim"]).await;
    let all_to = Some(MailAddress::new("tester@example.net").unwrap());
    assert_eq!(deliver(&site, &MailOptions { all_to, ..options(&post) }).await.n_sent, 2);
    for mail in post.received() {
        assert_eq!((&mail.to[..], mail.head("To")), (&["tester@example.net".to_owned()][..], "tester@example.net"));
    }
}

#[tokio::test]
async fn a_password_is_shown_only_over_tls_and_a_wrong_one_fails_no_mail() {
    let site = Site::on(Kit::new(Kind::Sqlite).await).await;
    let post = SmtpServer::start(SmtpOptions { password: Some("right horse"), ..STARTTLS });
    let [id] = queue(&site, ["mia"]).await;
    let with = |password: &str| MailOptions {
        credentials: Some(("epitrace".to_owned(), Zeroizing::new(password.to_owned()))),
        ..options(&post)
    };
    let delivered = deliver(&site, &with("wrong")).await;
    assert_eq!(delivered.obstacle, obstacle(Obstacle::NotLetIn, Some(535)));
    assert_eq!(state(&site, id).await, (MessageStatus::Waiting, Some("not_let_in 535".to_owned())));
    site.wait_min(1);
    assert_eq!(deliver(&site, &with("right horse")).await.n_sent, 1);
    assert!(post.received()[0].is_signed_in && post.received()[0].is_encrypted);
}

#[tokio::test]
async fn nothing_goes_in_clear_where_encryption_was_asked_for() {
    let site = Site::on(Kit::new(Kind::Sqlite).await).await;
    let plain = SmtpServer::start(SmtpOptions::default());
    queue(&site, ["mia"]).await;
    assert_eq!(deliver(&site, &options(&plain)).await.obstacle, obstacle(Obstacle::Tls, None), "it offers none");
    let foreign = SmtpServer::start(STARTTLS);
    let untrusted = MailOptions { ca_file: None, ..options(&foreign) };
    site.wait_min(5);
    assert_eq!(deliver(&site, &untrusted).await.obstacle, obstacle(Obstacle::Tls, None), "nobody vouches for it");
    assert!(plain.received().is_empty() && foreign.received().is_empty());
    site.wait_min(15);
    let loopback = MailOptions { security: Security::None, ca_file: None, ..options(&plain) };
    assert_eq!(deliver(&site, &loopback).await.n_sent, 1, "unless the operator says so, on this machine");
}
