//! A request as its handler reads it, and the replies that handlers give.

use super::problem::Problem;
use crate::app::App;
use crate::applications::Loaded;
use crate::reply::Reply;
use bytes::Bytes;
use cubby_domain::SdkAppId;
use cubby_store::Store;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::sync::Arc;

/// A request.
pub(super) struct Asked<S: Store> {
    pub(super) app: Arc<App<S>>,
    /// What stands in the path for `{…}`, in its order.
    pub(super) params: Vec<String>,
    pub(super) query: String,
    /// The host and port that it was sent to.
    pub(super) host: Option<String>,
    pub(super) body: Bytes,
}

/// What a handler gives.
pub(super) type Told = Result<Reply, Problem>;

impl<S: Store> Asked<S> {
    /// The body, as that type. An empty one is `{}`.
    ///
    /// # Errors
    /// The field that is wrong.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        // Without this a list would be taken for the fields in their order.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::bad("the body is to be a JSON object"));
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let why = error.into_inner();
            Problem::bad(if path == "." { why.to_string() } else { format!("{path}: {why}") })
        })?;
        reader.end().map_err(|error| Problem::bad(error.to_string()))?;
        Ok(read)
    }

    /// What stands in the path at the n-th `{…}`.
    pub(super) fn param(&self, n: usize) -> &str {
        self.params.get(n).map_or("", String::as_str)
    }

    /// The number that stands there.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn number(&self, n: usize, name: &str) -> Result<u64, Problem> {
        let text = self.param(n);
        text.parse().map_err(|_| Problem::bad(format!("{name}: {text:?} is not a number")))
    }

    /// The application that the path names.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) async fn loaded(&self) -> Result<Arc<Loaded>, Problem> {
        let id = self.number(0, "sdkappid")?;
        let found = self.app.applications.find(SdkAppId(id)).await;
        found.ok_or_else(|| Problem::missing(format!("sdkappid: there is no application {id}")))
    }

    /// A parameter of the query string, the first of that name.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(its_name, _)| its_name == name).map(|(_, value)| value.into_owned())
    }

    /// The same, read.
    ///
    /// # Errors
    /// Where it is not what it should be.
    pub(super) fn query_as<T: FromStr>(&self, name: &str, takes: &str) -> Result<Option<T>, Problem> {
        let text = self.query(name);
        let read = text.map(|text| text.parse().map_err(|_| Problem::bad(format!("{name}: {text:?} is not {takes}"))));
        read.transpose()
    }
}

/// A reply with a body.
pub(super) fn tell(status: u16, body: &impl Serialize) -> Told {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(Reply::json(status, body)),
        Err(error) => {
            tracing::error!(%error, "a reply could not be written");
            Err(Problem::new(500, "the reply could not be written"))
        }
    }
}

/// A reply without one.
pub(super) fn done() -> Reply {
    Reply::json(204, Bytes::new())
}
