//! Where check-ins lie: in files of a day beside SQLite, in partitions on PostgreSQL. One interface for both.

use super::block::{Block, Parts, segments_of};
use super::files::DayFiles;
use super::guest::VenueKey;
use super::record::Receipt;
use super::settled::settle;
use super::tables;
use crate::dialect::Statement;
use crate::error::Result;
use crate::sealing::{DataKey, SealedKey};
use crate::store::{Freshness, LONGEST_WAIT, PoolState, Store, name_of};
use domain::check_ins::{Guest, ListOfDay, Stay, VenueDay};
use domain::ids::{AuthorityId, VisitId};
use jiff::civil::Date;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

/// Connections that take check-ins: a lane each.
pub(super) const LANES_ON_POSTGRES: usize = 4;

/// Where check-ins lie.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// In files, a day each; with the store beside which they are.
    Files(DayFiles, Store),
    /// In partitions.
    Tables(Tables),
}

/// Check-ins on PostgreSQL, and the three roles that have to do with them.
#[derive(Clone, Debug)]
pub struct Tables {
    app: Store,
    jobs: Store,
    intake: PgPool,
}

impl Tables {
    /// Connects the role that takes check-ins.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database can't be reached.
    pub async fn connect(app: Store, jobs: Store, intake_url: &str) -> Result<Self> {
        let connect = PgConnectOptions::from_str(intake_url)?.application_name("epitrace intake");
        let intake = PgPoolOptions::new()
            .max_connections(u32::try_from(LANES_ON_POSTGRES).unwrap_or(1))
            .acquire_timeout(LONGEST_WAIT)
            .connect_with(connect)
            .await?;
        Ok(Self { app, jobs, intake })
    }
}

impl Shelf {
    /// Says how the pool of the role that takes check-ins stands; files have none.
    #[must_use]
    pub fn pool(&self) -> Option<PoolState> {
        match self {
            Self::Files(..) => None,
            Self::Tables(tables) => Some(PoolState::of(name_of(&tables.intake), &tables.intake)),
        }
    }
}

#[derive(sqlx::FromRow)]
struct NotActive {
    authority_id: i32,
}

const NOT_ACTIVE: Statement = Statement::both(
    "-- check_ins::not_active
SELECT authority_id FROM authority WHERE state <> 'active'",
);

/// What there is of a venue and day, still sealed.
#[derive(Debug)]
pub struct SealedList {
    list: ListOfDay,
    parts: Parts,
}

/// The visits of a list that were opened.
#[derive(Debug, Default)]
pub struct OpenedVisits {
    /// In order of arrival.
    pub visits: Vec<OpenedVisit>,
    /// How many more there are that nobody can read: the key they were sealed to was lost.
    pub n_lost: usize,
}

/// A visit that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedVisit {
    /// The stay.
    pub stay: Stay,
    /// The guest.
    pub guest: Guest,
}

impl Shelf {
    /// Makes what a day needs before it takes check-ins.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database can't be written.
    pub async fn make_day(&self, day: Date) -> Result<()> {
        match self {
            Self::Files(..) => Ok(()),
            Self::Tables(tables) => tables::make_day(&tables.jobs, day).await,
        }
    }

    /// Stores blocks. Returns the authorities that take none now; nothing of theirs is stored.
    pub(super) async fn append(&self, blocks: &[(Uuid, Block)]) -> Result<Vec<AuthorityId>> {
        match self {
            Self::Files(files, _) => {
                for (_, block) in blocks {
                    files.append(block).await?;
                }
                Ok(Vec::new())
            }
            Self::Tables(tables) => tables::append(&tables.intake, blocks).await,
        }
    }

    /// Lists the authorities that take no check-ins now, as far as that is asked before a commit.
    pub(super) async fn not_active(&self) -> Result<Vec<AuthorityId>> {
        let Self::Files(_, store) = self else { return Ok(Vec::new()) };
        let mut tx = store.read_installation().await?;
        let rows = all!(tx, NotActive, NOT_ACTIVE)?;
        Ok(rows.into_iter().map(|row| AuthorityId(row.authority_id)).collect())
    }

    pub(super) fn clear_interrupted(&self) -> Result<()> {
        match self {
            Self::Files(files, _) => files.clear_interrupted(),
            Self::Tables(_) => Ok(()),
        }
    }

    pub(super) async fn move_behind(&self, day: Date) {
        if let Self::Files(files, _) = self {
            files.move_behind(day).await;
        }
    }

    /// Says how many lanes it takes: SQLite has one pen a file.
    pub(super) fn n_lanes(&self) -> usize {
        match self {
            Self::Files(..) => 1,
            Self::Tables(_) => LANES_ON_POSTGRES,
        }
    }

    /// Says whether a block holds all authorities, or one each.
    pub(super) fn mixes_authorities(&self) -> bool {
        matches!(self, Self::Files(..))
    }

