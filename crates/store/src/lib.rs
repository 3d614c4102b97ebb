//! Keeping the data: the [`Store`] trait and the engines behind it, and moving from one to another. A store takes a decision in and lets no transaction out; it knows
//! records and changes, and neither rules nor wire formats.

pub mod copy;
mod embedded;
mod error;
pub mod figures;
mod memory;
mod pipeline;
pub mod postgres;

pub use embedded::{Bounds, Embedded, FORMAT};
pub use error::{Health, StoreError};
pub use memory::Memory;
pub use postgres::Postgres;

use cubby_domain::{Command, Context, Query, Refusal, SdkAppId};
use figures::Figures;
use std::future::ready;

/// What the rules said, where the machine did not fail: the outer `Result` is the machine's, the inner one the rules', so that `?` can
/// never turn a business answer into an internal error.
pub type Answer<R> = Result<Result<R, Refusal>, StoreError>;

/// Where the data is kept.
pub trait Store: Send + Sync + 'static {
    /// Reads the command's footprint, applies it and keeps its changes; answers once they are durable. All of one command is kept, or
    /// nothing of it.
    fn execute<C: Command>(&self, command: C, context: Context) -> impl Future<Output = Answer<C::Reply>> + Send;

    /// Answers from one durable instant, and never waits for a writer.
    fn query<Q: Query>(&self, query: Q, context: Context) -> impl Future<Output = Answer<Q::Reply>> + Send;

    /// How the store is.
    fn health(&self) -> Health;

    /// What it tells of its work. Cheap, and waits for nothing: it may be asked at any time.
    fn figures(&self) -> Figures {
        Figures::default()
    }

    /// Waits until the store has failed for good; a healthy one never answers.
    fn failed(&self) -> impl Future<Output = ()> + Send;

    /// A number that is another one whenever the record of an application was changed, by whatever process; cheap to ask for, since every
    /// server asks again and again. None, the default, where no other process can write this store: then nobody asks again.
    fn registry_version(&self) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send {
        ready(Ok(None))
    }

    /// Takes one call of an application out of a bucket that all servers over this store share, as deep as its rate; false where it is
    /// empty. A bucket is there once it is named; the rate is at least 1. Only a store with a [registry version](Self::registry_version) is
    /// asked: where there is one process, its own buckets are exact, and the default takes every call.
    #[expect(unused_variables, reason = "the default has no buckets, and the names are for who implements it")]
    fn take_call(
        &self,
        app: SdkAppId,
        bucket: &str,
        per_second: u32,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        ready(Ok(true))
    }
}

/// One of the engines, chosen at start.
#[derive(Debug)]
pub enum Engine {
    /// In memory: gone when the process ends.
    Memory(Memory),
    /// In a directory of this machine.
    Embedded(Embedded),
    /// In a PostgreSQL database, with any number of servers over it.
    Postgres(Postgres),
}

impl Engine {
    /// Writes out what is in hand and lets go of the directory.
    ///
    /// # Errors
    /// Where the last writes failed.
    pub async fn close(self) -> Result<(), StoreError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Embedded(engine) => engine.close().await,
            Self::Postgres(engine) => {
                engine.close();
                Ok(())
            }
        }
    }
}

impl Store for Engine {
    async fn execute<C: Command>(&self, command: C, context: Context) -> Answer<C::Reply> {
        match self {
            Self::Memory(engine) => engine.execute(command, context).await,
            Self::Embedded(engine) => engine.execute(command, context).await,
            Self::Postgres(engine) => engine.execute(command, context).await,
        }
    }

    async fn query<Q: Query>(&self, query: Q, context: Context) -> Answer<Q::Reply> {
        match self {
            Self::Memory(engine) => engine.query(query, context).await,
            Self::Embedded(engine) => engine.query(query, context).await,
            Self::Postgres(engine) => engine.query(query, context).await,
        }
    }

    fn health(&self) -> Health {
        match self {
            Self::Memory(engine) => engine.health(),
            Self::Embedded(engine) => engine.health(),
            Self::Postgres(engine) => engine.health(),
        }
    }

    fn figures(&self) -> Figures {
        match self {
            Self::Memory(engine) => engine.figures(),
            Self::Embedded(engine) => engine.figures(),
            Self::Postgres(engine) => engine.figures(),
        }
    }

    async fn failed(&self) {
        match self {
            Self::Memory(engine) => engine.failed().await,
            Self::Embedded(engine) => engine.failed().await,
            Self::Postgres(engine) => engine.failed().await,
        }
    }

    async fn registry_version(&self) -> Result<Option<u64>, StoreError> {
        match self {
            Self::Memory(engine) => engine.registry_version().await,
            Self::Embedded(engine) => engine.registry_version().await,
            Self::Postgres(engine) => engine.registry_version().await,
        }
    }

    async fn take_call(&self, app: SdkAppId, bucket: &str, per_second: u32) -> Result<bool, StoreError> {
        match self {
            Self::Memory(engine) => engine.take_call(app, bucket, per_second).await,
            Self::Embedded(engine) => engine.take_call(app, bucket, per_second).await,
            Self::Postgres(engine) => engine.take_call(app, bucket, per_second).await,
        }
    }
}
