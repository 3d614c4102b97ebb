//! Clusters: started, stopped, killed, replicated.

use cubby_pg_cluster::{Cluster, Stop, psql};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The directory of the data.
fn data(cluster: &Cluster) -> PathBuf {
    PathBuf::from(cluster.sql("postgres", "SHOW data_directory"))
}

#[test]
fn each_database_is_new_and_empty_and_a_failure_says_why() {
    let cluster = Cluster::start();
    let (one, other) = (cluster.database(), cluster.database());
    psql(&one, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1), (2)").unwrap();
    assert_eq!(psql(&one, "SELECT n, n + 1 FROM kept ORDER BY n").unwrap(), "1|2\n2|3");
    assert!(psql(&other, "SELECT n FROM kept").unwrap_err().contains(r#"relation "kept" does not exist"#));
}

#[test]
fn a_restart_keeps_the_data_and_the_port() {
    let cluster = Cluster::start();
    let url = cluster.database();
    psql(&url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").unwrap();
    for how in [Stop::Fast, Stop::Immediate] {
        cluster.stop(how);
        psql(&url, "SELECT 1").unwrap_err();
        cluster.start_again();
        assert_eq!(psql(&url, "SELECT n FROM kept").unwrap(), "7", "{how:?}");
    }
}

#[test]
fn a_durable_cluster_keeps_what_it_confirmed_before_a_kill_and_nothing_else() {
    let cluster = Cluster::durable();
    assert_eq!(cluster.sql("postgres", "SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes"), "on\non\non");
    let url = cluster.database();
    psql(&url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)").unwrap();
    let open = std::thread::spawn({
        let url = url.clone();
        move || psql(&url, "BEGIN; INSERT INTO kept VALUES (2); SELECT pg_sleep(600); COMMIT")
    });
    while cluster.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "1" {}
    cluster.stop(Stop::Kill);
    open.join().unwrap().unwrap_err();
    cluster.start_again();
    assert_eq!(psql(&url, "SELECT n FROM kept").unwrap(), "1");
}

#[test]
fn a_paused_cluster_answers_when_it_is_resumed_and_not_before() {
    let cluster = Cluster::start();
    let url = cluster.database();
    cluster.pause();
    let asked = std::thread::spawn(move || psql(&url, "SELECT 1").unwrap());
    std::thread::sleep(Duration::from_millis(200));
    assert!(!asked.is_finished());
    cluster.resume();
    assert_eq!(asked.join().unwrap(), "1");
}

#[test]
fn a_standby_has_what_the_primary_confirmed_and_takes_writes_once_promoted() {
    let primary = Cluster::start();
    primary.sql("postgres", "CREATE TABLE kept (n int)");
    let standby = primary.standby();
    assert!(psql(&standby.url("postgres"), "INSERT INTO kept VALUES (0)").unwrap_err().contains("read-only"));
    primary.sql("postgres", "INSERT INTO kept VALUES (1)");
    primary.stop(Stop::Kill);
    standby.promote();
    standby.sql("postgres", "INSERT INTO kept VALUES (2)");
    assert_eq!(standby.sql("postgres", "SELECT n FROM kept ORDER BY n"), "1\n2");
}

#[test]
fn nothing_is_left_of_a_cluster_whose_test_panics() {
    let (url, data) = std::thread::spawn(|| {
        let cluster = Cluster::start();
        let found = (cluster.url("postgres"), data(&cluster));
        cluster.pause();
        std::panic::catch_unwind(move || {
            let _cluster = cluster;
            panic!("as a test does");
        })
        .unwrap_err();
        found
    })
    .join()
    .unwrap();
    psql(&url, "SELECT 1").unwrap_err();
    assert!(!data.exists() && !data.parent().unwrap().exists());
}

#[test]
fn nothing_is_left_of_a_cluster_whose_process_is_killed() {
    // Given another process of this very test, which has a cluster and goes on until it is killed
    if std::env::var_os("TO_BE_KILLED").is_some() {
        let cluster = Cluster::start();
        println!("\nDATA {}", data(&cluster).display());
        std::thread::sleep(Duration::from_secs(600));
    }
    let mut this = Command::new(std::env::current_exe().unwrap());
    this.args(["--exact", "clusters::nothing_is_left_of_a_cluster_whose_process_is_killed", "--nocapture"]);
    let mut process = this.env("TO_BE_KILLED", "yes").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let data = lines.map(Result::unwrap).find_map(|line| Some(PathBuf::from(line.strip_prefix("DATA ")?))).unwrap();
    let postmaster = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
    let postmaster = PathBuf::from("/proc").join(postmaster.lines().next().unwrap()).join("cwd");
    assert_eq!(postmaster.read_link().unwrap(), data);
    // When it is killed
    process.kill().unwrap();
    process.wait().unwrap();
    // Then its cluster goes too
    let gone = || !data.parent().unwrap().exists() && postmaster.read_link().is_err();
    let mut looks = std::iter::repeat_with(|| std::thread::sleep(Duration::from_millis(10))).take(3000);
    assert!(looks.any(|()| gone()));
}
