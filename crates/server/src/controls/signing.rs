//! How strictly the UserSigs of an application are checked.

use crate::applications::Loaded;
use crate::clock::Clock;
use std::sync::atomic::{AtomicU8, Ordering};

/// How strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Signing {
    /// As documented; the default.
    #[default]
    Strict,
    /// One that has expired, or was made in the future, is taken too.
    Lenient,
    /// None is looked at: whoever names an administrator is one.
    Off,
}

impl Signing {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Strict, Self::Lenient, Self::Off];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
            Self::Off => "off",
        }
    }

    /// The one of that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Where it is kept: looked at with every call.
#[derive(Debug, Default)]
pub(crate) struct SigningCell(AtomicU8);

impl SigningCell {
    pub(crate) fn get(&self) -> Signing {
        match self.0.load(Ordering::Relaxed) {
            1 => Signing::Lenient,
            2 => Signing::Off,
            _ => Signing::Strict,
        }
    }

    pub(crate) fn set(&self, signing: Signing) {
        let number = match signing {
            Signing::Strict => 0,
            Signing::Lenient => 1,
            Signing::Off => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}

/// The longest identifier that a UserSig is made for, in bytes.
pub(crate) const IDENTIFIER_MAX: usize = 255;
/// The most seconds that one holds: a hundred years, either way, for those that have expired already.
pub(crate) const EXPIRE_MAX: i64 = 100 * 366 * 86_400;

/// Why no UserSig was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MintRefused {
    #[error("identifier: 1 to {IDENTIFIER_MAX} bytes without control characters")]
    Identifier,
    #[error("expire: {EXPIRE_MAX} seconds at most")]
    Expire,
    #[error("the application has no key to sign with")]
    NoKey,
}

/// A UserSig for any account of an application, by its clock.
///
/// # Errors
/// What cannot be in one, or that there is no key.
pub(crate) fn mint(loaded: &Loaded, identifier: &str, expire: i64, clock: &Clock) -> Result<String, MintRefused> {
    if identifier.is_empty() || identifier.len() > IDENTIFIER_MAX || identifier.chars().any(char::is_control) {
        return Err(MintRefused::Identifier);
    }
    if !(-EXPIRE_MAX..=EXPIRE_MAX).contains(&expire) {
        return Err(MintRefused::Expire);
    }
    loaded.mint(identifier, expire, clock).ok_or(MintRefused::NoKey)
}

/// Sets how strictly the UserSigs of an application are checked, and says so in the log.
pub(crate) fn set_signing(loaded: &Loaded, signing: Signing) {
    loaded.controls.signing.set(signing);
    if signing == Signing::Strict {
        tracing::info!(application = %loaded.application.id, "UserSigs are checked as documented");
    } else {
        let mode = signing.as_str();
        tracing::warn!(application = %loaded.application.id, mode, "UserSigs are not checked as documented");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_what_is_kept_and_strict_is_the_default() {
        let cell = SigningCell::default();
        assert_eq!(cell.get(), Signing::Strict);
        for signing in Signing::ALL {
            cell.set(signing);
            assert_eq!(cell.get(), signing);
            assert_eq!(Signing::parse(signing.as_str()), Some(signing));
        }
        assert_eq!(Signing::parse("none"), None);
    }
}
