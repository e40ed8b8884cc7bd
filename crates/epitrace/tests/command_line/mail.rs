//! Mail as an operator sets it up, and as it survives a server's death and a restore.

use super::serve::Server;
use super::*;
use app::App;
use app::messages::{NewMessage, Recipient};
use domain::messages::{MailAddress, MessageKind, Values, Variable};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::sealing::{Keyring, Opener};
use storage::store::Place;
use testkit::database::options;
use testkit::smtp::{SmtpOptions, SmtpServer};

/// Writes a configuration that sends to a mail server of the test.
fn config(desk: &Desk, post: &SmtpServer, more: &str) -> String {
    let text = format!(
        "[mail]\nhost = 'localhost'\nport = {}\nca_file = '{}'\nfrom = 'epitrace@example.org'\n{more}\n",
        post.port(),
        post.certificate().display()
    );
    desk.write("mail.toml", &text)
}

/// The wait for an undo is over, by this clock.
#[allow(clippy::disallowed_methods, reason = "the server that sends them goes by the machine's clock too")]
fn a_minute_ago() -> Timestamp {
    Timestamp::now().checked_sub(jiff::SignedDuration::from_mins(1)).unwrap()
}

/// Queues mails on a desk's data folder that are due at once, in one transaction.
async fn queue(desk: &Desk, names: impl Iterator<Item = String>) {
    let store = storage::Store::open(&options(&Place::File(desk.data().join("epitrace.sqlite")))).await.unwrap();
    let keyring = Keyring::open(&desk.data().join("keyring"), Opener::Auto).unwrap();
    let random = |bytes: &mut [u8]| bytes.copy_from_slice(&uuid::Uuid::new_v4().as_bytes()[..bytes.len()]);
    let app = App::new(store.clone(), store.clone(), Some(keyring.into()), Arc::new(a_minute_ago), Arc::new(random));
    let worker = app.sign_in_locally("tester", None).await.unwrap();
    let mut tx = store.write(worker.authority.authority_id).await.unwrap();
    for name in names {
        let new = NewMessage {
            kind: MessageKind::NewContactCase,
            recipient: Recipient::Mail(MailAddress::new(&format!("{name}@example.org")).unwrap()),
            case_id: None,
            person_id: None,
            language: None,
            values: Values::default().text(Variable::Name, "Kim").text(Variable::Phone, ""),
            reply_to: None,
            by: None,
        };
        app.queue_message(&mut tx, &worker.authority, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;
}

fn finding(desk: &Desk, more: &[&str]) -> (String, String) {
    let findings = desk.json(&[&["doctor"], more].concat());
    let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == "mail").unwrap();
    (found["verdict"].as_str().unwrap().to_owned(), found["found"].as_str().unwrap().to_owned())
}

fn starttls() -> SmtpOptions {
    SmtpOptions { starttls: true, ..SmtpOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_survives_a_server_that_is_killed_in_the_middle() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    let post = SmtpServer::start(SmtpOptions { slow_ms: 20, ..starttls() });
    let config = config(&desk, &post, "");
    let names: BTreeSet<String> = (0..50).map(|n| format!("p{n}")).collect();
    queue(&desk, names.iter().cloned()).await;
    let server = Server::on(&desk, &["--config", &config]);
    post.wait_until(|mails| mails.len() >= 15);
    server.kill();
    let before = post.received().len();
    assert!(before < 50, "it was killed in the middle");
    let server = Server::on(&desk, &["--config", &config]);
    let to = |mails: &[testkit::smtp::Received]| -> BTreeSet<String> {
        mails.iter().flat_map(|mail| mail.to.clone()).map(|to| to.replace("@example.org", "")).collect()
    };
    let mails = post.wait_until(|mails| to(mails) == names);
    assert!(mails.iter().all(|mail| mail.is_encrypted));
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.head("Message-ID")).collect();
    assert_eq!(ids.len(), 50, "a copy has the id of the first");
    assert!(mails.len() <= 51, "only the mail that was under way may come twice: {}", mails.len());
    // The last mail is there before the server has noted that it was taken.
    let is_noted = || finding(&desk, &["--config", &config]) == ("fine".to_owned(), "waiting: 0 mails".to_owned());
    assert!((0..100).any(|_| is_noted()), "a mail that was sent still waits");
    server.stop();
    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    assert!(!log.contains("@example.org"), "no address in the log");
    for file in files(&desk.data()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"example.org"), "no address in {}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_ends_the_mail_under_way_first() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    let post = SmtpServer::start(SmtpOptions { slow_ms: 100, ..starttls() });
    let config = config(&desk, &post, "");
    queue(&desk, (0..20).map(|n| format!("p{n}"))).await;
    let server = Server::on(&desk, &["--config", &config]);
    post.wait_until(|mails| mails.len() >= 2);
    server.stop();
    let n_before = post.received().len();
    assert!(n_before < 20);
    let server = Server::on(&desk, &["--config", &config]);
    let mails = post.wait_until(|mails| mails.len() >= 20);
    server.stop();
    assert_eq!(mails.len(), 20, "none came twice");
}

#[test]
fn an_operator_tries_whether_mail_arrives_and_is_told_what_keeps_it() {
    let desk = Desk::new();
    assert_eq!(finding(&desk, &[]), ("fine".to_owned(), "no mail server is set; none is needed yet".to_owned()));
    assert!(desk.ok(&["messages", "test", "olga@example.org"]).contains("has no [mail]"));
    assert_eq!(finding(&desk, &[]), ("warning".to_owned(), "no mail server is set; waiting: 1 mail".to_owned()));
    let post = SmtpServer::start(starttls());
    let config = config(&desk, &post, "all_to = 'tester@example.net'");
    assert!(finding(&desk, &["--config", &config]).1.contains("one address"));
    let server = Server::on(&desk, &["--config", &config]);
    let mails = post.wait_until(|mails| !mails.is_empty());
    server.stop();
    assert_eq!(
        (mails[0].to[0].as_str(), mails[0].head("From")),
        ("tester@example.net", "Local health authority <epitrace@example.org>")
    );
    assert_eq!(desk.run(&["messages", "test", "olga@example.org\nBcc: x@example.org"]).code, 2);
}

#[test]
fn a_mail_section_that_cannot_be_meant_is_told_before_anything_starts() {
    let desk = Desk::new();
    for (more, said) in [
        ("security = 'none'\nhost = 'mail.example.org'", "on this machine"),
        ("host = 'localhost'\nprot = 25", "unknown field"),
        ("host = 'localhost'\nuser = 'x'", "belong together"),
        ("host = 'localhost'\npassword_file = '/nonexistent'\nuser = 'x'", "cannot read the secret"),
        ("host = 'localhost'\nca_file = '/nonexistent'", "ca_file"),
        ("", "missing field"),
    ] {
        let config = desk.write("wrong.toml", &format!("[mail]\nfrom = 'epitrace@example.org'\n{more}\n"));
        let refused = desk.run(&["serve", "--config", &config]);
        assert!(matches!(refused.code, 1 | 2) && refused.err.contains(said), "{more}: {}", refused.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_keeps_mail_back_until_an_operator_lets_go_of_it() {
    let desk = Desk::new();
    desk.ok(&["doctor"]);
    queue(&desk, ["mia".to_owned()].into_iter()).await;
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    let post = SmtpServer::start(starttls());
    let config = config(&desk, &post, "");
    let server = Server::on(&desk, &["--config", &config]);
    post.wait_until(|mails| mails.len() == 1);
    server.stop();
    for name in ["epitrace.sqlite", "runs.db"] {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(desk.data().join(format!("{name}{ending}")));
        }
    }
    desk.ok(&["restore", &backup]);
    let held = finding(&desk, &["--config", &config]);
    assert_eq!(held, ("warning".to_owned(), "kept back since a restore: 1 mail".to_owned()));
    let server = Server::on(&desk, &["--config", &config]);
    // Another mail goes, and with it the turn in which this one would have.
    queue(&desk, ["kim".to_owned()].into_iter()).await;
    post.wait_until(|mails| mails.len() == 2);
    assert_eq!(post.received()[1].to, ["kim@example.org"]);
    assert!(desk.ok(&["messages", "release"]).contains("1 mail released"));
    let mails = post.wait_until(|mails| mails.len() == 3);
    server.stop();
    assert_eq!(mails[0].head("Message-ID"), mails[2].head("Message-ID"), "the receiver can tell");
}
