//! Applications of a running server: what is changed holds with the very next call, is kept, and is refused whole where a part is wrong.

use super::{asked, call_of, code_of, of, refused, server, told};
use crate::support::{APP, KEY, Server, request};
use serde_json::{Value, json};

/// What `account_check` without items is answered with, once the call is let in; the harmless call here has one item.
const GOOD: i64 = 0;
const DISABLED: i64 = 60016;
const NOT_THERE: i64 = 70020;
const WRONG_KEY: i64 = 70009;

const OTHER: u64 = 1_400_000_077;

fn steer(server: &Server) -> (String, String) {
    let made = told(server, "POST", "apps", &json!({"sdkappid": OTHER, "key": "the first", "edition": "pro"}));
    assert_eq!(made, json!({"sdkappid": OTHER, "key": "the first", "edition": "pro"}));
    assert_eq!(code_of(server, OTHER, "the first"), GOOD);
    let path = format!("apps/{OTHER}");
    let change = |body: Value| told(server, "PATCH", &path, &body);
    for (disabled, code) in [(true, DISABLED), (false, GOOD)] {
        assert_eq!(change(json!({"disabled": disabled}))["disabled"], disabled);
        assert_eq!(code_of(server, OTHER, "the first"), code);
    }
    let added = change(json!({"add_key": true}))["added_key"].as_str().unwrap().to_owned();
    assert_eq!((code_of(server, OTHER, "the first"), code_of(server, OTHER, &added)), (GOOD, GOOD));
    let shown = change(json!({"retire_old_keys": true}));
    assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
    assert!(!shown.to_string().contains(&added));
    assert_eq!((code_of(server, OTHER, "the first"), code_of(server, OTHER, &added)), (WRONG_KEY, GOOD));

    let create = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "g", "ContactItem": []}]});
    let created = || call_of(server, OTHER, &added, "recentcontact/create_contact_group", &create)["ErrorCode"].clone();
    call_of(server, OTHER, &added, "im_open_login_svc/account_import", &json!({"UserID": "a"}));
    assert_eq!(created(), 51013, "the pro edition has no contact groups");
    change(
        json!({"edition": "ultimate", "settings": {"limit.contact_groups": 7, "administrators": "administrator,root"}}),
    );
    let shown = told(server, "GET", &path, &json!({}));
    assert_eq!(shown["settings"]["administrators"], "administrator,root");
    assert_eq!(created(), 0);
    let next = told(server, "POST", "apps", &json!({}));
    assert_eq!(
        (&next["edition"], code_of(server, next["sdkappid"].as_u64().unwrap(), next["key"].as_str().unwrap())),
        (&json!("ultimate"), GOOD)
    );
    (added, next["sdkappid"].to_string())
}

#[test]
fn what_is_changed_holds_with_the_next_call_in_memory() {
    steer(&server(&["--in-memory"]));
}

#[test]
fn what_is_changed_holds_with_the_next_call_and_after_the_next_start() {
    let mut server = server(&[]);
    let (key, next) = steer(&server);
    let before = told(&server, "GET", "apps", &json!({}));
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(told(&server, "GET", "apps", &json!({})), before);
    assert_eq!((code_of(&server, OTHER, &key), code_of(&server, OTHER, "the first")), (GOOD, WRONG_KEY));
    for id in [OTHER.to_string(), next] {
        told(&server, "DELETE", &format!("apps/{id}"), &json!({}));
    }
    assert_eq!(code_of(&server, OTHER, &key), NOT_THERE);
    assert_eq!(code_of(&server, APP, KEY), GOOD);
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(code_of(&server, OTHER, &key), NOT_THERE);
    // Made again, it has nothing of what it had.
    told(&server, "POST", "apps", &json!({"sdkappid": OTHER, "key": "new"}));
    let checked =
        call_of(&server, OTHER, "new", "im_open_login_svc/account_check", &json!({"CheckItem": [{"UserID": "a"}]}));
    assert_eq!(checked["ResultItem"][0]["AccountStatus"], "NotImported");
}

