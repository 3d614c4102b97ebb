//! What a call passed only by leniency: where it is not as the documentation has it and was taken all the same, each with the ruling of
//! docs/compatibility.md that says so. What was refused is not told here; the reply says it.

use super::walk::{field_of, fields_of, item_of, objects};
use super::{TOLD_MAX, Told, cut};
use crate::conversation::CHAT_GROUP_SPELLINGS;
use crate::decode::Body;
use crate::endpoint::Meta;
use crate::field::is_absent;
use crate::json::{Integer, Json, Object};
use crate::openapi::{Field, Kind};
use crate::url::Query;
use cubby_domain::{Profile, Settings};
use serde::Serialize;

/// Something that was tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tolerated {
    /// The ruling that tolerates it, where it has one.
    pub ruling: Option<&'static str>,
    /// The part of the request that it stands in.
    pub part: Part,
    /// The path of the field, `UpdateGroup.NewGroupName`, or the query parameter; empty where it is the part as a whole.
    pub path: String,
    /// What it is and how it was taken.
    pub told: Told,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The method.
    Method,
    /// The query string.
    Query,
    /// The body.
    Body,
}

/// What a call passed only by leniency, at most [`TOLD_MAX`] of it: first of its method and query, then of its body, in the order in which
/// it stands there. Nothing of a body is told where the path has no command or the body is no JSON object.
pub fn tolerated(meta: Option<&Meta>, method: &str, query: &str, body: &[u8], settings: &Settings) -> Vec<Tolerated> {
    let mut found = Found(Vec::new());
    if method == "GET" {
        found.add(
            Some("R-002"),
            Part::Method,
            "",
            "GET is taken like POST, its body too",
            "GET 按 POST 处理，包体同样读取",
        );
    }
    of_query(query, settings, &mut found);
    if let (Some(meta), Ok(parsed)) = (meta, Body::parse(body)) {
        of_whole_body(body, &mut found);
        missing(meta, parsed.object(), &mut found);
        objects(parsed.object(), meta.doc.request, "", &mut |prefix, object, fields| {
            of_object(meta, prefix, object, fields, settings, &mut found);
        });
    }
    found.0
}

/// What was found so far, within its bound.
struct Found(Vec<Tolerated>);

impl Found {
    fn add(
        &mut self,
        ruling: Option<&'static str>,
        part: Part,
        path: impl Into<String>,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        if self.0.len() < TOLD_MAX {
            self.0.push(Tolerated { ruling, part, path: path.into(), told: Told { en: en.into(), zh: zh.into() } });
        }
    }

    fn field(
        &mut self,
        ruling: impl Into<Option<&'static str>>,
        path: String,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        self.add(ruling.into(), Part::Body, path, en, zh);
    }
}

fn of_query(text: &str, settings: &Settings, found: &mut Found) {
    let Ok(query) = Query::parse(text) else { return };
    if !text.is_ascii() {
        let (en, zh) = (
            "raw UTF-8 in the request line is read as if it were percent-encoded",
            "请求行中未编码的 UTF-8 按已编码处理",
        );
        found.add(Some("R-002"), Part::Query, "", en, zh);
    }
    for name in Query::repeated(text) {
        let (en, zh) = ("is given more than once; the first counts", "出现多次，以第一个为准");
        found.add(Some("R-005"), Part::Query, name, en, zh);
    }
    if query.contenttype.is_none() {
        let (en, zh) = ("is missing; it is documented to be json", "缺失；文档要求为 json");
        found.add(Some("R-002"), Part::Query, "contenttype", en, zh);
    }
    // Where it is checked, what is wrong with it was refused.
    if !settings.strict_query && !query.has_random() {
        let (en, zh) = match query.random {
            None => (
                "is missing; it is documented to be a random unsigned 32-bit number",
                "缺失；文档要求为 32 位无符号随机整数",
            ),
            Some(_) => ("is not an unsigned 32-bit number, and is not checked", "不是 32 位无符号整数；未作检查"),
        };
        found.add(Some("R-004"), Part::Query, "random", en, zh);
    }
}

fn of_whole_body(body: &[u8], found: &mut Found) {
    let text = body.strip_prefix(b"\xef\xbb\xbf");
    if text.is_some() {
        let (en, zh) = ("the body begins with a byte order mark, which is passed over", "包体以 BOM 开头，已跳过");
        found.field("R-019", String::new(), en, zh);
    }
    if text.unwrap_or(body).trim_ascii_start().starts_with(b"[") {
        let (en, zh) = (
            "the body is [], as PHP writes an empty array; it is taken as {}",
            "包体为 []（PHP 空数组的写法），按 {} 处理",
        );
        found.field("R-001", String::new(), en, zh);
    }
}

