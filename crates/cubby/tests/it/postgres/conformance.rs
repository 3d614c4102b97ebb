//! The scenarios of the API hold over PostgreSQL as over the embedded store, in both profiles.

use super::app;
use crate::conformance::played;
use crate::support::{APP, Server};
use cubby_pg_cluster::Cluster;
use std::process::Command;

/// Given a server over PostgreSQL, when all scenarios are played, in each profile, then nothing differs.
#[test]
fn every_scenario_holds_over_postgresql() {
    let cluster = Cluster::start();
    for profile in ["2023", "2026"] {
        let url = cluster.database();
        let mut server = Server::start_with(&["--store", &url, "--app", &app(), "--call-rate", "0"]);
        assert!(server.stop().success());
        let set = ["app", "set", &APP.to_string(), &format!("profile={profile}"), "--store", &url];
        assert!(Command::new(env!("CARGO_BIN_EXE_cubby")).args(set).status().unwrap().success());
        server.start_again();
        let (played, _) = played(&server, &["--profile", profile]);
        assert!(played.len() > 30, "{profile}: {played:?}");
    }
}
