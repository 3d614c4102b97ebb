//! The debug tool: any command, its documented sample as a form and as JSON, signed here and sent by the browser itself. What is drawn of a
//! command comes from its `DOC`; drawing it is the business of `assets/debug*.js`.

mod model;

use super::data::APPLICATION_GONE;
use super::frame::Frame;
use super::plain;
use super::reasons::Reason as _;
use super::visit::Visit;
use crate::controls::{MintRefused, mint};
use crate::reply::Reply;
use askama::Template;
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;
use serde_json::json;

pub(super) const TITLE: Text = text("Debug tool", "调试工具");

/// Seconds for which a signature made here is good: long enough to go on with a copied `curl`.
const SIGNED_FOR: i64 = 86_400;

mod words {
    use super::{Text, text};

    pub(super) const COMMAND: Text = text("Command", "接口");
    pub(super) const IDENTIFIER: Text = text("Signed as", "签名身份");
    pub(super) const FORM: Text = text("Request", "请求");
    pub(super) const JSON: Text = text("JSON", "JSON");
    pub(super) const SEND: Text = text("Send", "发送");
    pub(super) const PREPARE: Text = text("Prepare sample data", "准备示例数据");
    pub(super) const PREPARE_ABOUT: Text = text(
        "Imports the accounts and creates the groups that this request names, where they are missing",
        "导入并创建请求中提到但尚不存在的帐号与群组",
    );
    pub(super) const RESET: Text = text("Reset to the sample", "恢复示例");
    pub(super) const CURL: Text = text("Copy as curl", "复制为 curl");
    pub(super) const REPLY: Text = text("Reply", "应答");
    pub(super) const NOTHING_YET: Text =
        text("Nothing was sent yet. The sample can be sent as it is.", "尚未发送。示例可以直接发送。");
    pub(super) const HISTORY: Text = text("History", "历史记录");
    pub(super) const CLEAR: Text = text("Clear", "清空");
    pub(super) const NO_HISTORY: Text =
        text("Calls that you send are kept here, in this browser.", "发送过的调用保存在本浏览器中。");
    pub(super) const CLOSE: Text = text("Close", "关闭");
    pub(super) const COPY: Text = text("Copy", "复制");
    pub(super) const WITH_USERSIG: Text = text("With a UserSig that is good for a day", "包含有效期一天的 UserSig");
    pub(super) const NO_APPLICATION: Text = text(
        "There is no application yet; make one with `cubby app create`.",
        "尚无应用，请用 `cubby app create` 创建。",
    );
    pub(super) const SCRIPT: Text = text("The debug tool needs JavaScript.", "调试工具需要 JavaScript。");
}

#[derive(Template)]
#[template(path = "console/debug.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    administrators: Vec<String>,
}

/// The page, what its script draws, and the signatures of its calls.
pub(super) fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    match (visit.below.as_str(), visit.is_post()) {
        ("", false) => page(visit),
        ("model", false) => match visit.picked() {
            Some(picked) => Reply::json(200, model::of(&picked.settings.limits, visit.lang).to_string()),
            None => plain(404, "there is no application"),
        },
        ("sign", true) => signed(visit),
        _ => visit.unknown(),
    }
}

fn page<S: Store>(visit: &Visit<S>) -> Reply {
    let picked = visit.picked();
    let administrators = picked.iter().flat_map(|picked| &picked.settings.administrators);
    let administrators = administrators.map(|user| user.as_str().to_owned()).collect();
    let app = picked.as_ref().map(|picked| picked.application.id.0);
    visit.shows(&Page { frame: visit.frame(), app, administrators })
}

/// A UserSig for a call, made with the newest key of the application and by its clock; the key stays here.
fn signed<S: Store>(visit: &Visit<S>) -> Reply {
    let Some(picked) = visit.named() else { return plain(404, visit.lang.say(APPLICATION_GONE)) };
    let identifier = visit.field("identifier").unwrap_or_default();
    let usersig = match mint(&picked, &identifier, SIGNED_FOR, &visit.app.clock) {
        Ok(usersig) => usersig,
        Err(why @ MintRefused::NoKey) => return plain(409, why.said(visit.lang)),
        Err(why) => return plain(400, why.said(visit.lang)),
    };
    let app = picked.application.id.0;
    Reply::json(200, json!({"sdkappid": app, "identifier": identifier, "usersig": usersig}).to_string())
}