    /// Lists what lies beside the blocks of a day.
    pub(super) async fn ids(&self, day: Date, authorities: &[AuthorityId]) -> Result<Vec<Vec<u8>>> {
        match self {
            Self::Files(files, _) => files.ids(day).await,
            Self::Tables(tables) => {
                let mut all = Vec::new();
                for authority_id in authorities {
                    let mut tx = tables.app.read(*authority_id, Freshness::Fresh).await?;
                    all.extend(tables::ids(&mut tx, day).await?);
                }
                Ok(all)
            }
        }
    }

    /// Reads what there is of a venue and day; in files always all of it.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be read.
    pub async fn read(&self, list: ListOfDay, freshness: Freshness) -> Result<SealedList> {
        let parts = match self {
            Self::Files(files, _) => files.read(list).await?,
            Self::Tables(tables) => {
                let mut tx = tables.app.read(list.of.authority_id, freshness).await?;
                tables::read(&mut tx, list).await?
            }
        };
        Ok(SealedList { list, parts })
    }

    /// Writes over a visit wherever it lies. Says whether it lay anywhere.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be written.
    pub async fn blot_out(&self, list: ListOfDay, visit_id: VisitId) -> Result<bool> {
        match self {
            Self::Files(files, _) => files.blot(list, visit_id).await,
            Self::Tables(tables) => {
                let mut tx = tables.app.write(list.of.authority_id).await?;
                let found = tables::blot(&mut tx, list, visit_id).await?;
                tx.commit().await?;
                Ok(found)
            }
        }
    }

    /// Packs a day that is closed for all of these authorities.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be written; then it is still there as it was.
    pub async fn pack(&self, day: Date, authorities: &[AuthorityId]) -> Result<()> {
        match self {
            Self::Files(files, _) => files.pack(day).await.map(|_| ()),
            Self::Tables(tables) => {
                for authority_id in authorities {
                    let mut tx = tables.jobs.write(*authority_id).await?;
                    tables::pack(&mut tx, VenueDay { authority_id: *authority_id, day }).await?;
                    tx.commit().await?;
                }
                Ok(())
            }
        }
    }

    /// Deletes what an authority has of a day. Its key must be destroyed first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be written.
    pub async fn drop_rows(&self, of: VenueDay) -> Result<()> {
        match self {
            Self::Files(files, _) => files.drop_rows(of).await,
            Self::Tables(tables) => {
                let mut tx = tables.jobs.write(of.authority_id).await?;
                tables::drop_rows(&mut tx, of).await?;
                tx.commit().await
            }
        }
    }

    /// Takes a whole day away, when no authority needs it any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be taken away.
    pub async fn drop_day(&self, day: Date) -> Result<()> {
        match self {
            Self::Files(files, _) => files.drop_day(day).await,
            Self::Tables(tables) => tables::drop_day(&tables.jobs, day).await,
        }
    }

    /// Closes what it holds open.
    pub async fn close(&self) {
        match self {
            Self::Files(files, _) => files.close().await,
            Self::Tables(tables) => tables.intake.close().await,
        }
    }
}

impl SealedList {
    /// Says which list it is.
    #[must_use]
    pub fn list(&self) -> ListOfDay {
        self.list
    }

    /// Returns the stays, in order of arrival, with their receipts. No key is needed: nothing of it names anybody.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unreadable`] if a block isn't whole.
    pub fn stays(&self) -> Result<Vec<(Stay, Receipt)>> {
        let segments = segments_of(&self.parts)?;
        let settled = settle(&segments)?;
        Ok(settled.visits.iter().map(|(_, visit)| (visit.stay, visit.receipt)).collect())
    }

    /// Returns the data keys that open it, sealed to the day, with who sealed what.
    ///
    /// # Errors
    ///
    /// As [`stays`](Self::stays).
    pub fn keys(&self) -> Result<Vec<(u64, SealedKey)>> {
        let segments = segments_of(&self.parts)?;
        Ok(settle(&segments)?.keys.into_iter().map(|(sender, key)| (sender, *key)).collect())
    }

    /// Opens the visits that are wanted with the data keys, in order of arrival.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if one doesn't open with its key.
    pub fn open(&self, keys: &[(u64, DataKey)], wanted: impl Fn(&Stay) -> bool) -> Result<OpenedVisits> {
        let keys: BTreeMap<u64, VenueKey> =
            keys.iter().map(|(sender, key)| Ok((*sender, VenueKey::new(key)?))).collect::<Result<_>>()?;
        let segments = segments_of(&self.parts)?;
        let settled = settle(&segments)?;
        let mut opened = OpenedVisits::default();
        for (sender, visit) in settled.visits.iter().filter(|(_, visit)| wanted(&visit.stay)) {
            match keys.get(sender) {
                Some(key) => {
                    opened.visits.push(OpenedVisit { stay: visit.stay, guest: key.open(self.list, visit)? });
                }
                None => opened.n_lost += 1,
            }
        }
        Ok(opened)
    }
}
