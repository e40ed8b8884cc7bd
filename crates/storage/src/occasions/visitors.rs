//! Visitors: each block of them has a key of its own, sealed to the day on which it came in. Nothing here opens them but the
//! key of that day.

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{DataKey, PrintKey, PublicKey, SEALED_KEY, SealedKey, SealingError, Sender};
use crate::store::Tx;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use domain::check_ins::VenueDay;
use domain::ids::{OccasionId, VisitorId};
use domain::occasions::{Qualifier, Visitor};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How a visitor is written down before it is sealed.
#[derive(Serialize, Deserialize)]
struct VisitorText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    house_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postcode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seat: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    qualifiers: Vec<(String, String)>,
}

fn text_of(visitor: &Visitor) -> Result<Zeroizing<Vec<u8>>> {
    let one = visitor.clone();
    let text = VisitorText {
        group: one.group,
        first_name: one.first_name,
        last_name: one.last_name,
        phone: one.phone,
        email: one.email,
        street: one.street,
        house_number: one.house_number,
        postcode: one.postcode,
        city: one.city,
        area: one.area,
        seat: one.seat,
        from: one.from,
        until: one.until,
        qualifiers: one.qualifiers.into_iter().map(|one| (one.label, one.value)).collect(),
    };
    serde_json::to_vec(&text).map(Zeroizing::new).map_err(|_| StorageError::Unreadable("visitor"))
}

fn visitor_of(visitor_id: VisitorId, text: &[u8]) -> Result<Visitor> {
    let text: VisitorText = serde_json::from_slice(text).map_err(|_| StorageError::Unreadable("visitor"))?;
    Ok(Visitor {
        visitor_id,
        group: text.group,
        first_name: text.first_name,
        last_name: text.last_name,
        phone: text.phone,
        email: text.email,
        street: text.street,
        house_number: text.house_number,
        postcode: text.postcode,
        city: text.city,
        area: text.area,
        seat: text.seat,
        from: text.from,
        until: text.until,
        qualifiers: text.qualifiers.into_iter().map(|(label, value)| Qualifier { label, value }).collect(),
    })
}

/// What became of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// All of it is here, some of it perhaps from before.
    Taken {
        /// How many are new.
        n_new: usize,
        /// How many were here already.
        n_again: usize,
    },
    /// These were handed in before with other values; nothing was taken.
    Other(Vec<VisitorId>),
    /// One of them was handed in on a day that is over: nothing was taken.
    Over,
}

/// The visitors of an occasion as they lie there, day by day.
#[derive(Debug, Default)]
pub struct SealedVisitors {
    days: BTreeMap<Date, SealedDay>,
}

#[derive(Debug, Default)]
struct SealedDay {
    keys: Vec<(u64, SealedKey)>,
    visitors: Vec<(VisitorId, u64, Vec<u8>)>,
}

#[derive(sqlx::FromRow)]
struct PrintRow {
    visitor_id: Uuid,
    day: Day,
    print: i64,
}

