//! Public SDKs, as they are published, against the server over HTTPS and under the vendor's host names, set up by the very shell blocks
//! that docs/guides/sdks.md shows. Each run has mounts and a network of its own, from which nothing but the run itself can be reached, so
//! that no call can get to the vendor. Needs what `./test` installs and builds.

use crate::support::{ADMINISTRATOR, APP, KEY};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Before the guide's blocks: the network is up, and /etc/hosts is a copy that may be written to.
const OF_ITS_OWN: &str = "ip link set lo up; cp /etc/hosts hosts; mount --bind hosts /etc/hosts";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The guide's shell block under this heading.
fn block(heading: &str) -> String {
    let guide = std::fs::read_to_string(workspace().join("docs/guides/sdks.md")).unwrap();
    let section = guide.split("\n#").find_map(|section| section.trim_start_matches(['#', ' ']).strip_prefix(heading));
    let block =
        section.and_then(|section| section.split_once("\n```sh\n")).and_then(|(_, rest)| rest.split_once("```"));
    block.unwrap_or_else(|| panic!("the guide has no shell block under {heading:?}")).0.to_owned()
}

/// Runs the guide's blocks and then this command, with nothing in the environment but what they want.
fn run(headings: &[&str], command: &str) -> Output {
    let directory = TempDir::new().unwrap();
    let blocks: String = headings.iter().map(|heading| block(heading)).collect();
    let script = format!("{OF_ITS_OWN}\n{{\n{blocks}}} >&2\n{command}");
    #[expect(clippy::disallowed_methods, reason = "what the tests run is where they were told to look for programs")]
    let path = std::env::var("PATH").unwrap();
    let cubby = Path::new(env!("CARGO_BIN_EXE_cubby")).parent().unwrap().display().to_string();
    Command::new("timeout")
        .args(["--signal=KILL", "60", "unshare", "--map-root-user", "--mount", "--mount-proc", "--net"])
        .args(["--pid", "--fork", "--kill-child", "bash", "-euc", &script])
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", format!("{cubby}:{path}"))
        .envs([("SDKAPPID", APP.to_string().as_str()), ("KEY", KEY), ("ADMINISTRATOR", ADMINISTRATOR)])
        .env("ROOT", workspace())
        .stdin(Stdio::null())
        .output()
        .expect("timeout, of coreutils")
}

