//! Moving a store to another engine: everything arrives, nothing that was acknowledged is lost, a copy that was broken off goes on, and
//! what must not be overwritten or served is refused.

use crate::embedded::Directory;
use crate::postgres::{Database, bounds};
use crate::suite::reopening::{fill, look};
use crate::support::{
    asked, conversations, create, create_chat_group, done, here, import, later, name, soon, star, user, with,
    within_group,
};
use cubby_domain::commands::{
    ApplicationChange, ChangeApplication, CreateContactGroup, DeleteApplication, DestroyChatGroup,
};
use cubby_domain::queries::CheckAccounts;
use cubby_domain::{Context, ConversationId, SdkAppId};
use cubby_store::copy::{Content, CopyError, Copyable, Differences, Options, Progress, Report, UnitId, compare, run};
use cubby_store::{Embedded, Postgres, Store, StoreError};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

async fn try_move<S: Copyable, D: Copyable>(from: &S, to: &D) -> Result<Report, CopyError> {
    let (progress, _) = watch::channel(Progress::default());
    soon(Box::pin(run(from, to, &Options::default(), &progress, pending()))).await
}

/// Moves a store; the two are the same then.
pub async fn moved<S: Copyable, D: Copyable>(from: &S, to: &D) -> Report {
    let report = try_move(from, to).await.unwrap();
    let found = compare(from, to).await.unwrap();
    assert!(found.none(), "{found:?}");
    assert_eq!((found.counts, found.checksums.0), (report.counts, report.checksum));
    report
}

fn another_application() -> Context {
    Context { app: SdkAppId(u64::MAX), ..here() }
}

/// Something of everything, in two applications, of which one has the greatest number there is.
async fn fill_two(store: &impl Store) {
    fill(store).await;
    let context = another_application();
    done(store, &context, import(&["a", "z"])).await;
    done(store, &context, create("a", "x", vec![with("z")])).await;
    done(store, &context, create_chat_group("g", Some("z"), &["a"])).await;
}

/// Given more users than are listed at once, of two applications, when they are moved there and back, then each arrives once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_users_than_are_listed_at_once_arrive() {
    const USERS: usize = 2500;
    let (first, database, last) = (Directory::new(), Database::new(), Directory::new());
    let source = first.open().await;
    let ids: Vec<String> = (0..USERS).map(|n| format!("{:x}", n * n)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for context in [here(), another_application()] {
        done(&source, &context, import(&ids)).await;
    }
    let middle = Postgres::open_to_copy(&database.url, &bounds()).await.unwrap();
    let there = moved(&source, &middle).await;
    assert_eq!((there.counts.users, there.copied), (2 * USERS as u64, 2 * USERS as u64));
    let back = moved(&middle, &last.open().await).await;
    assert_eq!((back.counts, back.checksum), (there.counts, there.checksum));
}

/// Given a store whose applications were deleted, all or one of them, when it is moved there and back, then what is left arrives and nothing
/// of the others but that their users were there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_with_deleted_applications_is_moved() {
    let create = || ChangeApplication { changes: vec![ApplicationChange::Create("k".into())] };
    for kept in [false, true] {
        let (first, database, last) = (Directory::new(), Database::new(), Directory::new());
        let source = first.open().await;
        fill_two(&source).await;
        done(&source, &another_application(), create()).await.unwrap();
        done(&source, &here(), DeleteApplication { records: 1000 }).await.unwrap();
        if !kept {
            done(&source, &another_application(), DeleteApplication { records: 1000 }).await.unwrap();
        }
        let middle = Postgres::open_to_copy(&database.url, &bounds()).await.unwrap();
        let there = moved(&source, &middle).await;
        // The applications together, and the directory of the one that is left.
        let left = if kept { (1, 2) } else { (0, 0) };
        assert_eq!((there.counts.chat_groups, there.counts.others), left);
        // What is served from there is deleted once more, and moved back.
        let served = database.open().await;
        done(&served, &here(), create()).await.unwrap();
        done(&served, &here(), import(&["a", "b"])).await;
        done(&served, &here(), create_chat_group("g", Some("a"), &["b"])).await;
        done(&served, &here(), DeleteApplication { records: 1000 }).await.unwrap();
        let back = moved(&middle, &last.open().await).await;
        assert_eq!((back.counts.chat_groups, back.counts.others), left);
    }
}

/// A store that goes wrong, as a destination or as a source.
struct Broken<'a, D> {
    inner: &'a D,
    /// Units that can still be written.
    units_left: AtomicU64,
    /// Whether what is written is cut short: of a user the last conversation is dropped.
    forgets: bool,
    /// Whether a unit has one stamp for ever.
    lies: bool,
    /// What is written to in the last moment before it stops.
    written_to: Option<&'a Embedded>,
}

