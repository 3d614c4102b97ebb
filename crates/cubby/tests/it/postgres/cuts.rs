//! A connection that is cut in the middle of a write, as a client sees it: a success, and the change is there once. The engine's own tests
//! have what another server does in between.

use super::server;
use crate::messages::{SEND, SEND_TO_MANY, chat_group, done, ids, unread};
use crate::support::Server;
use cubby_pg_cluster::{Cluster, Proxy, When};
use serde_json::{Value, json};

/// A call whose write is cut, where a statement binds these bytes; its reply.
fn cut(proxy: &Proxy, server: &Server, (bound, when): (&str, When), path: &str, body: &Value) -> Value {
    let before = proxy.cuts();
    proxy.cut_when_bound(bound, when, 1);
    let reply = done(server, path, body);
    assert_eq!(proxy.cuts(), before + 1, "the fault struck");
    reply
}

/// Given users and a chat group, when the connection to the database is cut before a change is written, or after and before that is heard
/// of, then the client hears of a success and the change is there once.
#[test]
fn a_change_whose_outcome_was_unknown_is_answered_and_done_once() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let proxy = Proxy::start(cluster.port());
    let server = server(&proxy.url_of(&url));
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    for (case, when) in ["x", "y"].into_iter().zip([When::BeforeForwarding, When::AfterForwarding]) {
        let id = |n: u32| format!("{case}{n}");
        let accounts: Vec<String> = (0..40).map(id).collect();
        let body = json!({"AccountList": accounts.iter().map(|id| json!({"UserID": id, "Nick": format!("nick {case}")})).collect::<Vec<_>>()});
        let bound = format!(r#""nick":"nick {case}""#);
        let imported = cut(&proxy, &server, (&bound, when), "im_open_login_svc/multiaccount_import", &body);
        assert_eq!(imported["FailAccounts"], json!([]));

        let made = json!({"From_Account": id(0), "GroupContactItem": [{"GroupName": format!("group {case}"), "ContactItem": [{"Type": 1, "To_Account": id(1)}]}]});
        let bound = format!(r#""name":"group {case}""#);
        let reply = cut(&proxy, &server, (&bound, when), "recentcontact/create_contact_group", &made);
        assert_eq!(reply["GroupResultItem"][0]["GroupItem"]["GroupId"], 1, "{reply}");
        let second = json!({"From_Account": id(0), "GroupContactItem": [{"GroupName": "second"}]});
        let reply = done(&server, "recentcontact/create_contact_group", &second);
        assert_eq!(reply["GroupResultItem"][0]["GroupItem"]["GroupId"], 2, "{reply}");

        let message = json!({"From_Account": id(0), "To_Account": id(1), "MsgRandom": 4711, "MsgBody": text});
        cut(&proxy, &server, (r#""random":4711,"#, when), SEND, &message);
        assert_eq!(unread(&server, &id(1)), 1, "{when:?}");
        let message = json!({"From_Account": id(0), "To_Account": accounts[1..], "MsgRandom": 4712, "MsgBody": text});
        cut(&proxy, &server, (r#""random":4712,"#, when), SEND_TO_MANY, &message);
        assert_eq!((unread(&server, &id(1)), unread(&server, &id(39))), (2, 1), "{when:?}");
        assert_eq!(ids(&server, &id(0)).len(), 39);

        chat_group(&server, case, &[&id(0)]);
        let members: Vec<Value> = accounts[1..].iter().map(|id| json!({"Member_Account": id})).collect();
        let add = json!({"GroupId": case, "MemberList": members});
        let reply = cut(&proxy, &server, (r#""joined":"#, when), "group_open_http_svc/add_group_member", &add);
        assert!(reply["MemberList"].as_array().unwrap().iter().all(|one| one["Result"] == 1), "{when:?}: {reply}");
        let info = done(&server, "group_open_http_svc/get_group_info", &json!({"GroupIdList": [case]}));
        assert_eq!(info["GroupInfo"][0]["MemberNum"], 40, "{info}");
    }
}
