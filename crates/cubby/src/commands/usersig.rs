//! `cubby usersig`: makes a UserSig, or tells in words what is in one and why it is refused; and says how strictly a running server checks
//! them.

use super::Error;
use super::credentials::{Caller, CallerFlags, key_of_file};
use super::steer::AppFlags;
use crate::config::{Config, Flags};
use crate::offline::{Missing, Offline};
use crate::output;
use crate::registration::checked_key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use cubby_domain::SdkAppId;
use cubby_protocol::url::Query;
use cubby_protocol::usersig::{UserSig, explain, make};
use cubby_server::Clock;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Half a year, as in the vendor's samples.
const EXPIRE: i64 = 180 * 86400;
/// Beyond this no server takes the times in a UserSig.
const EXPIRE_MAX: i64 = 1 << 53;

/// Why there is nothing to make or to explain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsersigError {
    #[error("--userbuf: it is not base64: {0}")]
    Userbuf(#[from] base64::DecodeError),
    #[error("--key: {0}")]
    BadKey(String),
    #[error("the URL has no usersig in it")]
    NoUsersig,
    #[error("the URL's query string is not UTF-8")]
    BadQuery,
    #[error("the UserSig cannot be read from standard input: {0}")]
    Input(#[from] std::io::Error),
}

/// The subcommands of `usersig`.
#[derive(Debug, Subcommand)]
pub(crate) enum Usersig {
    /// Make a UserSig and print it
    Make(Make),
    /// Tell what is in a UserSig and why it is refused. Exit status: 0 where it is valid, 1 where it is not
    Explain(Explain),
    /// Say how strictly a running server checks the UserSigs of an application
    Mode(Mode),
}

/// The arguments of `usersig mode`.
#[derive(Debug, Args)]
pub(crate) struct Mode {
    /// strict: as documented; lenient: an expired one is taken; off: none is looked at
    #[arg(value_parser = ["strict", "lenient", "off"])]
    mode: String,
    #[command(flatten)]
    app: AppFlags,
}

/// The flags of `usersig make`.
#[derive(Debug, Args)]
pub(crate) struct Make {
    #[command(flatten)]
    caller: CallerFlags,
    /// For how many seconds it is valid
    #[arg(long, value_name = "S", default_value_t = EXPIRE, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-EXPIRE_MAX..=EXPIRE_MAX))]
    expire: i64,
    /// Bytes to sign with it, in base64
    #[arg(long, value_name = "B64")]
    userbuf: Option<String>,
}

/// The arguments of `usersig explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The UserSig, or the URL of a call that has one in it; `-` reads it from standard input
    #[arg(value_name = "SIG", allow_hyphen_values = true)]
    text: String,
    /// The SDKAppID of the request; else that of the URL, else the signed one
    #[arg(long, value_name = "N")]
    sdkappid: Option<u64>,
    /// The identifier of the request; else that of the URL, else the signed one
    #[arg(long, value_name = "ID")]
    identifier: Option<String>,
    /// A key that it may be signed with; may be given several times. Else `CUBBY_KEY` or `CUBBY_KEY_FILE`
    #[arg(long, value_name = "K")]
    key: Vec<String>,
    /// A file that holds such a key
    #[arg(long, value_name = "FILE")]
    key_file: Vec<PathBuf>,
    /// Take the keys of the application from this store, which no server may hold
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
}

impl Usersig {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        match self {
            Self::Make(make) => make.run(file),
            Self::Explain(explain) => explain.run(file),
            Self::Mode(mode) => mode.run(file),
        }
    }
}

fn now() -> i64 {
    i64::try_from(Clock::system().now().0).unwrap_or(i64::MAX)
}

impl Make {
    fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let config = Config::load(file, self.caller.flags())?;
        let caller = Caller::of(&config)?;
        let userbuf = self.userbuf.map(|text| STANDARD.decode(text)).transpose().map_err(UsersigError::from)?;
        let key = caller.key.reveal().as_bytes();
        output::line(make(caller.sdkappid, key, &caller.identifier, self.expire, now(), userbuf.as_deref()));
        Ok(ExitCode::SUCCESS)
    }
}

impl Mode {
    fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let steered = self.app.open(file)?;
        steered.send::<serde_json::Value>("PUT", "signing", &serde_json::json!({"mode": self.mode}))?;
        output::line(format!("UserSigs of application {} are checked so: {}", steered.sdkappid, self.mode));
        Ok(ExitCode::SUCCESS)
    }
}

/// What is to be explained, and the request that it came with.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    usersig: String,
    sdkappid: Option<u64>,
    identifier: Option<String>,
}

