//! Applications are records like others: kept, listed, and changed whole or not at all.

use super::state;
use crate::support::{self, asked, chat_group, create, create_chat_group, done, here, import, user, with};
use cubby_domain::commands::{ApplicationChange, ApplicationRefused, ChangeApplication, DeleteApplication, Deletion};
use cubby_domain::queries::ListApplications;
use cubby_domain::state::ApplicationState;
use cubby_domain::{Context, Edition, SdkAppId};
use cubby_store::Store;
use std::sync::Arc;

fn of(app: u64) -> Context {
    Context { app: SdkAppId(app), ..here() }
}

fn change(changes: Vec<ApplicationChange>) -> ChangeApplication {
    ChangeApplication { changes }
}

fn set(name: &str, value: &str) -> ApplicationChange {
    ApplicationChange::Set(name.to_owned(), value.to_owned())
}

/// Given an application with two keys and a setting, when it is listed, then it is as it was made.
pub async fn an_application_is_kept_with_its_keys_and_settings(store: Arc<impl Store>) {
    let context = of(7);
    let changes = vec![
        ApplicationChange::Create("one".into()),
        ApplicationChange::AddKey("two".into()),
        set("limit.conversations", "5"),
        set("call_rate.recentcontact/mark_contact", "9"),
        ApplicationChange::Disable(true),
    ];
    let made = done(&*store, &context, change(changes)).await.unwrap();
    assert_eq!(made.keys.iter().map(|key| &*key.text).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!((made.settings.limits.conversations, made.disabled), (5, true));
    assert_eq!(asked(&*store, &context, ListApplications).await, [made]);
}

/// Given applications made in any order, when they are listed, for any application, then all are, by their numbers.
pub async fn applications_are_listed_by_their_numbers(store: Arc<impl Store>) {
    for app in [256, 3, u64::MAX, 1] {
        let register = ApplicationChange::Register("key".into(), Some(Edition::Pro));
        done(&*store, &of(app), change(vec![register])).await.unwrap();
    }
    let listed = asked(&*store, &of(3), ListApplications).await;
    assert_eq!(listed.iter().map(|one| one.id.0).collect::<Vec<_>>(), [1, 3, 256, u64::MAX]);
}

/// Given an application, when one of several changes is refused, then none is made.
pub async fn a_refused_change_of_an_application_changes_nothing(store: Arc<impl Store>) {
    let context = of(7);
    let before = done(&*store, &context, change(vec![ApplicationChange::Create("one".into())])).await.unwrap();
    let changes = vec![set("edition", "trial"), ApplicationChange::Disable(true), set("edition", "gold")];
    let refused = done(&*store, &context, change(changes)).await;
    assert!(matches!(refused, Err(ApplicationRefused::Setting(_))), "{refused:?}");
    assert_eq!(asked(&*store, &context, ListApplications).await, [before]);
}

/// Given two applications with data, when one is deleted, then it and its data are gone and the other is as it was; made again, it begins
/// anew, and those who were in it before are as whole as any.
pub async fn a_deleted_application_leaves_nothing_and_can_be_made_again(store: Arc<impl Store>) {
    let (context, greatest) = (of(7), of(u64::MAX));
    let unknown = || Err(ApplicationRefused::Unknown);
    assert_eq!(done(&*store, &context, DeleteApplication { records: 1000 }).await, unknown());
    for context in [&context, &greatest] {
        done(&*store, context, change(vec![ApplicationChange::Create("k".into())])).await.unwrap();
        state::fill(&*store, context).await;
    }
    let other = support::state(&*store, &greatest).await;
    assert_eq!(done(&*store, &context, DeleteApplication { records: 1000 }).await, Ok(Deletion::Done));
    let listed = || asked(&*store, &context, ListApplications);
    assert_eq!(listed().await.iter().map(|one| one.id.0).collect::<Vec<_>>(), [u64::MAX]);
    assert_eq!(support::state(&*store, &context).await, ApplicationState::default());
    assert_eq!(done(&*store, &context, DeleteApplication { records: 1000 }).await, unknown());
    let changed = done(&*store, &context, change(vec![ApplicationChange::Disable(true)])).await;
    assert_eq!(changed, Err(ApplicationRefused::Unknown));
    assert_eq!(support::state(&*store, &greatest).await, other);
    done(&*store, &context, change(vec![ApplicationChange::Create("new".into())])).await.unwrap();
    assert_eq!(support::state(&*store, &context).await, ApplicationState::default());
    done(&*store, &context, import(&["a", "b"])).await;
    done(&*store, &context, create_chat_group("g", Some("b"), &["a"])).await;
    assert_eq!(done(&*store, &context, create("a", "x", vec![with("b")])).await.group.id.0, 1);
    let made = support::state(&*store, &context).await;
    assert_eq!(made.chat_groups[&chat_group("g")].record.sequence, 1);
    assert_eq!(made.users.keys().cloned().collect::<Vec<_>>(), ["a", "b"].map(user));
    state::check(&*store, &context).await;
}

/// Given an application with more data than a step takes, when step follows step, then it is disabled from the first on, what is left is
/// whole after each, and the record goes with the last.
pub async fn a_large_application_goes_step_by_step_and_is_whole_between_them(store: Arc<impl Store>) {
    for records in [2, 3, 7] {
        let context = of(records);
        done(&*store, &context, change(vec![ApplicationChange::Create("k".into())])).await.unwrap();
        state::fill(&*store, &context).await;
        let mut left = support::state(&*store, &context).await.records();
        while done(&*store, &context, DeleteApplication { records }).await.unwrap() == Deletion::More {
            let before = std::mem::replace(&mut left, support::state(&*store, &context).await.records());
            assert!(left < before && left + records >= before, "{before} {left}");
            let listed = asked(&*store, &context, ListApplications).await;
            assert!(listed.iter().any(|one| one.id == context.app && one.disabled));
            state::check(&*store, &context).await;
        }
        assert_eq!(support::state(&*store, &context).await, ApplicationState::default());
    }
    assert_eq!(asked(&*store, &of(2), ListApplications).await, []);
}
