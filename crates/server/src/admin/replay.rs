//! A recorded call for another use: to send it again, as a command for a shell, as a conformance scenario.

use super::asked::{Asked, Told, tell};
use super::calls::recorded;
use super::problem::Problem;
use crate::applications::Loaded;
use crate::controls::{Filter, Recorded};
use crate::reply::Reply;
use cubby_protocol::explain;
use cubby_protocol::url::{self, Query};
use cubby_store::Store;
use schemars::JsonSchema;
use serde::Serialize;

/// For how many seconds the signature of a call holds that is sent again.
const HOLDS: i64 = 3600;

/// A recorded call, signed anew: sent as it stands, it is made again.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Request {
    method: String,
    path: String,
    query: String,
    body: String,
}

/// A recorded call as a command for a shell, signed anew.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Curl {
    curl: String,
}

/// A recorded call as a scenario that `cubby conformance` plays.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Scenario(serde_json::Map<String, serde_json::Value>);

pub(super) async fn request<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let call = recorded(&asked, &loaded)?;
    let body = std::str::from_utf8(whole_body(&call)?).map_err(|_| Problem::new(409, "the body is not UTF-8"))?;
    let signature = signature(&asked, &loaded, &call);
    tell(
        200,
        &Request {
            method: call.request.method.clone(),
            path: call.request.path.clone(),
            query: url::signed(&call.request.query, signature.as_deref().unwrap_or_default()),
            body: body.to_owned(),
        },
    )
}

pub(super) async fn curl<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let call = recorded(&asked, &loaded)?;
    let base = asked.query("url").or_else(|| asked.host.as_ref().map(|host| format!("http://{host}")));
    let base = base.ok_or_else(|| Problem::bad("url: it is needed where the request has no Host"))?;
    let of = &call.request;
    let command = explain::as_curl(&base, &of.method, &of.path, &of.query, whole_body(&call)?);
    let signed = signature(&asked, &loaded, &call).map(|signature| format!("USERSIG='{signature}'\n"));
    tell(200, &Curl { curl: format!("{}{command}", signed.unwrap_or_default()) })
}

pub(super) async fn scenario<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let first = recorded(&asked, &loaded)?;
    let last = asked.query_as("to", "the number of a call")?.unwrap_or(first.id);
    let mut calls = loaded.controls.calls.newest(&Filter::default(), last.checked_add(1), usize::MAX);
    calls.retain(|call| call.id >= first.id);
    calls.reverse();
    for call in &calls {
        whole_body(call)?;
    }
    let told: Vec<explain::Recorded<'_>> = calls
        .iter()
        .map(|call| explain::Recorded {
            method: &call.request.method,
            path: &call.request.path,
            query: &call.request.query,
            body: &call.request.body,
            reply: &call.reply,
        })
        .collect();
    let title = asked.query("title").unwrap_or_else(|| "recorded calls".to_owned());
    Ok(Reply::json(200, explain::as_scenario(&title, &told)))
}

fn whole_body(call: &Recorded) -> Result<&[u8], Problem> {
    let whole = call.request.body.len() == call.request.body_bytes && call.reply.len() == call.reply_bytes;
    if whole { Ok(&call.request.body) } else { Err(Problem::new(409, format!("call {} is not kept whole", call.id))) }
}

/// A new signature for whoever made the call, where it was signed.
fn signature<S: Store>(asked: &Asked<S>, loaded: &Loaded, call: &Recorded) -> Option<String> {
    let query = Query::parse(&call.request.query).ok()?;
    query.usersig?;
    loaded.mint(&query.identifier?, HOLDS, &asked.app.clock)
}
