//! The account commands: each documented sample with its whole reply, batches at their documented size, and what deleting takes along.

use crate::support::{ADMINISTRATOR, Server};
use serde_json::{Value, json};

const IMPORT: &str = "im_open_login_svc/account_import";
const IMPORT_MANY: &str = "im_open_login_svc/multiaccount_import";
const CHECK: &str = "im_open_login_svc/account_check";
const DELETE: &str = "im_open_login_svc/account_delete";

fn ok() -> Value {
    json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0})
}

/// A failure is the envelope alone, without `ErrorDisplay`; its code.
fn failed(reply: &Value) -> i64 {
    assert_eq!(reply["ActionStatus"], "FAIL", "{reply}");
    assert_ne!(reply["ErrorInfo"], "");
    assert_eq!(reply.as_object().unwrap().len(), 3, "{reply}");
    reply["ErrorCode"].as_i64().unwrap()
}

fn ids(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("u{n}")).collect()
}

fn items(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"UserID": id})).collect()
}

fn status(server: &Server, id: &str) -> Value {
    server.call(CHECK, &json!({"CheckItem": [{"UserID": id}]}))["ResultItem"][0]["AccountStatus"].clone()
}

#[test]
fn the_samples_of_the_imports() {
    let server = Server::start();
    let one = json!({"UserID": "test", "Nick": "test", "FaceUrl": "http://www.qq.com"});
    assert_eq!(server.call(IMPORT, &one), ok());
    assert_eq!(server.call(IMPORT, &one), ok(), "importing twice succeeds");
    assert_eq!(server.call(IMPORT, &json!({"Identifier": "older"})), ok(), "as older clients name it");
    let many = json!({"Accounts": ["test1", "test2", "", "test4", "tést"]});
    let reply = json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "FailAccounts": ["", "tést"]});
    assert_eq!(server.call(IMPORT_MANY, &many), reply);
    let newer = json!({"AccountList": [{"UserID": "test5", "Nick": "n", "FaceUrl": "f"}, {"UserID": "x".repeat(33)}, {"UserID": "test6"}]});
    let reply = json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "FailAccounts": ["x".repeat(33)]});
    assert_eq!(server.call(IMPORT_MANY, &newer), reply);
    for id in ["test", "older", "test1", "test2", "test4", "test5", "test6"] {
        assert_eq!(status(&server, id), "Imported", "{id}");
    }
    assert_eq!(status(&server, "test3"), "NotImported");
}

#[test]
fn the_samples_of_check_and_delete() {
    let server = Server::start();
    server.import(&["UserID_1"]);
    let two = json!([{"UserID": "UserID_1"}, {"UserID": "UserID_2"}]);
    assert_eq!(
        server.call(CHECK, &json!({"CheckItem": two})),
        json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ResultItem": [
            {"UserID": "UserID_1", "ResultCode": 0, "ResultInfo": "", "AccountStatus": "Imported"},
            {"UserID": "UserID_2", "ResultCode": 0, "ResultInfo": "", "AccountStatus": "NotImported"}]})
    );
    assert_eq!(
        server.call(DELETE, &json!({"DeleteItem": two})),
        json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ResultItem": [
            {"ResultCode": 0, "ResultInfo": "", "UserID": "UserID_1"},
            {"ResultCode": 70107, "ResultInfo": "Err_TLS_PT_Open_Login_Account_Not_Exist", "UserID": "UserID_2"}]})
    );
    assert_eq!(status(&server, "UserID_1"), "NotImported");
}

