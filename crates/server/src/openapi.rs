//! The description of what is served, for `GET /openapi.json` and for the command line. What it says is the protocol's.

use crate::admin;
use crate::v4::COMMANDS;
use bytes::Bytes;
use cubby_protocol::endpoint::Meta;
use serde_json::Value;
use std::sync::LazyLock;

/// Where a server listens unless it is told otherwise.
pub const LISTEN: &str = "127.0.0.1:8787";

fn address() -> String {
    format!("http://{LISTEN}")
}

/// What is known of every command.
pub(crate) fn commands() -> &'static [&'static Meta] {
    COMMANDS
}

/// The OpenAPI document of all commands, and of `/admin/v1`.
pub fn document() -> Value {
    let mut document = cubby_protocol::openapi::document(COMMANDS, &address());
    admin::describe(&mut document);
    document
}

/// The Postman collection of all commands.
pub fn postman() -> Value {
    cubby_protocol::openapi::postman(COMMANDS, &address())
}

/// The document as it is sent, written once.
pub(crate) fn bytes() -> Bytes {
    static BYTES: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    BYTES.clone()
}
