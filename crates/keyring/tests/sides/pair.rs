//! Two sides: what goes on while one is away, and what both are when it is back.

use super::*;
use storage::sealing::CellPlace;
use uuid::Uuid;

#[tokio::test]
async fn what_is_made_and_destroyed_is_on_both_before_it_is_acknowledged() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    keys.add_authority(AuthorityId(1), now()).await.unwrap();
    let (kept, gone) = (day(&keys, of(1, 24)).await, day(&keys, of(1, 25)).await);
    keys.destroy(DayKind::Arrivals, &[of(1, 25)]).await.unwrap();
    for host in 0..2 {
        let side = hosts.keys_of(host).await;
        assert_eq!(side.list().len(), 1);
        opens(&side, of(1, 24), &kept).await;
        is_gone(&side, of(1, 25), &gone).await;
        assert_eq!(hosts.standing(host).await.unwrap().n_only_here, 0);
    }
}

#[tokio::test]
async fn while_one_is_away_lists_are_opened_and_no_key_is_made() {
    for away in 0..2 {
        let hosts = Hosts::pair().await;
        let keys = hosts.keys().await;
        keys.add_authority(AuthorityId(1), now()).await.unwrap();
        let known = day(&keys, of(1, 24)).await;
        hosts.stop(away).await;
        hosts.wait_for(1 - away, Mirror::Away).await;
        opens(&keys, of(1, 24), &known).await;
        assert!(hosts.keys().await.sealer(AuthorityId(1)).is_ok(), "a server that starts gets what it needs");
        // What is on both was made ahead, and check-ins need nothing else.
        keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(9))]).await.unwrap();
        keys.add_authority(AuthorityId(1), now()).await.unwrap();
        let refused = keys.make(DayKind::Arrivals, &[(of(1, 24), in_days(9)), (of(1, 25), in_days(9))]).await;
        assert!(matches!(refused, Err(SealingError::Away(_))), "{refused:?}");
        let refused = keys.add_authority(AuthorityId(2), now()).await;
        assert!(matches!(refused, Err(SealingError::Away(_))), "{refused:?}");
        assert_eq!(keys.days(DayKind::Arrivals).await.unwrap().len(), 1);
        hosts.start(away).await;
        hosts.together().await;
        keys.make(DayKind::Arrivals, &[(of(1, 25), in_days(9))]).await.unwrap();
        let copy = std::fs::read_dir(hosts.keyring(away)).unwrap().map(|file| file.unwrap().path());
        let logs: String = copy
            .filter(|path| path.to_string_lossy().ends_with(".log"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        assert_eq!(logs.lines().count(), 1, "what was opened meanwhile is carried to who was away");
    }
}