#[derive(sqlx::FromRow)]
struct VisitorRow {
    visitor_id: Uuid,
    day: Day,
    sender: i64,
    visitor: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct BlockRow {
    day: Day,
    sender: i64,
    sealed_key: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n: i64,
}

const KNOWN: Statement = Statement::each(
    "-- occasions::known_visitors
SELECT v.visitor_id, v.day, v.print FROM json_each($3) AS w
  CROSS JOIN occasion_visitor AS v ON v.authority_id = $1 AND v.occasion_id = $2 AND v.visitor_id = unhex(w.value)",
    "-- occasions::known_visitors
SELECT v.visitor_id, v.day, v.print FROM unnest(ARRAY(SELECT jsonb_array_elements_text($3::jsonb)::uuid)) AS w
  JOIN occasion_visitor AS v ON v.authority_id = $1 AND v.occasion_id = $2 AND v.visitor_id = w",
);

const INSERT_BLOCK: Statement = Statement::both(
    "-- occasions::insert_block
INSERT INTO occasion_block (authority_id, day, occasion_id, sender, sealed_key, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6)",
);

const INSERT_VISITOR: &str = "-- occasions::insert_visitor
INSERT INTO occasion_visitor (authority_id, occasion_id, visitor_id, day, sender, print, visitor, uploaded_at) ";

const VISITORS: Statement = Statement::both(
    "-- occasions::visitors
SELECT visitor_id, day, sender, visitor FROM occasion_visitor WHERE authority_id = $1 AND occasion_id = $2",
);

const BLOCKS: Statement = Statement::both(
    "-- occasions::blocks
SELECT day, sender, sealed_key FROM occasion_block WHERE authority_id = $1 AND occasion_id = $2",
);

const N_KEPT: Statement = Statement::both(
    "-- occasions::n_kept
SELECT count(*) AS n FROM occasion_visitor WHERE authority_id = $1 AND occasion_id = $2",
);

/// Seals and stores a block of visitors under the day on which it comes in, all of it or nothing. Of visitors who are here
/// already the print is compared, with the key of the day on which they came.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written, or no key can be had.
pub async fn hand_in(
    tx: &mut Tx,
    occasion_id: OccasionId,
    (of, public_key): (VenueDay, &PublicKey),
    prints: &HashMap<Date, PrintKey>,
    visitors: &[Visitor],
    now: Timestamp,
) -> Result<Handed> {
    // Holds the occasion, so that the same block sent twice at once is one block and its retry.
    super::count(tx, occasion_id, 0).await?;
    let json = ids_as_json(visitors.iter().map(|one| &one.visitor_id.0));
    let rows = all!(tx, PrintRow, KNOWN, mine, occasion_id.0, &json)?;
    let known: HashMap<Uuid, PrintRow> = rows.into_iter().map(|row| (row.visitor_id, row)).collect();
    let own = prints.get(&of.day).ok_or(SealingError::NoKey)?;
    let mut others = Vec::new();
    let mut new = Vec::new();
    for visitor in visitors {
        let text = text_of(visitor)?;
        match known.get(&visitor.visitor_id.0) {
            None => new.push((visitor.visitor_id, own.print(&text), text)),
            Some(row) => match prints.get(&row.day.0) {
                None => return Ok(Handed::Over),
                Some(key) if key.print(&text) == row.print => {}
                Some(_) => others.push(visitor.visitor_id),
            },
        }
    }
    if !others.is_empty() {
        return Ok(Handed::Other(others));
    }
    let n_again = visitors.len() - new.len();
    if !new.is_empty() {
        insert(tx, occasion_id, (of, public_key), &new, now).await?;
        super::count(tx, occasion_id, i64::try_from(new.len()).unwrap_or(i64::MAX)).await?;
    }
    Ok(Handed::Taken { n_new: new.len(), n_again })
}

type NewVisitor = (VisitorId, i64, Zeroizing<Vec<u8>>);

async fn insert(
    tx: &mut Tx,
    occasion_id: OccasionId,
    (of, public_key): (VenueDay, &PublicKey),
    new: &[NewVisitor],
    now: Timestamp,
) -> Result<()> {
    let sender = Sender::to(of, public_key)?;
    let (key, sealed_key) = sender.occasion_key(occasion_id)?;
    let key = BlockKey::new(&key)?;
    let number = sender.number().cast_signed();
    run!(tx, INSERT_BLOCK, mine, Day(of.day), occasion_id.0, number, &sealed_key[..], At(now))?;
    let authority_id = tx.authority().0;
    let seal =
        |(visitor_id, print, text): &NewVisitor| Ok((*visitor_id, *print, key.seal(occasion_id, *visitor_id, text)?));
    let rows: Vec<(VisitorId, i64, Vec<u8>)> = new.iter().map(seal).collect::<Result<_>>()?;
    insert_all!(
        tx,
        INSERT_VISITOR,
        "",
        rows,
        |row| authority_id,
        occasion_id.0,
        row.0.0,
        Day(of.day),
        number,
        row.1,
        &row.2,
        At(now)
    )?;
    Ok(())
}

/// Returns how many visitors of an occasion are kept now.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn n_kept(tx: &mut Tx, occasion_id: OccasionId) -> Result<u64> {
    let row = optional!(tx, CountRow, N_KEPT, mine, occasion_id.0)?;
    Ok(row.and_then(|row| u64::try_from(row.n).ok()).unwrap_or(0))
}

