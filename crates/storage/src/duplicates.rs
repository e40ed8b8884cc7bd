//! Tokens: by what a person is found who may be stored twice.
//!
//! A token is a keyed hash of what two records of one person probably share; which texts those are is
//! [`domain::duplicates`]'s matter. Whoever has the database and no key learns who shares something with whom, but not
//! what. A token that is shared by many, such as the telephone of a hostel, gives the first few only, and it is said
//! that there are more: else one hostel would be read for each of its guests.
//!
//! Tokens are written with the person. Persons that were stored before there were tokens, or before the rules changed,
//! are found by following the changes of persons ([`Followed`]): a number in `counter` says up to which change all
//! persons have the tokens of these rules.

use crate::dialect::{Statement, ids_as_json};
use crate::error::Result;
use crate::sealing::Sealer;
use crate::store::Tx;
use domain::duplicates::{Token, TokenKind};
use domain::ids::PersonId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use uuid::Uuid;

/// Candidates that one token gives, at most. By chance hardly anybody shares a token with more than a handful, even
/// among millions; families, flats and small offices fit.
pub const MOST_OF_A_TOKEN: usize = 50;

/// Tokens that are looked up in one statement.
const CHUNK: usize = 8_000;

#[derive(sqlx::FromRow)]
struct TokenRow {
    kind: i32,
    token: i64,
    person_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    seq: i64,
    person_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct FollowedRow {
    done: i64,
    changed: i64,
}

const INSERT: &str = "-- duplicates::insert
INSERT INTO person_token (authority_id, kind, token, person_id) ";

const DELETE_OF_PERSONS: Statement = Statement::each(
    "-- duplicates::delete_of_persons
DELETE FROM person_token WHERE authority_id = $1 AND person_id IN (SELECT unhex(value) FROM json_each($2))",
    "-- duplicates::delete_of_persons
DELETE FROM person_token WHERE authority_id = $1
   AND person_id IN (SELECT jsonb_array_elements_text($2::jsonb)::uuid)",
);

/// `$2` is `{\"1\": [token, …], …}`: the tokens of each kind. Of each token the first `$3` persons are read, no more.
pub(crate) const CANDIDATES: Statement = Statement::each(
    "-- duplicates::candidates
SELECT t.kind, t.token, t.person_id
  FROM json_each($2) AS k CROSS JOIN json_each(k.value) AS w CROSS JOIN person_token AS t
    ON t.authority_id = $1 AND t.kind = CAST(k.key AS INTEGER) AND t.token = w.value
   AND t.person_id IN (SELECT person_id FROM person_token
                        WHERE authority_id = $1 AND kind = CAST(k.key AS INTEGER) AND token = w.value
                        ORDER BY person_id LIMIT $3)",
    "-- duplicates::candidates
SELECT t.kind, t.token, t.person_id
  FROM unnest(ARRAY(SELECT k.key::integer FROM jsonb_each($2::jsonb) AS k, jsonb_array_elements_text(k.value) AS w),
              ARRAY(SELECT w::bigint FROM jsonb_each($2::jsonb) AS k, jsonb_array_elements_text(k.value) AS w))
       AS wanted (kind, token)
 CROSS JOIN LATERAL (SELECT p.kind, p.token, p.person_id FROM person_token AS p
                      WHERE p.authority_id = $1 AND p.kind = wanted.kind AND p.token = wanted.token
                      ORDER BY p.person_id LIMIT $3) AS t",
);

pub(crate) const OF_PERSONS: Statement = Statement::each(
    "-- duplicates::of_persons
SELECT t.kind, t.token, t.person_id FROM json_each($2) AS id
 CROSS JOIN person_token AS t INDEXED BY person_token_of_person ON t.authority_id = $1 AND t.person_id = unhex(id.value)",
    "-- duplicates::of_persons
SELECT t.kind, t.token, t.person_id FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN person_token AS t ON t.authority_id = $1 AND t.person_id = id",
);

pub(crate) const CHANGES_AFTER: Statement = Statement::both(
    "-- duplicates::changes_after
SELECT seq, person_id FROM person_change WHERE authority_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
);

const FOLLOWED: Statement = Statement::both(
    "-- duplicates::followed
SELECT coalesce(max(CASE WHEN name = $2 THEN value END), 0) AS done,
       coalesce(max(CASE WHEN name = 'person_change' THEN value END), 0) AS changed
  FROM counter WHERE authority_id = $1 AND name IN ($2, 'person_change')",
);

const SET_FOLLOWED: Statement = Statement::both(
    "-- duplicates::set_followed
INSERT INTO counter (authority_id, name, value) VALUES ($1, $2, $3)
    ON CONFLICT (authority_id, name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value",
);

const FORGET_OTHER_RULES: Statement = Statement::both(
    "-- duplicates::forget_other_rules
DELETE FROM counter WHERE authority_id = $1 AND name LIKE 'person_token/%' AND name <> $2",
);

/// A person and the tokens by which they are found.
#[derive(Clone, Debug)]
pub struct PersonTokens {
    /// Who.
    pub person_id: PersonId,
    /// By what.
    pub tokens: Vec<Token>,
}

/// Who shares a token with those who were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// For each of those who were asked for, in their order.
    pub of: Vec<BTreeSet<PersonId>>,
    /// For each, whether a token of theirs is shared by more persons than were looked at.
    pub is_capped: Vec<bool>,
}

/// Up to where persons have the tokens of these rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Number of the last change that was followed.
    pub done: i64,
    /// Number of the last change there is.
    pub changed: i64,
}

