//! The few lines that `serve` prints for whoever started it by hand.

use super::Addresses;
use super::access::{Found, Token};
use crate::config::{Config, Place, Source};
use crate::http::escaped;
use crate::output;
use crate::registration::Registration;
use cubby_protocol::usersig;
use cubby_server::Clock;
use std::net::SocketAddr;

const ADMINISTRATOR: &str = "administrator";
/// For how long the printed calls work, in seconds: half a year, as in the vendor's samples.
const EXPIRE: i64 = 180 * 86400;

/// Tells where the server is and how to make a first call. Keys are told only where they have just been made.
pub(super) fn ready(
    addresses: Addresses,
    config: &Config,
    applications: usize,
    made: Option<&Registration>,
    token: &Token,
    clock: &Clock,
) {
    let url = url("http", addresses.http);
    output::line(format!("cubby {} serves {url}", env!("CARGO_PKG_VERSION")));
    if let Some(address) = addresses.https {
        output::line(https(address, config));
    }
    match &config.store.place {
        Place::Memory => output::line("The data is in memory: it is gone when the server ends."),
        Place::Directory(path) => {
            let chosen = *config.source("store.url") != Source::Default;
            let hint = if chosen { "." } else { "; --data-dir chooses another place." };
            output::line(format!("The data is in {}{hint}", path.display()));
        }
        place @ Place::Postgres(_) => {
            output::line(format!("The data is in {place}, with any number of servers over it."));
        }
    }
    if config.admin.console {
        output::line(console(&url, token, config.admin.emulator));
    }
    match made {
        Some(app) => {
            let now = i64::try_from(clock.now().0).unwrap_or(i64::MAX);
            output::line(first_calls(&url, app, now));
        }
        None => output::line(format!(
            "It has {applications} application{}. `cubby call` signs and sends a call; `cubby usersig make` signs one for curl:\n\
             \n  cubby call --url {url} --sdkappid N --key KEY recentcontact/get_contact_group '{{\"From_Account\":\"alice\"}}'\n",
            if applications == 1 { "" } else { "s" },
        )),
    }
}

/// Where the console is. The token is told where it has just been made, and where it guards no more than an emulator.
fn console(url: &str, token: &Token, emulator: bool) -> String {
    let link = || format!("The console is at {url}/console/login#token={}", token.token.reveal());
    match &token.found {
        Found::ForThisRun => link(),
        Found::MadeIn(path) => {
            format!("{}\nIts admin token is not shown again; {} has it.", link(), path.display())
        }
        Found::In(_) if emulator => link(),
        Found::In(path) => format!("The console is at {url}/console/; {} has its admin token.", path.display()),
        Found::Configured => format!("The console is at {url}/console/, for who has the admin token."),
    }
}

/// The address as a client on this machine reaches it.
pub(super) fn url(scheme: &str, address: SocketAddr) -> String {
    let mut address = address;
    if address.ip().is_unspecified() {
        let loopback = if address.is_ipv6() { "::1".parse() } else { "127.0.0.1".parse() };
        address.set_ip(loopback.unwrap_or(address.ip()));
    }
    format!("{scheme}://{address}")
}

/// Where HTTPS is, and how clients come to trust it.
fn https(address: SocketAddr, config: &Config) -> String {
    let url = url("https", address);
    if !config.tls.self_signed {
        return format!("and {url}, with the certificate of its files");
    }
    let authority = match (&config.tls.ca_file, &config.store.place) {
        (Some(path), _) => format!("{} has its certificate", path.display()),
        (None, Place::Directory(path)) => {
            format!("`cubby ca export --data-dir {}` prints its certificate", path.display())
        }
        (None, Place::Memory | Place::Postgres(_)) => {
            "--tls-ca-file FILE would write its certificate to a file".to_owned()
        }
    };
    format!("and {url}, for clients that trust its local authority: {authority}.")
}

/// The application that was made, and calls that can be pasted as they stand.
fn first_calls(url: &str, app: &Registration, now: i64) -> String {
    let (id, key) = (app.id, app.key.reveal());
    let signature = escaped(&usersig::make(id.0, key.as_bytes(), ADMINISTRATOR, EXPIRE, now, None));
    let call = |command: &str, body: &str| {
        // In single quotes a shell takes every letter as it is; neither part has one.
        format!(
            "curl -sS '{url}/v4/{command}?sdkappid={id}&identifier={ADMINISTRATOR}&usersig={signature}&random=1&contenttype=json' \
             -d '{body}'"
        )
    };
    let import = call("im_open_login_svc/account_import", r#"{"UserID":"alice"}"#);
    let create = call(
        "recentcontact/create_contact_group",
        r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"friends","ContactItem":[]}]}"#,
    );
    format!(
        "It had no application, so one was made for development. Its key is not shown again:\n\n  \
         SDKAppID  {id}\n  key       {key}\n\n\
         A first call imports a user:\n\n{import}\n\nA second makes a conversation group:\n\n{create}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_on_this_machine_reaches_the_url_that_is_told() {
        for (address, wanted) in [
            ("127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://[::1]:80"),
            ("10.0.0.7:1", "http://10.0.0.7:1"),
        ] {
            assert_eq!(url("http", address.parse().unwrap()), wanted);
        }
    }
}
