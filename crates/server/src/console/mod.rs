//! The console: pages for a browser, made here and sent whole. Who may see them, and what every request to them is checked for, is decided in
//! this file; a page is one line of [`Table::PAGES`] and a file of its own. It knows of no other surface.

mod accounts;
mod applications;
mod assets;
mod board;
mod calls;
mod chat_groups;
mod codes;
mod data;
mod debug;
mod faults;
mod frame;
mod icons;
mod lists;
mod login;
mod overview;
mod reasons;
mod usersig;
mod visit;
mod words;

use crate::app::App;
use crate::reply::Reply;
use bytes::Bytes;
use cubby_protocol::openapi::Text;
use cubby_store::Store;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ALLOW, HeaderMap, HeaderName, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::{Method, Request};
use std::future::ready;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use visit::Visit;

/// Bytes of a form, at most.
const BODY_BYTES_MAX: usize = 1 << 20;
/// How long a form may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Where htmx is to send the browser.
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
/// What a form that was loaded by htmx or by a script sends its session's secret in; a plain form has a field of this name.
const CSRF: &str = "x-csrf-token";

/// The paths of the vendor's debugging tool, the present one and the older one, so that a link of its documentation needs only another host.
/// What follows them is a fragment, `#/v4/{service}/{command}`, which browsers carry along.
const VENDOR_TOOLS: [&str; 2] = ["/im-api-tool", "/im/APITester"];

/// A page.
struct Page<S: Store> {
    /// Its path under `/console/`; what is below that path is its own.
    path: &'static str,
    title: Text,
    /// How it is drawn in the menu: a path of 24 by 24.
    icon: &'static str,
    handler: Handler<S>,
}

type Handler<S> = for<'a> fn(&'a Visit<S>) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// The pages of a server over one kind of store.
struct Table<S>(PhantomData<S>);

impl<S: Store> Table<S> {
    /// In the order of the menu; the first one is where the console begins.
    const PAGES: &'static [Page<S>] = &[
        Page {
            path: "overview",
            title: overview::TITLE,
            icon: icons::CHART,
            handler: |visit| Box::pin(ready(overview::answer(visit))),
        },
        Page {
            path: "debug",
            title: debug::TITLE,
            icon: icons::TERMINAL,
            handler: |visit| Box::pin(ready(debug::answer(visit))),
        },
        Page {
            path: "board",
            title: board::TITLE,
            icon: icons::COLUMNS,
            handler: |visit| Box::pin(board::answer(visit)),
        },
        Page {
            path: "accounts",
            title: accounts::TITLE,
            icon: icons::PERSON,
            handler: |visit| Box::pin(accounts::answer(visit)),
        },
        Page {
            path: "chat-groups",
            title: chat_groups::TITLE,
            icon: icons::PEOPLE,
            handler: |visit| Box::pin(chat_groups::answer(visit)),
        },
        Page {
            path: "calls",
            title: calls::TITLE,
            icon: icons::LIST,
            handler: |visit| Box::pin(ready(calls::answer(visit))),
        },
        Page {
            path: "faults",
            title: faults::TITLE,
            icon: icons::CLOCK,
            handler: |visit| Box::pin(faults::answer(visit)),
        },
        Page {
            path: "applications",
            title: applications::TITLE,
            icon: icons::BOXES,
            handler: |visit| Box::pin(applications::answer(visit)),
        },
        Page {
            path: "usersig",
            title: usersig::TITLE,
            icon: icons::KEY,
            handler: |visit| Box::pin(ready(usersig::answer(visit))),
        },
    ];
}

/// Whether the console answers this request. Where it is taken away, nobody can tell that it could be there.
pub(crate) fn answers<S: Store>(app: &App<S>, request: &Request<Incoming>) -> bool {
    let path = request.uri().path();
    let is_browser = || request.method() == Method::GET && wants_a_page(request.headers());
    app.access.console && (is_below(path, "/console") || (path == "/" || is_vendor_tool(path)) && is_browser())
}

