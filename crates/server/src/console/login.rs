//! Logging in with the admin token, and out. Wrong attempts take their time, and only so many are looked at at once.

use super::frame::Frame;
use super::visit::Visit;
use super::words::Lang;
use super::{HX_REDIRECT, plain, redirect};
use crate::reply::Reply;
use crate::sessions::{IDLE_WITHIN, Sessions};
use askama::Template;
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;
use hyper::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};

mod words {
    use super::{Text, text};

    pub(super) const TITLE: Text = text("Log in", "登录");
    pub(super) const ABOUT: Text = text(
        "The server printed a link with the admin token when it started, and keeps the token in the file admin-token of its data directory.",
        "服务启动时会打印带有管理令牌的链接；令牌也保存在数据目录的 admin-token 文件中。",
    );
    pub(super) const TOKEN: Text = text("Admin token", "管理令牌");
    pub(super) const WRONG: Text = text("That is not the admin token.", "管理令牌不正确。");
    pub(super) const TOO_MANY: Text =
        text("Too many attempts at once. Try again in a moment.", "尝试次数过多，请稍后再试。");
    pub(super) const ENTER: Text = text("Log in", "登录");
}

#[derive(Template)]
#[template(path = "console/login.html")]
struct Page {
    frame: Frame,
    to: String,
    error: Option<&'static str>,
}

/// The page, and what its form does.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if !visit.is_post() {
        return page(visit, 200, None);
    }
    let sessions = &visit.app.sessions;
    let Some(place) = sessions.attempt() else {
        return page(visit, 429, Some(words::TOO_MANY)).with(RETRY_AFTER, HeaderValue::from_static("1"));
    };
    if !visit.app.access.is_token(visit.field("token").unwrap_or_default().trim()) {
        Sessions::was_wrong(place).await;
        return page(visit, 401, Some(words::WRONG));
    }
    match sessions.begin(visit.app.clock.monotonic()) {
        Ok(id) => {
            let to = visit.field("to").unwrap_or_default();
            let to = Visit::<S>::page_at(&to).unwrap_or_default();
            redirect(&format!("/console/{to}")).with(SET_COOKIE, cookie(visit, &id, IDLE_WITHIN.as_secs()))
        }
        Err(error) => {
            tracing::error!(%error, "nobody can log in to the console");
            plain(500, "the system gives no random bytes")
        }
    }
}

fn page<S: Store>(visit: &Visit<S>, status: u16, error: Option<Text>) -> Reply {
    let frame = Frame { title: visit.lang.say(words::TITLE), menu: Vec::new(), ..Frame::of(visit) };
    let to = visit.field("to").or_else(|| visit.query("to")).unwrap_or_default();
    let error = error.map(|error| Lang::say(visit.lang, error));
    visit.shows_as(status, &Page { frame, to, error })
}

/// What one who is not logged in is told where a page was asked for: the way to the login, and from there back.
pub(super) fn asked_for<S: Store>(visit: &Visit<S>, rest: &str) -> Reply {
    let to = Visit::<S>::page_at(rest).unwrap_or_default();
    let to = format!("/console/login{}{to}", if to.is_empty() { "" } else { "?to=" });
    if visit.wants_a_page() {
        return redirect(&to);
    }
    let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/console/login"));
    plain(401, "log in to the console first").with(HX_REDIRECT, to)
}

/// Ends the session.
pub(super) fn log_out<S: Store>(visit: &Visit<S>) -> Reply {
    if !visit.is_post() {
        return visit.unknown();
    }
    if let Some((id, _)) = &visit.session {
        visit.app.sessions.end(id);
    }
    redirect("/console/login").with(SET_COOKIE, cookie(visit, "", 0))
}

fn cookie<S: Store>(visit: &Visit<S>, id: &str, seconds: u64) -> HeaderValue {
    let secure = if visit.is_secure() { "; Secure" } else { "" };
    let name = visit.session_cookie();
    let text = format!("{name}={id}; Path=/console; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    // Digits, letters and these signs make a header.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
