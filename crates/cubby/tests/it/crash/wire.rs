//! The requests as bytes, the replies as what they say, over a connection that may break at any byte.

use super::model::{Conversation, Expected, Kind, Named, Peer, Request, Sorting, User, Violation};
use crate::support;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

/// What came of a call.
#[derive(Debug)]
pub enum Heard {
    Reply(Value),
    /// The connection broke before a whole reply was there.
    Cut,
}

/// A way to servers.
pub trait Calls {
    /// Sends a call and waits for its reply. That none comes and the connection stays is a violation: a request never hangs.
    fn call(&mut self, path: &str, body: &Value) -> Result<Heard, Violation>;
}

/// A keep-alive connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    query: String,
}

impl Client {
    /// None where nobody listens any more.
    pub fn connect(port: u16) -> Option<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Some(Self { stream: BufReader::new(stream), query: support::query() })
    }

    fn reply(&mut self) -> std::io::Result<Vec<u8>> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}

impl Calls for Client {
    fn call(&mut self, path: &str, body: &Value) -> Result<Heard, Violation> {
        let target = format!("/v4/{path}?{}", self.query);
        let request = support::request("POST", &target, body.to_string().as_bytes());
        let heard = self.stream.get_mut().write_all(&request).and_then(|()| self.reply());
        match heard {
            Ok(reply) => Ok(Heard::Reply(serde_json::from_slice(&reply).map_err(Violation::unexpected)?)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(Violation::unexpected(format!("no reply to {path} {body}")))
            }
            Err(_) => Ok(Heard::Cut),
        }
    }
}

fn conversation(peer: &Peer) -> Value {
    match peer {
        Peer::User(id) => json!({"Type": 1, "To_Account": id}),
        Peer::Chat(id) => json!({"Type": 2, "ToGroupId": id}),
    }
}

/// The path and the body of a request.
pub fn call_of(request: &Request) -> (&'static str, Value) {
    match request {
        Request::Create { user, name, add } => {
            let items: Vec<Value> = add.iter().map(conversation).collect();
            let group = json!([{"GroupName": name, "ContactItem": items}]);
            ("recentcontact/create_contact_group", json!({"From_Account": user, "GroupContactItem": group}))
        }
        Request::Move { user, name, moves } => {
            let one = |(adds, peer): &(bool, Peer)| json!({"ContactOptType": if *adds { 1 } else { 2 }, "ContactItem": conversation(peer)});
            let items: Vec<Value> = moves.iter().map(one).collect();
            let update = json!({"UpdateGroupType": 2, "OldGroupName": name, "ContactUpdateItem": items});
            let body = json!({"From_Account": user, "UpdateType": 1, "UpdateGroup": update});
            ("recentcontact/update_contact_group", body)
        }
        Request::Rename { user, from, to } => {
            let update = json!({"UpdateGroupType": 1, "OldGroupName": from, "NewGroupName": to});
            let body = json!({"From_Account": user, "UpdateType": 1, "UpdateGroup": update});
            ("recentcontact/update_contact_group", body)
        }
        Request::Delete { user, name } => {
            ("recentcontact/del_contact_group", json!({"From_Account": user, "GroupName": [name]}))
        }
        Request::Mark { user, marks } => {
            let mark = |one: &super::model::Marking| {
                let standard = !one.clear.is_empty() || !one.set.is_empty();
                let opt_type = i32::from(standard) + if one.custom.is_some() { 2 } else { 0 };
                let mut item = json!({"OptType": opt_type, "ContactItem": conversation(&one.peer), "ClearMark": one.clear, "SetMark": one.set});
                if let Some(custom) = &one.custom {
                    item["CustomMark"] = json!(custom);
                }
                item
            };
            let items: Vec<Value> = marks.iter().map(mark).collect();
            ("recentcontact/mark_contact", json!({"From_Account": user, "MarkItem": items}))
        }
        Request::DeleteAccounts(ids) => {
            let items: Vec<Value> = ids.iter().map(|id| json!({"UserID": id})).collect();
            ("im_open_login_svc/account_delete", json!({"DeleteItem": items}))
        }
        Request::Import(ids) => match &ids[..] {
            [id] => ("im_open_login_svc/account_import", json!({"UserID": id})),
            ids => ("im_open_login_svc/multiaccount_import", json!({"Accounts": ids})),
        },
        Request::CreateChat { id, members } => {
            let members: Vec<Value> = members.iter().map(|id| json!({"Member_Account": id})).collect();
            let body = json!({"Type": "Public", "GroupId": id, "Name": "chat", "MemberList": members});
            ("group_open_http_svc/create_group", body)
        }
        Request::DestroyChat { id } => ("group_open_http_svc/destroy_group", json!({"GroupId": id})),
    }
}

