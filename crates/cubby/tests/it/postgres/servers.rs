//! Two servers over one database, and clients that go to either: killed in turn, and restarted one by one.

use super::counted::{check_all, counting, send_beside};
use super::doors::Doors;
use super::{CLIENTS, durable, must, pause, rounds, server};
use crate::crash::Campaign;
use std::sync::atomic::Ordering;

/// Given two servers over one database and clients that go to either, when the servers are killed in turn under load and started again,
/// then everything acknowledged is there, whole, and nothing was done twice: each GroupId was given once, and there is no hole.
#[test]
fn two_servers_killed_in_turn_lose_nothing() {
    let (_cluster, url) = durable();
    let mut servers = [server(&url), server(&url)];
    let doors = Doors::new(&[servers[0].port, servers[1].port]);
    let mut campaign = Campaign::begin(&servers[0], CLIENTS);
    let mut messages = counting(&servers[0], 3);
    let (rounds, mut acknowledged) = (rounds(6), 0);
    for (round, turn) in (0..rounds).zip([0, 1].into_iter().cycle()) {
        let (before, down) = (campaign.below(200), campaign.below(100));
        let server = &mut servers[turn];
        let gone_on = campaign.go_on(
            || Some(doors.client()),
            |load| {
                send_beside(&mut messages, &doors, || {
                    pause(20 + before);
                    let port = server.port;
                    server.kill();
                    pause(down);
                    server.start_again();
                    doors.moved(port, server.port);
                    load.until_more(50);
                });
            },
        );
        acknowledged += must(gone_on, &campaign);
        let verified = campaign.verify(&servers[1 - turn]);
        must(verified, &campaign);
        let (sent, unknown) = check_all(&messages, &servers[1 - turn]);
        println!("round {round}: {acknowledged} requests and {sent} messages were acknowledged, {unknown} are unknown");
    }
    assert!(acknowledged > rounds * 50, "so few requests were acknowledged that this shows nothing");
}

/// Given two servers over one database, when they are stopped and started again one after the other under load, and clients go to the
/// other where a connection is refused, then no request fails: what a server has taken on it answers before it ends. A connection that the
/// system took for a server that was just ending is as good as refused: nothing of its request was done.
#[test]
fn a_rolling_restart_fails_no_request() {
    let (_cluster, url) = durable();
    let mut servers = [server(&url), server(&url)];
    let doors = Doors::new(&[servers[0].port, servers[1].port]);
    let mut campaign = Campaign::begin(&servers[0], CLIENTS);
    let mut cut = 0;
    for turn in (0..rounds(4)).map(|round| usize::try_from(round % 2).unwrap()) {
        let server = &mut servers[turn];
        let gone_on = campaign.go_on(
            || Some(doors.client_of_one_request()),
            |load| {
                load.until_more(30);
                let port = server.port;
                assert!(server.stop().success());
                load.until_more(30);
                server.start_again();
                doors.moved(port, server.port);
                load.until_more(30);
                assert_eq!(load.done_before.load(Ordering::SeqCst), 0, "a request was done and not answered");
            },
        );
        must(gone_on, &campaign);
        let verified = campaign.verify(&servers[turn]);
        must(verified, &campaign);
        let refused = doors.cut();
        assert!(refused <= 3, "{refused} requests were taken on and not answered");
        cut += refused;
    }
    println!("{cut} connections were as good as refused");
}
