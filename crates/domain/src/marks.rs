//! Marks: the 64 standard mark bits of a conversation, and its custom mark.

use crate::ids::IllFormed;
use std::fmt;

/// A mark's number is 1 to 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no mark; marks are 1 to 64")]
pub struct NoSuchMark(pub i64);

/// The standard marks of a conversation: bit n, from 1 to 64. 1 star, 2 unread, 3 folded, 4 hidden, up to 32 the
/// vendor's, 33 to 64 the application's own (269/85792).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MarkSet(pub u64);

impl MarkSet {
    /// The greatest number of a mark.
    pub const LAST: u64 = 64;
    /// No mark.
    pub const EMPTY: Self = Self(0);

    /// Adds mark `n`.
    ///
    /// # Errors
    /// Where `n` is not 1 to 64.
    pub fn insert(&mut self, n: i64) -> Result<(), NoSuchMark> {
        let bit = u64::try_from(n).ok().filter(|n| (1..=Self::LAST).contains(n)).ok_or(NoSuchMark(n))?;
        self.0 |= 1 << (bit - 1);
        Ok(())
    }

    /// Whether no mark is set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These without the others.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// These and the others.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

/// `StandardMark` of a reply: a binary number without leading zeros, so that mark 1 is the last character; "" where none is set.
impl fmt::Display for MarkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { Ok(()) } else { write!(f, "{:b}", self.0) }
    }
}

/// The custom mark: a text of the application, never empty; an application allows 256 bytes unless it is set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomMark(Box<str>);

impl CustomMark {
    /// The hard cap, in bytes.
    pub const BYTES_MAX: usize = 65_535;

    /// Takes a text as a custom mark.
    ///
    /// # Errors
    /// An empty text, or one over [`Self::BYTES_MAX`].
    pub fn new(text: &str) -> Result<Self, IllFormed> {
        match text.len() {
            0 => Err(IllFormed::Empty),
            bytes if bytes > Self::BYTES_MAX => Err(IllFormed::TooLong { bytes, max: Self::BYTES_MAX }),
            _ => Ok(Self(text.into())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::marks;

    #[test]
    fn r_061_mark_1_is_the_last_character_and_nothing_is_the_empty_text() {
        assert_eq!(marks(&[1, 4]).to_string(), "1001");
        assert_eq!(marks(&[]).to_string(), "");
        assert_eq!(marks(&[64]).to_string(), format!("1{}", "0".repeat(63)));
        assert_eq!(marks(&(1..=64).collect::<Vec<_>>()).to_string(), "1".repeat(64));
    }

    #[test]
    fn a_mark_is_1_to_64() {
        for n in [0, -1, 65, 257, i64::MAX, i64::MIN] {
            let mut set = MarkSet::EMPTY;
            assert_eq!(set.insert(n), Err(NoSuchMark(n)));
        }
    }
}
