//! The chat groups of an application: looked for, created, and dissolved; the members of each, added and removed.

use super::data::{self, Refused};
use super::frame::Frame;
use super::lists::{self, ROWS, lines, query};
use super::visit::Visit;
use super::words::Lang;
use super::{HX_REDIRECT, plain};
use crate::applications::Loaded;
use crate::reply::Reply;
use askama::Template;
use cubby_domain::commands::Added;
use cubby_domain::queries::{ChatGroupInfo, ChatGroupPage, FindChatGroups, GetChatGroups, ListChatGroups};
use cubby_domain::{ChatGroupId, DirectoryKept};
use cubby_protocol::endpoint::Family;
use cubby_protocol::openapi::{Text, text};
use cubby_protocol::v4::group_open_http_svc::{AddGroupMember, CreateGroup, DeleteGroupMember, DestroyGroup};
use cubby_store::Store;
use hyper::header::HeaderValue;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) const TITLE: Text = words::TITLE;
/// Under `/console/`.
const PATH: &str = "chat-groups";

/// As the API names them.
const KINDS: [&str; 6] = ["Public", "Work", "Meeting", "Community", "AVChatRoom", "Private"];
/// Members that a page shows.
const MEMBERS_SHOWN: usize = 500;

mod words {
    use super::{Text, text};
    pub(super) use crate::console::lists::words::*;

    pub(super) const TITLE: Text = text("Chat groups", "群组");
    pub(super) const FIND: Text = text("GroupId or name", "群组 ID 或名称");
    pub(super) const CREATE: Text = text("Create a chat group", "创建群组");
    pub(super) const CREATE_DO: Text = text("Create", "创建");
    pub(super) const CREATED: Text = text("Created: ", "已创建：");
    pub(super) const ID: Text = text("GroupId", "群组 ID");
    pub(super) const ID_OURS: Text = text("made by the server where empty", "留空则由服务生成");
    pub(super) const NAME: Text = text("Name", "名称");
    pub(super) const KIND: Text = text("Type", "类型");
    pub(super) const OWNER: Text = text("Owner", "群主");
    pub(super) const MEMBERS: Text = text("Members", "群成员");
    pub(super) const MEMBERS_ABOUT: Text = text("One UserID a line.", "每行一个 UserID。");
    pub(super) const CREATED_AT: Text = text("Created", "创建时间");
    pub(super) const EMPTY: Text = text(
        "There is no chat group yet. Create the first one; its members can sort it on their boards.",
        "尚无群组。先创建一个，群成员即可在各自的看板中整理它。",
    );
    pub(super) const ELSEWHERE: Text = text(
        "The chat groups of this application are kept elsewhere: every well-formed GroupId exists, listed here or not.",
        "此应用的群组保存在其他系统中：任何合法的群组 ID 都视为存在，无论是否列在这里。",
    );
    pub(super) const DESTROY: Text = text("Dissolve", "解散");
    pub(super) const DESTROY_SURE: Text = text(
        "Dissolve this chat group? Users keep where they sorted it until they remove it.",
        "解散该群组？用户对它的分组与标记会保留，直到自行移除。",
    );
    pub(super) const ADD: Text = text("Add members", "添加群成员");
    pub(super) const ADD_DO: Text = text("Add", "添加");
    pub(super) const ADDED: Text = text("Added: ", "已添加：");
    pub(super) const REMOVE: Text = text("Remove", "移除");
    pub(super) const REMOVED: Text = text("Removed: ", "已移除：");
    pub(super) const NO_MEMBERS: Text = text("It has no members. Add some below.", "还没有群成员，可在下方添加。");
    pub(super) const MEMBERS_MORE: Text =
        text("These are the first members; there are more.", "仅显示最前面的群成员。");
    pub(super) const ALL: Text = text("All chat groups", "全部群组");
    pub(super) const GONE: Text = text("There is no such chat group", "群组不存在或已解散");
    pub(super) const JOINED: Text = text("Joined", "加入时间");
}

#[derive(Template)]
#[template(path = "console/chat-groups.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    elsewhere: bool,
    list: Option<List>,
}

/// The list, which changes.
#[derive(Template)]
#[template(path = "console/chat-groups-list.html")]
struct List {
    lang: Lang,
    app: u64,
    page: ChatGroupPage,
    text: String,
    is_first: bool,
    notice: Option<String>,
}

/// One chat group.
#[derive(Template)]
#[template(path = "console/chat-group.html")]
struct OnePage {
    frame: Frame,
    app: u64,
    /// None where it was dissolved.
    members: Option<Members>,
}

/// Its members, who change.
#[derive(Template)]
#[template(path = "console/chat-group-members.html")]
struct Members {
    lang: Lang,
    app: u64,
    id: String,
    info: ChatGroupInfo,
    notice: Option<String>,
}

impl List {
    fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }

    fn is_empty(&self) -> bool {
        self.page.chat_groups.is_empty()
    }

    /// The query of the next page.
    fn next(&self) -> Option<String> {
        Some(query(self.app, &[("text", &self.text), ("after", &self.page.next?.to_string())]))
    }

    /// The query of the page of one.
    fn one(&self, id: &ChatGroupId) -> String {
        query(self.app, &[("id", id.as_str())])
    }
}

impl Members {
    fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }

    fn at(&self) -> String {
        query(self.app, &[("id", &self.id)])
    }

    fn board_of(&self, user: &str) -> String {
        query(self.app, &[("user", user)])
    }

    fn has_more(&self) -> bool {
        self.info.members.len() > MEMBERS_SHOWN
    }

    fn shown(&self) -> impl Iterator<Item = (&str, &cubby_domain::Member)> {
        self.info.members.iter().take(MEMBERS_SHOWN).map(|(user, member)| (user.as_str(), member))
    }
}

