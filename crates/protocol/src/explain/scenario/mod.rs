//! Recorded calls as a scenario that `cubby conformance` plays; conformance/README.md has its form. Ids of accounts and chat groups become
//! variables, so that it plays anywhere and removes nothing but what it made itself.

use super::TOLD_MAX;
use crate::decode::NESTING_MAX;
use crate::json::Json;
use crate::url::Query;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

mod pattern;

/// A call as it was recorded.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole path, `/v4/service/command`.
    pub path: &'a str,
    /// The query string; of `usersig` only its being there is looked at.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The body of the reply.
    pub reply: &'a [u8],
}

/// The calls in their order, at most [`TOLD_MAX`] of them, as a scenario: each with the reply that it got, in which times, and what is made
/// anew each time, are patterns. Accounts and chat groups that the calls name and do not make are made before the steps, unless a reply says
/// that they are not there. What a scenario cannot bring about (a rate that is used up, a disabled application, a failing store) is expected
/// all the same, and found to differ when it is played.
pub fn as_scenario(title: &str, calls: &[Recorded<'_>]) -> String {
    let calls: Vec<Read<'_>> = calls.iter().take(TOLD_MAX).map(Read::of).collect();
    let names = Names::of(&calls);
    let steps: Vec<Value> = calls.iter().enumerate().map(|(n, call)| step(n, call, &names)).collect();
    let made = |ids: &BTreeMap<String, Name>, before: bool| -> Vec<String> {
        let some = ids.values().filter(|one| one.before == before);
        some.map(|one| if before { one.called.clone() } else { one.variable.clone() }).collect()
    };
    let scenario = json!({
        "title": title,
        "needs": needs(&calls),
        "users": made(&names.users, true),
        "chat_groups": made(&names.chat_groups, true),
        "remove": {"users": made(&names.users, false), "chat_groups": made(&names.chat_groups, false)},
        "steps": steps,
    });
    format!("{scenario:#}\n")
}

/// A call whose JSON is read.
struct Read<'a> {
    recorded: Recorded<'a>,
    /// Under `/v4/`.
    path: &'a str,
    /// The body, where it is JSON that loses nothing by being written anew.
    body: Option<Value>,
    reply: Value,
    code: i64,
}

impl<'a> Read<'a> {
    fn of(recorded: &Recorded<'a>) -> Self {
        let reply: Value = serde_json::from_slice(recorded.reply).unwrap_or_default();
        let code = reply.get("ErrorCode").and_then(Value::as_i64).unwrap_or_default();
        let path = recorded.path.strip_prefix("/v4/").unwrap_or(recorded.path);
        Self { recorded: *recorded, path, body: same_json(recorded.body), reply, code }
    }
}

/// JSON that loses nothing by being read and written anew, and in which nothing is taken for a variable or a repetition.
fn same_json(bytes: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let sent = Json::parse(bytes, NESTING_MAX).ok()?;
    (is_same(&sent, &value) && !pattern::has_meaning(&value)).then_some(value)
}

fn is_same(sent: &Json<'_>, value: &Value) -> bool {
    match (sent, value) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(one), Value::Bool(other)) => one == other,
        (Json::Number(one), Value::Number(other)) => *one == other.to_string(),
        (Json::String(one), Value::String(other)) => one == other,
        (Json::Array(items), Value::Array(others)) => items.iter().zip(others).all(|(one, other)| is_same(one, other)),
        (Json::Object(object), Value::Object(others)) => {
            let same = |(name, one): (&str, &Json<'_>)| others.get(name).is_some_and(|other| is_same(one, other));
            object.repeated().is_empty() && object.iter().all(same)
        }
        _ => false,
    }
}

/// What an id is called in the scenario.
struct Name {
    /// Among `users` or `chat_groups`.
    called: String,
    /// As it stands in a body.
    variable: String,
    /// Whether it is there before the steps.
    before: bool,
}

/// The ids that the calls name.
#[derive(Default)]
struct Names {
    users: BTreeMap<String, Name>,
    chat_groups: BTreeMap<String, Name>,
    /// Numbers of the requests: a time that is one of them was not made by the server.
    numbers: BTreeSet<u64>,
    /// The caller.
    identifier: Option<String>,
    /// Where the reply of a step holds the id of a chat group that the server named.
    saved: BTreeMap<usize, String>,
}

