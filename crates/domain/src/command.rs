//! What a command and a query are: a footprint, and a pure function of what was read.

use crate::change::Change;
use crate::footprint::Footprint;
use crate::ids::SdkAppId;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::view::View;
use std::sync::Arc;

/// What a command is given beside what was read.
#[derive(Debug, Clone)]
pub struct Context {
    /// The application.
    pub app: SdkAppId,
    /// The time.
    pub now: Timestamp,
    /// The application's settings.
    pub settings: Arc<Settings>,
}

/// What a command came to: its reply, and the changes that make it true once they are kept.
#[derive(Debug)]
pub struct Outcome<R> {
    /// The reply.
    pub reply: R,
    /// The changes; none where the command found everything as it wants it.
    pub changes: Vec<Change>,
}

/// A request that may change something.
pub trait Command: Send + Sync + 'static {
    /// What it answers.
    type Reply: Send + 'static;

    /// What it may read and change.
    fn footprint(&self) -> Footprint;

    /// Decides. It borrows and is pure, so that an engine may run it again after a conflict.
    ///
    /// # Errors
    /// The rule that refuses the whole request; nothing is changed then.
    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal>;
}

/// A request that only reads.
pub trait Query: Send + Sync + 'static {
    /// What it answers.
    type Reply: Send + 'static;

    /// What it reads.
    fn footprint(&self) -> Footprint;

    /// Answers from what was read.
    ///
    /// # Errors
    /// The rule that refuses the request.
    fn answer(&self, view: &View, context: &Context) -> Result<Self::Reply, Refusal>;
}