/// The page, its parts, and what is done on it.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if visit.below.is_empty() && !visit.is_post() {
        return page(visit).await;
    }
    let Some(of) = visit.application() else {
        return plain(404, visit.lang.say(data::APPLICATION_GONE));
    };
    let answered = match (visit.below.as_str(), visit.is_post()) {
        ("list", false) => list(visit, &of, None).await.map(|list| visit.shows(&list)),
        ("create", true) => create(visit, &of).await,
        ("one", false) => one(visit, &of).await,
        ("add", true) => add(visit, &of).await,
        ("remove", true) => remove(visit, &of).await,
        ("destroy", true) => destroy(visit, &of).await,
        _ => return visit.unknown(),
    };
    answered.unwrap_or_else(|refused| plain(422, refused.0))
}

async fn page<S: Store>(visit: &Visit<S>) -> Reply {
    let mut page = Page { frame: visit.frame(), app: None, elsewhere: false, list: None };
    let Some(of) = visit.picked() else { return visit.shows(&page) };
    page.app = Some(of.application.id.0);
    page.elsewhere = of.settings.chat_groups == DirectoryKept::Elsewhere;
    match list(visit, &of, None).await {
        Ok(list) => visit.shows(&Page { list: Some(list), ..page }),
        Err(refused) => plain(503, refused.0),
    }
}

async fn list<S: Store>(visit: &Visit<S>, of: &Arc<Loaded>, notice: Option<String>) -> Result<List, Refused> {
    let text = visit.field("text").or_else(|| visit.query("text")).unwrap_or_default().trim().to_owned();
    let after = visit.query("after").and_then(|after| after.parse().ok());
    let (lang, app, is_first) = (visit.lang, of.application.id.0, after.is_none());
    let after = after.unwrap_or_default();
    let page = if text.is_empty() {
        data::query(visit, of, Family::ChatGroup, ListChatGroups { after, limit: ROWS, kind: None }).await?
    } else {
        let find = FindChatGroups { after, limit: ROWS, text: text.as_str().into() };
        data::query(visit, of, Family::ChatGroup, find).await?
    };
    Ok(List { lang, app, page, text, is_first, notice })
}

/// The members that a field names, as the API writes them.
fn member_list<S: Store>(visit: &Visit<S>) -> Vec<Value> {
    lines(&visit.field("members").unwrap_or_default()).map(|user| json!({"Member_Account": user})).collect()
}

async fn create<S: Store>(visit: &Visit<S>, of: &Arc<Loaded>) -> Result<Reply, Refused> {
    let field = |name| visit.field(name).unwrap_or_default().trim().to_owned();
    let body = json!({
        "GroupId": field("id"),
        "Name": field("name"),
        "Type": field("type"),
        "Owner_Account": field("owner"),
        "MemberList": member_list(visit),
    });
    let id = data::call::<S, CreateGroup>(visit, of, &body).await?;
    let notice = format!("{}{id}", visit.lang.say(words::CREATED));
    Ok(visit.shows(&list(visit, of, Some(notice)).await?))
}

fn id<S: Store>(visit: &Visit<S>) -> String {
    visit.query("id").unwrap_or_default()
}

async fn members<S: Store>(visit: &Visit<S>, of: &Loaded, notice: Option<String>) -> Result<Option<Members>, Refused> {
    let id = id(visit);
    let Ok(asked) = ChatGroupId::new(&id) else { return Ok(None) };
    let found = data::query(visit, of, Family::ChatGroup, GetChatGroups { ids: vec![asked] }).await?;
    let info = found.into_iter().flatten().next();
    let (lang, app) = (visit.lang, of.application.id.0);
    Ok(info.map(|info| Members { lang, app, id, info, notice }))
}

async fn one<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<Reply, Refused> {
    let members = members(visit, of, None).await?;
    let status = if members.is_some() { 200 } else { 404 };
    Ok(visit.shows_as(status, &OnePage { frame: visit.frame(), app: of.application.id.0, members }))
}

/// The members as they are after something was done.
async fn after<S: Store>(visit: &Visit<S>, of: &Loaded, notice: String) -> Result<Reply, Refused> {
    let members = members(visit, of, Some(notice)).await?;
    Ok(members.map_or_else(|| plain(404, visit.lang.say(words::GONE)), |members| visit.shows(&members)))
}

async fn add<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<Reply, Refused> {
    let body = json!({"GroupId": id(visit), "MemberList": member_list(visit)});
    let (asked, added) = data::call_asked::<S, AddGroupMember>(visit, of, &body).await?;
    let joined = added.iter().filter(|one| **one == Added::Joined).count();
    let not: Vec<String> =
        asked.into_iter().zip(&added).filter(|(_, one)| **one == Added::Failed).map(|(user, _)| user).collect();
    let done = format!("{}{joined}", visit.lang.say(words::ADDED));
    after(visit, of, lists::told(visit, &done, &not)).await
}

async fn remove<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<Reply, Refused> {
    let user = visit.field("user").unwrap_or_default();
    let body = json!({"GroupId": id(visit), "MemberToDel_Account": [user]});
    data::call::<S, DeleteGroupMember>(visit, of, &body).await?;
    after(visit, of, format!("{}{user}", visit.lang.say(words::REMOVED))).await
}

async fn destroy<S: Store>(visit: &Visit<S>, of: &Loaded) -> Result<Reply, Refused> {
    data::call::<S, DestroyGroup>(visit, of, &json!({"GroupId": id(visit)})).await?;
    let to = format!("/console/{PATH}?{}", query(of.application.id.0, &[]));
    Ok(plain(200, "").with(HX_REDIRECT, HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/console/"))))
}
