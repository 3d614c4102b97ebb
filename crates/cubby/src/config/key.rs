//! What a setting of the process is, and how the words of its value are read.

use super::Config;
use std::time::Duration;

/// The kind of TOML value that a setting has in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Number,
    Truth,
}

/// A setting.
pub(super) struct Key {
    /// Section and name, as in the file.
    pub(super) name: &'static str,
    /// Its variable in the environment, where it has one.
    pub(super) env: Option<&'static str>,
    pub(super) takes: Takes,
    pub(super) secret: bool,
    /// The value, in the words that `write` takes; none where nothing is set.
    pub(super) read: fn(&Config) -> Option<String>,
    /// Takes a value, or says why not, in words that follow the setting's name. The value of a secret is not in them.
    pub(super) write: fn(&mut Config, &str) -> Result<(), String>,
}

/// Another way to say a setting.
pub(super) struct Spelling {
    pub(super) name: &'static str,
    pub(super) env: &'static str,
    /// The setting.
    pub(super) key: &'static str,
    pub(super) means: Means,
}

/// What another spelling's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// The directory of an embedded store.
    Directory,
    /// The path of a file that holds the value.
    ContentOf,
}

pub(super) fn number<T: TryFrom<u64>>(text: &str, least: u64, most: u64) -> Result<T, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|number| digits && (least..=most).contains(number));
    let taken = number.and_then(|number| T::try_from(number).ok());
    taken.ok_or_else(|| format!("takes a number from {least} to {most}, not {text:?}"))
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("takes true or false, not {text:?}"))
}

/// Reads `1700ms`, `75s` or `10m`.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        _ => None,
    };
    let found = digits.parse::<u64>().ok().zip(milliseconds).and_then(|(number, each)| number.checked_mul(each));
    let found = found.map(Duration::from_millis).filter(|found| (least..=most).contains(found));
    let (least, most) = (duration_word(least), duration_word(most));
    found.ok_or_else(|| {
        format!("takes a time from {least} to {most}, such as \"1700ms\", \"75s\" or \"10m\", not {text:?}")
    })
}

/// A duration in the words that [`duration`] takes.
pub(super) fn duration_word(duration: Duration) -> String {
    match duration.as_millis() {
        all if all > 0 && all % 60_000 == 0 => format!("{}m", all / 60_000),
        all if all % 1000 == 0 => format!("{}s", all / 1000),
        all => format!("{all}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_in_one_form() {
        let (least, most) = (Duration::from_millis(1), Duration::from_secs(3600));
        for (text, wanted) in [("1700ms", "1700ms"), ("75s", "75s"), ("120s", "2m"), ("2000ms", "2s"), ("60m", "60m")] {
            assert_eq!(duration(text, least, most).map(duration_word).as_deref(), Ok(wanted));
        }
        for text in ["", "5", "s", "-1s", "1.5s", "1h", "0s", "61m", "99999999999999999999m", "1 s"] {
            assert!(duration(text, least, most).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_plain_digits_within_their_bounds() {
        assert_eq!(number::<u32>("0", 0, 9), Ok(0));
        for text in ["", "+1", "-1", "10", "1e0", " 1"] {
            assert!(number::<u32>(text, 0, 9).is_err(), "{text}");
        }
    }
}
