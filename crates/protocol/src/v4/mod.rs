//! The commands of `/v4`. The path of a file is the path of its URL: holding a URL, you hold the file.

pub mod group_open_http_svc;
pub mod im_open_login_svc;
pub mod openim;
pub mod recentcontact;

use crate::codes::{item_code, item_info};
use crate::endpoint::Family;
use cubby_domain::ItemRefusal;
use serde::Serialize;

/// An item's `ResultCode` and `ResultInfo`: a partly failed batch is "OK" all the same.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResultFields {
    result_code: u32,
    result_info: String,
}

impl ResultFields {
    pub(crate) fn of<T>(family: Family, result: &Result<T, ItemRefusal>) -> Self {
        match result {
            Ok(_) => Self { result_code: 0, result_info: String::new() },
            Err(refusal) => Self { result_code: item_code(family, refusal).0, result_info: item_info(refusal) },
        }
    }
}
