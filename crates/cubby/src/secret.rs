//! A text that must not be shown: keys. It is let out only where a key is used, or shown to whoever has just made it.

use std::fmt;

/// A secret text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A new key or token.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        cubby_server::random_secret().map(Self)
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

pub(crate) use cubby_server::masked;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_masked() {
        assert_eq!(format!("{:?}", Secret::new("5bd2850fff3ecb11")), "5bd2… (16 letters)");
    }
}
