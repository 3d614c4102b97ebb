//! The accounts of an application: looked for, imported, deleted, and the way to the board of each.

use super::data::{self, Refused};
use super::frame::Frame;
use super::lists::{self, ROWS, lines, query};
use super::plain;
use super::visit::Visit;
use super::words::Lang;
use crate::applications::Loaded;
use crate::reply::Reply;
use askama::Template;
use cubby_domain::DirectoryKept;
use cubby_domain::queries::AccountPage;
use cubby_protocol::endpoint::Family;
use cubby_protocol::openapi::{Text, text};
use cubby_protocol::v4::im_open_login_svc::{AccountDelete, MultiaccountImport};
use cubby_store::Store;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) const TITLE: Text = words::TITLE;
/// Under `/console/`.
const PATH: &str = "accounts";

mod words {
    use super::{Text, text};
    pub(super) use crate::console::lists::words::*;

    pub(super) const TITLE: Text = text("Accounts", "帐号");
    pub(super) const FIND: Text = text("UserID or nickname", "UserID 或昵称");
    pub(super) const IMPORT: Text = text("Import accounts", "导入帐号");
    pub(super) const IMPORT_ABOUT: Text = text(
        "One UserID a line. A tab and a nickname may follow it, as a spreadsheet copies them.",
        "每行一个 UserID；其后可用制表符接昵称，可直接从表格粘贴。",
    );
    pub(super) const IDS: Text = text("UserIDs", "UserID 列表");
    pub(super) const IMPORT_DO: Text = text("Import", "导入");
    pub(super) const IMPORTED: Text = text("Imported: ", "已导入：");
    pub(super) const DELETED: Text = text("Deleted: ", "已删除：");
    pub(super) const USER: Text = text("UserID", "UserID");
    pub(super) const NICK: Text = text("Nickname", "昵称");
    pub(super) const CONTACT_GROUPS: Text = text("Contact groups", "会话分组");
    pub(super) const CONVERSATIONS: Text = text("Conversations", "会话");
    pub(super) const UNREAD: Text = text("Unread", "未读消息");
    pub(super) const DELETE: Text = text("Delete", "删除");
    pub(super) const DELETE_SURE: Text = text(
        "Delete this account with its conversation data and memberships? It cannot be undone:",
        "删除该帐号及其会话数据与群成员关系？此操作不可撤销：",
    );
    pub(super) const EMPTY: Text = text(
        "No account is imported yet. Import the first ones: each gets a board for its contact groups, marks and pins.",
        "尚未导入任何帐号。先导入几个，每个帐号都有自己的看板，用于会话分组、会话标记与置顶。",
    );
    pub(super) const ELSEWHERE: Text = text(
        "The users of this application are kept elsewhere: every well-formed UserID exists, imported or not.",
        "此应用的用户保存在其他系统中：任何合法的 UserID 都视为存在，无论是否导入。",
    );
}

#[derive(Template)]
#[template(path = "console/accounts.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    elsewhere: bool,
    list: Option<List>,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "console/accounts-list.html")]
struct List {
    lang: Lang,
    app: u64,
    page: AccountPage,
    /// What is looked for.
    text: String,
    is_first: bool,
    notice: Option<String>,
}

impl List {
    fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }

    fn is_empty(&self) -> bool {
        self.page.accounts.is_empty()
    }

    /// The query of the board of a user.
    fn board_of(&self, user: &str) -> String {
        query(self.app, &[("user", user)])
    }

    /// The query of the next page.
    fn next(&self) -> Option<String> {
        Some(query(self.app, &[("text", &self.text), ("after", self.page.next.as_ref()?.as_str())]))
    }
}

/// The page, its list, and what is done on it.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if visit.below.is_empty() && !visit.is_post() {
        return page(visit).await;
    }
    let Some(of) = visit.application() else {
        return plain(404, visit.lang.say(data::APPLICATION_GONE));
    };
    let done = match (visit.below.as_str(), visit.is_post()) {
        ("list", false) => Ok(None),
        ("choices", false) => return choices(visit, &of).await,
        ("import", true) => import(visit, &of).await.map(Some),
        ("delete", true) => delete(visit, &of).await.map(Some),
        _ => return visit.unknown(),
    };
    let list = match done {
        Ok(notice) => list(visit, &of, notice).await,
        Err(refused) => Err(refused),
    };
    match list {
        Ok(list) => visit.shows(&list),
        Err(refused) => plain(422, refused.0),
    }
}

async fn page<S: Store>(visit: &Visit<S>) -> Reply {
    let mut page = Page { frame: visit.frame(), app: None, elsewhere: false, list: None };
    let Some(of) = visit.picked() else { return visit.shows(&page) };
    page.app = Some(of.application.id.0);
    page.elsewhere = of.settings.users == DirectoryKept::Elsewhere;
    match list(visit, &of, None).await {
        Ok(list) => visit.shows(&Page { list: Some(list), ..page }),
        Err(refused) => plain(503, refused.0),
    }
}

async fn list<S: Store>(visit: &Visit<S>, of: &Arc<Loaded>, notice: Option<String>) -> Result<List, Refused> {
    // What is looked for goes along with a form, and stands in the address of a page.
    let text = visit.field("text").or_else(|| visit.query("text")).unwrap_or_default();
    let after = visit.query("after");
    let (lang, app, is_first) = (visit.lang, of.application.id.0, after.is_none());
    let page = lists::accounts(visit, of, Some(text.clone()), after, ROWS).await?;
    Ok(List { lang, app, page, text, is_first, notice })
}

/// Accounts to choose from, for a field that takes one.
async fn choices<S: Store>(visit: &Visit<S>, of: &Arc<Loaded>) -> Reply {
    match lists::accounts(visit, of, visit.query("user"), None, ROWS).await {
        Ok(accounts) => visit.shows(&lists::Choices { accounts }),
        Err(refused) => plain(503, refused.0),
    }
}

async fn import<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<String, Refused> {
    let field = visit.field("ids").unwrap_or_default();
    let accounts: Vec<Value> = lines(&field)
        .map(|line| match line.split_once('\t') {
            Some((user, nick)) => json!({"UserID": user.trim(), "Nick": nick.trim()}),
            None => json!({"UserID": line}),
        })
        .collect();
    let at_once = usize::try_from(of.settings.limits.accounts_per_call).unwrap_or(usize::MAX);
    let mut failed = Vec::new();
    // Where there is none, the command says what is missing.
    for some in accounts.chunks(at_once).chain(accounts.is_empty().then_some(&[][..])) {
        let body = json!({"AccountList": some});
        failed.extend(data::call_asked::<S, MultiaccountImport>(visit, of, &body).await?.0);
    }
    let done = format!("{}{}", visit.lang.say(words::IMPORTED), accounts.len().saturating_sub(failed.len()));
    Ok(lists::told(visit, &done, &failed))
}

async fn delete<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<String, Refused> {
    let user = visit.field("user").unwrap_or_default();
    let body = json!({"DeleteItem": [{"UserID": user}]});
    let results = data::call::<S, AccountDelete>(visit, of, &body).await?;
    data::items(visit.lang, Family::Account, &results)?;
    Ok(format!("{}{user}", visit.lang.say(words::DELETED)))
}
