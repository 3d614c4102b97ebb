//! Who may steer this server: the admin token, given or made, and the emulator, which stays on this machine unless it is told otherwise.

use super::ServeError;
use super::machine;
use crate::config::{Admin, Place, admin_token};
use crate::running::token_file;
use crate::secret::Secret;
use cubby_server::Access;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The admin token, and where whoever starts the server finds it.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) token: Secret,
    pub(super) found: Found,
}

/// Where a token is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was configured: whoever did knows it.
    Configured,
    /// It was made just now, and is kept in this file.
    MadeIn(PathBuf),
    /// It is in this file, of an earlier start.
    In(PathBuf),
    /// It was made for this run.
    ForThisRun,
}

/// The token of this server.
pub(super) fn token(admin: &Admin, place: &Place) -> Result<Token, ServeError> {
    if let Some(token) = &admin.token {
        return Ok(Token { token: token.clone(), found: Found::Configured });
    }
    let Place::Directory(directory) = place else {
        let token = Secret::random().map_err(ServeError::Randomness)?;
        return Ok(Token { token, found: Found::ForThisRun });
    };
    let path = token_file(directory);
    let failed = |error: io::Error| ServeError::TokenFile { path: path.clone(), why: error.to_string() };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let token =
                admin_token(text.trim_end()).map_err(|why| ServeError::TokenFile { path: path.clone(), why })?;
            Ok(Token { token, found: Found::In(path) })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = Secret::random().map_err(ServeError::Randomness)?;
            machine::write_secret(&path, &format!("{}\n", token.reveal())).map_err(failed)?;
            Ok(Token { token, found: Found::MadeIn(path) })
        }
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn access(admin: &Admin, token: &Secret) -> Access {
    Access { token: Some(token.reveal().into()), emulator: admin.emulator, console: admin.console }
}

/// An emulator obeys whoever reaches it, so it is to be reached from this machine alone, unless someone said in so many words that it need
/// not.
pub(super) fn check_reach(admin: &Admin, address: SocketAddr) -> Result<(), ServeError> {
    if !admin.emulator || admin.anywhere || address.ip().is_loopback() {
        return Ok(());
    }
    Err(ServeError::EmulatorReach(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_stays_on_this_machine_unless_it_is_told_otherwise() {
        let check = |emulator, anywhere, address: &str| {
            check_reach(&Admin { emulator, anywhere, ..Admin::default() }, address.parse().unwrap()).is_ok()
        };
        assert!(check(true, false, "127.0.0.1:8787") && check(true, false, "[::1]:8787"));
        assert!(!check(true, false, "0.0.0.0:8787") && !check(true, false, "10.0.0.1:8787"));
        assert!(check(true, true, "0.0.0.0:8787") && check(false, false, "0.0.0.0:8787"));
    }

    #[test]
    fn a_token_is_made_once_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::Directory(directory.path().to_owned());
        let first = token(&Admin::default(), &place).unwrap();
        let path = token_file(directory.path());
        assert_eq!(first.found, Found::MadeIn(path.clone()));
        let again = token(&Admin::default(), &place).unwrap();
        assert_eq!((again.token, again.found), (first.token, Found::In(path.clone())));
        fs::write(&path, "short\n").unwrap();
        assert!(token(&Admin::default(), &place).is_err());
    }
}