/// Reads the visitors of an occasion as they lie there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn sealed_of(tx: &mut Tx, occasion_id: OccasionId) -> Result<SealedVisitors> {
    let mut days: BTreeMap<Date, SealedDay> = BTreeMap::new();
    for row in all!(tx, BlockRow, BLOCKS, mine, occasion_id.0)? {
        let key: [u8; SEALED_KEY] = row.sealed_key.try_into().map_err(|_| StorageError::Unreadable("sealed key"))?;
        days.entry(row.day.0).or_default().keys.push((row.sender.cast_unsigned(), key));
    }
    for row in all!(tx, VisitorRow, VISITORS, mine, occasion_id.0)? {
        let visitor = (VisitorId(row.visitor_id), row.sender.cast_unsigned(), row.visitor);
        days.entry(row.day.0).or_default().visitors.push(visitor);
    }
    Ok(SealedVisitors { days })
}

impl SealedVisitors {
    /// Lists the days on which they came in, with how many came and the keys under which they lie.
    pub fn days(&self) -> impl Iterator<Item = (Date, usize, &[(u64, SealedKey)])> {
        self.days.iter().map(|(day, sealed)| (*day, sealed.visitors.len(), &sealed.keys[..]))
    }

    /// Opens the visitors of a day.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if one doesn't open.
    pub fn open(&self, occasion_id: OccasionId, day: Date, keys: &[(u64, DataKey)]) -> Result<Vec<Visitor>> {
        let Some(sealed) = self.days.get(&day) else { return Ok(Vec::new()) };
        let keys = keys.iter().map(|(sender, key)| Ok((*sender, BlockKey::new(key)?)));
        let keys: HashMap<u64, BlockKey> = keys.collect::<Result<_>>()?;
        let open = |(visitor_id, sender, visitor): &(VisitorId, u64, Vec<u8>)| {
            let key = keys.get(sender).ok_or(SealingError::NoKey)?;
            visitor_of(*visitor_id, &key.open(occasion_id, *visitor_id, visitor)?)
        };
        sealed.visitors.iter().map(open).collect()
    }
}

/// The key of a block, ready for use.
struct BlockKey(LessSafeKey);

impl BlockKey {
    fn new(key: &DataKey) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &key[..]).map_err(|_| SealingError::NoKey)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    fn seal(&self, occasion_id: OccasionId, visitor_id: VisitorId, text: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
        let mut sealed = text.to_vec();
        let place = Aad::from(place(occasion_id, visitor_id));
        let done = self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut sealed);
        done.map_err(|_| SealingError::NoRandomness)?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, occasion_id: OccasionId, visitor_id: VisitorId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(SealingError::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::DoesNotOpen)?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let opened = self.0.open_in_place(nonce, Aad::from(place(occasion_id, visitor_id)), &mut text);
        let length = opened.map_err(|_| SealingError::DoesNotOpen)?.len();
        text.truncate(length);
        Ok(text)
    }
}

fn place(occasion_id: OccasionId, visitor_id: VisitorId) -> [u8; 32] {
    let mut place = [0; 32];
    place[..16].copy_from_slice(occasion_id.0.as_bytes());
    place[16..].copy_from_slice(visitor_id.0.as_bytes());
    place
}
