//! Opening the list of an occasion for a reason, and reading it for an hour: narrowed, in pages, as a table.

use super::about;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use documents::csv_out::CsvWriter;
use domain::authorities::Action;
use domain::check_ins::VenueDay;
use domain::guest_lists::{LONGEST_NOTE, READ_FOR, Reason};
use domain::ids::{OccasionId, OpeningId};
use domain::occasions::{SeenVisitor, Visitor, VisitorFilter};
use domain::persons::Personal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::occasions::{Occasion, OccasionListOpening, SealedVisitors};
use storage::sealing::{OccasionOpening, SealingError};
use storage::{Freshness, StorageError, Tx};

const COLUMNS: [&str; 15] = [
    "from",
    "until",
    "area",
    "seat",
    "group",
    "first_name",
    "last_name",
    "phone",
    "email",
    "street",
    "house_number",
    "postcode",
    "city",
    "qualifiers",
    "minutes_apart",
];

/// Why somebody opens a list.
#[derive(Clone, Debug)]
pub struct WantedOpening {
    /// Why.
    pub reason: Reason,
    /// What else is to be said; a reason of another kind needs it.
    pub note: String,
}

/// An opened list, or what was asked of it.
#[derive(Clone, Debug)]
pub struct OpenedVisitors {
    /// The opening.
    pub opening: OccasionListOpening,
    /// The occasion.
    pub occasion: Occasion,
    /// Until when it can be read again.
    pub readable_until: Timestamp,
    /// The areas of the whole list, each once.
    pub areas: Vec<String>,
    /// Who was asked for: the nearest in time first, then by area, seat and name.
    pub visitors: Vec<SeenVisitor>,
}

impl App {
    /// Opens the list of an occasion. What is written down of it is on the disk before anybody is named.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for a note that lacks; [`AppError::NotFound`] if there is no such occasion.
    #[tracing::instrument(target = "epitrace::traces", name = "app::open_visitors", skip_all)]
    pub async fn open_visitors(
        &self,
        worker: &Worker,
        occasion_id: OccasionId,
        wanted: &WantedOpening,
    ) -> Result<OpenedVisitors> {
        require_reader(worker)?;
        let note = checked_note(wanted)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::occasions::find(&mut tx, None, occasion_id).await?.ok_or(AppError::NotFound("occasion"))?;
        let n_visitors = storage::occasions::n_kept(&mut tx, occasion_id).await?;
        let opening = OccasionListOpening {
            opening_id: OpeningId::mint(self.now(), self.random()),
            occasion_id,
            account_id: worker.account_id,
            opened_at: self.now(),
            reason: wanted.reason,
            note,
            n_visitors: usize::try_from(n_visitors).unwrap_or(usize::MAX),
        };
        storage::occasions::insert_opening(&mut tx, &sealer, &opening).await?;
        self.record(&mut tx, worker, about("occasions.open", occasion_id, opening.n_visitors)).await?;
        tx.commit().await?;
        self.reveal_visitors(worker, opening, &VisitorFilter::default()).await
    }

    /// Reads a list that the same account opened within the last hour, narrowed. `operation` says for what in the audit log.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for a list that somebody else opened, [`AppError::Conflict`] after the hour.
    pub async fn visitors_again(
        &self,
        worker: &Worker,
        of: (OccasionId, OpeningId),
        filter: &VisitorFilter,
        operation: &'static str,
    ) -> Result<OpenedVisitors> {
        let opening = self.own_opening(worker, of).await?;
        let opened = self.reveal_visitors(worker, opening, filter).await?;
        self.record_alone(worker, about(operation, of.0, opened.visitors.len())).await?;
        Ok(opened)
    }

