//! Reading: what a footprint asks for, in how few statements and round trips.
//!
//! A footprint is read by letting [`View::read`] ask for its records until nothing is missing: what it asks for and is not there yet is
//! noted and fetched together, so that a command takes one round trip, and one more only for each thing that hangs on what was read.

use super::fetched::{By, Fetched, List, Reading, Scan, Wanted};
use super::names::{self, Key, Partition};
use super::pool::{Connections, Fault, Lease};
use crate::error::StoreError;
use crate::pipeline::in_order;
use cubby_domain::{Footprint, Range, View};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use tokio_postgres::Row;

/// Rounds after which a footprint that still asks for more is a mistake of ours.
const ROUNDS_MAX: usize = 8;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The statements that read; their number is what a connection prepares.
mod sql {
    /// Keys of one partition.
    pub(super) const KEYS: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND key = ANY($3)";
    /// The same keys of several partitions.
    pub(super) const KEYS_OF_MANY: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = ANY($2) AND key = ANY($3)";
    /// Rows of whatever partitions, each looked up by the whole of the primary key. Unlike `ANY`, this has the same plan whatever there is
    /// of rows, so that it is planned once and not each time, which costs more than to run it. A database that is distributed would ask
    /// every node.
    pub(super) const ROWS: &str = "SELECT found.* FROM unnest($2::bytea[], $3::bytea[]) AS wanted (of, named), \
        LATERAL (SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = wanted.of AND key = wanted.named LIMIT 1) AS found";
    /// A list in the order of its keys.
    pub(super) const BY_KEY: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND key >= $3 AND key < $4 AND value IS NOT NULL ORDER BY key LIMIT $5";
    /// A list in the order of its places.
    pub(super) const BY_PLACE: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND place >= $3 AND place < $4 ORDER BY place LIMIT $5";
    /// Keys and a list of one partition, of one instant. Whatever has a place is of the list.
    pub(super) const ROWS_AND_LIST: &str = "SELECT found.*, NULL::bytea AS place FROM unnest($3::bytea[]) AS wanted (named), \
        LATERAL (SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND key = wanted.named LIMIT 1) AS found \
        UNION ALL (SELECT owner, key, version, requests, value, place FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND place >= $4 AND place < $5 ORDER BY place LIMIT $6)";
    /// The same in a database that is distributed.
    pub(super) const KEYS_AND_LIST: &str = "SELECT owner, key, version, requests, value, NULL::bytea AS place FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND key = ANY($3) \
        UNION ALL (SELECT owner, key, version, requests, value, place FROM cubby_records \
        WHERE app = $1 AND owner = $2 AND place >= $4 AND place < $5 ORDER BY place LIMIT $6)";
    /// The records of all users and chat groups of an application, each once: a membership is read with its chat group.
    pub(super) const RECORDS: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner >= '\\x67'::bytea AND value IS NOT NULL \
        AND NOT (owner >= '\\x75'::bytea AND key >= '\\x6d'::bytea AND key < '\\x6e'::bytea) ORDER BY owner, key LIMIT $2";
    /// The heads of users by their ids, each found by leaping from the one before it over all that is kept of that.
    pub(super) const USERS: &str = "WITH RECURSIVE owners AS (\
        (SELECT owner, 1::bigint AS n FROM cubby_records WHERE app = $1 AND owner > $2 AND owner < '\\x76'::bytea \
        ORDER BY owner LIMIT 1) \
        UNION ALL SELECT found.owner, owners.n + 1 FROM owners, LATERAL (SELECT owner FROM cubby_records \
        WHERE app = $1 AND owner > owners.owner AND owner < '\\x76'::bytea ORDER BY owner LIMIT 1) AS found WHERE owners.n < $3) \
        SELECT head.* FROM owners, LATERAL (SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner = owners.owner AND key = '\\x'::bytea LIMIT 1) AS head ORDER BY owners.n";
    /// The same in a database that is distributed, which does not leap.
    pub(super) const USERS_OF_ALL: &str = "SELECT owner, key, version, requests, value FROM cubby_records \
        WHERE app = $1 AND owner > $2 AND owner < '\\x76'::bytea AND key = '\\x'::bytea ORDER BY owner LIMIT $3";
    /// A head's version.
    pub(super) const VERSION: &str =
        "SELECT version FROM cubby_records WHERE app = $1 AND owner = $2 AND key = '\\x'::bytea";
}

/// Whether a footprint's ranges hang on what is read before them, or are more than one list.
fn is_deep(footprint: &Footprint) -> bool {
    footprint.ranges.len() > 1 || footprint.ranges.iter().any(|range| !matches!(range, Range::ConversationPage { .. }))
}

