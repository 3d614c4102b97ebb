//! How strictly UserSigs are checked (R-123), and UserSigs that the server makes.

use super::{call_of, of, refused, server, told};
use crate::support::{ADMINISTRATOR, APP, KEY, Server, now};
use cubby_protocol::usersig;
use serde_json::{Value, json};

const CHECK: &str = "im_open_login_svc/account_check";

fn mode(server: &Server, mode: &str) {
    assert_eq!(told(server, "PUT", &of("signing"), &json!({"mode": mode})), json!({"mode": mode}));
}

/// The code of a call with this UserSig in this name.
fn code(server: &Server, identifier: &str, signature: &str) -> i64 {
    let query = format!("sdkappid={APP}&identifier={identifier}&usersig={signature}&random=7&contenttype=json");
    server.post_with(CHECK, &query, br#"{"CheckItem":[{"UserID":"a"}]}"#).code()
}

fn signed(key: &str, expire: i64, made: i64) -> String {
    usersig::make(APP, key.as_bytes(), ADMINISTRATOR, expire, made, None)
}

#[test]
fn r_123_lenient_takes_what_has_expired_and_off_looks_at_none() {
    let mut server = server(&[]);
    let expired = signed(KEY, 60, now() - 3600);
    let future = signed(KEY, 60, now() + 3600);
    let wrong_key = signed("another", 3600, now());
    let codes = |server: &Server| {
        let of = |signature: &str| code(server, ADMINISTRATOR, signature);
        [of(&signed(KEY, 60, now())), of(&expired), of(&future), of(&wrong_key), of("nonsense"), of("")]
    };
    let strict = [0, 70001, 70001, 70009, 70003, 70002];
    assert_eq!(codes(&server), strict);
    mode(&server, "lenient");
    assert_eq!(codes(&server), [0, 0, 0, 70009, 70003, 70002]);
    mode(&server, "off");
    assert_eq!(codes(&server), [0; 6]);
    // Whoever names no administrator is none still.
    assert_eq!(code(&server, "somebody", "nonsense"), 60010);
    assert_eq!(told(&server, "GET", &format!("apps/{APP}"), &json!({}))["signing"], "off");
    mode(&server, "strict");
    assert_eq!(codes(&server), strict);
    // It is the process's own: the next start checks as documented.
    mode(&server, "off");
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(codes(&server), strict);
}

#[test]
fn r_123_another_application_is_checked_as_before() {
    let server = server(&["--in-memory"]);
    told(&server, "POST", "apps", &json!({"sdkappid": 7, "key": "k"}));
    mode(&server, "off");
    let codes =
        |key: &str| call_of(&server, 7, key, CHECK, &json!({"CheckItem": [{"UserID": "a"}]}))["ErrorCode"].clone();
    assert_eq!((codes("k"), codes("wrong")), (json!(0), json!(70009)));
}

#[test]
fn a_usersig_is_made_for_any_account_and_holds_as_long_as_it_is_asked() {
    let server = server(&["--in-memory"]);
    let mint = |body: Value| told(&server, "POST", &of("usersig"), &body)["usersig"].as_str().unwrap().to_owned();
    assert_eq!(code(&server, ADMINISTRATOR, &mint(json!({"identifier": ADMINISTRATOR}))), 0);
    assert_eq!(code(&server, ADMINISTRATOR, &mint(json!({"identifier": ADMINISTRATOR, "expire": -1}))), 70001);
    assert_eq!(code(&server, "alice", &mint(json!({"identifier": "alice"}))), 60010);
    for (body, says) in [
        (json!({}), "identifier"),
        (json!({"identifier": ""}), "identifier"),
        (json!({"identifier": "a\n"}), "identifier"),
        (json!({"identifier": "a".repeat(256)}), "identifier"),
        (json!({"identifier": "a", "expire": "1"}), "expire"),
        (json!({"identifier": "a", "expire": i64::MAX}), "expire"),
        (json!({"identifier": "a", "expires": 1}), "expires"),
    ] {
        let why = refused(&server, "POST", &of("usersig"), &body, 400);
        assert!(why.contains(says), "{body}: {why}");
    }
    for body in [json!({}), json!({"mode": "loose"}), json!({"mode": true}), json!({"mode": "off", "for": 1})] {
        refused(&server, "PUT", &of("signing"), &body, 400);
    }
}
