//! The `/admin/v1` surface: what operators do to a running server, as JSON over HTTP with honest status codes. Who may is decided by
//! `access.rs`; what is done is in `controls/`; here it is read, asked for and told.

mod apps;
mod asked;
mod calls;
mod clock;
mod faults;
mod openapi;
mod problem;
mod replay;
mod routes;
mod signing;
mod state;

pub(crate) use openapi::describe;

use crate::app::App;
use crate::reply::Reply;
use asked::Asked;
use bytes::Bytes;
use cubby_store::Store;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, HOST, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Request};
use problem::Problem;
use routes::{Found, find};
use std::sync::Arc;
use std::time::Duration;

/// Where it begins.
pub(crate) const ROOT: &str = "/admin/v1";
/// The most bytes of a body: a seed of some hundred thousand conversations.
const BODY_BYTES_MAX: usize = 64 << 20;
/// How long one may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(60);

/// Whether a path is of this surface.
pub(crate) fn answers(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request. `in_hand` is called once it has come whole.
pub(crate) async fn answer<S: Store>(app: &Arc<App<S>>, request: Request<Incoming>, in_hand: impl FnOnce()) -> Reply {
    let (head, body) = request.into_parts();
    if let Err(kept) = app.access.admit(&head) {
        // Whoever may not steer is not listened to any longer.
        in_hand();
        let reply = Problem::new(401, kept.to_string()).reply();
        return Reply { close: true, ..reply.with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")) };
    }
    let received = received(body).await;
    in_hand();
    let Some(body) = received else {
        let problem = Problem::new(413, format!("the body is over {BODY_BYTES_MAX} bytes, or did not come to its end"));
        return Reply { close: true, ..problem.reply() };
    };
    let path = head.uri.path().strip_prefix(ROOT).unwrap_or_default().trim_matches('/').to_owned();
    let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
    let reply = match find::<S>(&method, &path) {
        Found::Route(route, params) => {
            let query = head.uri.query().unwrap_or_default().to_owned();
            let named = head.headers.get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let host = head.uri.authority().map(ToString::to_string).or(named);
            let asked = Asked { app: Arc::clone(app), params, query, host, body };
            (route.run)(asked).await.unwrap_or_else(Problem::reply)
        }
        Found::OtherMethods(methods) => {
            let allowed = HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static("GET"));
            Problem::new(405, format!("this path takes {}", methods.join(", "))).reply().with(ALLOW, allowed)
        }
        Found::Nothing => {
            Problem::new(404, "no such path under /admin/v1; /openapi.json lists them".to_owned()).reply()
        }
    };
    reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

async fn received(body: Incoming) -> Option<Bytes> {
    let whole = tokio::time::timeout(BODY_WITHIN, Limited::new(body, BODY_BYTES_MAX).collect()).await;
    Some(whole.ok()?.ok()?.to_bytes())
}
