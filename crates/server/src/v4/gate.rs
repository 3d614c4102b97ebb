//! The gate: rows 1 to 7 of the order of checks, one small function each, in that order. Row 8 is [`super::body_of`] and
//! `cubby_protocol::Body`, since it needs the body.

use super::table::{Route, route};
use crate::app::App;
use crate::applications::Loaded;
use cubby_domain::{SdkAppId, UserId};
use cubby_protocol::codes::Denied;
use cubby_protocol::endpoint::Meta;
use cubby_protocol::url::Query;
use cubby_protocol::usersig::UserSig;
use cubby_store::Store;
use hyper::Method;
use hyper::http::request::Parts;
use std::sync::Arc;

/// A call that rows 1 to 7 let in.
pub(super) struct Admitted<S: Store> {
    pub(super) route: &'static Route<S>,
    pub(super) caller: Caller,
}

/// Who calls, and for which application.
pub(super) struct Caller {
    /// An administrator of the application.
    pub(super) identifier: UserId,
    pub(super) loaded: Arc<Loaded>,
}

/// A call that they do not let in: the command, where the path has one, and why.
pub(super) type Refused = (Option<&'static Meta>, Denied);

pub(super) fn admit<S: Store>(app: &App<S>, head: &Parts) -> Result<Admitted<S>, Refused> {
    let (index, route) = known_path(head.uri.path()).ok_or((None, Denied::UnknownPath))?;
    match check(app, head, index, route.meta) {
        Ok(caller) => Ok(Admitted { route, caller }),
        Err(denied) => Err((Some(route.meta), denied)),
    }
}

/// Row 1.
fn known_path<S: Store>(path: &str) -> Option<(usize, &'static Route<S>)> {
    route(path.strip_prefix("/v4/")?)
}

fn check<S: Store>(app: &App<S>, head: &Parts, index: usize, meta: &Meta) -> Result<Caller, Denied> {
    let query = readable(app, head)?;
    let loaded = known_application(app, &query)?;
    let identifier = named_identifier(&query)?;
    signed(app, &query, &loaded, identifier)?;
    within_rate(app, &loaded, index, meta)?;
    let identifier = administrator(&loaded, identifier)?;
    Ok(Caller { identifier, loaded })
}

/// Row 2. GET is taken like POST: published clients send bodies with it.
fn readable<S: Store>(app: &App<S>, head: &Parts) -> Result<Query, Denied> {
    if head.method != Method::POST && head.method != Method::GET {
        return Err(Denied::Method);
    }
    let query = Query::parse(head.uri.query().unwrap_or_default())?;
    if query.contenttype.as_deref().is_some_and(|kind| kind != "json") {
        return Err(Denied::ContentType);
    }
    // Whether `random` is looked at is a setting of the application, which row 3 has yet to find.
    let strict = numbered_application(app, &query).is_ok_and(|loaded| loaded.settings.strict_query);
    let is_u32 = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok();
    if strict && !query.random.as_deref().is_some_and(is_u32) {
        return Err(Denied::Random);
    }
    Ok(query)
}

/// Row 3.
fn known_application<S: Store>(app: &App<S>, query: &Query) -> Result<Arc<Loaded>, Denied> {
    let loaded = numbered_application(app, query)?;
    if loaded.application.disabled { Err(Denied::Disabled) } else { Ok(loaded) }
}

/// The application of that number, disabled or not.
fn numbered_application<S: Store>(app: &App<S>, query: &Query) -> Result<Arc<Loaded>, Denied> {
    let text = query.sdkappid.as_deref().filter(|text| !text.is_empty()).ok_or(Denied::NoSdkAppId)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Denied::SdkAppIdForm);
    }
    let id = text.parse().map_err(|_| Denied::UnknownApplication)?;
    app.applications.get(SdkAppId(id)).ok_or(Denied::UnknownApplication)
}

/// Row 4.
fn named_identifier(query: &Query) -> Result<&str, Denied> {
    query.identifier.as_deref().filter(|text| !text.is_empty()).ok_or(Denied::NoIdentifier)
}

/// Row 5.
fn signed<S: Store>(app: &App<S>, query: &Query, loaded: &Loaded, identifier: &str) -> Result<(), Denied> {
    let signature = UserSig::decode(query.usersig.as_deref().unwrap_or_default())?;
    let keys = loaded.application.keys.iter().map(|key| key.text.as_bytes());
    let now = i64::try_from(app.clock.now().0).unwrap_or(i64::MAX);
    Ok(signature.verify(loaded.application.id.0, identifier, keys, now)?)
}

/// Row 6. What the rows before refuse does not count.
fn within_rate<S: Store>(app: &App<S>, loaded: &Loaded, index: usize, meta: &Meta) -> Result<(), Denied> {
    let now = app.clock.monotonic();
    let per_second = loaded.call_rate(meta.path, meta.call_rate);
    if !loaded.buckets.take(index, per_second, now) {
        return Err(Denied::CallRate { per_second });
    }
    let per_second = loaded.total_call_rate();
    if loaded.buckets.take_total(per_second, now) { Ok(()) } else { Err(Denied::TotalCallRate { per_second }) }
}

/// Row 7.
fn administrator(loaded: &Loaded, identifier: &str) -> Result<UserId, Denied> {
    let found = loaded.settings.administrators.iter().find(|one| one.as_str() == identifier);
    found.cloned().ok_or(Denied::NotAdministrator)
}
