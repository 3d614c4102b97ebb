//! The main job: the documented sample request of `update_contact_group`, answered as documented, and still there after `kill -9`.

use crate::support::Server;
use serde_json::json;

#[test]
fn the_documented_sample_is_answered_as_documented_and_survives_a_kill() {
    let mut server = Server::start();
    server.import(&["user20", "user1"]);
    let created = json!({"From_Account": "user20", "GroupContactItem": [{"GroupName": "test1", "ContactItem": []}]});
    assert_eq!(server.call("recentcontact/create_contact_group", &created)["ErrorCode"], 0);
    let sample = r#"{"From_Account":"user20","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"test1","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user1"}}]}}"#;
    let reply = server.post("recentcontact/update_contact_group", sample.as_bytes());
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json(),
        json!({"UpdateType":1,"UpdateGroupResult":{"UpdateGroupType":2,"GroupName":"test1","GroupId":1,"OldGroupName":"test1","ContactResultItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}]},"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""})
    );
    server.kill();
    server.start_again();
    let kept = server.call("recentcontact/get_contact_group", &json!({"From_Account": "user20"}));
    assert_eq!(kept["ContactItem"][0]["To_Account"], "user1");
    assert_eq!(kept["GroupItem"], json!([{"GroupName": "test1", "GroupId": 1}]));
    assert!(server.stop().success());
}
