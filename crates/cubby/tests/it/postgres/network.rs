//! Two servers with a bad network each: connections to the database are cut in the middle of whatever statement it may be, and new ones
//! are refused for a while.

use super::counted::{RANDOM, check_all, counting, send_beside};
use super::doors::Doors;
use super::{CLIENTS, durable, must, pause, rounds, server};
use crate::crash::Campaign;
use cubby_pg_cluster::{Cluster, Proxy, When, psql};

/// One fault of the network, of a kind and at a moment that the number tells.
fn strike(proxies: &[Proxy; 2], n: u64) {
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

/// Given two servers and clients that go to either, when their connections to the database are cut before and after whichever statements,
/// then every request is answered in time, everything acknowledged is there, whole, and nothing was done twice.
#[test]
fn connections_that_are_cut_under_load_lose_nothing_and_double_nothing() {
    let (cluster, url) = durable();
    let proxies = [Proxy::start(cluster.port()), Proxy::start(cluster.port())];
    let servers = [server(&proxies[0].url_of(&url)), server(&proxies[1].url_of(&url))];
    let doors = Doors::new(&[servers[0].port, servers[1].port]);
    let mut campaign = Campaign::begin(&servers[0], CLIENTS);
    let mut messages = counting(&servers[0], 3);
    for round in 0..rounds(3) {
        let cuts: Vec<u64> = (0..40).map(|_| campaign.below(60)).collect();
        let gone_on = campaign.go_on(
            || Some(doors.client()),
            |load| {
                send_beside(&mut messages, &doors, || {
                    for n in cuts {
                        strike(&proxies, n);
                    }
                    proxies.iter().for_each(Proxy::clear_faults);
                    load.until_more(30);
                });
            },
        );
        must(gone_on, &campaign);
        let verified = campaign.verify(&servers[1]);
        must(verified, &campaign);
        assert_eq!(doors.cut(), 0, "a client's connection was cut");
        let (sent, unknown) = check_all(&messages, &servers[0]);
        println!("round {round}: {sent} messages were acknowledged, {unknown} are unknown");
    }
    let cuts = proxies.iter().map(Proxy::cuts).sum::<usize>();
    assert!(cuts > 20, "{cuts} faults struck: so few that this shows nothing");
}

/// The control: a database that forgets who wrote a head makes messages count twice, which the check of their number finds.
#[test]
fn the_check_of_messages_finds_one_that_was_done_twice() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let proxy = Proxy::start(cluster.port());
    let server = server(&proxy.url_of(&url));
    let doors = Doors::new(&[server.port]);
    let mut messages = counting(&server, 1);
    send_beside(&mut messages, &doors, || pause(300));
    check_all(&messages, &server);
    let forgetful = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF NEW.requests IS NOT NULL THEN NEW.requests := decode(repeat('00', 64), 'hex'); END IF; RETURN NEW; END $$; \
        CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON cubby_records FOR EACH ROW EXECUTE FUNCTION forget()";
    psql(&url, forgetful).unwrap();
    send_beside(&mut messages, &doors, || {
        proxy.cut_when_bound(format!("\"random\":{RANDOM},"), When::AfterForwarding, 3);
        while proxy.cuts() < 3 {
            pause(20);
        }
        pause(300);
    });
    let found = messages[0].check(&server).expect_err("three that were done twice");
    assert!(found.contains("are unread"), "{found}");
}
