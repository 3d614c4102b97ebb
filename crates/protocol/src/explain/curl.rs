//! A recorded call as a command for a shell.

use crate::url;
use std::fmt::Write;

/// A body beyond this goes through a pipe: a system takes no argument of any length.
const ARGUMENT_MAX: usize = 100_000;

/// The call as a `curl` command that sends the same bytes from any POSIX shell. The path is the whole one, `/v4/service/command`. A UserSig is
/// never written out, whether the query holds it or a mask: `"$USERSIG"` stands in its place, a variable to set before.
pub fn as_curl(base_url: &str, method: &str, path: &str, query: &str, body: &[u8]) -> String {
    let mut command = String::new();
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= ARGUMENT_MAX && is_plain(text));
    if text.is_none() {
        _ = write!(command, "printf '{}' | ", in_octal(body));
    }
    command.push_str("curl --globoff");
    if method != "POST" {
        _ = write!(command, " --request {}", quoted(method));
    }
    let url = format!("{}{path}", base_url.trim_end_matches('/'));
    _ = write!(command, " --url {}", quoted_url(&url, query));
    command.push_str(" --header 'Content-Type: application/json'");
    match text {
        // Unlike --data-binary it takes a text that begins with @ for no file.
        Some(text) => _ = write!(command, " --data-raw {}", quoted(text)),
        None => command.push_str(" --data-binary @-"),
    }
    command
}

/// Whether a text can be pasted into a terminal: but for its line ends it has no control character.
fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| letter == '\n' || !letter.is_control())
}

/// One word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The URL as one word for the shell, which puts the signature in.
fn quoted_url(url: &str, query: &str) -> String {
    let (mut word, mut plain, mut before) = (String::new(), url.to_owned(), '?');
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        plain.push(before);
        before = '&';
        match pair.split_once('=') {
            Some((name, _)) if url::name(pair).is_ok_and(|name| name == "usersig") => {
                _ = write!(word, "{}\"$USERSIG\"", quoted(&format!("{plain}{name}=")));
                plain.clear();
            }
            _ => plain.push_str(pair),
        }
    }
    if !plain.is_empty() {
        word.push_str(&quoted(&plain));
    }
    word
}

/// Bytes as the format of `printf`, which knows each byte by three octal digits.
fn in_octal(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'%' => out.push_str("%%"),
            b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => out.push(char::from(byte)),
            _ => _ = write!(out, "\\{byte:03o}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_one_command_with_every_word_quoted_and_no_signature() {
        let query = "sdkappid=1&identifier=o'brien&usersig=eJwSECRET*-_&random=7&contenttype=json";
        let command =
            as_curl("http://127.0.0.1:8080/", "POST", "/v4/openim/sendmsg", query, b"{\"a\":\"it's $HOME `x`\"}\n");
        assert_eq!(
            command,
            "curl --globoff --url 'http://127.0.0.1:8080/v4/openim/sendmsg?sdkappid=1&identifier=o'\\''brien&usersig='\"$USERSIG\"'&random=7&contenttype=json' --header 'Content-Type: application/json' --data-raw '{\"a\":\"it'\\''s $HOME `x`\"}\n'"
        );
        let command = as_curl("http://h", "GET", "/v4/a", "%75sersig=SECRET", b"@x");
        assert_eq!(
            command,
            "curl --globoff --request 'GET' --url 'http://h/v4/a?%75sersig='\"$USERSIG\" --header 'Content-Type: application/json' --data-raw '@x'"
        );
    }

    #[test]
    fn bytes_that_are_no_plain_text_go_through_a_pipe() {
        let piped = |body: &[u8]| {
            let command = as_curl("http://h", "POST", "/v4/a", "", body);
            assert!(command.ends_with("--data-binary @-"), "{command}");
            command.split_once(" | ").unwrap().0.to_owned()
        };
        assert_eq!(piped(b"a\0%'\\\xff1"), r"printf 'a\000%%\047\134\3771'");
        assert_eq!(piped("\u{1b}张".as_bytes()), r"printf '\033\345\274\240'");
        assert!(piped(&vec![b'x'; ARGUMENT_MAX + 1]).len() > ARGUMENT_MAX);
    }
}
