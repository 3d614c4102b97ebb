//! A cluster that was made once by `initdb`, which takes long, and of which the others are copies.

use crate::installation::{Installation, output};
use crate::processes::Directory;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How large the files of the write-ahead log are, in MiB.
#[derive(Clone, Copy)]
pub(crate) enum Segments {
    /// The smallest, so that there is little to copy.
    Small = 1,
    /// As they are in production, where a commit seldom waits for a new one.
    Usual = 16,
}

/// Puts a copy of the template at a path that is not there yet.
pub(crate) fn copy_to(data: &Path, segments: Segments) {
    copy(&template(segments), data);
}

fn copy(from: &Path, to: &Path) {
    output(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// The template, made where it is not there. Of many processes the first makes it and the others wait.
fn template(segments: Segments) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let done = target.join(format!("pg-template-{}-{}", Installation::get().version, segments as u32));
    if done.is_dir() {
        return done;
    }
    fs::create_dir_all(&target).unwrap_or_else(|why| panic!("{}: {why}", target.display()));
    let lock = File::create(target.join("pg-template.lock")).expect("the lock of the template");
    lock.lock().expect("the lock of the template");
    if !done.is_dir() {
        make(&done, segments);
    }
    done
}

/// The user that owns clusters may have no way into `target/`, so that the template is made elsewhere and copied there.
fn make(done: &Path, segments: Segments) {
    let directory = Directory::new();
    let mut initdb = Installation::get().command("initdb");
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    output(initdb.arg(format!("--wal-segsize={}", segments as u32)).arg("-D").arg(directory.data()));
    let unfinished = done.with_file_name("pg-template.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).unwrap_or_else(|why| panic!("{}: {why}", unfinished.display()));
    }
    copy(&directory.data(), &unfinished);
    fs::rename(&unfinished, done).unwrap_or_else(|why| panic!("{}: {why}", done.display()));
}
