//! From the items that a case has, and those that its situation needs, to what is to be done.

use super::{ItemKind, Resolution};

/// An item that the situation makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Which.
    pub kind: ItemKind,
    /// What made it.
    pub cause: String,
}

/// An item that the case has, or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownItem<Id> {
    /// Its id.
    pub item_id: Id,
    /// Which.
    pub kind: ItemKind,
    /// What made it.
    pub cause: String,
    /// How it ended; `None` while it waits.
    pub resolution: Option<Resolution>,
}

/// What is to be done to the items of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemChange<Id> {
    /// A new item.
    Raise(Need),
    /// The item's cause is another one now.
    Move(Id, String),
    /// The item's cause is gone.
    ResolveByItself(Id),
}

/// Lists what is to be done so that the waiting items are those that the situation needs.
///
/// Kinds that events make are left alone. A cause that was resolved by hand is silent for good; one that went by itself
/// may come again.
#[must_use]
pub fn reconcile<Id: Copy>(needs: &[Need], known: &[KnownItem<Id>]) -> Vec<ItemChange<Id>> {
    let is_silent = |need: &Need| {
        known.iter().any(|item| {
            item.kind == need.kind && item.cause == need.cause && item.resolution.is_some_and(Resolution::silences)
        })
    };
    let wanted: Vec<&Need> = needs.iter().filter(|need| !is_silent(need)).collect();
    let waiting: Vec<&KnownItem<Id>> = known.iter().filter(|item| item.resolution.is_none()).collect();
    let is_met = |item: &KnownItem<Id>, need: &Need| {
        item.kind == need.kind && (item.cause == need.cause || !need.kind.is_one_for_each_cause())
    };
    let mut changes = Vec::new();
    for item in waiting.iter().filter(|item| item.kind.is_made_by_the_situation()) {
        match wanted.iter().find(|need| is_met(item, need)) {
            Some(need) if need.cause != item.cause => {
                changes.push(ItemChange::Move(item.item_id, need.cause.clone()));
            }
            Some(_) => {}
            None => changes.push(ItemChange::ResolveByItself(item.item_id)),
        }
    }
    let is_new = |need: &&&Need| !waiting.iter().any(|item| is_met(item, need));
    changes.extend(wanted.iter().filter(is_new).map(|need| ItemChange::Raise((**need).clone())));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn need(kind: ItemKind, cause: &str) -> Need {
        Need { kind, cause: cause.to_owned() }
    }

    fn item(id: u32, kind: ItemKind, cause: &str, resolution: Option<Resolution>) -> KnownItem<u32> {
        KnownItem { item_id: id, kind, cause: cause.to_owned(), resolution }
    }

    #[test]
    fn what_is_needed_and_not_there_is_raised_once() {
        let needs = [need(ItemKind::InitialCall, "a")];
        assert_eq!(reconcile::<u32>(&needs, &[]), [ItemChange::Raise(needs[0].clone())]);
        assert!(reconcile(&needs, &[item(1, ItemKind::InitialCall, "a", None)]).is_empty());
    }

    #[test]
    fn an_item_moves_with_its_cause_and_goes_with_it() {
        let known = [item(1, ItemKind::DetailsMissing, "born,phone", None)];
        let less = [need(ItemKind::DetailsMissing, "phone")];
        assert_eq!(reconcile(&less, &known), [ItemChange::Move(1, "phone".to_owned())]);
        assert_eq!(reconcile(&[], &known), [ItemChange::ResolveByItself(1)]);
    }

    #[test]
    fn resolving_by_hand_silences_that_cause_only() {
        let known = [item(1, ItemKind::QuarantineEnding, "2026-03-01", Some(Resolution::Checked))];
        assert!(reconcile(&[need(ItemKind::QuarantineEnding, "2026-03-01")], &known).is_empty());
        let extended = need(ItemKind::QuarantineEnding, "2026-03-08");
        assert_eq!(reconcile(std::slice::from_ref(&extended), &known), [ItemChange::Raise(extended)]);
    }

    #[test]
    fn what_went_by_itself_may_come_again() {
        let known = [item(1, ItemKind::DetailsMissing, "phone", Some(Resolution::ByItself))];
        let again = need(ItemKind::DetailsMissing, "phone");
        assert_eq!(reconcile(std::slice::from_ref(&again), &known), [ItemChange::Raise(again)]);
    }

    #[test]
    fn each_missing_entry_is_an_item_of_its_own() {
        let known = [
            item(1, ItemKind::DiaryEntryMissing, "2026-03-01 morning", None),
            item(2, ItemKind::DiaryEntryMissing, "2026-03-01 evening", Some(Resolution::Checked)),
        ];
        let needs = ["evening", "morning"].map(|part| need(ItemKind::DiaryEntryMissing, &format!("2026-03-01 {part}")));
        assert!(reconcile(&needs, &known).is_empty());
        let later = need(ItemKind::DiaryEntryMissing, "2026-03-02 morning");
        let changes = reconcile(std::slice::from_ref(&later), &known);
        assert_eq!(changes, [ItemChange::ResolveByItself(1), ItemChange::Raise(later)]);
    }

    #[test]
    fn what_an_event_made_is_left_alone() {
        assert!(reconcile(&[], &[item(1, ItemKind::CallBack, "call", None)]).is_empty());
    }

    fn apply(known: &mut Vec<KnownItem<u32>>, changes: Vec<ItemChange<u32>>) {
        for change in changes {
            match change {
                ItemChange::Raise(need) => {
                    let id = u32::try_from(known.len()).unwrap_or(u32::MAX);
                    known.push(item(id, need.kind, &need.cause, None));
                }
                ItemChange::Move(id, cause) => {
                    known.iter_mut().filter(|i| i.item_id == id).for_each(|i| i.cause.clone_from(&cause))
                }
                ItemChange::ResolveByItself(id) => {
                    known.iter_mut().filter(|i| i.item_id == id).for_each(|i| i.resolution = Some(Resolution::ByItself))
                }
            }
        }
    }

    fn kind() -> impl Strategy<Value = ItemKind> {
        prop::sample::select(vec![
            ItemKind::InitialCall,
            ItemKind::DetailsMissing,
            ItemKind::QuarantineEnding,
            ItemKind::SuspiciousSymptom,
            ItemKind::DiaryEntryMissing,
            ItemKind::CallBack,
        ])
    }

    fn resolution() -> impl Strategy<Value = Option<Resolution>> {
        prop::option::of(prop::sample::select(Resolution::ALL.to_vec()))
    }

    proptest! {
        #[test]
        fn doing_it_once_is_enough_and_leaves_one_of_a_kind(
            needs in prop::collection::btree_map(
                kind().prop_filter("made by the situation", |kind| kind.is_made_by_the_situation()), "[ab]", 0..4),
            past in prop::collection::vec((kind(), "[ab]", resolution()), 0..8),
        ) {
            let needs: Vec<Need> = needs.into_iter().map(|(kind, cause)| need(kind, &cause)).collect();
            let mut known: Vec<KnownItem<u32>> = Vec::new();
            for (kind, cause, resolution) in past {
                let waits = |item: &KnownItem<u32>| item.kind == kind && item.resolution.is_none();
                let resolution = if known.iter().any(waits) { resolution.or(Some(Resolution::ByItself)) } else { resolution };
                let id = u32::try_from(known.len()).unwrap_or(u32::MAX);
                known.push(item(id, kind, &cause, resolution));
            }
            let first = reconcile(&needs, &known);
            apply(&mut known, first);
            prop_assert_eq!(reconcile(&needs, &known), vec![]);
            for kind in ItemKind::ALL.iter().filter(|kind| !kind.is_one_for_each_cause()) {
                let n_waiting = known.iter().filter(|item| item.kind == *kind && item.resolution.is_none()).count();
                prop_assert!(n_waiting <= 1);
            }
        }
    }
}
