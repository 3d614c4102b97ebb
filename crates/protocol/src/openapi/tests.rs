//! The descriptions say what the code does: a command asks a request for exactly the fields that are described, the samples are what is
//! described, and every code that is named is one.

use super::doc::{Field, Kind};
use crate::codes::{CODES, Code};
use crate::endpoint::{Call, Endpoint, Meta};
use crate::field::{Fields, asked};
use crate::json::{Json, Object};
use crate::v4::{group_open_http_svc as group, im_open_login_svc as login, openim, recentcontact as contact};
use cubby_domain::{Settings, UserId};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A command, what it asks a body for, and whether it takes one.
pub(crate) struct Case {
    pub(crate) meta: &'static Meta,
    asks: fn(&str) -> BTreeSet<String>,
    pub(crate) takes: fn(&str) -> bool,
}

const fn case<E: Endpoint>() -> Case {
    Case { meta: &E::META, asks: asks::<E>, takes: takes::<E> }
}

fn takes<E: Endpoint>(body: &str) -> bool {
    let Ok(Json::Object(object)) = Json::parse(body.as_bytes(), 32) else { panic!("{body} is no object") };
    let (caller, settings) = (UserId::new("administrator").unwrap(), Settings::default());
    E::decode(&Fields::new(&object, ""), &Call { caller: &caller, settings: &settings }).is_ok()
}

/// Every command. The test below tells one that is forgotten.
pub(crate) const CASES: &[Case] = &[
    case::<group::AddGroupMember>(),
    case::<group::CreateGroup>(),
    case::<group::DeleteGroupMember>(),
    case::<group::DestroyGroup>(),
    case::<group::GetAppidGroupList>(),
    case::<group::GetGroupInfo>(),
    case::<group::GetJoinedGroupList>(),
    case::<group::ImportGroupMsg>(),
    case::<group::SendGroupMsg>(),
    case::<group::SetUnreadMsgNum>(),
    case::<login::AccountCheck>(),
    case::<login::AccountDelete>(),
    case::<login::AccountImport>(),
    case::<login::MultiaccountImport>(),
    case::<openim::AdminSetMsgRead>(),
    case::<openim::Batchsendmsg>(),
    case::<openim::GetC2cUnreadMsgNum>(),
    case::<openim::Importmsg>(),
    case::<openim::Sendmsg>(),
    case::<contact::CreateContactGroup>(),
    case::<contact::DelContactGroup>(),
    case::<contact::Delete>(),
    case::<contact::GetContactGroup>(),
    case::<contact::GetList>(),
    case::<contact::MarkContact>(),
    case::<contact::SearchContactGroup>(),
    case::<contact::Top>(),
    case::<contact::UpdateContactGroup>(),
];

/// The paths of the fields that a command asks for, whether or not they are there.
fn asks<E: Endpoint>(body: &str) -> BTreeSet<String> {
    let Ok(Json::Object(object)) = Json::parse(body.as_bytes(), 32) else { panic!("{body} is no object") };
    let mut places = BTreeMap::new();
    object_places(&object, "", &mut places);
    let (caller, settings) = (UserId::new("administrator").unwrap(), Settings::default());
    let call = Call { caller: &caller, settings: &settings };
    let asked = asked::during(|| drop(E::decode(&Fields::new(&object, ""), &call)));
    // An object that was made while the body was read stands nowhere in it.
    asked.into_iter().filter_map(|(object, name)| Some(format!("{}{name}", places.get(&object)?))).collect()
}

/// The objects of a body, and where they stand in it.
fn object_places(object: &Object<'_>, path: &str, found: &mut BTreeMap<usize, String>) {
    found.insert(std::ptr::from_ref(object).addr(), path.to_owned());
    for (name, value) in object.iter() {
        places(value, &format!("{path}{name}"), found);
    }
}