    /// Finds an opening that an account made, and may still read.
    pub(crate) async fn own_opening(
        &self,
        worker: &Worker,
        (occasion_id, opening_id): (OccasionId, OpeningId),
    ) -> Result<OccasionListOpening> {
        require_reader(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::occasions::find_opening(&mut tx, opening_id).await?;
        let own = found.filter(|one| one.occasion_id == occasion_id && one.account_id == worker.account_id);
        let opening = own.ok_or(AppError::NotFound("list of visitors"))?;
        if readable_until(&opening) <= self.now() {
            let reason = "a list can be read for an hour; open it anew if you still need it";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        Ok(opening)
    }

    async fn reveal_visitors(
        &self,
        worker: &Worker,
        opening: OccasionListOpening,
        filter: &VisitorFilter,
    ) -> Result<OpenedVisitors> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::occasions::find(&mut tx, Some(&sealer), opening.occasion_id).await?;
        let occasion = found.ok_or(AppError::NotFound("occasion"))?;
        let all = self.unsealed(&mut tx, worker, &opening).await?;
        drop(tx);
        let areas: std::collections::BTreeSet<&String> = all.iter().filter_map(|one| one.area.as_ref()).collect();
        let areas = areas.into_iter().cloned().collect();
        let visitors = filter.among(all, &occasion.during);
        Ok(OpenedVisitors { readable_until: readable_until(&opening), opening, occasion, areas, visitors })
    }

    /// Opens all that is kept of a list. Each day is an opening in the keyring's log; days that are over are left out.
    pub(crate) async fn unsealed(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        opening: &OccasionListOpening,
    ) -> Result<Vec<Visitor>> {
        let (now, occasion_id) = (self.now(), opening.occasion_id);
        let sealed: SealedVisitors = storage::occasions::sealed_of(tx, occasion_id).await?;
        let mut all = Vec::new();
        for (day, _, keys) in sealed.days() {
            let known = storage::occasions::find_day(tx, day).await?;
            if known.is_none_or(|known| known.destroyed_at.is_some() || known.ends_at <= now) {
                continue;
            }
            let of = VenueDay { authority_id: worker.authority.authority_id, day };
            let why = opening.reason.as_str();
            let request = OccasionOpening { of, occasion_id, account_id: worker.account_id, why, at: now };
            let keys = match self.keys()?.open_occasion(&request, keys).await {
                Err(SealingError::DoesNotOpen) => continue,
                keys => keys.map_err(StorageError::from)?,
            };
            all.extend(sealed.open(occasion_id, day, &keys)?);
        }
        Ok(all)
    }

    /// Writes what was asked of an opened list as a table: CSV, in which no cell is run as a formula.
    ///
    /// # Errors
    ///
    /// As [`visitors_again`](Self::visitors_again).
    pub async fn visitors_csv(
        &self,
        worker: &Worker,
        of: (OccasionId, OpeningId),
        filter: &VisitorFilter,
    ) -> Result<Vec<u8>> {
        let opened = self.visitors_again(worker, of, filter, "occasions.csv").await?;
        let zone = &worker.authority.time_zone;
        let mut writer = CsvWriter::new(Vec::new());
        writer.write_row(COLUMNS)?;
        for visitor in &opened.visitors {
            writer.write_row(row(visitor, zone))?;
        }
        Ok(writer.finish()?)
    }
}

fn require_reader(worker: &Worker) -> Result<()> {
    worker.require(Action::WorkOnCases)?;
    match worker.scopes {
        None => Ok(()),
        Some(_) => Err(AppError::Conflict("lists of visitors are opened by people, not by programs".to_owned())),
    }
}

fn readable_until(opening: &OccasionListOpening) -> Timestamp {
    opening.opened_at.saturating_add(READ_FOR).unwrap_or(opening.opened_at)
}

fn checked_note(wanted: &WantedOpening) -> Result<Option<Personal<String>>> {
    let note = wanted.note.trim();
    let wrong = |reason: String| Err(AppError::InvalidFields(vec![("note", reason)]));
    if note.chars().count() > LONGEST_NOTE {
        wrong(format!("{LONGEST_NOTE} characters at most"))
    } else if note.is_empty() && wanted.reason == Reason::Other {
        wrong("say why, in a few words".to_owned())
    } else {
        Ok((!note.is_empty()).then(|| Personal::new(note.to_owned())))
    }
}

fn row(seen: &SeenVisitor, zone: &TimeZone) -> [String; 15] {
    let at = |instant: Timestamp| zone.to_datetime(instant).strftime("%Y-%m-%d %H:%M").to_string();
    let one = &seen.visitor;
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let qualifiers: Vec<String> = one.qualifiers.iter().map(|one| format!("{}: {}", one.label, one.value)).collect();
    [
        at(seen.stay.from()),
        at(seen.stay.until()),
        own(&one.area),
        own(&one.seat),
        own(&one.group),
        own(&one.first_name),
        own(&one.last_name),
        own(&one.phone),
        own(&one.email),
        own(&one.street),
        own(&one.house_number),
        own(&one.postcode),
        own(&one.city),
        qualifiers.join("; "),
        seen.gap_min.to_string(),
    ]
}