/// The replies that the command printed: a line `{"step": reply}` each.
fn replies(headings: &[&str], command: &str) -> Vec<Value> {
    let output = run(headings, command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.contains("unshare: "),
        "a network of its own cannot be made here; run the tests as root, or allow user namespaces: {said}"
    );
    assert!(output.status.success(), "{command}; run ./test where something is missing: {said}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| without_times(serde_json::from_str(line).unwrap())).collect()
}

/// A reply without what differs from run to run, which must be there nonetheless.
fn without_times(reply: Value) -> Value {
    match reply {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, value)| {
                let differs = ["Timestamp", "MsgTime", "TimeStamp", "TopTimeStamp", "MsgKey"].contains(&name.as_str());
                assert!(
                    !differs || value.as_u64().is_some_and(|time| time > 1) || value.is_string(),
                    "{name}: {value}"
                );
                !differs
            })
            .map(|(name, value)| (name, without_times(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_times).collect(),
        other => other,
    }
}

/// These members and those of every success; `ErrorDisplay` is in the replies of some commands only.
fn success(mut members: Value, display: bool) -> Value {
    let every = members.as_object_mut().unwrap();
    every.extend([
        ("ActionStatus".into(), "OK".into()),
        ("ErrorCode".into(), 0.into()),
        ("ErrorInfo".into(), "".into()),
    ]);
    if display {
        every.insert("ErrorDisplay".into(), "".into());
    }
    members
}

/// What the calls that every SDK run makes are answered with; `session` is the one recent contact, as much of it as the SDK reads.
fn all_calls(session: &Value) -> Vec<Value> {
    let bob = json!({"Type": 1, "To_Account": "bob"});
    let team = json!([{"GroupName": "团队", "GroupId": 1}]);
    let sorted =
        json!([{"Type": 1, "To_Account": "bob", "StandardMark": "11", "CustomMark": "vip", "ContactGroupId": [1]}]);
    let marked = json!([{"Type": 1, "To_Account": "bob", "StandardMark": "11", "CustomMark": "vip"}]);
    let entered = json!({"ContactItem": bob, "ResultCode": 0, "ResultInfo": ""});
    let page = |items: Value| json!({"SessionItem": items, "CompleteFlag": 1, "StartIndex": 0, "TopStartIndex": 0});
    let renamed = json!({"UpdateGroupType": 1, "GroupName": "团队", "GroupId": 1, "OldGroupName": "work", "ContactResultItem": []});
    let deleted = |user: &str| json!({"ResultCode": 0, "ResultInfo": "", "UserID": user});
    vec![
        json!({"import": success(json!({}), false)}),
        json!({"import": success(json!({}), false)}),
        json!({"create": success(json!({"GroupResultItem": [
            {"GroupItem": {"GroupName": "work", "GroupId": 1}, "ResultItem": [entered]}
        ]}), true)}),
        json!({"update": success(json!({"UpdateType": 1, "UpdateGroupResult": renamed}), false)}),
        json!({"mark": success(json!({"ResultItem": [
            {"OptType": 3, "ContactItem": bob, "ResultCode": 0, "ResultInfo": ""}
        ]}), true)}),
        json!({"search": success(json!({"ContactResultItem": sorted, "GroupItem": team}), true)}),
        json!({"get": success(
            json!({"ContactItem": sorted, "GroupItem": team, "CompleteFlag": 1, "NextStartIndex": 0}), true)}),
        json!({"send": success(json!({}), false)}),
        json!({"get_list": success(page(json!([session])), true)}),
        json!({"delete": success(json!({}), true)}),
        json!({"get_list": success(page(json!([])), true)}),
        json!({"del_contact_group": success(json!({"GroupItem": team}), false)}),
        json!({"get": success(
            json!({"ContactItem": marked, "GroupItem": [], "CompleteFlag": 1, "NextStartIndex": 0}), true)}),
        json!({"check": success(json!({"ResultItem": [
            {"UserID": "alice", "ResultCode": 0, "ResultInfo": "", "AccountStatus": "Imported"}
        ]}), false)}),
        json!({"account_delete": success(json!({"ResultItem": [deleted("alice"), deleted("bob")]}), false)}),
    ]
}

/// A recent contact with its marks, as `AssistFlags` 63 asks for it.
fn with_marks() -> Value {
    json!({"Type": 1, "To_Account": "bob", "TopFlag": 0, "StandardMark": "11", "CustomMark": "vip", "ContactGroupId": [1]})
}

const PYTHON: &str = "$ROOT/.venv/bin/python $ROOT/sdk-tests";

#[test]
fn the_python_package_timsdk_makes_all_calls_unchanged() {
    let said = replies(&["The server", "The host names", "Python"], &format!("{PYTHON}/timsdk_calls.py"));
    assert_eq!(said, all_calls(&with_marks()));
}

#[test]
fn nodes_own_client_makes_all_calls_signed_by_the_npm_package() {
    let said = replies(&["The server", "The host names", "Node"], "node $ROOT/sdk-tests/node_calls.js");
    assert_eq!(said, all_calls(&with_marks()));
}

#[test]
fn the_crate_tencent_im_rs_makes_all_calls_unchanged() {
    let said = replies(&["The server", "The host names", "Rust"], "$ROOT/target/sdk/debug/cubby-sdk-tests");
    // The crate's type of a recent contact has no marks.
    assert_eq!(said, all_calls(&json!({"Type": 1, "To_Account": "bob", "TopFlag": 0})));
}

#[test]
fn the_python_package_tencentcloud_im_makes_its_calls_unchanged_and_at_another_address() {
    let checked =
        |user: &str, status: &str| json!({"UserID": user, "ResultCode": 0, "ResultInfo": "", "AccountStatus": status});
    let unread = |count: u64| {
        let counts = json!([{"Peer_Account": "bob", "C2CUnreadMsgNum": count}]);
        json!({"unread": success(json!({"C2CUnreadMsgNumList": counts, "ErrorList": []}), false)})
    };
    let deleted: Vec<_> =
        ["alice", "bob", "carol"].map(|user| json!({"ResultCode": 0, "ResultInfo": "", "UserID": user})).into();
    let expected = [
        json!({"import": success(json!({}), false)}),
        json!({"import": success(json!({"FailAccounts": []}), false)}),
        json!({"check": success(json!({"ResultItem": [checked("alice", "Imported"), checked("dave", "NotImported")]}), false)}),
        json!({"send": success(json!({}), false)}),
        json!({"import_message": success(json!({}), false)}),
        unread(2),
        json!({"set_read": success(json!({}), false)}),
        unread(0),
        json!({"account_delete": success(json!({"ResultItem": deleted}), false)}),
    ];
    let command = format!("{PYTHON}/tencentcloud_im_calls.py");
    assert_eq!(replies(&["The server", "The host names", "Python"], &command), expected);
    assert_eq!(replies(&["A server for one test"], &command), expected);
}

#[test]
fn the_certificate_is_good_for_every_name_that_the_guide_lists() {
    let names = block("The host names");
    let names: Vec<_> =
        names.lines().filter_map(|line| line.strip_prefix("127.0.0.1 ")).flat_map(str::split_whitespace).collect();
    assert!(names.len() > 10, "{names:?}");
    let command = format!(
        "for name in {}; do curl -sS --fail --cacert cubby-ca.pem https://$name/ready >&2; done",
        names.join(" ")
    );
    assert_eq!(replies(&["The server", "The host names"], &command), Vec::<Value>::new());
}

#[test]
fn without_the_guides_block_for_the_certificate_every_sdk_refuses_it() {
    // The crate's own error does not say why the request could not be sent.
    for (command, why) in [
        (format!("{PYTHON}/timsdk_calls.py"), "certificate verify failed"),
        ("node $ROOT/sdk-tests/node_calls.js".to_owned(), "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        ("$ROOT/target/sdk/debug/cubby-sdk-tests".to_owned(), "error sending request"),
    ] {
        let output = run(&["The server", "The host names"], &command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty(), "{command}: {said}");
        assert!(said.contains(why), "{command}: {said}");
    }
}
