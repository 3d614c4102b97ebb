//! `cubby openapi`: the description of the API, for tools that read one. No server is asked.

use crate::output;
use clap::Args;
use std::process::ExitCode;

/// The flags of `openapi`.
#[derive(Debug, Args)]
pub(crate) struct Openapi {
    /// A Postman collection instead, which Apifox imports too; each call signs itself
    #[arg(long)]
    postman: bool,
}

impl Openapi {
    pub(crate) fn run(&self) -> ExitCode {
        output::json(&if self.postman { cubby_server::openapi::postman() } else { cubby_server::openapi::document() });
        ExitCode::SUCCESS
    }
}
