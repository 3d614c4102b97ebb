//! The user board: one user's contact groups as columns with their conversations, their marks and pins, and the limits. What is done here
//! is done by the commands of the API (`act.rs`); what changes elsewhere is told by a stream (`live.rs`).

mod act;
mod live;
mod seen;
mod sheet;
mod shown;
mod sweep;
mod words;

use super::data;
use super::frame::Frame;
use super::lists::query;
use super::visit::Visit;
use super::{plain, redirect};
use crate::app::App;
use crate::applications::Loaded;
use crate::reply::Reply;
use askama::Template;
use cubby_domain::{Context, Refusal, UserId};
use cubby_protocol::openapi::Text;
use cubby_protocol::v4::im_open_login_svc::AccountImport;
use cubby_store::Store;
use hyper::header::{HeaderValue, SET_COOKIE};
use seen::{Seen, look};
use serde_json::json;
use sheet::Sheet;
use shown::Part;
use std::sync::Arc;

pub(super) const TITLE: Text = words::TITLE;

/// The column of conversations in no contact group.
const NONE: &str = "none";
/// How long the user that was looked at last is remembered, in seconds.
const REMEMBERED: u32 = 365 * 24 * 3600;

/// Whose board, of which application.
struct Place {
    of: Arc<Loaded>,
    user: UserId,
}

impl Place {
    /// The query of this board's addresses.
    fn at(&self) -> String {
        query(self.of.application.id.0, &[("user", self.user.as_str())])
    }

    fn context<S: Store>(&self, app: &App<S>, of: &Loaded) -> Context {
        let now = of.controls.clock.now(&app.clock);
        Context { app: self.of.application.id, now, settings: Arc::clone(&of.settings) }
    }
}

#[derive(Template)]
#[template(path = "console/board/page.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    user: String,
    error: Option<&'static str>,
    body: Body,
    at: String,
    /// The part, as it is at first.
    part: Option<Part>,
}

/// What is to be seen below the picker.
#[derive(PartialEq)]
enum Body {
    NoApplication,
    NoUser,
    NotImported,
    Failed(String),
    Board,
}

/// The page, its parts, and what is done on it.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if visit.below.is_empty() && !visit.is_post() {
        return page(visit).await;
    }
    let place = match place(visit) {
        Ok(place) => place,
        Err(reply) => return reply,
    };
    match (visit.below.as_str(), visit.is_post()) {
        ("part", false) => part(visit, &place, None).await,
        ("sheet", false) => sheet(visit, &place).await,
        ("live", false) => live::answer(visit, place),
        ("act", true) => match act::act(visit, &place).await {
            Ok(notice) => part(visit, &place, notice).await,
            Err(refused) => plain(422, refused.0),
        },
        ("import", true) => import(visit, &place).await,
        _ => visit.unknown(),
    }
}

/// What a request below the page is about.
fn place<S: Store>(visit: &Visit<S>) -> Result<Place, Reply> {
    let of = visit.application().ok_or_else(|| plain(404, visit.lang.say(data::APPLICATION_GONE)))?;
    let user = UserId::new(&visit.query("user").unwrap_or_default());
    let user = user.map_err(|_| plain(404, visit.lang.say(words::BAD_USER)))?;
    Ok(Place { of, user })
}

/// The cookie that keeps the last user of an application.
fn cookie_of(of: &Loaded) -> String {
    format!("cubby_user_{}", of.application.id)
}

fn remembered<S: Store>(visit: &Visit<S>, of: &Loaded) -> Option<String> {
    let cookie = format!("user={}", visit.cookie(&cookie_of(of))?);
    form_urlencoded::parse(cookie.as_bytes()).next().map(|(_, user)| user.into_owned())
}

async fn page<S: Store>(visit: &Visit<S>) -> Reply {
    let of = visit.picked();
    let asked = visit.query("user").map(|user| user.trim().to_owned());
    let mut page = Page {
        frame: visit.frame(),
        app: of.as_ref().map(|of| of.application.id.0),
        user: asked.clone().or_else(|| remembered(visit, of.as_deref()?)).unwrap_or_default(),
        error: None,
        body: Body::NoUser,
        at: String::new(),
        part: None,
    };
    let Some(of) = of else { return visit.shows(&Page { body: Body::NoApplication, ..page }) };
    if page.user.is_empty() {
        return visit.shows(&page);
    }
    let Ok(user) = UserId::new(&page.user) else {
        page.error = Some(visit.lang.say(words::BAD_USER));
        return visit.shows_as(400, &page);
    };
    let place = Place { of, user };
    page.at = place.at();
    page.body = match look(&visit.app, &visit.context(&place.of), &place.user).await {
        Ok(Ok(seen)) => {
            page.part = Some(Part::of(&place, &seen, visit.lang, "", None));
            Body::Board
        }
        Ok(Err(Refusal::NotImported(_))) => Body::NotImported,
        Ok(Err(refusal)) => Body::Failed(refusal.to_string()),
        Err(error) => Body::Failed(data::failed(visit.lang, &error).0),
    };
    let user: String = form_urlencoded::byte_serialize(page.user.as_bytes()).collect();
    let cookie = format!("{}={user}; Path=/console; SameSite=Strict; Max-Age={REMEMBERED}", cookie_of(&place.of));
    let reply = visit.shows(&page);
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) if page.body == Body::Board => reply.with(SET_COOKIE, cookie),
        _ => reply,
    }
}

/// The board as it is, or what kept it from being read.
async fn read<S: Store>(visit: &Visit<S>, place: &Place) -> Result<Seen, Reply> {
    match look(&visit.app, &visit.context(&place.of), &place.user).await {
        Ok(Ok(seen)) => Ok(seen),
        // The page says what is to be done about it.
        Ok(Err(Refusal::NotImported(_))) => Err(plain(410, "the account is gone")),
        Ok(Err(refusal)) => Err(plain(422, refusal.to_string())),
        Err(error) => Err(plain(503, data::failed(visit.lang, &error).0)),
    }
}

async fn part<S: Store>(visit: &Visit<S>, place: &Place, notice: Option<String>) -> Reply {
    let shown = visit.query("shown").unwrap_or_default();
    match read(visit, place).await {
        Ok(seen) => visit.shows(&Part::of(place, &seen, visit.lang, &shown, notice)),
        Err(reply) => reply,
    }
}

async fn sheet<S: Store>(visit: &Visit<S>, place: &Place) -> Reply {
    let id = act::conversation_of(visit.query("type").as_deref(), visit.query("id").as_deref());
    let Some(id) = id else { return plain(422, visit.lang.say(words::NOTHING_TO_DO)) };
    match read(visit, place).await {
        Ok(seen) => {
            let column = visit.query("column").unwrap_or_else(|| NONE.to_owned());
            visit.shows(&Sheet::of(&seen, &id, column, visit.lang))
        }
        Err(reply) => reply,
    }
}

async fn import<S: Store>(visit: &Visit<S>, place: &Place) -> Reply {
    let body = json!({"UserID": place.user.as_str()});
    match data::call::<S, AccountImport>(visit, &place.of, &body).await {
        Ok(()) => redirect(&format!("/console/board?{}", place.at())),
        Err(refused) => plain(422, refused.0),
    }
}
