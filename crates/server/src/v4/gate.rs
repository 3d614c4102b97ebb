//! The gate: rows 1 to 7 of the order of checks, one small function each, in that order. Row 8 is [`super::body_of`] and
//! `cubby_protocol::Body`, since it needs the body.

use super::table::{Route, route};
use crate::app::App;
use crate::applications::Loaded;
use crate::controls::Signing;
use cubby_domain::{SdkAppId, UserId};
use cubby_protocol::codes::Denied;
use cubby_protocol::endpoint::Meta;
use cubby_protocol::url::Query;
use cubby_protocol::usersig::{UserSig, UserSigDenied};
use cubby_store::Store;
use hyper::Method;
use hyper::http::request::Parts;
use std::sync::Arc;

/// A call that rows 1 to 7 let in.
pub(super) struct Admitted<S: Store> {
    pub(super) route: &'static Route<S>,
    /// The command's place in the table.
    pub(super) index: usize,
    pub(super) caller: Caller,
}

/// Who calls, and for which application.
pub(super) struct Caller {
    /// Says that its call is in hand.
    pub(super) _in_hand: Arc<()>,
    /// An administrator of the application.
    pub(super) identifier: UserId,
    pub(super) loaded: Arc<Loaded>,
}

/// A call that they do not let in.
pub(super) struct Refused {
    /// The command's place in the table, where the path has one.
    pub(super) index: Option<usize>,
    /// The command, where the path has one.
    pub(super) meta: Option<&'static Meta>,
    /// The application, where it names one.
    pub(super) loaded: Option<Arc<Loaded>>,
    /// Why.
    pub(super) denied: Denied,
}

pub(super) async fn admit<S: Store>(app: &App<S>, head: &Parts) -> Result<Admitted<S>, Refused> {
    let Some((index, route)) = known_path(head.uri.path()) else {
        let loaded = Query::parse(head.uri.query().unwrap_or_default()).ok();
        let loaded = loaded.and_then(|query| app.applications.get(SdkAppId(query.sdkappid?.parse().ok()?)));
        return Err(Refused { index: None, meta: None, loaded, denied: Denied::UnknownPath });
    };
    let mut loaded = None;
    match check(app, head, index, route.meta, &mut loaded).await {
        Ok(caller) => Ok(Admitted { route, index, caller }),
        Err(denied) => Err(Refused { index: Some(index), meta: Some(route.meta), loaded, denied }),
    }
}

/// Row 1.
pub(super) fn known_path<S: Store>(path: &str) -> Option<(usize, &'static Route<S>)> {
    route(path.strip_prefix("/v4/")?)
}

/// Nothing waits here but a call of an application that is not known, or within rates that are shared. The application is told even where
/// the call is refused.
async fn check<S: Store>(
    app: &App<S>,
    head: &Parts,
    index: usize,
    meta: &Meta,
    found: &mut Option<Arc<Loaded>>,
) -> Result<Caller, Denied> {
    let query = readable(head)?;
    let numbered = numbered_application(app, &query).await;
    *found = numbered.as_ref().ok().cloned();
    random(&numbered, &query)?;
    // From before it is seen whether the application is disabled.
    let in_hand = numbered.as_ref().map(|loaded| Arc::clone(&loaded.controls.in_hand)).unwrap_or_default();
    let loaded = known_application(numbered)?;
    let identifier = named_identifier(&query)?;
    signed(app, &query, &loaded, identifier)?;
    within_rate(app, &loaded, index, meta).await?;
    let identifier = administrator(&loaded, identifier)?;
    Ok(Caller { _in_hand: in_hand, identifier, loaded })
}

/// Row 2. GET is taken like POST: published clients send bodies with it.
fn readable(head: &Parts) -> Result<Query, Denied> {
    if head.method != Method::POST && head.method != Method::GET {
        return Err(Denied::Method);
    }
    let query = Query::parse(head.uri.query().unwrap_or_default())?;
    if query.contenttype.as_deref().is_some_and(|kind| kind != "json") {
        return Err(Denied::ContentType);
    }
    Ok(query)
}

