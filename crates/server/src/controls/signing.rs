//! How strictly the UserSigs of an application are checked.

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
