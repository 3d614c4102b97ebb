//! Finds out which commit is built, for `cubby --version`, and lists the scenarios of `cubby conformance`, which are part of the binary.
//! Without git, or outside its repository, the commit is "unknown" and the build goes on.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Where the scenarios are, seen from this crate.
const SCENARIOS: &str = "../../conformance";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CUBBY_COMMIT");
    for path in watched() {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rustc-env=CUBBY_COMMIT={}", commit().as_deref().unwrap_or("unknown"));
    println!("cargo::rerun-if-changed={SCENARIOS}");
    let root = fs::canonicalize(SCENARIOS)?;
    let mut files = Vec::new();
    scenarios(&root, &mut files)?;
    files.sort();
    let mut list = String::from("/// The scenarios' names and texts.\nstatic EMBEDDED: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).with_extension("");
        writeln!(list, "    ({:?}, include_str!({:?})),", name.display().to_string(), file.display().to_string())
            .map_err(io::Error::other)?;
    }
    list.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("scenarios.rs"), list)
}

fn scenarios(under: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(under)? {
        let path = entry?.path();
        if path.is_dir() {
            scenarios(&path, found)?;
        } else if path.extension().is_some_and(|one| one == "json") {
            found.push(path);
        }
    }
    Ok(())
}

/// The commit: as the builder says, for builds from a copy without git, or as git says.
fn commit() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a build script has no configuration")]
    let given = std::env::var("CUBBY_COMMIT").ok().filter(|given| !given.is_empty());
    given.or_else(|| is_tracked().then(|| git(&["rev-parse", "--short=12", "HEAD"])).flatten())
}

/// Where this is a copy without git inside another repository, that one's commit says nothing of it.
fn is_tracked() -> bool {
    git(&["ls-files", "--error-unmatch", "Cargo.toml"]).is_some()
}

/// What changes when HEAD does: itself, the branches, and where git packs them. A path that is not there would make
/// every build run this again.
fn watched() -> Vec<String> {
    let paths = ["HEAD", "refs/heads", "packed-refs", "reftable"].map(|name| git(&["rev-parse", "--git-path", name]));
    paths.into_iter().flatten().filter(|path| Path::new(path).exists()).collect()
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
