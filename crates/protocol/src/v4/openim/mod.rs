//! `openim`: messages between users, as far as the list of recent contacts hears of them.

mod admin_set_msg_read;
mod batchsendmsg;
mod get_c2c_unread_msg_num;
mod importmsg;
mod sendmsg;

pub use admin_set_msg_read::AdminSetMsgRead;
pub use batchsendmsg::Batchsendmsg;
pub use get_c2c_unread_msg_num::GetC2cUnreadMsgNum;
pub use importmsg::Importmsg;
pub use sendmsg::Sendmsg;

use crate::codes::{Code, item_code};
use crate::endpoint::Family;
use cubby_domain::{ItemRefusal, UserId};
use serde::Serialize;

/// The code of an account that is not there, in a list of errors (269/56043).
fn no_such_account(user: &UserId) -> u32 {
    let Code(code) = item_code(Family::Message, &ItemRefusal::NoSuchAccount(user.clone()));
    code
}

/// A recipient that got nothing.
#[derive(Debug, Serialize)]
struct NotReached {
    #[serde(rename = "To_Account")]
    to_account: String,
    #[serde(rename = "ErrorCode")]
    error_code: u32,
}
