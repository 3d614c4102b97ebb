//! The files that pages load. They are in the binary; their addresses bear a hash of all of them, so that browsers keep them for good.

use super::plain;
use crate::reply::Reply;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset { name: $name, content_type: $content_type, bytes: include_bytes!(concat!("assets/", $name)) }
    };
}

static ASSETS: &[Asset] = &[
    asset!("htmx.min.js", SCRIPT),
    asset!("console.css", STYLE),
    asset!("console.js", SCRIPT),
    asset!("login.js", SCRIPT),
    asset!("board.css", STYLE),
    asset!("board.js", SCRIPT),
    asset!("lists.css", STYLE),
    asset!("lists.js", SCRIPT),
    asset!("debug.css", STYLE),
    asset!("debug.js", SCRIPT),
    asset!("debug-calls.js", SCRIPT),
    asset!("debug-form.js", SCRIPT),
    asset!("debug-reply.js", SCRIPT),
    asset!("icon.svg", PICTURE),
];

/// The start of all addresses of assets, with the hash and without a slash at its end.
pub(super) fn start() -> &'static str {
    static START: LazyLock<String> = LazyLock::new(|| {
        let mut hash = Sha256::new();
        for asset in ASSETS {
            hash.update(asset.name);
            hash.update(asset.bytes);
        }
        let mut start = String::from("/console/assets/");
        for byte in hash.finalize().iter().take(8) {
            // Writing to a String does not fail.
            _ = write!(start, "{byte:02x}");
        }
        start
    });
    &START
}

/// Answers for `{hash}/{name}`.
pub(super) fn answer(path: &str) -> Reply {
    let name = path.split_once('/').filter(|(hash, _)| start().ends_with(hash)).map(|(_, name)| name);
    match ASSETS.iter().find(|asset| Some(asset.name) == name) {
        Some(asset) => Reply::of(200, HeaderValue::from_static(asset.content_type), asset.bytes)
            .with(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        None => plain(404, "there is no such file"),
    }
}
