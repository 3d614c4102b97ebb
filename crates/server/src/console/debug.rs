//! The debug tool: any command, its documented sample as a form and as JSON, signed and sent by a click.

use super::frame::Frame;
use super::visit::Visit;
use crate::reply::Reply;
use askama::Template;
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;

pub(super) const TITLE: Text = text("Debug tool", "调试工具");

#[derive(Template)]
#[template(path = "console/debug.html")]
struct Page {
    frame: Frame,
}

/// The page.
pub(super) fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if visit.below.is_empty() { visit.shows(&Page { frame: visit.frame() }) } else { visit.unknown() }
}
