//! Two servers with a bad network each: connections to the database are cut in the middle of whatever statement it may be, and new ones
//! are refused for a while.

use super::doors::Doors;
use super::{CLIENTS, durable, must, pause, rounds, server};
use crate::crash::Campaign;
use cubby_pg_cluster::{Proxy, When};

/// Given two servers and clients that go to either, when their connections to the database are cut before and after whichever statements,
/// then every request is answered in time, everything acknowledged is there, whole, and nothing was done twice.
#[test]
fn connections_that_are_cut_under_load_lose_nothing_and_double_nothing() {
    let (cluster, url) = durable();
    let proxies = [Proxy::start(cluster.port()), Proxy::start(cluster.port())];
    let servers = [server(&proxies[0].url_of(&url)), server(&proxies[1].url_of(&url))];
    let doors = Doors::new(&[servers[0].port, servers[1].port]);
    let mut campaign = Campaign::begin(&servers[0], CLIENTS);
    for _ in 0..rounds(3) {
        let cuts: Vec<u64> = (0..40).map(|_| campaign.below(60)).collect();
        let gone_on = campaign.go_on(
            || Some(doors.client()),
            |load| {
                for n in cuts {
                    let proxy = &proxies[usize::try_from(n % 2).unwrap()];
                    let when = if n % 4 < 2 { When::BeforeForwarding } else { When::AfterForwarding };
                    proxy.cut_at_execute(usize::try_from(1 + n).unwrap(), when);
                    match n % 10 {
                        0 => proxy.cut(),
                        1 => {
                            proxy.refuse(true);
                            pause(n * 10);
                            proxy.refuse(false);
                        }
                        _ => pause(n),
                    }
                }
                proxies.iter().for_each(Proxy::clear_faults);
                load.until_more(30);
            },
        );
        must(gone_on, &campaign);
        let verified = campaign.verify(&servers[1]);
        must(verified, &campaign);
        assert_eq!(doors.cut(), 0, "a client's connection was cut");
    }
    let cuts = proxies.iter().map(Proxy::cuts).sum::<usize>();
    assert!(cuts > 20, "{cuts} faults struck: so few that this shows nothing");
}
