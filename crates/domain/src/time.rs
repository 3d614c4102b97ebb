//! Time as the contract shows it: Unix seconds. There is no `now` here; time is a parameter.

/// A Unix time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);
