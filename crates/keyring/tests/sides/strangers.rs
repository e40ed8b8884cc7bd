//! Who may ask what: the certificate decides.

use super::*;
use keyring::KeyringError;

#[tokio::test]
async fn whoever_has_a_certificate_of_another_authority_or_none_is_not_let_in() {
    let hosts = Hosts::new(1);
    hosts.start(0).await;
    let stranger = Office::default();
    let mut shown = stranger.certificates("127.0.0.1");
    // They know whom to trust, but nobody trusts them.
    shown.authority = hosts.certificates(0).authority;
    let refused = caller::open(vec![hosts.address(0)], &shown).await;
    assert!(matches!(refused, Err(KeyringError::Sealing(SealingError::Away(_)))), "{refused:?}");
    hosts.keys().await;
}

#[tokio::test]
async fn a_server_trusts_no_process_of_another_authority_or_under_another_name() {
    let hosts = Hosts::new(1);
    hosts.start(0).await;
    let stranger = Office::default();
    let mut own = hosts.office.certificates("127.0.0.1");
    own.authority = stranger.certificates("x").authority;
    assert!(caller::open(vec![hosts.address(0)], &own).await.is_err());
    // The same process under an address that its certificate doesn't have.
    let elsewhere = Options {
        listen: format!("{}:{PORT}", Hosts::new(1).names[0]).parse().unwrap(),
        name: "127.0.0.1".to_owned(),
        mirror: None,
        certificates: hosts.office.certificates("127.0.0.1"),
    };
    let folder = TempDir::new().unwrap();
    let process = Process::open(open_folder(&folder.path().join("keyring")), &elsewhere, Arc::new(now)).await.unwrap();
    let address = Address { name: elsewhere.listen.ip().to_string(), port: PORT };
    let serving = tokio::spawn(process.serve(std::future::pending()));
    let certificates = hosts.office.certificates("127.0.0.1");
    assert!(caller::open(vec![address], &certificates).await.is_err());
    serving.abort();
}

#[tokio::test]
async fn only_the_host_itself_says_that_it_is_alone() {
    let hosts = Hosts::new(2);
    hosts.start(0).await;
    let refused = caller::tell_alone(&hosts.address(0), &hosts.office.certificates("127.0.0.1")).await;
    assert!(refused.unwrap_err().to_string().contains("may not ask this"));
    hosts.say_alone(0).await.unwrap();
    hosts.wait_for(0, Mirror::Alone).await;
}

#[tokio::test]
async fn a_folder_is_served_once_and_only_by_a_certificate_of_its_name() {
    let hosts = Hosts::new(1);
    hosts.start(0).await;
    let folder = open_folder(&hosts.keyring(0));
    let again = Process::open(folder, &hosts.options(0), Arc::new(now)).await;
    assert!(matches!(again.err(), Some(KeyringError::InUse)));
    let other = Options { name: "keys-9.example.org".to_owned(), ..hosts.options(0) };
    let folder = TempDir::new().unwrap();
    let refused = Process::open(open_folder(folder.path()), &other, Arc::new(now)).await;
    assert!(refused.err().unwrap().to_string().contains("not for keys-9.example.org"));
}
