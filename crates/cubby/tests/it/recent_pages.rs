//! The list of recent contacts a page at a time, while messages arrive and pins change between the pages.

use crate::messages::{done, id, said, send, sent};
use crate::settings::with;
use crate::support::{Server, now};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LIST: &str = "recentcontact/get_list";

fn user(id: &str) -> Value {
    json!({"Type": 1, "To_Account": id})
}

fn pin(server: &Server, of: &str, how: i64, ids: &[String]) {
    let what: Value = ids.iter().map(|id| user(id)).collect();
    done(server, "recentcontact/top", &json!({"From_Account": of, "OperationType": how, "RecentContactItem": what}));
}

/// The pages of a list; between one and the next something happens.
fn pages(server: &Server, of: &str, flags: i64, mut between: impl FnMut(usize)) -> Vec<Vec<Value>> {
    let mut place = json!({"TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0});
    let mut pages = Vec::new();
    loop {
        let mut body = place.clone();
        body["From_Account"] = json!(of);
        body["AssistFlags"] = json!(flags);
        let reply = done(server, LIST, &body);
        for name in ["TimeStamp", "TopTimeStamp"] {
            assert!((reply[name].as_i64().unwrap() - now()).abs() < 20, "{reply}");
        }
        pages.push(reply["SessionItem"].as_array().unwrap().clone());
        for name in ["TimeStamp", "StartIndex", "TopTimeStamp", "TopStartIndex"] {
            assert!(reply[name].as_u64().is_some(), "{reply}");
            place[name] = reply[name].clone();
        }
        for name in ["StartIndex", "TopStartIndex"] {
            assert!(reply[name].as_u64() <= Some(0x7fff_ffff), "{reply}");
        }
        if reply["CompleteFlag"] == 1 {
            assert_eq!((&reply["StartIndex"], &reply["TopStartIndex"]), (&json!(0), &json!(0)));
            return pages;
        }
        assert_eq!(reply["CompleteFlag"], 0);
        assert!(pages.len() < 100, "the paging does not end");
        between(pages.len());
    }
}

/// How often each came.
fn counted(pages: &[Vec<Value>]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    pages.iter().flatten().for_each(|item| *counted.entry(id(item)).or_default() += 1);
    counted
}

/// A user's list of 14 others and one chat group, with these pinned.
fn fill(server: &Server, of: &str, pinned: &[String]) {
    for n in 0..14 {
        sent(server, &format!("p{n}"), of, 1000 - n, &json!({}));
    }
    pin(server, of, 1, pinned);
}

fn peers(some: &[usize]) -> Vec<String> {
    some.iter().map(|n| format!("p{n}")).collect()
}

/// A server with pages of this size, and accounts.
fn server(page: usize) -> Server {
    let server = with(&[&format!("limit.recent_contacts_per_page={page}")]);
    let accounts = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).into_iter();
    let accounts: Vec<String> = accounts.chain((0..40).map(|n| format!("p{n}"))).collect();
    server.import(&accounts.iter().map(String::as_str).collect::<Vec<_>>());
    let members: Value = ["a", "b", "c", "d", "e", "f"].iter().map(|id| json!({"Member_Account": id})).collect();
    let group = json!({"Type": "Public", "Name": "g", "GroupId": "g", "MemberList": members});
    done(&server, "group_open_http_svc/create_group", &group);
    said(&server, "g", "a", now() - 500);
    server
}

#[test]
fn r_082_what_stays_in_the_list_comes_once_whatever_arrives_and_is_pinned_between_the_pages() {
    for page in [1, 3, 4] {
        let server = server(page);
        for (of, flags) in [("a", 63), ("b", 7), ("c", 3), ("d", 1), ("e", 2), ("f", 0)] {
            fill(&server, of, &peers(&[2, 5, 11]));
            let pages = pages(&server, of, flags, |turn| {
                // When some that are there get messages, new ones come, and one more is pinned after each page.
                send(&server, &format!("p{}", turn * 3 % 14), of, &json!({}));
                send(&server, of, &format!("p{}", turn * 5 % 14), &json!({}));
                send(&server, &format!("p{}", 14 + turn % 26), of, &json!({}));
                pin(&server, of, 1, &peers(&[turn * 4 % 14]));
            });
            // Then all that were there come, each once.
            let counted = counted(&pages);
            for id in peers(&(0..14).collect::<Vec<_>>()).into_iter().chain(["g".to_owned()]) {
                assert_eq!(counted.get(&id), Some(&1), "{id} by {flags} in pages of {page}: {pages:?}");
            }
            assert!(counted.values().all(|count| *count == 1), "those that came meanwhile come once at most");
            assert!(pages.len() > 3, "{pages:?}");
        }
    }
}

#[test]
fn r_082_where_pins_are_taken_away_between_the_pages_nothing_is_missed() {
    for page in [1, 3] {
        let server = server(page);
        for (of, flags) in [("a", 63), ("b", 3), ("c", 1), ("d", 0)] {
            fill(&server, of, &peers(&[0, 1, 2, 3, 4, 5]));
            let pages = pages(&server, of, flags, |turn| {
                pin(&server, of, 2, &peers(&[turn % 6]));
                send(&server, &format!("p{}", turn * 5 % 14), of, &json!({}));
                pin(&server, of, 1, &peers(&[turn * 3 % 14]));
            });
            let counted = counted(&pages);
            assert_eq!(counted.len(), 15, "by {flags} in pages of {page}: {pages:?}");
            // Those that nobody unpinned come once.
            for id in peers(&[7, 8, 10, 13]).iter().chain([&"g".to_owned()]) {
                assert_eq!(counted.get(id), Some(&1), "{id} by {flags} in pages of {page}: {pages:?}");
            }
        }
    }
}

#[test]
fn r_079_without_bit_2_the_pinned_ones_come_all_with_the_first_page() {
    let server = server(2);
    for (of, flags, firsts) in [("a", 1, 5), ("b", 3, 5), ("c", 7, 2), ("d", 63, 2)] {
        fill(&server, of, &peers(&[0, 3, 6, 9, 12]));
        let pages = pages(&server, of, flags, |_| {});
        assert_eq!(counted(&pages).len(), 15, "{flags}");
        assert_eq!(counted(&pages).values().sum::<usize>(), 15, "{flags}: {pages:?}");
        assert_eq!(pages[0].len(), firsts, "{flags}: {pages:?}");
        // Pinned ones come before all others.
        let tops: Vec<bool> = pages.iter().flatten().map(|item| item["TopFlag"] == 1).collect();
        assert_eq!(tops.iter().take_while(|top| **top).count(), 5, "{flags}: {tops:?}");
        assert_eq!(tops.iter().filter(|top| **top).count(), 5);
    }
}
