//! The database is stopped and started again under load, in each way in which one ends.

use super::counted::{check_all, counting, send_beside};
use super::doors::Doors;
use super::{CLIENTS, durable, must, pause, rounds, server, until_health_is};
use crate::crash::Campaign;
use cubby_pg_cluster::Stop;

/// Given a server with clients that change data, when the database is stopped fast, at once or by SIGKILL and started again, then every
/// request is answered in time, `/health` is 503 and by itself 200 again, everything acknowledged is there, and nothing was done twice.
#[test]
fn a_database_that_is_stopped_and_started_again_loses_nothing() {
    let (cluster, url) = durable();
    let server = server(&url);
    let doors = Doors::new(&[server.port]);
    let mut campaign = Campaign::begin(&server, CLIENTS);
    let mut messages = counting(&server, 3);
    let (rounds, mut acknowledged) = (rounds(3), 0);
    for (round, how) in (0..rounds).zip([Stop::Kill, Stop::Immediate, Stop::Fast].into_iter().cycle()) {
        let (before, down) = (campaign.below(300), campaign.below(2500));
        let gone_on = campaign.go_on(
            || Some(doors.client()),
            |load| {
                send_beside(&mut messages, &doors, || {
                    pause(50 + before);
                    cluster.stop(how);
                    until_health_is(&server, 503);
                    pause(down);
                    cluster.start_again();
                    until_health_is(&server, 200);
                    load.until_more(50);
                });
            },
        );
        acknowledged += must(gone_on, &campaign);
        let verified = campaign.verify(&server);
        must(verified, &campaign);
        let (sent, unknown) = check_all(&messages, &server);
        println!(
            "round {round}: {how:?}, {acknowledged} requests and {sent} messages were acknowledged, {unknown} are unknown"
        );
    }
    assert!(acknowledged > rounds * 50, "so few requests were acknowledged that this shows nothing");
}
