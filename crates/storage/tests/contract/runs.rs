//! Runs at rest: made once, with nodes that are numbered once, frames in order, encounters that unite, and a log that is read
//! once.

use domain::ids::{NodeId, RunId};
use domain::runs::{Hosting, Parameters, Run, RunClock, RunState, Visibility, Wire};
use jiff::SignedDuration;
use jiff::civil::date;
use std::time::Duration;
use storage::runs::{
    self, Choice, DeadLetter, Encounter, FrameAt, HistoricDay, Infection, KnownNode, LogPlace, Message, NamedNode,
    NewNode, Progress, Standing,
};
use storage::store::RunStore;
use testkit::database::options;
use testkit::kit::now;
use testkit::{Kit, contract};

async fn store(kit: &Kit) -> RunStore {
    RunStore::beside(&kit.store, &options(&kit.database.app)).await.unwrap()
}

fn new_run(kit: &Kit) -> Run {
    Run {
        run_id: RunId::mint(now(), kit.random()),
        name: "Field".to_owned(),
        owner: Some(kit.account_id),
        visibility: Visibility::Staff,
        is_rehearsal: false,
        parameters: Parameters { seed: u64::MAX, infection_radius: 2.5, ..Parameters::default() },
        hosting: Hosting::Processes,
        created_at: now(),
        ended_at: None,
        clock: RunClock::start(Duration::from_millis(50), now()),
        n_safe: 18,
        n_infected: 2,
    }
}

pub async fn made(kit: &Kit) -> (RunStore, Run) {
    let (store, run) = (store(kit).await, new_run(kit));
    let mut tx = store.write().await.unwrap();
    assert!(runs::insert(&mut tx, &run).await.unwrap());
    tx.commit().await.unwrap();
    (store, run)
}

pub fn place(partition: i32) -> LogPlace {
    LogPlace { log_id: "log".to_owned(), topic: "coronaz".to_owned(), partition }
}

