//! The description of the API: it is what is committed and what is served, its samples are as it says, it tells wrong replies from right
//! ones, and tools that read it come to no harm. Needs `.venv` and `openapi-tests/node_modules`, which `./test` makes.

use crate::description::{self, DOCUMENT};
use crate::support::{ADMINISTRATOR, APP, KEY, Server, request, signature};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// What `cubby openapi` prints.
fn printed(arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_cubby")).arg("openapi").args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn the_committed_description_is_what_the_code_says() {
    let (path, now) = (workspace().join("docs/openapi.json"), printed(&[]));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == now, "docs/openapi.json is not what the code says; UPDATE=1 ./test openapi writes it");
}

#[test]
fn r_110_the_description_is_served() {
    let server = Server::start();
    let reply = server.send(&request("GET", "/openapi.json", b""));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.json(), *DOCUMENT);
}

#[test]
fn every_path_that_steers_a_server_is_described_with_what_it_takes_and_gives() {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let admin: Vec<_> = paths.iter().filter(|(path, _)| path.starts_with("/admin/v1/")).collect();
    assert!(admin.len() >= 20, "{}", admin.len());
    let mut ids = std::collections::BTreeSet::new();
    for (path, methods) in admin {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
            assert!(operation["responses"]["default"]["content"].get("application/problem+json").is_some());
            let named = operation["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "path").count();
            assert_eq!(named, path.matches('{').count(), "{method} {path}");
        }
    }
}

#[test]
fn the_samples_are_as_described() {
    assert!(description::commands().len() >= 17);
    for command in description::commands() {
        let operation = &DOCUMENT["paths"][format!("/v4/{command}")]["post"];
        description::check_request(command, &operation["requestBody"]["content"]["application/json"]["example"]);
        let examples = &operation["responses"]["200"]["content"]["application/json"]["examples"];
        for example in ["success", "failure"] {
            description::check_reply(command, &examples[example]["value"]);
        }
    }
}

/// The control of every other test: what they would be told where a reply has a field too many, too few, or of another type, or a code
/// that the command cannot give.
#[test]
fn a_reply_that_is_not_as_described_is_told() {
    let command = "recentcontact/del_contact_group";
    let right =
        json!({"GroupItem": [{"GroupName": "a", "GroupId": 1}], "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""});
    assert_eq!(description::why_not_a_reply(command, &right), "");
    let mut wrong = Vec::new();
    for (place, name, value) in [
        ("", "More", json!(1)),
        ("", "ErrorDisplay", json!("")),
        ("", "ErrorCode", json!(51009)),
        ("", "GroupItem", Value::Null),
        ("/GroupItem/0", "More", json!(1)),
        ("/GroupItem/0", "GroupId", json!("1")),
    ] {
        let mut reply = right.clone();
        reply.pointer_mut(place).unwrap()[name] = value;
        wrong.push(reply);
    }
    let mut short = right;
    short["GroupItem"][0].as_object_mut().unwrap().remove("GroupName");
    wrong.push(short);
    wrong.push(json!({"ActionStatus": "FAIL", "ErrorCode": 51010, "ErrorInfo": "x"}));
    for reply in wrong {
        assert_ne!(description::why_not_a_reply(command, &reply), "", "{reply}");
    }
}

/// The accounts of the samples.
const ACCOUNTS: [&str; 17] = [
    "leckie",
    "tommy",
    "jared",
    "user0",
    "user1",
    "user15",
    "user20",
    "yahaha",
    "xixi",
    "lumotuwe1",
    "lumotuwe2",
    "dramon1",
    "dramon2",
    "teacher",
    "id1",
    "id2",
    "bob",
];

/// A server that keeps nothing, for tools that send whatever they like.
fn open_server() -> Server {
    Server::start_with(&["--in-memory", "--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"])
}

fn ran(command: &mut Command, installed: &Path) -> Output {
    assert!(installed.exists(), "{} is not there; run ./test", installed.display());
    command.output().unwrap()
}

#[test]
fn schemathesis_finds_no_failure() {
    let server = open_server();
    server.import(&ACCOUNTS);
    let program = workspace().join(".venv/bin/schemathesis");
    let directory = tempfile::TempDir::new().unwrap();
    let mut command = Command::new(&program);
    command.arg("--config-file").arg(workspace().join("openapi-tests/schemathesis.toml"));
    command.arg("run").arg(format!("http://127.0.0.1:{}/openapi.json", server.port));
    command.args(["--url", &format!("http://127.0.0.1:{}", server.port)]).current_dir(directory.path());
    // What steers a server would take away what the calls need.
    command.args(["--include-path-regex", "^/v4/"]);
    command
        .env("CUBBY_SDKAPPID", APP.to_string())
        .env("CUBBY_IDENTIFIER", ADMINISTRATOR)
        .env("CUBBY_USERSIG", signature());
    let run = ran(&mut command, &program);
    let out = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{out}\n{}", String::from_utf8_lossy(&run.stderr));
    // It went to every command, and its calls were let in.
    let operations = DOCUMENT["paths"].as_object().unwrap().values().map(|methods| methods.as_object().unwrap().len());
    let tested = format!("Selected: {}/{}", description::commands().len(), operations.sum::<usize>());
    assert!(out.contains(&tested), "{out}");
    let groups = server.call("group_open_http_svc/get_appid_group_list", &json!({}));
    assert!(groups["TotalCount"].as_u64().unwrap() > 0, "no call was let in: {out}");
}

#[test]
fn the_postman_collection_signs_and_every_sample_succeeds() {
    let server = open_server();
    server.import(&ACCOUNTS);
    let directory = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    // What the samples are about. The id of a chat group is the server's to make.
    let created = server.call("group_open_http_svc/create_group", &json!({"Type": "Public", "Name": "g"}));
    let room = json!({"Type": "Public", "Name": "g", "Owner_Account": "bob"});
    let with_messages = server.call("group_open_http_svc/create_group", &room);
    let collection = printed(&["--postman"])
        .replace("@TGS#2J4SZEAEL", created["GroupId"].as_str().unwrap())
        .replace("@TGS#2C5SZEAEF", with_messages["GroupId"].as_str().unwrap());
    let item = json!([{"GroupName": "test1", "ContactItem": []}]);
    let made = json!({"From_Account": "user20", "GroupContactItem": item});
    assert_eq!(server.call("recentcontact/create_contact_group", &made)["ErrorCode"], 0);
    let (collection, out) = (write("collection.json", &collection), directory.path().join("report.json"));
    let newman = workspace().join("openapi-tests/node_modules/newman/bin/newman.js");
    let mut command = Command::new("node");
    command.arg(&newman).arg("run").arg(collection).args(["--reporters", "json", "--reporter-json-export"]).arg(&out);
    for variable in
        [format!("base_url=http://127.0.0.1:{}", server.port), format!("sdkappid={APP}"), format!("key={KEY}")]
    {
        command.args(["--env-var", &variable]);
    }
    let run = ran(&mut command, &newman);
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let calls = report["run"]["executions"].as_array().unwrap();
    assert_eq!(calls.len(), description::commands().len());
    for call in calls {
        let name = call["item"]["name"].as_str().unwrap();
        assert_eq!(call["response"]["code"], 200, "{name}: {call}");
        let bytes = call["response"]["stream"]["data"].as_array().unwrap_or_else(|| panic!("{name}: {call}"));
        let bytes: Vec<u8> = bytes.iter().map(|byte| byte.as_u64().unwrap().try_into().unwrap()).collect();
        let reply: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(reply["ErrorCode"], 0, "{name}: {reply}");
    }
}