fn is_below(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_vendor_tool(path: &str) -> bool {
    VENDOR_TOOLS.iter().any(|start| is_below(path, start))
}

/// Whether a browser asks for a page, to show it. A script asks for anything.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html")) && !headers.contains_key(visit::HX_REQUEST)
}

/// Answers a request to the console. `in_hand` is called once it has come whole.
pub(crate) async fn answer<S: Store>(app: &Arc<App<S>>, request: Request<Incoming>, in_hand: impl FnOnce()) -> Reply {
    let (head, body) = request.into_parts();
    let body = received(body).await;
    in_hand();
    let reply = match body {
        Some(body) => routed(app, head, body).await,
        None => Reply { close: true, ..plain(413, "the body is too large, or did not come to its end") },
    };
    guarded(reply)
}

async fn received(body: Incoming) -> Option<Bytes> {
    let whole = tokio::time::timeout(BODY_WITHIN, Limited::new(body, BODY_BYTES_MAX).collect()).await;
    Some(whole.ok()?.ok()?.to_bytes())
}

async fn routed<S: Store>(app: &Arc<App<S>>, head: Parts, body: Bytes) -> Reply {
    if ![Method::GET, Method::HEAD, Method::POST].contains(&head.method) {
        return plain(405, "GET or POST").with(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    let path = head.uri.path().to_owned();
    let Some(rest) = path.strip_prefix("/console/") else {
        let to = if is_vendor_tool(&path) { "debug" } else { "" };
        return redirect(&format!("/console/{to}"));
    };
    if let Some(asset) = rest.strip_prefix("assets/") {
        return assets::answer(asset);
    }
    let visit = Visit::new(app, head, body);
    if visit.is_post() && !visit.is_of_this_site() {
        return plain(403, "a page of another site may not send this");
    }
    if rest == "login" {
        return login::answer(&visit).await;
    }
    if visit.session.is_none() {
        return login::asked_for(&visit, rest);
    }
    if visit.is_post() && !visit.has_its_secret() {
        return plain(403, "this form is of another session; load the page again");
    }
    if rest.is_empty() {
        return redirect(&format!("/console/{}", Table::<S>::PAGES.first().map_or("login", |page| page.path)));
    }
    if rest == "logout" {
        return login::log_out(&visit);
    }
    match page_of::<S>(rest) {
        Some((page, below)) => (page.handler)(&visit.at(page.path, below)).await,
        None => visit.unknown(),
    }
}

/// The page that a path under `/console/` is of, and what is below it.
fn page_of<S: Store>(rest: &str) -> Option<(&'static Page<S>, &str)> {
    Table::<S>::PAGES.iter().find_map(|page| {
        let below = rest.strip_prefix(page.path)?;
        let below = if below.is_empty() { below } else { below.strip_prefix('/')? };
        Some((page, below))
    })
}

fn plain(status: u16, text: impl Into<Bytes>) -> Reply {
    Reply::of(status, HeaderValue::from_static("text/plain; charset=utf-8"), text)
}

/// Sends the browser elsewhere in the console; a fragment of its address goes along.
fn redirect(to: &str) -> Reply {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/console/"));
    plain(303, "").with(LOCATION, to)
}

/// What every reply of the console says to the browser: nothing comes from elsewhere, nothing runs that is not a file of ours, and no other
/// site may show or read it. The referrer is for this site alone; without one a plain form would have no Origin to check.
const GUARDS: [(HeaderName, HeaderValue); 6] = [
    (
        hyper::header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (hyper::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (hyper::header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (hyper::header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

fn guarded(reply: Reply) -> Reply {
    let reply = GUARDS.into_iter().fold(reply, |reply, (name, value)| reply.with(name, value));
    if reply.headers.iter().any(|(name, _)| name == hyper::header::CACHE_CONTROL) {
        reply
    } else {
        reply.with(hyper::header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }
}