contract! {
    async fn a_run_is_made_once_changed_and_deleted_whole(kit) {
        let (store, run) = made(&kit).await;
        let mut tx = store.write().await.unwrap();
        assert!(!runs::insert(&mut tx, &run).await.unwrap(), "the same again is the same run");
        let later = now().checked_add(SignedDuration::from_secs(3)).unwrap();
        let stopped = Run {
            name: "Yard".to_owned(),
            visibility: Visibility::Anybody,
            clock: run.clock.stopped(later),
            ended_at: Some(later),
            n_safe: 20,
            ..run.clone()
        };
        assert_eq!(runs::find_to_change(&mut tx, run.run_id).await.unwrap(), Some(run.clone()));
        runs::update(&mut tx, &stopped).await.unwrap();
        let other = Run { created_at: later, ..new_run(&kit) };
        runs::insert(&mut tx, &other).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(runs::find(&mut tx, run.run_id).await.unwrap(), Some(stopped.clone()));
        assert_eq!(stopped.clock.state, RunState::Stopped);
        assert_eq!(runs::newest(&mut tx, 9).await.unwrap(), [other.clone(), stopped]);
        assert_eq!(runs::newest(&mut tx, 1).await.unwrap(), [other.clone()]);
        assert_eq!(runs::running(&mut tx).await.unwrap(), [other.run_id], "the other is over");
        drop(tx);
        let mut tx = store.write().await.unwrap();
        runs::intern(&mut tx, run.run_id, &[NewNode { tag: 7, named: None }]).await.unwrap();
        let at = FrameAt { second: 0, kind: 1, chain: 0, part: 0 };
        runs::put_frames(&mut tx, run.run_id, &[(at, vec![1])]).await.unwrap();
        runs::delete(&mut tx, run.run_id).await.unwrap();
        assert_eq!(runs::newest(&mut tx, 9).await.unwrap(), [other]);
        assert_eq!(runs::nodes_of(&mut tx, run.run_id, None, 9).await.unwrap(), []);
        assert_eq!(runs::newest_second(&mut tx, run.run_id).await.unwrap(), None);
    }

    async fn a_tag_is_numbered_once_whoever_comes_first(kit) {
        let (store, run) = made(&kit).await;
        let heard = |tag| NewNode { tag, named: None };
        let named = NamedNode { node_id: NodeId::mint(now(), kit.random()), boot: u32::MAX, first_second: 3 };
        let mut tx = store.write().await.unwrap();
        let first = runs::intern(&mut tx, run.run_id, &[heard(5), heard((1 << 48) - 1)]).await.unwrap();
        tx.commit().await.unwrap();
        let no_of = |all: &[KnownNode], tag| all.iter().find(|node| node.tag == tag).unwrap().no;
        let five = no_of(&first, 5);
        let mut tx = store.write().await.unwrap();
        let news = [NewNode { tag: 5, named: Some(named) }, heard(6)];
        let again = runs::intern(&mut tx, run.run_id, &news).await.unwrap();
        assert_eq!((again.len(), no_of(&again, 5)), (2, five));
        let other = NamedNode { node_id: NodeId::mint(now(), kit.random()), ..named };
        runs::intern(&mut tx, run.run_id, &[NewNode { tag: 5, named: Some(other) }]).await.unwrap();
        let six = no_of(&again, 6);
        assert_eq!(runs::count_nodes(&mut tx, run.run_id).await.unwrap(), (3, 3));
        runs::die(&mut tx, run.run_id, &[five, six], 12).await.unwrap();
        assert_eq!(runs::count_nodes(&mut tx, run.run_id).await.unwrap(), (3, 1));
        runs::note_united(&mut tx, run.run_id, five, (u32::MAX, 7)).await.unwrap();
        let all = runs::nodes_of(&mut tx, run.run_id, None, 9).await.unwrap();
        let dead: Vec<u32> = all.iter().filter(|node| node.died_at == Some(12)).map(|node| node.no).collect();
        assert_eq!(dead, [five, six], "who dies in one second, and nobody else");
        assert_eq!(all.iter().map(|node| node.no).collect::<Vec<_>>(), [0, 1, 2]);
        let expected = KnownNode {
            no: five, tag: 5, node_id: Some(named.node_id), boot: Some(u32::MAX), first_second: Some(3), died_at: Some(12),
            united: Some((u32::MAX, 7)),
        };
        assert_eq!(all.iter().find(|node| node.no == five), Some(&expected), "whoever was first has the name");
        assert_eq!(runs::nodes_of(&mut tx, run.run_id, Some(1), 9).await.unwrap(), all[2..]);
        let nobody = runs::intern(&mut tx, RunId::mint(now(), kit.random()), &[heard(1)]).await;
        assert!(nobody.is_err(), "a run that isn't there has no nodes");
    }

    async fn frames_come_back_in_order_and_unharmed(kit) {
        let (store, run) = made(&kit).await;
        let mut tx = store.write().await.unwrap();
        let at = |second, kind, chain, part| FrameAt { second, kind, chain, part };
        let bytes = |at: FrameAt| vec![at.kind; 1 + at.second as usize];
        let order = [at(0, 1, 0, 0), at(0, 1, 1, 0), at(0, 3, 0, 1), at(60, 1, 0, 3), at(60, 2, 0, 9), at(60, 3, 0, 4), at(61, 3, 1, 1)];
        let mut shuffled: Vec<_> = order.iter().map(|at| (*at, bytes(*at))).collect();
        shuffled.reverse();
        runs::put_frames(&mut tx, run.run_id, &shuffled).await.unwrap();
        let all = runs::frames_after(&mut tx, run.run_id, FrameAt::before(0), u32::MAX, 99).await.unwrap();
        assert_eq!(all.iter().map(|frame| frame.at).collect::<Vec<_>>(), order);
        for frame in &all {
            assert_eq!(runs::unpacked(&frame.packed).unwrap(), bytes(frame.at));
        }
        assert_eq!(runs::frames_after(&mut tx, run.run_id, FrameAt::before(60), 60, 2).await.unwrap(), all[3..5]);
        assert_eq!(runs::frames_after(&mut tx, run.run_id, all[4].at, 60, 9).await.unwrap(), all[5..6]);
        let second_chain = runs::frames_of_chain(&mut tx, run.run_id, 1, 0).await.unwrap();
        assert_eq!(second_chain, [all[1].clone(), all[6].clone()]);
        assert_eq!(runs::last_key_before(&mut tx, run.run_id, 59).await.unwrap(), Some(0));
        assert_eq!(runs::last_key_before(&mut tx, run.run_id, 99).await.unwrap(), Some(0), "the other chain's is older");
        assert_eq!(runs::key_seconds(&mut tx, run.run_id, 0).await.unwrap(), [0, 60]);
        assert_eq!(runs::newest_second(&mut tx, run.run_id).await.unwrap(), Some(61));
        assert_eq!(runs::next_part(&mut tx, run.run_id, 0).await.unwrap(), 10);
        assert_eq!(runs::next_part(&mut tx, run.run_id, 7).await.unwrap(), 0);
        assert!(runs::unpacked(&[1, 2, 3]).is_err());
    }

    async fn encounters_of_a_pair_and_slot_unite(kit) {
        let (store, run) = made(&kit).await;
        let mut tx = store.write().await.unwrap();
        let met = |lower, higher, slot, first_second, last_second, n_heard, nearest_quarters| {
            Encounter { lower, higher, slot, first_second, last_second, n_heard, nearest_quarters }
        };
        let first = [met(0, 1, 0, 10, 12, 3, Some(6)), met(0, 1, 1, 300, 300, 1, Some(8)), met(0, 2, 9, 2_700, 2_700, 1, None)];
        runs::put_encounters(&mut tx, run.run_id, &first).await.unwrap();
        let second = [met(0, 1, 0, 8, 11, 2, Some(7)), met(0, 1, 1, 300, 300, 1, None), met(1, 2, 0, 4, 4, 1, None)];
        runs::put_encounters(&mut tx, run.run_id, &second).await.unwrap();
        runs::put_encounters(&mut tx, run.run_id, &[met(1, 2, 0, 4, 4, 1, Some(0))]).await.unwrap();
        let all = [
            met(0, 1, 0, 8, 12, 5, Some(6)),
            met(0, 1, 1, 300, 300, 2, Some(8)),
            met(0, 2, 9, 2_700, 2_700, 1, None),
            met(1, 2, 0, 4, 4, 2, Some(0)),
        ];
        assert_eq!(runs::encounters_of(&mut tx, run.run_id, None, 9).await.unwrap(), all);
        assert_eq!(runs::encounters_of(&mut tx, run.run_id, Some((0, 1, 0)), 1).await.unwrap(), all[1..2]);
        let of_one = runs::encounters_of_node(&mut tx, run.run_id, 1, 9).await.unwrap();
        assert_eq!(of_one, [all[3], all[0], all[1]], "earliest first");
        let infection = |no, second, infector| Infection { no, second, infector };
        runs::put_infections(&mut tx, run.run_id, &[infection(2, 9, 0), infection(1, 4, 0)]).await.unwrap();
        runs::put_infections(&mut tx, run.run_id, &[infection(1, 4, 5)]).await.unwrap();
        assert_eq!(runs::infections_of(&mut tx, run.run_id, 9).await.unwrap(), [infection(1, 4, 0), infection(2, 9, 0)]);
        assert_eq!(runs::infections_of(&mut tx, run.run_id, 8).await.unwrap(), [infection(1, 4, 0)]);
    }

    async fn a_message_of_a_published_node_is_known_by_its_clock_and_the_last_of_a_second_stands(kit) {
        let (store, run) = made(&kit).await;
        let mut tx = store.write().await.unwrap();
        let message = |no, told_at, recorded_at, second| Message { no, told_at, recorded_at, second };
        let first = [message(0, 10, 1_000, 1), message(0, 20, 1_000, 1), message(0, 30, 9_000, 9), message(1, 10, 1_000, 1)];
        let mut new = runs::put_messages(&mut tx, run.run_id, &first).await.unwrap();
        new.sort_unstable();
        assert_eq!(new, [(0, 10), (0, 20), (0, 30), (1, 10)]);
        let again = [message(0, 20, 5_000, 5), message(1, 20, 1_001, 1), message(1, 5, 1_900, 1)];
        let mut new = runs::put_messages(&mut tx, run.run_id, &again).await.unwrap();
        new.sort_unstable();
        assert_eq!(new, [(1, 5), (1, 20)], "the same clock is the same message, whenever it came");
        let mut standing = runs::standing(&mut tx, run.run_id, &[(0, 1), (0, 9), (1, 1)]).await.unwrap();
        standing.sort_unstable_by_key(|stands| (stands.no, stands.second));
        let stands = |no, second, told_at, next| Standing { no, second, told_at, next };
        assert_eq!(standing, [stands(0, 1, 20, Some(9)), stands(0, 9, 30, None), stands(1, 1, 5, None)]);
        let clocks = runs::clocks_of(&mut tx, run.run_id).await.unwrap();
        assert_eq!((clocks.len(), clocks[&(1, 1)].to_string().as_str()), (3, "1970-01-01T00:00:00.000005"));
        assert_eq!(runs::put_messages(&mut tx, run.run_id, &[]).await.unwrap(), []);
        runs::delete(&mut tx, run.run_id).await.unwrap();
        assert!(runs::clocks_of(&mut tx, run.run_id).await.unwrap().is_empty(), "they go with their run");
    }

    async fn runs_of_published_nodes_are_found_by_their_time(kit) {
        let (store, compact) = made(&kit).await;
        let parameters = Parameters { wire: Wire::Json, ..Parameters::default() };
        let later = |seconds| now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let json = |created_at| Run { parameters, created_at, ..new_run(&kit) };
        let (open, ended) = (json(later(100)), json(later(10)));
        let ended = Run { clock: ended.clock.stopped(later(20)), ended_at: Some(later(20)), ..ended };
        let day = date(2026, 3, 1);
        let nobodys = Run { owner: None, ..json(later(50)) };
        let other = Run { run_id: RunId::mint(now(), kit.random()), ..nobodys.clone() };
        let mut tx = store.write().await.unwrap();
        runs::insert(&mut tx, &open).await.unwrap();
        runs::insert(&mut tx, &Run { ended_at: None, ..ended.clone() }).await.unwrap();
        runs::update(&mut tx, &ended).await.unwrap();
        let of = HistoricDay { day, no: 1 };
        assert!(runs::insert_historic(&mut tx, &nobodys, of).await.unwrap());
        assert!(!runs::insert_historic(&mut tx, &other, of).await.unwrap(), "a day has each number once");
        assert_eq!(runs::find(&mut tx, nobodys.run_id).await.unwrap().unwrap().owner, None);
        let mut found = async |first, last, day| {
            let found = runs::historic_between(&mut tx, (first, last), (day, day)).await.unwrap();
            found.into_iter().map(|(run, of)| (run.run_id, of)).collect::<Vec<_>>()
        };
        let (open, ended, nobodys) = ((open.run_id, None), (ended.run_id, None), (nobodys.run_id, Some(of)));
        assert_eq!(found(later(0), later(500), day).await, [ended, nobodys, open]);
        assert_eq!(found(later(21), later(99), day).await, [nobodys]);
        assert_eq!(found(later(20), later(100), date(2026, 3, 2)).await, [ended, open]);
        assert!(found(now(), now(), day).await.iter().all(|(run_id, _)| *run_id != compact.run_id));
    }

    async fn a_batch_is_stored_by_one_consumer_only(kit) {
        let store = store(&kit).await;
        let mut tx = store.write().await.unwrap();
        assert_eq!(runs::progress(&mut tx, &place(0)).await.unwrap(), Progress::default());
        assert!(runs::advance(&mut tx, &place(0), 0, 10, 0).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = store.write().await.unwrap();
        assert!(!runs::advance(&mut tx, &place(0), 0, 12, 0).await.unwrap(), "it was stored already");
        assert!(runs::advance(&mut tx, &place(0), 10, 15, 2).await.unwrap());
        assert_eq!(runs::progress(&mut tx, &place(0)).await.unwrap(), Progress { next: 15, n_gaps: 2 });
        assert_eq!(runs::progress(&mut tx, &place(1)).await.unwrap(), Progress::default());
        assert!(runs::advance(&mut tx, &place(2), 0, 4, 0).await.unwrap());
        let LogPlace { log_id, topic, .. } = place(0);
        let all = runs::progress_of_topic(&mut tx, &log_id, &topic).await.unwrap();
        let expected = [(0, Progress { next: 15, n_gaps: 2 }), (2, Progress { next: 4, n_gaps: 0 })];
        assert_eq!(all.into_iter().collect::<Vec<_>>(), expected);
        assert!(runs::progress_of_topic(&mut tx, "another", &topic).await.unwrap().is_empty());
    }

    async fn records_that_cannot_be_stored_are_put_aside_and_end(kit) {
        let store = store(&kit).await;
        let mut tx = store.write().await.unwrap();
        let later = now().checked_add(SignedDuration::from_hours(24)).unwrap();
        let letter = |offset, noted_at| DeadLetter {
            place: place(0), offset, reason: "no report".to_owned(), noted_at, bytes: vec![0, 255],
        };
        for letter in [letter(3, now()), letter(3, now()), letter(9, later)] {
            runs::put_aside(&mut tx, &letter).await.unwrap();
        }
        assert_eq!(runs::dead_letters(&mut tx, 9).await.unwrap(), [letter(9, later), letter(3, now())]);
        assert_eq!(runs::count_dead_letters(&mut tx).await.unwrap(), 2);
        assert_eq!(runs::forget_dead_letters(&mut tx, later).await.unwrap(), 1);
        assert_eq!(runs::dead_letters(&mut tx, 9).await.unwrap(), [letter(9, later)]);
    }

    async fn what_somebody_chose_is_kept_for_them(kit) {
        let store = store(&kit).await;
        let mut tx = store.write().await.unwrap();
        assert_eq!(runs::chosen(&mut tx, kit.account_id, Choice::Map).await.unwrap(), None);
        runs::choose(&mut tx, kit.account_id, Choice::Map, "{}").await.unwrap();
        runs::choose(&mut tx, kit.account_id, Choice::Map, r#"{"realism":true}"#).await.unwrap();
        let kept = runs::chosen(&mut tx, kit.account_id, Choice::Map).await.unwrap();
        assert_eq!(kept.as_deref(), Some(r#"{"realism":true}"#));
        assert_eq!(runs::chosen(&mut tx, kit.account_id, Choice::Parameters).await.unwrap(), None);
    }
}
