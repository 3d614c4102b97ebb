//! A recorded call for another use: to send it again, as a command for a shell, as a conformance scenario.

use super::asked::{Asked, Told, tell};
use super::calls::recorded;
use super::problem::Problem;
use crate::controls::{SignedAnew, as_curl, as_scenario};
use crate::reply::Reply;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::Serialize;

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
    tell(200, &SignedAnew::of(&*recorded(&asked, &loaded)?, &loaded, &asked.app.clock)?)
}

pub(super) async fn curl<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let call = recorded(&asked, &loaded)?;
    let base = asked.query("url").or_else(|| asked.host.as_ref().map(|host| format!("http://{host}")));
    let base = base.ok_or_else(|| Problem::bad("url: it is needed where the request has no Host"))?;
    tell(200, &Curl { curl: as_curl(&base, &call, &loaded, &asked.app.clock)? })
}

pub(super) async fn scenario<S: Store>(asked: Asked<S>) -> Told {
    let loaded = asked.loaded().await?;
    let first = recorded(&asked, &loaded)?.id;
    let last = asked.query_as("to", "the number of a call")?.unwrap_or(first);
    Ok(Reply::json(200, as_scenario(&loaded, first, last, asked.query("title").as_deref())?))
}
