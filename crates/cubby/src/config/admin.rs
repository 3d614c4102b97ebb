//! `[admin]`: who may steer a server, and how it begins. What can be steered is the server's.

use super::key::{Key, Means, Spelling, Takes};
use crate::secret::Secret;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub(crate) struct Admin {
    /// The admin token; one is made where none is given.
    pub(crate) token: Option<Secret>,
    pub(crate) console: bool,
    /// Whether whoever reaches the server may steer it.
    pub(crate) emulator: bool,
    /// Whether that holds on an address that other machines reach.
    pub(crate) anywhere: bool,
    /// A file of applications and their data that the server begins with.
    pub(crate) seed: Option<PathBuf>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { token: None, console: true, emulator: false, anywhere: false, seed: None }
    }
}

const TOKEN_LETTERS_MIN: usize = 16;
const TOKEN_LETTERS_MAX: usize = 256;

/// A token that goes into a header as it stands.
pub(crate) fn token(text: &str) -> Result<Secret, String> {
    let letters = TOKEN_LETTERS_MIN..=TOKEN_LETTERS_MAX;
    if letters.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    Err(format!("takes {TOKEN_LETTERS_MIN} to {TOKEN_LETTERS_MAX} ASCII letters, digits and signs, without spaces"))
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("takes true or false, not {text:?}"))
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "admin.token",
        env: Some("CUBBY_ADMIN_TOKEN"),
        takes: Takes::Text,
        secret: true,
        read: |config| config.admin.token.as_ref().map(|token| token.reveal().to_owned()),
        write: |config, text| {
            config.admin.token = Some(token(text)?);
            Ok(())
        },
    },
    Key {
        name: "admin.console",
        env: Some("CUBBY_CONSOLE"),
        takes: Takes::Truth,
        secret: false,
        read: |config| Some(config.admin.console.to_string()),
        write: |config, text| {
            config.admin.console = truth(text)?;
            Ok(())
        },
    },
    Key {
        name: "admin.emulator",
        env: Some("CUBBY_EMULATOR"),
        takes: Takes::Truth,
        secret: false,
        read: |config| Some(config.admin.emulator.to_string()),
        write: |config, text| {
            config.admin.emulator = truth(text)?;
            Ok(())
        },
    },
    Key {
        name: "admin.emulator_anywhere",
        env: Some("CUBBY_EMULATOR_ANYWHERE"),
        takes: Takes::Truth,
        secret: false,
        read: |config| Some(config.admin.anywhere.to_string()),
        write: |config, text| {
            config.admin.anywhere = truth(text)?;
            Ok(())
        },
    },
    Key {
        name: "admin.seed",
        env: Some("CUBBY_SEED"),
        takes: Takes::Text,
        secret: false,
        read: |config| config.admin.seed.as_ref().map(|path| path.display().to_string()),
        write: |config, text| {
            if text.is_empty() {
                return Err("takes the path of a file".to_owned());
            }
            config.admin.seed = Some(text.into());
            Ok(())
        },
    },
];

pub(super) static SPELLINGS: &[Spelling] = &[Spelling {
    name: "admin.token_file",
    env: "CUBBY_ADMIN_TOKEN_FILE",
    key: "admin.token",
    means: Means::ContentOf,
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_goes_into_a_header() {
        assert!(token("0123456789abcdef").is_ok());
        for bad in ["", "short", "0123456789 abcdef", "0123456789\u{e9}abcdef", &"a".repeat(257)] {
            assert!(token(bad).is_err(), "{bad:?}");
        }
    }
}