impl Followed {
    /// Returns how many changes wait, which is how many persons may lack tokens, at most.
    #[must_use]
    pub fn n_waiting(self) -> u64 {
        u64::try_from(self.changed.saturating_sub(self.done)).unwrap_or(0)
    }
}

/// Writes the tokens of new persons.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written, or the key is gone.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, persons: &[PersonTokens]) -> Result<u64> {
    let mut rows = Vec::with_capacity(persons.len() * 4);
    for person in persons {
        rows.extend(keyed(sealer, &person.tokens)?.into_iter().map(|(kind, token)| (kind, token, person.person_id.0)));
    }
    insert_rows(tx, rows).await
}

/// In the order of the key, so that neighbours go to one page.
async fn insert_rows(tx: &mut Tx, mut rows: Vec<(i32, i64, Uuid)>) -> Result<u64> {
    rows.sort_unstable();
    let authority_id = tx.authority().0;
    insert_all!(tx, INSERT, " ON CONFLICT DO NOTHING", rows, |row| authority_id, row.0, row.1, row.2)
}

fn keyed(sealer: &Sealer, tokens: &[Token]) -> Result<BTreeSet<(i32, i64)>> {
    let keyed = |token: &Token| Ok((token.kind.number(), sealer.token(token.kind.as_str(), token.text.expose())?));
    tokens.iter().map(keyed).collect()
}

/// Writes the tokens of persons whose details may have changed. Those that have the right ones already are not touched.
/// Returns how many persons had others.
///
/// # Errors
///
/// As [`insert`].
pub async fn replace(tx: &mut Tx, sealer: &Sealer, persons: &[PersonTokens]) -> Result<usize> {
    let json = ids_as_json(persons.iter().map(|person| &person.person_id.0));
    let mut known: HashMap<Uuid, BTreeSet<(i32, i64)>> = HashMap::new();
    for row in all!(tx, TokenRow, OF_PERSONS, mine, &json)? {
        known.entry(row.person_id).or_default().insert((row.kind, row.token));
    }
    let (mut stale, mut others, mut rows) = (Vec::new(), BTreeSet::new(), Vec::new());
    for person in persons {
        let right = keyed(sealer, &person.tokens)?;
        let wrong = known.get(&person.person_id.0);
        if wrong.is_none_or(BTreeSet::is_empty) && right.is_empty() || wrong == Some(&right) {
            continue;
        }
        stale.extend(wrong.map(|_| person.person_id.0));
        others.insert(person.person_id);
        rows.extend(right.into_iter().map(|(kind, token)| (kind, token, person.person_id.0)));
    }
    if !stale.is_empty() {
        let json = ids_as_json(stale.iter());
        run!(tx, DELETE_OF_PERSONS, mine, &json)?;
    }
    insert_rows(tx, rows).await?;
    Ok(others.len())
}