/// Reads a footprint. A deep one, and one of several statements where `whole` is asked for, is read in a transaction of one snapshot;
/// any other by single statements, heads before all else, so that a write that follows is guarded by a head that is not newer than
/// anything it was decided on.
pub(super) async fn read(
    lease: &Lease,
    reading: Reading,
    footprint: &Footprint,
    whole: bool,
) -> Result<(View, Fetched), Fault> {
    let together = reading.together;
    let mut fetched = Fetched::new(reading.clone());
    let mut snapshot = is_deep(footprint);
    if snapshot {
        lease.batch_execute(BEGIN).await?;
    }
    for _ in 0..ROUNDS_MAX {
        let view = View::read(footprint, &fetched)?;
        let missing = fetched.take_missing();
        if missing.is_empty() {
            if snapshot {
                lease.batch_execute("COMMIT").await?;
            }
            return Ok((view, fetched));
        }
        let statements = statements(&missing, together);
        if whole && !snapshot && (statements.len() > 1 || !fetched.is_empty()) {
            snapshot = true;
            lease.batch_execute(BEGIN).await?;
            fetched = Fetched::new(reading.clone());
            continue;
        }
        fetch(lease, &mut fetched, &missing, statements).await?;
    }
    Err(StoreError::Unavailable("a footprint is never read to its end".to_owned()).into())
}

/// Fetches heads of which it is to be known what is in them now.
pub(super) async fn read_heads(lease: &Lease, fetched: &mut Fetched, partitions: &[Partition]) -> Result<(), Fault> {
    let missing = partitions.iter().filter(|partition| !fetched.has_head(partition));
    let keys = missing.map(|partition| (partition.clone(), BTreeSet::from([names::HEAD]))).collect();
    let wanted = Wanted { keys, ..Wanted::default() };
    let statements = statements(&wanted, fetched.together());
    fetch(lease, fetched, &wanted, statements).await
}

/// The version of a partition now.
pub(super) async fn version(connections: &Connections, partition: &Partition) -> Result<u64, Fault> {
    let lease = connections.get().await?;
    let statement = lease.prepare_cached(sql::VERSION).await?;
    let found = lease.query_opt(&statement, &[&partition.app, &partition.owner]).await?;
    lease.done();
    Ok(found.map(|row| row.try_get::<_, i64>(0)).transpose()?.map_or(0, i64::cast_unsigned))
}

/// Partitions of an application, and keys that are read of them.
struct Group<'a> {
    app: i64,
    owners: Vec<&'a [u8]>,
    keys: Vec<&'a [u8]>,
}

/// One statement.
enum Statement<'a> {
    Keys(Group<'a>),
    /// An owner for each key.
    Rows(Group<'a>),
    List(&'a List),
    KeysAndList {
        together: bool,
        keys: Vec<&'a [u8]>,
        list: &'a List,
    },
    Scan {
        together: bool,
        scan: &'a Scan,
    },
}

fn bytes(keys: &BTreeSet<Key>) -> Vec<&[u8]> {
    keys.iter().map(Vec::as_slice).collect()
}

/// The fewest statements that read it, heads first.
fn statements(wanted: &Wanted, together: bool) -> Vec<Statement<'_>> {
    if let (Some((partition, keys)), Some(list)) = (wanted.keys.first_key_value(), wanted.lists.first())
        && (wanted.keys.len(), wanted.lists.len(), wanted.scans.len()) == (1, 1, 0)
        && list.by == By::Place
        && list.partition == *partition
    {
        return vec![Statement::KeysAndList { together, keys: bytes(keys), list }];
    }
    let scans = wanted.scans.iter().map(|scan| Statement::Scan { together, scan });
    let lists = wanted.lists.iter().map(Statement::List).chain(scans);
    if together {
        return rows(wanted).chain(lists).collect();
    }
    // Partitions of which the same keys are wanted are read by one.
    let mut same: BTreeMap<(i64, &BTreeSet<Key>), Vec<&[u8]>> = BTreeMap::new();
    for (partition, keys) in &wanted.keys {
        same.entry((partition.app, keys)).or_default().push(&partition.owner);
    }
    let keys = same.into_iter().map(|((app, keys), owners)| Statement::Keys(Group { app, owners, keys: bytes(keys) }));
    keys.chain(lists).collect()
}

/// One statement for all rows of an application.
fn rows(wanted: &Wanted) -> impl Iterator<Item = Statement<'_>> {
    let mut of_apps: BTreeMap<i64, Group<'_>> = BTreeMap::new();
    for (Partition { app, owner }, keys) in &wanted.keys {
        let group = of_apps.entry(*app).or_insert(Group { app: *app, owners: Vec::new(), keys: Vec::new() });
        for key in keys {
            group.owners.push(owner);
            group.keys.push(key);
        }
    }
    of_apps.into_values().map(Statement::Rows)
}

