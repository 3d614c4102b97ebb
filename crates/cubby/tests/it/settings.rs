//! The settings of an application, set with `cubby app set` on the stopped store and seen over the wire.

use crate::support::{ADMINISTRATOR, APP, KEY, Server, now, query, read_reply, request, signature};
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Command;

/// A server whose application has these settings.
pub fn with(settings: &[&str]) -> Server {
    let mut server = Server::start();
    assert!(server.stop().success());
    let mut set = Command::new(env!("CARGO_BIN_EXE_cubby"));
    set.args(["app", "set", &APP.to_string()]).args(settings).arg("--data-dir").arg(server.data());
    let done = set.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    server.set_flags(&["--call-rate", "0"]);
    server.start_again();
    server
}

fn create(server: &Server, of: &str, name: &str, ids: &[Value]) -> Value {
    let body = json!({"From_Account": of, "GroupContactItem": [{"GroupName": name, "ContactItem": ids}]});
    server.call("recentcontact/create_contact_group", &body)
}

fn codes(created: &Value) -> Vec<i64> {
    let items = created["GroupResultItem"][0]["ResultItem"].as_array().unwrap_or_else(|| panic!("{created}"));
    items.iter().map(|item| item["ResultCode"].as_i64().unwrap()).collect()
}

#[test]
fn r_050_where_the_directories_are_kept_elsewhere_every_well_formed_id_exists() {
    let server = with(&["users=elsewhere", "chat_groups=elsewhere"]);
    let items = [
        json!({"Type": 1, "To_Account": "never-imported"}),
        json!({"Type": 2, "ToGroupId": "never-created"}),
        json!({"Type": 1, "To_Account": "u".repeat(33)}),
    ];
    assert_eq!(codes(&create(&server, "nobody-imported-me", "x", &items)), [0, 0, 50002]);
    let checked = server.call("im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": "whoever"}]}));
    assert_eq!(checked["ResultItem"][0]["AccountStatus"], "Imported");
}

#[test]
fn r_050_one_directory_may_be_here_and_the_other_elsewhere() {
    let server = with(&["chat_groups=elsewhere"]);
    server.import(&["a"]);
    let items = [json!({"Type": 1, "To_Account": "ghost"}), json!({"Type": 2, "ToGroupId": "g"})];
    assert_eq!(codes(&create(&server, "a", "x", &items)), [50001, 0]);
}

#[test]
fn r_054_limits_are_settings_of_the_application() {
    let server = with(&[
        "limit.conversations=2",
        "limit.contact_groups=1",
        "limit.contact_group_name_bytes=64",
        "limit.conversations_per_update=3",
        "limit.conversations_per_page=1",
    ]);
    server.import(&["a", "b", "c", "d"]);
    let user = |id: &str| json!({"Type": 1, "To_Account": id});
    let long = "n".repeat(64);
    assert_eq!(codes(&create(&server, "a", &long, &[user("b"), user("c"), user("d")])), [0, 0, 51008]);
    assert_eq!(create(&server, "a", "another", &[])["ErrorCode"], 51010);
    assert_eq!(create(&server, "a", &"n".repeat(65), &[])["ErrorCode"], 51011);
    let four = ["a", "b", "c", "d"].map(user);
    assert_eq!(create(&server, "a", &long, &four)["ErrorCode"], 51006);
    let page = server.call("recentcontact/get_contact_group", &json!({"From_Account": "a"}));
    assert_eq!((page["ContactItem"].as_array().unwrap().len(), &page["CompleteFlag"]), (1, &json!(0)));
}

#[test]
fn r_004_random_is_looked_at_only_where_strict_query_is_set() {
    let usual = query();
    let with_random = |random: &str| usual.replace("random=7", random);
    let code = |server: &Server, random: &str| {
        let body = json!({"CheckItem": [{"UserID": "a"}]}).to_string();
        server.post_with("im_open_login_svc/account_check", &with_random(random), body.as_bytes()).code()
    };
    let odd = ["random=179555000000000000000", "random=-1", "random=", "x=1", "random=4294967296"];
    let lenient = Server::start();
    let strict = with(&["strict_query=true"]);
    for random in odd {
        assert_eq!((code(&lenient, random), code(&strict, random)), (0, 60002), "{random}");
    }
    assert_eq!((code(&strict, "random=0"), code(&strict, "random=4294967295")), (0, 0));
    let other = usual.replace(&signature()[..4], "AAAA");
    assert_ne!(
        strict.post_with("im_open_login_svc/account_check", &other, b"{}").code(),
        60002,
        "row 2 comes first only where it fails"
    );
}

#[test]
fn r_003_a_rate_of_the_whole_application_is_60011_and_one_of_a_command_60007() {
    let mut server = with(&["total_call_rate=5", "call_rate=0", "call_rate.im_open_login_svc/account_check=2"]);
    assert!(server.stop().success());
    server.set_flags(&[]);
    server.start_again();
    let burst = |path: &str| {
        let mut connection = server.connect();
        let call = request(
            "POST",
            &format!("/v4/{path}?{}", query()),
            br#"{"CheckItem":[{"UserID":"a"}],"GroupIdList":["g"]}"#,
        );
        connection.write_all(&call.repeat(30)).unwrap();
        (0..30).map(|_| read_reply(&mut connection).unwrap().code()).collect::<Vec<_>>()
    };
    let of_command = burst("im_open_login_svc/account_check");
    assert_eq!((of_command[0], of_command[1]), (0, 0));
    assert!(of_command.contains(&60007), "{of_command:?}");
    let of_application = burst("group_open_http_svc/get_group_info");
    assert!(of_application.contains(&60011) && !of_application.contains(&60007), "{of_application:?}");
}

#[test]
fn administrators_are_a_setting_and_exist_without_an_import() {
    let server = with(&["administrators=root,second"]);
    let code = |identifier: &str| {
        let sig = usersig::make(APP, KEY.as_bytes(), identifier, 3600, now(), None);
        let query = format!("sdkappid={APP}&identifier={identifier}&usersig={sig}");
        server.post_with("recentcontact/get_contact_group", &query, br#"{"From_Account":"second"}"#).code()
    };
    assert_eq!((code("root"), code("second"), code(ADMINISTRATOR)), (0, 0, 60010));
}

#[test]
fn r_001_the_empty_list_that_php_makes_is_the_empty_object() {
    let server = Server::start();
    assert_eq!(server.post("group_open_http_svc/get_appid_group_list", b"[]").code(), 0);
    assert_eq!(server.post("group_open_http_svc/get_appid_group_list", b"[[]]").code(), 60003);
}