/// Takes whoever comes in, and says nothing: as a host whose cable is out after a line was open.
fn silent(name: &str) -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind((name, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

/// Whether whoever waits at a silent host has given it up.
fn is_given_up(listener: &std::net::TcpListener, held: &mut Option<std::net::TcpStream>) -> bool {
    use std::io::Read;
    if let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true).unwrap();
        *held = Some(stream);
    }
    let Some(stream) = held else { return false };
    let mut said = [0; 4096];
    while let Ok(n) = stream.read(&mut said) {
        if n == 0 {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn the_other_side_is_asked_while_the_first_says_nothing_and_first_from_then_on() {
    let hosts = Hosts::pair().await;
    let known = day(&hosts.keys().await, of(1, 24)).await;
    let (silent, mut held) = (silent(&hosts.names[0]), None);
    let first = Address { name: hosts.names[0].clone(), port: silent.local_addr().unwrap().port() };
    // The way to the other side, which sees when it is taken.
    let way = tokio::net::TcpListener::bind((hosts.names[1].as_str(), 0)).await.unwrap();
    let other = Address { name: hosts.names[1].clone(), port: way.local_addr().unwrap().port() };
    let to = format!("{}:{PORT}", hosts.names[1]);
    let taken = tokio::spawn(async move {
        let (mut from, _) = way.accept().await.unwrap();
        let was_given_up = is_given_up(&silent, &mut held);
        let mut to = tokio::net::TcpStream::connect(to).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
        (held.is_some(), was_given_up, silent.accept().is_ok())
    });
    let keys = caller::open(vec![first, other], &hosts.office.certificates("127.0.0.1")).await.unwrap();
    opens(&keys, of(1, 24), &known).await;
    drop(keys);
    let (was_first, was_given_up, was_asked_again) = taken.await.unwrap();
    assert!(was_first, "who stands first is asked first");
    assert!(!was_given_up, "the other was asked before the first was given up");
    assert!(!was_asked_again, "who answered last is asked first");
}

#[tokio::test]
async fn what_is_destroyed_while_one_is_away_is_not_acknowledged_and_gone_on_both_when_it_is_back() {
    for away in 0..2 {
        let hosts = Hosts::pair().await;
        let keys = hosts.keys().await;
        let gone = day(&keys, of(1, 24)).await;
        hosts.stop(away).await;
        hosts.wait_for(1 - away, Mirror::Away).await;
        let refused = keys.destroy(DayKind::Arrivals, &[of(1, 24)]).await;
        assert!(matches!(refused, Err(SealingError::Away(_))), "{refused:?}");
        is_gone(&keys, of(1, 24), &gone).await;
        hosts.start(away).await;
        hosts.together().await;
        is_gone(&hosts.keys_of(away).await, of(1, 24), &gone).await;
        keys.destroy(DayKind::Arrivals, &[of(1, 24)]).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_starts_answers_nobody_before_it_has_spoken_with_the_other_or_an_operator_says_so() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    let known = day(&keys, of(1, 24)).await;
    hosts.stop(0).await;
    hosts.stop(1).await;
    hosts.start(1).await;
    let refused = keys.open(&opening(of(1, 24), venue()), &known.0).await;
    assert!(matches!(refused, Err(SealingError::Away(_))), "{refused:?}");
    assert!(!hosts.standing(1).await.unwrap().answers);
    hosts.say_alone(1).await.unwrap();
    opens(&keys, of(1, 24), &known).await;
    let new = day(&keys, of(1, 25)).await;
    assert_eq!(hosts.standing(1).await.unwrap().n_only_here, 1);
    keys.destroy(DayKind::Arrivals, &[of(1, 24)]).await.unwrap();
    // What was said holds until the other is back, also over a start.
    hosts.stop(1).await;
    hosts.start(1).await;
    opens(&keys, of(1, 25), &new).await;
    hosts.start(0).await;
    hosts.together().await;
    let other = hosts.keys_of(0).await;
    opens(&other, of(1, 25), &new).await;
    is_gone(&other, of(1, 24), &known).await;
    assert_eq!(hosts.standing(1).await.unwrap().n_only_here, 0);
    assert!(hosts.say_alone(1).await.is_err(), "it isn't alone");
}

#[tokio::test]
async fn two_that_were_both_said_to_be_alone_lose_nothing_and_bring_nothing_back() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    let gone = [day(&keys, of(1, 22)).await, day(&keys, of(1, 23)).await];
    hosts.stop(0).await;
    hosts.stop(1).await;
    let mut made = Vec::new();
    let at = CellPlace { table: "person", column: "city", row: Uuid::nil() };
    for host in 0..2 {
        hosts.start(host).await;
        hosts.say_alone(host).await.unwrap();
        let alone = hosts.keys_of(host).await;
        alone.destroy(DayKind::Arrivals, &[of(1, 22 + host as i8)]).await.unwrap();
        alone.add_authority(AuthorityId(7), now()).await.unwrap();
        let cell = alone.sealer(AuthorityId(7)).unwrap().seal(at, "Mannheim").unwrap();
        made.push((day(&alone, of(1, 24)).await, cell));
        hosts.stop(host).await;
    }
    hosts.start(0).await;
    hosts.start(1).await;
    hosts.together().await;
    for host in 0..2 {
        let side = hosts.keys_of(host).await;
        for (sealed, cell) in &made {
            opens(&side, of(1, 24), sealed).await;
            assert_eq!(side.sealer(AuthorityId(7)).unwrap().open(at, &cell.0).unwrap(), "Mannheim");
        }
        is_gone(&side, of(1, 22), &gone[0]).await;
        is_gone(&side, of(1, 23), &gone[1]).await;
    }
    let all = [(of(1, 24), in_days(9))];
    let halves = |keys: Keys| async move { keys.make(DayKind::Arrivals, &all).await.unwrap() };
    assert_eq!(
        halves(hosts.keys_of(0).await).await,
        halves(hosts.keys_of(1).await).await,
        "both give out the same one"
    );
}

#[tokio::test]
async fn an_old_disk_brings_nothing_back_and_what_was_written_down_stays() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    let (gone, ended, kept) = (day(&keys, of(1, 22)).await, day(&keys, of(1, 23)).await, day(&keys, of(1, 24)).await);
    opens(&hosts.keys_of(1).await, of(1, 24), &kept).await;
    hosts.stop(1).await;
    let old = hosts.keyring(1).with_extension("old");
    copy_folder(&hosts.keyring(1), &old);
    hosts.start(1).await;
    hosts.together().await;
    keys.destroy(DayKind::Arrivals, &[of(1, 22)]).await.unwrap();
    // Shortened, and over before the old disk comes: on it the period is the long one.
    keys.make(DayKind::Arrivals, &[(of(1, 23), in_days(1))]).await.unwrap();
    let new = day(&keys, of(1, 25)).await;
    opens(&hosts.keys_of(1).await, of(1, 24), &kept).await;
    hosts.stop(0).await;
    hosts.stop(1).await;
    std::fs::remove_dir_all(hosts.keyring(1)).unwrap();
    std::fs::rename(&old, hosts.keyring(1)).unwrap();
    for host in 0..2 {
        hosts.set_clock(host, in_days(2));
    }
    hosts.start(1).await;
    hosts.start(0).await;
    hosts.together().await;
    for host in 0..2 {
        let side = hosts.keys_of(host).await;
        is_gone(&side, of(1, 22), &gone).await;
        is_gone(&side, of(1, 23), &ended).await;
        opens(&side, of(1, 25), &new).await;
    }
    let logs = std::fs::read_dir(hosts.keyring(0)).unwrap().map(|file| file.unwrap().path());
    let copies: Vec<String> = logs
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("openings-"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert_eq!(copies.len(), 2, "the copy of what the newer disk wrote down is kept beside that of the old one");
}

#[tokio::test]
async fn a_new_disk_gets_all_from_the_other() {
    for lost in 0..2 {
        let hosts = Hosts::pair().await;
        let keys = hosts.keys().await;
        keys.add_authority(AuthorityId(1), now()).await.unwrap();
        let kept = day(&keys, of(1, 24)).await;
        hosts.stop(lost).await;
        std::fs::remove_dir_all(hosts.keyring(lost)).unwrap();
        hosts.start(lost).await;
        hosts.together().await;
        let anew = hosts.keys_of(lost).await;
        opens(&anew, of(1, 24), &kept).await;
        assert_eq!(anew.list(), keys.list());
    }
}

#[tokio::test]
async fn each_side_destroys_by_itself_what_has_ended() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    let ended = day(&keys, of(1, 24)).await;
    hosts.stop(0).await;
    hosts.stop(1).await;
    for host in 0..2 {
        hosts.set_clock(host, in_days(9));
        hosts.start(host).await;
        hosts.say_alone(host).await.unwrap();
        is_gone(&hosts.keys_of(host).await, of(1, 24), &ended).await;
        hosts.stop(host).await;
    }
}

#[tokio::test]
async fn a_wrong_clock_on_one_host_loses_no_key() {
    let hosts = Hosts::pair().await;
    let keys = hosts.keys().await;
    let kept = day(&keys, of(1, 24)).await;
    hosts.stop(1).await;
    hosts.set_clock(1, in_days(30));
    hosts.start(1).await;
    until("that the clocks are seen", || async {
        hosts.standing(0).await.is_some_and(|standing| standing.clock_ahead_s > 86_400)
    })
    .await;
    assert!(!hosts.standing(1).await.unwrap().answers, "it doesn't work with the other");
    opens(&keys, of(1, 24), &kept).await;
    hosts.set_clock(1, now());
    hosts.together().await;
    opens(&hosts.keys_of(1).await, of(1, 24), &kept).await;
}

#[tokio::test]
async fn a_side_of_another_installation_is_refused_and_nothing_is_mixed() {
    let (hosts, foreign) = (Hosts::pair().await, Hosts::pair().await);
    for one in [&hosts, &foreign] {
        one.keys().await.add_authority(AuthorityId(1), now()).await.unwrap();
    }
    let own = hosts.keys().await.list();
    hosts.stop(1).await;
    foreign.stop(1).await;
    std::fs::remove_dir_all(hosts.keyring(1)).unwrap();
    copy_folder(&foreign.keyring(1), &hosts.keyring(1));
    hosts.start(1).await;
    // It was heard, since its clock is known, and isn't let in.
    hosts.wait_for(0, Mirror::Away).await;
    until("that it waits", || async { hosts.standing(1).await.is_some_and(|standing| !standing.answers) }).await;
    assert_eq!(hosts.keys_of(0).await.list(), own);
    assert_eq!(hosts.standing(0).await.unwrap().n_data_keys, 1);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