async fn fetch(
    lease: &Lease,
    fetched: &mut Fetched,
    wanted: &Wanted,
    statements: Vec<Statement<'_>>,
) -> Result<(), Fault> {
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in statements {
        prepared.push((lease.prepare_cached(statement.sql()).await?, statement));
    }
    for (partition, keys) in &wanted.keys {
        fetched.asked(partition, keys);
    }
    let running = prepared.iter().map(|(prepared, statement)| {
        Box::pin(async move { Ok::<_, Fault>((statement, statement.run(lease, prepared).await?)) })
    });
    lease.tally.reads.fetch_add(1, Ordering::Relaxed);
    for (statement, rows) in in_order(running.collect()).await? {
        let of_app = |app: i64| rows.iter().map(move |row| one(app, row));
        match statement {
            Statement::Keys(Group { app, .. }) | Statement::Rows(Group { app, .. }) => {
                for row in of_app(*app) {
                    fetched.keep(row?);
                }
            }
            Statement::List(list) => {
                let listed = of_app(list.partition.app).collect::<Result<Vec<_>, _>>()?;
                fetched.keep_list(list, listed);
            }
            Statement::Scan { scan, .. } => {
                let scanned = of_app(scan.app()).collect::<Result<Vec<_>, _>>()?;
                fetched.keep_scan(scan, scanned);
            }
            Statement::KeysAndList { list, .. } => {
                let mut listed = Vec::new();
                for row in &rows {
                    let read = one(list.partition.app, row)?;
                    if row.try_get::<_, Option<&[u8]>>(5)?.is_some() {
                        listed.push(read);
                    } else {
                        fetched.keep(read);
                    }
                }
                fetched.keep_list(list, listed);
            }
        }
    }
    Ok(())
}

/// A row of any of the statements.
fn one(app: i64, row: &Row) -> Result<(Partition, Key, super::fetched::Row), Fault> {
    let read = super::fetched::Row {
        version: row.try_get::<_, i64>(2)?.cast_unsigned(),
        requests: row.try_get::<_, Option<Vec<u8>>>(3)?.unwrap_or_default(),
        value: row.try_get(4)?,
    };
    Ok((Partition { app, owner: row.try_get(0)? }, row.try_get(1)?, read))
}

impl Statement<'_> {
    fn sql(&self) -> &'static str {
        match self {
            Self::Keys(Group { owners, .. }) if owners.len() == 1 => sql::KEYS,
            Self::Keys(_) => sql::KEYS_OF_MANY,
            Self::Rows(_) => sql::ROWS,
            Self::List(List { by: By::Key, .. }) => sql::BY_KEY,
            Self::List(List { by: By::Place, .. }) => sql::BY_PLACE,
            Self::KeysAndList { together: true, .. } => sql::ROWS_AND_LIST,
            Self::KeysAndList { .. } => sql::KEYS_AND_LIST,
            Self::Scan { scan: Scan::Records { .. }, .. } => sql::RECORDS,
            Self::Scan { together: true, .. } => sql::USERS,
            Self::Scan { .. } => sql::USERS_OF_ALL,
        }
    }

    async fn run(&self, lease: &Lease, prepared: &tokio_postgres::Statement) -> Result<Vec<Row>, Fault> {
        Ok(match self {
            Self::Keys(Group { app, owners, keys }) => match owners.as_slice() {
                [owner] => lease.query(prepared, &[app, owner, keys]).await?,
                owners => lease.query(prepared, &[app, &owners, keys]).await?,
            },
            Self::Rows(Group { app, owners, keys }) => lease.query(prepared, &[app, owners, keys]).await?,
            Self::List(List { partition: Partition { app, owner }, from, to, limit, .. }) => {
                lease.query(prepared, &[app, owner, from, to, limit]).await?
            }
            Self::Scan { scan: Scan::Records { app, limit }, .. } => lease.query(prepared, &[app, limit]).await?,
            Self::Scan { scan: Scan::Users { app, after, limit }, .. } => {
                lease.query(prepared, &[app, after, limit]).await?
            }
            Self::KeysAndList { keys, list, .. } => {
                let List { partition: Partition { app, owner }, from, to, limit, .. } = list;
                lease.query(prepared, &[app, owner, keys, from, to, limit]).await?
            }
        })
    }
}
