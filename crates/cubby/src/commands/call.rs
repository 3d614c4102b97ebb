//! `cubby call`: signs a command of `/v4`, sends it and prints the reply. Its exit status is 0 where `ErrorCode` is 0, 1 for another
//! `ErrorCode`, 2 where there is no reply.

use super::credentials::{Caller, CallerFlags, CredentialsError};
use crate::config::{Config, ConfigError};
use crate::http::{Base, HttpError, escaped};
use crate::output;
use crate::registration::meant;
use clap::Args;
use cubby_protocol::usersig;
use cubby_server::Clock;
use cubby_server::v4::COMMANDS;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// For how long a call's own UserSig is valid, in seconds: long enough for clocks that differ.
const EXPIRE: i64 = 3600;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("there is no command {0}{meant} (--force sends it all the same)", meant = meant(.0))]
    UnknownCommand(String),
    #[error("the body cannot be read from {from}: {error}")]
    Body { from: String, error: std::io::Error },
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error("HTTP status {status}, and not a reply of the API: {text}")]
    NotAReply { status: u16, text: String },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// The arguments of `call`.
#[derive(Debug, Args)]
#[command(after_help = commands_help())]
pub(crate) struct Call {
    /// The command, such as `recentcontact/get_contact_group`
    #[arg(value_name = "COMMAND")]
    command: String,
    /// The body; `-` reads it from standard input, `@FILE` from a file
    #[arg(value_name = "JSON", default_value = "{}")]
    body: String,
    /// The server; else `CUBBY_URL`, else `http://127.0.0.1:8787`
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    caller: CallerFlags,
    /// Send a command that this version does not know
    #[arg(long)]
    force: bool,
}

/// The list of commands, behind the help.
fn commands_help() -> String {
    let lines: Vec<String> = COMMANDS.iter().map(|meta| format!("  {}", meta.path)).collect();
    format!(
        "Commands:\n{}\n\nExit status: 0 for ErrorCode 0, 1 for another, 2 where there is no reply.",
        lines.join("\n")
    )
}

impl Call {
    pub(crate) fn run(self, file: Option<&Path>) -> ExitCode {
        const NOT_SENT: u8 = 2;
        match self.send(file) {
            Ok(0) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                output::error(error);
                ExitCode::from(NOT_SENT)
            }
        }
    }

    /// The reply's `ErrorCode`.
    fn send(self, file: Option<&Path>) -> Result<i64, CallError> {
        let command = self.command.trim_start_matches('/');
        let command = command.strip_prefix("v4/").unwrap_or(command).to_owned();
        if !self.force && !COMMANDS.iter().any(|meta| meta.path == command) {
            return Err(CallError::UnknownCommand(command));
        }
        let flags = self.caller.flags().with("client.url", "--url", self.url);
        let config = Config::load(file, flags)?;
        let base = Base::parse(&config.client.url)?;
        let caller = Caller::of(&config)?;
        let body = body(&self.body)?;
        let target = target(&command, &caller, EXPIRE, getrandom::u32()?);
        let reply = base.send("POST", &target, &body)?;
        let text = String::from_utf8_lossy(&reply.body);
        let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let code = json.as_ref().and_then(|json| json.get("ErrorCode")).and_then(serde_json::Value::as_i64);
        let Some(code) = code else {
            return Err(CallError::NotAReply { status: reply.status, text: text.chars().take(200).collect() });
        };
        output::reply(&text);
        Ok(code)
    }
}

fn body(argument: &str) -> Result<Vec<u8>, CallError> {
    let read = if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::read(path)
    } else {
        Ok(argument.as_bytes().to_vec())
    };
    read.map_err(|error| CallError::Body { from: argument.to_owned(), error })
}

/// The signed path and query of a command.
pub(super) fn target(command: &str, caller: &Caller, expire: i64, random: u32) -> String {
    let now = i64::try_from(Clock::system().now().0).unwrap_or(i64::MAX);
    let signature =
        usersig::make(caller.sdkappid, caller.key.reveal().as_bytes(), &caller.identifier, expire, now, None);
    format!(
        "/v4/{command}?sdkappid={}&identifier={}&usersig={}&random={random}&contenttype=json",
        caller.sdkappid,
        escaped(&caller.identifier),
        escaped(&signature)
    )
}