fn places(value: &Json<'_>, path: &str, found: &mut BTreeMap<usize, String>) {
    match value {
        Json::Object(object) => object_places(object, &format!("{path}."), found),
        Json::Array(items) => items.iter().for_each(|item| places(item, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// The paths of the fields that are described.
fn described(fields: &[Field], prefix: &str, found: &mut BTreeSet<String>) {
    for field in fields {
        for name in field.also.iter().chain([&field.name]) {
            let path = format!("{prefix}{name}");
            inner(&field.kind, &path, found);
            found.insert(path);
        }
    }
}

fn inner(kind: &Kind, path: &str, found: &mut BTreeSet<String>) {
    match kind {
        Kind::Object(fields) => described(fields, &format!("{path}."), found),
        Kind::Shape(shape) => described(shape.fields, &format!("{path}."), found),
        Kind::List(item) | Kind::ListWithin(_, _, item) => inner(item, &format!("{path}[]"), found),
        _ => {}
    }
}

/// Bodies that between them reach every branch: each choice and each spelling is taken; all fields are there, or one is not, or no optional
/// one is.
fn bodies(fields: &[Field]) -> Vec<Value> {
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    let optional: Vec<_> = fields.iter().filter(|field| !field.required).map(|field| field.name).collect();
    let mut missing: Vec<&[&str]> = vec![&[], &optional];
    missing.extend(names.chunks(1));
    let mut bodies = Vec::new();
    for missing in missing {
        let mut some = vec![Map::new()];
        for field in fields.iter().filter(|field| !missing.contains(&field.name)) {
            let names = [field.name].into_iter().chain(field.also.iter().copied());
            let members: Vec<_> =
                names.flat_map(|name| values(&field.kind).into_iter().map(move |value| (name, value))).collect();
            let with = |body: &Map<String, Value>, (name, value): &(&str, Value)| {
                let mut body = body.clone();
                body.insert((*name).to_owned(), value.clone());
                body
            };
            some = some.iter().flat_map(|body| members.iter().map(move |member| with(body, member))).collect();
        }
        bodies.extend(some.into_iter().map(Value::Object));
    }
    bodies
}

fn values(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Choice(numbers) => numbers.iter().map(|n| json!(n)).collect(),
        Kind::Word(words) => words.iter().map(|word| json!(word)).collect(),
        Kind::Count | Kind::CountWithin(..) | Kind::Integer | Kind::ItemCode | Kind::Unsigned => vec![json!(1)],
        Kind::AnyObject => vec![json!({})],
        Kind::Object(fields) => bodies(fields),
        Kind::Shape(shape) => bodies(shape.fields),
        Kind::List(item) | Kind::ListWithin(_, _, item) => values(item).into_iter().map(|one| json!([one])).collect(),
        Kind::Text | Kind::TextWithin(_) | Kind::MaybeEmptyWithin(_) | Kind::Matching(_) | Kind::Echo => {
            vec![json!("x")]
        }
    }
}

#[test]
fn a_command_asks_for_the_fields_that_are_described_and_for_no_others() {
    for case in CASES {
        let mut asked = BTreeSet::new();
        for body in bodies(case.meta.doc.request) {
            asked.extend((case.asks)(&body.to_string()));
        }
        let mut wanted = BTreeSet::new();
        described(case.meta.doc.request, "", &mut wanted);
        assert_eq!(asked, wanted, "{}: what is asked for, and what is described", case.meta.path);
    }
}

#[test]
fn the_fields_of_the_sample_requests_are_described() {
    for case in CASES {
        let sample: Value = serde_json::from_str(case.meta.doc.sample_request).unwrap();
        let mut wanted = BTreeSet::new();
        described(case.meta.doc.request, "", &mut wanted);
        let mut found = BTreeSet::new();
        paths(&sample, "", &mut found);
        // What an object of any form holds is described nowhere.
        found.retain(|path| !path.contains(".MsgContent."));
        assert!(!found.is_empty() && found.is_subset(&wanted), "{}: {found:?}", case.meta.path);
    }
}

fn paths(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let dot = if prefix.is_empty() { "" } else { "." };
                let path = format!("{prefix}{dot}{name}");
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{prefix}[]"), found)),
        _ => {}
    }
}

#[test]
fn every_command_is_tested_here() {
    let tested: BTreeSet<String> = CASES.iter().map(|case| case.meta.path.to_owned()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/v4");
    let mut there = BTreeSet::new();
    for service in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(&service).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            if text.contains("impl Endpoint for ") {
                there.insert(format!("{}/{name}", service.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    assert_eq!(tested, there);
}

#[test]
fn every_code_that_a_description_names_is_one() {
    for case in CASES {
        let doc = case.meta.doc;
        for code in doc.codes.iter().chain(doc.item_codes) {
            assert!(CODES.iter().any(|one| one.code == Code(*code)), "{}: {code}", case.meta.path);
        }
    }
}

#[test]
fn every_text_is_there_in_both_languages() {
    fn check(fields: &[Field]) {
        for field in fields {
            let text = field.text;
            assert!(text.en.ends_with('.'), "{}: {}", field.name, text.en);
            assert!(text.zh.ends_with('。') && !text.zh.is_ascii(), "{}: {}", field.name, text.zh);
            deeper(&field.kind);
        }
    }
    fn deeper(kind: &Kind) {
        match kind {
            Kind::Object(fields) => check(fields),
            Kind::Shape(shape) => check(shape.fields),
            Kind::List(item) | Kind::ListWithin(_, _, item) => deeper(item),
            _ => {}
        }
    }
    for case in CASES {
        check(case.meta.doc.request);
        check(case.meta.doc.reply);
    }
}
