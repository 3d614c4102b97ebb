//! A visit: one request to the console, read as pages need it, and the replies that they give.

use super::frame::Frame;
use super::reasons::{BadField, Reason};
use super::words::{Lang, Theme};
use super::{CSRF, page_of, plain, wants_a_page};
use crate::app::App;
use crate::applications::Loaded;
use crate::reply::Reply;
use crate::sessions::Session;
use askama::Template;
use bytes::Bytes;
use cubby_domain::{Context, SdkAppId};
use cubby_store::Store;
use hyper::Method;
use hyper::header::{ACCEPT_LANGUAGE, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use std::str::FromStr;
use std::sync::Arc;

/// What htmx says of its requests.
pub(super) const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
/// What a page asks for by itself says so: it is no use of the session, which would otherwise last as long as the page is open.
const POLL: HeaderName = HeaderName::from_static("x-cubby-poll");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why something was not done: told to whoever asked, by a notice at the edge of the page.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    why: String,
}

impl Refused {
    /// One that is told in the language of the page already.
    pub(super) fn of(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }

    pub(super) fn reply(self) -> Reply {
        plain(self.status, self.why)
    }
}

/// One request.
pub(super) struct Visit<S: Store> {
    pub(super) app: Arc<App<S>>,
    head: Parts,
    /// The body, as it came.
    pub(super) body: Bytes,
    /// The path of the page under `/console/`.
    pub(super) page: &'static str,
    /// What the request's path has below that of the page: empty, or as `import` in `/console/accounts/import`.
    pub(super) below: String,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    /// The id and the session of who is logged in. A page is called with one only.
    pub(super) session: Option<(String, Session)>,
}

impl<S: Store> Visit<S> {
    pub(super) fn new(app: &Arc<App<S>>, head: Parts, body: Bytes) -> Self {
        let mut visit = Self {
            app: Arc::clone(app),
            head,
            body,
            page: "",
            below: String::new(),
            lang: Lang::En,
            theme: Theme::System,
            session: None,
        };
        visit.lang = visit.cookie("cubby_lang").and_then(Lang::parse).unwrap_or_else(|| {
            let wanted = visit.head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Lang::wanted(wanted.unwrap_or_default())
        });
        visit.theme = visit.cookie("cubby_theme").and_then(Theme::parse).unwrap_or_default();
        let id = visit.cookie(&visit.session_cookie()).map(str::to_owned);
        visit.session = id.and_then(|id| {
            let (now, is_poll) = (app.clock.monotonic(), visit.head.headers.contains_key(POLL));
            let session = if is_poll { app.sessions.look(&id, now) } else { app.sessions.find(&id, now) }?;
            Some((id, session))
        });
        visit
    }

    /// The visit, of this page.
    pub(super) fn at(self, page: &'static str, below: &str) -> Self {
        Self { page, below: below.to_owned(), ..self }
    }

    pub(super) fn is_post(&self) -> bool {
        self.head.method == Method::POST
    }

    /// Whether htmx asks, which wants a part of a page and not the whole.
    pub(super) fn is_htmx(&self) -> bool {
        self.head.headers.contains_key(HX_REQUEST)
    }

    /// Whether a browser asks for a page, to show it.
    pub(super) fn wants_a_page(&self) -> bool {
        wants_a_page(&self.head.headers)
    }

