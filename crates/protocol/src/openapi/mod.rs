//! The API, described: commands bring their descriptions ([`Doc`]), and out of them, the table of commands, the codes and the hosts come
//! an OpenAPI document ([`document()`]) and a Postman collection ([`postman()`]). Nothing of it is read when a call is served.

mod doc;
mod document;
pub mod fields;
mod postman;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

pub use doc::{Bound, Doc, Field, Kind, Shape, Text, optional, required, text};
pub use document::document;
pub use postman::postman;

use crate::codes::{CODES, Code, of_family};
use crate::endpoint::{Family, Meta};
use std::fmt::{self, Write};

/// English, then Chinese, each a paragraph.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.en, self.zh)
    }
}

/// A sample as JSON. A sample that is none is a mistake of a command's file, which a test tells.
fn sample(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The service and the name of a command.
fn parts(meta: &Meta) -> (&'static str, &'static str) {
    meta.path.split_once('/').unwrap_or((meta.path, ""))
}

/// What the commands of a service are about.
fn service(family: Family) -> Text {
    match family {
        Family::Contact => text(
            "Conversation groups and marks, and the list of recent contacts.",
            "会话分组、会话标记与最近联系人列表。",
        ),
        Family::Message => text(
            "Messages between users, as far as the list of recent contacts hears of them. They are not kept.",
            "单聊消息（仅保留最近联系人列表所需的信息，不存储消息本身）。",
        ),
        Family::Account => text("Accounts.", "帐号管理。"),
        Family::ChatGroup => text("Chat groups, as far as conversations need them.", "群组管理（会话所需的部分）。"),
    }
}

/// What one should know of a command.
fn description(meta: &Meta) -> String {
    let doc = meta.doc;
    let own = doc.codes.iter().map(|code| Code(*code)).chain(of_family(meta.family)).collect();
    let mut out = format!(
        "{}\n\nCall rate 调用频率: {}/s. Page 文档页: {}.\n\n{}",
        doc.details,
        meta.call_rate,
        meta.source,
        table("ErrorCode", own)
    );
    if !doc.item_codes.is_empty() {
        let items = doc.item_codes.iter().map(|code| Code(*code)).collect();
        _ = write!(out, "\n\n{}", table("Of an item 各项", items));
    }
    out
}

/// A table of codes and what they mean.
fn table(head: &str, mut codes: Vec<Code>) -> String {
    codes.sort_unstable();
    let mut out = format!("| {head} | meaning | 含义 |\n|---|---|---|");
    for one in CODES.iter().filter(|one| codes.binary_search(&one.code).is_ok()) {
        _ = write!(out, "\n| {} | {} | {} |", one.code.0, one.text.en, one.text.zh);
    }
    out
}