impl Explain {
    fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let text = if self.text == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(UsersigError::from)?;
            text.trim_end_matches(['\n', '\r']).to_owned()
        } else {
            self.text.clone()
        };
        let mut asked = asked(&text)?;
        asked.sdkappid = self.sdkappid.or(asked.sdkappid);
        asked.identifier = self.identifier.clone().or(asked.identifier);
        let keys = self.keys(file, &asked)?;
        let now = now();
        let (sdkappid, identifier) = (asked.sdkappid, asked.identifier.as_deref());
        explain(&asked.usersig, sdkappid, identifier, &keys, now).iter().for_each(output::line);
        let valid = UserSig::decode(&asked.usersig).is_ok_and(|sig| {
            let sdkappid = sdkappid.unwrap_or(sig.sdkappid());
            let identifier = identifier.unwrap_or(sig.identifier());
            sig.verify(sdkappid, identifier, keys.iter().map(|(_, key)| key.as_bytes()), now).is_ok()
        });
        Ok(if valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The keys to look at, each with the words to call it by.
    fn keys(&self, file: Option<&Path>, asked: &Asked) -> Result<Vec<(String, String)>, Error> {
        let mut keys = Vec::new();
        for (n, key) in self.key.iter().enumerate() {
            let key = checked_key(key).map_err(UsersigError::BadKey)?;
            keys.push((format!("key {} of --key", n + 1), key.reveal().to_owned()));
        }
        for path in &self.key_file {
            keys.push((format!("the key in {}", path.display()), key_of_file(path)?.reveal().to_owned()));
        }
        let directory = self.data_dir.as_ref();
        let config = Config::load(file, Flags::default().with("store.data_dir", "--data-dir", directory))?;
        if directory.is_some() {
            keys.extend(keys_of_store(&config, asked)?);
        }
        if let (true, Some(key)) = (keys.is_empty() && directory.is_none(), &config.client.key) {
            keys.push((format!("the key of {}", config.source("client.key")), key.reveal().to_owned()));
        }
        Ok(keys)
    }
}

/// The active keys that the store has for the application of the request, or else of the UserSig.
fn keys_of_store(config: &Config, asked: &Asked) -> Result<Vec<(String, String)>, Error> {
    let signed = || UserSig::decode(&asked.usersig).ok().map(|sig| sig.sdkappid());
    let Some(id) = asked.sdkappid.or_else(signed).map(SdkAppId) else { return Ok(Vec::new()) };
    let store = Offline::open(&config.store, Missing::Refuse)?;
    let applications = store.applications()?;
    store.close()?;
    let Some(application) = applications.into_iter().find(|application| application.id == id) else {
        output::error(format!("the store has no application {id}"));
        return Ok(Vec::new());
    };
    if application.disabled {
        output::error(format!("application {id} is disabled: every call of it is refused (60016)"));
    }
    let labelled = application.keys.iter().enumerate().map(|(n, key)| {
        (format!("key {} of application {id} (added {})", n + 1, output::utc(key.added)), key.text.to_string())
    });
    Ok(labelled.collect())
}

/// Finds the UserSig: the text is one, or a URL that has one in it, or a command line that has such a URL in it.
fn asked(text: &str) -> Result<Asked, UsersigError> {
    let is_url = text.contains("usersig=") || text.starts_with("http://") || text.starts_with("https://");
    if !is_url {
        return Ok(Asked { usersig: text.to_owned(), sdkappid: None, identifier: None });
    }
    let words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '\'' | '"'));
    let url = words.into_iter().find(|word| word.contains("usersig=")).ok_or(UsersigError::NoUsersig)?;
    let query = url.split_once('?').map_or(url, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let query = Query::parse(query).map_err(|_| UsersigError::BadQuery)?;
    let usersig = query.usersig.ok_or(UsersigError::NoUsersig)?;
    let sdkappid = query.sdkappid.and_then(|text| text.parse().ok());
    Ok(Asked { usersig, sdkappid, identifier: query.identifier })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usersig_is_found_in_a_url_and_in_a_command_line() {
        let wanted = |usersig: &str| Asked {
            usersig: usersig.to_owned(),
            sdkappid: Some(7),
            identifier: Some("admin x".to_owned()),
        };
        let query = "sdkappid=7&identifier=admin%20x&usersig=eJw*-_%2B&random=1";
        assert_eq!(asked(&format!("https://host/v4/a/b?{query}#x")).unwrap(), wanted("eJw*-_+"));
        assert_eq!(asked(&format!("curl -sS 'http://host/v4/a/b?{query}' -d '{{}}'")).unwrap(), wanted("eJw*-_+"));
        assert_eq!(asked(query).unwrap(), wanted("eJw*-_+"));
        let bare = Asked { usersig: "eJw*-_".to_owned(), sdkappid: None, identifier: None };
        assert_eq!(asked("eJw*-_").unwrap(), bare);
        assert!(matches!(asked("http://host/v4/a/b?sdkappid=7"), Err(UsersigError::NoUsersig)));
    }
}
