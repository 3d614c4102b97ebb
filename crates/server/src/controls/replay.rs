//! A recorded call for another use: to send it again, as a command for a shell, as a conformance scenario.

use super::calls::{Filter, Recorded};
use crate::applications::Loaded;
use crate::clock::Clock;
use cubby_protocol::explain;
use cubby_protocol::url::{self, Query};
use schemars::JsonSchema;
use serde::Serialize;

/// For how many seconds the signature of a call holds that is sent again.
const HOLDS: i64 = 3600;

/// A recorded call, signed anew: sent as it stands, it is made again.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Request")]
pub(crate) struct SignedAnew {
    method: String,
    path: String,
    query: String,
    body: String,
}

/// Why a call has no other use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoReplay {
    #[error("call {0} is not kept whole")]
    NotWhole(u64),
    #[error("the body is not UTF-8")]
    NotText,
}

impl SignedAnew {
    /// Of a call of that application.
    ///
    /// # Errors
    /// Where it cannot be made again as it was.
    pub(crate) fn of(call: &Recorded, loaded: &Loaded, clock: &Clock) -> Result<Self, NoReplay> {
        let body = std::str::from_utf8(whole_body(call)?).map_err(|_| NoReplay::NotText)?;
        let signature = signature(call, loaded, clock);
        Ok(Self {
            method: call.request.method.clone(),
            path: call.request.path.clone(),
            query: url::signed(&call.request.query, signature.as_deref().unwrap_or_default()),
            body: body.to_owned(),
        })
    }
}

/// A call as a command for a shell, sent to that server, signed anew.
///
/// # Errors
/// Where it is not kept whole.
pub(crate) fn as_curl(base: &str, call: &Recorded, loaded: &Loaded, clock: &Clock) -> Result<String, NoReplay> {
    let of = &call.request;
    let command = explain::as_curl(base, &of.method, &of.path, &of.query, whole_body(call)?);
    let signed = signature(call, loaded, clock).map(|signature| format!("USERSIG='{signature}'\n"));
    Ok(format!("{}{command}", signed.unwrap_or_default()))
}

/// The calls of these numbers, and those between that are kept, as a scenario that `cubby conformance` plays.
///
/// # Errors
/// The first that is not kept whole.
pub(crate) fn as_scenario(loaded: &Loaded, first: u64, last: u64, title: Option<&str>) -> Result<String, NoReplay> {
    let mut calls = loaded.controls.calls.newest(&Filter::default(), last.checked_add(1), usize::MAX);
    calls.retain(|call| call.id >= first);
    calls.reverse();
    let told = calls.iter().map(|call| {
        Ok(explain::Recorded {
            method: &call.request.method,
            path: &call.request.path,
            query: &call.request.query,
            body: whole_body(call)?,
            reply: &call.reply,
        })
    });
    let told = told.collect::<Result<Vec<_>, NoReplay>>()?;
    Ok(explain::as_scenario(title.unwrap_or("recorded calls"), &told))
}

fn whole_body(call: &Recorded) -> Result<&[u8], NoReplay> {
    let whole = call.request.body.len() == call.request.body_bytes && call.reply.len() == call.reply_bytes;
    if whole { Ok(&call.request.body) } else { Err(NoReplay::NotWhole(call.id)) }
}

/// A new signature for whoever made the call, where it was signed.
fn signature(call: &Recorded, loaded: &Loaded, clock: &Clock) -> Option<String> {
    let query = Query::parse(&call.request.query).ok()?;
    query.usersig?;
    loaded.mint(&query.identifier?, HOLDS, clock)
}
