//! `[bounds.server]`, `[bounds.store]` and `[bounds.postgres]`: how much the process holds and how long it waits. What each is for stands where it holds
//! (`cubby_server::Bounds`, `cubby_store::Bounds`, `cubby_store::postgres::Bounds`) and in the sample file; here is only what may be set.

use super::key::{Key, Takes, duration, duration_word, number};
use std::time::Duration;

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);
const MIB: u64 = 1 << 20;
/// More bytes than any machine has for this.
const BYTES_MAX: u64 = 1 << 40;

macro_rules! bounded {
    ($name:literal, $section:ident.$bounds:ident.$field:ident, $least:expr, $most:expr) => {
        Key {
            name: $name,
            env: None,
            takes: Takes::Number,
            secret: false,
            read: |config| Some(config.$section.$bounds.$field.to_string()),
            write: |config, text| {
                config.$section.$bounds.$field = number(text, $least, $most)?;
                Ok(())
            },
        }
    };
}

macro_rules! within {
    ($name:literal, $section:ident.$bounds:ident.$field:ident, $most:expr) => {
        Key {
            name: $name,
            env: None,
            takes: Takes::Text,
            secret: false,
            read: |config| Some(duration_word(config.$section.$bounds.$field)),
            write: |config, text| {
                config.$section.$bounds.$field = duration(text, MILLISECOND, $most)?;
                Ok(())
            },
        }
    };
}

pub(super) static KEYS: &[Key] = &[
    bounded!("bounds.server.connections", server.bounds.connections, 1, 1_000_000),
    within!("bounds.server.handshake_within", server.bounds.handshake_within, DAY),
    bounded!("bounds.server.streams", server.bounds.streams, 1, 10_000),
    within!("bounds.server.head_within", server.bounds.head_within, DAY),
    within!("bounds.server.body_within", server.bounds.body_within, DAY),
    // A request line has up to 16 KiB, with headers beside it; fewer than 8 KiB the HTTP library does not take at all.
    bounded!("bounds.server.head_bytes", server.bounds.head_bytes, 32 << 10, 16 * MIB),
    // The contract's bodies have up to 1 MiB; one more byte is read to tell.
    bounded!("bounds.server.body_bytes", server.bounds.body_bytes, MIB + 1, BYTES_MAX),
    bounded!("bounds.server.linger_bytes", server.bounds.linger_bytes, 0, BYTES_MAX),
    within!("bounds.server.linger_within", server.bounds.linger_within, DAY),
    within!("bounds.server.drain_within", server.bounds.drain_within, DAY),
    // What is changed elsewhere is to hold within 2 s.
    within!("bounds.server.registry_poll", server.bounds.registry_poll, Duration::from_secs(1)),
    bounded!("bounds.store.queue", store.bounds.queue, 1, 1_000_000),
    bounded!("bounds.store.batch_jobs", store.bounds.batch_jobs, 1, 1_000_000),
    bounded!("bounds.store.batch_bytes", store.bounds.batch_bytes, 1, 1 << 30),
    // Each reads on a thread of its own, and the runtime has 512 for them.
    bounded!("bounds.store.readers", store.bounds.readers, 1, 512),
    within!("bounds.store.deadline", store.bounds.deadline, Duration::from_secs(60)),
    bounded!("bounds.store.memtable_bytes", store.bounds.memtable_bytes, MIB, BYTES_MAX),
    bounded!("bounds.store.journal_bytes", store.bounds.journal_bytes, 64 * MIB, BYTES_MAX),
    bounded!("bounds.store.cache_bytes", store.bounds.cache_bytes, MIB, BYTES_MAX),
    bounded!("bounds.store.mirror_bytes", store.bounds.mirror_bytes, 0, BYTES_MAX),
    bounded!("bounds.postgres.connections", store.postgres.connections, 1, 10_000),
    bounded!("bounds.postgres.queue", store.postgres.queue, 1, 1_000_000),
    within!("bounds.postgres.deadline", store.postgres.deadline, Duration::from_secs(60)),
    bounded!("bounds.postgres.attempts", store.postgres.attempts, 1, 10_000),
    within!("bounds.postgres.opening", store.postgres.opening, DAY),
];
