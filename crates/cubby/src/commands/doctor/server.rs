//! The server of `--base-url`: what it is, whether its certificate is trusted, whether its clock and ours agree, whether it takes our key.

use super::names::{Resolver, is_cubby, is_ours, product};
use super::{Finding, Verdict};
use crate::commands::Error;
use crate::commands::call::target;
use crate::commands::credentials::Caller;
use crate::config::Config;
use crate::http::{Base, HttpError, Reply, Stream, connect, exchange};
use crate::tls::trust::Trust;
use cubby_protocol::hosts::hosts;
use cubby_server::Clock;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::UNIX_EPOCH;

/// How far the clocks may be apart, in seconds. A UserSig that is made over 10 minutes ahead is refused, one of a clock that is behind ends
/// early.
const CLOCKS_WITHIN: u64 = 60;
/// For how long the UserSig of the question is valid, in seconds.
const EXPIRE: i64 = 600;

/// What there is to say of the server.
pub(super) fn look(config: &Config, resolver: &Resolver, trust: &Trust) -> Result<Vec<Finding>, Error> {
    let url = &config.client.url;
    let base = Base::parse(url)?;
    let wrong = |says: String| Ok(vec![Finding::new(Verdict::Wrong, "server", format!("{url}: {says}"))]);
    let addresses = match resolver.addresses(base.host(), base.port()) {
        Ok(addresses) => addresses,
        Err(error) => return wrong(format!("its name is not resolved: {error}")),
    };
    let is_vendors = hosts().any(|host| host.eq_ignore_ascii_case(base.host()));
    if is_vendors && !addresses.iter().all(|address| is_ours(address.ip())) {
        let says = format!("{url} is the vendor's production server from here; it was not connected to");
        return Ok(vec![Finding::new(Verdict::Production, "server", says)]);
    }
    let asked = Asked { base: &base, addresses: &addresses, trust };
    let (reply, untrusted) = match asked.ask("GET", "/health", b"") {
        Ok(answer) => answer,
        Err(error) => return wrong(error.to_string()),
    };
    let product = product(&reply);
    let verdict = if is_cubby(&product) { Verdict::Ok } else { Verdict::Wrong };
    let mut findings = vec![Finding::new(verdict, "server", format!("{url}: {product}"))];
    if base.is_https() {
        findings.push(match &untrusted {
            None => Finding::new(Verdict::Ok, "certificate", "the server's is trusted by this system"),
            Some(why) => {
                Finding::new(Verdict::Wrong, "certificate", format!("the server's is not trusted here: {why}"))
            }
        });
    }
    findings.push(clock(&reply, Clock::system().now().0));
    let is_safe = untrusted.is_none() && verdict == Verdict::Ok;
    findings.push(if is_safe { key(&asked, config)? } else { no_key_sent() });
    Ok(findings)
}

/// How the server is asked.
struct Asked<'a> {
    base: &'a Base,
    addresses: &'a [SocketAddr],
    trust: &'a Trust,
}

impl Asked<'_> {
    fn ask(&self, method: &str, target: &str, body: &[u8]) -> Result<(Reply, Option<rustls::Error>), HttpError> {
        let stream = connect(self.addresses).map_err(|error| self.base.no_connection(error))?;
        let (mut stream, untrusted): (Box<dyn Stream>, _) = if self.base.is_https() {
            let examined = self.trust.examine(stream, self.base.host());
            let (stream, untrusted) = examined.map_err(|error| self.base.no_connection(error))?;
            (Box::new(stream), untrusted)
        } else {
            (Box::new(stream), None)
        };
        let target = self.base.target(target);
        Ok((exchange(&mut stream, self.base.authority(), method, &target, body)?, untrusted))
    }
}

fn clock(reply: &Reply, now: u64) -> Finding {
    let date = reply.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let Some(theirs) = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok()) else {
        return Finding::new(Verdict::Skipped, "clock", "the server does not tell the time");
    };
    let apart = theirs.as_secs().abs_diff(now);
    let side = if theirs.as_secs() < now { "behind" } else { "ahead of" };
    if apart <= CLOCKS_WITHIN {
        let says = format!("this machine's and the server's agree within {CLOCKS_WITHIN} seconds");
        return Finding::new(Verdict::Ok, "clock", says);
    }
    let says = format!("the server's is {apart} seconds {side} this machine's; more than {CLOCKS_WITHIN} are too many");
    Finding::new(Verdict::Wrong, "clock", says)
}

fn no_key_sent() -> Finding {
    Finding::new(Verdict::Skipped, "key", "no UserSig is sent to a server that is not known or not trusted")
}

/// Asks a harmless question in the caller's name.
fn key(asked: &Asked<'_>, config: &Config) -> Result<Finding, Error> {
    if config.client.sdkappid.is_none() || config.client.key.is_none() {
        return Ok(Finding::new(Verdict::Skipped, "key", "no --sdkappid and --key were given"));
    }
    let caller = Caller::of(config)?;
    let target = target("im_open_login_svc/account_check", &caller, EXPIRE, 1);
    let body = serde_json::json!({"CheckItem": [{"UserID": caller.identifier}]}).to_string();
    let reply = match asked.ask("POST", &target, body.as_bytes()) {
        Ok((reply, _)) => reply,
        Err(error) => return Ok(Finding::new(Verdict::Wrong, "key", error.to_string())),
    };
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |name: &str| json.get(name).map(ToString::to_string).unwrap_or_default();
    let (app, identifier) = (caller.sdkappid, &caller.identifier);
    Ok(if json.get("ErrorCode").and_then(Value::as_i64) == Some(0) {
        Finding::new(Verdict::Ok, "key", format!("the server takes a UserSig of {identifier:?} for application {app}"))
    } else {
        let says = format!("the server refuses a UserSig of {identifier:?} for application {app}");
        Finding::new(Verdict::Wrong, "key", format!("{says}: {} {}", text("ErrorCode"), text("ErrorInfo")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT: u64 = 1_732_492_800;

    #[test]
    fn clocks_may_be_a_minute_apart() {
        let reply = |date: &str| Reply { status: 200, headers: vec![("date".into(), date.into())], body: Vec::new() };
        let midnight = reply("Mon, 25 Nov 2024 00:00:00 GMT");
        let verdict = |now| clock(&midnight, now).verdict;
        assert_eq!([verdict(MIDNIGHT), verdict(MIDNIGHT + 60), verdict(MIDNIGHT - 60)], [Verdict::Ok; 3]);
        assert_eq!([verdict(MIDNIGHT + 61), verdict(MIDNIGHT - 61)], [Verdict::Wrong; 2]);
        assert!(clock(&midnight, MIDNIGHT + 61).says.contains("61 seconds behind"));
        assert_eq!(clock(&reply("today"), MIDNIGHT).verdict, Verdict::Skipped);
    }
}