/// Finds who shares a token with those whose tokens these are; thousands at once cost a few statements.
///
/// # Errors
///
/// As [`insert`].
pub async fn candidates(tx: &mut Tx, sealer: &Sealer, wanted: &[Vec<Token>]) -> Result<Candidates> {
    let mut askers: HashMap<(i32, i64), Vec<usize>> = HashMap::new();
    for (asker, tokens) in wanted.iter().enumerate() {
        for token in tokens {
            for keyed in sealer.tokens(token.kind.as_str(), token.text.expose())? {
                askers.entry((token.kind.number(), keyed)).or_default().push(asker);
            }
        }
    }
    let mut found = Candidates { of: vec![BTreeSet::new(); wanted.len()], is_capped: vec![false; wanted.len()] };
    let mut tokens: Vec<(i32, i64)> = askers.keys().copied().collect();
    tokens.sort_unstable();
    // One more than is looked at, to see whether there are more.
    let most = i64::try_from(MOST_OF_A_TOKEN + 1).unwrap_or(i64::MAX);
    for chunk in tokens.chunks(CHUNK) {
        let json = by_kind(chunk);
        let mut rows: Vec<TokenRow> = all!(tx, TokenRow, CANDIDATES, mine, &json, most)?;
        rows.sort_unstable_by_key(|row| (row.kind, row.token, row.person_id));
        for same in rows.chunk_by(|a, b| (a.kind, a.token) == (b.kind, b.token)) {
            let asking = same.first().and_then(|row| askers.get(&(row.kind, row.token)));
            for asker in asking.into_iter().flatten() {
                if let (Some(of), Some(is_capped)) = (found.of.get_mut(*asker), found.is_capped.get_mut(*asker)) {
                    of.extend(same.iter().take(MOST_OF_A_TOKEN).map(|row| PersonId(row.person_id)));
                    *is_capped |= same.len() > MOST_OF_A_TOKEN;
                }
            }
        }
    }
    Ok(found)
}

/// Tokens as JSON, by kind: `{"1":[17,-4],"3":[8]}`.
fn by_kind(tokens: &[(i32, i64)]) -> String {
    let mut kinds: BTreeMap<i32, String> = BTreeMap::new();
    for (kind, token) in tokens {
        let list = kinds.entry(*kind).or_default();
        let comma = if list.is_empty() { "" } else { "," };
        // A String never fails to be written to.
        let _ = write!(list, "{comma}{token}");
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, list)| format!("\"{kind}\":[{list}]")).collect();
    format!("{{{}}}", kinds.join(","))
}

/// Counts the tokens of each kind that these persons have.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn count_of_persons(tx: &mut Tx, persons: &[PersonId]) -> Result<BTreeMap<TokenKind, usize>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    let mut counts = BTreeMap::new();
    for row in all!(tx, TokenRow, OF_PERSONS, mine, &json)? {
        if let Some(kind) = TokenKind::ALL.iter().find(|kind| kind.number() == row.kind) {
            *counts.entry(*kind).or_default() += 1;
        }
    }
    Ok(counts)
}

fn counter(rules: i64) -> String {
    format!("person_token/{rules}")
}

/// Says up to where persons have the tokens of the rules with this number.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn followed(tx: &mut Tx, rules: i64) -> Result<Followed> {
    let name = counter(rules);
    let row = optional!(tx, FollowedRow, FOLLOWED, mine, &name)?;
    Ok(row.map_or(Followed { done: 0, changed: 0 }, |row| Followed { done: row.done, changed: row.changed }))
}

/// Lists the changes of persons after number `seq`, at most so many, in their order.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn changes_after(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<(i64, PersonId)>> {
    let rows = all!(tx, ChangeRow, CHANGES_AFTER, mine, seq, limit)?;
    Ok(rows.into_iter().map(|row| (row.seq, PersonId(row.person_id))).collect())
}

/// Notes that all changes up to this one were followed by these rules. What was followed by others counts no more.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn set_followed(tx: &mut Tx, rules: i64, seq: i64) -> Result<()> {
    let name = counter(rules);
    run!(tx, SET_FOLLOWED, mine, &name, seq)?;
    run!(tx, FORGET_OTHER_RULES, mine, &name)?;
    Ok(())
}

/// Notes that this transaction wrote the tokens of the persons whose `n_changes` changes it noted last, so that nobody
/// need follow them. Where earlier changes still wait, these wait with them: then it does nothing.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn follow_own(tx: &mut Tx, rules: i64, n_changes: usize) -> Result<()> {
    let now = followed(tx, rules).await?;
    if n_changes > 0 && now.n_waiting() == u64::try_from(n_changes).unwrap_or(u64::MAX) {
        set_followed(tx, rules, now.changed).await?;
    }
    Ok(())
}
