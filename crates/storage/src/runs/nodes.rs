//! Nodes of runs, and the numbers by which frames and encounters name them.

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::store::RunTx;
use domain::ids::{NodeId, RunId};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A node that has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownNode {
    /// Its number in the run.
    pub no: u32,
    /// First 6 bytes of BLAKE3 of its id.
    pub tag: u64,
    /// Its id; `None` while only others heard it.
    pub node_id: Option<NodeId>,
    /// Number that it drew when it started.
    pub boot: Option<u32>,
    /// Of which second it reported first.
    pub first_second: Option<u32>,
    /// Second of its last message; `None` while it lives.
    pub died_at: Option<u32>,
    /// Boot and number of the last united contacts of it that are stored.
    pub united: Option<(u32, u32)>,
}

/// A node that has no number yet, or is only known by hearsay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewNode {
    /// First 6 bytes of BLAKE3 of its id.
    pub tag: u64,
    /// Who it is, if it reported.
    pub named: Option<NamedNode>,
}

/// What a node says of itself with its first report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedNode {
    /// Its id.
    pub node_id: NodeId,
    /// Number that it drew when it started.
    pub boot: u32,
    /// Of which second it reports first.
    pub first_second: u32,
}

#[derive(sqlx::FromRow)]
struct NodeRow {
    no: i64,
    tag: i64,
    node_id: Option<Uuid>,
    boot: Option<i64>,
    first_second: Option<i64>,
    died_at: Option<i64>,
    united_boot: Option<i64>,
    united_seq: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n_known: i64,
    n_living: i64,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    number: i64,
}

const ALL: Statement = Statement::both(
    "-- runs::nodes_of
SELECT no, tag, node_id, boot, first_second, died_at, united_boot, united_seq FROM run_node WHERE run_id = $1 AND no > $2 ORDER BY no LIMIT $3",
);

// SQLite would read all nodes of the run, and look each up in the list.
const OF_TAGS: Statement = Statement::each(
    "-- runs::of_tags
SELECT n.no, n.tag, n.node_id, n.boot, n.first_second, n.died_at, n.united_boot, n.united_seq
  FROM json_each($2) AS named CROSS JOIN run_node AS n INDEXED BY run_node_by_tag ON n.run_id = $1 AND n.tag = named.value",
    "-- runs::of_tags
SELECT no, tag, node_id, boot, first_second, died_at, united_boot, united_seq FROM run_node
 WHERE run_id = $1 AND tag = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::bigint))",
);

const TAKE_NUMBERS: Statement = Statement::both(
    "-- runs::take_numbers
UPDATE run SET n_nodes = n_nodes + $2 WHERE run_id = $1 RETURNING n_nodes - $2 AS number",
);

const INSERT: &str = "-- runs::intern
INSERT INTO run_node (run_id, no, tag, node_id, boot, first_second) ";

const NAME: Statement = Statement::both(
    "-- runs::name
UPDATE run_node SET node_id = $3, boot = $4, first_second = $5 WHERE run_id = $1 AND no = $2",
);

const DIE: Statement = Statement::each(
    "-- runs::die
UPDATE run_node SET died_at = $2 WHERE run_id = $1 AND no IN (SELECT value FROM json_each($3))",
    "-- runs::die
UPDATE run_node SET died_at = $2 WHERE run_id = $1 AND no = ANY (ARRAY(SELECT jsonb_array_elements_text($3::jsonb)::bigint))",
);

const NOTE_UNITED: Statement = Statement::both(
    "-- runs::note_united
UPDATE run_node SET united_boot = $3, united_seq = $4 WHERE run_id = $1 AND no = $2",
);

const COUNT: Statement = Statement::both(
    "-- runs::count_nodes
SELECT count(*) AS n_known, count(*) - count(died_at) AS n_living FROM run_node WHERE run_id = $1",
);

impl From<NodeRow> for KnownNode {
    fn from(row: NodeRow) -> Self {
        let n = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        Self {
            no: u32::try_from(row.no).unwrap_or(u32::MAX),
            tag: row.tag.cast_unsigned(),
            node_id: row.node_id.map(NodeId),
            boot: n(row.boot),
            first_second: n(row.first_second),
            died_at: n(row.died_at),
            united: n(row.united_boot).zip(n(row.united_seq)),
        }
    }
}

/// Lists nodes of a run by number, after one, at most `limit`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn nodes_of(tx: &mut RunTx, run_id: RunId, after: Option<u32>, limit: i64) -> Result<Vec<KnownNode>> {
    let after = after.map_or(-1, i64::from);
    Ok(all!(tx, NodeRow, ALL, run_id.0, after, limit)?.into_iter().map(KnownNode::from).collect())
}

