//! What is done before anything is measured: the users are imported, and both servers are seen to give the same replies.

use crate::Failure;
use crate::exchange::{Connection, Expect};
use crate::requests::{CONTACT_GROUP, KEPT, Kind, Requests, Signed, user};
use crate::target::Target;
use serde_json::{Value, json};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::task::JoinSet;

const ACCOUNTS_PER_CALL: u32 = 100;
const CONNECTIONS: u32 = 64;

async fn ask(connection: &mut Connection, request: &[u8], expect: Expect) -> Result<Value, String> {
    let body = connection.exchange(request).await.map_err(|error| format!("a request was dropped: {error}"))?;
    if expect.is_met_by(body) {
        serde_json::from_slice(body).map_err(|error| error.to_string())
    } else {
        Err(format!("a reply is not a success: {}", String::from_utf8_lossy(body)))
    }
}

/// Imports the users, each with one contact group of 20 conversations.
pub(crate) async fn import(target: &Target, signed: Rc<Signed>, users: u32) -> Result<(), Failure> {
    let mut connection = Connection::open(target.address).await?;
    for from in (0..users).step_by(ACCOUNTS_PER_CALL as usize) {
        let accounts: Vec<Value> =
            (from..users.min(from + ACCOUNTS_PER_CALL)).map(|n| json!({ "UserID": user(n) })).collect();
        let body = json!({ "AccountList": accounts }).to_string();
        let (request, _) = signed.request("im_open_login_svc/multiaccount_import", &body);
        ask(&mut connection, &request, Expect::Success).await?;
    }
    let mut tasks = JoinSet::new();
    for first in 0..CONNECTIONS {
        tasks.spawn_local(fill(target.address, Rc::clone(&signed), first, users));
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Gives the conversations to a part of the users.
async fn fill(address: SocketAddr, signed: Rc<Signed>, first: u32, users: u32) -> Result<(), String> {
    let mut connection = Connection::open(address).await.map_err(|error| error.to_string())?;
    for n in (first..users).step_by(CONNECTIONS as usize) {
        let with = |peer: u32| json!({ "Type": 1, "To_Account": user((n + peer) % users) });
        let items: Vec<Value> = (1..=KEPT).map(with).collect();
        let group = json!([{ "GroupName": CONTACT_GROUP, "ContactItem": items }]);
        let body = json!({ "From_Account": user(n), "GroupContactItem": group }).to_string();
        let (request, _) = signed.request("recentcontact/create_contact_group", &body);
        ask(&mut connection, &request, Expect::OneItem).await?;
    }
    Ok(())
}

/// Sees that the reference answers a query, an addition and a removal as the server does: else their costs could not be compared.
pub(crate) async fn compare(server: &Target, reference: &Target, signed: &Signed, users: u32) -> Result<(), Failure> {
    let mut replies = Vec::new();
    for target in [server, reference] {
        let mut connection = Connection::open(target.address).await?;
        let added: Rc<[Cell<u32>]> = (0..users).map(|_| Cell::new(0)).collect();
        let mut own = Vec::new();
        for kind in [Kind::Get, Kind::Update, Kind::Update, Kind::Get] {
            // One connection for as many users has but one user: the second update removes what the first added.
            let mut requests = Requests::new(signed, kind, 0, users, Rc::clone(&added));
            let (request, expect) = requests.next();
            own.push(shape(ask(&mut connection, request, expect).await?));
        }
        replies.push(own);
    }
    match replies.as_slice() {
        [server, reference] if server == reference => Ok(()),
        _ => Err(format!("the reference does not answer as the server does: {}", json!(replies)).into()),
    }
}

/// A reply without what is different each time: the ids become their lengths, the times their presence.
fn shape(reply: Value) -> Value {
    match reply {
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| {
                let value = match (name.as_str(), &value) {
                    ("Timestamp", Value::Number(_)) => json!("a time"),
                    ("To_Account", Value::String(id)) => json!(id.len()),
                    _ => shape(value),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(shape).collect()),
        other => other,
    }
}
