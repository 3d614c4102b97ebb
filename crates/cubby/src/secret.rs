//! A text that must not be shown: keys. It is let out only where a key is used, or shown to whoever has just made it.

use std::fmt;

/// A secret text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A new key: 64 hexadecimal digits from the system's randomness.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Ok(Self(digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()))
    }

    /// The text itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// What a secret's file holds: its text without the line end that an editor or `echo` puts behind it.
pub(crate) fn without_line_end(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Enough of a secret to tell it from others: its first letters and its length. A short one shows no letter: four of a few are too many.
pub(crate) fn masked(text: &str) -> String {
    const SHOWN: usize = 4;
    const SHOWN_FROM: usize = 16;
    let letters = text.chars().count();
    let start: String = text.chars().take(if letters >= SHOWN_FROM { SHOWN } else { 0 }).collect();
    format!("{start}… ({letters} letters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_first_letters_and_its_length() {
        assert_eq!(format!("{:?}", Secret::new("5bd2850fff3ecb11")), "5bd2… (16 letters)");
        assert_eq!(masked("short"), "… (5 letters)");
    }

    #[test]
    fn a_random_key_has_64_hexadecimal_digits_and_is_another_each_time() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert!(one.reveal().len() == 64 && one.reveal().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }
}
