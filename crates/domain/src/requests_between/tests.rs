use super::*;
use crate::ids::{AuthorityId, OutboxId};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const STEPS: [Step; 4] = [Step::PassOn, Step::Release, Step::Decline, Step::Withdraw];

fn next(side: Side, state: BetweenState) -> Vec<Option<BetweenState>> {
    STEPS.into_iter().map(|step| state.after(side, step)).collect()
}

/// The whole table: for each side and state, where passing on, release, decline and withdrawal lead.
#[test]
fn each_step_of_each_side_leads_where_the_table_says() {
    use BetweenState::{Asked, Declined, Passed, Released, Withdrawn};
    let table = [
        (Side::From, Asked, [None, Some(Released), Some(Declined), Some(Withdrawn)]),
        (Side::From, Passed, [None; 4]),
        (Side::From, Released, [None, None, None, Some(Withdrawn)]),
        (Side::From, Declined, [None; 4]),
        (Side::From, Withdrawn, [None; 4]),
        (Side::To, Asked, [Some(Passed), None, Some(Declined), Some(Withdrawn)]),
        (Side::To, Passed, [None, Some(Released), Some(Declined), Some(Withdrawn)]),
        (Side::To, Released, [None, None, None, Some(Withdrawn)]),
        (Side::To, Declined, [None; 4]),
        (Side::To, Withdrawn, [None; 4]),
    ];
    assert_eq!(table.len(), 2 * BetweenState::ALL.len());
    for (side, state, expected) in table {
        assert_eq!(next(side, state), expected, "{side} {state}");
    }
}

/// Both journals and what is on its way between them. `to` is `None` while the other side hasn't heard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    from: BetweenState,
    to: Option<BetweenState>,
    on_the_way: BTreeSet<&'static str>,
    guests_came_after_withdrawal: bool,
}

impl World {
    fn begun() -> Self {
        let on_the_way = BTreeSet::from([MessageKind::Asked.as_str()]);
        Self { from: BetweenState::Asked, to: None, on_the_way, guests_came_after_withdrawal: false }
    }

    fn step_from(&self, step: Step, told: Option<MessageKind>) -> Option<Self> {
        let mut after = self.clone();
        after.from = self.from.after(Side::From, step)?;
        after.on_the_way.extend(told.map(MessageKind::as_str));
        Some(after)
    }

    fn step_to(&self, step: Step, told: Option<MessageKind>) -> Option<Self> {
        let mut after = self.clone();
        after.to = Some(self.to?.after(Side::To, step)?);
        after.on_the_way.extend(told.map(MessageKind::as_str));
        Some(after)
    }