/// Row 2 still: whether `random` is looked at is a setting of the application that row 3 is about.
fn random(numbered: &Result<Arc<Loaded>, Denied>, query: &Query) -> Result<(), Denied> {
    let strict = numbered.as_ref().is_ok_and(|loaded| loaded.settings.strict_query);
    if strict && !query.has_random() { Err(Denied::Random) } else { Ok(()) }
}

/// Row 3.
fn known_application(numbered: Result<Arc<Loaded>, Denied>) -> Result<Arc<Loaded>, Denied> {
    let loaded = numbered?;
    if loaded.application.disabled { Err(Denied::Disabled) } else { Ok(loaded) }
}

/// The application of that number, disabled or not. One that another process made is found too.
async fn numbered_application<S: Store>(app: &App<S>, query: &Query) -> Result<Arc<Loaded>, Denied> {
    let text = query.sdkappid.as_deref().filter(|text| !text.is_empty()).ok_or(Denied::NoSdkAppId)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Denied::SdkAppIdForm);
    }
    let id = text.parse().map_err(|_| Denied::UnknownApplication)?;
    app.applications.find(SdkAppId(id)).await.ok_or(Denied::UnknownApplication)
}

/// Row 4.
fn named_identifier(query: &Query) -> Result<&str, Denied> {
    query.identifier.as_deref().filter(|text| !text.is_empty()).ok_or(Denied::NoIdentifier)
}

/// Row 5, as strictly as the application has it.
fn signed<S: Store>(app: &App<S>, query: &Query, loaded: &Loaded, identifier: &str) -> Result<(), Denied> {
    let signing = loaded.controls.signing.get();
    if signing == Signing::Off {
        return Ok(());
    }
    let signature = UserSig::decode(query.usersig.as_deref().unwrap_or_default())?;
    let keys = loaded.application.keys.iter().map(|key| key.text.as_bytes());
    let now = i64::try_from(loaded.controls.clock.now(&app.clock).0).unwrap_or(i64::MAX);
    match signature.verify(loaded.application.id.0, identifier, keys, now) {
        Err(UserSigDenied::Expired { .. } | UserSigDenied::FromTheFuture { .. }) if signing == Signing::Lenient => {
            Ok(())
        }
        verified => Ok(verified?),
    }
}

/// The shared bucket of all commands of an application; those of commands have their paths as names.
const ALL_COMMANDS: &str = "*";

/// Row 6. What the rows before refuse does not count.
async fn within_rate<S: Store>(app: &App<S>, loaded: &Loaded, index: usize, meta: &Meta) -> Result<(), Denied> {
    let clock = &loaded.controls.clock;
    let now = clock.for_rates(&app.clock);
    let (of_command, of_all) = (loaded.call_rate(meta.path, meta.call_rate), loaded.total_call_rate());
    let over_command = Denied::CallRate { per_second: of_command };
    let over_all = Denied::TotalCallRate { per_second: of_all };
    if !loaded.buckets.take(index, of_command, now) {
        return Err(over_command);
    }
    if !loaded.buckets.take_total(of_all, now) {
        return Err(over_all);
    }
    // What the servers share knows nothing of a clock that was turned on one of them.
    let Some(exact) = app.applications.exact().filter(|_| !clock.is_turned()) else { return Ok(()) };
    let shared = [(meta.path, of_command), (ALL_COMMANDS, of_all)];
    match Box::pin(exact.empty(app, loaded.application.id, shared)).await {
        None => Ok(()),
        Some(0) => Err(over_command),
        Some(_) => Err(over_all),
    }
}

/// Row 7.
fn administrator(loaded: &Loaded, identifier: &str) -> Result<UserId, Denied> {
    let found = loaded.settings.administrators.iter().find(|one| one.as_str() == identifier);
    found.cloned().ok_or(Denied::NotAdministrator)
}
