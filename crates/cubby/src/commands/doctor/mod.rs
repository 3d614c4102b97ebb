//! `cubby doctor`: where the API's host names lead from here, whether certificates are trusted, whether clock and keys are right. It never
//! connects to a public address by one of the vendor's names. Its exit status is 0 where nothing is wrong.

mod names;
mod server;

use super::Error;
use super::credentials::CallerFlags;
use crate::config::{Config, Place};
use crate::output;
use crate::tls::authority::certificate_of;
use crate::tls::trust::Trust;
use clap::Args;
use cubby_protocol::hosts::hosts;
use names::Resolver;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// The flags of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look at this host name of the API; may be given several times [default: every documented one]
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// The port that clients use with these names
    #[arg(long, value_name = "N", default_value_t = 443)]
    port: u16,
    /// Take this address for a name instead of asking the system; may be given several times
    #[arg(long, value_name = "NAME:IP", value_parser = names::parse_resolve)]
    resolve: Vec<names::Resolved>,
    /// The server whose clock and keys are looked at; else `CUBBY_URL`, else `http://127.0.0.1:8787`
    #[arg(long, value_name = "URL", alias = "url")]
    base_url: Option<String>,
    #[command(flatten)]
    caller: CallerFlags,
    /// The data directory whose local authority is to be trusted, where it has one [default: ./cubby-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// For scripts
    #[arg(long)]
    json: bool,
}

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Calls would reach the vendor's servers.
    Production,
    Wrong,
    /// It could not be looked at, which is said.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    /// What: a host name, `authority`, `server`, `certificate`, `clock` or `key`.
    what: String,
    says: String,
}

impl Finding {
    fn new(verdict: Verdict, what: &str, says: impl Into<String>) -> Self {
        Self { verdict, what: what.to_owned(), says: says.into() }
    }

    fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::Production | Verdict::Wrong)
    }
}

/// The answer for scripts.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    findings: &'a [Finding],
}

impl Doctor {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let flags = self.caller.flags().with("client.url", "--base-url", self.base_url);
        let config = Config::load(file, flags.with("store.data_dir", "--data-dir", self.data_dir))?;
        let (trust, resolver) = (Trust::of_system(), Resolver::new(self.resolve));
        let all: Vec<String> = if self.host.is_empty() { hosts().map(str::to_owned).collect() } else { self.host };
        let mut findings = names::look(&all, self.port, &resolver, &trust);
        findings.extend(authority(&config, &trust));
        findings.extend(server::look(&config, &resolver, &trust)?);
        let bad = findings.iter().filter(|finding| finding.is_bad()).count();
        if self.json {
            output::json(&Report { ok: bad == 0, findings: &findings });
        } else {
            output::table(&findings.iter().map(row).collect::<Vec<_>>());
            output::line(summary(&findings, bad));
        }
        Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn row(finding: &Finding) -> Vec<String> {
    let verdict = match finding.verdict {
        Verdict::Ok => "ok",
        Verdict::Production => "PRODUCTION",
        Verdict::Wrong => "WRONG",
        Verdict::Skipped => "skipped",
    };
    vec![verdict.to_owned(), finding.what.clone(), finding.says.clone()]
}

fn summary(findings: &[Finding], bad: usize) -> String {
    let production = findings.iter().filter(|finding| finding.verdict == Verdict::Production).count();
    match (bad, production) {
        (0, _) => "Nothing is wrong.".to_owned(),
        (_, 0) => format!("{bad} wrong."),
        _ => format!(
            "{bad} wrong. CALLS BY {production} OF THESE NAMES REACH THE VENDOR'S PRODUCTION SERVERS: point the names that you use here \
             (a hosts file, a container's alias), or name those that you use with --host."
        ),
    }
}

/// Whether the local authority is trusted, where there is one.
fn authority(config: &Config, trust: &Trust) -> Option<Finding> {
    let Place::Directory(directory) = &config.store.place else { return None };
    let (path, certificate) = certificate_of(directory)?;
    let path = path.display();
    Some(if trust.has(&certificate) {
        Finding::new(Verdict::Ok, "authority", format!("{path} is trusted by this system"))
    } else {
        let hint = "`cubby ca export` prints it; add it to the system's trust store, or name its file in SSL_CERT_FILE";
        Finding::new(Verdict::Wrong, "authority", format!("{path} is not trusted by this system: {hint}"))
    })
}