    /// What somebody does.
    fn acts(&self) -> Vec<Self> {
        [
            self.step_from(Step::Withdraw, Some(MessageKind::Withdrawn)),
            self.step_to(Step::PassOn, None),
            self.step_to(Step::Release, Some(MessageKind::Released)),
            self.step_to(Step::Decline, Some(MessageKind::Declined)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What a message does that arrives: in any order, and it may stay on its way and arrive again.
    fn arrival(&self, kind: &'static str) -> Self {
        let mut after = match MessageKind::find(kind) {
            Some(MessageKind::Asked) if self.to.is_none() => Self { to: Some(BetweenState::Asked), ..self.clone() },
            // A request that was taken back before it came is never begun.
            Some(MessageKind::Withdrawn) if self.to.is_none() => {
                Self { to: Some(BetweenState::Withdrawn), ..self.clone() }
            }
            Some(MessageKind::Withdrawn) => self.step_to(Step::Withdraw, None).unwrap_or_else(|| self.clone()),
            Some(MessageKind::Released) => self.step_from(Step::Release, None).unwrap_or_else(|| self.clone()),
            Some(MessageKind::Declined) => self.step_from(Step::Decline, None).unwrap_or_else(|| self.clone()),
            _ => self.clone(),
        };
        let was_withdrawn = self.from == BetweenState::Withdrawn;
        after.guests_came_after_withdrawal |= was_withdrawn && after.from != BetweenState::Withdrawn;
        after
    }
}

#[test]
fn in_whatever_order_things_happen_both_sides_end_alike_and_nothing_comes_after_a_withdrawal() {
    use BetweenState::{Asked, Declined, Passed, Released, Withdrawn};
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![World::begun()]);
    while let Some(world) = waiting.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        waiting.extend(world.acts());
        for kind in &world.on_the_way {
            let again = world.arrival(kind);
            let mut once = again.clone();
            once.on_the_way.remove(kind);
            waiting.extend([again, once]);
        }
    }
    let pairs: BTreeSet<_> =
        seen.iter().filter(|world| world.on_the_way.is_empty()).map(|it| (it.from, it.to)).collect();
    let expected = [
        (Asked, Some(Asked)),
        (Asked, Some(Passed)),
        (Released, Some(Released)),
        (Declined, Some(Declined)),
        (Withdrawn, Some(Declined)),
        (Withdrawn, Some(Withdrawn)),
    ];
    assert_eq!(pairs, BTreeSet::from(expected));
    assert!(seen.iter().all(|world| !world.guests_came_after_withdrawal));
    assert!(seen.len() > 30, "{}", seen.len());
}

fn envelope(body: Vec<u8>, n: i32) -> Envelope {
    Envelope {
        sender: AuthorityId(n),
        receiver: AuthorityId(2),
        message_id: OutboxId(Uuid::from_u128(7)),
        kind: MessageKind::Released,
        sent_at: Timestamp::constant(1_772_000_000, 0),
        signed_by: 1,
        sealed_to: 3,
        body,
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_nothing_else_is(
        body in proptest::collection::vec(any::<u8>(), 0..64), n in 1..9_i32, cut in 0..64_usize, more in 0..4_u8
    ) {
        let written = envelope(body, n).bytes();
        prop_assert_eq!(Envelope::read(&written).unwrap().bytes(), written.clone());
        let shorter = &written[..written.len().saturating_sub(1 + cut)];
        prop_assert_eq!(Envelope::read(shorter), Err(NotAnEnvelope));
        let longer = [&written[..], &[more]].concat();
        prop_assert_eq!(Envelope::read(&longer), Err(NotAnEnvelope));
    }

    /// No changed byte reads as the same message.
    #[test]
    fn two_messages_never_have_the_same_bytes(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let written = envelope(b"sealed".to_vec(), 1).bytes();
        let mut changed = written.clone();
        changed[at.index(written.len())] ^= flip;
        prop_assert!(Envelope::read(&changed).is_err() || Envelope::read(&changed).unwrap() != Envelope::read(&written).unwrap());
    }
}

#[test]
fn a_message_from_long_ago_or_from_the_future_is_not_current() {
    let now = Timestamp::constant(1_772_000_000, 0);
    let at = |hours: i64| now + SignedDuration::from_hours(hours);
    assert!(is_current(now, now) && is_current(at(-40 * 24), now) && is_current(now + CLOCKS_DIFFER, now));
    assert!(!is_current(at(-40 * 24 - 1), now) && !is_current(at(1), now));
    let remembered = crate::retention::PERIODS.iter().find(|period| period.table == "inbox").map(|period| period.days);
    assert!(remembered.is_some_and(|days| SignedDuration::from_hours(24 * i64::from(days)) > OLDEST_MESSAGE));
}

#[test]
fn a_poster_is_read_from_its_link_and_from_what_stands_under_it() {
    let of = |text: &str| {
        poster_in(text).map(|it| (it.authority.to_string(), it.venue_id.to_string(), it.area_id.is_some()))
    };
    let found = |area| Some(("ma".to_owned(), "7K3M9QX2AB".to_owned(), area));
    assert_eq!(of("https://epitrace.example/g/MA/7K3M9QX2AB#name=Caf%C3%A9"), found(false));
    assert_eq!(of("see https://epitrace.example/g/MA/7K3M9QX2AB/0000000001#name=x&area=y please"), found(true));
    assert_eq!(of("MA/7k3m9qx2ab"), found(false));
    for none in ["", "Café Rosa, Übergasse 3a", "https://epitrace.example/g/MA/short", "7K3M9QX2AB", "a/b/c"] {
        assert_eq!(of(none), None, "{none}");
    }
}