/// Compares a reply with what it must be; the GroupId that it gives, where it names a contact group.
pub fn check(request: &Request, reply: &Value, expected: &Expected) -> Result<Option<u64>, Violation> {
    let wrong = || Violation::unexpected(format!("{request:?} was answered {reply}, not as {expected:?}"));
    if reply["ErrorCode"] != expected.code {
        return Err(wrong());
    }
    if expected.code != 0 {
        return Ok(None);
    }
    let (items, group) = match request {
        Request::Create { .. } => {
            let result = &reply["GroupResultItem"][0];
            (&result["ResultItem"], &result["GroupItem"])
        }
        Request::Move { .. } | Request::Rename { .. } => {
            (&reply["UpdateGroupResult"]["ContactResultItem"], &reply["UpdateGroupResult"])
        }
        Request::Delete { .. } => (&Value::Null, &reply["GroupItem"][0]),
        Request::Mark { .. } | Request::DeleteAccounts(_) => (&reply["ResultItem"], &Value::Null),
        Request::Import(_) | Request::CreateChat { .. } | Request::DestroyChat { .. } => (&Value::Null, &Value::Null),
    };
    let codes: Option<Vec<i64>> =
        items.as_array().into_iter().flatten().map(|item| item["ResultCode"].as_i64()).collect();
    if codes.as_ref() != Some(&expected.items) {
        return Err(wrong());
    }
    match &expected.group {
        Some(named) if group["GroupName"] == named.name => group["GroupId"].as_u64().map(Some).ok_or_else(wrong),
        Some(_) => Err(wrong()),
        None => Ok(None),
    }
}

/// Every GroupId that was ever given to a shared user, by replies to whomever.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Given>);

/// The name that each GroupId of each user was given for.
type Given = BTreeMap<(String, u64), String>;

impl Ledger {
    /// Takes note of a GroupId. Names are never used twice, so that two names of one GroupId are two contact groups.
    pub fn note(&self, named: &Named, id: u64) -> Result<(), Violation> {
        let mut given = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let first = given.entry((named.user.clone(), id)).or_insert_with(|| named.name.clone());
        if *first == named.name {
            return Ok(());
        }
        let what = format!("GroupId {id} of {} was given for {first} and for {}", named.user, named.name);
        Err(Violation::new(Kind::GroupIdTwice, what))
    }
}

/// A user's data from the pages of `get_contact_group`. `of_client` is what the names and ids of a client begin with, where only its own
/// part is wanted.
pub fn user_of(pages: &[Value], of_client: Option<&str>) -> Result<User, Violation> {
    let mut user = User { imported: true, shared: of_client.is_some(), ..User::default() };
    let ours = |text: &str| of_client.is_none_or(|prefix| text.starts_with(prefix));
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for group in list(&pages[0], "GroupItem")? {
        let (name, id) = (text(&group["GroupName"])?, number(&group["GroupId"])?);
        if ours(&name) {
            user.groups.insert(name.clone(), id);
        }
        if names.insert(id, name).is_some() {
            return Err(Violation::new(Kind::GroupIdTwice, format!("two contact groups have one GroupId: {group}")));
        }
    }
    for entry in pages.iter().map(|page| list(page, "ContactItem")).collect::<Result<Vec<_>, _>>()?.concat() {
        let peer = match entry["Type"].as_i64() {
            Some(1) => Peer::User(text(&entry["To_Account"])?),
            _ => Peer::Chat(text(&entry["ToGroupId"])?),
        };
        if !ours(peer.id()) {
            continue;
        }
        user.entered += 1;
        let conversation = Conversation { entered: user.entered, sorting: sorting(&entry, &names)? };
        if user.conversations.insert(peer, conversation).is_some() {
            return Err(Violation::unexpected(format!("a conversation came twice: {entry}")));
        }
    }
    Ok(user)
}

fn sorting(entry: &Value, names: &BTreeMap<u64, String>) -> Result<Sorting, Violation> {
    let mut sorting = Sorting::default();
    for id in entry["ContactGroupId"].as_array().into_iter().flatten() {
        let name = names.get(&number(id)?);
        sorting.groups.insert(name.cloned().unwrap_or_else(|| format!("no contact group has GroupId {id}")));
    }
    let marks = text(&entry["StandardMark"])?;
    let bits = marks.bytes().rev().zip(1..).filter(|(bit, _)| *bit == b'1').map(|(_, number)| number);
    sorting.marks.extend(bits);
    let custom = entry["CustomMark"].as_str().unwrap_or_default().to_owned();
    Ok(Sorting { custom, ..sorting })
}

fn list(of: &Value, name: &str) -> Result<Vec<Value>, Violation> {
    of[name].as_array().cloned().ok_or_else(|| Violation::unexpected(format!("no {name} in {of}")))
}

fn text(value: &Value) -> Result<String, Violation> {
    value.as_str().map(str::to_owned).ok_or_else(|| Violation::unexpected(format!("no text: {value}")))
}

fn number(value: &Value) -> Result<u64, Violation> {
    value.as_u64().ok_or_else(|| Violation::unexpected(format!("no number: {value}")))
}
