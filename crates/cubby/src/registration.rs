//! Applications as they are given to the process, by a flag, the environment or a file: `SDKAPPID:KEY[:EDITION]` and `[[app]]`. What the
//! store has is not here.

use crate::secret::Secret;
use cubby_domain::commands::ApplicationChange;
use cubby_domain::{Edition, SdkAppId, Settings};
use cubby_protocol::near::near;
use cubby_server::v4::COMMANDS;

/// An application that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) id: SdkAppId,
    pub(crate) key: Secret,
    pub(crate) edition: Option<Edition>,
    /// Settings by name, each of which [`check_setting`] has taken.
    pub(crate) settings: Vec<(String, String)>,
}

impl Registration {
    /// Reads `SDKAPPID:KEY[:EDITION]`. What is wrong is told without the text, which has the key in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let (Some(id), Some(key), edition, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err("takes SDKAPPID:KEY or SDKAPPID:KEY:EDITION; a key has no colon".to_owned());
        };
        let id = id.parse().map(SdkAppId);
        let id = id.map_err(|_| "takes SDKAPPID:KEY[:EDITION]; its SDKAPPID is not a number".to_owned())?;
        let edition = edition.map(parse_edition).transpose()?;
        Ok(Self { id, key: checked_key(key)?, edition, settings: Vec::new() })
    }

    /// What makes it so.
    pub(crate) fn changes(&self) -> Vec<ApplicationChange> {
        let register = ApplicationChange::Register(self.key.reveal().into(), self.edition);
        let settings = self.settings.iter().map(|(name, value)| ApplicationChange::Set(name.clone(), value.clone()));
        std::iter::once(register).chain(settings).collect()
    }
}

/// Reads an edition's word.
pub(crate) fn parse_edition(word: &str) -> Result<Edition, String> {
    let words = || Edition::ALL.map(Edition::as_str).join(", ");
    Edition::parse(word).ok_or_else(|| format!("{word:?} is no edition; these are: {}", words()))
}

/// Takes a text as a key where the rules will. The reason says nothing of the text.
pub(crate) fn checked_key(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err("the key is empty".to_owned());
    }
    if text.chars().any(|letter| letter == ':' || letter.is_control()) {
        return Err("the key has a colon or a control character".to_owned());
    }
    Ok(Secret::new(text))
}

/// Whether a setting of an application takes a value. The rules take a call rate of any command; here it must be one that is served, so
/// that a misspelt one is not kept in silence.
pub(crate) fn check_setting(name: &str, value: &str) -> Result<(), String> {
    if let Some(command) = name.strip_prefix("call_rate.")
        && !COMMANDS.iter().any(|meta| meta.path == command)
    {
        return Err(format!("{name}: there is no command {command}{}", meant(command)));
    }
    Settings::default().set(name, value).map_err(|bad| bad.to_string())
}

/// "; did you mean …?" for a command that is not there, or nothing.
pub(crate) fn meant(command: &str) -> String {
    let found = near(command, COMMANDS.iter().map(|meta| meta.path));
    if found.is_empty() { String::new() } else { format!("; did you mean {}?", found.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_a_number_a_key_and_perhaps_an_edition() {
        let plain = Registration::parse("1400000001:k,e y#=/").unwrap();
        assert_eq!((plain.id, plain.key.reveal(), plain.edition), (SdkAppId(1_400_000_001), "k,e y#=/", None));
        assert_eq!(Registration::parse("7:k:pro").unwrap().edition, Some(Edition::Pro));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_key() {
        for (text, says) in [
            ("", "takes"),
            ("7", "takes"),
            ("x:secretkey", "not a number"),
            ("7:secretkey:gold", "gold"),
            ("7:secretkey:pro:x", "no colon"),
            ("7::pro", "empty"),
            ("7:secretkey\n:pro", "control character"),
        ] {
            let why = Registration::parse(text).unwrap_err();
            assert!(why.contains(says) && !why.contains("secretkey"), "{text:?}: {why}");
        }
    }

    #[test]
    fn a_setting_is_checked_before_it_is_kept() {
        assert_eq!(check_setting("call_rate.recentcontact/mark_contact", "7"), Ok(()));
        assert_eq!(check_setting("limit.conversations", "7"), Ok(()));
        let why = check_setting("call_rate.mark_contact", "7").unwrap_err();
        assert!(why.ends_with("did you mean recentcontact/mark_contact?"), "{why}");
        assert!(check_setting("limit.conversation", "7").is_err());
    }
}
