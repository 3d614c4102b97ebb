//! Encryption on the way to the database, as `sslmode` asks for it.

use super::bounds;
use cubby_pg_cluster::{Cluster, Stop};
use cubby_store::postgres::Postgres;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

/// A cluster with a certificate for `localhost` that it signed itself.
fn encrypted() -> (Cluster, String) {
    let cluster = Cluster::start();
    let data = cluster.sql("postgres", "SHOW data_directory").trim().to_owned();
    let (key, certificate) = (format!("{data}/server.key"), format!("{data}/server.crt"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let owner = std::fs::metadata(&data).unwrap();
    for path in [&key, &certificate] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
        chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    cluster.sql("postgres", "ALTER SYSTEM SET ssl = on");
    cluster.stop(Stop::Fast);
    cluster.start_again();
    (cluster, certificate)
}

/// How the connections of an engine are: `t` for encrypted.
fn connections(cluster: &Cluster) -> String {
    let query =
        "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'cubby'";
    cluster.sql("postgres", query).trim().to_owned()
}

#[tokio::test]
async fn a_connection_is_encrypted_and_verified_as_the_url_asks() {
    let (cluster, certificate) = encrypted();
    let url = cluster.database().replace("127.0.0.1", "localhost");
    for (query, encrypted) in [
        ("sslmode=disable".to_owned(), "f"),
        ("sslmode=prefer".to_owned(), "t"),
        ("sslmode=require".to_owned(), "t"),
        (format!("sslmode=verify-full&sslrootcert={certificate}"), "t"),
    ] {
        let store = Postgres::open(&format!("{url}?{query}"), &bounds()).await.unwrap();
        assert_eq!(connections(&cluster), encrypted, "{query}");
        store.close();
        while !connections(&cluster).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_verified_is_refused() {
    let (cluster, certificate) = encrypted();
    let url = cluster.database();
    assert!(Path::new(&certificate).exists());
    // It is for localhost, and not for this address.
    let wrong_name = format!("{url}?sslmode=verify-full&sslrootcert={certificate}");
    let error = Postgres::open(&wrong_name, &bounds()).await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
}
