//! What the command prints, and nothing else prints: answers to standard output, what went wrong to standard error. Logs are not here.
//!
//! A closed output (`cubby app list | head -1`) is no failure of the command: what cannot be written is dropped.

use cubby_domain::Timestamp;
use serde::Serialize;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// A line of the answer.
pub(crate) fn line(text: impl Display) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// What went wrong, or what the reader should know beside the answer.
pub(crate) fn error(text: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "cubby: {text}"));
}

/// An answer for scripts.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(text),
        Err(why) => error(why),
    }
}

/// Rows with their columns one under the other.
pub(crate) fn table(rows: &[Vec<String>]) {
    aligned(rows).iter().for_each(line);
}

/// A reply as it came, or with a member a line where a person reads it.
pub(crate) fn reply(text: &str) {
    if std::io::stdout().is_terminal() { line(indented(text)) } else { line(text) }
}

fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|n| width(n).unwrap_or_default()).collect();
    let row = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}  "));
        cells.collect::<String>().trim_end().to_owned()
    };
    rows.iter().map(row).collect()
}

/// JSON with a member a line, its members in their order and its numbers and strings as they stand.
fn indented(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut rest = text.trim().chars().peekable();
    let open_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = rest.next() {
        if in_string {
            out.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '{' | '[' => {
                out.push(letter);
                if let Some(close) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    open_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                open_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                open_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            ' ' | '\n' | '\r' | '\t' => {}
            other => {
                in_string = other == '"';
                out.push(other);
            }
        }
    }
    out
}

/// A time for people: `2024-11-25 02:59:07 UTC`.
pub(crate) fn utc(time: Timestamp) -> String {
    let (days, second) = (time.0 / 86400, time.0 % 86400);
    // Days are counted from 1 March of year 0, so that a leap day is the last of its year; an era is 400 years.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_one_under_the_other() {
        let rows = [["a", "bb"], ["ccc", "张"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), ["a    bb", "ccc  张"]);
    }

    #[test]
    fn a_reply_is_indented_and_otherwise_as_it_came() {
        let text = r#"{"b":[],"a":[{"x":18446744073709551616,"y":"{\"z\": [1,2]}\\"},-1.50],"c":{}}"#;
        let wanted = r#"{
  "b": [],
  "a": [
    {
      "x": 18446744073709551616,
      "y": "{\"z\": [1,2]}\\"
    },
    -1.50
  ],
  "c": {}
}"#;
        assert_eq!(indented(text), wanted);
        assert_eq!(indented(wanted), wanted);
    }

    #[test]
    fn times_are_told_as_dates() {
        let table = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_868_799, "2000-02-29 23:59:59 UTC"),
            (1_732_503_547, "2024-11-25 02:59:07 UTC"),
            (1_735_689_599, "2024-12-31 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ];
        for (time, wanted) in table {
            assert_eq!(utc(Timestamp(time)), wanted);
        }
    }
}