#[test]
fn r_070_a_batch_has_1_to_100_accounts() {
    let server = Server::start();
    let (hundred, more) = (ids(100), ids(101));
    let imported = json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "FailAccounts": []});
    assert_eq!(failed(&server.call(IMPORT_MANY, &json!({"Accounts": more}))), 70206);
    assert_eq!(failed(&server.call(IMPORT_MANY, &json!({"AccountList": items(&more)}))), 70206);
    assert_eq!(status(&server, "u0"), "NotImported", "a batch that is too large imports nobody");
    assert_eq!(server.call(IMPORT_MANY, &json!({"Accounts": hundred})), imported);
    assert_eq!(server.call(IMPORT_MANY, &json!({"AccountList": items(&hundred)})), imported);
    for (path, list) in [(CHECK, "CheckItem"), (DELETE, "DeleteItem")] {
        assert_eq!(failed(&server.call(path, &json!({list: items(&more)}))), 70206);
        let reply = server.call(path, &json!({list: items(&hundred)}));
        let codes = reply["ResultItem"].as_array().unwrap().iter().map(|item| &item["ResultCode"]);
        assert_eq!(codes.collect::<Vec<_>>(), [0; 100], "{path}");
    }
    for (path, list) in
        [(IMPORT_MANY, "AccountList"), (IMPORT_MANY, "Accounts"), (CHECK, "CheckItem"), (DELETE, "DeleteItem")]
    {
        for nothing in [json!({}), json!({list: []}), json!({list: null}), json!({list: ""})] {
            assert_eq!(failed(&server.call(path, &nothing)), 70402, "{path} {nothing}");
        }
        for wrong in [json!(7), json!("u1"), json!(true)] {
            assert_eq!(failed(&server.call(path, &json!({list: wrong}))), 70402, "{path} {wrong}");
        }
    }
    // One object is a list of one.
    server.import(&["u1"]);
    assert_eq!(
        server.call(CHECK, &json!({"CheckItem": {"UserID": "u1"}}))["ResultItem"][0]["AccountStatus"],
        "Imported"
    );
    assert_eq!(server.call(IMPORT_MANY, &json!({"AccountList": {"UserID": "u2"}}))["FailAccounts"], json!([]));
}

#[test]
fn a_user_id_has_1_to_32_bytes_of_printable_ascii() {
    let server = Server::start();
    for right in
        ["x".repeat(32), " ".to_owned(), "~!@#$%^&*()".to_owned(), "a b".to_owned(), "administrator2".to_owned()]
    {
        assert_eq!(server.call(IMPORT, &json!({"UserID": right})), ok(), "{right}");
        assert_eq!(status(&server, &right), "Imported", "{right}");
    }
    for wrong in
        ["x".repeat(33), String::new(), "é".to_owned(), "a\tb".to_owned(), "a\u{7f}".to_owned(), "\0".to_owned()]
    {
        assert_eq!(failed(&server.call(IMPORT, &json!({"UserID": wrong}))), 70402, "{wrong:?}");
        // In a list an ill-formed id is that item's 70402.
        let two = json!([{"UserID": wrong}, {"UserID": " "}]);
        let checked = server.call(CHECK, &json!({"CheckItem": two}));
        assert_eq!((&checked["ErrorCode"], &checked["ResultItem"][0]["ResultCode"]), (&json!(0), &json!(70402)));
        assert_eq!(checked["ResultItem"][0]["UserID"], wrong);
        assert_eq!(checked["ResultItem"][1]["AccountStatus"], "Imported");
    }
    for (path, list) in [(CHECK, "CheckItem"), (DELETE, "DeleteItem")] {
        let reply = server.call(path, &json!({list: [{}, 7, {"UserID": 7}, {"UserID": null}, "u", [{"UserID": " "}]]}));
        let codes = reply["ResultItem"].as_array().unwrap().iter().map(|item| &item["ResultCode"]);
        assert_eq!(codes.collect::<Vec<_>>(), [70402; 6], "{path}");
        assert!(reply["ResultItem"].as_array().unwrap().iter().all(|item| item["UserID"].is_string()), "{reply}");
    }
    let failed_ids = server.call(IMPORT_MANY, &json!({"AccountList": [{"UserID": 7}, "u", {}, {"UserID": "fine"}]}));
    assert_eq!(failed_ids["FailAccounts"].as_array().unwrap().len(), 3);
    assert!(failed_ids["FailAccounts"].as_array().unwrap().iter().all(Value::is_string), "{failed_ids}");
    assert_eq!(status(&server, "fine"), "Imported");
    assert_eq!(failed(&server.call(IMPORT, &json!({}))), 70402);
    assert_eq!(failed(&server.call(IMPORT, &json!({"UserID": 7}))), 60015);
    assert_eq!(failed(&server.call(IMPORT, &json!({"Identifier": 7}))), 60015);
}

