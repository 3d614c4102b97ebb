//! What a write costs does not grow with what else the user has. Bytes in the journal are counted, and no time is taken.

use super::Directory;
use crate::support::{create, crowd, done, everybody_exists, later, moves, star, user, with};
use cubby_domain::commands::{Move, UpdateContactGroup};
use cubby_domain::{Command, Context};
use std::path::Path;

/// How many bytes of the journals are used: what follows the last byte that is not zero was only allocated.
fn journal_bytes(directory: &Path) -> usize {
    const CHUNK: usize = 1 << 12;
    let mut used = 0;
    for entry in std::fs::read_dir(directory.join("store")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            let bytes = std::fs::read(path).unwrap();
            let zeroes = [0; CHUNK];
            let last = bytes.chunks(CHUNK).rposition(|chunk| *chunk != zeroes[..chunk.len()]);
            let within = |n: usize| bytes.chunks(CHUNK).nth(n).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
            used += last.map_or(0, |n| n * CHUNK + within(n) + 1);
        }
    }
    used
}

/// What one more update, mark and rename write for a user with so many conversations.
async fn written(conversations: usize) -> [usize; 4] {
    let context = everybody_exists(|limits| limits.conversations = 20_000);
    let directory = Directory::new();
    let store = directory.open().await;
    done(&store, &context, create("a", "x", crowd(conversations))).await;
    done(&store, &context, create("a", "y", Vec::new())).await;
    let context: Context = later(&context, 1);
    let before = journal_bytes(directory.path());
    done(&store, &context, moves("a", "y", vec![Move::Add(with("p7"))])).await;
    let updated = journal_bytes(directory.path());
    done(&store, &context, star("a", &[with("p7")])).await;
    let marked = journal_bytes(directory.path());
    let rename = UpdateContactGroup::Rename { user: user("a"), from: "x".into(), to: crate::support::name("z") };
    done(&store, &context, rename).await;
    let renamed = journal_bytes(directory.path());
    done(&store, &context, create("a", "z", vec![with("new")])).await;
    let entered = journal_bytes(directory.path());
    [updated - before, marked - updated, renamed - marked, entered - renamed]
}

/// Given a user with 200 conversations and one with 10 000, when each changes one, then both changes write as many bytes. (Numbers are
/// written in as many bytes as they need: 200 and 10 000 both need two.)
#[tokio::test]
async fn a_write_costs_the_same_however_many_conversations_the_user_has() {
    let (few, many) = (written(200).await, written(10_000).await);
    assert_eq!(few, many);
    assert!(few.iter().all(|bytes| (1..1000).contains(bytes)), "{few:?}");
}

/// Given the commands that name their conversations, when they say what they read, then it is these and no range.
#[test]
fn a_command_that_names_its_conversations_reads_no_others() {
    for footprint in [
        create("a", "x", crowd(3)).footprint(),
        moves("a", "x", crowd(3).into_iter().map(Move::Add).collect()).footprint(),
        star("a", &crowd(3)).footprint(),
    ] {
        assert_eq!((footprint.users.len(), footprint.conversations.len(), footprint.ranges.len()), (1, 3, 0));
        assert!(footprint.accounts.len() <= 3, "{footprint:?}");
    }
}