#[test]
fn what_is_wrong_is_named_by_its_field_and_nothing_is_changed() {
    let server = server(&["--in-memory"]);
    let app = format!("apps/{APP}");
    let before = told(&server, "GET", &app, &json!({}));
    for (method, path, body, status, says) in [
        ("POST", "apps", json!({"sdkapid": 1}), 400, "sdkapid"),
        ("POST", "apps", json!({"sdkappid": "1"}), 400, "sdkappid"),
        ("POST", "apps", json!({"sdkappid": -1}), 400, "sdkappid"),
        ("POST", "apps", json!({"key": ""}), 400, "key"),
        ("POST", "apps", json!({"key": 7}), 400, "key"),
        ("POST", "apps", json!({"edition": "gold"}), 400, "edition"),
        ("POST", "apps", json!({"settings": {"limit.contact_group": 1}}), 400, "limit.contact_group"),
        ("POST", "apps", json!({"sdkappid": APP}), 409, "SDKAppID"),
        ("POST", "apps", json!([]), 400, "object"),
        ("POST", "apps", json!([7, "k"]), 400, "object"),
        ("PATCH", &app, json!({"disabled": "yes"}), 400, "disabled"),
        ("PATCH", &app, json!({"disable": true}), 400, "disable"),
        ("PATCH", &app, json!({"add_key": 7}), 400, "add_key"),
        ("PATCH", &app, json!({"disabled": true, "settings": {"strict_query": "perhaps"}}), 400, "strict_query"),
        (
            "PATCH",
            &app,
            json!({"disabled": true, "settings": {"call_rate.recentcontact/tip": 1}}),
            400,
            "recentcontact/tip",
        ),
        ("PATCH", &app, json!({"settings": {"strict_query": null}}), 400, "settings.strict_query"),
        ("PATCH", "apps/9", json!({}), 404, "9"),
        ("GET", "apps/9", json!({}), 404, "9"),
        ("GET", "apps/x", json!({}), 400, "sdkappid"),
        ("DELETE", "apps/9", json!({}), 404, "9"),
    ] {
        let why = refused(&server, method, path, &body, status);
        assert!(why.contains(says), "{method} {path} {body}: {why}");
    }
    assert_eq!(told(&server, "GET", &app, &json!({})), before);
    for body in [&b"{"[..], b"{} {}", b"\xff", b"{\"key\":\"a\",\"key\":\"b\"}"] {
        assert_eq!(asked(&server, "POST", "apps", body).status, 400, "{body:?}");
    }
}

#[test]
fn a_path_that_is_none_and_a_method_that_it_does_not_take_are_told_apart() {
    let server = super::emulator();
    let of_method = |method: &str, path: &str| server.send(&request(method, &format!("/admin/v1/{path}"), b""));
    for path in ["", "none", "apps/1/none", "apps//faults"] {
        assert_eq!(of_method("GET", path).status, 404, "{path:?}");
    }
    let reply = of_method("PUT", "apps");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST")));
    assert_eq!(of_method("DELETE", &of("clock")).header("allow"), Some("GET, POST"));
    assert_eq!(of_method("GET", &of("clock")).header("cache-control"), Some("no-store"));
    // What begins like it is another surface's.
    assert_eq!(server.send(&request("GET", "/admin/v10", b"")).code(), 60009);
}

#[test]
fn what_is_left_of_a_call_rate_is_shown() {
    let server = server(&["--in-memory"]);
    let made = told(&server, "POST", "apps", &json!({"settings": {"call_rate": 5}}));
    let rates = told(&server, "GET", &format!("apps/{}/rates", made["sdkappid"]), &json!({}));
    let rates = rates.as_array().unwrap();
    assert_eq!(rates[0]["command"], "*");
    assert!(rates.len() >= 17, "{rates:?}");
    // The flag of the server turns all rates off.
    assert!(rates.iter().all(|rate| rate["per_second"] == 0 && rate["left"].is_null()), "{rates:?}");
}