/// Fields that are documented as required and may be missing all the same.
fn missing(meta: &Meta, body: &Object<'_>, found: &mut Found) {
    if meta.path != "recentcontact/get_list" {
        return;
    }
    for field in meta.doc.request.iter().filter(|field| field.name != "From_Account") {
        if body.get(field.name).is_none_or(is_absent) {
            let flags = field.name == "AssistFlags";
            let (ruling, taken) = if flags { ("R-079", 63) } else { ("R-082", 0) };
            let en = format!("is documented as required; left out it is {taken}");
            found.field(ruling, field.name.to_owned(), en, format!("文档要求必填；缺失时按 {taken} 处理"));
        }
    }
}

fn of_object(
    meta: &Meta,
    prefix: &str,
    object: &Object<'_>,
    fields: &'static [Field],
    settings: &Settings,
    found: &mut Found,
) {
    let path = |name: &str| format!("{prefix}{}", cut(name));
    for name in object.repeated() {
        found.field("R-015", path(name), "is given more than once; the last counts", "出现多次，以最后一个为准");
    }
    let unread = unread(meta, object, fields, found, prefix);
    for (name, value) in object.iter() {
        let Some(field) = field_of(fields, name).filter(|_| !unread.contains(&name)) else { continue };
        if is_absent(value) {
            if !field.required && !may_be_empty(value, &field.kind) {
                let en = format!("is {}, which means the same as leaving it out", written(value));
                found.field("R-011", path(name), en, format!("值为 {}，等同于未填", written(value)));
            }
            continue;
        }
        of_spelling(meta, object, field, name, &path(name), found);
        of_form(value, &field.kind, &path(name), found);
        of_value(meta, name, value, &field.kind, &path(name), settings, found);
    }
}

/// Whether the documentation itself lets a field be empty in this way.
fn may_be_empty(value: &Json<'_>, kind: &Kind) -> bool {
    match value {
        Json::String(_) => matches!(kind, Kind::Text | Kind::MaybeEmptyWithin(_)),
        Json::Array(_) => matches!(kind, Kind::List(_) | Kind::ListWithin(0, ..)),
        _ => false,
    }
}

/// Fields that the rest of the request makes nobody look at; they are told, and nothing else is said of them.
fn unread(
    meta: &Meta,
    object: &Object<'_>,
    fields: &'static [Field],
    found: &mut Found,
    prefix: &str,
) -> Vec<&'static str> {
    let number = |name: &str| match object.get(name).and_then(Json::integer) {
        Some(Integer::Fits(n)) => Some(n),
        _ => None,
    };
    let has = |name: &str| object.get(name).is_some_and(|value| !is_absent(value));
    let is = |name: &str, kind: fn(&Kind) -> bool| field_of(fields, name).is_some_and(|field| kind(&field.kind));
    let is_choice = |name: &str| is(name, |kind| matches!(kind, Kind::Choice(_)));
    let mut unread = Vec::new();
    let mut add = |names: &[&'static str], ruling, by: &str| {
        for name in names.iter().filter(|name| has(name)) {
            let (en, zh) = (format!("is not looked at, because of {by}"), format!("因 {by} 而不读取"));
            found.field(ruling, format!("{prefix}{name}"), en, zh);
            unread.push(*name);
        }
    };
    // The one place where `type` is read is one where all is in the request itself.
    let kind = number("Type").or_else(|| number("type").filter(|_| is_choice("type")));
    if is_choice("Type") && CHAT_GROUP_SPELLINGS.iter().any(|name| field_of(fields, name).is_some()) {
        let any_chat_group = CHAT_GROUP_SPELLINGS.into_iter().any(has);
        match kind {
            Some(1) => add(&CHAT_GROUP_SPELLINGS, "R-042", "Type 1"),
            Some(2) if any_chat_group || meta.path != "recentcontact/delete" => {
                add(&["To_Account"], "R-042", "Type 2");
            }
            _ => {}
        }
    }
    if is_choice("OptType") {
        match number("OptType") {
            Some(1) => add(&["CustomMark"], "R-056", "OptType 1"),
            Some(2) => add(&["ClearMark", "SetMark"], "R-056", "OptType 2"),
            _ => {}
        }
    }
    if number("UpdateGroupType") == Some(2) && is_choice("UpdateGroupType") {
        add(&["NewGroupName"], "R-053", "UpdateGroupType 2");
    }
    unread
}

