//! The classic: updates as most would write them over the same table, a transaction that locks the user's row, reads, writes and commits,
//! each a round trip. HTTP, gate, rules, rows and JSON are the product's own. It serves what the benchmark asks and nothing else.
//!
//! It is written to be hard to beat: prepared statements, one statement for all that is read after the lock and one for all that is
//! written, no row but those of the request. It keeps no ids of requests, so that after a lost connection it could not tell what was done.

use crate::{Failure, serving};
use bytes::{BufMut, BytesMut};
use cubby_domain::state::Part;
use cubby_domain::{
    Application, Change, ChatGroup, ChatGroupId, Command, ContactGroupId, Context, Conversation, ConversationId,
    Conversations, Directory, Footprint, Head, Member, Pins, Query, Range, RecentContact, Records, UserId, View,
};
use cubby_store::{Answer, Health, Store, StoreError};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Transaction};
use names::{Key, Partition};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use tokio_postgres::NoTls;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use values::Value;

/// The engine's own names of rows.
#[path = "../../../crates/store/src/postgres/names.rs"]
#[expect(dead_code, reason = "the classic has no use for all of the engine's rows")]
mod names;
/// The engine's own JSON.
#[path = "../../../crates/store/src/postgres/values.rs"]
mod values;

/// The flags of the hidden command that serves it.
#[derive(Debug, clap::Args)]
pub(crate) struct ClassicFlags {
    /// The database, with the tables that the server under test made.
    #[arg(long)]
    database: String,
    /// Connections to the database.
    #[arg(long)]
    connections: usize,
    /// Where the port is written.
    #[arg(long)]
    port_file: PathBuf,
}

impl ClassicFlags {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.database.parse()?, NoTls, recycling);
        let pool = Pool::builder(manager).max_size(self.connections).runtime(Runtime::Tokio1).build()?;
        serving::serve(Classic { pool, application: serving::application() }, &self.port_file)
    }
}

/// How a request fails here. Nothing is tried again: one failure ends the run.
type Fault = Box<dyn std::error::Error + Send + Sync>;

struct Classic {
    pool: Pool,
    application: Application,
}

const LOCK: &str =
    "SELECT version, value FROM cubby_records WHERE app = $1 AND owner = $2 AND key = '\\x'::bytea FOR UPDATE";
const RECORDS: &str = "SELECT owner, key, value FROM cubby_records \
    WHERE app = $1 AND owner = $2 AND key = ANY($3) AND value IS NOT NULL";
const HEADS: &str = "SELECT owner, key, value FROM cubby_records \
    WHERE app = $1 AND owner = ANY($2) AND key = '\\x'::bytea AND value IS NOT NULL";
const RECORDS_AND_HEADS: &str = "SELECT owner, key, value FROM cubby_records \
    WHERE app = $1 AND owner = $2 AND key = ANY($3) AND value IS NOT NULL \
    UNION ALL SELECT owner, key, value FROM cubby_records \
    WHERE app = $1 AND owner = ANY($4) AND key = '\\x'::bytea AND value IS NOT NULL";
const PAGE: &str = "SELECT owner, key, value FROM cubby_records \
    WHERE app = $1 AND owner = $2 AND place >= $3 AND place < $4 ORDER BY place LIMIT $5";

/// A record's JSON on its way to or from the database.
#[derive(Debug)]
struct Json(Vec<u8>);

impl<'a> FromSql<'a> for Json {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}

impl ToSql for Json {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }

    to_sql_checked!();
}

fn value<V: Value>(json: &Json) -> Result<V, Fault> {
    V::read(&json.0).ok_or_else(|| format!("{} cannot be read", V::NAME).into())
}

