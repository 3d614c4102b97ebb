//! A streaming replica of a cluster, which the primary waits for before it confirms a commit.

use crate::cluster::{Cluster, unique};
use crate::installation::{Installation, output};
use crate::processes::Directory;
use std::fs;
use std::time::Duration;

const LOOKS: usize = 3000;
const LOOK: Duration = Duration::from_millis(20);

impl Cluster {
    /// A new replica of this cluster. From then on a commit waits until one standby has it on its disk; where none is left, it waits for
    /// ever.
    #[must_use]
    pub fn standby(&self) -> Self {
        let (directory, name) = (Directory::new(), format!("standby_{}", unique()));
        let primary = format!("host=127.0.0.1 port={} user=postgres", self.port());
        let mut backup = Installation::get().command("pg_basebackup");
        backup.args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf", "--create-slot", "--slot", &name]);
        output(backup.args(["--dbname", &primary, "--pgdata"]).arg(directory.data()));
        // In the place of what the primary was set to since its start, such as whom its commits wait for.
        let settings =
            format!("primary_conninfo = '{primary} application_name={name}'\nprimary_slot_name = '{name}'\n");
        fs::write(directory.data().join("postgresql.auto.conf"), settings).expect("the settings of the standby");
        let standby = Self::over(directory, self.durable);
        self.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()");
        let state = format!(
            "SELECT sync_state FROM pg_stat_replication WHERE application_name = '{name}' AND state = 'streaming'"
        );
        self.wait_for(&state, &["sync", "potential"]);
        standby
    }

    /// Makes a standby a primary; returns when it takes writes.
    pub fn promote(&self) {
        assert_eq!(self.sql("postgres", "SELECT pg_promote()"), "t", "the standby was not promoted:\n{}", self.log());
    }

    fn wait_for(&self, query: &str, wanted: &[&str]) {
        for _ in 0..LOOKS {
            if wanted.contains(&self.sql("postgres", query).as_str()) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        panic!("no {wanted:?} from {query}:\n{}", self.log());
    }
}
