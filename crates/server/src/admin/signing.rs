//! UserSigs of an application: made for any account, and how strictly they are checked.

use super::asked::{Asked, Told, tell};
use super::problem::Problem;
use crate::controls::{Signing, mint as minted, set_signing};
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

pub(super) async fn set<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, Mode { mode }) = (asked.loaded().await?, asked.json()?);
    let signing = Signing::parse(&mode).ok_or_else(|| Problem::bad("mode: takes strict, lenient or off"))?;
    set_signing(&loaded, signing);
    tell(200, &Mode { mode })
}

pub(super) async fn mint<S: Store>(asked: Asked<S>) -> Told {
    let (loaded, Mint { identifier, expire }) = (asked.loaded().await?, asked.json()?);
    tell(200, &Minted { usersig: minted(&loaded, &identifier, expire, &asked.app.clock)? })
}
