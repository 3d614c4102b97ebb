//! When a `UserSig` was made and until when it is valid, in numbers and in words.

use super::dissect::told;
use super::{FUTURE_MAX_SECONDS, UserSig};
use crate::explain::Told;

/// The times of a `UserSig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// When it was made, in Unix seconds.
    pub made: i64,
    /// The last second in which it is valid, in Unix seconds.
    pub valid_until: i64,
    /// For how many seconds it is valid from now; negative where it has expired.
    pub seconds_left: i64,
    /// In words.
    pub told: Told,
}

pub(super) fn of(sig: &UserSig, now: i64) -> Times {
    let ahead = sig.time.saturating_sub(now);
    let (length, length_zh) = (span(ahead), span_zh(ahead));
    let made = match ahead {
        1.. if ahead > FUTURE_MAX_SECONDS => told(
            format!("{length} in the future, which is too far: a clock may be wrong, or it is in milliseconds"),
            format!("签发时间在 {length_zh}之后，超出允许范围：时钟可能有误，或误用了毫秒"),
        ),
        1.. => told(format!("{length} in the future"), format!("签发时间在 {length_zh}之后")),
        _ => told(format!("{length} ago"), format!("签发于 {length_zh}之前")),
    };
    let seconds_left = sig.valid_until().saturating_sub(now);
    let (length, length_zh) = (span(seconds_left), span_zh(seconds_left));
    let valid = match seconds_left {
        0.. => told(format!("it is valid for {length} more"), format!("剩余有效期 {length_zh}")),
        _ if sig.expire < 0 => {
            told("it never was valid, because its expire is negative", "从未有效，因为 expire 为负数")
        }
        _ => told(
            format!("it expired {length} ago, after {}", span(sig.expire)),
            format!("已于 {length_zh}前过期，有效期为 {}", span_zh(sig.expire)),
        ),
    };
    Times {
        made: sig.time,
        valid_until: sig.valid_until(),
        seconds_left,
        told: told(format!("It was made {}; {}.", made.en, valid.en), format!("{}；{}。", made.zh, valid.zh)),
    }
}

/// The two largest units of a length of time.
fn units(seconds: i64) -> Vec<(u64, &'static str, &'static str)> {
    let all = seconds.unsigned_abs();
    let units = [
        (all / 86400, "day", "天"),
        (all / 3600 % 24, "hour", "小时"),
        (all / 60 % 60, "minute", "分钟"),
        (all % 60, "second", "秒"),
    ];
    units.into_iter().skip_while(|(number, ..)| *number == 0).take(2).filter(|(number, ..)| *number > 0).collect()
}

/// A length of time in its two largest units, and in seconds.
fn span(seconds: i64) -> String {
    let all = seconds.unsigned_abs();
    let words: Vec<_> = units(seconds).into_iter().map(|(number, unit, _)| plural(number, unit)).collect();
    match words.as_slice() {
        [] => "0 seconds".to_owned(),
        [only] if all < 60 => only.clone(),
        words => format!("{} ({all} seconds)", words.join(" ")),
    }
}

fn span_zh(seconds: i64) -> String {
    let all = seconds.unsigned_abs();
    if all < 60 {
        return format!("{all} 秒");
    }
    let words: Vec<_> = units(seconds).into_iter().map(|(number, _, unit)| format!("{number} {unit}")).collect();
    format!("{}（{all} 秒）", words.join(" "))
}

pub(super) fn plural(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
