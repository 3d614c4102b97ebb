//! The proxy between `psql` or `pgbench` and a cluster.

use cubby_pg_cluster::{Cluster, Proxy, When, program, psql};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// The message Sync.
const SYNC: [u8; 5] = [b'S', 0, 0, 0, 4];

/// The message `ReadyForQuery`.
const READY: [u8; 6] = [b'Z', 0, 0, 0, 5, b'I'];

/// What begins a connection, without parameters.
fn startup() -> Vec<u8> {
    [8_u32.to_be_bytes(), 196_608_u32.to_be_bytes()].concat()
}

/// A cluster with a table, a proxy before it, and the URL through it.
fn given() -> (Cluster, Proxy, String) {
    let cluster = Cluster::start();
    cluster.sql("postgres", "CREATE TABLE kept (n int)");
    let proxy = Proxy::start(cluster.port());
    let url = proxy.url_of(&cluster.url("postgres"));
    (cluster, proxy, url)
}

fn count(cluster: &Cluster) -> String {
    cluster.sql("postgres", "SELECT count(*) FROM kept")
}

/// A statement that does not end by itself, once it has begun.
fn asleep(cluster: &Cluster, url: &str) -> JoinHandle<Result<String, String>> {
    let url = url.to_owned();
    let asked = spawn(move || psql(&url, "SELECT pg_sleep(600)"));
    while cluster.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "1" {}
    asked
}

/// Runs a script of one INSERT as a prepared statement, so often, over one connection; whether all were confirmed.
fn insert_prepared(proxy: &Proxy, parameter: &str, times: usize) -> bool {
    let path = std::env::temp_dir().join(format!("cubby-pgbench-{}-{parameter}", std::process::id()));
    std::fs::write(&path, "INSERT INTO kept VALUES (:n);").unwrap();
    let mut pgbench = program("pgbench");
    pgbench.args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-U", "postgres", "-D", &format!("n={parameter}")]);
    pgbench.args(["-p", &proxy.port().to_string(), "-t", &times.to_string(), "-f"]).arg(&path).arg("postgres");
    let output = pgbench.output().unwrap();
    std::fs::remove_file(path).unwrap();
    String::from_utf8_lossy(&output.stdout).contains(&format!("actually processed: {times}/{times}"))
}

#[test]
fn everything_passes_and_connections_are_counted() {
    let (_cluster, proxy, url) = given();
    psql(&url, "INSERT INTO kept SELECT generate_series(1, 100000)").unwrap();
    assert_eq!(psql(&url, "SELECT n FROM kept").unwrap().lines().count(), 100_000);
    assert_eq!((proxy.connections(), proxy.syncs(), proxy.cuts()), (2, 0, 0));
}

#[test]
fn each_round_trip_of_a_prepared_statement_is_counted() {
    let (cluster, proxy, _) = given();
    assert!(insert_prepared(&proxy, "7", 10));
    assert_eq!(count(&cluster), "10");
    // One prepares, ten execute.
    assert_eq!(proxy.syncs(), 11);
}

#[test]
fn a_cut_ends_connections_that_are_there_and_no_later_one() {
    let (cluster, proxy, url) = given();
    let asked = asleep(&cluster, &url);
    proxy.cut();
    assert!(asked.join().unwrap().unwrap_err().contains("server closed the connection unexpectedly"));
    assert_eq!(psql(&url, "SELECT 1").unwrap(), "1");
}

#[test]
fn connections_are_refused_while_it_is_said_and_those_that_are_there_stay() {
    let (cluster, proxy, url) = given();
    let asked = asleep(&cluster, &url);
    for _ in 0..3 {
        proxy.refuse(true);
        assert!(psql(&url, "SELECT 1").unwrap_err().contains("Connection refused"));
        proxy.refuse(false);
        assert_eq!(psql(&url, "SELECT 1").unwrap(), "1");
    }
    assert!(!asked.is_finished());
    proxy.refuse(true);
    drop(proxy);
    asked.join().unwrap().unwrap_err();
}

#[test]
fn a_held_connection_hangs_and_then_goes_on() {
    let (_cluster, proxy, url) = given();
    proxy.hold(true);
    let asked = spawn({
        let url = url.clone();
        move || psql(&url, "SELECT 1")
    });
    sleep(Duration::from_millis(200));
    assert!(!asked.is_finished());
    assert!(psql(&format!("{url}?connect_timeout=2"), "SELECT 1").unwrap_err().contains("timeout expired"));
    proxy.hold(false);
    assert_eq!(asked.join().unwrap().unwrap(), "1");
}

#[test]
fn a_held_connection_can_be_cut() {
    let (cluster, proxy, url) = given();
    let asked = asleep(&cluster, &url);
    proxy.hold(true);
    proxy.cut();
    asked.join().unwrap().unwrap_err();
}

#[test]
fn what_is_pipelined_comes_after_the_delay_and_is_not_delayed_one_by_one() {
    // Given a delay of 300 ms
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(server.local_addr().unwrap().port());
    proxy.delay(Duration::from_millis(300));
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    let mut server = server.accept().unwrap().0;
    // When forty messages are sent, each for itself
    let began = Instant::now();
    client.write_all(&startup()).unwrap();
    for _ in 0..40 {
        client.write_all(&SYNC).unwrap();
        sleep(Duration::from_millis(1));
    }
    // Then all are there long before forty delays, and a reply comes after the delays of both directions
    let mut received = vec![0; startup().len() + 40 * SYNC.len()];
    server.read_exact(&mut received).unwrap();
    server.write_all(&READY).unwrap();
    client.read_exact(&mut [0; READY.len()]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(600));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(proxy.syncs(), 40);
}

#[test]
fn a_query_cut_before_it_was_forwarded_was_not_done() {
    let (cluster, proxy, url) = given();
    proxy.cut_when("INSERT INTO kept", When::BeforeForwarding, 2);
    for _ in 0..2 {
        psql(&url, "SELECT 1; INSERT INTO kept VALUES (1)").unwrap_err();
    }
    assert_eq!((count(&cluster).as_str(), proxy.cuts()), ("0", 2));
    psql(&url, "INSERT INTO kept VALUES (1)").unwrap();
    assert_eq!((count(&cluster).as_str(), proxy.cuts()), ("1", 2));
}

#[test]
fn a_query_cut_after_it_was_forwarded_was_done_and_the_client_does_not_know() {
    let (cluster, proxy, url) = given();
    proxy.cut_when("INSERT INTO kept", When::AfterForwarding, 1);
    psql(&url, "SELECT 1; INSERT INTO kept VALUES (1)").unwrap_err();
    assert_eq!((count(&cluster).as_str(), proxy.cuts()), ("1", 1));
}

#[test]
fn the_nth_execute_is_cut_before_or_after() {
    for (when, done) in [(When::BeforeForwarding, "2"), (When::AfterForwarding, "3")] {
        let (cluster, proxy, _) = given();
        proxy.cut_at_execute(3, when);
        assert!(!insert_prepared(&proxy, "7", 5));
        assert_eq!((count(&cluster).as_str(), proxy.cuts()), (done, 1), "{when:?}");
    }
}

#[test]
fn a_bind_is_cut_by_what_it_binds() {
    let (cluster, proxy, _) = given();
    proxy.cut_when_bound("4711", When::AfterForwarding, 1);
    assert!(insert_prepared(&proxy, "12", 1));
    assert!(!insert_prepared(&proxy, "4711", 1));
    assert_eq!(cluster.sql("postgres", "SELECT n FROM kept ORDER BY n"), "12\n4711");
    assert_eq!(proxy.cuts(), 1);
}
