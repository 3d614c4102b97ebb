use std::process::Command;
pub struct Cluster;
impl Cluster {
    pub fn start() -> Self {
        Self
    }
    pub fn database(&self) -> String {
        let name =
            format!("d{}_{}", std::process::id(), std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos());
        assert!(
            Command::new("psql")
                .args(["-qh", "127.0.0.1", "-p", "17600", "-U", "postgres", "-c", &format!("CREATE DATABASE {name}")])
                .status()
                .unwrap()
                .success()
        );
        format!("postgres://postgres@127.0.0.1:17600/{name}")
    }
}
