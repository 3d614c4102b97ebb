//! `cubby health`: whether a server can serve. Its exit status is the answer: 0 yes, 1 no.

use super::Error;
use crate::config::{Config, Flags};
use crate::http::Base;
use crate::output;
use clap::Args;
use std::path::Path;
use std::process::ExitCode;

/// The flags of `health`.
#[derive(Debug, Args)]
pub(crate) struct Health {
    /// The server; else `CUBBY_URL`, else `http://127.0.0.1:8787`
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Health {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let config = Config::load(file, Flags::default().with("client.url", "--url", self.url))?;
        let reply = Base::parse(&config.client.url)?.send("GET", "/health", b"")?;
        output::line(String::from_utf8_lossy(&reply.body));
        Ok(if reply.status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