#[test]
fn nick_and_face_url_are_texts() {
    let server = Server::start();
    for field in ["Nick", "FaceUrl"] {
        for right in [json!("名"), json!(""), Value::Null, json!([]), json!("x".repeat(500))] {
            assert_eq!(server.call(IMPORT, &json!({"UserID": "a", field: right})), ok(), "{field} {right}");
        }
        for wrong in [json!(7), json!(true), json!({}), json!(["x"]), json!("x".repeat(501))] {
            let reply = server.call(IMPORT, &json!({"UserID": "b", field: wrong}));
            assert_eq!(failed(&reply), 70402, "{field} {wrong}");
            assert!(reply["ErrorInfo"].as_str().unwrap().contains(field), "{reply}");
        }
    }
    assert_eq!(status(&server, "b"), "NotImported");
    // In a batch only an ill-formed id is a reason not to import somebody.
    let batch = json!({"AccountList": [{"UserID": "c", "Nick": 7}, {"UserID": "d", "FaceUrl": "x".repeat(501)}]});
    assert_eq!(server.call(IMPORT_MANY, &batch)["FailAccounts"], json!([]));
    assert_eq!([status(&server, "c"), status(&server, "d")], ["Imported", "Imported"]);
}

#[test]
fn r_071_an_administrator_counts_as_imported_and_is_not_deleted() {
    let server = Server::start();
    server.import(&["a"]);
    assert_eq!(status(&server, ADMINISTRATOR), "Imported");
    let reply = server.call(DELETE, &json!({"DeleteItem": [{"UserID": ADMINISTRATOR}, {"UserID": "a"}]}));
    let codes = reply["ResultItem"].as_array().unwrap().iter().map(|item| &item["ResultCode"]);
    assert_eq!(codes.collect::<Vec<_>>(), [70402, 0]);
    assert_eq!(status(&server, ADMINISTRATOR), "Imported");
    // Their data is as anyone's, and an import changes nothing of it.
    let create = json!({"From_Account": ADMINISTRATOR, "GroupContactItem": [{"GroupName": "x", "ContactItem": []}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &create)["ErrorCode"], 0);
    assert_eq!(server.call(IMPORT, &json!({"UserID": ADMINISTRATOR})), ok());
    let kept = server.call("recentcontact/get_contact_group", &json!({"From_Account": ADMINISTRATOR}));
    assert_eq!(kept["GroupItem"], json!([{"GroupName": "x", "GroupId": 1}]));
}

#[test]
fn r_072_account_delete_takes_the_data_along_in_every_edition() {
    for edition in ["trial", "pro", "ultimate", "enterprise"] {
        let app = format!("{}:{}:{edition}", crate::support::APP, crate::support::KEY);
        let server = Server::start_with(&["--app", &app, "--call-rate", "0"]);
        server.import(&["a", "b"]);
        let mark = |from: &str, to: &str| {
            let item = json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": to}, "CustomMark": "m"});
            server.call("recentcontact/mark_contact", &json!({"From_Account": from, "MarkItem": [item]}))
        };
        assert_eq!(mark("a", "b")["ResultItem"][0]["ResultCode"], 0);
        assert_eq!(mark("b", "a")["ResultItem"][0]["ResultCode"], 0);
        // When a is deleted, twice in one request, the second finds no such account.
        let reply = server.call(DELETE, &json!({"DeleteItem": [{"UserID": "a"}, {"UserID": "a"}]}));
        let codes = reply["ResultItem"].as_array().unwrap().iter().map(|item| &item["ResultCode"]);
        assert_eq!(codes.collect::<Vec<_>>(), [0, 70107]);
        // Then their data is gone, also after they are imported again, and what others keep of them stays.
        let get = |from: &str| server.call("recentcontact/get_contact_group", &json!({"From_Account": from}));
        assert_eq!(get("a")["ErrorCode"], 50001);
        server.import(&["a"]);
        assert_eq!(get("a")["ContactItem"], json!([]));
        assert_eq!(get("b")["ContactItem"][0]["To_Account"], "a");
    }
}

#[test]
fn a_deleted_account_leaves_its_chat_groups() {
    let server = Server::start();
    server.import(&["a", "b"]);
    let group = json!({"Type": "Public", "Name": "g", "GroupId": "g", "Owner_Account": "a", "MemberList": [{"Member_Account": "b"}]});
    assert_eq!(server.call("group_open_http_svc/create_group", &group)["ErrorCode"], 0);
    server.call(DELETE, &json!({"DeleteItem": [{"UserID": "b"}]}));
    let info = server.call("group_open_http_svc/get_group_info", &json!({"GroupIdList": ["g"]}));
    assert_eq!(info["GroupInfo"][0]["MemberNum"], 1);
    server.import(&["b"]);
    let joined = server.call("group_open_http_svc/get_joined_group_list", &json!({"Member_Account": "b"}));
    assert_eq!((&joined["TotalCount"], &joined["GroupIdList"]), (&json!(0), &json!([])));
}
