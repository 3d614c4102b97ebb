//! `/admin/v1` over the wire: who may steer a server, and what steering it does to calls. A module a theme; what they share is here.

mod access;
mod apps;
mod calls;
mod clock;
mod commands;
mod faults;
mod items;
mod signing;
mod state;

use crate::description;
use crate::support::{ADMINISTRATOR, APP, KEY, Reply, Server, exchange, now};
use cubby_protocol::usersig;
use serde_json::{Value, json};

/// The admin token of the servers here.
pub const TOKEN: &str = "the-admin-token-of-the-tests";

/// A server with this token, these flags and the tests' application, its rates off.
pub fn server(flags: &[&str]) -> Server {
    let app = format!("{APP}:{KEY}:ultimate");
    Server::start_with(&[&["--admin-token", TOKEN, "--app", &app, "--call-rate", "0"], flags].concat())
}

/// An emulator that keeps nothing.
pub fn emulator() -> Server {
    server(&["--emulator", "--in-memory"])
}

/// The bytes of a request for a path under `/admin/v1/`.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} /admin/v1/{path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What the server answers to whoever has its token. It is one that docs/openapi.json describes.
pub fn asked(server: &Server, method: &str, path: &str, body: &[u8]) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let reply = server.send(&request(method, path, &[("Authorization", &token)], body));
    let value = if reply.body.is_empty() { Value::Null } else { reply.json() };
    description::check_admin_reply(method, path, reply.status, &value);
    reply
}

/// What a granted request tells.
pub fn told(server: &Server, method: &str, path: &str, body: &Value) -> Value {
    let reply = asked(server, method, path, body.to_string().as_bytes());
    assert!((200..300).contains(&reply.status), "{method} {path} {body}: {:?}", String::from_utf8_lossy(&reply.body));
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// Why a request is not granted, with this status.
pub fn refused(server: &Server, method: &str, path: &str, body: &Value, status: u16) -> String {
    let reply = asked(server, method, path, body.to_string().as_bytes());
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(reply.status, status, "{method} {path} {body}: {text}");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    reply.json()["detail"].as_str().expect("a detail").to_owned()
}

/// A path of the tests' application.
pub fn of(below: &str) -> String {
    format!("apps/{APP}/{below}")
}

/// Adds a fault to the tests' application; its number.
pub fn fault(server: &Server, fault: &Value) -> u64 {
    told(server, "POST", &of("faults"), fault)["id"].as_u64().unwrap()
}

/// Clears all of its faults.
pub fn no_faults(server: &Server) {
    told(server, "DELETE", &of("faults"), &json!({}));
}

/// The query string of a call of an application, signed with this key at this time.
pub fn query_of(sdkappid: u64, key: &str, at: i64) -> String {
    let signature = usersig::make(sdkappid, key.as_bytes(), ADMINISTRATOR, 86400, at, None);
    format!("sdkappid={sdkappid}&identifier={ADMINISTRATOR}&usersig={signature}&random=7&contenttype=json")
}

/// A call of an application, signed with this key; the reply.
pub fn call_of(server: &Server, sdkappid: u64, key: &str, command: &str, body: &Value) -> Value {
    server.post_with(command, &query_of(sdkappid, key, now()), body.to_string().as_bytes()).json()
}

/// The code of a harmless call of an application.
pub fn code_of(server: &Server, sdkappid: u64, key: &str) -> i64 {
    let body = json!({"CheckItem": [{"UserID": "whoever"}]});
    call_of(server, sdkappid, key, "im_open_login_svc/account_check", &body)["ErrorCode"].as_i64().unwrap()
}

/// A call of the tests' application whose reply may have any code; only what is documented is described.
pub fn post(server: &Server, command: &str, body: &Value) -> Value {
    let target = format!("/v4/{command}?{}", query_of(APP, KEY, now()));
    let request = crate::support::request("POST", &target, body.to_string().as_bytes());
    exchange(&mut server.connect(), &request).json()
}
