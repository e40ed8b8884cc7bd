//! Which authority is responsible for a postcode, and the lists that say so.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use documents::territory::{OfficeEntry, read_rki, read_table};
use domain::authorities::Action;
use domain::ids::AuthorityId;
use domain::territory::{Country, ListFormat, Office, Postcode, Territory, TerritoryCode, own_first};
use std::collections::BTreeMap;
use storage::territory::{ListVersion, Whereabouts};

/// What became of a list that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedList {
    /// Its country.
    pub country: Country,
    /// Its number; that of the list in force where it is the same file.
    pub version: i32,
    /// Whether it is another file than the one in force.
    pub is_new: bool,
    /// Offices in it.
    pub n_offices: usize,
    /// Postcodes that somebody serves.
    pub n_postcodes: usize,
    /// Words of the list that are no postcodes and were passed over: the German one has names of quarters.
    pub n_other_words: usize,
}

/// Who is responsible, seen from an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responsible {
    /// This authority, perhaps among others.
    Us,
    /// Others alone.
    Others,
    /// Nobody: the list doesn't know the postcode.
    Nobody,
    /// It can't be told: nobody has said which office of the list this authority is.
    Unknown,
}

/// Who serves a postcode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficesOfPostcode {
    /// Version of the list that says so.
    pub version: i32,
    /// Whether it is us.
    pub responsible: Responsible,
    /// The offices: one's own first, the others by name.
    pub offices: Vec<Office>,
}

impl App {
    /// Returns who serves a postcode, seen from an authority; `None` where its country has no list, so that nothing can
    /// be checked. It needs no right: offices are public.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the text can be no postcode of the authority's country.
    pub async fn offices_of_postcode(
        &self,
        authority_id: AuthorityId,
        postcode: &str,
    ) -> Result<Option<OfficesOfPostcode>> {
        let mut tx = self.store.read_installation().await?;
        let here = storage::territory::whereabouts(&mut tx, authority_id).await?;
        let invalid = |reason: String| AppError::Invalid { field: "postcode", reason };
        let postcode = Postcode::new(postcode, &here.country).map_err(|error| invalid(error.to_string()))?;
        let Some(version) = storage::territory::in_force(&mut tx, &here.country).await? else { return Ok(None) };
        let mut offices = storage::territory::offices_of_postcode(&mut tx, &here.country, version, &postcode).await?;
        let own = here.territory_code.as_ref();
        own_first(&mut offices, own);
        let responsible = match (offices.first(), own) {
            (None, _) => Responsible::Nobody,
            (_, None) => Responsible::Unknown,
            (Some(first), Some(own)) if first.code == *own => Responsible::Us,
            _ => Responsible::Others,
        };
        Ok(Some(OfficesOfPostcode { version, responsible, offices }))
    }

    /// Lists the lists that are kept: by country, the one in force first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] unless an operator asks.
    pub async fn territory_lists(&self, worker: &Worker) -> Result<Vec<ListVersion>> {
        worker.require(Action::ManageTerritory)?;
        let mut tx = self.store.read_installation().await?;
        Ok(storage::territory::versions(&mut tx).await?)
    }

    /// Brings a country's list into force, whole or not at all. The same file again changes nothing. As the role that
    /// owns the schema.
    ///
    /// # Errors
    ///
    /// [`AppError::List`] if it can't be read, [`AppError::Invalid`] if nobody could decide by it. Then the list before
    /// stays in force.
    pub async fn import_territory(
        &self,
        worker: &Worker,
        country: Country,
        format: ListFormat,
        bytes: Vec<u8>,
    ) -> Result<ImportedList> {
        worker.require(Action::ManageTerritory)?;
        let digest = storage::sealing::fingerprint_of(&bytes);
        let (list, n_other_words) = match format {
            ListFormat::Rki if country != Country::germany() => {
                let reason =
                    "the list of the Robert Koch Institute is Germany's; use csv for other countries".to_owned();
                return Err(AppError::Invalid { field: "--country", reason });
            }
            ListFormat::Rki => from_rki(read_rki(&bytes)?, country)?,
            ListFormat::Csv => (from_table(read_table(bytes)?, country)?, 0),
        };
        let mut tx = self.store.installation().await?;
        let in_force = storage::territory::versions(&mut tx).await?;
        let in_force = in_force.into_iter().find(|version| version.country == *list.country());
        let same = in_force.filter(|version| version.digest == digest && version.format == format);
        let (version, is_new) = match same {
            Some(same) => (same.version, false),
            None => {
                let now = self.now();
                (storage::territory::insert(&mut tx, &list, format, &digest, worker.account_id, now).await?, true)
            }
        };
        tx.commit().await?;
        let n_offices = list.offices().len();
        self.record_alone(
            worker,
            Audited { operation: "territory.import", subjects: String::new(), n_subjects: n_offices },
        )
        .await?;
        let (n_postcodes, country) = (list.n_postcodes(), list.country().clone());
        Ok(ImportedList { country, version, is_new, n_offices, n_postcodes, n_other_words })
    }