impl<'a, D> Broken<'a, D> {
    fn after(units: u64, inner: &'a D) -> Self {
        Self { inner, units_left: AtomicU64::new(units), forgets: false, lies: false, written_to: None }
    }
}

impl<D: Copyable> Copyable for Broken<'_, D> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn stamps(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<(UnitId, u64)>, StoreError> {
        let stamps = self.inner.stamps(after, limit).await?;
        Ok(stamps.into_iter().map(|(id, stamp)| (id, if self.lies { 0 } else { stamp })).collect())
    }

    async fn ids(&self, after: Option<&UnitId>, limit: usize) -> Result<Vec<UnitId>, StoreError> {
        self.inner.ids(after, limit).await
    }

    async fn present(&self, ids: &[UnitId]) -> Result<Vec<bool>, StoreError> {
        self.inner.present(ids).await
    }

    async fn units(&self, ids: &[UnitId]) -> Result<Vec<Option<Content>>, StoreError> {
        self.inner.units(ids).await
    }

    async fn put(&self, units: Vec<(UnitId, Option<Content>)>) -> Result<(), StoreError> {
        for (id, mut content) in units {
            let left = |left: u64| left.checked_sub(1);
            if self.units_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_err() {
                return Err(StoreError::Unavailable("it is full".to_owned()));
            }
            if let Some(Content::User(user)) = content.as_mut().filter(|_| self.forgets) {
                user.conversations.pop();
            }
            self.inner.put(vec![(id, content)]).await?;
        }
        Ok(())
    }

    async fn mark(&self) -> Result<Option<String>, StoreError> {
        self.inner.mark().await
    }

    async fn set_mark(&self, from: Option<&str>) -> Result<(), StoreError> {
        self.inner.set_mark(from).await
    }

    async fn is_stopped(&self) -> Result<bool, StoreError> {
        self.inner.is_stopped().await
    }

    async fn stop(&self) -> Result<(), StoreError> {
        if let Some(store) = self.written_to {
            done(store, &here(), star("ab", &[with("a\0")])).await;
        }
        self.inner.stop().await
    }

    async fn resume(&self) -> Result<(), StoreError> {
        self.inner.resume().await
    }

    async fn move_away(&self, to: &str) -> Result<(), StoreError> {
        self.inner.move_away(to).await
    }
}

/// Given something of everything, when it is moved to PostgreSQL and from there to a directory, then all that can be seen is the same
/// each time, and so are the checksums.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_on_the_way_there_and_on_the_way_back() {
    let (first, database, last) = (Directory::new(), Database::new(), Directory::new());
    let source = first.open().await;
    fill_two(&source).await;
    let (before, others) = (look(&source).await, conversations(&source, &another_application(), "a").await);

    let middle = Postgres::open_to_copy(&database.url, &bounds()).await.unwrap();
    let there = moved(&source, &middle).await;
    assert_eq!((there.counts.users, there.counts.chat_groups, there.counts.others), (7, 3, 3));
    middle.close();
    let middle = database.open().await;
    assert_eq!(look(&middle).await, before);

    let destination = last.open().await;
    let back = moved(&middle, &destination).await;
    assert_eq!((back.counts, back.checksum), (there.counts, there.checksum));
    assert_eq!(look(&destination).await, before);
    assert_eq!(conversations(&destination, &another_application(), "a").await, others);
}

/// Given a directory and a directory, a database and a database, when one is moved to the other, then everything arrives too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_moves_to_another_of_its_kind() {
    let (from, to) = (Directory::new(), Directory::new());
    let (source, destination) = (from.open().await, to.open().await);
    fill_two(&source).await;
    moved(&source, &destination).await;
    assert_eq!(look(&destination).await, look(&source).await);

    let (from, to) = (Database::new(), Database::new());
    let (source, destination) = (from.open().await, Postgres::open_to_copy(&to.url, &bounds()).await.unwrap());
    fill_two(&source).await;
    let before = look(&source).await;
    moved(&source, &destination).await;
    assert_eq!(look(&destination).await, before);
}

