//! The envelope that every reply bears. A successful reply is its own fields and the envelope; a failed one is the envelope alone
//! (R-010). The replies' types have no optional field, so that none is null or left out unless its command says so (R-017).

use crate::codes::Code;
use crate::endpoint::Meta;
use serde::Serialize;

const OK: &str = r#""ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"""#;
const DISPLAY: &str = r#","ErrorDisplay":"""#;

/// A successful reply with these fields.
pub fn success(meta: &Meta, fields: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    if serde_json::to_writer(&mut out, fields).is_err() {
        // Only a map with keys that are no texts, or a failing writer, could end here, and there is neither.
        debug_assert!(false, "a reply is always written");
        out.clear();
        out.push(b'{');
    } else {
        out.pop();
    }
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(OK.as_bytes());
    close(out, meta.error_display)
}

/// A successful reply with no fields of its own.
pub fn bare(meta: &Meta) -> Vec<u8> {
    success(meta, &serde_json::Map::new())
}

/// A failed reply. `meta` is that of the command, where there is one.
pub fn failure(meta: Option<&Meta>, code: Code, info: &str) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Failure<'a> {
        action_status: &'static str,
        error_code: u32,
        error_info: &'a str,
    }
    let failure = Failure { action_status: "FAIL", error_code: code.0, error_info: info };
    let mut out = serde_json::to_vec(&failure).unwrap_or_default();
    out.pop();
    close(out, meta.is_some_and(|meta| meta.error_display))
}

fn close(mut out: Vec<u8>, error_display: bool) -> Vec<u8> {
    if error_display {
        out.extend_from_slice(DISPLAY.as_bytes());
    }
    out.push(b'}');
    out
}