    /// Returns where the worker's authority is.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn whereabouts(&self, worker: &Worker) -> Result<Whereabouts> {
        let mut tx = self.store.read_installation().await?;
        Ok(storage::territory::whereabouts(&mut tx, worker.authority.authority_id).await?)
    }

    /// Says where the worker's authority is; as the role that owns the schema.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the country has a list, and it has no office with this code.
    pub async fn set_whereabouts(&self, worker: &Worker, is: &Whereabouts) -> Result<()> {
        worker.require(Action::ManageTerritory)?;
        let authority_id = worker.authority.authority_id;
        let mut tx = self.store.installation().await?;
        if let Some(code) = &is.territory_code
            && let Some(version) = storage::territory::in_force(&mut tx, &is.country).await?
            && storage::territory::office(&mut tx, &is.country, version, code).await?.is_none()
        {
            let reason = format!("list {version} of {} has no office {code}", is.country);
            return Err(AppError::Invalid { field: "code", reason });
        }
        storage::territory::set_whereabouts(&mut tx, authority_id, is).await?;
        tx.commit().await?;
        let audited =
            Audited { operation: "authorities.set_territory", subjects: authority_id.0.to_string(), n_subjects: 1 };
        self.record_alone(worker, audited).await
    }
}

fn unusable(reason: impl std::fmt::Display) -> AppError {
    AppError::Invalid { field: "list", reason: reason.to_string() }
}

fn code_of(entry: &OfficeEntry) -> Result<TerritoryCode> {
    TerritoryCode::new(&entry.code).map_err(|error| unusable(format!("entry {}: {error}", entry.at)))
}

fn office_of(entry: OfficeEntry, code: TerritoryCode) -> Office {
    Office { code, name: entry.name, address: entry.address, phone: entry.phone, email: entry.email }
}

/// A row must say what it says: one that is wrong keeps the whole table out.
fn from_table(entries: Vec<OfficeEntry>, country: Country) -> Result<Territory> {
    let mut list = Territory::of(country.clone());
    for mut entry in entries {
        let code = code_of(&entry)?;
        let at = entry.at;
        for text in std::mem::take(&mut entry.postcodes) {
            let postcode =
                Postcode::new(&text, &country).map_err(|error| unusable(format!("row {at}, {text}: {error}")))?;
            list.add_postcode(postcode, code.clone());
        }
        list.add_office(office_of(entry, code)).map_err(|error| unusable(format!("row {at}: {error}")))?;
    }
    list.complete().map_err(unusable)
}

/// The German list has several entries of one office, with different departments; the one that has postcodes counts.
/// Among what people search by are names of quarters, which are no postcodes.
fn from_rki(entries: Vec<OfficeEntry>, country: Country) -> Result<(Territory, usize)> {
    let mut list = Territory::of(country.clone());
    let mut n_other_words = 0;
    let mut offices: BTreeMap<TerritoryCode, (bool, Office)> = BTreeMap::new();
    for mut entry in entries {
        let code = code_of(&entry)?;
        let mut serves = false;
        for text in std::mem::take(&mut entry.postcodes) {
            match Postcode::new(&text, &country) {
                Ok(postcode) => {
                    serves = true;
                    list.add_postcode(postcode, code.clone());
                }
                Err(_) => n_other_words += 1,
            }
        }
        let office = office_of(entry, code.clone());
        match offices.get(&code) {
            Some((knows_better, _)) if *knows_better || !serves => {}
            _ => {
                offices.insert(code, (serves, office));
            }
        }
    }
    for (_, office) in offices.into_values() {
        list.add_office(office).map_err(unusable)?;
    }
    Ok((list.complete().map_err(unusable)?, n_other_words))
}