/// Counts the nodes of a run: all that were ever heard, and those of them whose death nobody told.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn count_nodes(tx: &mut RunTx, run_id: RunId) -> Result<(u32, u32)> {
    let n = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let row = optional!(tx, CountRow, COUNT, run_id.0)?;
    Ok(row.map_or((0, 0), |row| (n(row.n_known), n(row.n_living))))
}

/// Finds nodes by their tags.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_tags(tx: &mut RunTx, run_id: RunId, tags: &[u64]) -> Result<Vec<KnownNode>> {
    let mut found = Vec::with_capacity(tags.len());
    for tags in tags.chunks(10_000) {
        found.extend(all!(tx, NodeRow, OF_TAGS, run_id.0, &numbers(tags))?.into_iter().map(KnownNode::from));
    }
    Ok(found)
}

/// Gives numbers to nodes that have none, names those that were known by hearsay only, and returns what is known of all of
/// them then. Another consumer may have been first.
///
/// # Errors
///
/// [`StorageError`] if they can't be written; [`StorageError::Unreadable`] if there is no such run.
pub async fn intern(tx: &mut RunTx, run_id: RunId, nodes: &[NewNode]) -> Result<Vec<KnownNode>> {
    let tags: Vec<u64> = nodes.iter().map(|node| node.tag).collect();
    let mut found = of_tags(tx, run_id, &tags).await?;
    if found.len() < nodes.len() {
        // Whoever takes numbers holds the run until they commit, so what others named before is seen after this.
        let n = i64::try_from(nodes.len() - found.len()).unwrap_or(i64::MAX);
        let first = optional!(tx, NumberRow, TAKE_NUMBERS, run_id.0, n)?;
        let first = first.ok_or(StorageError::Unreadable("run of a report"))?.number;
        found = of_tags(tx, run_id, &tags).await?;
        let known: HashSet<u64> = found.iter().map(|node| node.tag).collect();
        let new = nodes.iter().filter(|node| !known.contains(&node.tag));
        let rows: Vec<(i64, &NewNode)> = (first..).zip(new).collect();
        insert_all!(
            tx,
            INSERT,
            "",
            rows,
            |row| run_id.0,
            row.0,
            row.1.tag.cast_signed(),
            row.1.named.map(|named| named.node_id.0),
            row.1.named.map(|named| i64::from(named.boot)),
            row.1.named.map(|named| i64::from(named.first_second))
        )?;
        // Nobody else can have named them.
        found.extend(rows.iter().map(|(no, new)| KnownNode {
            no: u32::try_from(*no).unwrap_or(u32::MAX),
            tag: new.tag,
            node_id: new.named.map(|named| named.node_id),
            boot: new.named.map(|named| named.boot),
            first_second: new.named.map(|named| named.first_second),
            died_at: None,
            united: None,
        }));
    }
    let named: HashMap<u64, NamedNode> = nodes.iter().filter_map(|node| Some((node.tag, node.named?))).collect();
    for known in found.iter_mut().filter(|known| known.node_id.is_none()) {
        if let Some(named) = named.get(&known.tag) {
            let NamedNode { node_id, boot, first_second } = *named;
            run!(tx, NAME, run_id.0, i64::from(known.no), node_id.0, i64::from(boot), i64::from(first_second))?;
            *known = KnownNode { node_id: Some(node_id), boot: Some(boot), first_second: Some(first_second), ..*known };
        }
    }
    Ok(found)
}

/// Notes that nodes sent their last messages in a second.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn die(tx: &mut RunTx, run_id: RunId, nos: &[u32], second: u32) -> Result<()> {
    for nos in nos.chunks(10_000) {
        run!(tx, DIE, run_id.0, i64::from(second), &numbers(nos))?;
    }
    Ok(())
}

/// Notes which united contacts of a node are stored: what was sent before them was so too.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn note_united(tx: &mut RunTx, run_id: RunId, no: u32, (boot, seq): (u32, u32)) -> Result<()> {
    run!(tx, NOTE_UNITED, run_id.0, i64::from(no), i64::from(boot), i64::from(seq))?;
    Ok(())
}

/// Numbers as JSON text.
fn numbers<N: ToString>(numbers: &[N]) -> String {
    format!("[{}]", numbers.iter().map(N::to_string).collect::<Vec<_>>().join(","))
}
