//! Files of infection links: who is known to have infected whom.
//!
//! A link never makes a person: whoever it names must be there. Refused links are remembered, each once,
//! so that the report can say how many there are; a link that is stored later is forgotten there.

use super::{Fate, Importer, Setting, column, persons};
use crate::error::Result;
use documents::cell::Row;
use documents::columns::Columns;
use documents::values::{self, DateOrder};
use domain::ids::{LinkId, PersonId};
use domain::infections::InfectionLink;
use domain::references::Reference;
use jiff::civil::Date;
use std::collections::HashMap;
use storage::infections::{self, RefusedLink};
use storage::{Tx, persons as stored_persons};

pub(crate) const FIELDS: &[&str] = &["from", "to", "setting", "date"];

struct Link {
    from: Reference,
    to: Reference,
    setting: Option<String>,
    date: Option<Date>,
}

pub(crate) struct Infections {
    from: Option<usize>,
    to: Option<usize>,
    setting: Option<usize>,
    date: Option<usize>,
    order: DateOrder,
    parsed: Vec<Link>,
}

impl Infections {
    pub(crate) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self {
            from: column(columns, "from"),
            to: column(columns, "to"),
            setting: column(columns, "setting"),
            date: column(columns, "date"),
            order: setting.options.date_order,
            parsed: Vec::new(),
        }
    }
}

impl Importer for Infections {
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String> {
        let from = persons::reference(row.get(self.from), "from")?;
        let to = persons::reference(row.get(self.to), "to")?;
        if from == to {
            return Err("nobody infects themselves".to_owned());
        }
        let date = values::day(row.get(self.date), self.order).map_err(|error| format!("date: {error}"))?;
        let setting = values::word(row.get(self.setting)).map(std::borrow::Cow::into_owned);
        self.parsed.push(Link { from, to, setting, date });
        Ok(())
    }

    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>> {
        let links = std::mem::take(&mut self.parsed);
        let references: Vec<&str> = links.iter().flat_map(|link| [link.from.as_str(), link.to.as_str()]).collect();
        let known = stored_persons::by_reference(tx, &references).await?;
        let infectors: Vec<PersonId> = links.iter().filter_map(|link| known.get(link.from.as_str()).copied()).collect();
        let stored = infections::of_infectors(tx, &infectors).await?;
        let mut there: HashMap<(PersonId, PersonId), InfectionLink> =
            stored.into_iter().map(|link| ((link.infector, link.infected), link)).collect();

        let mut fates = Vec::with_capacity(links.len());
        let mut refused = Vec::new();
        for link in &links {
            let ends = (known.get(link.from.as_str()), known.get(link.to.as_str()));
            let (Some(&infector), Some(&infected)) = ends else {
                let nobody = if ends.0.is_none() { &link.from } else { &link.to };
                let reason = format!("nobody here is known as {nobody}");
                refused.push(RefusedLink {
                    infector: link.from.to_string(),
                    infected: link.to.to_string(),
                    reason: reason.clone(),
                });
                fates.push(Fate::Refused(reason));
                continue;
            };
            let new = InfectionLink {
                link_id: LinkId::mint(setting.app.now(), setting.app.random()),
                infector,
                infected,
                setting: link.setting.clone(),
                infected_on: link.date,
            };
            let fate = match there.get(&(infector, infected)) {
                None => {
                    infections::insert(tx, std::slice::from_ref(&new), setting.now).await?;
                    infections::forget_refused(tx, setting.disease, link.from.as_str(), link.to.as_str()).await?;
                    Fate::Stored
                }
                Some(old) => match difference(old, &new) {
                    None => Fate::AlreadyThere,
                    Some(_) if setting.options.update => {
                        infections::replace(tx, &new).await?;
                        Fate::Updated
                    }
                    Some(field) => Fate::Refused(format!("{} → {} exists with another {field}", link.from, link.to)),
                },
            };
            if fate != Fate::AlreadyThere && !matches!(fate, Fate::Refused(_)) {
                there.insert((infector, infected), new);
            }
            fates.push(fate);
        }
        infections::remember_refused(tx, setting.disease, &refused, setting.now).await?;
        Ok(fates)
    }
}

/// Names the first field in which a stated value is another one; what the file leaves open is none.
fn difference(old: &InfectionLink, new: &InfectionLink) -> Option<&'static str> {
    if new.setting.is_some() && new.setting != old.setting {
        return Some("setting");
    }
    (new.infected_on.is_some() && new.infected_on != old.infected_on).then_some("date")
}
