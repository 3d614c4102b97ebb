//! Applications are records like others: kept, listed, and changed whole or not at all.

use crate::support::{asked, done, here};
use cubby_domain::commands::{ApplicationChange, ApplicationRefused, ChangeApplication};
use cubby_domain::queries::ListApplications;
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
