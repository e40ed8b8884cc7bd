//! Guest lists through another authority, where nothing is delivered by itself: each message once whoever dies, nothing from
//! who isn't believed, nothing after a withdrawal, nothing opened left behind.

use super::rule_sets::neighbour;
use super::*;
use app::case_work::{AskedElsewhere, Decline, MessageRefused, Received};
use app::check_ins::{CheckInBody, GuestSent};
use domain::authorities::{Role, ShortCode};
use domain::check_ins::Guest;
use domain::erasure::ErasureReason;
use domain::ids::{AuthorityId, CaseId, OutboxId, PersonId, RequestId, StayId, VenueId, VisitId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause, Envelope, SIGNATURE, split_signed};
use domain::venues::VenueRole;
use jiff::SignedDuration;
use std::sync::Mutex;
use storage::ledger::Ledger;
use storage::sealing::{PublicHalves, Sealer};
use storage::{Freshness, authority_messages};
use testkit::contract;
use testkit::door::{make_venue, shelf};

const NAME: &str = "Canary Warrendell";

/// `local` has the café and is asked; `next` has the case and asks.
struct World {
    bench: Bench,
    app: App,
    clock: Arc<Mutex<Timestamp>>,
    asks: Worker,
    rosa: Worker,
    venue_id: VenueId,
    case: (CaseId, PersonId),
}

