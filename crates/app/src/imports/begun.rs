//! How imported cases begin: those of this season wait in the worklist, those of former years are over.

use super::Setting;
use crate::case_work::details_of;
use crate::error::Result;
use domain::action_items::{Situation, needs, priority_tenths};
use domain::cases::{Beginning, CaseStatus, beginning};
use domain::ids::{CaseId, ItemId};
use domain::time::{local_day, start_of_day};
use std::collections::BTreeMap;
use storage::Tx;
use storage::action_items::Item;
use storage::cases::{Begun, Case};
use storage::persons::Person;

/// New cases by how they begin, and their items.
#[derive(Default)]
pub(crate) struct BegunCases {
    cases: BTreeMap<Begun, Vec<CaseId>>,
    items: Vec<Item>,
}

impl BegunCases {
    pub(crate) fn add(&mut self, case: &Case, person: &Person, setting: &Setting<'_>) {
        let zone = &setting.worker.authority.time_zone;
        let today = local_day(setting.now, zone);
        let reported_at = case.dates.reported_on.map(|day| match day < today {
            true => start_of_day(day, zone),
            false => setting.now,
        });
        let begun = match beginning(&case.dates, case.died_on, case.outcome.as_deref(), today) {
            Beginning::Over(conclusion) => {
                let over = Some((conclusion, today));
                Begun { over, priority_tenths: 0, waiting_since: None, reported_at }
            }
            Beginning::AtWork => {
                let priority_tenths = self.raise(case, person, setting);
                let waiting_since = (priority_tenths > 0).then_some(setting.now);
                Begun { over: None, priority_tenths, waiting_since, reported_at }
            }
        };
        self.cases.entry(begun).or_default().push(case.case_id);
    }

    /// Makes the items of a case that is to be worked on; returns their weight.
    fn raise(&mut self, case: &Case, person: &Person, setting: &Setting<'_>) -> u32 {
        let situation = Situation {
            status: CaseStatus::Open,
            status_since: setting.now,
            details: details_of(person),
            quarantine_last: None,
            today: local_day(setting.now, &setting.worker.authority.time_zone),
        };
        let needs = needs(&situation);
        let kinds: Vec<_> = needs.iter().map(|need| need.kind).collect();
        self.items.extend(needs.into_iter().map(|need| Item {
            item_id: ItemId::mint(setting.now, setting.app.random()),
            case_id: case.case_id,
            person_id: case.person_id,
            kind: need.kind,
            cause: need.cause,
            arose_at: setting.now,
            hidden_until: None,
            resolution: None,
            resolved_at: None,
            resolved_by: None,
        }));
        priority_tenths(&kinds)
    }

    pub(crate) async fn store(&self, tx: &mut Tx) -> Result<()> {
        for (begun, cases) in &self.cases {
            storage::cases::begin(tx, begun, cases).await?;
        }
        storage::action_items::insert(tx, &self.items).await?;
        Ok(())
    }
}
