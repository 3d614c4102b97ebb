//! What is told of a call's fields, and that no bytes at all make an explainer fail.

use super::{Ignored, Likeness, Recorded, TOLD_MAX, Tolerated, as_curl, as_scenario, ignored, tolerated};
use crate::endpoint::{Endpoint, Meta};
use crate::openapi::Kind;
use crate::openapi::tests::CASES;
use crate::v4::im_open_login_svc::{AccountImport, MultiaccountImport};
use crate::v4::recentcontact::{
    CreateContactGroup, Delete, GetList, MarkContact, SearchContactGroup, UpdateContactGroup,
};
use crate::v4::{group_open_http_svc::CreateGroup, openim::Sendmsg};
use cubby_domain::Settings;
use proptest::prelude::*;

const UPDATE: &Meta = &UpdateContactGroup::META;

/// A command, a body, the path of the field that is ignored, and the guesses.
type Guessed = (&'static Meta, &'static str, &'static str, Vec<(&'static str, Likeness)>);
/// A command, a body, and the rulings with the paths of what they tolerate.
type Lenient = (&'static Meta, &'static str, Vec<(&'static str, &'static str)>);

/// The paths that are ignored, each with what it may have meant.
fn told(meta: &Meta, body: &str) -> Vec<(String, Vec<(String, Likeness)>)> {
    let one = |one: Ignored| (one.path, one.meant.into_iter().map(|meant| (meant.path, meant.likeness)).collect());
    ignored(meta, body.as_bytes()).into_iter().map(one).collect()
}

#[test]
fn no_field_of_a_documented_sample_is_ignored() {
    for case in CASES {
        assert_eq!(ignored(case.meta, case.meta.doc.sample_request.as_bytes()), [], "{}", case.meta.path);
    }
}

