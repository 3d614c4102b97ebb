//! UserSigs of an application: made for any account, and how strictly they are checked.

use super::asked::{Asked, Told, tell};
use super::problem::Problem;
use crate::controls::Signing;
use cubby_store::Store;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How strictly UserSigs are checked.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mode {
    /// `strict`: as documented. `lenient`: an expired one is taken. `off`: none is looked at.
    #[schemars(extend("enum" = ["strict", "lenient", "off"]))]
    mode: String,
}

/// A UserSig to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mint {
    /// For whom.
    identifier: String,
    /// For how many seconds it holds, from what the application's clock shows; 180 days by default.
    #[serde(default = "half_a_year")]
    expire: i64,
}

fn half_a_year() -> i64 {
    180 * 86_400
}

/// A UserSig that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Minted {
    usersig: String,
}

/// The longest identifier that a UserSig is made for, in bytes.
const IDENTIFIER_MAX: usize = 255;
/// The most seconds that one holds: a hundred years, either way, for those that have expired already.
const EXPIRE_MAX: i64 = 100 * 366 * 86_400;

pub(super) async fn set<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, Mode { mode }) = (asked.loaded().await?, asked.json()?);
    let signing = Signing::parse(&mode).ok_or_else(|| Problem::bad("mode: takes strict, lenient or off"))?;
    loaded.controls.signing.set(signing);
    if signing == Signing::Strict {
        tracing::info!(application = %loaded.application.id, "UserSigs are checked as documented");
    } else {
        tracing::warn!(application = %loaded.application.id, mode, "UserSigs are not checked as documented");
    }
    tell(200, &Mode { mode })
}

pub(super) async fn mint<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, Mint { identifier, expire }) = (asked.loaded().await?, asked.json()?);
    if identifier.is_empty() || identifier.len() > IDENTIFIER_MAX || identifier.chars().any(char::is_control) {
        return Err(Problem::bad(format!("identifier: 1 to {IDENTIFIER_MAX} bytes without control characters")));
    }
    if !(-EXPIRE_MAX..=EXPIRE_MAX).contains(&expire) {
        return Err(Problem::bad(format!("expire: {EXPIRE_MAX} seconds at most")));
    }
    let minted = loaded.mint(&identifier, expire, &asked.app.clock);
    let usersig = minted.ok_or_else(|| Problem::new(409, "the application has no key to sign with"))?;
    tell(200, &Minted { usersig })
}
