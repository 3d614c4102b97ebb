//! Who may steer the server: whoever has the admin token, and, of an emulator, whoever can reach it with a program. What is done by them is
//! in `controls/`.

use hyper::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use std::fmt;
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// What marks every reply of an emulator.
pub const EMULATOR_HEADER: HeaderName = HeaderName::from_static("x-cubby-emulator");

/// What a browser says of where a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who may steer.
#[derive(Default)]
pub struct Access {
    /// The admin token; without one nobody is let in by it.
    pub token: Option<Box<str>>,
    /// Whether programs that reach the server need no token, and replies are marked.
    pub emulator: bool,
    /// Whether the console is there.
    pub console: bool,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access(emulator {}, console {})", self.emulator, self.console)
    }
}

/// Why a request may not steer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Kept {
    #[error("the admin token is needed: Authorization: Bearer TOKEN")]
    NoToken,
    #[error("the admin token is another one")]
    WrongToken,
    /// A page of another site asks, with the browser of someone who can reach the emulator.
    #[error("a page of another site may not steer the emulator; send the admin token")]
    OtherSite,
}

impl Access {
    /// Whether this is the admin token.
    pub(crate) fn is_token(&self, given: &str) -> bool {
        self.token.as_deref().is_some_and(|token| bool::from(token.as_bytes().ct_eq(given.as_bytes())))
    }

    /// Lets in whoever may steer.
    ///
    /// # Errors
    /// Why it may not.
    pub(crate) fn admit(&self, head: &Parts) -> Result<(), Kept> {
        let headers = &head.headers;
        match headers.get(AUTHORIZATION) {
            Some(given) if bearer(given).is_some_and(|token| self.is_token(token)) => Ok(()),
            Some(_) => Err(Kept::WrongToken),
            None if !self.emulator => Err(Kept::NoToken),
            None if is_of_another_site(head) => Err(Kept::OtherSite),
            None => Ok(()),
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a browser sent this for a page of another site. A page may have its own name lead here (DNS rebinding), and is then of the
/// same origin: so a name that strangers can own is not taken at all.
fn is_of_another_site(head: &Parts) -> bool {
    let text = |name: HeaderName| head.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // HTTP/2 has it in the request's own line.
    let host = head.uri.authority().map(Authority::as_str).or_else(|| text(HOST));
    let elsewhere = host.is_some_and(|host| !is_nobodys(host));
    let other_origin = text(ORIGIN).is_some_and(|origin| {
        let of = origin.split_once("://").map(|(_, of)| of);
        of.is_none() || of != host
    });
    let other_fetch = text(FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none");
    elsewhere || other_origin || other_fetch
}

/// Whether a Host is one that no stranger can own: an address, or a name without a domain.
fn is_nobodys(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.parse::<IpAddr>().is_ok() || !name.contains('.') || name.ends_with(".localhost") || name.ends_with(".internal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn head(target: &str, headers: &[(HeaderName, &'static str)]) -> Parts {
        let (mut head, ()) = Request::builder().uri(target).body(()).unwrap().into_parts();
        head.headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        head
    }

    fn admitted(emulator: bool, headers: &[(HeaderName, &'static str)]) -> Result<(), Kept> {
        let access = Access { token: Some("secret".into()), emulator, console: true };
        access.admit(&head("/admin/v1", headers))
    }

    #[test]
    fn without_the_emulator_the_token_alone_lets_in() {
        assert_eq!(admitted(false, &[]), Err(Kept::NoToken));
        assert_eq!(admitted(false, &[(HOST, "127.0.0.1:8787")]), Err(Kept::NoToken));
        assert_eq!(admitted(false, &[(AUTHORIZATION, "Bearer secret")]), Ok(()));
        assert_eq!(admitted(false, &[(AUTHORIZATION, "bearer secret")]), Ok(()));
        for wrong in ["Bearer secre", "Bearer secrets", "Bearer ", "secret", "Basic secret"] {
            assert_eq!(admitted(false, &[(AUTHORIZATION, wrong)]), Err(Kept::WrongToken), "{wrong}");
            assert_eq!(admitted(true, &[(AUTHORIZATION, wrong)]), Err(Kept::WrongToken), "{wrong}");
        }
        assert_eq!(Access::default().admit(&head("/", &[])), Err(Kept::NoToken));
        assert!(!Access::default().is_token(""));
    }

    #[test]
    fn an_emulator_lets_programs_in_and_no_page_of_another_site() {
        for host in ["127.0.0.1:8787", "localhost:1", "[::1]:8787", "cubby:8787", "app.localhost", "10.0.0.7"] {
            assert_eq!(admitted(true, &[(HOST, host)]), Ok(()), "{host}");
        }
        assert_eq!(admitted(true, &[]), Ok(()));
        let access = Access { emulator: true, ..Access::default() };
        let origin = [(ORIGIN, "https://127.0.0.1:8443")];
        assert_eq!(access.admit(&head("https://127.0.0.1:8443/admin/v1", &origin)), Ok(()));
        assert_eq!(access.admit(&head("https://rebound.example/admin/v1", &[])), Err(Kept::OtherSite));
        assert_eq!(admitted(true, &[(HOST, "127.0.0.1:1"), (ORIGIN, "http://127.0.0.1:1")]), Ok(()));
        assert_eq!(admitted(true, &[(HOST, "127.0.0.1:1"), (FETCH_SITE, "same-origin")]), Ok(()));
        for other in [
            &[(HOST, "rebound.example:8787")][..],
            &[(HOST, "127.0.0.1:1"), (ORIGIN, "http://evil.example")],
            &[(HOST, "127.0.0.1:1"), (ORIGIN, "null")],
            &[(HOST, "127.0.0.1:1"), (ORIGIN, "http://127.0.0.1:2")],
            &[(HOST, "127.0.0.1:1"), (FETCH_SITE, "cross-site")],
            &[(HOST, "127.0.0.1:1"), (FETCH_SITE, "same-site")],
        ] {
            assert_eq!(admitted(true, other), Err(Kept::OtherSite), "{other:?}");
        }
    }
}
