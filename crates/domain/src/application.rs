//! An application: its number, its keys and its settings.

use crate::ids::SdkAppId;
use crate::settings::Settings;
use crate::time::Timestamp;
use std::fmt;

/// The most active keys of an application; more than two are there only while keys are rotated.
pub const KEYS_MAX: usize = 8;

/// A secret key that signs UserSigs. Its text is never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationKey {
    /// The key, used as its text bytes (269/32688).
    pub text: Box<str>,
    /// When it was added.
    pub added: Timestamp,
}

impl fmt::Debug for ApplicationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApplicationKey(added {})", self.added.0)
    }
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its number.
    pub id: SdkAppId,
    /// The active keys, oldest first. None accepts nothing.
    pub keys: Vec<ApplicationKey>,
    /// Whether it is disabled (60016).
    pub disabled: bool,
    /// Its settings.
    pub settings: Settings,
}