fn request(n: u8) -> RequestId {
    RequestId(uuid::Uuid::from_bytes([1, 0x9c, 0, 0, 0, 0, 0x70, 9, 0x80, 0, 0, 0, 0, 0, 0, n]))
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

impl World {
    async fn on(kit: Kit) -> Self {
        let bench = Bench::on(kit).await;
        let asks = neighbour(&bench).await;
        let clock = Arc::new(Mutex::new(now()));
        let time = Arc::clone(&clock);
        let jobs = bench.kit.database.open_for_jobs().await;
        let time = Arc::new(move || *time.lock().unwrap());
        let app = Bench::app_with_clock(&bench.kit, bench.kit.store.clone(), jobs, time);
        let app = app.with_public_url("https://epitrace.test");
        app.open_door(shelf(&bench.kit).await).await.unwrap();
        let venue_id = make_venue(&bench.kit, "Café Rosa").await;
        let mut tx = bench.kit.write().await;
        storage::venues::join(&mut tx, venue_id, bench.kit.account_id, VenueRole::Owner, now()).await.unwrap();
        tx.commit().await.unwrap();
        let rosa = Worker { role: Role::Venue, operator: false, ..bench.worker.clone() };
        let source = Cursor::new(b"id,tested\nA,2026-02-28\n".to_vec());
        app.import(&asks, source, &options(Kind::Cases, "id=id,tested=tested"), None, &mut |_| ()).await.unwrap();
        let mut tx = app.store.read(asks.authority.authority_id, Freshness::Fresh).await.unwrap();
        let person = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
        let case = storage::cases::briefly_of_persons(&mut tx, &[person]).await.unwrap()[0].case_id;
        drop(tx);
        let world = Self { bench, app, clock, asks, rosa, venue_id, case: (case, person) };
        world.check_in().await;
        world
    }

    fn asked(&self) -> &Worker {
        &self.bench.worker
    }

    fn wait(&self, duration: SignedDuration) {
        let mut clock = self.clock.lock().unwrap();
        *clock = clock.checked_add(duration).unwrap();
    }

    async fn check_in(&self) {
        let at = now() - hours(1);
        let guest = Guest {
            name: Personal::new(NAME.to_owned()),
            phone: Some(Personal::new("+49 621 1".to_owned())),
            email: None,
            address: None,
        };
        let visit_id = VisitId::mint(at, self.app.random());
        let visits = vec![GuestSent {
            visit_id,
            secret: [7; 16],
            arrived_at: at,
            leaves_at: Some(at + hours(2)),
            household: 0,
            guest,
        }];
        let body = CheckInBody { authority: ShortCode::local(), venue_id: self.venue_id, area_id: None, visits };
        self.app.check_in(body).await.unwrap();
    }

    async fn ask(&self, n: u8) {
        let asked = AskedElsewhere {
            request_id: request(n),
            stay_id: StayId(request(n).0),
            to: None,
            place: Personal::new(format!("https://epitrace.test/g/LOCAL/{}#name=x", self.venue_id)),
            from: now() - hours(1),
            until: now(),
        };
        self.app.ask_elsewhere(&self.asks, self.case.0, asked).await.unwrap();
    }

    async fn pass_on(&self, n: u8) -> Result<(), AppError> {
        self.app.pass_on_request(self.asked(), request(n), self.venue_id).await
    }

    async fn release(&self, n: u8) -> Result<(), AppError> {
        self.app.release_list(&self.rosa, self.venue_id, request(n)).await
    }

    async fn withdraw(&self, n: u8) {
        self.app.withdraw_elsewhere(&self.asks, self.case.0, request(n)).await.unwrap();
    }

    async fn deliver(&self) {
        while self.app.act_on_all_events().await.unwrap() > 0 {}
    }

    async fn states(&self) -> (Option<BetweenState>, Option<BetweenState>) {
        let asks = self.app.requests_elsewhere(&self.asks, self.case.0).await.unwrap();
        let asked = self.app.requests_from_others(self.asked()).await.unwrap();
        (asks.requests.first().map(|seen| seen.request.state), asked.first().map(|seen| seen.request.state))
    }

    async fn n_guests(&self) -> usize {
        self.app.guests_of_case(&self.asks, self.case.0).await.unwrap().guests.len()
    }

    async fn n_rows(&self, table: &str) -> i64 {
        self.bench.kit.database.count_rows(table).await
    }

    /// What an authority has sent and nobody has taken in yet, as its bytes. It stays on its way.
    async fn on_its_way(&self, from: &Worker) -> Vec<Vec<u8>> {
        let from = from.authority.authority_id;
        let seen: Mutex<Vec<OutboxId>> = Mutex::default();
        let look = |event: storage::outbox::Event| {
            seen.lock().unwrap().push(event.outbox_id);
            async { Err(AppError::Cancelled) }
        };
        self.app.act_on_events(from, look).await.unwrap();
        self.due_again(from).await;
        let mut tx = self.app.store.read(from, Freshness::Fresh).await.unwrap();
        let mut found = Vec::new();
        for message_id in seen.into_inner().unwrap() {
            found.extend(authority_messages::find(&mut tx, message_id).await.unwrap().map(|message| message.signed));
        }
        found
    }

    /// As if whoever delivered had died each time before it could note that it had.
    async fn due_again(&self, authority: AuthorityId) {
        let sql = "UPDATE outbox SET due_at = created_at, done_at = NULL WHERE kind LIKE 'between.%'";
        self.bench.kit.database.tamper(sql, authority).await;
    }

    async fn take_in(&self, to: &Worker, signed: &[u8]) -> Received {
        self.app.take_in_message(to.authority.clone(), signed).await.unwrap()
    }

    async fn run_retention(&self) {
        let ledger = Ledger::beside(&self.bench.kit.keyring());
        for worker in [self.asked(), &self.asks] {
            self.app.run_retention(worker, &ledger).await.unwrap();
        }
    }
}

fn both(state: BetweenState) -> (Option<BetweenState>, Option<BetweenState>) {
    (Some(state), Some(state))
}

contract! {
    async fn a_list_comes_sealed_and_nothing_of_it_stays_where_it_was_released(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        world.deliver().await;
        world.pass_on(1).await.unwrap();
        assert_eq!(world.states().await, (Some(BetweenState::Asked), Some(BetweenState::Passed)));
        for _ in 0..2 {
            world.release(1).await.unwrap();
        }
        let on_its_way = world.on_its_way(world.asked()).await;
        assert_eq!((on_its_way.len(), world.n_rows("released_visit").await), (1, 0), "opened nowhere here");
        for hidden in [NAME.as_bytes(), b"+49 621", world.venue_id.to_string().as_bytes()] {
            assert!(!on_its_way[0].windows(hidden.len()).any(|bytes| bytes == hidden));
        }
        world.deliver().await;
        assert_eq!(world.states().await, both(BetweenState::Released));
        assert_eq!((world.n_guests().await, world.n_rows("authority_message").await), (1, 0), "taken in, and gone");
        let theirs = world.asks.authority.authority_id.0;
        assert_eq!(world.n_rows(&format!("released_visit WHERE authority_id = {theirs}")).await, 1);
    }

    /// Before it left, on its way, seen, passed on, released and on its way back, arrived.
    async fn withdrawn_at_whatever_moment_nothing_comes_of_it(kit) {
        let world = World::on(kit).await;
        for moment in 1..=6_u8 {
            world.ask(moment).await;
            if moment > 2 {
                world.deliver().await;
            }
            if moment > 3 {
                world.pass_on(moment).await.unwrap();
            }
            if moment > 4 {
                world.release(moment).await.unwrap();
            }
            if moment > 5 {
                world.deliver().await;
                assert_eq!(world.n_guests().await, 1);
            }
            let early = world.on_its_way(&world.asks).await;
            let late = world.on_its_way(world.asked()).await;
            for _ in 0..2 {
                world.withdraw(moment).await;
            }
            if moment == 2 {
                // What was read before it was taken back arrives afterwards.
                world.deliver().await;
                assert_eq!(world.take_in(world.asked(), &early[0]).await, Received::Taken);
                assert_eq!(world.states().await.1, None, "never begun");
            }
            if moment == 5 {
                assert_eq!(world.take_in(&world.asks, &late[0]).await, Received::Taken, "and dropped");
            }
            world.deliver().await;
            assert_eq!((world.n_guests().await, world.n_rows("released_visit").await), (0, 0), "{moment}");
            let expected = (Some(BetweenState::Withdrawn), (moment > 2).then_some(BetweenState::Withdrawn));
            assert_eq!(world.states().await, expected, "{moment}");
            let (released, passed) = (world.release(moment).await, world.pass_on(moment).await);
            assert!(matches!(released, Err(AppError::NotFound(_) | AppError::Conflict(_))), "{moment}: {released:?}");
            assert!(matches!(passed, Err(AppError::NotFound(_) | AppError::Conflict(_))), "{moment}: {passed:?}");
            assert_eq!(world.states().await, expected, "{moment}: nobody brings it back");
            assert_eq!(world.n_rows("authority_message").await, 0, "{moment}");
        }
        let stays = world.app.stays_of_case(&world.asks, world.case.0).await.unwrap().stays;
        assert_eq!(stays.len(), 1, "where the case was is known since the last one");
    }

    async fn a_message_that_comes_twice_changes_nothing(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        let asked = world.on_its_way(&world.asks).await.remove(0);
        for expected in [Received::Taken, Received::Known, Received::Known] {
            assert_eq!(world.take_in(world.asked(), &asked).await, expected);
        }
        world.pass_on(1).await.unwrap();
        world.release(1).await.unwrap();
        let released = world.on_its_way(world.asked()).await.remove(0);
        for expected in [Received::Taken, Received::Known, Received::Known] {
            assert_eq!(world.take_in(&world.asks, &released).await, expected);
            assert_eq!(world.n_guests().await, 1);
        }
        let history = world.n_rows("history").await;
        for _ in 0..3 {
            for authority in [world.asks.authority.authority_id, world.asked().authority.authority_id] {
                world.due_again(authority).await;
            }
            world.deliver().await;
        }
        assert_eq!((world.n_guests().await, world.n_rows("history").await), (1, history));
        assert_eq!(world.states().await, both(BetweenState::Released));
    }

    /// Each message is taken in by a server that dies before it notes so, and by the next one again.
    async fn a_request_whose_servers_die_after_every_step_arrives_once(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        for turn in 0..6 {
            for (from, to) in [(&world.asks, world.asked()), (world.asked(), &world.asks)] {
                for signed in world.on_its_way(from).await {
                    world.take_in(to, &signed).await;
                }
            }
            match turn {
                1 => world.pass_on(1).await.unwrap(),
                3 => world.release(1).await.unwrap(),
                _ => {}
            }
        }
        assert_eq!((world.n_guests().await, world.n_rows("authority_message").await), (1, 2), "and nobody noted so");
        world.deliver().await;
        assert_eq!(world.states().await, both(BetweenState::Released));
        assert_eq!((world.n_guests().await, world.n_rows("authority_message").await), (1, 0));
        assert_eq!(world.n_rows("action_item WHERE kind = 'guest_list_released'").await, 1);
    }

    async fn no_byte_of_a_message_can_be_changed_and_whoever_tries_is_seen(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        let asked = world.on_its_way(&world.asks).await.remove(0);
        assert_eq!(world.take_in(&world.asks, &asked).await, Received::Refused(MessageRefused::NotForUs));
        assert_eq!(world.take_in(world.asked(), &asked[..9]).await, Received::Refused(MessageRefused::NotAMessage));
        let step = asked.len() / 40;
        for at in (0..asked.len()).step_by(step).chain(asked.len() - SIGNATURE - 2..asked.len() - SIGNATURE + 2) {
            let mut changed = asked.clone();
            changed[at] ^= 1;
            let taken = world.take_in(world.asked(), &changed).await;
            assert!(matches!(taken, Received::Refused(_)), "byte {at} of {}: {taken:?}", asked.len());
        }
        assert_eq!(world.states().await.1, None);
        let refused = "audit_record WHERE operation = 'requests_between.refuse_message'";
        assert!(world.n_rows(refused).await > 40, "each is in the audit log");
        assert_eq!(world.take_in(world.asked(), &asked).await, Received::Taken, "and the true one is taken in");
    }

    /// Whoever has the database but not the keyring signs nothing, and lets nothing be sealed to themselves.
    async fn keys_that_somebody_put_into_the_database_are_believed_by_nobody(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        let asked = world.on_its_way(&world.asks).await.remove(0);
        let envelope = Envelope::read(split_signed(&asked).unwrap().0).unwrap();
        let folder = world.bench.kit.database.folder.path().join("forged");
        let mut forged = Keyring::create(&folder, Opener::Auto).unwrap();
        forged.add_authority(envelope.sender, now()).unwrap();
        let forger = Sealer::of(&forged, envelope.sender).unwrap();
        let signed = |envelope: &Envelope| {
            let bytes = envelope.bytes();
            [&bytes[..], &forger.sign(1, &bytes).unwrap()].concat()
        };
        let wrong = Received::Refused(MessageRefused::WrongSignature);
        assert_eq!(world.take_in(world.asked(), &signed(&envelope)).await, wrong);
        let seventh = signed(&Envelope { signed_by: 7, ..envelope.clone() });
        let unknown = Received::Refused(MessageRefused::UnknownKey);
        assert_eq!(world.take_in(world.asked(), &seventh).await, unknown);
        let mut tx = world.app.store.installation().await.unwrap();
        let halves = PublicHalves { number: 7, ..forger.public_halves().unwrap() };
        storage::authority_keys::make_known(&mut tx, envelope.sender, &halves, now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.take_in(world.asked(), &seventh).await, unknown);
        assert_eq!(world.take_in(world.asked(), &asked).await, Received::Taken);
        world.pass_on(1).await.unwrap();
        assert!(matches!(world.release(1).await, Err(AppError::Storage(_))), "nothing is sealed to it");
        assert_eq!(world.states().await.1, Some(BetweenState::Passed));
    }

    async fn a_message_from_long_ago_is_not_taken_in(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        let asked = world.on_its_way(&world.asks).await.remove(0);
        world.wait(hours(41 * 24));
        let refused = Received::Refused(MessageRefused::NotCurrent);
        assert_eq!(world.take_in(world.asked(), &asked).await, refused);
    }

    async fn days_that_are_deleted_meanwhile_are_declined_and_the_other_side_reads_so(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        world.deliver().await;
        world.pass_on(1).await.unwrap();
        world.wait(hours(15 * 24));
        let seen = world.app.requests_elsewhere(&world.asks, world.case.0).await.unwrap();
        assert!(seen.requests[0].is_over);
        assert!(matches!(world.release(1).await, Err(AppError::Conflict(_))));
        world.deliver().await;
        assert_eq!(world.states().await, both(BetweenState::Declined));
        let seen = world.app.requests_elsewhere(&world.asks, world.case.0).await.unwrap();
        assert_eq!(seen.requests[0].request.because, Some(DeclinedBecause::NoList));
        assert_eq!(world.n_rows("action_item WHERE kind = 'guest_list_declined'").await, 1);
    }

    async fn a_list_that_nobody_takes_in_ends_sealed_with_its_period(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        world.deliver().await;
        world.pass_on(1).await.unwrap();
        world.release(1).await.unwrap();
        for (days, left) in [(30, 1), (1, 0)] {
            world.wait(hours(24 * days));
            world.run_retention().await;
            assert_eq!(world.n_rows("authority_message").await, left);
        }
        world.deliver().await;
        assert_eq!(world.n_rows("released_visit").await, 0);
        world.wait(hours(24 * 30));
        world.run_retention().await;
        assert_eq!(world.n_rows("request_from_other").await, 0);
        let case = "request_elsewhere";
        assert_eq!(world.n_rows(case).await, 1, "it goes with the case");
        world.wait(hours(24 * 700));
        world.run_retention().await;
        assert_eq!(world.n_rows(case).await, 0);
    }

    /// Erased between asking and the answer: what comes is dropped.
    async fn for_whoever_was_erased_meanwhile_nothing_is_taken_in(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        world.deliver().await;
        world.pass_on(1).await.unwrap();
        world.release(1).await.unwrap();
        let ledger = Ledger::beside(&world.bench.kit.keyring());
        world.app.erase_person(&world.asks, &ledger, world.case.1, ErasureReason::Request).await.unwrap();
        world.deliver().await;
        assert_eq!((world.n_rows("released_visit").await, world.n_rows("authority_message").await), (0, 0));
    }

    async fn a_refusal_of_the_other_authority_says_why_and_no_more_is_answered(kit) {
        let world = World::on(kit).await;
        world.ask(1).await;
        world.deliver().await;
        let decline = Decline { because: DeclinedBecause::NotOurs, text: Some(Personal::new("ask Nextbury".to_owned())) };
        for _ in 0..2 {
            world.app.decline_request(world.asked(), request(1), decline.clone()).await.unwrap();
        }
        world.deliver().await;
        assert_eq!(world.states().await, both(BetweenState::Declined));
        assert!(matches!(world.pass_on(1).await, Err(AppError::Conflict(_))));
        let seen = world.app.requests_elsewhere(&world.asks, world.case.0).await.unwrap();
        assert_eq!(seen.requests[0].request.note.as_ref().unwrap().expose(), "ask Nextbury");
        let analyst = Worker { role: Role::Analyst, ..world.asked().clone() };
        let refused = world.app.decline_request(&analyst, request(1), decline).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })));
        assert!(matches!(world.app.requests_from_others(&analyst).await, Err(AppError::NotAllowed { .. })));
    }
}
