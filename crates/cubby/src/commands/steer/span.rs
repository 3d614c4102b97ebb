//! Spans of time as people write them: `250ms`, `90s`, `10m`, `2h`, `180d`.

use std::time::Duration;

/// The longest: a hundred years.
const MAX: u64 = 100 * 366 * 86_400 * 1000;

/// Reads a span.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok();
    let span = number.zip(milliseconds).and_then(|(number, unit)| number.checked_mul(unit));
    let span = span.filter(|span| *span <= MAX).map(Duration::from_millis);
    span.ok_or_else(|| "takes a number with ms, s, m, h or d behind it, such as 250ms or 90s".to_owned())
}

/// Reads a span of whole seconds.
pub(super) fn parse_seconds(text: &str) -> Result<u64, String> {
    let span = parse(text)?;
    if span.subsec_nanos() > 0 { Err("takes whole seconds, such as 90s".to_owned()) } else { Ok(span.as_secs()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, wanted) in [
            ("250ms", Some(250)),
            ("0s", Some(0)),
            ("90s", Some(90_000)),
            ("10m", Some(600_000)),
            ("2h", Some(7_200_000)),
            ("180d", Some(15_552_000_000)),
            ("90", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("99999999999d", None),
        ] {
            assert_eq!(parse(text).ok(), wanted.map(Duration::from_millis), "{text}");
        }
        assert_eq!((parse_seconds("2m"), parse_seconds("1500ms").is_err()), (Ok(120), true));
    }
}
