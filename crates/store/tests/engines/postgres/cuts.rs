//! Connections that are cut in the middle of a write, so that its outcome is not known: whoever asked hears of a success, and the change is
//! there once (R-021), also where another server has written the same records in between.

use super::{Database, bounds};
use crate::invariants::{Everything, check_chat_groups, check_user};
use crate::support::{
    asked, chat_group, contact_groups, create, create_chat_group, crowd, done, everybody_exists, here, import, say,
    soon, user, with,
};
use cubby_domain::commands::{AddMembers, ImportAccounts, ImportedAccount, Message, SendMessage, SendMessages};
use cubby_domain::{Command, Context};
use cubby_pg_cluster::{Cluster, Proxy, When};
use cubby_store::postgres::{Bounds, Postgres};
use cubby_store::{Answer, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

const MOMENTS: [When; 2] = [When::BeforeForwarding, When::AfterForwarding];

/// How many other writes of the same records a head tells of.
const TOLD_OF: u64 = 7;

/// Two servers over one database, of which one has a bad network and a single connection, so that it cannot go on before the test says so.
struct Two {
    _cluster: Cluster,
    database: Database,
    proxy: Proxy,
    cut_off: Arc<Postgres>,
    other: Postgres,
}

impl Two {
    async fn new() -> Self {
        let cluster = Cluster::start();
        let database = Database::of(&cluster);
        let proxy = Proxy::start(cluster.port());
        let other = Postgres::open(&database.url, &bounds()).await.unwrap();
        let one = Bounds { connections: 1, ..bounds() };
        let cut_off = Arc::new(Postgres::open(&proxy.url_of(&database.url), &one).await.unwrap());
        Self { _cluster: cluster, database, proxy, cut_off, other }
    }

    /// Has a command's write cut, where a statement binds these bytes; what is answered once the other server did what it does in between.
    async fn cut<C: Command>(
        &self,
        (context, command): (Context, C),
        (bound, when): (&str, When),
        between: impl AsyncFnOnce(&Postgres),
    ) -> Answer<C::Reply> {
        let before = self.proxy.cuts();
        self.proxy.refuse(true);
        self.proxy.cut_when_bound(bound, when, 1);
        let asked = tokio::spawn({
            let store = Arc::clone(&self.cut_off);
            async move { store.execute(command, context).await }
        });
        soon(async {
            while self.proxy.cuts() == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        between(&self.other).await;
        self.proxy.refuse(false);
        soon(asked).await.unwrap()
    }

    /// How often a partition was written.
    fn versions(&self, owner: &str) -> String {
        let sql = format!("SELECT version FROM cubby_records WHERE owner = '{owner}'::bytea AND key = ''");
        self.database.sql(&sql)
    }
}

fn message(random: u64) -> Message {
    Message { random, ..say("a", "b").message }
}

fn send(from: &str, to: &str, random: u64) -> SendMessage {
    SendMessage { message: message(random), ..say(from, to) }
}

async fn unread(store: &Postgres, of: &str) -> u64 {
    asked(store, &here(), Everything(user(of))).await.head.unread
}

/// Given a user with contact groups, when the write of one more is cut and another server makes some in between, then it is made once, and
/// the GroupIds are 1 to n without a hole.
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_group_is_made_once() {
    let (two, context) = (Two::new().await, everybody_exists(|_| {}));
    for (case, when) in MOMENTS.into_iter().enumerate() {
        for others in [0, 1, TOLD_OF] {
            let of = format!("a{case}.{others}");
            done(&two.other, &context, create(&of, "first", crowd(3))).await;
            let command = create(&of, "wanted", crowd(5));
            let between = async |other: &Postgres| {
                for n in 0..others {
                    done(other, &context, create(&of, &format!("other {n}"), crowd(2))).await;
                }
            };
            let cut = two.cut((context.clone(), command), (r#""name":"wanted""#, when), between).await;
            let id = if when == When::AfterForwarding { 2 } else { 2 + others };
            assert_eq!(cut.unwrap().unwrap().group.id.0, id, "{when:?}, {others} others");
            let groups = contact_groups(&two.other, &context, &of).await;
            let ids: Vec<u64> = groups.iter().map(|(_, id)| *id).collect();
            assert_eq!(ids, (1..=2 + others).collect::<Vec<_>>(), "{when:?}: {groups:?}");
            assert_eq!(groups.iter().find(|(name, _)| name == "wanted"), Some(&("wanted".to_owned(), id)));
            assert_eq!(two.versions(&format!("u{of}")), (2 + others).to_string());
            check_user(&two.other, &context, &user(&of)).await;
        }
    }
}

/// Given a user whom more was written of in between than a head tells of, when its write is cut, then nothing is claimed: the answer is
/// that it is not known, and it is there whole or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn where_too_much_was_written_in_between_it_is_said_that_nothing_is_known() {
    let (two, context) = (Two::new().await, everybody_exists(|_| {}));
    for (of, when) in ["a", "b"].into_iter().zip(MOMENTS) {
        let between = async |other: &Postgres| {
            for n in 0..12 {
                done(other, &context, create(of, &format!("other {n}"), Vec::new())).await;
            }
        };
        let command = create(of, "wanted", crowd(5));
        let cut = two.cut((context.clone(), command), (r#""name":"wanted""#, when), between).await;
        assert!(matches!(cut, Err(StoreError::TimedOut)), "{when:?}");
        let groups = contact_groups(&two.other, &context, of).await;
        let made = groups.iter().filter(|(name, _)| name == "wanted").count();
        assert_eq!(made, usize::from(when == When::AfterForwarding));
        assert_eq!(groups.len(), 12 + made);
        check_user(&two.other, &context, &user(of)).await;
    }
}

/// Sends a message whose write is cut, while others arrive through the other server; how many are unread then.
async fn unread_after_a_cut(two: &Two, to: &str, when: When, others: u64) -> u64 {
    let between = async |other: &Postgres| {
        for _ in 0..others {
            done(other, &here(), send("a", to, 1)).await;
        }
    };
    let sent = two.cut((here(), send("a", to, 4711)), (r#""random":4711,"#, when), between).await;
    assert!(sent.unwrap().is_ok());
    unread(&two.other, to).await
}

/// Given two users, when the write of a message between them is cut, then it is counted once with its recipient, beside those that came in
/// between.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_counted_once() {
    let two = Two::new().await;
    done(&two.other, &here(), import(&["a", "b0", "b1", "b2", "b3"])).await;
    let cases = MOMENTS.into_iter().flat_map(|when| [0, 3].map(|others| (when, others)));
    for (n, (when, others)) in cases.enumerate() {
        let to = format!("b{n}");
        assert_eq!(unread_after_a_cut(&two, &to, when, others).await, 1 + others, "{when:?}, {others} others");
        check_user(&two.other, &here(), &user(&to)).await;
        check_user(&two.other, &here(), &user("a")).await;
    }
}

/// The control: a database that forgets who wrote a head makes a message count twice, which the test before this one would find.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_counted_twice_where_a_head_does_not_tell_who_wrote_it() {
    let two = Two::new().await;
    done(&two.other, &here(), import(&["a", "b"])).await;
    let forgetful = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF NEW.requests IS NOT NULL THEN NEW.requests := decode(repeat('00', 64), 'hex'); END IF; RETURN NEW; END $$; \
        CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON cubby_records FOR EACH ROW EXECUTE FUNCTION forget()";
    two.database.sql(forgetful);
    assert_eq!(unread_after_a_cut(&two, "b", When::AfterForwarding, 0).await, 2);
}

/// Given many accounts to import at once, when the write is cut and another server renames one of them in between, then all are there, each
/// written once, and the one that was renamed has the name that came last.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_imported_together_are_imported_once() {
    let two = Two::new().await;
    for (case, when) in MOMENTS.into_iter().enumerate() {
        let ids: Vec<String> = (0..50).map(|n| format!("{case}.{n}")).collect();
        let named = |nick: &str, ids: &[String]| ImportAccounts {
            accounts: ids
                .iter()
                .map(|id| ImportedAccount { user: user(id), nick: Some(nick.into()), face_url: None })
                .collect(),
        };
        let between = async |other: &Postgres| done(other, &here(), named("other", &ids[7..8])).await;
        let cut = two.cut((here(), named("wanted", &ids)), (r#""nick":"wanted""#, when), between).await;
        assert!(cut.unwrap().is_ok());
        for (n, id) in ids.iter().enumerate() {
            let nick = asked(&two.other, &here(), Everything(user(id))).await.head.account.unwrap().nick;
            let renamed_last = n == 7 && when == When::AfterForwarding;
            assert_eq!(&*nick, if renamed_last { "other" } else { "wanted" }, "{when:?} {id}");
            assert_eq!(two.versions(&format!("u{id}")), if n == 7 { "2" } else { "1" }, "{when:?} {id}");
        }
    }
}

/// Given a chat group, when the write of new members is cut and another server adds one in between, then each is a member once, on both
/// sides, and the counter is right.
#[tokio::test(flavor = "multi_thread")]
async fn members_are_added_once() {
    let two = Two::new().await;
    let ids: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
    let users: Vec<_> = ids.iter().map(|id| user(id)).collect();
    done(&two.other, &here(), import(&ids.iter().map(String::as_str).collect::<Vec<_>>())).await;
    for (group, when) in ["g", "h"].into_iter().zip(MOMENTS) {
        done(&two.other, &here(), create_chat_group(group, None, &[])).await;
        let add = |of: &[cubby_domain::UserId]| AddMembers {
            id: chat_group(group),
            users: of.iter().map(|user| Ok(user.clone())).collect(),
        };
        let between = async |other: &Postgres| drop(done(other, &here(), add(&users[19..])).await);
        let cut = two.cut((here(), add(&users[..19])), (r#""joined":"#, when), between).await;
        assert!(cut.unwrap().is_ok(), "{when:?}");
        check_chat_groups(&two.other, &here(), &users).await;
        assert_eq!(two.versions(&format!("g{group}")), "3", "{when:?}: made, and twice added to");
    }
}

/// Given a message to many, when its write is cut while another message reaches one of them, then each of them has it once.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_many_is_counted_once_with_each() {
    let two = Two::new().await;
    for (case, when) in MOMENTS.into_iter().enumerate() {
        let ids: Vec<String> = (0..30).map(|n| format!("{case}.{n}")).chain([format!("from{case}")]).collect();
        done(&two.other, &here(), import(&ids.iter().map(String::as_str).collect::<Vec<_>>())).await;
        let (from, to) = ids.split_last().unwrap();
        let command =
            SendMessages { from: user(from), to: to.iter().map(|id| user(id)).collect(), message: message(4711) };
        let between = async |other: &Postgres| {
            done(other, &here(), send(&to[1], &to[0], 1)).await;
        };
        let cut = two.cut((here(), command), (r#""random":4711,"#, when), between).await;
        assert!(cut.unwrap().is_ok(), "{when:?}");
        for (n, id) in to.iter().enumerate() {
            assert_eq!(unread(&two.other, id).await, if n == 0 { 2 } else { 1 }, "{when:?} {id}");
            check_user(&two.other, &here(), &user(id)).await;
        }
    }
}

/// Given more conversations than one statement has room for, when the connection is cut at the end of the transaction that they take, then
/// the contact group is there once with all of them.
#[tokio::test(flavor = "multi_thread")]
async fn what_takes_a_transaction_is_done_once_and_whole() {
    let two = Two::new().await;
    let context = everybody_exists(|limits| limits.conversations = 10_000);
    for (of, when) in ["a", "b"].into_iter().zip(MOMENTS) {
        let before = two.proxy.cuts();
        two.proxy.cut_when("COMMIT", when, 1);
        let made = soon(two.cut_off.execute(create(of, "all", crowd(9000)), context.clone())).await;
        assert_eq!(made.unwrap().unwrap().group.id.0, 1);
        assert_eq!(two.proxy.cuts(), before + 1, "the fault struck");
        assert_eq!(two.versions(&format!("u{of}")), "1");
        check_user(&two.other, &context, &user(of)).await;
    }
}

/// Given a network on which a write does not come through at all for a while, when a contact group is made, then it is made once.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_cut_again_and_again_is_done_once() {
    let (two, context) = (Two::new().await, everybody_exists(|_| {}));
    two.proxy.cut_when_bound(r#""name":"wanted""#, When::BeforeForwarding, 4);
    two.proxy.cut_when_bound(r#""name":"wanted""#, When::AfterForwarding, 1);
    let made = soon(two.cut_off.execute(create("a", "wanted", vec![with("p")]), context.clone())).await;
    assert_eq!(made.unwrap().unwrap().group.id.0, 1);
    assert_eq!((two.proxy.cuts(), &*two.versions("ua")), (5, "1"));
    check_user(&two.other, &context, &user("a")).await;
}