impl Classic {
    async fn update<C: Command>(
        &self,
        command: &C,
        context: &Context,
    ) -> Result<Result<C::Reply, cubby_domain::Refusal>, Fault> {
        let footprint = command.footprint();
        let [user] = footprint.users.as_slice() else { return Err("it updates the data of one user".into()) };
        let own = Partition::user(context.app, user);
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        let statement = transaction.prepare_cached(LOCK).await?;
        let head = transaction.query_one(&statement, &[&own.app, &own.owner]).await?;
        let version: i64 = head.try_get(0)?;
        let mut found = Found { application: &self.application, heads: BTreeMap::new(), conversations: Vec::new() };
        found.heads.insert(own.owner.clone(), value(&head.try_get(1)?)?);
        found.read_records(&transaction, &own, &footprint, context).await?;
        let outcome = match command.apply(&View::read(&footprint, &found)?, context) {
            Ok(outcome) if !outcome.changes.is_empty() => outcome,
            other => {
                transaction.rollback().await?;
                return Ok(other.map(|outcome| outcome.reply));
            }
        };
        Written::of(outcome.changes)?.write(&transaction, &own, version + 1).await?;
        transaction.commit().await?;
        Ok(Ok(outcome.reply))
    }

    async fn read<Q: Query>(&self, query: &Q, context: &Context) -> Result<View, Fault> {
        let footprint = query.footprint();
        let mut found = Found { application: &self.application, heads: BTreeMap::new(), conversations: Vec::new() };
        if !footprint.users.is_empty() || !footprint.accounts.is_empty() {
            let client = self.pool.get().await?;
            let users = footprint.users.iter().chain(&footprint.accounts);
            let owners: Vec<Vec<u8>> = users.map(|user| Partition::user(context.app, user).owner).collect();
            let statement = client.prepare_cached(HEADS).await?;
            found.keep(client.query(&statement, &[&names::number(context.app.0), &owners]).await?)?;
            if let [Range::ConversationPage { user, after, limit }] = footprint.ranges.as_slice() {
                let own = Partition::user(context.app, user);
                let (from, to) = (names::entered(after.saturating_add(1)), vec![names::CONVERSATION + 1]);
                let limit = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
                let statement = client.prepare_cached(PAGE).await?;
                found.keep(client.query(&statement, &[&own.app, &own.owner, &from, &to, &limit]).await?)?;
            }
        }
        View::read(&footprint, &found)
    }
}

impl Store for Classic {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        self.update(&command, &context).await.map_err(|fault| StoreError::Unavailable(fault.to_string()))
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        match self.read(&query, &context).await {
            Ok(view) => Ok(query.answer(&view, &context)),
            Err(fault) => Err(StoreError::Unavailable(fault.to_string())),
        }
    }

    fn health(&self) -> Health {
        Health::Serving
    }

    async fn failed(&self) {
        std::future::pending::<()>().await;
    }
}

/// What an update writes of one user.
#[derive(Default)]
struct Written {
    /// With their places.
    rows: Vec<(Key, Option<Vec<u8>>, Json)>,
    removed: Vec<Key>,
}

impl Written {
    fn of(changes: Vec<Change>) -> Result<Self, Fault> {
        let mut written = Self::default();
        for change in changes {
            match change {
                Change::Head(_, head) => written.rows.push((names::HEAD, None, Json(head.write()))),
                Change::Conversation { id, after: Some(after), .. } => {
                    let place = Some(names::entered(after.entered));
                    written.rows.push((names::conversation(&id), place, Json(after.write())));
                }
                Change::Conversation { id, after: None, .. } => written.removed.push(names::conversation(&id)),
                _ => return Err("it writes heads and conversations".into()),
            }
        }
        Ok(written)
    }

    /// One statement.
    async fn write(&self, transaction: &Transaction<'_>, own: &Partition, version: i64) -> Result<(), Fault> {
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&own.app, &own.owner, &version];
        let mut sql = String::new();
        if !self.removed.is_empty() {
            parameters.push(&self.removed);
            sql += "WITH removed AS (DELETE FROM cubby_records WHERE app = $1 AND owner = $2 AND key = ANY($4)) ";
        }
        sql += "INSERT INTO cubby_records (app, owner, version, key, place, value) VALUES ";
        for (n, (key, place, json)) in self.rows.iter().enumerate() {
            let (comma, first) = (if n == 0 { "" } else { "," }, parameters.len() + 1);
            write!(sql, "{comma}($1,$2,$3,${first},${},${})", first + 1, first + 2)?;
            parameters.extend([key as &(dyn ToSql + Sync), place, json]);
        }
        sql += " ON CONFLICT (app, owner, key) DO UPDATE \
            SET version = EXCLUDED.version, place = EXCLUDED.place, value = EXCLUDED.value";
        let statement = transaction.prepare_cached(&sql).await?;
        transaction.execute(&statement, &parameters).await?;
        Ok(())
    }
}

