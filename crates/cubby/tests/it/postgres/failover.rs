//! The database fails over to a streaming replica which every commit waited for.

use super::doors::Doors;
use super::{CLIENTS, must, pause, rounds, server, until_health_is};
use crate::crash::{Campaign, Kind};
use crate::support::{Server, moment};
use cubby_pg_cluster::{Cluster, Stop};
use serde_json::json;
use std::time::Duration;

/// A primary with its standby, and a server that knows both.
fn given() -> (Cluster, Cluster, Server) {
    let primary = Cluster::durable();
    let url = primary.database();
    let standby = primary.standby();
    let both = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let server = server(&url.replace(&format!("127.0.0.1:{}", primary.port()), &both));
    (primary, standby, server)
}

/// Given a primary that waits for its standby, when the primary is killed under load and the standby promoted, then the server goes on by
/// itself, everything acknowledged is there, and nothing was done twice.
#[test]
fn a_fail_over_to_a_synchronous_standby_loses_nothing() {
    for _ in 0..rounds(1).min(10) {
        let (primary, standby, server) = given();
        let doors = Doors::new(&[server.port]);
        let mut campaign = Campaign::begin(&server, CLIENTS);
        let (before, down) = (campaign.below(400), campaign.below(1500));
        let gone_on = campaign.go_on(
            || Some(doors.client()),
            |load| {
                load.until_more(20);
                pause(before);
                primary.stop(Stop::Kill);
                until_health_is(&server, 503);
                pause(down);
                standby.promote();
                until_health_is(&server, 200);
                load.until_more(100);
            },
        );
        must(gone_on, &campaign);
        let verified = campaign.verify(&server);
        must(verified, &campaign);
    }
}

/// Given a primary that hangs, so that connections to it are taken and never answered, when the standby is promoted in its place, then the
/// server goes on by itself with the standby.
#[test]
fn a_fail_over_from_a_primary_that_hangs_is_followed() {
    let (primary, standby, server) = given();
    server.import(&["a"]);
    primary.pause();
    until_health_is(&server, 503);
    standby.promote();
    until_health_is(&server, 200);
    let body = json!({"From_Account": "a", "GroupContactItem": [{"GroupName": "x"}]});
    let begun = moment();
    while server.call("recentcontact/create_contact_group", &body)["ErrorCode"] != 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not serve again");
    }
}

/// The control: where the primary does not wait for its standby, the checker finds what is lost.
#[test]
fn the_checker_finds_what_a_standby_lacks_that_was_not_waited_for() {
    let (primary, standby, server) = given();
    let mut campaign = Campaign::begin(&server, CLIENTS);
    let asynchronous = "ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf(); SELECT pg_sleep(0.5)";
    primary.sql("postgres", asynchronous);
    standby.stop(Stop::Fast);
    let (_, acknowledged) = campaign.change(&server, 100).unwrap();
    assert!(acknowledged >= 100);
    primary.stop(Stop::Kill);
    standby.start_again();
    standby.promote();
    until_health_is(&server, 200);
    let found = campaign.verify(&server).expect_err("a violation");
    assert_eq!(found.kind, Kind::Lost, "{}", found.what);
}
