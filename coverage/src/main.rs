//! `cubby-coverage DIRECTORY [--check]`: writes docs/coverage.md out of what the wire tests wrote into the directory while they ran, or
//! tells whether it is as it stands. It claims nothing that no test showed.

mod reasons;
mod seen;
mod table;

use seen::Seen;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (check, directory) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [directory] => (false, (*directory).to_owned()),
        [directory, "--check"] => (true, (*directory).to_owned()),
        _ => return end("usage: cubby-coverage DIRECTORY [--check]"),
    };
    let seen = match Seen::read(Path::new(&directory)) {
        Ok(seen) => seen,
        Err(why) => return end(&why),
    };
    let (text, missing) = table::write(&seen);
    if !missing.is_empty() {
        return end(&format!(
            "neither shown by a test nor explained in coverage/src/reasons.rs:\n{}",
            missing.join("\n")
        ));
    }
    let path = Path::new("docs/coverage.md");
    if !check {
        return match std::fs::write(path, text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => end(&format!("{}: {error}", path.display())),
        };
    }
    match std::fs::read_to_string(path) {
        Ok(there) if there == text => ExitCode::SUCCESS,
        Ok(there) => end(&format!(
            "docs/coverage.md is not what the tests show; ./test coverage writes it\n{}",
            first_difference(&there, &text)
        )),
        Err(error) => end(&format!("{}: {error}", path.display())),
    }
}

fn first_difference(there: &str, wanted: &str) -> String {
    let pair = there.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    pair.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("- {a}\n+ {b}"))
}

#[expect(clippy::print_stderr, reason = "a tool of the tests, whose one output is this")]
fn end(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
