//! What a node lived through becomes reports: as few as can say it.
//!
//! Usually that is one report for one second. A node that couldn't report for a while has many seconds to tell, and a
//! report ends where the next second can't join it: another health, after an infection, a gap, a jump further than a
//! step can say, 256 seconds, 8,000 contacts. A single second with more contacts is told by several reports of that
//! second. Whatever the order in which they arrive, or if one never does, each says all of its own seconds.

use super::PeerTag;
use super::report::{Contact, MAX_CONTACTS, MAX_SECONDS, Report};
use super::step::{Quarters, Step};
use domain::runs::NodeState;
use uuid::Uuid;

/// Who reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Which node.
    pub node: Uuid,
    /// Drawn when the node started.
    pub boot: u32,
}

/// A second of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivedSecond {
    /// Which second of the run.
    pub second: u32,
    /// Where it stood, and what it was at the beginning of the second: what its beacon said.
    pub state: NodeState,
    /// Whom it heard within the radius, and how far away.
    pub contacts: Vec<(PeerTag, Quarters)>,
    /// Who infected it at the end of the second.
    pub infected_by: Option<PeerTag>,
}

/// Packs seconds, the earliest first, into reports numbered from `first_seq` on.
///
/// Who infected a node stands in the report that ends with that second; of several reports of one second, in the last.
#[must_use]
pub fn pack(sender: Sender, first_seq: u32, lived: &[LivedSecond]) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut rest = lived;
    while !rest.is_empty() {
        let (together, later) = rest.split_at(n_together(rest));
        rest = later;
        add(sender, together, &mut reports);
    }
    for (seq, report) in (first_seq..=u32::MAX).zip(&mut reports) {
        report.seq = seq;
    }
    reports
}

/// Returns how many of the first seconds one report can tell; at least one.
fn n_together(lived: &[LivedSecond]) -> usize {
    let mut n_contacts = lived.first().map_or(0, |first| first.contacts.len());
    let following = lived.windows(2).take(MAX_SECONDS - 1).take_while(|pair| {
        n_contacts += pair[1].contacts.len();
        n_contacts <= MAX_CONTACTS && step(pair).is_some()
    });
    1 + following.count()
}

/// Returns the step between two seconds; `None` if they can't stand in one report.
fn step(pair: &[LivedSecond]) -> Option<Step> {
    let [one, next] = pair else { return None };
    let joins = one.second.checked_add(1) == Some(next.second)
        && one.state.alive
        && one.state.health == next.state.health
        && one.infected_by.is_none();
    Step::between(one.state.position, next.state.position).filter(|_| joins)
}