/// What holds ids of accounts, and of chat groups.
fn is_account(member: &str) -> bool {
    member.ends_with("_Account") || matches!(member, "UserID" | "Identifier" | "Accounts" | "FailAccounts")
}

fn is_chat_group(member: &str) -> bool {
    matches!(member, "ToGroupId" | "ToGroupid" | "GroupId" | "GroupIdList")
}

/// Commands that make accounts.
const IMPORTS: [&str; 2] = ["im_open_login_svc/account_import", "im_open_login_svc/multiaccount_import"];
const CREATE: &str = "group_open_http_svc/create_group";
/// What the ids that a server makes begin with.
const GENERATED: &str = "@TGS#";
/// Codes that say that an account or a chat group is not there.
const NOT_THERE: [i64; 9] = [50001, 51007, 70107, 10010, 10019, 90003, 90008, 90012, 90048];

impl Names {
    fn of(calls: &[Read<'_>]) -> Self {
        let mut names = Self::default();
        let query = calls.first().and_then(|call| Query::parse(call.recorded.query).ok());
        names.identifier = query.and_then(|query| query.identifier);
        let mut missing = BTreeSet::new();
        for call in calls {
            not_there(&call.reply, &mut missing);
        }
        for (n, call) in calls.iter().enumerate() {
            let Some(body) = &call.body else { continue };
            numbers(body, &mut names.numbers);
            let imports = IMPORTS.contains(&call.path) && call.code == 0;
            let creates = call.path == CREATE && call.code == 0;
            let generated = call.reply.get("GroupId").and_then(Value::as_str).filter(|id| id.starts_with(GENERATED));
            if let Some(id) = generated.filter(|_| creates) {
                let name = format!("made{}", names.saved.len());
                let variable = format!("${{{name}}}");
                names.saved.insert(n, name.clone());
                names.chat_groups.entry(id.to_owned()).or_insert(Name { called: name, variable, before: false });
            }
            let (mut accounts, mut groups) = (Vec::new(), Vec::new());
            ids(body, "", &mut accounts, &mut groups);
            for id in accounts.into_iter().filter(|id| is_id(id, 32) && names.identifier.as_deref() != Some(*id)) {
                let before = !imports && !missing.contains(id);
                add(&mut names.users, "user", id, before);
            }
            for id in groups.into_iter().filter(|id| is_id(id, 48) && !id.starts_with(GENERATED)) {
                let before = !creates && !missing.contains(id);
                add(&mut names.chat_groups, "group", id, before);
            }
        }
        names
    }

    /// An id as it is written in a scenario.
    fn written(&self, member: &str, id: &str) -> Option<String> {
        if is_account(member) {
            if self.identifier.as_deref() == Some(id) {
                return Some("${identifier}".to_owned());
            }
            return self.users.get(id).map(|one| one.variable.clone());
        }
        is_chat_group(member).then(|| self.chat_groups.get(id).map(|one| one.variable.clone()))?
    }
}

fn is_id(id: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&id.len()) && id.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// A new id is called by a number; an id may be no name of a variable.
fn add(ids: &mut BTreeMap<String, Name>, kind: &str, id: &str, before: bool) {
    if !ids.contains_key(id) {
        let name = format!("{kind}{}", ids.len());
        let variable = if before { format!("${{{name}}}") } else { format!("${{id}}-{name}") };
        ids.insert(id.to_owned(), Name { called: name, variable, before });
    }
}

/// The ids of a body.
fn ids<'v>(value: &'v Value, member: &str, accounts: &mut Vec<&'v str>, groups: &mut Vec<&'v str>) {
    match value {
        Value::String(id) if is_account(member) => accounts.push(id),
        Value::String(id) if is_chat_group(member) => groups.push(id),
        Value::Array(items) => items.iter().for_each(|one| ids(one, member, accounts, groups)),
        Value::Object(members) => members.iter().for_each(|(name, one)| ids(one, name, accounts, groups)),
        _ => {}
    }
}

fn numbers(value: &Value, found: &mut BTreeSet<u64>) {
    match value {
        Value::Number(n) => found.extend(n.as_u64()),
        Value::Array(items) => items.iter().for_each(|one| numbers(one, found)),
        Value::Object(members) => members.values().for_each(|one| numbers(one, found)),
        _ => {}
    }
}