#[test]
fn r_013_a_field_that_nobody_reads_is_told_with_what_it_was_meant_to_be() {
    use Likeness::{Letters, Place, PlaceAndSpelling, Spelling};
    let table: Vec<Guessed> = vec![
        (
            UPDATE,
            r#"{"UpdateGroup":{"NewGropName":"x"}}"#,
            "UpdateGroup.NewGropName",
            vec![("UpdateGroup.NewGroupName", Spelling)],
        ),
        (UPDATE, r#"{"from_account":"x"}"#, "from_account", vec![("From_Account", Letters)]),
        (UPDATE, r#"{"fromAccount":"x"}"#, "fromAccount", vec![("From_Account", Letters)]),
        (UPDATE, r#"{"NewGroupName":"x"}"#, "NewGroupName", vec![("UpdateGroup.NewGroupName", Place)]),
        (UPDATE, r#"{"old_group_name":"x"}"#, "old_group_name", vec![("UpdateGroup.OldGroupName", PlaceAndSpelling)]),
        (UPDATE, r#"{"Colour":"x"}"#, "Colour", vec![]),
        (
            &SearchContactGroup::META,
            r#"{"ContactItem":[{"Type":1},{},{"Typ":1}]}"#,
            "ContactItem[2].Typ",
            vec![("ContactItem[2].Type", Spelling)],
        ),
        (
            &MarkContact::META,
            r#"{"MarkItem":{"ContactItem":[{"ToAccount":1}]}}"#,
            "MarkItem.ContactItem[0].ToAccount",
            vec![("MarkItem.ContactItem[0].To_Account", Letters)],
        ),
        (&MarkContact::META, r#"{"To_Account":"x"}"#, "To_Account", vec![("MarkItem[].ContactItem.To_Account", Place)]),
        (
            &CreateGroup::META,
            r#"{"MemberList":[{"MemberAccount":"x"}]}"#,
            "MemberList[0].MemberAccount",
            vec![("MemberList[0].Member_Account", Letters)],
        ),
    ];
    for (meta, body, path, meant) in table {
        let meant = meant.into_iter().map(|(path, likeness)| (path.to_owned(), likeness)).collect();
        assert_eq!(told(meta, body), [(path.to_owned(), meant)], "{body}");
    }
}

#[test]
fn what_is_read_under_another_spelling_or_is_passed_over_by_design_is_not_ignored() {
    assert_eq!(told(&SearchContactGroup::META, r#"{"ContactItem":[{"Type":2,"GroupId":"g","ToGroupid":"g"}]}"#), []);
    assert_eq!(told(&Sendmsg::META, r#"{"MsgBody":[{"MsgType":"t","MsgContent":{"Anything":{"At":"all"}}}]}"#), []);
    // No command looks into what is no object.
    assert_eq!(told(UPDATE, r#"{"UpdateGroup":"text"}"#), []);
    for body in ["", "[]", "null", "{", "{}"] {
        assert_eq!(told(UPDATE, body), [], "{body}");
    }
}

#[test]
fn what_is_told_is_bounded() {
    let many: Vec<_> = (0..10_000).map(|n| format!("\"a{n}\":0")).collect();
    assert_eq!(told(UPDATE, &format!("{{{}}}", many.join(","))).len(), TOLD_MAX);
    let long = format!(r#"{{"{}":0}}"#, "From_Account".repeat(50_000));
    assert!(told(UPDATE, &long)[0].0.len() < 200);
    assert_eq!(told(UPDATE, "{\"a\\u001b[2J\":0}")[0].0, "a\u{fffd}[2J");
}

/// A query string as the documentation has it.
const QUERY: &str = "sdkappid=1400000001&identifier=administrator&usersig=x&random=4294967295&contenttype=json";

#[test]
fn nothing_of_a_documented_sample_is_tolerated() {
    let settings = Settings::default();
    for case in CASES {
        let found = tolerated(Some(case.meta), "POST", QUERY, case.meta.doc.sample_request.as_bytes(), &settings);
        assert_eq!(found, [], "{}", case.meta.path);
    }
}

fn rulings(found: &[Tolerated]) -> Vec<(&str, &str)> {
    found.iter().map(|one| (one.ruling.unwrap_or("-"), one.path.as_str())).collect()
}

#[test]
fn r_004_what_is_tolerated_of_method_and_query_is_told() {
    let mut settings = Settings::default();
    let usual = "sdkappid=1&identifier=a&usersig=x";
    let told = |method: &str, query: &str, settings: &Settings| {
        let found = tolerated(None, method, &format!("{usual}{query}"), b"", settings);
        rulings(&found).into_iter().map(|(id, path)| format!("{id} {path}")).collect::<Vec<_>>()
    };
    assert_eq!(told("GET", "&random=1&contenttype=json", &settings), ["R-002 "]);
    assert_eq!(told("POST", "", &settings), ["R-002 contenttype", "R-004 random"]);
    assert_eq!(told("POST", "&random=4294967296&contenttype=json", &settings), ["R-004 random"]);
    assert_eq!(told("POST", "&random=1&contenttype=json&%69dentifier=b&x=1&x=2", &settings), ["R-005 identifier"]);
    assert_eq!(told("POST", "&random=1&contenttype=json&x=张", &settings), ["R-002 "]);
    settings.strict_query = true;
    assert_eq!(told("POST", "&random=x&contenttype=json", &settings), Vec::<String>::new());
}

#[test]
fn r_011_what_is_tolerated_of_a_body_is_told_with_its_ruling_and_its_path() {
    let table: Vec<Lenient> = vec![
        (UPDATE, "\u{feff}{}", vec![("R-019", "")]),
        (UPDATE, " [] ", vec![("R-001", "")]),
        (UPDATE, r#"{"UpdateType":1,"UpdateType":1}"#, vec![("R-015", "UpdateType")]),
        (
            UPDATE,
            r#"{"UpdateGroup":[{"UpdateGroupType":1,"ContactUpdateItem":null}]}"#,
            vec![("R-012", "UpdateGroup"), ("R-011", "UpdateGroup[0].ContactUpdateItem")],
        ),
        (
            UPDATE,
            r#"{"UpdateGroup":{"UpdateGroupType":2,"NewGroupName":"x","ContactUpdateItem":{"ContactItem":{"Type":2,"GroupId":"g","To_Account":"u"}}}}"#,
            vec![
                ("R-053", "UpdateGroup.NewGroupName"),
                ("R-012", "UpdateGroup.ContactUpdateItem"),
                ("R-042", "UpdateGroup.ContactUpdateItem.ContactItem.To_Account"),
                ("R-041", "UpdateGroup.ContactUpdateItem.ContactItem.GroupId"),
            ],
        ),
        (
            &SearchContactGroup::META,
            r#"{"ContactItem":[{"Type":2,"ToGroupId":"g","GroupId":"h"},{"Type":1,"To_Account":"u","GroupId":"g"}]}"#,
            vec![("R-041", "ContactItem[0].GroupId"), ("R-042", "ContactItem[1].GroupId")],
        ),
        (
            &MarkContact::META,
            r#"{"MarkItem":[{"OptType":1,"SetMark":[],"CustomMark":"x"},{"OptType":2,"SetMark":[1],"CustomMark":""}]}"#,
            vec![("R-056", "MarkItem[0].CustomMark"), ("R-056", "MarkItem[1].SetMark")],
        ),
        (&CreateContactGroup::META, r#"{"GroupContactItem":{"ContactItem":[]}}"#, vec![("R-012", "GroupContactItem")]),
        (
            &GetList::META,
            r#"{"TimeStamp":-0,"StartIndex":0,"TopTimeStamp":0,"AssistFlags":64}"#,
            vec![("R-082", "TopStartIndex"), ("R-014", "TimeStamp"), ("R-079", "AssistFlags")],
        ),
        (
            &Delete::META,
            r#"{"type":2,"To_Account":"g","ClearRamble":7}"#,
            vec![("R-088", "type"), ("R-088", "To_Account"), ("-", "ClearRamble")],
        ),
        (&Delete::META, r#"{"Type":1,"To_Account":"u","type":1}"#, vec![("R-088", "type")]),
        (&AccountImport::META, r#"{"Identifier":"u","Nick":""}"#, vec![("-", "Identifier")]),
        (
            &MultiaccountImport::META,
            r#"{"AccountList":[{"UserID":"u","Nick":7}]}"#,
            vec![("R-070", "AccountList[0].Nick")],
        ),
        (
            &Sendmsg::META,
            r#"{"MsgLifeTime":"","MsgBody":{"MsgType":"t","MsgContent":[{}]},"SendMsgControl":["NoUnread","Nothing"]}"#,
            vec![
                ("R-011", "MsgLifeTime"),
                ("-", "SendMsgControl"),
                ("R-012", "MsgBody"),
                ("R-012", "MsgBody.MsgContent"),
            ],
        ),
    ];
    for (meta, body, wanted) in table {
        let found = tolerated(Some(meta), "POST", QUERY, body.as_bytes(), &Settings::default());
        let sorted = |mut all: Vec<(&'static str, String)>| {
            all.sort();
            all
        };
        let got = sorted(found.iter().map(|one| (one.ruling.unwrap_or("-"), one.path.clone())).collect());
        assert_eq!(got, sorted(wanted.into_iter().map(|(id, path)| (id, path.to_owned())).collect()), "{body}");
        assert!(found.iter().all(|one| !one.told.en.is_empty() && !one.told.zh.is_ascii()), "{found:?}");
    }
}

#[test]
fn r_090_assist_flags_are_fixed_by_the_profile_of_2026() {
    let mut settings = Settings::default();
    let body = r#"{"TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}"#;
    assert_eq!(tolerated(Some(&GetList::META), "POST", QUERY, body.as_bytes(), &settings), []);
    settings.set("profile", "2026").unwrap();
    let found = tolerated(Some(&GetList::META), "POST", QUERY, body.as_bytes(), &settings);
    assert_eq!(rulings(&found), [("R-090", "AssistFlags")]);
}

#[test]
fn a_number_that_is_none_of_the_documented_ones_is_told_as_tolerated_exactly_where_it_is_taken() {
    let mut taken = 0;
    for case in CASES {
        for field in case.meta.doc.request.iter().filter(|field| matches!(field.kind, Kind::Choice(_))) {
            let mut body: serde_json::Value = serde_json::from_str(case.meta.doc.sample_request).unwrap();
            body[field.name] = 77.into();
            let body = body.to_string();
            let found = tolerated(Some(case.meta), "POST", QUERY, body.as_bytes(), &Settings::default());
            let is_told = found.iter().any(|one| one.path == field.name);
            assert_eq!(is_told, (case.takes)(&body), "{} {}", case.meta.path, field.name);
            taken += usize::from(is_told);
        }
    }
    assert!(taken > 5, "{taken}");
}

/// Bytes, JSON that is like a request, and requests with something changed.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let samples: Vec<&str> = CASES.iter().map(|case| case.meta.doc.sample_request).collect();
    let changed = (prop::sample::select(samples), any::<prop::sample::Index>(), any::<Vec<u8>>());
    let changed = changed.prop_map(|(sample, at, bytes)| {
        let mut body = sample.as_bytes().to_vec();
        let at = at.index(body.len());
        body.splice(at..(at + bytes.len() / 4).min(sample.len()), bytes.into_iter().take(4));
        body
    });
    let names = vec!["From_Account", "Type", "ContactItem", "GroupId", "x", "MsgBody", "", "To_Account", "MarkItem"];
    let values = vec!["null", "\"\"", "[]", "{}", "-0", "1.0", "1e999", "\"a\"", "[{}]", "{\"Type\":2}", "2"];
    let pair = (prop::sample::select(names), prop::sample::select(values));
    let pairs = prop::collection::vec(pair.prop_map(|(name, value)| format!("\"{name}\":{value}")), 0..12);
    prop_oneof![any::<Vec<u8>>(), changed, pairs.prop_map(|pairs| format!("{{{}}}", pairs.join(",")).into_bytes())]
}

proptest! {
    #[test]
    fn no_bytes_make_an_explainer_fail(body in any_body()) {
        for case in CASES {
            let found = ignored(case.meta, &body);
            prop_assert!(found.len() <= TOLD_MAX);
            prop_assert!(found.iter().all(|one| one.meant.len() <= 3));
            let text = String::from_utf8_lossy(&body);
            let found = tolerated(Some(case.meta), &text, &text, &body, &Settings::default());
            prop_assert!(found.len() <= TOLD_MAX);
        }
        let text = String::from_utf8_lossy(&body);
        prop_assert!(as_curl("http://h", &text, &text, &text, &body).contains("curl --globoff"));
        let call = Recorded { method: &text, path: &text, query: &text, body: &body, reply: &body };
        prop_assert!(serde_json::from_str::<serde_json::Value>(&as_scenario(&text, &[call, call])).is_ok());
    }
}