fn add(sender: Sender, together: &[LivedSecond], reports: &mut Vec<Report>) {
    let Some(last) = together.last() else { return };
    let heard = together.iter().flat_map(|lived| lived.contacts.iter().map(|contact| (lived.second, *contact)));
    let contacts: Vec<Contact> = heard
        // At most 255 back: a report tells no more seconds than that.
        .map(|(second, (peer, distance))| Contact { peer, seconds_back: (last.second - second) as u8, distance })
        .collect();
    let n_reports = contacts.len().div_ceil(MAX_CONTACTS).max(1);
    for nth in 0..n_reports {
        let from = nth * MAX_CONTACTS;
        let until = contacts.len().min(from + MAX_CONTACTS);
        reports.push(Report {
            node: sender.node,
            boot: sender.boot,
            seq: 0,
            second: last.second,
            state: last.state,
            infected_by: last.infected_by.filter(|_| nth + 1 == n_reports),
            steps: together.windows(2).rev().filter_map(step).collect(),
            contacts: contacts[from..until].to_vec(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::ReportView;
    use super::*;
    use domain::runs::{Health, Position};
    use proptest::prelude::*;

    const SENDER: Sender = Sender { node: Uuid::from_u128(5), boot: 77 };

    fn lived(second: u32, x: u16, health: Health) -> LivedSecond {
        let state = NodeState { position: Position { x, y: 50 }, health, alive: true };
        LivedSecond { second, state, contacts: Vec::new(), infected_by: None }
    }

    fn tag(n: u64) -> PeerTag {
        PeerTag::of(Uuid::from_u128(u128::from(n)))
    }

    /// How many seconds each report tells.
    fn check_cuts(lived: &[LivedSecond], expected: &[usize]) {
        let reports = pack(SENDER, 0, lived);
        let n_seconds: Vec<usize> = reports.iter().map(|report| report.steps.len() + 1).collect();
        assert_eq!(n_seconds, expected);
    }

    #[test]
    fn a_report_ends_where_the_next_second_cannot_join_it() {
        use Health::{Immune, Infected, Susceptible};
        let walk: Vec<LivedSecond> = (0..600).map(|second| lived(second, second as u16, Susceptible)).collect();
        check_cuts(&walk, &[256, 256, 88]);
        check_cuts(&[], &[]);
        check_cuts(&[lived(1, 9, Infected), lived(2, 9, Infected), lived(3, 9, Immune)], &[2, 1]);
        check_cuts(&[lived(1, 9, Infected), lived(3, 9, Infected)], &[1, 1]);
        check_cuts(&[lived(1, 9, Immune), lived(2, 17, Immune), lived(3, 9, Immune), lived(4, 16, Immune)], &[1, 3]);
        let mut infected = [lived(1, 9, Susceptible), lived(2, 9, Susceptible), lived(3, 9, Susceptible)];
        infected[1].infected_by = Some(tag(1));
        check_cuts(&infected, &[2, 1]);
        let mut dead = [lived(1, 9, Susceptible), lived(2, 9, Susceptible)];
        dead[1].state.alive = false;
        check_cuts(&dead, &[2]);
        let mut crowded = walk[..3].to_vec();
        crowded[1].contacts = vec![(tag(1), Quarters(3)); MAX_CONTACTS];
        check_cuts(&crowded, &[3]);
        crowded[0].contacts = vec![(tag(1), Quarters(3))];
        check_cuts(&crowded, &[1, 2]);
    }

    #[test]
    fn a_second_with_more_contacts_than_a_report_holds_becomes_several_reports() {
        let mut crowded = lived(9, 9, Health::Susceptible);
        crowded.contacts = (0..20_000).map(|n| (tag(n), Quarters(n as u8))).collect();
        crowded.infected_by = Some(tag(3));
        let reports = pack(SENDER, 40, &[crowded.clone()]);
        let sizes: Vec<usize> = reports.iter().map(|report| report.contacts.len()).collect();
        assert_eq!(sizes, [8_000, 8_000, 4_000]);
        assert_eq!(reports.iter().map(|report| report.seq).collect::<Vec<_>>(), [40, 41, 42]);
        let infected: Vec<_> = reports.iter().map(|report| report.infected_by).collect();
        assert_eq!(infected, [None, None, crowded.infected_by]);
        let told: Vec<_> = reports.iter().flat_map(|r| &r.contacts).map(|c| (c.peer, c.distance)).collect();
        assert_eq!(told, crowded.contacts);
    }

    /// A life: steps, jumps, pauses in what is told, infections.
    fn life() -> impl Strategy<Value = Vec<LivedSecond>> {
        let second = (0u32..40, -9i32..9, -9i32..9, 0u32..60, prop::collection::vec((0u64..50, any::<u8>()), 0..3));
        (any::<u16>(), any::<u16>(), prop::collection::vec(second, 1..700)).prop_map(|(x, y, seconds)| {
            let (mut x, mut y, mut at, mut health) = (x, y, 0, Health::Susceptible);
            let one = |(skips, dx, dy, turns, heard): (u32, i32, i32, u32, Vec<(u64, u8)>)| {
                at += if skips == 0 { 5 } else { 1 };
                x = (i32::from(x) + dx).clamp(0, 65_535) as u16;
                y = (i32::from(y) + dy).clamp(0, 65_535) as u16;
                let state = NodeState { position: Position { x, y }, health, alive: true };
                let contacts: Vec<_> = heard.into_iter().map(|(n, quarters)| (tag(n), Quarters(quarters))).collect();
                let turned = turns == 0;
                let infected_by = (turned && health == Health::Susceptible).then(|| tag(99));
                if turned {
                    health = match health {
                        Health::Susceptible => Health::Infected,
                        Health::Infected => Health::Immune,
                        Health::Immune => Health::Susceptible,
                    };
                }
                LivedSecond { second: at, state, contacts, infected_by }
            };
            seconds.into_iter().map(one).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_lived_can_be_read_from_the_reports_in_whatever_order_they_come(life in life()) {
            let reports = pack(SENDER, 0, &life);
            let mut told: Vec<LivedSecond> = Vec::new();
            for report in reports.iter().rev() {
                let bytes = report.write().unwrap();
                let read = ReportView::read(&bytes).unwrap();
                prop_assert_eq!(&read.to_report(), report);
                let first = told.len();
                told.extend(read.states().map(|(second, state)| LivedSecond {
                    second, state, contacts: Vec::new(), infected_by: None,
                }));
                told[first].infected_by = read.infected_by;
                for contact in read.contacts() {
                    let place = &mut told[first + usize::from(contact.seconds_back)];
                    place.contacts.push((contact.peer, contact.distance));
                }
            }
            told.sort_by_key(|lived| lived.second);
            prop_assert_eq!(told, life);
        }
    }
}