/// The texts beside a code that says that something is not there, and what such a message quotes.
fn not_there(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|one| not_there(one, found)),
        Value::Object(members) => {
            let code = ["ErrorCode", "ResultCode"].iter().find_map(|name| members.get(*name)?.as_i64());
            if code.is_some_and(|code| NOT_THERE.contains(&code)) {
                members.values().for_each(|one| texts(one, found));
            }
            members.values().for_each(|one| not_there(one, found));
        }
        _ => {}
    }
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
            found.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|one| texts(one, found)),
        Value::Object(members) => members.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

/// What the server must have, or whoever plays it may do.
fn needs(calls: &[Read<'_>]) -> Vec<&'static str> {
    let any = |test: &dyn Fn(&Read<'_>) -> bool| calls.iter().any(test);
    let without = any(&|call| call.code == 51013);
    let groups = any(&|call| {
        let service = call.path.strip_prefix("recentcontact/");
        let marks = call.body.as_ref().is_some_and(|body| body.to_string().contains("Mark\":["));
        matches!(service, Some("create_contact_group" | "update_contact_group" | "del_contact_group"))
            || service == Some("mark_contact") && marks
    });
    let mut needs = Vec::new();
    needs.extend(without.then_some("no_contact_groups"));
    needs.extend((groups && !without).then_some("contact_groups"));
    needs.extend(any(&|call| call.path == "im_open_login_svc/account_delete").then_some("account_deletion"));
    let recent = ["recentcontact/get_list", "recentcontact/delete", "recentcontact/top"];
    needs.extend(any(&|call| recent.contains(&call.path)).then_some("recent_contacts"));
    needs
}

fn step(n: usize, call: &Read<'_>, names: &Names) -> Value {
    let mut step = Map::new();
    let mut set = |name: &str, value: Value| {
        step.insert(name.to_owned(), value);
    };
    set("says", json!(format!("{} answers {}", pattern::without_variables(call.path), call.code)));
    set("source", json!("documented"));
    set("call", json!(pattern::without_variables(call.path)));
    match (&call.body, std::str::from_utf8(call.recorded.body)) {
        (Some(body), _) => set("body", pattern::body(body, "", names)),
        (None, Ok(text)) if !text.contains("${") => set("text", json!(text)),
        _ => set("base64", json!(STANDARD.encode(call.recorded.body))),
    }
    if call.recorded.method != "POST" {
        set("method", json!(call.recorded.method));
    }
    let query = unusual(call, names);
    if !query.is_empty() {
        set("query", Value::Object(query));
    }
    if let Some(sign) = sign(call.code) {
        set("sign", sign);
    }
    if call.code != 0 {
        set("code", json!(call.code));
    } else if call.reply.is_object() {
        set("expect", pattern::expected(&call.reply, names));
    }
    if let Some(name) = names.saved.get(&n) {
        set("save", json!({ name.as_str(): "/GroupId" }));
    }
    Value::Object(step)
}

/// The query parameters that are not as usual: the application and the caller of a scenario are those of who plays it.
fn unusual(call: &Read<'_>, names: &Names) -> Map<String, Value> {
    let mut query = Map::new();
    let Ok(sent) = Query::parse(call.recorded.query) else { return query };
    let mut put = |name: &str, value: Option<&str>| {
        query.insert(name.to_owned(), value.map_or(Value::Null, |text| json!(pattern::without_variables(text))));
    };
    if sent.sdkappid.as_deref().is_none_or(str::is_empty) || matches!(call.code, 60002 | 70020) {
        put("sdkappid", sent.sdkappid.as_deref());
    }
    if sent.identifier.as_deref().is_none_or(str::is_empty) {
        put("identifier", sent.identifier.as_deref());
    }
    if sent.usersig.as_deref().is_none_or(str::is_empty) {
        put("usersig", sent.usersig.as_deref());
    }
    if call.code == 70003 {
        put("usersig", Some("no UserSig"));
    }
    if !sent.has_random() {
        put("random", sent.random.as_deref());
    }
    if sent.contenttype.as_deref() != Some("json") {
        put("contenttype", sent.contenttype.as_deref());
    }
    if call.code == 60010 && sent.identifier != names.identifier {
        put("identifier", sent.identifier.as_deref());
    }
    query
}

/// A UserSig that is refused with this code; which one was sent is not recorded.
fn sign(code: i64) -> Option<Value> {
    match code {
        70001 => Some(json!({"made": -86_400, "expire": 1})),
        70009 => Some(json!({"key": "another key"})),
        70013 => Some(json!({"identifier": "another user"})),
        70014 => Some(json!({"sdkappid": 1})),
        _ => None,
    }
}