/// What was read.
struct Found<'a> {
    application: &'a Application,
    /// By their owners.
    heads: BTreeMap<Vec<u8>, Head>,
    conversations: Conversations,
}

impl Found<'_> {
    async fn read_records(
        &mut self,
        transaction: &Transaction<'_>,
        own: &Partition,
        footprint: &Footprint,
        context: &Context,
    ) -> Result<(), Fault> {
        let keys: Vec<Key> = footprint.conversations.iter().map(|(_, id)| names::conversation(id)).collect();
        let owner = |user| Partition::user(context.app, user).owner;
        let others: Vec<Vec<u8>> = footprint.accounts.iter().map(owner).collect();
        let rows = if others.is_empty() {
            let statement = transaction.prepare_cached(RECORDS).await?;
            transaction.query(&statement, &[&own.app, &own.owner, &keys]).await?
        } else {
            let statement = transaction.prepare_cached(RECORDS_AND_HEADS).await?;
            transaction.query(&statement, &[&own.app, &own.owner, &keys, &others]).await?
        };
        self.keep(rows)
    }

    fn keep(&mut self, rows: Vec<tokio_postgres::Row>) -> Result<(), Fault> {
        for row in rows {
            let (key, json): (Key, Json) = (row.try_get(1)?, row.try_get(2)?);
            if key == names::HEAD {
                self.heads.insert(row.try_get(0)?, value(&json)?);
            } else {
                let id = names::text(&key).and_then(names::conversation_of).ok_or("a conversation's id")?;
                self.conversations.push((id, value(&json)?));
            }
        }
        Ok(())
    }
}

/// What no request of the benchmark reads.
fn none<T>() -> Result<T, Fault> {
    Err("it reads heads and conversations".into())
}

impl Records for Found<'_> {
    type Error = Fault;

    fn head(&self, user: &UserId) -> Result<Option<Head>, Fault> {
        Ok(self.heads.get(&Partition::user(self.application.id, user).owner).cloned())
    }

    fn conversation(&self, _: &UserId, id: &ConversationId) -> Result<Option<Conversation>, Fault> {
        Ok(self.conversations.iter().find(|(one, _)| one == id).map(|(_, found)| found.clone()))
    }

    fn conversations(&self, _: &UserId, _: u64, _: u64) -> Result<Conversations, Fault> {
        Ok(self.conversations.clone())
    }

    fn in_contact_group(&self, _: &UserId, _: ContactGroupId) -> Result<Conversations, Fault> {
        none()
    }

    fn recent_contact(&self, _: &UserId, _: &ConversationId) -> Result<Option<RecentContact>, Fault> {
        none()
    }

    fn recent_contacts(&self, _: &UserId, _: u64) -> Result<Vec<(ConversationId, RecentContact)>, Fault> {
        none()
    }

    fn pins(&self, _: &UserId) -> Result<Option<Pins>, Fault> {
        none()
    }

    fn chat_group(&self, _: &ChatGroupId) -> Result<Option<ChatGroup>, Fault> {
        none()
    }

    fn chat_groups(&self, _: u64, _: u64) -> Result<Vec<(ChatGroupId, ChatGroup)>, Fault> {
        none()
    }

    fn member(&self, _: &ChatGroupId, _: &UserId) -> Result<Option<Member>, Fault> {
        none()
    }

    fn members_of(&self, _: &ChatGroupId, _: u64) -> Result<Vec<(UserId, Member)>, Fault> {
        none()
    }

    fn memberships_of(&self, _: &UserId) -> Result<Vec<(ChatGroupId, Member)>, Fault> {
        none()
    }

    fn directory(&self) -> Result<Directory, Fault> {
        none()
    }

    fn application(&self) -> Result<Option<Application>, Fault> {
        Ok(Some(self.application.clone()))
    }

    fn applications(&self) -> Result<Vec<Application>, Fault> {
        Ok(vec![self.application.clone()])
    }

    fn users(&self, _: Option<&UserId>, _: u64) -> Result<Vec<(UserId, Option<Head>)>, Fault> {
        Ok(Vec::new())
    }

    fn everything(&self, _: u64) -> Result<Part, Fault> {
        Ok(Part::default())
    }
}
