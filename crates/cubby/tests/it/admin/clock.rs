//! The clock of an application (R-121): UserSigs, timestamps and call rates go by it, and no other application does.

use super::{call_of, code_of, of, query_of, refused, server, told};
use crate::support::{APP, KEY, Server, now};
use serde_json::{Value, json};

const CHECK: &str = "im_open_login_svc/account_check";
/// A Sunday in 2033.
const THEN: i64 = 2_000_000_000;
const DAY: i64 = 86_400;

fn turn(server: &Server, body: &Value) -> Value {
    told(server, "POST", &of("clock"), body)
}

/// The code of a call that was signed for a day at this time.
fn code_at(server: &Server, made: i64) -> i64 {
    server.post_with(CHECK, &query_of(APP, KEY, made), br#"{"CheckItem":[{"UserID":"a"}]}"#).code()
}

/// The `Timestamp` of a conversation that is changed now.
fn timestamp(server: &Server, made: i64, mark: i64) -> i64 {
    let item = json!({"OptType": 1, "ContactItem": {"Type": 1, "To_Account": "b"}, "SetMark": [mark]});
    let post = |command: &str, body: Value| {
        server.post_with(command, &query_of(APP, KEY, made), body.to_string().as_bytes()).json()
    };
    let marked = post("recentcontact/mark_contact", json!({"From_Account": "a", "MarkItem": [item]}));
    assert_eq!(marked["ResultItem"][0]["ResultCode"], 0, "{marked}");
    let listed = post("recentcontact/get_contact_group", json!({"From_Account": "a", "StartIndex": 0}));
    listed["ContactItem"][0]["Timestamp"].as_i64().unwrap_or_else(|| panic!("{listed}"))
}

#[test]
fn r_121_usersigs_and_timestamps_go_by_the_clock() {
    let server = server(&["--in-memory"]);
    server.import(&["a", "b"]);
    assert_eq!(told(&server, "GET", &of("clock"), &json!({}))["system"], true);

    assert_eq!(turn(&server, &json!({"freeze": THEN})), json!({"now": THEN, "frozen": true, "system": false}));
    // Signed by the system's clock it was made a decade ago.
    assert_eq!((code_at(&server, now()), code_at(&server, THEN)), (70001, 0));
    assert_eq!(timestamp(&server, THEN, 1), THEN);

    assert_eq!(turn(&server, &json!({"advance": DAY}))["now"], THEN + DAY);
    assert_eq!((code_at(&server, THEN), code_at(&server, THEN - 1)), (0, 70001));
    assert_eq!(timestamp(&server, THEN, 2), THEN + DAY);
    turn(&server, &json!({"advance": 1}));
    assert_eq!(code_at(&server, THEN), 70001);

    let running = turn(&server, &json!({"run": true}));
    assert_eq!((&running["frozen"], &running["system"]), (&json!(false), &json!(false)));
    let shown = timestamp(&server, THEN + DAY, 3);
    assert!((THEN + DAY + 1..THEN + 2 * DAY).contains(&shown), "{shown}");

    assert_eq!(turn(&server, &json!({"system": true}))["system"], true);
    assert_eq!((code_at(&server, now()), code_at(&server, THEN)), (0, 70001));
    // A user's timestamps never step back (R-044).
    assert!(timestamp(&server, now(), 4) >= shown);
}

#[test]
fn r_121_a_frozen_clock_gives_no_more_calls_and_one_that_is_advanced_does() {
    let app = format!("{APP}:{KEY}:ultimate");
    let server = Server::start_with(&["--in-memory", "--admin-token", super::TOKEN, "--app", &app]);
    told(&server, "PATCH", &format!("apps/{APP}"), &json!({"settings": {"call_rate": 2}}));
    turn(&server, &json!({"freeze": THEN}));
    let codes = |calls: usize| (0..calls).map(|_| code_at(&server, THEN)).collect::<Vec<_>>();
    assert_eq!(codes(4), [0, 0, 60007, 60007]);
    let rates = told(&server, "GET", &of("rates"), &json!({}));
    let left = rates.as_array().unwrap().iter().find(|rate| rate["command"] == CHECK).unwrap();
    assert_eq!((&left["per_second"], &left["left"]), (&json!(2), &json!(0)));
    turn(&server, &json!({"advance": 1}));
    assert_eq!(codes(3), [0, 0, 60007]);
    // What was counted by a later time is forgotten where the clock steps back.
    turn(&server, &json!({"freeze": THEN - DAY / 2}));
    assert_eq!((0..3).map(|_| code_at(&server, THEN - DAY / 2)).collect::<Vec<_>>(), [0, 0, 60007]);
}

#[test]
fn r_121_another_application_has_its_own_clock() {
    let server = server(&["--in-memory"]);
    told(&server, "POST", "apps", &json!({"sdkappid": 7, "key": "k"}));
    turn(&server, &json!({"freeze": THEN}));
    assert_eq!((code_of(&server, 7, "k"), code_of(&server, APP, KEY)), (0, 70001));
    assert_eq!(told(&server, "GET", "apps/7/clock", &json!({}))["system"], true);
    assert_eq!(call_of(&server, 7, "k", CHECK, &json!({}))["ErrorCode"], 70402);
    assert_eq!(told(&server, "GET", &format!("apps/{APP}"), &json!({}))["clock_turned"], true);
}

#[test]
fn what_is_no_time_is_refused_and_the_clock_goes_on() {
    let server = server(&["--in-memory"]);
    turn(&server, &json!({"freeze": THEN}));
    for (body, says) in [
        (json!({}), "freeze, advance, run and system"),
        (json!({"freeze": true, "run": true}), "freeze, advance, run and system"),
        (json!({"freeze": false}), "freeze"),
        (json!({"freeze": "now"}), "freeze"),
        (json!({"freeze": 253_402_300_800_i64}), "9999"),
        (json!({"advance": -1}), "advance"),
        (json!({"advance": u64::MAX}), "9999"),
        (json!({"run": false}), "run"),
        (json!({"system": 1}), "system"),
        (json!({"stop": true}), "stop"),
    ] {
        let why = refused(&server, "POST", &of("clock"), &body, 400);
        assert!(why.contains(says), "{body}: {why}");
    }
    assert_eq!(told(&server, "GET", &of("clock"), &json!({}))["now"], THEN);
}
