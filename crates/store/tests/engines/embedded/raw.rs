//! The embedded engine's bytes, behind its back: its keys written down once more, and a way to alter them as damage would, or a later
//! version. A change of the format shows here.

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;

/// The format number's key.
pub const FORMAT: &[u8] = &[0x01];

const MARKER: &[u8] = b"\0commit";
const MAGIC_LEN: usize = 16;

fn of_app(kind: u8, app: u64) -> Vec<u8> {
    [&[kind][..], &app.to_be_bytes()].concat()
}

fn owned(owner: u8, app: u64, id: &str, kind: u8) -> Vec<u8> {
    [&of_app(owner, app)[..], &[u8::try_from(id.len()).unwrap()], id.as_bytes(), &[kind]].concat()
}

pub fn application(app: u64) -> Vec<u8> {
    of_app(0x02, app)
}

pub fn directory(app: u64) -> Vec<u8> {
    of_app(0x03, app)
}

pub fn head(app: u64, user: &str) -> Vec<u8> {
    owned(0x04, app, user, 0x00)
}

/// Where the conversation with a user stands.
pub fn place(app: u64, user: &str, other: &str) -> Vec<u8> {
    [&owned(0x04, app, user, 0x01)[..], &[1], other.as_bytes()].concat()
}

pub fn conversation(app: u64, user: &str, entered: u64) -> Vec<u8> {
    [&owned(0x04, app, user, 0x02)[..], &entered.to_be_bytes()].concat()
}

pub fn membership(app: u64, user: &str, chat_group: &str) -> Vec<u8> {
    [&owned(0x04, app, user, 0x04)[..], chat_group.as_bytes()].concat()
}

pub fn chat_group(app: u64, id: &str) -> Vec<u8> {
    owned(0x05, app, id, 0x00)
}

pub fn member(app: u64, chat_group: &str, user: &str) -> Vec<u8> {
    [&owned(0x05, app, chat_group, 0x01)[..], user.as_bytes()].concat()
}

/// A store that no engine has open.
pub struct Raw {
    database: Database,
    keyspace: Keyspace,
}

impl Raw {
    pub fn open(directory: &Path) -> Self {
        let database = Database::builder(directory.join("store")).open().unwrap();
        let keyspace = database.keyspace("cubby", KeyspaceCreateOptions::default).unwrap();
        Self { database, keyspace }
    }

    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.keyspace.get(key).unwrap().map(|value| value.to_vec())
    }

    /// Every key with its value, but the marker, which numbers the batches.
    pub fn content(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let pairs = self.keyspace.iter().map(|guard| guard.into_inner().unwrap());
        pairs.map(|(key, value)| (key.to_vec(), value.to_vec())).filter(|(key, _)| key != MARKER).collect()
    }

    /// Writes a batch as the engine does, so that nothing but the values is amiss.
    #[expect(clippy::disallowed_methods, reason = "stands in for damage, or for a later version")]
    pub fn write(&self, changes: &[(Vec<u8>, Option<Vec<u8>>)]) {
        let before = self.get(MARKER).unwrap();
        let (magic, rest) = before.split_at(MAGIC_LEN);
        let sequence = u64::from_le_bytes(rest[..8].try_into().unwrap()) + 1;
        let mut marker = [magic, &sequence.to_le_bytes(), &self.database.seqno().to_le_bytes()].concat();
        marker.extend(crc32fast::hash(&marker).to_le_bytes());
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        batch.insert(&self.keyspace, MARKER, marker);
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(&self.keyspace, key.as_slice(), value.as_slice()),
                None => batch.remove(&self.keyspace, key.as_slice()),
            }
        }
        batch.commit().unwrap();
    }
}