/// A field under another name than the documented one.
fn of_spelling(meta: &Meta, object: &Object<'_>, field: &Field, name: &str, path: &str, found: &mut Found) {
    let documented = field.name;
    if meta.path == "recentcontact/delete" && name == "To_Account" {
        let number = |name: &str| object.get(name).and_then(Json::integer) == Some(Integer::Fits(2));
        if number("Type") || object.get("Type").is_none_or(is_absent) && number("type") {
            let (en, zh) = ("is taken for the chat group of Type 2", "Type 为 2 时按群组 ID 处理");
            found.field("R-088", path.to_owned(), en, zh);
        }
        return;
    }
    if name == documented {
        return;
    }
    let is_chat_group = CHAT_GROUP_SPELLINGS.contains(&name);
    let ruling = if is_chat_group { Some("R-041") } else { (name == "type").then_some("R-088") };
    let others =
        field.also.iter().chain([&field.name]).filter(|one| object.get(one).is_some_and(|one| !is_absent(one)));
    let (en, zh) = match (others.count() > 1, is_chat_group) {
        (false, _) => (format!("is taken as {documented}"), format!("按 {documented} 处理")),
        (true, true) => (
            "is one of several spellings that are there; of ToGroupId, ToGroupid and GroupId the first counts"
                .to_owned(),
            "同一字段有多种写法同时出现；按 ToGroupId、ToGroupid、GroupId 的顺序取第一个".to_owned(),
        ),
        (true, false) => {
            (format!("is passed over, because {documented} is there"), format!("因 {documented} 存在而不读取"))
        }
    };
    found.field(ruling, path.to_owned(), en, zh);
}

/// An object for a list, or a list for an object.
fn of_form(value: &Json<'_>, kind: &Kind, path: &str, found: &mut Found) {
    let is_object = fields_of(kind).is_some() || matches!(kind, Kind::AnyObject);
    let is_list = item_of(kind).and_then(fields_of).is_some();
    match value {
        Json::Object(_) if is_list => {
            let (en, zh) = (
                "is one object where a list is documented; it is a list of one",
                "文档要求数组，此处为单个对象，按只有一项的数组处理",
            );
            found.field("R-012", path.to_owned(), en, zh);
        }
        Json::Array(items) if is_object && matches!(items.as_slice(), [Json::Object(_)]) => {
            let (en, zh) = (
                "is a list of one object where an object is documented; it is that object",
                "文档要求对象，此处为只有一个对象的数组，按该对象处理",
            );
            found.field("R-012", path.to_owned(), en, zh);
        }
        _ => {}
    }
}

/// Flags of which any integer is taken.
const ANY_INTEGER: [&str; 5] =
    ["ClearRamble", "OnlineOnlyFlag", "RecentContactFlag", "SyncFromOldSystem", "SyncOtherMachine"];

/// A value that is not among the documented ones.
fn of_value(
    meta: &Meta,
    name: &str,
    value: &Json<'_>,
    kind: &Kind,
    path: &str,
    settings: &Settings,
    found: &mut Found,
) {
    let at = || path.to_owned();
    let integer = value.integer();
    if matches!(value, Json::Number(text) if *text == "-0") {
        found.field("R-014", at(), "is -0, which is 0", "值为 -0，即 0");
    }
    match (kind, integer) {
        (Kind::Choice(numbers), Some(Integer::Fits(n))) if ANY_INTEGER.contains(&name) && !numbers.contains(&n) => {
            let choices = numbers.iter().map(ToString::to_string).collect::<Vec<_>>();
            let (en, zh) = (choices.join(" or "), choices.join(" 或 "));
            found.field(
                None,
                at(),
                format!("is documented to be {en}; {n} is neither"),
                format!("文档要求为 {zh}，此处为 {n}"),
            );
        }
        (Kind::List(Kind::Word(words)), _) => {
            let Json::Array(items) = value else { return };
            let unknown = |item: &&Json<'_>| matches!(item, Json::String(text) if !words.contains(&text.as_ref()));
            if let Some(Json::String(word)) = items.iter().find(unknown) {
                let word = cut(word);
                found.field(
                    None,
                    at(),
                    format!("has the unknown word {word}, which is passed over"),
                    format!("含有未知取值 {word}，已忽略"),
                );
            }
        }
        (Kind::Integer, Some(n)) if name == "AssistFlags" => of_assist_flags(n, path, settings, found),
        (Kind::MaybeEmptyWithin(max), _) if meta.path == "im_open_login_svc/multiaccount_import" => {
            let fits = matches!(value, Json::String(text) if text.len() as u64 <= max(&settings.limits));
            if !fits {
                let (en, zh) = (
                    "is not well formed and was left out; the account was imported",
                    "格式不合法，已忽略该字段，帐号照常导入",
                );
                found.field("R-070", at(), en, zh);
            }
        }
        _ => {}
    }
}

fn of_assist_flags(flags: Integer, path: &str, settings: &Settings, found: &mut Found) {
    if settings.profile == Profile::Y2026 && flags != Integer::Fits(63) {
        let (en, zh) = ("is taken as 63, as the pages of 2026 have it fixed", "按 2026 年文档固定为 63 处理");
        found.field("R-090", path.to_owned(), en, zh);
    } else if !matches!(flags, Integer::Fits(0..=63)) {
        let (en, zh) = (
            "has bits beyond the six that are documented; no integer is refused",
            "含有文档定义的 6 位之外的位；任何整数都不会被拒绝",
        );
        found.field("R-079", path.to_owned(), en, zh);
    }
}

/// An absent value as it stands in the body.
fn written(value: &Json<'_>) -> &'static str {
    match value {
        Json::String(_) => "\"\"",
        Json::Array(_) => "[]",
        _ => "null",
    }
}
