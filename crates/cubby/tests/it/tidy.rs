//! The house's own checks: files are short and say what they are for, surfaces keep apart, rulings stand in code, papers and tests, and
//! what the papers name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a file.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn files(under: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(under).unwrap_or_else(|why| panic!("{}: {why}", under.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["crates", "bench", "pg-cluster"] {
        files(&root().join(folder), "rs", &mut found);
    }
    let named =
        |path: PathBuf| (path.strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(&path).unwrap());
    found.into_iter().map(named).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

#[test]
fn every_file_is_short_and_says_what_it_is_for() {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    for (path, text) in sources {
        assert!(text.starts_with("//! "), "{path} does not begin with what it is for");
        assert!(text.lines().count() <= LINES_MAX, "{path} has {} lines; at most {LINES_MAX}", text.lines().count());
    }
}

#[test]
fn arrows_point_down_one_way() {
    let banned = [
        (
            "crates/domain/",
            vec!["cubby_protocol", "cubby_store", "cubby_server", "serde", "tokio", "std::io", "std::fs"],
        ),
        ("crates/protocol/", vec!["cubby_store", "cubby_server", "tokio", "std::fs", "std::net"]),
        ("crates/store/", vec!["cubby_protocol", "cubby_server"]),
        ("crates/server/", vec!["fjall"]),
    ];
    for (path, text) in sources().iter().filter(|(path, _)| path.contains("/src/")) {
        for (crate_path, words) in &banned {
            let uses =
                |word: &&&str| text.lines().any(|line| line.trim_start().starts_with("use ") && line.contains(**word));
            if let Some(word) = words.iter().find(uses).filter(|_| path.starts_with(crate_path)) {
                // Tests beside the code may read a file of samples.
                assert!(path.ends_with("tests.rs"), "{path} uses {word}");
            }
        }
    }
}

/// What looks like `R-041` in a text.
fn rulings(text: &str, prefix: &str) -> BTreeSet<String> {
    let number = |rest: &str| rest.get(..3).filter(|n| n.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned);
    text.match_indices(prefix).filter_map(|(at, _)| number(&text[at + prefix.len()..])).collect()
}

#[test]
fn every_ruling_stands_in_the_paper_in_the_code_and_in_the_name_of_a_test() {
    let paper = rulings(&read("docs/compatibility.md"), "| R-");
    assert!(paper.len() > 40, "the paper has few rulings: {paper:?}");
    let (mut code, mut tests) = (BTreeSet::new(), BTreeSet::new());
    for (path, text) in sources() {
        if path.contains("/src/") {
            code.extend(rulings(&text, "R-"));
        }
        for line in text.lines().filter(|line| line.trim_start().starts_with("fn ") || line.contains(" fn ")) {
            tests.extend(rulings(line, "r_"));
        }
    }
    assert_eq!(code, paper, "the code and docs/compatibility.md name different rulings");
    let missing: Vec<_> = paper.difference(&tests).collect();
    assert!(missing.is_empty(), "no test is named after {missing:?}");
}

#[test]
fn the_two_readmes_have_the_same_headings_and_the_same_code() {
    let parts = |text: &str| {
        let (mut levels, mut code, mut inside) = (Vec::new(), Vec::new(), false);
        for line in text.lines() {
            if line.starts_with("```") {
                inside = !inside;
                code.push(line.to_owned());
            } else if inside {
                // What a comment says is in the reader's language.
                code.push(line.split(" # ").next().unwrap().to_owned());
            } else if line.starts_with('#') {
                levels.push(line.chars().take_while(|c| *c == '#').count());
            }
        }
        (levels, code)
    };
    let (english, chinese) = (parts(&read("README.md")), parts(&read("README.zh-CN.md")));
    assert_eq!(english.0, chinese.0, "headings");
    assert_eq!(english.1, chinese.1, "code blocks");
    assert!(english.0.len() > 5);
}

#[test]
fn what_the_papers_name_is_there() {
    for paper in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/dependencies.md",
        "docs/operations.md",
        "docs/metrics.md",
    ] {
        let text = read(paper);
        let looks_like_a_path = |word: &&str| {
            let known = [
                "crates/",
                "bench/",
                "conformance/",
                "coverage/",
                "docs/",
                "sdk-tests/",
                "openapi-tests/",
                "pg-cluster/",
                "deploy/",
                ".ci/",
            ];
            known.iter().any(|start| word.starts_with(start)) && !word.contains(['<', '*', '…', '{', ' '])
        };
        for path in text.split(['`', '(', ')', '\n']).filter(looks_like_a_path) {
            assert!(root().join(path).exists(), "{paper} names {path}, which is not there");
        }
    }
    let text = read("ARCHITECTURE.md");
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = format!("crates/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(text.contains(&name), "ARCHITECTURE.md does not name {name}");
    }
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let (manifest, reasons) = (read("Cargo.toml"), read("docs/dependencies.md"));
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    for name in names.filter(|name| !name.starts_with("cubby-") && !name.starts_with('#')) {
        assert!(reasons.contains(&format!("`{name}`")), "docs/dependencies.md does not say why {name}");
    }
}

#[test]
fn every_wire_test_file_is_compiled() {
    let main = read("crates/cubby/tests/it/main.rs");
    for entry in fs::read_dir(root().join("crates/cubby/tests/it")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let module = name.trim_end_matches(".rs");
        assert!(module == "main" || main.contains(&format!("mod {module};")), "{name} is not in main.rs");
    }
}
