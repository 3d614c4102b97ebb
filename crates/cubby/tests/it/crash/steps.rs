//! Kills the server at every step of its start, before each call that changes a file of its directory, so that none is left to chance.

use super::{Campaign, Violation};
use crate::support::{Server, run_by};
use std::collections::HashMap;

const CALLS: &str = "trace=mkdir,openat,ftruncate,write,fsync,fdatasync,rename,unlink,rmdir";

/// The steps of the start that comes next: a call into the system, and which of a thread's calls of that name it is.
fn steps_of(server: &mut Server) -> Vec<(String, usize)> {
    let trace = server.directory.path().join("steps");
    let file = trace.to_str().unwrap().to_owned();
    server.set_launch(move |command| run_by("strace", &["-D", "-f", "-y", "-e", CALLS, "-o", &file], &command));
    server.start_again();
    server.kill();
    server.set_launch(|command| command);
    let trace = String::from_utf8_lossy(&std::fs::read(trace).unwrap()).into_owned();
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    let mut steps = Vec::new();
    for line in trace.lines().filter(|line| !line.contains(" resumed>")) {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        let count = counts.entry((pid, name)).or_default();
        *count += 1;
        let of_data = arguments.contains(server.data().to_str().unwrap());
        if of_data && (name != "openat" || arguments.contains("O_CREAT")) {
            steps.push((name.to_owned(), *count));
        }
    }
    steps
}

/// Starts the server so that it is killed instead of this step.
fn killed_at(server: &mut Server, (call, n): &(String, usize)) {
    let (trace, kill) = (format!("trace={call}"), format!("inject={call}:error=EIO:signal=KILL:when={n}"));
    server.set_launch(move |command| {
        run_by("strace", &["-D", "-f", "-e", &trace, "-e", &kill, "-o", "/dev/null"], &command)
    });
    let started = server.try_start();
    server.set_launch(|command| command);
    if started.is_ok() {
        // The order of the threads' steps may differ.
        server.kill();
    }
}

fn must_start(server: &mut Server, (call, n): &(String, usize)) {
    if let Err(status) = server.try_start() {
        let log = std::fs::read_to_string(server.log()).unwrap();
        panic!("killed at the {n}th {call} of its start, it does not start again: {status}\n{log}");
    }
}

#[test]
fn a_start_that_is_killed_at_any_step_is_made_up_for_by_the_next() {
    let mut server = Server::start();
    let mut campaign = Campaign::begin(&server, 2);
    let must = |result: Result<(), Violation>, campaign: &Campaign| {
        result.unwrap_or_else(|violation| campaign.fail(&violation));
    };
    server.kill();
    let steps = steps_of(&mut server);
    assert!(steps.len() > 5, "{steps:?}");
    server.start_again();
    for step in &steps {
        let changed = campaign.change(&server, 5);
        must(changed.map(drop), &campaign);
        server.kill();
        killed_at(&mut server, step);
        must_start(&mut server, step);
        let verified = campaign.verify(&server);
        must(verified, &campaign);
    }
}

#[test]
fn a_first_start_that_is_killed_at_any_step_is_made_up_for_by_the_next() {
    let steps = steps_of(&mut Server::launched_by(|command| command));
    assert!(steps.len() > 20, "{steps:?}");
    for step in &steps {
        let mut server = Server::launched_by(|command| command);
        killed_at(&mut server, step);
        must_start(&mut server, step);
        assert!(server.stop().success());
    }
}
