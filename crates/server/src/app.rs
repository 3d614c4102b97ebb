//! All that a handler may use.

use crate::applications::Applications;
use crate::clock::Clock;
use cubby_store::Store;

/// The parts that serve requests, shared by all of them.
#[derive(Debug)]
pub struct App<S: Store> {
    /// Where the data is kept.
    pub store: S,
    /// The applications, as the store has them.
    pub applications: Applications,
    /// The time.
    pub clock: Clock,
}
