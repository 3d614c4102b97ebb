//! All applications of a store.

use crate::application::Application;
use crate::command::{Context, Query};
use crate::footprint::{Footprint, Range};
use crate::refusal::Refusal;
use crate::view::View;

/// The query, of no application's own data.
#[derive(Debug)]
pub struct ListApplications;

impl Query for ListApplications {
    type Reply = Vec<Application>;

    fn footprint(&self) -> Footprint {
        Footprint { ranges: vec![Range::Applications], ..Footprint::default() }
    }

    fn answer(&self, view: &View, _: &Context) -> Result<Self::Reply, Refusal> {
        Ok(view.applications.clone())
    }
}
