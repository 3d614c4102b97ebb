//! `[client]`: whom `cubby call`, `cubby conformance`, `cubby usersig` and `cubby health` speak to, and in whose name. `cubby serve` does not
//! look at it.

use super::key::{Key, Means, Spelling, Takes, number};
use crate::registration::checked_key;
use crate::secret::Secret;

#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) sdkappid: Option<u64>,
    pub(crate) key: Option<Secret>,
    pub(crate) identifier: String,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            url: format!("http://{}", cubby_server::openapi::LISTEN),
            sdkappid: None,
            key: None,
            identifier: "administrator".to_owned(),
        }
    }
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "client.url",
        env: Some("CUBBY_URL"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.client.url.clone()),
        write: |config, text| {
            text.clone_into(&mut config.client.url);
            Ok(())
        },
    },
    Key {
        name: "client.sdkappid",
        env: Some("CUBBY_SDKAPPID"),
        takes: Takes::Number,
        secret: false,
        read: |config| config.client.sdkappid.map(|id| id.to_string()),
        write: |config, text| {
            config.client.sdkappid = Some(number(text, 0, u64::MAX)?);
            Ok(())
        },
    },
    Key {
        name: "client.key",
        env: Some("CUBBY_KEY"),
        takes: Takes::Text,
        secret: true,
        read: |config| config.client.key.as_ref().map(|key| key.reveal().to_owned()),
        write: |config, text| {
            config.client.key = Some(checked_key(text).map_err(|why| format!("cannot be taken: {why}"))?);
            Ok(())
        },
    },
    Key {
        name: "client.identifier",
        env: Some("CUBBY_IDENTIFIER"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.client.identifier.clone()),
        write: |config, text| {
            // A server refuses every UserSig of such a name.
            if text.is_empty() || text.chars().any(char::is_control) {
                return Err(format!("takes a UserID without control characters, not {text:?}"));
            }
            text.clone_into(&mut config.client.identifier);
            Ok(())
        },
    },
];

pub(super) static SPELLINGS: &[Spelling] =
    &[Spelling { name: "client.key_file", env: "CUBBY_KEY_FILE", key: "client.key", means: Means::ContentOf }];