    /// A parameter of the query string; the first of that name.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        first(self.head.uri.query().unwrap_or_default().as_bytes(), name)
    }

    /// A field of the form; the first of that name.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        first(&self.body, name)
    }

    /// All fields of the form, in their order.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A field that was filled in, without the white space around it.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.field(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A field that is a number, where it was filled in.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refused> {
        let text = self.filled(name);
        text.map(|text| text.parse().map_err(|_| self.no_number(name, &text))).transpose()
    }

    /// Why something was not done, in the language of the page.
    pub(super) fn refuse(&self, status: u16, why: &impl Reason) -> Refused {
        Refused { status, why: why.said(self.lang) }
    }

    /// That a field is no number.
    pub(super) fn no_number(&self, name: &str, text: &str) -> Refused {
        self.refuse(400, &BadField::NoNumber(name.to_owned(), text.to_owned()))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The host and port that the browser asked for.
    fn host(&self) -> Option<&str> {
        self.head.uri.authority().map(hyper::http::uri::Authority::as_str).or_else(|| self.header(&HOST))
    }

    /// A cookie's value.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.head.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
            let (its_name, value) = cookie.trim().split_once('=')?;
            (its_name == name).then_some(value)
        })
    }

    /// The name of the session's cookie. Cookies know no ports: two servers of one host would else log each other out.
    pub(super) fn session_cookie(&self) -> String {
        let port = self.host().and_then(|host| host.rsplit_once(':')).map(|(_, port)| port);
        let port = port.filter(|port| port.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or("session");
        format!("cubby_{port}")
    }

    /// Whether the browser speaks HTTPS, with us or with a proxy before us: it says so where it posts a form.
    pub(super) fn is_secure(&self) -> bool {
        self.header(&ORIGIN).is_some_and(|origin| origin.starts_with("https://"))
    }

    /// Whether what is posted comes from a page of this site, or from a program that is no browser.
    pub(super) fn is_of_this_site(&self) -> bool {
        let of = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_owned());
        let origin = self.header(&ORIGIN).is_none_or(|origin| of(origin).as_deref() == self.host());
        origin && self.header(&FETCH_SITE).is_none_or(|site| site == "same-origin")
    }

    /// Whether what is posted bears the secret of its session.
    pub(super) fn has_its_secret(&self) -> bool {
        let given = self.head.headers.get(CSRF).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let given = given.or_else(|| self.field(CSRF));
        self.session.as_ref().is_some_and(|(_, session)| given.as_deref() == Some(&*session.csrf))
    }

    /// The application that is picked: that of the parameter `app`, or the one picked last, or the first.
    pub(super) fn picked(&self) -> Option<Arc<Loaded>> {
        let all = self.app.applications.all();
        let wanted = self.query("app").or_else(|| self.cookie("cubby_app").map(str::to_owned));
        let wanted = wanted.and_then(|id| id.parse().ok()).map(SdkAppId);
        all.iter().find(|one| Some(one.application.id) == wanted).or_else(|| all.first()).cloned()
    }

    /// The application that a request below a page is about, as its parameter `app` says: one that is gone is not another one.
    pub(super) fn application(&self) -> Option<Arc<Loaded>> {
        let asked = self.query("app")?;
        self.picked().filter(|of| asked == of.application.id.to_string())
    }

    /// The application that something is to be done with: the one that is named, and no other where that is gone; else the one that is
    /// picked.
    pub(super) fn named(&self) -> Option<Arc<Loaded>> {
        match self.query("app") {
            Some(id) => id.parse().ok().and_then(|id| self.app.applications.get(SdkAppId(id))),
            None => self.picked(),
        }
    }

    /// What a command or a query of that application is to be executed with.
    pub(super) fn context(&self, of: &Loaded) -> Context {
        Context {
            app: of.application.id,
            now: of.controls.clock.now(&self.app.clock),
            settings: Arc::clone(&of.settings),
        }
    }

    /// What is around the page.
    pub(super) fn frame(&self) -> Frame {
        Frame::of(self)
    }

    /// A page, or a part of one.
    pub(super) fn shows(&self, template: &impl Template) -> Reply {
        self.shows_as(200, template)
    }

    /// The same, with another status.
    pub(super) fn shows_as(&self, status: u16, template: &impl Template) -> Reply {
        match template.render() {
            Ok(page) => Reply::of(status, HeaderValue::from_static("text/html; charset=utf-8"), page),
            Err(error) => {
                tracing::error!(%error, page = self.page, "a page of the console could not be written");
                plain(500, "the page could not be written")
            }
        }
    }

    /// Nothing has this path.
    pub(super) fn unknown(&self) -> Reply {
        if self.is_htmx() {
            plain(404, "there is no such page")
        } else {
            self.shows_as(404, &Unknown { frame: self.frame() })
        }
    }

    /// Where in the console a path leads to that a browser brought along; only where a page is.
    pub(super) fn page_at(path: &str) -> Option<&str> {
        page_of::<S>(path).map(|_| path)
    }
}

/// The page of nothing.
#[derive(Template)]
#[template(path = "console/unknown.html")]
struct Unknown {
    frame: Frame,
}

fn first(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(its_name, _)| its_name == name).map(|(_, value)| value.into_owned())
}