/// Given a destination that fails after so many units, when the copy is begun again, then it goes on where it was: what was there is not
/// copied once more, and what was removed from the source meanwhile is gone. Before its end no server opens the destination, and the
/// source takes writes.
async fn interrupted<S, D>(source: &S, destination: &D, open: impl AsyncFn() -> Result<(), StoreError>)
where
    S: Copyable + Store,
    D: Copyable,
{
    fill_two(source).await;
    let all = compare(source, destination).await.unwrap().counts.units();
    let failing = Broken::after(8, destination);
    let error = try_move(source, &failing).await.unwrap_err();
    assert!(matches!(error, CopyError::Destination(StoreError::Unavailable(_))), "{error}");
    assert_eq!(destination.mark().await.unwrap(), Some(source.name()));
    let refused = open().await.unwrap_err().to_string();
    assert!(refused.contains("has not come to its end"), "{refused}");

    done(source, &here(), DestroyChatGroup { id: crate::support::chat_group("g") }).await;
    done(source, &here(), import(&["new"])).await;
    let report = moved(source, destination).await;
    // Those that were there, but the users whom the chat group's end changed.
    assert!(report.copied < all + 6, "{report:?}, of {all}");
    assert_eq!(destination.mark().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_to_a_database_that_was_broken_off_goes_on_where_it_was() {
    let (from, to) = (Directory::new(), Database::new());
    let destination = Postgres::open_to_copy(&to.url, &bounds()).await.unwrap();
    let open = async || Postgres::open(&to.url, &bounds()).await.map(drop);
    Box::pin(interrupted(&from.open().await, &destination, open)).await;
    open().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_to_a_directory_that_was_broken_off_goes_on_where_it_was() {
    let (from, to) = (Database::new(), Directory::new());
    let (source, destination) = (from.open().await, to.open().await);
    let copying = to.path().join("COPYING");
    // The directory is open here: whether a server would open it is told by the file.
    let open = async || match std::fs::read_to_string(&copying) {
        Ok(_) => Err(StoreError::Opening("the copy has not come to its end".to_owned())),
        Err(_) => Ok(()),
    };
    Box::pin(interrupted(&source, &destination, open)).await;
    destination.close().await.unwrap();
    drop(Embedded::open(to.path(), &crate::embedded::bounds()).unwrap());
}

/// Given a move that fails in its last moment, or is cancelled there, when it has failed, then the source takes writes as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_fails_leaves_the_source_as_it_was() {
    let (from, to, back) = (Directory::new(), Database::new(), Directory::new());
    let source = from.open().await;
    fill(&source).await;
    let destination = Postgres::open_to_copy(&to.url, &bounds()).await.unwrap();
    let (progress, mut heard) = watch::channel(Progress::default());
    let stopped = async move {
        heard.wait_for(|progress| progress.stage == cubby_store::copy::Stage::Stopped).await.unwrap();
    };
    let error = soon(Box::pin(run(&source, &destination, &Options::default(), &progress, stopped))).await.unwrap_err();
    assert!(matches!(error, CopyError::Interrupted), "{error}");
    done(&source, &here(), import(&["later"])).await;
    moved(&source, &destination).await;
    destination.close();

    let (source, destination) = (to.open().await, back.open().await);
    let failing = Broken { forgets: true, ..Broken::after(u64::MAX, &destination) };
    assert!(matches!(try_move(&source, &failing).await, Err(CopyError::NotKept(_))), "negative control");
    done(&source, &here(), import(&["later still"])).await;
    moved(&source, &destination).await;
}

/// Given a change in the last moment before the stop, when the store is moved, then the change arrives; over stamps that do not tell of
/// it, it would be lost, and the comparison would find that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_in_the_last_moment_arrives() {
    for lies in [false, true] {
        let (from, to) = (Directory::new(), Directory::new());
        let (source, destination) = (from.open().await, to.open().await);
        fill(&source).await;
        let watched = Broken { lies, written_to: Some(&source), ..Broken::after(0, &source) };
        try_move(&watched, &destination).await.unwrap();
        assert!(conversations(&source, &here(), "ab").await.contains(&with("a\0")));
        let found = compare(&source, &destination).await.unwrap();
        let lost = if lies { vec![UnitId::User(here().app, user("ab"))] } else { Vec::new() };
        assert_eq!((found.none(), found.differing), (!lies, lost), "negative control: {lies}");
    }
}

/// Imports accounts and sorts conversations until the store refuses; what was acknowledged.
async fn write_until_refused(store: Arc<impl Store>, writer: usize) -> Vec<(String, ConversationId)> {
    let context = later(&here(), 60);
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let of = format!("w{writer}-{}", n % 7);
        let item = if n % 3 == 0 { within_group("i") } else { with("b") };
        if n < 7 {
            done(&*store, &context, import(&[&of])).await;
        }
        let command =
            CreateContactGroup { user: user(&of), name: name(&format!("g{n}")), items: vec![Ok(item.clone())] };
        match store.execute(command, context.clone()).await {
            Ok(done) => {
                // A user has at most so many contact groups: then the rest are refused by the rules.
                if done.is_ok() {
                    acknowledged.push((of, item));
                }
            }
            Err(StoreError::Moved) => return acknowledged,
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!()
}

async fn under_load<S: Copyable + Store, D: Copyable + Store>(source: S, destination: &D) {
    fill(&source).await;
    let source = Arc::new(source);
    let writers: Vec<_> = (0..4).map(|n| tokio::spawn(write_until_refused(Arc::clone(&source), n))).collect();
    moved(&*source, destination).await;
    let mut all = 0;
    for writer in writers {
        for (of, item) in soon(writer).await.unwrap() {
            assert!(conversations(destination, &here(), &of).await.contains(&item), "{of} {item:?}");
            all += 1;
        }
    }
    assert!(all > 0, "nothing was written meanwhile");
    // Reads go on.
    let check = CheckAccounts { items: vec![Ok(user("a"))] };
    assert_eq!(asked(&*source, &here(), check).await, [Ok(true)]);
    let refused = source.execute(import(&["too late"]), here()).await;
    assert!(matches!(refused, Err(StoreError::Moved)), "{refused:?}");
}

/// Given writers, when the store is moved under them, then each is refused from one moment on, and all that was acknowledged arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_directory_is_moved_arrives_or_is_refused() {
    let (from, to) = (Directory::new(), Database::new());
    let destination = Postgres::open_to_copy(&to.url, &bounds()).await.unwrap();
    Box::pin(under_load(from.open().await, &destination)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_database_is_moved_arrives_or_is_refused() {
    let (from, to) = (Database::new(), Directory::new());
    Box::pin(under_load(from.open().await, &to.open().await)).await;
}

/// Given a destination with data of its own, or with half of another copy, when a copy begins, then it is refused and nothing changes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_that_is_not_ours_is_refused() {
    let (from, to, other) = (Directory::new(), Database::new(), Directory::new());
    let (source, destination, other) = (from.open().await, to.open().await, other.open().await);
    fill(&source).await;
    done(&destination, &here(), import(&["somebody"])).await;
    assert!(matches!(try_move(&source, &destination).await, Err(CopyError::NotEmpty(_))));
    assert_eq!(destination.ids(None, 9).await.unwrap(), [UnitId::User(here().app, user("somebody"))]);

    other.set_mark(Some("elsewhere")).await.unwrap();
    let refused = try_move(&source, &other).await;
    assert!(matches!(&refused, Err(CopyError::AnotherCopy { from, .. }) if from == "elsewhere"), "{refused:?}");
    assert!(matches!(try_move(&source, &source).await, Err(CopyError::Same(_))));
    done(&source, &here(), import(&["still"])).await;
}

/// Given a store that was moved, when a server opens it or it is to be moved again, then that is refused, until the move is undone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_moved_is_served_no_more_until_that_is_undone() {
    let (from, to, last) = (Directory::new(), Database::new(), Directory::new());
    let source = from.open().await;
    fill(&source).await;
    let middle = Postgres::open_to_copy(&to.url, &bounds()).await.unwrap();
    moved(&source, &middle).await;
    let another = last.open().await;
    assert!(matches!(try_move(&source, &another).await, Err(CopyError::MovedBefore(_))));
    source.close().await.unwrap();
    let refused = Embedded::open(from.path(), &crate::embedded::bounds()).unwrap_err().to_string();
    assert!(refused.contains(&middle.name()) && refused.contains("MOVED"), "{refused}");
    assert!(!refused.contains("postgres@"), "no user and no password: {refused}");

    moved(&middle, &another).await;
    assert!(matches!(Postgres::open(&to.url, &bounds()).await, Err(StoreError::Moved)));
    assert!(middle.undo_move().await.unwrap());
    done(&to.open().await, &here(), import(&["again"])).await;
    assert!(Embedded::undo_move(from.path()).unwrap());
    done(&from.open().await, &here(), import(&["again"])).await;
}

/// Given two stores that are the same, when one record of one of them is changed behind the copy's back, then the comparison finds the
/// unit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_finds_what_was_changed() {
    let (from, to) = (Directory::new(), Database::new());
    let source = from.open().await;
    fill(&source).await;
    let destination = Postgres::open_to_copy(&to.url, &bounds()).await.unwrap();
    moved(&source, &destination).await;
    for (change, unit) in [
        ("UPDATE cubby_records SET version = 99 WHERE owner = 'ub' AND key = ''", UnitId::User(here().app, user("b"))),
        (
            r#"UPDATE cubby_records SET value = '{"joined":7}' WHERE owner = 'gi' AND key = 'mb'"#,
            UnitId::ChatGroup(here().app, crate::support::chat_group("i")),
        ),
        (
            "DELETE FROM cubby_records WHERE owner = 'd' AND key = 'kg'",
            UnitId::ChatGroup(here().app, crate::support::chat_group("g")),
        ),
    ] {
        to.sql("ALTER TABLE cubby_records DROP CONSTRAINT IF EXISTS cubby_moved");
        to.sql(change);
        let Differences { differing, .. } = compare(&source, &destination).await.unwrap();
        assert!(differing.contains(&unit), "{change}: {differing:?}");
    }
    to.sql("DELETE FROM cubby_records WHERE owner = 'ua'");
    let found = compare(&source, &destination).await.unwrap();
    assert!(!found.none() && found.other_units + 1 == found.counts.units(), "{found:?}");
}
